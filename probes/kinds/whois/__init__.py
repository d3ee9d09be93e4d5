"""Kind ``whois``: what registries have on an address, a network, an AS or a domain (RFC 3912).

Asked from IANA on along the referrals (RIR, national registry; registry, registrar), or of the one
``server`` named. Where an address is not found, the other regional registries are asked as well.
"""

import asyncio
import re
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Literal

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
from probes.kinds.registry.facts import REGISTERED, RegistryFacts
from probes.kinds.registry.shown import wrong_fields
from probes.kinds.registry.target import read_target
from probes.kinds.whois.parse import read
from probes.kinds.whois.referral import ROOT
from probes.kinds.whois.walk import FOLLOW, Asking, above, ask, follow, others, said

_SERVER = re.compile(r"[A-Za-z0-9.:-]{3,253}")


class Whois(Kind, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One address, network, AS number or domain, asked of whom it concerns."""

    name: ClassVar[str] = "whois"
    version: ClassVar[int] = 1
    facts: ClassVar[type[RegistryFacts]] = RegistryFacts
    styles: ClassVar[tuple[str, ...]] = ("raw", "jpnic", "table")
    from_raw: ClassVar[frozenset[str]] = frozenset({"raw", "jpnic"})
    patience: ClassVar[float] = 4.0
    software: ClassVar[str] = "its own whois client (RFC 3912)"
    help: ClassVar[dict[str, str]] = {
        "target": "An IPv4 or IPv6 address, a prefix, an AS number (`AS2515`) or a domain name.",
        "server": "The one whois server to ask. By default the referrals are followed from IANA.",
        "lang": "`ja` or `en`: JPNIC and JPRS answer in either. By default the page's language.",
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
        """Targets that no registry knows, servers that are no host, fields that do not exist."""
        try:
            read_target(self.target)
        except ValueError as error:
            mend = "write an address, a prefix, an AS number such as AS2515, or a bare domain"
            yield Wrong("target", str(error), mend)
        if self.server and not _SERVER.fullmatch(self.server):
            yield Wrong("server", f"{self.server!r} is no host", "for example whois.nic.ad.jp")
        yield from wrong_fields(self.show)

    def normal(self) -> "Whois":
        """The target in its normal spelling; the server in lower case."""
        text = read_target(self.target).text
        server = self.server.lower().rstrip(".")
        return msgspec.structs.replace(self, target=text, server=server)

    def identity(self) -> dict[str, Any]:
        """What is shown of an answer is no part of the question."""
        return {key: value for key, value in super().identity().items() if key != "show"}

    async def measure(self, net: Network) -> list[Exchange]:
        """The chain of registries and, beside it, the origin AS."""
        target = read_target(self.target)
        asked, announced = await asyncio.gather(self._registries(net), _origin(net, target.address))
        return [*asked, *announced]

    async def _registries(self, net: Network) -> list[Exchange]:
        target = read_target(self.target)
        asking = Asking(target, self.lang, self.contacts)
        if self.server:
            exchanges = [await ask(net, self.server, asking, FOLLOW)]
        else:
            exchanges = await follow(net, asking, ROOT)
        last = exchanges[-1]
        answer = said(last, target)
        if isinstance(answer, Failure) or target.network is None:
            return exchanges
        if answer.answer == REGISTERED:
            return exchanges + await above(net, asking, last.server, answer)
        asked = {exchange.server for exchange in exchanges}
        return exchanges + await others(net, asking, asked)

    def parse(self, exchanges: Sequence[Exchange]) -> Reading:
        """Facts from the answers (see parse.py)."""
        target = read_target(self.target)
        return read(exchanges, target, named=bool(self.server), contacts=self.contacts)


async def _origin(net: Network, address: str) -> list[Exchange]:
    """The origin AS of an address; an answer of registries stands without it."""
    try:
        return await origin(net, address) if address else []
    except ProbeFailure:
        return []
