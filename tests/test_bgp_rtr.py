"""ROAs by RTR: what a cache says now, what it said to earlier builds, and answers that are none."""

import asyncio
import contextlib
import datetime as dt
import json
import os
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sotokara.core.observation import Exchange
from sotokara.engine.settings import load
from sotokara.kinds.bgp.asking import ask_cache
from sotokara.kinds.bgp.kept import Routes
from sotokara.kinds.bgp.parse import prefix_facts, read_routes
from sotokara.kinds.bgp.rpki import Roa, RoaSet, distinct_sets, of_time
from sotokara.kinds.bgp.rtr import Cache, OlderError, place_of
from sotokara.network.network import Network

from tests.lab.lab import require
from tests.servers.thread import serving
from tests.sites import build as build_site
from tests.sites import figures, make_site
from tests.test_bgp import PREFIX, SPECIFIC, T, path, update

# What a cache sends, made by hand as RFC 8210 has it.


def pdu(kind: int, field: int, body: bytes = b"", version: int = 1) -> bytes:
    return struct.pack("!BBHI", version, kind, field, 8 + len(body)) + body


def prefix(
    text: str, asn: int, longest: int | None = None, flags: int = 1, version: int = 1
) -> bytes:
    net = ip_network(text)
    most = net.prefixlen if longest is None else longest
    head = bytes([flags, net.prefixlen, most, 0])
    packed = net.network_address.packed
    return pdu(4 if net.version == 4 else 6, 0, head + packed + struct.pack("!I", asn), version)


def answer(*prefixes: bytes, session: int = 7, serial: int = 3, version: int = 1) -> bytes:
    end = struct.pack("!I", serial) + (struct.pack("!III", 3600, 600, 7200) if version else b"")
    notify = pdu(0, session, struct.pack("!I", serial), version)
    return (
        notify + pdu(3, session, b"", version) + b"".join(prefixes) + pdu(7, session, end, version)
    )


class Validator:
    """A cache on loopback. ``says``: its whole answer; ``knows``: the versions that it speaks."""

    def __init__(self, says: bytes, knows: tuple[int, ...] = (1,)) -> None:
        self.says, self.knows, self.port = says, knows, 0
        self.asked: list[bytes] = []

    async def start(self) -> None:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            query = await reader.readexactly(8)
            self.asked.append(query)
            if query[0] in self.knows:
                writer.write(self.says)
            else:
                text = struct.pack("!I", 8) + query + struct.pack("!I", 0)
                writer.write(pdu(10, 4, text, version=max(self.knows)))
            await writer.drain()
        writer.close()


def asked(port: int, *earlier: Exchange, host: str = "127.0.0.1") -> list[Exchange]:
    net = Network(load({"timeout": 5, "policy": {"allow": ["127.0.0.0/8"]}}, {}))

    async def asking() -> list[Exchange]:
        own = net.for_probe()
        own.earlier = [SimpleNamespace(exchanges=[*earlier])]  # type: ignore[list-item]
        return await ask_cache(own, f"{host}:{port}", ip_network(PREFIX))

    try:
        return asyncio.run(asking())
    finally:
        net.close()


def sets_in(exchanges: list[Exchange]) -> list[RoaSet]:
    return [msgspec.json.decode(one.received, type=RoaSet) for one in exchanges if one.received]


MANY = (
    prefix("198.51.0.0/16", 64500, 24),
    prefix(PREFIX, 64501),
    prefix(SPECIFIC, 0),
    prefix("203.0.113.0/24", 64502),
    prefix("2001:db8::/32", 64503, 48),
    pdu(9, 0x100, b"k" * 30),
)
ABOUT = [Roa("198.51.0.0/16", 64500, 24), Roa(PREFIX, 64501, 24), Roa(SPECIFIC, 0, 25)]


@pytest.mark.parametrize("version", [1, 0])
def test_a_whole_set_of_either_version_in_pieces_of_any_size(version: int) -> None:
    parts = [one for one in MANY if one[1] != 9]
    whole = answer(*(bytes([version]) + one[1:] for one in parts), version=version)
    for size in (1, 7, 20, 4096):
        cache = Cache(ip_network(PREFIX), version)
        for start in range(0, len(whole), size):
            assert not cache.done
            cache.feed(whole[start : start + size])
        found = cache.set_of(T)
        assert found.roas == ABOUT
        assert (found.session, found.serial, found.count, found.built) == (7, 3, 5, T)
    six = Cache(ip_network("2001:db8:1::/48"), version)
    six.feed(whole)
    assert six.set_of(T).roas == [Roa("2001:db8::/32", 64503, 48)]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (pdu(8, 0), "type 8"),
        (MANY[0], "before the answer"),
        (pdu(3, 1) + pdu(3, 1), "second answer"),
        (pdu(3, 1) + prefix(PREFIX, 1, flags=0), "taken back"),
        (pdu(3, 1) + prefix(PREFIX, 1, 23), "none"),
        (pdu(3, 1) + prefix(PREFIX, 1, 33), "none"),
        (pdu(3, 1) + MANY[0][:12] + b"\xc6\x33\x64\x01" + MANY[0][16:], "none"),
        (pdu(3, 1) + pdu(7, 2, b"\0" * 16), "session changed"),
        (pdu(3, 1) + struct.pack("!BBHI", 1, 4, 0, 21), "length 21"),
        (struct.pack("!BBHI", 1, 9, 0, 1 << 31), "type 9"),
        (struct.pack("!BBHI", 1, 10, 0, 7), "length 7"),
        (pdu(10, 2, b"\0" * 8), "no data available"),
        (pdu(10, 3, b"\0" * 8), "error 3"),
        (pdu(3, 1) + pdu(4, 0, b"\0" * 12, version=0), "version 0"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "version 72"),
        (pdu(3, 1) + b"".join(prefix(PREFIX, asn) for asn in range(3000)), "more than 2000"),
    ],
)
def test_what_is_no_answer_is_named(content: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Cache(ip_network(PREFIX), 1).feed(content)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=80), st.binary(max_size=80))
def test_hostile_bytes_end_in_one_of_two_ways(before: bytes, behind: bytes) -> None:
    for content in (before, pdu(3, 1) + before, answer(*MANY)[: len(before)] + behind):
        with contextlib.suppress(ValueError, OlderError):
            Cache(ip_network(PREFIX), 1).feed(content)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("rpki.example.net", ("rpki.example.net", 323)),
        ("rpki.example.net:8282", ("rpki.example.net", 8282)),
        ("[2001:db8::1]:8282", ("2001:db8::1", 8282)),
        ("2001:db8::1", ("2001:db8::1", 323)),
        ("192.0.2.1:", None),
        ("192.0.2.1:0", None),
        ("192.0.2.1:99999", None),
        ("rtr://192.0.2.1", None),
        ("a b", None),
        ("", None),
    ],
)
def test_where_a_cache_listens(text: str, found: tuple[str, int] | None) -> None:
    try:
        assert place_of(text) == found
    except ValueError:
        assert found is None


def test_an_old_cache_a_silent_one_and_one_that_is_cut() -> None:
    old = Validator(answer(bytes([0]) + MANY[0][1:], version=0), knows=(0,))
    cut = Validator(answer(*MANY)[:-3])
    with serving(old, cut):
        (told,) = asked(old.port)
        (failed,) = asked(cut.port)
    assert [one[0] for one in old.asked] == [1, 0]
    assert sets_in([told])[0].roas == ABOUT[:1]
    assert failed.received is None
    assert failed.failure
    assert (failed.failure.name, failed.failure.step) == ("source_unavailable", "rtr")
    (nobody,) = asked(cut.port)  # which listens no more
    assert nobody.failure
    facts = prefix_facts(Routes(T), ip_network(PREFIX), sets_in([nobody]))
    assert not facts.roas


def test_the_set_of_each_time_judges_what_was_seen_after_it() -> None:
    early = RoaSet(T, "", [Roa(PREFIX, 64500, 24)])
    late = RoaSet(T + 100, "", [Roa(PREFIX, 64500, 24), Roa(SPECIFIC, 64666, 25)])
    again = RoaSet(T + 50, "x", early.roas)
    assert distinct_sets([late, again, early], 9) == [early, late]
    assert distinct_sets([late, again, early], 1) == [late]
    assert [of_time([late, early], T + one) for one in (-1, 0, 99, 100)] == [
        None,
        early,
        early,
        late,
    ]
    events: list[Any] = [
        (T + 10, "p", SPECIFIC, [64666], False),
        (T + 20, "p", SPECIFIC, None, False),
        (T + 110, "p", SPECIFIC, [64666], False),
    ]
    kept = Routes(T + 120, T + 5, T + 120, [("p", PREFIX, [64500])], events)
    facts = prefix_facts(kept, ip_network(PREFIX), [late, early])
    assert [one.validity for one in facts.timeline] == ["", "Invalid", "Valid"]
    assert [bool(one.roas) for one in facts.timeline] == [False, True, False]
    assert not facts.roas_late


def test_earlier_sets_are_carried_on_and_failures_forget_nothing() -> None:
    cache = Validator(answer(MANY[0]))
    with serving(cache):
        (first,) = asked(cache.port)
        same = asked(cache.port, first)
        cache.says = answer(*MANY)
        third = asked(cache.port, *same)
        cache.says = b"\1\x0a\0\2\0\0\0\x08"
        fourth = asked(cache.port, *third)
    assert [len(one.roas) for one in sets_in(third)] == [1, 3]
    assert sets_in(third)[0] == sets_in([first])[0]
    assert [len(one.roas) for one in sets_in(fourth)] == [1, 3]
    assert fourth[-1].failure
    state = Exchange("routes", "x", "file", received=msgspec.json.encode(Routes(T + 10**9)))
    facts: Any = read_routes([state, *fourth], "prefix", PREFIX).facts
    assert facts.roas_failed == "source_unavailable"
    assert facts.roas


@pytest.fixture(scope="module")
def stayrtr(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int, int]]:
    """StayRTR with a set of this run's: its address (this process' own), port, the AS in it."""
    require("stayrtr")
    folder = tmp_path_factory.mktemp("rtr")
    asn = 64496 + int(time.time()) % 16
    made = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    every = [
        {"prefix": one, "maxLength": most, "asn": f"AS{asn}", "ta": "lab"}
        for one, most in ((PREFIX, 25), ("2001:db8::/32", 48), ("203.0.113.0/24", 24))
    ]
    file = folder / "roas.json"
    file.write_text(json.dumps({"metadata": {"buildtime": made}, "roas": every}))
    host = f"127.77.{os.getpid() // 256 % 256}.{os.getpid() % 256}"
    with socket.socket() as one:
        one.bind((host, 0))
        port = one.getsockname()[1]
    argv = ["stayrtr", "-bind", f"{host}:{port}", "-cache", str(file), "-checktime=false"]
    with subprocess.Popen([*argv, "-metrics.addr", ""], stderr=subprocess.DEVNULL) as running:
        try:
            while running.poll() is None:  # pytest's own limit ends it
                with contextlib.suppress(OSError), socket.create_connection((host, port)):
                    break
                time.sleep(0.05)
            yield host, port, asn
        finally:
            running.kill()


@pytest.mark.lab
def test_stayrtr_itself(stayrtr: tuple[str, int, int]) -> None:
    host, port, asn = stayrtr
    (told,) = asked(port, host=host)
    assert told.failure is None, told.failure
    (found,) = sets_in([told])
    assert found.roas == [Roa(PREFIX, asn, 25)]
    assert found.count == 3
    assert abs(found.built - time.time()) < 3600


def test_two_builds_and_a_roa_that_was_added_between_them(tmp_path: Path) -> None:
    cache = Validator(answer(prefix(PREFIX, 64500)))
    page = (
        f"```probe\nbgp: {PREFIX}\ndump: now.mrt\nrtr: 127.0.0.1:PORT\nid: a\n"
        "since: 2026-01-01\nstyle: routes\n```\n"
    )
    with serving(cache):
        site = make_site(
            tmp_path,
            {"index.md": page.replace("PORT", str(cache.port))},
            resolvers=["127.0.0.9"],
            control=["127.0.0.9"],
            policy={"allow": ["127.0.0.0/8"]},
        )
        dump = site / "docs" / "now.mrt"
        dump.write_bytes(update((PREFIX,), path(64496, 64500), when=int(time.time()) - 600))
        first = build_site(site)
        assert first.returncode == 0, first.stderr
        shown = figures((site / "site" / "index.html").read_text("utf-8"))["a"]
        assert "nothing is judged by it" in shown
        hijacked = int(time.time()) + 1  # the cache was asked before
        message = update((SPECIFIC,), path(64496, 64666), when=hijacked)
        dump.write_bytes(dump.read_bytes() + message)
        cache.says = answer(prefix(PREFIX, 64500), prefix(SPECIFIC, 64666))
        while time.time() <= hijacked:
            time.sleep(0.1)
        second = build_site(site)
        assert second.returncode == 0, second.stderr
    shown = figures((site / "site" / "index.html").read_text("utf-8"))["a"]
    assert "AS64666 was not authorized" in shown, shown
    assert "Invalid" in shown
