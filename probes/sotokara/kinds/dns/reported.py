"""DNS answers as Globalping reports them: its JSON becomes the message that its probe was given."""

from collections.abc import Sequence
from typing import Any

import dns.exception
import dns.message
import dns.name
import dns.rcode
import dns.rrset
import dns.ttl
import msgspec

from sotokara.core.observation import Exchange

GLOBALPING = "globalping"
_MOST = 200
"""Records of one answer."""
_RCODES = 4096


def globalping_asks(target: str, rdtype: str) -> dict[str, Any]:
    """A measurement of one type, without its places."""
    options = {"query": {"type": rdtype}}
    return {"type": "dns", "target": target, "measurementOptions": options}


def messages(exchanges: Sequence[Exchange], owner: dns.name.Name) -> list[Exchange]:
    """The exchanges with each report in the form of the message that it is about.

    :raises ValueError: where a report is none, or has a record that cannot be read: what is
        missing from an answer would be an absence that nobody saw.
    """
    return [_message(one, owner) if one.protocol == GLOBALPING else one for one in exchanges]


def _message(exchange: Exchange, owner: dns.name.Name) -> Exchange:
    result = _result(exchange)
    code, answers = result.get("statusCode"), result.get("answers")
    proper = isinstance(code, int) and not isinstance(code, bool) and 0 <= code < _RCODES
    if not proper or not isinstance(answers, list) or len(answers) > _MOST:
        raise ValueError("it reports no DNS answer")
    reply = dns.message.make_response(dns.message.make_query(owner, exchange.step))
    reply.set_rcode(dns.rcode.Rcode(code))  # type: ignore[arg-type]
    for answer in answers:
        reply.answer.append(_record(answer))
    try:
        wire = reply.to_wire()
    except (dns.exception.DNSException, ValueError) as error:
        raise ValueError("it reports more than one message holds") from error
    return msgspec.structs.replace(
        exchange, protocol="udp", received=wire, media_type="application/dns-message"
    )


def _result(exchange: Exchange) -> dict[str, Any]:
    try:
        report = msgspec.json.decode(exchange.received or b"")
        result = report["results"][0]["result"]
    except (msgspec.DecodeError, KeyError, IndexError, TypeError, RecursionError) as error:
        raise ValueError("it reports no result") from error
    if not isinstance(result, dict):
        raise ValueError("it reports no result")  # noqa: TRY004  # the platform's mistake
    return result


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
        raise ValueError("it reports a record that cannot be read") from error
