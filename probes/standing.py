"""How a site stands: broken claims, evidence that is too old, and changes, as lines for the log."""

from collections.abc import Iterable, Iterator

from probes.figures import Figure
from probes.render.display import visible
from probes.render.labels import labels
from probes.render.story import date_time, span


def broken(figures: Iterable[Figure], docs: str) -> list[str]:
    """What ``--strict`` fails for: ``docs/x.md:LINE: …`` for each broken claim and old evidence."""
    words = labels("en")
    found = []
    for figure in figures:
        story = figure.story
        if story is None:
            continue
        place = f"{docs}/{figure.node.definition.page}:{figure.node.definition.line}"
        for claim in story.claims:
            if claim.state == "broken":
                since = ", and never did"
                if claim.held and claim.since:
                    since = f" since {date_time(claim.since.moment)}"
                found.append(f"{place}: {claim.text} does not hold{since} ({claim.now})")
        if story.overdue:
            age, limit = span(story.overdue.age, words), span(story.overdue.limit, words)
            grade = story.overdue.grade
            found.append(f"{place}: the evidence is {age} old, more than {grade}: {limit}")
    return [visible(line) for line in dict.fromkeys(found)]


def drifted(figures: Iterable[Figure]) -> Iterator[str]:
    """The figures whose facts are no longer those of their article's day."""
    for figure in figures:
        if figure.story and figure.story.drift:
            first = date_time(figure.story.drift.changed.moment)
            place = figure.node.definition.place
            said = f"changed since the article: {place}: {figure.target}, first seen {first}"
            yield visible(said)
