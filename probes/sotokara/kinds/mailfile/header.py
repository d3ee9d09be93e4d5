"""A mail's header as it may be kept: masked lines, one a field, and what is read of them. Pure."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sotokara.kinds.mailfile.facts import Said
from sotokara.kinds.mailfile.fields import Field
from sotokara.kinds.mailfile.masking import MASK, masked

_MOST_SAID = 100
_PAIR = re.compile(r"(\S+?)=(\S+)")
_PROPERTIES = ("header.d", "smtp.mailfrom", "header.from", "header.i", "smtp.helo")
_SAYS = ("authentication-results", "arc-authentication-results", "received-spf")


class Line(NamedTuple):
    """A field as it is kept: its name in lower case, its masked value."""

    name: str
    value: str


def kept_lines(fields: Sequence[Field]) -> list[Line]:
    """The fields of which something is kept, masked."""
    every = ((one.name, masked(one.name, one.value)) for one in fields)
    return [Line(name, value) for name, value in every if value is not None]


def written(lines: Sequence[Line]) -> str:
    """The lines as text."""
    return "".join(f"{_titled(one.name)}: {one.value}\n" for one in lines)


def _titled(name: str) -> str:
    special = {"dkim-signature": "DKIM-Signature", "received-spf": "Received-SPF"}
    title = "-".join(part.capitalize() for part in name.split("-"))
    return special.get(name) or title.replace("Arc-", "ARC-")


def read(text: str) -> list[Line]:
    """The lines out of their text again."""
    found = []
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon:
            found.append(Line(name.strip().lower(), value.strip()))
    return found


def values(lines: Sequence[Line], name: str) -> list[str]:
    """What stands in the fields of a name, from the top."""
    return [one.value for one in lines if one.name == name]


def domain_of(value: str) -> str:
    """The one domain in a masked From or Return-Path; empty where there is none, or several."""
    found = {one.rpartition("@")[2] for one in value.split(", ") if "@" in one}
    return found.pop() if len(found) == 1 and MASK not in found else ""


def tags_of(value: str) -> dict[str, str]:
    """A kept signature's tags."""
    pairs = (one.partition("=") for one in value.split("; "))
    return {name: content for name, _, content in pairs if content}


def said(lines: Sequence[Line], trusted_until: int) -> list[Said]:
    """What fields say of checks. ``trusted_until``: lines of the recipient's side, from the top.

    A server writes its results above its own Received line (RFC 8601, 4.1): what stands below the
    last line that the recipient's side has written came with the mail.
    """
    found: list[Said] = []
    passed = 0
    for line in lines:
        passed += line.name == "received"
        if line.name in _SAYS and len(found) < _MOST_SAID:
            trusted = line.name != "arc-authentication-results" and passed < trusted_until
            found += _said(line, trusted=trusted)
    return found[:_MOST_SAID]


def _said(line: Line, *, trusted: bool) -> Iterator[Said]:
    first, *parts = line.value.split("; ")
    if line.name == "received-spf":
        pairs = dict(_PAIR.findall(" ".join([first, *parts])))
        domain = pairs.get("envelope-from", "") or pairs.get("helo", "")
        yield Said("", "spf", first.split()[0], domain if domain != MASK else "", trusted)
        return
    if first.startswith("i=") and parts:
        first, *parts = parts
    for part in parts:
        every = _PAIR.findall(part)
        if not every or "." in every[0][0]:
            continue
        (method, result), rest = every[0], dict(every[1:])
        domain = next((rest[one] for one in _PROPERTIES if rest.get(one, MASK) != MASK), "")
        yield Said(first, method, result, domain, trusted)
