"""A mail server on loopback whose manner is a table: polite, slow, endless, mute or abrupt.

It keeps every command of every session, and how many connections it had at once. It runs in the
loop that starts it, or as ``python -m tests.servers.mailserver ADDRESS MANNER`` on port 25.
"""

import asyncio
import contextlib
import ssl
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

BANNER = "banner"
_CLIENT_HELLO = b"\x16\x03"

POLITE = {
    BANNER: b"220 mail.test ESMTP ready\r\n",
    "EHLO": b"250-mail.test\r\n250-PIPELINING\r\n250 ENHANCEDSTATUSCODES\r\n",
    "HELO": b"250 mail.test\r\n",
    "MAIL": b"250 2.1.0 Ok\r\n",
    "RCPT": b"550 5.1.1 User unknown\r\n",
    "RSET": b"250 2.0.0 Ok\r\n",
    "QUIT": b"221 2.0.0 Bye\r\n",
    "DATA": b"354 go ahead\r\n",
    "STARTTLS": b"220 2.0.0 go ahead\r\n",
}


@dataclass(frozen=True)
class Manner:
    """What it says to each verb, and how."""

    replies: Mapping[str, bytes] = field(default_factory=dict)
    """In place of the polite ones; b"" says nothing."""
    delay: float = 0.0
    """Seconds before each reply."""
    cuts: frozenset[str] = frozenset()
    """Verbs at which the connection is cut without a word."""
    endless: Mapping[str, bytes] = field(default_factory=dict)
    """Verb → what is sent again and again."""
    drip: float = 0.0
    """Seconds between two pieces of what is endless."""
    context: ssl.SSLContext | None = None
    """For STARTTLS."""


@dataclass
class Session:
    """One connection: the commands, and who ended it."""

    address: str
    commands: list[bytes] = field(default_factory=list)
    cut: bool = False
    """By the server."""

    @property
    def verbs(self) -> list[str]:
        """The first words of the commands."""
        return [
            line.split(b" ")[0].split(b":")[0].decode("ascii", "replace") for line in self.commands
        ]


class MailServer:
    """Several addresses of one port, each with a manner."""

    def __init__(self, manners: Mapping[str, Manner], port: int = 0) -> None:
        self._manners = manners
        self.port = port
        self.sessions: list[Session] = []
        self.most_at_once: Counter[str] = Counter()
        self._now: Counter[str] = Counter()
        self._open: list[asyncio.Server] = []

    async def start(self) -> None:
        """Open the port on every address."""
        for address in self._manners:
            server = await asyncio.start_server(self._connected, address, self.port, limit=1 << 20)
            self.port = server.sockets[0].getsockname()[1]
            self._open.append(server)

    def close(self) -> None:
        """Close the port on every address."""
        for server in self._open:
            server.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = writer.get_extra_info("sockname")[0]
        session = Session(address)
        self.sessions.append(session)
        self._now[address] += 1
        self.most_at_once[address] = max(self.most_at_once[address], self._now[address])
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            await self._talk(reader, writer, self._manners[address], session)
        self._now[address] -= 1
        writer.close()

    async def _talk(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        manner: Manner,
        session: Session,
    ) -> None:
        verb = BANNER
        while await self._say(writer, manner, verb, session):
            if verb == "QUIT":
                return
            if verb == "STARTTLS" and manner.context:
                await writer.start_tls(manner.context)
            line = await reader.readline()
            if not line:
                return
            if line.startswith(_CLIENT_HELLO):  # it said STARTTLS and cannot
                session.cut = True
                return
            session.commands.append(line.rstrip(b"\r\n"))
            verb = session.verbs[-1].upper()

    @staticmethod
    async def _say(
        writer: asyncio.StreamWriter, manner: Manner, verb: str, session: Session
    ) -> bool:
        await asyncio.sleep(manner.delay)
        while piece := manner.endless.get(verb):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(manner.drip)
        if verb in manner.cuts:
            session.cut = True
            return False
        reply = manner.replies.get(verb, POLITE.get(verb, b"500 5.5.2 What?\r\n"))
        if verb == "EHLO" and manner.context and verb not in manner.replies:
            reply = reply.replace(b"250-PIPELINING", b"250-STARTTLS")
        writer.write(reply)
        await writer.drain()
        if reply.startswith(b"421"):
            session.cut = True
        return not session.cut


ODD = {
    "tarpit": Manner(endless={BANNER: b"220-please wait\r\n"}, drip=1.0),
    "drops": Manner(cuts=frozenset({"RCPT"})),
    "mute": Manner(replies={BANNER: b""}),
}
"""The manners that can be had by name."""


async def _alone(address: str, manner: str) -> None:
    await MailServer({address: ODD[manner]}, 25).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_alone(*sys.argv[1:3]))
