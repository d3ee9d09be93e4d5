"""Asking logs for proofs that they have the certificate shown (RFC 6962, 4.3 and 4.5)."""

import asyncio
import json
from base64 import b64encode
from collections.abc import Sequence
from urllib.parse import quote, urlsplit

from cryptography import x509

from sotokara.core.observation import Exchange, Failure, ProbeFailure, milliseconds
from sotokara.kinds.shared.tls.inclusion import head_of, leaf_hash
from sotokara.kinds.shared.tls.logs import Log, LogList
from sotokara.kinds.shared.tls.reading import loaded
from sotokara.kinds.shared.tls.record import taken
from sotokara.kinds.shared.tls.transparency import in_certificate, signed_of
from sotokara.network import http
from sotokara.network.network import Network

PROOF = "proof"
_MOST_LOGS, _LARGEST, _PAUSE = 6, 65536, 0.2


async def prove(net: Network, logs: LogList | None, recorded: bytes) -> list[Exchange]:
    """An exchange for each log that a timestamp names and the list has: tree head and proof."""
    record = taken(recorded)
    if logs is None or record is None:
        return []
    try:
        chain: Sequence[x509.Certificate] = loaded(record)
        wanted = {
            one.log_id: signed_of(one, chain, "certificate") for one in in_certificate(chain[0])
        }
    except ValueError:
        return []
    asking = [
        _ask(net, log_id, log, leaf_hash(signed))
        for log_id, signed in list(wanted.items())[:_MOST_LOGS]
        if signed and (log := logs.logs.get(log_id)) and log.url
    ]
    return list(await asyncio.gather(*asking))


async def _ask(net: Network, log_id: bytes, log: Log, leaf: bytes) -> Exchange:
    host = urlsplit(log.url).hostname or ""
    base = log.url.rstrip("/") + "/ct/v1/"
    began, received, failure = net.elapsed(), None, None
    sent = f"{base}get-sth"
    try:
        async with net.queue(f"ct {host}", _PAUSE):
            head = await http.get(net, sent, "application/json", _LARGEST)
            size, _ = head_of(head.body)
            hashed = quote(b64encode(leaf), safe="")
            sent += f"\n{base}get-proof-by-hash?hash={hashed}&tree_size={size}"
            proof = await http.get(net, sent.split("\n")[1], "application/json", _LARGEST)
            received = json.dumps([_text(head.body), _text(proof.body), proof.status]).encode()
    except ProbeFailure as failed:
        failure = failed.failure
    except (ValueError, TypeError, RecursionError):
        failure = Failure("server_misbehaving", PROOF, "no tree head")
    return Exchange(
        step=f"{PROOF} {log_id.hex()}",
        server=host,
        protocol="log",
        sent=sent.encode("ascii", "replace"),
        received=received,
        failure=failure,
        at=milliseconds(began),
        ms=milliseconds(net.elapsed() - began),
        media_type="text/json",
    )


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")
