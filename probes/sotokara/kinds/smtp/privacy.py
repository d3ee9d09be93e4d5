"""What in a dialogue would tell who asked: the settings' own names, and what servers echo of us.

Behind a NAT no interface has the address that servers see, but many say it in EHLO or in a refusal.
An address in a reply that is none of those we asked is therefore taken for ours, and so is the
name that stands before it. That may mask the address of a third party; a leak would be worse.
"""

import re
from collections.abc import Sequence
from ipaddress import ip_address

from sotokara.core.observation import Exchange
from sotokara.kinds.smtp.report import PROTOCOL, TOKEN

_ADDRESS = re.compile(
    rb"(?:(?<=IPv6:)|(?<![\w.:]))"
    rb"(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]+)(?![\w:])",
    re.IGNORECASE,
)
"""Bare, or as the literal ``[IPv6:2001:db8::7]`` (RFC 5321, 4.1.3)."""
_PERCENT = re.compile(rb"%(3a|2e)", re.IGNORECASE)
_HOST = re.compile(
    rb"(?<![\w.@-])(?=[\w-]*[a-z])[\w-]+(?:\.[\w-]+)*\.[a-z][\w-]+(?![\w@])", re.IGNORECASE
)
_NUMBERS = re.compile(
    rb"(?<!\d)(?:\d{1,3}[-_.x]){3}\d{1,3}(?!\d)|(?<![0-9a-f])[0-9a-f]{8}(?![0-9a-f])"
    rb"|(?:[0-9a-f]{1,4}-){3,}[0-9a-f]{1,4}",
    re.IGNORECASE,
)
"""How a provider's names have an address inside."""
_NAMED = rb"([A-Za-z0-9_.-]+\.[A-Za-z0-9-]+)\.?\s?[\[(]+(?:IPv6:)?%s"


_SENT = re.compile(rb"MAIL FROM:<([^>]+)>|(?:EHLO|HELO) (\S+)|^own: (\S+)$", re.MULTILINE)


def telltale(target: str, exchanges: Sequence[Exchange]) -> list[str]:
    """Words and addresses to be masked in these exchanges; masked ones give none."""
    asked = {one.server.partition(" [")[2].rstrip("]") for one in exchanges if "[" in one.server}
    names = {one.server.partition(" [")[0] for one in exchanges if "[" in one.server} | {target}
    hidden: list[str] = []
    for one in exchanges:
        if one.protocol not in ("smtp", PROTOCOL) or one.step == "certificate":
            continue
        hidden += [token.decode() for token in TOKEN.findall(one.received or b"")]
        for words in _SENT.findall(one.sent):
            for word in filter(None, words):
                hidden += {word.decode(), word.rpartition(b"@")[2].decode()}
        hidden += _echoes(one.received or b"", asked)
        hidden += _names(one)
    # A name that readers see anyway, as the target's own, is no secret and has to stay readable.
    return sorted({word for word in hidden if not _public(word, names)})


def _public(word: str, names: set[str]) -> bool:
    return "@" not in word and any(
        name == word or name.endswith(f".{word}") or word.endswith(f".{name}") for name in names
    )


def echoed(exchanges: Sequence[Exchange]) -> list[str]:
    """The addresses in replies to EHLO and HELO that are none of those asked: ours."""
    asked = {one.server.partition(" [")[2].rstrip("]") for one in exchanges}
    found = [
        address
        for one in exchanges
        if one.protocol == "smtp" and one.step in ("EHLO", "HELO")
        for address, _ in _addresses(one.received or b"", asked)
    ]
    return list(dict.fromkeys(found))


def _names(one: Exchange) -> list[str]:
    """Names of ours in a reply.

    In a greeting all but the server's own (RFC 5321, 4.1.1.1); elsewhere those that have an address
    inside, as providers give them.
    """
    received = one.received or b""
    first, _, _ = received.partition(b"\n")
    found = []
    if one.step in ("EHLO", "HELO") and first[:1] == b"2":
        own, _, greeting = first[4:].strip().partition(b" ")
        found = [name for name in _HOST.findall(greeting) if name.lower() != own.lower()]
    found += [name for name in _HOST.findall(received) if _NUMBERS.search(name)]
    return [name.decode("ascii", "replace") for name in found]


def _addresses(received: bytes, asked: set[str]) -> list[tuple[str, bytes]]:
    """Each address that is none of those asked, and how it is spelled."""
    text = _PERCENT.sub(lambda match: b":" if match[1] in b"3a3A" else b".", received)
    found = []
    for match in _ADDRESS.finditer(text):
        try:
            address = ip_address(match[0].decode().rstrip("."))
        except ValueError:
            continue
        if str(address) not in asked and not address.is_loopback:
            found.append((str(address), match[0]))
    return found


def _echoes(received: bytes, asked: set[str]) -> list[str]:
    found = []
    for address, spelled in _addresses(received, asked):
        found += [address, address.replace(".", "-").replace(":", "-")]
        named = re.search(_NAMED % re.escape(spelled), received)
        if named:
            found.append(named[1].decode())
    return found
