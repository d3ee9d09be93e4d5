"""The posts, and what the script knows of each figure: what it asked, when, and what came."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from tests.years.world import answer


class Asked(NamedTuple):
    """One answer as a place got it; ``address`` None: nothing came."""

    moment: datetime
    view: str
    address: str | None


@dataclass
class Figure:
    """One definition."""

    id: str
    name: str
    claim: str = ""
    """The address that its author says it has; empty: none is claimed."""
    only_a: bool = False
    places: tuple[str, ...] = ()
    """Where it says it is asked from; none: wherever the blog is built."""
    asked: list[Asked] = field(default_factory=list)
    withdrawn: bool = False

    def fence(self) -> str:
        """It as its author writes it."""
        lines = [f"dns: {self.name}", f"id: {self.id}"]
        if self.only_a:
            lines.append("type: A")
        if self.claim:
            lines.append(f"expect: \"'{self.claim}' in addresses\"")
        if self.places:
            lines.append(f"from: [{', '.join(self.places)}]")
        return "```probe\n" + "\n".join(lines) + "\n```\n"

    def ask(self, view: str, moment: datetime) -> None:
        """It was asked, where it is asked from there at all."""
        if not self.places or view in self.places:
            self.asked.append(Asked(moment, view, answer(self.name, view, moment)))


@dataclass
class Post:
    """One post."""

    file: str
    """Below docs/."""
    author: str
    date: datetime
    figures: list[Figure]
    draft: bool = False
    pin: str = ""
    """A day, in its front matter."""
    gone: bool = False

    def text(self) -> str:
        """Its file."""
        head = [f"date: {self.date:%Y-%m-%d}", f"authors: [{self.author}]"]
        if self.draft:
            head.append("draft: true")
        if self.pin:
            head.append(f"pin: {self.pin}")
        title = self.file.rpartition("/")[2].removesuffix(".md")
        front = "---\n" + "\n".join(head) + "\n---\n"
        figures = "\n".join(one.fence() for one in self.figures)
        return f"{front}\n# {title}\n\nWhat became of it.\n\n{figures}"

    @property
    def asks(self) -> bool:
        """Whether `sotokara run` asks its questions, for readers or for its author."""
        return not (self.draft or self.gone or self.pin)

    def is_public(self, moment: datetime) -> bool:
        """Whether a site of that time has it."""
        return not (self.draft or self.gone) and self.date <= moment
