"""Kind `traceroute` on real routers: every sort of path, beside traceroute, mtr and scamper."""

import json
import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.lab import paths
from tests.lab.internet import POST_PATH
from tests.lab.lab import REPOSITORY
from tests.lab.names import Internet

pytestmark = pytest.mark.lab

TO_EXCHANGE = list(POST_PATH[:7])
TARGET = POST_PATH[-1]
PRIVILEGES = pytest.mark.parametrize(
    "before", [(), paths.UNPRIVILEGED], ids=["raw", "unprivileged"]
)


@pytest.fixture(scope="module")
def world() -> Iterator[Internet]:
    with Internet(paths.PATHS) as internet:
        paths.lead_to_liar(internet)
        yield internet


def traced(world: Internet, target: str, **options: Any) -> dict[str, Any]:
    return paths.trace(world, target, settings=world.settings(), **options)


def addresses(found: dict[str, Any]) -> list[list[str]]:
    return [hop.get("addresses", []) for hop in found["facts"]["hops"]]


@PRIVILEGES
@pytest.mark.parametrize("protocol", ["udp", "icmp", {"tcp": 25}, {"udp": 53}], ids=str)
def test_posts_path(world: Internet, protocol: Any, before: tuple[str, ...]) -> None:
    found = traced(world, "ssl3.gcrest.com", protocol=protocol, before=before)
    assert addresses(found) == [[one] for one in POST_PATH]
    assert found["facts"]["end"] == {"how": "reached", "hop": 11, "address": POST_PATH[-1]}
    hosts = found["volatile"]["hosts"]
    assert hosts[POST_PATH[7]]["name"] == "ni40g-ve12.data-hotel.net"
    assert "unconfirmed" not in hosts[POST_PATH[7]]
    assert hosts[POST_PATH[7]]["asn"] == [64510]
    raw = not before and protocol != {"tcp": 25}
    assert (found["volatile"]["engine"] == "raw") == raw


@PRIVILEGES
@pytest.mark.parametrize("protocol", ["udp", "icmp", {"tcp": 25}], ids=str)
def test_ipv6(world: Internet, protocol: Any, before: tuple[str, ...]) -> None:
    found = traced(world, "2001:db8:255::140", protocol=protocol, before=before)
    last = [hop[0].rpartition(":")[2] for hop in addresses(found)]
    assert " ".join(last) == "254 1 2 3 4 5 29 146 170 138 140"
    assert found["facts"]["end"]["how"] == "reached"


def test_router_that_returns_nothing(world: Internet) -> None:
    found = traced(world, "ssl2.gcrest.com", wait=0.6)
    assert addresses(found) == [[one] for one in TO_EXCHANGE]
    assert found["facts"]["end"] == {"how": "silent", "hop": 8}
    tcp = traced(world, "ssl2.gcrest.com", protocol={"tcp": 53}, wait=0.6)
    assert tcp["facts"]["end"] == {"how": "reached", "hop": 9, "address": "221.246.251.104"}
    assert addresses(tcp)[7] == []
    assert tcp["volatile"]["replies"]["8"] == [None, None, None]


def test_balanced_path_is_one_fact(world: Internet) -> None:
    # How flows spread is the kernel's: of eight, all take the same way once in 128 machines.
    found = [traced(world, paths.BALANCED, count=8)["facts"] for _ in range(5)]
    assert found[0]["hops"][8]["addresses"] == ["203.174.65.2", "203.174.65.3"]
    assert all(one == found[0] for one in found)


def test_each_series_keeps_to_one_way(world: Internet) -> None:
    replies = traced(world, paths.BALANCED, count=8)["volatile"]["replies"]
    ways = {one["address"] for one in replies["9"]}
    again = traced(world, paths.BALANCED, count=8)["volatile"]["replies"]
    assert len(ways) == 2
    assert [one["address"] for one in again["9"]] == [one["address"] for one in replies["9"]]


def test_loop(world: Internet) -> None:
    found = traced(world, paths.LOST)["facts"]
    ring = ["203.174.65.11", "203.174.65.12"]
    assert found["end"] == {"how": "loop", "hop": 8, "loop": ring}


@PRIVILEGES
@pytest.mark.parametrize(
    ("target", "why"), [(paths.FORBIDDEN, "prohibited"), (paths.UNREACHABLE, "host")]
)
def test_refused(world: Internet, target: str, why: str, before: tuple[str, ...]) -> None:
    found = traced(world, target, before=before)["facts"]
    assert found["end"] == {"how": "unreachable", "hop": 9, "address": "203.174.65.21", "why": why}


def test_router_that_seldom_answers(world: Internet) -> None:
    found = traced(world, paths.SELDOM)
    replies = found["volatile"]["replies"]["8"]
    assert sum(one is None for one in replies) == 2
    assert found["facts"]["end"] == {"how": "reached", "hop": 9, "address": paths.SELDOM}
    assert None not in found["volatile"]["replies"]["9"]


def test_limit_of_hops(world: Internet) -> None:
    found = traced(world, "ssl3.gcrest.com", max_hops=4)["facts"]
    assert found["end"] == {"how": "limit", "hop": 4, "address": "198.51.100.3"}


def test_way_that_changes(world: Internet) -> None:
    before = traced(world, paths.CHANGING)["facts"]
    paths.change_way(world, 2)
    after = traced(world, paths.CHANGING)["facts"]
    paths.change_way(world, 1)
    assert [before["hops"][8]["addresses"], after["hops"][8]["addresses"]] == [
        ["203.174.65.42"],
        ["203.174.65.43"],
    ]
    assert traced(world, paths.CHANGING)["facts"] == before


@PRIVILEGES
@pytest.mark.parametrize(
    ("trick", "end", "ignored"),
    [
        (1, "reached", set()),
        (2, "reached", {"duplicate"}),
        (3, "reached", {"forged"}),
        (4, "limit", set()),
        (6, "reached", set()),
        (7, "silent", set()),
        (8, "silent", set()),
        (9, "reached", set()),
    ],
)
def test_liar(
    world: Internet, trick: int, end: str, ignored: set[str], before: tuple[str, ...]
) -> None:
    found = traced(world, f"203.174.66.{trick}", before=before, wait=0.8)
    assert found["facts"]["end"]["how"] == end
    counts = found["volatile"].get("ignored", {})
    assert set(counts) == ignored
    assert all(count >= 6 for count in counts.values())  # some come after a busy trace ended
    seen = {one for hop in addresses(found) for one in hop}
    assert "203.174.66.66" not in seen
    if end == "reached" and trick != 9:
        routers = [f"203.174.66.{number}" for number in (101, 102, 103)]
        assert addresses(found)[8:] == [[one] for one in (*routers, f"203.174.66.{trick}")]


def test_answer_too_late_is_silence(world: Internet) -> None:
    found = traced(world, "203.174.66.5")
    assert found["volatile"]["replies"]["10"] == [None, None, None]
    assert found["facts"]["end"]["how"] == "reached"


def test_hundred_at_once_find_what_each_finds_alone(world: Internet) -> None:
    targets = [f"203.174.66.{number}" for number in range(150, 250)]
    settings = world.settings()
    together: Any = paths.trace(world, ",".join(targets), settings=settings)
    alone = traced(world, targets[0])["facts"]
    for target, found in zip(targets, together, strict=True):
        text = json.dumps(alone).replace(f'"{targets[0]}"', f'"{target}"')
        assert found["facts"] == json.loads(text)


@pytest.mark.parametrize("target", ["203.104.255.140", paths.BALANCED, paths.FORBIDDEN])
def test_other_programs_agree(world: Internet, target: str) -> None:
    ours = addresses(traced(world, target, count=8))
    for theirs in (_traceroute(world, target), _mtr(world, target), _scamper(world, target)):
        assert len(theirs) >= 8
        for mine, other in zip(ours, theirs, strict=False):
            assert other in (*mine, "")


def _traceroute(world: Internet, target: str) -> list[str]:
    text = world.run("pc", ["traceroute", "-n", "-q", "1", "-w", "1", target]).stdout
    return [match[1] for match in re.finditer(r"^ ?\d+  ([\d.]+)", text, re.MULTILINE)]


def _mtr(world: Internet, target: str) -> list[str]:
    argv = ["mtr", "-n", "-u", "-r", "-c", "1", "-G", "0.3", "-j", target]
    hubs = json.loads(world.run("pc", argv).stdout)["report"]["hubs"]
    return [hub["host"] for hub in hubs]


def _scamper(world: Internet, target: str) -> list[str]:
    argv = ["scamper", "-c", "trace -P udp-paris -w 1", "-i", target]
    text = world.run("pc", argv).stdout
    return [match[1] for match in re.finditer(r"^ ?\d+  ([\d.]+)", text, re.MULTILINE)]


@pytest.mark.parametrize("protocol", ["udp", "icmp", {"tcp": 25}], ids=str)
def test_systems_own_program(world: Internet, protocol: Any) -> None:
    """Where no socket is to be had, traceroute is run and read: the facts are the same."""
    code = (
        "import sys, zoneinfo; sys.platform = 'linux-without-sockets'; "
        "from sotokara.network import traceroute_system as one; "
        "real = one.command; one.command = lambda asked: real(asked, 'linux'); "
        "from tests.lab.paths import main; main()"
    )
    settings = world.settings()
    argv = [sys.executable, "-c", code, "203.104.255.140", json.dumps({"protocol": protocol})]
    found = json.loads(world.run("pc", argv, env=settings, cwd=REPOSITORY).stdout)
    assert found["volatile"]["engine"] == "system"
    assert found["facts"] == traced(world, "203.104.255.140")["facts"]


def test_denied_sockets_are_told_with_a_way_out(world: Internet) -> None:
    """A process with neither the ping group nor raw sockets, nor a traceroute that has them."""
    nobody = ("setpriv", "--regid=65534", "--clear-groups", *paths.UNPRIVILEGED[1:])
    found = traced(world, TARGET, protocol="icmp", before=nobody)
    assert found["failure"] == "permission_denied"
    assert "net.ipv4.ping_group_range" in found["detail"]
    assert traced(world, TARGET, before=nobody)["facts"]["end"]["how"] == "reached"


@pytest.mark.parametrize("target", ["10.0.0.1", "127.0.0.1", "169.254.169.254", "fd00::1"])
def test_nothing_is_sent_where_policy_forbids(world: Internet, target: str) -> None:
    before = world.packets("pc", target)
    assert traced(world, target)["failure"] == "policy_refused"
    assert world.packets("pc", target) == before


@pytest.mark.parametrize("target", [TARGET, "2001:db8:255::140"])
def test_icmp_for_root_outside_the_ping_group(world: Internet, target: str) -> None:
    group = "/proc/sys/net/ipv4/ping_group_range"
    world.run("pc", ["sh", "-c", f"echo 1 0 > {group}"])
    found = traced(world, target, protocol="icmp")
    world.run("pc", ["sh", "-c", f"echo 0 0 > {group}"])
    assert found["facts"]["end"]["how"] == "reached"
    assert len(found["facts"]["hops"]) == 11
    assert "ignored" not in found["volatile"]


@PRIVILEGES
def test_two_at_once_to_one_target(world: Internet, before: tuple[str, ...]) -> None:
    settings = world.settings()
    both: Any = paths.trace(world, f"{TARGET},{TARGET}", settings=settings, before=before)
    assert both[0]["facts"] == both[1]["facts"] == traced(world, TARGET)["facts"]
    assert not any(one["volatile"].get("ignored") for one in both)
