"""What is known of our own line during a silence."""

import asyncio
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Awaitable, Callable

import pytest
from sotokara.network.line import FIRST, MOST, MOST_ANEW, STANDS, Learnt, LineState, Ticker
from sotokara.network.link import lost, outward


async def _silence(seconds: float, *, well: bool, answers: int = 0) -> tuple[bool, int]:
    """Somebody waits so long; ``answers`` come from outside meanwhile, evenly."""
    line, asked = LineState(), 0

    async def ask() -> bool:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.01)
        return well

    ticker = Ticker(line, ask)
    since = ticker.begin()
    for _ in range(answers):
        await asyncio.sleep(seconds / answers)
        line.heard()
    if not answers:
        await asyncio.sleep(seconds)
    ticker.end(since)
    return await line.was_away(since), asked


def test_a_line_that_is_well_is_said_to_be() -> None:
    away, asked = asyncio.run(_silence(FIRST + 0.3, well=True))
    assert (away, asked) == (False, 1)


def test_a_lost_tick_makes_a_silence_ours() -> None:
    away, asked = asyncio.run(_silence(FIRST + 1.3, well=False))
    assert (away, asked) == (True, 2)


def test_nothing_is_asked_while_answers_flow() -> None:
    away, asked = asyncio.run(_silence(1.5, well=False, answers=10))
    assert (away, asked) == (False, 0)


def test_what_was_lost_before_a_silence_is_none_of_it() -> None:
    async def main() -> bool:
        line = LineState()

        async def lost() -> bool:
            return False

        await line.tick(lost)
        await asyncio.sleep(0.01)
        return await line.was_away(asyncio.get_running_loop().time())

    assert asyncio.run(main()) is False
    assert MOST == 60


def _message(kind: int, body: bytes) -> bytes:
    return struct.pack("=IHHII", 16 + len(body), kind, 0, 0, 0) + body


UP, RUNNING = 0x1, 0x40
NEW_LINK, DELETED_LINK, DELETED_ADDRESS, NEW_ROUTE, DELETED_ROUTE = 16, 17, 21, 24, 25


def _link(index: int, flags: int) -> bytes:
    return struct.pack("=BxHiII", socket.AF_UNSPEC, 1, index, flags, 0)


def _route(length: int, index: int) -> bytes:
    attributes = struct.pack("=HHIHHI", 8, 5, 0x0100007F, 8, 4, index)  # gateway, interface
    return struct.pack("=BBBBBBBBI", socket.AF_INET, length, 0, 0, 254, 3, 0, 1, 0) + attributes


@pytest.mark.parametrize(
    ("messages", "ours"),
    [
        ([(NEW_LINK, _link(2, UP))], True),  # no carrier
        ([(NEW_LINK, _link(2, UP | RUNNING))], False),  # a word of a link that is well
        ([(NEW_LINK, _link(7, UP))], False),  # a container's
        ([(DELETED_LINK, _link(2, UP | RUNNING))], True),
        ([(DELETED_ADDRESS, struct.pack("=BBBBI", socket.AF_INET6, 64, 0, 0, 2))], True),
        ([(DELETED_ROUTE, _route(0, 2))], True),
        ([(DELETED_ROUTE, _route(24, 2))], False),
        ([(NEW_ROUTE, _route(0, 2))], False),
        ([(NEW_LINK, _link(7, UP)), (DELETED_ROUTE, _route(0, 2))], True),
    ],
)
def test_what_the_system_tells_of_our_way_out(
    messages: list[tuple[int, bytes]],
    ours: bool,  # noqa: FBT001
) -> None:
    content = b"".join(_message(*one) for one in messages)
    assert lost(content, frozenset({2})) is ours
    for end in range(len(content)):
        lost(content[:end], frozenset({2}))  # cut anywhere, it is read without an error


_DOWN = """
import asyncio, subprocess
from sotokara.network.line import LineState, Ticker
async def main():
    async def well():
        return True
    line = LineState()
    ticker = Ticker(line, well)
    for _ in range(3):  # the kernel gathers what changes again within a second
        before = ticker.begin()
        for words in ({words}):
            subprocess.run(["ip", *words.split()], check=True)
        print(await line.was_away(before))
        await asyncio.sleep(0.1)
        after = ticker.begin()
        print(await line.was_away(after))
    ticker.close()
asyncio.run(main())
"""


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or not shutil.which("unshare"), reason="needs Linux"
)
@pytest.mark.parametrize(
    ("words", "away"),
    [
        (("link set v0 down", "link set v0 up"), True),
        (("link set v1 down", "link set v1 up"), True),  # the cable's other end
        (("route del default", "route add default via 192.0.2.2"), True),
        (("link add other type veth peer name far", "link del other"), False),
        (("route add 203.0.113.0/24 via 192.0.2.2", "route del 203.0.113.0/24"), False),
    ],
)
def test_an_interface_that_was_down_makes_the_silence_ours(
    words: tuple[str, ...],
    away: bool,  # noqa: FBT001
) -> None:
    up = (
        "ip link add v0 type veth peer name v1", "ip addr add 192.0.2.1/24 dev v0",
        "ip link set v0 up", "ip link set v1 up", "ip route add default via 192.0.2.2",
    )  # fmt: skip
    code = _DOWN.replace("{words}", repr(list(words))[1:-1])
    script = " && ".join(up) + f" && exec {sys.executable} -c '{code.replace(chr(39), chr(34))}'"
    argv = ["unshare", "-Urn", "sh", "-c", script]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if "unshare" in done.stderr:
        pytest.skip("no namespaces here")
    assert done.stdout.split() == [str(away), "False"] * 3, done.stderr


def test_the_loopback_is_no_way_out() -> None:
    assert 1 not in outward()


class _Later(asyncio.SelectorEventLoop):
    """A loop whose clock is put forward by hand."""

    ahead = 0.0

    def time(self) -> float:
        return super().time() + self.ahead


def _learnt(
    steps: Callable[[_Later, LineState, Callable[..., Awaitable[int]]], Awaitable[None]],
) -> int:
    """How often a question is put while ``steps`` are taken."""
    asked = 0

    async def ask() -> int:
        nonlocal asked
        asked += 1
        return asked

    async def main() -> None:
        line = LineState()
        once = Learnt(line)

        async def learn(after: float = 0.0, *, always: bool = False) -> int:
            told: int = await once.learn("key", ask, after=after, always=always)
            return told

        await steps(loop, line, learn)

    loop = _Later()
    loop.run_until_complete(main())
    loop.close()
    return asked


def test_what_is_known_of_our_network_stands_for_a_while() -> None:
    async def steps(loop: _Later, _: LineState, learn: Callable[..., Awaitable[int]]) -> None:
        await learn()
        loop.ahead += STANDS / 2
        assert await learn() == 1
        loop.ahead += STANDS
        assert await learn() == 2
        assert await learn(always=True) == 2
        loop.ahead += 10 * STANDS
        assert await learn(always=True) == 2  # it is nothing of ours

    assert _learnt(steps) == 2


def test_it_stands_no_longer_than_our_way_out() -> None:
    async def steps(loop: _Later, line: LineState, learn: Callable[..., Awaitable[int]]) -> None:
        await learn()
        loop.ahead += 2
        assert await learn() == 1
        line.fell()
        assert await learn() == 2

    assert _learnt(steps) == 2


def test_a_failure_that_came_later_asks_again_but_not_for_ever() -> None:
    async def steps(loop: _Later, _: LineState, learn: Callable[..., Awaitable[int]]) -> None:
        for _turn in range(3 * MOST_ANEW):
            await learn(after=loop.time())
            loop.ahead += 0.1

    assert _learnt(steps) == 1 + MOST_ANEW


_WAYS = """
import subprocess
from sotokara.network.link import way_out
for words in (
    "link set lo up", "link add one type veth peer name there", "link set one up arp off",
    "link set there up", "address add 192.0.2.1/24 dev one",
    "address add 2001:db8::1/64 dev one nodad",
    "route add default via 192.0.2.254", "route add 203.0.113.0/24 via 192.0.2.253",
    "route add default via 2001:db8::fe dev one",
):
    subprocess.run(["ip", *words.split()], check=True)
far, other, near, own = map(way_out, ("198.51.100.1", "203.0.113.1", "192.0.2.7", "127.0.0.1"))
assert far == way_out("198.51.100.2") and far[1] == bytes((192, 0, 2, 254)), far
assert other == (far[0], bytes((192, 0, 2, 253))), other
assert near == (far[0], b""), near
assert own is None and way_out("192.0.2.1") is None
assert way_out("2001:db8:7::1") == (far[0], bytes.fromhex("20010db8") + bytes(11) + bytes([254]))
assert way_out("2001:db8::1") is None
print("told")
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs network namespaces")
def test_the_system_tells_by_which_way_it_sends() -> None:
    done = subprocess.run(
        ["unshare", "-Urn", sys.executable, "-"],
        input=_WAYS,
        capture_output=True,
        text=True,
        check=False,
    )
    if "unshare" in done.stderr:
        pytest.skip("no namespaces here")
    assert done.stdout == "told\n", done.stderr
