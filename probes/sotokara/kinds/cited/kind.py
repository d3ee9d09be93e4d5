"""Kind ``cited``: what others have measured and published, kept and read by ourselves.

A platform's measurement is fetched by its number; a file lies beside the article.

It is third parties' evidence. Its record has no outcome, and no page calls it measured or answered.
"""

import contextlib
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit

import msgspec

from sotokara.core.durations import parse_time
from sotokara.core.observation import (
    Exchange,
    Facts,
    Failure,
    Observation,
    ProbeFailure,
    Reading,
    milliseconds,
)
from sotokara.core.said import said
from sotokara.core.times import spaced
from sotokara.kinds.cited import others
from sotokara.kinds.cited.facts import CitedFacts
from sotokara.kinds.cited.file import FILE, PREFIX, parse_cited_file, read_cited_file
from sotokara.kinds.cited.parse import MEASUREMENT, MOST_REPORTS, PROBES, RESULTS, read_atlas
from sotokara.kinds.interface import Kind, OptionError
from sotokara.network.http import HttpReply, get
from sotokara.network.network import Network

_TARGET = re.compile(r"ripe-atlas:([1-9][0-9]{0,11})")
_PATH = re.compile(r"[\w.@+ -]+(?:/[\w.@+ -]+)*")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MOST_BYTES = 8 * 1024 * 1024
_MOST_PROBES = 200
"""Of which the platform is asked where they are."""
_JSON = "application/json"
_OK = 200


class CitedSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where published measurements are fetched from."""

    ripe_atlas: str = "https://atlas.ripe.net/api/v2"
    """RIPE Atlas' API."""


class Cited(Kind, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What others have published: a measurement, passive DNS, a capture, a status page, a file."""

    name: ClassVar[str] = "cited"
    version: ClassVar[int] = 2
    facts: ClassVar[type[Facts]] = CitedFacts
    styles: ClassVar[tuple[str, ...]] = ("table", "lines", "timeline")
    settings: ClassVar[type[msgspec.Struct] | None] = CitedSettings
    from_raw: ClassVar[frozenset[str]] = frozenset({"lines"})
    cites: ClassVar[bool] = True
    files: ClassVar[tuple[str, ...]] = ("target", "rows")
    file_prefix: ClassVar[str] = PREFIX
    timeout_factor: ClassVar[float] = 6.0
    software: ClassVar[str] = "its own reader of RIPE Atlas' results"
    help: ClassVar[dict[str, str]] = {
        "target": "`ripe-atlas:` and the number of a public measurement, `passive-dns:` and a "
        "name, `memento:` or `status:` and an address, or `file:` and a file's path from the "
        "article; it lies below the pages' folder.",
        "probes": "The only probes whose reports are read; none: all.",
        "start": "The day or time from which on reports are read.",
        "stop": "The day or time until which reports are read.",
        "rows": "With `passive-dns`: the rows, by their file's path from the article.",
        "published": "Of a file: when it was published (`2026-11-28`).",
        "by": "Of a file: who has published it.",
        "link": "Of a file: where it was published, a web address.",
        "sha256": "Of a file: its SHA-256; another file of this name is then refused.",
    }

    probes: list[int] = []
    rows: str = ""
    start: str = ""
    stop: str = ""
    published: str = ""
    by: str = ""
    link: str = ""
    sha256: str = ""

    def option_errors(self) -> Iterator[OptionError]:
        """A source that is not read here, times that are none, a file without its source."""
        source, _, about = self.target.partition(":")
        if source == "passive-dns" and not self.rows:
            what = said("passive DNS is read from a file")
            yield OptionError("rows", what, said("add rows: and its path from the article"))
        if self.target.startswith(PREFIX):
            yield from self._wrong_file()
        elif not others.fits(source, about) and not _TARGET.fullmatch(self.target):
            what = said("{!r} names no measurement that can be cited", self.target)
            hint = said("write ripe-atlas:12345678, or file: and the path of a file")
            yield OptionError("target", what, hint)
        else:
            for name in ("published", "by", "link", "sha256"):
                if getattr(self, name):
                    what = said("{} is of a file, and a platform is cited", name)
                    yield OptionError(name, what, said("leave it out"))
        for name in ("start", "stop"):
            try:
                if given := getattr(self, name):
                    parse_time(given)
            except ValueError as error:
                yield OptionError(name, str(error), said("2026-11-28, or 2026-11-28T09:00Z"))
        if any(not 0 < one < 1 << 31 for one in self.probes):
            yield OptionError(
                "probes", said("there is no such probe"), said("the platform's own numbers")
            )

    def _wrong_file(self) -> Iterator[OptionError]:
        path = self._number()
        if not _PATH.fullmatch(path) or path.startswith(("/", "../")):
            what = said("{!r} is no path of a file from the article", path)
            yield OptionError("target", what, said("write for example file:reports/ooni.json"))
        try:
            parse_time(self.published)
        except ValueError:
            what = said("a cited file needs the day on which it was published")
            yield OptionError("published", what, said("write for example 2026-11-28"))
        if not self.by.strip():
            what = said("a cited file needs the name of who has published it")
            yield OptionError("by", what, said("write for example OONI"))
        if self.link and not self.link.startswith(("https://", "http://")):
            what = said("{!r} is no web address", self.link)
            yield OptionError("link", what, said("write https://example.com/"))
        if self.sha256 and not _SHA256.fullmatch(self.sha256.lower()):
            what = said("{!r} is no SHA-256", self.sha256)
            yield OptionError("sha256", what, said("64 hexadecimal digits, as sha256sum prints"))
        for name in ("probes", "start", "stop"):
            if getattr(self, name):
                what = said("{} is of a platform, and a file is cited", name)
                yield OptionError(name, what, said("leave it out"))

    def normal(self) -> "Cited":
        """The probes in order, each once; a hash in lower case."""
        every, digest = sorted(set(self.probes)), self.sha256.lower()
        return msgspec.structs.replace(self, probes=every, sha256=digest)

    async def measure(self, net: Network) -> list[Exchange]:
        """Fetch what was published, or take the file in.

        :raises ProbeFailure: ``source_unavailable`` where they cannot be had, ``file_unreadable``.
        """
        if self.target.startswith(PREFIX):
            return await read_cited_file(net, self._number(), self.sha256)
        if self._source() in others.SOURCES:
            return [await self._other(net)]
        settings: CitedSettings = net.settings.of_kind("cited", CitedSettings)
        base = f"{settings.ripe_atlas.rstrip('/')}/measurements/{self._number()}/"
        query: dict[str, str] = {"format": "json"}
        for name, option in (("start", self.start), ("stop", self.stop)):
            if option:
                query[name] = str(int(parse_time(option).timestamp()))
        if self.probes:
            query["probe_ids"] = ",".join(map(str, self.probes))
        about = await _fetched(net, MEASUREMENT, base)
        results = await _fetched(net, RESULTS, f"{base}results/?{urlencode(query)}")
        exchanges = [about, results]
        if asked := sorted(_probe_ids(results.received or b""))[:_MOST_PROBES]:
            named = {"id__in": ",".join(map(str, asked)), "page_size": str(_MOST_PROBES)}
            named["fields"] = "id,country_code,asn_v4,asn_v6"
            url = f"{settings.ripe_atlas.rstrip('/')}/probes/?{urlencode(named)}"
            with contextlib.suppress(ProbeFailure):  # where they are is said of none then
                exchanges.append(await _fetched(net, PROBES, url))
        return exchanges

    def _source(self) -> str:
        return self.target.partition(":")[0]

    async def _other(self, net: Network) -> Exchange:
        """What another source than a platform of measurements says."""
        about = self._number()
        if self._source() == "passive-dns":
            found = net.find(self.rows)
            if found is None or not found.is_file() or found.stat().st_size > _MOST_BYTES:
                raise ProbeFailure("file_unreadable", others.ROWS)
            own = others.own_rows(found.read_bytes(), about.lower().rstrip("."))
            return Exchange(others.ROWS, self.rows, "file", b"", own, media_type="text/json")
        if self._source() == "status":
            url = f"{about.rstrip('/')}/api/v2/incidents.json"
            told = await _fetched(net, others.INCIDENTS, url)
            own_part = others.own_incidents(told.received or b"")
            return msgspec.structs.replace(told, received=own_part)
        reply = await _replied(net, others.CAPTURE, about)
        kept = others.capture_of(reply.status, reply.headers, reply.body, about)
        host = urlsplit(about).hostname or ""
        sent = f"GET {about}".encode()
        received = msgspec.json.encode(kept)
        return Exchange(others.CAPTURE, host, "https", sent, received, media_type="text/json")

    def _number(self) -> str:
        return self.target.partition(":")[2]

    def reporter(self) -> tuple[str, str]:
        """The platform, and the number of the measurement; of a file its path."""
        return self._source(), self._number()

    def parse(self, exchanges: Sequence[Exchange]) -> Reading:
        """Facts from the platform's JSON (see atlas.py, others.py), or of the file."""
        if self.target.startswith(PREFIX):
            file = next((one for one in exchanges if one.step == FILE), None)
            if file is None:
                return Reading(failure=Failure("file_unreadable", FILE))
            return parse_cited_file(file, self.by, self.published, self.link)
        source, about = self._source(), self._number()
        if source in others.SOURCES:
            return others.parse_source(source, about, exchanges)
        return read_atlas(about, exchanges)

    def commands(self, facts: Any = None) -> list[list[str]]:  # noqa: ANN401, ARG002
        """Fetch the same results; hash the same file."""
        if self.target.startswith(PREFIX):
            return [["sha256sum", self._number()]]
        if self._source() in others.SOURCES:
            return [] if self.rows else [["curl", "-sI", self._number()]]
        url = f"https://atlas.ripe.net/api/v2/measurements/{self._number()}/results/?format=json"
        return [["curl", "-s", url]]

    @classmethod
    def remarks(cls, facts: Any, observation: Observation, words: dict[str, str]) -> list[str]:  # noqa: ANN401, ARG003
        """How many reports of what, of which time, and what is not read."""
        said = []
        if facts.reports and not (facts.answered or facts.silent):
            said.append(words["cited_rows"].format(count=len(facts.reports)))
        elif facts.reports or not facts.sha256:
            said.append(words["cited_counts"].format(answered=facts.answered, silent=facts.silent))
        if facts.first:
            said.append(
                words["cited_between"].format(first=spaced(facts.first), last=spaced(facts.last))
            )
        said += [
            words[f"cited_{name}"].format(count=count)
            for name in ("unread", "left_out")
            if (count := getattr(facts, name))
        ]
        return [*said, words["not_by_us_file" if facts.sha256 else "not_by_us"]]

    @classmethod
    def headline(cls, facts: Any, failure: Failure | None, words: dict[str, str]) -> str:  # noqa: ANN401
        """Who reports it; never that anything answered us."""
        if failure is not None or facts is None:
            return super().headline(facts, failure, words)
        key = "cited_from" if facts.sha256 else "reported_by"
        return words[key].format(platform=facts.platform)


async def _replied(net: Network, step: str, url: str, accept: str = "*/*") -> HttpReply:
    """Whatever a server replies.

    :raises ProbeFailure: ``source_unavailable`` where nothing does.
    """
    try:
        return await get(net, url, accept, _MOST_BYTES)
    except ProbeFailure as failed:
        if failed.failure.name == "policy_refused":
            raise
        detail = failed.failure.name
        raise ProbeFailure("source_unavailable", step, detail) from failed


async def _fetched(net: Network, step: str, url: str) -> Exchange:
    """One page of the platform's API.

    :raises ProbeFailure: ``source_unavailable`` where it is not there or is not to be had.
    """
    host, at = urlsplit(url).hostname or "", net.elapsed()
    reply = await _replied(net, step, url, _JSON)
    if reply.status != _OK:
        raise ProbeFailure("source_unavailable", step, f"HTTP {reply.status}")
    took = net.elapsed() - at
    exchange = Exchange(
        step,
        host,
        "https",
        url.encode(),
        reply.body,
        at=milliseconds(at),
        ms=milliseconds(took),
        media_type=_JSON,
    )
    net.trail.append(exchange)
    return exchange


def _probe_ids(body: bytes) -> set[int]:
    """The numbers of the probes in some results."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return set()
    ids = (
        {one.get("prb_id") for one in found[:MOST_REPORTS] if isinstance(one, dict)}
        if isinstance(found, list)
        else set()
    )
    return {
        one
        for one in ids
        if isinstance(one, int) and not isinstance(one, bool) and 0 < one < 1 << 31
    }
