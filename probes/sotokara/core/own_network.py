"""The author's own network: which hops of a path are hidden before anything is hashed or stored.

``redact: {hops: 2-6, networks: […], as: […]}`` in a definition hides what it names; the setting
``own_network``, on by default, hides private and carrier-NAT hops and all hops up to the first one
outside the author's AS. Where no AS is known, the registers of addresses may tell whose network it
is; where they do not, everything before the target is hidden.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any, NamedTuple

import msgspec

from sotokara.core.addresses import forms, is_address
from sotokara.core.said import said

PLACEHOLDER = "********"
"""Stands for what is hidden where its shape would tell too much."""
_HOME = ip_network("192.168.0.0/16")
_PRIVATE = [
    ip_network(text)
    for text in (
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
    )
]
_RANGE = re.compile(r"\s*(\d+)\s*(?:[-–]\s*(\d+)\s*)?")
_AS = re.compile(r"\s*(?:AS)?(\d{1,10})\s*", re.IGNORECASE)
_KEYS = ("hops", "networks", "as", "own_network")


class Masks(msgspec.Struct, frozen=True):
    """What is to be hidden: ranges of hop numbers, networks, AS numbers, the own network."""

    hops: tuple[tuple[int, int], ...] = ()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    ases: frozenset[int] = frozenset()
    own: bool = True
    listed: bool = False
    """The author has said which networks are his: what is outside them is shown."""


class SeenHop(NamedTuple):
    """One hop that answered: its number, its addresses, and who announces them.

    ``unannounced``: a look-up said that nobody does (which is more than no look-up's answer).
    """

    number: int
    addresses: frozenset[str]
    ases: frozenset[int] = frozenset()
    unannounced: bool = False
    holders: frozenset[str] = frozenset()
    """Words for whom its networks are registered to; none where that of any address is not known.
    Two hops that share a word may be of one holder."""
    translated: bool = False
    """A NAT had rewritten our packet when it came there."""


def masks_for(setting: bool | Sequence[str], redact: object) -> Masks:  # noqa: FBT001  # a setting's value
    """The masks that a site's ``own_network`` and a definition's ``redact`` ask for.

    ``setting``: true, false, or the networks and AS numbers that are the author's. A ``redact``
    that is no mapping speaks of words and addresses, not of hops.

    :raises ValueError: for a key or value that is none; says what is wrong.
    """
    own = setting is not False
    listed = not isinstance(setting, bool) and bool(setting)
    networks, ases = _split([] if isinstance(setting, bool) else setting)
    ranges: list[tuple[int, int]] = []
    if isinstance(redact, Mapping):
        for key in redact:
            if key not in _KEYS:
                raise ValueError(said("redact has no key {!r}, but {}", key, ", ".join(_KEYS)))
        ranges = [_range(text) for text in _listed(redact.get("hops"))]
        more, numbers = _split(
            [*_listed(redact.get("networks")), *map(_as, _listed(redact.get("as")))]
        )
        networks, ases = networks + more, ases | numbers
        own = own and redact.get("own_network", True) is not False
    return Masks(tuple(ranges), networks, ases, own, listed)


def _listed(value: Any) -> list[str]:  # noqa: ANN401  # whatever YAML says
    if value is None:
        return []
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def _range(text: str) -> tuple[int, int]:
    match = _RANGE.fullmatch(text)
    if match is None:
        raise ValueError(said("{!r} is no hop number, nor a range such as 2-6", text))
    return int(match[1]), int(match[2] or match[1])


def _as(text: str) -> str:
    match = _AS.fullmatch(text)
    if match is None:
        raise ValueError(said("{!r} is no AS number, such as AS2514", text))
    return f"AS{match[1]}"


def _split(
    texts: Iterable[str],
) -> tuple[tuple[IPv4Network | IPv6Network, ...], frozenset[int]]:
    networks, ases = [], set()
    for text in texts:
        if match := _AS.fullmatch(text):
            ases.add(int(match[1]))
            continue
        try:
            networks.append(ip_network(text, strict=False))
        except ValueError as error:
            raise ValueError(said("{!r} is neither a network nor an AS number", text)) from error
    return tuple(networks), frozenset(ases)


def hidden_hops(
    wanted: Masks, hops: Sequence[SeenHop], target: str, *, written: bool
) -> dict[int, str]:
    """Hop number → what stands in its place, for every hop that is to be hidden.

    ``hops`` in order, those that answered; ``target`` is the address traced to, ``written``: the
    article itself names it, so hiding it would be of no use.
    """
    hidden: set[int] = set()
    for hop in hops:
        by_number = any(first <= hop.number <= last for first, last in wanted.hops)
        by_network = any(_within(hop, wanted.networks))
        if by_number or by_network or hop.ases & wanted.ases or (wanted.own and _private(hop)):
            hidden.add(hop.number)
    if wanted.own and not wanted.listed:
        hidden |= _leading(wanted, hops, target)
    gone = {one for hop in hops if hop.number in hidden for one in hop.addresses}
    if written:
        gone.discard(target)
        hidden -= {hop.number for hop in hops if hop.addresses == {target}}
    return {hop.number: _shape(hop) for hop in hops if hop.number in hidden or hop.addresses & gone}


def whose_hops(wanted: Masks, hops: Sequence[SeenHop]) -> dict[int, str]:
    """Hop number → ``home`` (private, before the NAT, or named by the author), or ``unknown``.

    Unknown where no hop's AS is known and nobody else said whose it is. A hop of neither sort is
    the author's provider's.
    """
    nothing = not wanted.ases and not any(hop.ases for hop in hops)
    nat = before_nat(hops)
    home = _holders(hops)
    found: dict[int, str] = {}
    for hop in hops:
        named = any(first <= hop.number <= last for first, last in wanted.hops)
        if (
            _private(hop)
            or any(_within(hop, wanted.networks))
            or (wanted.own and hop.number <= nat)
        ):
            found[hop.number] = "home"
        elif nothing and not hop.holders & home and not named and wanted.own and not wanted.listed:
            found[hop.number] = "unknown"
    return found


def hides_address(wanted: Masks, address: str) -> bool:
    """Whether an address is to be hidden wherever it stands."""
    hop = SeenHop(0, frozenset({address}))
    return any(_within(hop, wanted.networks)) or (wanted.own and _private(hop))


def _within(hop: SeenHop, networks: Iterable[IPv4Network | IPv6Network]) -> Iterable[bool]:
    if not all(map(is_address, hop.addresses)):  # what is no address is not known to be safe
        return (True for _ in networks)
    every = [form for one in hop.addresses for form in forms(ip_address(one))]
    return (form in net for form in every for net in networks)


def _private(hop: SeenHop) -> bool:
    return any(_within(hop, _PRIVATE))


def _leading(wanted: Masks, hops: Sequence[SeenHop], target: str) -> set[int]:
    """The hops before the first one that is known to be outside the author's AS.

    The AS of the first hop behind the NAT whose AS is known is taken for the author's. An address
    that nobody announces is outside where it lies between the author's AS and another: an
    exchange's. Where no AS is known at all, the holder of the network of the first hop behind the
    NAT is taken for the author's provider, and a hop of a holder that is not like it is outside.
    """
    nat = before_nat(hops)
    behind = [hop for hop in hops if hop.number > nat]
    home = set(wanted.ases) or set(next((hop.ases for hop in behind if hop.ases), frozenset()))
    holders = _holders(hops)
    inside = {hop.number for hop in hops if hop.number <= nat}
    before = False
    for at, hop in enumerate(behind):
        following = behind[at + 1].ases if at + 1 < len(behind) else frozenset()
        foreign = bool(hop.ases) and not hop.ases & home
        if not home and holders and hop.holders and not _private(hop):
            foreign = not hop.holders & holders
        exchange = hop.unannounced and before and bool(following) and not following & home
        if target in hop.addresses or foreign or (exchange and not _private(hop)):
            break
        inside.add(hop.number)
        before = bool(hop.ases)
    return inside


def before_nat(hops: Sequence[SeenHop]) -> int:
    """The number of the last hop that lies before the author's NAT, as far as hops tell; else 0.

    A hop that saw our packet rewritten lies behind a NAT: every hop before it is at home, also one
    with an address that is not private (many homes and carriers use others' inside). It is not the
    author's NAT where the path has been through two networks by then, nor where most hops behind
    saw nothing of it.
    """
    first = next((hop.number for hop in hops if hop.translated), 0)
    behind = [hop.translated for hop in hops if hop.number >= first]
    before = [hop for hop in hops if hop.number < first]
    ases = {hop.ases for hop in before if hop.ases}
    if not first or sum(behind) * 2 < len(behind) or len(ases) > 1:
        return 0
    return max((hop.number for hop in before), default=0)


def behind_nat(hops: Sequence[SeenHop]) -> list[SeenHop]:
    """The hops behind the author's NAT, without those of private addresses."""
    nat = before_nat(hops)
    return [hop for hop in hops if hop.number > nat and not _private(hop)]


def _holders(hops: Sequence[SeenHop]) -> frozenset[str]:
    """To whom the network of the first hop behind the NAT is registered."""
    return next((hop.holders for hop in behind_nat(hops)), frozenset())


def _shape(hop: SeenHop) -> str:
    """``192.168.xxx.254`` for a home network's address, which tells no more; else a fixed text."""
    if len(hop.addresses) == 1:
        (address,) = hop.addresses
        if ip_address(address) in _HOME:
            return f"192.168.xxx.{address.rpartition('.')[2]}"
    return PLACEHOLDER
