"""A topology is a table of hosts and links; this module turns one into what each namespace is told.

The first IPv4 address of a host is its main one. Every link of the host uses it (links are
unnumbered), so the address that a router shows in a traceroute is the one in the table. All other
addresses sit on the loopback interface. Routes are shortest paths, computed here, so a table needs
none; `Host.routes` replaces single ones where an experiment wants a loop or several paths.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

_HOME = ip_network("192.168.0.0/16")


@dataclass(frozen=True, slots=True)
class Host:
    """One machine, in a network namespace of its own."""

    name: str
    addresses: tuple[str, ...]
    """IPv4 and IPv6, the main IPv4 address first."""
    purpose: str
    """One line for the README: what the host is for."""
    forwards: bool = False
    """A router."""
    nft: str = ""
    """nftables rules, in `nft -f` syntax."""
    sysctl: dict[str, str] = field(default_factory=dict)
    """Paths below /proc/sys/net and what to write there."""
    default: str = ""
    """The neighbour that takes everything; a host with one link needs none."""
    routes: tuple[str, ...] = ()
    """Arguments of `ip route replace`; an interface has the name of the host at its other end."""

    def of_family(self, version: int) -> list[str]:
        """IPv4 (4) or IPv6 (6) addresses, in order."""
        return [a for a in self.addresses if ip_address(a).version == version]


@dataclass(frozen=True, slots=True)
class Link:
    """A cable between two hosts; each end's interface has the name of the other host."""

    a: str
    b: str
    delay: float = 0.0
    """Seconds one way; 0: a veth pair; else a TUN pair that a process carries (`wire.py`)."""
    a_address: str = ""
    """IPv4 address of a's end, where it is not a's main address."""
    b_address: str = ""


@dataclass(frozen=True, slots=True)
class Topology:
    """Hosts and links. Adding to an internet: `Topology(base.hosts + (…), base.links + (…))`."""

    hosts: tuple[Host, ...]
    links: tuple[Link, ...]

    def host(self, name: str) -> Host:
        """The host of that name; KeyError when there is none."""
        return {host.name: host for host in self.hosts}[name]

    def ends(self, name: str) -> Iterator[tuple[str, str, str, Link]]:
        """For each link of a host: neighbour, own IPv4 address, the neighbour's, and the link."""
        for link in self.links:
            if name == link.a:
                peer, own, other = link.b, link.a_address, link.b_address
            elif name == link.b:
                peer, own, other = link.a, link.b_address, link.a_address
            else:
                continue
            yield (
                peer,
                own or self.host(name).of_family(4)[0],
                other or self.host(peer).of_family(4)[0],
                link,
            )

    def _toward(self, target: str) -> dict[str, str]:
        """For each host the neighbour nearest to the target; only routers pass packets on."""
        nearer: dict[str, str] = {target: target}
        queue = deque([target])
        while queue:
            here = queue.popleft()
            if here != target and not self.host(here).forwards:
                continue
            for peer, *_ in self.ends(here):
                if peer not in nearer:
                    nearer[peer] = here
                    queue.append(peer)
        return nearer

    def _announced(self, name: str) -> list[str]:
        own = [own for _, own, *_ in self.ends(name)]
        every = dict.fromkeys((*self.host(name).addresses, *own))
        return [a for a in every if ip_address(a).version == 6 or ip_address(a) not in _HOME]

    def batches(self) -> dict[str, str]:
        """For each host the `ip -batch` text that gives it its addresses and routes."""
        toward = {host.name: self._toward(host.name) for host in self.hosts}
        announced = {host.name: self._announced(host.name) for host in self.hosts}
        return {
            host.name: "\n".join(self._batch(host, toward, announced)) + "\n" for host in self.hosts
        }

    def _batch(
        self, host: Host, toward: dict[str, dict[str, str]], announced: dict[str, list[str]]
    ) -> Iterator[str]:
        ends = list(self.ends(host.name))
        gateways = {peer: other for peer, _, other, _ in ends}
        yield "link set lo up"
        used = {own for _, own, *_ in ends}
        for address in host.addresses:
            if address not in used:
                yield f"address add {address} dev lo" + " nodad" * (":" in address)
        for peer, own, other, link in ends:
            yield f"address add {own} peer {other} dev {peer}"
            # A burst waits in a delayed cable's queue: the usual 500 packets would lose some.
            yield f"link set {peer} up txqueuelen 20000"
            # Link-local addresses by hand: the neighbour's is then known, and needs no detection.
            side = 1 if link.a == host.name else 2
            yield f"address add fe80::{side}/64 dev {peer} nodad"
        default = host.default or (ends[0][0] if len(ends) == 1 else "")
        if default:
            yield f"route add default via {gateways[default]} dev {default}"
            yield f"route add default via fe80::{3 - self._side(host.name, default)} dev {default}"
        for target, addresses in announced.items():
            via = toward[target].get(host.name, default)
            if via == default or target == host.name:
                continue
            for address in addresses:
                if ":" in address:
                    gateway = f"fe80::{3 - self._side(host.name, via)}"
                elif address == gateways[via]:
                    continue  # reached over the cable itself
                else:
                    gateway = gateways[via]
                yield f"route add {address} via {gateway} dev {via}"
        for route in host.routes:
            yield f"route replace {route}"

    def _side(self, name: str, peer: str) -> int:
        return next(
            1 if link.a == name else 2 for link in self.links if {link.a, link.b} == {name, peer}
        )

    def cables(self, *, delays: bool) -> str:
        """The `ip -batch` text for the veth pairs; `{name}` stands for a host's process id.

        Without `delays` the delayed links are veth pairs like the others.
        """
        return "".join(
            f"link add name {link.b} netns {{{link.a}}} type veth"
            f" peer name {link.a} netns {{{link.b}}}\n"
            for link in self.links
            if not (link.delay and delays)
        )
