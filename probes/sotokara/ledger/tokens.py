"""Time-stamp tokens over seals (RFC 3161): an authority's word that a seal existed by a time.

The token is over the SHA-256 of the seal's file and stands beside it, ``seals/NNNNNN.tsr``. The
authority's root certificate is pinned: it is a PEM file of the site's own, named in the settings.
"""

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import rfc3161_client
from cryptography import x509

from sotokara.ledger.disk import write_all
from sotokara.ledger.lines import LedgerError
from sotokara.ledger.seals import seal_files, seal_path
from sotokara.network.timestamp import request_timestamp


class TimestampAuthority(NamedTuple):
    """Who time-stamps: its address, and the PEM file of its pinned root certificate."""

    address: str
    certificate: Path


class Token(NamedTuple):
    """A token that verifies: of which seal, and the time that it gives."""

    number: int
    time: datetime


def stamp(folder: Path, number: int, authority: TimestampAuthority) -> Token:
    """Ask for a token of a seal, verify it, keep it.

    :raises LedgerError: when the authority cannot be asked, or its token does not verify; the seal
        stands without it, and ``sotokara seal`` asks again.
    """
    content = seal_path(folder, number).read_bytes()
    request = (
        rfc3161_client.TimestampRequestBuilder()
        .data(content)
        .hash_algorithm(rfc3161_client.HashAlgorithm.SHA256)
        .build()
    )
    try:
        answer = request_timestamp(authority.address, request.as_bytes())
    except OSError as error:
        message = f"{authority.address}: no time-stamp: {error}; seal again later"
        raise LedgerError(message) from error
    path = seal_path(folder, number).with_suffix(".tsr")
    token = _verified(answer, content, number, authority.certificate, request.nonce)
    write_all({path: answer})
    return token


def verify_token(folder: Path, number: int, certificate: Path) -> Token:
    """A kept token, verified against its seal and the pinned certificate.

    :raises LedgerError: when it does not verify; says why.
    """
    path = seal_path(folder, number)
    token = path.with_suffix(".tsr")
    return _verified(token.read_bytes(), path.read_bytes(), number, certificate, None)


def missing(folder: Path) -> list[int]:
    """The seals without a token."""
    paths = seal_files(folder)
    return [int(path.stem) for path in paths if not path.with_suffix(".tsr").exists()]


def _verified(
    answer: bytes, content: bytes, number: int, certificate: Path, nonce: int | None
) -> Token:
    try:
        roots = x509.load_pem_x509_certificates(certificate.read_bytes())
    except (OSError, ValueError) as error:
        message = f"{certificate}: no certificate ({error}); name the TSA's root in PEM form"
        raise LedgerError(message) from error
    try:
        response = rfc3161_client.decode_timestamp_response(answer)
        builder = rfc3161_client.VerifierBuilder()
        for root in roots:
            builder = builder.add_root_certificate(root)
        if nonce is not None:
            builder = builder.nonce(nonce)
        builder.build().verify_message(response, content)
        return Token(number, response.tst_info.gen_time)
    except (rfc3161_client.VerificationError, ValueError) as error:
        message = f"the time-stamp of seal {number} does not verify: {error}"
        raise LedgerError(message) from error
