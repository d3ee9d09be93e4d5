"""Whois servers under their own names, on loopback: a name server leads to them.

Each has an address of its own in 127.0.0.0/8. Port 43 is another one here, of which only the
network of ``Port43.network`` knows.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial

import dns.message
import dns.rdatatype
from sotokara.core.settings import Policy, Settings
from sotokara.network.network import Connection, Network
from sotokara.servers.nameserver import NameServer, record, reply
from sotokara.servers.port43 import listen, port_of, saying

_A = 1


class Reaching(Network):
    """A network whose port 43 is that of the servers here."""

    port43 = 0

    async def open(self, address: str, port: int, step: str = "connect") -> Connection:
        return await super().open(address, self.port43 if port == 43 else port, step)


class Port43:
    """Whois servers by name; each is a function from the question to the answer's bytes."""

    def __init__(self, servers: Mapping[str, Callable[[str], bytes]]) -> None:
        self._servers = servers
        self._addresses = {name: f"127.0.43.{at}" for at, name in enumerate(servers, 1)}
        self._resolver = NameServer(self._resolve)
        self._port = 0
        self.asked: list[tuple[str, str]] = []
        """Every question: the server's name and the words."""

    async def start(self) -> None:
        """Open all ports."""
        await self._resolver.start()
        for name, address in self._addresses.items():
            says = saying(partial(self._answer, name))
            self._port = port_of(await listen(says, address, self._port))

    def network(self) -> Reaching:
        """The network of one build that reaches these servers."""
        settings = Settings(
            resolvers=[self._resolver.address],
            policy=Policy(allow=["127.0.0.0/8"]),
            timeout=2.0,
            registry_pause=0.0,
        )
        net = Reaching(settings)
        net.port43 = self._port
        return net

    async def _resolve(self, wire: bytes) -> AsyncIterator[bytes]:
        question = dns.message.from_wire(wire).question[0]
        address = self._addresses.get(question.name.to_text(omit_final_dot=True).lower())
        if address is None:
            yield reply(wire, flags=0x8183)
        elif question.rdtype == dns.rdatatype.A:
            yield reply(wire, record(_A, bytes(map(int, address.split(".")))))
        else:
            yield reply(wire)

    def _answer(self, name: str, question: str) -> bytes:
        self.asked.append((name, question))
        return self._servers[name](question)


def always(said: bytes) -> Callable[[str], bytes]:
    """A server that always says the same."""
    return lambda _: said
