"""What is known of our own line during a silence."""

import asyncio

from sotokara.network.line import FIRST, MOST, Line, Ticker


async def _silence(seconds: float, *, well: bool, answers: int = 0) -> tuple[bool, int]:
    """Somebody waits so long; ``answers`` come from outside meanwhile, evenly."""
    line, asked = Line(), 0

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
        line = Line()

        async def lost() -> bool:
            return False

        await line.tick(lost)
        await asyncio.sleep(0.01)
        return await line.was_away(asyncio.get_running_loop().time())

    assert asyncio.run(main()) is False
    assert MOST == 60
