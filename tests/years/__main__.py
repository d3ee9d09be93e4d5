"""``python -m tests.years``: the whole story, its three questions, and what it cost."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.years import clock
from tests.years.ask import ask
from tests.years.hand import StoryError, get_ready
from tests.years.newsroom import Newsroom
from tests.years.story import SHORT, WHOLE, Plan, tell

_INSIDE = "SOTOKARA_YEARS"


def main() -> int:
    """Ends with 1 where an answer is wrong, or a command did what it should not."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--short", action="store_true", help="Two years, and a few posts.")
    parser.add_argument("--years", type=int)
    parser.add_argument("--posts", type=int)
    parser.add_argument("--rounds", type=int, help="How often a year Tokyo measures.")
    parser.add_argument("--folder", type=Path, help="Keep everything here.")
    given = parser.parse_args()
    plan = SHORT if given.short else WHOLE
    plan = plan._replace(
        years=given.years or plan.years,
        posts=given.posts or plan.posts,
        rounds=given.rounds or plan.rounds,
    )
    folder = given.folder or Path(tempfile.mkdtemp(prefix="years-"))
    if _INSIDE not in os.environ:
        folder.mkdir(parents=True, exist_ok=True)
        environ = {**clock.environment(folder / "clock"), _INSIDE: "1"}
        (folder / "clock").write_text("+0\n", "utf-8")
        words = [sys.executable, "-m", "tests.years", *sys.argv[1:]]
        words += [] if given.folder else ["--folder", str(folder)]
        try:
            return subprocess.run(words, env=environ, check=False).returncode
        finally:
            if not given.folder:
                shutil.rmtree(folder)
    try:
        return _tell(folder, plan)
    except StoryError as error:
        print(error, file=sys.stderr)
        return 1


def _tell(folder: Path, plan: Plan) -> int:
    get_ready()
    world = subprocess.Popen(
        [sys.executable, "-m", "tests.years.world"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert world.stdout is not None
        news = Newsroom(folder / "blog", clock.Clock(), world.stdout.readline().split())
        before: dict[str, int] = {}
        for line in tell(news, plan):
            print(line, *_costs(news, before), sep="\n    ", flush=True)
            before = {name: len(costs) for name, costs in news.hand.costs.items()}
        wrong = list(ask(news))
        print("In all:", *_costs(news, {}), sep="\n    ")
    finally:
        assert world.stdin is not None
        world.stdin.close()
        world.wait()
    for line in wrong:
        print(f"WRONG {line}")
    return 1 if wrong else 0


def _costs(news: Newsroom, before: Mapping[str, int]) -> Iterator[str]:
    """What each command has cost since; ``before``: how often each had been done by then."""
    for name, every in sorted(news.hand.costs.items()):
        if costs := every[before.get(name, 0) :]:
            wall, cpu, memory = zip(*costs, strict=True)
            yield (
                f"{name}: {len(costs)} times, at most {max(wall):.1f} s, {sum(cpu):.1f} s of CPU "
                f"in all, at most {max(cpu):.1f} s, at most {max(memory):.0f} MB"
            )


if __name__ == "__main__":
    sys.exit(main())
