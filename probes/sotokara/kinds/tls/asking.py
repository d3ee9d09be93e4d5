"""The asking: a handshake with each address on each port, and what the DNS says beside it."""

import asyncio
import json
from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote, urlsplit

import dns.name
from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from sotokara.core.addresses import is_address
from sotokara.core.observation import Exchange, Failure, ProbeFailure, milliseconds
from sotokara.kinds.shared import made_up
from sotokara.kinds.shared.tls.certificate import load_certificate, self_signed
from sotokara.kinds.shared.tls.inclusion import head_of, leaf_hash
from sotokara.kinds.shared.tls.logs import CtLog, LogList
from sotokara.kinds.shared.tls.reading import loaded
from sotokara.kinds.shared.tls.record import MEDIA_TYPE, base64, format_record, parse_record
from sotokara.kinds.shared.tls.tiles import HASH, WIDTH, Tile, head_in, index_in, needed
from sotokara.kinds.shared.tls.transparency import in_certificate, in_staple, signed_of
from sotokara.kinds.shared.tls.trust import NOT_TRUSTED, roots_in, standing
from sotokara.kinds.tls.parse import addresses_in
from sotokara.kinds.tls.settings import named_logs, named_store, settings_of
from sotokara.kinds.tls.target import HTTPS, WEB, TlsTarget, starttls_of
from sotokara.network import http, wire
from sotokara.network.errors import failure_of
from sotokara.network.network import Network
from sotokara.network.tls import Handshake, begin_tls, shake_hands

PROTOCOL = "tls"
CERTIFICATE, ISSUER = "certificate", "issuer"
MOST_ADDRESSES = 4
"""Of the host; the rest is not contacted."""
_MOST_LABELS = 6
HTTP_OK = 200
_LARGEST_ISSUER, _MOST_ISSUERS = 65536, 2


class Held(NamedTuple):
    """What certificates are held against."""

    store: Sequence[x509.Certificate]
    logs: LogList | None


async def ask_server(  # noqa: PLR0913  # an author's options
    net: Network,
    target: TlsTarget,
    also: Sequence[int],
    *,
    starttls: str,
    sni: str,
    alpn: Sequence[str] | None,
    prove: bool,
) -> list[Exchange]:
    """Names first, then all handshakes, each address one at a time.

    :raises SettingMistake: where the settings name a file that is none.
    """
    settings = settings_of(net)
    held = Held(
        await asyncio.to_thread(named_store, settings.store),
        await asyncio.to_thread(named_logs, settings.logs),
    )
    exchanges = await _names(net, target)
    addresses = addresses_in(exchanges, target.host)[:MOST_ADDRESSES]
    name = sni or ("" if is_address(target.host) else target.host)
    asking = []
    for port in (target.port, *also):
        way = starttls_of(port, starttls if port == target.port else "")
        wanted = alpn if alpn is not None else WEB if port == HTTPS else ()
        for address in addresses:
            caller = _Caller(net, target.host, address, port, held)
            asking.append(caller.ask(way, name, wanted))
    shown = await asyncio.gather(*asking)
    exchanges += shown
    first = next((one for one in shown if one.received), None)
    if first is not None and first.received:
        exchanges += await _above(net, first.received)
        if prove:
            exchanges += await proofs_of(net, held.logs, first.received)
    return exchanges


async def _names(net: Network, target: TlsTarget) -> list[Exchange]:
    """Addresses, CAA of the name and those above it (RFC 8659, 3), TLSA where they are secure."""
    if is_address(target.host):
        return []
    name = dns.name.from_text(target.host)
    found = await asyncio.gather(
        net.ask(name, "A", step="A"),
        net.ask(name, "AAAA", step="AAAA"),
        *(net.ask(one, "CAA", step=f"CAA {_text(one)}") for one in climbed(name)),
    )
    if all(map(wire.secure, found[:2])):
        tlsa = dns.name.from_text(f"_{target.port}._tcp", origin=None).concatenate(name)
        found.append(await net.ask(tlsa, "TLSA", step="TLSA"))
    return [*found, *await made_up.unmask(net, found)]


def climbed(name: dns.name.Name) -> list[dns.name.Name]:
    """The name and those above it, the top-level domain not among them."""
    found: list[dns.name.Name] = []
    while len(name.labels) > 2 and len(found) < _MOST_LABELS:  # noqa: PLR2004  # the root's and one
        found.append(name)
        name = name.parent()
    return found


def _text(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower()


class _Caller(NamedTuple):
    """One handshake to be made."""

    net: Network
    host: str
    address: str
    port: int
    held: Held

    async def ask(self, starttls: str, sni: str, alpn: Sequence[str]) -> Exchange:
        """The handshake's record, or why there is none."""
        net = self.net
        async with net.taking(net.turn(f"tls {self.address}")):
            began = net.elapsed()
            received, failure = None, None
            given = max(0.01, min(net.left(), net.settings.timeout))
            try:
                async with asyncio.timeout(given):
                    received = await self._shaken(starttls, sni, alpn)
            except ProbeFailure as failed:
                failure = failed.failure
            except TimeoutError:
                failure = net.silence("handshake", given)
            except (OSError, EOFError) as error:
                failure = failure_of(error, "handshake")
        exchange = Exchange(
            step=CERTIFICATE,
            server=f"{self.host} [{self.address}] port {self.port}",
            protocol=PROTOCOL,
            sent=_said(starttls, sni, alpn),
            received=received,
            failure=failure,
            at=milliseconds(began),
            ms=milliseconds(net.elapsed() - began),
            media_type=MEDIA_TYPE,
        )
        net.trail.append(exchange)
        return exchange

    async def _shaken(self, starttls: str, sni: str, alpn: Sequence[str]) -> bytes:
        connection = await self.net.open(self.address, self.port)
        try:
            if starttls:
                await begin_tls(connection, starttls, self.host)
            shown = await shake_hands(connection, sni, alpn)
        finally:
            connection.close()
        return await asyncio.to_thread(self._record, shown)

    def _record(self, shown: Handshake) -> bytes:
        """What is judged on the spot is: two stores of roots, and which logs the list knows."""
        moment = _now()
        more = [("alpn", shown.alpn)] if shown.alpn else []
        if self.held.store:
            more.append(("store", standing(shown.chain, self.held.store, moment)))
        if shown.staple:
            more.append(("staple", base64(shown.staple)))
        stands = standing(shown.chain, roots_in(self.net.ways.trusted()), moment)
        more += self._logs(shown)
        return format_record(shown.version, shown.cipher, shown.chain, stands, more)

    def _logs(self, shown: Handshake) -> list[tuple[str, str]]:
        """The list's date, and those of its logs that a timestamp names."""
        logs, own = self.held.logs, load_certificate(shown.chain[0]) if shown.chain else None
        if logs is None or own is None:
            return []
        lines = [("logs", logs.date or "undated")]
        try:
            ids = [one.log_id for one in (*in_certificate(own), *in_staple(shown.staple))]
        except ValueError:
            ids = []
        known = [logs.logs[one] for one in dict.fromkeys(ids) if one in logs.logs]
        return [*lines, *(("log", f"{base64(log.key)} {log.name}") for log in known)]


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _said(starttls: str, sni: str, alpn: Sequence[str]) -> bytes:
    """What was asked for, in words."""
    parts = {"starttls": starttls, "sni": sni, "alpn": ",".join(alpn)}
    return "".join(f"{key}: {value}\n" for key, value in parts.items() if value).encode()


async def _above(net: Network, recorded: bytes) -> list[Exchange]:
    """The issuers that a chain lacks, from where its certificates say that they are (AIA).

    With them it can be said that it is the chain that lacks something, and not the roots.
    """
    record = parse_record(recorded)
    if record is None or not record.one("chain").startswith(NOT_TRUSTED):
        return []
    chain = list(record.chain)
    exchanges = []
    for _ in range(_MOST_ISSUERS):
        last = load_certificate(chain[-1]) if chain else None
        if last is None or self_signed(last) or not (url := _issuer_url(last)):
            break
        exchange = await _fetched(net, url, chain)
        exchanges.append(exchange)
        found = parse_record(exchange.received or b"")
        if found is None or not found.one("chain").startswith(NOT_TRUSTED):
            break
        chain += found.chain
    return exchanges


def _issuer_url(certificate: x509.Certificate) -> str:
    """Where its issuer's certificate is to be had (RFC 5280, 4.2.2.1), by http; else empty."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
        for one in found.value:
            place = one.access_location
            issuers = one.access_method == AuthorityInformationAccessOID.CA_ISSUERS
            if issuers and isinstance(place, x509.UniformResourceIdentifier):
                return place.value if place.value.startswith("http://") else ""
    except (ValueError, x509.ExtensionNotFound):
        pass
    return ""


async def _fetched(net: Network, url: str, chain: Sequence[bytes]) -> Exchange:
    """One issuer, and how the chain stands with it."""
    began = net.elapsed()
    received, failure = None, None
    try:
        reply = await http.get(net, url, "application/pkix-cert", _LARGEST_ISSUER)
        if reply.status == HTTP_OK and load_certificate(reply.body) is not None:
            every = [*chain, reply.body]
            stands = await asyncio.to_thread(standing, every, roots_in(net.ways.trusted()), _now())
            received = format_record("", "", [reply.body], stands, [])
        else:
            failure = Failure("server_misbehaving", ISSUER, f"HTTP {reply.status}")
    except ProbeFailure as failed:
        failure = failed.failure
    return Exchange(
        step=ISSUER,
        server=url.split("/")[2][:200],
        protocol="http",
        sent=f"GET {url}"[:600].encode("ascii", "replace"),
        received=received,
        failure=failure,
        at=milliseconds(began),
        ms=milliseconds(net.elapsed() - began),
        media_type=MEDIA_TYPE,
    )


# Asking logs for proofs that they have the certificate shown (RFC 6962, 4.3 and 4.5).
#
# A log of static tiles is asked for the tiles that a proof is made of (C2SP static-ct-api).

PROOF = "proof"
_MOST_LOGS, _LARGEST, _PAUSE, _OK = 6, 65536, 0.2, 200


async def proofs_of(net: Network, logs: LogList | None, recorded: bytes) -> list[Exchange]:
    """An exchange for each log that a timestamp names and the list has: tree head and proof."""
    record = parse_record(recorded)
    if logs is None or record is None:
        return []
    try:
        chain: Sequence[x509.Certificate] = loaded(record)
        wanted = {one.log_id: one for one in in_certificate(chain[0])}
        signed = {name: signed_of(one, chain, "certificate") for name, one in wanted.items()}
    except ValueError:
        return []
    asking = []
    for log_id, one in list(wanted.items())[:_MOST_LOGS]:
        log = logs.logs.get(log_id)
        if log and signed[log_id] and (log.tiles or log.url):
            ask = _Tiles(one.extension_bytes) if log.tiles else _Proof(leaf_hash(signed[log_id]))
            asking.append(_asked(net, log_id, log, ask))
    return list(await asyncio.gather(*asking))


async def _asked(net: Network, log_id: bytes, log: CtLog, ask: "_Proof | _Tiles") -> Exchange:
    host = urlsplit(log.tiles or log.url).hostname or ""
    began, received, failure = net.elapsed(), None, None
    try:
        async with net.queue(f"ct {host}", _PAUSE):
            received = await ask.of(net, log)
    except ProbeFailure as failed:
        failure = failed.failure
    except (ValueError, TypeError, RecursionError):
        failure = Failure("server_misbehaving", PROOF, "no tree head")
    return Exchange(
        step=f"{PROOF} {log_id.hex()}",
        server=host,
        protocol="log",
        sent="\n".join(ask.sent).encode("ascii", "replace"),
        received=received,
        failure=failure,
        at=milliseconds(began),
        ms=milliseconds(net.elapsed() - began),
        media_type="text/json",
    )


class _Proof:
    """Asks a log for its tree head, and for its proof of a leaf."""

    def __init__(self, leaf: bytes) -> None:
        self._leaf = leaf
        self.sent: list[str] = []

    async def of(self, net: Network, log: CtLog) -> bytes:
        """Head, proof and the proof's status, as JSON."""
        base = log.url.rstrip("/") + "/ct/v1/"
        self.sent.append(f"{base}get-sth")
        head = await http.get(net, self.sent[-1], "application/json", _LARGEST)
        size, _ = head_of(head.body)
        hashed = quote(b64encode(self._leaf), safe="")
        self.sent.append(f"{base}get-proof-by-hash?hash={hashed}&tree_size={size}")
        proof = await http.get(net, self.sent[-1], "application/json", _LARGEST)
        return json.dumps([_text_of(head.body), _text_of(proof.body), proof.status]).encode()


class _Tiles:
    """Asks a log for its checkpoint, and for the tiles around an entry's place."""

    def __init__(self, extensions: bytes) -> None:
        self._index = index_in(extensions)
        self.sent: list[str] = []

    async def of(self, net: Network, log: CtLog) -> bytes:
        """The checkpoint, and the tiles by path in base64, as JSON."""
        base = log.tiles.rstrip("/")
        checkpoint = _text_of(await self._got(net, f"{base}/checkpoint"))
        size, _ = head_in(checkpoint)
        inside = self._index is not None and self._index < size
        tiles = list(needed(self._index or 0, size)) if inside else []
        found = await asyncio.gather(*(self._tile(net, base, one) for one in tiles))
        kept = {one.path: b64encode(got).decode() for one, got in zip(tiles, found, strict=True)}
        return json.dumps({"checkpoint": checkpoint, "tiles": kept}).encode()

    async def _tile(self, net: Network, base: str, tile: Tile) -> bytes:
        """A tile; of one that was partial the beginning of the whole, once there is that alone."""
        whole = tile._replace(width=WIDTH)
        content = await self._got(net, f"{base}/tile/{tile.path}")
        if not content and whole != tile:
            content = await self._got(net, f"{base}/tile/{whole.path}")
        return content[: tile.width * HASH]

    async def _got(self, net: Network, url: str) -> bytes:
        self.sent.append(url)
        reply = await http.get(net, url, "*/*", _LARGEST)
        return reply.body if reply.status == _OK else b""


def _text_of(content: bytes) -> str:
    return content.decode("utf-8", "replace")
