"""Kind ``rdap``: what registries have, as JSON over HTTP (RFC 7480, 9082, 9083, 9224).

The server is found in IANA's bootstrap files unless ``server`` names one; redirects are followed,
from a domain's registry to its registrar too. The facts have the names of ``whois``'s.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

import msgspec

from sotokara.core.observation import Exchange, Reading
from sotokara.core.said import said
from sotokara.kinds.shared.rdap.asking import ask_registries, object_path
from sotokara.kinds.shared.rdap.reading import read_objects
from sotokara.kinds.shared.registry.question import RegistryQuestion
from sotokara.kinds.shared.registry.target import RegistryTarget, read_target
from sotokara.network.network import Network

_REDIRECTOR = "https://rdap.org"


class Rdap(
    RegistryQuestion, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """One address, network, AS number or domain, asked of the registry's RDAP server."""

    name: ClassVar[str] = "rdap"
    version: ClassVar[int] = 4
    styles: ClassVar[tuple[str, ...]] = ("table", "jpnic", "raw")
    from_raw: ClassVar[frozenset[str]] = frozenset({"raw"})
    id_prefix: ClassVar[str] = "rdap"
    software: ClassVar[str] = "its own RDAP client over httpcore"
    example: ClassVar[str] = "https://rdap.apnic.net"
    display: ClassVar[frozenset[str]] = frozenset({"show", "lang"})
    help: ClassVar[dict[str, str]] = {
        **RegistryQuestion.help,
        "server": "The base URL of the one server to ask. By default IANA's bootstrap files tell.",
        "lang": "`ja` or `en`: the labels of the lettered layout. By default the page's language.",
    }

    def wrong_server(self) -> str:
        """A base URL."""
        try:
            parts = urlsplit(self.server)
            fits = parts.scheme in ("https", "http") and parts.hostname and parts.port != 0
        except ValueError:
            fits = False
        return "" if fits else said("{!r} is no base URL of http or https", self.server)

    def normal(self) -> Self:
        """The target in its normal spelling; the base URL without its final slash."""
        return msgspec.structs.replace(super().normal(), server=self.server.rstrip("/"))

    async def registries(self, net: Network, target: RegistryTarget) -> list[Exchange]:
        """The object and what is above it; for a domain, its registrar's word as well."""
        return await ask_registries(net, target, self.server, contacts=self.contacts)

    def parse(self, exchanges: Sequence[Exchange]) -> Reading:
        """Facts from the responses (see parse.py)."""
        return read_objects(exchanges, read_target(self.target), contacts=self.contacts)

    def commands(self, facts: Any = None) -> list[list[str]]:  # noqa: ANN401, ARG002
        """``curl``, of the same server; else of a public redirector to the one responsible."""
        url = (self.server or _REDIRECTOR) + object_path(read_target(self.target))
        return [["curl", "-L", "-H", "Accept: application/rdap+json", url]]
