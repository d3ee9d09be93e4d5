"""What a build says about its probes: a bar or plain lines meanwhile, a summary at the end."""

import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from probes.observation import Observation, Outcome
from probes.render.display import visible
from probes.run import Progress

_LINE_SECONDS = 5.0
_TAG = re.compile(r"<[^>]+>")
_ABSTRACT = 300


@contextmanager
def progress() -> Iterator[Callable[[Progress], None]]:
    """A function to be called with the progress, often: a bar on a terminal, else plain lines."""
    if not sys.stderr.isatty():
        yield _plain()
        return
    from rich.console import Console  # slow to start, and only for terminals
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("probes"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[slow]}", markup=False),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("probes", total=None, slow="")

        def show(now: Progress) -> None:
            slow = now.slowest()
            text = f"{visible(slow[0])} for {slow[1]:.0f} s" if slow and slow[1] >= 1 else ""
            bar.update(task, completed=now.settled, total=now.asked, slow=text)

        yield show


def _plain() -> Callable[[Progress], None]:
    said = [time.monotonic()]

    def show(now: Progress) -> None:
        if time.monotonic() - said[0] < _LINE_SECONDS:
            return
        said[0] = time.monotonic()
        slow = now.slowest()
        text = f"; slowest: {visible(slow[0])} for {slow[1]:.0f} s" if slow else ""
        sys.stderr.write(f"probes: {now.settled} of {now.asked}{text}\n")

    return show


def summary(kept: Sequence[Observation]) -> list[str]:
    """Lines for the log: the counts, and each question that got no answer or was not measured."""
    if not kept:
        return []
    counts = Counter(observation.outcome for observation in kept)
    lines = [
        f"probes: {counts[Outcome.ANSWERED]} answered, {counts[Outcome.NO_ANSWER]} no answer, "
        f"{counts[Outcome.NOT_MEASURED]} not measured"
    ]
    reasons: dict[tuple[str, str], list[str]] = {}
    for observation in kept:
        if observation.failure:
            asked = " ".join(map(str, next(iter(observation.definition.items()))))
            key = (observation.outcome.value.replace("_", " "), observation.failure.name)
            reasons.setdefault(key, []).append(visible(asked))
    for (outcome, name), asked_for in sorted(reasons.items()):
        more = f" and {len(asked_for) - 5} more" if len(asked_for) > 5 else ""  # noqa: PLR2004
        lines.append(f"  {outcome} ({name}): {', '.join(asked_for[:5])}{more}")
    return lines


def abstract(content: str, delimiter: str | None) -> str:
    """A feed's summary of a finished page: up to the delimiter, else its first words."""
    if delimiter and delimiter in content:
        return content.partition(delimiter)[0]
    text = " ".join(_TAG.sub(" ", content).split())
    return text if len(text) <= _ABSTRACT else f"{text[: _ABSTRACT - 1]}…"
