"""DNS answers as platforms report them: each becomes the message that a probe was given."""

import base64
import binascii
from collections.abc import Iterator, Sequence
from typing import Any

import dns.exception
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.ttl
import msgspec

from sotokara.core.observation import Exchange, Failure
from sotokara.kinds.shared.platforms.fields import bounded_list, mapping
from sotokara.kinds.shared.platforms.reports import (
    GLOBALPING,
    PROBE,
    RIPE_ATLAS,
    ProbeResult,
    UnreadableReport,
    is_reported,
    probe_results,
)
from sotokara.network import wire

_MOST = 200
"""Records of one answer."""
_MOST_RESOLVERS = 8
_RCODES = 4096


def platform_asks(
    platform: str, owner: dns.name.Name, rdtypes: Sequence[str], server: str
) -> dict[str, dict[str, Any]]:
    """A measurement of each type, without its places. ``server``: empty for the probe's own."""
    name = owner.to_text(omit_final_dot=True) or "."
    if platform == GLOBALPING:
        resolver = {"resolver": server} if server else {}
        return {
            one: {
                "type": "dns",
                "target": name,
                "measurementOptions": {"query": {"type": one}, **resolver},
            }
            for one in rdtypes
        }
    if platform != RIPE_ATLAS:
        return {}
    own = {"use_probe_resolver": True}
    asked = {"target": server, "use_probe_resolver": False} if server else own
    return {
        one: {
            "type": "dns",
            "af": 6 if ":" in server else 4,
            "query_class": "IN",
            "query_type": one,
            "query_argument": name,
            "set_rd_bit": True,
            **asked,
        }
        for one in rdtypes
    }


def messages(exchanges: Sequence[Exchange], owner: dns.name.Name) -> list[Exchange]:
    """The exchanges with each report in the form of the messages that it is about.

    Where there are several, each probe stands as the server that has answered.

    :raises Unread: where a report is none, or has a record that cannot be read: what is missing
        from an answer would be an absence that nobody saw.
    """
    said = [(one, _of(one, owner) if is_reported(one) else [one]) for one in exchanges]
    whole = _whole([found for one, found in said if is_reported(one)])
    return [
        one for raw, found in said for one in found if not is_reported(raw) or one.server in whole
    ]


def _whole(said: Sequence[Sequence[Exchange]]) -> set[str]:
    """Those that have answered every question: others would seem to lack what they lack.

    :raises Unread: where nobody has.
    """
    if not said:
        return set()
    every = [{one.server for one in found} for found in said]
    silent = {one.server for found in said for one in found if one.failure}
    whole = set.intersection(*every)
    if len(whole) > 1 and whole - silent:
        whole -= silent
    if not whole:
        raise UnreadableReport("no probe has answered every question")
    return whole


def _of(exchange: Exchange, owner: dns.name.Name) -> list[Exchange]:
    every = probe_results(exchange)
    read = _globalping if exchange.protocol == GLOBALPING else _atlas
    said = [
        (one.who if nth == 0 else f"{one.who} ({nth + 1})", answer)
        for one in every
        for nth, answer in enumerate(read(one, exchange.step, owner))
    ]
    if all(isinstance(answer, Failure) for _, answer in said):
        raise UnreadableReport(f"its probe says: {said[0][1].detail}")  # type: ignore[union-attr]
    return [
        msgspec.structs.replace(
            exchange,
            server=exchange.server if len(said) == 1 else who,
            protocol=PROBE,
            received=None if isinstance(answer, Failure) else answer,
            failure=answer if isinstance(answer, Failure) else None,
            media_type="application/dns-message",
        )
        for who, answer in said
    ]


def _atlas(one: ProbeResult, rdtype: str, owner: dns.name.Name) -> Iterator[bytes | Failure]:
    """What each resolver of the probe said, or that the probe had no answer of it."""
    for part in map(
        mapping, bounded_list(one.result.get("resultset"), _MOST_RESOLVERS) or [one.result]
    ):
        given = part.get("result")
        several = given if isinstance(given, list) else [given]
        abufs = [mapping(answer).get("abuf") for answer in several[:_MOST_RESOLVERS]]
        texts = [abuf for abuf in abufs if isinstance(abuf, str)]
        if texts:
            yield from (_message(abuf, rdtype, owner) for abuf in texts)
            continue
        error = mapping(part.get("error"))
        said = ", ".join(f"{key}: {value}"[:80] for key, value in list(error.items())[:3])
        yield Failure("place_lost", rdtype, said or "nothing")


def _message(abuf: str, rdtype: str, owner: dns.name.Name) -> bytes:
    """A message in base64, which has to be about what was asked."""
    try:
        content = base64.b64decode(abuf, validate=True)
        message = wire.parse_message(content)
    except (binascii.Error, ValueError, wire.UnreadableDns) as error:
        raise UnreadableReport("it reports no DNS answer") from error
    asked = [(one.name, one.rdtype) for one in message.question]
    if asked != [(owner, dns.rdatatype.from_text(rdtype))]:
        raise UnreadableReport("it reports an answer to another question")
    return content


def _globalping(one: ProbeResult, rdtype: str, owner: dns.name.Name) -> Iterator[bytes]:
    code, answers = one.result.get("statusCode"), one.result.get("answers")
    proper = isinstance(code, int) and not isinstance(code, bool) and 0 <= code < _RCODES
    if not proper or not isinstance(answers, list) or len(answers) > _MOST:
        raise UnreadableReport("it reports no DNS answer")
    reply = dns.message.make_response(dns.message.make_query(owner, rdtype))
    reply.set_rcode(dns.rcode.Rcode(code))  # type: ignore[arg-type]
    for answer in answers:
        reply.answer.append(_record(answer))
    try:
        yield reply.to_wire()
    except (dns.exception.DNSException, ValueError) as error:
        raise UnreadableReport("it reports more than one message holds") from error


def _record(answer: Any) -> dns.rrset.RRset:  # noqa: ANN401  # JSON
    try:
        name, rdtype, ttl = answer["name"], answer["type"], answer.get("ttl", 0)
        value, rdclass = answer["value"], answer.get("class", "IN")
        texts = (name, rdtype, value, rdclass)
        in_range = isinstance(ttl, int) and 0 <= ttl <= dns.ttl.MAX_TTL  # RFC 2181, 8
        if not in_range or not all(isinstance(one, str) for one in texts):
            raise TypeError  # noqa: TRY301  # as for a field that is not there
        return dns.rrset.from_text(dns.name.from_text(name), ttl, rdclass, rdtype, value)
    except (dns.exception.DNSException, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableReport("it reports a record that cannot be read") from error
