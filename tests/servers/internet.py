"""Whois and RDAP servers under their own names, on loopback: a name server leads to them.

Each whois server has an address of its own in 127.0.0.0/8, RDAP servers are told apart by the
``Host`` that is asked. Ports 43, 80 and 443 are others here, of which only ``Reaching`` knows.
"""

import ssl
import struct
from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import dns.message
import dns.rdatatype
from sotokara.core.settings import Policy, Settings
from sotokara.network.network import Connection, Network
from sotokara.servers import port43, web
from sotokara.servers.nameserver import NameServer, record, reply

from tests.lab.mail_certificates import make

_A, _TXT = 1, 16
Response = web.Response


class Reaching(Network):
    """A network whose ports of registries are those of the servers here."""

    ports: Mapping[int, int] = {}
    opened: list[tuple[str, int]]

    async def open(self, address: str, port: int, step: str = "connect") -> Connection:
        self.opened.append((step, port))
        return await super().open(address, self.ports.get(port, port), step)


class Internet:
    """Names, whois servers and RDAP servers of one test."""

    def __init__(
        self,
        whois: Mapping[str, port43.Words],
        rdap: Mapping[tuple[str, str], Response],
        texts: Mapping[str, str] | None = None,
        names: Callable[[bytes], bytes | None] | None = None,
    ) -> None:
        """``rdap``: by host and path; ``texts``: TXT records; ``names``: a whole DNS reply."""
        self._whois, self._rdap, self._texts = whois, rdap, texts or {}
        self._names = names
        self._addresses = {name: f"127.0.43.{at}" for at, name in enumerate(whois, 1)}
        self._addresses |= {host: "127.0.0.1" for host, _ in rdap}
        self.asked: list[tuple[str, str]] = []
        """Every question: the server's name, the words or the path."""
        self.resolver = NameServer(self._resolve)
        self._ports: dict[int, int] = {}
        self._context: ssl.SSLContext | None = None

    async def start(self) -> None:
        """Open all ports."""
        await self.resolver.start()
        port = 0
        for name in self._whois:
            says = port43.saying(partial(self._port43, name))
            port = port43.port_of(await port43.listen(says, self._addresses[name], port))
        self._ports[43] = port or self._closed()
        for known, context in ((443, self._context), (80, None)):
            server = await web.listen(self._web, context=context)
            self._ports[known] = port43.port_of(server)

    @staticmethod
    def _closed() -> int:
        return 9  # discard, which nothing answers on loopback

    def certified(self, folder: Path) -> ssl.SSLContext:
        """Give the RDAP servers a certificate; returns what a client trusts."""
        hosts = sorted({host for host, _ in self._rdap} | {"data.iana.org"})
        make(folder, hosts[:1])
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(folder / f"{hosts[0]}.pem", folder / f"{hosts[0]}.key")
        trusted = ssl.create_default_context(cafile=str(folder / f"{hosts[0]}.pem"))
        trusted.check_hostname = False
        return trusted

    def network(self, **settings: Any) -> Reaching:
        """The network of one build that reaches these servers."""
        allow = Policy(allow=["127.0.0.0/8"])
        settings = {"timeout": 2.0, "registry_pause": 0.0, **settings}
        net = Reaching(Settings(resolvers=[self.resolver.address], policy=allow, **settings))
        net.ports, net.opened = self._ports, []
        return net

    async def _resolve(self, wire: bytes) -> AsyncIterator[bytes]:
        if self._names and (whole := self._names(wire)) is not None:
            yield whole
            return
        question = dns.message.from_wire(wire).question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        if question.rdtype == dns.rdatatype.A and name in self._addresses:
            address = bytes(map(int, self._addresses[name].split(".")))
            yield reply(wire, record(_A, address))
        elif question.rdtype == dns.rdatatype.TXT and name in self._texts:
            text = self._texts[name].encode()
            yield reply(wire, record(_TXT, struct.pack("B", len(text)) + text))
        elif name in self._addresses:
            yield reply(wire)
        else:
            yield reply(wire, flags=0x8183)

    def _port43(self, name: str, question: str) -> bytes | None:
        self.asked.append((name, question))
        return self._whois[name](question)

    def _web(self, host: str, path: str) -> Response:
        self.asked.append((host, path))
        return self._rdap.get((host, path), web.NOT_FOUND)
