"""Name servers, registrar, statuses and holder of a domain."""

import re
from typing import NamedTuple

from sotokara.kinds.shared.registry.organizations import office, organization, withheld
from sotokara.kinds.whois import shapes
from sotokara.kinds.whois.labels import (
    CONTACT,
    DOMAIN,
    HOLDER,
    NAME,
    ORGANIZATION,
    REGISTRAR,
    SERVERS,
    UNKNOWN,
)
from sotokara.kinds.whois.lines import PAIR, WORDS
from sotokara.kinds.whois.sections import Placed, declared

_STATUS = re.compile(
    r"^(?:domain |registration |query |object |current )*(?:status|state|statut|stato|estado"
    r"|estatus|stav|статус|status information)(?: del dominio)?$|^estado status$|^状態$|域名状态"
    r"|^estatus del dominio$"
)
_REGISTRAR = re.compile(
    r"^(?:domain |current |sponsoring |the )*(?:registrars?|registar|registrar name|registrator"
    r"|registraire|registrador|registrar organi[sz]ation|registratore|регистратор|등록대행자|注册商"
    r"|authori[sz]ed agency|registration service provide[rd](?: by)?|agent|registered by"
    r"|sponsoring registrar|registrar company name)(?: information)?$"
)
_COMPANY = re.compile(r"^(?:sponsoring )?(?:registrar )?(?:organi[sz]ation|company|org)(?: name)?$")
HOSTNAME = re.compile(r"(?=.{4,253}$)(?:[\w-]{1,63}\.)+[a-z][\w-]{1,62}")
_AFTER_STATUS = re.compile(r"\s*[(\[]?\s*https?://\S+.*$|\s+-\s+.*$")
_AFTER_REGISTRAR = re.compile(
    r"\s*[\[(]\s*(?:tag\s*=|https?://|www\.).*$|\s+https?://\S+$", re.IGNORECASE
)
_THROUGH = re.compile(r"reseller|registered through|registrado por")
"""Who sold a name need not be its registrar."""
_NO_NAME = re.compile(
    r"^\+?[\d\s().-]{6,}$|@|^https?://|^www\.|^not available$|^[<!]", re.IGNORECASE
)


def servers_of(found: list[Placed], found_name: str) -> list[str]:
    """The name servers, in lower case, sorted."""
    names: list[str] = []
    for at, one in enumerate(found):
        if one.line.kind not in (PAIR, WORDS) or one.whose != SERVERS:
            continue
        if one.plain in ("nsset", "keyset", "dnssec", "ds") or "@" in one.line.value:
            continue
        value = one.line.value.lower()
        if at + 1 < len(found) and _code_of(one, found[at + 1]):
            continue
        tokens = re.split(r"[\s,;|]+", value.partition("\tns\t")[2] or value)
        if one.line.kind == WORDS and not any(map(_host, tokens[:_FIRST])):
            continue  # a sentence below the list, in which a host is named
        for host in map(_bare, tokens):
            if one.plain == "dns" and host == found_name:
                continue  # .dk: the name in its ASCII form
            if _host(host) and host != "not.defined":
                names.append(host)
    return sorted(set(names))


_FIRST = 2
"""Behind how many words, its mark or number, a name server stands."""


def _bare(token: str) -> str:
    return token.strip("()[]<>").rstrip(".")


def _host(token: str) -> bool:
    """Whether a word is a host's name, and none that was masked."""
    return bool(HOSTNAME.fullmatch(_bare(token))) and bool(token.strip("x.-"))


def _code_of(one: Placed, below: Placed) -> bool:
    """Whether a value is a server's code (``NS1EXAM0.SER``), its name and address below it."""
    code = one.line.kind == PAIR and one.line.value.isupper() and " " not in one.line.value
    return code and below.goes_on and bool(_WITH_ADDRESS.fullmatch(below.line.value))


_WITH_ADDRESS = re.compile(r"[a-z0-9.-]+\s+[0-9a-fA-F.:]+")


def registrar_of(found: list[Placed]) -> str:
    """The registrar's name: no handle where it has one, no number and no note."""
    named: dict[int, str] = {}
    for one in found:
        if one.whose != REGISTRAR or one.line.kind not in (PAIR, WORDS):
            continue
        value = _AFTER_REGISTRAR.sub("", one.line.value).strip()
        if (
            not value
            or shapes.none(value)
            or _NO_NAME.search(value)
            or withheld(value)
            or shapes.sentence(value)
        ):
            continue
        rank = 0 if one.goes_on else _rank(one)
        if rank:
            named.setdefault(rank, value)
    return named[min(named)] if named else ""


def _rank(one: Placed) -> int:
    """How likely a registrar's line has its name, 1 the most; 0: it does not."""
    plain = one.plain
    through = _THROUGH.search(f"{plain} {one.section.plain if one.section else ''}")
    if through:
        return 0 if through[0] == "reseller" else 8
    section = bool(one.section and one.section.whose == REGISTRAR)
    if one.line.kind == WORDS and not plain:
        return 3 if section else 0
    if _COMPANY.match(plain):
        return 1
    if plain == "registrar name" or (plain == "name" and section):
        return 2
    if _REGISTRAR.match(plain):
        return 4 if section or not plain.isascii() else 2
    return 0


def statuses_of(found: list[Placed]) -> list[str]:
    """The statuses in the registry's words, sorted."""
    texts = []
    for one in found:
        named = one.label or one.section
        if named is None or one.whose in (HOLDER, CONTACT, REGISTRAR, SERVERS) or one.goes_on:
            continue
        if one.line.kind in (PAIR, WORDS) and _STATUS.match(named.plain):
            texts.append(_AFTER_STATUS.sub("", one.line.value).strip().rstrip(","))
    return sorted({text for text in texts if text and not withheld(text)})


# To whom a domain is registered: an organization's name, or a person who is not shown.


class Holder(NamedTuple):
    """What an answer says of the holder."""

    organization: str = ""
    person: bool = False
    """Whether there is a holder whose name is not shown."""
    country: str = ""
    handle: str = ""
    any: bool = False
    """Whether there is a holder at all."""


_BY_HANDLE = frozenset(
    (
        *("nic hdl", "nic hdl br", "contact", "contact id", "contactid", "handle"),
        *("contact handle", "nic handle", "personid"),
    )
)
_RANK = {"org": 1, "registrant": 1, "holder": 1, "owner": 1, "registrant name": 2, "name": 2}
_OWN_NAMES = frozenset(("name", "person", "personname", "holder", "org", "contact"))


def holder(found: list[Placed]) -> Holder:
    """The holder, from the lines about one domain."""
    types = declared(found)
    own = [
        one
        for one in found
        if one.whose == HOLDER and one.line.kind in (PAIR, WORDS) and _tells(one.line.value)
    ]
    handle = next((one.line.value for one in own if _refers(one)), "")
    if handle:
        own += _object(found, handle)
    person = types.get(HOLDER)
    for one in own:
        person = types.get(one.group) if person is None else person
    named = _organization(own, person=person)
    if not named and not own:
        named = _elsewhere(found)
    masked = any(_named(one) for one in own if not office(one.line.value))
    return Holder(
        named,
        not named and (masked or person is True),
        _country(own),
        handle,
        bool(own) or bool(named),
    )


def _elsewhere(found: list[Placed]) -> str:
    """An organization that stands in nobody's section: the domain's, where no holder is named."""
    contacts = {one.group for one in found if one.plain in _OF_CONTACTS}
    for one in found:
        if one.line.kind != PAIR or one.label is None or one.whose == REGISTRAR:
            continue
        if one.group in contacts or (one.section is not None and one.section.whose == CONTACT):
            continue
        if one.plain in _FREE and organization(one.line.value):
            return one.line.value
        bare = one.label.what == ORGANIZATION and one.label.whose in (UNKNOWN, DOMAIN)
        bare &= one.section is None and not one.goes_on
        value = one.line.value
        if (
            bare
            and re.search(r"[^\W\d_]", value)
            and not (withheld(value) or shapes.nobodys(value))
        ):
            return one.line.value
    return ""


_FREE = ("descr", "description", "org", "organization", "o")
_OF_CONTACTS = ("contact", "nic hdl", "nic hdl br", "person", "role", "contact handle")


def _tells(value: str) -> bool:
    return any(char.isalnum() for char in value) and not shapes.none(value)


def _refers(one: Placed) -> bool:
    plain = one.label.plain if one.label else ""
    if not shapes.reference(one.line.value) or one.goes_on or withheld(one.line.value):
        return False
    last = plain.rpartition(" ")[2]
    return last in ("registrant", "holder", "owner", "c", "id") or plain == "owner contact"


def _object(found: list[Placed], handle: str) -> list[Placed]:
    groups = {
        one.group
        for one in found
        if one.label and one.label.plain in _BY_HANDLE and one.line.value.lower() == handle.lower()
    }
    return [
        one
        for one in found
        if one.group in groups and one.line.kind == PAIR and one.label is not None
    ]


def _organization(own: list[Placed], *, person: bool | None) -> str:  # noqa: C901  # a line for each form
    if person is True:
        return ""
    best: dict[int, str] = {}
    for one in own:
        value = one.line.value
        what = one.label.what if one.label else ""
        plain = one.label.plain if one.label else ""
        if withheld(value) or shapes.is_withheld(value) or "@" in value:
            continue
        if what != ORGANIZATION and office(value):
            continue
        if one.goes_on:
            if organization(value) and not any(char.isdigit() for char in value):
                best.setdefault(6, value)
            continue
        if what == ORGANIZATION and "chinese" not in plain:
            best.setdefault(0, value)
        elif what == NAME or plain in _OWN_NAMES:
            if shapes.reference(value):
                continue
            if organization(value) or (person is False and plain in (*_OWN_NAMES, "registrant")):
                best.setdefault(_RANK.get(plain, 5 if "contact" in plain else 3), value)
        elif one.line.kind == WORDS and not plain and organization(value):
            kept = one.section is not None and one.section.what in (NAME, ORGANIZATION)
            if kept and not any(char.isdigit() for char in value):
                best.setdefault(4, value)
    return best[min(best)] if best else ""


def _named(one: Placed) -> bool:
    """Whether a line has somebody's name, shown or not."""
    about = one.label or one.section
    if about is None or about.what not in (NAME, ORGANIZATION):
        return False
    value = one.line.value
    return not shapes.reference(value) and not shapes.nobodys(value, of_contact=True)


def _country(own: list[Placed]) -> str:
    for one in own:
        if one.label and one.label.plain.endswith(
            ("country", "country code", "countrycode", "economy")
        ):
            code = one.line.value.strip()
            if len(code) == 2 and code.isalpha():  # noqa: PLR2004  # ISO 3166
                return code.upper()
    return ""
