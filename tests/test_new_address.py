"""An address that this machine gets in the midst of a build is masked as those it had before."""

import subprocess
import sys

import pytest

from tests.lab.lab import REPOSITORY

_CODE = """
import asyncio, subprocess
from types import SimpleNamespace
from sotokara.core.settings import Policy, Settings
from sotokara.engine.prober import Prober
from sotokara.kinds.whois.kind import Whois

NEW = "203.0.113.77"

async def echoes(reader, writer):
    await reader.readline()
    caller = writer.get_extra_info("peername")[0]
    lines = "inetnum: 192.0.2.0 - 192.0.2.255", "netname: NET", f"remarks: {caller}"
    writer.write("".join(f"{line}\\r\\n" for line in lines).encode())
    await writer.drain()
    writer.close()

async def main():
    server = await asyncio.start_server(echoes, "198.51.100.43", 43)
    settings = Settings(resolvers=["127.0.0.1"], policy=Policy(["198.51.100.0/24"]), timeout=3)
    prober = Prober(settings)
    asked = Whois(target="192.0.2.1", server="198.51.100.43", contacts=True)
    definition = SimpleNamespace(hidden=[], common=SimpleNamespace(redact=None), place="x")
    node = SimpleNamespace(definition=definition)
    figure = SimpleNamespace(asked=asked, question=asked, node=node)
    route = "ip route replace local 198.51.100.43 dev lo src " + NEW
    for words in (f"ip addr add {NEW}/32 dev lo", route + " table local"):
        subprocess.run(words.split(), check=True)
    exchanges, reading = await prober._measure(figure, prober._network.for_probe(4))
    text = repr(exchanges) + repr(reading)
    print("asked" if "netname" in text else text, "leaks" if NEW in text else "masked")
    prober.close()
    server.close()

asyncio.run(main())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs network namespaces")
def test_an_address_that_came_later_is_masked() -> None:
    script = f"ip link set lo up && ip addr add 198.51.100.43/32 dev lo && exec {sys.executable} -"
    argv = ["unshare", "-Urn", "sh", "-c", script]
    done = subprocess.run(
        argv, input=_CODE, capture_output=True, text=True, check=False, cwd=REPOSITORY
    )
    if "unshare" in done.stderr:
        pytest.skip("no namespaces here")
    assert done.stdout.split() == ["asked", "masked"], done.stdout + done.stderr
