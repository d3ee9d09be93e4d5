"""To whom the first hops' networks are registered, where nobody tells which AS they are in.

Then every hop would have to be hidden, and what is hidden is lost. The registry of addresses
(RDAP) is asked about the first hop behind the author's NAT, which is his provider's, and about the
next ones until one is of another holder. That is a few questions a build, shared by all its traces,
and none where any AS is known.
"""

import asyncio
import contextlib
import re
from collections.abc import Collection, Sequence
from weakref import WeakKeyDictionary

import msgspec

from sotokara.core.addresses import Net
from sotokara.core.observation import Exchange, ProbeFailure
from sotokara.core.own_network import SeenHop, behind_nat
from sotokara.kinds.shared.rdap.asking import lookup, object_path
from sotokara.kinds.shared.rdap.bootstrap import base_url
from sotokara.kinds.shared.rdap.objects import parsed_reply
from sotokara.kinds.shared.registry.facts import REGISTERED, RegistryFacts
from sotokara.kinds.shared.registry.target import network_held, networks, read_target
from sotokara.network.network import Network

STEP = "registered network of "
MOST = 4
"""Questions of one build."""
_PATIENCE = 5.0
"""Seconds for all of a trace's questions; they do not count as the trace's."""
_REGISTRIES = re.compile(
    r"network information cent|coordination centre|internet numbers|assigned numbers"
    r"|internet (?:&|and) security agency|n[uú]cleo de informa"
    r"|latin american and caribbean ip|^(?:non-ripe|iana|arin|apnic|lacnic|afrinic|jpnic|krnic"
    r"|cnnic|twnic|vnnic|idnic|irinn|nic\.?br|nic mexico)\b",
    re.IGNORECASE,
)
"""Registries of addresses, regional and national: what they hold is somebody's whom they know."""
_OF_MANY = frozenset(
    "corporation corp company limited ltd inc llc gmbh the and for org network networks".split()  # noqa: SIM905
)
"""Words in the names of many holders, which make no two alike."""
_SHORTEST = 3


class _RegistryQuery:
    """What one build has asked; one question at a time, so that an answer does for neighbours."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self.left = MOST
        self.known: list[tuple[list[Net], list[Exchange]]] = []


_builds: WeakKeyDictionary[object, _RegistryQuery] = WeakKeyDictionary()


async def registered(net: Network, hops: Sequence[SeenHop], target: str) -> list[Exchange]:
    """What registries say of hops, as far as is needed to tell where another's network begins.

    Nothing where the author has said what is his, where an AS is known, or where there is no hop
    between his provider and the target. A question that fails leaves hops hidden.
    """
    rest = [hop for hop in behind_nat(hops) if target not in hop.addresses]
    if net.settings.own_network is not True or any(hop.ases for hop in hops) or len(rest) <= 1:
        return []
    found: list[Exchange] = []
    with contextlib.suppress(TimeoutError), net.uncounted():
        async with asyncio.timeout(_PATIENCE):
            await _walk(net, rest, found)
    return found


async def _walk(net: Network, hops: Sequence[SeenHop], found: list[Exchange]) -> None:
    """Ask, hop by hop, until one is of another holder than the first, or the first's is unknown."""
    asked = _builds.setdefault(net.policy, _RegistryQuery())
    home: frozenset[str] = frozenset()
    async with asked.turn:
        for hop in hops:
            for address in sorted(hop.addresses):
                found += await _about(net, asked, address)
            holders = holders_of(found, hop.addresses)
            home = home or holders
            if not home or (holders and not holders & home):
                return


async def _about(net: Network, asked: _RegistryQuery, address: str) -> list[Exchange]:
    """The registration that holds an address; one that this build has, if any does."""
    target = read_target(address)
    assert target.network is not None  # noqa: S101  # an address is a network of one
    for nets, exchanges in asked.known:
        if network_held(nets, target.network):
            return _named(exchanges, address)
    if not asked.left:
        return []
    asked.left -= 1
    probe = net.for_probe()
    try:
        _, base = await base_url(probe, target)  # the entry itself would tell whose network it is
    except ProbeFailure:
        return []
    exchanges = await lookup(probe, base + object_path(target), target, contacts=False)
    facts = parsed_reply(exchanges[-1], target)
    if isinstance(facts, RegistryFacts) and facts.answer == REGISTERED:
        asked.known.append(([one for text in facts.prefixes for one in networks(text)], exchanges))
    return _named(exchanges, address)


def _named(exchanges: Sequence[Exchange], address: str) -> list[Exchange]:
    return [msgspec.structs.replace(one, step=f"{STEP}{address}") for one in exchanges]


def holders_of(exchanges: Sequence[Exchange], addresses: Collection[str]) -> frozenset[str]:
    """Words for those to whom the networks of all these addresses are registered. Pure.

    None where that of one is not known, or is held by a registry, which only knows whose it is.
    """
    every = {
        about: facts
        for one in exchanges
        if one.step.startswith(STEP)
        and (about := one.step.removeprefix(STEP))
        and (facts := _read(one, about)) is not None
    }
    found: set[str] = set()
    for address in addresses:
        facts = every.get(address)
        words = _words(facts) if facts else set()
        if facts is None or not words:
            return frozenset()
        found |= words | {one.range for one in every.values() if _overlap(one, facts)}
    return frozenset(found)


def _read(exchange: Exchange, address: str) -> RegistryFacts | None:
    try:
        facts = parsed_reply(exchange, read_target(address))
    except ValueError:
        return None
    if isinstance(facts, RegistryFacts) and facts.answer == REGISTERED:
        return facts
    return None


def _words(facts: RegistryFacts) -> set[str]:
    """The words of a holder's name; none where it is a person's, nobody's or a registry's."""
    if not facts.organization or any(
        _REGISTRIES.search(name) for name in (facts.organization, facts.netname)
    ):
        return set()
    words = re.findall(r"[^\W_]+", f"{facts.organization} {facts.netname}".casefold())
    telling = {one for one in words if len(one) >= _SHORTEST and not one.isdecimal()} - _OF_MANY
    return telling | {contact.handle.casefold() for contact in facts.contacts if contact.handle}


def _overlap(one: RegistryFacts, other: RegistryFacts) -> bool:
    """Whether a network lies in another: an allocation and what its holder assigned from it."""
    here = [net for text in one.prefixes for net in networks(text)]
    there = [net for text in other.prefixes for net in networks(text)]
    return any(a.version == b.version and a.overlaps(b) for a in here for b in there)
