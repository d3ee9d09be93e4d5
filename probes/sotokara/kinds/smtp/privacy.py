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
    rb"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]+)(?![\w:])"
)
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
    # A name that readers see anyway, as the target's own, is no secret and has to stay readable.
    return sorted({word for word in hidden if not _public(word, names)})


def _public(word: str, names: set[str]) -> bool:
    return "@" not in word and any(
        name == word or name.endswith(f".{word}") or word.endswith(f".{name}") for name in names
    )


def _echoes(received: bytes, asked: set[str]) -> list[str]:
    found = []
    for match in _ADDRESS.finditer(received):
        try:
            address = str(ip_address(match[0].decode().rstrip(".")))
        except ValueError:
            continue
        if address in asked or ip_address(address).is_loopback:
            continue
        found += [address, address.replace(".", "-").replace(":", "-")]
        named = re.search(_NAMED % re.escape(match[0]), received)
        if named:
            found.append(named[1].decode())
    return found
