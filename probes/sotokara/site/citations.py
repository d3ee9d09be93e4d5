"""Footnotes that cite figures of their page: ``[^path]``, ``[^path:4]``, ``[^path:"ni40g"]``.

What a citation of a line quotes is what that line said when the article was written: the ledger
keeps it (docs/decisions/0117-citations.md).
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from markdown import Markdown
from markdown.extensions.footnotes import FootnoteExtension
from markdown.preprocessors import Preprocessor
from markupsafe import Markup, escape

from sotokara.core.mistakes import AuthorError
from sotokara.core.said import said
from sotokara.core.times import date_time
from sotokara.definitions.source import fences
from sotokara.render.quote import Quote

_REFERENCE = re.compile(r'\[\^([A-Za-z]\w*)(?::(\d+)|:"([^"\n]+)")?\](?!:)')
_NOTE = re.compile(r"\[\^[^\]\n]+\](?!:)")
"""The mark of any footnote in prose."""
_DEFINED = re.compile(r"^ {0,3}\[\^([^\]]+)\]:", re.MULTILINE)
_CODE = re.compile(
    r"<!--.*?-->|^( *)(`{3,}|~{3,}).*?^\1\2|(?<!`)(`+)(?!`).*?(?<!`)\3(?!`)",
    re.DOTALL | re.MULTILINE,
)
_ID = re.compile(r"^id:\s*([A-Za-z]\w*)")
_MARK = re.compile(r'<span class="probe-cite" data-cite="(\w+?)(?::(\d+)|:x([0-9a-f]+))?"></span>')


class Citation(NamedTuple):
    """What is cited: a figure, by its definition's id; one line of it by number or by text."""

    id: str
    line: int = 0
    text: str = ""

    @property
    def label(self) -> str:
        """Its footnote's name: as written, or with the text in hexadecimal digits."""
        if self.text:
            return f"{self.id}:x{self.text.encode().hex()}"
        return f"{self.id}:{self.line}" if self.line else self.id

    @property
    def written(self) -> str:
        """As it stands in the article."""
        return f'{self.id}:"{self.text}"' if self.text else self.label


def _citation(match: re.Match[str]) -> Citation:
    return Citation(match[1], int(match[2] or 0), match[3] or "")


def _prose(text: str) -> str:
    """The text with code and comments blanked out, each character in its place."""
    return _CODE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


class Citations(Preprocessor):
    """Defines the footnotes that cite figures of the same page."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(md)
        self.md: Markdown = md

    def run(self, lines: list[str]) -> list[str]:
        """Add a definition for each citation at the page's end; an excerpt has no footnotes."""
        text = "\n".join(lines)
        if "[^" not in text:
            return lines
        if "excerpt" in self.md.treeprocessors:  # Material's blog: the notes stay in the article
            return without_notes(text).split("\n")
        if not any(isinstance(one, FootnoteExtension) for one in self.md.registeredExtensions):
            return lines
        ids = {match[1] for _, body in fences(text) for line in body if (match := _ID.match(line))}
        if not ids:
            return lines  # a page without figures that can be cited: its footnotes are its own
        prose = _prose(text)
        defined = set(_DEFINED.findall(prose))
        cited: dict[str, None] = {}
        pieces, at = [], 0
        for match in _REFERENCE.finditer(prose):
            one = _citation(match)
            if one.written in defined:
                continue
            cited.setdefault(one.label)
            pieces += [text[at : match.start()], f"[^{one.label}]"]
            at = match.end()
        notes = []
        for label in cited:
            notes += ["", f'[^{label}]: <span class="probe-cite" data-cite="{label}"></span>']
        return [*"".join([*pieces, text[at:]]).split("\n"), *notes] if cited else lines


def without_notes(text: str) -> str:
    """The text without the marks of footnotes; what stands in code is left alone."""
    pieces, at = [], 0
    for match in _NOTE.finditer(_prose(text)):
        pieces.append(text[at : match.start()])
        at = match.end()
    return "".join([*pieces, text[at:]])


def cited(text: str, html: str) -> dict[Citation, int]:
    """The citations in a rendered page, each with the line of its file in which it stands first."""
    found: dict[Citation, int] = {}
    for number, line in enumerate(_prose(text).splitlines(), 1):
        for match in _REFERENCE.finditer(line):
            found.setdefault(_citation(match), number)
    marked = dict.fromkeys(_marked(match) for match in _MARK.finditer(html))
    return {one: found.get(one, 1) for one in marked}


def _marked(match: re.Match[str]) -> Citation:
    text = bytes.fromhex(match[3]).decode() if match[3] else ""
    return Citation(match[1], int(match[2] or 0), text)


def unknown(page: str, line: int, one: Citation, known: list[str]) -> AuthorError:
    """No definition of the page has this id."""
    hint = (
        said("ids on this page: {}", ", ".join(known))
        if known
        else said("no definition there has an id")
    )
    what = said("the footnote [^{}] cites {!r}, which no definition is called", one.written, one.id)
    return AuthorError(page, line, what, said("{}; write anything else as `code`", hint))


def never_there(page: str, line: int, one: Citation) -> AuthorError:
    """The figure has no such line, and had none when the article was written."""
    if one.text:
        what = said(
            "the footnote cites {!r} in {!r}, which stands in no line of it", one.text, one.id
        )
        return AuthorError(page, line, what, said("cite a text that stands there"))
    what = said(
        "the footnote cites line {} of {!r}, which the figure does not show", one.line, one.id
    )
    return AuthorError(page, line, what, said("cite a line that it has"))


def lost(page: str, line: int, one: Citation, quote: Quote) -> AuthorError:
    """What was cited is no longer there: the world may have changed, the author should look."""
    what = said(
        "the footnote [^{}] cites {!r}, which {!r} no longer shows",
        one.written,
        quote.text.strip(),
        one.id,
    )
    return AuthorError(
        page, line, what, said("it is quoted as of then: see whether your text still fits")
    )


def fill_citations(
    html: str, quote: Callable[[Citation], Quote | None], words: dict[str, str], base: str = ""
) -> str:
    """The page with every citation written out.

    ``quote`` gives what a citation quotes; None where there is nothing. ``base``: the path that the
    evidence's pages are under.
    """

    def cite(match: re.Match[str]) -> str:
        one = _marked(match)
        found = quote(one)
        return "".join(_written(one, found, words, base))

    return _MARK.sub(cite, html)


def _written(one: Citation, found: Quote | None, words: dict[str, str], base: str) -> Iterator[str]:
    anchor, said = f"probe-{one.id}", words["cite"].format(name=one.id)
    line = found.line if found and found.line else one.line
    if line:
        said = words["cite_line"].format(name=one.id, line=line)
    if found and found.line:
        anchor = f"{anchor}-L{found.line}"
    yield Markup('<a href="#{}">{}</a>').format(anchor, said)
    if found is None:
        return
    if found.text:
        yield Markup(": <code>{}</code>").format(" ".join(found.text.split()))
    if found.seen is not None:
        said = words[found.when].format(time=date_time(found.seen.start))
        time = Markup('<time datetime="{}">{}</time>').format(
            f"{found.seen.start:%Y-%m-%dT%H:%M:%SZ}", said
        )
        linked = Markup('<a href="{}evidence/{}/">{}</a>').format(base, found.seen.id, time)
        yield Markup(", {}").format(linked if found.lost and base and found.seen.id else time)
    if found.lost:
        yield Markup(" ({}; {})").format(
            words["from"].format(vantage=found.vantage), escape(words["cite_lost"])
        )
