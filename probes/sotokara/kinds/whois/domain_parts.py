"""Name servers, registrar and statuses of a domain."""

import re

from sotokara.kinds.shared.registry.organizations import withheld
from sotokara.kinds.whois import shapes
from sotokara.kinds.whois.labels import CONTACT, HOLDER, REGISTRAR, SERVERS
from sotokara.kinds.whois.lines import PAIR, WORDS
from sotokara.kinds.whois.sections import Placed

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
_NO_NAME = re.compile(r"^\+?[\d\s().-]{6,}$|@|^https?://|^www\.|^not available$", re.IGNORECASE)


def servers_of(found: list[Placed], found_name: str) -> list[str]:
    """The name servers, in lower case, sorted."""
    names: list[str] = []
    for one in found:
        if one.line.kind not in (PAIR, WORDS) or one.whose != SERVERS:
            continue
        if one.plain in ("nsset", "keyset", "dnssec", "ds") or "@" in one.line.value:
            continue
        value = one.line.value.lower()
        for token in re.split(r"[\s,;|]+", value.partition("\tns\t")[2] or value):
            host = token.strip("()[]<>").rstrip(".")
            if one.plain == "dns" and host == found_name:
                continue  # .dk: the name in its ASCII form
            if HOSTNAME.fullmatch(host) and host != "not.defined":
                names.append(host)
    return sorted(set(names))


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
        plain = one.plain
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
