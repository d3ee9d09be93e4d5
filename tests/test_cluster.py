"""Hosts of one's own through Dask: three places in namespaces, three outcomes, nothing moved."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sotokara.core.observation import Observation, Outcome
from sotokara.ledger.verify import main as verify

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
def test_a_worker_that_dies_is_no_silence(cluster: ClusterLab, tmp_path: Path) -> None:
    for number in range(KILLS):
        fences = "".join(
            f"```probe\ndns: n{one}.slow.k{number}.example\ntype: A\nfrom: [x, y]\n```\n\n"
            for one in range(4)
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
        assert lost.count(".slow.") == 4
        assert "4 answered, 0 no answer, 4 not measured" in said
        seen = by_place(site)
        assert [one.outcome for one in seen["x"] if one] == [Outcome.ANSWERED] * 4
        assert seen["y"] == [None] * 4
        if number + 1 < KILLS:
            cluster.start("y")
