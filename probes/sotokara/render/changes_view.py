"""What has changed, in words: each field with its value before and after, and since when."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sotokara.core.display import visible
from sotokara.core.labels import field_name
from sotokara.core.observation import FAILURES
from sotokara.core.times import date_time, spaced
from sotokara.findings.changes import Drift
from sotokara.findings.fields import ChangedField

MOST_FIELDS = 8
"""Rows of one change; the rest is counted."""
_LONGEST = 200
_KEY = re.compile(r"\[([^\[\]]*[^\d\[\]][^\[\]]*)\](?=$|\.)")
"""Which of several: a name in brackets is one of ours, a number is a place in a list."""
_DIGEST = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{28,}\b")
"""A SHA-1 or longer: its beginning tells two apart, and the observation's page has it whole."""
Words = dict[str, str]


class FieldRow(NamedTuple):
    """One field that differs, ready to be shown."""

    path: str
    before: str
    after: str

    @property
    def text(self) -> str:
        """``addresses: 192.0.2.1 → 192.0.2.4``."""
        return f"{self.path}: {self.before} → {self.after}"


def field_rows(fields: Sequence[ChangedField], words: Words) -> tuple[list[FieldRow], str]:
    """The fields to be shown, and a word on those that are not."""
    rows = [
        FieldRow(
            _KEY.sub(r" (\1)", visible(field_name(words, one.path))),
            _short(one.before, words),
            _short(one.after, words),
        )
        for one in fields[:MOST_FIELDS]
    ]
    left = len(fields) - len(rows)
    return rows, words["fields_more"].format(count=left) if left else ""


def fields_text(fields: Sequence[ChangedField], words: Words) -> str:
    """The fields in one line, for logs, feeds and lists."""
    rows, more = field_rows(fields, words)
    return "; ".join([*(row.text for row in rows), *([more] if more else [])])


def _short(text: str, words: Words) -> str:
    text = words[text] if text in FAILURES else _DIGEST.sub(r"\1…", spaced(visible(text)))
    text = text.replace("→", "⟨U+2192⟩")  # between before and after alone
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}…"
    return text or words["none"]


def between(
    last: datetime,
    first: datetime,
    words: Words,
    said: str = "changed_between",
    *,
    clocks: bool = False,
) -> str:
    """When a change was first seen and what was last seen before; also where clocks disagree."""
    text = words[said].format(first=date_time(first), last=date_time(last))
    return f"{text} {words['clocks_disagree']}" if clocks else text


def drift_heading(drift: Drift, words: Words) -> tuple[str, str]:
    """The heading of a change since an article, and of when it is; *then* is the article's day."""
    said = "changed_between_first" if drift.basis in ("after", "asked") else "changed_between"
    moments = drift.same.moment, drift.changed.moment
    since = between(*moments, words, said, clocks=drift.clocks)
    if drift.basis == "before":
        return words["changed_before"].format(day=f"{drift.then.start:%Y-%m-%d}"), since
    return words["changed"], since
