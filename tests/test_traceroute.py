"""Kind `traceroute` without a network: options, reading, telling probes apart."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sotokara.core.observation import Exchange, ProbeFailure, unpack
from sotokara.definitions.definition import read_definition
from sotokara.kinds.traceroute.facts import PathEnd, PathFacts, TraceHop
from sotokara.kinds.traceroute.kind import Traceroute
from sotokara.kinds.traceroute.parse import rows_in
from sotokara.network.flows import IcmpFlow, UdpFlow
from sotokara.network.trace import (
    Trace,
    TraceHead,
    TraceRequest,
    TraceRow,
    decode_trace,
    encode_trace,
)
from sotokara.network.traceroute_system import command

CASES = Path(__file__).parent / "cases" / "traceroute"
RECORDED = sorted(path for path in (CASES / "lab").glob("*.json") if ".raw" not in path.name)
TARGET = "203.104.255.140"


def recorded(name: str) -> tuple[Traceroute, list[Exchange], dict[str, Any]]:
    raw = json.loads((CASES / "lab" / f"{name}.raw.json").read_text("utf-8"))
    read = json.loads((CASES / "lab" / f"{name}.json").read_text("utf-8"))
    question = Traceroute(**raw["options"]).normal()
    return question, [unpack(one) for one in raw["exchanges"]], read


@pytest.mark.parametrize("name", [path.stem for path in RECORDED])
def test_recorded_raw_reads_as_it_did(name: str) -> None:
    question, exchanges, read = recorded(name)
    assert msgspec.to_builtins(question.parse(exchanges)) == read


def listed(name: str, target: str = TARGET) -> list[list[str]]:
    rows = rows_in((CASES / "synthetic" / f"{name}.txt").read_text("utf-8"), target)
    hops: dict[int, list[str]] = {}
    for row in rows:
        time = "" if row.ms is None else f" {row.ms:g}"
        mark = " final" if row.final else f" {row.type}/{row.code}" if row.address else ""
        hops.setdefault(row.ttl, []).append(f"{row.address}{time}{mark}" or "*")
    return list(hops.values())


@pytest.mark.parametrize("name", ["windows-tracert-d", "windows-tracert-d-ja"])
def test_tracert_in_two_languages(name: str) -> None:
    assert listed(name) == [
        ["192.168.11.254 11/0", "192.168.11.254 11/0", "192.168.11.254 1 11/0"],
        ["198.51.100.1 2 11/0", "198.51.100.1 1 11/0", "198.51.100.1 2 11/0"],
        ["*", "*", "*"],
        ["203.104.255.138 6 11/0", "*", "203.104.255.138 5 11/0"],
        [f"{TARGET} 6 final", f"{TARGET} 4 final", f"{TARGET} 3 final"],
    ]


def test_tracert_that_reports() -> None:
    assert listed("windows-tracert-d-unreachable")[1] == ["198.51.100.1 3/None"]


def test_bsd_continues_a_hop_on_the_next_line() -> None:
    hops = listed("freebsd-traceroute-n")
    assert hops[1] == [
        "198.51.100.1 2.17 11/0",
        "198.51.100.2 2.004 11/0",
        "198.51.100.2 2.322 11/0",
    ]
    assert hops[2] == ["*", "198.51.100.3 3.376 11/0", "*"]
    assert hops[4] == [f"203.104.255.138 {ms} 3/13" for ms in ("4.375", "4.411", "4.391")]


def test_macos_ipv6() -> None:
    hops = listed("macos-traceroute6-n", "2001:db8:255::140")
    assert hops[0][0] == "2001:db8:1::254 0.523 3/0"
    assert hops[2][2] == "2001:db8:255::140 4.391 final"


@given(st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert all(row.ttl > 0 for row in rows_in(text, TARGET))


@given(st.binary(max_size=60))
def test_any_quote_is_read_without_an_error(quote: bytes) -> None:
    request = TraceRequest(TARGET, "udp", 33434, 3, 30, 1.0)
    flow = UdpFlow(request, b"12345678")
    flow.socket.close()
    found = flow.identify(quote)
    assert found is None or found == 0 or quote.startswith(b"12345678")


@pytest.mark.parametrize("protocol", ["udp", "icmp"])
@given(ttl=st.integers(1, 64), nth=st.integers(0, 9))
def test_a_probe_is_known_by_its_own_bytes(protocol: Any, ttl: int, nth: int) -> None:
    request = TraceRequest("2001:db8::1", protocol, 33434, 3, 64, 1.0)
    with_socket = (
        UdpFlow(request, b"abcdefgh") if protocol == "udp" else IcmpFlow(request, b"abcdefgh")
    )
    with_socket.socket.close()
    packet = with_socket.packet(ttl, nth)
    assert with_socket.identify(packet) == ttl
    assert with_socket.identify(packet.replace(b"abcdefgh", b"ABCDEFGH")) is None


@given(ttl=st.integers(1, 64), nth=st.integers(0, 9))
def test_icmp_probes_have_one_checksum(ttl: int, nth: int) -> None:
    flow = IcmpFlow(TraceRequest(TARGET, "icmp", 0, 3, 64, 1.0), b"abcdefgh")
    flow.socket.close()

    def total(packet: bytes) -> int:
        words = (int.from_bytes(packet[at : at + 2]) for at in range(4, len(packet), 2))
        return sum(words) % 0xFFFF

    assert total(flow.packet(ttl, nth)) == total(flow.packet(1, 0))


WRONG = [
    ({"target": "http://x.example/"}, "target"),
    ({"target": "a..example"}, "target"),
    ({"protocol": "sctp"}, "protocol"),
    ({"protocol": {"icmp": 3}}, "protocol"),
    ({"protocol": {"tcp": 0}}, "protocol"),
    ({"protocol": {}}, "protocol"),
    ({"target": TARGET, "family": 6}, "family"),
]


@pytest.mark.parametrize(("options", "option"), WRONG)
def test_mistakes_are_told(options: dict[str, Any], option: str) -> None:
    given_options: dict[str, Any] = {"target": "www.shop.example", **options}
    assert [wrong.option for wrong in Traceroute(**given_options).option_errors()] == [option]


def test_equal_questions_are_one() -> None:
    one = Traceroute(target="WWW.Shop.Example.", protocol={"udp": 33434}).normal()
    assert one.identity() == {"traceroute": "www.shop.example"}
    assert Traceroute(target="日本語.example").normal().target == "xn--wgv71a119e.example"


@pytest.mark.parametrize(
    ("platform", "protocol", "argv"),
    [
        ("win32", "icmp", "tracert -d -h 30 -w 2000"),
        ("darwin", "udp", "traceroute -n -q 3 -m 30 -w 2"),
        ("darwin", "icmp", "traceroute -n -P icmp -q 3 -m 30 -w 2"),
        ("linux", "tcp", "traceroute -n -T -p 80 -q 3 -m 30 -w 2"),
        ("freebsd14", "icmp", "traceroute -n -I -q 3 -m 30 -w 2"),
    ],
)
def test_commands_of_systems(platform: str, protocol: Any, argv: str) -> None:
    port = 80 if protocol == "tcp" else 0
    assert command(TraceRequest(TARGET, protocol, port, 3, 30, 2.0), platform) == [
        *argv.split(),
        TARGET,
    ]


def test_tracert_cannot_do_tcp() -> None:
    with pytest.raises(ProbeFailure, match="permission_denied"):
        command(TraceRequest(TARGET, "tcp", 80, 3, 30, 2.0), "win32")


def test_rows_survive_storage() -> None:
    head = TraceHead(TARGET, "icmp", 3, 30, v6=False, engine="test", ignored={"forged": 2})
    rows = [
        TraceRow(1, 0, 0.1, "192.0.2.1", 1.25, 11, 0, 64, 1),
        TraceRow(1, 1, 0.2),
        TraceRow(2, 0, 0.3, masked="********"),
    ]
    trace = Trace(head, rows)
    assert decode_trace(encode_trace(trace)) == trace


def test_a_wrong_redaction_is_the_authors_mistake() -> None:
    source = "traceroute: www.shop.example\nredact: {hop: 2}\n"
    definition, mistakes = read_definition(source, "posts/x.md", 7, "0" * 16)
    assert definition is None
    assert [str(one).split(";")[0] for one in mistakes] == [
        "posts/x.md:9: redact has no key 'hop', but hops, networks, as, own_network"
    ]


def path(*hops: list[str], how: str = "reached") -> PathFacts:
    listed = [TraceHop(number, addresses) for number, addresses in enumerate(hops, 1)]
    return PathFacts(address=TARGET, hops=listed, end=PathEnd(how, len(hops)))


A, B, C = "192.0.2.1", "192.0.2.2", "192.0.2.3"


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        (path([A], [C]), path([A], [C]), True),
        (path([A], [C]), path([], [C]), True),
        (path([A, B], [C]), path([B], [C]), True),
        (path([A], [C]), path([B], [C]), False),
        (path([A], [C]), path([A], [B], [C]), False),
        (path([A], [C]), path([A], [C], how="silent"), False),
    ],
)
def test_what_is_a_change_of_the_path(before: PathFacts, after: PathFacts, *, same: bool) -> None:
    assert Traceroute.same(before, after) is same
    assert Traceroute.same(after, before) is same


def test_a_hop_that_was_masked_then_or_is_now_is_no_change() -> None:
    old = [TraceHop(number=1, addresses=["192.0.2.1"]), TraceHop(number=2, masked="xxx")]
    new = [TraceHop(number=1, masked="xxx"), TraceHop(number=2, addresses=["192.0.2.2"])]
    assert Traceroute.seen_by_listing("hops", old, new) == old
    moved = [TraceHop(number=1, addresses=["192.0.2.9"]), TraceHop(number=2, masked="xxx")]
    assert Traceroute.seen_by_listing("hops", old, moved) == moved
