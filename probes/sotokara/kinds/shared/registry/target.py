"""What registries are asked about: an address, a prefix, an AS number or a domain name."""

import contextlib
import re
import unicodedata
from collections.abc import Iterable
from ipaddress import (
    collapse_addresses,
    ip_address,
    ip_network,
    summarize_address_range,
)
from typing import NamedTuple, TypeVar

import dns.exception
import dns.name

from sotokara.core.addresses import Net, is_address
from sotokara.core.said import said
from sotokara.kinds.shared.host import why_no_name

_Registered = TypeVar("_Registered")

_ASN = re.compile(r"ASN?[ :]?\s{0,3}([0-9]{1,80}(?:\.[0-9]{1,80})?)", re.IGNORECASE)
_NUMBER = re.compile(r"(?:ASN?)?([0-9]{1,80})(?:\.([0-9]{1,80}))?", re.IGNORECASE)
_MOST_ASN, _HALF = 2**32 - 1, 2**16
_RANGE = re.compile(r"\s*[-–—〜~]\s*")
_NO_NAMES = (
    (
        re.compile(r"AS[0-9.]+\s*[-–:].*", re.IGNORECASE),
        said("{!r} is a range of AS numbers; ask for each"),
    ),
    (
        re.compile(r"AS-[^.]*", re.IGNORECASE),
        said("{!r} is an AS set, which no registry registers"),
    ),
    (re.compile(r"0x[0-9a-f]+", re.IGNORECASE), said("{!r} is a number in hexadecimal")),
    (re.compile(r"[0-9.]+"), said("{!r} is of digits alone, and no address")),
    (re.compile(r".*\.[0-9-]+"), said("{!r} is no address, though it ends in digits")),
)
"""What would pass for a domain name by its letters, and what it is."""


class RegistryTarget(NamedTuple):
    """A target in its one normal spelling; exactly one of the other three is set."""

    text: str
    network: Net | None = None
    """An address is a network of one."""
    asn: int | None = None
    domain: str = ""
    """A-labels, lower case, no final dot."""

    @property
    def address(self) -> str:
        """The first address of a network; empty for anything else."""
        return str(self.network.network_address) if self.network else ""


def as_number(text: str) -> int:
    """An AS number, plain or in two halves (``3.10`` is 196618; RFC 5396, asdot).

    :raises ValueError: for anything else, and above the last one (RFC 6793).
    """
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        raise ValueError(said("{!r} is no AS number", text))
    if match[2] is None:
        number = int(match[1])
    elif max(int(match[1]), int(match[2])) < _HALF:
        number = int(match[1]) * _HALF + int(match[2])
    else:
        raise ValueError(said("{!r} has a half above 65535 (RFC 5396)", text))
    if number > _MOST_ASN:
        raise ValueError(said("AS{} is above the last AS number, {} (RFC 6793)", number, _MOST_ASN))
    return number


def spellings(domain: str) -> set[str]:
    """A domain's name in A-labels and, where it decodes, in U-labels; in lower case."""
    spelled = {domain}
    with contextlib.suppress(dns.exception.DNSException, UnicodeError):
        spelled.add(dns.name.from_text(domain).to_unicode(omit_final_dot=True).lower())
    return spelled


def read_target(text: str) -> RegistryTarget:
    """The target that an author wrote.

    :raises ValueError: for anything else; says what would do.
    """
    text = unicodedata.normalize("NFKC", text).strip() if not text.isascii() else text.strip()
    if match := _ASN.fullmatch(text.rstrip(".")):
        number = as_number(match[1])
        return RegistryTarget(f"AS{number}", asn=number)
    if network := _network(text):
        single = network.prefixlen == network.max_prefixlen
        return RegistryTarget(str(network.network_address if single else network), network=network)
    return _domain(text)


def _network(text: str) -> Net | None:
    """An address, a prefix or a range that is one prefix; None for what looks like none.

    :raises ValueError: for a range that is several prefixes.
    """
    try:
        return ip_network(text, strict=False)
    except ValueError:
        ends = _RANGE.split(text)
    if len(ends) != 2 or not all(map(is_address, ends)):  # noqa: PLR2004  # first and last
        return None
    found = networks(" - ".join(ends))
    if len(found) == 1:
        return found[0]
    if not found:
        raise ValueError(
            said("{!r} does not go from a lower to a higher address of one kind", text)
        )
    several = ", ".join(map(str, found[:4])) + (", …" if len(found) > 4 else "")  # noqa: PLR2004
    raise ValueError(said("{!r} is no single prefix; ask for each of {}", text, several))


def _domain(text: str) -> RegistryTarget:
    if not text or text.isdigit() or any(mark in text for mark in "/:@ "):
        raise ValueError(
            said("{!r} is no address, prefix, AS number (AS2515) or domain name", text)
        )
    for form, what in _NO_NAMES:
        if form.fullmatch(text.rstrip(".")):
            raise ValueError(said(what, text))
    try:
        name = dns.name.from_text(text, idna_codec=dns.name.IDNA_2008_Practical)
    except (dns.exception.DNSException, UnicodeError, ValueError) as error:
        raise ValueError(said("{!r} is no domain name ({})", text, why_no_name(text))) from error
    plain = name.to_text(omit_final_dot=True).lower()
    if not re.fullmatch(r"[a-z0-9_.-]+", plain):
        raise ValueError(said("{!r} is no domain name that a registry could hold", text))
    return RegistryTarget(plain, domain=plain)


def networks(text: str) -> list[Net]:
    """The networks of a range as registries write it; empty where there is none in the text.

    ``62.239.237.0 - 62.239.237.255``, ``221.246.251.64/26``, ``200.57.128/19`` (LACNIC), several
    with commas (ARIN).
    """
    found: list[Net] = []
    for part in text.split(","):
        first, dash, last = (piece.strip() for piece in part.strip().partition("-"))
        try:
            if dash:
                found += summarize_address_range(ip_address(first), ip_address(last))
            else:
                found.append(ip_network(_whole(first), strict=False))
        except (ValueError, TypeError):
            return []
    if len({network.version for network in found}) != 1:
        return []
    return list(collapse_addresses(found))  # type: ignore[type-var]


def _whole(text: str) -> str:
    address, slash, length = text.partition("/")
    if ":" not in address and (missing := 3 - address.count(".")) > 0 and slash:
        address += ".0" * missing
    return address + slash + length


def spelled(found: list[Net]) -> tuple[str, list[str]]:
    """``first - last`` and the prefixes of networks."""
    if not found:
        return "", []
    first, last = found[0].network_address, found[-1].broadcast_address
    return f"{first} - {last}", [str(network) for network in found]


def narrowest(
    found: Iterable[tuple[list[Net], _Registered]], network: Net | None
) -> list[tuple[list[Net], _Registered]]:
    """Those registrations whose networks hold all of ``network``, the smallest first."""
    held = [
        (nets, one) for nets, one in found if network is not None and network_held(nets, network)
    ]
    return sorted(held, key=lambda each: sum(net.num_addresses for net in each[0]))


def network_held(found: list[Net], network: Net) -> bool:
    """Whether a registration's networks hold all of ``network``."""
    return any(
        one.version == network.version and network.subnet_of(one)  # type: ignore[arg-type]
        for one in found
    )
