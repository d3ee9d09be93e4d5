"""From RDAP responses (RFC 9083) to facts, under the names that ``whois`` uses too."""

import re
from typing import Any

from sotokara.core.addresses import Net
from sotokara.core.observation import Exchange, Failure
from sotokara.kinds.shared.rdap.cards import contacts as entity_contacts
from sotokara.kinds.shared.rdap.cards import holder, name, roles
from sotokara.kinds.shared.rdap.message import content
from sotokara.kinds.shared.rdap.names import legal
from sotokara.kinds.shared.rdap.plain import (
    dicts,
    number,
    spans,
    text_list,
    text_or_empty,
    vocabulary_word,
)
from sotokara.kinds.shared.registry.dates import first_day
from sotokara.kinds.shared.registry.facts import (
    NO_MATCH,
    REGISTERED,
    RegistryFacts,
)
from sotokara.kinds.shared.registry.target import (
    RegistryTarget,
    network_held,
    read_target,
    spelled,
)

LOOKUP, BOOTSTRAP, ABOVE = "lookup", "bootstrap", "networks above"
"""The steps of exchanges: the object asked for (redirects and referrals too), and around it."""


def parsed_reply(one: Exchange, target: RegistryTarget) -> RegistryFacts | Failure:
    """What one response says of the target."""
    found = content(one)
    if isinstance(found, Failure):
        return found
    host = one.server
    if not found:
        return RegistryFacts(answer=NO_MATCH, registry=register(host))
    read = _facts(found, target, host)
    if read is None:
        return Failure("server_misbehaving", host, "the object is not what was asked for")
    return read


def _facts(found: dict[str, Any], target: RegistryTarget, host: str) -> RegistryFacts | None:
    """The facts of an object; None where it is not about the target."""
    entities = dicts(found.get("entities"))
    organization, person = holder(entities)
    common: dict[str, Any] = {
        "answer": REGISTERED,
        "registry": register(
            text_or_empty(found.get("port43")).lower().removeprefix("whois.") or host
        ),
        "handle": text_or_empty(found.get("handle")),
        "organization": organization or ("" if person else _described(found)),
        "person": person,
        "country": text_or_empty(found.get("country")).upper(),
        "contacts": entity_contacts(entities),
        "allocated": _event(found, "registration"),
        "updated": _event(found, "last changed"),
    }
    if target.network is not None:
        return _network(found, target.network, common)
    if target.asn is not None:
        return _autnum(found, target, common)
    return _domain(found, target, common)


def _described(found: dict[str, Any]) -> str:
    """An organization's name in the description, where APNIC has the holders of old objects."""
    for remark in dicts(found.get("remarks")):
        if vocabulary_word(remark.get("title")) == "description":
            line = next(iter(text_list(remark.get("description"))), "").strip()
            return line if legal(line) else ""
    return ""


def _is(found: dict[str, Any], kind: str, *keys: str) -> bool:
    """Whether an object is of a class; drafts of RDAP, which some servers speak, named none."""
    told = vocabulary_word(found.get("objectClassName"))
    return told == kind if told else any(key in found for key in keys)


def _network(found: dict[str, Any], network: Net, common: dict[str, Any]) -> RegistryFacts | None:
    nets = spans(found)
    if not _is(found, "ip network", "startAddress", "cidr0_cidrs") or not network_held(
        nets, network
    ):
        return None
    spelling, prefixes = spelled(nets)
    kind_of = text_or_empty(found.get("type"))
    return RegistryFacts(
        range=spelling,
        prefixes=prefixes,
        netname=text_or_empty(found.get("name")),
        parent=text_or_empty(found.get("parentHandle")),
        status=[kind_of] if kind_of else sorted(text_list(found.get("status"))),
        **common,
    )


def _autnum(
    found: dict[str, Any], target: RegistryTarget, common: dict[str, Any]
) -> RegistryFacts | None:
    asn = target.asn or 0
    first = number(found.get("startAutnum"))
    last = number(found.get("endAutnum"))
    first, last = asn if first is None else first, asn if last is None else last
    if not _is(found, "autnum", "startAutnum", "endAutnum") or not first <= asn <= last:
        return None
    spelling = target.text if first == last else f"AS{first} - AS{last}"
    status = sorted(text_list(found.get("status")))
    return RegistryFacts(
        range=spelling, asn=asn, as_name=text_or_empty(found.get("name")), status=status, **common
    )


def _domain(
    found: dict[str, Any], target: RegistryTarget, common: dict[str, Any]
) -> RegistryFacts | None:
    named = {_host(found.get(key)) for key in ("ldhName", "unicodeName")}
    if not _is(found, "domain", "ldhName", "unicodeName") or target.domain not in named:
        return None
    entities = dicts(found.get("entities"))
    servers = {_host(one.get("ldhName")) for one in dicts(found.get("nameservers"))}
    return RegistryFacts(
        range=target.domain,
        nameservers=sorted(servers - {""}),
        expires=_event(found, "expiration"),
        registrar=next((name(one) for one in entities if "registrar" in roles(one)), ""),
        status=sorted({_epp(one) for one in text_list(found.get("status"))}),
        **common,
    )


def _host(value: Any) -> str:  # noqa: ANN401  # any JSON
    """A name in A-labels, lower case, no final dot; empty for what is none."""
    try:
        return read_target(text_or_empty(value)).domain
    except ValueError:
        return ""


def _event(found: dict[str, Any], action: str) -> str:
    """The day of an event."""
    for one in dicts(found.get("events")):
        if vocabulary_word(one.get("eventAction")) == action:
            return first_day(text_or_empty(one.get("eventDate")))
    return ""


def _epp(status: str) -> str:
    """``client delete prohibited`` → ``clientDeleteProhibited`` (RFC 8056)."""
    first, *rest = re.split(r"\s+", status.strip())
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


# The short names of the registers that RDAP servers speak for.

_REGISTERS = (
    ("arin.net", "ARIN"),
    ("ripe.net", "RIPE"),
    ("apnic.net", "APNIC"),
    ("lacnic.net", "LACNIC"),
    ("afrinic.net", "AFRINIC"),
    ("registro.br", "NIC.br"),
    ("nic.br", "NIC.br"),
    ("nic.ad.jp", "JPNIC"),
    ("jprs.jp", "JPRS"),
    ("kisa.or.kr", "KRNIC"),
    ("twnic.tw", "TWNIC"),
    ("twnic.net.tw", "TWNIC"),
)


def register(host: str) -> str:
    """The short name of the register that a host speaks for; else the host."""
    for suffix, short in _REGISTERS:
        if host == suffix or host.endswith(f".{suffix}"):
            return short
    return host
