"""The two shapes that registries write in: ``key: value`` objects, and ``[label] value`` lines."""

import re
from typing import NamedTuple

Object = list[tuple[str, str]]
"""One paragraph of ``key: value`` lines; keys in lower case, in the server's order."""

_PAIR = re.compile(r"^\s{0,12}([A-Za-z][A-Za-z0-9 ./()_-]{0,48}?)\s?\.*\s*:(?:\s+|$)(.*)$")
_BRACKETED = re.compile(r"^(?:([a-z])\. )?\[([^\]\n]{1,60})\]\s*(.*)$")
_BANNER = re.compile(r"^\[ .* \]$|^\[ .*\s{2,}\]$")
LONGEST_LINE = 2000
"""Characters of a line (and of a value joined of several) that are read; no real one is as long."""
MOST_OBJECTS = 1000
"""Paragraphs that are read of one answer; real ones have under a hundred."""
_COMMENT = ("%", "#", ">>>", "//")


def lines_of(text: str) -> list[str]:
    """The lines, none longer than what is read of one."""
    return [line[:LONGEST_LINE] for line in text.splitlines()]


def objects(text: str) -> list[Object]:
    """Every paragraph with at least one pair. Comments are left out, continued lines joined."""
    found: list[Object] = []
    current: Object = []
    for line in lines_of(text):
        if not line.strip():
            if current:
                found.append(current)
            current = []
            if len(found) >= MOST_OBJECTS:
                break
            continue
        if line.startswith(_COMMENT):
            continue
        if match := _PAIR.match(line):
            current.append((match[1].strip().lower(), match[2].strip()))
        elif current and line[0] in " \t+":
            key, value = current[-1]
            current[-1] = key, f"{value} {line.strip(' +')}".strip()[:LONGEST_LINE]
    return [*found, current] if current else found


def first(one: Object, *keys: str) -> str:
    """The first non-empty value under any of the keys, the keys in order of preference."""
    for key in keys:
        for name, value in one:
            if name == key and value:
                return value
    return ""


def every(one: Object, *keys: str) -> list[str]:
    """Every non-empty value under any of the keys, in the server's order."""
    return [value for name, value in one if name in keys and value]


class Bracketed(NamedTuple):
    """One line of JPNIC's or JPRS's layouts."""

    letter: str
    """``a`` … ``z`` in the lettered layout, else empty."""
    label: str
    value: str


def bracketed(text: str) -> list[Bracketed]:
    """The ``[label] value`` lines, without the banner; continued values joined with a space."""
    found: list[Bracketed] = []
    for line in lines_of(text):
        if is_banner(line):
            continue
        if match := _BRACKETED.match(line):
            found.append(Bracketed(match[1] or "", match[2].strip(), match[3].strip()))
        elif found and line.startswith(" " * 8) and line.strip():
            last = found[-1]
            joined = f"{last.value} {line.strip()}".strip()[:LONGEST_LINE]
            found[-1] = last._replace(value=joined)
        elif found and not line.startswith(" "):
            found.append(Bracketed("", "", line))
    return [one for one in found if one.label]


def is_banner(line: str) -> bool:
    """Whether this is a line of the notice that JPNIC and JPRS put above every answer."""
    return bool(_BANNER.match(line.rstrip()))


def without_banner(text: str) -> list[str]:
    """The registry's lines without its notices: comments, JPNIC's frame, Verisign's terms."""
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith((">>>", "NOTICE:", "TERMS OF USE:", "For more information on Whois")):
            break
        if line.startswith(("%", "#")) or is_banner(line):
            continue
        blank = not line.strip()
        if blank and (not lines or not lines[-1].strip()):
            continue
        lines.append(line.rstrip())
    while lines and not lines[-1]:
        lines.pop()
    return lines
