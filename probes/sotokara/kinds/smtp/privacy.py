"""What in a dialogue would tell who asked: the settings' own names, and what servers echo of us.

Behind a NAT no interface has the address that servers see, but many say it in EHLO or in a refusal.
An address in a reply that is none of those we asked is therefore taken for ours, and so is the
name that stands before it. That may mask the address of a third party; a leak would be worse.
"""

import contextlib
import re
from base64 import b64decode
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

from sotokara.core.observation import Exchange
from sotokara.kinds.smtp.report import PROTOCOL, TOKEN

_ADDRESS = re.compile(
    rb"(?:(?<=IPv6:)|(?<![\w.:]))"
    rb"(?:\d{1,3}(?:\.\d{1,3}){3}(?!\w|:[0-9a-f]*:)|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]+(?![\w:]))",
    re.IGNORECASE,
)
"""Bare, with a port, or as the literal ``[IPv6:2001:db8::7]`` (RFC 5321, 4.1.3)."""
_OCTET = r"(0x[0-9a-f]{1,2}|\d{1,4})"
_QUAD = re.compile(
    rf"(?<!\d)(?!^){_OCTET}(&#\w{{1,5}};|[^\d\r\n]{{1,7}}?){_OCTET}\2{_OCTET}\2{_OCTET}(?!\d)",
    re.IGNORECASE | re.MULTILINE,
)
"""Four numbers with the same between them each time, whatever it is; no reply's code."""
_IN_ONE = re.compile(
    r"(?<![\w.])(?P<size>SIZE[ =]\d+)|(?<![0-9a-z.])(?:(?:0x)?(?P<hex>[0-9a-f]{8}|[0-9a-f]{32})"
    r"|(?:0o)?(?P<decimal>\d{8,11})|(?P<nibbles>(?:[0-9a-f]\.){8,31}[0-9a-f])"
    r"|(?P<pairs>[0-9a-f]{2}(?P<sign>[^\w\r\n])[0-9a-f]{2}(?:(?P=sign)[0-9a-f]{2}){2})"
    r"(?!(?P=sign)[0-9a-f]))(?![0-9a-z])",
    re.IGNORECASE,
)
"""As one number, in base 16, 10 or 8; as the digits of a reverse name. ``SIZE`` is RFC 1870's."""
_GROUPS = re.compile(
    r"(?<![\w-])(?=[0-9a-f._-]{0,40}\d)"
    r"(?=[0-9a-f_-]{0,40}(?:--|__)|(?:[0-9a-f]{1,4}[-_]){3}|[0-9a-f.]{0,40}\.\.)"
    r"[0-9a-f]{1,4}([-_.])\1?[0-9a-f]{1,4}(?:\1{1,2}[0-9a-f]{1,4}){1,6}(?![\w-])",
    re.IGNORECASE,
)
"""IPv6 with another sign for its colons."""
_BASE64 = re.compile(r"(?<![\w+/=-])[A-Za-z0-9+/]{8,256}={0,2}(?![\w+/=-])")
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
_OCTAL = frozenset("01234567")
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
    return "@" not in word and any(word in name or word.endswith(f".{name}") for name in names)


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


def _spelled(received: bytes, asked: set[str]) -> list[str]:
    """What can be an address in another spelling, as it is spelled; none of those asked."""
    found: list[tuple[str, set[str]]] = []
    text = received.decode("utf-8", "replace")
    for match in _QUAD.finditer(text):
        parts = [match[number].lower() for number in (1, 3, 4, 5)]
        octets, plain = [_number(one) for one in parts], [_number(one, 10) for one in parts]
        if any(max(one) < 256 for one in (octets, plain)):  # noqa: PLR2004
            found.append((match[0], {_quad(one) for one in (octets, plain, plain[::-1])}))
    for match in _IN_ONE.finditer(text):
        named = {name: one for name, one in match.groupdict().items() if one and name != "sign"}
        if "size" not in named:
            found.append((match[0], set(map(str, _in_one(**named)))))
    found += [(match[0], {match[0].replace(match[1], ":")}) for match in _GROUPS.finditer(text)]
    for match in _BASE64.finditer(text):
        with contextlib.suppress(ValueError):
            inside = b64decode(match[0], validate=True)
            if _addresses(inside, asked):
                found.append((match[0], set()))
    return [spelled for spelled, read in found if not read & asked]


def _number(text: str, base: int = 8) -> int:
    """A number as C reads it (``0x``, in base 8 after a zero); ``base`` 10: zeros mean nothing."""
    if text.startswith("0x"):
        return int(text, 16)
    return int(text, base if text[:1] == "0" and set(text) <= _OCTAL else 10)


def _quad(octets: Sequence[int]) -> str:
    return ".".join(map(str, octets))


def _in_one(
    hex: str = "",  # noqa: A002  # the group's name
    decimal: str = "",
    nibbles: str = "",
    pairs: str = "",
) -> Iterator[IPv4Address | IPv6Address]:
    """The addresses that digits without any other sign may stand for."""
    digits = hex or re.sub(r"\W", "", pairs) or "".join(reversed(nibbles.split(".")))
    with contextlib.suppress(ValueError):
        if decimal or digits.isdecimal():
            yield IPv4Address(int(decimal or digits))
    with contextlib.suppress(ValueError):
        if digits:
            short = len(digits) <= 8  # noqa: PLR2004
            yield (IPv4Address if short else IPv6Address)(int(digits, 16))


def _echoes(received: bytes, asked: set[str]) -> list[str]:
    found = _spelled(received, asked)
    for address, spelled in _addresses(received, asked):
        found += [address, address.replace(".", "-").replace(":", "-"), spelled.decode()]
        named = re.search(_NAMED % re.escape(spelled), received)
        if named:
            found.append(named[1].decode())
    return found
