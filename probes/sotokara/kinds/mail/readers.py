"""Readers of what tools print of a domain's mail."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from sotokara.kinds.mail import spf
from sotokara.kinds.mail.facts import MailFacts, MtaSts
from sotokara.kinds.shared.host import domain_name
from sotokara.kinds.shared.mail import policies
from sotokara.kinds.shared.mail.parts import Dmarc, PolicyPart, Spf
from sotokara.kinds.shared.mail.records import RecordsUnanswered
from sotokara.kinds.shared.platforms.fields import bounded_list, mapping
from sotokara.kinds.shared.terminal.interface import Command, Cursor, Parsed, TranscriptReader
from sotokara.kinds.shared.terminal.pasted import PastedLine

# What `checkdmarc` prints of a domain: JSON, with the records as it found them.
#
# Of its judgements none is taken over: records are read as live ones are, by RFC 7208 and 7489.
# What it did not print, such as the text of MTA-STS's announcement, is not stated.

TOOLS = ("checkdmarc",)
BEGINS = re.compile(r"\s{0,8}\[?\s{0,8}\{")
_ABSENT = re.compile(r"\bdoes not (?:exist|have)\b", re.IGNORECASE)
_MODES = ("enforce", "testing", "none")
_NEAR, _MOST_LINES, _DEEPEST = 5, 5000, 20


def read_checkdmarc(
    lines: Sequence[PastedLine], at: int, _typed: Command | None = None
) -> Parsed | None:
    """One domain's JSON."""
    near = " ".join(one.text for one in lines[at : at + _NEAR])
    if not BEGINS.match(near) or '"domain"' not in near:
        return None
    cursor = Cursor(lines, at, hashes=False, parentheses=False)
    every = [one.text for one in lines[at : at + _MOST_LINES]]
    text = "\n".join(every)
    try:
        begins = len(text) - len(text.lstrip())
        told, end = json.JSONDecoder().raw_decode(text, begins)
        found = mapping(told[0] if isinstance(told, list) and len(told) == 1 else told)
        domain = domain_name(str(found.get("domain", "")))
    except (ValueError, RecursionError):
        return None
    facts, said = _read(found, domain)
    if not said:
        return None
    for _ in range(text.count("\n", 0, end) + 1):
        cursor.take()
    return cursor.listing("checkdmarc", "mail", domain, facts=facts, said=said)


def _read(found: dict[str, Any], domain: str) -> tuple[MailFacts, tuple[str, ...]]:
    """The facts, and the names of those that it speaks of."""
    parts: dict[str, Any] = {
        "spf": _spf(mapping(found.get("spf")), domain),
        "dmarc": _dmarc(mapping(found.get("dmarc")), domain),
        "mta_sts": _sts(mapping(found.get("mta_sts"))),
        "tls_rpt": _part(mapping(found.get("smtp_tls_reporting"))),
    }
    known = {name: part for name, part in parts.items() if part is not None}
    known |= _mx(mapping(found.get("mx")))
    return MailFacts(**known), tuple(sorted(known))


def _mx(given: dict[str, Any]) -> dict[str, Any]:
    """The servers; of a list that is empty nobody knows what was answered."""
    lines = []
    for one in map(mapping, bounded_list(given.get("hosts"))):
        name, preference = one.get("hostname"), one.get("preference")
        if not isinstance(name, str) or not isinstance(preference, int):
            return {}
        lines.append((preference, name.rstrip(".").lower()))
    servers = [f"{preference} {name}" for preference, name in sorted(lines) if name]
    if not lines:
        return {}
    null = len(servers) < len(lines)
    route = ("null_mx_beside_others" if servers else "null_mx") if null else "mx"
    return {"route": route, "mx": servers}


def _spf(given: dict[str, Any], domain: str) -> Spf | None:
    record = given.get("record")
    if not isinstance(record, str):
        return Spf(state="absent") if _says_absent(given) else None
    texts = {domain: [record]} | {name: [text] for name, text in _included(given, 0)}

    def look(name: str) -> list[str]:
        if name not in texts:
            raise RecordsUnanswered
        return texts[name]

    found = spf.evaluate_spf(domain, look)
    return None if found.state == "not_answered" else found


def _included(given: Any, depth: int) -> Iterator[tuple[str, str]]:  # noqa: ANN401  # JSON
    """The names that a record leads to, each with its own record."""
    if depth > _DEEPEST:
        return
    if isinstance(given, list):
        for one in given:
            yield from _included(one, depth + 1)
    elif isinstance(given, dict):
        name, record = given.get("value", given.get("domain")), given.get("record")
        if isinstance(name, str) and isinstance(record, str):
            yield name.rstrip(".").lower(), record
        for one in given.values():
            yield from _included(one, depth + 1)


def _dmarc(given: dict[str, Any], domain: str) -> Dmarc | None:
    record, where = given.get("record"), given.get("location")
    if isinstance(record, str) and isinstance(where, str):
        return policies.dmarc([record], where.lower(), above=where.lower() != domain)
    return Dmarc(state="absent") if _says_absent(given) else None


def _sts(given: dict[str, Any]) -> MtaSts | None:
    mode = mapping(given.get("policy")).get("mode")
    if given.get("valid") is True and mode in _MODES:
        return MtaSts(state="present", mode=mode)
    return MtaSts(state="absent") if _says_absent(given) else None


def _part(given: dict[str, Any]) -> PolicyPart | None:
    if given.get("valid") is True:
        return PolicyPart(state="present")
    return PolicyPart(state="absent") if _says_absent(given) else None


def _says_absent(given: dict[str, Any]) -> bool:
    """Whether it says that there is none; any other error leaves that open."""
    error = given.get("error")
    return given.get("valid") is False and isinstance(error, str) and bool(_ABSENT.search(error))


READERS = (
    TranscriptReader(
        "checkdmarc",
        TOOLS,
        read_checkdmarc,
        by_form=True,
        begins=BEGINS,
    ),
)
"""In the order in which they are tried."""
