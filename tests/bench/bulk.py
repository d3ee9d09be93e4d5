"""Many names of one zone in one batch, against NSD on loopback: names a second, memory, bytes.

Each size is one build without pages in a process of its own: a list on disk becomes a sealed batch
on disk. Beside it, in the same run and against the same NSD, our DNS client alone (no evidence, the
names made up in memory), dnspython's ``dns.asyncquery``, ``dig -f`` and, where it is installed,
aiodns. ``full`` adds a million names.
"""

import asyncio
import contextlib
import importlib.util
import os
import resource
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import dns.asyncquery
import dns.message
import dns.name

from tests.bench.measure import ROOT, scratch, table

SIZES = (10_000, 100_000)
_MILLION = 1_000_000
_ALONE = 20_000
_CONF = """server:
  ip-address: 127.0.0.1@{port}
  username: ""
  chroot: ""
  zonesdir: "{folder}"
  pidfile: ""
  zonelistfile: "{folder}/zone.list"
  xfrdfile: ""
  server-count: 1
  rrl-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: bulk.example
  zonefile: bulk.zone
"""


@contextlib.contextmanager
def nsd(folder: Path, names: int) -> Iterator[int]:
    """NSD with so many names in its zone: its port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    head = "$ORIGIN bulk.example.\n$TTL 300\n@ SOA ns h 1 1 1 1 1\n@ NS ns\nns A 127.0.0.1\n"
    lines = (f"n{one:07d} A 198.18.{one >> 8 & 255}.{one & 255}\n" for one in range(names))
    (folder / "bulk.zone").write_text(head + "".join(lines), "ascii")
    (folder / "nsd.conf").write_text(_CONF.format(folder=folder, port=port), "ascii")
    command = ["/usr/sbin/nsd", "-d", "-c", str(folder / "nsd.conf")]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            _wait(port)
            yield port
        finally:
            process.terminate()


def _wait(port: int) -> None:
    query = dns.message.make_query("n0000000.bulk.example", "A").to_wire()
    for _ in range(300):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.settimeout(0.2)
            one.connect(("127.0.0.1", port))
            with contextlib.suppress(OSError):
                one.send(query)
                one.recv(512)
                return
            time.sleep(0.1)
    raise RuntimeError("NSD does not answer")


def _batch(folder: str, port: str, count: str) -> None:
    """In a process of its own: one build; prints seconds, MiB and bytes a row."""
    from sotokara.definitions.definition import read_definition
    from sotokara.engine.settings import load
    from sotokara.ledger import seals
    from sotokara.site.build import begin
    from sotokara.site.subjects import list_subjects

    where, root = [f"127.0.0.1:{port}"], Path(folder)
    opened = {"policy": {"allow": ["127.0.0.0/8"]}, "per_server": 256}
    settings = load({"resolvers": where, "control": where, **opened}, {})
    began = time.monotonic()
    build = begin(settings, root)
    source = f'dns: "{{{{ each.name }}}}"\ntype: A\neach: names.csv\nserver: {where[0]}\n'
    definition, _ = read_definition(source, "index.md", 1, "t" * 16)
    assert definition is not None
    list_subjects(definition, root / "docs", settings, build.plan)
    build.run.add([definition])
    build.run.finish(lambda _: None)
    (kept,) = build.run.file.batches
    seals.seal(root / "evidence")
    seconds = time.monotonic() - began
    assert kept.manifest.outcomes == {"answered": int(count)}, kept.manifest
    mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"{seconds} {mib} {kept.manifest.size / kept.manifest.rows}\n")


def _client(_: str, port: str, count: str) -> None:
    """Our own client alone, as many questions at once as the batch may have."""
    from sotokara.network.dns_client import DnsClient, Server, query

    async def main() -> float:
        client, server = DnsClient(), Server("127.0.0.1", int(port))
        turns = asyncio.Semaphore(256)

        async def ask(number: int) -> None:
            name = dns.name.from_text(f"n{number:07d}.bulk.example").to_wire() or b""
            async with turns:
                reply = await client.ask(server, query(name, 1, rd=True), 10)
                assert reply.received is not None

        began = time.monotonic()
        await asyncio.gather(*map(ask, range(int(count))))
        client.close()
        return time.monotonic() - began

    sys.stdout.write(f"{asyncio.run(main())}\n")


def _dnspython(_: str, port: str, count: str) -> None:
    """Messages in and out, as its users ask many."""

    async def main() -> float:
        turns = asyncio.Semaphore(256)

        async def ask(number: int) -> None:
            question = dns.message.make_query(f"n{number:07d}.bulk.example", "A")
            async with turns:
                await dns.asyncquery.udp(question, "127.0.0.1", timeout=10, port=int(port))

        began = time.monotonic()
        await asyncio.gather(*map(ask, range(int(count))))
        return time.monotonic() - began

    sys.stdout.write(f"{asyncio.run(main())}\n")


def _aiodns(_: str, port: str, count: str) -> None:
    """c-ares behind asyncio."""
    aiodns = importlib.import_module("aiodns")

    async def main() -> float:
        resolver = aiodns.DNSResolver(
            nameservers=["127.0.0.1"], udp_port=int(port), tcp_port=int(port), timeout=10
        )
        turns = asyncio.Semaphore(256)

        async def ask(number: int) -> None:
            async with turns:
                await resolver.query(f"n{number:07d}.bulk.example", "A")

        began = time.monotonic()
        await asyncio.gather(*map(ask, range(int(count))))
        return time.monotonic() - began

    sys.stdout.write(f"{asyncio.run(main())}\n")


def _dig(folder: Path, port: int, count: int) -> float:
    """One dig for all, which asks them one after the other."""
    names = folder / "dig.txt"
    names.write_text("".join(f"n{one:07d}.bulk.example\n" for one in range(count)), "ascii")
    began = time.monotonic()
    command = ["dig", "@127.0.0.1", "-p", str(port), "+short", "-f", str(names)]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stdout.count(b"198.18.") == count
    return time.monotonic() - began


def _alone(what: str, folder: Path, port: int, count: int, core: str = "") -> list[float]:
    pinned = ["taskset", "-c", core] if core and shutil.which("taskset") else []
    command = [*pinned, sys.executable, "-m", "tests.bench.bulk", what, str(folder), str(port)]
    done = subprocess.run(
        [*command, str(count)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return [float(one) for one in done.stdout.split()]


def main() -> str:
    """Measure; the table."""
    full = "full" in sys.argv or os.environ.get("BENCH_FULL")
    sizes = (*SIZES, _MILLION) if full else SIZES
    rows = []
    with scratch() as folder, nsd(folder, max(sizes)) as port:
        (client,) = _alone("client", folder, port, _ALONE, "0")
        alone = _ALONE / client
        for size in sizes:
            site = folder / str(size)
            (site / "docs").mkdir(parents=True)
            names = (f"n{one:07d}.bulk.example\n" for one in range(size))
            (site / "docs" / "names.csv").write_text("name\n" + "".join(names), "ascii")
            seconds, mib, each = _alone("batch", site, port, size)
            what = f"a batch of {size:,} names, from a list to a sealed file"
            more = [f"{mib:.0f} MiB", f"{each:.0f}"]
            rows.append([what, f"{size / seconds:,.0f}", f"{size / seconds / alone:.2f}", *more])
        rows.append(["our DNS client alone, on one core", f"{alone:,.0f}", "1", "–", "–"])
        few = _ALONE // 4
        peers = {"dnspython alone": _alone("dnspython", folder, port, few, "0")[0]}
        peers["`dig -f`"] = _dig(folder, port, few)
        if importlib.util.find_spec("aiodns"):
            peers["aiodns"] = _alone("aiodns", folder, port, few, "0")[0]
        for name, took in peers.items():
            rows.append([name, f"{few / took:,.0f}", f"{few / took / alone:.2f}", "–", "–"])
    return table(["", "names/s", "× our client", "memory", "bytes a row"], rows)


if __name__ == "__main__":
    {"batch": _batch, "client": _client, "dnspython": _dnspython, "aiodns": _aiodns}[sys.argv[1]](
        *sys.argv[2:]
    )
