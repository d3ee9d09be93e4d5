"""Domains, in the layouts of registries and registrars: by what labels say, not by registry.

``Domain Name:`` and what belongs to it; values on the line or below their label; RPSL-like objects
of contacts, name server sets and registrars beside the domain's own. A date, a name or a status
counts only where it is the domain's: below ``Registrant:`` or in a contact's object it is not.
"""

import contextlib
import re
from typing import NamedTuple

import dns.exception
import dns.name

from sotokara.kinds.shared.registry.dates import day
from sotokara.kinds.shared.registry.facts import (
    NO_MATCH,
    REGISTERED,
    UNAVAILABLE,
    Contact,
    RegistryFacts,
)
from sotokara.kinds.shared.registry.organizations import withheld
from sotokara.kinds.shared.registry.target import Target
from sotokara.kinds.whois import answers, shapes
from sotokara.kinds.whois.holder import Holder, holder
from sotokara.kinds.whois.labels import CONTACT, HOLDER, REGISTRAR, SERVERS
from sotokara.kinds.whois.lines import PAIR, WORDS, split
from sotokara.kinds.whois.sections import Placed, placed

_NAME = re.compile(
    r"^(?:complete )?(?:domain|domains|domain name|domainname|domain name ace|domain ace"
    r"|ascii|object"
    r"|idn ace|ace|query|dominio|nombre de dominio|nome de domínio domain name|nome de domínio"
    r"|nom de domaine|domaine|domena|domeinnaam|name|idn|domain information query|searched"
    r"|ドメイン名|도메인이름|域名|domain name idn|domain name latin|domain idn)$"
)
_EXPIRES = re.compile(
    r"expir|exp date|valid date|paid till|valid (?:until|to|thru)|validity|renewal"
    r"|renew date|vencimiento"
    r"|scadenza|échéance|ablauf|verfall|有効期限|만료|종료일|到期|过期|срок|platnost|isteka|kadaluarsa"
    r"|hết hạn|utgår|udløb|päätty|wygasa|bitiş|lejár|galioja|aegub"
)
_UPDATED = re.compile(
    r"updat|modif|chang|actualiz|atualiz|aggiorn|mise à jour|geändert|最終更新|변경일|更新|muokattu"
    r"|ändrad|изменен|измен|zmian|mainīts|последн|last edited"
)
_CREATED = re.compile(
    r"creat|^regist(?:ered|ration|ered date)(?: on| date| time)?$|registered on"
    r"|date registered|activat"
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
_DATE_LINE = re.compile(
    r"^\s*(?:record |domain )*(expires?|expired|created|registered|last updated|updated|activated"
    r"|will expire)(?: on|:)?\s+(.{0,20}\d.*)$",
    re.IGNORECASE,
)
_HOSTNAME = re.compile(r"(?=.{4,253}$)(?:[\w-]{1,63}\.)+[a-z][\w-]{1,62}")
_HANDLE = frozenset(("registry domain id", "roid", "domain id"))
_AFTER_STATUS = re.compile(r"\s*[(\[]?\s*https?://\S+.*$|\s+-\s+.*$")
_AFTER_REGISTRAR = re.compile(
    r"\s*[\[(]\s*(?:tag\s*=|https?://|www\.).*$|\s+https?://\S+$", re.IGNORECASE
)
_NO_NAME = re.compile(r"^\+?[\d\s().-]{6,}$|@|^https?://|^www\.|^not available$", re.IGNORECASE)


class _Dates(NamedTuple):
    allocated: str
    updated: str
    expires: str


def domain(text: str, target: Target, server: str) -> RegistryFacts | None:
    """What an answer says of a domain; None where it does not name it or says nothing more."""
    found, named = _own(placed(split(text)), target.domain)
    if not found or (not named and answers.said(server, text)[0]):
        return None
    dates = _dates(found, server)
    who = holder(found)
    servers = _servers(found, target.domain)
    registrar = _registrar(found)
    status = _status(found)
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
    if evidence or dates.updated or status:
        return facts
    return None


def _own(found: list[Placed], name: str) -> tuple[list[Placed], bool]:  # noqa: C901  # a line for each form
    """The lines about the domain, without those about look-alikes, and whether they name it."""
    spellings = _spellings(name)
    start = end = None
    after = 0
    named = False
    for at, one in enumerate(found):
        if one.label is None and not (one.section and _NAME.match(one.section.plain)):
            if one.line.kind == WORDS and one.line.value.lower() in spellings and start is None:
                start = at
            continue
        about = one.label or one.section
        if about is None or one.line.kind not in (PAIR, WORDS) or one.whose == REGISTRAR:
            continue
        if about.plain == "server name" and start is None:
            after = at + 3
        if one.whose == SERVERS or not _NAME.match(about.plain) or one.whose in (HOLDER, CONTACT):
            continue
        words = one.line.value.lower().replace('"', " ").split()
        token = words[0].strip(".,()[]") if words else ""
        named = True
        short = about.plain == "domain" and token and token == name.partition(".")[0]
        if token in spellings or short:
            start = at if start is None else start
        elif about.plain != "name" and (_HOSTNAME.fullmatch(token) or about.plain == "domain"):
            if start is None:
                after = at + 1
            elif about.plain in ("domain", "domain name") and end is None:
                end = at
    if start is None:
        return ([] if named else found), False
    return found[min(after, start) : end], True


def _spellings(name: str) -> set[str]:
    spelled = {name}
    with contextlib.suppress(dns.exception.DNSException, UnicodeError):
        spelled.add(dns.name.from_text(name).to_unicode(omit_final_dot=True).lower())
    return spelled


def _plain(one: Placed) -> str:
    return one.label.plain if one.label else ""


def _first(found: list[Placed], names: frozenset[str]) -> str:
    for one in found:
        if one.line.kind == PAIR and not one.goes_on and _plain(one) in names and one.line.value:
            return one.line.value
    return ""


_DOMAINS_OWN = re.compile(r"^domain|expir|commencement")
"""Dates that no contact has, below whichever heading they stand."""


def _dates(found: list[Placed], server: str) -> _Dates:  # noqa: C901  # a line for each form
    kept: dict[str, list[tuple[int, str]]] = {"created": [], "updated": [], "expires": []}
    latest: tuple[str, int] | None = None
    first_month = server in ("whois.dot.tk", "whois.tcinet.us")
    for one in found:
        plain, value = _plain(one), one.line.value
        if one.line.kind == WORDS:
            if match := _DATE_LINE.match(one.line.text):
                plain, value = match[1].lower(), match[2]
            elif not plain and one.section:
                plain = one.section.plain
        elif one.line.kind != PAIR:
            continue
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
        if not which or not (found_day := day(value, month_first=first_month or "mm/dd" in plain)):
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
    return _Dates(created, updated, expires)


def _rank(plain: str) -> int:
    """Registrars' and contacts' dates come behind the registry's own."""
    if "registrar" in plain:
        return 2
    return 1 if plain in ("registered", "renewal", "renew date") else 0


def _servers(found: list[Placed], found_name: str) -> list[str]:
    names: list[str] = []
    for one in found:
        if one.line.kind not in (PAIR, WORDS) or one.whose != SERVERS:
            continue
        if _plain(one) in ("nsset", "keyset", "dnssec", "ds") or "@" in one.line.value:
            continue
        value = one.line.value.lower()
        for token in re.split(r"[\s,;|]+", value.partition("\tns\t")[2] or value):
            host = token.strip("()[]<>").rstrip(".")
            if _plain(one) == "dns" and host == found_name:
                continue  # .dk: the name in its ASCII form
            if _HOSTNAME.fullmatch(host) and host != "not.defined":
                names.append(host)
    return sorted(set(names))


def _registrar(found: list[Placed]) -> str:  # a line for each form
    named: dict[int, str] = {}
    for one in found:
        if one.whose != REGISTRAR or one.line.kind not in (PAIR, WORDS):
            continue
        value = _AFTER_REGISTRAR.sub("", one.line.value).strip()
        if not value or _NO_NAME.search(value) or withheld(value) or shapes.sentence(value):
            continue
        plain = _plain(one)
        if "reseller" in f"{plain} {one.section.plain if one.section else ''}":
            continue
        section = bool(one.section and one.section.whose == REGISTRAR)
        if one.goes_on:
            continue
        if one.line.kind == WORDS and not plain:
            rank = 3 if section else 9
        elif _COMPANY.match(plain):
            rank = 1
        elif plain in ("name", "registrar name") and (section or plain == "registrar name"):
            rank = 2
        elif _REGISTRAR.match(plain):
            rank = 4 if section or not plain.isascii() else 2
        else:
            continue
        named.setdefault(rank, value)
    named.pop(9, None)
    return named[min(named)] if named else ""


def _status(found: list[Placed]) -> list[str]:
    texts = []
    for one in found:
        named = one.label or one.section
        if named is None or one.whose in (HOLDER, CONTACT, REGISTRAR, SERVERS) or one.goes_on:
            continue
        if one.line.kind in (PAIR, WORDS) and _STATUS.match(named.plain):
            texts.append(_AFTER_STATUS.sub("", one.line.value).strip().rstrip(","))
    return sorted({text for text in texts if text and not withheld(text)})


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
        plain, value = _plain(one), one.line.value
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
