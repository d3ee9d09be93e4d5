"""What the lab reads from the kernel: packet counters and listening sockets."""

import json
import sys
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path

_TCP_LISTEN = "0A"
_ADDRESS_PROTOCOL_PORT = 3

# Counted before connection tracking, so that what a later rule drops is counted too.
METER = r"""
table inet tally {
  set port4 { type ipv4_addr . inet_proto . inet_service; flags dynamic; size 65535; }
  set port6 { type ipv6_addr . inet_proto . inet_service; flags dynamic; size 65535; }
  set other4 { type ipv4_addr . inet_proto; flags dynamic; size 65535; }
  set other6 { type ipv6_addr . inet_proto; flags dynamic; size 65535; }
  chain count {
    meta l4proto { tcp, udp } meta nfproto ipv4 \
      update @port4 { ip daddr . meta l4proto . th dport counter } accept
    meta l4proto { tcp, udp } meta nfproto ipv6 \
      update @port6 { ip6 daddr . meta l4proto . th dport counter } accept
    meta nfproto ipv4 update @other4 { ip daddr . meta l4proto counter }
    meta nfproto ipv6 update @other6 { ip6 daddr . meta l4proto counter }
  }
  chain output { type filter hook output priority -310; jump count; }
  chain forward { type filter hook forward priority -310; jump count; }
}
"""


def count(listing: str, to: str, protocol: str | None, port: int | None) -> int:
    """Packets to an address or network in a `nft -j` listing of the table `METER` makes."""
    network = ip_network(to, strict=False)
    total = 0
    for entry in json.loads(listing)["nftables"]:
        for element in entry.get("set", {}).get("elem", ()):
            fields = element["elem"]["val"]["concat"]
            seen = fields[2] if len(fields) == _ADDRESS_PROTOCOL_PORT else None
            if (
                ip_address(fields[0]) in network
                and protocol in (None, fields[1])
                and port in (None, seen)
            ):
                total += element["elem"]["counter"]["packets"]
    return total


def listeners(pid: int, kind: str) -> Iterator[tuple[IPv4Address | IPv6Address, int]]:
    """Addresses and ports with a `udp` or a listening `tcp` socket, in a process's network."""
    for suffix in ("", "6"):
        table = Path(f"/proc/{pid}/net/{kind}{suffix}").read_text(encoding="ascii")
        for line in table.splitlines()[1:]:
            _, local, _, state, *_ = line.split()
            words, port = local.split(":")
            if kind == "tcp" and state != _TCP_LISTEN:
                continue
            # Each 32-bit word is printed in the machine's own byte order.
            address = b"".join(
                int(words[at : at + 8], 16).to_bytes(4, sys.byteorder)
                for at in range(0, len(words), 8)
            )
            yield ip_address(address), int(port, 16)
