"""A second reading of bytes that we already have, by ipwhois' parsers: it sends nothing itself.

Two programs that read one answer differently show where one of them is wrong, which neither does by
itself. Compared is what ipwhois reads well: the regional registries' whois text and RDAP objects of
addresses, the fields of JPNIC and KRNIC, rows of the origin zones. Left out is what it reads from
anywhere in the text, or guesses: handles, descriptions, mails, and the last change at APNIC and
AFRINIC, where it takes a contact's day.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sotokara.core.addresses import Net
from sotokara.kinds.shared.registry.dates import first_day
from sotokara.kinds.shared.registry.facts import REGISTERED, RegistryFacts
from sotokara.kinds.shared.registry.target import RegistryTarget, narrowest, network_held, networks

if TYPE_CHECKING:
    from ipwhois.net import Net as Question

Readings = dict[str, tuple[str, str]]
"""By fact: what we read, and what ipwhois read."""

_RIRS = {
    "whois.arin.net": ("arin", ("name", "country", "created", "updated")),
    "whois.ripe.net": ("ripencc", ("name", "country", "created", "updated")),
    "whois.apnic.net": ("apnic", ("name", "country")),
    "whois.lacnic.net": ("lacnic", ("country", "created")),
    "whois.afrinic.net": ("afrinic", ("name", "country")),
}
_NIRS = {
    "whois.nic.ad.jp": ("jpnic", {"name": "organization", "handle": "netname"}),
    "whois.kisa.or.kr": ("krnic", {"name": "organization"}),
}
_FACTS = {"name": "netname", "country": "country", "created": "allocated", "updated": "updated"}
_DAYS = ("allocated", "updated")
_LONGEST = 64 * 1024
"""Characters that are read a second time; real answers about addresses are shorter."""


@lru_cache
def _question() -> "Question":
    """What ipwhois' parsers want to be made with; nothing is asked about it."""
    from ipwhois.net import Net  # slow to import, and few pages need it

    return Net("193.0.14.129")


def conflicting_readings(ours: Mapping[str, str], theirs: Mapping[str, str]) -> Readings:
    """The facts of which two readings say different things; one that says nothing does not."""
    found: Readings = {}
    for name, said in theirs.items():
        own, other = ours.get(name, ""), said.strip()
        if name in _DAYS:
            other = first_day(other)
        lines = {" ".join(line.split()).lower() for line in other.splitlines()}
        alike = " ".join(own.split()).lower() in {*lines, " ".join(other.split()).lower()}
        if own and other and not alike and own.isascii() == other.isascii():  # else two languages
            found[name] = own, " / ".join(other.splitlines())
    return found


def _ours(facts: RegistryFacts) -> dict[str, str]:
    fields = ("netname", "organization", "country", *_DAYS)
    found = {name: str(getattr(facts, name)) for name in fields}
    return found | {"prefixes": ", ".join(facts.prefixes)}


def of_text(server: str, text: str, target: RegistryTarget, facts: RegistryFacts) -> Readings:
    """How ipwhois reads a registry's whois text on an address otherwise."""
    if target.network is None or facts.answer != REGISTERED or len(text) > _LONGEST:
        return {}
    try:
        if server in _RIRS:
            return conflicting_readings(
                _ours(facts), _regional(server, text, target.network, facts)
            )
        if server in _NIRS:
            return conflicting_readings(_ours(facts), _national(server, text))
    except Exception:  # noqa: BLE001  # another's parser over whatever came
        return {}
    return {}


def _regional(server: str, text: str, network: Net, facts: RegistryFacts) -> dict[str, str]:
    from ipwhois.whois import RIR_WHOIS, Whois

    registry, fields = _RIRS[server]
    reader = Whois(_question())
    plain = text.replace("\r", "")
    nets = {"arin": reader.get_nets_arin, "lacnic": reader.get_nets_lacnic}.get(
        registry, reader.get_nets_other
    )(plain)
    read = [(networks(str(one["cidr"])), one) for one in nets]
    same = [one for found, one in read if [str(net) for net in found] == facts.prefixes]
    chosen = [(one, "") for one in same] or [(one, "x") for _, one in narrowest(read, network)]
    if not chosen:
        return {}
    one, differs = chosen[0]
    following = [other["start"] for other in nets if other["start"] > one["start"]]
    end = min(following, default=len(plain))
    told = reader.parse_fields(
        plain, RIR_WHOIS[registry]["fields"], end, one["end"], None, list(fields)
    )
    found = {_FACTS[name]: str(told[name]) for name in fields if told.get(name)}
    if differs:  # its smallest network is none of ours
        found["prefixes"] = str(one["cidr"])
    return found


def _national(server: str, text: str) -> dict[str, str]:
    from ipwhois.nir import NIR_WHOIS, NIRWhois

    registry, names = _NIRS[server]
    told = NIRWhois(_question()).parse_fields(
        response=text.replace("\r", ""), fields_dict=NIR_WHOIS[registry]["fields"]
    )
    return {fact: str(told[name]) for name, fact in names.items() if told.get(name)}


def of_object(found: Mapping[str, Any], target: RegistryTarget, facts: RegistryFacts) -> Readings:
    """How ipwhois reads an RDAP object on an address otherwise."""
    if target.network is None or facts.answer != REGISTERED:
        return {}
    from ipwhois.rdap import _RDAPNetwork

    try:
        reader = _RDAPNetwork(dict(found))
        reader.parse()
    except Exception:  # noqa: BLE001  # another's parser over whatever came
        return {}
    told = reader.vars
    theirs = {"netname": told["name"], "country": told["country"], "prefixes": told["cidr"]}
    events = told["events"] or []
    for fact, action in (("allocated", "registration"), ("updated", "last changed")):
        dates = [one["timestamp"] for one in events if one["action"] == action]
        theirs[fact] = dates[0] if dates else ""
    return conflicting_readings(
        _ours(facts), {name: str(said or "") for name, said in theirs.items()}
    )


def of_rows(rows: Sequence[str], asn: int | None, prefix: str) -> Readings:
    """How ipwhois reads the row that tells an address's origin otherwise."""
    from ipwhois.asn import IPASN
    from ipwhois.exceptions import BaseIpwhoisException

    theirs: dict[str, set[str]] = {}
    for row in rows:
        try:
            told = IPASN(_question()).parse_fields_dns(row)
        except (BaseIpwhoisException, ValueError, OSError):
            continue  # it refuses rows without a registry
        theirs.setdefault(told["asn_cidr"], set()).update(told["asn"].split())
    if prefix in theirs and str(asn) not in theirs[prefix]:
        return {"asn": (f"AS{asn}", " ".join(sorted(theirs[prefix])))}
    if theirs and prefix not in theirs:
        known = [one for one in theirs if network_held(networks(one), networks(prefix)[0])]
        return {} if known else {"bgp_prefix": (prefix, ", ".join(sorted(theirs)))}
    return {}
