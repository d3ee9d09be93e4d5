"""Personal data leaves an answer before it is stored: masked is what is not known to be safe.

A line stays where its label, its section or the form of its value says that it is nobody's: dates,
hosts, handles, statuses, a registrar's data, organizations' names. A name stays only where a label
or the registrant's type says that it is an organization's, or where it plainly is (see
``organizations.py``). A name that was masked once is masked wherever else it stands, and with it a
handle that has a word of it. Masked text
keeps its length in characters and its shape; a line with nothing to mask keeps its bytes.
"""

import re

from sotokara.kinds.shared.registry.dates import first_day
from sotokara.kinds.shared.registry.organizations import organization
from sotokara.kinds.shared.registry.personal import (
    MAIL,
    ROLE_MAIL,
    identity_number,
    masked_mails,
    shape,
    tells_name,
)
from sotokara.kinds.whois import answers, shapes
from sotokara.kinds.whois.bare import (
    bare,
    company,
    free_words,
    prose_lines,
    small_words,
    without_names_in_a_row,
    without_numbers,
    without_unknown_names,
    without_values_in_a_row,
)
from sotokara.kinds.whois.labels import (
    CONTACT,
    HANDLE,
    HOLDER,
    IDENTITY,
    NAME,
    ORGANIZATION,
    PRIVATE,
    REGISTRAR,
    REMARK,
    SAFE,
    SERVERS,
    TYPE,
    UNKNOWN,
)
from sotokara.kinds.whois.lines import BLANK, COMMENT, HEADING, PAIR, WORDS
from sotokara.kinds.whois.names import PersonNames, title
from sotokara.kinds.whois.negation import denies
from sotokara.kinds.whois.own import own_address_masked
from sotokara.kinds.whois.sections import Placed, declared, placed
from sotokara.kinds.whois.text import MOST_LINES, decode_answer

__all__ = ["mask_person_lines", "mask_persons", "own_address_masked"]

_ENDS = re.compile(rb"[^\r\n]*(?:\r*\n|\r|$)")
_ROLE = re.compile(
    r"\b(?:team|role|contact|admin\w*|manager|department|group|desk|staff|office|center|centre"
    r"|engineer\w*|operations?|support|hostmaster|noc|abuse|master|maintain\w*)\b",
    re.IGNORECASE,
)
_LOOKUP = re.compile(r"who\s?is", re.IGNORECASE)
_BESIDE = re.compile(
    r"who\s?is|\b(?:JP|AP|LAC|AFRI|KR|TW|CN)?NIC\b|\b(?:RIRs?|ARIN|RIPE|IP|DNS|AS)\b|NIC(?=登録)|RIR(?=の)"
    r"|\d+(?:\.\d+){3}|登録|情報|検索|参考|結果|照会|サーバー?|データベース|アドレス|ドメイン|以下|次"
    r"|[のをにはでとがもへ]|[\W_]",
    re.IGNORECASE,
)
"""What a title of a look-up is made of, in the posts that people paste answers into."""
_FEWEST_OF_NAME, _FEWEST_OF_EAST = 5, 3
_MOST_OF_NAME = 100
_MOST_NAMES = 200


def mask_persons(answer: bytes, charset: str) -> bytes:
    """The answer with the personal data masked, in the same character set."""
    pieces = _ENDS.findall(answer)
    if pieces and not pieces[-1]:
        pieces.pop()
    texts = [decode_answer(piece, charset).rstrip("\r\n") for piece in pieces[:MOST_LINES]]
    kept = []
    for piece, text, shown in zip(pieces, texts, mask_person_lines(texts), strict=False):
        if shown == text:
            kept.append(piece)
        else:
            end = piece[len(piece.rstrip(b"\r\n")) :]
            kept.append(shown.encode(charset, "replace") + end)
    rest = b"".join(pieces[MOST_LINES:])
    return b"".join(kept) + shape(decode_answer(rest, charset)).encode(charset, "replace")


def mask_person_lines(texts: list[str]) -> list[str]:
    """Lines, without their ends, with the personal data masked."""
    found = placed(texts)
    answer = _Answer(found, texts)
    shown = [answer.line(at, one) for at, one in enumerate(found)]
    return answer.without_names(shown)


def _titles_a_lookup(text: str) -> bool:
    """Whether a line is a title that somebody gave to a look-up, and no registry's word."""
    return bool(_LOOKUP.search(text)) and not _BESIDE.sub("", text).strip()


class _Answer:
    """What is known of a whole answer while its lines are masked."""

    def __init__(self, found: list[Placed], texts: list[str]) -> None:
        self._found = found
        self._texts = texts
        self._declared = declared(found)
        self._prose = prose_lines(found)
        self._small = small_words(texts)
        self._bare = bare(found)
        self._plain = _organizations(found)
        self._names: set[str] = set()
        self._public = _organizations_named(found)
        self._registrars = {name.lower() for name in _registrars_named(found)}
        self._public |= _registrars_named(found)

    def line(self, at: int, one: Placed) -> str:  # one a form
        """A line as it may be kept."""
        text = self._texts[at]
        if one.line.kind == BLANK or _titles_a_lookup(text) or len(text) > len(one.line.text):
            return shape(text) if len(text) > len(one.line.text) else text
        start = one.line.start
        if (apart := without_values_in_a_row(text)) is not None:
            return apart
        if self._bare and one.line.kind == WORDS and not self._told(at, one):
            text = without_names_in_a_row(text)
        if one.line.kind in (COMMENT, HEADING) or self._keeps(at, one):
            free = one.line.kind in (COMMENT, WORDS) or _what(one) == REMARK or _terms(one)
            if free and one.section is None and not answers.says_something(one.line.value):
                text = without_unknown_names(text, self._small)
            return without_numbers(text) if free and one.whose != REGISTRAR else masked_mails(text)
        value = one.line.value
        if one.line.kind in (PAIR, WORDS):
            self._remember(one, value)
        if _odd_label(one):
            return shape(text)  # "Example St. No: 5" is no label and value
        whole = MAIL.fullmatch(value)
        if whole and ROLE_MAIL.match(whole[0]):
            return text
        hidden = masked_mails(text[start:]) if whole else shape(text[start:])
        if _what(one) == SAFE and first_day(value):  # "changed: somebody 20020903": the day stays
            hidden = _WORD.sub(lambda word: _but_a_day(word[0]), text[start:])
        return text[:start] + hidden

    def _keeps(self, at: int, one: Placed) -> bool:  # noqa: C901, PLR0911, PLR0912  # a line for each form
        value, what, whose = one.line.value, _what(one), one.whose
        person = self._declared.get(one.group)
        if person is None and whose == HOLDER:
            person = self._declared.get(HOLDER)
        if one.line.kind == WORDS and one.label is None:
            return self._keeps_words(at, one, person=person)
        if what == IDENTITY:
            return not value or shapes.is_withheld(value)
        if whose == SERVERS:
            return shapes.nobodys(value) or shapes.server(value) or _of_a_key(one)
        if one.goes_on and what not in (SAFE, TYPE) and whose != REGISTRAR:
            return shapes.nobodys(value, of_contact=True) or (what != PRIVATE and company(value))
        if _RESELLER.search(_plain(one)):
            told = organization(value) or value.lower() in self._registrars
            return told or shapes.nobodys(value, of_contact=True)
        if what == TYPE:
            return True
        if what == SAFE:
            return self._keeps_thing(one, _plain(one), value)
        if whose == REGISTRAR and not (what == NAME and _REGISTRAR_STAFF.search(_plain(one))):
            return True
        if what == HANDLE and not one.goes_on:
            return shapes.handle(value) or shapes.is_withheld(value)
        if _terms(one) or (_what(one) in (SAFE, PRIVATE) and _of_a_key(one)):
            return True
        contact = whose in (HOLDER, CONTACT)
        if contact and what in (ORGANIZATION, NAME) and identity_number(value):
            return False  # CPF, DNI, personnummer: who is registered without a company's name
        if not contact and (answers.says_something(value) or _none_there(one)):
            return True
        if what == PRIVATE:
            if one.group in self._plain and not _numbers(one):
                return True
            if _plain(one) == "state" and shapes.state(value):
                return True
            if _plain(one) == "extension" and value.isalpha():
                return True  # of a name: ".sn"
            return shapes.is_withheld(value) or (
                not contact and not _numbers(one) and shapes.nobodys(value)
            )
        if shapes.nobodys(value, of_contact=contact):
            return True
        if what == ORGANIZATION:
            return person is not True
        if what == REMARK:
            return free_words(value)
        return self._keeps_name(one, value, person=person)

    def _keeps_thing(self, one: Placed, plain: str, value: str) -> bool:
        """Whether a value below a label of things is none of a person.

        Labels that only sound like one are endless (``Registered for``), so the value has to be of
        a form that no name has, unless the label is one of a short list.
        """
        if one.whose in (REGISTRAR, SERVERS) or shapes.thing(plain) or shapes.nobodys(value):
            return True
        if shapes.none(value) or answers.says_something(value) or _of_a_key(one):
            return True
        known = organization(value) or value.lower() in self._registrars
        return known or shapes.without_a_name(value) or (len(value) > 2 and shapes.reference(value))  # noqa: PLR2004

    def _keeps_name(self, one: Placed, value: str, *, person: bool | None) -> bool:
        if shapes.reference(value) or organization(value) or shapes.clause(value):
            return True
        plain = one.label.plain if one.label else ""
        if plain == "role":
            return bool(_ROLE.search(value))
        return person is False and not plain.endswith(("contact name", "person", "responsible"))

    def _told(self, at: int, one: Placed) -> bool:
        """Whether words are a registry's own: terms of use, or what it says of the name."""
        return at in self._prose or answers.says_something(one.line.value)

    def _keeps_words(self, at: int, one: Placed, *, person: bool | None) -> bool:  # noqa: PLR0911  # a line for each form
        value = one.line.value
        section = one.section
        if self._told(at, one):
            return True
        if self._bare:
            return not shapes.perhaps_a_name(value)
        if section is None:
            told = shapes.nobodys(value.strip(" *")) or title(value)
            apart = [piece for piece in _GAP.split(value) if piece]
            return told or all(map(company, apart)) or shapes.sentence(value)
        if section.what == IDENTITY:
            return False
        if section.whose == SERVERS:
            return shapes.nobodys(value) or shapes.server(value)
        if section.whose == REGISTRAR or section.what == TYPE:
            return True
        if section.what == SAFE and section.whose not in (HOLDER, CONTACT):
            return self._keeps_thing(one, section.plain, value)
        if shapes.nobodys(value, of_contact=True) or shapes.reference(value):
            return True
        if section.what == PRIVATE:
            return False
        return person is not True and company(value)

    def _remember(self, one: Placed, value: str) -> None:
        """A masked name, so that it is masked elsewhere too."""
        named = one.label or one.section
        if named is None or named.what not in (NAME, ORGANIZATION, REMARK):
            return
        if len(self._names) >= _MOST_NAMES or any(char.isdigit() for char in value):
            return
        few = _FEWEST_OF_NAME if value.isascii() else _FEWEST_OF_EAST
        several = " " in value or not value.isascii() or "," in value
        if not (several and few <= len(value) <= _MOST_OF_NAME):
            return
        if not organization(value) and not shapes.prose(value) and value not in self._public:
            self._names.add(value)
            turned = " ".join(reversed(value.replace(",", " ").split()))
            self._names.add(turned)

    def _other_spellings(self, shown: list[str]) -> list[str]:
        """Where a name under an organization's label was masked, it goes in all languages."""
        names = {name.lower() for name in self._names}
        labelled = [
            at
            for at, one in enumerate(self._found)
            if one.line.kind == PAIR and _what(one) == ORGANIZATION and one.whose != REGISTRAR
        ]
        if not any(self._found[at].line.value.lower() in names for at in labelled):
            return shown
        kept = list(shown)
        for at in labelled:
            one = self._found[at]
            if not organization(one.line.value) and not shapes.is_withheld(one.line.value):
                kept[at] = shown[at][: one.line.start] + shape(shown[at][one.line.start :])
        return kept

    def without_names(self, shown: list[str]) -> list[str]:
        """Lines without the names that were masked somewhere."""
        if not self._names:
            return shown
        shown = self._other_spellings(shown)
        names = PersonNames(self._names)
        kept = []
        for one, text in zip(self._found, shown, strict=True):
            registrar = one.whose == REGISTRAR and _what(one) in (SAFE, ORGANIZATION)
            named = _what(one) == ORGANIZATION and organization(one.line.value)
            safe = registrar or named or one.line.kind == HEADING
            start = one.line.start
            handle = _what(one) == HANDLE and one.whose in (HOLDER, CONTACT, UNKNOWN)
            if handle and not safe and tells_name(text[start:], self._names, self._public):
                kept.append(text[:start] + shape(text[start:]))
                continue
            kept.append(text if safe else names.masked(text))
        return kept


_GAP = re.compile(r"\s{2,}|\t")
_WORD = re.compile(r"\S+")


def _but_a_day(word: str) -> str:
    return word if first_day(word) else shape(word)


def _what(one: Placed) -> str:
    if one.label:
        return one.label.what
    return one.section.what if one.section else UNKNOWN


_REGISTRAR_STAFF = re.compile(r"registrar|contact|person|manager|officer|staff|employee")
"""A label whose value may be somebody who works for a registrar."""


def _plain(one: Placed) -> str:
    return one.label.plain if one.label else ""


def _terms(one: Placed) -> bool:
    """Whether a sentence follows a label that is nobody's (``Terms of Use: By asking you …``)."""
    nobodys = one.whose == UNKNOWN and one.section is None and one.line.kind == PAIR
    return nobodys and shapes.sentence(one.line.value) and free_words(one.line.value)


_KEY = re.compile(r"^(?:ds|dnskey|key|dnssec)\b")
_KEY_DATA = re.compile(r"[0-9A-Za-z+/=\s()\[\]-]*\d[0-9A-Za-z+/=\s()\[\]-]*")


def _of_a_key(one: Placed) -> bool:
    """Whether a value is a key's, or a digest of one (RFC 4034): numbers and no words."""
    words = [word for word in one.line.value.split() if word.isalpha() and not word.isupper()]
    return bool(_KEY.match(_plain(one))) and not words and bool(_KEY_DATA.fullmatch(one.line.value))


def _none_there(one: Placed) -> bool:
    """Whether label and value together deny (``Records found: 0``)."""
    return one.line.value.lower() in ("0", "none", "no", "nil") and denies(one.line.text)


def _odd_label(one: Placed) -> bool:
    """Whether words that are no known label stand before the colon in a contact's section."""
    below = one.section is not None and one.section.whose in (HOLDER, CONTACT)
    return below and one.line.kind == PAIR and one.label is not None and one.label.odd


def _numbers(one: Placed) -> bool:
    plain = one.label.plain if one.label else ""
    return bool(re.search(r"phone|fax|tel|mobile|mail", plain))


_RESELLER = re.compile(
    r"reseller|created by|updated by|maintained by|registered by|registered through|registrado por"
)
"""Labels of those who may be registrars or persons."""
_OF_COMPANIES = ("org", "organisation", "descr", "responsible")
"""Labels of names in objects of organizations, too."""


def _organizations(found: list[Placed]) -> set[int]:
    """The groups that are objects of organizations, whose address is nobody's home."""
    plain, persons = set(), set()
    for one in found:
        if one.label is None or one.line.kind != PAIR:
            continue
        if one.label.plain in ("org name", "owner") and organization(one.line.value):
            plain.add(one.group)
        elif one.label.what == NAME and one.label.plain not in _OF_COMPANIES:
            persons.add(one.group)
    return plain - persons


def _organizations_named(found: list[Placed]) -> set[str]:
    """What stands under a label of names and plainly is an organization's."""
    return {
        one.line.value
        for one in found
        if one.line.kind in (PAIR, WORDS)
        and _what(one) in (NAME, ORGANIZATION)
        and organization(one.line.value)
    }


def _registrars_named(found: list[Placed]) -> set[str]:
    """The names of registrars, which are shown in any case."""
    return {
        one.line.value
        for one in found
        if one.line.kind == PAIR
        and one.label is not None
        and one.label.whose == REGISTRAR
        and one.label.what in (SAFE, ORGANIZATION)
        and not _RESELLER.search(one.label.plain)
    }
