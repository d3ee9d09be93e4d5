"""From handshakes and DNS answers to facts: pure, and never trusting a byte of them."""

import json
import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import dns.message
import dns.rcode
import dns.rdatatype
import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from sotokara.core.addresses import is_address
from sotokara.core.observation import Exchange, Failure, Outcome, Reading
from sotokara.kinds.shared import made_up
from sotokara.kinds.shared.tls.certificate import (
    common_name,
    issued_by,
    key_of,
    load_certificate,
    names_of,
    one_line,
    signature_of,
)
from sotokara.kinds.shared.tls.dane import key_bytes, tlsa_matches, tlsa_records
from sotokara.kinds.shared.tls.facts import PROBLEMS, Sct
from sotokara.kinds.shared.tls.inclusion import Answer
from sotokara.kinds.shared.tls.reading import loaded, problems_of
from sotokara.kinds.shared.tls.record import HandshakeRecord, parse_record
from sotokara.kinds.shared.tls.tiles import Tiled
from sotokara.kinds.shared.tls.transparency import enough, known_logs, timestamps
from sotokara.kinds.tls.facts import EndpointShown, Link, TlsFacts
from sotokara.kinds.tls.target import TlsTarget
from sotokara.network import wire
from sotokara.network.aliases import own_records

_SERVER = re.compile(r"(.*) \[(.*)\] port (\d+)")
_PROOF = re.compile(r"proof ([0-9a-f]{64})")
_TYPES = ("A", "AAAA")


def addresses_in(exchanges: Sequence[Exchange], host: str) -> list[str]:
    """The addresses of a host, IPv4 first, as these answers have them; an address is its own."""
    if is_address(host):
        return [host]
    found: list[str] = []
    for step in _TYPES:
        for one in exchanges:
            message = wire.message_of(one) if one.step == step else None
            if isinstance(message, dns.message.Message):
                wanted = dns.rdatatype.from_text(step)
                of_type = [rr for rr in own_records(message) if rr.rdtype == wanted]
                found += sorted(rrset[0].address for rrset in of_type)
    return made_up.real(found, exchanges)


def no_address(exchanges: Sequence[Exchange]) -> Failure:
    """Why a host has no address to be asked."""
    messages = [wire.message_of(one) for one in exchanges if one.step in _TYPES]
    for one in messages:
        if isinstance(one, Failure):
            return one
        if one.rcode() == dns.rcode.NXDOMAIN:
            return Failure("dns_nxdomain_error", "address")
        if one.rcode() != dns.rcode.NOERROR:
            return Failure("dns_servfail_error", "address", dns.rcode.to_text(one.rcode()))
    return Failure("dns_no_answer", "address", "the server's name has no address")


def read_handshakes(exchanges: Sequence[Exchange], target: TlsTarget, sni: str) -> Reading:
    """The facts of all exchanges of one definition."""
    ends, records = [], []
    for one in exchanges:
        match = _SERVER.fullmatch(one.server)
        if match is None or one.step != "certificate":
            continue
        record = parse_record(one.received or b"")
        ends.append(_end(one, match[2], int(match[3]), record))
        records.append((int(match[3]), record, one.failure))
    if not ends:
        return Reading(failure=no_address(exchanges))
    of_target = [(record, failure) for port, record, failure in records if port == target.port]
    first = next((record for record, _ in of_target if record), None)
    if first is None:
        return Reading(failure=_failure([failure for _, failure in of_target]))
    facts = _certificate(first, exchanges, sni or target.host)
    shown = {one.fingerprint for one in ends if not one.failure}
    facts = msgspec.structs.replace(
        facts, caa=_caa(exchanges), endpoints=ends, same=len(shown) <= 1
    )
    return Reading(facts, _volatile(exchanges, first))


def _failure(failures: Sequence[Failure | None]) -> Failure:
    """Why no address showed a certificate: the target's failures before ours, late ones first."""
    found = [one for one in failures if one is not None]
    theirs = [one for one in found if one.outcome is Outcome.NO_ANSWER]
    later = [one for one in theirs if one.step != "connect"]
    every = later or theirs or found
    return every[0] if every else Failure("unknown_form", "certificate")


def _end(one: Exchange, address: str, port: int, record: HandshakeRecord | None) -> EndpointShown:
    if record is None:
        failure = one.failure or Failure("unknown_form", "certificate")
        return EndpointShown(address, port, failure=failure.name, step=failure.step)
    own = load_certificate(record.chain[0]) if record.chain else None
    masked = bool(record.masked) and record.masked[0]
    print_ = own.fingerprint(SHA256()).hex() if own and not masked else ""
    return EndpointShown(address, port, print_, record.one("version"))


def _certificate(record: HandshakeRecord, exchanges: Sequence[Exchange], host: str) -> TlsFacts:
    """What the chain is; ``unreadable`` where one of its certificates is not to be read."""
    seen: dict[str, Any] = {
        "version": record.one("version"),
        "cipher": record.one("cipher"),
        "protocol": record.one("alpn"),
    }
    try:
        return _read(record, exchanges, host, seen)
    except Exception:  # noqa: BLE001  # hostile certificates raise many types
        return TlsFacts(verdict="unreadable", problems=["unreadable"], **seen)


def _read(
    record: HandshakeRecord, exchanges: Sequence[Exchange], host: str, seen: dict[str, Any]
) -> TlsFacts:
    chain = loaded(record)
    own = chain[0]
    trusted = record.one("chain").startswith("trusted")
    problems = problems_of(own, host, record.moment, trusted=trusted)
    if "not_trusted" in problems and _completed(exchanges):
        problems[problems.index("not_trusted")] = "incomplete"
    staple = record.content("staple")
    ocsp = state_of(staple, chain, record.moment)
    if ocsp == "revoked":
        problems.append("revoked")
    tlsa = tlsa_records(exchanges, "TLSA")
    matched = any(tlsa_matches(one, chain, pkix=trusted) for one in tlsa)
    if tlsa and not matched:
        problems.append("tlsa_mismatch")
    problems.sort(key=PROBLEMS.index)
    scts = _scts(record, chain, staple, _proofs(exchanges))
    masked = record.masked[0]
    return TlsFacts(
        verdict=next((one for one in problems if one != "tlsa_mismatch"), "trusted"),
        problems=problems,
        names=names_of(own),
        subject=one_line(own.subject.rfc4514_string()),
        issuer=common_name(own.issuer),
        valid_from=own.not_valid_before_utc,
        expires=own.not_valid_after_utc,
        fingerprint="" if masked else own.fingerprint(SHA256()).hex(),
        key=key_of(own),
        key_hash="" if masked else sha256(key_bytes(own)).hexdigest(),
        signature=signature_of(own),
        serial=f"{own.serial_number:x}",
        chain=[_link(one, masked=gone) for one, gone in zip(chain, record.masked, strict=True)],
        ocsp=ocsp,
        scts=scts,
        transparency=enough(own, scts),
        tlsa=("match" if matched else "mismatch") if tlsa else "",
        store=record.one("store").partition(" ")[0],
        **seen,
    )


def _link(one: x509.Certificate, *, masked: bool) -> Link:
    return Link(
        common_name(one.subject),
        common_name(one.issuer),
        one.not_valid_after_utc,
        "" if masked else one.fingerprint(SHA256()).hex(),
    )


def _completed(exchanges: Sequence[Exchange]) -> bool:
    """Whether the chain leads to a known root with the issuers that it lacks."""
    found = [parse_record(one.received or b"") for one in exchanges if one.step == "issuer"]
    return any(one is not None and one.one("chain") == "trusted" for one in found)


def _proofs(exchanges: Sequence[Exchange]) -> dict[bytes, Answer | Tiled]:
    """What each log answered; nothing where it gave no usable answer."""
    found: dict[bytes, Answer | Tiled] = {}
    for one in exchanges:
        match = _PROOF.fullmatch(one.step)
        if match is None:
            continue
        answer: Answer | Tiled = Answer()
        try:
            told = json.loads(one.received or b"")
            if isinstance(told, dict):
                tiles = {str(path): b64decode(str(text)) for path, text in told["tiles"].items()}
                answer = Tiled(str(told["checkpoint"]), tiles)
            else:
                head, proof, status = told
                answer = Answer(str(head).encode(), str(proof).encode(), int(status))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            pass
        found[bytes.fromhex(match[1])] = answer
    return found


def _scts(
    record: HandshakeRecord,
    chain: Sequence[x509.Certificate],
    staple: bytes,
    proofs: Mapping[bytes, Answer | Tiled],
) -> list[Sct]:
    logs = known_logs(record.head.get("log", []))
    found = timestamps(chain, staple, logs, proofs, listed=bool(record.one("logs")))
    return sorted(found, key=lambda one: (one.source, one.log, one.moment))


def _caa(exchanges: Sequence[Exchange]) -> list[str]:
    """The CAA records of the name, or of the nearest name above it that has some (RFC 8659, 3)."""
    for one in exchanges:
        if not one.step.startswith("CAA "):
            continue
        message = wire.message_of(one)
        if not isinstance(message, dns.message.Message):
            return []  # a nearer name's are not known, so those above say nothing
        own = [rr for rr in own_records(message) if rr.rdtype == dns.rdatatype.CAA]
        found = {f"{_shown(rr[0].tag)} {_shown(rr[0].value)}" for rr in own}
        if found:
            return sorted(found)
    return []


def _shown(text: bytes) -> str:
    return one_line(text.decode("utf-8", "backslashreplace"))


def _volatile(exchanges: Sequence[Exchange], record: HandshakeRecord) -> dict[str, Any]:
    took = [one.ms for one in exchanges if one.step == "certificate" and one.ms is not None]
    volatile: dict[str, Any] = {"ms": max(took)} if took else {}
    volatile["moment"] = record.one("moment")
    if reason := record.one("chain").partition(" ")[2]:
        volatile["why"] = reason
    if logs := record.one("logs"):
        volatile["logs"] = logs
    return volatile


# The OCSP response that a server staples to its handshake (RFC 6960, 6066).

NONE, INVALID, STALE = "none", "invalid", "stale"
STATES = (NONE, "good", "revoked", "unknown", STALE, INVALID)
_CLOCKS_APART = timedelta(minutes=5)


def state_of(staple: bytes, chain: Sequence[x509.Certificate], moment: datetime) -> str:
    """What the response says of the certificate, of STATES.

    ``invalid``: it is no response, of another certificate, or not signed by the issuer or whom it
    names; ``stale``: its time is over, or has not come.
    """
    if not staple:
        return NONE
    try:
        response = ocsp.load_der_ocsp_response(staple)
        if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL or len(chain) < 2:  # noqa: PLR2004
            return INVALID
        if response.serial_number != chain[0].serial_number or not _signed(response, chain[1]):
            return INVALID
        ends = response.next_update_utc
        if response.this_update_utc > moment + _CLOCKS_APART or (ends and ends < moment):
            return STALE
        return response.certificate_status.name.lower()
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return INVALID


def _signed(response: ocsp.OCSPResponse, issuer: x509.Certificate) -> bool:
    """Whether the issuer has signed it, or one whom the issuer has named for that."""
    signers = [issuer, *(one for one in response.certificates if _delegated(one, issuer))]
    return any(_by(response, one) for one in signers)


def _delegated(one: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        usage = one.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return ExtendedKeyUsageOID.OCSP_SIGNING in usage and issued_by(one, issuer)


def _by(response: ocsp.OCSPResponse, signer: x509.Certificate) -> bool:
    key, kind = signer.public_key(), response.signature_hash_algorithm
    signature, body = response.signature, response.tbs_response_bytes
    try:
        if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(kind, HashAlgorithm):
            key.verify(signature, body, ec.ECDSA(kind))
        elif isinstance(key, rsa.RSAPublicKey) and isinstance(kind, HashAlgorithm):
            key.verify(signature, body, padding.PKCS1v15(), kind)
        else:
            return False
    except InvalidSignature:
        return False
    return True
