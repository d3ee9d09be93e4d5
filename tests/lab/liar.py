"""A process that answers for all routers and targets behind it, and not as they should.

It reads packets from a TUN interface. The last number of the target's address says what is done to
its traces (`TRICKS`; nothing above 9). There are three routers, 203.174.66.101 to 103, and the
target is the fourth hop behind the host it runs on. IPv4 and UDP.
"""

import os
import socket
import struct
import subprocess
import time
from collections.abc import Iterator

from tests.lab import linux

TRICKS = {
    1: "quotes the bare 28 bytes (RFC 792)",
    2: "sends every answer twice",
    3: "a forged quote comes before each answer",
    4: "one router answers for every TTL",
    5: "the second router answers after 1.2 s",
    6: "the target answers by UDP, without the probe's bytes",
    7: "answers quote a packet to somebody else",
    8: "answers have a wrong checksum",
    9: "two routers say nothing at all",
}
_QUIET = 150
"""Targets from this number on are honest, but behind two silent routers."""
_FORGER = "203.174.66.66"
_ROUTERS = ("203.174.66.101", "203.174.66.102", "203.174.66.103")
_TIME_EXCEEDED, _UNREACHABLE = (11, 0), (3, 3)


def checksum(content: bytes) -> int:
    """The internet checksum (RFC 1071)."""
    total: int = sum(
        struct.unpack(f"!{(len(content) + 1) // 2}H", content + b"\0" * (len(content) % 2))
    )
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def packet(source: str, to: bytes, protocol: int, body: bytes) -> bytes:
    """An IPv4 packet."""
    head = struct.pack(
        "!BBHHHBBH4s4s",
        0x45,
        0,
        20 + len(body),
        0,
        0,
        64,
        protocol,
        0,
        socket.inet_aton(source),
        to,
    )
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + body


def error(source: str, to: bytes, kind: tuple[int, int], quote: bytes) -> bytes:
    """An ICMP error (RFC 792)."""
    body = struct.pack("!BBHI", *kind, 0, 0) + quote
    return packet(source, to, 1, body[:2] + struct.pack("!H", checksum(body)) + body[4:])


def answers(probe: bytes) -> Iterator[tuple[float, bytes]]:
    """What is sent for a packet, each with the seconds to wait."""
    ttl, protocol, source, target = probe[8], probe[9], probe[12:16], probe[16:20]
    if protocol != socket.IPPROTO_UDP:
        return
    trick, reached = target[3], ttl > len(_ROUTERS)
    who = socket.inet_ntoa(target) if reached else _ROUTERS[ttl - 1]
    kind = _UNREACHABLE if reached else _TIME_EXCEEDED
    quote = probe[:28] if trick == 1 else probe
    if trick == 3:
        yield 0, error(_FORGER, source, _TIME_EXCEEDED, probe[:28] + b"\xff" * (len(probe) - 28))
    if trick == 4:
        yield 0, error(_ROUTERS[0], source, _TIME_EXCEEDED, quote)
        return
    if trick == 6 and reached:
        ports = probe[22:24] + probe[20:22]
        yield 0, packet(who, source, 17, ports + struct.pack("!HH", 12, 0) + b"hi!!")
        return
    if (trick == 9 or trick >= _QUIET) and ttl in (1, 3):
        return
    if trick == 7:
        quote = probe[:16] + socket.inet_aton(_FORGER) + probe[20:]
    answer = error(who, source, kind, quote)
    if trick == 8:
        answer = answer[:22] + b"\x12\x34" + answer[24:]
    yield 1.2 if trick == 5 and ttl == 2 else 0, answer
    if trick == 2:
        yield 0, answer


def main() -> None:
    """Answer until killed."""
    tun = linux.open_tun("lies")
    os.set_blocking(tun, True)
    text = "link set lies up\nroute add 203.174.66.0/24 dev lies\n"
    subprocess.run(["ip", "-batch", "-"], input=text, text=True, check=True)
    late: list[tuple[float, bytes]] = []
    while True:
        probe = os.read(tun, 65535)
        for wait, answer in answers(probe) if probe[0] >> 4 == 4 else ():
            if wait:
                late.append((time.monotonic() + wait, answer))
            else:
                os.write(tun, answer)
        for due in [one for one in late if one[0] <= time.monotonic()]:
            late.remove(due)
            os.write(tun, due[1])


if __name__ == "__main__":
    main()
