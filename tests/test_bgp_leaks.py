"""Route leaks in RFC 7908's words: by relations that somebody gives, else they cannot be told."""

import asyncio
import bz2
import gzip
import hashlib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sotokara.core.labels import labels, languages
from sotokara.core.observation import Exchange, ProbeFailure
from sotokara.engine.settings import load
from sotokara.kinds.bgp.asking import read_relations
from sotokara.kinds.bgp.facts import BgpFacts
from sotokara.kinds.bgp.kept import RELATIONS, STATE, Routes
from sotokara.kinds.bgp.kind import Bgp
from sotokara.kinds.bgp.leaks import (
    KnownNeighbours,
    find_leak,
    neighbours,
    read_relation_file,
    relations_of,
    stated,
)
from sotokara.kinds.bgp.parse import read_routes
from sotokara.network.network import Network

from tests.test_bgp import PREFIX, SPECIFIC, T
from tests.test_bgp import text as shown

# 1 and 2 are providers of 3 and 4; 3 and 4 are peers; 5 is a customer of 3; 6 a peer of 4.
STATED = (
    "AS1 provider of AS3",
    "AS2 provider of AS3",
    "1|4|-1",
    "AS3 peer of AS4",
    "as5 customer of 3",
    "4|6|0|bgp",
)
RELATIONS_OF = relations_of(map(stated, STATED))


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ((2, 3, 1, 9), (1, "AS3", "AS1", "AS2")),
        ((2, 3, 3, 3, 1, 1, 9), (1, "AS3", "AS1", "AS2")),
        ((6, 4, 3, 5), (2, "AS4", "AS3", "AS6")),
        ((4, 3, 1, 9), (3, "AS3", "AS1", "AS4")),
        ((1, 3, 4), (4, "AS3", "AS4", "AS1")),
        ((1, 3, 5), None),  # a customer's, up
        ((4, 3, 5), None),  # a customer's, to a peer
        ((5, 3, 1), None),  # a provider's, down
        ((5, 3, 4), None),  # a peer's, down
        ((9, 3, 5), None),  # a customer's: whatever 9 is
        ((5, 3, 9), None),  # to a customer: whatever 9 is
        ((3, 5), None),
        ((5,), None),
        ((), None),
    ],
)
def test_types_by_the_relations_on_both_sides(path: Any, found: Any) -> None:
    assert find_leak(path, RELATIONS_OF) == (found, [])


@pytest.mark.parametrize(
    ("path", "pairs"),
    [
        ((1, 3, 9), [(9, 3)]),
        ((9, 3, 1), [(9, 3)]),
        ((9, 3, 8), [(8, 3), (9, 3)]),
        ((1, 3, (7, 8)), [(0, 0)]),
        (((7, 8), 3, 1), [(0, 0)]),
    ],
)
def test_without_a_relation_it_cannot_be_told(path: Any, pairs: Any) -> None:
    assert find_leak(path, RELATIONS_OF) == (None, pairs)


def test_a_leak_that_is_known_stands_beside_what_is_not() -> None:
    leak, missing = find_leak((2, 3, 1, 7, 8), RELATIONS_OF)
    assert leak is not None
    assert leak.leaker == "AS3"
    assert not missing


def test_what_contradicts_itself_is_no_relation() -> None:
    both = relations_of(
        [(1, 2, "provider"), (2, 1, "peer"), (1, 2, "peer"), (3, 4, "peer"), (4, 3, "peer")]
    )
    assert both == {(3, 4): "peer", (4, 3): "peer"}
    (wrong,) = Bgp(target=PREFIX, relations=["1|2|-1", "2|1|-1"]).option_errors()
    assert wrong.option == "relations"
    for no in ("AS1 friend of AS2", "1|2", "1|2|5", "1|1|0", "AS1 peer of AS99999999999", ""):
        with pytest.raises(ValueError, match=r".*"):
            stated(no)
        assert list(Bgp(target=PREFIX, relations=[no]).option_errors())
    assert not list(Bgp(target=PREFIX, relations=list(STATED)).option_errors())
    assert list(Bgp(target="AS64500", relations=list(STATED)).option_errors())


def test_a_file_of_caidas_form_packed_or_not(tmp_path: Path) -> None:
    content = b"# source:x|BGP|20261101|y|z\n" + b"1|3|-1\n2|3|-1|bgp\n\xff\n7|8|0\n" + b"x" * 5000
    wanted = neighbours([(2, 3, 1)])
    for name, written in (
        ("a.txt", content),
        ("a.gz", gzip.compress(content)),
        ("a.bz2", bz2.compress(content)),
    ):
        file = tmp_path / name
        file.write_bytes(written)
        digest, found = read_relation_file(file, wanted)
        assert digest == hashlib.sha256(content).hexdigest()
        assert found == [(1, 3, "provider"), (2, 3, "provider")]
    for nothing in (b"", b"# only\n", b"<html>", gzip.compress(content)[:-9]):
        file.write_bytes(nothing)
        with pytest.raises((ValueError, OSError, EOFError)):
            read_relation_file(file, wanted)


def facts(kept: Routes, *given: str) -> BgpFacts:
    relations = KnownNeighbours("", "", [stated(one) for one in given])
    exchanges = [
        Exchange(STATE, "x", "file", received=msgspec.json.encode(kept)),
        Exchange(RELATIONS, "", "file", received=msgspec.json.encode(relations)),
    ]
    found = read_routes(exchanges, "prefix", PREFIX).facts
    assert isinstance(found, BgpFacts)
    return found


def test_a_leak_comes_and_goes_with_its_seconds() -> None:
    events: list[Any] = [
        (T + 60, "p", PREFIX, [2, 3, 1, 9], False),
        (T + 70, "q", PREFIX, [2, 3, 1, 9], False),
        (T + 90, "p", PREFIX, [2, 9], False),
        (T + 95, "q", PREFIX, None, False),
        (T + 99, "q", SPECIFIC, [4, 3, 1, 9], False),
    ]
    kept = Routes(T + 100, T, T + 100, [("p", PREFIX, [2, 9])], events)
    found = facts(kept, *STATED)
    told = [(one.type, one.prefix, one.came[-3:], one.went[-3:], one.peers) for one in found.leaks]
    assert [one[:2] for one in told] == [(1, PREFIX), (3, SPECIFIC)]
    first, second = found.leaks
    assert (first.ended, first.peers, first.path) == ("withdrawn", 2, "2 3 1 9")
    assert (second.went, second.leaker, second.sent_to) == ("", "AS3", "AS4")
    for lang in languages():
        words = labels(lang)
        said = words["bgp_sum_leak_1"].format(
            leaker="AS3", prefix=PREFIX, learned="AS1", sent="AS2"
        )
        assert said in shown(found, "routes", lang)
        assert words["bgp_leak_type"].format(type=3) in shown(found, "timeline", lang)


def test_none_is_said_only_where_every_path_could_be_judged() -> None:
    kept = Routes(T, before=[("p", PREFIX, [1, 3, 5]), ("q", PREFIX, [4, 3, 5])])
    whole = facts(kept, *STATED)
    assert labels("en")["bgp_sum_no_leak"] in shown(whole)
    assert (whole.leaks, whole.untold) == ([], 0)
    part = facts(kept, "AS3 provider of AS7")
    assert (part.untold, part.missing) == (2, ["AS1 AS3", "AS3 AS4", "AS3 AS5"])
    assert labels("en")["bgp_sum_no_leak"] not in shown(part)
    assert "cannot be told" in shown(part)
    assert "AS3 AS4" in shown(part)


def test_relations_of_the_article_win_over_a_file(tmp_path: Path) -> None:
    file = tmp_path / "as-rel.txt"
    file.write_text("1|3|-1\n2|3|-1\n5|3|0\n70|80|0\n")
    kept = Routes(T, before=[("p", PREFIX, [2, 3, 1]), ("q", PREFIX, [2, 3, 5])])
    state = Exchange(STATE, "x", "file", received=msgspec.json.encode(kept))
    net = Network(load({"timeout": 5}, {}))
    net.find = lambda name: file if name == "as-rel.txt" else None

    async def reading(name: str) -> Exchange:
        return await read_relations(net.for_probe(), name, ["AS3 provider of AS5"], state)

    try:
        told = msgspec.json.decode(
            asyncio.run(reading("as-rel.txt")).received or b"", type=KnownNeighbours
        )
        with pytest.raises(ProbeFailure, match="file_unreadable"):
            asyncio.run(reading("no.txt"))
    finally:
        net.close()
    assert told.pairs == [(3, 5, "provider"), (1, 3, "provider"), (2, 3, "provider")]
    assert told.source == "as-rel.txt"
