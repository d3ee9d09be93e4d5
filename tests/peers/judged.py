"""Where a peer's expectation, not our reading, is what differs from the answer: by rule, with why.

A rule looks at the recorded bytes alone: in which object each value stands, under which label. What
no rule tells is in ``ONE_BY_ONE``, read by hand.
"""

import re
from collections.abc import Callable
from typing import Any

from sotokara.kinds.shared.registry.dates import first_day, month_first

from tests.peers.recorded import Recorded, text_of_bytes

_REGISTRAR = re.compile(
    r"registrar|registrator|sponsor|provider|registered (?:by|through)", re.IGNORECASE
)
_SERVER = re.compile(
    r"(?:name|domain) ?serv|nserver|\bns\b|\bdns\b|\bNS \d|\d NS\b|host ?name", re.IGNORECASE
)
_CREATED = re.compile(r"^\s*(?:creat|registered)[\w ]*\W+\S*\d", re.IGNORECASE | re.MULTILINE)

ONE_BY_ONE = {
    "flipbit whois.ax/ax/not-found/u34jedzcq.ax.txt": "says that the name is invalid",
    "flipbit whois.kg/kg/not-found/u34jedzcq.kg.txt": "says nothing of the name",
    "flipbit whois.nic.bo/bo/not-found/not_found.txt": "takes questions about .bo alone",
    "weppos whois.nic.bo/bo/status_available.txt": "takes questions about .bo alone",
    "iodev .bo/free": "takes questions about .bo alone",
    "flipbit whois.dns.lu/lu/not-found/u34jedzcq.lu.txt": "a limit",
    "iodev .lu/free": "a limit",
    "iodev .hk/free": "a limit",
    "iodev .nz/free": "a limit",
    "weppos whois.registro.br/br/status_available_limited.txt": "a limit, with the words beside it",
    "flipbit whois.registry.gy/gy/not-found/u34jedzcq.gy.txt": "cannot answer",
    "iodev .ga/free": "cannot answer now",
    "iodev .ml/free": "cannot answer now",
    "flipbit whois.nic.es/es/not-found/not_found.txt": "takes questions from known addresses alone",
    "weppos whois.nic.es/es/status_available.txt": "takes questions from known addresses alone",
    "iodev .es/free": "takes questions from known addresses alone",
    "flipbit whois.nic.wed/wed/not-found/u34jedzcq.wed.txt": "prohibited",
    "iodev .qa/free": "reserved",
    "iodev .vu/free": "says that the name is invalid",
    "iodev .nz/free_progressbuilders.co.nz.nz": "says that another registry has the name",
    "smitty tapuz.co.il.txt": "the peer takes the day for the month",
    "domainr cenpac.net.nr/zx5v7d4v2k50l3pq.nr.mime": "a web page",
    "domainr www.cenpac.net.nr/zx5v7d4v2k50l3pq.nr.mime": "a web page",
    "domainr whois.nic.es/zx5v7d4v2k50l3pq.es.mime": "takes questions from known addresses alone",
    "likexian notfound/name_science.name": "has it for third levels alone",
    "icamys whois_br/no_such_domain.txt": "says that the question is invalid",
    "icamys whois_br/rate_limit.txt": "has the registration, with “reduced information”",
    "icamys whois_de/rate_limit.txt": "a client's own error, no word of a registry",
    "icamys whois_in/studicafe.in.txt": "is about another name than the file's",
    "icamys whois_xnplai/xn.xnplai.txt": "is about another name than the file's",
    "flipbit whois.nic.travel/travel/not-found/u34jedzcq.travel.txt": "has another zone by now",
}
"""What answers say that peers file as “no match”, or as something else that they are not."""


def why(one: Recorded, fact: str, ours: Any, theirs: Any) -> str:  # any fact
    """Why the peer's value is not the answer's; empty where nothing says so."""
    text = text_of_bytes(one.raw)
    if fact == "answer":
        said = ONE_BY_ONE.get(f"{one.peer} {one.name}", "")
        renewed = theirs == "no_match" and ours == "registered" and bool(_CREATED.search(text))
        return "the sample was renewed and has a registration" if renewed else said
    if fact in ("allocated", "updated", "expires"):
        return _day(one, text, fact, ours, theirs)
    if fact == "registrar":
        return _registrar(one, text, ours, [each for each in theirs if each])
    if fact == "nameservers" and set(theirs) < set(ours):
        named = [part for part in _paragraphs(text) if _SERVER.search(part.partition("\n")[0])]
        lines = [line.lower() for line in text.splitlines() if _SERVER.search(line)]
        lines += [line.lower() for part in named for line in part.splitlines()]
        extra = set(ours) - set(theirs)
        if all(any(name in line for line in lines) for name in extra):
            return "the peer leaves name servers out"
    return ""


_VALUES = re.compile(r":(.*)$", re.MULTILINE)
_OTHER_DAY = {
    "allocated": re.compile(r"updat|expir"),
    "updated": re.compile(r"creat|expir"),
    "expires": re.compile(r"creat|updat"),
}


def _day(one: Recorded, text: str, fact: str, ours: str, theirs: str) -> str:
    named = re.compile(rf"[:\]\s]\s*{re.escape(one.target)}\.?\s*$", re.IGNORECASE | re.MULTILINE)
    own = [part for part in _paragraphs(text) if named.search(part)]
    days = {first_day(line) for part in own for line in part.splitlines()}
    about = re.compile(r"before|whois|database|look-?up|last updated on", re.IGNORECASE)
    theirs_at = [line.strip().lower() for line in text.splitlines() if first_day(line) == theirs]
    lines = [
        line for line in text.splitlines() if first_day(line) == theirs or "before" in line.lower()
    ]
    year, *turned = theirs.split("-")
    swapped = ours == "-".join([year, *reversed(turned)])
    twice = 0 <= _where(text, ours) < _where(text, theirs) and _again(text, ours, theirs)
    reasons = (
        (bool(ours) and ours in days and theirs not in days, "the peer has another object's day"),
        (_all(theirs_at, lambda line: line.startswith("free-date")), "the day it becomes free"),
        (_all(theirs_at, _OTHER_DAY[fact].search), "the day of something else"),
        (
            ours > theirs and any(line.startswith("changed:") for line in theirs_at),
            "the first of several changes",
        ),
        (
            swapped and month_first(_VALUES.findall(text)) is not None,
            "another day of the answer tells which number is the month",
        ),
        (twice, "the registrar's day, in its own answer below the registry's"),
        (
            not ours and _all(lines, about.search),
            "the day is the database's, or none (“before”)",
        ),
        (True, ONE_BY_ONE.get(f"{one.peer} {one.name}", "")),
    )
    return next(reason for holds, reason in reasons if holds)


def _all(lines: list[str], holds: Callable[[str], object]) -> bool:
    return bool(lines) and all(map(holds, lines))


def _again(text: str, *days: str) -> bool:
    """Whether all days stand behind one label, so that a second answer follows the first."""
    lines = [
        next((line for line in text.splitlines() if first_day(line) == one), "") for one in days
    ]
    return len({line.partition(":")[0].strip().lower() for line in lines}) == 1


def _where(text: str, when: str) -> int:
    """The first line with a day, -1 where there is none."""
    return next((at for at, line in enumerate(text.splitlines()) if first_day(line) == when), -1)


def _registrar(one: Recorded, text: str, ours: str, theirs: list[str]) -> str:
    labelled = [part for part in _paragraphs(text) if _REGISTRAR.search(part)]
    lines = [line for line in text.splitlines() if _REGISTRAR.search(line)]
    if ours and any(each.lower() in ours.lower() for each in theirs):
        return "the peer has a part of the name"
    both = [part for part in labelled if ours and ours.lower() in part.lower()]
    named = [part for part in both if any(each.lower() in part.lower() for each in theirs)]
    handles = all(re.fullmatch(r"[\w.-]+", each) for each in theirs)
    if named and handles:
        return "the peer has the registrar's handle, not its name"
    beside = [line for line in lines if any(_plain(each) in _plain(line) for each in theirs)]
    if not beside and (not ours or any(ours.lower() in line.lower() for line in [*lines, *both])):
        return "the peer has a contact's name: the answer names no registrar so"
    own = [part for part in labelled if one.target in part.lower()]
    if own and ours and all(_plain(each) not in _plain(own[0]) for each in theirs):
        return "the peer has a look-alike's registrar"
    return ""


def _paragraphs(text: str) -> list[str]:
    return re.split(r"\n\s*\n", text.replace("\r", ""))


def _plain(text: str) -> str:
    return re.sub(r"[\W_]", "", text.lower())
