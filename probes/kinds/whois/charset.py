"""Which character set an answer is in. RFC 3912 has no way to say, so: bytes, then server, in turn.

The whole answer is decoded at once, never chunk by chunk. The set that was used is named in the
exchange's media type, so that old evidence is read as it was.
"""

import codecs
import re

_JAPANESE = ("whois.nic.ad.jp", "whois.jprs.jp")
_KNOWN = {
    "whois.kisa.or.kr": "euc-kr",
    "whois.nic.or.kr": "euc-kr",
    "whois.krnic.net": "euc-kr",
    "whois.twnic.net": "big5",
    "whois.twnic.net.tw": "big5",
    "whois.lacnic.net": "iso-8859-1",
    "whois.registro.br": "iso-8859-1",
}
"""What a server sends where it is not UTF-8."""
_ESCAPE = re.compile(rb"\x1b\$[@B]|\x1b\([BJ]")
_DECLARED = re.compile(
    rb"^[%#\[; ]*(?:encoding|charset)[ =:]+([A-Za-z0-9_-]{3,20})", re.IGNORECASE | re.MULTILINE
)
_SAMPLE = 100_000


def charset(server: str, answer: bytes) -> str:
    """The name of the character set of an answer (an IANA name that Python knows too)."""
    sample = answer[:_SAMPLE]
    if _ESCAPE.search(sample):
        return "iso-2022-jp"
    if sample.isascii():
        return "us-ascii"
    candidates = ["utf-8"]
    if (match := _DECLARED.search(sample)) and (name := _name(match[1].decode())):
        candidates.insert(0, name)
    if server in _JAPANESE:
        candidates += _japanese(sample)
    candidates += [_KNOWN[server]] if server in _KNOWN else []
    for name in candidates:
        try:
            answer.decode(name)
        except UnicodeDecodeError:
            continue
        return name
    return "iso-8859-1"


def _name(text: str) -> str:
    """The normal name of a declared character set; empty for one that does not exist.

    Sets of more than text (``rot13``, ``zlib``) are none, nor are those that are never sent.
    """
    try:
        found = codecs.lookup(text)
    except LookupError:
        return ""
    odd = found.name.startswith(("utf-7", "idna", "unicode", "raw", "mbcs", "oem"))
    return "" if odd or not found._is_text_encoding else found.name  # noqa: SLF001


def _japanese(sample: bytes) -> list[str]:
    """EUC-JP and Shift_JIS, the likelier first: in EUC-JP every byte of a character has bit 7."""
    high = sum(byte >= 0x80 for byte in sample)  # noqa: PLR2004
    pairs = sum(len(run) for run in re.findall(rb"(?:[\xa1-\xfe]{2})+", sample))
    return ["euc-jp", "shift_jis"] if pairs >= high * 0.9 else ["shift_jis", "euc-jp"]


def decoded(answer: bytes, name: str) -> str:
    """The answer as text; bytes that the set does not have become ``\\xNN``."""
    return answer.decode(name, "backslashreplace")


def of_media_type(media_type: str) -> str:
    """The character set named in a media type, ``utf-8`` where there is none."""
    name = media_type.partition("charset=")[2]
    return _name(name) or "utf-8"
