"""An answer cut into lines that know what they are: a pair, a heading, a comment, words alone.

Masking and reading share this, so that whatever is read as a contact's is masked as one. Layouts
differ in all but this: a label and its value stand on one line (``label: value``,
``label.....: value``, ``[label] value``), or the values stand below their label, indented or up to
the next blank line. Linear in the text; lines are cut at ``LONGEST_LINE``.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from sotokara.kinds.whois.text import LONGEST_LINE, MOST_LINES, is_banner

PAIR, HEADING, COMMENT, WORDS, BLANK = "pair", "heading", "comment", "words", "blank"

_BREAK = re.compile(r"\r*\n|\r")
_MARK = re.compile(
    r"[\s>\ufeff]*(?:[%#;*]+\s*)*(?:(?:\d{1,2}[a-z]?\.|[-•])\s+(?=[A-Z]|[^\W\d_][^:\n]{0,40}:))?"
)
_LABEL = re.compile(r"([^\W\d_][^:：\[\]\n]{0,160}?)(\s{0,40}\.{0,60}\s{0,40}[:：])([\s.]*)(.*)")
_QUOTED = re.compile(r"\"([^\W\d_][^\":\n]{0,60})\"(\s{0,9}:)(\s*)(\S.*)")
"""A pair of JSON, one a line."""
_MARKED = re.compile(
    r"([^\W\d_][\w .'()&-]{0,40}?)(\s{0,40}(?:=>?|-+>|→|\|)\s{0,40})(?=\S)([^=|].*)"
)
"""``label = value``, and with an arrow or a bar."""
_DOTTED = re.compile(r"([^\W\d_][\w '()/&-]{0,60}?)(#?(?:\. ?){2,60})(\s*|$)(.*)")
_NAMED = re.compile(r"(Domain(?: Name)?)(\s+)((?:[\w-]+\.)+[\w-]+)$", re.IGNORECASE)
_COLUMNS = re.compile(r"([^\W\d_][\w.-]*(?: [\w.-]+){0,3})(\t+|\s{2,})(\S.*)")
_ASIDE = re.compile(r"\([^()]*\)")
_BRACKETED = re.compile(r"((?:[a-z]\.?\s{1,4})?\[\s?)([^\[\]\n]{1,60})(\])(\s*)(.*)")
_RULED = re.compile(r"[-=_*+~.\s]*$")
_ADDRESS = re.compile(r"[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{0,4}){2,}")
_COUNTED = re.compile(r"[^\W\d_]{3}\d{1,2}$")
"""The end of a label that counts (``Street1``)."""
_YAML = re.compile(r"!\w+|[|>][+-]?")
"""What stands behind a label in YAML where the value follows below."""
_SPLIT = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z]{2})(?=[A-Z][a-z]{2})")
_MOST_WORDS = 8
"""A label has no more words; a sentence with a colon has."""


_ENCLOSED = re.compile(r"(?:<br ?/?>|(?<=\"),)$", re.IGNORECASE)


class WhoisLine(NamedTuple):
    """One line of an answer."""

    text: str
    """As sent, without its end, cut at the longest that is read."""
    kind: str
    indent: int
    label: str = ""
    """Of a pair or a heading, as sent."""
    start: int = 0
    """Where the value begins in the text."""
    commented: bool = False
    """Whether a mark of comments stands before it."""

    @property
    def value(self) -> str:
        """The value of a pair, or the whole of a line of words, without what only encloses it."""
        value = self.text[self.start :].strip()
        if value.endswith((">", '"', '",')):
            value = _ENCLOSED.sub("", value).strip()
            value = value[1:-1] if value[:1] == value[-1:] == '"' and len(value) > 1 else value
        return value


def split_lines(text: str) -> list[str]:
    """The lines of a text that are read; ``\\r\\r\\n`` ends one line, not two."""
    lines = [line[:LONGEST_LINE] for line in _BREAK.split(text, maxsplit=MOST_LINES)[:MOST_LINES]]
    if lines and not lines[-1]:
        lines.pop()
    return lines


def single_spaced(text: str) -> str:
    """A text without the blank lines, where one stands behind each line."""
    lines = split_lines(text)
    full = [bool(line.strip()) for line in lines]
    if sum(full) < _FEWEST_DOUBLED or any(map(all, pairwise(full))):
        return text
    kept = [line for at, line in enumerate(lines) if full[at] or not (at and full[at - 1])]
    return "".join(f"{line}\n" for line in kept)


class LineSpan(NamedTuple):
    """A part of a line."""

    start: int
    end: int


def values_from(text: str) -> LineSpan | None:
    """The first value of a line that has several labels with theirs; else None."""
    first = _FIRST.match(text)
    second = _SECOND.search(text, first.end()) if first else None
    return LineSpan(first.end(), second.start()) if first and second else None


_FIRST = re.compile(r"[\s%#;*>]{0,9}[^\W\d_][\w .'/()-]{1,40}:\s")
_SECOND = re.compile(r"[;|]\s{1,9}(?!https?:)[^\W\d_][\w .'/()-]{1,40}:\s")


def words(label: str) -> tuple[str, ...]:
    """A label's words in lower case, without marks and numbers at their ends.

    >>> words("Registrant_Contact-Address1"), words("OrgTechHandle"), words("登録者名")
    (('registrant', 'contact', 'address'), ('org', 'tech', 'handle'), ('登録者名',))
    """
    found = (word.rstrip("0123456789") for word in _SPLIT.findall(_CAMEL.sub(" ", label).lower()))
    return tuple(word for word in found if word)


def lex(texts: list[str]) -> list[WhoisLine]:
    """Every line with its kind."""
    found = [_one(text) for text in texts]
    if all(one.commented or one.kind == BLANK for one in found) and _registration(found):
        found = [_one(text, commented=False) for text in texts]
    return list(_headings(_single(found)))


def _registration(found: list[WhoisLine]) -> bool:
    """Whether lines name a host and tell of it: where each has a mark, it marks nothing."""
    pairs = [one for one in found if one.kind == PAIR]
    return len(pairs) >= _FEWEST_MARKED and any(_HOST.fullmatch(one.value) for one in pairs)


_FEWEST_MARKED = 3
_HOST = re.compile(r"(?:[\w-]{1,63}\.)+[A-Za-z][\w-]{1,62}")


def _single(found: list[WhoisLine]) -> list[WhoisLine]:
    """The lines; where there is a blank one behind each, it parts nothing."""
    full = [one.kind != BLANK for one in found]
    if sum(full) < _FEWEST_DOUBLED or any(map(all, pairwise(full))):
        return found
    return [
        one._replace(kind=COMMENT) if at and one.kind == BLANK and full[at - 1] else one
        for at, one in enumerate(found)
    ]


_FEWEST_DOUBLED = 5


def _one(text: str, *, commented: bool | None = None) -> WhoisLine:  # noqa: PLR0911  # one a form
    """One line; ``commented``: what it is, where its own mark does not tell."""
    mark = _MARK.match(text)
    at = mark.end() if mark else 0
    indent = len(text) - len(text.lstrip())
    if not text.strip():
        return WhoisLine(text, BLANK, 0)
    marks = text[:at].strip()
    if commented is None:
        commented = marks[:1] in ("%", "#", ";", ">") and marks != ""
    if _RULED.match(text, at) or is_banner(text):
        return WhoisLine(text, COMMENT, indent, commented=True)
    rest = text[at:]
    if match := _BRACKETED.match(rest):
        start = at + match.start(5)
        kind = PAIR if match[5] or match[1].strip() != "[" or match[4] else HEADING
        return WhoisLine(text, kind, indent, match[2].strip(), start, commented)
    if (match := _LABEL.match(rest)) and _is_label(match[1], match[2], match[3], match[4], rest):
        label = match[1].strip(" .\t")
        start = at + match.start(4)
        value = match[4].strip()
        named = value[:1] == "[" and value[-1:] == "]" and value.count("[") == 1
        empty = not value or named or _YAML.fullmatch(value)
        kind = HEADING if empty else PAIR  # "Contact Information: [公開連絡窓口]"
        return WhoisLine(text, kind, indent, label, start, commented)
    if match := _QUOTED.match(rest):
        return WhoisLine(text, PAIR, indent, match[1].strip(), at + match.start(4), commented)
    if (match := _MARKED.match(rest)) and "://" not in match[1]:
        return WhoisLine(text, PAIR, indent, match[1].strip(), at + match.start(3), commented)
    match = _DOTTED.match(rest) or _NAMED.match(rest.strip()) or _COLUMNS.match(rest)
    if match and _is_column(match):
        kind = PAIR if match[match.re.groups].strip() else HEADING
        return WhoisLine(
            text, kind, indent, match[1].strip(), at + match.start(match.re.groups), commented
        )
    return WhoisLine(text, COMMENT if commented else WORDS, indent, "", at, commented)


def _is_column(match: re.Match[str]) -> bool:
    if "." in match[2] or match.re is _NAMED:
        return True
    return "@" not in match[3] and all(word in _COLUMN_WORDS for word in words(match[1]))


def _is_label(label: str, colon: str, blank: str, value: str, whole: str) -> bool:
    if len(_ASIDE.sub("", label).split()) > _MOST_WORDS or "://" in whole[: len(label) + 3]:
        return False
    if value.startswith("//") or _ADDRESS.match(whole):
        return False
    if blank or not value or colon.strip(".: ") != colon.strip(":："):
        return True
    # "Key:value" without a blank: not a time of day, an address or a mail behind a word
    return not label[-1:].isdigit() or bool(_COUNTED.search(label))


HEADS = frozenset(
    [
        "registrant",
        "registrants",
        "holder",
        "owner",
        "admin",
        "administrative",
        "administrator",
        "technical",
        "tech",
        "billing",
        "zone",
        "contact",
        "contacts",
        "registrar",
        "information",
        "info",
        "details",
        "domain",
        "name",
        "names",
        "nameserver",
        "nameservers",
        "servers",
        "server",
        "dns",
        "in",
        "listed",
        "order",
        "organization",
        "organisation",
        "using",
        "agent",
        "person",
        "titular",
        "titulaire",
        "titolare",
        "entidade",
        "gestora",
        "responsável",
        "técnico",
        "tecnico",
        "administrativo",
        "kontakt",
        "nservers",
        "whois",
        "less",
        "specific",
        "more",
        "reseller",
        "domeinnaamhouder",
        "inhaber",
        "halter",
        "contacto",
        "registrador",
        "holders",
        "registry",
        "data",
        "status",
        "dates",
        "host",
        "hosts",
        "primary",
        "secondary",
        "네임서버",
        "정보",
        "上位情報",
        "下位情報",
    ]
)
"""What headings without a colon are made of: any other word may be part of a name."""


_COLUMN_WORDS = HEADS | frozenset(
    [
        "id",
        "legal",
        "form",
        "org",
        "address",
        "telephone",
        "email",
        "phone",
        "fax",
        "last",
        "update",
        "valid",
        "date",
        "status",
        "first",
        "registration",
        "expiry",
        "expires",
        "created",
        "updated",
        "modified",
        "state",
        "dnssec",
        "code",
        "reg",
        "no",
        "record",
        "domainname",
        "street",
        "city",
        "country",
        "postal",
        "url",
        "website",
    ]
)
"""What labels are made of that stand before their value with blanks alone between."""


def _headings(found: list[WhoisLine]) -> Iterator[WhoisLine]:
    """Words alone that stand above indented pairs, or are headings' words, are headings."""
    turned: list[WhoisLine] = []
    following = WhoisLine("", BLANK, 0)
    for at in range(len(found) - 1, -1, -1):
        line = found[at]
        before = found[at - 1].kind if at else BLANK
        if line.kind == WORDS and _heads(line, following, before):
            line = line._replace(
                kind=HEADING, label=line.text.strip(" :*-=\t"), start=len(line.text)
            )
        turned.append(line)
        if line.kind != BLANK:
            following = line
    return reversed(turned)


def _heads(line: WhoisLine, below: WhoisLine, before: str) -> bool:
    text = line.text.strip()
    plain = _ORDINAL.sub("", text)
    if len(text) > _LONGEST_HEADING or "@" in text or any(char.isdigit() for char in plain):
        return False
    named = words(plain)
    if not named or not all(word in HEADS for word in named):
        return False  # any other word may be a name
    indented = below.kind in (PAIR, HEADING) and below.indent > line.indent
    return indented or before in (BLANK, COMMENT)


_ORDINAL = re.compile(r"\b\d(?:차|st|nd|rd|th)\b", re.IGNORECASE)
_LONGEST_HEADING = 60
