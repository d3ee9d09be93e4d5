"""Record cases for kind `traceroute`: `python -m tests.lab.path_cases`.

It writes tests/cases/traceroute/lab: the raw of a measurement in the test network (`NAME.raw.json`,
as the ledger stores it) and what was read from it (`NAME.json`). Look at what changed before you
keep it.
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import msgspec

from tests.lab import paths
from tests.lab.lab import REPOSITORY
from tests.lab.names import Internet

FOLDER = REPOSITORY / "tests" / "cases" / "traceroute" / "lab"
CASES: dict[str, dict[str, Any]] = {
    "post-udp": {"target": "ssl3.gcrest.com"},
    "post-icmp": {"target": "ssl3.gcrest.com", "protocol": "icmp"},
    "post-tcp-closed": {"target": "203.104.255.140", "protocol": {"tcp": 25}},
    "post-ipv6": {"target": "2001:db8:255::140"},
    "post-system": {"target": "203.104.255.140", "system": True},
    "silent": {"target": "ssl2.gcrest.com", "wait": 0.5},
    "silent-system": {"target": "221.246.251.104", "wait": 0.5, "max_hops": 10, "system": True},
    "balanced": {"target": paths.BALANCED},
    "balanced-system": {"target": paths.BALANCED, "system": True},
    "loop": {"target": paths.LOST},
    "prohibited": {"target": paths.FORBIDDEN},
    "prohibited-system": {"target": paths.FORBIDDEN, "system": True},
    "host-unreachable": {"target": paths.UNREACHABLE},
    "seldom": {"target": paths.SELDOM},
    "limit": {"target": "203.104.255.140", "max_hops": 4},
    "duplicates": {"target": "203.174.66.2"},
    "forged": {"target": "203.174.66.3"},
    "one-router-for-all": {"target": "203.174.66.4"},
    "answer-without-quote": {"target": "203.174.66.6", "wait": 0.5},
    "no-such-name": {"target": "nobody.shop.example"},
    "no-ipv6": {"target": "ssl3.gcrest.com", "family": 6},
}


async def _record(options: dict[str, Any]) -> dict[str, Any]:
    from sotokara.core.observation import pack
    from sotokara.engine.settings import load
    from sotokara.kinds.traceroute.kind import Traceroute
    from sotokara.network import traceroute_system
    from sotokara.network.network import Network

    if options.pop("system", False):
        command = traceroute_system.command
        traceroute_system.command = lambda request, platform="linux": command(request, platform)
        sys.platform = "without-sockets"
    network = Network(load({}, os.environ))
    question = Traceroute(**options).normal()
    exchanges = await question.measure(network.for_probe())
    reading = question.parse(exchanges)
    network.close()
    return {
        "raw": {"options": options, "exchanges": [pack(one) for one in exchanges]},
        "read": msgspec.to_builtins(reading),
    }


def main() -> None:
    """Record every case, or inside the network (with the options given) one."""
    if len(sys.argv) > 1:
        print(json.dumps(asyncio.run(_record(json.loads(sys.argv[1])))))
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    with Internet(paths.PATHS) as internet:
        paths.lead_to_liar(internet)
        for name, options in CASES.items():
            argv = [sys.executable, "-m", "tests.lab.path_cases", json.dumps(options)]
            done = internet.run("pc", argv, env=internet.settings(), cwd=REPOSITORY)
            told = json.loads(done.stdout)
            _write(FOLDER / f"{name}.raw.json", told["raw"])
            _write(FOLDER / f"{name}.json", told["read"])


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
