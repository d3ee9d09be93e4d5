"""A definition's figure: text with remarks behind the lines, outcome, date and place → HTML.

Everything from outside goes through ``display`` and then through Jinja2's autoescape.
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

from markupsafe import Markup

from probes.canonical import digest, facts_object, raw_object
from probes.figures import Figure, Node
from probes.observation import Observation, Outcome
from probes.render.detail import told
from probes.render.display import capped, visible, with_unicode
from probes.render.labels import labels
from probes.render.more import more
from probes.render.path_picture import Picture
from probes.render.path_remarks import path_remarks
from probes.render.story import date_time, story_view
from probes.render.styles import STYLES
from probes.render.templating import template, text_template
from probes.render.then import transcript_view
from probes.render.view import Table, View

_ANCHOR = re.compile(r' id="probe-[\w-]+"')
_SIGNS = {  # as entities: a page in Latin letters takes half the memory without wider ones
    Outcome.ANSWERED: Markup("&#9679;"),
    Outcome.NO_ANSWER: Markup("&#9675;"),
    Outcome.NOT_MEASURED: Markup("&#8211;"),
}


class Line(NamedTuple):
    """One line of output and the remark behind it."""

    text: str
    note: str = ""


class Listing(NamedTuple):
    """Output as lines, or as a table; and how many lines were left out."""

    lines: list[Line]
    table: Table | None
    left_out: int
    picture: Picture | None = None
    rows: list[dict[str, Any]] = []
    """The picture's, ready for its template."""


def figure_html(node: Node, lang: str, base: str = "") -> tuple[str, list[str]]:
    """The figures of one definition, and the notes that match no line in any of them.

    ``base``: the path that the evidence's pages are under; empty where there are none.
    """
    unused = {str(text) for text in node.definition.common.notes}
    html = [
        template("figure.html").render(shown, base=base) for shown in _every(node, lang, unused)
    ]
    answered = node.then or any(figure.facts is not None for figure in node.figures or [])
    return "".join(html), sorted(unused) if answered else []


def figure_text(node: Node, lang: str) -> str:
    """The same figures as plain text, for a terminal."""
    return "\n".join(
        text_template("figure.txt").render(shown) for shown in _every(node, lang, set())
    )


def _every(node: Node, lang: str, unused: set[str]) -> Iterator[dict[str, Any]]:
    """The templates' variables for each figure; takes the notes that match out of ``unused``."""
    words = labels(lang)
    notes = {str(text): note for text, note in node.definition.common.notes.items()}
    for nth, figure in enumerate(node.figures or []):
        shown = _shown(node, figure, words, notes, unused)
        shown["story"] = story_view(figure.story, partial(_plain, node, figure, words), words)
        if drift := shown["story"].get("drift"):
            then = [Line(line) for _, line in drift["lines"]]
            drift["notes"] = [line.note for line in _noted(then, notes, unused)]
        shown["then"] = None if nth else transcript_view(node, words, notes, unused)
        name = node.definition.id or node.definition.token[:8]
        anchor = f"probe-{name}" + (f"-{nth + 1}" if nth else "")
        yield shown | {"words": words, "anchor": anchor}


def without_anchors(html: str) -> str:
    """The same figures without ids, for a second place; text of answers has no bare quotes."""
    return _ANCHOR.sub("", html)


def _shown(
    node: Node, figure: Figure, words: dict[str, str], notes: dict[str, Any], unused: set[str]
) -> dict[str, Any]:
    """The template's variables."""
    now, last = figure.now, figure.last
    failure = figure.failure or (now.failure if now else None)
    outcome = failure.outcome if failure else Outcome.ANSWERED
    listed = now if now and (now.outcome is Outcome.ANSWERED or not last) else last
    listing = None
    if listed is not None and listed.facts is not None and figure.question is not None:
        listing = _listing(node, figure, listed, words)
        listing = listing._replace(lines=_noted(listing.lines, notes, unused))
        if listing.picture is not None:
            remarks = [line.note for line in listing.lines]
            listing = listing._replace(rows=listing.picture.shown(remarks))
    dated = now or last
    return {
        "kind": node.definition.kind.name,
        "title": visible(node.definition.common.title or ""),
        "target": visible(with_unicode(figure.target)),
        "outcome": outcome.value,
        "sign": _SIGNS[outcome],
        "collapse": node.definition.common.collapse,
        "failure": failure,
        "why": words[failure.name] if failure else "",
        "detail": visible(told(failure.detail, words)) if failure else "",
        "listing": listing,
        "earlier": words["last_answer" if now else "last_shown"].format(time=_time(last))
        if last and listed is last
        else "",
        "dated": dated,
        "time": _time(dated),
        "dated_as": "tried" if dated and dated.outcome is Outcome.NOT_MEASURED else "observed",
        "lab": dated is not None and dated.vantage.name == "lab",
        "remarks": _remarks(listed, words) if listed and listed.facts else [],
        "evidence": listed or now,
        "digests": _digests(listed or now),
        "more": more(node, figure, listed, words),
        "identity": visible(_identity(figure)),
        "never": failure is not None
        and listing is None
        and outcome is Outcome.NOT_MEASURED
        and failure.name != "never_observed",
    }


def _digests(observation: Observation | None) -> dict[str, str]:
    """The names of the objects that hold its facts and raw, as the ledger has or will have them."""
    if observation is None:
        return {}
    facts, raw = observation.facts_digest, observation.raw_digest
    if facts is None and (content := facts_object(observation)):
        facts = digest(content)
    if raw is None and (content := raw_object(observation)):
        raw = digest(content)
    return {name: one for name, one in (("facts", facts), ("raw", raw)) if one}


def _identity(figure: Figure) -> str:
    identity = figure.question.identity() if figure.question else {}
    return ", ".join(f"{key}: {value}" for key, value in identity.items())


def _time(observation: Observation | None) -> str:
    return date_time(observation.start) if observation else ""


def _listing(
    node: Node, figure: Figure, observation: Observation, words: dict[str, str]
) -> Listing:
    style = STYLES[node.definition.kind.name][node.definition.style]
    assert figure.question is not None  # noqa: S101  # the caller has looked
    output = style(View(figure.question, observation, observation.facts, words))
    if isinstance(output, Picture):
        return Listing([Line(visible(row.text)) for row in output.rows], None, 0, output)
    if isinstance(output, Table):
        rows, left_out = output.rows[:500], max(0, len(output.rows) - 500)
        shown = Table(output.header, [capped(row)[0] for row in rows])
        return Listing([], shown, left_out)
    lines, left_out = capped(output)
    return Listing([Line(line) for line in lines], None, left_out)


def _plain(
    node: Node, figure: Figure, words: dict[str, str], observation: Observation
) -> list[str]:
    """An observation's output as lines of text."""
    listing = _listing(node, figure, observation, words)
    return listing.table.lines() if listing.table else [line.text for line in listing.lines]


def _noted(lines: list[Line], notes: dict[str, Any], unused: set[str]) -> list[Line]:
    """Put each remark behind the lines that hold its text (or are its number)."""
    noted = []
    for number, line in enumerate(lines, 1):
        found = []
        for text, note in notes.items():
            by_number = isinstance(note, dict)
            if (by_number and note.get("line") == number) or (not by_number and text in line.text):
                found.append(visible(text if by_number else str(note)))
                unused.discard(text)
        noted.append(Line(line.text, " ".join(found)))
    return noted


def _remarks(observation: Observation, words: dict[str, str]) -> list[str]:
    """What is to be said beside the output: DNSSEC, agreement of servers, types unanswered."""
    facts: Any = observation.facts
    remarks = []
    if getattr(facts, "dnssec_by", ""):
        state, by = words[facts.dnssec], words[f"by_{facts.dnssec_by}"]
        remarks.append(words["dnssec"].format(state=state, by=by))
    if getattr(facts, "servers", ()):
        remarks.append(words["agree" if facts.agree else "disagree"])
    if unanswered := observation.volatile.get("unanswered"):
        types = ", ".join(f"{step} ({words[name]})" for step, name in unanswered.items())
        remarks.append(words["unanswered"].format(types=types))
    if "traceroute" in observation.definition and facts:
        remarks += map(visible, path_remarks(facts, observation, words))
    return remarks + [visible(error) for error in observation.volatile.get("errors", ())]
