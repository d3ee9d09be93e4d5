"""One line of a figure, cited: as it was when the article was written, found again in today's."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from sotokara.core.display import visible
from sotokara.core.observation import Observation
from sotokara.engine.figure import Figure
from sotokara.render.figure import cited_lines

_NUMBER = re.compile(r"^\s*\d+\s+")


class Quote(NamedTuple):
    """What a citation quotes. ``line`` is 0 where the figure does not show it now."""

    seen: Observation | None
    when: str = "observed"
    """The word for its time: ``observed`` or ``tried``."""
    text: str = ""
    line: int = 0
    lost: bool = False

    @property
    def vantage(self) -> str:
        """The place that it was observed from."""
        return visible(self.seen.vantage.name) if self.seen else ""


class Lines:
    """An observation's lines, each as it is shown, and as it is without times and other noise."""

    def __init__(self, figure: Figure, observation: Observation | None, lang: str) -> None:
        self.seen = observation
        self.shown: list[str] = []
        self.bare: list[str] = []
        if observation is not None and observation.facts is not None:
            quiet = msgspec.structs.replace(observation, volatile={})
            self.shown = cited_lines(figure, observation, lang)
            self.bare = [_plain(line) for line in cited_lines(figure, quiet, lang)]
            if len(self.bare) != len(self.shown):
                self.bare = list(map(_plain, self.shown))


def _plain(line: str) -> str:
    """Without a number in front, which a hop has, and with single spaces."""
    return " ".join(_NUMBER.sub("", line).split())


def by_number(then: Lines, now: Lines, number: int) -> Quote | None:
    """The line with this number at the time of the article; None where there is none at all."""
    if number > len(then.shown):
        if number > len(now.shown):
            return None
        return Quote(now.seen, text=now.shown[number - 1], line=number)
    here = _again(then.bare[number - 1], now.bare, number)
    if here:
        return Quote(now.seen, text=now.shown[here - 1], line=here)
    return Quote(then.seen, text=then.shown[number - 1], lost=True)


def _again(wanted: str, lines: Sequence[str], number: int) -> int:
    """The number of the same line now, or 0; of several the one in the same place, or none."""
    found = [at for at, line in enumerate(lines, 1) if line == wanted]
    if number in found:
        return number
    return found[0] if len(found) == 1 else 0


def by_text(then: Lines, now: Lines, text: str) -> Quote | None:
    """The line in which this text stood first at the time of the article; else the first now.

    Another line that has the text by now is not quoted in its stead.
    """
    for number, line in enumerate(then.shown, 1):
        if text in line:
            return by_number(then, now, number)
    for number, line in enumerate(now.shown, 1):
        if text in line:
            return Quote(now.seen, text=line, line=number)
    return None
