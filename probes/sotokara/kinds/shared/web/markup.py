"""HTML as tags and text, in one pass whose cost is the page's length, whatever stands in it.

The standard library's parser goes back for each ``<!`` and ``<![`` that is never closed: two
megabytes of them take minutes. What is left open at the end is closed here as the HTML standard has
it (13.2.5): a comment or a tag that does not end is no text.
"""

import re
from collections.abc import Generator, Iterator
from html import unescape
from typing import NamedTuple

_NAME = re.compile(r"[a-zA-Z][^\s/>]*")
_PLAIN_END = re.compile(r"[^>\"']*>")
_ATTRIBUTE = re.compile(
    r"[\s/]*(?:(?P<end>>)|(?P<name>[^\s/>][^\s/>=]*)"
    r"(?:\s*=\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s>]*)))?)"
)
_RAW = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in ("script", "style")}
"""Elements in which nothing is a tag but their own end."""
_WITH_VALUES = frozenset({"link", "meta"})
"""Tags whose attributes are read."""
_MOST_ATTRIBUTES = 50


class Tag(NamedTuple):
    """A tag. ``attributes`` of few elements alone, names in lower case, the first of each."""

    name: str
    closes: bool = False
    attributes: dict[str, str] = {}
    whole: bool = False
    """It closes itself, as XHTML has it."""


def pieces(text: str) -> Iterator[Tag | str]:
    """Tags, and the text between them with its character references resolved."""
    at = 0
    while at < len(text):
        begins = text.find("<", at)
        if begins < 0:
            yield unescape(text[at:])
            return
        if begins > at:
            yield unescape(text[at:begins])
        following = text[begins + 1 : begins + 2]
        if following in ("!", "?"):
            at = _after(text, begins)
        elif following == "/":
            name = _NAME.match(text, begins + 2)
            at = _found(text, ">", begins + 2)
            if name and at <= len(text):
                yield Tag(name[0].lower(), closes=True)
        elif (name := _NAME.match(text, begins + 1)) is not None:
            at = yield from _begun(text, name)
        else:
            yield "<"
            at = begins + 1


def _begun(text: str, name: re.Match[str]) -> Generator[Tag | str, None, int]:
    """A start tag, its end where it closes itself, or what is raw in it; the place behind."""
    tag, at = _opened(text, name)
    if tag is None:
        return at
    yield tag
    if tag.whole:
        yield Tag(tag.name, closes=True)
        return at
    return (yield from _raw(text, at, tag.name))


def _found(text: str, mark: str, at: int) -> int:
    """The place behind a mark; behind the text's end where there is none."""
    where = text.find(mark, at)
    return where + len(mark) if where >= 0 else len(text) + 1


def _after(text: str, begins: int) -> int:
    """The place behind a comment, a declaration or an instruction."""
    if text.startswith("<!--", begins):
        return _found(text, "-->", begins + 2)  # ``<!-->`` is a whole comment, too
    return _found(text, ">", begins + 2)


def _opened(text: str, name: re.Match[str]) -> tuple[Tag | None, int]:
    """A start tag and the place behind it; None where it never ends."""
    lower = name[0].lower()
    plain = None if lower in _WITH_VALUES else _PLAIN_END.match(text, name.end())
    if plain and ("=" not in plain[0] or not plain[0].endswith("/>")):
        return Tag(lower, whole=plain[0].endswith("/>")), plain.end()
    attributes: dict[str, str] = {}
    at = name.end()
    while (found := _ATTRIBUTE.match(text, at)) is not None:
        at = found.end()
        if found["end"]:
            return Tag(lower, attributes=attributes, whole=found[0].endswith("/>")), at
        if lower in _WITH_VALUES and len(attributes) < _MOST_ATTRIBUTES:
            value = found["double"] or found["single"] or found["bare"] or ""
            attributes.setdefault(found["name"].lower(), unescape(value))
    return None, len(text) + 1


def _raw(text: str, at: int, name: str) -> Generator[str, None, int]:
    """What stands in an element that holds no tags; the place where it ends."""
    form = _RAW.get(name)
    if form is None:
        return at
    end = form.search(text, at)
    stops = end.start() if end else len(text)
    if stops > at:
        yield text[at:stops]
    return stops
