"""Reading kind ``mail``: each part by itself, from its own exchanges. Pure."""

import re
from collections.abc import Callable, Iterable, Sequence

import dns.rcode

from sotokara.core.observation import Exchange, Failure, Reading
from sotokara.kinds.mail import spf, transport
from sotokara.kinds.mail.asking import POLICY, servers
from sotokara.kinds.mail.facts import Dane, MailFacts, MtaSts
from sotokara.kinds.shared.mail import policies
from sotokara.kinds.shared.mail.parts import Dkim, Dmarc, PolicyPart
from sotokara.kinds.shared.mail.records import (
    RecordsUnanswered,
    has_name,
    records,
    txt_records,
    verified,
)
from sotokara.network import wire

_STATUS = re.compile(rb"HTTP (\d{3})\r\nContent-Type: ([^\r\n]*)\r\n\r\n")
_OK = b"200"
_OF_RCODE = {
    dns.rcode.SERVFAIL: "dns_servfail_error",
    dns.rcode.REFUSED: "dns_refused_error",
}


class _Replies:
    """The exchanges by their step."""

    def __init__(self, exchanges: Sequence[Exchange]) -> None:
        self.all = {one.step: one for one in exchanges}

    def get(self, step: str) -> Exchange | None:
        return self.all.get(step)

    def texts(self, step: str) -> list[str]:
        return txt_records(self.get(step))


def read_parts(exchanges: Sequence[Exchange], domain: str, selectors: Iterable[str]) -> Reading:
    """The facts; a failure only where none of the main questions was answered."""
    replies = _Replies(exchanges)
    route, hosts, mx = _route(replies)
    facts = MailFacts(
        route=route,
        mx=mx,
        spf=spf.evaluate_spf(domain, lambda name: replies.texts(f"TXT {name}")),
        dmarc=_dmarc(replies, domain),
        dkim=[_dkim(replies, one) for one in selectors],
        mta_sts=_sts(replies, hosts),
        tls_rpt=_part(lambda: transport.tls_rpt(replies.texts("TLS-RPT"))),
        dane=[_dane(replies, one) for one in hosts if f"TLSA {one}" in replies.all],
    )
    states = {facts.route, *(one.state for one in (facts.spf, facts.dmarc, facts.tls_rpt))}
    if states == {"not_answered"}:
        return Reading(failure=_failure(exchanges))
    return Reading(facts)


def _failure(exchanges: Sequence[Exchange]) -> Failure:
    """Why nothing at all was answered, by the first question."""
    message = wire.message_of(exchanges[0])
    if isinstance(message, Failure):
        return message
    name = _OF_RCODE.get(message.rcode(), "dns_server_misbehaving")
    return Failure(name, exchanges[0].step)


def _route(replies: _Replies) -> tuple[str, list[str], list[str]]:
    """How the domain says where its mail goes; its mail servers; both as one line each."""
    exchange = replies.get("MX")
    try:
        found = records(exchange, "MX")
    except RecordsUnanswered:
        return "not_answered", [], []
    hosts = servers(found)
    lines = [f"{getattr(one, 'preference', 0)} {getattr(one, 'exchange', '')}" for one in found]
    lines = sorted(
        (line.rstrip(".").lower() for line in lines if not line.endswith(" .")),
        key=lambda line: (int(line.partition(" ")[0]), line),
    )
    if found:
        null = len(hosts) < len(found)
        route = ("null_mx_beside_others" if hosts else "null_mx") if null else "mx"
        return route, hosts, lines
    if exchange is not None and not has_name(exchange):
        return "no_domain", [], []
    try:
        addresses = [one for rdtype in ("A", "AAAA") for one in _addresses(replies, rdtype)]
    except RecordsUnanswered:
        return "not_answered", [], []
    return ("address" if addresses else "nothing"), [], []


def _addresses(replies: _Replies, rdtype: str) -> list[object]:
    return list(records(replies.get(rdtype), rdtype))


def _part(reading: Callable[[], PolicyPart]) -> PolicyPart:
    try:
        return reading()
    except RecordsUnanswered:
        return PolicyPart()


def _dmarc(replies: _Replies, domain: str) -> Dmarc:
    """The nearest policy. One that was not answered hides what stands above it."""
    for at in policies.parent_domains(domain):
        if replies.get(f"DMARC {at}") is None:
            break
        try:
            found = policies.dmarc(replies.texts(f"DMARC {at}"), at, above=at != domain)
        except RecordsUnanswered:
            return Dmarc()
        if found.state != "absent":
            return found
    return Dmarc(state="absent") if replies.get(f"DMARC {domain}") else Dmarc()


def _dkim(replies: _Replies, selector: str) -> Dkim:
    try:
        return policies.dkim(replies.texts(f"DKIM {selector}"), selector)
    except RecordsUnanswered:
        return Dkim(selector=selector)


def _sts(replies: _Replies, hosts: Iterable[str]) -> MtaSts:
    try:
        announced, more = transport.sts_record(replies.texts("MTA-STS"))
    except RecordsUnanswered:
        return MtaSts()
    exchange = replies.get(POLICY)
    if not more or exchange is None:
        return announced
    return _policy(announced, exchange, hosts)


def _policy(announced: MtaSts, exchange: Exchange, hosts: Iterable[str]) -> MtaSts:
    """The policy's file; a web server that was silent leaves open what it is."""
    if exchange.received is None:
        handshake = exchange.failure and exchange.failure.name == "ssl_failed_handshake"
        problem = "certificate" if handshake else ""
    elif (head := _STATUS.match(exchange.received)) is None or head[1] != _OK:
        problem = "policy_missing"
    elif not head[2].lower().startswith(b"text/plain"):
        problem = "policy_type"
    else:
        text = exchange.received[head.end() :].decode("utf-8", "replace")
        return transport.sts_policy(announced, text, hosts)
    if not problem:
        return announced
    return MtaSts(state="broken", record=announced.record, problems=[problem])


def _dane(replies: _Replies, host: str) -> Dane:
    """What counts is only what is signed, the MX record included (RFC 7672, 2.2.1)."""
    exchange = replies.get(f"TLSA {host}")
    try:
        found = records(exchange, "TLSA")
    except RecordsUnanswered:
        return Dane(host=host)
    if not found:
        return Dane(state="absent", host=host)
    text = "; ".join(sorted(one.to_text() for one in found))
    if not (verified(exchange) and verified(replies.get("MX"))):
        return Dane(state="broken", host=host, record=text, problems=["not_verified"])
    return Dane(state="present", host=host, record=text)
