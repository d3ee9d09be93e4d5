"""What goes to a host of one's own and what comes back: read as data, and believed for nothing."""

import hashlib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import msgspec
import pytest
from distributed import CancelledError, KilledWorker
from distributed.cli import dask_scheduler, dask_worker
from distributed.client import FutureCancelledError
from distributed.comm.core import CommClosedError
from distributed.scheduler import WorkerState
from sotokara import __version__
from sotokara.core.observation import Observation, Outcome, ProbeFailure, now
from sotokara.core.places import Dask
from sotokara.definitions.definition import read_definition
from sotokara.engine import at_worker
from sotokara.engine.portion import Measured, Portion, PortionQuestion, pack, read_measured
from sotokara.engine.settings import load
from sotokara.ledger import Ledger
from sotokara.ledger.signing import make, signers
from sotokara.ledger.taking import Expected, Foreign, store_foreign_run
from sotokara.network import cluster
from sotokara.network.cluster import Cluster, _result
from sotokara.servers.nameserver import NameServer
from sotokara.site.build import Build

from tests.servers.thread import serving

HIDDEN = "geheim"


@pytest.fixture(scope="module")
def server() -> Iterator[NameServer]:
    one = NameServer()
    with serving(one):
        yield one


@pytest.fixture
def portion(server: NameServer, monkeypatch: pytest.MonkeyPatch) -> Portion:
    for name in ("RESOLVERS", "CONTROL"):
        monkeypatch.setenv(f"SOTOKARA_{name}", f"['{server.address}']")
    asked = [asked_for("a.example", "a"), asked_for(f"{HIDDEN}.example", "b")]
    return Portion(
        __version__, "fra", shown=True, seconds=20.0, hidden=[HIDDEN], signers=b"", asked=asked
    )


def asked_for(target: str, name: str) -> PortionQuestion:
    return PortionQuestion(
        "dns", target, {"type": ["A"]}, "a.md", 3, name, "en", [], [f"a.md#{name}"]
    )


def there(portion: Portion) -> Measured:
    return read_measured(at_worker.measure(pack(portion)), portion)


def digests(measured: Measured) -> list[str]:
    return [msgspec.json.decode(one)["digest"] for one in measured.content.splitlines()]


def taken(folder: Path, measured: Measured, **other: list[str]) -> list[Observation]:
    ledger = Ledger(folder / "evidence")
    since = now()
    foreign = Foreign(measured.run, measured.content, measured.signature, measured.objects)
    known = other.get("digests") or digests(measured)
    expected = Expected("fra", known, [["a.md#a"], ["a.md#b"]], since, since)
    return [
        ledger.observation(one, raw=True) for one in store_foreign_run(ledger, foreign, expected)
    ]


def test_a_place_sees_what_a_build_there_would(
    portion: Portion, server: NameServer, tmp_path: Path
) -> None:
    seen, hidden = taken(tmp_path, there(portion))
    build = Build(load(vantage="fra", redact=[HIDDEN]), tmp_path / "alone")
    found = [
        read_definition(f"dns: {one.target}\ntype: A\nid: {one.id}", "a.md", 3, one.target)[0]
        for one in portion.asked
    ]
    build.run.add([one for one in found if one])
    build.finish(lenient=True)
    alone, masked = [one.now for one in build.plan.figures() if one.now]
    assert (seen.digest, seen.facts, seen.outcome) == (alone.digest, alone.facts, alone.outcome)
    assert (hidden.digest, hidden.facts) == (masked.digest, masked.facts)
    assert seen.vantage.engine == "dask"
    kept = b"".join(one.read_bytes() for one in tmp_path.rglob("*.json*"))
    assert HIDDEN.encode() not in kept


def test_a_host_with_a_key_signs_its_run(
    portion: Portion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = make("fra.example")
    line = f"vantage fra {key.verifier} 2026-01-01T00:00:00Z -\n"
    log = f"log {make('log.example').verifier} 2026-01-01T00:00:00Z -\n"
    monkeypatch.setenv("SOTOKARA_KEY", key.text)
    measured = there(msgspec.structs.replace(portion, signers=(log + line).encode()))
    assert b"fra.example" in measured.signature
    assert not there(portion).signature  # nobody has named its key
    folder = tmp_path / "evidence"
    folder.mkdir()
    (folder / "signers").write_text(log + line)
    assert [one.name for one in signers(folder)] == ["log.example", "fra.example"]
    assert [one.origin for one in taken(tmp_path, measured)] == ["measured"] * 2
    assert {one.vantage for one in Ledger(folder).index.every()} == {"fra"}


def test_a_host_without_a_network_leaves_no_run_but_reasons(
    portion: Portion, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("RESOLVERS", "CONTROL"):
        monkeypatch.setenv(f"SOTOKARA_{name}", "['127.0.0.1:9']")
    measured = there(portion)
    assert (measured.run, measured.lines) == ("", [0, 0])
    assert {one and one.outcome for one in measured.failures} == {Outcome.NOT_MEASURED}


def test_the_worker_s_own_settings_decide(
    portion: Portion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOTOKARA_POLICY", "{kinds: [none]}")
    assert {one and one.name for one in there(portion).failures} == {"policy_refused"}


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("SOTOKARA_VANTAGE", "nyc", "calls itself nyc"),
        ("SOTOKARA_TIMEOUT", "soon", "SOTOKARA_TIMEOUT"),
    ],
)
def test_a_host_that_is_another_place_or_badly_set_is_not_measured(
    portion: Portion, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ProbeFailure, match=said) as failed:
        there(portion)
    assert failed.value.failure.name == "place_differs"
    assert failed.value.failure.outcome is Outcome.NOT_MEASURED


def test_another_version_is_not_measured(portion: Portion, monkeypatch: pytest.MonkeyPatch) -> None:
    old = msgspec.structs.replace(portion, version="0.0.1")
    with pytest.raises(ProbeFailure, match="did not answer every question"):
        there(old)
    monkeypatch.setattr(at_worker, "__version__", "0.0.2")
    with pytest.raises(ProbeFailure, match=r"version 0\.0\.2"):
        there(portion)


@pytest.mark.parametrize("payload", [b"", b"\x81", b"\xc1" * 99, b"\x91" * 5000, b"null", b"\x80"])
def test_bytes_that_are_nothing_are_no_observation(portion: Portion, payload: bytes) -> None:
    with pytest.raises(ProbeFailure) as failed:
        read_measured(payload, portion)
    assert failed.value.failure.name == "place_differs"
    assert b"cannot be read" in at_worker.measure(payload)


def forged(measured: Measured, before: bytes, after: bytes) -> Measured:
    """Other content under a name that fits it."""
    content = measured.content.replace(before, after)
    assert content != measured.content
    digest = hashlib.sha256(content).hexdigest()[:8]
    run = f"{measured.run.rpartition('-')[0]}-{digest}.jsonl"
    return msgspec.structs.replace(measured, run=run, content=content)


def test_what_a_host_forges_is_not_taken(portion: Portion, tmp_path: Path) -> None:
    measured = there(portion)
    own = {"digests": digests(measured)}
    away = "runs/../../../etc/20261128T000000000Z-fra-00000000.jsonl"
    wrong: list[tuple[Measured, str]] = [
        (msgspec.structs.replace(measured, run=away), "not named"),
        (
            msgspec.structs.replace(measured, run=measured.run.replace("-fra-", "-nyc-")),
            "not named",
        ),
        (msgspec.structs.replace(measured, content=measured.content + b" "), "not named"),
        (msgspec.structs.replace(measured, objects=measured.objects[1:]), "not those"),
        (msgspec.structs.replace(measured, objects=[*measured.objects, b"{}"]), "not those"),
        (forged(measured, b'"name":"fra"', b'"name":"nyc"'), "another place"),
        (forged(measured, b'"engine":"dask"', b'"engine":"globalping"'), "another place"),
        (forged(measured, b'"dns":"a.example"', b'"dns":"b.example"'), "question is another"),
        (forged(measured, b'"start":"20', b'"start":"19'), "clock"),
        (forged(measured, b'"outcome":"answered"', b'"outcome":"no_answer"'), "contradicts"),
        (forged(measured, b'"cited":["a.md#a"]', b'"cited":["b.md#b"]'), "cited"),
        (forged(measured, b'"v":1', b'"v":99'), "no observation"),
        (forged(measured, measured.content.splitlines()[1], b"{"), "no observation"),
    ]
    for one, said in wrong:
        with pytest.raises(ValueError, match=said):
            taken(tmp_path, one, **own)
    with pytest.raises(ValueError, match="other questions"):
        taken(tmp_path, measured, digests=["0" * 64])
    assert not list(tmp_path.rglob("*.json*"))
    assert len(taken(tmp_path, measured)) == 2


class Ended:
    """A task of Dask that has come to its end."""

    def __init__(self, result: object) -> None:
        self._result = result

    def result(self, timeout: float) -> object:
        assert timeout
        if isinstance(self._result, Exception):
            raise self._result
        return self._result


@pytest.mark.parametrize(
    ("result", "failure"),
    [
        (KilledWorker("measure", cast("WorkerState", None), 3), "place_lost: KilledWorker"),
        (FutureCancelledError("measure", "lost"), "place_lost: FutureCancelledError"),
        (CancelledError(), "place_lost: CancelledError"),
        (CommClosedError("<b>hostile</b>"), "place_lost: CommClosedError"),
        (ModuleNotFoundError("sotokara"), "place_differs: the worker has other software: "
         "ModuleNotFoundError"),
        ({"run": "x"}, "place_differs: the worker returned no bytes"),
    ],
)  # fmt: skip
def test_tasks_that_end_without_a_run_are_not_measured(result: object, failure: str) -> None:
    with pytest.raises(ProbeFailure) as caught:
        _result(Ended(result))
    found = caught.value.failure
    assert (f"{found.name}: {found.detail}", found.outcome) == (failure, Outcome.NOT_MEASURED)


class Scheduler:
    """A client whose scheduler answers some looks late, and knows one worker."""

    status = "running"

    def __init__(self, late: int) -> None:
        self.late, self.looks = late, 0

    def scheduler_info(self, n_workers: int) -> dict[str, dict[str, object]]:
        assert n_workers == -1
        self.looks += 1
        if self.looks <= self.late:
            raise OSError("Timed out")
        return {"workers": {"tls://fra": {}}}


def test_a_busy_scheduler_is_looked_at_again_and_once_for_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cluster, "_LOOK", 0.0)
    one = Cluster(Dask(), Path())
    one._client = Scheduler(1)
    one._look("tls://fra")
    with pytest.raises(ProbeFailure, match="the worker went away"):
        one._look("tls://nyc")
    one._client = Scheduler(2)
    with pytest.raises(ProbeFailure, match="the scheduler went away"):
        one._look("tls://fra")
    monkeypatch.setattr(cluster, "_LOOK", 3600.0)
    one._client = scheduler = Scheduler(0)
    one._looked = -3600.0
    for _ in range(100):
        one._look("tls://fra")
    assert scheduler.looks == 1
    one.close()


GUIDE = Path(__file__).parents[1] / "docs" / "guide" / "places.md"
COMMANDS = re.findall(r"dask (scheduler|worker) ((?:[^\n\"`]|\n +)*)", GUIDE.read_text("utf-8"))


@pytest.mark.parametrize(("what", "words"), COMMANDS)
def test_the_guide_s_commands_are_ones_that_dask_takes(
    tmp_path: Path, what: str, words: str
) -> None:
    for name in ("ca.pem", "host.pem", "host.key"):
        (tmp_path / name).touch()
        words = re.sub(rf"(?:/tls/)?{name}", str(tmp_path / name), words)
    command = {"scheduler": dask_scheduler.main, "worker": dask_worker.main}[what]
    given = command.make_context(what, shlex.split(words)).params
    assert given["tls_ca_file"] == str(tmp_path / "ca.pem")
    assert given["tls_key"] == str(tmp_path / "host.key")
    assert given["protocol"] == "tls" if what == "scheduler" else given["scheduler"][:6] == "tls://"
    assert len(COMMANDS) == 4
