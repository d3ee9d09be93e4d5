"""The days of a domain: registration, last change, end; told from those of other objects."""

import re
from typing import NamedTuple

from sotokara.kinds.shared.registry.dates import first_day, month_first
from sotokara.kinds.whois import shapes
from sotokara.kinds.whois.labels import CONTACT, HOLDER, REGISTRAR, SERVERS
from sotokara.kinds.whois.lines import PAIR, WORDS
from sotokara.kinds.whois.sections import Placed

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
