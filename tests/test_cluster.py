"""Hosts of one's own through Dask: three places in namespaces, three outcomes, nothing moved."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import dns.message
import pytest
from sotokara.core.observation import Observation
from sotokara.ledger.verify import main as verify
from sotokara.servers.nameserver import honest

from tests.lab.cluster import BLOCK, ClusterLab, certificates
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
