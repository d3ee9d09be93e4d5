"""Asking whois servers: a question to one, and the referrals from server to server, each kept."""

import asyncio
from typing import NamedTuple

import msgspec

from sotokara.core.addresses import Net
from sotokara.core.observation import Exchange, Failure, ProbeFailure
from sotokara.kinds.shared.registry.facts import ELSEWHERE, RDAP_ONLY, REGISTERED, RegistryFacts
from sotokara.kinds.shared.registry.question import Question, once
from sotokara.kinds.shared.registry.target import RegistryTarget, networks
from sotokara.kinds.whois import answers, sunset, verdict
from sotokara.kinds.whois.own import own_address_masked
from sotokara.kinds.whois.persons import mask_persons
from sotokara.kinds.whois.referral import RIRS, ROOT, next_server
from sotokara.kinds.whois.text import charset, decode_answer, of_media_type
from sotokara.network.network import Connection, Network

MOST_STEPS = 6
_LONG = 32 * 1024
"""Bytes of an answer that is masked and read in a thread, off the event loop."""
_DOMAIN_STEPS = 3
"""IANA, registry, registrar."""
FOLLOW, ABOVE, OTHER = "referral", "networks above", "other registries"
"""The steps of exchanges: along the chain, its parents, and who else was asked."""


class Asking(NamedTuple):
    """What is asked, of anyone, in which words."""

    target: RegistryTarget
    lang: str
    contacts: bool


def text_of(exchange: Exchange) -> str:
    """An exchange's answer, decoded as its media type says."""
    return decode_answer(exchange.received or b"", of_media_type(exchange.media_type))


def parsed_reply(exchange: Exchange, target: RegistryTarget) -> RegistryFacts | Failure:
    """What an exchange says of the target, or why it says nothing."""
    if exchange.failure:
        return exchange.failure
    server, text = exchange.server, text_of(exchange)
    answer = verdict.read_answer(server, text, target)
    if sunset.speaks_rdap_only(server, text, target, answer):
        return RegistryFacts(answer=RDAP_ONLY, registry=verdict.register(server))
    return answer


async def ask_registry(
    net: Network, server: str, asking: Asking, step: str, question: str = ""
) -> Exchange:
    """Ask a server in its turn, unless this build has the answer; masked before anyone sees it."""
    target = asking.target
    words = question or wording(server, target, asking.lang, contacts=asking.contacts)
    around = None if question else target.network

    async def put() -> tuple[Exchange, list[Net] | None]:
        exchange = await ask_server(net, server, words, step)
        if len(exchange.received or b"") > _LONG:  # other probes go on meanwhile
            exchange = await asyncio.to_thread(as_kept, exchange, asking)
        else:
            exchange = as_kept(exchange, asking)
        return exchange, _last_word(net, exchange, target, whole=not question)

    asked = Question(server, step, "whois", words, asking.contacts, asking.lang, around)
    exchange = await once(net, asked, put)
    net.trail.append(exchange)
    return exchange


def as_kept(exchange: Exchange, asking: Asking) -> Exchange:
    """The exchange as it may be kept: no persons unless asked for, never our own address.

    It is read on the way, and the reading is remembered (see verdict.py).
    """
    if not exchange.received:
        return exchange
    kept = _masked(exchange, asking, refused=False)
    if _surely_no_refusal(kept, exchange, asking.target):
        return kept
    answer = parsed_reply(exchange, asking.target)  # in words that nothing has masked
    refused = isinstance(answer, Failure) and answer.name in ("rate_limited", "refused_by_server")
    return _masked(exchange, asking, refused=True) if refused else kept


def _masked(exchange: Exchange, asking: Asking, *, refused: bool) -> Exchange:
    name = of_media_type(exchange.media_type)
    clean = own_address_masked(exchange.received or b"", name, refused=refused)
    clean = clean if asking.contacts else mask_persons(clean, name)
    return msgspec.structs.replace(exchange, received=clean)


def _surely_no_refusal(kept: Exchange, exchange: Exchange, target: RegistryTarget) -> bool:
    """Whether a registration is left when all is masked: then what was sent need not be read too.

    Masking makes no registration, so there was one before it; of the refusals only a limit is
    looked for in spite of one.
    """
    if answers.limited(exchange.server, text_of(exchange)):
        return False
    answer = parsed_reply(kept, target)
    return isinstance(answer, RegistryFacts) and answer.answer in (REGISTERED, ELSEWHERE)


def _last_word(
    net: Network, exchange: Exchange, target: RegistryTarget, *, whole: bool
) -> list[Net] | None:
    """The networks that an answer is the last word on; None where nothing was answered.

    A server that wants to be left alone is, for the rest of the build.
    """
    answer = parsed_reply(exchange, target)
    if isinstance(answer, Failure):
        if answer.name == "rate_limited":
            net.registries.rest(exchange.server, answer, exchange.protocol)
        return None
    text = text_of(exchange)
    final = exchange.server == ROOT or verdict.assignment(exchange.server, text, target)
    if not whole or not final or answer.answer == "no_match":
        return []
    return [one for part in answer.prefixes for one in networks(part)]


async def follow(net: Network, asking: Asking, start: str) -> list[Exchange]:
    """From ``start`` along the referrals to the last word, then what is above it.

    A referral that cannot be followed ends the chain with an exchange that says why.
    """
    exchanges: list[Exchange] = []
    server, seen = start, set[str]()
    while True:
        seen.add(server)
        exchange = await ask_registry(net, server, asking, FOLLOW)
        exchanges.append(exchange)
        answer = parsed_reply(exchange, asking.target)
        facts = answer if isinstance(answer, RegistryFacts) else None
        if exchange.received is None:
            break
        refers = next_server(server, text_of(exchange), facts, asking.target)
        whole = facts is not None and facts.answer == REGISTERED
        if refers is None or (whole and server == ROOT):  # IANA's own: a top-level domain
            break
        if refers.server in seen and whole:
            break
        if refers.server in seen or len(exchanges) >= MOST_STEPS:
            exchanges.append(_stopped(refers.server, "referral_loop", f"referred to by {server}"))
            break
        if whole and asking.target.domain and len(exchanges) >= _DOMAIN_STEPS:
            break
        if refers.refused:
            if not whole:
                detail = f"{server} refers to {refers.server}: {refers.refused}"
                exchanges.append(_stopped(refers.server, "server_misbehaving", detail))
            break
        server = refers.server
    return exchanges


def _stopped(server: str, name: str, detail: str) -> Exchange:
    return Exchange(FOLLOW, server, "whois", failure=Failure(name, server, detail))


async def ask_parent_networks(
    net: Network, asking: Asking, server: str, found: RegistryFacts
) -> list[Exchange]:
    """The networks above, where the server has to be asked for them (RIPE, APNIC, AFRINIC)."""
    question = less_specific(server, found)
    return [await ask_registry(net, server, asking, ABOVE, question)] if question else []


async def others(net: Network, asking: Asking, asked: set[str]) -> list[Exchange]:
    """What the regional registries say of an address that the one asked does not have."""
    rest = [server for server in RIRS if server not in asked]
    return await asyncio.gather(*(ask_registry(net, server, asking, OTHER) for server in rest))


# One question to one whois server (RFC 3912): a line out, text in until the server closes.
#
# Sizes and times are bounded: a server that sends without end, drips, or is silent costs no more
# than one question's time. Which question each server understands is written down here too.

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
