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
