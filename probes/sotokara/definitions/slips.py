"""Where the YAML of a definition breaks off, in words that say what to write instead."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import yaml

from sotokara.core.said import said
from sotokara.core.signs import meant, sign_names

OPENING = -1


class Slip(NamedTuple):
    """A mistake: what, how to mend it; ``line`` 0 is below the fence's opening, -1 the opening."""

    line: int
    what: str
    hint: str


_BARE_REFERENCE = re.compile(r"(?P<key>\w+):\s+\{\{")
_KEY = re.compile(r"(?P<indent> *)(?:- )?[^\s:#][^:#]*:(?:\s+(?P<value>\S.*))?$")


def unreadable(source: str, error: yaml.MarkedYAMLError) -> Slip:
    """Where the YAML breaks off, and why; most often it is a reference without quotation marks."""
    if slip := foreign_sign(source):
        return slip
    lines = source.splitlines() or [""]
    mark = error.problem_mark or error.context_mark
    at = min(mark.line if mark else 0, len(lines) - 1)
    if bare := _BARE_REFERENCE.search(lines[at]):
        return unquoted(at, bare["key"])
    if slip := _indented(lines, at):
        return slip
    problem = error.problem or error.context or ""
    if error.context and "quoted scalar" in error.context and "end of stream" in problem:
        start = error.context_mark.line if error.context_mark else at
        return Slip(
            start, said("a quotation mark is not closed"), said("close it with the same mark")
        )
    for words, what, hint in _PROBLEMS:
        if words in problem:
            return Slip(at, what, hint)
    what = said("bad YAML: {}", problem or said("unreadable"))
    return Slip(at, what, said("mend the YAML; text with `: `, `#` or `{` needs quotation marks"))


_QUOTE = said("put the text in quotation marks; those within it are written twice: 'it''s'")
_PROBLEMS = (
    (
        "mapping values are not allowed",
        said("bad YAML: a second `: ` stands in this line, or a value before it goes on here"),
        _QUOTE,
    ),
    (
        "block sequence entries are not allowed",
        said("bad YAML: a list begins behind its key"),
        said(
            "write each entry in a line of its own below the key, or the list in brackets: [a, b]"
        ),
    ),
    (
        "did not find expected ',' or ']'",
        said("bad YAML: the list in brackets is not closed, or a comma is missing"),
        said("write [a, b]; text with `: `, `#`, `[` or `,` needs quotation marks"),
    ),
    (
        "did not find expected ',' or '}'",
        said("bad YAML: the braces are not closed, or a comma is missing"),
        said("write {a: b, c: d}; text with `: `, `#`, `{` or `,` needs quotation marks"),
    ),
    (
        "did not find expected key",
        said("bad YAML: this line is no key, or begins further left or right than the others"),
        said("let all keys begin below each other, and put text with quotation marks into others"),
    ),
    (
        "did not find expected '-' indicator",
        said("bad YAML: this line is no entry of the list above it"),
        said("begin each entry with `- `, all below each other"),
    ),
    (
        "could not find expected ':'",
        said("bad YAML: this line, or the one above it, has no `: `"),
        said("write `key: value`, with a blank behind the colon"),
    ),
    (
        "unknown escape character",
        said("bad YAML: a backslash stands between double quotation marks"),
        said("write single ones: 'a\\b'"),
    ),
    (
        "cannot start any token",
        said("bad YAML: the value begins with a sign that YAML keeps for itself"),
        _QUOTE,
    ),
    (
        "expected alphabetic or numeric character",
        said("bad YAML: the value begins with `*` or `&`, which YAML keeps for itself"),
        _QUOTE,
    ),
    (
        "found another document",
        said("bad YAML: `---` begins a second definition"),
        said("make each a fence of its own"),
    ),
    (
        "could not determine a constructor",
        said("bad YAML: the value begins with `!`, which YAML keeps for itself"),
        _QUOTE,
    ),
    (
        "expected a comment or a line break",
        said("bad YAML: text stands behind `|` or `>`"),
        said("write it below, indented"),
    ),
    (
        "found duplicate anchor",
        said("bad YAML: a value begins with `&`, which YAML keeps for itself"),
        _QUOTE,
    ),
    (
        "node content",
        said("bad YAML: a value is missing, or begins with `,`, `]` or `}`"),
        _QUOTE,
    ),
    (
        "did not find expected <document start>",
        said("bad YAML: something stands behind the end of the value"),
        _QUOTE,
    ),
)
"""What libyaml says → what it is, and how to mend it."""


def _indented(lines: list[str], at: int) -> Slip | None:
    """A key that begins further right than the one above it, which has its value already."""
    here = _KEY.match(lines[at])
    above = next((found for line in reversed(lines[:at]) if (found := _KEY.match(line))), None)
    if not here or not above or len(here["indent"]) <= len(above["indent"]) or not above["value"]:
        return None
    if above["value"][0] in "|>\"'[{":
        return None
    what = said("this line is indented further than the key above it, which has its value already")
    return Slip(at, what, said("let it begin below the key above"))


def unquoted(line: int, key: str) -> Slip:
    """A reference without quotation marks, which YAML reads as braces of its own."""
    hint = said('write {}: "{{{{ … }}}}" with quotation marks', key)
    return Slip(line, said("the reference in {!r} is not quoted", key), hint)


def impossible(node: yaml.Node | None) -> Iterator[Slip]:
    """Values that look like a day or a number and are none: ``2026-13-01``."""
    if isinstance(node, yaml.ScalarNode):
        loader = yaml.SafeLoader("")
        try:
            loader.construct_document(node)
        except (ValueError, OverflowError, yaml.YAMLError):
            text = str(node.value)[:40]
            day = node.tag.endswith(":timestamp")
            what = (
                said("{!r} is no day of the calendar", text)
                if day
                else said("{!r} is no value", text)
            )
            hint = said("write a day that there is, such as 2026-01-31")
            yield Slip(node.start_mark.line, what, hint if day else _QUOTE)
        finally:
            loader.dispose()
    elif isinstance(node, yaml.MappingNode):
        for pair in node.value:
            for one in pair:
                yield from impossible(one)
    elif isinstance(node, yaml.SequenceNode):
        for one in node.value:
            yield from impossible(one)


def foreign_sign(source: str) -> Slip | None:
    """The first line in which a look-alike stands for a sign of YAML's, where YAML breaks off."""
    for at, line in enumerate(source.splitlines()):
        if sign := _syntax(line):
            blank = meant(sign) == " "
            instead = said("a blank") if blank else f"`{meant(sign)}`"
            more = said("write {} and a blank", instead)
            hint = more if meant(sign) == ":" else said("write {}", instead)
            return Slip(
                at, said("{} stands where YAML has {}", said(sign_names(sign)), instead), hint
            )
    return None


def _syntax(line: str) -> str:
    """The first sign that stands for one of YAML's: before a key, after it, at a value, within."""
    before, indent, keyed, value, flow = "", True, False, False, False
    for sign in line:
        ascii_sign = meant(sign)
        if ascii_sign and (
            (indent and ascii_sign in " -")
            or (not keyed and ascii_sign == ":")
            or (value and ascii_sign in " \"'[{|>")
            or (flow and before in "]\"'}" and ascii_sign in ",:]}")
        ):
            return sign
        if sign == "#" and before in ("", " "):
            break
        if sign in "\"'[{" and (value or indent):
            keyed = flow = True
        indent &= sign in " -"
        if sign == ":" and not keyed:
            keyed = value = True
        elif sign != " ":
            value = False
            before = sign
    return ""
