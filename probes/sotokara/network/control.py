"""The control: asks whether this packet (protocol, port, family) could get out, then.

Asked before anything is reported as unanswered, so that nothing is called down while the author's
own network is. Each control asks what failed asked: DNS servers for DNS, whois servers on port 43,
web servers on port 443 for a certificate of their own. A control is asked only after a failure, and
again for one that begins later (line.py); our line itself is looked at during each silence.
"""

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any

import dns.rcode
import dns.rdatatype

from sotokara.core.observation import Exchange, Failure, Outcome
from sotokara.network.belief import nobody
from sotokara.network.clock import set_by
from sotokara.network.dns_client import DnsClient, Server, query
from sotokara.network.line import Learnt, Ticker
from sotokara.network.link import way_out
from sotokara.network.moment import TOLERATED, set_meanwhile, wrong_clock
from sotokara.network.network import Network
from sotokara.network.services import HTTP, HTTPS, SHORT, WHOIS, brings_long, greets

PATIENCE = 2.0
"""Seconds until silence is taken for no network."""
_HEAD_START = 0.7
_FRESH = 1.0
_OUTSIDE = "com"
"""Many resolvers hold the root (RFC 8806) and know at once what is not in it; none holds this."""
_OF_PROTOCOL = {"whois": WHOIS, "https": HTTPS, "tls": HTTPS, "http": HTTP}
_DNS = "application/dns-message"
_SILENT = ("generic_timeout_error", "dns_no_answer", "dns_server_misbehaving")
"""Failures in which nothing came back."""
_BY_CLOCK = ("clock_wrong", "ssl_failed_handshake")
"""Failures that may be of our clock's making."""
_BY_ANOTHER = ("ssl_failed_handshake", "unknown_form", "server_misbehaving")
"""Failures that somebody in between may have caused by answering himself."""
_STANDS = Failure("ssl_failed_handshake", "control")
"""Our clock is well: what was judged by it stands."""
_AWAY = Failure(
    "no_network", "control", "our own line was away, or lost packets, during the silence"
)
_NO_TCP = Failure(
    "resolver_unreachable", "control", "its answer is long, and TCP does not bring it"
)
_INTERCEPTED = "somebody else answers in name servers' place, also in that of the root servers"
DNS_PORT = 53
_NOBODY = Failure("port_blocked", "control", "there is no control of this kind")
"""What stands for the lack of a control: it bears out neither."""
_HOSTS = {"http": "https"}
"""Services that are asked of another's controls: those answer on port 80 too."""
_SERVERS, _PACKETS, _APART, _LATEST = 3, 9, 0.03, 1.0
"""Servers, packets in all, seconds between two of them, and until one counts as lost."""


class Control:
    """One build's control. Verdicts are shared by all probes that ask for one at about once."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._client = DnsClient(network.ways)
        self._task: asyncio.Task[Failure | None] | None = None
        self._began = self._counted = 0.0
        self._loss: asyncio.Task[bool] | None = None
        self._once = Learnt(network.line)
        self._clock_set_by = 0.0
        self.ticker = Ticker(network.line, self._tick)
        network.judge = self.judge

    def close(self) -> None:
        """Close all sockets."""
        self.ticker.close()
        self._once.close()
        self._client.close()

    async def denial(self) -> Failure | None:
        """``resolver_misbehaving`` where the resolver is not believed (belief.py).

        What such a resolver says of a name is no word of the DNS, so it is not taken for an answer.
        """
        return (await self._network.belief()).failure

    async def interception(self, exchanges: Sequence[Exchange], probe: Network) -> Failure | None:
        """``port_blocked`` where somebody else answers in the place of name servers asked by name.

        What came then is no word of theirs; the resolver's own answers are judged by ``denial``.
        """
        if not any(one.media_type == _DNS and one.received for one in exchanges):
            return None
        asked = {one.v6 for one in probe.attempts if (one.protocol, one.port) == ("udp", DNS_PORT)}
        for v6 in sorted(asked):
            if await self._network.intercepted(v6=v6):
                return Failure("port_blocked", "control", _INTERCEPTED)
        return None

    async def verdict(self) -> Failure | None:
        """``no_network``, ``resolver_unreachable``, or None when both are well, as of now."""
        loop = asyncio.get_running_loop()
        if self._task is None or (self._task.done() and loop.time() - self._began > _FRESH):
            self._began = loop.time()
            self._task = asyncio.ensure_future(self._ask())
        return await asyncio.shield(self._task)

    async def judge(
        self, failure: Failure, exchanges: Sequence[Exchange], probe: Network, since: float
    ) -> Failure:
        """Whose a silence is: the failure itself, or one of ours.

        ``clock_wrong`` asks whether our clock is: then it is the answer, else a failure of theirs.

        ``probe``: the network as the probe had it; ``since``: when it began, by the loop's clock.
        """
        judged = await self._whose(failure, exchanges, probe, since)
        if judged.outcome is not Outcome.NO_ANSWER:  # this network may be another by now
            self._network.once.doubt(since)
        return judged

    async def _whose(
        self, failure: Failure, exchanges: Sequence[Exchange], probe: Network, since: float
    ) -> Failure:
        if failure.name in _BY_CLOCK:
            wrong = await self._clock(probe)
            if wrong or failure.name == "clock_wrong":
                return wrong or _STANDS
        silent = failure.name in _SILENT
        if silent and await self._network.line.was_away(since):
            return _AWAY
        now = await self.verdict()
        by_resolver = not probe.attempts
        if now and (now.name == "no_network" or by_resolver):
            return now
        if found := self._seen_here(exchanges, probe, silent=silent):
            return found
        for name, port, families in _services(failure, exchanges, probe):
            every = await asyncio.gather(*(self._service(name, port, v6, since) for v6 in families))
            closed = [one for one in every if one not in (None, _NOBODY)]
            if closed and None not in every:
                return closed[0]
        return _AWAY if silent and await self._loses() else failure

    def _seen_here(
        self, exchanges: Sequence[Exchange], probe: Network, *, silent: bool
    ) -> Failure | None:
        """A fault of ours that shows without a packet."""
        if self._lacks_tcp(exchanges):
            return _NO_TCP
        if silent and self._leads_elsewhere(probe):
            return Failure("way_unproven", "control")
        return None

    def _lacks_tcp(self, exchanges: Sequence[Exchange]) -> bool:
        """Whether our resolver had an answer too long for UDP, and TCP did not bring it."""
        own = {server.name for server in self._network.resolvers}
        over_tcp = (one for one in exchanges if (one.media_type, one.protocol) == (_DNS, "tcp"))
        return any(one.server in own and one.received is None for one in over_tcp)

    def _leads_elsewhere(self, probe: Network) -> bool:
        """Whether a probe's packets left by a way that none to a control takes: a dead tunnel's."""
        if not self._network.ways.far:
            return False
        every = [way_out(one.address) for one in self._network.controls]
        proven = [way for way in every if way is not None]
        tried = [way_out(one.address) for one in probe.attempts]
        return bool(proven) and any(
            way is not None
            and not any(way[0] == one[0] and way[1] in (b"", one[1]) for one in proven)
            for way in tried
        )

    async def _clock(self, probe: Network) -> Failure | None:
        """``clock_wrong`` where ours is, or was set meanwhile; asked once, and after it was set."""
        ahead = set_by()
        if wrong := set_meanwhile(ahead - probe.clock_set_by):
            return wrong
        if abs(ahead - self._clock_set_by) > TOLERATED:
            self._clock_set_by = ahead
            self._once.forget("clock")
        hosts = self._network.settings.controls.https
        asked = self._once.learn("clock", lambda: wrong_clock(self._network, hosts))
        wrong = await asyncio.shield(asked)
        return wrong if isinstance(wrong, Failure) else None

    async def _loses(self) -> bool:
        """Whether our line loses packets by now: a handful to controls, each sent once."""
        loop = asyncio.get_running_loop()
        if self._loss is None or (self._loss.done() and loop.time() - self._counted > _FRESH):
            self._counted = loop.time()
            self._loss = asyncio.ensure_future(self._count_lost())
        return await asyncio.shield(self._loss)

    async def _count_lost(self) -> bool:
        """Whether any of the servers that do answer leaves a packet of the handful unanswered."""
        await self._network.belief()
        root = self._network.root_heard()
        v6 = root is not None and ":" in root.address
        servers = [one for one in self._network.controls if (":" in one.address) == v6]
        servers = servers[:_SERVERS] if root else self._network.resolvers[:1]
        asked: list[list[asyncio.Future[bool]]] = [[] for _ in servers]
        for _ in range(_PACKETS // max(len(servers), 1)):
            for server, own in zip(servers, asked, strict=True):
                wire = query(b"\0", dns.rdatatype.SOA, rd=server.exempt)
                own.append(asyncio.ensure_future(self._client.hears(server, wire, _LATEST)))
                await asyncio.sleep(_APART)
        heard = [await asyncio.gather(*own) for own in asked]
        return any(any(own) and not all(own) for own in heard)

    async def _ask(self) -> Failure | None:
        resolvers = [self._resolves(server) for server in self._network.resolvers]
        others = [self._answers(server, _HEAD_START) for server in self._network.controls]
        first = asyncio.ensure_future(_any(resolvers))
        second = asyncio.ensure_future(_any(others))
        await asyncio.wait({first, second}, return_when=asyncio.FIRST_COMPLETED)
        if first.done() and first.result():
            second.cancel()
            return None
        if await second:
            if await first:
                return None
            detail = "name servers answer directly, but this machine's own resolver does not"
            return Failure("resolver_unreachable", "control", detail)
        if await first:
            return None
        return Failure("no_network", "control", "neither the resolver nor any control answers")

    async def _answers(self, server: Server, wait: float = 0, patience: float = PATIENCE) -> bool:
        """Whether a control answers us directly."""
        await asyncio.sleep(wait)
        question = query(nobody(), dns.rdatatype.NS, rd=False)
        reply = await self._client.ask(server, question, patience - wait)
        return reply.received is not None and reply.received[3] & 0x0F != dns.rcode.SERVFAIL

    async def _resolves(self, server: Server, patience: float = PATIENCE) -> bool:
        """Whether a resolver finds out what it cannot have at hand."""
        question = query(nobody(_OUTSIDE), dns.rdatatype.A, rd=True)
        reply = await self._client.ask(server, question, patience)
        return reply.received is not None and reply.received[3] & 0x0F != dns.rcode.SERVFAIL

    async def _tick(self) -> bool | None:
        """One packet to a control, or through the resolver; None where nobody can be asked."""
        network = self._network
        root = network.root_heard()
        if root is None and not network.learning().done():
            return None  # it is not known yet who would answer
        if root is not None:
            wire = query(b"\0", dns.rdatatype.SOA, rd=False)
            return await self._client.hears(root, wire, _LATEST)
        return await self._resolves(network.resolvers[0], _LATEST) if network.resolvers else None

    async def _service(
        self,
        name: str,
        port: int,
        v6: bool,  # noqa: FBT001
        after: float = 0.0,
    ) -> Failure | None:
        """Why no control of a service answers over one address family; asked after ``after``.

        None where one does; ``_NOBODY`` where there is none that could be asked.
        """

        def asked() -> Coroutine[Any, Any, Failure | None]:
            ask = {"dns": self._dns, "dns-tcp": self._dns_over_tcp}.get(name)
            return ask(v6) if ask else self._connect(name, port, v6)

        asking = self._once.learn(f"{name} {port} {v6}", asked, after=after)
        closed: Failure | None = await asyncio.shield(asking)
        return closed

    async def _dns(self, v6: bool) -> Failure | None:  # noqa: FBT001
        if await self._network.intercepted(v6=v6):
            return Failure("port_blocked", "control", _INTERCEPTED)
        if await self._network.reaches(v6=v6):
            return None
        servers = [one for one in self._network.controls if (":" in one.address) == v6]
        return _closed("dns", v6, [server.address for server in servers])

    async def _dns_over_tcp(self, v6: bool) -> Failure | None:  # noqa: FBT001
        """A long answer comes over TCP (RFC 7766), which many networks let out less readily.

        Where no control's answer is long, certificates tell whether long packets come.
        """
        if closed := await self._root_over_tcp(v6):
            return closed
        if await brings_long(self._network, v6=v6):
            return None
        return _closed(HTTPS.name, v6, self._network.settings.controls.https)

    async def _root_over_tcp(self, v6: bool) -> Failure | None:  # noqa: FBT001
        servers = [one for one in self._network.controls if (":" in one.address) == v6]
        wire = query(b"\0", dns.rdatatype.SOA, rd=False)
        asked = [self._client.ask_tcp(server, wire, PATIENCE) for server in servers]
        if any(reply.received is not None for reply in await asyncio.gather(*asked)):
            return None
        return _closed("dns-tcp", v6, [server.address for server in servers])

    async def _connect(self, name: str, port: int, v6: bool) -> Failure | None:  # noqa: FBT001
        hosts = getattr(self._network.settings.controls, _HOSTS.get(name, name))
        said = await asyncio.gather(
            *(greets(self._network, name, host, port, v6) for host in hosts)
        )
        asked = [(host, one) for host, one in zip(hosts, said, strict=True) if one != "no address"]
        if not asked:
            return (v6 and (await self._dns(v6) or await self._root_over_tcp(v6))) or _NOBODY
        if any(not one for _, one in asked):
            return None
        if any(one == SHORT for _, one in asked):  # whether long packets come is another's to say
            return await self._service(HTTPS.name, HTTPS.port, v6)
        return _closed(name, v6, [host for host, _ in asked], {one for _, one in asked})


def _closed(name: str, v6: bool, hosts: Iterable[str], said: Iterable[str] = ()) -> Failure:  # noqa: FBT001
    if "ssl_failed_handshake" in said:
        detail = (
            f"the certificate of {', '.join(hosts)} does not hold either: somebody else answers, "
            "or this machine's clock is wrong"
        )
    else:
        family = "IPv6" if v6 else "IPv4"
        detail = f"no control answers by {name} over {family} either: {', '.join(hosts)}"
    return Failure("port_blocked", "control", detail)


def _services(
    failure: Failure, exchanges: Sequence[Exchange], probe: Network
) -> Iterable[tuple[str, int, tuple[bool, ...]]]:
    """By which services a probe was left without an answer: name, port, over which families.

    A certificate that does not hold is such a failure too, and so are words that nobody here can
    read: somebody in between may have said them. Whoever hangs up without a word has not failed.
    """
    failed = [one for one in exchanges if one.failure and one.failure.outcome is Outcome.NO_ANSWER]
    failed += [one for one in exchanges if not one.failure and not one.received]
    doubtful = exchanges if failure.name in _BY_ANOTHER else failed
    protocols = {one.protocol for one in doubtful if one.protocol in _OF_PROTOCOL}
    for name, port in sorted({_OF_PROTOCOL[one] for one in protocols}):
        tried = probe.attempts | probe.attempts_for_all
        families = {one.v6 for one in tried if (one.protocol, one.port) == ("tcp", port)}
        if families:  # other ports have no control
            yield name, port, tuple(sorted(families))
    silent = [one for one in failed if one.media_type == _DNS and one.received is None]
    families = {one.v6 for one in probe.attempts if one.protocol == "udp"}
    if families and any(one.protocol == "tcp" and one.server != "resolver" for one in silent):
        yield "dns-tcp", DNS_PORT, tuple(sorted(families))
    if any(one.protocol == "trace" and one.v6 for one in probe.attempts):
        yield "dns", 53, (True,)
    elif families and any(one.server != "resolver" for one in silent):
        yield "dns", 53, tuple(sorted(families))


async def _any(questions: list[Coroutine[Any, Any, bool]]) -> bool:
    """Whether any answers; the others are dropped as soon as one does."""
    tasks = [asyncio.ensure_future(question) for question in questions]
    try:
        for done in asyncio.as_completed(tasks):
            if await done:
                return True
        return False
    finally:
        for task in tasks:
            task.cancel()
