"""Kind ``bgp``: who announces a prefix, on which paths, and since when, as collectors saw it.

From RIPEstat's data API, or from dumps of route collectors (MRT). It is others' evidence: its
record has no outcome. Validity (RFC 6811) is by a set of ROAs that was there at the time.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

import msgspec

from sotokara.core.durations import parse_time
from sotokara.core.observation import Exchange, Observation, Reading
from sotokara.core.said import said
from sotokara.kinds.bgp.facts import BgpFacts
from sotokara.kinds.bgp.kept import Times
from sotokara.kinds.bgp.leaks import STATED, relations_of, stated
from sotokara.kinds.bgp.numbers import resource
from sotokara.kinds.bgp.parse import read_routes
from sotokara.kinds.bgp.rtr import place_of
from sotokara.kinds.interface import Kind, OptionError
from sotokara.network.network import Network


class BgpSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom questions on BGP are put to."""

    ripestat: str = "https://stat.ripe.net"
    """RIPEstat's data API."""


class Bgp(Kind, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One prefix, address or AS, at a time or over a span."""

    name: ClassVar[str] = "bgp"
    version: ClassVar[int] = 1
    facts: ClassVar[type[BgpFacts]] = BgpFacts
    styles: ClassVar[tuple[str, ...]] = ("routes", "timeline", "table")
    settings: ClassVar[type[msgspec.Struct] | None] = BgpSettings
    files: ClassVar[tuple[str, ...]] = ("dump", "roas", "as_rel")
    own_span: ClassVar[bool] = True
    cites: ClassVar[bool] = True
    id_prefix: ClassVar[str] = "bgp"
    gist: ClassVar[tuple[str, ...]] = ("origins",)
    timeout_factor: ClassVar[float] = 60.0
    software: ClassVar[str] = "its own readers of RIPEstat's answers and of MRT (RFC 6396)"
    help: ClassVar[dict[str, str]] = {
        "target": "A prefix, an address, or an AS with its letters (`AS64500`).",
        "at": "The day or time whose routes are shown; none: the latest that there are.",
        "since": "The day or time from which on it is told who came and went.",
        "until": "Until when; none: the latest.",
        "dump": "One or several files of a route collector (MRT, also packed) in place of "
        "RIPEstat, by their paths from the article.",
        "roas": "A set of ROAs as rpki-client writes it (JSON), or several of several days, by "
        "their paths from the article.",
        "rtr": "A validator that is asked for its ROAs by RTR (RFC 8210) in each build: a host, "
        "with a port where it is not 323.",
        "relations": "What networks are to each other, so that route leaks can be named: a list of "
        "`AS64500 provider of AS64501`, `customer of`, `peer of`.",
        "as_rel": "A file of such relations in CAIDA's form (`64500|64501|-1`), by its path from "
        "the article.",
    }

    at: str = ""
    since: str = ""
    until: str = ""
    dump: str | list[str] = ""
    roas: str | list[str] = ""
    rtr: str = ""
    relations: list[str] = []
    as_rel: str = ""

    def option_errors(self) -> Iterator[OptionError]:
        """Targets that are none, times that are none or contradict each other."""
        form = ""
        try:
            form = resource(self.target)[0]
        except ValueError:
            what = said("{!r} is no prefix, address or AS number", self.target)
            hint = said("write 198.51.100.0/24, 2001:db8::/32, 192.0.2.1 or AS64500")
            yield OptionError("target", what, hint)
        of_prefixes = ("dump", "roas", "rtr", "relations", "as_rel")
        if form == "as" and (given := next(filter(self.__getattribute__, of_prefixes), "")):
            what = said("dumps, ROAs and relations are read for a prefix or an address")
            yield OptionError(given, what, said("name the prefix"))
        yield from self._wrong_sources()
        for name in ("at", "since", "until"):
            try:
                if given := getattr(self, name):
                    parse_time(given)
            except ValueError as error:
                yield OptionError(name, str(error), said("2026-11-28, or 2026-11-28T09:00Z"))
                return
        if self.at and self.since:
            what = said("at and since stand together")
            yield OptionError("at", what, said("keep one of them; until ends a span"))
        if self.until and not self.since:
            what = said("until stands without since")
            yield OptionError("until", what, said("add since: 2026-01-31"))
        elif self.until and parse_time(self.until) <= parse_time(self.since):
            yield OptionError("until", said("until lies before since"), said("give a later date"))

    def _wrong_sources(self) -> Iterator[OptionError]:
        """A validator that is none, and relations that are none or contradict each other."""
        try:
            if self.rtr:
                place_of(self.rtr)
        except ValueError:
            what = said("{!r} is no host with a port", self.rtr)
            yield OptionError("rtr", what, said("write rpki.example.net:8282"))
        pairs = []
        for one in self.relations:
            try:
                pairs.append(stated(one))
            except ValueError:
                what = said("{!r} is no relation between two networks", one)
                yield OptionError("relations", what, said("write AS64500 provider of AS64501"))
        known = relations_of(pairs)
        for first, second, _ in pairs:
            if (first, second) not in known:
                what = said("two different things are said of AS{} and AS{}", first, second)
                yield OptionError("relations", what, said("keep one of them"))
                return

    def remembers(self) -> bool:
        """A validator knows no time but now: what it said to earlier builds stands for theirs."""
        return bool(self.rtr)

    def normal(self) -> "Bgp":
        """The resource in its one spelling."""
        return msgspec.structs.replace(self, target=resource(self.target)[1])

    async def measure(self, net: Network) -> list[Exchange]:
        """Ask RIPEstat or read the dumps; see asking.py.

        :raises ProbeFailure: ``source_unavailable``, ``file_unreadable``.
        """
        from sotokara.kinds.bgp.asking import (
            ask_cache,
            read_dumps,
            read_relations,
            read_roas,
            sought_prefix,
        )
        from sotokara.kinds.bgp.ripestat import query_ripestat  # brings in httpcore, slow to start

        form, about = resource(self.target)
        prefix = sought_prefix(form, about)
        times = Times(*(int(parse_time(one).timestamp()) if one else 0 for one in self._times()))
        said = await ask_cache(net, self.rtr, prefix) if self.rtr and prefix is not None else []
        if prefix is not None and (dumps := self._dumps()):
            exchanges = [await read_dumps(net, dumps, prefix, times)]
        else:
            settings: BgpSettings = net.settings.of_kind("bgp", BgpSettings)
            ends = times.until or int(datetime.now(UTC).timestamp())
            times = times._replace(until=ends)
            exchanges = [await query_ripestat(net, settings.ripestat, form, about, times)]
        if prefix is None:
            return exchanges
        if self.relations or self.as_rel:
            exchanges.append(await read_relations(net, self.as_rel, self.relations, exchanges[0]))
        return [
            *exchanges,
            *[await read_roas(net, one, prefix) for one in _several(self.roas)],
            *said,
        ]

    def _times(self) -> tuple[str, str, str]:
        return self.at, self.since, self.until

    def _dumps(self) -> list[str]:
        return _several(self.dump)

    def reporter(self) -> tuple[str, str]:
        """Who saw it: RIPEstat, or whoever made the dump."""
        return ("mrt", ", ".join(self._dumps())) if self.dump else ("ripestat", self.target)

    def parse(self, exchanges: Sequence[Exchange]) -> Reading:
        """Facts from what is kept; see parse.py."""
        return read_routes(exchanges, *resource(self.target))

    def commands(self, facts: Any = None) -> list[list[str]]:  # noqa: ANN401, ARG002
        """``curl`` for RIPEstat; ``bgpdump`` for a dump."""
        if self.dump:
            return [["bgpdump", "-m", one] for one in self._dumps()]
        target = resource(self.target)[1].replace("/", "%2F")
        call = "bgplay" if self.since else "bgp-state"
        if resource(self.target)[0] == "as":
            call = "announced-prefixes"
        at, since, until = (int(parse_time(one).timestamp()) if one else 0 for one in self._times())
        span = f"&starttime={since}" + (f"&endtime={until}" if until else "")
        if at:
            span = f"&starttime={at}&endtime={at}" if call[0] == "a" else f"&timestamp={at}"
        url = f"https://stat.ripe.net/data/{call}/data.json?resource={target}"
        return [["curl", url + (span if at or since else "")]]

    @classmethod
    def headline_of(cls, facts: Any, words: dict[str, str]) -> str:  # noqa: ANN401
        """Who originates it."""
        if facts.prefixes:
            return words["head_bgp_as"].format(count=len(facts.prefixes))
        if not facts.origins:
            return words["head_bgp_nobody"]
        return words["head_bgp"].format(origins=", ".join(facts.origins))

    @classmethod
    def remarks(cls, facts: Any, observation: Observation, words: dict[str, str]) -> list[str]:  # noqa: ANN401
        """Whose word it is, what of validity, and what was not read."""
        remarks = [words["bgp_theirs"]]
        if facts.roas_late:
            remarks.append(words["bgp_roas_late"].format(time=facts.roas))
        elif facts.roas:
            remarks.append(words["bgp_roas"].format(time=facts.roas))
        if facts.roas_failed:
            why = words.get(facts.roas_failed, facts.roas_failed)
            remarks.append(words["bgp_roas_failed"].format(why=why))
        if facts.relations:
            source = words["bgp_stated"] if facts.relations == STATED else facts.relations
            remarks.append(words["bgp_relations"].format(source=source))
        if facts.cut:
            remarks.append(words["bgp_cut"])
        if facts.unread or facts.left_out:
            remarks.append(
                words["bgp_left_out"].format(unread=facts.unread, left_out=facts.left_out)
            )
        return remarks + super().remarks(facts, observation, words)


def _several(given: str | list[str]) -> list[str]:
    """One name or several as a list."""
    return [given] if isinstance(given, str) and given else list(given)
