"""Blocks and footnotes of articles with figures: titles, and citations of single lines."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import NamedTuple

from markdown import Markdown
from markdown.extensions.footnotes import FootnoteExtension
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markupsafe import Markup, escape

from sotokara.core.labels import labels
from sotokara.core.mistakes import AuthorError
from sotokara.definitions.source import fences

BLOCKS = ("findings", "methods", "limits", "sources", "corrections", "reply")


class Titles(Treeprocessor):
    """Puts the names in; ``lang`` is the language they are written in."""

    def __init__(self, md: Markdown, lang: str) -> None:
        super().__init__(md)
        self.lang = lang

    def run(self, root: ET.Element) -> None:
        """Replace the titles that the admonition extension made of the blocks' class names."""
        words = labels(self.lang)
        for block in root.iter("div"):
            kinds = block.get("class", "").split()
            name = next((one for one in BLOCKS if one in kinds), None)
            title = block.find("p")
            if name is None or "admonition" not in kinds or title is None:
                continue
            if title.get("class") == "admonition-title" and title.text == name.capitalize():
                title.text = words[f"block_{name}"]


_REFERENCE = re.compile(r"\[\^([A-Za-z]\w*)(?::(\d+))?\](?!:)")
_DEFINED = re.compile(r"^ {0,3}\[\^([^\]]+)\]:", re.MULTILINE)
_CODE = re.compile(
    r"<!--.*?-->|^( *)(`{3,}|~{3,}).*?^\1\2|(?<!`)(`+)(?!`).*?(?<!`)\3(?!`)",
    re.DOTALL | re.MULTILINE,
)
_ID = re.compile(r"^id:\s*([A-Za-z]\w*)")
_MARK = re.compile(r'<span class="probe-cite" data-cite="(\w+?)(?::(\d+))?"></span>')
_TAG = re.compile(r"<i\b.*?</i>|<svg.*?</svg>|<[^>]*>", re.DOTALL)
_TIME = re.compile(r"<time datetime=[^>]*>.*?</time>", re.DOTALL)


class Cited(NamedTuple):
    """A citation that leads nowhere: the figure's id and the line that it has not."""

    id: str
    line: int


class Citations(Preprocessor):
    """Defines the footnotes that cite figures of the same page."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(md)
        self.md: Markdown = md

    def run(self, lines: list[str]) -> list[str]:
        """Add a definition for each citation at the page's end."""
        text = "\n".join(lines)
        if "[^" not in text:
            return lines
        if not any(isinstance(one, FootnoteExtension) for one in self.md.registeredExtensions):
            return lines
        ids = {match[1] for _, body in fences(text) for line in body if (match := _ID.match(line))}
        prose = _CODE.sub(" ", text)
        defined = set(_DEFINED.findall(prose))
        notes = []
        for name, line in dict.fromkeys(_REFERENCE.findall(prose)):
            whole = f"{name}:{line}" if line else name
            if name in ids and whole not in defined:
                notes += ["", f'[^{whole}]: <span class="probe-cite" data-cite="{whole}"></span>']
        return [*lines, *notes]


def places(text: str) -> dict[Cited, int]:
    """In which line of a page's file each citation of a line stands first."""
    found: dict[Cited, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        for name, cited in _REFERENCE.findall(line):
            found.setdefault(Cited(name, int(cited or 0)), number)
    return found


def warnings(page: str, places: dict[Cited, int], lost: list[Cited]) -> list[AuthorError]:
    """What an author should look at: the output has fewer lines than when it was cited."""
    return [
        AuthorError(
            page,
            places.get(one, 1),
            f"the footnote cites line {one.line} of {one.id!r}, which the figure does not show",
            "cite a line that it has",
        )
        for one in lost
    ]


def fill(html: str, figure: Callable[[str], str], words: dict[str, str]) -> tuple[str, list[Cited]]:
    """The page with every citation written out, and those that lead nowhere.

    ``figure`` gives the HTML of a definition's figures, by its id; nothing where there is none.
    """
    lost: list[Cited] = []

    def cite(match: re.Match[str]) -> str:
        name, line = match[1], int(match[2] or 0)
        shown = figure(name)
        anchor = f"probe-{name}"
        said = escape(words["cite"].format(name=name))
        quoted = Markup("")
        if line:
            said = escape(words["cite_line"].format(name=name, line=line))
            found = re.search(rf'id="{anchor}-L{line}"[^>]*>(.*?)(?:\n|</code>)', shown, re.DOTALL)
            if found:
                anchor = f"{anchor}-L{line}"
                bare = " ".join(_TAG.sub(" ", found[1]).split())
                text = Markup(bare)  # noqa: S704  # escaped by the figure
                quoted = Markup(": <code>{}</code>").format(text)
            else:
                lost.append(Cited(name, line))
        when = _TIME.search(shown)
        time = Markup(", {}").format(Markup(when[0])) if when else Markup("")  # noqa: S704
        return Markup('<a href="#{}">{}</a>{}{}').format(anchor, said, quoted, time)

    return _MARK.sub(cite, html), lost
