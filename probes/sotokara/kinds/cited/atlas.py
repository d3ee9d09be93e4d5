"""RIPE Atlas' results, as its firmwares write them (atlas.ripe.net/docs/apis/result-format).

Each type has its own form. Older firmwares leave out what newer ones have, or name it otherwise:
``addr`` and ``name`` before 4460, an ``alert`` with ``decription``, HTTP as a line of text. What is
missing or of another type is passed over; a report of which nothing can be read counts as unread.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import dns.rcode
import dns.rdatatype
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from sotokara.kinds.cited.facts import Report
from sotokara.kinds.shared.platforms.fields import (
    address,
    bounded_list,
    bounded_text,
    mapping,
    number,
    utc_time,
)
from sotokara.network import wire

_MOST_RECORDS, _MOST_HOPS, _MOST_CERTIFICATE = 20, 256, 16384
_WORDS = 6
_ADDRESSES = (dns.rdatatype.A, dns.rdatatype.AAAA)
Part = tuple[str, str, list[str], str]
"""What was said, the failure, the addresses, and through whom."""


def reports(result: Any) -> Iterator[Report]:  # noqa: ANN401  # JSON
    """What one result says: one report, or one for each resolver that the probe asked."""
    one = mapping(result)
    read = _TYPES.get(bounded_text(one.get("type")))
    if read is None:
        return
    for said, failure, addresses, through in read(one):
        if said or failure:
            yield Report(
                bounded_text(one.get("prb_id"), 20),
                utc_time(one.get("timestamp")),
                said,
                failure,
                addresses,
                through=through,
            )


def _dns(one: dict[str, Any]) -> Iterator[Part]:
    several = bounded_list(one.get("resultset"), 16)
    for part in map(mapping, several or [one]):
        through = address(part.get("dst_addr"))
        answers = part.get("result")
        for result in map(mapping, answers if isinstance(answers, list) else [answers]):
            if found := _message(result.get("abuf")):
                yield *found, through
        if failure := _error(part.get("error")):
            yield "", failure, [], through


def _message(abuf: Any) -> tuple[str, str, list[str]] | None:  # noqa: ANN401  # JSON
    """A DNS message in base64: its reply code and records."""
    if not isinstance(abuf, str):
        return None
    try:
        message = wire.parse_message(base64.b64decode(abuf, validate=True))
    except (binascii.Error, ValueError, wire.UnreadableDns):
        return None
    records = [rrset for rrset in message.answer if rrset]
    shown = [
        f"{dns.rdatatype.to_text(rrset.rdtype)} {bounded_text(rrset[0].to_text())}"
        for rrset in records[:_MOST_RECORDS]
    ]
    found = {str(rrset[0].address) for rrset in records if rrset.rdtype in _ADDRESSES}
    rcode = dns.rcode.to_text(message.rcode())
    return ", ".join([rcode, *sorted(shown)]), "", sorted(found)


def _where(one: dict[str, Any]) -> str:
    """The address that was asked."""
    return address(one.get("dst_addr")) or address(one.get("addr"))


def _ping(one: dict[str, Any]) -> Iterator[Part]:
    where = _where(one)
    sent, came = number(one.get("sent")), number(one.get("rcvd"))
    if sent is None or came is None:
        replies = [mapping(reply) for reply in bounded_list(one.get("result"))]
        sent, came = len(replies), sum(number(reply.get("rtt")) is not None for reply in replies)
    if not sent:
        yield "", _failed(one) or "nothing was sent", [], ""
        return
    said = f"{came:.0f}/{sent:.0f}"
    yield (said, "", [where] if where else [], "") if came else ("", f"0/{sent:.0f}", [], "")


def _traceroute(one: dict[str, Any]) -> Iterator[Part]:
    where, last, reached = _where(one), 0, False
    for hop in map(mapping, bounded_list(one.get("result"), _MOST_HOPS)):
        seen = {
            address(mapping(reply).get("from")) for reply in bounded_list(hop.get("result"), 32)
        } - {""}
        distance = number(hop.get("hop"))
        if seen and distance is not None and distance <= _MOST_HOPS:
            last, reached = int(distance), where in seen
    if not last:
        yield "", _failed(one) or "no hop answered", [], ""
    elif reached:
        yield f"{last} hops", "", [where], ""
    else:
        yield "", f"silent behind hop {last}", [], ""


def _sslcert(one: dict[str, Any]) -> Iterator[Part]:
    where = _where(one)
    chain = bounded_list(one.get("cert"), 10)
    if chain and isinstance(chain[0], str) and len(chain[0]) <= _MOST_CERTIFICATE:
        if said := _certificate(chain[0]):
            yield said, "", [where] if where else [], ""
        return
    alert = mapping(one.get("alert"))
    if alert:
        number_of_it = bounded_text(alert.get("description"), 20) or bounded_text(
            alert.get("decription"), 20
        )
        yield "", f"TLS alert {number_of_it}", [], ""
    elif failure := _failed(one):
        yield "", failure, [], ""


def _certificate(pem: str) -> str:
    """The subject, its end and its SHA-256; empty for what is no certificate."""
    try:
        found = x509.load_pem_x509_certificate(pem.encode())
        subject, ends = found.subject.rfc4514_string(), found.not_valid_after_utc
    except Exception:  # noqa: BLE001  # hostile certificates raise many types
        return ""
    digest = hashlib.sha256(found.public_bytes(Encoding.DER)).hexdigest()
    return f"{bounded_text(subject)}, until {ends:%Y-%m-%d}, SHA-256 {digest[:16]}…"


def _http(one: dict[str, Any]) -> Iterator[Part]:
    result = one.get("result")
    if isinstance(result, str):
        yield from _old_http(result)
        return
    for part in map(mapping, bounded_list(result, 16)):
        where, status = _where(part), number(part.get("res"))
        if status is not None:
            yield f"HTTP {status:.0f}", "", [where] if where else [], ""
        elif failure := _failed(part):
            yield "", failure, [], ""


def _old_http(line: str) -> Iterator[Part]:
    """Method, address, seconds, status and sizes as one line of text (firmware 1)."""
    words = line[:200].split()
    if len(words) == _WORDS and (where := address(words[1])) and words[3].isdigit():
        yield f"HTTP {words[3][:3]}", "", [where], ""


def _failed(one: dict[str, Any]) -> str:
    """Why nothing came, under one of the names that it has had."""
    return (
        bounded_text(one.get("err")) or bounded_text(one.get("dnserr")) or _error(one.get("error"))
    )


def _error(error: Any) -> str:  # noqa: ANN401  # JSON
    """An error as text: a sentence, or a mapping such as ``{"timeout": 5000}``."""
    if isinstance(error, dict):
        return ", ".join(
            f"{bounded_text(key)}: {bounded_text(one)}" for key, one in list(error.items())[:4]
        )
    return bounded_text(error)


_TYPES: dict[str, Callable[[dict[str, Any]], Iterator[Part]]] = {
    "dns": _dns,
    "ping": _ping,
    "traceroute": _traceroute,
    "sslcert": _sslcert,
    "http": _http,
}
