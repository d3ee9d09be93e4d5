"""An author's mistake shown at its place in the page, while the blog is served for writing."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import jinja2
from markupsafe import Markup

from sotokara.core.display import visible
from sotokara.core.mistakes import AuthorError

_TEMPLATES = Path(__file__).parent / "templates"


@lru_cache
def _template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(_TEMPLATES)
    environment = jinja2.Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("mistake.html")


def mistake_html(
    mistakes: Sequence[AuthorError], source: str, docs: str, words: dict[str, str]
) -> str:
    """What is wrong, where, and how to mend it, with the definition as it was written.

    Without mistakes of its own, a definition refers to one that has some.
    """
    lines = [visible(line) for line in source.splitlines()]
    return _template().render(mistakes=sorted(set(mistakes)), lines=lines, docs=docs, words=words)


def value_mistake_html(words: dict[str, str]) -> str:
    """In place of an inline value that cannot be had; the log says why."""
    return Markup('<em class="probe-value">! {}</em>').format(words["mistake"])
