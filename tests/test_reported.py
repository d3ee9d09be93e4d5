"""What platforms report of each kind, read as the kind's own; hostile in every field."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import dns.message
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sotokara.core.observation import Exchange, Reading
from sotokara.kinds.dns.kind import Dns
from sotokara.kinds.http.kind import Http
from sotokara.kinds.interface import Kind
from sotokara.kinds.ping.kind import Ping
from sotokara.kinds.traceroute.kind import Traceroute

GLOBALPING, ATLAS = "globalping", "ripe-atlas"
TARGET = "www.shop.example"
QUESTIONS: dict[str, Kind] = {
    "dns": Dns(target=TARGET, type=["A"]),
    "ping": Ping(target=TARGET),
    "traceroute": Traceroute(target=TARGET),
    "http": Http(target=f"https://{TARGET}/"),
}
RECORD = {"name": f"{TARGET}.", "type": "A", "ttl": 30, "class": "IN", "value": "192.0.2.80"}
WIRE = base64.b64encode(
    dns.message.make_response(dns.message.make_query(TARGET, "A")).to_wire()
).decode()
RESULTS: dict[tuple[str, str], dict[str, Any]] = {
    (GLOBALPING, "dns"): {"statusCode": 0, "answers": [RECORD]},
    (GLOBALPING, "ping"): {
        "resolvedAddress": "192.0.2.80",
        "timings": [{"rtt": 24.2, "ttl": 59}, {"rtt": 23.9, "ttl": 59}],
        "stats": {"min": 23.9, "total": 3, "rcv": 2, "drop": 1, "loss": 33.3},
    },
    (GLOBALPING, "traceroute"): {
        "resolvedAddress": "192.0.2.80",
        "hops": [
            {"resolvedAddress": "198.51.100.1", "timings": [{"rtt": 0.3}, {"rtt": 0.4}]},
            {"resolvedAddress": None, "timings": []},
            {"resolvedAddress": "192.0.2.80", "timings": [{"rtt": 8.1}]},
        ],
    },
    (GLOBALPING, "http"): {
        "statusCode": 200,
        "statusCodeName": "OK",
        "resolvedAddress": "192.0.2.80",
        "headers": {"Content-Type": "text/html; charset=utf-8", "set-cookie": ["a=secret", "b=2"]},
        "rawBody": "<title>A shop</title><p>Come in.</p>",
        "truncated": False,
        "tls": {"authorized": True, "fingerprint256": ":".join(["AB"] * 32)},
    },
    (ATLAS, "dns"): {"type": "dns", "result": {"abuf": WIRE, "rt": 9.9}},
    (ATLAS, "ping"): {
        "type": "ping",
        "dst_addr": "192.0.2.80",
        "sent": 3,
        "rcvd": 2,
        "result": [{"rtt": 24.2}, {"x": "*"}, {"rtt": 23.9}],
    },
    (ATLAS, "traceroute"): {
        "type": "traceroute",
        "dst_addr": "192.0.2.80",
        "result": [
            {"hop": 1, "result": [{"from": "198.51.100.1", "rtt": 0.3, "ttl": 255}]},
            {"hop": 2, "result": [{"x": "*"}, {"late": 4}]},
            {"hop": 3, "result": [{"from": "192.0.2.80", "rtt": 8.1, "err": "p"}]},
        ],
    },
}


def exchange(
    platform: str, kind: str, *results: Any, asked: Mapping[str, Any] | None = None
) -> Any:
    """One exchange as an engine keeps it."""
    if platform == GLOBALPING:
        told = [
            {"probe": {"city": "Tokyo"}, "result": {"status": "finished"} | one} for one in results
        ]
        body: Any = {"id": "abc", "results": told}
    else:
        body = [{"prb_id": 1234 + nth, **one} for nth, one in enumerate(results)]
    (step,) = QUESTIONS[kind].asked_of(GLOBALPING)
    sent = json.dumps(asked or {}).encode()
    return Exchange(step, "resolver", platform, sent, json.dumps(body).encode())


def read(platform: str, kind: str, *results: Any, **asked: Any) -> Reading:
    one = exchange(platform, kind, *results, asked=asked)
    return QUESTIONS[kind].parse([one])


def facts(platform: str, kind: str, change: Mapping[str, Any] = {}) -> Any:
    reading = read(platform, kind, RESULTS[platform, kind] | dict(change))
    assert reading.facts, reading.failure
    return reading.facts


def why(platform: str, kind: str, change: Mapping[str, Any]) -> str:
    reading = read(platform, kind, RESULTS[platform, kind] | dict(change))
    assert reading.facts is None
    assert reading.failure
    assert reading.failure.name == "place_differs"
    return reading.failure.detail


@pytest.mark.parametrize("platform", [GLOBALPING, ATLAS])
def test_pings(platform: str) -> None:
    seen = facts(platform, "ping")
    assert (seen.address, seen.sent, seen.received, seen.best) == ("192.0.2.80", 3, 2, 23.9)
    result = RESULTS[platform, "ping"]
    two = read(platform, "ping", result, result, probes=[{"requested": 2}], limit=2)
    assert (two.facts.sent, two.facts.received) == (6, 4)  # type: ignore[union-attr]
    other = result | {"dst_addr": "192.0.2.81", "resolvedAddress": "192.0.2.81"}
    failed = read(platform, "ping", result, other).failure
    assert failed
    assert failed.detail == "its probes have asked several addresses"


def test_pings_that_nobody_answers_are_a_silence() -> None:
    lost = {"timings": [], "stats": {"total": 3, "rcv": 0}}
    for platform, change in ((GLOBALPING, lost), (ATLAS, {"result": [{"x": "*"}] * 3})):
        reading = read(platform, "ping", RESULTS[platform, "ping"] | change)
        assert reading.failure
        assert reading.failure.name == "generic_timeout_error"
    unsent = {"result": [{"error": "sendto failed: Network is unreachable"}] * 3}
    assert "sendto failed" in why(ATLAS, "ping", unsent)
    named = {"dnserr": "no such name", "dst_addr": None}
    assert why(ATLAS, "ping", named) == "its probe says: no such name"
    doubled = {"result": [{"rtt": 1.0}, {"rtt": 1.2, "dup": 1}]}
    assert facts(ATLAS, "ping", doubled).sent == 1


@pytest.mark.parametrize("platform", [GLOBALPING, ATLAS])
def test_paths(platform: str) -> None:
    seen = facts(platform, "traceroute")
    assert [(hop.number, hop.addresses) for hop in seen.hops] == [
        (1, ["198.51.100.1"]),
        (2, []),
        (3, ["192.0.2.80"]),
    ]
    assert (seen.end.how, seen.end.hop) == ("reached", 3)
    two = read(platform, "traceroute", *[RESULTS[platform, "traceroute"]] * 2).failure
    assert two
    assert two.detail == "several probes report what is one probe's alone"


def test_nothing_is_said_of_hops_that_were_not_asked() -> None:
    hops = RESULTS[GLOBALPING, "traceroute"]["hops"]
    limit = facts(GLOBALPING, "traceroute", {"hops": hops[:1]})
    assert (limit.end.how, limit.end.hop) == ("limit", 1)
    silent = facts(GLOBALPING, "traceroute", {"hops": hops[:2]})
    assert (silent.end.how, silent.end.hop) == ("silent", 2)


@pytest.mark.parametrize(
    ("err", "how", "why_"),
    [
        ("H", "unreachable", "host"),
        ("A", "unreachable", "prohibited"),
        (13, "unreachable", "prohibited"),
    ],
)
def test_refusals_on_the_way(err: Any, how: str, why_: str) -> None:
    hops = RESULTS[ATLAS, "traceroute"]["result"]
    refused = {"hop": 2, "result": [{"from": "198.51.100.7", "rtt": 3, "err": err}]}
    seen = facts(ATLAS, "traceroute", {"result": [hops[0], refused]})
    assert (seen.end.how, seen.end.hop, seen.end.why) == (how, 2, why_)


def test_an_attempt_behind_the_last_hop_is_none() -> None:
    hops = RESULTS[ATLAS, "traceroute"]["result"]
    seen = facts(ATLAS, "traceroute", {"result": [*hops[:2], {"hop": 255, "result": [{"x": "*"}]}]})
    assert (seen.end.how, seen.end.hop) == ("silent", 2)
    error = {"result": [{"error": "connect failed: Network is unreachable"}]}
    assert "Network is unreachable" in why(ATLAS, "traceroute", error)


def test_visits() -> None:
    seen = facts(GLOBALPING, "http")
    assert (seen.verdict, seen.status, seen.title, seen.charset) == ("ok", 200, "A shop", "utf-8")
    assert (seen.sha256, seen.size, seen.cookies) == ("", 0, ["a", "b"])
    assert seen.hops[0].fingerprint == "ab" * 32
    own = Http(target=f"https://{TARGET}/").parse(
        Http(target=f"https://{TARGET}/").kept([_visited()])
    )
    assert own.facts.text_sha256 == seen.text_sha256  # type: ignore[union-attr]


def _visited() -> Exchange:
    """The same page as a visit of our own has kept it."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    notes = f"url: https://{TARGET}/\nbody: whole\n\n".encode()
    body = RESULTS[GLOBALPING, "http"]["rawBody"].encode()
    sent = f"GET https://{TARGET}/\r\n".encode()
    return Exchange("hop 1", TARGET, "https", sent, notes + head + body)


@pytest.mark.parametrize(
    ("change", "verdict", "problems"),
    [
        ({"statusCode": 451}, "error_status", []),
        ({"statusCode": 301, "headers": {"location": "/shop"}}, "not_followed", []),
        ({"statusCode": 301, "headers": {"location": "/"}}, "redirect_loop", []),
        ({"truncated": True}, "too_long", []),
        ({"tls": {"authorized": False, "error": "CERT_HAS_EXPIRED",
                  "fingerprint256": ":".join(["AB"] * 32)}}, "ok", ["expired"]),
        ({"tls": {"authorized": False, "error": "NEW_ONE",
                  "fingerprint256": ":".join(["AB"] * 32)}}, "ok", ["not_trusted"]),
    ],
)  # fmt: skip
def test_how_visits_end(change: dict[str, Any], verdict: str, problems: list[str]) -> None:
    seen = facts(GLOBALPING, "http", change)
    assert (seen.verdict, seen.hops[0].problems) == (verdict, problems)


def test_a_body_that_was_no_unicode_is_not_read() -> None:
    seen = facts(GLOBALPING, "http", {"rawBody": "<title>\ufffd\ufffd</title>"})
    assert (seen.title, seen.text_sha256) == ("", "")


@pytest.mark.parametrize(
    ("kind", "options", "platform", "asked"),
    [
        ("ping", {"count": 17}, GLOBALPING, False),
        ("ping", {"protocol": {"tcp": 443}}, ATLAS, False),
        ("ping", {"wait": 5}, ATLAS, False),
        ("ping", {"family": 6}, ATLAS, True),
        ("traceroute", {"count": 2}, GLOBALPING, False),
        ("traceroute", {"count": 2, "max_hops": 20}, ATLAS, True),
        ("traceroute", {"protocol": {"tcp": 443}}, GLOBALPING, True),
        ("http", {"icon": True}, GLOBALPING, False),
        ("http", {"language": "ja"}, GLOBALPING, True),
        ("dns", {"server": "192.0.2.53"}, ATLAS, True),
        ("dns", {"server": "192.0.2.53:5353"}, ATLAS, False),
        ("dns", {"dnssec": "self"}, GLOBALPING, False),
        ("dns", {"class": "CH"}, GLOBALPING, False),
    ],
)
def test_a_question_is_asked_as_it_is_written_or_not_at_all(
    kind: str,
    options: dict[str, Any],
    platform: str,
    asked: bool,  # noqa: FBT001
) -> None:
    form = type(QUESTIONS[kind])
    names = {"class": "dns_class"}
    question = form(
        target=QUESTIONS[kind].target, **{names.get(key, key): one for key, one in options.items()}
    )
    assert bool(question.asked_of(platform)) is asked
    if asked and kind == "ping":
        assert question.asked_of(platform)["ping"]["af"] == 6


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=6,
)


def _fields(value: Any, path: tuple[Any, ...] = ()) -> Any:
    """The way to every field, at whatever depth."""
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, one in inner:
        yield (*path, key)
        yield from _fields(one, (*path, key))


def _with(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _with(value[path[0]], path[1:], new)
    return copy


PLACES = [
    (platform, kind, path) for (platform, kind), one in RESULTS.items() for path in _fields(one)
]


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(PLACES), JSON)
@example((GLOBALPING, "dns", ("answers", 0, "ttl")), -1)
@example((GLOBALPING, "dns", ("answers", 0, "ttl")), 2**40)
@example((GLOBALPING, "http", ("statusCode",)), 200.5)
@example((ATLAS, "traceroute", ("result", 0, "hop")), 10**30)
@example((ATLAS, "traceroute", ("result", 2, "result", 0, "err")), 10**30)
def test_hostile_json_in_every_field_gives_facts_or_no_measurement(
    place: tuple[str, str, tuple[Any, ...]], value: Any
) -> None:
    platform, kind, path = place
    one = exchange(platform, kind, _with(RESULTS[platform, kind], path, value))
    reading = QUESTIONS[kind].parse([one])
    assert reading.facts or reading.failure
    if reading.facts is None:
        assert reading.failure
        known = ("place_differs", "generic_timeout_error", "host_unreachable")
        assert reading.failure.name in known or reading.failure.name.startswith("dns_")


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(RESULTS)), JSON)
def test_hostile_reports_are_no_measurement(which: tuple[str, str], value: Any) -> None:
    platform, kind = which
    one = exchange(platform, kind, RESULTS[which])
    for body in (value, {"results": value}, [value], {"results": [{"result": value}]}):
        received = json.dumps(body).encode()
        sent = json.dumps(value).encode()
        hostile = Exchange(one.step, "resolver", platform, sent, received)
        reading = QUESTIONS[kind].parse([hostile])
        assert reading.failure
        assert reading.failure.name == "place_differs"
