"""Evidence as tables and JSON for other programs: one observation, or a question's whole history.

A text that a spreadsheet would take for a formula has an apostrophe before it (what others answer
is hostile); JSON has everything as it is.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from sotokara.core.cells import cell, plain_json
from sotokara.core.hidden import hidden_in
from sotokara.core.observation import Facts
from sotokara.findings.fields import value_text
from sotokara.ledger import Ledger, LedgerError, RunLine
from sotokara.ledger.index import IndexEntry

_COLUMNS = ("id", "observed", "from", "outcome", "failure")


def facts_json(line: RunLine, facts: Facts | None, address: str) -> str:
    """One observation: what was asked, when, from where, and what was found.

    ``masked``: where addresses stand in it that nobody is told.
    """
    plain = msgspec.to_builtins(facts)
    found = {
        "id": line.id,
        "address": address,
        "question": line.definition,
        "origin": line.origin,
        **_when(line),
        "from": line.vantage.name,
        "outcome": line.outcome.value,
        "failure": line.failure.name if line.failure else None,
        "facts": plain,
        **({"masked": masked} if (masked := list(hidden_in(plain))) else {}),
        "sha256": {"facts": line.facts, "raw": line.raw},
    }
    return plain_json(found, 1) + "\n"


def facts_csv(line: RunLine, facts: Facts | None) -> str:
    """One observation, a row for each value: its field with the way to it, and the value."""
    start = [line.id, _when(line)["observed"] or "", line.vantage.name, line.outcome.value]
    rows = [[*start, path, value] for path, value in _leaves("", msgspec.to_builtins(facts))]
    return _table([*_COLUMNS[:4], "field", "value"], rows or [[*start, "", ""]])


def history_state(entries: Sequence[IndexEntry], stones: int) -> str:
    """How the JSON of a history begins: it is the same as long as nothing was added or redacted."""
    last = entries[-1].id if entries else ""
    return f'{{"version": 1, "count": {len(entries)}, "last": "{last}", "redactions": {stones},'


def history(
    ledger: Ledger, entries: Sequence[IndexEntry], state: str, kind_facts: type[Facts] | None
) -> tuple[str, str]:
    """Every observation of a question in order, as CSV and as JSON.

    :raises LedgerError: when the evidence cannot be read.
    """
    names = list(kind_facts.__struct_fields__) if kind_facts else []
    known: dict[str | None, Any] = {None: None}
    rows, listed = [], []
    for entry in entries:
        if entry.facts not in known:
            known[entry.facts] = _facts(ledger, entry)
        facts = known[entry.facts]
        start = {
            "id": entry.id,
            "observed": f"{entry.moment:%Y-%m-%dT%H:%M:%SZ}",
            "from": entry.vantage,
            "outcome": entry.outcome.value,
            "failure": entry.failure,
        }
        listed.append({**start, "facts": facts})
        values = [value_text((facts or {}).get(name)) for name in names]
        rows.append([*(value or "" for value in start.values()), *values])
    told = plain_json(listed, 1)
    return _table([*_COLUMNS, *names], rows), f'{state}\n"observations": {told}}}\n'


def _facts(ledger: Ledger, entry: IndexEntry) -> Any:  # noqa: ANN401  # plain JSON
    try:
        return msgspec.to_builtins(ledger.observation(ledger.line(entry)).facts)
    except LedgerError:
        return None


def _when(line: RunLine) -> dict[str, Any]:
    if line.origin == "transcript":
        return {"observed": line.volatile.get("observed")}
    return {"observed": f"{line.start:%Y-%m-%dT%H:%M:%SZ}", "duration": line.duration}


def _leaves(path: str, value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401  # plain JSON
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _leaves(f"{path}.{key}" if path else key, one)
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _leaves(f"{path}[{number}]", one)
    elif value not in (None, ""):
        yield path, value_text(value)


def _table(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")  # RFC 4180
    writer.writerow(header)
    writer.writerows([cell(str(one)) for one in row] for row in rows)
    return file.getvalue()
