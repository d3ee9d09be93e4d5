"""Registries for tests: whois (RFC 3912) over recorded answers, and servers that misbehave.

``python -m tests.servers.registry CONFIG`` with a JSON list of ``{"address", "server", "delay",
"manner", "log"}``. A server gives the recorded answer (``tests/cases/whois/SERVER``) whose
registration is the most specific one that holds the target, in the language asked for.
"""

import asyncio
import json
import re
import socket
import struct
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from sotokara.kinds.shared.registry.target import (
    RegistryTarget,
    network_held,
    networks,
    read_target,
)
from sotokara.servers.port43 import listen

CASES = Path(__file__).parent.parent / "cases" / "whois"
PORT = 43
_FLAGS = re.compile(
    r"-[A-Za-z](?: (?:inetnum|inet6num|Md\d\S*|dn,ace))?(?= )|^[na] \+|^domain |^AS "
)
_NO_MATCH = {
    "whois.arin.net": "\nNo match found for {target}.\n",
    "whois.nic.ad.jp": "No match!!\n",
    "whois.jprs.jp": "No match!!\n",
    "whois.lacnic.net": '% No match for "{target}"\n',
    "whois.verisign-grs.com": 'No match for domain "{target}".\n',
}
_ROOT = "% IANA WHOIS server\n% This query returned 0 objects.\n"
_OWN = "iana.org"
"""What a build asks IANA as a control: the registry's answer is longer than one packet."""
_OWN_ANSWER = _ROOT.replace("0 objects", "1 object") + "".join(
    f"nserver:      {letter}.servers.example 192.0.2.{number} 2001:db8::{number:x}\n"
    for number, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 1)
)
_RPSL = "%ERROR:101: no entries found\n%\n% No entries found in source.\n"


@dataclass(frozen=True)
class Case:
    """One recorded answer."""

    target: str
    lang: str
    facts: dict[str, Any] = field(hash=False)
    raw: bytes = field(repr=False)

    def size(self, target: RegistryTarget) -> int | None:
        """How wide the registration is, None where it does not hold the target."""
        if target.network is None:
            return 0 if target.text == self.target else None
        nets = networks(self.facts.get("range", "")) or networks(self.target)
        if not network_held(nets, target.network):
            return None
        return sum(net.num_addresses for net in nets)


@lru_cache
def cases(server: str) -> list[Case]:
    """The recorded answers of a server, refusals left out."""
    found = []
    for path in sorted((CASES / server).glob("*.json")):
        case = json.loads(path.read_text("utf-8"))
        if "facts" in case and "as-pasted" not in path.stem:
            raw = path.with_suffix(".raw").read_bytes()
            lang = case.get("lang", "en")
            found.append(Case(case["target"], lang, case["facts"], raw))
    return found


def answer(server: str, question: str) -> bytes:
    """What a server says to a question."""
    if "-L " in question:
        return _RPSL.encode()
    english = question.endswith("/e") or not any(case.lang == "ja" for case in cases(server))
    text = question.removesuffix("/e").strip()
    while (bare := _FLAGS.sub("", text, count=1).strip()) != text:
        number = text.startswith(("a +", "AS "))
        text = f"AS{bare}" if number else bare
    try:
        target = read_target(text)
    except ValueError:
        return b"% no such question\n"
    fits = [
        (size, case.lang != ("en" if english else "ja"), case.raw)
        for case in cases(server)
        if (size := case.size(target)) is not None
    ]
    if server == "whois.iana.org" and not fits and target.domain:
        last = target.domain.rpartition(".")[2]
        fits = [(0, False, case.raw) for case in cases(server) if case.target.endswith(f".{last}")]
    if fits:
        return min(fits)[2]
    if server == "whois.iana.org" and text == _OWN:
        return _OWN_ANSWER.encode()
    default = _ROOT if server == "whois.iana.org" else _RPSL
    return _NO_MATCH.get(server, default).format(target=text).encode()


Manner = Callable[[asyncio.StreamWriter, bytes], Awaitable[None]]


async def _silent(_: asyncio.StreamWriter, __: bytes) -> None:
    await asyncio.sleep(3600)


async def _drips(writer: asyncio.StreamWriter, _: bytes) -> None:
    for byte in b"% an answer that comes a byte a second, and never ends " * 60:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(1)


async def _floods(writer: asyncio.StreamWriter, _: bytes) -> None:
    for _round in range(800):
        writer.write(b"remarks: more and more\n" * 3000)
        await writer.drain()


async def _limits(writer: asyncio.StreamWriter, _: bytes) -> None:
    writer.write(b"% Query rate limit exceeded. Try again later.\n")


async def _lies(writer: asyncio.StreamWriter, _: bytes) -> None:
    writer.write(b"% charset: utf-8\nDomain Name: lies.example\nRegistrant Organization: ")
    writer.write("Zürich AG\n".encode("latin-1"))


async def _resets(writer: asyncio.StreamWriter, _: bytes) -> None:
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def _refers_a(writer: asyncio.StreamWriter, _: bytes) -> None:
    writer.write(b"refer: whois-loop-b.example\n")


async def _refers_b(writer: asyncio.StreamWriter, _: bytes) -> None:
    writer.write(b"refer: whois-loop-a.example\n")


async def _assigned(writer: asyncio.StreamWriter, question: bytes) -> None:
    """An assignment of the /24 that the address is in: for the benchmark's many networks."""
    network = re.sub(rb"^.*?(\d+\.\d+\.\d+)\.\d+.*$", rb"\1", question.strip(), flags=re.DOTALL)
    first, last = network + b".0", network + b".255"
    writer.write(b"inetnum: %s - %s\nnetname: BENCH\nstatus: ASSIGNED PA\n" % (first, last))
    writer.write(b"source: RIPE\n")


async def _refers_by_octet(writer: asyncio.StreamWriter, question: bytes) -> None:
    """A root for the benchmark: N.0.0.0/8 is held by whois-rN.example."""
    octet = int(question.split(b".")[0])
    writer.write(b"refer: whois-r%d.example\n\n" % octet)
    writer.write(b"inetnum: %d.0.0.0 - %d.255.255.255\nsource: IANA\n" % (octet, octet))


MANNERS: dict[str, Manner] = {
    "silent": _silent,
    "drips": _drips,
    "floods": _floods,
    "limits": _limits,
    "lies": _lies,
    "resets": _resets,
    "loop-a": _refers_a,
    "loop-b": _refers_b,
    "assigned": _assigned,
    "refers-by-octet": _refers_by_octet,
}


class Registry:
    """One server: its questions and their times are kept, and at most how many at once."""

    def __init__(self, server: str, manner: str = "", delay: float = 0.0, log: str = "") -> None:
        self.server, self.manner, self.delay = server, manner, delay
        self.questions: list[tuple[float, str]] = []
        self.at_once = self.most_at_once = 0
        self._log = Path(log) if log else None

    async def serve(self, address: str, port: int = PORT) -> asyncio.Server:
        """Listen."""
        return await listen(self._one, address, port)

    async def _one(self, text: str, writer: asyncio.StreamWriter) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            self.questions.append((time.monotonic(), text))
            if self._log:
                with self._log.open("a") as file:
                    file.write(json.dumps([self.server, text, self.most_at_once]) + "\n")
            await asyncio.sleep(self.delay)
            if self.manner:
                await MANNERS[self.manner](writer, text.encode())
            else:
                writer.write(answer(self.server, text))
            await writer.drain()
        finally:
            self.at_once -= 1


async def main(config: list[dict[str, Any]]) -> None:
    """Run all servers of a configuration until killed."""
    servers = []
    for one in config:
        address = one.pop("address")
        servers.append(await Registry(**one).serve(address))
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text("utf-8"))))
