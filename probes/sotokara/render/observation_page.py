"""The page of one observation: what was asked of whom and when, what came back, how to verify it.

It has to stand alone, years later and printed: no script, nothing from elsewhere.
"""

import json
import shlex
from collections.abc import Mapping, Sequence
from hashlib import sha256
from math import ceil
from typing import Any, NamedTuple

import msgspec
from markupsafe import Markup

from sotokara.core.detail import detail_in_words
from sotokara.core.display import capped, spoken, visible
from sotokara.core.labels import field_name, kind_name, labels
from sotokara.core.observation import Exchange, Facts, Observation, Outcome
from sotokara.core.times import date_time, spaced
from sotokara.findings.fields import value_text as plain_text
from sotokara.kinds import KINDS
from sotokara.kinds.interface import Kind
from sotokara.kinds.parts import styles_of
from sotokara.kinds.shared.view import Conclusion, PathRow, Picture, Table, View
from sotokara.ledger import IndexEntry, RunLine
from sotokara.ledger.sealing import SealState
from sotokara.render.decoded import decoded_lines
from sotokara.render.figure import concluded, escape_imitations
from sotokara.render.seal_view import seal_words
from sotokara.render.shots import shots_of
from sotokara.render.svg import path_svg
from sotokara.render.templating import template
from sotokara.render.whence import Indoors, indoors

_MOST_BYTES = 65536
_MOST_ROWS = 200
_SIGNS = {
    Outcome.ANSWERED: "●",
    Outcome.NO_ANSWER: "○",
    Outcome.NOT_MEASURED: "–",
    Outcome.CITED: "“",
}
Words = dict[str, str]


class Sealed(NamedTuple):
    """The seal over an observation's run, and what stands beside it."""

    state: SealState = SealState()
    token: bool = False
    redacted: str = ""
    """What a tombstone says of its run."""

    @property
    def aside(self) -> bool:
        """It was seen in the sandbox by this build, or an earlier one here, and is no evidence."""
        return self.state.aside


class FigurePlace(NamedTuple):
    """A figure that shows the observation: where it is, and how it is called."""

    link: str
    title: str
    style: str = ""
    drawn: str = ""
    """The file of its drawn history, beside the page."""


class SiteContext(NamedTuple):
    """What a page says of the site that it belongs to."""

    title: str
    address: str
    """Whole, with a slash at its end."""
    head: str
    """The newest seal in short; empty where nothing is sealed."""
    licence: str = ""
    """Under which the evidence may be used; empty: none is named."""


class Around(NamedTuple):
    """The observations of the same question before and after it, where they have pages."""

    before: IndexEntry | None = None
    after: IndexEntry | None = None


class PageWithDrawings(NamedTuple):
    """The page's HTML, and what was drawn for it, as files beside it."""

    html: str
    files: dict[str, str]


def observation_page(  # noqa: PLR0913  # the page's parts
    line: RunLine,
    observation: Observation,
    *,
    sealed: Sealed,
    places: Sequence[FigurePlace],
    around: Around,
    site: SiteContext,
    lang: str,
    archive: str = "",
) -> PageWithDrawings:
    """The page. ``places``: the figures that show it; the first one's style is the listing's.

    ``archive``: the file beside it that has what was kept of web pages; empty where nothing was.
    """
    words = labels(lang)
    run, _, number = line.id.rpartition("-")
    folder = f"{run[:4]}/{run[4:6]}/{run[6:8]}"
    question = question_of(line)
    wanted = dict.fromkeys(one.style for one in places if one.style)
    output = _output(line, observation, question, list(wanted), words)
    failure = observation.failure
    title = asked_in_words(line, words)
    foot = f"{when(line, words)} · {words['from'].format(vantage=line.vantage.name)} · {line.id}"
    drawn = {"path.svg": path_svg(output.path, title, foot)} if output.path else {}
    kind = KINDS.get(line.kind)
    here = Indoors() if line.origin == "transcript" else indoors(observation, words)
    stable = f"{site.address}evidence/{line.id}/"
    variables = {
        "words": words,
        "site": site,
        "lang": lang,
        "line": line,
        "number": number,
        "run": f"runs/{folder}/{run}.jsonl",
        "title": title,
        "when": when(line, words),
        "asked": [
            (key, visible(_text(value)))
            for key, value in line.definition.items()
            if key != "redacted"
        ],
        "of_whom": servers(observation),
        "began": date_time(line.start, seconds=True),
        "sign": _SIGNS[observation.outcome],
        "headline": headline(line.kind, observation, words),
        "why": words.get(failure.name, failure.name) if failure else "",
        "step": visible(failure.step) if failure else "",
        "detail": visible(detail_in_words(failure.detail, words)) if failure else "",
        "lines": output.lines,
        "spoken": spoken(one for one, _ in output.lines),
        "table": output.table,
        "remarks": _remarks(kind, observation, words),
        "facts": fact_rows(observation.facts, words),
        "volatile": visible(_text(line.volatile)) if line.volatile else "",
        "exchanges": [_exchange(one) for one in observation.exchanges],
        "sealed": sealed,
        "seal": seal_words(sealed.state, words, whole=True),
        "places": places,
        "around": around,
        "indoors": here.said,
        "again": here.again,
        "commands": [] if here.again else _commands(question, line, observation.facts),
        "limits": words.get(f"limits_{line.kind}", ""),
        "logs": "" if here.again else logs(line, words),
        "stable": stable,
        "digest": line.facts or line.raw or "",
        "bibtex": bibtex(line, title, stable, site),
        "history": f"../questions/{line.digest[:16]}/history",
        "sheet": css_text(f"{stable} · {site.head}" if site.head else stable),
        "linked": linked_data(line, title, stable, site, lang),
        "shots": shots_of(kind, observation, words) if kind else [],
        "archive": archive,
        "drawn": [*sorted(drawn), *(one.drawn for one in places if one.drawn)],
    }
    return PageWithDrawings(template("observation.html").render(variables), drawn)


def question_of(line: RunLine) -> Kind | None:
    """What was asked; None where the target is hidden, or of no kind today."""
    options = dict(line.definition)
    if line.kind not in KINDS or "redacted" in options:
        return None
    try:
        target = options.pop(line.kind)
        return msgspec.convert({"target": target, **options}, KINDS[line.kind])
    except (KeyError, msgspec.ValidationError):
        return None


def asked_in_words(line: RunLine, words: Words) -> str:
    """The question as a sentence, in the page's language."""
    target = visible(str(line.definition.get(line.kind, "")))
    kinds = line.definition.get("type")
    if kinds and (asked := words.get(f"asks_{line.kind}_type")):
        listed = kinds if isinstance(kinds, list) else [kinds]
        return asked.format(target=target, type=visible(", ".join(map(str, listed))))
    asked = words.get(f"asks_{line.kind}")
    return asked.format(target=target) if asked else f"{kind_name(words, line.kind)}: {target}"


def when(line: RunLine, words: Words) -> str:
    """When it was observed; of a transcript what its author knows, which may be nothing."""
    if line.origin != "transcript":
        return date_time(line.start)
    return spaced(visible(str(line.volatile.get("observed") or ""))) or words["then_undated"]


def headline(kind: str, observation: Observation, words: Words) -> str:
    """What came of it in a word."""
    if kind not in KINDS:
        return words[observation.outcome.value]
    failure = observation.failure
    return KINDS[kind].headline(None if failure else observation.facts, failure, words)


def servers(observation: Observation) -> list[str]:
    """Who was asked, in order."""
    asked = (visible(f"{one.server} {one.protocol}".strip()) for one in observation.exchanges)
    return [one for one in dict.fromkeys(asked) if one][:20]


def logs(line: RunLine, words: Words) -> str:
    """How whoever was asked finds this visit in their logs."""
    said = words.get(f"logs_{line.kind}", "")
    if not said or line.origin == "transcript":
        return ""
    return said.format(time=f"{line.start:%Y-%m-%d %H:%M:%S} UTC", seconds=ceil(line.duration) or 1)


def fact_rows(facts: Facts | None, words: Words) -> list[tuple[str, str, list[str]]]:
    """Each field: its name in words, its name in expressions, its values, one a line."""
    if facts is None:
        return []
    rows = []
    for name, value in msgspec.to_builtins(facts).items():
        listed = value if isinstance(value, list) else [value]
        texts = [visible(one) for one in map(plain_text, listed) if one]
        more = len(texts) - _MOST_ROWS
        shown = [*texts[:_MOST_ROWS], *([f"… (+{more})"] if more > 0 else [])]
        if shown:
            rows.append((field_name(words, name), name, shown))
    return rows


class ShownOutput(NamedTuple):
    """What came back as the article shows it: lines (and whether they are ours), or a table."""

    lines: list[tuple[str, bool]] = []
    table: Table | None = None
    path: list[PathRow] = []


def _output(
    line: RunLine, observation: Observation, question: Kind | None, wanted: list[str], words: Words
) -> ShownOutput:
    if line.origin == "transcript":
        text = b"".join(one.received or b"" for one in observation.exchanges[:1])
        shown = capped(text.decode("utf-8", "replace").rstrip("\n").splitlines())[0]
        return ShownOutput([(one, False) for one in shown])
    if observation.facts is None or question is None:
        return ShownOutput()
    styles = styles_of(type(question))
    view = View(question, observation, observation.facts, words)
    written = [styles[one](view) for one in [*wanted, *type(question).styles[:1]] if one in styles]
    path = next((one.rows for one in written if isinstance(one, Picture)), [])
    output = next((one for one in written if not isinstance(one, Picture)), [])
    if isinstance(output, Table):
        rows = [capped(row)[0] for row in output.rows[:500]]
        return ShownOutput([], Table(output.header, rows), path)
    ours = [isinstance(one, Conclusion) for one in output]
    pairs = zip(capped(output)[0], ours, strict=False)
    lines = [(concluded(text) if one else escape_imitations(text), one) for text, one in pairs]
    heard = [line for line in lines if not line[1]]
    while heard and not heard[-1][0].strip():
        heard.pop()
    return ShownOutput([*heard, *(line for line in lines if line[1])], None, path)


def _remarks(kind: type[Kind] | None, observation: Observation, words: Words) -> list[str]:
    if kind is None or observation.facts is None or observation.origin == "transcript":
        return []
    return [visible(one) for one in kind.remarks(observation.facts, observation, words)]


def _text(value: Any) -> str:  # noqa: ANN401  # plain JSON
    if isinstance(value, list) and not any(isinstance(one, dict | list) for one in value):
        return ", ".join(map(_text, value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _exchange(exchange: Exchange) -> dict[str, Any]:
    """An exchange with its bytes as text, or in hexadecimal where they are none."""
    shown = _sum if exchange.media_type.startswith("image/") else _bytes
    return {
        "head": visible(f"{exchange.step} {exchange.server} {exchange.protocol}".strip()),
        "failure": visible(exchange.failure.name) if exchange.failure else "",
        "sent": _bytes(exchange.sent),
        "sent_decoded": _decoded(exchange.sent, exchange.media_type),
        "received": shown(exchange.received or b""),
        "received_decoded": _decoded(
            exchange.received or b"", exchange.media_type, hidden=exchange.hidden > 0
        ),
    }


def _decoded(content: bytes, media_type: str, *, hidden: bool = False) -> str:
    return "\n".join(capped(decoded_lines(content, media_type, hidden=hidden))[0])


def _sum(content: bytes) -> str:
    """Of a picture its size and hash: it stands above, and its bytes say nothing to the eye."""
    return f"{len(content)} B, SHA-256 {sha256(content).hexdigest()}" if content else ""


def _bytes(content: bytes) -> str:
    cut = content[:_MOST_BYTES]
    try:
        text = cut.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    lines = text.splitlines()
    if any(char < " " and char not in "\r\n\t" for char in text):
        lines = [cut[at : at + 32].hex(" ") for at in range(0, len(cut), 32)]
    shown, left_out = capped(lines)
    more = len(content) - len(cut)
    return "\n".join([*shown, *([f"… (+{left_out}, +{more} B)"] if left_out or more else [])])


def _commands(question: Kind | None, line: RunLine, found: Facts | None) -> list[str]:
    """How a reader asks the same again."""
    if question is None or line.origin == "transcript":
        return []
    return [shlex.join(words) for words in question.commands(found)]


_BRACES = str.maketrans({"{": "(", "}": ")", "\\": "/", "%": r"\%", "&": r"\&", "#": r"\#"})


def bibtex(line: RunLine, title: str, stable: str, site: SiteContext) -> str:
    """An entry for a bibliography."""
    fields = {
        "title": title.translate(_BRACES),
        "author": "{" + visible(site.title).translate(_BRACES) + "}",
        "howpublished": rf"\url{{{stable}}}",
    }
    if line.origin != "transcript":
        fields["year"] = f"{line.start:%Y}"
        fields["note"] = f"observed {line.start:%Y-%m-%d %H:%M:%S} UTC"
    if digest := line.facts or line.raw:
        fields["note"] = "; ".join(filter(None, [fields.get("note"), f"SHA-256 {digest}"]))
    rows = ",\n".join(f"  {name} = {{{text}}}" for name, text in fields.items())
    return f"@misc{{{line.id},\n{rows}\n}}"


def linked_data(line: RunLine, title: str, stable: str, site: SiteContext, lang: str) -> Markup:
    """The observation as a schema.org Dataset, for search engines and catalogues."""
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": title,
        "description": f"{title} ({line.kind}, {line.vantage.name})",
        "url": stable,
        "identifier": line.facts or line.raw or line.id,
        "inLanguage": lang,
        "isAccessibleForFree": True,
        "creator": {"@type": "Organization", "name": site.title},
        "distribution": [
            {"@type": "DataDownload", "encodingFormat": form, "contentUrl": f"{stable}facts.{end}"}
            for end, form in (("json", "application/json"), ("csv", "text/csv"))
        ],
    }
    if line.origin != "transcript":
        found["temporalCoverage"] = f"{line.start:%Y-%m-%dT%H:%M:%SZ}"
    if site.licence:
        found["license"] = site.licence
    return script(found)


def css_text(text: str) -> Markup:
    """A string of CSS inside a style element, whatever is in it."""
    plain = frozenset(" !#$%'()*+,-./:;=?@[]^_`{|}~")
    kept = "".join(
        char if char in plain or (char.isascii() and char.isalnum()) else f"\\{ord(char):x} "
        for char in text
    )
    return Markup(f'"{kept}"')  # noqa: S704  # what could end it is escaped


def script(data: Mapping[str, Any]) -> Markup:
    """JSON that may stand inside a script element, whatever is in it."""
    text = json.dumps(data)  # nothing but ASCII: no character in it hides another
    for char in "<>&":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return Markup(text)  # noqa: S704  # what could end the element is escaped
