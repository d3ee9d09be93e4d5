"""What a build says: a bar or plain lines meanwhile, a summary, and what ``--strict`` fails for."""

import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sotokara.core.display import visible
from sotokara.core.labels import labels
from sotokara.core.observation import Observation, Outcome
from sotokara.core.places import SANDBOX
from sotokara.core.times import date_time
from sotokara.engine.figure import Figure
from sotokara.engine.run_state import Progress
from sotokara.findings.evaluate import Findings
from sotokara.render.changes_view import fields_text
from sotokara.render.findings_view import span

if TYPE_CHECKING:
    from sotokara.engine.batch_run import Far
    from sotokara.ledger.batches import StoredBatch
    from sotokara.ledger.store import Moved

_LINE_SECONDS = 5.0
_LONG_QUEUE = 20.0
"""Seconds of pauses from which on a registry's queue is spoken of beforehand."""
_TAG = re.compile(r"<[^>]+>")
_ABSTRACT = 300


@contextmanager
def progress() -> Iterator[Callable[[Progress], None]]:
    """A function to be called with the progress, often: a bar on a terminal, else plain lines."""
    if not sys.stderr.isatty():
        yield _plain()
        return
    try:
        from rich.console import Console  # slow to start, and only for terminals
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
        from rich.progress import Progress as Bar
    except ImportError:  # the extra `terminal`
        yield _plain()
        return

    columns = (
        TextColumn("probes"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[slow]}", markup=False),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("probes", total=None, slow="")

        queues = QueueReport(lambda line: bar.console.print(line, markup=False, highlight=False))

        def show(now: Progress) -> None:
            queues.look(now)
            slow = now.slowest()
            text = f"{visible(slow[0])} for {slow[1]:.0f} s" if slow and slow[1] >= 1 else ""
            text = "; ".join(far(one) for one in now.batches()) or text
            bar.update(task, completed=now.settled, total=now.asked, slow=text)

        yield show


def _plain() -> Callable[[Progress], None]:
    said = [time.monotonic()]
    queues = QueueReport(lambda line: sys.stderr.write(f"{line}\n"))

    def show(now: Progress) -> None:
        queues.look(now)
        if time.monotonic() - said[0] < _LINE_SECONDS:
            return
        said[0] = time.monotonic()
        slow = now.slowest()
        text = f"; slowest: {visible(slow[0])} for {slow[1]:.0f} s" if slow else ""
        for one in now.batches():
            sys.stderr.write(f"probes: {far(one)}\n")
        if now.asked:
            sys.stderr.write(f"probes: {now.settled} of {now.asked}{text}\n")

    return show


def far(one: "Far") -> str:
    """How far a batch is: of how many, how quickly, how long still."""
    left = span(one.left, labels("en")) if one.done > one.before else "?"
    done = f"{one.done:,} of {one.subjects:,}"
    return visible(f"{one.place}: {done}, {one.rate:,.0f} a second, {left} left")


def batches(kept: "Sequence[StoredBatch]") -> Iterator[str]:
    """Lines for the log: the counts of each batch that was measured."""
    for one in kept:
        told = one.manifest
        counts = ", ".join(
            f"{told.outcomes.get(outcome.value, 0):,} {outcome.value.replace('_', ' ')}"
            for outcome in (Outcome.ANSWERED, Outcome.NO_ANSWER, Outcome.NOT_MEASURED)
        )
        yield visible(f"probes: {', '.join(told.cited)}: {told.rows:,} rows: {counts}")


def waiting(moved: "Iterable[Moved]") -> Iterator[str]:
    """Lines for the log: rows that were taken to their store, and those it did not take."""
    for one in moved:
        what = f"not in the store yet, and so kept here: {one.why}" if one.why else "in the store"
        yield visible(f"probes: {one.name}: {what}")


class QueueReport:
    """Says of each registry's long queue, once it is complete, how long it will take at least."""

    def __init__(self, say: Callable[[str], object]) -> None:
        self._say = say
        self._seen: dict[str, int] = {}
        self._said: dict[str, int] = {}

    def look(self, now: Progress) -> None:
        """To be called often: a queue is said when it grows no more, again when it has doubled."""
        for queue in now.queued():
            server, grew = queue.server, queue.questions > self._seen.get(queue.server, 0)
            self._seen[server] = queue.questions
            long = queue.seconds >= _LONG_QUEUE and queue.questions >= 2 * self._said.get(server, 0)
            if long and not grew:
                self._said[server] = queue.questions
                least = f": {queue.seconds:.0f} s at least" if queue.alone else ""
                many = f"{queue.questions} questions, one per {queue.pause:g} s"
                may = "" if queue.alone else "; one answer may do for several"
                self._say(f"probes: {visible(server)}: {many}{least}{may}")


def summary(kept: Sequence[Observation]) -> list[str]:
    """Lines for the log: the counts, and each question that got no answer or was not measured."""
    if not kept:
        return []
    counts = Counter(observation.outcome for observation in kept)
    lines = [
        f"probes: {counts[Outcome.ANSWERED]} answered, {counts[Outcome.NO_ANSWER]} no answer, "
        f"{counts[Outcome.NOT_MEASURED]} not measured"
    ]
    if counts[Outcome.CITED]:
        lines[0] += f", {counts[Outcome.CITED]} cited"
    indoors = sum(one.vantage.name == SANDBOX for one in kept)
    if indoors:
        lines[0] += f"; {indoors} of them {labels('en')['from_sandbox']}"
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


def broken(found: Iterable[tuple[Figure, Findings]], docs: str) -> list[str]:
    """What ``--strict`` fails for: ``docs/x.md:LINE: …`` for each broken claim and old evidence."""
    words = labels("en")
    lines = []
    for figure, findings in found:
        place = f"{docs}/{figure.node.definition.page}:{figure.node.definition.line}"
        for claim in findings.claims:
            if claim.state == "broken":
                since = "" if claim.of_rows else ", and never has"
                since += " where that can be said" if claim.partly_known else ""
                since += (
                    f" since it was first asked, on {claim.asked.moment:%Y-%m-%d}"
                    if claim.asked
                    else ""
                )
                if claim.held and claim.since:
                    since = f" since {date_time(claim.since.moment)}"
                said = f"{claim.say} ({claim.text})" if claim.say else claim.text
                said += "" if claim.over else figure.at_place
                now = f" ({claim.now})" if claim.now else ""
                lines.append(f"{place}: {said} does not hold{since}{now}")
        if findings.overdue:
            age, limit = span(findings.overdue.age, words), span(findings.overdue.limit, words)
            grade = findings.overdue.grade
            lines.append(f"{place}: the evidence is {age} old, more than {grade}: {limit}")
    return [visible(line) for line in dict.fromkeys(lines)]


def drifted(found: Iterable[tuple[Figure, Findings]]) -> Iterator[str]:
    """The figures whose facts are no longer those of their article's day."""
    words = labels("en")
    for figure, findings in found:
        if findings.drift:
            first = date_time(findings.drift.changed.moment)
            place = figure.node.definition.place
            target = figure.target + figure.at_place
            said = f"changed since the article: {place}: {target}, first seen {first}"
            said += f": {fields_text(findings.drift.fields, words)}"
            if findings.drift.clocks:
                said += f" {words['clocks_disagree']}"
            yield visible(said)
