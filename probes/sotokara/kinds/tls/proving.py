"""Asking logs for proofs that they have the certificate shown (RFC 6962, 4.3 and 4.5).

A log of static tiles is asked for the tiles that a proof is made of (C2SP static-ct-api).
"""

import asyncio
import json
from base64 import b64encode
from collections.abc import Sequence
from urllib.parse import quote, urlsplit

from cryptography import x509

from sotokara.core.observation import Exchange, Failure, ProbeFailure, milliseconds
from sotokara.kinds.shared.tls.inclusion import head_of, leaf_hash
from sotokara.kinds.shared.tls.logs import CtLog, LogList
from sotokara.kinds.shared.tls.reading import loaded
from sotokara.kinds.shared.tls.record import parse_record
from sotokara.kinds.shared.tls.tiles import HASH, WIDTH, Tile, head_in, index_in, needed
from sotokara.kinds.shared.tls.transparency import in_certificate, signed_of
from sotokara.network import http
from sotokara.network.network import Network

PROOF = "proof"
_MOST_LOGS, _LARGEST, _PAUSE, _OK = 6, 65536, 0.2, 200


async def prove(net: Network, logs: LogList | None, recorded: bytes) -> list[Exchange]:
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
        return json.dumps([_text(head.body), _text(proof.body), proof.status]).encode()


class _Tiles:
    """Asks a log for its checkpoint, and for the tiles around an entry's place."""

    def __init__(self, extensions: bytes) -> None:
        self._index = index_in(extensions)
        self.sent: list[str] = []

    async def of(self, net: Network, log: CtLog) -> bytes:
        """The checkpoint, and the tiles by path in base64, as JSON."""
        base = log.tiles.rstrip("/")
        checkpoint = _text(await self._got(net, f"{base}/checkpoint"))
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


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")
