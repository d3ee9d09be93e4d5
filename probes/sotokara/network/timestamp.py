"""A time-stamp authority's answer (RFC 3161, over HTTP as in section 3.4)."""

import urllib.error
import urllib.request

_SECONDS = 30
_MOST_BYTES = 1 << 20


def request_timestamp(address: str, request: bytes) -> bytes:
    """The authority's answer to a DER request.

    :raises OSError: when it cannot be reached or answers with anything but 200.
    """
    if not address.startswith(("http://", "https://")):
        message = f"{address}: no http address"
        raise OSError(message)
    question = urllib.request.Request(  # noqa: S310  # looked at above
        address, data=request, headers={"Content-Type": "application/timestamp-query"}
    )
    with urllib.request.urlopen(question, timeout=_SECONDS) as answer:  # noqa: S310
        return bytes(answer.read(_MOST_BYTES))
