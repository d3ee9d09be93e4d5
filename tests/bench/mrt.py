"""A dump of a route collector read as a stream: our reader beside bgpdump's.

A table of half a gigabyte (``full``: a whole one) is made up: 900,000 prefixes with three paths of
five hops each, again and again. Ours looks for one prefix, bgpdump prints them all; memory is the
most that each process ever had.
"""

import os
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from ipaddress import ip_network
from pathlib import Path

_HALF, _WHOLE = 512, 1024
_WANTED = "198.51.100.0/24"


def main() -> str:
    """Make the dump, read it in both ways, and say how fast each was."""
    size = _WHOLE if "full" in sys.argv or os.environ.get("BENCH_FULL") else _HALF
    size = int(os.environ.get("BENCH_MRT_MIB", size))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rib.mrt"
        _made(file, size * 1024 * 1024)
        rows = [("ours, one prefix of all", *_ours(file))]
        if shutil.which("bgpdump"):
            rows.append(("bgpdump -m, all", *_bgpdump(file)))
        mib = file.stat().st_size / (1 << 20)
    lines = ["| reader | seconds | MiB/s | memory, MiB |", "|---|---|---|---|"]
    for name, took, memory in rows:
        lines.append(f"| {name} | {took:.1f} | {mib / took:.0f} | {memory:.0f} |")
    return "\n".join(lines)


def _ours(file: Path) -> tuple[float, float]:
    code = (
        "import sys, time, resource; from pathlib import Path; from ipaddress import ip_network;"
        "from sotokara.kinds.bgp.mrt import Dump; began = time.monotonic();"
        f"found = list(Dump(Path(sys.argv[1]), ip_network('{_WANTED}'), 1e12).sightings());"
        "assert found, 'the prefix is in it';"
        "print(time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True
    )
    took, memory = map(float, done.stdout.split())
    return took, memory / 1024


def _bgpdump(file: Path) -> tuple[float, float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    began = time.monotonic()
    subprocess.run(["bgpdump", "-m", str(file)], stdout=subprocess.DEVNULL, check=True)
    took = time.monotonic() - began
    return took, max(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, before) / 1024


def _made(file: Path, size: int) -> None:
    peers = b"\0\0\0\1\0\0\0\3" + b"".join(
        b"\2\0\0\0" + bytes([number]) + b"\xc0\0\2" + bytes([number]) + struct.pack("!I", 64496)
        for number in (1, 2, 3)
    )
    hops = b"\2\5" + struct.pack("!5I", 64496, 64497, 64498, 64499, 64500)
    attributes = b"\x40\1\1\0" + b"\x40\2" + bytes([len(hops)]) + hops + b"\x40\3\4\xc0\0\2\1"
    entries = struct.pack("!H", 3) + b"".join(
        struct.pack("!HIH", peer, 1795860000, len(attributes)) + attributes for peer in range(3)
    )
    wanted = ip_network(_WANTED).network_address.packed[:3]
    with file.open("wb") as out:
        out.write(struct.pack("!IHHI", 1795860000, 13, 1, len(peers)) + peers)
        number, written = 0, 0
        while written < size:
            block = bytearray()
            for _ in range(20_000):
                at = number % 900_000
                prefix = wanted if at == 500_000 else struct.pack("!I", at + (1 << 24) // 8)[1:]
                body = struct.pack("!IB", number, 24) + prefix + entries
                block += struct.pack("!IHHI", 1795860000, 13, 2, len(body)) + body
                number += 1
            out.write(block)
            written += len(block)
