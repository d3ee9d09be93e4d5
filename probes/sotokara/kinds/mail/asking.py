"""What is asked of a domain's mail: DNS questions side by side, and one file over HTTPS."""

import asyncio
from collections.abc import Iterable

import dns.exception
import dns.name
import dns.rdata

from sotokara.core.observation import Exchange, Failure, ProbeFailure
from sotokara.kinds.mail import spf
from sotokara.kinds.mail.transport import sts_record
from sotokara.kinds.shared.mail.policies import dmarc, parent_domains
from sotokara.kinds.shared.mail.records import RecordsUnanswered, records, txt_records
from sotokara.network import http
from sotokara.network.network import Network

MOST_SERVERS = 10
_MOST_POLICY = 64 * 1024
"""Bytes of a policy's file that a sender has to take (RFC 8461, 3.2)."""
POLICY = "MTA-STS policy"


async def ask_domain(net: Network, domain: str, selectors: Iterable[str]) -> list[Exchange]:
    """Everything that a domain may have said. A question that fails costs none of the others."""
    mx, *rest = await asyncio.gather(
        _ask(net, domain, "MX", "MX"),
        _spf(net, domain),
        _dmarc(net, domain),
        _sts(net, domain),
        _several(
            [
                *(
                    _ask(net, f"{one}._domainkey.{domain}", "TXT", f"DKIM {one}")
                    for one in selectors
                ),
                _ask(net, f"_smtp._tls.{domain}", "TXT", "TLS-RPT"),
            ]
        ),
    )
    try:
        found = records(mx, "MX")
    except RecordsUnanswered:
        found = []
    hosts = servers(found)
    more: list[Exchange] = []
    if hosts:
        more = await _several(
            [_ask(net, f"_25._tcp.{one}", "TLSA", f"TLSA {one}") for one in hosts[:MOST_SERVERS]]
        )
    elif not found:  # an address stands for a mail server that is not there (RFC 5321, 5.1)
        more = await _several([_ask(net, domain, one, one) for one in ("A", "AAAA")])
    return [mx, *(one for several in rest for one in several), *more]


def servers(found: Iterable[dns.rdata.Rdata]) -> list[str]:
    """The mail servers' names, lowest preference first; a null MX (RFC 7505) names none."""
    every = sorted(
        (getattr(one, "preference", 0), getattr(one, "exchange", dns.name.root)) for one in found
    )
    return [name.to_text(omit_final_dot=True).lower() for _, name in every if name != dns.name.root]


async def _ask(net: Network, name: str, rdtype: str, step: str) -> Exchange:
    try:
        owner = dns.name.from_text(name)
    except dns.exception.DNSException:  # longer than a name may be: nobody can have it
        return Exchange(step, "resolver", "", failure=Failure("invalid_target", step))
    return await net.ask(owner, rdtype, step=step)


async def _several(questions: list[Exchange] | list) -> list[Exchange]:  # type: ignore[type-arg]
    return list(await asyncio.gather(*questions))


async def _spf(net: Network, domain: str) -> list[Exchange]:
    """The domain's texts, and those of each name that its SPF record leads to."""
    exchanges: list[Exchange] = []
    said: dict[str, list[str]] = {}
    while needed := spf.names_needed(domain, said):
        for name, exchange in zip(
            needed,
            await _several([_ask(net, one, "TXT", f"TXT {one}") for one in needed]),
            strict=True,
        ):
            exchanges.append(exchange)
            try:
                said[name] = txt_records(exchange)
            except RecordsUnanswered:
                said[name] = []
    return exchanges


async def _dmarc(net: Network, domain: str) -> list[Exchange]:
    """The domain's own policy; where there is none, that of the domains above it."""
    exchanges = []
    for at in parent_domains(domain):
        exchange = await _ask(net, f"_dmarc.{at}", "TXT", f"DMARC {at}")
        exchanges.append(exchange)
        try:
            if dmarc(txt_records(exchange), at, above=at != domain).state != "absent":
                break
        except RecordsUnanswered:
            break
    return exchanges


async def _sts(net: Network, domain: str) -> list[Exchange]:
    """The announcement; its policy only where there is one."""
    exchange = await _ask(net, f"_mta-sts.{domain}", "TXT", "MTA-STS")
    try:
        announced = sts_record(txt_records(exchange))[1]
    except RecordsUnanswered:
        return [exchange]
    return [exchange, await _policy(net, domain)] if announced else [exchange]


def policy_url(domain: str) -> str:
    """Where a domain's policy stands (RFC 8461, 3.2)."""
    return f"https://mta-sts.{domain}/.well-known/mta-sts.txt"


async def _policy(net: Network, domain: str) -> Exchange:
    host = f"mta-sts.{domain}"
    sent = f"GET {policy_url(domain)}".encode()
    at = round(net.elapsed() * 1000, 1)
    try:
        reply = await http.get(net, policy_url(domain), "text/plain", _MOST_POLICY)
    except ProbeFailure as failed:
        return Exchange(POLICY, host, "https", sent, failure=failed.failure, at=at)
    kind = reply.headers.get("content-type", "")
    received = f"HTTP {reply.status}\r\nContent-Type: {kind}\r\n\r\n".encode() + reply.body
    return Exchange(POLICY, host, "https", sent, received, at=at, media_type="message/http")
