"""One question at a time to a server, with a pause between two."""

import asyncio
import itertools

from sotokara.network.deadline import Deadline
from sotokara.network.queues import ServerQueues

PAUSE = 0.3


def test_a_server_is_left_alone_between_two_questions() -> None:
    async def main() -> list[tuple[float, float]]:
        queues, clock = ServerQueues(), Deadline(60)
        clock._begin(60)
        loop = asyncio.get_running_loop()
        asked: list[tuple[float, float]] = []

        async def one() -> None:
            async with queues.turn(clock, "whois.example", PAUSE):
                began = loop.time()
                await asyncio.sleep(0.05)
                asked.append((began, loop.time()))

        await asyncio.gather(one(), one(), one())
        return asked

    asked = asyncio.run(main())
    assert len(asked) == 3
    for (_, ended), (began, _) in itertools.pairwise(asked):
        assert began - ended >= PAUSE - 0.01


def test_two_servers_do_not_wait_for_each_other() -> None:
    async def main() -> int:
        queues, clock = ServerQueues(), Deadline(60)
        clock._begin(60)
        inside = most = 0

        async def one(server: str) -> None:
            nonlocal inside, most
            async with queues.turn(clock, server, PAUSE):
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0.05)
                inside -= 1

        await asyncio.gather(one("a.example"), one("b.example"))
        return most

    assert asyncio.run(main()) == 2
