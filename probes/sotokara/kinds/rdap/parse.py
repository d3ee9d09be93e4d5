"""From RDAP responses (RFC 9083) to facts, under the names that ``whois`` uses too."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from sotokara.core.observation import Exchange, Failure, Reading
from sotokara.kinds.rdap.entities import contacts as entity_contacts
from sotokara.kinds.rdap.entities import dicts, handles_only, holder, name, roles, text, texts
from sotokara.kinds.rdap.message import NOT_FOUND, content, taken
from sotokara.kinds.shared import origin
from sotokara.kinds.shared.registry.dates import day
from sotokara.kinds.shared.registry.facts import (
    NO_MATCH,
    REGISTERED,
    Parent,
    RegistryFacts,
    said_by,
)
from sotokara.kinds.shared.registry.target import Net, Target, holds, networks, spelled

LOOKUP, BOOTSTRAP, ABOVE = "lookup", "bootstrap", "networks above"
"""The steps of exchanges: the object asked for (redirects and referrals too), and around it."""
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


def read_objects(exchanges: Sequence[Exchange], target: Target, *, contacts: bool) -> Reading:
    """The facts of all exchanges of one definition."""
    asked = [one for one in exchanges if one.step == LOOKUP and not _redirects(one)]
    if not asked:
        stopped = next((one.failure for one in exchanges if one.failure), None)
        return Reading(failure=stopped or Failure("eof_error", "measure", "nobody was asked"))
    answers = [(one, parsed_reply(one, target)) for one in asked]
    last = answers[-1][1]
    failure = last if isinstance(last, Failure) else None
    found = [answer for _, answer in answers if isinstance(answer, RegistryFacts)]
    ms = max((one.ms or 0.0 for one in exchanges), default=0.0)
    if not found:
        return Reading(None, {"ms": ms}, failure)
    best = next((one for one in reversed(found) if one.answer == REGISTERED), found[-1])
    parents = _parents(exchanges, target, best)
    volatile: dict[str, Any] = {"ms": ms}
    if silent := origin.failures(exchanges, target.address):
        volatile["unanswered"] = silent
    facts = msgspec.structs.replace(
        best,
        contacts=best.contacts if contacts else handles_only(best.contacts),
        parents=parents,
        parent=parents[-1].range if parents else best.parent,
        asked=[said_by(one.server, answer) for one, answer in answers],
        **origin.facts(exchanges, target.address),
    )
    return Reading(facts, volatile, failure)


def _redirects(one: Exchange) -> bool:
    message = taken(one.received or b"")
    return message is not None and 300 <= message.status < 400  # noqa: PLR2004


def parsed_reply(one: Exchange, target: Target) -> RegistryFacts | Failure:
    """What one response says of the target."""
    found = content(one)
    if isinstance(found, Failure):
        return found
    host = one.server
    if not found or found.get("errorCode") == NOT_FOUND:
        return RegistryFacts(answer=NO_MATCH, registry=register(host))
    read = _facts(found, target, host)
    if read is None:
        return Failure("server_misbehaving", host, "the object is not what was asked for")
    return read


def _facts(found: dict[str, Any], target: Target, host: str) -> RegistryFacts | None:
    kind = found.get("objectClassName")
    entities = dicts(found.get("entities"))
    common: dict[str, Any] = {
        "answer": REGISTERED,
        "registry": register(text(found.get("port43")).lower().removeprefix("whois.") or host),
        "handle": text(found.get("handle")),
        "organization": holder(found, entities),
        "country": text(found.get("country")).upper(),
        "contacts": entity_contacts(entities),
        "allocated": _event(found, "registration"),
        "updated": _event(found, "last changed"),
    }
    if target.network is not None:
        nets = spans(found)
        if kind != "ip network" or not holds(nets, target.network):
            return None
        spelling, prefixes = spelled(nets)
        kind_of = text(found.get("type"))
        return RegistryFacts(
            range=spelling,
            prefixes=prefixes,
            netname=text(found.get("name")),
            parent=text(found.get("parentHandle")),
            status=[kind_of] if kind_of else sorted(texts(found.get("status"))),
            **common,
        )
    if target.asn is not None:
        first, last = found.get("startAutnum", target.asn), found.get("endAutnum", target.asn)
        fits = isinstance(first, int) and isinstance(last, int) and first <= target.asn <= last
        if kind != "autnum" or not fits:
            return None
        spelling = target.text if first == last else f"AS{first} - AS{last}"
        status = sorted(texts(found.get("status")))
        return RegistryFacts(
            range=spelling, asn=target.asn, as_name=text(found.get("name")), status=status, **common
        )
    if kind != "domain" or text(found.get("ldhName")).lower().rstrip(".") != target.domain:
        return None
    return RegistryFacts(
        range=target.domain,
        nameservers=sorted(
            {
                server
                for one in dicts(found.get("nameservers"))
                if (server := text(one.get("ldhName")).lower().rstrip("."))
            }
        ),
        expires=_event(found, "expiration"),
        registrar=next((name(one) for one in entities if "registrar" in roles(one)), ""),
        status=sorted({_epp(one) for one in texts(found.get("status"))}),
        **common,
    )


def spans(found: dict[str, Any]) -> list[Net]:
    """The networks of an ``ip network``, from its first and last address."""
    return networks(f"{text(found.get('startAddress'))} - {text(found.get('endAddress'))}")


def _event(found: dict[str, Any], action: str) -> str:
    for one in dicts(found.get("events")):
        if text(one.get("eventAction")) == action:
            return day(text(one.get("eventDate")))
    return ""


def _epp(status: str) -> str:
    """``client delete prohibited`` → ``clientDeleteProhibited`` (RFC 8056)."""
    first, *rest = re.split(r"\s+", status.strip())
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def _parents(exchanges: Sequence[Exchange], target: Target, best: RegistryFacts) -> list[Parent]:
    """The networks above from their own responses, the widest first."""
    found: dict[str, tuple[int, Parent]] = {}
    for one in exchanges:
        answer = parsed_reply(one, target) if one.step == ABOVE else None
        if not isinstance(answer, RegistryFacts) or not answer.prefixes:
            continue
        nets = [net for prefix in answer.prefixes for net in networks(prefix)]
        if answer.range == best.range or nets[0].prefixlen == 0:
            continue
        parent = Parent(answer.range, answer.netname, answer.organization, " ".join(answer.status))
        found[answer.range] = (sum(net.num_addresses for net in nets), parent)
    return [parent for _, parent in sorted(found.values(), key=lambda one: -one[0])]
