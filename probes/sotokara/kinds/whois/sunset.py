"""Registries without whois: since 2025 those of generic top-level domains need speak RDAP alone.

IANA's entry of such a domain names no whois server, or the server that it names is gone, or says
that its service has ended. Then the registry is asked by RDAP, and nobody is to blame.
"""

import re
from collections.abc import Sequence

from sotokara.core.addresses import is_address
from sotokara.core.observation import Exchange, Failure
from sotokara.kinds.shared.registry.facts import (
    NO_MATCH,
    RDAP_ONLY,
    REGISTERED,
    RegistryFacts,
)
from sotokara.kinds.shared.registry.target import RegistryTarget
from sotokara.kinds.whois.referral import ROOT
from sotokara.kinds.whois.text import first, objects

_ENDED = (
    r"(?:(?:has|have|is|are|was|were)(?: been| now| permanently| being){0,3} "
    r"(?:retired|discontinued|decommissioned|sunset(?:ted)?|shut ?down|(?:turned|switched) off"
    r"|disabled|deprecated|terminated|ended|closed|withdrawn|removed|suspended|replaced"
    r"|superseded|unavailable permanently)"
    r"|service ended|(?:is|are) no longer|no longer (?:provide|offer|operate|support|answer|serve)"
    r"|(?:has|have) ceased|reached (?:its |the )?end of life)"
)
_WHOIS = r"(?:\bwhois\b|\bport[ -]43\b|\bTCP/43\b)"
_RETIRED = re.compile(
    rf"{_WHOIS}[^.!?]{{0,120}}?{_ENDED}|{_ENDED}[^.!?]{{0,120}}?{_WHOIS}", re.IGNORECASE
)
_INSTEAD = re.compile(
    r"\b(?:use|query|via|through|visit|switch to|migrate to|refer to|see|consult|using|by)\b"
    r"[^!?]{0,80}\bRDAP\b|\bRDAP\b[^.!?]{0,80}\binstead\b|\bRDAP[ -]only\b"
    r"|\bonly[^.!?]{0,40} RDAP\b",
    re.IGNORECASE,
)
_NOTICE, _FEW = 2000, 3
"""Characters of a notice in whatever language, and its lines that look like ``key: value``."""
_LIMITS = re.compile(r"\b(?:limit|quota|exceed|too many|throttl|excessive|abus)", re.IGNORECASE)
"""A server that turns somebody away recommends RDAP as well."""
_LONGEST = 20_000
"""Characters of a server's word that it has ended; what is longer has registrations in it."""
GONE = frozenset(
    (
        *("connection_refused", "connection_reset", "connection_aborted", "dns_no_answer"),
        *("dns_nxdomain_error", "eof_error", "generic_timeout_error", "host_unreachable"),
        "registry_silent",  # as those before it, which were sent and not answered
    )
)
"""How a server fails that is there no more."""
_GONE_FOR_GOOD = frozenset(("connection_refused", "dns_no_answer", "dns_nxdomain_error"))


_UNREAD = ("unknown_form", "server_misbehaving")


def speaks_rdap_only(
    server: str, text: str, target: RegistryTarget, answer: RegistryFacts | Failure
) -> bool:
    """Whether an answer says that there is no whois server: by IANA's silence, or in words."""
    if server == ROOT:
        return _none_at_iana(text, target)
    if isinstance(answer, RegistryFacts) and answer.answer != NO_MATCH:
        return False
    plain = re.sub(r"[\s%#*>-]+", " ", text[:_LONGEST])
    if len(text) <= _LONGEST and _RETIRED.search(plain):
        return isinstance(answer, Failure) or target.text.lower() not in text.lower()
    unread = isinstance(answer, Failure) and answer.name in _UNREAD
    if not unread or len(text) > _LONGEST or _LIMITS.search(plain):
        return False
    short = len(text) <= _NOTICE and sum(map(len, objects(text))) <= _FEW
    return bool(_INSTEAD.search(plain)) or (short and bool(re.search(r"\bRDAP\b", plain)))


def _none_at_iana(text: str, target: RegistryTarget) -> bool:
    """Whether IANA has the top-level domain and names no server for the names in it."""
    _, dot, top = target.domain.rpartition(".")
    found = objects(text)
    names = [first(one, key) for one in found for key in ("domain", "domain-ace")]
    held = top in {name.lower().strip(".") for name in names}
    return bool(dot) and held and not any(first(one, "whois", "refer") for one in found)


def ended(chain: Sequence[tuple[Exchange, RegistryFacts | Failure]], *, named: bool) -> bool:
    """Whether a chain of answers ends at a registry that has no whois server any more.

    A server that the author ``named`` is asked as it is: a silence of it says no more than that.
    """
    last, answer = chain[-1]
    if _registered(chain):  # what has ended is a registrar's
        return False
    if isinstance(answer, RegistryFacts):
        return answer.answer == RDAP_ONLY
    if last.server == ROOT or is_address(last.server):
        return False
    return answer.name in (_GONE_FOR_GOOD if named else GONE)


def _registered(chain: Sequence[tuple[Exchange, RegistryFacts | Failure]]) -> bool:
    return any(isinstance(one, RegistryFacts) and one.answer == REGISTERED for _, one in chain)
