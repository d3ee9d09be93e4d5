"""Whether a chain leads to a root that is trusted: judged where the roots are, and recorded."""

import ssl
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store

from sotokara.kinds.shared.tls.certificate import load_certificate, names_of

TRUSTED, NOT_TRUSTED = "trusted", "not_trusted"


@lru_cache(maxsize=8)
def roots_in(context: ssl.SSLContext) -> tuple[x509.Certificate, ...]:
    """The roots that are trusted where a network's ways lead (``net.ways.trusted()``)."""
    found = context.get_ca_certs(binary_form=True)
    return tuple(one for one in map(load_certificate, found) if one is not None)


def roots_of(path: Path) -> tuple[x509.Certificate, ...]:
    """The roots in a PEM file.

    :raises ValueError: where it holds none.
    :raises OSError: where it cannot be read.
    """
    return tuple(x509.load_pem_x509_certificates(path.read_bytes()))


def standing(chain: Sequence[bytes], roots: Sequence[x509.Certificate], moment: datetime) -> str:
    """``trusted``, or ``not_trusted`` with the reason. Name and dates are judged apart."""
    loaded = [one for one in map(load_certificate, chain) if one is not None]
    if not loaded:
        return f"{NOT_TRUSTED} no certificate that can be read"
    if not roots:
        return "unknown this machine has no list of roots"
    own = loaded[0]
    try:
        within = min(max(moment, own.not_valid_before_utc), own.not_valid_after_utc)
        builder = PolicyBuilder().store(_store(tuple(roots))).time(within)
        builder.build_server_verifier(_subject(own)).verify(own, loaded[1:])
    except Exception as error:  # noqa: BLE001  # hostile certificates raise many types
        return f"{NOT_TRUSTED} {' '.join(str(error).split())[:120]}"
    return TRUSTED


@lru_cache(maxsize=8)
def _store(roots: tuple[x509.Certificate, ...]) -> Store:
    return Store(list(roots))


def _subject(own: x509.Certificate) -> x509.DNSName | x509.IPAddress:
    """A name that the certificate is for, so that the verifier objects to the rest alone."""
    name = (names_of(own) or ["invalid"])[0]
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name.replace("*", "any"))
