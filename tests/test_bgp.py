"""Kind `bgp`: routes of RIPEstat, of dumps and of pastes; validity by the ROAs of that time."""

import asyncio
import bz2
import gzip
import itertools
import json
import random
import shutil
import struct
import time
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sotokara.core.labels import labels, languages
from sotokara.core.observation import Exchange, ProbeFailure
from sotokara.definitions.definition import read_definition
from sotokara.engine.settings import load
from sotokara.kinds.bgp.asking import read_dumps, read_roas
from sotokara.kinds.bgp.facts import BgpFacts
from sotokara.kinds.bgp.kept import Routes, Times
from sotokara.kinds.bgp.kind import Bgp
from sotokara.kinds.bgp.mrt import Dump
from sotokara.kinds.bgp.parse import prefix_facts
from sotokara.kinds.bgp.ripestat import of_data
from sotokara.kinds.bgp.rpki import Roa, RoaSet, read_set, validity
from sotokara.kinds.bgp.sightings import REPLACED, OriginSpan, Sighting, SightingLog
from sotokara.kinds.bgp.styles import STYLES
from sotokara.kinds.shared.view import View
from sotokara.network.network import Network
from sotokara.servers.nameserver import NameServer
from sotokara.transcripts.session import listings

from tests.kind_ask import Answer as Asked
from tests.kind_ask import all_asked
from tests.lab.bgp import Routers
from tests.servers.api import Answer, Api
from tests.servers.api import Asked as Request
from tests.servers.thread import serving
from tests.sites import build as build_site
from tests.sites import figures, make_site

PREFIX, SPECIFIC = "198.51.100.0/24", "198.51.100.0/25"
T = 1795860000  # 2026-11-28 10:00 UTC


def text(facts: Any, style: str = "routes", lang: str = "en") -> str:
    view = View(Bgp(target=PREFIX), None, facts, labels(lang))  # type: ignore[arg-type]
    output: Any = STYLES[style](view)
    if hasattr(output, "shown"):
        return "\n".join(str(one) for one in output.shown([""] * len(output.rows)))
    return "\n".join(output if isinstance(output, list) else map(str, output.rows))


# RIPEstat.


def at(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(T + seconds))


STATUS = {
    "visibility": {
        "v4": {"ris_peers_seeing": 312, "total_ris_peers": 330},
        "v6": {"ris_peers_seeing": 0, "total_ris_peers": 340},
    },
    "origins": [{"origin": 64500, "route_objects": ["RIPE"]}],
    "more_specifics": [{"prefix": SPECIFIC, "origin": 64666}, {"prefix": "x", "origin": 1}],
    "query_time": at(0),
}
STATE: dict[str, Any] = {
    "bgp_state": [
        {"target_prefix": PREFIX, "source_id": "00-a", "path": [64496, 64510, 64500]},
        {"target_prefix": PREFIX, "source_id": "00-b", "path": [64496, 64510, 64500]},
        {"target_prefix": PREFIX, "source_id": "01-c", "path": [64497, 64500]},
        {"target_prefix": PREFIX, "source_id": "01-d", "path": "64500"},
    ],
    "query_time": at(0),
}
PLAY: dict[str, Any] = {
    "initial_state": STATE["bgp_state"],
    "events": [
        {
            "type": "A",
            "timestamp": at(3),
            "attrs": {"target_prefix": SPECIFIC, "source_id": "00-a", "path": [64510, 64666]},
        },
        {
            "type": "A",
            "timestamp": at(5),
            "attrs": {"target_prefix": SPECIFIC, "source_id": "00-b", "path": [64510, 64666]},
        },
        {
            "type": "W",
            "timestamp": at(64),
            "attrs": {"target_prefix": SPECIFIC, "source_id": "00-a"},
        },
        {
            "type": "W",
            "timestamp": at(66),
            "attrs": {"target_prefix": SPECIFIC, "source_id": "00-b"},
        },
        {"type": "X", "timestamp": at(70), "attrs": {}},
    ],
}
LISTED = {
    "prefixes": [
        {"prefix": PREFIX, "timelines": [{"starttime": at(0), "endtime": at(3600)}]},
        {"prefix": "2001:db8::/32", "timelines": [{"starttime": at(0), "endtime": at(9)}]},
    ]
}
CALLS: dict[str, Any] = {
    "routing-status": STATUS,
    "bgp-state": STATE,
    "bgplay": PLAY,
    "announced-prefixes": LISTED,
}


def ask(
    *definitions: dict[str, Any], said: Mapping[str, Any] | None = None
) -> tuple[list[Asked], Api]:
    """Definitions put to an API that answers so, by call."""

    def answer(asked: Request) -> Answer:
        call = asked.path.split("/")[2]
        found = (CALLS | dict(said or {}))[call]
        return found if isinstance(found, Answer) else Answer(200, {"status": "ok", "data": found})

    api, names = Api(answer), NameServer()
    with serving(api, names):
        one = load(
            {
                "resolvers": [names.address],
                "control": [names.address],
                "policy": {"allow": ["127.0.0.0/8"]},
                "timeout": 2,
                "bgp": {"ripestat": api.url},
            },
            environ={},
        )
        return asyncio.run(all_asked(one, definitions)), api


def facts(answer: Asked) -> BgpFacts:
    found = answer[2].facts
    assert isinstance(found, BgpFacts), answer[2].failure
    return found


def test_a_prefix_now_and_over_a_span() -> None:
    since = f"{at(0)}Z"
    answers, api = ask(
        {"bgp": PREFIX},
        {"bgp": PREFIX, "since": since, "until": f"{at(3600)}Z"},
        {"bgp": "AS64500", "since": since, "until": f"{at(3600)}Z"},
        {"bgp": PREFIX, "at": since},
    )
    now, span, system, then = map(facts, answers)
    assert (now.origins, now.seen_by, now.of_peers, now.unread) == (["AS64500"], 312, 330, 1)
    assert [(one.path, one.peers) for one in now.paths] == [
        ("64496 64510 64500", 2),
        ("64497 64500", 1),
    ]
    assert [(one.prefix, one.origins) for one in now.more_specifics] == [(SPECIFIC, ["AS64666"])]
    assert now.route_objects == ["AS64500: RIPE"]
    hijack = [one for one in span.timeline if one.origin == "AS64666"]
    assert [(one.prefix, one.came, one.went, one.ended, one.peers) for one in hijack] == [
        (SPECIFIC, f"{at(3)}Z", f"{at(66)}Z", "withdrawn", 2)
    ]
    shown = text(span)
    assert f"AS64666 came for {SPECIFIC} at {at(3)}Z and went at {at(66)}Z" in shown
    assert "AS64666 originates 198.51.100.0/25, a more specific" in text(now)
    assert system.prefixes == [PREFIX, "2001:db8::/32"]
    assert then.moment == f"{at(0)}Z"
    played = [one.path for one in api.asked if "bgplay" in one.path]
    assert "198.51.100.0%2F24%2C198.51.100.0%2F25" in played[0]
    assert any(f"timestamp={T}" in one.path for one in api.asked)
    for one, style, lang in itertools.product((now, span, system), STYLES, languages()):
        assert text(one, style, lang)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(500, b"oops"), "HTTP 500"),
        (Answer(200, b"<html>maintenance</html>"), "no JSON object"),
        (Answer(200, {"status": "error", "data": {}}), "no JSON object"),
        (Answer(200, b"[" * 100_000), "no JSON object"),
        (Answer(200, {"status": "ok"}), "no JSON object"),
    ],
)
def test_a_source_that_fails_says_nothing_of_the_prefix(answer: Answer, told: str) -> None:
    (found,), _ = ask({"bgp": PREFIX}, said={"routing-status": answer})
    failure = found[2].failure
    assert failure
    assert (failure.name, failure.detail) == ("source_unavailable", told)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
FIELDS = st.sampled_from(["target_prefix", "path", "source_id", "timestamp", "type", "attrs"])


@settings(max_examples=80, deadline=None)
@given(FIELDS, JSON)
def test_hostile_fields_are_never_an_error(field: str, value: Any) -> None:
    events = [{**PLAY["events"][0], field: value}, value]
    state = [{**STATE["bgp_state"][0], field: value}, value]
    kept = of_data({"initial_state": state, "events": events, "query_starttime": at(0)})
    found = prefix_facts(kept, ip_network(PREFIX))
    for lang in languages():
        assert text(found, "routes", lang)


# Validity.

ROAS = [Roa(PREFIX, 64500, 24), Roa("198.51.100.0/23", 64501, 24, expires=T)]


@pytest.mark.parametrize(
    ("prefix", "origin", "when", "found"),
    [
        (PREFIX, "AS64500", T, "Valid"),
        (PREFIX, "AS64666", T, "Invalid"),
        (SPECIFIC, "AS64500", T, "Invalid"),
        (SPECIFIC, "AS64666", T, "Invalid"),
        (PREFIX, "", T, "Invalid"),
        ("203.0.113.0/24", "AS64500", T, "NotFound"),
        ("2001:db8::/32", "AS64500", T, "NotFound"),
        (PREFIX, "AS64501", T - 1, "Valid"),
        (PREFIX, "AS64501", T, "Invalid"),
    ],
)
def test_validity_in_the_words_of_rfc_6811(prefix: str, origin: str, when: int, found: str) -> None:
    assert validity(ip_network(prefix), origin, ROAS, when) == found


def test_an_as0_roa_makes_nobody_valid() -> None:
    assert validity(ip_network(PREFIX), "AS0", [Roa(PREFIX, 0, 24)], T) == "Invalid"


def test_a_roa_of_a_later_time_changes_nothing_that_was_seen() -> None:
    kept = of_data({**STATE, "query_time": at(0)})
    before, later = (RoaSet(T + moved, "", [Roa(PREFIX, 64666, 24)]) for moved in (-60, 60))
    known = prefix_facts(kept, ip_network(PREFIX), [before])
    assert {one.validity for one in known.paths} == {"Invalid"}
    unknown = prefix_facts(kept, ip_network(PREFIX), [later])
    assert {one.validity for one in unknown.paths} == {""}
    assert unknown.roas_late
    span = of_data({**PLAY, "query_starttime": at(0), "query_endtime": at(3600)})
    between = RoaSet(T + 30, "", [Roa(PREFIX, 64500, 24)])  # after the hijacker came
    told = prefix_facts(span, ip_network(PREFIX), [between])
    assert [one.validity for one in told.timeline if one.origin == "AS64666"] == [""]


def test_sets_of_roas_in_several_exports(tmp_path: Path) -> None:
    roas = [
        {"asn": 64500, "prefix": PREFIX, "maxLength": 25, "ta": "lab", "expires": T},
        {"asn": "AS64501", "prefix": "198.51.100.0/23", "maxLength": "x"},
        {"asn": 64502, "prefix": "203.0.113.0/24", "maxLength": 24},
        {"asn": 64503, "prefix": "198.51.100.0/22", "maxLength": 8},
        {"asn": "no"},
        7,
    ]
    for name, head in (
        ("a", {"buildtime": "2026-11-28T10:00:00Z"}),
        ("b", {"generated": T}),
    ):
        file = tmp_path / name
        file.write_text(json.dumps({"metadata": head, "roas": roas}))
        found = read_set(file, ip_network(PREFIX))
        assert found.built == T
        wider = [Roa("198.51.100.0/22", 64503, 22), Roa("198.51.100.0/23", 64501, 23)]
        assert found.roas == [*wider, Roa(PREFIX, 64500, 25, T)]
    for content in (b"", b"[]", b'{"metadata": {}, "roas": []}', b"[" * 100_000):
        file.write_bytes(content)
        with pytest.raises(ValueError, match="ROAs"):
            read_set(file, ip_network(PREFIX))


# Dumps, made by hand as RFC 6396 has them.


def record(kind: int, subtype: int, body: bytes, when: int = T) -> bytes:
    return struct.pack("!IHHI", when, kind, subtype, len(body)) + body


def packed(prefix: str) -> bytes:
    net = ip_network(prefix)
    return bytes([net.prefixlen]) + net.network_address.packed[: (net.prefixlen + 7) // 8]


def path(*numbers: int, size: int = 4, kind: int = 2, segment: int = 2) -> bytes:
    value = bytes([segment, len(numbers)]) + b"".join(one.to_bytes(size, "big") for one in numbers)
    return bytes([0x40, kind, len(value)]) + value


PEERS = (
    b"\0\0\0\1\0\0\0\2"
    b"\2\0\0\0\1\xc0\0\2\1\0\0\xfb\xf4"
    b"\3\0\0\0\2" + ip_network("2001:db8::1").network_address.packed + b"\0\0\xfb\xf5"
)


def rib(prefix: str, *paths: bytes, subtype: int = 2) -> bytes:
    body = b"\0\0\0\0" + packed(prefix) + struct.pack("!H", len(paths))
    for number, one in enumerate(paths):
        body += struct.pack("!HIH", number, T, len(one)) + one
    return record(13, subtype, body)


def update(
    given: tuple[str, ...], attributes: bytes, back: tuple[str, ...] = (), **how: Any
) -> bytes:
    """A message of BGP4MP: four octets an AS number unless told otherwise."""
    size, several = how.get("size", 4), how.get("several", False)
    ids = b"\0\0\0\7" if several else b""
    taken = b"".join(ids + packed(one) for one in back)
    there = b"".join(ids + packed(one) for one in given)
    inner = struct.pack("!H", len(taken)) + taken
    inner += struct.pack("!H", len(attributes)) + attributes + there
    message = b"\xff" * 16 + struct.pack("!HB", 19 + len(inner), 2) + inner
    head = (64500).to_bytes(size, "big") * 2 + b"\0\0\0\1" + b"\xc0\0\2\1" * 2
    subtype = (8 if several else 1) if size == 2 else (9 if several else 4)
    return record(16, subtype, head + message, how.get("when", T))


def seen(tmp_path: Path, content: bytes, prefix: str = PREFIX) -> list[tuple[str, Any, bool]]:
    file = tmp_path / "dump"
    file.write_bytes(content)
    dump = Dump(file, ip_network(prefix), time.monotonic() + 60)
    return [(str(one.prefix), one.path, one.lost) for one in dump.sightings()]


def test_an_origin_that_takes_another_s_place_ends_it() -> None:
    """A peer that names another origin takes its old route back without a word (RFC 4271, 3.1)."""
    watch, prefix = SightingLog(), ip_network(PREFIX)
    for when, peer, route in (
        (10, "a", (64500, 64496)),
        (20, "b", (64501, 64496)),
        (25, "a", (64502, 64496)),  # another way to the same origin
        (30, "a", (64500, 64499)),
        (40, "b", (64501, 64499)),
    ):
        watch.take(Sighting(when, peer, prefix, route))
    assert watch.stretches() == [
        OriginSpan(prefix, "AS64496", 10, 40, REPLACED, 2),
        OriginSpan(prefix, "AS64499", 30, None, "", 2),
    ]


def test_records_of_every_type_that_is_read(tmp_path: Path) -> None:
    table = record(13, 1, PEERS) + rib(PREFIX, path(64500), path(64496, 64500))
    assert seen(tmp_path, table) == [
        (PREFIX, (64500,), False),
        (PREFIX, (64496, 64500), False),
    ]
    six = record(13, 1, PEERS) + rib("2001:db8::/32", path(64500), subtype=4)
    assert seen(tmp_path, six, "2001:db8::/32") == [("2001:db8::/32", (64500,), False)]
    assert seen(tmp_path, update((PREFIX, "203.0.113.0/24"), path(64500))) == [
        (PREFIX, (64500,), False)
    ]
    old = path(64496, 23456, size=2) + path(4200000001, kind=17)
    assert seen(tmp_path, update((PREFIX,), old, size=2)) == [(PREFIX, (64496, 4200000001), False)]
    assert seen(tmp_path, update((SPECIFIC,), path(64500), several=True)) == [
        (SPECIFIC, (64500,), False)
    ]
    sets = path(64496)[:0] + bytes([0x40, 2, 16]) + b"\2\1\0\0\xfb\xf0\1\2\0\0\0\2\0\0\0\1"
    assert seen(tmp_path, update((PREFIX,), sets)) == [(PREFIX, (64496, (1, 2)), False)]
    taken = update((PREFIX,), path(64500)) + update((), b"", (PREFIX,))
    assert seen(tmp_path, taken)[1] == (PREFIX, None, False)
    reach = b"\0\2\1\x10" + b"\0" * 16 + b"\0" + packed("2001:db8::/48")
    announced = path(64500) + bytes([0x80, 14, len(reach)]) + reach
    assert seen(tmp_path, update((), announced), "2001:db8::/32") == [
        ("2001:db8::/48", (64500,), False)
    ]
    gone = b"\0\2\1" + packed("2001:db8::/48")
    assert seen(tmp_path, update((), bytes([0x80, 15, len(gone)]) + gone), "2001:db8::/32") == [
        ("2001:db8::/48", None, False)
    ]


def test_a_lost_session_is_no_withdrawal(tmp_path: Path) -> None:
    state = (64500).to_bytes(4, "big") * 2 + b"\0\0\0\1" + b"\xc0\0\2\1" * 2 + b"\0\6\0\1"
    content = update((PREFIX,), path(64500)) + record(16, 5, state, T + 9)
    assert seen(tmp_path, content)[-1] == (PREFIX, None, True)
    found = dumped(tmp_path, content, since=T)
    assert [one.ended for one in found.timeline] == ["session lost"]
    assert "nobody took it back" in text(found)


def test_what_is_outside_of_the_prefix_is_passed_over(tmp_path: Path) -> None:
    outside = ("198.51.101.0/24", "198.51.0.0/16", "203.0.113.0/24", "0.0.0.0/0")
    content = record(13, 1, PEERS) + b"".join(rib(one, path(1)) for one in outside)
    content += update(outside, path(1))
    assert seen(tmp_path, content) == []


def dumped(tmp_path: Path, content: bytes, **times: int) -> BgpFacts:
    file = tmp_path / "dump"
    file.write_bytes(content)
    net = Network(load({"timeout": 5}, {}))
    net.find = lambda _: file
    asked = Times(times.get("at", 0), times.get("since", 0), times.get("until", 0))

    async def reading() -> Exchange:
        return await read_dumps(net.for_probe(), ["dump"], ip_network(PREFIX), asked)

    try:
        exchange = asyncio.run(reading())
    finally:
        net.close()
    kept = msgspec.json.decode(exchange.received or b"", type=Routes)
    return prefix_facts(kept, ip_network(PREFIX))


def test_packed_dumps_and_such_that_are_cut(tmp_path: Path) -> None:
    whole = update((PREFIX,), path(64500))
    for content in (gzip.compress(whole), bz2.compress(whole)):
        assert dumped(tmp_path, content).origins == ["AS64500"]
    cut = dumped(tmp_path, whole + whole[:-5])
    assert cut.cut
    assert cut.origins == ["AS64500"]
    strange = dumped(tmp_path, whole + record(48, 1, b"x") + record(16, 4, b"\0" * 9 + b"\xc63d"))
    assert strange.unread == 2
    for content in (b"", b"no dump at all, only text", gzip.compress(whole)[:-9]):
        with pytest.raises(ProbeFailure, match="file_unreadable"):
            dumped(tmp_path, content)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.sampled_from([1, 2, 4, 5, 8, 10]), st.sampled_from([13, 16, 17]))
def test_any_bytes_in_a_record_can_be_read(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, subtype: int, kind: int
) -> None:
    folder = tmp_path_factory.getbasetemp()
    body = content + b"\xc6\x33\x64" + content
    assert seen(folder, record(13, 1, PEERS) + record(kind, subtype, body)) is not None


# In the lab.


@pytest.fixture(scope="module")
def hijack(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A hijack between real routers, with other numbers each time."""
    rng = random.Random()  # noqa: S311  # other numbers each time
    ases = tuple(rng.sample(range(64496, 64512), 2))
    ases = (ases[0], rng.randrange(4200000000, 4294967294), ases[1])
    number = rng.randrange(256)
    prefix, specific = f"10.77.{number}.0/24", f"10.77.{number}.128/25"
    folder = tmp_path_factory.mktemp("bgp")
    with Routers(ases, prefix, specific) as lab:
        began = int(time.time())
        shutil.copy(lab.roas, folder / "before.json")
        time.sleep(1.1)
        lab.hijack()
        said = (lab.validity(prefix, ases[0]), lab.validity(specific, ases[1]))
        time.sleep(1.1)
        lab.authorize(folder / "after.json", [(prefix, ases[0]), (specific, ases[1])])
        time.sleep(1.1)
        lab.end()
        time.sleep(2.1)
        for name in ("updates.mrt", "rib.mrt"):
            shutil.copy(lab.folder / name, folder / name)
    return {"folder": folder, "ases": ases, "prefix": prefix, "specific": specific} | {
        "began": began,
        "said": said,
    }


@pytest.mark.lab
def test_a_hijack_between_real_routers(hijack: dict[str, Any], tmp_path: Path) -> None:
    victim, hijacker, _ = hijack["ases"]
    began = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(hijack["began"] - 60))
    kinds = {
        "span": f"dump: bgp/updates.mrt\nsince: {began}\nroas: bgp/before.json\nstyle: timeline\n",
        "later": f"dump: bgp/updates.mrt\nsince: {began}\nroas: bgp/after.json\n",
        "table": "dump: [bgp/rib.mrt, bgp/updates.mrt]\nroas: bgp/before.json\n",
        "missing": "dump: bgp/no.mrt\n",
    }
    page = "".join(
        f"```probe\nbgp: {hijack['prefix']}\nid: {name}\n{keys}```\n"
        for name, keys in kinds.items()
    )
    site = make_site(tmp_path, {"index.md": page}, resolvers=["127.0.0.9"], control=["127.0.0.9"])
    shutil.copytree(hijack["folder"], site / "docs" / "bgp")
    done = build_site(site)
    assert done.returncode == 0, done.stderr
    shown = figures((site / "site" / "index.html").read_text("utf-8"))
    assert f"{hijack['specific']} AS{hijacker}" in shown["span"]
    assert "Invalid" in shown["span"]
    assert "a route collector's dump" in shown["span"], shown["span"]
    assert "Invalid" not in shown["later"]
    assert f"Originated by AS{victim}" in shown["table"]
    assert "Valid" in shown["table"]
    assert "the file cannot be read here" in shown["missing"]
    assert not list((site / "site").rglob("*.mrt"))
    assert hijack["said"][0].endswith("(enum 35)1\n")
    assert hijack["said"][1].endswith("(enum 35)2\n")
    file = hijack["folder"] / "updates.mrt"
    dump = Dump(file, ip_network(hijack["prefix"]), time.monotonic() + 60)
    told = [(one.path, one.lost) for one in dump.sightings()]
    assert told == [((victim,), False), ((hijacker,), False), (None, False)]


def test_roas_are_read_from_a_file_below_the_pages(tmp_path: Path) -> None:
    net = Network(load({"timeout": 5}, {}))
    file = tmp_path / "roas.json"
    net.find = lambda name: file if name == "roas.json" else None
    file.write_text(json.dumps({"metadata": {"generated": T}, "roas": []}))

    async def reading(name: str) -> Exchange:
        return await read_roas(net.for_probe(), name, ip_network(PREFIX))

    try:
        found = asyncio.run(reading("roas.json"))
        assert msgspec.json.decode(found.received or b"", type=RoaSet).built == T
        with pytest.raises(ProbeFailure, match="file_unreadable"):
            asyncio.run(reading("no.json"))
    finally:
        net.close()


# Pastes.

ENTRY = """router> show ip bgp 198.51.100.0/24
BGP routing table entry for 198.51.100.0/24, version 12
Paths: (2 available, best #1, table default)
  Not advertised to any peer
  64510 64500
    192.0.2.1 from 192.0.2.1 (192.0.2.1)
      Origin IGP, metric 0, localpref 100, valid, external, best
      Last update: Sat Nov 28 10:00:00 2026
  64496 64510 {64500,64501}, (aggregated by 64500 192.0.2.9)
    192.0.2.2 from 192.0.2.2 (192.0.2.2)
      Origin incomplete, valid, external
"""
TABLE = """BGP table version is 5, local router ID is 192.0.2.1
   Network          Next Hop            Metric LocPrf Weight Path
*> 198.51.100.0/24  192.0.2.1                0             0 64510 64500 i
*                   192.0.2.2                               0 64496 64500 i
*> 198.51.100.0/25  192.0.2.3                               0 64666 ?
"""
DUMPED = """BGP4MP|1795862502|A|10.9.1.1|64501|198.51.100.0/24|64501|IGP|10.9.1.1|0|0||NAG||
BGP4MP|1795862502|A|10.9.2.1|64666|198.51.100.0/25|64666|IGP|10.9.2.1|0|0||NAG||
BGP4MP|1795862504|W|10.9.2.1|64666|198.51.100.0/25
"""


def pasted(content: str) -> BgpFacts:
    (found,) = listings(content, "bgp")
    assert isinstance(found.facts, BgpFacts)
    assert found.target == PREFIX
    return found.facts


def test_pastes_of_looking_glasses_and_of_ripestat() -> None:
    entry = pasted(ENTRY)
    assert entry.origins == ["AS64500"]
    assert [one.path for one in entry.paths] == ["64496 64510 {64500,64501}", "64510 64500"]
    table = pasted(TABLE)
    assert [one.path for one in table.paths] == ["64496 64500", "64510 64500", "64666"]
    assert [(one.prefix, one.origins) for one in table.more_specifics] == [(SPECIFIC, ["AS64666"])]
    dump = pasted(DUMPED)
    assert [(one.origin, one.came, one.went) for one in dump.timeline] == [
        ("AS64501", "2026-11-28T10:41:42Z", ""),
        ("AS64666", "2026-11-28T10:41:42Z", "2026-11-28T10:41:44Z"),
    ]
    stat = pasted(json.dumps({"status": "ok", "data": {**PLAY, "query_starttime": at(0)}}))
    assert [one.origin for one in stat.timeline] == ["AS64500", "AS64666"]
    assert pasted(json.dumps({"data": STATE}, indent=2)).unread == 1


def test_an_entry_that_lacks_a_path_is_doubted() -> None:
    (found,) = listings(ENTRY.replace("(2 available", "(3 available"), "bgp")
    assert found.doubted == ("cut",)


def test_hostile_pastes() -> None:
    evil = ENTRY.replace("64510 64500\n", "64510 64500 \u202e<script>\n")
    for one in listings(evil, "bgp"):
        assert "<script>" not in text(one.facts)
    deep = '{"data": {"bgp_state": ' + "[" * 20_000
    assert list(listings(deep, "bgp")) == []


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("bgp: example.com", "no prefix, address or AS number"),
        ("bgp: 198.51.100.1/24", "no prefix, address or AS number"),
        ("bgp: AS4294967296", "no prefix, address or AS number"),
        ("bgp: AS64500\ndump: a.mrt", "for a prefix or an address"),
        ("bgp: 192.0.2.0/24\nat: soon", "soon"),
        ("bgp: 192.0.2.0/24\nat: 2026-01-01\nsince: 2026-01-01", "stand together"),
        ("bgp: 192.0.2.0/24\nuntil: 2026-01-01", "until stands without since"),
        ("bgp: 192.0.2.0/24\nsince: 2026-01-02\nuntil: 2026-01-01", "until lies before since"),
    ],
)
def test_mistakes(keys: str, said: str) -> None:
    _, mistakes = read_definition(keys + "\n", "a.md", 1, "t")
    assert said in str(mistakes[0])


def test_its_record_is_others_word() -> None:
    definition, _ = read_definition(f"bgp: {PREFIX}\n", "a.md", 1, "t")
    assert definition
    assert definition.kind.cites
    assert Bgp(target=PREFIX).reporter() == ("ripestat", PREFIX)
    assert Bgp(target=PREFIX, dump="a.mrt").reporter() == ("mrt", "a.mrt")
    assert isinstance(Exchange("routes", "a", "https"), Exchange)


CASES = Path(__file__).with_name("cases") / "bgp"


@pytest.mark.parametrize("case", sorted(CASES.rglob("*.json")), ids=lambda one: one.stem)
def test_recorded_cases(case: Path, tmp_path: Path) -> None:
    dump = case.with_suffix(".mrt")
    if dump.exists():
        since = T + 2400 if case.stem == "hijack" else 0
        found = dumped(tmp_path, dump.read_bytes(), since=since)
    else:
        raw = json.loads(case.with_suffix(".raw").read_text("utf-8"))
        found = prefix_facts(of_data(raw["data"]), ip_network(PREFIX))
    assert msgspec.to_builtins(found) == json.loads(case.read_text("utf-8"))
