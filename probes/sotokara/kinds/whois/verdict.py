"""What kind of answer a text is: a registration, no match, a referral only, or a refusal.

"No match" is evidence; being turned away is not, and must never pass for it. So words are looked
for only where no registration was read, refusals before "no match", and a text that says none of
these things is a failure of its own.
"""

import re

import msgspec

from sotokara.core.observation import Failure
from sotokara.kinds.shared.registry.facts import ELSEWHERE, NO_MATCH, RegistryFacts
from sotokara.kinds.shared.registry.target import Target
from sotokara.kinds.whois import arin, asia, domain, japan, rpsl
from sotokara.kinds.whois.text import first, objects

_LIMITED = re.compile(
    r"^%ERROR:(201|202|208|210|305|306)\b"
    r"|\b(query|request|lookup|connection|whois)s?( rate)? limits? (is |was |has been )?"
    r"(exceeded|reached)"
    r"|\b(limit|quota|rate) (has been )?exceeded|exceeded (the|your|a) .{0,40}(limit|quota|rate)"
    r"|number of allowed queries exceeded|too many (queries|requests|connections|lookups)"
    r"|excessive quer(y|ies)|temporarily (denied|blocked|banned|blacklisted)"
    r"|please (try again|wait)|try again (later|after|in)|slow down|throttled"
    r"|検索回数|しばらく(して|たって)から",
    re.IGNORECASE | re.MULTILINE,
)
_REFUSED = re.compile(
    r"access (is |was |has been )?(denied|restricted|forbidden|refused)|permission denied"
    r"|not (authorized|authorised|permitted|allowed)|permanently (denied|blocked|banned)"
    r"|you (are|have been) (banned|blocked|blacklisted)|blacklisted|unauthorized",
    re.IGNORECASE,
)
_NOTHING = re.compile(
    r"^%ERROR:10[1-3]\b|\bno match(es)?\b|\bno matching (record|entr|object)|\bnot found\b"
    r"|no entries found|no data (was )?found|no object found|nothing found|no such domain"
    r"|no information (was )?found|no whois information|^status:\s*(free|available|unallocated)\b"
    r"|is (available|free) for|not (registered|exist)|does not exist|no record(s)? (found|for)"
    r"|該当するデータがありません|is not (registered|allocated|assigned|an? allocated)"
    r"|have not been (allocated|assigned)|한국인터넷진흥원.{0,80}(아니|없)|no found",
    re.IGNORECASE | re.MULTILINE,
)
_BROKEN = re.compile(
    r"^%ERROR:100\b|internal (server |software )?error", re.IGNORECASE | re.MULTILINE
)
_IN_ORDER = (
    (_LIMITED, "rate_limited"),
    (_NOTHING, ""),
    (_REFUSED, "refused_by_server"),
    (_BROKEN, "server_misbehaving"),
)
_LONGEST_REFUSAL = 20_000
"""Refusals are short; the terms of use below a long answer speak of limits as well."""


def read_answer(server: str, text: str, target: Target) -> RegistryFacts | Failure:
    """What an answer says of the target. Pure; any text at all gives one or the other."""
    if found := registration(server, text, target):
        return found
    if referral_only(server, text):
        return RegistryFacts(answer=ELSEWHERE, registry=register(server))
    if not text.strip():
        return Failure("eof_error", server, "the server closed the connection without a word")
    plain = _plain(text[:_LONGEST_REFUSAL])
    for pattern, name in _IN_ORDER:
        if pattern.search(plain):
            if not name:
                return RegistryFacts(answer=NO_MATCH, registry=register(server))
            return Failure(name, server, _line(pattern, plain))
    return Failure("server_misbehaving", server, "the answer is of no known form")


def registration(server: str, text: str, target: Target) -> RegistryFacts | None:
    """The registration in an answer, in whichever of the known layouts it is."""
    found = objects(text)
    read: RegistryFacts | None = None
    if target.network is not None:
        read = (
            japan.network(text, target)
            or arin.network(found, target)
            or asia.korea(found, target)
            or asia.taiwan(found, target)
            or rpsl.network(found, target)
        )
        if read and any(status.lower().startswith("unallocated") for status in read.status):
            return None  # LACNIC: "Unallocated and unassigned in LACNIC block"
    elif target.asn is not None:
        read = (
            japan.autnum(text, target) or arin.autnum(found, target) or rpsl.autnum(found, target)
        )
    else:
        read = japan.domain(text, target) or domain.domain(found, target, server)
        if read and _FREE.intersection(status.lower() for status in read.status):
            return None  # DENIC: "Status: free"
    if read and target.domain == "" and referral_only(server, text):
        read = msgspec.structs.replace(read, answer=ELSEWHERE)
    if read and not read.registry:
        read = msgspec.structs.replace(read, registry=register(server))
    return read


_FREE = {"free", "available", "invalid"}
_REGISTERS = {
    "whois.arin.net": "ARIN",
    "whois.ripe.net": "RIPE",
    "whois.apnic.net": "APNIC",
    "whois.lacnic.net": "LACNIC",
    "whois.afrinic.net": "AFRINIC",
    "whois.nic.ad.jp": "JPNIC",
    "whois.jprs.jp": "JPRS",
    "whois.kisa.or.kr": "KRNIC",
    "whois.twnic.net": "TWNIC",
    "whois.iana.org": "IANA",
    "whois.registro.br": "NIC.br",
}


def register(server: str) -> str:
    """The short name of the register that a server speaks for; else the server's own."""
    return _REGISTERS.get(server, server)


def assignment(server: str, text: str, target: Target) -> bool:
    """Whether the registration has no more specific ones inside.

    Then its answer stands for every address in it, and none of them need be asked about again.
    RIPE, APNIC, AFRINIC, LACNIC and ARIN do not let assignments be divided; JPNIC lists what is
    below.
    """
    read = registration(server, text, target)
    if read is None or target.network is None:
        return False
    if read.registry == "JPNIC" and server == "whois.nic.ad.jp":
        return japan.final(text)
    words = " ".join(read.status).lower()
    return bool(re.search(r"\b(re)?assign(ed|ment)\b", words)) and "aggregated" not in words


def referral_only(server: str, text: str) -> bool:
    """Whether this is IANA's (or another root's) answer, which names who to ask and no holder."""
    return server == "whois.iana.org" and any(first(one, "refer", "whois") for one in objects(text))


def _plain(text: str) -> str:
    """The text without the terms of use that say what happens to those who ask too much."""
    lines = [line for line in text.splitlines() if not _TERMS.search(line)]
    return "\n".join(lines)


_TERMS = re.compile(r"terms|purposes|copyright|lawful|agree|http", re.IGNORECASE)


def _line(pattern: re.Pattern[str], text: str) -> str:
    for line in text.splitlines():
        if pattern.search(line):
            return line.strip(" %#")[:200]
    return ""
