"""Redaction: the author's own addresses and words go before anything is hashed or stored.

Bytes are masked with as many bytes, so a redacted message still parses, and facts read from it are
redacted too. A hash of an IPv4 address is reversible by trying all of them, so nothing is hashed
first. Masked text keeps its shape: digits and letters become ``x``.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, TypeVar

import ifaddr
import msgspec

from sotokara.core.addresses import Address, Net, forms
from sotokara.core.observation import Exchange, Facts, Failure, Reading
from sotokara.masking import forms as other_forms
from sotokara.masking.encodings import encodings, mask_compressed, mask_encoded, spellings
from sotokara.masking.handshakes import HANDSHAKE, mask_handshake

_IPV4 = re.compile(rb"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.]*\d)")
_IPV6 = re.compile(
    rb"(?:(?<=[iI][pP][vV]6:)|(?<![0-9A-Fa-f:.vV]))(?:[0-9A-Fa-f]{0,4}:){2,7}"
    rb"(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9A-Fa-f]{0,4})(?![0-9A-Fa-f:])"
)
_PERCENT = re.compile(rb"(?:[0-9A-Fa-f]{0,4}(?:%3[aA]|%2[eE]|[:.])){2,}[0-9A-Fa-f]{0,4}")
"""An address in a URL: ``2001%3Adb8%3A%3A7``, ``203%2E0%2E113%2E5`` (RFC 3986, 2.1)."""
_HYPHENS = re.compile(rb"(?<![\w])((?:[A-Za-z]+-?)?)((?:\d{1,3}[-_]){3}\d{1,3})(?![\d])")
_HYPHENS6 = re.compile(
    rb"(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{0,4}-){2,7}[0-9A-Fa-f]{1,4}(?![0-9A-Za-z])"
)
"""An address as providers put it into names: ``host203-0-113-5``, ``2001-db8--7``."""
_REVERSE_WIRE = re.compile(rb"(?:[\x01-\x03]\d{1,3}){4}\x07[iI][nN]-[aA][dD][dD][rR]")
_REVERSE_TEXT = re.compile(rb"(?:\d{1,3}\.){4}in-addr\.arpa", re.IGNORECASE)
_REVERSE_IPV6 = re.compile(rb"(?:[0-9A-Fa-f]\.){32}ip6\.arpa|(?:\x01[0-9A-Fa-f]){32}\x03[iI][pP]6")
_SHAPE = re.compile(rb"[0-9A-Za-z\x80-\xff]")
_RDATA = re.compile(rb"(?=\x00(?:\x04(....)|\x10(.{16})))", re.DOTALL)
_CLIENT_SUBNET = re.compile(rb"\x00\x08\x00([\x05-\x14])\x00[\x01\x02]..", re.DOTALL)
_HIDDEN_ADDRESS = re.compile(r"0\.0\.0\.0|::|x{1,3}(?:\.x{1,3}){3}|(?=.*:.*x|x.*:)[x:.]+")
_ONE_FORM = "x.x.x.x"
DNS_MESSAGE = "application/dns-message"
_Struct = TypeVar("_Struct", bound=msgspec.Struct)


def own_addresses() -> list[str]:
    """The addresses of this machine's interfaces, without loopback."""
    found = []
    for adapter in ifaddr.get_adapters():
        for one in adapter.ips:
            text = one.ip if isinstance(one.ip, str) else one.ip[0]
            address = ip_address(text.partition("%")[0])
            if not address.is_loopback:
                found.append(str(address))
    return found


class Redactor:
    """Masks addresses, networks and words in bytes, text and exchanges."""

    def __init__(self, hidden: Iterable[str]) -> None:
        """``hidden``: addresses, networks in CIDR form, or any other words."""
        self._networks: list[Net] = []
        words: set[str] = set()
        for text in hidden:
            try:
                self._networks.append(ip_network(text.strip(), strict=False))
            except ValueError:
                words |= {text.strip()} - {""}
        self._prefixes = _long_prefixes(self._networks)
        spelled = {
            form: _SHAPE.sub(b"x", form) for word in words for form in other_forms.words(word)
        }
        spelled |= dict(form for word in words for form in spellings(word))
        self._words = [
            (word, spelled[word], _anywhere(word))
            for word in sorted(spelled, key=len, reverse=True)
        ]
        self._pieces, self._wire_pieces = (
            [
                pattern
                for word in sorted(words)
                if (pattern := other_forms.in_pieces(word.encode(), wire=wire)) is not None
            ]
            for wire in (False, True)
        )
        foreign = sorted((word for word in words if not word.isascii()), key=len, reverse=True)
        self._foreign = re.compile("|".join(map(re.escape, foreign)), re.IGNORECASE)

    def hides(self, text: str) -> bool:
        """Whether this is an address that is to be masked."""
        try:
            address: Address = ip_address(text)
        except ValueError:
            return False
        every = forms(address)
        return any(one in net for net in self._networks for one in every)

    def mask(self, content: bytes, media_type: str = "") -> bytes:
        """The same number of bytes with everything hidden masked.

        Words are found in the encoding that the media type declares too, and in the usual ones.
        """
        if self._networks:
            content = self._without_addresses(content)
        for _, shape, pattern in self._words:
            for match in pattern.finditer(content):
                masked = _dotted(shape, match[0])
                content = content[: match.start()] + masked + content[match.end() :]
        for encoding in encodings(content, media_type) if self._foreign.pattern else ():
            content = mask_encoded(content, encoding, self._foreign)
        for pattern in self._pieces:
            content = other_forms.mask_pieces(pattern, content)
        if b"=?" in content and (self._words or self._networks):
            content = other_forms.encoded_words(content, self._plainly)
        return content

    def _plainly(self, content: bytes) -> bytes:
        """What an encoded word holds, masked; it holds no further ones."""
        return self.mask(content.replace(b"=?", b"__"))

    def _without_addresses(self, content: bytes) -> bytes:
        """Asks first for what each form has to have: most answers have none of them."""
        if content.count(b":") >= 2:  # noqa: PLR2004  # an IPv6 address's, which may end as IPv4's
            content = _IPV6.sub(self._mask_address, content)
        if content.count(b".") >= 3:  # noqa: PLR2004  # an IPv4 address's
            content = _IPV4.sub(self._mask_address, content)
        lower = content.lower()
        if lower.count(b"%3a") >= 2 or lower.count(b"%2e") >= 3:  # noqa: PLR2004
            content = _PERCENT.sub(self._mask_percent, content)
        if content.count(b"-") >= 2 or content.count(b"_") >= 3:  # noqa: PLR2004
            content = _HYPHENS.sub(self._mask_hyphens, content)
            content = _HYPHENS6.sub(self._mask_hyphens6, content)
        if b"in-addr" in lower:
            content = _REVERSE_WIRE.sub(self._mask_reverse, content)
            content = _REVERSE_TEXT.sub(self._mask_reverse, content)
        if b"ip6" in lower:
            content = _REVERSE_IPV6.sub(self._mask_reverse_ipv6, content)
        return other_forms.mask_addresses(content, self.hides)

    def text(self, text: str) -> str:
        """Text with everything hidden masked."""
        return self.mask(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")

    def plain(self, value: Any) -> Any:  # noqa: ANN401  # plain JSON
        """Plain JSON with everything hidden masked; keys stay."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.plain(one) for one in value]
        if isinstance(value, dict):
            return {key: self.plain(one) for key, one in value.items()}
        return value

    def question(self, asked: _Struct) -> _Struct:
        """A question with everything hidden in its target and options masked, for all to see."""
        fields = {name: getattr(asked, name) for name in asked.__struct_fields__}
        changed = {
            name: masked for name, value in fields.items() if (masked := self.plain(value)) != value
        }
        return msgspec.structs.replace(asked, **changed) if changed else asked

    def reading(self, reading: Reading) -> Reading:
        """What was read, with everything hidden masked."""
        facts = reading.facts
        if facts is not None:
            facts = msgspec.convert(self.plain(msgspec.to_builtins(facts)), type(facts))
        return Reading(facts, self.plain(reading.volatile), self.failure(reading.failure))

    def alike(self, facts: Facts) -> Facts:
        """Facts with everything hidden masked, and hidden addresses in one form.

        In bytes an address is masked as zeros, in text by ``x``: both say that there is one that
        nobody is told.
        """

        def plain(value: Any) -> Any:  # noqa: ANN401  # plain JSON
            if isinstance(value, str):
                return _ONE_FORM if _HIDDEN_ADDRESS.fullmatch(value) else value
            if isinstance(value, list):
                return [plain(one) for one in value]
            if isinstance(value, dict):
                return {key: plain(one) for key, one in value.items()}
            return value

        masked = self.plain(msgspec.to_builtins(facts))
        return msgspec.convert(plain(masked) if self._networks else masked, type(facts))

    def message(self, wire: bytes) -> bytes:
        """A DNS message with everything hidden masked; the client subnet (RFC 7871) always is."""
        return self._message(wire)[0]

    def _message(self, wire: bytes) -> tuple[bytes, int]:
        """The same, and how many addresses in it have become zeros."""
        zeroed = 0
        if wire[11:12] != b"\0":
            for match in _CLIENT_SUBNET.finditer(wire):
                wire = _zeroed(wire, match.end(), match[1][0] - 4)
        for match in _RDATA.finditer(wire) if self._networks else ():
            packed = match[1] or match[2]
            if self.hides(str(ip_address(packed))):
                wire = _zeroed(wire, match.start() + 2, len(packed))
                zeroed += 1
        for prefix in self._prefixes:
            wire = _without_prefix(wire, prefix)
        for pattern in self._wire_pieces:
            wire = other_forms.mask_strings(pattern, wire)
        for word, _, _ in self._words:
            if b"." in word:
                wire = mask_compressed(wire, word.strip(b".").split(b"."))
        return self.mask(wire), zeroed

    def untouched(self, messages: Sequence[bytes]) -> bool:
        """Whether ``message`` would leave each of these DNS messages as it is; quick for many.

        All are looked at in one piece: what is found across two of them makes it say no.
        """
        every = _BETWEEN.join(messages)
        dotted = any(b"." in word for word, _, _ in self._words)  # it may be compressed
        patterns = (_CLIENT_SUBNET, *self._wire_pieces, *self._pieces)
        if dotted or any(pattern.search(every) for pattern in patterns):
            return False
        packed = {one or other for one, other in _RDATA.findall(every)} if self._networks else ()
        if any(self.hides(str(ip_address(one))) for one in packed):
            return False
        if any(every.find(prefix, _HEADER) >= 0 for prefix in self._prefixes):
            return False
        if self._words:
            return self.mask(every) == every
        texts = _BETWEEN.join([one for one in messages if _has_text(one)])
        return self.mask(texts) == texts and other_forms.mask_addresses(every, self.hides) == every

    def touched(self, messages: Sequence[bytes]) -> list[int]:
        """The numbers of the DNS messages that ``message`` may change, and of a few beside them."""
        if self.untouched(messages):
            return []
        if len(messages) <= _LOOKED_AT:
            return list(range(len(messages)))
        half = len(messages) // 2
        behind = self.touched(messages[half:])
        return [*self.touched(messages[:half]), *(half + one for one in behind)]

    def exchange(self, exchange: Exchange) -> Exchange:
        """An exchange as it may be stored."""
        sent, received = exchange.sent, exchange.received
        masked: tuple[bytes, bytes | None, int]
        if received and exchange.media_type == DNS_MESSAGE:
            masked = self._bytes(sent, exchange), *self._message(received)
        else:
            masked = self._bytes(sent, exchange), received and self._bytes(received, exchange), 0
        server, failure = self.text(exchange.server), self.failure(exchange.failure)
        step = self.text(exchange.step) if " " in exchange.step else exchange.step  # it has a name
        before = (sent, received, exchange.server, exchange.failure, exchange.step)
        if before == (*masked[:2], server, failure, step):
            return exchange
        return msgspec.structs.replace(
            exchange,
            step=step,
            sent=masked[0],
            received=masked[1],
            server=server,
            failure=failure,
            hidden=exchange.hidden + masked[2],
        )

    def _bytes(self, content: bytes, exchange: Exchange) -> bytes:
        if exchange.media_type == DNS_MESSAGE:
            return self.message(content)
        if exchange.media_type == HANDSHAKE:
            return mask_handshake(content, self.mask, self.hides)
        return self.mask(content, exchange.media_type)

    def failure(self, failure: Failure | None) -> Failure | None:
        """A failure whose particulars name nothing hidden."""
        if failure is None or not failure.detail:
            return failure
        return msgspec.structs.replace(failure, detail=self.text(failure.detail))

    def _mask_address(self, match: re.Match[bytes]) -> bytes:
        text = match[0].decode()
        backwards = ".".join(reversed(text.split("."))) if ":" not in text else text
        hidden = self.hides(text) or self.hides(backwards)
        return _SHAPE.sub(b"x", match[0]) if hidden else match[0]

    def _mask_percent(self, match: re.Match[bytes]) -> bytes:
        plain = re.sub(rb"%3[aA]", b":", re.sub(rb"%2[eE]", b".", match[0]))
        if not self.hides(plain.decode()):
            return match[0]
        pieces = re.split(rb"(%3[aA]|%2[eE])", match[0])
        return b"".join(
            piece if number % 2 else _SHAPE.sub(b"x", piece) for number, piece in enumerate(pieces)
        )

    def _mask_hyphens(self, match: re.Match[bytes]) -> bytes:
        parts = re.findall(rb"\d+", match[2])
        either = (b".".join(parts).decode(), b".".join(reversed(parts)).decode())
        if not any(map(self.hides, either)):
            return match[0]
        return match[1] + _SHAPE.sub(b"x", match[2])

    def _mask_hyphens6(self, match: re.Match[bytes]) -> bytes:
        plain = match[0].replace(b"-", b":").decode()
        return _SHAPE.sub(b"x", match[0]) if self.hides(plain) else match[0]

    def _mask_reverse(self, match: re.Match[bytes]) -> bytes:
        labels = re.findall(rb"\d{1,3}", match[0])[:4]
        if not self.hides(b".".join(reversed(labels)).decode()):
            return match[0]
        return re.sub(rb"\d", b"x", match[0])

    def _mask_reverse_ipv6(self, match: re.Match[bytes]) -> bytes:
        at = (
            0 if match[0][1:2] == b"." else 1
        )  # in text before each dot, on the wire behind a length
        nibbles = match[0][at:64:2]
        if not self.hides(str(IPv6Address(int(nibbles[::-1], 16)))):
            return match[0]
        masked = bytearray(match[0])
        masked[at:64:2] = b"x" * 32
        return bytes(masked)


@lru_cache(maxsize=64)
def redactor(hidden: tuple[str, ...]) -> Redactor:
    """The redactor of these; one takes a hundredth of a second to make, and is asked for often."""
    return Redactor(hidden)


def _has_text(message: bytes) -> bool:
    """Whether a message may have an address or a coded word in text: what each form has to have."""
    lower = message.lower()
    return (
        message.count(b".") > 2  # noqa: PLR2004  # the dots, colons and dashes of an address
        or message.count(b":") > 1
        or message.count(b"%") > 1
        or message.count(b"-") > 1
        or message.count(b"_") > 2  # noqa: PLR2004
        or b"in-addr" in lower
        or b"ip6" in lower
        or b"=?" in message
    )


_BETWEEN = b"\xff\xff"
"""Between messages that are looked at in one piece: no sign of any text."""
_LOOKED_AT = 4
"""So few messages are looked at one by one."""
_LONG_PREFIX = {4: 24, 6: 48}
"""From this length on a prefix's bytes stand in a message for that network and nothing else."""


def _long_prefixes(nets: Iterable[Net]) -> list[bytes]:
    """The whole bytes of the prefixes that are long enough."""
    every = (
        net.network_address.packed[: net.prefixlen // 8]
        for net in nets
        if net.prefixlen >= _LONG_PREFIX[net.version]
    )
    return list(dict.fromkeys(prefix for prefix in every if any(prefix)))


def _without_prefix(wire: bytes, prefix: bytes) -> bytes:
    """A message without the whole bytes of a long prefix: in APL, WKS, IPSECKEY and the like."""
    at = wire.find(prefix, _HEADER)
    while at >= 0:
        shown = bytes(len(prefix) - 1) + b"\x01"  # an APL may not end in zero (RFC 3123, 4.1)
        wire = wire[:at] + shown + wire[at + len(prefix) :]
        at = wire.find(prefix, at + len(prefix))
    return wire


_HEADER = 12
"""Bytes of a message before its first question."""


def _anywhere(word: bytes) -> re.Pattern[bytes]:
    """A word in text, and as a name on the wire, where each dot is the next label's length."""
    return re.compile(re.escape(word).replace(rb"\.", rb"[.\x01-\x3f]"), re.IGNORECASE)


def _dotted(shape: bytes, found: bytes) -> bytes:
    """The masked shape of a word, with the dots or lengths that were found in it."""
    pairs = zip(shape, found, strict=True)
    return bytes(there if masked == ord(".") else masked for masked, there in pairs)


def _zeroed(wire: bytes, start: int, length: int) -> bytes:
    return (
        wire
        if start + length > len(wire)
        else wire[:start] + bytes(length) + wire[start + length :]
    )
