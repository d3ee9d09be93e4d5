"""What a figure says beside its output: claims, then and now, history, age, its address."""

from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple

import msgspec

from sotokara.core.display import visible
from sotokara.core.labels import field_name
from sotokara.core.observation import Observation, Outcome
from sotokara.core.times import date_time
from sotokara.findings.age import Overdue
from sotokara.findings.beside import BaselineComparison
from sotokara.findings.changes import Drift
from sotokara.findings.claims import Claim
from sotokara.findings.evaluate import Findings
from sotokara.findings.history import History, Interval
from sotokara.kinds.shared.view import Conclusion
from sotokara.ledger.index import index_time
from sotokara.ledger.timeline import FormerQuestion
from sotokara.render.changes_view import drift_heading, field_rows
from sotokara.render.series_view import series_view

_SHORT = 48 * 3600 * 1000
"""Milliseconds: a history of less has its times of day."""
WIDTH = 1000
"""Of the drawn history, in its own units."""
MOST_INTERVALS = 100
"""Rows of the table beneath; the newest are kept."""
MOST_FORMER = 5
"""Former questions of a figure; the last ones are kept."""
_SIGNS = {"holds": "✓", "broken": "✗", "undecided": "?"}
_THEN = {
    "day": "changed_then",
    "before": "changed_then",
    "after": "changed_first",
    "asked": "changed_asked",
}
_OUTCOMES = frozenset(Outcome)
Words = dict[str, str]


class HistoryBar(NamedTuple):
    """One piece of the drawn history."""

    state: str
    x: float
    width: float
    title: str


def span(seconds: float, words: Words) -> str:
    """A length of time in its two largest units."""
    left = round(seconds)
    parts: list[str] = []
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count, left = divmod(left, size)
        if count or (unit == "second" and not parts):
            parts.append(words[f"unit_{unit}"].format(n=count))
    return words["unit_join"].join(parts[:2])


def findings_view(
    findings: Findings | None,
    listed: Callable[[Observation], Sequence[str]],
    words: Words,
    *,
    unified: bool = False,
) -> dict[str, Any]:
    """The template's variables. ``listed`` writes an observation in the figure's style.

    ``unified``: of then and now only what differs, in one listing, each beside its neighbours.
    """
    if findings is None:
        return {}
    return {
        "claims": [claim_view(claim, words) for claim in findings.claims],
        "drift": _drift_view(findings.drift, listed, words, unified=unified)
        if findings.drift
        else None,
        "history": history_view(findings.history, words, bool(findings.claims))
        if findings.history
        else None,
        "beside": beside_view(findings.beside, words) if findings.beside else "",
        "overdue": _overdue(findings.overdue, words) if findings.overdue else "",
        "unread": [
            words["unread_since"].format(time=date_time(one)) for one in findings.unread[-1:]
        ],
        "former": [former_view(one, words) for one in findings.former[-MOST_FORMER:]],
    }


def former_view(one: FormerQuestion, words: Words) -> str:
    """A question that the place asked before, and until when."""
    options = (f"{key}: {_plain(value)}" for key, value in _in_order(one) if key != "redacted")
    until = f"{one.last.moment:%Y-%m-%d}"
    return words["asked_until"].format(question=visible(", ".join(options)), until=until)


def _in_order(one: FormerQuestion) -> Iterator[tuple[str, Any]]:
    """The kind with its target first."""
    yield one.kind, one.definition.get(one.kind, "")
    yield from ((key, value) for key, value in one.definition.items() if key != one.kind)


def _plain(value: Any) -> str:  # noqa: ANN401  # plain JSON
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def beside_view(beside: BaselineComparison, words: Words) -> str:
    """What the baseline says, in one or two sentences."""
    said = words[f"beside_{beside.verdict}"]
    if beside.own and beside.own.usual is not None:
        said = said.format(usual=f"{beside.own.usual:.3g}")
    target = visible(beside.baseline.target)
    if beside.own is None or beside.its is None:
        return words["beside"].format(target=target, said=said)
    own, its = f"{beside.own.now:.3g}", f"{beside.its.now:.3g}"
    return words["beside_took"].format(target=target, own=own, its=its, said=said)


def claim_view(claim: Claim, words: Words) -> dict[str, str]:
    """One claim as it is shown: sign, how it stands, and since when."""
    said = words["claim_undecided_why"].format(why=words.get(claim.now, claim.now))
    if claim.state != "undecided":
        said = words[f"claim_{claim.state}"]
    more = []
    if claim.state != "undecided" and claim.now:
        more.append(words["claim_now"].format(values=_values(claim, words)))
    if claim.since and claim.held:
        since, held = date_time(claim.since.moment), date_time(claim.held.moment)
        more.append(words["claim_since"].format(since=since, held=held))
        if claim.clocks:
            more.append(words["clocks_disagree"])
    elif claim.state == "broken" and not claim.of_rows:
        since = f"{claim.asked.moment:%Y-%m-%d}" if claim.asked else "–"
        never = "claim_never_known" if claim.partly_known else "claim_never"
        more.append(words[never].format(since=since))
    return {
        "state": claim.state,
        "over": "over" if claim.over else "",
        "sign": _SIGNS[claim.state],
        "text": visible(claim.text),
        "say": visible(claim.say),
        "said": said,
        "more": visible("; ".join(more)),
        "since_id": claim.since_id,
        "held_id": claim.held_id,
    }


def _values(claim: Claim, words: Words) -> str:
    """The fields that a claim names, in words, as they are now."""
    if not claim.values:
        return claim.now
    named = (f"{field_name(words, name)}: {_value(one, words)}" for name, one in claim.values)
    return "; ".join(named)


def _value(text: str, words: Words) -> str:
    """An outcome or a failure in words, anything else as it is."""
    return words[text] if text in _OUTCOMES else text


def changed_lines(old: Sequence[str], new: Sequence[str]) -> tuple[set[int], set[int]]:
    """The numbers (from 0) of the lines that only the one or only the other has."""
    gone: set[int] = set()
    come: set[int] = set()
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what != "equal":
            gone.update(range(a, b))
            come.update(range(c, d))
    return gone, come


def _drift_view(
    drift: Drift,
    listed: Callable[[Observation], Sequence[str]],
    words: Words,
    *,
    unified: bool,
) -> dict[str, Any]:
    old, new = listed(drift.then), listed(drift.now)
    # Round-trip times are no facts: a line that has other ones says nothing new.
    bare = [listed(msgspec.structs.replace(one, volatile={})) for one in (drift.then, drift.now)]
    as_long = [len(one) for one in bare] == [len(old), len(new)]
    gone, come = changed_lines(*(bare if as_long else (old, new)))
    lines = [
        {"text": line, "differs": number in gone, "ours": isinstance(line, Conclusion)}
        for number, line in enumerate(old)
    ]
    if unified:
        lines = list(_unified(old, new))
    heading, said = drift_heading(drift, words)
    rows, more = field_rows(drift.fields, words)
    return {
        "heading": heading,
        "said": said,
        "fields": rows,
        "more": more,
        "then": _dated(drift.then, words[_THEN[drift.basis]]),
        "now": _dated(drift.now, words["changed_now"]),
        "lines": lines,
        "come": set() if unified else {number + 1 for number in come},
        "then_id": drift.then.id,
        "same_id": drift.same_id,
        "changed_id": drift.changed_id,
    }


def _unified(old: Sequence[str], new: Sequence[str]) -> Iterator[dict[str, Any]]:
    """What has gone and come in order, with the line before and behind; no conclusions of ours."""
    before = [line for line in old if not isinstance(line, Conclusion)]
    after = [line for line in new if not isinstance(line, Conclusion)]
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    shown = 0
    for number, group in enumerate(matcher.get_grouped_opcodes(1)):
        if number or group[0][1]:
            yield {"text": "…"}
        for what, a, b, c, d in group:
            if what == "equal":
                yield from ({"text": line} for line in before[a:b])
                continue
            yield from ({"text": line, "differs": True} for line in before[a:b])
            yield from ({"text": line, "come": True} for line in after[c:d])
            shown = b
    if shown < len(before):
        yield {"text": "…"}


def _dated(one: Observation, words: str) -> str:
    return words.format(time=date_time(one.start), vantage=visible(one.vantage.name))


def _overdue(overdue: Overdue, words: Words) -> str:
    age, limit = span(overdue.age, words), span(overdue.limit, words)
    return words[overdue.grade].format(age=age, limit=limit)


def history_view(hifindings: History, words: Words, claimed: bool) -> dict[str, Any]:  # noqa: FBT001
    """The drawn history and the table beneath it."""
    whole = max(1, hifindings.end - hifindings.start)
    names = {
        "claimed": words["as_claimed" if claimed else "as_shown"],
        "otherwise": words["otherwise"],
        "undecided": words["as_undecided" if claimed else "as_incomparable"],
        "no_answer": words["no_answer"],
        "not_measured": words["not_measured"],
    }
    bars: list[HistoryBar] = []
    for one in hifindings.intervals:
        x = round((one.start - hifindings.start) * WIDTH / whole, 1)
        width = round((one.end - one.start) * WIDTH / whole, 1)
        if bars and bars[-1][:3] == (one.state, x, width):
            continue  # closer together than the picture can show
        title = f"{names[one.state]}: {_minute(one.start)} – {_minute(one.end)}"
        bars.append(HistoryBar(one.state, x, width, title))
    rows = [
        _interval(hifindings.intervals, number, names, words)
        for number in range(len(hifindings.intervals))
    ]
    return {
        "title": _history_title(hifindings, words),
        "bars": bars,
        "rows": rows[-MOST_INTERVALS:],
        "left_out": max(0, len(rows) - MOST_INTERVALS),
        "bridge": words["history_bridge"].format(span=span(hifindings.bridge / 1000, words)),
        "clocks": words["history_clocks"] if hifindings.clocks else "",
        "series": series_view(hifindings.series, hifindings.start, hifindings.end, words)
        if hifindings.series and hifindings.series.columns
        else None,
        "names": [(state, names[state]) for state in dict.fromkeys(bar.state for bar in bars)],
    }


def _history_title(history: History, words: Words) -> str:
    """From the first to the last observation in the window, and the window itself."""
    seen = [one for one in history.intervals if one.first is not None]
    days = {"start": history.start, "end": history.end}
    if seen:
        days |= {"first": seen[0].start, "last": seen[-1].end}
    short = history.end - history.start < _SHORT
    form = "%Y-%m-%d %H:%M" if short else "%Y-%m-%d"
    named = {name: index_time(one).strftime(form) for name, one in days.items()}
    return words["history" if seen else "history_none"].format(**named)


def _minute(milliseconds: int) -> str:
    return index_time(milliseconds).strftime("%Y-%m-%d %H:%M")


def _interval(
    every: list[Interval], number: int, names: Words, words: Words
) -> tuple[str, str, str, str, str, str]:
    """State, from, until, for how long, and where it began: between which two observations."""
    one = every[number]
    before = every[number - 1] if number else None
    after = every[number + 1] if number + 1 < len(every) else None
    least, began = (one.end - one.start) / 1000, ""
    long = words["once"] if one.seen == 1 else span(least, words)
    if one.first is not None and before and before.first is not None:
        began = f"{_minute(before.end)} – {_minute(one.start)}"
        if after and after.first is not None:
            most = span((after.start - before.end) / 1000, words)
            long = words["between"].format(least=span(least, words), most=most)
    elif one.seen > 1:
        long = words["at_least"].format(span=long)
    return one.state, names[one.state], _minute(one.start), _minute(one.end), long, began
