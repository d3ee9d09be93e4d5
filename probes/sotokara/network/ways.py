"""The way to an address: the internet's, or that of a small town of servers on loopback.

A town's addresses are documentation addresses (RFC 5737), which nobody has; each leads to a port on
loopback that the system gave. What leads nowhere is not asked, so nothing leaves this machine.
"""

import contextlib
import errno
import os
import socket
import ssl
from collections.abc import Mapping

from sotokara.core.observation import ProbeFailure
from sotokara.network.trust import trusted

_FAR = "198.41.0.4"
"""A root server's, which no network has inside."""


def has_ipv4() -> bool:
    """Whether this machine has a route for IPv4; nothing is sent to find out."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.connect((_FAR, 53))
        return True
    return False


class Ways:
    """The internet's: every address leads to itself."""

    far = True
    """Whether it is the internet's."""

    def to(self, address: str, port: int) -> tuple[str, int]:
        """Where to connect for an address and a port.

        :raises OSError: when no way leads there.
        """
        return address, port

    def family(self, address: str, port: int) -> socket.AddressFamily:
        """The family of the socket that goes there.

        :raises OSError: when no way leads there.
        """
        there, _ = self.to(address, port)
        return socket.AF_INET6 if ":" in there else socket.AF_INET

    def trusted(self) -> ssl.SSLContext:
        """Whose certificates are believed there."""
        return trusted()

    def check_trace(self) -> None:
        """:raises ProbeFailure: ``policy_refused`` where there are no routers to be traced."""


class TownWays(Ways):
    """A town's: its addresses and ports lead to loopback, and nothing else leads anywhere."""

    far = False

    def __init__(self, ports: Mapping[tuple[str, int], int], context: ssl.SSLContext) -> None:
        """``ports``: an address and a port → the port on 127.0.0.1 behind them."""
        self._ports, self._context = ports, context
        self._hosts = {address for address, _ in ports}

    def to(self, address: str, port: int) -> tuple[str, int]:
        """The server on loopback that stands for an address and a port."""
        if (known := self._ports.get((address, port))) is not None:
            return "127.0.0.1", known
        number = errno.ECONNREFUSED if address in self._hosts else errno.EHOSTUNREACH
        raise OSError(number, os.strerror(number))

    def trusted(self) -> ssl.SSLContext:
        """The town's own authority, and no other."""
        return self._context

    def check_trace(self) -> None:
        """A town has no routers."""
        raise ProbeFailure("policy_refused", "policy", "servers on this computer have no way there")
