"""Domains, in the layouts of registries and registrars: by what labels say, not by registry.

``Domain Name:`` and what belongs to it; values on the line or below their label; RPSL-like objects
of contacts, name server sets and registrars beside the domain's own. A date, a name or a status
counts only where it is the domain's: below ``Registrant:`` or in a contact's object it is not.
"""

import re
from itertools import pairwise
from typing import NamedTuple

from sotokara.kinds.shared.registry.dates import first_day, month_first
from sotokara.kinds.shared.registry.facts import (
    NO_MATCH,
    REGISTERED,
    UNAVAILABLE,
    Contact,
    RegistryFacts,
)
from sotokara.kinds.shared.registry.organizations import withheld
from sotokara.kinds.shared.registry.target import RegistryTarget, spellings
from sotokara.kinds.whois import answers, shapes
from sotokara.kinds.whois.domain_parts import (
    HOSTNAME,
    Holder,
    holder,
    registrar_of,
    servers_of,
    statuses_of,
)
from sotokara.kinds.whois.labels import CONTACT, HOLDER, REGISTRAR, SERVERS
from sotokara.kinds.whois.lines import BLANK, PAIR, WORDS, split_lines
from sotokara.kinds.whois.sections import Placed, placed

_NAME = re.compile(
    r"^(?:complete )?(?:domain|domains|domain name|domainname|domain name ace|domain ace"
    r"|ascii|object"
    r"|idn ace|ace|query|dominio|nombre de dominio|nome de domínio domain name|nome de domínio"
    r"|nom de domaine|domaine|domena|domeinnaam|name|idn|domain information query|searched"
    r"|ドメイン名|도메인이름|域名|domain name idn|domain name latin|domain idn)$"
)
_HANDLE = frozenset(("registry domain id", "roid", "domain id"))


def domain(text: str, target: RegistryTarget, server: str) -> RegistryFacts | None:
    """What an answer says of a domain; None where it does not name it or says nothing more."""
    found, parts, named = _own(placed(split_lines(text)), target.domain)
    if not found or (not named and answers.denial_of(server, text, target.domain)[0]):
        return None
    dates = days_of(found, target.domain)
    who = holder(found)
    servers = _servers(parts or [found], target.domain)
    registrar = registrar_of(found)
    status = statuses_of(found)
    contacts = _contacts(found, who)
    facts = RegistryFacts(
        answer=REGISTERED,
        registry=server,
        handle=_first(found, _HANDLE),
        range=target.domain,
        organization=who.organization,
        person=who.person,
        country=who.country,
        contacts=contacts,
        nameservers=servers,
        allocated=dates.allocated,
        updated=dates.updated,
        expires=dates.expires,
        registrar=registrar,
        status=status,
    )
    evidence = servers or dates.allocated or dates.expires or registrar or who.any or contacts
    if not evidence or (not dates.allocated and not servers and not dates.expires):
        if any(map(answers.free, status)):
            return RegistryFacts(answer=NO_MATCH, registry=server)
        if any(map(answers.unavailable, status)):
            return RegistryFacts(
                answer=UNAVAILABLE, registry=server, range=target.domain, status=status
            )
    if not named and not (servers and (dates.allocated or dates.expires or registrar)):
        return None  # some answer without repeating the name, but not in two words
    # a status alone, or the day of the answer, is a registration only in words that are known
    return facts if evidence or any(map(answers.held, status)) else None


def _servers(parts: list[list[Placed]], name: str) -> list[str]:
    """The name servers: of several answers about one domain, the registrar's, else the last."""
    told = [(_full(part), servers) for part in parts if (servers := servers_of(part, name))]
    return max(enumerate(told), key=lambda one: (one[1][0], one[0]))[1][1] if told else []


def _full(part: list[Placed]) -> bool:
    """Whether an answer tells of holders, as a registrar's does."""
    return any(one.whose == HOLDER for one in part)


class _Own(NamedTuple):
    """The lines about the domain, without those about look-alikes."""

    lines: list[Placed]
    parts: list[list[Placed]]
    """The same, cut where the domain is named again: the registry's answer and the registrar's."""
    named: bool
    """Whether they name the domain."""


def _own(found: list[Placed], name: str) -> _Own:  # noqa: C901  # a line for each form
    """The lines about the domain."""
    spelled = spellings(name)
    zone = next((one.line.value.lower() for one in found if one.plain == "extension"), "")
    zone = f".{zone.strip('.')}"
    start = end = None
    after = -1  # the last line about a look-alike
    named = False
    begins: list[int] = []
    for at, one in enumerate(found):
        if one.label is None and not (one.section and _NAME.match(one.section.plain)):
            if one.line.kind == WORDS and one.line.value.lower() in spelled and start is None:
                start = at
            continue
        about = one.label or one.section
        if about is None or one.line.kind not in (PAIR, WORDS) or one.whose == REGISTRAR:
            continue
        if about.plain == "server name" and start is None:
            after = at
        if one.whose == SERVERS or not _NAME.match(about.plain) or one.whose in (HOLDER, CONTACT):
            continue
        words = one.line.value.lower().replace('"', " ").split()
        token = words[0].strip(".,()[]") if words else ""
        named = True
        short = about.plain == "domain" and token and token == name.partition(".")[0]
        if token in spelled or short or f"{token}{zone}" == name:
            begins.append(at)
            start = at if start is None else start
        elif about.plain != "name" and (HOSTNAME.fullmatch(token) or about.plain == "domain"):
            if start is None:
                after = at
            elif about.plain in ("domain", "domain name") and end is None:
                end = at
    if start is None:
        return _Own([] if named else found, [], named=False)
    first = min(_paragraph(found, start) if after >= 0 else 0, start)
    cuts = [one for one in begins if first < one < (end or len(found))]
    parts = [found[a:b] for a, b in pairwise([first, *cuts, end])]
    return _Own(found[first:end], parts, named=True)


def _paragraph(found: list[Placed], at: int) -> int:
    """Where the paragraph of a line begins."""
    while at and found[at - 1].line.kind != BLANK:
        at -= 1
    return at


def _first(found: list[Placed], names: frozenset[str]) -> str:
    for one in found:
        if one.line.kind == PAIR and not one.goes_on and one.plain in names and one.line.value:
            return one.line.value
    return ""


_ROLES = (
    (re.compile(r"^(?:registry )?(?:registrant|holder|owner)\b|^owner c|^holder c"), "registrant"),
    (re.compile(r"^(?:registry )?admin"), "administrative"),
    (re.compile(r"^(?:registry )?tech"), "technical"),
    (re.compile(r"^(?:registry )?billing"), "billing"),
    (re.compile(r"abuse c$"), "abuse"),
)
_ID = re.compile(r"(?:\bid|\bc|\bhandle|\bnic hdl)$")


def _contacts(found: list[Placed], who: Holder) -> list[Contact]:
    contacts: dict[str, dict[str, str]] = {}
    for one in found:
        if one.line.kind != PAIR or one.goes_on:
            continue
        plain, value = one.plain, one.line.value
        if plain == "registrar abuse contact email":
            contacts.setdefault("abuse", {}).setdefault("email", value)
        role = next((role for form, role in _ROLES if form.search(plain)), "")
        if not role or withheld(value):
            continue
        kept = contacts.setdefault(role, {})
        if _ID.search(plain) and " " not in value:
            kept.setdefault("handle", value)
        elif plain.endswith(("email", "e mail")):
            kept.setdefault("email", value)
        elif plain.endswith(("organization", "organisation")):
            kept["name"] = value
        elif plain.endswith("name"):
            kept.setdefault("name", value)
    if who.handle:
        contacts.setdefault("registrant", {}).setdefault("handle", who.handle)
    return sorted(
        Contact(role, said.get("handle", ""), said.get("name", ""), said.get("email", ""))
        for role, said in contacts.items()
        if any(said.values())
    )


# The days of a domain: registration, last change, end; told from those of other objects.

_EXPIRES = re.compile(
    r"expir|exp date|billed ?until|valid date|paid till|valid (?:until|to|thru)|validity|renewal"
    r"|renew date|vencimiento"
    r"|scadenza|échéance|ablauf|verfall|有効期限|만료|종료일|到期|过期|срок|platnost|isteka|kadaluarsa"
    r"|hết hạn|utgår|udløb|päätty|wygasa|bitiş|lejár|galioja|aegub"
)
_UPDATED = re.compile(
    r"updat|modif|chang|actualiz|atualiz|aggiorn|mise à jour|geändert|最終更新|변경일|更新|muokattu"
    r"|ändrad|изменен|измен|zmian|mainīts|последн|last edited"
)
_CREATED = re.compile(
    r"creat|^cr[eé]{1,2} le$|approved|^regist(?:ered|ration|ered date)(?: on| date| time)?$"
    r"|registered on|date registered|a[ct]+ivat"
    r"|commenc|assigned date|creaci[oó]n|criação|creazione|création|登録年月日|등록일|注册日期|创建"
    r"|registration (?:date|time)|registered date|dateregistered|fecha de registro|data de registo"
    r"|domain registered|skapad|luotu|oprettet|erstellt|создан|регистрации|utworzon|osnivan"
    r"|kayıt tar"
    r"|első|registr|entry created|inception|granted"
)
_NO_DATE = re.compile(
    r"whois|database|option|redemption|transfer|registrar (?!registration)|status|period|free date"
    r"|delete|outzone|query|lookup|contact|nsset|keyset|dnssec|look up|available"
    r"|registered (?:for|to|by)"
    r"|\bby\b|restore|trusted|auth|option|timestamp|retrieved|request|anniversary|version"
    r"|last check"
    r"|nslastaa|nsstat|eligdate|reachdate|comment"
)
_DATE_LINE = re.compile(
    r"^\s*(?:record |domain )*(expires?|expired|created|registered|last updated|updated|activated"
    r"|will expire)(?: on|:)?\s+(.{0,20}\d.*)$",
    re.IGNORECASE,
)
_UNTIL = re.compile(
    r"\b(?:ok-until|until|connected \()\s?(\d{8}|\d{4}[-/]\d\d[-/]\d\d)", re.IGNORECASE
)
"""A status that says how long it holds."""
_DOMAINS_OWN = re.compile(r"^domain|expir|commencement")
"""Dates that no contact has, below whichever heading they stand."""


_MONTH_FIRST = ("tk", "ml", "ga", "cf", "gq", "us", "ph", "fm", "pw", "mh", "as", "gu", "mp", "pr")
"""Zones whose registries write 12/31/2020: Freenom's, and those of countries that do."""
_COUNTRY = 2


def _custom(name: str) -> bool | None:
    """Whether a zone's registry writes the month first; None where nothing tells."""
    zone = name.rpartition(".")[2]
    if zone in _MONTH_FIRST:
        return True
    return False if len(zone) == _COUNTRY else None


class Days(NamedTuple):
    """``YYYY-MM-DD`` each, empty where it is not stated."""

    allocated: str
    updated: str
    expires: str


def days_of(found: list[Placed], name: str) -> Days:  # noqa: C901, PLR0912  # a line for each form
    """The days of the domain ``name`` that are its own."""
    kept: dict[str, list[tuple[int, str]]] = {"created": [], "updated": [], "expires": []}
    latest: tuple[str, int] | None = None
    first_month = month_first(one.line.value for one in found)
    if first_month is None:
        first_month = _custom(name)
    others = _other_objects(found)
    for one in found:
        if one.group in others or one.line.commented:
            continue
        plain, value = one.plain, one.line.value
        if one.line.kind == WORDS:
            if match := _DATE_LINE.match(one.line.text):
                plain, value = match[1].lower(), match[2]
            elif not plain and one.section:
                plain = one.section.plain
        elif one.line.kind != PAIR:
            continue
        if match := _UNTIL.search(value) if "stat" in plain and one.whose != CONTACT else None:
            kept["expires"].append((1, first_day(match[1])))
        if not plain or one.whose == SERVERS or _NO_DATE.search(plain):
            continue
        if one.whose in (HOLDER, CONTACT) and not _DOMAINS_OWN.search(plain):
            continue
        if one.whose == REGISTRAR and "registration expir" not in plain:
            continue
        which = (
            "expires"
            if _EXPIRES.search(plain)
            else "updated"
            if _UPDATED.search(plain)
            else "created"
            if _CREATED.search(plain)
            else ""
        )
        if not which or not (
            found_day := first_day(value, month_first="mm/dd" in plain or first_month)
        ):
            continue
        if which == "updated" and "(assigned)" in value.lower():
            kept["created"].append((1, found_day))
        if which == "updated" and latest not in (None, (plain, one.group)):
            continue  # of several blocks the domain's own is the first; in one, the last day counts
        latest = (plain, one.group) if which == "updated" else latest
        kept[which].append((_rank(plain), found_day))
    created = min(kept["created"], key=lambda each: each[0], default=(0, ""))[1]
    updated = max((text for _, text in kept["updated"]), default="")
    expires = min(kept["expires"], key=lambda each: each[0], default=(0, ""))[1]
    return Days(created, updated, expires)


def _other_objects(found: list[Placed]) -> set[int]:
    """The groups that begin with a handle, where the domain's own has days.

    They are objects of their own; a contact's “created” is nobody's of the domain, also where its
    heading is in words that nobody knows.
    """
    pairs = [one for one in found if one.line.kind == PAIR and not one.line.commented]
    named = [one for one in pairs if _NAMED.fullmatch(one.plain)]
    own = next((one.group for one in (*named, *pairs)), None)
    if sum(bool(first_day(one.line.value)) for one in pairs if one.group == own) < 2:  # noqa: PLR2004
        return set()
    firsts = {one.group: one.line.value.strip() for one in reversed(pairs)}
    return {
        group
        for group, value in firsts.items()
        if group != own and shapes.handle(value) and not shapes.nobodys(value)
    }


_NAMED = re.compile(r"domain(?:name| name)?|dominio|domaine|domena|nom de domaine|query")


def _rank(plain: str) -> int:
    """Registrars' and contacts' dates come behind the registry's own."""
    if "registrar" in plain:
        return 2
    return 1 if plain in ("registered", "renewal", "renew date") else 0
