"""10,000 distinct dns definitions in one build against Unbound on loopback: answers a second.

The engine alone, end to end: definitions → plan → run → ledger; Unbound has every answer at hand.
A definition of one line asks for A and AAAA, so it has two answers; with ``type: A`` it has one.
Beside both the same questions as bytes in the engine's own client, the same in dnspython's
``dns.asyncquery``, which gives a reply's bytes too (``Message.wire``), and Unbound's own share.
"""

import asyncio
import contextlib
import os
import resource
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import dns.asyncquery
import dns.message
import dns.name

from tests.bench.measure import ROOT, RUNS, scratch, table

COUNT = 10_000
_CONF = """server:
  directory: "{folder}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  logfile: "{folder}/unbound.log"
  interface: 127.0.0.1@{port}
  access-control: 127.0.0.0/8 allow
  do-daemonize: no
  num-threads: 1
  module-config: "iterator"
  so-rcvbuf: 0
  local-zone: "bench.example." redirect
  local-data: "bench.example. 60 IN A 198.18.0.1"
  local-data: "bench.example. 60 IN AAAA 2001:db8::1"
  local-zone: "." static
  local-data: ". 60 IN NS ns.bench.example."
  local-data: ". 60 IN SOA ns.bench.example. host.bench.example. 1 60 60 60 60"
remote-control:
  control-enable: no
"""


@contextlib.contextmanager
def unbound(folder: Path) -> Iterator[tuple[int, int]]:
    """Unbound on a port of loopback: the port and the process id."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    (folder / "unbound.conf").write_text(_CONF.format(folder=folder, port=port), "utf-8")
    command = ["unbound", "-d", "-c", str(folder / "unbound.conf")]
    with subprocess.Popen(command) as process:
        try:
            time.sleep(1)
            yield port, process.pid
        finally:
            process.kill()


def _engine(folder: str, port: str, more: str = "") -> None:
    """In a process of its own: one build without pages; prints seconds, and CPU seconds."""
    from sotokara.definitions.definition import read_definition
    from sotokara.engine.settings import load
    from sotokara.site.build import begin

    where = [f"127.0.0.1:{port}"]
    settings = load({"resolvers": where, "control": where}, {})
    began, cpu = time.monotonic(), time.process_time()
    build = begin(settings, Path(folder))
    definitions = []
    for number in range(COUNT):
        source = f"dns: n{number}.bench.example\n{more}"
        definition, mistakes = read_definition(source, "bench.md", number, str(number))
        assert definition, mistakes
        definitions.append(definition)
    build.run.add(definitions)
    build.finish()
    answers = sum(bool(each.received) for one in build.kept for each in one.exchanges)
    expected = COUNT if more else 2 * COUNT
    if answers != expected:
        message = f"{answers} of {expected} answers came"
        raise RuntimeError(message)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"{time.monotonic() - began} {time.process_time() - cpu} {peak}\n")


def _client(port: str) -> None:
    """The same questions as bytes, no facts and no ledger: what the transport alone can do."""
    from sotokara.network.dns_client import DnsClient, Server, query

    async def all_of_them() -> None:
        client, server = DnsClient(), Server("127.0.0.1", int(port))
        room = asyncio.Semaphore(256)

        async def one(number: int) -> None:
            name = dns.name.from_text(f"n{number}.bench.example")
            async with room:
                reply = await client.ask(server, query(name.to_wire() or b"", 1, rd=True), 10)
            assert reply.received

        await asyncio.gather(*map(one, range(COUNT)))
        client.close()

    began, cpu = time.monotonic(), time.process_time()
    asyncio.run(all_of_them())
    sys.stdout.write(f"{time.monotonic() - began} {time.process_time() - cpu} 0\n")


def _asyncquery(port: str) -> None:
    """The same questions by dnspython's own transport; a socket for each, as it opens them."""

    async def all_of_them() -> None:
        room = asyncio.Semaphore(256)

        async def one(number: int) -> None:
            question = dns.message.make_query(f"n{number}.bench.example", "A")
            async with room:
                reply = await dns.asyncquery.udp(question, "127.0.0.1", 10, port=int(port))
            assert reply.wire

        await asyncio.gather(*map(one, range(COUNT)))

    began, cpu = time.monotonic(), time.process_time()
    asyncio.run(all_of_them())
    sys.stdout.write(f"{time.monotonic() - began} {time.process_time() - cpu} 0\n")


def _run(*arguments: str) -> list[float]:
    command = [sys.executable, "-m", "tests.bench.answers", *arguments]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return [float(text) for text in done.stdout.split()]


def _cpu_of(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


MEMORY = Path("/dev/shm")  # noqa: S108  # Linux' RAM disk: what is left is not the file system
_ROWS = {
    "definitions of one line (A and AAAA)": (2 * COUNT, "engine", []),
    "the same, evidence on a RAM disk": (2 * COUNT, "memory", []),
    "definitions with `type: A`": (COUNT, "engine", ["type: A\n"]),
    "the DNS client alone": (COUNT, "client", []),
    "dnspython's asyncquery alone": (COUNT, "asyncquery", []),
}


def main() -> str:
    """Measure; the table."""
    measured: dict[str, list[list[float]]] = {name: [] for name in _ROWS}
    with scratch() as folder, unbound(folder) as (port, process):
        for turn in range(RUNS):
            for name, (_, what, more) in _ROWS.items():
                before = _cpu_of(process)
                with contextlib.ExitStack() as until:
                    own = folder / f"{turn} {name}"
                    if what == "memory":
                        own = until.enter_context(scratch(MEMORY if MEMORY.is_dir() else None))
                    own.mkdir(exist_ok=True)
                    alone = what in ("client", "asyncquery")
                    given = [str(port)] if alone else [str(own), str(port), *more]
                    measured[name].append([*_run(what, *given), _cpu_of(process) - before])
    rows = []
    for name, several in measured.items():
        seconds, cpu, peak, server = (
            statistics.median(column) for column in zip(*several, strict=True)
        )
        memory = f"{peak:.0f} MiB" if peak else ""
        speeds = [f"{_ROWS[name][0] / seconds:,.0f}", f"{seconds:.2f} s"]
        rows.append([name, *speeds, f"{cpu / seconds:.0%}", f"{server / seconds:.0%}", memory])
    header = ["answers/s", "wall", "our CPU", "Unbound's CPU", "peak memory"]
    return table([f"{COUNT:,} names", *header], rows)


if __name__ == "__main__":
    if sys.argv[1] == "client":
        _client(*sys.argv[2:])
    elif sys.argv[1] == "asyncquery":
        _asyncquery(*sys.argv[2:])
    else:
        _engine(*sys.argv[2:])
