"""Services whose controls are asked over TCP: what has to be heard for the way to be open."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, NamedTuple

from sotokara.core.observation import ProbeFailure
from sotokara.network.errors import failure_of
from sotokara.network.network import Network

PATIENCE = 4.0
"""Seconds for one control."""
_LONG = 1200
"""Bytes that no short packet holds. A line may lose the long ones alone and tell nobody (RFC 2923,
2.1): what is heard of a connection then is its handshake, as of a server that says nothing."""


SHORT = "wants rest"
"""A control that is left alone, since it has asked for fewer questions: so it was heard."""


class Service(NamedTuple):
    """A service's name in the setting ``control``, and its port."""

    name: str
    port: int


WHOIS, HTTPS, HTTP = Service("whois", 43), Service("https", 443), Service("http", 80)


async def greets(net: Network, name: str, host: str, port: int, v6: bool) -> str:  # noqa: FBT001
    """What kept a control from answering as itself, asked in its turn; empty where it does.

    A failure's name, ``no address`` where it has none of the family, or ``SHORT``.
    """
    if not v6 and net.registries.spoke(host, name):  # by IPv4, which is asked first
        return "" if name == HTTPS.name else SHORT  # a certificate that holds is long
    probe = net.for_probe()
    try:
        async with net.registries.turn(probe, host, lambda: None), asyncio.timeout(PATIENCE):
            every = await probe.addresses(host)
            address = next((one for one in every if (":" in one) == v6), None)
            if address is None:
                return "no address"
            return await _answers(probe, name, host, address, port)
    except ProbeFailure as failed:
        return failed.failure.name
    except (OSError, EOFError) as error:
        return failure_of(error, "control").name


async def brings_long(net: Network, *, v6: bool) -> bool:
    """Whether long packets come over an address family: certificates are.

    Also where no control has an address of the family, or wrongly another shows a certificate.
    """
    hosts = net.settings.controls.https
    every = (greets(net, HTTPS.name, host, HTTPS.port, v6) for host in hosts)
    said: list[str] = await asyncio.shield(net.once.learn(f"long {v6}", lambda: _gathered(every)))
    return not said or any(one not in ("generic_timeout_error", "eof_error") for one in said)


async def _gathered(every: Iterable[Coroutine[Any, Any, str]]) -> list[str]:
    return await asyncio.gather(*every)


async def _answers(probe: Network, name: str, host: str, address: str, port: int) -> str:
    connection = await probe.open(address, port, "control")
    reader, writer = await asyncio.open_connection(sock=connection)
    try:
        if name == HTTPS.name:  # a portal may well answer, but not with this certificate
            await writer.start_tls(probe.ways.trusted(), server_hostname=host)
            return ""
        if name == HTTP.name:
            writer.write(f"HEAD / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            return "" if (await reader.read(5)).startswith(b"HTTP/") else "eof_error"
        writer.write(f"{'.'.join(host.split('.')[-2:])}\r\n".encode("ascii", "replace"))
        heard = 0
        while heard < _LONG and (more := await reader.read(_LONG)):
            heard += len(more)
        return "" if heard >= _LONG else "eof_error"
    finally:
        writer.close()
