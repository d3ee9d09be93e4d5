"""From the record of a handshake to facts: pure, and never trusting a byte of it."""

from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from sotokara.kinds.shared.tls.certificate import (
    common_name,
    load_certificate,
    matches,
    names_of,
    self_signed,
)
from sotokara.kinds.shared.tls.dane import Tlsa, tlsa_matches
from sotokara.kinds.shared.tls.facts import HandshakeFacts
from sotokara.kinds.shared.tls.record import HandshakeRecord, parse_record


def read_tls(recorded: bytes, host: str, tlsa: Sequence[Tlsa] = ()) -> HandshakeFacts | None:
    """The facts of a handshake, from its record; None where it is no record."""
    record = parse_record(recorded)
    if record is None:
        return None
    seen = HandshakeFacts(record.one("version"), record.one("cipher"), problems=["not_trusted"])
    try:
        chain = loaded(record)
        return _read(seen, record, chain, host, tlsa)
    except Exception:  # noqa: BLE001  # hostile certificates raise many types
        return seen


def loaded(record: HandshakeRecord) -> list[x509.Certificate]:
    """The chain. :raises ValueError: where one of it cannot be read."""
    found = [one for one in map(load_certificate, record.chain) if one is not None]
    if not found or len(found) < len(record.chain):
        raise ValueError("no certificate that can be read")
    return found


def problems_of(own: x509.Certificate, host: str, moment: datetime, *, trusted: bool) -> list[str]:
    """What is wrong with a certificate shown for ``host`` at a moment."""
    problems = []
    if not trusted:
        problems.append("self_signed" if self_signed(own) else "not_trusted")
    if moment > own.not_valid_after_utc:
        problems.append("expired")
    if moment < own.not_valid_before_utc:
        problems.append("not_yet_valid")
    if not matches(host, names_of(own)):
        problems.append("name_mismatch")
    return problems


def _read(
    seen: HandshakeFacts,
    record: HandshakeRecord,
    chain: Sequence[x509.Certificate],
    host: str,
    tlsa: Sequence[Tlsa],
) -> HandshakeFacts:
    own = chain[0]
    trusted = record.one("chain").startswith(("trusted", "unknown"))
    problems = problems_of(own, host, record.moment, trusted=trusted)
    matched = any(tlsa_matches(one, chain) for one in tlsa)
    if tlsa and not matched:
        problems.append("tlsa_mismatch")
    return HandshakeFacts(
        version=seen.version,
        cipher=seen.cipher,
        fingerprint="" if record.masked[0] else own.fingerprint(SHA256()).hex(),
        names=names_of(own),
        issuer=common_name(own.issuer),
        not_before=own.not_valid_before_utc.date().isoformat(),
        not_after=own.not_valid_after_utc.date().isoformat(),
        problems=problems,
        tlsa=("match" if matched else "mismatch") if tlsa else "",
    )
