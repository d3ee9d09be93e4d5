"""What the kinds ``whois`` and ``rdap`` have in common: options, targets, and the origin AS."""

import asyncio
from collections.abc import Collection, Iterator
from typing import Any, ClassVar, Literal, Self

import msgspec

from probes.kinds.interface import Exchange, Facts, Kind, Network, Wrong
from probes.kinds.registry import announced
from probes.kinds.registry.facts import RegistryFacts
from probes.kinds.registry.shown import wrong_fields
from probes.kinds.registry.target import Target, read_target


class RegistryQuestion(
    Kind, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """One address, network, AS number or domain, asked of registries."""

    facts: ClassVar[type[RegistryFacts]] = RegistryFacts
    patience: ClassVar[float] = 4.0
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

    def wrong(self) -> Iterator[Wrong]:
        """Targets that no registry knows, servers that cannot be asked, no such fields."""
        try:
            read_target(self.target)
        except ValueError as error:
            mend = "write an address, a prefix, an AS number such as AS2515, or a bare domain"
            yield Wrong("target", str(error), mend)
        if self.server and (what := self.wrong_server()):
            yield Wrong("server", what, self.example)
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
        asked, origin = await asyncio.gather(
            self.registries(net, target), announced.ask(net, target.address)
        )
        return [*asked, *origin]

    async def registries(self, net: Network, target: Target) -> list[Exchange]:
        """Ask the registries that the target concerns."""
        raise NotImplementedError

    @classmethod
    def unknown(cls, facts: Facts | None) -> Collection[str]:
        """What the registration lacks since the question for the origin AS failed."""
        return facts.unknown if isinstance(facts, RegistryFacts) else ()

    @classmethod
    def same(cls, before: Facts, after: Facts) -> bool:
        """What one of the two could not find out is no change."""
        passed_over = {"unknown", *cls.unknown(before), *cls.unknown(after)}
        names = [name for name in cls.facts.__struct_fields__ if name not in passed_over]
        return all(getattr(before, name) == getattr(after, name) for name in names)
