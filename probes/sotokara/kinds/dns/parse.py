"""From DNS messages to facts: pure, and never trusting a byte of them."""

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from sotokara.core.observation import Exchange, Failure, Reading
from sotokara.kinds.dns import dns64
from sotokara.kinds.dns.answers import ServerAnswers, name_text, rcode_of
from sotokara.kinds.dns.facts import DnsFacts, ServerFacts
from sotokara.network import wire


def next_alias(exchange: Exchange, owner: dns.name.Name) -> dns.name.Name | None:
    """Where a CNAME of ``owner`` in this reply points to."""
    reply = wire.message_of(exchange)
    if isinstance(reply, Failure):
        return None
    for rrset in reply.answer:
        target: dns.name.Name | None = getattr(rrset[0], "target", None)
        if rrset.rdtype == dns.rdatatype.CNAME and rrset.name == owner and target:
            return target
    return None


def _by_number(address: str) -> tuple[int, int]:
    parsed = ip_address(address)
    return parsed.version, int(parsed)


def read_messages(
    exchanges: Sequence[Exchange],
    owner: dns.name.Name,
    types: Sequence[str],
    servers: Sequence[str],
) -> Reading:
    """The facts of all exchanges of one definition."""
    said: dict[str, ServerAnswers] = {}
    for exchange in exchanges:
        if exchange.step in types:
            said.setdefault(exchange.server, ServerAnswers()).add(exchange)
    if not said:
        return Reading(failure=Failure("dns_no_answer", "measure", "no server was asked"))
    together = _merge(list(said.values()))
    made_up = dns64.leave_out(together, exchanges)
    start = name_text(owner)
    chain = together.chain(start)
    facts = DnsFacts(
        rcode=together.rcode(),
        addresses=sorted(together.addresses, key=_by_number),
        names=sorted(together.names),
        records=sorted(together.records),
        chain=chain or [],
        nodata=sorted(set(together.nodata)),
        authoritative=together.authoritative and bool(together.rcodes),
        **_dnssec(exchanges, owner, together),
        **(_compared(said, servers) if servers and len(said) > 1 else {}),
    )
    failure = together.failure()
    if chain is None:
        detail = "the CNAME chain returns to itself"
        failure = Failure("dns_server_misbehaving", "CNAME", detail)
    elif "authoritative" in servers and all(_lame(one) for one in said.values()):
        detail = "no server of the delegation is authoritative for the zone"
        failure = Failure("dns_lame_delegation", "authoritative", detail)
    elif facts.dnssec == "bogus" and failure:
        detail = f"{failure.detail}; with validation switched off the resolver does answer"
        failure = Failure(failure.name, failure.step, detail.removeprefix("; "))
    volatile = _volatile(exchanges, together, alone=failure is None)
    if made_up:
        volatile["made_up"] = made_up
    return Reading(facts if together.rcodes else None, volatile, failure)


def _volatile(
    exchanges: Sequence[Exchange], together: ServerAnswers, *, alone: bool
) -> dict[str, Any]:
    """What is no fact: times, errors, what could not be read. ``alone``: there is no failure."""
    volatile: dict[str, Any] = {"ms": max((one.ms or 0.0 for one in exchanges), default=0.0)}
    if together.ttl is not None:
        volatile["ttl"] = together.ttl
    if together.errors:
        volatile["errors"] = sorted(set(together.errors))
    for name in ("trailing", "unread"):
        if count := getattr(together, name):
            volatile[name] = count
    if together.failures and alone:
        volatile["unanswered"] = {step: one.name for step, one in together.failures.items()}
    return volatile


def _merge(several: list[ServerAnswers]) -> ServerAnswers:
    if len(several) == 1:
        return several[0]
    together = ServerAnswers()
    for one in several:
        together.records |= one.records
        together.addresses |= one.addresses
        together.names |= one.names
        together.aliases |= one.aliases
        together.rcodes += one.rcodes
        together.nodata += one.nodata
        together.failures |= one.failures
        together.errors += one.errors
        together.trailing += one.trailing
        together.unread += one.unread
        together.authoritative = together.authoritative and one.authoritative
        together.ad = together.ad or one.ad
    return together


def _lame(one: ServerAnswers) -> bool:
    """Listed for the zone, and answers without authority or refuses (RFC 1912, 2.8)."""
    return bool(one.rcodes) and not one.authoritative


def _compared(said: dict[str, ServerAnswers], servers: Sequence[str]) -> dict[str, Any]:
    facts = []
    for server, one in said.items():
        failure = one.failure()
        name = failure.name if failure else ""
        if "authoritative" in servers and _lame(one):
            name = "dns_lame_delegation"
        facts.append(
            ServerFacts(
                server=server,
                rcode=one.rcode(),
                addresses=sorted(one.addresses, key=_by_number),
                names=sorted(one.names),
                records=sorted(one.records),
                authoritative=one.authoritative and bool(one.rcodes),
                failure=name,
            )
        )
    answered = {(fact.rcode, tuple(fact.records)) for fact in facts if not fact.failure}
    return {"servers": facts, "agree": len(answered) <= 1}


def _dnssec(
    exchanges: Sequence[Exchange], owner: dns.name.Name, together: ServerAnswers
) -> dict[str, Any]:
    if any(one.step.startswith("dnssec ") for one in exchanges):
        from sotokara.kinds.dns.dnssec import judge

        return {"dnssec": judge(exchanges, owner), "dnssec_by": "sotokara"}
    state = ""
    if together.ad:
        state = "secure"
    for one in exchanges:
        if one.step == "resolver verifies" and not state:
            state = "unvalidated"
        if one.step == "resolver validates" and not state:  # of November 2026 and before
            state = "insecure"
        if one.step.endswith(" with CD") and rcode_of(one) in (0, 3):
            state = "bogus"
    return {"dnssec": state, "dnssec_by": "resolver"} if state else {}
