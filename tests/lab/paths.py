"""Paths with something about them: balanced, looping, forbidden, rate-limited, changing, lying.

They hang off the exchange of the post's internet; `PATHS` is that internet with them.
"""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from tests.lab.hostile import ANSWERS
from tests.lab.internet import HOSTS, LINKS
from tests.lab.lab import REPOSITORY, Lab
from tests.lab.topology import Host, Link, Topology

BALANCED, LOST, FORBIDDEN, UNREACHABLE, SELDOM, CHANGING = (
    "203.174.65.5",
    "203.174.65.15",
    "203.174.65.25",
    "203.174.65.26",
    "203.174.65.35",
    "203.174.65.45",
)
"""The targets, one per path."""
NASTY = tuple(
    f"203.0.113.{answer.name.partition('.')[0]}" for answer in ANSWERS if answer.type == "PTR"
)
"""One target for each hostile PTR record."""
LIARS = "203.174.66.0/24"
"""The network behind `liar`, where `tests/lab/liar.py` answers for every router and target."""

_FENCE = f"""
table inet filter {{
  chain through {{
    type filter hook forward priority 0;
    ip daddr {FORBIDDEN} reject with icmp type admin-prohibited
    ip daddr {UNREACHABLE} reject with icmp type host-unreachable
  }}
}}
"""
_ONE_A_SECOND = """
table inet filter {
  chain out {
    type filter hook output priority 0;
    icmp type time-exceeded limit rate over 1/second burst 1 packets drop
  }
}
"""
_BY_FLOW = {"ipv4/fib_multipath_hash_policy": "1"}


def _router(name: str, last: int, purpose: str, **more: Any) -> Host:
    return Host(name, (f"203.174.65.{last}",), purpose, forwards=True, **more)


_HOSTS = (
    _router(
        "fork",
        1,
        "balances by flow over left and right",
        sysctl=_BY_FLOW,
        routes=(
            f"{BALANCED} nexthop via 203.174.65.2 dev left nexthop via 203.174.65.3 dev right",
        ),
    ),
    _router("left", 2, "one of two ways"),
    _router("right", 3, "the other way"),
    _router("join", 4, "where the two ways meet"),
    Host("balanced", (BALANCED,), "behind the two ways"),
    _router("circle1", 11, "half of a loop"),
    _router("circle2", 12, "the other half", routes=(f"{LOST} via 203.174.65.11 dev circle1",)),
    Host("lost", (LOST,), "never reached: behind a loop"),
    _router("fence", 21, "rejects by administrative order", nft=_FENCE),
    Host("fenced", (FORBIDDEN, UNREACHABLE), "behind the fence"),
    _router("seldom", 31, "tells of one expired packet a second", nft=_ONE_A_SECOND),
    Host("patient", (SELDOM,), "behind the router that seldom answers"),
    _router("switch", 41, "sends everything by one of two ways"),
    _router("way1", 42, "the way until it changes"),
    _router("way2", 43, "the way afterwards"),
    _router("meet", 44, "where they meet"),
    Host("changing", (CHANGING,), "behind the changing way"),
    Host("nasty", NASTY, "its addresses have the hostile names of tests/lab/hostile.py"),
    Host("liar", ("203.174.65.51",), "where tests/lab/liar.py answers", forwards=True),
)
_LINKS = (
    Link("exchange", "fork"),
    Link("fork", "left"),
    Link("fork", "right"),
    Link("left", "join"),
    Link("right", "join"),
    Link("join", "balanced"),
    Link("exchange", "circle1"),
    Link("circle1", "circle2"),
    Link("circle2", "lost"),
    Link("exchange", "fence"),
    Link("fence", "fenced"),
    Link("exchange", "seldom"),
    Link("seldom", "patient"),
    Link("exchange", "switch"),
    Link("switch", "way1"),
    Link("switch", "way2"),
    Link("way1", "meet"),
    Link("way2", "meet"),
    Link("meet", "changing"),
    Link("exchange", "nasty"),
    Link("exchange", "liar"),
)
PATHS = Topology(HOSTS + _HOSTS, LINKS + _LINKS)

UNPRIVILEGED = ("setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw")
"""A program started by this has no raw sockets, whoever it is."""


def change_way(lab: Lab, to: int) -> None:
    """Send what goes to the changing target by way 1 or 2."""
    via = {1: "203.174.65.42 dev way1", 2: "203.174.65.43 dev way2"}[to]
    lab.run("switch", ["ip", "route", "replace", *f"{CHANGING} via {via}".split()])


def lead_to_liar(lab: Lab) -> None:
    """Start the liar, and send its network's packets to it from the whole path."""
    lab.spawn("liar", [sys.executable, "-m", "tests.lab.liar"], log="liar.log")
    lab.run("exchange", ["ip", "route", "replace", LIARS, "via", "203.174.65.51", "dev", "liar"])
    for near, far in (("isp1", "isp2"), ("isp2", "isp3"), ("isp3", "isp4"), ("isp4", "isp5")):
        address = lab.topology.host(far).addresses[0]
        lab.run(near, ["ip", "route", "replace", LIARS, "via", address, "dev", far])
    lab.run("isp5", ["ip", "route", "replace", LIARS, "via", "210.173.176.29", "dev", "exchange"])


def trace(
    lab: Lab,
    target: str,
    *,
    settings: Mapping[str, str] = MappingProxyType({}),
    before: tuple[str, ...] = (),
    **options: Any,
) -> dict[str, Any]:
    """What the kind measures from the author's computer: facts, volatile values, failure, time."""
    words = [*before, sys.executable, "-m", "tests.lab.paths", target, json.dumps(options)]
    done = lab.run("pc", words, env=settings, cwd=REPOSITORY)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


async def _measure(targets: list[str], options: dict[str, Any]) -> list[dict[str, Any]]:
    from sotokara.core.observation import ProbeFailure, Reading
    from sotokara.engine.settings import load
    from sotokara.kinds.traceroute.kind import Traceroute
    from sotokara.network.network import Network

    network = Network(load({}, os.environ))

    async def one(target: str) -> dict[str, Any]:
        question = Traceroute(target=target, **options).normal()
        own = network.for_probe()
        try:
            reading = question.parse(await question.measure(own))
        except ProbeFailure as failed:
            reading = Reading(failure=failed.failure)
        return {
            "facts": msgspec.to_builtins(reading.facts),
            "volatile": reading.volatile,
            "failure": reading.failure.name if reading.failure else "",
            "detail": reading.failure.detail if reading.failure else "",
            "seconds": own.elapsed(),
        }

    try:
        return list(await asyncio.gather(*map(one, targets)))
    finally:
        network.close()


def main() -> None:
    """Trace to one target, or to several at once (with commas), and print what was found."""
    targets = sys.argv[1].split(",")
    found = asyncio.run(_measure(targets, json.loads(sys.argv[2])))
    print(json.dumps(found[0] if len(found) == 1 else found))


if __name__ == "__main__":
    main()
