"""What went over a host's wires while a fault lasted: AF_PACKET, read by ourselves.

Hosts are watched as long as the lab is up, the author's computer and the targets; ``Watch`` cuts
one fault's packets out.

``python -m tests.truth.capture`` prints a JSON line for each packet until it is ended.
"""

import json
import socket
import struct
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from typing import Any

from tests.lab.lab import REPOSITORY, Lab

_IP, _IP6 = 0x0800, 0x86DD
_ALL = 0x0003
_NAMES = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6"}
_TCP, _UDP = 6, 17
_RESET, _ANSWER = 0x04, 0x12


def read(frame: bytes) -> dict[str, Any] | None:
    """Protocol, addresses and ports of an Ethernet frame; None for what is no IP packet."""
    (kind,) = struct.unpack_from("!H", frame, 12)
    packet = frame[14:]
    if kind == _IP and len(packet) >= 20:
        protocol, head = packet[9], (packet[0] & 15) * 4
        source, target = packet[12:16], packet[16:20]
    elif kind == _IP6 and len(packet) >= 40:
        protocol, head = packet[6], 40
        source, target = packet[8:24], packet[24:40]
    else:
        return None
    found: dict[str, Any] = {
        "protocol": _NAMES.get(protocol, str(protocol)),
        "from": str(ip_address(source)),
        "to": str(ip_address(target)),
    }
    if protocol in (_TCP, _UDP) and len(packet) >= head + 4:
        found["from_port"], found["to_port"] = struct.unpack_from("!HH", packet, head)
    if protocol == _TCP and len(packet) > head + 13:
        found["flags"] = packet[head + 13]
    return found


def main() -> None:
    """Print what is seen."""
    sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ALL))
    sniffer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    sys.stdout.write("{}\n")
    sys.stdout.flush()
    while True:
        frame, (_, _, kind, *_) = sniffer.recvfrom(256)
        seen = read(frame)
        if seen is not None:
            seen |= {"at": round(time.time(), 3), "out": kind == socket.PACKET_OUTGOING}
            sys.stdout.write(json.dumps(seen) + "\n")
            sys.stdout.flush()


class Seen:
    """One host's packets of a time that is over."""

    def __init__(self, lines: list[str]) -> None:
        self.packets: list[dict[str, Any]] = [json.loads(line) for line in lines if len(line) > 3]

    def count(self, *, out: bool, **wanted: Any) -> int:
        """Packets that the host sent (or got) with these values."""
        return sum(
            one["out"] is out and all(one.get(name) == value for name, value in wanted.items())
            for one in self.packets
        )

    def summary(self, most: int = 6) -> str:
        """By protocol and port, how many went out and how many came back."""
        sent: Counter[str] = Counter()
        got: Counter[str] = Counter()
        for one in self.packets:
            family = 6 if ":" in one["to"] else 4
            number = min(one.get("to_port", 0), one.get("from_port", 0))
            port = "33434+" if number >= 30000 else str(number or "")
            name = f"{one['protocol']}{family}/{port}".rstrip("/")
            (sent if one["out"] else got)[name] += 1
            if one.get("flags", 0) & _RESET:
                got[f"{name} RST"] += not one["out"]
        names = sorted({*sent, *got}, key=lambda name: -sent[name] - got[name])
        return ", ".join(f"{name} {sent[name]}→ {got[name]}←" for name in names[:most])


class Watch:
    """Captures on some hosts of a lab, which write until the lab is down."""

    def __init__(self, lab: Lab, hosts: Iterable[str]) -> None:
        self._files = {host: lab.folder / f"seen-{host}.jsonl" for host in hosts}
        argv = ["env", f"--chdir={REPOSITORY}", sys.executable, "-m", "tests.truth.capture"]
        for host, file in self._files.items():
            lab.spawn(host, argv, log=file.name)
        for file in self._files.values():
            while not file.stat().st_size:
                time.sleep(0.02)

    def here(self) -> dict[str, int]:
        """Where each capture is by now."""
        return {host: file.stat().st_size for host, file in self._files.items()}

    def since(self, here: Mapping[str, int]) -> dict[str, Seen]:
        """What each host has seen from there on."""
        return {host: Seen(self.lines(host, begin)) for host, begin in here.items()}

    def lines(self, host: str, begin: int) -> list[str]:
        """The whole lines of one capture from there on."""
        with self._files[host].open("rb") as file:
            file.seek(begin)
            return file.read().decode().rpartition("\n")[0].splitlines()


if __name__ == "__main__":
    main()
