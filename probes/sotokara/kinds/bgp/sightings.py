"""What was seen, peer by peer and second by second, and what it comes to. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from sotokara.kinds.bgp.kept import Routes
from sotokara.kinds.bgp.numbers import Hops, Prefix, hops_of, origin_of, prefix_of

WITHDRAWN, REPLACED, LOST = "withdrawn", "replaced", "session lost"


class Sighting(NamedTuple):
    """One route of one peer, at one time; ``path`` is None where it was taken back."""

    time: int
    """Seconds since 1970."""
    peer: str
    prefix: Prefix
    path: Hops | None
    lost: bool = False
    """The collector lost its session with the peer: nobody took the route back."""
    table: bool = False
    """It stands in a table: it came nobody knows when before."""


class OriginSpan(NamedTuple):
    """From when to when an origin was seen for a prefix, and by how many peers at once at most."""

    prefix: Prefix
    origin: str
    came: int | None
    went: int | None
    ended: str
    peers: int


class SightingLog:
    """Goes through sightings in their order of time.

    ``of``: what of a path is watched: its origin, if nothing else.
    """

    def __init__(self, of: Callable[[Hops], str] = origin_of) -> None:
        self._of = of
        self._routes: dict[tuple[str, Prefix], Hops] = {}
        self._peers: Counter[tuple[Prefix, str]] = Counter()
        self._open: dict[tuple[Prefix, str], tuple[int | None, int]] = {}
        self.seen: list[OriginSpan] = []
        """Stretches that have ended."""

    def take(self, one: Sighting) -> None:
        """One more."""
        key = (one.peer, one.prefix)
        old = self._routes.get(key)
        if one.path is None:
            if old is not None:
                del self._routes[key]
                self._gone(one, self._of(old), LOST if one.lost else WITHDRAWN)
            return
        self._routes[key] = one.path
        if old is not None and self._of(old) == self._of(one.path):
            return
        pair = (one.prefix, self._of(one.path))
        self._peers[pair] += 1
        came, most = self._open.get(pair, (None if one.table else one.time, 0))
        self._open[pair] = came, max(most, self._peers[pair])
        if old is not None:
            self._gone(one, self._of(old), REPLACED)

    def _gone(self, one: Sighting, origin: str, how: str) -> None:
        pair = (one.prefix, origin)
        self._peers[pair] -= 1
        if self._peers[pair] > 0:
            return
        came, most = self._open.pop(pair)
        self.seen.append(OriginSpan(one.prefix, origin, came, one.time, how, most))

    def routes(self) -> Iterator[tuple[Prefix, Hops]]:
        """Every peer's route as it is now."""
        yield from ((prefix, path) for (_, prefix), path in self._routes.items())

    def held(self) -> Iterator[tuple[str, Prefix, Hops]]:
        """The same with the peer of each."""
        yield from ((peer, prefix, path) for (peer, prefix), path in self._routes.items())

    def peers_of(self, prefixes: Sequence[Prefix]) -> int:
        """How many peers have a route to one of these."""
        return len({peer for peer, prefix in self._routes if prefix in prefixes})

    def stretches(self) -> list[OriginSpan]:
        """Those that have ended and those that have not, in the order in which they came."""
        still = [
            OriginSpan(prefix, origin, came, None, "", most)
            for (prefix, origin), (came, most) in self._open.items()
        ]
        every = [*self.seen, *still]
        return sorted(every, key=lambda one: (one.came or 0, str(one.prefix), one.origin))


def sightings_of(kept: Routes) -> Iterable[Sighting]:
    """What is kept, in the order of time."""
    for peer, prefix, path in kept.before:
        net, hops = prefix_of(prefix), hops_of(path)
        if net is not None and hops:
            yield Sighting(kept.since or kept.time, peer, net, hops, table=True)
    for when, peer, prefix, route, lost in kept.then:
        net = prefix_of(prefix)
        hops = None if route is None else hops_of(route)
        if net is not None and (route is None or hops):
            yield Sighting(when, peer, net, hops, lost)
