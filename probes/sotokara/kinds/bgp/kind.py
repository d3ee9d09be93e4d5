"""Kind ``bgp``: who announces a prefix, on which paths, and since when, as collectors saw it.

From RIPEstat's data API, or from dumps of route collectors (MRT). It is others' evidence: its
record has no outcome. Validity (RFC 6811) is by a set of ROAs that was there at the time.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

import msgspec

from sotokara.core.durations import moment
from sotokara.core.observation import Exchange, Observation, Reading
from sotokara.core.said import said
from sotokara.kinds.bgp.facts import BgpFacts
from sotokara.kinds.bgp.kept import Times
from sotokara.kinds.bgp.numbers import resource
from sotokara.kinds.bgp.parse import read_routes
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
    files: ClassVar[tuple[str, ...]] = ("dump", "roas")
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
        "roas": "A set of ROAs as rpki-client writes it (JSON), by its path from the article.",
    }

    at: str = ""
    since: str = ""
    until: str = ""
    dump: str | list[str] = ""
    roas: str = ""

    def wrong(self) -> Iterator[OptionError]:
        """Targets that are none, times that are none or contradict each other."""
        form = ""
        try:
            form = resource(self.target)[0]
        except ValueError:
            what = said("{!r} is no prefix, address or AS number", self.target)
            hint = said("write 198.51.100.0/24, 2001:db8::/32, 192.0.2.1 or AS64500")
            yield OptionError("target", what, hint)
        if form == "as" and (self.dump or self.roas):
            what = said("dumps and ROAs are read for a prefix or an address")
            yield OptionError("dump" if self.dump else "roas", what, said("name the prefix"))
        for name in ("at", "since", "until"):
            try:
                if given := getattr(self, name):
                    moment(given)
            except ValueError as error:
                yield OptionError(name, str(error), said("2026-11-28, or 2026-11-28T09:00Z"))
                return
        if self.at and self.since:
            what = said("at and since stand together")
            yield OptionError("at", what, said("keep one of them; until ends a span"))
        if self.until and not self.since:
            what = said("until stands without since")
            yield OptionError("until", what, said("add since: 2026-01-31"))
        elif self.until and moment(self.until) <= moment(self.since):
            yield OptionError("until", said("until lies before since"), said("give a later date"))

    def normal(self) -> "Bgp":
        """The resource in its one spelling."""
        return msgspec.structs.replace(self, target=resource(self.target)[1])

    async def measure(self, net: Network) -> list[Exchange]:
        """Ask RIPEstat or read the dumps; see asking.py.

        :raises ProbeFailure: ``source_unavailable``, ``file_unreadable``.
        """
        from sotokara.kinds.bgp.asking import read_dumps, read_roas, wanted
        from sotokara.kinds.bgp.ripestat import ask  # brings in httpcore, slow to start

        form, about = resource(self.target)
        prefix = wanted(form, about)
        times = Times(*(int(moment(one).timestamp()) if one else 0 for one in self._times()))
        if prefix is not None and (dumps := self._dumps()):
            exchanges = [await read_dumps(net, dumps, prefix, times)]
        else:
            settings: BgpSettings = net.settings.of_kind("bgp", BgpSettings)
            ends = times.until or int(datetime.now(UTC).timestamp())
            times = times._replace(until=ends)
            exchanges = [await ask(net, settings.ripestat, form, about, times)]
        if self.roas and prefix is not None:
            exchanges.append(await read_roas(net, self.roas, prefix))
        return exchanges

    def _times(self) -> tuple[str, str, str]:
        return self.at, self.since, self.until

    def _dumps(self) -> list[str]:
        return [self.dump] if isinstance(self.dump, str) and self.dump else list(self.dump)

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
        return [["curl", f"https://stat.ripe.net/data/{call}/data.json?resource={target}"]]

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
        if facts.cut:
            remarks.append(words["bgp_cut"])
        if facts.unread or facts.left_out:
            remarks.append(
                words["bgp_left_out"].format(unread=facts.unread, left_out=facts.left_out)
            )
        return remarks + super().remarks(facts, observation, words)
