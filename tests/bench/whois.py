"""Registries: 500 addresses in 20 networks over 5 whois servers that answer after 100 ms.

Each server has one connection at a time and a pause after it. The bound is that of the schedule
itself: the questions of the busiest server, each with its answer's time and the pause.
"""

import json
import os
import statistics
import sys
from pathlib import Path

from tests.lab.names import Internet
from tests.lab.registries import ADDRESSES, HOST, NAME_SERVERS, additions, extended

RUNS = int(os.environ.get("BENCH_RUNS", "5"))
DELAY, PAUSE = 0.1, 0.2
OCTETS = (11, 12, 13, 14, 15)
NETWORKS, EACH = 4, 25
"""Networks per registry, addresses per network."""
SERVERS = {f"whois-r{octet}.example": f"203.119.3.{octet}" for octet in OCTETS}

TARGETS = [
    (octet, f"{octet}.0.{network}.{address}")
    for address in range(1, EACH + 1)
    for network in range(NETWORKS)
    for octet in OCTETS
]

_CODE = """
import asyncio, json, sys, time
from sotokara.kinds.whois.kind import Whois
from sotokara.network.network import Network
from sotokara.core.settings import Settings

async def main(named, targets):
    net = Network(Settings(concurrency=500, registry_pause=float(sys.argv[3])))
    questions = [
        Whois(target=target, server=f"whois-r{octet}.example" if named else "")
        for octet, target in targets
    ]
    began = time.monotonic()
    found = await asyncio.gather(
        *(question._registries(net.for_probe(4.0)) for question in questions)
    )
    seconds = time.monotonic() - began
    readings = [one.parse(exchanges) for one, exchanges in zip(questions, found)]
    assert all(reading.facts.netname == "BENCH" for reading in readings)
    assert all(one.target.rpartition(".")[0] in reading.facts.range
               for one, reading in zip(questions, readings))
    print(json.dumps([len(questions), seconds]))

asyncio.run(main(sys.argv[1] == "named", json.loads(sys.argv[2])))
"""


class _Lab(Internet):
    """The test network with the benchmark's servers in place of the recorded registries."""

    def __init__(self) -> None:
        super().__init__(extended(), NAME_SERVERS)
        self.additions = additions()
        lines = "".join(f"{name.split('.')[0]} A {one}\n" for name, one in SERVERS.items())
        self.additions["example"] += lines
        self.log = self.folder / "bench.jsonl"

    def up(self) -> None:
        super().up()
        root = {"address": ADDRESSES["whois.iana.org"], "server": "whois.iana.org"}
        servers = [{**root, "manner": "refers-by-octet"}]
        servers += [
            {"address": address, "server": name, "manner": "assigned"}
            for name, address in SERVERS.items()
            if address != root["address"]
        ]
        config = self.folder / "bench.json"
        config.write_text(
            json.dumps([{**one, "delay": DELAY, "log": str(self.log)} for one in servers])
        )
        argv = [sys.executable, "-m", "tests.servers.registry", str(config)]
        self.spawn(HOST, ["env", f"--chdir={Path.cwd()}", *argv], log="bench.log")
        for one in servers:
            self.wait_for_port(HOST, 43, kind="tcp", address=one["address"])

    def measured(self, how: str) -> tuple[int, float, dict[str, int]]:
        """Addresses, seconds, and how many questions each server got."""
        self.log.unlink(missing_ok=True)
        command = [sys.executable, "-c", _CODE, how, json.dumps(TARGETS), str(PAUSE)]
        output = self.run("pc", command, cwd=Path.cwd(), timeout=120).stdout
        addresses, seconds = json.loads(output)
        asked: dict[str, int] = {}
        for line in self.log.read_text().splitlines():
            server, _, most_at_once = json.loads(line)
            assert most_at_once == 1, f"{server} had {most_at_once} connections at once"
            asked[server] = asked.get(server, 0) + 1
        return addresses, seconds, asked


def main() -> str:
    """A Markdown table."""
    rows = [
        "| way | addresses | questions sent | the schedule's bound | median time | ratio |",
        "|---|---|---|---|---|---|",
    ]
    with _Lab() as lab:
        for how, title in (("named", "each registry named"), ("followed", "followed from IANA")):
            taken = [lab.measured(how) for _ in range(RUNS)]
            addresses, _, asked = taken[0]
            root = asked.pop("whois.iana.org", 0)
            # Followed: the last network's registry is asked once IANA's has referred to it.
            bound = (root + max(asked.values())) * (DELAY + PAUSE)
            median = statistics.median(seconds for _, seconds, _ in taken)
            total = root + sum(asked.values())
            rows.append(
                f"| {title} | {addresses} | {total} | {bound:.2f} s | {median:.2f} s "
                f"| {median / bound:.2f} |"
            )
    return "\n".join(rows)


if __name__ == "__main__":
    sys.stdout.write(f"{main()}\n")
