"""The templates, loaded once, with autoescape on."""

from functools import lru_cache
from pathlib import Path

import jinja2


@lru_cache
def _environment() -> jinja2.Environment:
    loader = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
    return jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)


@lru_cache
def template(name: str) -> jinja2.Template:
    """A template of the folder ``templates``."""
    return _environment().get_template(name)


@lru_cache
def text_template(name: str) -> jinja2.Template:
    """A template of plain text, where nothing is escaped: for terminals, never for pages."""
    return _environment().overlay(autoescape=False).get_template(name)


def prepare() -> None:
    """Compile the templates of figures."""
    for name in ("figure.html", "story.html", "more.html"):
        template(name)
