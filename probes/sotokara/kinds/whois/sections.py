"""Whose each line of an answer is: the sections and objects that the lines stand in.

A heading holds for the more indented lines below it, or for what stands directly below it up to the
next blank line. A paragraph of an RPSL-like answer is one object, which its first label names.
"""

import re
from typing import NamedTuple

from sotokara.kinds.whois import lines as lexed
from sotokara.kinds.whois import shapes
from sotokara.kinds.whois.labels import (
    CONTACT,
    HOLDER,
    IDENTITY,
    NAME,
    ORGANIZATION,
    PRIVATE,
    REGISTRAR,
    REMARK,
    SERVERS,
    TYPE,
    UNKNOWN,
    Label,
    label,
)
from sotokara.kinds.whois.lines import BLANK, COMMENT, HEADING, PAIR, WORDS, WhoisLine
from sotokara.kinds.whois.text import MOST_LINES

_OBJECTS = frozenset(
    (
        *("person", "role", "personname", "nic hdl", "nic hdl br", "contact", "contact id"),
        *("handle", "nic handle", "organisation", "irt", "holder c", "cust name", "org name"),
        "org id",
    )
)
"""Labels that make a paragraph the object of a contact, wherever they stand in it."""


class Placed(NamedTuple):
    """A line in its place."""

    line: WhoisLine
    label: Label | None
    """Its own label, or that of the pair whose value it goes on with."""
    section: Label | None
    """The heading that it stands below."""
    group: int
    """The same number for the lines of one section, object or paragraph."""
    whose: str
    """Whose it is, all considered (see labels.py)."""
    goes_on: bool = False
    """Whether it goes on with the value of the pair above it."""

    @property
    def plain(self) -> str:
        """The words of its label, empty where it has none."""
        return self.label.plain if self.label else ""


_SOMEBODYS = (NAME, ORGANIZATION, PRIVATE, IDENTITY, REMARK)
"""What a line behind a mark of comments may hold of a person, as any other line may."""


class _Open(NamedTuple):
    """A heading that is open."""

    indent: int
    label: Label
    group: int
    level: bool
    """Whether it holds for lines that are indented no more than itself."""
    whose: str
    commented: bool
    """Whether a mark of comments stands before it."""
    listed: bool
    """Whether it stands in a list of pairs: ``Registrar WHOIS Server:`` with nothing behind it."""


def placed(texts: list[str]) -> list[Placed]:
    """Every line in its place."""
    found = lexed.lex(texts[:MOST_LINES])
    objects = _objects(found)
    return _Walk(objects).all(found)


def _objects(found: list[WhoisLine]) -> list[tuple[str, int]]:
    """For each line whose object its paragraph is, empty for none of a contact, and its number."""
    whose: list[tuple[str, int]] = []
    start = number = 0
    top: WhoisLine | None = None
    for at in range(len(found) + 1):
        ends = at == len(found) or found[at].kind == BLANK
        if not ends and found[at].kind == PAIR and not found[at].commented:
            top = top or found[at]
            ends = found[at] is not top and _begins(found[at], top)
        if not ends:
            continue
        paragraph = _before_sections(found[start:at])
        whose += [(_object(paragraph), number)] * (at - start)
        start, number, top = at, number + 1, None
        if at < len(found) and found[at].kind == PAIR:
            top = found[at]
        if at < len(found) and found[at].kind == BLANK:
            whose.append(("", number))
            start = at + 1
    return whose


def _before_sections(lines: list[WhoisLine]) -> list[WhoisLine]:
    """The pairs of a paragraph up to a heading of somebody's, which has its own lines below it."""
    kept: list[WhoisLine] = []
    for one in lines:
        if one.kind == HEADING and kept and label(one.label).whose in (HOLDER, CONTACT, REGISTRAR):
            break
        if one.kind == PAIR and not one.commented:
            kept.append(one)
    return kept


def _begins(line: WhoisLine, top: WhoisLine) -> bool:
    """Whether an object begins without a blank line above it, as in some registries' FRED."""
    name, above = line.label.lower(), top.label.lower()
    if line.kind != PAIR:
        return False
    if name == "contact":
        return above in ("domain", "contact", "nsset", "keyset")
    return name in ("nsset", "keyset") and above in ("contact", "nsset")


_OF_CONTACTS = frozenset(("name", "phone", "email", "e mail", "address", "organization", "city"))


def _object(paragraph: list[WhoisLine]) -> str:
    if not paragraph:
        return ""
    named = [label(line.label) for line in paragraph[:60]]
    plain = [one.plain for one in named]
    if plain[0] in _DOMAIN_OBJECTS:
        return ""
    if plain[0] == "contact" and paragraph[0].value.lower() in ("registrant", "holder", "owner"):
        return HOLDER
    if named[0].whose in (REGISTRAR, HOLDER, CONTACT) and _OF_CONTACTS.intersection(plain[1:]):
        return named[0].whose
    if plain[0] in ("nsset", "keyset", "nserver", "host", "hostname"):
        return SERVERS
    return CONTACT if _OBJECTS.intersection(plain) else ""


_DOMAIN_OBJECTS = frozenset(
    (
        "domain",
        "domain name",
        "domainname",
        "query",
        "inetnum",
        "inet6num",
        "inet num",
        "net range",
        "aut num",
        "as block",
    )
)
_DOMAIN_NAMES = ("domain name", "nombre de dominio", "nome de domínio", "nom de domaine")


_MOST_OF_ONE = 6
"""Words of a value in a comment; a sentence has more."""


class _Walk:
    """The way through the lines, with the headings that are open."""

    def __init__(self, objects: list[tuple[str, int]]) -> None:
        self._objects = objects
        self._open: list[_Open] = []
        self._group = 0
        self._number = -1
        self._blank = True
        self._fresh = False
        """Whether nothing stands below the newest heading yet."""
        self._listed = False
        """Whether the line above is a pair."""
        self._pair: tuple[Label, int] | None = None

    def all(self, found: list[WhoisLine]) -> list[Placed]:
        return [self._one(line, *self._objects[at]) for at, line in enumerate(found)]

    def _one(self, line: WhoisLine, of_object: str, number: int) -> Placed:  # noqa: C901  # a line for each form
        if line.kind == BLANK:
            if not self._fresh:
                self._open = [one for one in self._open if not one.level]
            self._blank, self._pair, self._listed = True, None, False
            return Placed(line, None, None, self._group, UNKNOWN)
        if line.kind == COMMENT and self._in_comment(line):
            line = line._replace(kind=WORDS)
        if line.kind == COMMENT:
            return Placed(line, None, None, self._group, UNKNOWN)
        own = label(line.label) if line.label else None
        if own and line.commented and own.whose not in (HOLDER, CONTACT, REGISTRAR):
            return self._beside(line, own)
        if own and line.commented and len(line.value.split()) > _MOST_OF_ONE:
            return Placed(line._replace(kind=COMMENT), None, None, self._group, UNKNOWN)
        if line.kind == HEADING and own:
            return self._heading(line, own, of_object)
        if own and own.plain in _DOMAIN_NAMES and "." in line.value:
            self._open = []  # below "Titular:" the domain's own lines may stand as well
        goes_on = self._pair is not None and line.kind == WORDS and line.indent > self._pair[1]
        if not goes_on:
            self._close(line)
        if not self._open and (self._blank or number != self._number):
            self._group += 1
        self._number = number
        self._blank = self._fresh = False
        self._listed = line.kind == PAIR
        if line.kind == PAIR and own:
            self._pair = (own, line.indent)
        elif not goes_on:
            self._pair = None
        top = self._open[-1] if self._open else None
        said = self._pair[0] if goes_on and self._pair else own
        return Placed(
            line,
            said,
            top.label if top else None,
            top.group if top else self._group,
            self._whose(said, top, of_object),
            goes_on,
        )

    def _in_comment(self, line: WhoisLine) -> bool:
        """Whether words stand below somebody's heading, both behind a mark of comments."""
        top = self._open[-1] if self._open else None
        few = 0 < len(line.value.split()) <= _MOST_OF_ONE and any(map(str.isalnum, line.value))
        return line.commented and few and top is not None and top.commented

    def _beside(self, line: WhoisLine, own: Label) -> Placed:
        """A line behind a mark of comments, which says nothing of where the next ones stand."""
        few = len(line.value.split()) <= _MOST_OF_ONE
        if own.what in _SOMEBODYS and (few or not (own.odd or shapes.sentence(line.value))):
            return Placed(line, own, None, self._group, own.whose)
        return Placed(line._replace(kind=COMMENT), None, None, self._group, UNKNOWN)

    def _heading(self, line: WhoisLine, own: Label, of_object: str) -> Placed:
        while self._open and line.indent <= self._open[-1].indent:
            self._open.pop()
        outer = self._open[-1] if self._open else None
        whose = self._whose(own, outer, of_object)
        self._group += 1
        group = outer.group if outer and outer.whose == whose else self._group
        property_ = own.what == PRIVATE or bool(outer and own.whose == UNKNOWN)
        self._open.append(
            _Open(line.indent, own, group, not property_, whose, line.commented, self._listed)
        )
        self._listed = True
        self._fresh, self._pair, self._blank = True, None, False
        return Placed(line, own, outer.label if outer else None, group, whose)

    def _close(self, line: WhoisLine) -> None:
        """Leave the headings that do not hold for a line."""
        while self._open and line.indent <= self._open[-1].indent:
            top = self._open[-1]
            if top.level and (self._fresh or not self._blank) and self._below(line, top):
                self._open[-1] = top
                return
            self._open.pop()

    def _below(self, line: WhoisLine, top: _Open) -> bool:
        """Whether a line that is not indented belongs to the heading directly above it."""
        if line.kind == WORDS:
            return True
        if top.listed or not (top.whose or all(word in lexed.HEADS for word in top.label.words)):
            return False
        own = label(line.label)
        if self._fresh and self._blank and _DATED.search(own.plain):
            return False  # nothing stands below the heading: "Abuse Contact:", a blank, the dates
        return own.whose in (top.label.whose, UNKNOWN) or own.whose not in (HOLDER, REGISTRAR)

    def _whose(self, own: Label | None, top: _Open | None, of_object: str) -> str:
        if own and own.whose in (HOLDER, CONTACT, REGISTRAR, SERVERS) and not _generic(own):
            return own.whose
        if top and top.whose:
            return top.whose
        return of_object or (own.whose if own else UNKNOWN)


_DATED = re.compile(r"^(?:domain )?(?:creat|updat|modif|expir|registered|last)[\w ]*$")


def _generic(own: Label) -> bool:
    """Labels that say nothing of whose the value is: below ``Registrar:`` a ``Contact:`` is his."""
    return own.plain in ("contact", "admin contact", "person", "nic handle", "nic hdl", "server")


# Where an answer itself says whether its holder is a person or an organization.

_PERSON = re.compile(
    r"\b(?:individual|natural(?:\s+person)?|private|person|physical|physique|particulier|privat\w*"
    r"|soukrom\w*|persona fisica|pessoa física|fyzick\w*|individu\w*|consumer|citizen"
    r"|sole trader)\b"
    r"|個人|개인|个人|физическое",
    re.IGNORECASE,
)
_LEGAL = re.compile(
    r"\b(?:organi[sz]ation|company|compan|corporat\w*|legal|legal person|business|entreprise|org"
    r"|association|juridical|juridica|jurídica|moral\w*|limited|government|ltd|plc|llp|charity"
    r"|company \(|institution|school|public|statutory)\b|法人|회사|企业|юридическое",
    re.IGNORECASE,
)


def declared(found: list[Placed]) -> dict[int | str, bool]:
    """By group and by whose: whether the answer says that a person (True) or a company (False)."""
    said: dict[int | str, bool] = {}
    for one in found:
        about = one.label or one.section
        if about is None or one.line.kind not in (PAIR, WORDS) or about.what != TYPE:
            continue
        value = one.line.value
        person, legal = _PERSON.search(value), _LEGAL.search(value)
        if bool(person) != bool(legal) or value.lower().startswith("natural"):
            said[one.group] = bool(person)
            if one.whose == HOLDER:
                said[HOLDER] = bool(person)
    return said
