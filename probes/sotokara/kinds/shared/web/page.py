"""What a body is: HTML or JSON or something else, its charset, title, text, icon."""

import codecs
import json
import re
from typing import NamedTuple

from sotokara.kinds.shared.web.markup import Tag, pieces
from sotokara.kinds.shared.web.trackers import Tracker, trackers_in

_LONGEST_TITLE = 200
_LOOKS_HTML = re.compile(
    r"\s*(?:<!--(?:(?!-->).)*-->\s*)*<(?:!doctype html|html|head|body|title|meta|script)\b",
    re.IGNORECASE | re.DOTALL,
)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)
_ENCODINGS = frozenset(
    [f"utf-{one}" for one in ("8", "16", "16-le", "16-be")]
    + [f"iso8859-{number}" for number in range(1, 17)]
    + [f"cp{one}" for one in (866, 874, 932, 949, *range(1250, 1259))]
    + ["ascii", "koi8-r", "koi8-u", "mac-roman", "mac-cyrillic", "tis-620"]
    + ["gb2312", "gbk", "gb18030", "big5", "big5hkscs", "euc_jp", "euc_kr"]
    + ["iso2022_jp", "shift_jis"]
)
"""Those of the Encoding Standard (encoding.spec.whatwg.org, 4.2), as Python names them."""
_HIDDEN = frozenset({"script", "style", "noscript", "template", "head"})
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class ParsedPage(NamedTuple):
    """A body, read."""

    charset: str = ""
    title: str = ""
    text: str = ""
    """What is to be read in it, runs of white space as one space."""
    icon: str = ""
    """The address of its icon as it stands there."""
    generator: str = ""
    trackers: list[Tracker] = []
    promised: bool = True
    """It is what its Content-Type says, as far as that can be told."""


def read_page(body: bytes, content_type: str) -> ParsedPage:
    """What a body is. Linear in its length."""
    kind = content_type.partition(";")[0].strip().lower()
    charset = _charset(body, content_type)
    text = _decoded(body, charset)
    html_like = _LOOKS_HTML.match(text[:4096]) is not None
    if "json" in kind:
        return ParsedPage(charset, text=_plain(text), promised=_is_json(text))
    if "html" not in kind:
        images = kind.startswith(("image/", "audio/", "video/")) or kind == "application/pdf"
        readable = kind.startswith("text/") or kind.endswith("xml") or not kind
        shown = _plain(text) if readable else ""
        return ParsedPage(
            charset if readable else "", text=shown, promised=not (images and html_like)
        )
    parser = _TextReader()
    for one in pieces(text):
        parser.take(one)
    return ParsedPage(
        charset,
        _plain("".join(parser.title))[:_LONGEST_TITLE],
        _plain(" ".join(parser.text)),
        parser.icon,
        _plain(parser.generator)[:_LONGEST_TITLE],
        trackers_in(text),
        promised=not _is_json(text),
    )


def _charset(body: bytes, content_type: str) -> str:
    """As the HTML standard has it: the mark, the header, the page's own word, then UTF-8."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return name
    found = re.search(r"charset=[\"']?([\w.:-]{2,40})", content_type, re.IGNORECASE)
    if found is None:
        inside = _META_CHARSET.search(body[:2048])
        return inside[1].decode("ascii").lower() if inside else ""
    return found[1].lower()


def _decoded(body: bytes, charset: str) -> str:
    """By the page's charset where browsers know it: Python has others, some of them very slow."""
    try:
        known = codecs.lookup(charset or "utf-8").name in _ENCODINGS
        return body.decode(charset if known and charset else "utf-8", "replace")
    except (LookupError, UnicodeError, ValueError):
        return body.decode("utf-8", "replace")


def _plain(text: str) -> str:
    return " ".join(text.split())


def _is_json(text: str) -> bool:
    if text.lstrip()[:1] not in ("{", "["):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


class _TextReader:
    """Title, text, icon and generator of a page; nothing in it is run."""

    def __init__(self) -> None:
        self.title: list[str] = []
        self.text: list[str] = []
        self.icon = self.generator = ""
        self._in_title, self._hidden = False, 0

    def take(self, piece: Tag | str) -> None:
        """A tag, or what stands between two."""
        if isinstance(piece, str):
            self._text(piece)
        elif piece.closes:
            self._leave(piece.name)
        else:
            self._enter(piece.name, piece.attributes)

    def _enter(self, tag: str, given: dict[str, str]) -> None:
        if tag == "title" and not self.title:
            self._in_title = True
        elif tag in _HIDDEN:
            self._hidden += 1
        elif tag == "body":
            self._hidden = 0  # a head that was not closed
        elif tag == "link" and "icon" in given.get("rel", "").lower().split():
            self.icon = self.icon or given.get("href", "").strip()
        elif tag == "meta" and given.get("name", "").lower() == "generator":
            self.generator = self.generator or given.get("content", "")

    def _leave(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        elif tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)

    def _text(self, data: str) -> None:
        if self._in_title:
            self.title.append(data)
        elif not self._hidden:
            self.text.append(data)
