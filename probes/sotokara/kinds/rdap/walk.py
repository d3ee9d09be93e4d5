"""Asking RDAP servers: the object, its redirects, the registrar behind, the network above."""

import asyncio
import re
import time
from ipaddress import ip_network
from typing import Any
from urllib.parse import urljoin, urlsplit

from sotokara.core.observation import Exchange, Failure, ProbeFailure
from sotokara.kinds.rdap.entities import dicts, mask_persons, text
from sotokara.kinds.rdap.message import (
    LIMITED,
    MEDIA_TYPE,
    REDIRECTS,
    Message,
    content,
    failure,
    keep,
    seconds,
    taken,
)
from sotokara.kinds.rdap.parse import ABOVE, LOOKUP, spans
from sotokara.kinds.shared.registry.question import Question, once
from sotokara.kinds.shared.registry.target import Net, Target
from sotokara.network import http
from sotokara.network.network import Network

ACCEPT = "application/rdap+json, application/json;q=0.9"
MOST_REDIRECTS = 5
LONGEST_WAIT = 5.0
"""Seconds that a ``Retry-After`` is heeded for; a longer one ends the questions to that server."""
_RDAP = "application/rdap+json"
_SHORTEST = {4: 8, 6: 20}
"""Prefixes of this length and shorter are the registries' own: nothing above them is asked for."""


def path(target: Target) -> str:
    """The path of a target's object (RFC 9082, 3.1)."""
    if target.network is not None:
        return f"/ip/{target.text}"
    return f"/autnum/{target.asn}" if target.asn is not None else f"/domain/{target.domain}"


async def fetch(
    net: Network, url: str, step: str, *, contacts: bool, target: Target | None = None
) -> Exchange:
    """One URL in its server's turn, unless this build has it; failures are in the exchange.

    ``target``: what the URL is about, where an assignment that holds it answers as well.
    """
    parts = urlsplit(url)
    host, around = parts.hostname or "", target.network if target else None
    asked = Question(host, step, parts.scheme, f"GET {url}", contacts, network=around)

    async def put() -> tuple[Exchange, list[Net] | None]:
        exchange = await _politely(net, url, step, contacts=contacts)
        if exchange.failure:
            return exchange, None
        return exchange, _assigned(exchange) if target else []

    return await once(net, asked, put)


def _assigned(exchange: Exchange) -> list[Net]:
    """The networks of an assignment, which has no more specific ones inside."""
    found = content(exchange)
    if isinstance(found, Failure) or not re.search(r"\bassign", text(found.get("type")).lower()):
        return []
    return spans(found)


async def _politely(net: Network, url: str, step: str, *, contacts: bool) -> Exchange:
    """Ask; once more after a short ``Retry-After``; leave the server alone after a long one."""
    exchange = await _ask(net, url, step, contacts=contacts)
    message = taken(exchange.received or b"")
    if message and message.status == LIMITED and await _waited(net, message):
        exchange = await _ask(net, url, step, contacts=contacts)
        message = taken(exchange.received or b"")
    if message and message.status == LIMITED and (limited := failure(message, exchange.server)):
        net.registries.rest(exchange.server, limited)
    return exchange


async def _waited(net: Network, message: Message) -> bool:
    """Wait as a 429 asks, where that is short; whether it was waited for."""
    wait = seconds(message.headers.get("retry-after", ""), time.time())
    if wait is None or wait > min(LONGEST_WAIT, net.left() / 2):
        return False
    await asyncio.sleep(max(0.0, wait))
    return True


async def _ask(net: Network, url: str, step: str, *, contacts: bool) -> Exchange:
    host = urlsplit(url).hostname or ""
    at, began = net.elapsed(), asyncio.get_running_loop().time()
    received: bytes | None = None
    wrong: Failure | None = None
    try:
        reply = await http.get(net, url, ACCEPT)
        body = reply.body if contacts else mask_persons(reply.body)
        received = keep(reply.status, reply.headers, body)
    except ProbeFailure as failed:
        wrong = failed.failure
    return Exchange(
        step=step,
        server=host,
        protocol=urlsplit(url).scheme,
        sent=f"GET {url}".encode("ascii", "replace"),
        received=received,
        failure=wrong,
        at=round(at * 1000),
        ms=round((asyncio.get_running_loop().time() - began) * 1000),
        media_type=MEDIA_TYPE,
    )


async def lookup(net: Network, url: str, target: Target, *, contacts: bool) -> list[Exchange]:
    """A URL about the target, and where it redirects to."""
    exchanges: list[Exchange] = []
    seen: set[str] = set()
    while True:
        seen.add(url)
        exchange = await fetch(net, url, LOOKUP, contacts=contacts, target=target)
        exchanges.append(exchange)
        message = taken(exchange.received or b"")
        if message is None or message.status not in REDIRECTS:
            return exchanges
        location = message.headers.get("location", "")
        following = _following(url, location)
        wrong = ""
        if not following:
            wrong = "server_misbehaving"
        elif following in seen or len(seen) > MOST_REDIRECTS:
            wrong = "referral_loop"
        if wrong:
            said = ascii(following or location)[1:-1]
            stopped = Failure(wrong, exchange.server, f"redirected to {said[:200]}")
            return [*exchanges, Exchange(LOOKUP, exchange.server, "https", failure=stopped)]
        url = following


_PORTS = {"https": 443, "http": 80}


def _following(url: str, location: str) -> str:
    """Where a redirect leads; nothing where it may not: another port, back to http, no address."""
    try:
        following = urljoin(url, location.strip())
        parts, before = urlsplit(following), urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    plain = following.isascii() and following.isprintable() and " " not in following
    allowed = parts.scheme in _PORTS and parts.scheme in ("https", before.scheme)
    here = (parts.scheme, parts.netloc) == (before.scheme, before.netloc)
    standard = port in (None, _PORTS.get(parts.scheme)) or here
    return following if location and plain and allowed and standard and parts.hostname else ""


def related(exchange: Exchange, relation: tuple[str, ...]) -> str:
    """The URL of a link of the object by its relation, where it is RDAP and https."""
    found = content(exchange)
    if isinstance(found, Failure):
        return ""
    for link in dicts(found.get("links")):
        url = text(link.get("href"))
        fits = text(link.get("rel")) in relation and text(link.get("type")) in (_RDAP, "")
        if fits and url.startswith("https://") and _following("https://", url):
            return url
    return ""


async def above(net: Network, exchange: Exchange, base: str, *, contacts: bool) -> list[Exchange]:
    """The network above: by the object's ``up`` link, else by asking for a prefix one bit shorter.

    A server asked for a prefix gives the smallest network that holds it.
    """
    found = content(exchange)
    if isinstance(found, Failure):
        return []
    url = related(exchange, ("up", "rdap-up")) or _wider(found, base)
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
