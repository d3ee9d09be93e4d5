"""What whois and RDAP have in common: options, the origin AS, and what a build remembers.

An answer of this build does for every question that it covers.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from typing import Any, ClassVar, Literal, NamedTuple, Self

import msgspec

from sotokara.core.addresses import Net
from sotokara.core.observation import Exchange, Facts, Failure, Observation, ProbeFailure
from sotokara.core.said import said
from sotokara.kinds.interface import Kind, OptionError
from sotokara.kinds.shared import origin
from sotokara.kinds.shared.registry.facts import (
    ELSEWHERE,
    NO_MATCH,
    REGISTERED,
    RegistryFacts,
    comparable,
    wrong_fields,
)
from sotokara.kinds.shared.registry.target import RegistryTarget, network_held, read_target
from sotokara.network.network import Network
from sotokara.network.queues import QueuedQuery

_ANSWERS = (REGISTERED, NO_MATCH, ELSEWHERE)


class Question(NamedTuple):
    """What is put to one server, and which earlier answers would do."""

    server: str
    step: str
    protocol: str
    words: str
    """As they are sent."""
    contacts: bool
    lang: str = ""
    """The language of an answer about a whole network; in the words where it matters to them."""
    network: Net | None = None
    """The answer about a network around this one will do; None: only the same words' answer."""


Put = Callable[[], Awaitable[tuple[Exchange, Sequence[Net] | None]]]
"""Asks. The networks are those that the answer is the last word on; None: it is not kept at all."""


async def once(net: Network, question: Question, put: Put) -> Exchange:
    """The answer in its server's turn: from this build where it has one, else what ``put`` gets.

    A server that wants to be left alone, or hangs, is not asked; the exchange has the failure.
    """
    server, contacts = question.server, question.contacts
    exact = (question.protocol, server, question.words, contacts)
    around = (question.protocol, server, question.lang, contacts, "networks")
    memory = net.registries.said

    def known() -> Exchange | None:
        found: Exchange | None = memory.get(exact)
        if found is None and question.network is not None:
            for covers, kept in memory.get(around, ()):
                if network_held(covers, question.network):
                    found = kept
        return found

    asked = QueuedQuery(question.protocol, question.words, alone=question.network is None)
    try:
        async with net.registries.turn(net, server, known, asked) as found:
            if found is not None:
                at = round(net.elapsed() * 1000)
                return msgspec.structs.replace(found, step=question.step, at=at)
            given = min(net.left(), net.settings.timeout)
            since = asyncio.get_running_loop().time()
            exchange, covers = await put()
            if _hangs(exchange, net.silence(server, given)):
                net.registries.silent(server, question.protocol, net.theirs(exchange, since))
            if covers is not None:
                memory[exact] = exchange
            if covers:
                memory.setdefault(around, []).append((list(covers), exchange))
            return exchange
    except ProbeFailure as failed:
        sent = question.words.encode("ascii", "replace")
        return Exchange(question.step, server, question.protocol, sent, failure=failed.failure)


def _hangs(exchange: Exchange, silence: Failure) -> bool:
    """Whether a server has said nothing, and had the time to: not where our own was up."""
    failure = exchange.failure
    return failure is not None and failure.name == silence.name == "generic_timeout_error"


class RegistryQuestion(
    Kind, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """One address, network, AS number or domain, asked of registries."""

    facts: ClassVar[type[RegistryFacts]] = RegistryFacts
    timeout_factor: ClassVar[float] = 4.0
    gist: ClassVar[tuple[str, ...]] = ("netname", "organization", "registrar", "range")
    retold: ClassVar[frozenset[str]] = frozenset({"asked"})
    example: ClassVar[str]
    """A server as an author may write it."""
    display: ClassVar[frozenset[str]] = frozenset({"show"})
    """The options that are about the page, no part of the question."""
    help: ClassVar[dict[str, str]] = {
        "target": "An IPv4 or IPv6 address, a prefix, an AS number (`AS2515`) or a domain name.",
        "contacts": "`true` keeps names, mails, phones and addresses of persons; by default they "
        "are masked before anything is stored.",
        "show": "The lines to show, in this order: letters of the lettered layout, labels, or "
        "names of facts.",
    }

    server: str = ""
    lang: Literal["en", "ja"] = "en"
    contacts: bool = False
    show: str | list[str] = []

    def option_errors(self) -> Iterator[OptionError]:
        """Targets that no registry knows, servers that cannot be asked, no such fields."""
        try:
            read_target(self.target)
        except ValueError as error:
            hint = said("write an address, a prefix, an AS number such as AS2515, or a bare domain")
            yield OptionError("target", str(error), hint)
        if self.server and (what := self.wrong_server()):
            yield OptionError("server", what, self.example)
        yield from wrong_fields(self.show)

    def wrong_server(self) -> str:
        """What is wrong with ``server``; empty where nothing is."""
        raise NotImplementedError

    def normal(self) -> Self:
        """The target in its normal spelling."""
        return msgspec.structs.replace(self, target=read_target(self.target).text)

    def identity(self) -> dict[str, Any]:
        """What is about the page alone is no part of the question."""
        return {key: value for key, value in super().identity().items() if key not in self.display}

    async def measure(self, net: Network) -> list[Exchange]:
        """What the registries say and, beside it, the origin AS."""
        target = read_target(self.target)
        asked, announced = await asyncio.gather(
            self.registries(net, target), origin.ask_origin(net, target.address)
        )
        return [*asked, *announced]

    async def registries(self, net: Network, target: RegistryTarget) -> list[Exchange]:
        """Ask the registries that the target concerns."""
        raise NotImplementedError

    @classmethod
    def unknown(cls, facts: Facts | None) -> Collection[str]:
        """What the registration lacks since the question for the origin AS failed."""
        return facts.unknown if isinstance(facts, RegistryFacts) else ()

    @classmethod
    def remarks(
        cls,
        facts: Any,  # noqa: ANN401
        observation: Observation,
        words: dict[str, str],
    ) -> list[str]:
        """Says of an empty organization that a person stands behind it; where readings differ."""
        said = super().remarks(facts, observation, words)
        for name, (ours, theirs) in observation.volatile.get("readings", {}).items():
            what = words[f"whois_{name}"]
            said.append(words["two_readings"].format(what=what, ours=ours, theirs=theirs))
        person = isinstance(facts, RegistryFacts) and facts.person
        return [*said, words["whois_person_remark"]] if person else said

    @classmethod
    def headline_of(cls, facts: Any, words: dict[str, str]) -> str:  # noqa: ANN401
        """What the register has."""
        return words.get(f"head_registry_{facts.answer}") or words["answered"]

    @classmethod
    def comparable(cls, before: Facts, after: Facts) -> tuple[Facts, Facts]:
        """What one of the two could not find out is no change, nor is a server's failure."""
        if not isinstance(before, RegistryFacts) or not isinstance(after, RegistryFacts):
            return before, after
        names = {*comparable(before, after)}
        left_out = [name for name in before.__struct_fields__ if name not in names]
        before = msgspec.structs.replace(
            before, **{name: getattr(after, name) for name in left_out}
        )
        every = (before.asked, after.asked)
        failed = {one.server for asked in every for one in asked if one.answer not in _ANSWERS}
        kept = [[one for one in asked if one.server not in failed] for asked in every]
        return (
            msgspec.structs.replace(before, asked=kept[0]),
            msgspec.structs.replace(after, asked=kept[1]),
        )
