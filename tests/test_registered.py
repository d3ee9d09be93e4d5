"""Whose the hops are where nobody tells their AS: by the registers of addresses, and by the NAT."""

import asyncio
import json
import struct
from collections.abc import Mapping
from ipaddress import IPv4Address
from typing import Any

import msgspec
import pytest
import yaml
from sotokara.core.observation import Exchange
from sotokara.core.own_network import Masks, SeenHop, hidden_hops, masks_for, whose_hops
from sotokara.core.settings import Settings
from sotokara.kinds.shared.rdap.message import keep
from sotokara.kinds.traceroute.facts import PathFacts
from sotokara.kinds.traceroute.kind import Traceroute
from sotokara.kinds.traceroute.masking import seen_hops
from sotokara.kinds.traceroute.parse import trace_of
from sotokara.kinds.traceroute.registered import MOST, STEP, holders_of, registered
from sotokara.network.flows import RawErrorSocket, UdpFlow, _checksum
from sotokara.network.network import Network
from sotokara.network.trace import TraceRequest
from sotokara.network.ways import TownWays
from sotokara.servers.town import Town

from tests.test_traceroute import recorded

STARS = "********"
PROVIDER, EXCHANGE, FAR = "198.51.100.0/24", "210.173.176.0/24", "203.174.64.0/18"


def entity(organization: str, handle: str = "") -> dict[str, Any]:
    card = ["vcard", [["fn", {}, "text", organization], ["kind", {}, "text", "org"]]]
    return {
        "objectClassName": "entity", "handle": handle, "roles": ["registrant"], "vcardArray": card
    }  # fmt: skip


def network(prefix: str, organization: str, name: str = "NET", **more: Any) -> dict[str, Any]:
    first, length = prefix.split("/")
    last = IPv4Address(int(IPv4Address(first)) + 2 ** (32 - int(length)) - 1)
    entities = [entity(organization)] if organization else []
    return {
        "objectClassName": "ip network", "startAddress": first, "endAddress": str(last),
        "name": name, "entities": entities,
    } | more  # fmt: skip


OBJECTS = {
    "198.51.100.1": network(PROVIDER, "Shoreline Access Co., Ltd.", "SHORELINE"),
    "210.173.176.29": network(EXCHANGE, "Meeting Point Exchange Inc.", "MEET"),
    "203.174.64.146": network(FAR, "Harbour Racks Corporation", "RACKS"),
}


def town(objects: Mapping[str, Any]) -> Town:
    """Registries on loopback that have these objects."""
    services = [[["0.0.0.0/0"], ["https://rdap.example/"]]]
    return Town(
        yaml.safe_dump(
            {
                "settings": {},
                "dns": {"192.0.2.53": "resolver"},
                "records": "rdap.example. A 192.0.2.11\ndata.iana.org. A 192.0.2.12\n",
                "whois": {},
                "mail": {},
                "web": {
                    "data.iana.org": {"files": {"/rdap/ipv4.json": {"services": services}}},
                    "rdap.example": {
                        "files": {f"/ip/{one}": body for one, body in objects.items()}
                    },
                },
            }
        )
    )


def unannounced() -> tuple[Traceroute, list[Exchange]]:
    """A recorded trace without any word on who announces its hops."""
    question, exchanges, _ = recorded("post-udp")
    about = ("origin AS of ", "name of AS")
    return question, [one for one in exchanges if not one.step.startswith(about)]


async def asked(objects: Mapping[str, Any], traces: int = 1) -> list[list[Exchange]]:
    """What the registers are asked about a trace of a build, and say."""
    place = town(objects)
    await place.start()
    settings = Settings(
        resolvers=["192.0.2.53"], registry_pause=0, timeout=3,
        policy=msgspec.convert({"allow": ["192.0.2.0/24"]}, type(Settings().policy)),
    )  # fmt: skip
    net = Network(settings, TownWays(place.ports, place.trusted()))
    try:
        _, exchanges = unannounced()
        path = trace_of(exchanges)
        assert path is not None
        hops = seen_hops(exchanges, path)
        return [await registered(net.for_probe(), hops, path.head.address) for _ in range(traces)]
    finally:
        net.close()
        place.close()


def shown(found: list[Exchange]) -> tuple[list[bool], list[Exchange]]:
    """Of each hop whether it is shown, and what is kept."""
    question, exchanges = unannounced()
    kept = question.hide([*exchanges, *found], Masks())
    facts: Any = question.parse(kept).facts
    assert isinstance(facts, PathFacts)
    return [not hop.masked for hop in facts.hops], kept


def test_hops_of_another_holder_are_shown() -> None:
    first, second = asyncio.run(asked(OBJECTS, traces=2))
    assert [one.step.removeprefix(STEP) for one in first] == [
        *(f"198.51.100.{number}" for number in range(1, 6)), "210.173.176.29",
    ]  # fmt: skip
    assert {one.server for one in first} == {"rdap.example"}
    visible, kept = shown(first)
    assert visible == [False] * 6 + [True] * 5
    text = repr(kept)
    assert "Meeting Point" in text
    assert "198.51.100" not in text
    assert "Shoreline" not in text
    assert shown(second)[0] == visible


@pytest.mark.parametrize(
    "objects",
    [
        {},
        {"198.51.100.1": OBJECTS["198.51.100.1"]},  # nothing is known of whose the others are
        {one: body for one, body in OBJECTS.items() if one != "198.51.100.1"},
        # The same holder by another name, another network of it, or one inside the other.
        OBJECTS | {"210.173.176.29": network(EXCHANGE, "SHORELINE HOLDINGS Inc.")},
        OBJECTS | {"210.173.176.29": network(EXCHANGE, "Other Inc.", "SHORELINE-2")},
        OBJECTS | {"210.173.176.29": network("0.0.0.0/0", "Whole World Inc.")},
        # A registry's own block, a person's, and nobody's.
        OBJECTS | {"210.173.176.29": network(EXCHANGE, "Japan Network Information Center")},
        OBJECTS | {"210.173.176.29": network(EXCHANGE, "", "NOBODY")},
        OBJECTS | {"198.51.100.1": network(PROVIDER, "Asia Pacific Network Information Centre")},
    ],
)  # fmt: skip
def test_what_does_not_tell_whose_hops_are_hides_them(objects: Mapping[str, Any]) -> None:
    known = {one: body for one, body in objects.items() if one != "203.174.64.146"}
    (found,) = asyncio.run(asked(known))
    assert shown(found)[0] == [False] * 10 + [True]


def test_few_questions_are_asked_in_a_build() -> None:
    """Each hop of another network of the provider's: what is beyond the last question is hidden."""
    objects = {
        f"198.51.100.{number}": network(f"198.51.100.{number}/32", "Shoreline Inc.")
        for number in range(1, 6)
    }
    first, second = asyncio.run(asked(objects | {"210.173.176.29": OBJECTS["210.173.176.29"]}, 2))
    assert len(first) == MOST
    assert len(second) == MOST
    assert shown(second)[0] == [False] * 10 + [True]


def test_nobody_is_asked_where_it_is_known_or_said() -> None:
    _, exchanges, _ = recorded("post-udp")
    path = trace_of(exchanges)
    assert path is not None
    known = seen_hops(exchanges, path)
    bare = [one._replace(ases=frozenset()) for one in known]

    async def ask(hops: list[SeenHop], **settings: Any) -> list[Exchange]:
        net = Network(Settings(resolvers=["192.0.2.53"], **settings), TownWays({}, None))  # type: ignore[arg-type]
        try:
            return await registered(net.for_probe(), hops, path.head.address)
        finally:
            net.close()

    for hops, settings in (
        (known, {}), (bare, {"own_network": ["198.51.100.0/24"]}), (bare, {"own_network": False}),
        (bare[:2], {}),
    ):  # fmt: skip
        assert asyncio.run(ask(hops, **settings)) == []


def test_a_holder_is_known_only_of_every_address_of_a_hop() -> None:
    def told(address: str, body: Any) -> Exchange:
        received = keep(200, {"content-type": "application/rdap+json"}, json.dumps(body).encode())
        return Exchange(STEP + address, "rdap.example", "https", received=received)

    one = told("210.173.176.29", OBJECTS["210.173.176.29"])
    other = told("203.174.64.146", OBJECTS["203.174.64.146"])
    both = ["210.173.176.29", "203.174.64.146"]
    assert holders_of([one], both) == frozenset()
    assert {"meeting", "racks"} <= holders_of([one, other], both)
    assert holders_of([told("9.9.9.9", OBJECTS["203.174.64.146"])], ["9.9.9.9"]) == frozenset()


def hop(number: int, address: str, *ases: int, nat: bool = False) -> SeenHop:
    return SeenHop(number, frozenset({address}), frozenset(ases), translated=nat)


HOME = hop(1, "192.168.7.254")


INSIDE = [
    HOME,
    hop(2, "25.0.0.1", 1),
    hop(3, "8.0.0.1", 2, nat=True),
    hop(4, "9.0.0.1", 3, nat=True),
]
"""A home that uses somebody's public addresses inside: whose they are is not the author's AS."""
IN_FRONT = [HOME, hop(2, "8.0.0.1", 1), hop(3, "9.0.0.1", 2), hop(4, "9.0.0.2", 2, nat=True)]
"""A NAT in front of the target."""
ODD = [HOME, hop(2, "8.0.0.1", 1, nat=True), hop(3, "9.0.0.1", 2), hop(4, "9.0.0.2", 2)]
"""One router that quotes wrongly."""


@pytest.mark.parametrize(
    ("hops", "hidden", "home"),
    [(INSIDE, [1, 2, 3], [1, 2]), (IN_FRONT, [1, 2], [1]), (ODD, [1, 2], [1])],
    ids=["inside", "in front", "odd"],
)
def test_where_the_nat_is(hops: list[SeenHop], hidden: list[int], home: list[int]) -> None:
    assert sorted(hidden_hops(Masks(), hops, "9.0.0.9", written=True)) == hidden
    assert sorted(whose_hops(Masks(), hops)) == home
    assert set(whose_hops(Masks(), hops).values()) == {"home"}
    none = masks_for(setting=False, redact=None)
    assert hidden_hops(none, hops, "9.0.0.9", written=True) == {}


def quote(source: str, checksum: int | None, flow: UdpFlow, ttl: int) -> bytes:
    """What a router quotes of a probe; ``checksum`` None: that of a packet from ``source``."""
    _, port = flow.socket.getsockname()
    there, far = flow.socket.getpeername()
    payload = flow.packet(ttl, 0)
    ends = IPv4Address(source).packed + IPv4Address(there).packed
    head = struct.pack("!HHHH", port, far, 8 + len(payload), 0)
    whole = ends + struct.pack("!HH", 17, 8 + len(payload)) + head + payload
    told = _checksum(whole + bytes(len(whole) % 2)) if checksum is None else checksum
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 28 + len(payload), 0, 0, 1, 17, 0) + ends
    return ip + head[:6] + told.to_bytes(2, "big") + payload


@pytest.mark.parametrize("ttl", [2, 3])
def test_a_quote_tells_that_a_nat_was_passed(ttl: int) -> None:
    request = TraceRequest("127.0.0.9", "udp", 33434, 1, 30, 1.0)
    flow = UdpFlow(request, b"01234567")
    flow.bind(0)
    flow.socket.connect((request.address, request.port))
    watch = RawErrorSocket.__new__(RawErrorSocket)  # without its socket, which needs privileges
    watch._v6, watch._udp = False, True
    try:
        own = flow.socket.getsockname()[0]
        seen = {
            name: watch.read(quote(source, checksum, flow, ttl), [flow])
            for name, source, checksum in (
                ("as sent", own, None), ("rewritten", "203.0.113.7", None), ("left out", own, 0),
            )
        }  # fmt: skip
        assert {name: one and (one.ttl, one.translated) for name, one in seen.items()} == {
            "as sent": (ttl, False), "rewritten": (ttl, True), "left out": (ttl, False),
        }  # fmt: skip
    finally:
        flow.socket.close()
