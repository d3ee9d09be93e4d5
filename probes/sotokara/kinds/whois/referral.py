"""Who knows more: IANA → RIR → NIR, registry → registrar. Read out of what a server said."""

import re
from typing import NamedTuple

from sotokara.kinds.shared.registry.facts import ELSEWHERE, RegistryFacts
from sotokara.kinds.shared.registry.target import RegistryTarget
from sotokara.kinds.whois.text import every, first, objects

ROOT = "whois.iana.org"
RIRS = (
    "whois.apnic.net",
    "whois.arin.net",
    "whois.ripe.net",
    "whois.lacnic.net",
    "whois.afrinic.net",
)
"""The regional registries, in the order in which JPNIC lists them."""
NIRS = {
    "JPNIC": "whois.nic.ad.jp",
    "KRNIC": "whois.kisa.or.kr",
    "TWNIC": "whois.twnic.net",
}
"""The national registries inside APNIC's region that have a whois server of their own."""
_MAINTAINERS = {
    "MAINT-JPNIC": "JPNIC",
    "MNT-KRNIC-AP": "KRNIC",
    "MAINT-TW-TWNIC": "TWNIC",
}
_RIR_NAMES = {"ARIN": 1, "RIPE": 2, "APNIC": 0, "LACNIC": 3, "AFRINIC": 4}
_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_HOST = re.compile(rf"(?=.{{4,253}}$){_LABEL}(?:\.{_LABEL})+")
_BRAZIL = re.compile(r"^%?\s*Brazilian resource:\s*(\S+)", re.MULTILINE)
_TO = re.compile(
    r"(?:Allocated to|Transferred to|Maintained by) (RIPE|APNIC|LACNIC|AFRINIC)", re.IGNORECASE
)
_TRIED = re.compile(r"unable to query (ARIN|RIPE|APNIC|LACNIC|AFRINIC)\b", re.IGNORECASE)
"""A registry that asks another one itself, and could not, has said whose the address is."""


class Referral(NamedTuple):
    """The next server, or why the one named cannot be asked."""

    server: str
    refused: str = ""


def next_server(
    server: str, text: str, said: RegistryFacts | None, target: RegistryTarget
) -> Referral | None:
    """Whom this answer refers to; None when it is the last word."""
    found = objects(text)
    named = ""
    for one in found:
        links = every(one, "refer", "referralserver") or every(one, "resourcelink")
        links = [link for link in links if not link.startswith(("http:", "https:"))]  # pages
        named = named or (links or [""])[0] or (first(one, "whois") if server == ROOT else "")
    if not named and (match := _BRAZIL.search(text)):
        named = match[1]
    if not named and target.domain and server != ROOT:
        for one in found:
            if first(one, "domain name", "domain").lower().rstrip(".") == target.domain:
                named = named or first(one, "registrar whois server", "whois server")
    if not named and said is not None and target.network is not None:
        named = _national(server, text) or _regional(said)
    if not named and said is None and target.network and (match := _TRIED.search(text)):
        named = RIRS[_RIR_NAMES[match[1].upper()]]
    if not named or (refers := _host(named)).server == server:
        return None
    return refers


def _national(server: str, text: str) -> str:
    """The national registry whose objects APNIC mirrors (``source: JPNIC``) or names."""
    if server != "whois.apnic.net":
        return ""
    found = objects(text)
    networks = [one for one in found if first(one, "inetnum", "inet6num")]
    for one in networks:
        if (source := first(one, "source").upper()) in NIRS:
            return NIRS[source]
    for one in networks:
        for name in every(one, "mnt-by", "mnt-lower"):
            if name.upper() in _MAINTAINERS:
                return NIRS[_MAINTAINERS[name.upper()]]
    return ""


def _regional(said: RegistryFacts) -> str:
    """The regional registry that a placeholder names."""
    if said.answer != ELSEWHERE:
        return ""
    match = _TO.search(" ".join(said.status))
    return RIRS[_RIR_NAMES[match[1].upper()]] if match else ""


def _host(named: str) -> Referral:
    """``whois://whois.ripe.net:43``, ``whois.ripe.net``: the host, where it is one and port 43."""
    text = named.strip().lower().removeprefix("whois://").rstrip("/.")
    if "://" in text:
        scheme = text.partition("://")[0]
        return Referral(text.partition("://")[2][:80], f"{scheme} is not spoken here")
    host, colon, port = text.partition(":") if text.count(":") == 1 else (text, "", "")
    if colon and port != "43":
        return Referral(host[:80], f"port {port[:10]} is not whois (RFC 3912)")
    literal = re.fullmatch(r"[0-9.]{7,15}|[0-9a-f:.]{3,45}", host) and ("." in host or ":" in host)
    if not literal and not _HOST.fullmatch(host):
        return Referral(host[:80], "that is no host name")
    return Referral(host)
