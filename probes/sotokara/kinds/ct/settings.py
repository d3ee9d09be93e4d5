"""The settings of the kind ``ct``: ``extra.probes.ct`` in mkdocs.yml."""

import msgspec

from sotokara.network.network import Network


class Ct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom questions on certificates are put to."""

    index: str = "https://crt.sh/?q={name}&output=json"
    """An index that answers in crt.sh's JSON; ``{name}`` stands for the name asked for."""


def settings_of(net: Network) -> Ct:
    """What mkdocs.yml says of this kind."""
    return net.settings.of_kind("ct", Ct)
