"""IP addresses as words of text, and how servers, networks and trust anchors are written."""

import re
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from sotokara.core.said import said

Address = IPv4Address | IPv6Address
Net = IPv4Network | IPv6Network
_MOST = 65535
_ANCHOR = re.compile(r"\. IN DS \d+ \d+ \d+ [0-9A-Fa-f]+(?: [0-9A-Fa-f]+)*")


@lru_cache(maxsize=1024)
def is_address(text: str) -> bool:
    """Whether this is one, perhaps with a zone (``fe80::1%eth0``); a masked one is none."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def server_address(text: str) -> tuple[str, int]:
    """Address and port: ``192.0.2.1``, ``192.0.2.1:5353``, ``2001:db8::1``, ``[2001:db8::1]:5353``.

    :raises ValueError: for anything else.
    """
    address, given = text.strip(), ""
    if address.startswith("["):
        address, _, rest = address[1:].partition("]")
        given = rest.removeprefix(":")
    elif address.count(":") == 1:
        address, _, given = address.partition(":")
    try:
        port = int(given or 53)
        name = str(ip_address(address))
    except ValueError as error:
        raise ValueError(
            said("{!r} is no address such as 192.0.2.1 or 192.0.2.1:53", text)
        ) from error
    if not 0 < port <= _MOST:
        raise ValueError(said("{!r}: there is no port {}", text, port))
    return name, port


def parse_network(text: str) -> IPv4Network | IPv6Network:
    """A network, ``192.0.2.0/24``, or one address.

    :raises ValueError: for anything else.
    """
    try:
        return ip_network(text, strict=False)
    except ValueError as error:
        raise ValueError(said("{!r} is no network such as 192.0.2.0/24", text)) from error


def anchor(text: str) -> str:
    """A trust anchor of the root as it stands in a zone (RFC 4034, section 5.3).

    :raises ValueError: for anything else.
    """
    if not _ANCHOR.fullmatch(text):
        raise ValueError(
            said("{!r} is no DS record of the root such as . IN DS 20326 8 2 E06D…", text)
        )
    return text


_6TO4 = IPv6Network("2002::/16")
_AT_THE_END = [
    IPv6Network(text)
    for text in ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48")
]
"""Networks whose addresses end in an IPv4 address."""
_TRANSLATORS = IPv6Network("64:ff9b::/96")
"""Where a network's translator has the addresses of the internet's IPv4 hosts (RFC 6052, 2.1)."""
_ISATAP = (b"\x00\x00\x5e\xfe", b"\x02\x00\x5e\xfe")


def forms(address: Address) -> tuple[Address, ...]:
    """The address and the IPv4 addresses that it carries inside.

    Mapped, compatible, translated, 6to4, NAT64, Teredo and ISATAP (RFC 4291, 2765, 3056, 6052,
    8215, 4380, 5214): a packet to it may come to those.
    """
    if isinstance(address, IPv4Address):
        return (address,)
    if any(address in net for net in _AT_THE_END) or address.packed[8:12] in _ISATAP:
        return (address, IPv4Address(address.packed[12:16]))
    if address in _6TO4:
        return (address, IPv4Address(address.packed[2:6]))
    if address.teredo:
        return (address, *address.teredo)
    return (address,)


def behind_translator(address: str) -> str:
    """The IPv4 address of the host that a translator (NAT64) has under this one; else nothing.

    >>> behind_translator("64:ff9b::c000:201"), behind_translator("2001:db8::1")
    ('192.0.2.1', '')
    """
    if ":" not in address or not is_address(address):
        return ""
    parsed = ip_address(address)
    return str(IPv4Address(parsed.packed[12:])) if parsed in _TRANSLATORS else ""
