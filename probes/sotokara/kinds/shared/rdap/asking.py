"""Asking RDAP servers: the object, its redirects, the registrar behind, the network above."""

import asyncio
import re
import time
from email.utils import parsedate_to_datetime
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

from sotokara.core.addresses import Net
from sotokara.core.observation import Exchange, Failure, ProbeFailure
from sotokara.kinds.shared.rdap.bootstrap import HOST, base_url
from sotokara.kinds.shared.rdap.links import following, host_of, related
from sotokara.kinds.shared.rdap.masking import mask_persons
from sotokara.kinds.shared.rdap.message import (
    MEDIA_TYPE,
    REDIRECTS,
    RdapResponse,
    content,
    failure,
    keep,
    limited,
    parse_message,
    wants_http2,
)
from sotokara.kinds.shared.rdap.objects import ABOVE, BOOTSTRAP, LOOKUP, parsed_reply
from sotokara.kinds.shared.rdap.plain import spans, text_or_empty
from sotokara.kinds.shared.registry.facts import REGISTERED
from sotokara.kinds.shared.registry.question import Question, once
from sotokara.kinds.shared.registry.target import RegistryTarget
from sotokara.network import http
from sotokara.network.network import Network

ACCEPT = "application/rdap+json, application/json;q=0.9"
MOST_REDIRECTS = 5
LONGEST_WAIT = 5.0
"""Seconds that a ``Retry-After`` is heeded for; a longer one ends the questions to that server."""
_LONG = 64 * 1024
_SHORTEST = {4: 8, 6: 20}
"""Prefixes of this length and shorter are the registries' own: nothing above them is asked for."""


async def ask_registries(
    net: Network, target: RegistryTarget, server: str, *, contacts: bool
) -> list[Exchange]:
    """The object and what is above it; for a domain, its registrar's word as well.

    ``server`` is the base URL of the one to ask; where it is empty, IANA's bootstrap files tell.
    """
    exchanges: list[Exchange] = []
    base = server
    if not base:
        try:
            entry, base = await base_url(net, target)
        except ProbeFailure as failed:
            return [Exchange(BOOTSTRAP, HOST, "https", failure=failed.failure)]
        exchanges.append(entry)
    exchanges += await lookup(net, base + object_path(target), target, contacts=contacts)
    last = exchanges[-1]
    answer = parsed_reply(last, target)
    if isinstance(answer, Failure) or answer.answer != REGISTERED:
        return exchanges
    if target.network is not None:
        where = urlsplit(base)
        same = (
            base if last.server == where.hostname else f"{where.scheme}://{last.server}{where.path}"
        )
        return exchanges + await ask_parent_network(net, last, same, contacts=contacts)
    if target.domain and not server and (url := related(last, ("related",))):
        return exchanges + await lookup(net, url, target, contacts=contacts)
    return exchanges


def object_path(target: RegistryTarget) -> str:
    """The path of a target's object (RFC 9082, 3.1)."""
    if target.network is not None:
        return f"/ip/{target.text}"
    return f"/autnum/{target.asn}" if target.asn is not None else f"/domain/{target.domain}"


async def fetch(
    net: Network, url: str, step: str, *, contacts: bool, target: RegistryTarget | None = None
) -> Exchange:
    """One URL in its server's turn, unless this build has it; failures are in the exchange.

    ``target``: what the URL is about, where an assignment that holds it answers as well.
    """
    around = target.network if target else None
    scheme = "https" if url.startswith("https:") else "http"
    asked = Question(host_of(url), step, scheme, f"GET {url}", contacts, network=around)

    async def put() -> tuple[Exchange, list[Net] | None]:
        exchange = await _politely(net, url, step, contacts=contacts)
        if exchange.failure:
            return exchange, None
        return exchange, _assigned(exchange) if target else []

    exchange = await once(net, asked, put)
    net.trail.append(exchange)
    return exchange


def _assigned(exchange: Exchange) -> list[Net]:
    """The networks of an assignment, which has no more specific ones inside."""
    found = content(exchange)
    if isinstance(found, Failure) or not re.search(
        r"\bassign", text_or_empty(found.get("type")).lower()
    ):
        return []
    return spans(found)


async def _politely(net: Network, url: str, step: str, *, contacts: bool) -> Exchange:
    """Ask; once more after a short ``Retry-After``; leave the server alone after a long one.

    A server that wants HTTP/2 is asked so where the extra is there, also by those who come later.
    """
    known = ("HTTP/2", host_of(url))
    http2 = known in net.registries.said
    exchange = await _ask(net, url, step, contacts=contacts, http2=http2)
    if not http2 and http.speaks_http2() and _wants_http2(url, exchange):
        again = await _ask(net, url, step, contacts=contacts, http2=True)
        if again.failure is None:
            exchange = net.registries.said[known] = again
    message = parse_message(exchange.received or b"")
    if message and limited(message) and await _waited(net, message):
        exchange = await _ask(net, url, step, contacts=contacts, http2=known in net.registries.said)
        message = parse_message(exchange.received or b"")
    wrong = failure(message, exchange.server) if message else None
    if wrong and wrong.name == "rate_limited":
        net.registries.rest(exchange.server, wrong, exchange.protocol)
    return exchange


def _wants_http2(url: str, exchange: Exchange) -> bool:
    """Whether a server says 426 (RFC 9110), or takes no connection without HTTP/2 (RFC 7301)."""
    if exchange.failure:  # Python has no name for that alert before 3.13
        unnamed = exchange.failure.detail.upper() in ("", "TLSV1_ALERT_NO_APPLICATION_PROTOCOL")
        return exchange.failure.name == "ssl_failed_handshake" and unnamed
    message = parse_message(exchange.received or b"")
    return url.startswith("https:") and message is not None and wants_http2(message)


async def _waited(net: Network, message: RdapResponse) -> bool:
    """Wait as a 429 asks, where that is short; whether it was waited for."""
    wait = seconds(message.headers.get("retry-after", ""), time.time())
    if wait is None or wait > min(LONGEST_WAIT, net.left() / 2):
        return False
    await asyncio.sleep(max(0.0, wait))
    return True


async def _ask(net: Network, url: str, step: str, *, contacts: bool, http2: bool) -> Exchange:
    host = host_of(url)
    at, began = net.elapsed(), asyncio.get_running_loop().time()
    received: bytes | None = None
    wrong: Failure | None = None
    try:
        reply = await http.get(net, url, ACCEPT, http2=http2)
        body = reply.body if contacts else await _masked(reply.body)
        received = keep(reply.status, reply.headers, body)
    except ProbeFailure as failed:
        wrong = failed.failure
    return Exchange(
        step=step,
        server=host,
        protocol="https" if url.startswith("https:") else "http",
        sent=f"GET {url}".encode("ascii", "replace"),
        received=received,
        failure=wrong,
        at=round(at * 1000),
        ms=round((asyncio.get_running_loop().time() - began) * 1000),
        media_type=MEDIA_TYPE,
    )


async def _masked(body: bytes) -> bytes:
    """The body without personal data; a long one is masked beside the loop."""
    if len(body) < _LONG:
        return mask_persons(body)
    return await asyncio.to_thread(mask_persons, body)


async def lookup(
    net: Network, url: str, target: RegistryTarget, *, contacts: bool
) -> list[Exchange]:
    """A URL about the target, and where it redirects to."""
    exchanges: list[Exchange] = []
    seen: set[str] = set()
    while True:
        seen.add(url)
        exchange = await fetch(net, url, LOOKUP, contacts=contacts, target=target)
        exchanges.append(exchange)
        message = parse_message(exchange.received or b"")
        if message is None or message.status not in REDIRECTS:
            return exchanges
        onward, wrong = following(url, message.headers.get("location", ""))
        if not wrong and (onward in seen or len(seen) > MOST_REDIRECTS):
            wrong = "referral_loop"
        if wrong:
            stopped = Failure(wrong, exchange.server, f"redirected to {onward[:200]}")
            host = host_of(onward) or exchange.server
            return [*exchanges, Exchange(LOOKUP, host, "https", failure=stopped)]
        url = onward


async def ask_parent_network(
    net: Network, exchange: Exchange, base: str, *, contacts: bool
) -> list[Exchange]:
    """The network above: by the object's ``up`` link, else by asking for a prefix one bit shorter.

    A server asked for a prefix gives the smallest network that holds it.
    """
    found = content(exchange)
    if isinstance(found, Failure):
        return []
    url = related(exchange, ("up", "rdap up")) or _wider(found, base)
    return [await fetch(net, url, ABOVE, contacts=contacts)] if url else []


def _wider(found: dict[str, Any], base: str) -> str:
    nets = spans(found)
    if not nets:
        return ""
    first, last = nets[0].network_address, nets[-1].broadcast_address
    shared = int(first) ^ int(last)
    length = nets[0].max_prefixlen - max(shared.bit_length(), 0)
    length = length - 1 if len(nets) == 1 else length
    if length < _SHORTEST[nets[0].version]:
        return ""
    return f"{base}/ip/{ip_network(f'{first}/{length}', strict=False)}"


# How long a server asks to be left alone (RFC 9110, 10.2.3).


def seconds(retry_after: str, now: float) -> float | None:
    """The seconds of a ``Retry-After`` header (RFC 9110, 10.2.3); None where it says none."""
    text = retry_after.strip()
    if text.isdecimal() and text.isascii():
        return float(text[:12])
    try:
        return parsedate_to_datetime(text).timestamp() - now
    except (ValueError, TypeError, OverflowError):
        return None
