"""Kind ``ping``: whether a host answers, how fast, and how far away it can be at most.

Echo requests (RFC 792, RFC 4443), or TCP handshakes with one port. The shortest round trip bounds
the distance: nothing comes back faster than light in fibre. It never says where a host is.
"""

import platform
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from sotokara.core.observation import Exchange, Observation, Reading, milliseconds
from sotokara.core.said import said
from sotokara.kinds.interface import Kind, OptionError, Sample
from sotokara.kinds.ping.facts import PingFacts
from sotokara.kinds.ping.parse import CONTROL, PING, any_host_replied, encode, read_echoes
from sotokara.kinds.ping.reported import in_own_form, platform_asks
from sotokara.kinds.shared.addresses import chosen, target_addresses
from sotokara.kinds.shared.host import PORTS, host_name, wrong_host
from sotokara.kinds.shared.platforms.reports import parse_or_convert
from sotokara.kinds.shared.translator import translated
from sotokara.network.network import Network
from sotokara.network.ping import PingRequest, ping

_SERVICES = {43: "whois", 443: "https"}
"""Ports on which a control can be asked, by the protocol that it is asked by."""
_CONTROLS = 3


class Ping(Kind, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One host, asked a number of times."""

    name: ClassVar[str] = "ping"
    version: ClassVar[int] = 1
    facts: ClassVar[type[PingFacts]] = PingFacts
    styles: ClassVar[tuple[str, ...]] = ("ping", "table")
    id_prefix: ClassVar[str] = "ping"
    lines_recur: ClassVar[bool] = False
    series: ClassVar[bool] = True
    timeout_factor: ClassVar[float] = 3.0
    gist: ClassVar[tuple[str, ...]] = ("within_km",)
    each_time: ClassVar[frozenset[str]] = frozenset(
        ["sent", "received", "best", "within_km", "excluded"]
    )
    software: ClassVar[str] = f"{platform.system()}'s sockets"
    help: ClassVar[dict[str, str]] = {
        "target": "The name or address that is asked.",
        "protocol": "`icmp`, or `{tcp: PORT}`: a handshake with that port.",
        "count": "How often it is asked.",
        "every": "Seconds between two questions.",
        "wait": "Seconds that an answer may take.",
        "family": "4 or 6, the IP version; by default 4 where the target has such an address.",
    }

    protocol: str | dict[str, int] = "icmp"
    count: Annotated[int, msgspec.Meta(ge=1, le=100)] = 10
    every: Annotated[float, msgspec.Meta(ge=0.1, le=10)] = 0.2
    wait: Annotated[float, msgspec.Meta(gt=0, le=10)] = 2.0
    family: Literal[4, 6] | None = None

    def option_errors(self) -> Iterator[OptionError]:
        """No such protocol or port, a target that is no host."""
        ports = list(self.protocol.items()) if isinstance(self.protocol, dict) else []
        known = self.protocol == "icmp" or [name for name, _ in ports] == ["tcp"]
        if not known:
            what = said("{!r} is no protocol to ping with", self.protocol)
            yield OptionError("protocol", what, said("`icmp`, `{tcp: 443}`"))
        yield from (
            OptionError("protocol", said("{} is no port", port), said("a number from 1 to 65535"))
            for _, port in ports
            if port not in PORTS
        )
        yield from wrong_host(self.target, self.family)

    def normal(self) -> "Ping":
        """The target in its one spelling."""
        return msgspec.structs.replace(self, target=host_name(self.target))

    async def measure(self, net: Network) -> list[Exchange]:
        """Find the address and ask it; where it stays silent, ask whether ICMP gets out at all."""
        exchanges = await target_addresses(net, self.target, self.family)
        address = chosen(exchanges, self.target, self.family)
        if address is None:
            return exchanges
        port = self.protocol["tcp"] if isinstance(self.protocol, dict) else 0
        request = PingRequest(
            address, "tcp" if port else "icmp", port, self.count, self.every, self.wait
        )
        exchanges.append(await _asked(net, request, PING))
        if not port and not any_host_replied(exchanges[-1]):
            exchanges += await _controls(net, request)
        return exchanges

    def asked_of(self, platform: str, several: bool = False) -> dict[str, dict[str, Any]]:  # noqa: ARG002, FBT001, FBT002
        """As many echo requests; how often and how long is the platform's own affair."""
        plain = Ping(target=self.target)
        if self.protocol != "icmp" or (self.every, self.wait) != (plain.every, plain.wait):
            return {}
        return platform_asks(platform, self.target, self.count, self.family)

    def in_own_form(self, exchanges: Sequence[Exchange]) -> Sequence[Exchange]:
        """A platform's echoes, of all its probes at a place together."""
        return in_own_form(exchanges)

    def parse(self, exchanges: Sequence[Exchange]) -> Reading:
        """Facts from the answers; see parse.py."""
        return parse_or_convert(self, exchanges, lambda own: read_echoes(own, self.family))

    @classmethod
    def mask_listing(cls, text: str, options: Any) -> str:  # noqa: ANN401, ARG003
        """The text without the address that was asked from."""
        from sotokara.kinds.ping.readers import without_asker

        return without_asker(text)

    @classmethod
    def sample(cls, facts: Any) -> Sample | None:  # noqa: ANN401
        """The shortest round trip, and what was lost."""
        if not facts.sent:
            return None
        return Sample(facts.best, (facts.sent - facts.received) / facts.sent)

    def commands(self, facts: Any = None) -> list[list[str]]:  # noqa: ANN401, ARG002
        """``ping``, as often; for a port, ``nc``."""
        family = [f"-{self.family}"] if self.family else []
        if isinstance(self.protocol, dict):
            return [["nc", *family, "-vz", self.target, str(self.protocol["tcp"])]]
        return [["ping", *family, "-c", str(self.count), self.target]]

    @classmethod
    def headline_of(cls, facts: Any, words: dict[str, str]) -> str:  # noqa: ANN401
        """How often it answered; a closed port refuses, which is an answer of the host."""
        key = "head_ping_closed" if facts.state == "closed" else "head_ping"
        return words[key].format(sent=facts.sent, received=facts.received)

    @classmethod
    def remarks(cls, facts: Any, observation: Observation, words: dict[str, str]) -> list[str]:  # noqa: ANN401
        """What a loss does not tell, and what the distance rests on."""
        remarks = [words["ping_loss"]] if facts.received < facts.sent else []
        remarks += translated([facts.address], words)
        return [*remarks, words["ping_bound"], *super().remarks(facts, observation, words)]


async def _asked(net: Network, request: PingRequest, step: str) -> Exchange:
    at = milliseconds(net.elapsed())
    echoes = await ping(net, request)
    place = net.settings.places.get(net.settings.vantage)
    return Exchange(
        step,
        request.address,
        _SERVICES.get(request.port, request.protocol),
        received=encode(request, echoes, place.at if place is not None else None),
        at=at,
        ms=milliseconds(net.elapsed()) - at,
        media_type="text/plain",
    )


async def _controls(net: Network, request: PingRequest) -> list[Exchange]:
    """Servers that are known to answer, asked the same way, until one does."""
    found: list[Exchange] = []
    servers = [one for one in net.controls if (":" in one.address) == request.v6]
    for server in servers[:_CONTROLS]:
        asked = msgspec.structs.replace(request, address=server.address, count=2, wait=1.0)
        found.append(await _asked(net, asked, CONTROL))
        if any_host_replied(found[-1]):
            break
    return found
