"""The owner name that a target means in the DNS (RFC 1035, 3.5; RFC 2317; RFC 3596, 2.5)."""

import contextlib
import re
from functools import lru_cache

import dns.exception
import dns.name
import dns.reversename

from sotokara.core.said import said
from sotokara.kinds.shared.host import why_no_name

_PLAIN = re.compile(r"(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{0,62}[a-z_-]")
_LONGEST_PLAIN = 250


@lru_cache(maxsize=1024)
def is_plain(target: str) -> bool:
    """Whether a target is a name in its normal spelling, so that nothing is to be worked out.

    Lower case, no final dot, of the characters that host names have, and in no reverse tree.
    """
    return (
        len(target) <= _LONGEST_PLAIN
        and _PLAIN.fullmatch(target) is not None
        and not target.endswith("arpa")
    )


def plain_wire(target: str) -> bytes:
    """The wire form of a plain name."""
    return b"".join(b"%c%b" % (len(one), one) for one in target.encode().split(b".")) + b"\0"


@lru_cache(maxsize=1024)  # each definition needs it several times, one after the other
def owner_of(target: str) -> dns.name.Name:
    """The owner name that a target means: an address's name in the reverse tree, or the name."""
    if ":" in target or target[-1:].isdecimal():  # from_address is slow to say no
        with contextlib.suppress(ValueError, dns.exception.SyntaxError):
            return dns.reversename.from_address(target)
        if target.count(".") and target.replace(".", "").isdecimal():
            raise ValueError(said("a number is no name"))
    reverse = target.lower().rstrip(".").endswith((".in-addr.arpa", ".ip6.arpa"))
    if any(mark in target for mark in ":@,; ") or not target or ("/" in target and not reverse):
        message = said("a name has no slash, colon, comma, semicolon, @ or space")
        raise ValueError(message)
    if reverse and target.isascii():  # RFC 2317 has slashes in labels, which IDNA has not
        return dns.name.from_text(target)
    try:
        return dns.name.from_text(target, idna_codec=dns.name.IDNA_2008_Practical)
    except (dns.exception.DNSException, UnicodeError) as error:
        raise ValueError(why_no_name(target)) from error


@lru_cache(maxsize=1024)
def is_reverse(target: str) -> bool:
    """Whether a target's owner name stands in the reverse tree."""
    owner = owner_of(target)
    reverse = (dns.reversename.ipv4_reverse_domain, dns.reversename.ipv6_reverse_domain)
    return any(map(owner.is_subdomain, reverse))
