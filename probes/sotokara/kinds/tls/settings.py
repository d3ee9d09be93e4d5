"""The settings of the kind ``tls``: ``extra.probes.tls`` in mkdocs.yml."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sotokara.core.mistakes import SettingMistake
from sotokara.kinds.shared.tls.logs import LogList, read_log_list
from sotokara.network.network import Network

if TYPE_CHECKING:
    from cryptography import x509


class Tls(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What certificates are held against; paths from the folder in which the build runs."""

    store: str = ""
    """A PEM file of roots that chains are verified against too, beside this machine's own."""
    logs: str = ""
    """A list of Certificate Transparency's logs (JSON, version 3), to verify timestamps by."""


def settings_of(net: Network) -> Tls:
    """What mkdocs.yml says of this kind."""
    return net.settings.of_kind("tls", Tls)


def named_store(path: str) -> "Sequence[x509.Certificate]":
    """The roots of the author's own store; none where none is named.

    :raises SettingMistake: for a file that holds none.
    """
    if not path:
        return ()
    from sotokara.kinds.shared.tls.trust import roots_of  # brings in cryptography, slow to start

    try:
        return roots_of(Path(path))
    except (OSError, ValueError) as error:
        what = f"tls.store: {path} holds no certificates ({type(error).__name__})"
        raise SettingMistake(what, "name a PEM file of root certificates") from error


def named_logs(path: str) -> LogList | None:
    """The author's list of logs; None where none is named.

    :raises SettingMistake: for a file that is none.
    """
    if not path:
        return None
    try:
        return read_log_list(Path(path))
    except (OSError, ValueError) as error:
        what = f"tls.logs: {path} is no list of logs ({error})"
        raise SettingMistake(what, "name a log list in JSON, version 3") from error
