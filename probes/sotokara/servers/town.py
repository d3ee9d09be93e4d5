"""A town: the names, registries and mail servers of companies that do not exist, on loopback.

What it says stands in ``town.yml`` beside this file, with what changes there and when. Its hosts
have documentation addresses (RFC 5737); ``ports`` says which port on 127.0.0.1 stands for which.
"""

import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, Protocol

import yaml

from sotokara.servers import port43, web
from sotokara.servers.certificates import CertificateAuthority
from sotokara.servers.mailserver import BANNER, MailServer, Manner
from sotokara.servers.nameserver import NameServer
from sotokara.servers.zone import Zone

FILE = Path(__file__).with_name("town.yml")
_DNS, _WHOIS, _SMTP, _HTTPS = 53, 43, 25, 443
Clock = Callable[[], datetime]


class _Closes(Protocol):
    def close(self) -> None: ...


def _now() -> datetime:
    return datetime.now(UTC)


class Town:
    """The servers of one town; they live in the loop that starts them, until ``close``.

    ``settings``: those of somebody who measures there. ``ports``: filled in by ``start``.
    """

    def __init__(self, text: str | None = None, clock: Clock = _now) -> None:
        plan: dict[str, Any] = yaml.safe_load(text or FILE.read_text("utf-8"))
        self.settings: dict[str, Any] = plan["settings"]
        self.ports: dict[tuple[str, int], int] = {}
        self._plan, self._clock = plan, clock
        later = plan.get("later", [])
        self._zone = Zone(plan["records"], [(_span(one), one.get("records", "")) for one in later])
        self._mail = [(_span(one), one.get("mail", {})) for one in later]
        self._authority = CertificateAuthority("A town on loopback")
        self._open: list[_Closes] = []

    async def start(self) -> None:
        """Open every port."""
        for address, flags in self._plan["dns"].items():
            await self._names(address, self._answer(flags))
        for address in self._plan.get("silent", []):
            await self._names(address, _silence)
        for host, entries in self._plan["whois"].items():
            says = port43.saying(partial(about, entries))
            self._keep(host, _WHOIS, await port43.listen(says))
        hosts = list(self._plan["web"])
        context = self._authority.server(hosts)
        server = await web.listen(self._page, context=context)
        for host in hosts:
            self._keep(host, _HTTPS, server)
        for host in self._plan["mail"]:
            mail = MailServer(_Manners(partial(self._manner, host)))
            await mail.start()
            self._open.append(mail)
            self.ports[self._zone.address(host), _SMTP] = mail.port

    def close(self) -> None:
        """Close every port."""
        for one in self._open:
            one.close()
        self._open.clear()
        self.ports.clear()

    def trusted(self) -> ssl.SSLContext:
        """What a client of this town trusts."""
        return self._authority.client()

    async def _names(self, address: str, udp: Callable[[bytes], AsyncIterator[bytes]]) -> None:
        server = NameServer(udp)
        await server.start()
        self._open.append(server)
        self.ports[address, _DNS] = server.port

    def _keep(self, host: str, port: int, server: Any) -> None:  # noqa: ANN401  # asyncio's
        self._open.append(server)
        self.ports[self._zone.address(host), port] = port43.port_of(server)

    def _answer(self, role: str) -> Callable[[bytes], AsyncIterator[bytes]]:
        async def answer(wire: bytes) -> AsyncIterator[bytes]:
            yield self._zone.reply(wire, self._clock(), authority=role == "authority")

        return answer

    def _page(self, host: str, path: str) -> web.Response:
        site = self._plan["web"].get(host, {})
        body = site.get("files", {}).get(path)
        if body is None:
            what = path.rstrip("/").rpartition("/")[2]
            key = f"AS{what}" if "/autnum/" in path else what
            body = about(site.get("objects", {}), key)
        return web.NOT_FOUND if body is None else web.Response(200, body)

    def _manner(self, host: str) -> Manner:
        """How a mail server behaves at this moment."""
        now, said = self._clock(), dict(self._plan["mail"][host])
        for span, changed in self._mail:
            if span(now):
                said |= changed.get(host, {})
        cuts = frozenset({BANNER} if said.pop("hangs_up", False) else ())
        replies = {verb: _lines(reply) for verb, reply in said.items()}
        return Manner(replies=replies, cuts=cuts)


class _Manners(Mapping[str, Manner]):
    """The manner of a server on 127.0.0.1, looked up anew for each connection."""

    def __init__(self, manner: Callable[[], Manner]) -> None:
        self._manner = manner

    def __getitem__(self, _: str) -> Manner:
        return self._manner()

    def __iter__(self) -> Any:  # noqa: ANN401
        return iter(["127.0.0.1"])

    def __len__(self) -> int:
        return 1


def _span(one: Mapping[str, datetime]) -> Callable[[datetime], bool]:
    """Whether a moment lies within a change: from ``at``, to ``until`` where it ends."""
    begins, ends = one["at"], one.get("until")
    return lambda moment: begins <= moment and (ends is None or moment < ends)


def _lines(reply: str) -> bytes:
    return "".join(f"{line}\r\n" for line in reply.splitlines()).encode("ascii")


async def _silence(_: bytes) -> AsyncIterator[bytes]:
    silence: tuple[bytes, ...] = ()
    for nothing in silence:
        yield nothing


# Finding the entry of a directory that a question is about: a name, a network, an AS number.


def about(entries: Mapping[str, Any], question: str) -> Any:  # noqa: ANN401  # text or JSON
    """The most specific entry; text as bytes. None where there is none.

    Flags before the question's last word and ``/e`` behind it are left aside.
    """
    word = (question.split() or [""])[-1].removesuffix("/e").rstrip(".")
    try:
        address = ip_address(word.partition("/")[0])
    except ValueError:
        found = _named(entries, word)
    else:
        holding = [key for key in entries if _holds(key, address)]
        best = max(holding, key=lambda key: ip_network(key).prefixlen, default=None)
        found = None if best is None else entries[best]
    found = entries.get("nothing") if found is None else found
    return found.encode() if isinstance(found, str) else found


def _holds(key: str, address: Any) -> bool:  # noqa: ANN401  # either family's
    try:
        return bool(address in ip_network(key))
    except ValueError:
        return False


def _named(entries: Mapping[str, Any], word: str) -> Any:  # noqa: ANN401
    """The entry of a name or of the nearest one above it; an AS number has its own."""
    lower = {key.lower(): key for key in entries}
    rest = word.lower()
    while rest:
        if rest in lower:
            return entries[lower[rest]]
        rest = rest.partition(".")[2]
    return None
