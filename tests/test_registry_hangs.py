"""A registry that hangs holds up two questions of a build, and no more."""

import asyncio
import json
import re
import ssl
from functools import partial
from pathlib import Path

import pytest
from sotokara.core.observation import Exchange, Failure, ProbeFailure
from sotokara.core.settings import Policy, Settings
from sotokara.engine.run_state import Progress
from sotokara.kinds.shared.registry.target import read_target
from sotokara.kinds.whois import sunset, walk
from sotokara.network.deadline import Deadline
from sotokara.network.network import Network
from sotokara.network.queues import MOST_SILENCES, Queued, QueuedQuery, Registries, ServerQueues
from sotokara.network.services import SHORT, greets
from sotokara.network.ways import TownWays
from sotokara.servers.nameserver import NameServer
from sotokara.site import report

from tests.servers.registry import Registry
from tests.servers.thread import serving
from tests.sites import build, fence, figures, make_site

MANY = 12
SILENT, WELL = "192.0.2.43", "198.51.100.43"


class RdapServer:
    """One that has every domain, until it hangs: then it takes the question and says nothing."""

    def __init__(self, address: str) -> None:
        self.address, self.url = address, ""
        self.hangs, self.asked = False, 0

    async def start(self) -> None:
        """Open the port."""
        server = await asyncio.start_server(self._one, self.address, 0)
        self.url = f"http://{self.address}:{server.sockets[0].getsockname()[1]}"

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        if self.hangs:
            await asyncio.sleep(3600)
        name = head.split()[1].decode().rpartition("/")[2]
        found = {"objectClassName": "domain", "ldhName": name, "handle": f"H-{name}"}
        body = json.dumps({**found, "status": ["active"]}).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/rdap+json\r\n")
        writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        writer.close()


class Seen:
    """Two builds of one site: while both registries were well, and after one began to hang."""

    def __init__(self, folder: Path) -> None:
        resolver, bad, good = NameServer(), RdapServer("127.0.0.1"), RdapServer("127.0.0.2")
        with serving(resolver, bad, good):
            page = "\n".join(
                fence(rdap=f"a{number}.example", server=server.url, id=f"{name}{number}")
                for number in range(MANY)
                for name, server in (("bad", bad), ("good", good))
                if name == "bad" or number < 3
            )
            settings = {
                "resolvers": [resolver.address],
                "control": [resolver.address],
                "policy": {"allow": ["127.0.0.0/8"]},
                "timeout": 3,  # a busy machine is no silence
            }
            site = make_site(folder, {"index.md": page}, **settings, registry_pause=0)
            first = build(site)
            assert first.returncode == 0, first.stderr
            self.first, self.asked_first = first.stderr, bad.asked
            bad.hangs, bad.asked, good.asked = True, 0, 0
            make_site(folder, {"index.md": page}, **settings, registry_pause=2)
            self.log = build(site).stderr
            self.asked, self.asked_good = bad.asked, good.asked
        self.figures = figures((site / "site" / "index.html").read_text("utf-8"))


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    return Seen(tmp_path_factory.mktemp("hangs") / "site")


def test_two_questions_are_sent_to_a_server_that_hangs(seen: Seen) -> None:
    assert seen.asked_first == MANY
    assert seen.asked == MOST_SILENCES
    assert seen.asked_good == 3


def test_the_first_are_its_silence_and_the_others_are_not_measured(seen: Seen) -> None:
    bad = [text for name, text in seen.figures.items() if name.startswith("bad")]
    words = [
        sum("no reply came in time" in text for text in bad),
        sum("the registry did not answer others, so it was not asked" in text for text in bad),
    ]
    assert words == [MOST_SILENCES, MANY - MOST_SILENCES]
    told = re.findall(r"^.*(no answer|not measured) \((\w+)\)", seen.log, re.MULTILINE)
    assert told == [("no answer", "generic_timeout_error"), ("not measured", "registry_silent")]


def test_last_evidence_is_shown_meanwhile(seen: Seen) -> None:
    for number in range(MANY):
        assert f"H-a{number}.example" in seen.figures[f"bad{number}"]


def test_the_long_queue_is_named_beforehand(seen: Seen) -> None:
    line = re.search(
        r"^probes: 127\.0\.0\.1: (\d+) questions, one per 2 s: (\d+) s at least$",
        seen.log,
        re.MULTILINE,
    )
    assert line, seen.log
    assert int(line[2]) == 2 * int(line[1])
    assert MANY - MOST_SILENCES <= int(line[1]) <= MANY
    assert "127.0.0.2:" not in seen.log
    assert "one per" not in seen.first


def test_a_whois_server_that_hangs_holds_up_no_other() -> None:
    bad, good = Registry("whois.nic.example", "silent"), Registry("whois.iana.org")

    async def main() -> list[list[Exchange]]:
        ports = {}
        for address, registry in ((SILENT, bad), (WELL, good)):
            server = await registry.serve("127.0.0.1", 0)
            ports[address, 43] = server.sockets[0].getsockname()[1]
        settings = Settings(
            timeout=1, registry_pause=0, policy=Policy(["192.0.2.0/24", f"{WELL}/32"])
        )
        network = Network(settings, TownWays(ports, ssl.create_default_context()))

        async def one(number: int, server: str) -> Exchange:
            asking = walk.Asking(read_target(f"a{number}.example"), "en", contacts=False)
            return await walk.ask_registry(network.for_probe(4), server, asking, walk.FOLLOW)

        every = [[one(number, server) for number in range(5)] for server in (SILENT, WELL)]
        return [await asyncio.gather(*some) for some in every]

    silent, well = asyncio.run(main())
    names = [one.failure.name for one in silent if one.failure]
    assert names == ["generic_timeout_error"] * 2 + ["registry_silent"] * 3
    assert len(bad.questions) == MOST_SILENCES
    assert all(one.received for one in well)
    assert len(good.questions) == 5


def test_a_silence_counts_for_its_server_and_protocol_and_holds_back_no_control() -> None:
    registries = Registries(ServerQueues(), 0.5)
    registries.silent("nic.example", "whois")
    registries.awake("nic.example", "whois")
    registries.silent("nic.example", "whois")
    with pytest.raises(ProbeFailure, match="registry_silent"):
        registries.awake("nic.example", "whois")
    registries.awake("nic.example", "https")
    registries.awake("other.example", "whois")
    registries.awake("nic.example")


def test_a_silence_counts_once_it_is_known_to_be_the_server_s() -> None:
    """A third question waits for the judgement of two silences, and is put where one was ours."""

    async def main(theirs: tuple[bool, ...]) -> tuple[list[str], list[str]]:
        registries, clock = Registries(ServerQueues(), 0), Deadline(60)
        clock._begin(60)
        done, order = asyncio.Event(), []

        async def judged(verdict: bool) -> bool:  # noqa: FBT001
            await done.wait()
            order.append("judged")
            return verdict

        async def ask(asked: QueuedQuery | None) -> None:
            try:
                async with registries.turn(clock, "nic.example", lambda: None, asked):
                    order.append("control" if asked is None else "asked")
            except ProbeFailure as failed:
                order.append(failed.failure.name)

        for verdict in theirs:
            registries.silent("nic.example", "whois", judged(verdict))
        waiting = asyncio.ensure_future(ask(QueuedQuery("whois", "x", alone=True)))
        await ask(None)  # a control has its turn meanwhile
        await asyncio.sleep(0.01)
        early = list(order)
        done.set()
        await waiting
        registries.close()
        return early, order

    held, asked = ["judged", "judged", "registry_silent"], ["judged", "judged", "asked"]
    assert asyncio.run(main((True, True))) == (["control"], ["control", *held])
    assert asyncio.run(main((True, False))) == (["control"], ["control", *asked])
    assert asyncio.run(main((False, False))) == (["control"], ["control", *asked])
    assert asyncio.run(main((True,)))[0] == ["control", "asked"]


def test_a_control_that_wants_rest_was_heard_by_the_protocol_in_which_it_said_so() -> None:
    limit = Failure("rate_limited", "whois.example")

    async def main(protocol: str, *, v6: bool) -> str:
        net = Network(
            Settings(resolvers=["192.0.2.53"]), TownWays({}, ssl.create_default_context())
        )
        net.registries.rest("whois.example", limit, protocol)
        try:
            return await greets(net, "whois", "whois.example", 43, v6)
        finally:
            net.close()

    assert asyncio.run(main("whois", v6=False)) == SHORT
    assert asyncio.run(main("https", v6=False)) == "rate_limited"
    assert asyncio.run(main("whois", v6=True)) == "rate_limited"


def test_rdap_stands_in_for_a_whois_server_that_hangs_unless_it_was_named() -> None:
    server = "whois.nic.example"
    held = Failure("registry_silent", server)
    chain = [(Exchange(walk.FOLLOW, server, "whois", failure=held), held)]
    assert sunset.ended(chain, named=False)
    assert not sunset.ended(chain, named=True)


def test_a_queue_is_said_once_it_is_complete_and_again_when_doubled() -> None:
    said: list[str] = []
    look, now = report.QueueReport(said.append).look, Progress()
    looked: list[int] = []
    for many in (30, 39, 39, 41, 80, 80, 80, 85, 85, 200, 200, 10, 10):
        waiting = Queued("whois.nic.example", many, 0.5, alone=many < 100)
        now.queued = partial(list, [waiting])
        before = len(said)
        look(now)
        looked += [many] * (len(said) - before)
    assert looked == [80, 200]
    assert said == [
        "probes: whois.nic.example: 80 questions, one per 0.5 s: 40 s at least",
        "probes: whois.nic.example: 200 questions, one per 0.5 s; one answer may do for several",
    ]
