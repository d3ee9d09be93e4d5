"""The one place that gives the operating system's and TLS's errors their failure names."""

import asyncio
import errno
import ssl

from sotokara.core.observation import Failure

_NAMES = {
    errno.ECONNREFUSED: "connection_refused",
    errno.ECONNRESET: "connection_reset",
    errno.EPIPE: "connection_reset",
    errno.ECONNABORTED: "connection_aborted",
    errno.EHOSTUNREACH: "host_unreachable",
    errno.ENETUNREACH: "network_unreachable",
    errno.EADDRNOTAVAIL: "network_unreachable",
    errno.EAFNOSUPPORT: "network_unreachable",
    errno.ENETDOWN: "network_down",
    errno.EACCES: "permission_denied",
    errno.EPERM: "permission_denied",
    errno.EMSGSIZE: "message_size",
    errno.ETIMEDOUT: "generic_timeout_error",
}
_KINDS: dict[type[OSError], str] = {
    ConnectionRefusedError: "connection_refused",
    ConnectionResetError: "connection_reset",
    BrokenPipeError: "connection_reset",
    ConnectionAbortedError: "connection_aborted",
}


def failure_of(error: Exception, step: str) -> Failure:
    """The failure that an exception of the network stands for.

    The text of an error may carry the author's own address, so only its code is kept.

    :raises Exception: the error itself when it is none of the network's: a bug, to be seen as one.
    """
    if isinstance(error, TimeoutError):
        return Failure("generic_timeout_error", step)
    if isinstance(error, asyncio.IncompleteReadError | EOFError):
        return Failure("eof_error", step)
    if isinstance(error, ssl.SSLError):
        return Failure("ssl_failed_handshake", step, error.reason or "")
    if isinstance(error, OSError) and error.errno in _NAMES:
        return Failure(_NAMES[error.errno], step)
    for kind, name in _KINDS.items():  # asyncio raises some without a number
        if isinstance(error, kind):
            return Failure(name, step)
    raise error
