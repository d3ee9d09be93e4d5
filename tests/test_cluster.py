"""Hosts of one's own through Dask: three places in namespaces, three outcomes, nothing moved."""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import dns.message
import pytest
from sotokara.core.observation import Failure, Observation
from sotokara.definitions.definition import read_definition
from sotokara.definitions.subjects import Subjects
from sotokara.engine.batch import Batch
from sotokara.engine.batch_live import BatchWorkers
from sotokara.engine.batch_spread import Spread
from sotokara.engine.settings import load
from sotokara.ledger.batch_rows import BatchRow
from sotokara.ledger.batch_writer import BatchWriter
from sotokara.ledger.batches import Batches
from sotokara.ledger.verify import main as verify
from sotokara.servers.nameserver import honest

from tests.lab.cluster import BLOCK, ClusterLab, certificates
from tests.servers.blocking import Blocking
from tests.servers.thread import serving
from tests.tampered.site import replay

KILLS = int(os.environ.get("SOTOKARA_KILLS", "1"))
SHOP = """```probe
dns: www.shop.example
type: A
id: shop
from: [x, y, z]
expect:
  - "'x' in shop.seeing('203.0.113.66')"
```
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[ClusterLab]:
    with ClusterLab() as one:
        yield one


def run(cluster: ClusterLab, site: Path) -> str:
    done = subprocess.run(
        cluster.command(site), capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def by_place(site: Path) -> dict[str, list[Observation | None]]:
    build, mistakes = replay(site)
    assert not mistakes
    found: dict[str, list[Observation | None]] = {}
    for figure in build.plan.figures():
        found.setdefault(figure.place, []).append(figure.now)
    return found


@pytest.mark.lab
def test_three_places_three_outcomes(cluster: ClusterLab, tmp_path: Path) -> None:
    site = cluster.site(tmp_path / "site", SHOP)
    said = run(cluster, site)
    assert "not measured (no_network): dns www.shop.example" in said or "resolver" in said
    seen = by_place(site)
    (x,), (y,), (z,) = seen["x"], seen["y"], seen["z"]
    assert x
    assert x.facts.addresses == [BLOCK]  # type: ignore[union-attr]
    assert y
    assert y.facts.addresses != [BLOCK]  # type: ignore[union-attr]
    assert z is None  # not measured is no observation of the target
    assert (x.vantage.name, x.vantage.engine) == ("x", "dask")
    runs = sorted(path.name for path in (site / "evidence" / "runs").rglob("*.jsonl"))
    assert {re.sub(r"^[^-]*-(\w+)-.*", r"\1", name) for name in runs} >= {"x", "y"}
    masked = b"".join(path.read_bytes() for path in (site / "evidence").rglob("*.json*"))
    assert b"198.51.100.11" not in masked  # the worker's own address
    assert verify([str(site / "evidence")]) == 0


@pytest.mark.lab
def test_a_run_may_be_kept_to_some_places(cluster: ClusterLab, tmp_path: Path) -> None:
    site = cluster.site(tmp_path / "site", SHOP)
    command = cluster.command(site)
    done = subprocess.run([*command, "--places", "y"], capture_output=True, text=True, check=False)
    assert "1 answered, 0 no answer, 0 not measured" in done.stdout
    assert [place for place, (seen,) in by_place(site).items() if seen] == ["y"]
    wrong = subprocess.run([*command, "--places", "q"], capture_output=True, text=True, check=False)
    assert "no place is called q" in wrong.stderr


@pytest.mark.lab
def test_who_has_no_certificate_of_the_cluster_is_refused(
    cluster: ClusterLab, tmp_path: Path
) -> None:
    site = cluster.site(tmp_path / "site", SHOP)
    (site / "tls").unlink()
    certificates(site / "tls", "office")
    assert "3 not measured" in run(cluster, site)
    assert not (site / "evidence" / "runs").exists()
    (site / "tls" / "office.key").unlink()
    done = subprocess.run(
        cluster.command(site), capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert "dask.key names no file" in done.stderr + done.stdout


@pytest.mark.lab
def test_a_place_sees_what_a_machine_alone_sees_there(cluster: ClusterLab, tmp_path: Path) -> None:
    fences = [
        f"```probe\n{one}\nfrom: x\n```\n"
        for one in (
            "dns: www.shop.example\ntype: [A, AAAA]",
            "dns: www.b.example",
            "dns: c.example\ntype: [TXT]",
        )
    ]
    text = "\n".join(fences)
    far, own = (cluster.site(tmp_path / name, text) for name in ("far", "own"))
    run(cluster, far)
    alone = cluster.command(own, "x")
    done = subprocess.run(alone, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    seen, same = by_place(far)["x"], by_place(own)["x"]
    assert len(_without_when(seen)) == len(fences)
    assert _without_when(seen) == _without_when(same)


def _without_when(seen: list[Observation | None]) -> list[tuple[object, ...]]:
    return [(one.outcome, one.failure, one.definition, one.facts) for one in seen if one]


@pytest.mark.lab
def test_a_worker_that_dies_is_no_silence(cluster: ClusterLab, tmp_path: Path) -> None:
    for number in range(KILLS):
        names = {
            place: [f"{place}{one}.slow.k{number}.example" for one in range(4)] for place in "xy"
        }
        fences = "".join(
            f"```probe\ndns: {name}\ntype: A\nfrom: {place}\n```\n\n"
            for place, several in names.items()
            for name in several
        )
        site = cluster.site(tmp_path / str(number), fences)
        building = subprocess.Popen(
            cluster.command(site), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        cluster.wait_until_asked("y", f"slow.k{number}")
        cluster.kill("y")
        said, errors = building.communicate(timeout=120)
        assert building.returncode == 0, errors
        lost = next(line for line in said.splitlines() if "not measured (place_lost)" in line)
        assert [name for name in names["y"] if name not in lost] == []
        assert "4 answered, 0 no answer, 4 not measured" in said
        seen = by_place(site)
        assert [one.facts.addresses for one in seen["x"] if one] == [  # type: ignore[union-attr]
            [honest_address(name)] for name in names["x"]
        ]  # nothing lost, and what a machine alone would see
        assert seen["y"] == [None] * 4
        assert not [one for one in ("x", "office") if "y0.slow" in cluster.asked(one)]  # nor moved
        (kept,) = (site / "evidence" / "runs").rglob("*.jsonl")
        assert len(kept.read_text().splitlines()) == 4
        assert verify([str(site / "evidence")]) in (0, 1)  # unsealed runs are named, not broken
        shutil.rmtree(site)
        cluster.start("y")


@pytest.mark.lab
def test_a_worker_that_dies_in_a_batch_loses_no_row(cluster: ClusterLab, tmp_path: Path) -> None:
    """Its share is not measured; the next build has the rows that one machine has there."""
    names = [f"n{one}.slow.batch.example" for one in range(30)]
    text = "```probe\ndns: '{{ each.value }}'\neach: names.txt\ntype: A\nid: scan\nfrom: y\n```\n"
    site = cluster.site(tmp_path / "far", text)
    own = cluster.site(tmp_path / "own", text)
    for one in (site, own):
        (one / "docs" / "names.txt").write_text("\n".join(names))
    building = subprocess.Popen(
        cluster.command(site), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    cluster.wait_until_asked("y", "slow.batch")
    cluster.kill("y")
    said, errors = building.communicate(timeout=120)
    assert building.returncode == 0, errors
    assert "30 rows: 0 answered, 0 no answer, 30 not measured" in said
    assert not [one for one in ("x", "office") if "slow.batch" in cluster.asked(one)]  # nor moved
    cluster.start("y")
    run(cluster, site)
    alone = cluster.command(own, "y")
    done = subprocess.run(alone, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    first, again = _batches(site)
    (same,) = _batches(own)
    assert {failure and failure.name for *_, failure, _ in first} == {"place_lost"}
    assert [name for name, *_ in first] == sorted(names)
    assert again == same
    assert [one[-1] for one in again] == [[honest_address(name)] for name in sorted(names)]
    assert verify([str(site / "evidence")]) == 0


def _batches(site: Path) -> list[list[tuple[str, str, Failure | None, list[str]]]]:
    """The rows of each batch, without their times."""
    batches = Batches(site / "evidence")
    return [
        [
            (row.name, row.outcome, row.failure, json.loads(row.facts or b"{}").get("addresses"))
            for _, row in batches.rows(kept)
        ]
        for kept in batches.every()
    ]


def honest_address(name: str) -> str:
    """What an honest resolver says of a name."""
    query = dns.message.make_query(name, "A")
    (rrset,) = dns.message.from_wire(honest(query.to_wire())).answer
    return str(rrset[0])


if KILLS > 1:  # in `make trial` alone: six runs

    @pytest.mark.lab
    def test_throttle_the_target_then_both_at_a_place(cluster: ClusterLab, tmp_path: Path) -> None:
        text = (
            "```probe\ndns: www.far.example\ntype: A\nbaseline: www.base.example\nfrom: [y]\n```\n"
        )
        site = cluster.site(tmp_path / "site", text)
        for labels, verdict in (
            ([], "too_few"),
            ([], "too_few"),
            ([], "too_few"),
            (["far"], "alone_slower"),
            (["far", "base"], "both_slower"),
        ):
            cluster.throttle(*labels)
            run(cluster, site)
            build, _ = replay(site)
            (found,) = build.findings.values()
            assert found.beside
            assert found.beside.verdict == verdict
        cluster.throttle()


if KILLS > 1:

    def test_a_killed_process_of_this_machine_has_its_share_asked_again(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Workers of `LocalCluster`, one of which is killed while it measures."""
        monkeypatch.setattr("sotokara.engine.batch_spread.SHARE", 20)
        names = [f"n{one}.slow.here.example" for one in range(60)]
        resolver = Blocking("127.0.0.1", 0, late=2.0)
        with serving(resolver):
            for turn in range(max(KILLS // 20, 1)):
                rows = asyncio.run(_killed(tmp_path / str(turn), resolver, names))
                assert [one.name for one in rows] == sorted(names)
                assert {one.outcome for one in rows} == {"answered"}


class ProcessesHere(BatchWorkers):
    """Of which one can be killed."""

    def kill_one(self) -> None:
        one = next(iter(self._cluster.workers.values()))
        os.kill(one.pid, signal.SIGKILL)


def _until_asked(resolver: Blocking) -> None:
    while not any(b"slow" in one for one in resolver.asked):
        time.sleep(0.05)


async def _killed(folder: Path, resolver: Blocking, names: list[str]) -> list[BatchRow]:
    where = [f"127.0.0.1:{resolver.port}"]
    settings = load({"resolvers": where, "control": where, "timeout": 20}, {})
    source = "dns: '{{ each.value }}'\neach: n.txt\ntype: A\n"
    definition, mistakes = read_definition(source, "p.md", 1, "t" * 16)
    assert definition, mistakes
    batch = Batch(definition)
    batch.subjects = Subjects()
    batch.subjects.settle(names[:])
    writer = BatchWriter(folder, batch.head("author"), batch.list_hash())

    async def here(step: Callable[[], object]) -> object:
        return step()

    workers = ProcessesHere(settings, 2)
    await workers.start()
    try:
        spread = Spread(settings, batch, (workers, "author"), writer, here)
        measuring = asyncio.create_task(spread.measure())
        await asyncio.to_thread(_until_asked, resolver)
        workers.kill_one()
        kept = await measuring
    finally:
        await asyncio.to_thread(workers.close)
        writer.release()
    assert kept
    return [one.row for one in Batches(folder).rows(kept)]


@pytest.mark.lab
def test_a_scheduler_that_dies_is_no_silence(cluster: ClusterLab, tmp_path: Path) -> None:
    """The last test: there is no cluster behind it."""
    text = "".join(
        f"```probe\ndns: n{one}.slow.end.example\ntype: A\nfrom: [x, y]\n```\n\n"
        for one in range(2)
    )
    site = cluster.site(tmp_path / "site", text)
    command = cluster.command(site)
    building = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    cluster.wait_until_asked("y", "slow.end")
    cluster.kill_scheduler()
    said, errors = building.communicate(timeout=120)
    assert building.returncode == 0, errors
    assert "0 answered, 0 no answer, 4 not measured" in said
    assert "not measured (place_lost)" in said
    said = run(cluster, site)
    assert "0 answered, 0 no answer, 4 not measured" in said
    assert "not measured (place_unreachable)" in said
    assert not list((site / "evidence").rglob("*.jsonl"))
