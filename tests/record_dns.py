"""Records cases of kind ``dns``: ``python -m tests.record_dns`` (needs the lab).

The questions of tests/test_dns_lab.py and of tests/servers/faulty.py are asked again; what was
received is written to tests/cases/dns/SOURCE/NAME.raw.json, and what is read from it beside it.
Look at the differences before you commit them: the second file is what a test holds the reader to.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import msgspec
from sotokara.core.observation import Exchange, Reading, pack, unpack
from sotokara.core.settings import Settings
from sotokara.kinds.dns.kind import Dns
from sotokara.network.network import Network
from sotokara.servers.nameserver import NameServer

from tests.servers.faulty import FAULTS
from tests.servers.thread import serving

CASES = Path(__file__).parent / "cases" / "dns"


def raw_of(question: Dns, exchanges: list[Exchange]) -> dict[str, Any]:
    """A case's first file."""
    return {"definition": question.identity(), "exchanges": [pack(one) for one in exchanges]}


def case(raw: dict[str, Any]) -> tuple[Dns, list[Exchange]]:
    """The question and the exchanges of a case's first file."""
    definition = dict(raw["definition"])
    question = msgspec.convert({"target": definition.pop("dns"), **definition}, Dns)
    return question, [unpack(one) for one in raw["exchanges"]]


def read_of(reading: Reading) -> dict[str, Any]:
    """A case's second file: facts and failure; the volatile part by its keys alone."""
    return {
        "facts": msgspec.to_builtins(reading.facts),
        "failure": msgspec.to_builtins(reading.failure),
        "volatile": sorted(reading.volatile),
    }


async def measure(question: Dns, settings: Settings) -> list[Exchange]:
    """Ask, as a build does."""
    network = Network(settings).for_probe()
    try:
        async with network.limit():
            return await question.measure(network)
    finally:
        network.close()


def write(source: str, name: str, raw: dict[str, Any]) -> None:
    """Write both files of a case."""
    folder = CASES / source
    folder.mkdir(parents=True, exist_ok=True)
    question, exchanges = case(raw)
    for suffix, content in (("raw.json", raw), ("json", read_of(question.parse(exchanges)))):
        text = json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True)
        (folder / f"{name}.{suffix}").write_text(f"{text}\n", "utf-8")


def faulty() -> None:
    """Record the answers of servers that misbehave, as far as there are any."""
    servers = {name: one.server() for name, one in FAULTS.items()}
    with serving(*servers.values()):
        for name, server in servers.items():
            settings = Settings(resolvers=["127.0.0.1:1"], timeout=1.5)
            settings = msgspec.structs.replace(
                settings, policy=msgspec.structs.replace(settings.policy, allow=["127.0.0.0/8"])
            )
            question = Dns(
                target=f"{name}.example", type=FAULTS[name].rdtype, server=server.address
            )
            exchanges = asyncio.run(measure(question.normal(), settings))
            same = [_at_port(one, server) for one in exchanges]
            raw = raw_of(Dns(target=f"{name}.example", type=FAULTS[name].rdtype), same)
            raw["definition"]["server"] = ["127.0.0.1:5300"]
            if name != "long":  # 64 kB; made anew in test_faulty_dns.py
                write("faulty", name, raw)


def _at_port(exchange: Exchange, server: NameServer) -> Exchange:
    name = exchange.server.replace(server.address, "127.0.0.1:5300")
    return msgspec.structs.replace(exchange, server=name, at=0.0, ms=1.0)


_IN_LAB = """
import asyncio, json, sys
from sotokara.kinds.dns.kind import Dns
from sotokara.engine.settings import load
from tests.record_dns import measure, raw_of
from tests.test_dns_lab import QUESTIONS
found = {}
for name, keys in QUESTIONS.items():
    keys = {key: value for key, value in keys.items() if key != "style"}
    question = Dns(target=keys.pop("dns"), **keys).normal()
    found[name] = raw_of(question, asyncio.run(measure(question, load({"timeout": 5}))))
json.dump(found, sys.stdout)
"""


def lab() -> None:
    """Record what the lab's name servers say."""
    from tests.lab.names import Internet

    with Internet() as internet:
        done = internet.python("pc", _IN_LAB, timeout=120, env=internet.settings())
    for name, raw in json.loads(done.stdout).items():
        write("lab", name, raw)


if __name__ == "__main__":
    for record in (faulty, lab):
        sys.stdout.write(f"{record.__name__}\n")
        record()
