"""Whether evidence is older than its author allows."""

from datetime import datetime
from typing import NamedTuple

from sotokara.core.durations import seconds
from sotokara.core.observation import Outcome
from sotokara.core.settings import Settings
from sotokara.engine.figure import Figure


class Overdue(NamedTuple):
    """Evidence older than its author allows."""

    grade: str
    """``warn_after`` or ``error_after``."""
    limit: float
    """In seconds."""
    age: float


def overdue(settings: Settings, figure: Figure, today: datetime) -> Overdue | None:
    """Whether the newest answer is older than the author allows; a pin is of its own day."""
    common = figure.node.definition.common
    if common.pin or common.transcript:
        return None
    answered = figure.now if figure.now and figure.now.outcome is Outcome.ANSWERED else figure.last
    if answered is None:
        return None
    age = (today - answered.start).total_seconds()
    for grade in ("error_after", "warn_after"):
        own = getattr(common, grade)
        limit = getattr(settings, grade) if own is None else seconds(own)
        if limit and age > limit:
            return Overdue(grade, limit, age)
    return None
