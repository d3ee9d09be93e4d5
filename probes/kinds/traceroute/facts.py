"""The facts of kind ``traceroute``: the addresses at each hop and how the path ends; no times."""

import msgspec

from probes.kinds.interface import Facts


class Hop(msgspec.Struct, frozen=True, omit_defaults=True):
    """One hop: every address that answered there, in numerical order; none where it was silent."""

    number: int
    addresses: list[str] = []
    masked: str = ""
    """What stands in place of a hop that redaction took out."""


def alike(one: Hop | None, other: Hop | None) -> bool:
    """Whether two hops do not contradict each other.

    A router answers when it has time, and a balancer shows some of its ways: one set of addresses
    may be part of the other. Where nothing answered, or a hop is hidden, nothing is known.
    """
    if one is None or other is None or one.masked or other.masked:
        return True
    here, there = set(one.addresses), set(other.addresses)
    return here <= there or there <= here


class End(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a path ends."""

    how: str
    """``reached``, ``unreachable``, ``silent`` (from ``hop`` on), ``limit`` (of hops), ``loop``."""
    hop: int
    """Of the target, the refusal, the first silence, the last one asked, the loop's beginning."""
    address: str = ""
    """Who answered there; empty where nobody did or it is masked."""
    why: str = ""
    """Of unreachable: network, host, protocol, port, size, prohibited, source_route, other."""
    loop: list[str] = []
    """The addresses that the loop goes round, in its order."""


class PathFacts(Facts, frozen=True, kw_only=True, omit_defaults=True):
    """A path. Silent hops at the end are not listed: ``end`` tells where silence begins."""

    address: str
    """The address traced to."""
    hops: list[Hop] = []
    """From the first hop on; several addresses at one hop are alternatives."""
    end: End


def agree(before: PathFacts, after: PathFacts) -> bool:
    """Whether a path is still the same: the same address, the same end, no hop elsewhere."""
    if (before.address, before.end) != (after.address, after.end):
        return False
    here = {hop.number: hop for hop in before.hops}
    there = {hop.number: hop for hop in after.hops}
    return all(alike(here.get(number), there.get(number)) for number in here | there)
