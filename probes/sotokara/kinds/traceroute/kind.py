"""Kind ``traceroute``: the routers on the way to a target (RFC 792, 4443; RFC 1393's problem).

Probes of all TTLs are in flight at once, ``count`` series of them, each series one flow. Hops are
named by PTR, confirmed by the name's own addresses, and told their origin AS.
"""

import platform
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from sotokara.core.observation import Exchange, Facts, Failure, Observation, Reading, milliseconds
from sotokara.core.own_network import Masks
from sotokara.core.said import said
from sotokara.kinds.interface import Kind, OptionError
from sotokara.kinds.shared.addresses import chosen, target_addresses
from sotokara.kinds.shared.host import PORTS, host_name, wrong_host
from sotokara.kinds.shared.platforms.reports import is_reported, parse_or_convert
from sotokara.kinds.shared.translator import translated
from sotokara.kinds.traceroute.facts import PathFacts, agree, silence
from sotokara.kinds.traceroute.masking import mask_own_hops, seen_hops
from sotokara.kinds.traceroute.names import HopNames
from sotokara.kinds.traceroute.parse import PATH, TEXT_PATH, addresses_in, read_trace, trace_of
from sotokara.kinds.traceroute.registered import registered
from sotokara.kinds.traceroute.reported import TraceOptions, farthest, in_own_form, platform_asks
from sotokara.network.network import Network
from sotokara.network.trace import TraceRequest, encode_trace
from sotokara.network.traceroute import trace

_UDP_PORT, _TCP_PORT = 33434, 443


class Traceroute(Kind, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The way to one name or address."""

    name: ClassVar[str] = "traceroute"
    version: ClassVar[int] = 2
    facts: ClassVar[type[PathFacts]] = PathFacts
    styles: ClassVar[tuple[str, ...]] = ("tracert", "traceroute", "mtr", "picture")
    id_prefix: ClassVar[str] = "path"
    lines_recur: ClassVar[bool] = False
    software: ClassVar[str] = f"{platform.system()}'s sockets"
    help: ClassVar[dict[str, str]] = {
        "target": "The name or address that is traced to.",
        "protocol": "`udp`, `icmp`, or `{tcp: PORT}`; UDP may name its port too: `{udp: PORT}`.",
        "count": "Probes per hop; each is of a flow of its own, so balanced paths show.",
        "max_hops": "The farthest hop that is asked.",
        "wait": "Seconds that a hop may take; shorter where hops behind it have answered.",
        "family": "4 or 6, the IP version; by default 4 where the target has such an address.",
        "address": "The address that was traced to.",
        "hops": "The hops, each with `number`, `addresses`, and `masked` where it is hidden.",
        "end": "How the path ends: `end.how`, `end.hop`, `end.address`, `end.why`, `end.loop`.",
    }

    protocol: str | dict[str, int] = "udp"
    count: Annotated[int, msgspec.Meta(ge=1, le=10)] = 3
    max_hops: Annotated[int, msgspec.Meta(ge=1, le=64)] = 30
    wait: Annotated[float, msgspec.Meta(gt=0, le=10)] = 2.0
    family: Literal[4, 6] | None = None

    def option_errors(self) -> Iterator[OptionError]:
        """No such protocol or port, a target that is no name, an address of another family."""
        hint = said("`udp`, `icmp`, `{tcp: 443}`")
        if isinstance(self.protocol, str) and self.protocol not in ("udp", "icmp", "tcp"):
            yield OptionError(
                "protocol", said("{!r} is no protocol to trace with", self.protocol), hint
            )
        elif isinstance(self.protocol, dict):
            name = next(iter(self.protocol), "")
            if len(self.protocol) != 1 or name not in ("udp", "tcp"):
                yield OptionError(
                    "protocol", said("{!r} is no protocol to trace with", self.protocol), hint
                )
            elif self.protocol[name] not in PORTS:
                what = said("{} is no port", self.protocol[name])
                yield OptionError("protocol", what, said("a number from 1 to 65535"))
        yield from wrong_host(self.target, self.family)

    def normal(self) -> "Traceroute":
        """Addresses and names in their one spelling; default ports left out."""
        name, port = self._protocol()
        plain = (name, port) in (("udp", _UDP_PORT), ("icmp", 0))
        protocol: str | dict[str, int] = name if plain else {name: port}
        return msgspec.structs.replace(self, target=host_name(self.target), protocol=protocol)

    def _protocol(self) -> tuple[Literal["udp", "icmp", "tcp"], int]:
        if isinstance(self.protocol, dict):
            ((name, port),) = self.protocol.items()
            return ("tcp" if name == "tcp" else "udp"), port
        if self.protocol == "icmp":
            return "icmp", 0
        return ("tcp", _TCP_PORT) if self.protocol == "tcp" else ("udp", _UDP_PORT)

    async def measure(self, net: Network) -> list[Exchange]:
        """Find the address, trace to it, and ask for names and origins as hops answer."""
        exchanges = await target_addresses(net, self.target, self.family)
        address = chosen(exchanges, self.target, self.family)
        if address is None:
            return exchanges
        protocol, port = self._protocol()
        request = TraceRequest(address, protocol, port, self.count, self.max_hops, self.wait)
        names = HopNames(net)
        at = milliseconds(net.elapsed())
        try:
            found = await trace(net, request, names.seen)
            text = found if isinstance(found, bytes) else encode_trace(found)
            exchanges.append(
                Exchange(
                    TEXT_PATH if isinstance(found, bytes) else PATH,
                    address,
                    protocol,
                    received=text,
                    at=at,
                    ms=milliseconds(net.elapsed()) - at,
                    media_type="text/plain",
                )
            )
            exchanges += await names.all(addresses_in(text))
            path = trace_of(exchanges)
            hops = seen_hops(exchanges, path) if path else []
            return exchanges + await registered(net, hops, address)
        finally:
            names.stop()

    def hide(self, exchanges: Sequence[Exchange], masks: Masks) -> list[Exchange]:
        """Take the author's own hops out, with their names and origins."""
        return mask_own_hops(exchanges, masks, self.target)

    @classmethod
    def failure_in(cls, facts: Facts | None) -> Failure | None:
        """A silence behind the last hop that answered, a refusal by the author's own router."""
        return silence(facts) if isinstance(facts, PathFacts) else None

    @classmethod
    def same(cls, before: Facts, after: Facts) -> bool:
        """Another router, target or end is a change; a router that is silent this time is none."""
        if isinstance(before, PathFacts) and isinstance(after, PathFacts):
            return agree(before, after)
        return before == after

    def asked_of(self, platform: str, several: bool = False) -> dict[str, dict[str, Any]]:  # noqa: FBT001, FBT002
        """One trace of one probe: several probes' ways are no one path."""
        plain, (protocol, port) = Traceroute(target=self.target), self._protocol()
        options = [(one.count, one.max_hops, one.wait) for one in (self, plain)]
        wanted = TraceOptions(
            self.target, protocol, port, *options[0], self.family, len(set(options)) == 1
        )
        return {} if several else platform_asks(platform, wanted)

    def in_own_form(self, exchanges: Sequence[Exchange]) -> Sequence[Exchange]:
        """A platform's path in rows of our own."""
        return in_own_form(exchanges)

    def parse(self, exchanges: Sequence[Exchange]) -> Reading:
        """Facts from the trace (see parse.py)."""
        reported = any(map(is_reported, exchanges))

        def traced(own: Sequence[Exchange]) -> Reading:
            last = farthest(own) if reported else self.max_hops
            return read_trace(own, last, self.family)

        return parse_or_convert(self, exchanges, traced)

    def commands(self, facts: Any = None) -> list[list[str]]:  # noqa: ANN401, ARG002
        """``traceroute``, by the same protocol and port, as far and as often."""
        protocol, port = self._protocol()
        flags = {"icmp": ["-I"], "tcp": ["-T", "-p", str(port)], "udp": []}[protocol]
        if protocol == "udp" and port != _UDP_PORT:
            flags = ["-U", "-p", str(port)]
        if self.family:
            flags = [f"-{self.family}", *flags]
        plain = Traceroute(target=self.target)
        options = (("-q", "count"), ("-m", "max_hops"), ("-w", "wait"))
        for flag, name in options:
            if getattr(self, name) != getattr(plain, name):
                flags += [flag, f"{getattr(self, name):g}"]
        return [["traceroute", *flags, self.target]]

    @classmethod
    def headline_of(cls, facts: Any, words: dict[str, str]) -> str:  # noqa: ANN401
        """How the path ends: a router on the way is no answer of the target's."""
        said = words.get(f"head_path_{facts.end.how}") or words["answered"]
        return said.format(hop=facts.end.hop)

    @classmethod
    def remarks(cls, facts: Any, observation: Observation, words: dict[str, str]) -> list[str]:  # noqa: ANN401
        """How the path ends, who asked, what is hidden (see remarks.py)."""
        return path_remarks(facts, observation, words)

    @classmethod
    def target_of_listing(cls, target: str, address: str) -> str:
        """The address, where the name is one word that only the old network knew."""
        return target if "." in target or ":" in target else address or target

    @classmethod
    def compared_of_listing(cls, field: str, old: Any, new: Any) -> tuple[int, int] | None:  # noqa: ANN401
        """The hops that answered both times and that nobody masked."""
        if field != "hops":
            return None
        before, after = ({hop.number for hop in hops if hop.addresses} for hops in (old, new))
        masked = {hop.number for hop in [*old, *new] if hop.masked}
        every = {hop.number for hop in [*old, *new]}
        both = len((before & after) - masked)
        return (both, len(every)) if both < len(every) else None

    @classmethod
    def seen_by_listing(cls, field: str, old: Any, new: Any) -> Any:  # noqa: ANN401
        """A hop that somebody masked, then or now, is no change."""
        if field != "hops":
            return new
        masked_hops = {hop.number for hop in [*old, *new] if hop.masked}
        before = {hop.number: hop for hop in old}
        after = {hop.number: hop for hop in new}
        both = [(before if n in masked_hops else after).get(n) for n in sorted({*before, *after})]
        return [hop for hop in both if hop is not None]


# What is said beside a path: how it ends, who asked, what is hidden, what was ignored.


def path_remarks(facts: PathFacts, observation: Observation, words: dict[str, str]) -> list[str]:
    """Remarks in the page's language; addresses in them are addresses, nothing else."""
    end, volatile = facts.end, observation.volatile
    remarks = []
    if end.how:
        why = words[f"unreachable_{end.why or 'other'}"]
        who = end.address or words["path_somebody"]
        loop = " → ".join(end.loop) or words["path_somebody"]
        remarks.append(words[f"path_{end.how}"].format(hop=end.hop, who=who, why=why, loop=loop))
    remarks += translated([facts.address], words)
    hidden = sum(bool(hop.masked) and hop.whose != "unknown" for hop in facts.hops)
    unknown = sum(hop.whose == "unknown" for hop in facts.hops)
    for name, count in (("path_masked", hidden), ("path_unknown", unknown)):
        if count:
            remarks.append(words[f"{name}_one" if count == 1 else name].format(count=count))
    if any(host.get("unconfirmed") for host in volatile.get("hosts", {}).values()):
        remarks.append(words["path_unconfirmed"])
    if ignored := volatile.get("ignored"):
        kinds = ", ".join(
            f"{words.get(f'ignored_{name}', name)} {count}" for name, count in ignored.items()
        )
        remarks.append(words["path_ignored"].format(kinds=kinds))
    if told := words.get(f"engine_{volatile.get('engine')}"):
        remarks.append(told.format(protocol=volatile["protocol"].upper()))
    return remarks
