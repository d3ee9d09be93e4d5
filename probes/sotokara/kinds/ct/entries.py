"""What an index answers: JSON with a row for each entry of a log, as crt.sh writes it.

Certificates of persons (S/MIME) are in the same logs. So of each row only what is known to be safe
is kept: numbers, times, the issuer, and names that the DNS could hold.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

from sotokara.kinds.ct.facts import LogEntry

INDEX = "index"
"""The step of the one exchange."""
MOST = 5_000
"""Rows that are read."""
MOST_SHOWN = 500
_NAME = re.compile(
    r"(?:\*\.)?(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)+[A-Za-z0-9-]{2,63}"
)
_TIME = re.compile(r"\d{4}-\d\d-\d\d(?:[T ][\d:.]+Z?)?")
_SERIAL = re.compile(r"[0-9A-Fa-f]{1,42}")
_LONGEST_ISSUER = 200


def log_rows(content: bytes) -> list[dict[str, Any]]:
    """The rows of an index's answer, each with what is kept of it.

    :raises ValueError: for what is no list of rows.
    """
    found = json.loads(content)
    if not isinstance(found, list) or len(found) > MOST:
        raise ValueError("no list" if not isinstance(found, list) else "too many rows")
    return [_safe(row) for row in found if isinstance(row, dict)]


def _safe(row: dict[str, Any]) -> dict[str, Any]:
    texts = [_text(row.get(key)) for key in ("name_value", "common_name")]
    names = {name for text in texts for name in text[:20_000].split("\n")}
    every = row.get("names")
    names |= {str(one) for one in every} if isinstance(every, list) else set()
    number = row.get("id", 0)
    kept: dict[str, Any] = {
        "id": number if isinstance(number, int) and 0 <= number < 1 << 53 else 0,
        "issuer_name": " ".join(_text(row.get("issuer_name")).split())[:_LONGEST_ISSUER],
        "names": sorted(name.lower() for name in names if _NAME.fullmatch(name)),
        "serial_number": "",
    }
    for key in ("entry_timestamp", "not_before", "not_after"):
        text = str(row.get(key) or "")
        kept[key] = text if _TIME.fullmatch(text) else ""
    serial = str(row.get("serial_number", ""))
    kept["serial_number"] = serial.lower() if _SERIAL.fullmatch(serial) else ""
    return kept


def _text(value: Any) -> str:  # noqa: ANN401  # JSON
    """A value as text that can be kept: JSON may hold half a character (RFC 8259, 8.2)."""
    return str(value or "").encode("utf-8", "replace").decode()


def entries_of(rows: Iterable[dict[str, Any]], after: str) -> list[LogEntry]:
    """Each certificate once, those first seen on a day or later, the newest first."""
    found: dict[tuple[str, str], LogEntry] = {}
    for row in rows:
        issuer = row["issuer_name"]
        key = (issuer, row["serial_number"] or str(row["id"]))
        one = LogEntry(
            row["serial_number"],
            common_name(issuer),
            row["entry_timestamp"][:10] or row["not_before"][:10],
            row["not_before"][:10],
            row["not_after"][:10],
            row["names"],
            row["id"],
        )
        known = found.get(key)
        if known is not None:
            names = sorted({*known.names, *one.names})
            first, other = sorted((known, one), key=lambda entry: (entry.first_seen, entry.id))
            one = LogEntry(
                first.serial,
                first.issuer,
                first.first_seen or other.first_seen,
                first.valid_from or other.valid_from,
                first.expires or other.expires,
                names,
                first.id,
            )
        found[key] = one
    kept = [one for one in found.values() if one.first_seen >= after]
    return sorted(kept, key=lambda one: (one.first_seen, one.serial), reverse=True)


def common_name(issuer: str) -> str:
    """The common name in an issuer's name, else the whole."""
    match = re.search(r"(?:^|,\s*)CN=(\"[^\"]*\"|[^,]*)", issuer)
    return (match[1].strip('"') if match else issuer)[:_LONGEST_ISSUER]
