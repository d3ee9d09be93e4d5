"""weppos/whois-parser: ``spec/fixtures/responses/SERVER/[ZONE/]NAME.txt`` and ``NAME.expected``.

An ``.expected`` has a ``#property`` line and below it assertions: ``%s == "text"``,
``%s %TIME{2000-07-21 15:21:00}``, ``%s[0].name == "ns1.example"``, ``%s %SIZE{4}``.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.peers.recorded import (
    LIMITED,
    NO_MATCH,
    OTHER,
    REGISTERED,
    RESERVED,
    Recorded,
    own_name,
    text_of,
)

_LINE = re.compile(r"^\s+%s(\S*)\s+(.*?)\s*$")
_STATUS = {":registered": REGISTERED, ":available": NO_MATCH, ":reserved": RESERVED}
_DAYS = {"created_on": "allocated", "updated_on": "updated", "expires_on": "expires"}
_CONTACTS = ("registrant_contacts", "admin_contacts", "technical_contacts")


def read(folder: Path) -> Iterator[Recorded]:
    """Every response of a checkout."""
    root = folder / "spec" / "fixtures" / "responses"
    for path in sorted(root.rglob("*.txt")):
        parts = path.relative_to(root).parts
        zone = parts[1] if len(parts) > 2 else parts[0].rpartition(".")[2]
        text = text_of(path)
        expected = _expected(path.with_suffix(".expected"))
        domain = _quoted(_of(expected, "domain", ""))
        yield Recorded(
            "weppos",
            "/".join(parts),
            parts[0],
            (domain or own_name(text, zone)).lower(),
            path.read_bytes(),
            _says(expected, path.stem),
            _facts(expected),
            **_contacts(expected),
        )


def _expected(path: Path) -> list[tuple[str, str, str]]:
    """(property, member, assertion)."""
    found, at = [], ""
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        if line.startswith("#"):
            at = line[1:].strip()
        elif match := _LINE.match(line):
            found.append((at, match[1], match[2]))
    return found


def _of(expected: list[tuple[str, str, str]], name: str, member: str) -> str:
    return next((text for at, part, text in expected if (at, part) == (name, member)), "")


def _quoted(text: str) -> str:
    match = re.fullmatch(r'==\s*"(.*)"', text)
    return match[1].replace("\\n", "\n").replace('\\"', '"') if match else ""


def _says(expected: list[tuple[str, str, str]], stem: str) -> str:  # noqa: PLR0911  # a line for each form
    if _of(expected, "response_throttled?", "") == "== true" or "throttled" in stem:
        return LIMITED
    if _of(expected, "response_unavailable?", "") == "== true":
        return OTHER
    status = _of(expected, "status", "").removeprefix("==").strip()
    if _of(expected, "reserved?", "") == "== true" or status == ":reserved":
        return RESERVED
    if _of(expected, "registered?", "") == "== true":
        return REGISTERED
    if _of(expected, "available?", "") == "== true":
        return NO_MATCH
    if status in _STATUS:
        return _STATUS[status]
    return OTHER if expected and ("invalid" in stem or "unavailable" in stem) else ""


def _facts(expected: list[tuple[str, str, str]]) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for name, ours in _DAYS.items():
        for text in (text for at, _, text in expected if at == name):
            if match := re.search(r"%TIME\{(\d{4}-\d\d-\d\d)", text):
                facts[ours] = match[1]
            elif text == "== nil":
                facts[ours] = None
    registrar = _quoted(_of(expected, "registrar", ".organization"))
    if registrar := registrar or _quoted(_of(expected, "registrar", ".name")):
        facts["registrar"] = (registrar, _quoted(_of(expected, "registrar", ".name")))
    servers = [
        _quoted(text).lower()
        for at, part, text in expected
        if at == "nameservers" and part.endswith(".name")
    ]
    size = _of(expected, "nameservers", "%SIZE") or next(
        (t for at, _, t in expected if at == "nameservers" and "SIZE" in t), ""
    )
    if servers and f"{{{len(servers)}}}" in size:
        facts["nameservers"] = sorted(servers)
    if holder := _quoted(_of(expected, "registrant_contacts", "[0].organization")):
        facts["organization"] = holder
    return facts


def _contacts(expected: list[tuple[str, str, str]]) -> dict[str, tuple[str, ...]]:
    def every(*members: str) -> tuple[str, ...]:
        return tuple(
            _quoted(text)
            for at, part, text in expected
            if at in _CONTACTS and part.partition(".")[2] in members and _quoted(text)
        )

    return {
        "names": every("name"),
        "organizations": every("organization"),
        "numbers": every("phone", "fax"),
        "streets": tuple(line for text in every("address") for line in text.split("\n")),
        "mails": every("email"),
    }
