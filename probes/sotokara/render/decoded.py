"""Raw bytes in words, by their media type alone: what a reader sees beside the hexadecimal.

It is for the eye: facts are read by the kinds. What cannot be decoded is shown as bytes alone.
"""

import codecs
import json
from collections.abc import Callable
from functools import lru_cache

from sotokara.core.hidden import without_zeros

_MOST = 1 << 16
"""Bytes that are decoded at all."""


def decoded_lines(content: bytes, media_type: str, *, hidden: bool = False) -> list[str]:
    """The lines of what bytes say; none where they say it themselves, or nobody can tell.

    ``hidden``: addresses were masked in them, so that their zeros are none.
    """
    name, _, parameters = media_type.partition(";")
    decode = _DECODERS.get(name.strip().lower())
    if decode is None or not content or len(content) > _MOST:
        return []
    try:
        lines = decode(content, parameters)
    except (ValueError, RecursionError, LookupError):
        return []
    return list(map(without_zeros, lines)) if hidden else lines


def _dns(content: bytes, _: str) -> list[str]:
    """A DNS message as zone files write it (RFC 1035, 5.1)."""
    number = f"id {int.from_bytes(content[:2], 'big')}"
    return [number, *_without_id(content[2:])[1:]]


@lru_cache(maxsize=2048)
def _without_id(content: bytes) -> list[str]:
    """The lines of a message without its id: the same is asked, and answered, day after day."""
    import dns.exception  # only where there is such a message
    import dns.message

    try:
        message = dns.message.from_wire(b"\0\0" + content, ignore_trailing=True)
        return message.to_text().splitlines()
    except dns.exception.DNSException as error:
        raise ValueError(str(error)) from error


def _text(content: bytes, parameters: str) -> list[str]:
    """Text of another charset than UTF-8: a registry's ISO-2022-JP."""
    charset = parameters.rpartition("charset=")[2].strip(' "') or "utf-8"
    if codecs.lookup(charset).name in {"utf-8", "ascii"}:
        return []
    return content.decode(charset, "backslashreplace").splitlines()


def _json(content: bytes, _: str) -> list[str]:
    """JSON on one line, or behind the head of an HTTP answer, with a line for each member."""
    head, blank, body = content.rpartition(b"\r\n\r\n")
    if body.count(b"\n") > 1:
        return []  # it is laid out already
    told = head.decode("latin-1").splitlines() if blank else []
    return [*told, *json.dumps(json.loads(body), ensure_ascii=False, indent=1).splitlines()]


_DECODERS: dict[str, Callable[[bytes, str], list[str]]] = {
    "application/dns-message": _dns,
    "text/plain": _text,
    "text/json": _json,
    "application/json": _json,
    "application/rdap+json": _json,
    "text/http": _json,
}
