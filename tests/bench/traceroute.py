"""Paths: time to the finished observation, a hundred targets at once, error of the round trip.

A path of 12 hops, two of them silent, with round trips of 2 to 40 ms (the links' set delays).
"""

import json
import os
import re
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from tests.lab import paths
from tests.lab.lab import Lab
from tests.lab.names import Internet
from tests.lab.topology import Host, Link, Topology

RUNS = int(os.environ.get("BENCH_RUNS", "5"))
HOPS = 12
SILENT = (5, 9)
_DELAYS = (1, 0, 0, 4, 0, 0, 0, 7, 0, 0, 0, 8)
"""Milliseconds one way of each link: the farthest round trip is 40 ms."""
TARGET = "203.174.68.12"
_MUTE = """
table inet filter {
  chain out { type filter hook output priority 0; meta l4proto icmp drop; }
}
"""
_WAIT = 1


def topology() -> Topology:
    """A chain of routers behind the author's computer; nothing else."""
    pc = Host("pc", ("203.174.68.100",), "the author's computer", default="hop1")
    hops = [
        Host(
            f"hop{n}",
            (f"203.174.68.{n}",),
            "a router" if n < HOPS else "the target",
            forwards=n < HOPS,
            nft=_MUTE if n in SILENT else "",
        )
        for n in range(1, HOPS + 1)
    ]
    chain = ["pc", *(host.name for host in hops)]
    links = [
        Link(a, b, delay=delay / 1000)
        for a, b, delay in zip(chain, chain[1:], _DELAYS, strict=False)
    ]
    return Topology((pc, *hops), tuple(links))


_ICMPLIB = f"""
import icmplib
icmplib.traceroute({TARGET!r}, count=3, interval=0.05, timeout={_WAIT}, max_hops=30, fast=False)
"""
_OURS = f"""
import asyncio, json, sys, time
from sotokara.kinds.traceroute.kind import Traceroute
from sotokara.network.network import Network
from sotokara.engine.settings import load

async def main():
    network = Network(load({{}}, {{"SOTOKARA_RESOLVERS": "[203.174.68.1]"}}))
    question = Traceroute(target={TARGET!r}, wait={_WAIT}).normal()
    began = time.monotonic()
    exchanges = await question.measure(network.for_probe())
    reading = question.parse(exchanges)
    print(json.dumps([time.monotonic() - began, reading.volatile["replies"]]))

asyncio.run(main())
"""


def _timed(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


def _bare(lab: Lab, argv: list[str]) -> float:
    """Seconds of a program's run, without those of starting anything on a host at all."""
    empty = statistics.median(_timed(lambda: lab.run("pc", ["true"])) for _ in range(3))
    return _timed(lambda: lab.run("pc", argv, timeout=120)) - empty


def _one_target() -> str:
    with Lab(topology()) as lab:
        lab.run("hop1", ["nft", "add", "rule", "inet", "tally", "output", "accept"])
        ours: list[float] = []
        errors: list[float] = []
        for _ in range(RUNS):
            done = lab.python("pc", _OURS)
            seconds, replies = json.loads(done.stdout)
            ours.append(seconds)
            errors += _errors(replies)
        others = {
            "traceroute -n": ["traceroute", "-n", "-w", str(_WAIT), TARGET],
            "mtr -n -r -c 3": ["mtr", "-n", "-r", "-c", "3", TARGET],
            "icmplib": [sys.executable, "-c", _ICMPLIB],
        }
        noise = _ping(lab)
        times = {
            name: statistics.median(_bare(lab, argv) for _ in range(max(RUNS // 2, 1)))
            for name, argv in others.items()
        }
    mine = statistics.median(ours)
    rows = [f"| {name} | {took:.2f} s | {mine / took:.2f} |" for name, took in times.items()]
    return "\n".join(
        [
            "| 12 hops, 2 silent, wait 1 s | time | ours ÷ it |",
            "|---|---|---|",
            f"| sotokara | {mine:.2f} s | 1 |",
            *rows,
            "",
            f"Error of the round trip: median {statistics.median(errors):.2f} ms, "
            f"90 % below {sorted(errors)[len(errors) * 9 // 10]:.2f} ms ({len(errors)} replies); "
            f"ping, one packet at a time, on the same links: median {noise:.2f} ms.",
        ]
    )


def _ping(lab: Lab) -> float:
    """The links' own error: that of single pings to the target, the median in milliseconds."""
    text = lab.run("pc", ["ping", "-c", "30", "-i", "0.02", TARGET]).stdout
    times = [float(match) for match in re.findall(r"time=([\d.]+) ms", text)]
    return statistics.median(abs(one - 2 * sum(_DELAYS)) for one in times)


def _errors(replies: dict[str, list[dict[str, Any] | None]]) -> list[float]:
    """How far each round trip is from twice the sum of the links' set delays."""
    return [
        abs(one["ms"] - 2 * sum(_DELAYS[: int(number)]))
        for number, several in replies.items()
        for one in several
        if one
    ]


def _hundred() -> str:
    """100 targets behind the same path, of which two routers are silent."""
    with Internet(paths.PATHS) as internet:
        paths.lead_to_liar(internet)
        settings = internet.settings()
        targets = [f"203.174.66.{number}" for number in range(150, 250)]
        one = [_wall(internet, targets[:1], settings) for _ in range(RUNS)]
        many = [_wall(internet, targets, settings) for _ in range(RUNS)]
    alone, together = statistics.median(one), statistics.median(many)
    return (
        "| targets | wall | ÷ one |\n|---|---|---|\n"
        f"| 1 | {alone:.2f} s | 1 |\n| 100 at once | {together:.2f} s | {together / alone:.1f} |"
    )


def _wall(internet: Internet, targets: list[str], settings: dict[str, str]) -> float:
    """Seconds from the first packet to the last finished observation."""
    found: Any = paths.trace(internet, ",".join(targets), settings=settings, wait=1)
    several = found if isinstance(found, list) else [found]
    return float(max(one["seconds"] for one in several))


def main() -> str:
    """Both tables."""
    return f"{_one_target()}\n\n{_hundred()}"
