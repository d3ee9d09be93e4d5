"""Route leaks in the words of RFC 7908, by relations between networks that the author gives.

A path shows who passed a route on to whom, and never what they had agreed. With each network's
relation to the two beside it, types 1 to 4 are seen in the path. Types 5 and 6 rest on where
packets went, and on what was meant to stay inside: no path shows these.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from sotokara.kinds.bgp.facts import BgpFacts, Leaked
from sotokara.kinds.bgp.kept import Routes
from sotokara.kinds.bgp.mrt import opened
from sotokara.kinds.bgp.numbers import Hops, as_number, format_path
from sotokara.kinds.bgp.rpki import format_time as time_of
from sotokara.kinds.bgp.sightings import SightingLog, sightings_of

PROVIDER, PEER, CUSTOMER = "provider", "peer", "customer"
LARGEST = 256 * 1024 * 1024
"""Bytes of a file of relations, unpacked."""
_STATED = re.compile(
    r"(?:AS)?(\d{1,10})\s+(provider|peer|customer)\s+of\s+(?:AS)?(\d{1,10})", re.IGNORECASE
)
_CODES = {"-1": PROVIDER, "0": PEER}
_OTHER = {PROVIDER: CUSTOMER, CUSTOMER: PROVIDER, PEER: PEER}
_TYPES = {
    (PROVIDER, PROVIDER): 1,
    (PEER, PEER): 2,
    (PROVIDER, PEER): 3,
    (PEER, PROVIDER): 4,
}
"""What the network is to the leaker that it had the route from, and that it gave it to → type."""

Relations = Mapping[tuple[int, int], str]
"""What the first network is to the second."""


class KnownNeighbours(msgspec.Struct, frozen=True, omit_defaults=True):
    """Relations between networks that stand beside each other in the paths that were seen."""

    source: str
    """The file's name; empty where the definition itself has them."""
    sha256: str
    """Of the whole file, unpacked."""
    pairs: list[tuple[int, int, str]] = []


class Leak(NamedTuple):
    """One network that passed a route on further than the relations allow for."""

    kind: int
    """1 to 4: the types of RFC 7908, 3."""
    leaker: str
    learned_from: str
    sent_to: str


def stated(text: str) -> tuple[int, int, str]:
    """``AS64500 provider of AS64501``, or ``64500|64501|-1`` as in CAIDA's files.

    :raises ValueError: for anything else.
    """
    found = _STATED.fullmatch(text.strip())
    if found is not None:
        first, second, relation = as_number(found[1]), as_number(found[3]), found[2].lower()
    else:
        fields = text.strip().split("|")
        first, second = (as_number(one) for one in [*fields, "", ""][:2])
        relation = _CODES.get(fields[2], "") if len(fields) >= 3 else ""  # noqa: PLR2004
    if first is None or second is None or first == second or not relation:
        raise ValueError(text)
    return first, second, relation


def relations_of(pairs: Iterable[tuple[int, int, str]]) -> dict[tuple[int, int], str]:
    """Each pair in both directions; one of which two different things are said is left out."""
    found: dict[tuple[int, int], str] = {}
    several = set()
    for first, second, relation in pairs:
        if found.setdefault((first, second), relation) != relation:
            several.add((first, second))
        found[second, first] = _OTHER[found[first, second]]
    for first, second in several:
        found.pop((first, second), None)
        found.pop((second, first), None)
    return found


def read_relation_file(
    path: Path, wanted: set[frozenset[int]]
) -> tuple[str, list[tuple[int, int, str]]]:
    """A file's hash, and its relations between the pairs that are wanted.

    The form is CAIDA's (serial-1 and serial-2), packed by gzip or bzip2 or not at all.

    :raises ValueError: where no line of it is a relation, or it is too large.
    :raises OSError, EOFError: when it cannot be read.
    """
    digest, found, lines, size = hashlib.sha256(), [], 0, 0
    with opened(path) as stream:
        while raw := stream.readline(1000):
            digest.update(raw)
            size += len(raw)
            if size > LARGEST:
                raise ValueError(f"the file of relations has more than {LARGEST >> 20} MiB")
            text = raw.decode("ascii", "replace")
            if text.startswith("#"):
                continue
            try:
                one = stated(text)
            except ValueError:
                continue
            lines += 1
            if frozenset(one[:2]) in wanted:
                found.append(one)
    if not lines:
        raise ValueError("no line of it is a relation between two networks")
    return digest.hexdigest(), found


def neighbours(paths: Iterable[Hops]) -> set[frozenset[int]]:
    """The pairs of networks that stand beside each other in these paths."""
    return {
        frozenset((one, other))
        for path in set(paths)
        for one, other in pairwise(path)
        if isinstance(one, int) and isinstance(other, int) and one != other
    }


def find_leak(path: Hops, relations: Relations) -> tuple[Leak | None, list[tuple[int, int]]]:
    """The first leak on the way from the origin; else the pairs without which it cannot be told.

    A network between two others may pass on whatever comes from a customer, to anybody, and
    anything to a customer.
    """
    unknown: list[tuple[int, int]] = []
    for to, leaker, by in _triples(path):
        if to is None or leaker is None or by is None:
            unknown.append((0, 0))  # a set of ASes: nobody knows who of them stands beside whom
            continue
        came, went = relations.get((by, leaker)), relations.get((to, leaker))
        if CUSTOMER in (came, went):
            continue
        if came and went:
            return Leak(_TYPES[came, went], f"AS{leaker}", f"AS{by}", f"AS{to}"), []
        unknown += [pair for pair, one in (((by, leaker), came), ((to, leaker), went)) if not one]
    return None, list(dict.fromkeys(unknown))


def _triples(path: Hops) -> Iterator[tuple[int | None, int | None, int | None]]:
    """Each network between two others, the origin's end first; prepended numbers count once."""
    hops = [one if isinstance(one, int) else None for one in path]
    plain: Sequence[int | None] = [
        one for at, one in enumerate(hops) if not at or one is None or one != hops[at - 1]
    ]
    for at in range(len(plain) - 2, 0, -1):
        yield plain[at - 1], plain[at], plain[at + 1]


# Who leaked a route, from when to when: the paths that were seen, by the relations given. Pure.

STATED = "stated"
_MOST, _MOST_MISSING = 100, 20


class _Found(NamedTuple):
    """What of a path is known."""

    leak: Leak | None
    missing: list[tuple[int, int]]


def with_leaks(facts: BgpFacts, kept: Routes, given: KnownNeighbours) -> BgpFacts:
    """The facts with each leak of RFC 7908's types 1 to 4, and where none can be told."""
    relations = relations_of(given.pairs)
    examples: dict[str, tuple[Leak, Hops]] = {}

    @cache
    def of(path: Hops) -> _Found:
        return _Found(*find_leak(path, relations))

    def named(path: Hops) -> str:
        leak = of(path).leak
        if leak is None:
            return ""
        key = " ".join(map(str, leak))
        examples.setdefault(key, (leak, path))
        return key

    watch, seen = SightingLog(named), set()
    for one in sightings_of(kept):
        watch.take(one)
        if one.path is not None:
            seen.add(one.path)
    leaks = []
    for stretch in watch.stretches():
        if not stretch.origin:
            continue
        leak, path = examples[stretch.origin]
        found = Leaked(str(stretch.prefix), *leak, format_path(path), peers=stretch.peers)
        if kept.since:
            came, went = time_of(stretch.came), time_of(stretch.went)
            leaks.append(replace(found, came=came, went=went, ended=stretch.ended))
        elif stretch.went is None:
            leaks.append(found)
    untold = [path for path in seen if of(path).missing]
    missing = sorted({pair for path in untold for pair in of(path).missing} - {(0, 0)})
    named_pairs = dict.fromkeys(f"AS{min(pair)} AS{max(pair)}" for pair in missing)
    return replace(
        facts,
        leaks=leaks[:_MOST],
        relations=given.source or STATED,
        untold=len(untold),
        missing=list(named_pairs)[:_MOST_MISSING],
    )
