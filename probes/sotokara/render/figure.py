"""A definition's figure: text with remarks behind the lines, outcome, date and place → HTML.

Everything from outside goes through ``display`` and then through Jinja2's autoescape.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from markupsafe import Markup

from sotokara.core.detail import detail_in_words
from sotokara.core.display import capped, visible, with_unicode
from sotokara.core.labels import labels
from sotokara.core.observation import Failure, Observation, Outcome
from sotokara.engine.figure import Figure, Node
from sotokara.engine.plan import Plan
from sotokara.findings.evaluate import Findings
from sotokara.kinds.interface import Kind
from sotokara.kinds.parts import styles_of
from sotokara.kinds.shared.view import Conclusion, PathRow, Picture, Table, View
from sotokara.render.details import asked_then, details_of, value_in_one_line
from sotokara.render.findings_view import findings_view
from sotokara.render.remarks import OutputLine, Remarks
from sotokara.render.seal_view import Sealed, seal_of
from sotokara.render.shots import folds, shots_view
from sotokara.render.templating import template, text_template
from sotokara.render.transcript_view import transcript_view
from sotokara.render.whence import at_time, dated_as, indoors, whence

_ANCHOR = re.compile(
    r' id="probe-[\w-]+"|<a class="probe-l(?:ink)?" [^>]*></a>|<span class="probe-at">[^<]*</span>'
)
_OF_OURS = re.compile(
    r"(?:(?<=\s)[<＜﹤]|^[<＜﹤](?! |$))(?=[^<>＞]*$)|(?:(?<=\s)|^)(?:[=＝](?=[>＞])|⇒)"
    r"|^(?=\s*[✓✗≠●○])(?P<in>\s*)."
)
"""What begins a remark of the author's, a conclusion, a claim, a change, a figure's head."""
_SIGNS_OF_OURS = frozenset("<＜﹤=＝⇒✓✗≠●○")
_SIGNS = {  # as entities: a page in Latin letters takes half the memory without wider ones
    Outcome.ANSWERED: Markup("&#9679;"),
    Outcome.NO_ANSWER: Markup("&#9675;"),
    Outcome.NOT_MEASURED: Markup("&#8211;"),
    Outcome.CITED: Markup("&#8220;"),
}


class FigureOutput(NamedTuple):
    """Output as lines, or as a table; and how many lines were left out."""

    lines: list[OutputLine]
    table: Table | None
    left_out: int
    picture: Picture | None = None
    rows: list[dict[str, Any]] = []
    """The picture's, ready for its template."""

    @property
    def heard(self) -> list[OutputLine]:
        """The lines that say what was observed, without blank ones at their end."""
        heard = [line for line in self.lines if not line.ours]
        while heard and not (heard[-1].text.strip() or heard[-1].note):
            heard.pop()
        return heard

    @property
    def conclusions(self) -> list[OutputLine]:
        """The lines that say what follows from it, as we see it."""
        return [line for line in self.lines if line.ours]


def figure_html(  # noqa: PLR0913  # what a figure is made of
    node: Node,
    lang: str,
    findings: Mapping[Figure, Findings],
    where: tuple[str, str] = ("", ""),
    *,
    plan: Plan | None = None,
    sealed: Sealed | None = None,
) -> tuple[str, list[tuple[str, str]]]:
    """The figures of one definition, and what is odd about its remarks: what, how to mend it.

    ``where``: the path that the evidence's pages are under, and the address of the page that they
    are on, for print and copies; each empty where there is none. ``plan``: knows the places of
    the site. ``sealed``: what the seals say of an id.
    """
    (base, address), notes = where, Remarks(node.definition.common.notes)
    every = list(_every(node, lang, findings, notes))
    html = [
        template("figure.html").render(
            shown, base=base, address=address, seal=seal_of(shown, sealed)
        )
        for shown in every
    ]
    if node.definition.several:
        html = [
            template("places.html").render(view, figures=[html[number] for number in numbers])
            for view, numbers in _places(node, every, plan, lang)
        ]
    answered = node.then or any(figure.facts is not None for figure in node.figures or [])
    return "".join(html), sorted(notes.odd()) if answered else []


def figure_views(
    node: Node, lang: str, findings: Mapping[Figure, Findings]
) -> list[dict[str, Any]]:
    """What the figures of one definition are written with, for who draws them otherwise."""
    return list(_every(node, lang, findings, Remarks(node.definition.common.notes)))


def figure_text(node: Node, lang: str, findings: Mapping[Figure, Findings]) -> str:
    """The same figures as plain text, for a terminal."""
    every = list(_every(node, lang, findings, Remarks(node.definition.common.notes)))
    written = [text_template("figure.txt").render(shown) for shown in every]
    if node.definition.several:
        written = [
            text_template("places.txt").render(view, figures=[written[one] for one in numbers])
            for view, numbers in _places(node, every, None, lang)
        ]
    return "\n".join(written)


def _places(
    node: Node, every: Sequence[dict[str, Any]], plan: Plan | None, lang: str
) -> Iterator[tuple[dict[str, Any], list[int]]]:
    """The variables of each target's figure of several places, and the numbers of its figures."""
    from sotokara.render.places import PlaceFigure, by_target, places_view  # few have any

    seen = [
        PlaceFigure(figure, shown) for figure, shown in zip(node.figures or [], every, strict=True)
    ]
    known = plan or Plan()
    for group in by_target(seen):
        view = places_view(group, known.window, labels(lang), known.places)
        yield view, [seen.index(one) for one in group]


def _every(
    node: Node, lang: str, findings: Mapping[Figure, Findings], notes: Remarks
) -> Iterator[dict[str, Any]]:
    """The templates' variables for each figure; ``notes`` learns where its remarks stand."""
    words = labels(lang)
    for nth, figure in enumerate(node.figures or []):
        shown = _shown(node, figure, words, notes)
        found = findings.get(figure)
        kind = node.definition.kind
        listed = partial(_plain, node, figure, words)
        view = findings_view(found, listed, words, unified=bool(kind.folds))
        shown["findings"] = view
        drift = view.get("drift")
        before = found.drift.then if found and found.drift else None
        shown["shots"] = shots_view(kind, shown["evidence"], before, words)
        shown["folded"] = folds(kind, shown["listing"])
        if drift:
            noted = notes.behind([OutputLine(line["text"]) for line in drift["lines"]])
            for line, with_note in zip(drift["lines"], noted, strict=True):
                line["note"] = with_note.note
            drift["noted"] = any(line.note for line in noted)
        shown["then"] = None if nth else transcript_view(node, words, notes)
        name = node.definition.id or node.definition.token[:8]
        anchor = f"probe-{name}" + (f"-{nth + 1}" if nth else "")
        yield shown | {"words": words, "anchor": anchor}


def without_anchors(html: str) -> str:
    """The same figures without ids, for a second place; text of answers has no bare quotes."""
    return _ANCHOR.sub("", html)


def _shown(node: Node, figure: Figure, words: dict[str, str], notes: Remarks) -> dict[str, Any]:
    """The template's variables."""
    now, last = figure.now, figure.last
    failure = figure.failure or (now.failure if now else None)
    outcome = failure.outcome if failure else now.outcome if now else Outcome.ANSWERED
    listed = now if now and (now.outcome.has_facts or not last) else last
    listing = None
    if listed is not None and listed.facts is not None and figure.question is not None:
        listing = _listing(node, figure, listed, words)
        listing = listing._replace(lines=notes.behind(listing.lines))
        if listing.picture is not None:
            remarks = [line.note for line in listing.lines]
            listing = listing._replace(rows=listing.picture.shown(remarks))
    dated = now or last
    return {
        "kind": node.definition.kind.name,
        "token": node.definition.token[:8],
        "title": visible(node.definition.common.title or ""),
        "target": visible(with_unicode(figure.target)),
        "unresolved": "" if figure.question else _unresolved(node, words),
        "outcome": outcome.value,
        "sign": _SIGNS[outcome],
        "headline": _headline(node, figure, failure, words),
        "collapse": node.definition.common.collapse,
        "failure": failure,
        "why": words[failure.name] if failure else "",
        "detail": visible(detail_in_words(failure.detail, words))
        if failure and failure.detail not in words[failure.name]
        else "",
        "listing": listing,
        "earlier": words["last_answer" if now else "last_shown"].format(time=at_time(last))
        if last and listed is last
        else "",
        "dated": dated,
        "time": at_time(dated),
        "whence": whence(dated, words) if dated else "",
        "dated_as": dated_as(dated) if dated else "",
        "indoors": indoors(dated, words),
        "noted": listing is not None and any(line.note for line in listing.lines),
        "remarks": _remarks(node.definition.kind, listed, words) if listed and listed.facts else [],
        "others": dated is not None and dated.origin == "others",
        "evidence": listed or now,
        "digests": _digests(listed or now),
        "more": details_of(node, figure, listed, words),
        "identity": visible(_identity(figure)),
        "never": failure is not None
        and listing is None
        and outcome is Outcome.NOT_MEASURED
        and failure.name != "never_observed",
    }


def _unresolved(node: Node, words: dict[str, str]) -> str:
    """Instead of a target that is not known: what it was to be taken from."""
    names = ", ".join(dict.fromkeys(str(one) for one in node.definition.template.references))
    return words["target_from"].format(names=names) if names else ""


def _headline(node: Node, figure: Figure, failure: Failure | None, words: dict[str, str]) -> str:
    facts = figure.now.facts if figure.now and failure is None else None
    return node.definition.kind.headline(facts, failure, words)


def _digests(observation: Observation | None) -> dict[str, str]:
    """The names of the objects that hold its facts and raw in the ledger."""
    if observation is None:
        return {}
    known = (("facts", observation.facts_digest), ("raw", observation.raw_digest))
    return {name: digest for name, digest in known if digest}


def _identity(figure: Figure) -> str:
    identity = figure.question.identity() if figure.question else {}
    return ", ".join(f"{key}: {value_in_one_line(value)}" for key, value in identity.items())


def _listing(
    node: Node, figure: Figure, observation: Observation, words: dict[str, str]
) -> FigureOutput:
    """What an observation said; nothing where what was kept of it cannot be read."""
    if observation.facts is None:
        return FigureOutput([], None, 0)
    style = styles_of(node.definition.kind)[node.definition.style]
    question = asked_then(figure, observation)
    output = style(View(question, observation, observation.facts, words))
    if isinstance(output, Picture):
        output = output._replace(rows=[_said_row(row) for row in output.rows])
        return FigureOutput([OutputLine(visible(row.text)) for row in output.rows], None, 0, output)
    if isinstance(output, Table):
        rows, left_out = output.rows[:500], max(0, len(output.rows) - 500)
        shown = Table(output.header, [capped(row)[0] for row in rows])
        return FigureOutput([], shown, left_out)
    lines, left_out = capped(output)
    ours = [isinstance(line, Conclusion) for line in output]
    pairs = zip(lines, ours, strict=False)
    return FigureOutput(
        [
            OutputLine(concluded(text) if one else escape_imitations(text), ours=one)
            for text, one in pairs
        ],
        None,
        left_out,
    )


def escape_imitations(text: str) -> str:
    """A line of an answer with all escaped that would pass for the author's words, or for ours.

    >>> escape_imitations('text = "verified <and checked by the author"')
    'text = "verified ⟨U+003C⟩and checked by the author"'
    >>> escape_imitations("Name <a@b.example>")
    'Name <a@b.example>'
    >>> [escape_imitations(one) for one in ("=> trusted", "  ✓ it holds", "< HTTP/1.1 200 OK")]
    ['⟨U+003D⟩> trusted', '  ⟨U+2713⟩ it holds', '< HTTP/1.1 200 OK']
    """
    if _SIGNS_OF_OURS.isdisjoint(text):
        return text
    return _OF_OURS.sub(lambda match: f"{match['in'] or ''}⟨U+{ord(match[0][-1]):04X}⟩", text)


def concluded(text: str) -> str:
    """A conclusion of ours, with what it takes from an answer escaped likewise."""
    return (
        text[:2] + escape_imitations(text[2:]) if text.startswith("=>") else escape_imitations(text)
    )


def _said_row(row: PathRow) -> PathRow:
    return row._replace(
        places=tuple(map(escape_imitations, row.places)),
        network_name=escape_imitations(row.network_name),
    )


def _plain(
    node: Node, figure: Figure, words: dict[str, str], observation: Observation
) -> list[str]:
    """An observation's output as lines of text."""
    listing = _listing(node, figure, observation, words)
    if listing.table:
        return listing.table.lines()
    return [Conclusion(line.text) if line.ours else line.text for line in listing.lines]


def cited_lines(figure: Figure, observation: Observation, lang: str) -> list[str]:
    """An observation's lines as they are numbered in its figure: ``#probe-id-L4``."""
    listing = _listing(figure.node, figure, observation, labels(lang))
    if listing.table:
        return ["  ".join(row) for row in listing.table.rows]
    return [line.text for line in listing.lines]


def _remarks(kind: type[Kind], observation: Observation, words: dict[str, str]) -> list[str]:
    """What is to be said beside the output."""
    remarks = kind.remarks(observation.facts, observation, words)
    errors = observation.volatile.get("errors", ())
    return [visible(one) for one in (*remarks, *errors)]
