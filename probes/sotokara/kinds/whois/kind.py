"""Kind ``whois``: what registries have on an address, a network, an AS or a domain (RFC 3912).

Asked from IANA on along the referrals (RIR, national registry; registry, registrar), or of the one
``server`` named. Where an address is not found, the other regional registries are asked as well.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import msgspec

from sotokara.core.observation import Exchange, Failure, Observation, Reading
from sotokara.core.said import said
from sotokara.kinds.shared.rdap.asking import ask_registries
from sotokara.kinds.shared.registry.facts import REGISTERED
from sotokara.kinds.shared.registry.question import RegistryQuestion
from sotokara.kinds.shared.registry.target import RegistryTarget, read_target
from sotokara.kinds.shared.terminal.interface import Command
from sotokara.kinds.whois.parse import read_answers
from sotokara.kinds.whois.persons import mask_persons
from sotokara.kinds.whois.referral import ROOT
from sotokara.kinds.whois.styles import over
from sotokara.kinds.whois.sunset import ended
from sotokara.kinds.whois.walk import (
    FOLLOW,
    Asking,
    ask_parent_networks,
    ask_registry,
    client_words,
    follow,
    others,
    parsed_reply,
)
from sotokara.network.network import Network

_MOST_SERVERS = 4
"""Of whom commands are printed."""
_SERVER = re.compile(r"[A-Za-z0-9.:-]{3,253}")


class Whois(
    RegistryQuestion, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """One address, network, AS number or domain, asked of whom it concerns."""

    name: ClassVar[str] = "whois"
    version: ClassVar[int] = 6
    styles: ClassVar[tuple[str, ...]] = ("raw", "jpnic", "table")
    from_raw: ClassVar[frozenset[str]] = frozenset({"raw", "jpnic"})
    id_prefix: ClassVar[str] = "whois"
    software: ClassVar[str] = "its own whois client (RFC 3912)"
    example: ClassVar[str] = "whois.nic.ad.jp"
    help: ClassVar[dict[str, str]] = {
        **RegistryQuestion.help,
        "server": "The one whois server to ask. By default the referrals are followed from IANA.",
        "lang": "`ja` or `en`: JPNIC and JPRS answer in either. By default the page's language.",
        "rdap": "`false` forbids to ask a registry by RDAP that has no whois server any more.",
    }

    rdap: bool = True

    def wrong_server(self) -> str:
        """A host or an address."""
        fits = _SERVER.fullmatch(self.server)
        return "" if fits else said("{!r} is no host name and no address", self.server)

    def normal(self) -> Self:
        """The target in its normal spelling; the server in lower case."""
        server = self.server.lower().rstrip(".")
        return msgspec.structs.replace(super().normal(), server=server)

    async def registries(self, net: Network, target: RegistryTarget) -> list[Exchange]:
        """The chain of registries; for a network what is above it, or who else was asked."""
        asking = Asking(target, self.lang, self.contacts)
        if self.server:
            exchanges = [await ask_registry(net, self.server, asking, FOLLOW)]
        else:
            exchanges = await follow(net, asking, ROOT)
        chain = [(one, parsed_reply(one, target)) for one in exchanges]
        if self.rdap and ended(chain, named=bool(self.server)):
            return exchanges + await ask_registries(net, target, "", contacts=self.contacts)
        last = exchanges[-1]
        answer = parsed_reply(last, target)
        if isinstance(answer, Failure) or target.network is None:
            return exchanges
        if answer.answer == REGISTERED:
            return exchanges + await ask_parent_networks(net, asking, last.server, answer)
        asked = {exchange.server for exchange in exchanges}
        return exchanges + await others(net, asking, asked)

    def parse(self, exchanges: Sequence[Exchange]) -> Reading:
        """Facts from the answers (see parse.py)."""
        target = read_target(self.target)
        return read_answers(exchanges, target, named=bool(self.server), contacts=self.contacts)

    @classmethod
    def remarks(cls, facts: Any, observation: Observation, words: dict[str, str]) -> list[str]:  # noqa: ANN401
        """Why the registry was asked by RDAP."""
        target = str(observation.definition.get(cls.name, ""))
        return [*over(facts, target, words), *super().remarks(facts, observation, words)]

    @classmethod
    def defaults(cls, lang: str) -> dict[str, Any]:
        """JPNIC and JPRS answer in the page's language."""
        return {"lang": "ja" if lang.lower().startswith("ja") else "en"}

    def commands(self, facts: Any = None) -> list[list[str]]:  # noqa: ANN401
        """``whois``, of each server that was asked, in words that it takes for ours."""
        whois = [] if facts is None else facts.asked[:-1] if facts.via else facts.asked
        servers = list(dict.fromkeys(one.server for one in whois))[:_MOST_SERVERS]
        if not servers:
            return [["whois", *(["-h", self.server] if self.server else []), self.target]]
        target = read_target(self.target)
        return [client_words(one, target, self.lang, contacts=self.contacts) for one in servers]

    @classmethod
    def mask_listing(cls, text: str, options: Mapping[str, Any]) -> str:
        """The text without private persons, unless the author asks for contacts."""
        if options.get("contacts"):
            return text
        return mask_persons(text.encode("utf-8", "replace"), "utf-8").decode("utf-8", "replace")

    @classmethod
    def asked_of_listing(cls, target: str) -> Command | None:
        """Many answers do not say what they are about."""
        return Command("whois", (target,)) if target else None
