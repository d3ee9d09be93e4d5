"""The templates, loaded once, with autoescape on."""

import contextlib
import re
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
from jinja2.bccache import Bucket
from markupsafe import Markup, escape

from sotokara.core.labels import field_name, kind_name
from sotokara.core.times import date_time

_FOLDER = Path(__file__).parent / "templates"


class _Compiled(jinja2.FileSystemBytecodeCache):
    """Compiled templates, beside Python's own byte code: compiling takes as long as ten pages."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        with contextlib.suppress(OSError):  # the folder is somebody else's
            Path(self.directory).mkdir(exist_ok=True)
            super().dump_bytecode(bucket)


class _Environment(jinja2.Environment):
    """Names of a mapping are looked up in it first: as attributes, each is an error caught."""

    def getattr(self, obj: Any, attribute: str) -> Any:  # noqa: ANN401  # whatever a template has
        try:
            if obj.__class__ is not dict or attribute in _OF_MAPPINGS:
                return getattr(obj, attribute)
            return obj[attribute]
        except (AttributeError, KeyError):
            return super().getattr(obj, attribute)


_OF_MAPPINGS = frozenset(dir(dict))


def _shown(value: Any) -> Any:  # noqa: ANN401  # whatever a template has
    """Text with what does not show itself written out, whoever forgot to; HTML of ours as it is."""
    if value.__class__ is str:  # asked of each value on each page
        return value if value.isprintable() else _HIDDEN.sub(_escaped, value)
    if not isinstance(value, str) or hasattr(value, "__html__") or value.isprintable():
        return value
    return _HIDDEN.sub(_escaped, value)


def _escaped(match: re.Match[str]) -> str:
    return f"⟨U+{ord(match[0]):04X}⟩"


_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\ue000-\uf8ff\U000e0000-\U000e0fff]"
)
"""Control, format (bidi among them), surrogate, private and tag characters; no tab or line end."""


def _line_start(anchor: str, number: int, label: str) -> Markup:
    """How the HTML of one line of output begins: a figure has dozens of them."""
    at, said = escape(f"{anchor}-L{number}"), escape(label.format(n=number))
    link = f'<a class="probe-l" href="#{at}" data-l="{number}" aria-label="{said}"></a>'
    return Markup(f'<span id="{at}">{link}')  # noqa: S704  # both are escaped


def _heading(text: str) -> str:
    """A word at the head of a column begins with a capital letter."""
    return text[:1].upper() + text[1:]


@lru_cache
def _environment() -> jinja2.Environment:
    kept = None if sys.dont_write_bytecode else _Compiled(str(_FOLDER / "__pycache__"))
    environment = _Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        auto_reload=False,
        bytecode_cache=kept,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["heading"] = _heading
    environment.globals |= {
        "date_time": date_time,
        "field_name": field_name,
        "kind_name": kind_name,
        "line_start": _line_start,
    }
    return environment


@lru_cache
def template(name: str) -> jinja2.Template:
    """A template of the folder ``templates``."""
    return _environment().get_template(name)


@lru_cache
def text_template(name: str) -> jinja2.Template:
    """A template of plain text, where nothing is escaped: for terminals, never for pages."""
    plain = _environment().overlay(autoescape=False, bytecode_cache=None)  # its code is another
    return plain.get_template(name)


def prepare() -> None:
    """Load the templates of figures."""
    for name in ("figure.html", "findings.html", "details.html", "places.html"):
        template(name)
