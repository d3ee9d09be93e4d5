"""Lines that OpenSSL prints of a certificate: names, times, what it is for."""

import re
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sotokara.kinds.shared.terminal.interface import Cursor

_PAIR = re.compile(r"([A-Za-z][A-Za-z0-9.]*) ?= ?([^,/\"\\]+)")
_WHOLE = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9.]* ?= ?[^,\"\\/]+)(?:, ?[A-Za-z][A-Za-z0-9.]* ?= ?[^,\"\\/]+)*"
)
_SLASHES = re.compile(r"(?:/[A-Za-z][A-Za-z0-9.]*=[^/=\"\\]+)+")
_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
_MOST_LINES = 400
_MOST_NAMES = 10_000
_GMT = re.compile(r"([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d:\d\d:\d\d) (\d{4}) GMT")
_NAME = re.compile(r"(DNS|IP Address):([^\s,]+)")


def name_of(text: str) -> str:
    """A distinguished name as OpenSSL writes it, as RFC 4514 does; empty where it is not plain."""
    text = text.strip()
    if _SLASHES.fullmatch(text):
        pairs = [one.partition("=")[::2] for one in text.strip("/").split("/")]
    elif _WHOLE.fullmatch(text):
        pairs = [(match[1], match[2].strip()) for match in _PAIR.finditer(text)]
    else:
        return ""
    return ",".join(f"{key}={value}" for key, value in reversed(pairs))


def common_name_of(text: str) -> str:
    """The common name in one; empty without any."""
    found = [one for one in name_of(text).split(",") if one.startswith("CN=")]
    return found[0].removeprefix("CN=") if len(found) == 1 else ""


def time_of(text: str) -> datetime | None:
    """A time as OpenSSL writes it: ``Dec 28 06:37:54 2026 GMT``."""
    match = _GMT.search(text)
    if match is None:
        return None
    try:
        form = f"{match[1]} {match[2]} {match[3]} {match[4]}"
        return datetime.strptime(form, "%b %d %H:%M:%S %Y").replace(tzinfo=UTC)
    except ValueError:
        return None


def names_in(text: str) -> list[str]:
    """The alternative names in a line, in the order of the facts."""
    found = [(match[1], match[2]) for match in _NAME.finditer(text)][:_MOST_NAMES]
    names = sorted({value for kind, value in found if kind == "DNS"})
    return names + sorted({value for kind, value in found if kind != "DNS"})


def take_pem(cursor: Cursor) -> bytes | None:
    """The certificate that begins at the present line, taken; None where its end is not there."""
    lines: list[str] = []
    for ahead in range(_MOST_LINES):
        text = cursor.peek(ahead).strip()
        lines.append(text)
        if text == _END:
            for _ in lines:
                cursor.take()
            try:
                return ssl.PEM_cert_to_DER_cert("\n".join(lines))
            except ValueError:
                return None
    return None


def begins_pem(text: str) -> bool:
    """Whether a certificate begins here."""
    return text.strip() == _BEGIN


def certificate_facts(der: bytes) -> dict[str, Any]:
    """The facts that a certificate states by itself; none of one that cannot be read."""
    from hashlib import sha256

    from sotokara.kinds.shared.tls.certificate import (
        common_name,
        key_of,
        load_certificate,
        names_of,
        one_line,
        signature_of,
    )
    from sotokara.kinds.shared.tls.dane import key_bytes

    own = load_certificate(der)
    if own is None:
        return {}
    try:
        return {
            "names": names_of(own),
            "subject": one_line(own.subject.rfc4514_string()),
            "issuer": common_name(own.issuer),
            "valid_from": own.not_valid_before_utc,
            "expires": own.not_valid_after_utc,
            "fingerprint": sha256(der).hexdigest(),
            "key": key_of(own),
            "key_hash": sha256(key_bytes(own)).hexdigest(),
            "signature": signature_of(own),
            "serial": f"{own.serial_number:x}",
        }
    except Exception:  # noqa: BLE001  # hostile certificates raise many types
        return {}


def matched(host: str, names: Sequence[str]) -> bool:
    """Whether a certificate with these names is for a host."""
    from sotokara.kinds.shared.tls.certificate import matches

    return matches(host, names)
