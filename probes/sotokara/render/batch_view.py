"""A batch's figure: counts, a map, a table, what changed, claims; everything else is behind it."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from sotokara.core.detail import detail_in_words
from sotokara.core.display import visible, with_unicode
from sotokara.core.labels import field_name, labels
from sotokara.core.observation import Outcome
from sotokara.core.places import TEST_NETWORKS
from sotokara.core.times import date_time
from sotokara.engine.batch import Batch
from sotokara.engine.figure import Node
from sotokara.findings.batches import FOUND, NOTHING, BatchFindings, Cell, Since, TableRow
from sotokara.ledger.sealing import SealState
from sotokara.render.findings_view import claim_view
from sotokara.render.places import gist
from sotokara.render.seal_view import seal_words
from sotokara.render.templating import template, text_template

_SIGNS = {
    Outcome.ANSWERED.value: Markup("&#9679;"),
    Outcome.NO_ANSWER.value: Markup("&#9675;"),
    Outcome.NOT_MEASURED.value: Markup("&#8211;"),
}
_OUTCOMES = tuple(_SIGNS)
_MANY = 1 << 20
_SHADES = (0.25, 0.5, 0.75)
"""From which shares on a cell of the map is darker."""
_STATES = (Outcome.NOT_MEASURED.value, Outcome.NO_ANSWER.value, NOTHING)
Words = dict[str, str]
SealedBatch = Callable[[str], SealState]
"""What the seals say of a batch, by its path."""


class Count(NamedTuple):
    """How many rows came to something, and the width of its bar in hundredths."""

    name: str
    rows: str
    share: str
    width: float
    state: str = ""
    sign: str = ""
    why: str = ""


def batch_html(
    node: Node,
    lang: str,
    findings: BatchFindings,
    where: tuple[str, str] = ("", ""),
    sealed: SealedBatch | None = None,
) -> str:
    """The figure of one batch; ``where``: as of a figure."""
    base, address = where
    return template("batch.html").render(
        batch_view(node, lang, findings, sealed), base=base, address=address
    )


def batch_text(node: Node, lang: str, findings: BatchFindings) -> str:
    """The same as plain text, for a terminal."""
    return text_template("batch.txt").render(batch_view(node, lang, findings))


def batch_view(
    node: Node, lang: str, findings: BatchFindings, sealed: SealedBatch | None = None
) -> dict[str, Any]:
    """The template's variables."""
    batch, words = node.batch, labels(lang)
    assert batch is not None  # noqa: S101  # the caller has looked
    definition, kept, failure = batch.definition, batch.now, batch.failure
    manifest = kept.manifest if kept else None
    outcome = failure.outcome.value if failure else _mostly(manifest.outcomes if manifest else {})
    rows = manifest.rows if manifest else 0
    state = sealed(kept.path) if sealed is not None and kept is not None else None
    return {
        "words": words,
        "anchor": f"probe-{definition.id or definition.token[:8]}",
        "kind": definition.kind.name,
        "title": visible(definition.common.title or ""),
        "target": visible(batch.redactor.text(definition.template.text)),
        "source": visible(batch.redactor.text(definition.each.text if definition.each else "")),
        "collapse": definition.common.collapse,
        "outcome": outcome,
        "failure": failure,
        "sign": _SIGNS[outcome],
        "headline": words[outcome] if failure else _number(rows, words["batch_rows"]),
        "why": words[failure.name] if failure else "",
        "detail": visible(detail_in_words(failure.detail, words)) if failure else "",
        "earlier": words["batch_earlier"].format(time=date_time(manifest.first))
        if manifest and not batch.fresh and failure and failure.name != "never_observed"
        else "",
        "counts": list(_counts(manifest.outcomes, manifest.failures, rows, words))
        if manifest
        else [],
        "groups": [
            {
                "name": field_name(words, group.fact),
                "values": [
                    Count(visible(value), f"{count:,}", *_share(count, rows))
                    for value, count in group.values
                ],
                "more": words["batch_more_values"].format(
                    values=f"{group.more:,}", count=f"{group.rest:,}"
                )
                if group.rest
                else "",
                "without": words["batch_without"].format(count=f"{group.without:,}")
                if group.without
                else "",
            }
            for group in findings.groups
        ],
        "map": _map(findings.map, batch, words) if findings.map else None,
        "table": _table(findings.rows, batch, rows, words) if findings.rows else None,
        "since": _since(findings.since, batch, words) if findings.since else None,
        "findings": {"claims": [claim_view(one, words) for one in findings.claims]},
        "unread": visible(findings.unread),
        "remarks": list(_remarks(batch, words)) if manifest else [],
        "dated": manifest,
        "time": _span(batch) if manifest else "",
        "whence": words["from"].format(vantage=visible(manifest.vantage.name)) if manifest else "",
        "test_place": words[f"from_{manifest.vantage.name}"]
        if manifest and manifest.vantage.name in TEST_NETWORKS
        else "",
        "files": _files(batch, state, unread=bool(findings.unread)) if kept else None,
        "seal": seal_words(state, words) if state is not None else None,
    }


def _mostly(outcomes: dict[str, int]) -> str:
    """The mark of the figure: answered where anything was."""
    return next((one for one in _OUTCOMES if outcomes.get(one)), Outcome.NOT_MEASURED.value)


def _number(count: int, word: str) -> str:
    return word.format(count=f"{count:,}")


def _share(count: int, rows: int) -> tuple[str, float]:
    share = count / rows if rows else 0.0
    shown = f"{share:.1%}" if 0.0005 <= share <= 0.9995 else f"{share:.0%}"  # noqa: PLR2004
    if count and shown == "0%":
        shown = "< 0.1%"
    if count < rows and shown == "100%":
        shown = "> 99.9%"
    return shown, round(share * 100, 1)


def _counts(
    outcomes: dict[str, int], failures: dict[str, int], rows: int, words: Words
) -> Iterable[Count]:
    from sotokara.core.observation import FAILURES

    for outcome in _OUTCOMES:
        count = outcomes.get(outcome, 0)
        why = [
            f"{words.get(name, name)}: {many:,}"
            for name, many in sorted(failures.items(), key=lambda one: (-one[1], one[0]))
            if FAILURES[name].value == outcome
        ]
        yield Count(
            words[outcome],
            f"{count:,}",
            *_share(count, rows),
            outcome,
            _SIGNS[outcome],
            "; ".join(why),
        )


def _table(shown: Sequence[TableRow], batch: Batch, rows: int, words: Words) -> dict[str, Any]:
    ordered, back = batch.definition.order
    by = words["batch_by_name"] if ordered == "name" else words["batch_by"]
    by = by.format(fact=field_name(words, ordered))
    if back:
        by = words["batch_backwards"].format(order=by)
    return {
        "summary": words["batch_first"].format(
            shown=f"{len(shown):,}", count=f"{rows:,}", order=by
        ),
        "rows": [_row(one, batch, words) | {"number": one.number} for one in shown],
    }


def _row(one: TableRow | None, batch: Batch, words: Words) -> dict[str, Any]:
    if one is None:
        return {"said": "–", "sign": "", "outcome": "", "name": ""}
    row, kind = one.row, batch.definition.kind
    if row.failure is not None:
        said = words.get(row.failure.name, row.failure.name)
        if row.failure.detail:
            said += f" ({visible(detail_in_words(row.failure.detail, words))[:200]})"
    elif one.facts is not None:
        said = gist(kind, one.facts, words)
    else:
        said = words[row.outcome]
    name = visible(with_unicode(row.name)) + (f" {visible(row.options)}" if row.options else "")
    return {
        "name": name,
        "said": said,
        "sign": _SIGNS.get(row.outcome, ""),
        "outcome": row.outcome,
    }


def _since(since: Since, batch: Batch, words: Words) -> dict[str, Any]:
    then = batch.then
    assert then is not None  # noqa: S101  # there is something to compare with
    total = since.changed + since.come + since.gone
    rows = [
        {
            "name": visible(with_unicode(one.name)),
            "before": _row(one.before, batch, words),
            "after": _row(one.after, batch, words),
        }
        for one in since.rows
    ]
    return {
        "heading": words["changed"] if total else words["batch_unchanged"],
        "said": words["batch_since"].format(
            time=date_time(then.manifest.first),
            compared=f"{since.compared:,}",
            changed=f"{since.changed:,}",
            come=f"{since.come:,}",
            gone=f"{since.gone:,}",
        ),
        "rows": rows,
        "more": words["batch_more_rows"].format(count=f"{total - len(rows):,}")
        if total > len(rows)
        else "",
    }


def _remarks(batch: Batch, words: Words) -> Iterable[str]:
    """What there is to say of the list of subjects."""
    manifest = batch.now.manifest if batch.now else None
    if manifest is None:
        return
    if not manifest.whole:
        yield words["batch_part"].format(
            count=f"{manifest.rows:,}", subjects=f"{manifest.subjects:,}"
        )
    if manifest.duplicates:
        yield words["batch_duplicates"].format(count=f"{manifest.duplicates:,}")
    if manifest.left_out:
        yield words["batch_left_out"].format(count=f"{manifest.left_out:,}")


def _span(batch: Batch) -> str:
    assert batch.now is not None  # noqa: S101  # the caller has looked
    first, last = batch.now.manifest.first, batch.now.manifest.last
    started, ended = date_time(first), date_time(last)
    return started if started == ended else f"{started} – {ended}"


def _files(batch: Batch, state: SealState | None, *, unread: bool) -> dict[str, str]:
    """Where its rows are: no CSV where they could not be read, a store's address as a text.

    Of the sandbox's batches nothing is published.
    """
    assert batch.now is not None  # noqa: S101  # the caller has looked
    size, address = batch.now.manifest.size, batch.now.manifest.address
    name, aside = f"{batch.now.path}.parquet", state is not None and state.aside
    said = f"{size / _MANY:.1f} MB" if size >= _MANY else f"{max(size >> 10, 1)} kB"
    return {
        "parquet": "" if address or aside else name,
        "public": f"{batch.public.rstrip('/')}/{name}" if address and batch.public else "",
        "address": visible(address),
        "csv": "" if unread or aside else f"{batch.now.id}/rows.csv",
        "size": said,
        "id": batch.now.id,
        "sha256": batch.now.manifest.sha256,
    }


def _map(cells: Sequence[Cell], batch: Batch, words: Words) -> dict[str, Any]:
    """A Hilbert map: a path for each state and shade, so that thousands of cells stay small."""
    drawn: dict[str, list[str]] = {}
    states: Counter[str] = Counter()
    run: tuple[str, int, int, int] | None = None

    def flush() -> None:
        if run is not None:
            name, x, y, wide = run
            drawn.setdefault(name, []).append(f"M{x} {y}h{wide}v1h-{wide}z")

    most = 1
    for cell in cells:
        name = _shade(cell.states)
        states.update(cell.states)
        most = max(most, cell.states.total())
        if run is not None and run[0] == name and run[2] == cell.y and run[1] + run[3] == cell.x:
            run = (*run[:3], run[3] + 1)
        else:
            flush()
            run = (name, cell.x, cell.y, 1)
    flush()
    network = batch.definition.each.text if batch.definition.each else ""
    order = [FOUND, NOTHING, *_OUTCOMES[1:]]
    legend = [(one, words[f"batch_map_{one}"], f"{states[one]:,}") for one in order if states[one]]
    title = words["batch_map"].format(network=visible(network), cell=f"{most:,}")
    return {
        "title": title,
        "width": max(cell.x for cell in cells) + 1,
        "height": max(cell.y for cell in cells) + 1,
        "paths": [(name, "".join(pieces)) for name, pieces in sorted(drawn.items())],
        "legend": legend,
        "said": "; ".join(f"{name}: {count}" for _, name, count in legend),
    }


def _shade(states: Counter[str]) -> str:
    """The class of a cell: how much was found, or what came of most of its addresses."""
    share = states[FOUND] / states.total()
    if share:
        return f"{FOUND}-{1 + sum(share > one for one in _SHADES)}"
    return max(_STATES, key=lambda one: states[one])
