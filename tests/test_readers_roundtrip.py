"""What our styles print is read back to the same facts: thousands of made-up answers."""

from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sotokara.core.labels import labels
from sotokara.core.observation import Exchange, Observation, Outcome, Vantage
from sotokara.kinds.dns.facts import DnsFacts
from sotokara.kinds.dns.kind import Dns
from sotokara.kinds.dns.readers.records import AnswerLines
from sotokara.kinds.parts import styles_of
from sotokara.kinds.shared.view import Table, View
from sotokara.kinds.traceroute.facts import PathEnd, PathFacts, TraceHop
from sotokara.kinds.traceroute.kind import Traceroute
from sotokara.transcripts.session import listings

from tests.examples import examples

LABEL = st.from_regex(r"[a-z][a-z0-9]{0,9}(-[a-z0-9]{1,5})?", fullmatch=True)
NAME = st.builds(
    lambda parts: ".".join([*parts, "example"]), st.lists(LABEL, min_size=1, max_size=3)
)
V4 = st.integers(0x01000000, 0xDFFFFFFF).map(lambda number: str(IPv4Address(number)))
V6 = st.integers(0x2001 << 112, (0x2002 << 112) - 1).map(lambda number: str(IPv6Address(number)))
MANY = settings(
    max_examples=examples(100),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def printed(
    kind: Any,
    facts: Any,
    style: str,
    volatile: dict[str, Any],
    exchanges: tuple[Exchange, ...] = (),
) -> str:
    """A figure's text in a style."""
    observation = Observation(
        digest="",
        definition=kind.identity(),
        start=datetime(2026, 11, 24, tzinfo=UTC),
        outcome=Outcome.ANSWERED,
        vantage=Vantage("lab", "test"),
        facts=facts,
        volatile=volatile,
        exchanges=exchanges,
    )
    output = styles_of(type(kind))[style](View(kind, observation, facts, labels("en")))
    lines = output.lines() if isinstance(output, Table) else output
    assert isinstance(lines, list)
    return "\n".join(lines)


@st.composite
def answers(draw: st.DrawFn) -> tuple[str, AnswerLines, str]:
    """An answer of aliases and addresses, or of mail servers, name servers, texts."""
    owner = draw(NAME)
    made = AnswerLines()
    what = draw(st.sampled_from(["addresses", "MX", "NS", "TXT", "PTR", "SRV"]))
    if what == "addresses":
        at = owner
        for alias in draw(st.lists(NAME, max_size=3, unique=True)):
            if alias not in (at, owner):
                made.add(at, "CNAME", f"{alias}.")
                at = alias
        for value in draw(st.lists(V4, max_size=4, unique=True)):
            made.add(at, "A", value)
        for value in draw(st.lists(V6, max_size=3, unique=True)):
            made.add(at, "AAAA", value)
    else:
        for name in draw(st.lists(NAME, min_size=1, max_size=4, unique=True)):
            number = draw(st.integers(0, 65535))
            text = draw(
                st.text(st.characters(codec="ascii", categories=["L", "N", "P", "Zs"]), max_size=30)
            )
            escaped = text.replace("\\", "\\\\").replace('"', '\\"')
            value = {
                "MX": f"{number} {name}.",
                "NS": f"{name}.",
                "PTR": f"{name}.",
                "SRV": f"{number} 5 {number} {name}.",
                "TXT": f'"{escaped}"',
            }[what]
            made.add(owner, what, value)
    return owner, made, what


def stated(facts: Any, fields: tuple[str, ...]) -> dict[str, Any]:
    """The facts by name."""
    return {field: getattr(facts, field) for field in fields}


@pytest.mark.parametrize("style", ["nslookup", "dig"])
@given(case=answers())
@MANY
def test_dns(style: str, case: tuple[str, AnswerLines, str]) -> None:
    owner, made, what = case
    if not made:
        return
    facts, _ = made.facts(owner)
    assert facts is not None
    question = Dns(target=owner, type=[] if what == "addresses" else what)
    (read,) = listings(printed(question, facts, style, {}), "dns")
    fields = ("rcode", "addresses", "names", "records")
    assert stated(read.facts, fields) == stated(facts, fields)
    assert read.unread == ()


@given(case=answers(), rcode=st.sampled_from(["NOERROR", "NXDOMAIN"]))
@MANY
def test_dig_from_messages(case: tuple[str, AnswerLines, str], rcode: str) -> None:
    import dns.name

    owner, made, what = case
    rdtype = "A" if what == "addresses" else what
    made = made if rcode == "NOERROR" else AnswerLines()
    facts, _ = made.facts(owner, [rdtype], rcode)
    assert facts is not None
    wire = made.message(dns.name.from_text(owner), rdtype, rcode, 0)
    question = Dns(target=owner, type=rdtype)
    (read,) = listings(
        printed(question, facts, "dig", {}, (Exchange("A", "resolver", "udp", received=wire),)),
        "dns",
    )
    assert isinstance(read.facts, DnsFacts)
    fields = (*read.said, "nodata")
    assert stated(read.facts, fields) == stated(facts, fields)


@st.composite
def paths(draw: st.DrawFn) -> tuple[PathFacts, dict[str, Any]]:
    """A path with silent, masked and balanced hops, and what was volatile in it."""
    ordinary = st.lists(V4, max_size=2, unique=True)
    places = draw(st.lists(st.one_of(ordinary, st.just("masked")), min_size=1, max_size=12))
    address = draw(V4)
    hops: list[TraceHop] = []
    replies: dict[str, list[dict[str, Any] | None]] = {}
    hosts: dict[str, Any] = {}
    for number, one in enumerate(places, 1):
        if one == "masked":
            masked = draw(st.sampled_from(["********", "192.168.xxx.254", "******** [******]"]))
            hops.append(TraceHop(number, [], masked))
            replies[str(number)] = [{"masked": True}] * 3
            continue
        found = sorted((x for x in one if x != address), key=IPv4Address)
        hops.append(TraceHop(number, found))
        heard = [found[at % len(found)] if found else None for at in range(3)]
        times = draw(st.lists(st.integers(0, 4000), min_size=3, max_size=3))
        replies[str(number)] = [
            {"address": who, "ms": ms / 10} if who else None
            for who, ms in zip(heard, times, strict=True)
        ]
        for who in found:
            if draw(st.booleans()):
                hosts[who] = {"name": draw(NAME)}
    while hops and not hops[-1].addresses and not hops[-1].masked:
        hops.pop()
    how = draw(st.sampled_from(["reached", "silent"]))
    if how == "reached":
        hops.append(TraceHop(len(hops) + 1, [address]))
        replies[str(len(hops))] = [{"address": address, "ms": 4.2}] * 3
        end = PathEnd("reached", len(hops), address)
    else:
        end = PathEnd("silent", len(hops) + 1)
    volatile = {"replies": replies, "hosts": hosts, "count": 3}
    return PathFacts(address=address, hops=hops, end=end), volatile


@pytest.mark.parametrize("style", ["tracert", "traceroute"])
@given(case=paths())
@MANY
def test_paths(style: str, case: tuple[PathFacts, dict[str, Any]]) -> None:
    facts, volatile = case
    question = Traceroute(target=facts.address)
    found = listings(printed(question, facts, style, volatile), "traceroute")
    assert len(found) == 1
    assert msgspec.to_builtins(found[0].facts) == msgspec.to_builtins(facts)


@given(case=paths())
@MANY
def test_mtr(case: tuple[PathFacts, dict[str, Any]]) -> None:
    facts, volatile = case
    question = Traceroute(target=facts.address)
    (read,) = listings(printed(question, facts, "mtr", volatile), "traceroute")
    assert isinstance(read.facts, PathFacts)
    assert read.facts.hops == facts.hops
    if facts.end.how == "silent":
        assert read.facts.end == facts.end
