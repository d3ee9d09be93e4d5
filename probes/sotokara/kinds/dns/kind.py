"""Kind ``dns``: what a name or an address says in the DNS (RFC 1034, 1035, 3596, 9460).

A name is asked for A and AAAA together, an address for PTR; ``type`` asks for others. The system's
resolver is asked unless ``server`` names others, or ``authoritative``: every server of the zone.
"""

import asyncio
import contextlib
import difflib
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import dns.exception
import dns.name
import dns.rdatatype
import dns.reversename
import dns.version
import msgspec

from sotokara.core.addresses import is_address
from sotokara.core.observation import Exchange, Facts, Failure, Observation, Reading
from sotokara.core.own_network import Masks
from sotokara.core.places import resolver
from sotokara.core.said import said
from sotokara.kinds.dns import dns64
from sotokara.kinds.dns.answers import rcode_of, without_texts
from sotokara.kinds.dns.commands import AUTHORITATIVE, CommandQuery, dig_commands
from sotokara.kinds.dns.facts import DnsFacts, agreement, as_asked_for, left_open, only_types
from sotokara.kinds.dns.owner import is_plain, is_reverse, owner_of
from sotokara.kinds.dns.parse import next_alias, read_messages
from sotokara.kinds.dns.types import CLASSES, COMMON, is_type, normal_type, of_servers
from sotokara.kinds.interface import Kind, OptionError
from sotokara.kinds.shared.platforms.reports import PROBE, is_reported, parse_or_convert
from sotokara.network.network import Network, Server, parse_server

if TYPE_CHECKING:
    from sotokara.kinds.shared.terminal.commands import Command

_LONGEST_CHAIN = 16
_OF_DIGITS = re.compile(r"[\d.]+(?::\d+)?")
_NAME = re.compile(r"[0-9A-Za-z.-]+")


def _parts(text: str) -> list[str]:
    """What is written as a list by hand: with commas, semicolons or blanks between."""
    return [one for one in re.split(r"[\s,;]+", text) if one]


def _meant(text: str) -> str:
    """What to write in place of a type that there is not."""
    parts = _parts(text.upper())
    if len(parts) > 1 and all(map(is_type, parts)):
        return said("write a list: {}", f"[{', '.join(parts)}]")
    if close := difflib.get_close_matches(text.upper(), COMMON, 1, 0.7):
        return said("did you mean {!r}?", close[0])
    return said("{}, every other of IANA's, and TYPEnnn (RFC 3597)", ", ".join(COMMON))


class Dns(Kind, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One name or address, asked of one or several servers."""

    name: ClassVar[str] = "dns"
    version: ClassVar[int] = 2
    facts: ClassVar[type[DnsFacts]] = DnsFacts
    styles: ClassVar[tuple[str, ...]] = ("nslookup", "dig", "table")
    from_raw: ClassVar[frozenset[str]] = frozenset({"dig"})
    gist: ClassVar[tuple[str, ...]] = ("addresses", "names", "records")
    retold: ClassVar[frozenset[str]] = frozenset({"records", "chain"})
    software: ClassVar[str] = f"dnspython {dns.version.version}"
    help: ClassVar[dict[str, str]] = {
        "target": "The name or address that is asked about; a name may be written in Unicode.",
        "type": "One record type or a list of them; by default A and AAAA, or PTR for an address.",
        "dns_class": "`CH` or `HS` instead of `IN`; for `version.bind` and its like `CH` is meant.",
        "server": "An address, a name, a list of them (asked side by side), or `authoritative`: "
        "every server of the zone. By default the author's resolver.",
        "dnssec": "Who judges DNSSEC: `resolver` (by its AD flag), or `self`: the whole chain of "
        "signatures from the root is fetched and verified here.",
    }

    type: str | list[str] = []
    dns_class: Literal["", "IN", "CH", "HS"] = msgspec.field(default="", name="class")
    server: str | list[str] = []
    dnssec: Literal["resolver", "self"] = "resolver"

    def option_errors(self) -> Iterator[OptionError]:
        """Types that do not exist, and targets that are no name."""
        if is_plain(self.target) and all(map(is_type, _listed(self.type))):
            yield from self._wrong_servers()
            return
        for text in _listed(self.type):
            if not is_type(text):
                what = said("{!r} is no record type that can be asked for", text)
                yield OptionError("type", what, _meant(text))
        try:
            self._owner()
        except (ValueError, dns.exception.DNSException) as error:
            what = said("{!r} is neither a DNS name nor an address ({})", self.target, error)
            yield OptionError(
                "target", what, said("write a bare name such as www.example.com, or an address")
            )
        yield from self._wrong_servers()

    def _wrong_servers(self) -> Iterator[OptionError]:
        servers = _listed(self.server)
        for text in servers:
            try:
                if _OF_DIGITS.fullmatch(text):
                    parse_server(text)
            except ValueError as error:
                hint = said("write an address, or a name such as {}", "ns1.example.com")
                yield OptionError("server", str(error), hint)
            if "{{" not in text and len(parts := _parts(text)) > 1:
                what = said("{!r} is several servers in one text", text)
                yield OptionError("server", what, said("write a list: {}", f"[{', '.join(parts)}]"))
        if AUTHORITATIVE in servers and len(servers) > 1:
            yield OptionError(
                "server", said("`authoritative` stands beside other servers"), said("name it alone")
            )

    def normal(self) -> "Dns":
        """Lower case, A-labels, no final dot; types in upper case, in order, defaults left out."""
        target = self.target if is_plain(self.target) else ""
        owner = None if target else self._owner()
        if owner is not None:
            target = owner.to_text(omit_final_dot=True).lower()
        if owner is not None and is_reverse(self.target):
            with contextlib.suppress(ValueError, dns.exception.DNSException):  # a delegation's name
                target = str(dns.reversename.to_address(owner))
        types = list(_normal_types(tuple(_listed(self.type))))
        if types == self._default_types():
            types = []
        servers = [text.lower().removesuffix(".") for text in _listed(self.server)]
        own = "CH" if of_servers(target) else "IN"
        rdclass: Any = "" if self._class() == own else self._class()
        return msgspec.structs.replace(
            self, target=target, type=types, server=servers, dns_class=rdclass
        )

    def _owner(self) -> dns.name.Name:
        return owner_of(self.target)

    def _default_types(self) -> list[str]:
        if self._class() != "IN":
            return ["TXT"]
        reverse = not is_plain(self.target) and is_reverse(self.target)
        return ["PTR"] if reverse else ["A", "AAAA"]

    def _types(self) -> list[str]:
        return [normal_type(text) for text in _listed(self.type)] or self._default_types()

    def _class(self) -> str:
        return self.dns_class or ("CH" if of_servers(self.target) else "IN")

    def asked_types(self) -> set[str]:
        """The record types that are asked for."""
        return set(self._types())

    def steps(self) -> list[str]:
        """The record types in the order in which they are asked for."""
        return self._types()

    def asked_where(self) -> tuple[list[str], str]:
        """The servers and the class: of others, the same name may have other records."""
        return _listed(self.server), self._class()

    async def measure(self, net: Network) -> list[Exchange]:
        """Ask every type of every server; more questions only where an answer calls for them."""
        owner, types = self._owner(), self._types()
        before, servers = await self._servers(net, owner)
        signed = self._class() == "IN"  # no other class is
        do = self.dnssec == "self" and signed
        rdclass = CLASSES[self._class()]
        rd = AUTHORITATIVE not in _listed(self.server)
        asked = await asyncio.gather(
            *(
                _ask(net, owner, rdtype, server, rd=rd, do=do, rdclass=rdclass)
                for server in servers
                for rdtype in types
            )
        )
        exchanges = [*before, *(one for several in asked for one in several)]
        if servers == [None] and signed:
            exchanges += await dns64.query_dns64(net, exchanges)
        if do:
            from sotokara.kinds.dns.dnssec import chain_of_trust

            exchanges += await chain_of_trust(net, owner)
        elif servers == [None] and signed:
            exchanges += await self._judged_by_resolver(net, owner, exchanges)
        return exchanges

    async def _servers(
        self, net: Network, owner: dns.name.Name
    ) -> tuple[list[Exchange], Sequence[Server | None]]:
        texts = _listed(self.server)
        if not texts:
            return [], [None]
        if texts == [AUTHORITATIVE]:
            from sotokara.kinds.dns.delegation import authoritative_servers

            return await authoritative_servers(net, owner)
        servers: list[Server] = []
        for text in texts:
            try:
                servers.append(parse_server(text)._replace(label=text))
            except ValueError:
                first = (await net.addresses(text))[:1]
                servers += [Server(address, label=f"{text} ({address})") for address in first]
        return [], servers

    async def _judged_by_resolver(
        self, net: Network, owner: dns.name.Name, exchanges: Sequence[Exchange]
    ) -> list[Exchange]:
        """Tell bogus from broken (does it answer with CD=1?), and not validated from not judged."""
        for exchange in exchanges:
            if rcode_of(exchange) == 2:  # noqa: PLR2004  # SERVFAIL (RFC 1035, 4.1.1)
                rdtype = exchange.step
                return [await net.ask(owner, rdtype, step=f"{rdtype} with CD", cd=True)]
        if any(exchange.received and exchange.received[3] & 0x20 for exchange in exchanges):
            return []
        if any(exchange.received for exchange in exchanges) and await net.validates():
            return [Exchange("resolver verifies", "resolver", "")]
        return []

    def hide(self, exchanges: Sequence[Exchange], masks: Masks) -> list[Exchange]:  # noqa: ARG002
        """What the author's own resolver calls itself is nobody's business."""
        if self.target not in ("hostname.bind", "id.server"):
            return list(exchanges)
        return [
            without_texts(exchange) if exchange.server == "resolver" else exchange
            for exchange in exchanges
        ]

    def asked_of(self, platform: str, several: bool = False) -> dict[str, dict[str, Any]]:  # noqa: ARG002, FBT001, FBT002
        """One measurement for each type, of the probe's resolver or of one server."""
        servers = _listed(self.server)
        plain = all(is_address(one) or _NAME.fullmatch(one) for one in servers)
        plain = plain and servers != [AUTHORITATIVE]
        if self._class() != "IN" or self.dnssec != "resolver" or len(servers) > 1 or not plain:
            return {}
        from sotokara.kinds.dns.reported import platform_asks

        return platform_asks(platform, self._owner(), self._types(), "".join(servers))

    def parse(self, exchanges: Sequence[Exchange]) -> Reading:
        """Facts from the messages (see parse.py), or from what platforms report of them."""
        return parse_or_convert(self, exchanges, self._read)

    def in_own_form(self, exchanges: Sequence[Exchange]) -> Sequence[Exchange]:
        """A platform's reports as messages; each probe stands as the server that has answered."""
        if not any(map(is_reported, exchanges)):
            return exchanges
        from sotokara.kinds.dns.reported import messages

        return messages(exchanges, self._owner())

    def _read(self, exchanges: Sequence[Exchange]) -> Reading:
        servers = _listed(self.server) or [one.server for one in exchanges if one.protocol == PROBE]
        return read_messages(exchanges, self._owner(), self._types(), servers)

    @classmethod
    def asked_of_listing(cls, target: str) -> "Command | None":
        """``Name:`` and ``Address:`` stand in answers about an address and about a name alike."""
        from sotokara.kinds.shared.terminal.commands import Command

        return Command("nslookup", (target,)) if is_address(target) else None

    def commands(self, facts: Any = None) -> list[list[str]]:  # noqa: ANN401
        """``dig``, of the same servers (see commands.py)."""
        owner = self._owner().to_text()
        reverse = self.target if is_address(self.target) else ""
        kept = [one.server for one in facts.servers] if facts else []
        if (named := _listed(self.server)) != [AUTHORITATIVE]:  # or they are a platform's probes
            kept = [one for one in kept if one.split(" (")[0] in named]
        verified = self.dnssec == "self"
        servers = _listed(self.server)
        asked = CommandQuery(owner, reverse, self._types(), servers, verified, self._class())
        return dig_commands(asked, kept)

    @classmethod
    def of_both(cls, facts: Facts, questions: tuple[Kind, Kind]) -> Facts | None:
        """The records of the types that both asked for, of the same servers."""
        one, other = questions
        assert isinstance(one, Dns)  # noqa: S101  # the figure's kind
        assert isinstance(other, Dns)  # noqa: S101
        assert isinstance(facts, DnsFacts)  # noqa: S101
        if one.asked_where() != other.asked_where():
            return None
        return only_types(facts, one.asked_types(), other.asked_types())

    @classmethod
    def failure_in(cls, facts: Facts | None) -> Failure | None:
        """Signatures that do not verify by our clock: the control says what time it is."""
        if isinstance(facts, DnsFacts) and (facts.dnssec, facts.dnssec_by) == ("bogus", "sotokara"):
            return Failure("clock_wrong", "dnssec")
        return None

    @classmethod
    def comparable(cls, before: Facts, after: Facts) -> tuple[Facts, Facts]:
        """How a resolver judges DNSSEC is the resolver's state, and no change of the name."""
        judges = {getattr(one, "dnssec_by", "") for one in (before, after)}
        if judges == {"sotokara"}:
            return before, after
        judged = {name: getattr(after, name) for name in ("dnssec", "dnssec_by")}
        return msgspec.structs.replace(before, **judged), after

    @classmethod
    def unknown(cls, facts: Facts | None) -> Sequence[str]:
        """What a failed question left open."""
        return left_open(facts)

    @classmethod
    def headline_of(cls, facts: Any, words: dict[str, str]) -> str:  # noqa: ANN401
        """A name that does not exist, or has no such record, is an answer of its own."""
        code = "" if facts.servers or facts.records else facts.rcode
        return words.get(f"head_dns_{code}") or words["answered"]

    @classmethod
    def remarks(cls, facts: Any, observation: Observation, words: dict[str, str]) -> list[str]:  # noqa: ANN401
        """Who was asked, the state of DNSSEC, whether servers agree, types that got no answer."""
        remarks = [_asked(observation, words)]
        if facts.dnssec_by:
            state, by = facts.dnssec, words[f"by_{facts.dnssec_by}"]
            if state == "insecure" and facts.dnssec_by == "resolver":  # it saw no denial of DS
                state = "unvalidated"
            remarks.append(words["dnssec"].format(state=words[state], by=by))
        if facts.servers:
            whose = "probes_" if observation.vantage.reported else ""
            remarks.append(words[f"{whose}{agreement(facts)}"])
        remarks += [
            words[f"dns_{name}"].format(count=count)
            for name in ("trailing", "unread", "made_up")
            if (count := observation.volatile.get(name))
        ]
        return remarks + super().remarks(facts, observation, words)

    @classmethod
    def stated_by_listing(cls, facts: Facts, said: Sequence[str]) -> Sequence[str]:
        """Without any record, an answer's lists are stated empty only where it denies something.

        A listing that was cut behind its heading has none either.
        """
        bare = isinstance(facts, DnsFacts) and (
            facts.rcode == "NOERROR" and not facts.records and not facts.nodata
        )
        return [one for one in said if getattr(facts, one, None)] if bare else said

    @classmethod
    def seen_by_listing(cls, field: str, old: Any, new: Any) -> Any:  # noqa: ANN401
        """Old tools asked for A alone: an AAAA record beside it now is no change."""
        return as_asked_for(field, old, new)


def _asked(observation: Observation, words: dict[str, str]) -> str:
    """Who was asked; a resolver may answer from its cache, with what is left of the TTL."""
    servers = _listed(observation.definition.get("server") or [])
    if observation.vantage.reported and not servers:
        return words["asked_their_resolver"]
    if servers == [AUTHORITATIVE]:
        return words["asked_authoritative"]
    if servers:
        return words["asked_servers"].format(servers=", ".join(servers))
    ttl = observation.volatile.get("ttl")
    name = "asked_resolver" if ttl is None else "asked_resolver_ttl"
    return words[name].format(resolver=resolver(observation.vantage.name, words), ttl=ttl)


async def _ask(  # noqa: PLR0913  # one DNS question's parts
    net: Network,
    owner: dns.name.Name,
    rdtype: str,
    server: Server | None,
    *,
    rd: bool,
    do: bool,
    rdclass: int,
) -> list[Exchange]:
    """One type of one server; for CNAME the whole chain, a link a question."""
    flags: dict[str, Any] = {"rd": rd, "do": do, "cd": do, "step": rdtype, "rdclass": rdclass}
    exchanges = [await net.ask(owner, rdtype, server, **flags)]
    seen = {owner}
    while rdtype == "CNAME" and len(seen) < _LONGEST_CHAIN:
        link = next_alias(exchanges[-1], owner)
        if link is None or link in seen:
            break
        seen.add(link)
        owner = link
        exchanges.append(await net.ask(owner, rdtype, server, **flags))
    return exchanges


@lru_cache
def _normal_types(types: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({normal_type(text) for text in types}))


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
