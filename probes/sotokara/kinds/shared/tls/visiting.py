"""Python's own TLS for kinds whose library makes the connection: its record."""

import ssl
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from cryptography import x509

from sotokara.kinds.shared.tls.record import MOST_CERTIFICATES, format_record
from sotokara.kinds.shared.tls.trust import standing


def describe(connection: Any, roots: Sequence[x509.Certificate]) -> bytes:  # noqa: ANN401
    """The record of a handshake. ``connection``: an ``ssl.SSLObject``."""
    cipher = connection.cipher() or ("", "", 0)
    chain = _chain(connection)
    now = datetime.now(UTC).replace(microsecond=0)
    stands = standing(chain, roots, now)
    return format_record(str(connection.version()), cipher[0], chain, stands)


def _chain(connection: Any) -> list[bytes]:  # noqa: ANN401
    """The certificates that the server sent, its own first, in DER."""
    public = getattr(connection, "get_unverified_chain", None)
    if public is not None:  # Python 3.13
        return list(public())[:MOST_CERTIFICATES]
    inner = getattr(connection, "_sslobj", None)
    try:
        sent = inner.get_unverified_chain() or []  # type: ignore[union-attr]
        chain = [ssl.PEM_cert_to_DER_cert(one.public_bytes()) for one in sent]
    except (AttributeError, ValueError):
        own = connection.getpeercert(binary_form=True)
        chain = [own] if own else []
    return chain[:MOST_CERTIFICATES]
