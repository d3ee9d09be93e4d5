"""TLSA records (RFC 6698, 7671, 7672): which there are, and whether a chain is what they say."""

import hashlib
from collections.abc import Sequence

import dns.message
import dns.rdatatype
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from sotokara.core.observation import Exchange
from sotokara.network import wire
from sotokara.network.aliases import own_records

Tlsa = tuple[int, int, int, bytes]
"""Usage, selector, matching type, content."""
_PKIX_TA, _PKIX_EE, _DANE_TA, _DANE_EE = range(4)


def tlsa_records(exchanges: Sequence[Exchange], step: str) -> list[Tlsa]:
    """The secure records in the answer that was kept under a step; none where it is not secure."""
    for one in exchanges:
        message = wire.message_of(one) if one.step == step else None
        if isinstance(message, dns.message.Message) and wire.secure(one):
            return sorted(
                (item.usage, item.selector, item.mtype, item.cert)
                for rrset in own_records(message)
                if rrset.rdtype == dns.rdatatype.TLSA
                for item in rrset
            )
    return []


def tlsa_matches(record: Tlsa, chain: Sequence[x509.Certificate], *, pkix: bool = False) -> bool:
    """Whether a record is met by a chain as sent.

    ``pkix``: the chain leads to a trusted root, so that usages 0 and 1 can be met too; mail
    (RFC 7672, 3.1.3) knows only 2 and 3.
    """
    usage, selector, kind, content = record
    every = {_DANE_EE: chain[:1], _DANE_TA: chain[1:]}
    if pkix:
        every |= {_PKIX_EE: chain[:1], _PKIX_TA: chain[1:]}
    hashes = {1: hashlib.sha256, 2: hashlib.sha512}
    for one in every.get(usage, []):
        part = key_bytes(one) if selector else one.public_bytes(serialization.Encoding.DER)
        if (hashes[kind](part).digest() if kind in hashes else part) == content:
            return True
    return False


def key_bytes(certificate: x509.Certificate) -> bytes:
    """The certificate's public key (SubjectPublicKeyInfo, DER)."""
    return certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
