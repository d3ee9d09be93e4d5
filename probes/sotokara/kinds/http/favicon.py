"""The number that Shodan and others find an icon by: MurmurHash3 (x86, 32 bits) of its base64.

The base64 is as Python's ``encodebytes`` writes it, in lines of 76, which is how the number came
about. MurmurHash3 is Austin Appleby's, in the public domain; written here from its description.
"""

from base64 import encodebytes

_BITS = 0xFFFFFFFF
_C1, _C2, _M5, _N = 0xCC9E2D51, 0x1B873593, 5, 0xE6546B64


def favicon_hash(icon: bytes) -> int:
    """The number, signed as it is written in searches.

    >>> favicon_hash(b"")
    0
    """
    number = murmur3(encodebytes(icon))
    return number - (1 << 32) if number >> 31 else number


def murmur3(content: bytes) -> int:
    """The hash with seed 0, unsigned.

    >>> murmur3(b"Hello, world!"), murmur3(b"test")
    (3224780355, 3127628307)
    """
    state, whole = 0, len(content) & ~3
    for at in range(0, whole, 4):
        state ^= _mixed(int.from_bytes(content[at : at + 4], "little"))
        state = (_rotated(state, 13) * _M5 + _N) & _BITS
    if rest := content[whole:]:
        state ^= _mixed(int.from_bytes(rest, "little"))
    state ^= len(content)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        state = ((state ^ state >> shift) * factor) & _BITS
    return state ^ state >> 16


def _mixed(part: int) -> int:
    return _rotated(part * _C1 & _BITS, 15) * _C2 & _BITS


def _rotated(value: int, by: int) -> int:
    return (value << by | value >> (32 - by)) & _BITS
