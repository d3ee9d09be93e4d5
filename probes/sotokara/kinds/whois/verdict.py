"""What kind of answer a text is: a registration, no match, a referral only, or a refusal.

"No match" is evidence; being turned away is not, and must never pass for it. So words are looked
for only where no registration was read, refusals before "no match", and a text that says none of
these things was answered and not read, which is no fault of the registry's. What was read last is
remembered: along a walk the same answer is looked at several times.
"""

import re
from functools import lru_cache

import msgspec

from sotokara.core.observation import FAILURES, Failure
from sotokara.kinds.shared.registry.dates import first_day
from sotokara.kinds.shared.registry.facts import (
    ELSEWHERE,
    NO_MATCH,
    UNAVAILABLE,
    Parent,
    RegistryFacts,
)
from sotokara.kinds.shared.registry.organizations import withheld
from sotokara.kinds.shared.registry.target import RegistryTarget
from sotokara.kinds.whois import answers, arin, asia, domain, japan, rpsl, shapes
from sotokara.kinds.whois.bare import prose_lines
from sotokara.kinds.whois.domain_parts import HOSTNAME
from sotokara.kinds.whois.labels import CONTACT, HOLDER, SERVERS
from sotokara.kinds.whois.lines import PAIR, WORDS, single_spaced, split_lines
from sotokara.kinds.whois.sections import Placed, placed
from sotokara.kinds.whois.text import first, objects


@lru_cache(maxsize=64)
def read_answer(server: str, text: str, target: RegistryTarget) -> RegistryFacts | Failure:  # noqa: PLR0911  # a line for each form
    """What an answer says of the target. Pure; any text at all gives one or the other."""
    text = single_spaced(text)
    if limit := answers.limited(server, text):
        return Failure(answers.LIMITED, server, limit)
    if found := registration(server, text, target):
        return found
    if referral_only(server, text):
        return RegistryFacts(answer=ELSEWHERE, registry=register(server))
    if not text.strip():
        return Failure("eof_error", server, "the server closed the connection without a word")
    if page := answers.web_page(text):
        return Failure("server_misbehaving", server, f"a web page, no registry's answer: {page}")
    name, line = answers.denial_of(server, text, target.domain)
    states = name in (answers.NOTHING, answers.UNAVAILABLE, answers.REFUSED)
    if states and target.domain and registration_beside(text, target.domain):
        return Failure("unknown_form", server)
    if name == answers.NOTHING:
        return RegistryFacts(answer=NO_MATCH, registry=register(server))
    if name == answers.UNAVAILABLE and target.domain:
        return RegistryFacts(answer=UNAVAILABLE, registry=register(server))
    if name in FAILURES:
        return Failure(name, server, line)
    return Failure("unknown_form", server)


@lru_cache(maxsize=64)
def registration(server: str, text: str, target: RegistryTarget) -> RegistryFacts | None:
    """The registration in an answer, in whichever of the known layouts it is."""
    found = objects(text)
    read: RegistryFacts | None = None
    if target.network is not None:
        read = (
            japan.find_network(text, target)
            or arin.find_network(found, target)
            or asia.korea(found, target)
            or asia.taiwan(found, target)
            or rpsl.find_network(found, target)
        )
        if read and any(status.lower().startswith("unallocated") for status in read.status):
            return None  # LACNIC: "Unallocated and unassigned in LACNIC block"
    elif target.asn is not None:
        read = (
            japan.find_autnum(text, target)
            or arin.find_autnum(found, target)
            or rpsl.find_autnum(found, target)
        )
    else:
        read = japan.domain(text, target)
        if read is None or (not read.status and not _held(read)):  # brackets of somebody else
            read = domain.domain(text, target, server)
        if read and read.registry == "JPRS" and not _held(read):
            reserved = any(map(answers.unavailable, read.status))
            read = msgspec.structs.replace(read, answer=UNAVAILABLE) if reserved else read
    if read and target.domain == "" and referral_only(server, text):
        read = msgspec.structs.replace(read, answer=ELSEWHERE)
    if read and withheld(read.organization):
        read = msgspec.structs.replace(read, organization="", person=True)
    if read and any(withheld(one.organization) for one in read.parents):
        read = msgspec.structs.replace(read, parents=[_open(one) for one in read.parents])
    if read and not read.registry:
        read = msgspec.structs.replace(read, registry=register(server))
    return read


def _held(read: RegistryFacts) -> bool:
    """Whether anything says that somebody has a name."""
    return bool(read.allocated or read.nameservers or read.organization or read.person)


def _open(parent: Parent) -> Parent:
    """A network above without a name that is masked."""
    if not withheld(parent.organization):
        return parent
    return msgspec.structs.replace(parent, organization="")


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


def assignment(server: str, text: str, target: RegistryTarget) -> bool:
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


# Whether something of a registration stands beside the words that deny it.
#
# “No record found” may be said of a key, a contact, a look-alike. It is believed of the domain only
# where the rest of the answer is what comes with such words: the question, comments, terms of use.
# A layout that nobody knows still shows by its hosts, its days and its many labels that it is one.

_MOST_DAYS, _MOST_LABELS, _SHORT = 1, 3, 6
"""The answer's own day, and the hints that registries give; words of a value, not a sentence."""
_HELPERS = ("whois", "www.", "rdap")


def registration_beside(text: str, name: str) -> bool:
    """Whether an answer about ``name`` holds more than a denial and what comes with one."""
    found = placed(split_lines(text))
    prose = prose_lines(found)
    days = labels = 0
    for at, one in enumerate(found):
        value = one.line.value
        if one.line.kind not in (PAIR, WORDS) or one.line.commented or at in prose:
            continue
        if not value or shapes.none(value) or _denial(one):
            continue
        if "://" in value and " " not in value:  # "… are available at: https://registry.example/"
            continue
        if shapes.sentence(value) or shapes.phrase(value) or shapes.role(value):
            continue
        if one.whose in (HOLDER, CONTACT, SERVERS) or _host(one, name):
            return True
        if one.line.kind == PAIR:
            days += bool(first_day(value))
            odd = one.label is not None and one.label.odd and name not in value.lower()
            labels += odd and "://" not in value and len(value.split()) <= _SHORT
    return days > _MOST_DAYS or labels > _MOST_LABELS


def _denial(one: Placed) -> bool:
    return answers.says_something(one.line.text[one.line.indent :])


def _host(one: Placed, name: str) -> bool:
    """Whether a value is the name of another host, no helper's."""
    tokens = [token.strip("()[]<>,;\"'").rstrip(".") for token in one.line.value.lower().split()]
    if one.line.kind == WORDS and len(tokens) > 1:
        return False
    hosts = [token for token in tokens if HOSTNAME.fullmatch(token)]
    return any(host != name and not host.startswith(_HELPERS) for host in hosts)
