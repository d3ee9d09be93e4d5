"""One polite dialogue with one address of a mail server (RFC 5321), recorded byte by byte.

It goes as far as RCPT and ends with RSET and QUIT. There is no way to DATA from here. The library's
protocol bounds what a reply may be (8 KiB a line, 32 KiB in all) and refuses commands that carry
line ends; a subclass keeps the bytes.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from aiosmtplib import SMTPReadTimeoutError, SMTPResponseException, SMTPServerDisconnected
from aiosmtplib.protocol import SMTPProtocol

from sotokara.core.observation import Exchange, Failure, ProbeFailure, milliseconds
from sotokara.kinds.shared.tls.record import MEDIA_TYPE
from sotokara.kinds.shared.tls.trust import roots_in
from sotokara.kinds.shared.tls.visiting import describe
from sotokara.kinds.smtp.settings import settings_of
from sotokara.kinds.smtp.verdict import SmtpReply, read_reply, split_reply
from sotokara.network.network import Network
from sotokara.network.trust import lenient

TEXT = "text/plain"
_MOST_HEARD = 65536
_LAST_WORD = 2.0
"""Seconds that QUIT waits for its reply."""


class Recorder(SMTPProtocol):
    """aiosmtplib's protocol; what is heard is kept, up to 64 KiB a step."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop=loop)
        self.heard = bytearray()

    def data_received(self, data: bytes) -> None:
        """Keep, then let the library read."""
        self.heard += data[: _MOST_HEARD - len(self.heard)]
        super().data_received(data)


class Caller(NamedTuple):
    """Who asks whom about what. ``server`` is how exchanges name the address asked."""

    host: str
    address: str
    helo: str
    mail_from: str
    recipient: str

    @property
    def server(self) -> str:
        """As ``mail.example.com [192.0.2.25]``."""
        return f"{self.host} [{self.address}]"


def _silent(step: str, seconds: float) -> Failure:
    """No reply in the time that we wait; of a greeting, servers may let five minutes pass."""
    if step != "banner":
        return Failure("generic_timeout_error", step)
    detail = f"connected; no greeting within {seconds:.0f} s, and RFC 5321 allows 5 minutes"
    return Failure("generic_timeout_error", step, detail)


class Dialogue:
    """Records each step as an exchange. Ends by itself at the first step that leads no further."""

    def __init__(self, net: Network, caller: Caller) -> None:
        self.net, self.caller = net, caller
        self.exchanges: list[Exchange] = []
        self._protocol: Recorder | None = None

    async def hold(self, *, starttls: bool = True) -> bool:
        """Hold it; whether TLS failed, so that a sender would try again in the clear."""
        try:
            tls_failed = await self._hold(starttls=starttls)
        except BaseException:  # the build is being stopped: leave politely and at once
            self._leave()
            raise
        await self._quit()
        return tls_failed

    async def knock(self) -> None:
        """Connect, hear the banner, say EHLO and hear the reply, leave: to see the way both ways.

        A server speaks first, so a banner alone does not show that anything of ours gets there.
        """
        if await self._connect():
            if self._goes_on(await self._step("banner", b"")):
                await self._greet()
            self._leave()

    async def _hold(self, *, starttls: bool) -> bool:
        if not await self._connect() or not self._goes_on(await self._step("banner", b"")):
            return False
        ehlo = await self._greet()
        if ehlo is None:
            return False
        offered = {line.split(" ")[0].upper() for line in ehlo.text.split("\n")[1:]}
        if starttls and "STARTTLS" in offered and not await self._starttls():
            return self.exchanges[-1].failure is not None
        await self._envelope()
        return False

    async def _connect(self) -> bool:
        began = self.net.elapsed()
        loop = asyncio.get_running_loop()
        failure = None
        settings = self.net.settings
        try:
            async with asyncio.timeout(settings.timeout):
                connection = await self.net.open(self.caller.address, settings_of(self.net).port)
            self._protocol = await self.net.attach(lambda: Recorder(loop), connection)
        except ProbeFailure as failed:
            failure = failed.failure
        except TimeoutError:
            failure = Failure("generic_timeout_error", "connect")
        except OSError:  # gone before anything was said
            failure = Failure("connection_reset", "connect")
        self._keep("connect", b"", b"", began, failure)
        return failure is None

    async def _greet(self) -> SmtpReply | None:
        """EHLO, or HELO where that is not known (RFC 5321, 3.2)."""
        name = self.caller.helo.encode("ascii")
        ehlo = await self._step("EHLO", b"EHLO " + name)
        if ehlo is not None and ehlo.code in (500, 501, 502, 504):
            ehlo = await self._step("HELO", b"HELO " + name)
        return ehlo if self._goes_on(ehlo) else None

    async def _starttls(self) -> bool:
        """TLS on, and EHLO said again; False where the dialogue cannot go on."""
        protocol = self._protocol
        assert protocol is not None  # noqa: S101  # there is a connection
        seconds = self._seconds_left()
        hello = await self._converse(
            "STARTTLS",
            b"STARTTLS",
            lambda: protocol.start_tls(lenient(), self.caller.host, timeout=seconds),
        )
        if hello is None:
            return False
        if hello.code // 100 != 2:  # noqa: PLR2004  # it will not; the rest goes on in the clear
            return True
        _, injected = split_reply(self.exchanges[-1].received or b"")
        if injected:
            return False
        began = self.net.elapsed()
        if protocol.transport is not None:
            tls = protocol.transport.get_extra_info("ssl_object")
            self._keep("certificate", b"", describe(tls, roots_in(self.net.ways.trusted())), began)
        again = await self._step("EHLO", b"EHLO " + self.caller.helo.encode("ascii"))
        return self._goes_on(again)

    async def _envelope(self) -> None:
        sender, recipient = self.caller.mail_from.encode(), self.caller.recipient.encode()
        if not self._goes_on(await self._step("MAIL", b"MAIL FROM:<" + sender + b">")):
            return
        if await self._step("RCPT", b"RCPT TO:<" + recipient + b">"):
            await self._step("RSET", b"RSET")

    async def _step(self, step: str, command: bytes, most: float = 3600.0) -> SmtpReply | None:
        """One command and its reply; None where there is none, or none that is a reply."""
        protocol = self._protocol
        if protocol is None or not protocol.is_connected:
            if self.exchanges[-1].failure is None and step != "QUIT":
                began = self.net.elapsed()
                self._keep(step, b"", None, began, Failure("eof_error", step))
            return None
        seconds = min(most, self._seconds_left())
        if command:
            return await self._converse(
                step, command, lambda: protocol.execute_command(command, timeout=seconds)
            )
        return await self._converse(step, b"", lambda: protocol.read_response(seconds))

    async def _converse(
        self, step: str, command: bytes, ask: Callable[[], Awaitable[object]]
    ) -> SmtpReply | None:
        protocol = self._protocol
        assert protocol is not None  # noqa: S101
        if step != "banner":  # which may have come while the connection was made
            protocol.heard.clear()
        began = self.net.elapsed()
        failure = None
        try:
            await ask()
        except SMTPReadTimeoutError:
            failure = _silent(step, self.net.elapsed() - began)
        except SMTPServerDisconnected as error:
            reset = isinstance(error.__cause__, ConnectionError)
            failure = Failure("connection_reset" if reset else "eof_error", step)
        except SMTPResponseException as error:
            if error.code < 0:
                failure = Failure("server_misbehaving", step, error.message[:80])
        except ssl.SSLError as error:
            failure = Failure("ssl_failed_handshake", step, error.reason or "")
        except TimeoutError:
            failure = Failure("generic_timeout_error", step)
        except OSError:
            failure = Failure("connection_reset", step)
        heard = bytes(protocol.heard)
        said = read_reply(heard)
        if failure is None and said is None:
            failure = Failure("server_misbehaving", step, "no SMTP reply")
        sent = command + b"\r\n" if command else b""
        self._keep(step, sent, heard or None, began, failure)
        return said if failure is None else None

    def _seconds_left(self) -> float:
        """Seconds for one step: some servers pause on purpose before they greet."""
        return max(0.01, min(2 * self.net.settings.timeout, self.net.left()))

    @staticmethod
    def _goes_on(said: SmtpReply | None) -> bool:
        return said is not None and said.code // 100 == 2  # noqa: PLR2004  # RFC 5321, 4.2.1

    async def _quit(self) -> None:
        """QUIT on every connection that still stands; out of step, no reply is waited for."""
        if self.exchanges[-1].failure is None:
            await self._step("QUIT", b"QUIT", _LAST_WORD)
        else:
            self._leave()
        if self._protocol is not None and self._protocol.transport is not None:
            self._protocol.transport.close()

    def _leave(self) -> None:
        """Say QUIT and hang up, without waiting for a word."""
        protocol = self._protocol
        if protocol is None or not protocol.is_connected:
            return
        began = self.net.elapsed()
        with contextlib.suppress(SMTPServerDisconnected):
            protocol.write(b"QUIT\r\n")
        self._keep("QUIT", b"QUIT\r\n", None, began)
        if protocol.transport is not None:
            protocol.transport.close()

    def _keep(
        self,
        step: str,
        sent: bytes,
        received: bytes | None,
        began: float,
        failure: Failure | None = None,
    ) -> None:
        took = self.net.elapsed() - began
        exchange = Exchange(
            step=step,
            server=self.caller.server,
            protocol="smtp",
            sent=sent,
            received=received,
            failure=failure,
            at=milliseconds(began),
            ms=milliseconds(took),
            media_type=MEDIA_TYPE if step == "certificate" else TEXT,
        )
        self.exchanges.append(exchange)
        self.net.trail.append(exchange)
