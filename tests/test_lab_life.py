"""An internet in a box comes up, runs beside others, and goes away whatever happens."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.lab.lab import REPOSITORY, Lab
from tests.lab.names import Internet
from tests.lab.topology import Host, Link, Topology

pytestmark = pytest.mark.lab

DIG = ["dig", "+short"]


def test_up_and_down() -> None:
    """It answers when it is up, and the folder is gone afterwards (`make bench` has the time)."""
    internet = Internet()
    with internet:
        assert internet.run("pc", [*DIG, "www.shop.example"]).stdout == "192.0.2.80\n"
    assert not internet.folder.exists()


def test_two_side_by_side(lab: Internet) -> None:
    """A second one with the same names and addresses, and neither sees the other's packets."""
    with Internet() as other:
        before = lab.packets("isp3", "203.104.255.140")
        other.run("pc", ["ping", "-nc1", "203.104.255.140"])
        assert other.packets("isp3", "203.104.255.140") == 1
        assert lab.packets("isp3", "203.104.255.140") == before
        assert all(
            one.run("pc", [*DIG, "ssl3.gcrest.com"]).stdout == "203.104.255.140\n"
            for one in (lab, other)
        )


def test_nothing_outlives_a_killed_owner() -> None:
    """SIGKILL gives the owner no time for anything; all the same nothing is left."""
    code = (
        "import json, time\n"
        "from tests.lab.names import Internet\n"
        "with Internet() as i:\n"
        "    i.spawn('ssl3', ['sleep', '987'], log='sleep.log')\n"
        "    print(json.dumps([str(i.folder), list(i.pids.values())]), flush=True)\n"
        "    time.sleep(99)\n"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", code], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    folder, pids = json.loads(owner.stdout.readline())
    assert all(Path(f"/proc/{pid}").exists() for pid in pids)
    mine = {str(Path(f"/proc/{pid}/ns/net").readlink()) for pid in pids}
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    owner.stdout.close()
    ends = time.monotonic() + 5
    while time.monotonic() < ends and (Path(folder).exists() or _living(mine)):
        time.sleep(0.02)
    assert _living(mine) == []
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    assert not Path(folder).exists()
    mounts = Path("/proc/self/mounts").read_text()
    assert folder not in mounts


def test_without_privileges() -> None:
    """A user namespace is enough: `unshare` takes every privilege of this process away."""
    command = [
        sys.executable,
        "-m",
        "tests.lab",
        "run",
        "--",
        "dig",
        "+short",
        "signed.example",
    ]
    plain = ["unshare", "--user", "--map-user=1000", "--map-group=1000", *command]
    done = subprocess.run(plain, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("192.0.2.90\n", "")


def test_the_demo_builds_on_the_authors_computer(tmp_path: Path) -> None:
    """What a hook resolves during `mkdocs build` are the lab's names."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/index.md").write_text("ADDRESS")
    (tmp_path / "mkdocs.yml").write_text("site_name: x\nhooks: [hook.py]\ntheme: mkdocs\n")
    (tmp_path / "hook.py").write_text(
        "import os, socket\n"
        "def on_page_markdown(markdown, **_):\n"
        "    return socket.gethostbyname('ssl3.gcrest.com') + os.environ['SOTOKARA_VANTAGE']\n"
    )
    site = tmp_path / "site"
    command = [sys.executable, "-m", "tests.lab.demo", "--site-dir", str(site), "--"]
    subprocess.run([*command, "-q", "-f", str(tmp_path / "mkdocs.yml")], cwd=REPOSITORY, check=True)
    assert "203.104.255.140lab" in (site / "index.html").read_text()


def test_a_command_that_hangs_is_killed(lab: Internet) -> None:
    """With its children, inside the host as well."""
    with pytest.raises(subprocess.TimeoutExpired):
        lab.run("pc", ["sh", "-c", "sleep 654 & sleep 654"], timeout=0.3)
    left = lab.run("pc", ["sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"]).stdout
    assert "sleep 654" not in left


def test_a_topology_of_ones_own() -> None:
    """A few lines: three hosts, one of them forbids."""
    forbids = """table inet f { chain c { type filter hook forward priority 0;
        ip protocol icmp reject with icmp type admin-prohibited; }; }"""
    table = Topology(
        (
            Host("pc", ("10.0.0.1",), "asks"),
            Host("wall", ("10.0.0.2",), "forbids", forwards=True, nft=forbids),
            Host("far", ("10.0.0.3",), "is not reached"),
        ),
        (Link("pc", "wall"), Link("wall", "far")),
    )
    with Lab(table) as small:
        done = small.run("pc", ["ping", "-nc1", "-W1", "10.0.0.3"], should_succeed=False)
    assert "From 10.0.0.2 icmp_seq=1 Packet filtered" in done.stdout


def _living(namespaces: set[str]) -> list[str]:
    """Processes that are still on one of these networks."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/ns/net"):
        try:
            if str(entry.readlink()) in namespaces:
                found.append(entry.parts[2])
        except OSError:  # it ended while we looked
            continue
    return found
