"""The run's live half: deadlines, limits and giving up leave every figure with a reason."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import dns.message
import pytest
from sotokara.core.observation import Failure, Outcome
from sotokara.definitions.definition import Definition, read_definition
from sotokara.engine.settings import load
from sotokara.servers.nameserver import NameServer, honest
from sotokara.site.build import Build

from tests.servers.thread import serving


class Counting:
    """Answers late and counts how many questions are under way at once."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.now, self.most = seconds, 0, 0
        self.server = NameServer(self._answer)

    async def _answer(self, wire: bytes) -> AsyncIterator[bytes]:
        name = dns.message.from_wire(wire).question[0].name.to_text()
        if name.startswith("n"):
            self.now += 1
            self.most = max(self.most, self.now)
            await asyncio.sleep(self.seconds)
            self.now -= 1
        yield honest(wire)


def _definitions(count: int, **keys: str) -> list[Definition]:
    found = []
    more = "".join(f"{key}: {value}\n" for key, value in keys.items())
    for number in range(count):
        source = f"dns: n{number}.example\ntype: A\nid: n{number}\n{more}"
        definition, _ = read_definition(source, "a.md", number + 1, f"t{number}")
        assert definition
        found.append(definition)
    return found


def _build(folder: Path, server: NameServer, **settings: object) -> Build:
    where = [server.address]
    return Build(load({"resolvers": where, "control": where, **settings}, {}), folder)


def test_the_build_s_deadline_ends_what_is_under_way_and_what_waits(tmp_path: Path) -> None:
    slow = Counting(30)
    with serving(slow.server):
        build = _build(tmp_path, slow.server, deadline="1s", timeout="20s", concurrency=5)
        follower, _ = read_definition('dns: "{{ n1.names[0] }}"\n', "a.md", 99, "follower")
        assert follower
        began = time.monotonic()
        build.run.add([*_definitions(40), follower])
        assert build.finish() == []
    assert time.monotonic() - began < 60  # of eight rounds of 20 s, not one was waited for
    figures = list(build.plan.figures())
    assert len(figures) == 41
    reasons = [(one.failure or (one.now and one.now.failure)) for one in figures]
    names = [reason.name for reason in reasons if reason]
    assert sorted(names) == sorted(["deadline_exceeded"] * 40 + ["reference_empty"])
    assert not (tmp_path / "evidence" / "runs").exists()


def test_no_more_than_concurrency_are_under_way(tmp_path: Path) -> None:
    slow = Counting(0.05)
    with serving(slow.server):
        build = _build(tmp_path, slow.server, concurrency=7)
        build.run.add(_definitions(60))
        assert build.finish() == []
    assert slow.most <= 7
    assert {one.now.outcome for one in build.plan.figures() if one.now} == {Outcome.ANSWERED}


def test_one_server_is_asked_a_few_at_a_time(tmp_path: Path) -> None:
    slow, resolver = Counting(0.05), NameServer()
    with serving(slow.server, resolver):
        allow = {"allow": ["127.0.0.0/8"]}
        build = _build(tmp_path, resolver, per_server=3, policy=allow)
        build.run.add(_definitions(20, server=slow.server.address))
        assert build.finish() == []
    assert slow.most <= 3
    outcomes = [one.now.outcome for one in build.plan.figures() if one.now]
    assert outcomes == [Outcome.ANSWERED] * 20


@pytest.mark.parametrize("count", [1, 300])
def test_giving_up_before_a_probe_began_leaves_a_reason_too(tmp_path: Path, count: int) -> None:
    server = NameServer()
    with serving(server):
        build = _build(tmp_path, server)

        async def give_up_at_once() -> None:
            run = build.run
            live = run._alive()
            live.take(lambda: build.plan.add(_definitions(count)))
            live._offline = Failure("no_network", "control")
            live._cancel(live._tasks)  # the race itself
            live.take(build.plan.close)
            await live.end()
            await live.cancel()

        asyncio.run(give_up_at_once())
    for figure in build.plan.figures():
        assert figure.now
        assert figure.now.failure
        assert figure.now.failure.name == "no_network"


def test_an_error_of_ours_is_shown_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from sotokara.kinds.dns.kind import Dns

    def broken(*_: object) -> None:
        raise ZeroDivisionError("not an answer's fault")

    monkeypatch.setattr(Dns, "parse", broken)
    server = NameServer()
    with serving(server):
        build = _build(tmp_path, server)
        build.run.add(_definitions(2))
        assert build.finish() == []
    for figure in build.plan.figures():
        assert figure.now
        assert figure.now.failure == Failure("internal_error", "measure", "ZeroDivisionError")
    assert "a.md#n0: a bug in Sotokara" in caplog.text


@pytest.mark.parametrize("order", [1, -1])
def test_the_same_question_is_asked_twice_where_one_figure_hides_the_answer(
    tmp_path: Path, order: int
) -> None:
    """What is measured for a figure that masks an address must never stand in for one that does
    not, nor the other way round: the masked one would be shown."""
    server = NameServer()
    with serving(server):
        build = _build(tmp_path, server)
        sources = [
            "dns: a.example\nid: open\n",
            "dns: a.example\nid: shut\nredact: 198.18.0.0/15\n",
        ]
        found = []
        for number, source in enumerate(sources[::order]):
            definition, _ = read_definition(source, "a.md", number + 1, f"t{number}")
            assert definition
            found.append(definition)
        build.run.add(found)
        assert build.finish() == []
    facts = {one.node.definition.id: one.facts for one in build.plan.figures()}
    assert all(address.startswith("198.18.") for address in facts["open"].addresses)
    assert facts["open"].addresses
    assert not any(address.startswith("198.18.") for address in facts["shut"].addresses)
