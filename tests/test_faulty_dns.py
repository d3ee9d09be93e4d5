"""Name servers that misbehave: each is a named failure in time, and the build goes on."""

import asyncio
import contextlib
import ipaddress
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from sotokara.core.labels import labels
from sotokara.servers.nameserver import NameServer, address_of, after, honest

from tests.servers.faulty import FAULTS, LONG_TEXT, name
from tests.servers.thread import serving
from tests.sites import build, fence, figures, make_site

TIMEOUT = 2.0
CONTROL = 2.0  # sotokara.network.control.PATIENCE
GRACE = 0.5


async def prompt_tcp(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers one question of a connection honestly (RFC 1035, 4.2.2)."""
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        wire = await reader.readexactly(int.from_bytes(await reader.readexactly(2)))
        said = honest(wire)
        writer.write(len(said).to_bytes(2) + said)
        await writer.drain()
    writer.close()


class Faulty:
    """What one build made of all the faulty servers."""

    def __init__(self, folder: Path) -> None:
        servers = {fault: one.server() for fault, one in FAULTS.items()}
        closed = NameServer()
        honest = NameServer(tcp=prompt_tcp)
        with serving(honest, *servers.values()):
            servers["closed"] = closed
            closed.port = 1  # nothing listens there
            pages = {"index.md": "# Faults\n\n" + "\n".join(self._fences(servers))}
            make_site(
                folder,
                pages,
                resolvers=[honest.address],
                control=[honest.address],
                timeout=TIMEOUT,
                policy={"allow": ["127.0.0.0/8"]},
            )
            began = time.monotonic()
            self.done = build(folder)
            self.seconds = time.monotonic() - began
        self.folder = folder
        runs = (folder / "evidence" / "runs").glob("*/*/*/*.jsonl")
        lines = [json.loads(text) for run in runs for text in run.read_text().splitlines()]
        self.lines: dict[str, Any] = {
            line["definition"]["dns"].removesuffix(".example"): line for line in lines
        }
        self.figures = figures((folder / "site" / "index.html").read_text("utf-8"))

    @staticmethod
    def _fences(servers: dict[str, NameServer]) -> list[str]:
        return [
            fence(
                dns=f"{fault}.example",
                id=fault.replace("-", "_"),
                type=FAULTS[fault].rdtype if fault in FAULTS else "A",
                server=server.address,
            )
            for fault, server in servers.items()
        ]


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Faulty:
    return Faulty(tmp_path_factory.mktemp("faulty") / "site")


def test_the_build_goes_on(faulty: Faulty) -> None:
    assert faulty.done.returncode == 0, faulty.done.stderr
    assert "Traceback" not in faulty.done.stderr
    assert set(faulty.lines) == {*FAULTS, "closed"}
    # All at once: the deadlines of two questions, and far from those of all, on a busy machine too.
    assert faulty.seconds < len(FAULTS) * (TIMEOUT + GRACE) / 2


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_has_its_name(faulty: Faulty, fault: str) -> None:
    line, expected = faulty.lines[fault], FAULTS[fault].failure
    assert line.get("failure", {}).get("name") == expected
    assert line["outcome"] == ("no_answer" if expected else "answered")
    assert line.get("duration", 0) <= TIMEOUT + GRACE + CONTROL
    shown = faulty.figures[fault.replace("-", "_")]
    assert labels("en")[expected or "answered"] in shown


def test_a_closed_port_is_refused(faulty: Faulty) -> None:
    assert faulty.lines["closed"]["failure"]["name"] == "connection_refused"


def test_what_is_forged_is_not_believed(faulty: Faulty) -> None:
    wire = b"\0" * 12 + name("forged-first", "example") + b"\0\1\0\1"
    true = str(ipaddress.ip_address(address_of(wire)))
    shown = faulty.figures["forged_first"]
    assert f"Address: {true}" in shown
    assert "1.2.3.4" not in shown


def test_a_message_of_64_kilobytes_is_kept_whole_and_shown_capped(faulty: Faulty) -> None:
    line = faulty.lines["long"]
    raw = faulty.folder / "evidence" / "objects" / line["raw"][:2] / f"{line['raw']}.json"
    assert raw.stat().st_size > len(LONG_TEXT)
    facts = faulty.folder / "evidence" / "objects" / line["facts"][:2] / f"{line['facts']}.json"
    (record,) = json.loads(facts.read_text("utf-8"))["facts"]["records"]
    assert len(re.findall("[A-Z]", record["value"])) == 255 * 255
    assert "… (+" in faulty.figures["long"]
    assert len(faulty.figures["long"]) < 3500


def test_nothing_is_taken_for_a_fault_of_ours(faulty: Faulty) -> None:
    assert not [one for one in faulty.lines.values() if one["outcome"] == "not_measured"]
    assert "bug" not in faulty.done.stderr


def test_a_question_that_waits_for_its_turn_is_not_given_up(tmp_path: Path) -> None:
    """A slow server, two questions at a time: more waiting than a probe has time."""
    resolver, slow = NameServer(), NameServer(after(0.4))
    with serving(resolver, slow):
        page = "\n".join(
            fence(dns=f"n{n}.example", id=f"n{n}", type="A", server=slow.address) for n in range(10)
        )
        folder = make_site(
            tmp_path / "site",
            {"index.md": page},
            resolvers=[resolver.address],
            control=[resolver.address],
            timeout=1,
            per_server=2,
            policy={"allow": ["127.0.0.0/8"]},
        )
        done = build(folder)
    assert "10 answered, 0 no answer, 0 not measured" in done.stderr
