"""`smtp`: 100 domains with two mail servers each, every reply after 50 ms.

The servers run in a process of their own, each on its own address of loopback. The figure is how
much longer all 200 dialogues take than the slowest of them; and no address may ever have had two
connections at once.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator

import dns.name
from sotokara.core.observation import Exchange
from sotokara.core.settings import Settings
from sotokara.engine.settings import load
from sotokara.servers.mailserver import MailServer, Manner
from sotokara.servers.nameserver import NameServer, question, rdtype, record, reply

from tests.bench.measure import RUNS
from tests.smtp_ask import all_asked

DOMAINS = 100
_A, _MX = 1, 15


async def directory(wire: bytes) -> AsyncIterator[bytes]:
    """dN.test has the mail servers a.dN.test (127.9.N.1) and b.dN.test (127.9.N.2)."""
    name, _ = dns.name.from_wire(question(wire), 0)
    labels = name.to_text().split(".")
    if rdtype(wire) == _MX:
        hosts = (dns.name.from_text(f"{host}.{name}").to_wire() or b"" for host in "ab")
        yield reply(wire, *(record(_MX, bytes((0, 10 * n)) + w) for n, w in enumerate(hosts, 1)))
    elif rdtype(wire) == _A and len(labels) > 2:
        yield reply(
            wire, record(_A, bytes((127, 9, int(labels[1][1:]), 1 + "ab".index(labels[0]))))
        )
    else:
        yield reply(wire)


async def serve() -> None:
    """The servers, until standard input ends; then what they saw, on standard output."""
    addresses = [f"127.9.{n}.{host}" for n in range(DOMAINS) for host in (1, 2)]
    mail = MailServer(dict.fromkeys(addresses, Manner(delay=0.05)))
    names = NameServer(directory)
    await mail.start()
    await names.start()
    print(json.dumps([mail.port, names.address]), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    verbs = [one.verbs for one in mail.sessions]
    print(
        json.dumps(
            {
                "at once": max(mail.most_at_once.values()),
                "sessions": len(verbs),
                "without QUIT": sum(one[-1:] != ["QUIT"] for one in verbs),
                "with DATA": sum("DATA" in one for one in verbs),
            }
        )
    )


def _slowest(answers: list[list[Exchange]]) -> float:
    """Seconds of the longest dialogue."""
    spans: dict[str, list[float]] = {}
    for one in (one for several in answers for one in several if one.protocol == "smtp"):
        spans.setdefault(one.server, []).extend((one.at, one.at + (one.ms or 0.0)))
    return max(max(span) - min(span) for span in spans.values()) / 1000


def _once(settings: Settings) -> tuple[float, float]:
    began = time.monotonic()
    answers = asyncio.run(all_asked(settings, [f"d{n}.test" for n in range(DOMAINS)]))
    wall = time.monotonic() - began
    assert all(reading.failure is None for _, _, reading in answers)
    return wall, _slowest([exchanges for _, exchanges, _ in answers])


def main() -> str:
    """The table."""
    servers = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.smtp", "serve"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert servers.stdin
    assert servers.stdout
    port, names = json.loads(servers.stdout.readline())
    settings = load(
        {
            "resolvers": [names],
            "policy": {"allow": ["127.0.0.0/8"]},
            "smtp": {"mail_from": "me@author.test", "port": port, "pause": 0, "control": []},
        },
        environ={},
    )
    runs = [_once(settings) for _ in range(RUNS)]
    saw = json.loads(servers.communicate()[0])
    wall, slowest = (statistics.median(column) for column in zip(*runs, strict=True))
    ratio = statistics.median(one / other for one, other in runs)
    return "\n".join(
        (
            "| 200 dialogues, 50 ms a step | all | the slowest | ratio | limit |",
            "|---|---|---|---|---|",
            f"| median of {len(runs)} | {wall:.2f} s | {slowest:.2f} s | {ratio:.2f} | 2 |",
            "",
            f"{saw['sessions']} sessions: {saw['at once']} at once to an address at the most, "
            f"{saw['without QUIT']} without QUIT, {saw['with DATA']} with DATA.",
        )
    )


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        asyncio.run(serve())
    else:
        os.environ.setdefault("BENCH_RUNS", "1")
        print(main())
