"""One question to one whois server (RFC 3912): a line out, text in until the server closes.

Sizes and times are bounded: a server that sends without end, drips, or is silent costs no more
than one question's time. Which question each server understands is written down here too.
"""

import asyncio

from sotokara.core.observation import Exchange, Failure, ProbeFailure
from sotokara.kinds.shared.registry.facts import RegistryFacts
from sotokara.kinds.shared.registry.target import RegistryTarget
from sotokara.kinds.whois.referral import ROOT
from sotokara.kinds.whois.text import charset
from sotokara.network.network import Connection, Network

PORT = 43
MOST_BYTES = 512 * 1024
"""The longest answer that is read; real ones stay under a quarter of that."""
KEPT_OF_TOO_LONG = 4096
_CHUNK = 65536
_CONNECT = 5.0
_JAPANESE = ("whois.nic.ad.jp", "whois.jprs.jp")
_RPSL = ("whois.ripe.net", "whois.apnic.net", "whois.afrinic.net")


def wording(  # noqa: PLR0911  # a line for each registry
    server: str, target: RegistryTarget, lang: str, *, contacts: bool
) -> str:
    """The question as this server wants it, without the line's end."""
    text = target.text
    if server == ROOT and target.domain:
        return target.domain.rpartition(".")[2]  # one question for all its domains
    if server == "whois.arin.net":
        return f"a + {target.asn}" if target.asn is not None else f"n + {text}"
    if server in _RPSL:
        return text if contacts else f"-r {text}"  # -r: no objects of persons
    if server in _JAPANESE:
        if target.asn is not None:
            text = f"AS {target.asn}"
        return text if lang == "ja" else f"{text}/e"
    if server == "whois.verisign-grs.com" and target.domain:
        return f"domain {text}"
    if server == "whois.denic.de" and target.domain:
        return f"-T dn,ace {text}"
    return text


def client_words(server: str, target: RegistryTarget, lang: str, *, contacts: bool) -> list[str]:
    """The command with which Debian's ``whois`` puts the same question.

    For JPNIC and JPRS it adds ``/e`` itself, unless the reader's own language is Japanese.
    """
    question = wording(server, target, lang, contacts=contacts)
    asks = ["whois", "-h", server]
    if server in _JAPANESE:
        spoken = "ja_JP.UTF-8" if lang == "ja" else "C"
        return ["env", f"LANG={spoken}", *asks, question.removesuffix("/e")]
    return [*asks, *(["--"] if question.startswith("-") else []), question]


def less_specific(server: str, found: RegistryFacts) -> str:
    """The question for all networks above a registration; empty where there is none.

    It names the registration, not the address asked about, so that all its addresses ask it once.
    """
    if server not in _RPSL or not found.prefixes:
        return ""
    six = ":" in found.range
    return (
        f"-r -L -T {'inet6num' if six else 'inetnum'} {found.prefixes[0] if six else found.range}"
    )


async def ask_server(net: Network, server: str, question: str, step: str) -> Exchange:
    """Put one question; what went wrong is in the exchange's failure, never raised."""
    sent = question.encode("ascii", "replace") + b"\r\n"
    at, began = net.elapsed(), asyncio.get_running_loop().time()
    received: bytes | None = None
    failure: Failure | None = None
    given = max(0.01, min(net.left(), net.settings.timeout))
    try:
        async with asyncio.timeout(given):
            received = await _talk(net, server, sent)
    except ProbeFailure as failed:
        failure = failed.failure
    except TimeoutError:
        failure = net.silence(server, given)
    name = "us-ascii"
    if received is not None and len(received) > MOST_BYTES:
        received = received[:KEPT_OF_TOO_LONG]
        failure = Failure("message_size", server, f"more than {MOST_BYTES // 1024} KiB")
    if received:
        name = charset(server, received)
    return Exchange(
        step=step,
        server=server,
        protocol="whois",
        sent=sent,
        received=received,
        failure=failure,
        at=round(at * 1000),
        ms=round((asyncio.get_running_loop().time() - began) * 1000),
        media_type=f"text/plain; charset={name}",
    )


async def _talk(net: Network, server: str, sent: bytes) -> bytes:
    """Everything the server sends, up to one byte more than is read of an answer."""
    loop = asyncio.get_running_loop()
    connection = await _connect(net, server)
    try:
        await loop.sock_sendall(connection, sent)
        chunks, size = [], 0
        while size <= MOST_BYTES and (chunk := await loop.sock_recv(connection, _CHUNK)):
            chunks.append(chunk)
            size += len(chunk)
        return b"".join(chunks)
    except OSError as error:
        raise _failure(error, server) from error
    finally:
        connection.close()


async def _connect(net: Network, server: str) -> Connection:
    """The first address that takes the connection; policy judges each (in ``net.open``)."""
    addresses = await net.addresses(server)
    last = ProbeFailure("dns_no_answer", server, "the server's name has no address")
    for address in addresses[:4]:
        try:
            async with asyncio.timeout(_CONNECT):
                return await net.open(address, PORT, server)
        except ProbeFailure as failed:
            last = failed
        except TimeoutError:
            last = ProbeFailure("generic_timeout_error", server, "no connection in time")
    raise last


def _failure(error: OSError, step: str) -> ProbeFailure:
    if isinstance(error, ConnectionResetError | BrokenPipeError):
        return ProbeFailure("connection_reset", step)
    if isinstance(error, ConnectionAbortedError):
        return ProbeFailure("connection_aborted", step)
    raise error
