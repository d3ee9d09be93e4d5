"""Kind ``rdap``: what registries have, as JSON over HTTP (RFC 7480, 9082, 9083, 9224).

The server is found in IANA's bootstrap files unless ``server`` names one; redirects are followed,
from a domain's registry to its registrar too. The facts have the names of ``whois``'s.
"""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

import msgspec

from probes.kinds.interface import (
    Exchange,
    Failure,
    Kind,
    Network,
    ProbeFailure,
    Reading,
    Wrong,
)
from probes.kinds.origin import origin
from probes.kinds.rdap.bootstrap import base_url
from probes.kinds.rdap.parse import BOOTSTRAP, read, said
from probes.kinds.rdap.walk import above, lookup, path, related
from probes.kinds.registry.facts import REGISTERED, RegistryFacts
from probes.kinds.registry.shown import wrong_fields
from probes.kinds.registry.target import Target, read_target


class Rdap(Kind, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One address, network, AS number or domain, asked of the registry's RDAP server."""

    name: ClassVar[str] = "rdap"
    version: ClassVar[int] = 1
    facts: ClassVar[type[RegistryFacts]] = RegistryFacts
    styles: ClassVar[tuple[str, ...]] = ("table", "jpnic", "raw")
    from_raw: ClassVar[frozenset[str]] = frozenset({"raw"})
    patience: ClassVar[float] = 4.0
    software: ClassVar[str] = "its own RDAP client over httpcore"
    help: ClassVar[dict[str, str]] = {
        "target": "An IPv4 or IPv6 address, a prefix, an AS number (`AS2515`) or a domain name.",
        "server": "The base URL of the one server to ask. By default IANA's bootstrap files tell.",
        "lang": "`ja` or `en`: the labels of the lettered layout. By default the page's language.",
        "contacts": "`true` keeps names, mails, phones and addresses of persons; by default they "
        "are masked before anything is stored.",
        "show": "The lines to show, in this order: letters of the lettered layout, labels, or "
        "names of facts.",
    }

    server: str = ""
    lang: Literal["en", "ja"] = "en"
    contacts: bool = False
    show: str | list[str] = []

    def wrong(self) -> Iterator[Wrong]:
        """Targets that no registry knows, servers that are no base URL, unknown fields."""
        try:
            read_target(self.target)
        except ValueError as error:
            mend = "write an address, a prefix, an AS number such as AS2515, or a bare domain"
            yield Wrong("target", str(error), mend)
        parts = urlsplit(self.server)
        if self.server and (parts.scheme not in ("https", "http") or not parts.hostname):
            yield Wrong("server", f"{self.server!r} is no base URL", "https://rdap.apnic.net")
        yield from wrong_fields(self.show)

    def normal(self) -> "Rdap":
        """The target in its normal spelling; the base URL without its final slash."""
        text = read_target(self.target).text
        return msgspec.structs.replace(self, target=text, server=self.server.rstrip("/"))

    def identity(self) -> dict[str, Any]:
        """Neither what is shown nor the language of the labels is part of the question."""
        hidden = ("show", "lang")
        return {key: value for key, value in super().identity().items() if key not in hidden}

    async def measure(self, net: Network) -> list[Exchange]:
        """The object and what is around it and, beside them, the origin AS."""
        target = read_target(self.target)
        asked, announced = await asyncio.gather(
            self._registries(net, target), _origin(net, target.address)
        )
        return [*asked, *announced]

    async def _registries(self, net: Network, target: Target) -> list[Exchange]:
        exchanges: list[Exchange] = []
        base = self.server
        if not base:
            try:
                entry, base = await base_url(net, target)
            except ProbeFailure as failed:
                stopped = failed.failure
                return [Exchange(BOOTSTRAP, "data.iana.org", "https", failure=stopped)]
            exchanges.append(entry)
        exchanges += await lookup(net, base + path(target), target, contacts=self.contacts)
        last = exchanges[-1]
        answer = said(last, target)
        if isinstance(answer, Failure) or answer.answer != REGISTERED:
            return exchanges
        if target.network is not None:
            own = f"{urlsplit(base).scheme}://{last.server}{urlsplit(base).path}"
            same = base if last.server == urlsplit(base).hostname else own
            return exchanges + await above(net, last, same, contacts=self.contacts)
        if target.domain and not self.server and (url := related(last, ("related",))):
            return exchanges + await lookup(net, url, target, contacts=self.contacts)
        return exchanges

    def parse(self, exchanges: Sequence[Exchange]) -> Reading:
        """Facts from the responses (see parse.py)."""
        return read(exchanges, read_target(self.target), contacts=self.contacts)


async def _origin(net: Network, address: str) -> list[Exchange]:
    """The origin AS of an address; an answer of registries stands without it."""
    try:
        return await origin(net, address) if address else []
    except ProbeFailure:
        return []
