"""Records out of replies: what a name has of one type, or that this was not answered."""

import dns.flags
import dns.rcode
import dns.rdata
import dns.rdatatype

from sotokara.core.observation import Exchange, Failure
from sotokara.network import aliases, wire


class RecordsUnanswered(Exception):  # noqa: N818  # what came of a question, not an error of ours
    """Nobody said whether the records are there."""


def records(exchange: Exchange | None, rdtype: str) -> list[dns.rdata.Rdata]:
    """The records of a type that answer the question; empty where somebody said that none are.

    :raises Unanswered: where nobody said it: no reply, one that cannot be read or was cut, or one
        that neither answers nor denies.
    """
    if exchange is None:
        raise RecordsUnanswered
    message = wire.message_of(exchange)
    if isinstance(message, Failure) or message.flags & dns.flags.TC:
        raise RecordsUnanswered
    if message.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        raise RecordsUnanswered
    number = dns.rdatatype.from_text(rdtype)
    return [one[0] for one in aliases.own_records(message) if one.rdtype == number]


def has_name(exchange: Exchange) -> bool:
    """Whether the name is there at all."""
    message = wire.message_of(exchange)
    return isinstance(message, Failure) or message.rcode() != dns.rcode.NXDOMAIN


def verified(exchange: Exchange | None) -> bool:
    """Whether the resolver says that it has verified the answer (RFC 6840, 5.8)."""
    if exchange is None or not exchange.received:
        return False
    message = wire.message_of(exchange)
    return not isinstance(message, Failure) and bool(message.flags & dns.flags.AD)


def txt_records(exchange: Exchange | None) -> list[str]:
    """The TXT records, each with its strings joined as they are (RFC 7208, 3.3).

    Bytes beyond ASCII stand as ``\\xNN``: none of the formats has any.
    """
    found = records(exchange, "TXT")
    return sorted(
        b"".join(getattr(one, "strings", ())).decode("ascii", "backslashreplace") for one in found
    )
