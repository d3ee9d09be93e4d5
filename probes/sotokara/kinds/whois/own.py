"""The asking machine's address, as a registry names it back, leaves an answer before it is stored.

Behind a NAT nobody else knows it. It is masked only where it stands for us: in a refusal, and in
lines that say so (``request from 198.51.100.7``). A time of day is no address, and the addresses of
name servers are not ours.
"""

import re
from ipaddress import ip_address

from sotokara.kinds.shared.registry.personal import shape
from sotokara.kinds.whois.text import decode_answer

_ADDRESS = re.compile(
    r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.]*\d)"
    r"|(?<![0-9A-Fa-f:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![0-9A-Fa-f:])"
)
_OF_OURS = re.compile(
    r"\b(?:you|your|yours|client|denied|connect(?:ion|ed|ing)?|querying|querier|requester|quota for"
    r"|limit exceeded|exceeded for|(?:quer(?:y|ied)|request(?:ed)?|asked|access(?:ed)?"
    r"|look-?up|host)"
    r"(?: \S+)? (?:from|by))\b",
    re.IGNORECASE,
)
_SERVER = re.compile(r"^\s*(?:n?servers?|name ?servers?|host\w*)\b", re.IGNORECASE)


def own_address_masked(answer: bytes, charset: str, *, refused: bool) -> bytes:
    """The answer without our address. ``refused``: we were turned away, so any address is ours."""
    lines = []
    for raw in answer.splitlines(keepends=True):
        if raw.count(b".") < 3 and raw.count(b":") < 2:  # noqa: PLR2004  # what addresses have
            lines.append(raw)
            continue
        text = decode_answer(raw, charset)
        free = text.startswith(("%", "#")) or ":" not in text.partition(" ")[0]
        if (refused and not _SERVER.match(text)) or (free and _OF_OURS.search(text)):
            shown = _ADDRESS.sub(_masked, text)
            raw = raw if shown == text else shown.encode(charset, "replace")  # noqa: PLW2901
        lines.append(raw)
    return b"".join(lines)


def _masked(match: re.Match[str]) -> str:
    try:
        ip_address(match[0])
    except ValueError:
        return match[0]
    return shape(match[0])
