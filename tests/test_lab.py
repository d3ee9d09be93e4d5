"""The internet in a box keeps its promises: network, counters, life and death."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.lab.internet import INTERNET, RESOLVER
from tests.lab.lab import REPOSITORY, Lab
from tests.lab.names import Internet
from tests.lab.topology import Host, Link, Topology

pytestmark = pytest.mark.lab

POST_PATH = [
    "192.168.11.254",
    *(f"198.51.100.{n}" for n in range(1, 6)),
    "210.173.176.29",
    "203.174.64.146",
    "203.174.64.170",
    "203.104.255.138",
    "203.104.255.140",
]


def dig(lab: Internet, *words: str) -> list[str]:
    """`dig +short` on the author's computer, a line per record."""
    return lab.run("pc", ["dig", "+short", "+tries=1", "+time=9", *words]).stdout.splitlines()


class TestNetwork:
    """Paths and delays."""

    def test_the_path_of_the_post(self, lab: Internet) -> None:
        """TTL by TTL, ping is told by the routers that the post shows."""
        hops = []
        for ttl in range(1, 12):
            out = lab.run(
                "pc",
                ["ping", "-n", "-c1", "-W2", f"-t{ttl}", "203.104.255.140"],
                should_succeed=False,
            ).stdout
            hops += re.findall(r"[Ff]rom (\d+\.\d+\.\d+\.\d+)", out)
        assert hops == POST_PATH

    def test_ipv6_takes_the_same_way(self, lab: Internet) -> None:
        """The seventh hop is the exchange in both families."""
        out = lab.run(
            "pc", ["ping", "-6nc1", "-W2", "-t7", "2001:db8:255::140"], should_succeed=False
        ).stdout
        assert "From 2001:db8:176::29" in out
        assert " 0% packet loss" in lab.run("pc", ["ping", "-6nc1", "2001:db8:255::140"]).stdout

    def test_the_mute_router(self, lab: Internet) -> None:
        """It returns nothing and lets no trace through, but TCP reaches the server behind it."""
        ping = ["ping", "-n", "-c1", "-W1", "221.246.251.104"]
        done = lab.run("pc", ping, should_succeed=False)
        assert done.returncode == 1
        assert "100% packet loss" in done.stdout
        code = "import socket; socket.create_connection(('221.246.251.104', 443), 3)"
        assert (
            "ConnectionRefusedError"
            in lab.run("pc", [sys.executable, "-c", code], should_succeed=False).stderr
        )

    def test_an_address_that_nobody_has(self, lab: Internet) -> None:
        """The provider says so at once."""
        out = lab.run("pc", ["ping", "-nc1", "-W2", "9.9.9.9"], should_succeed=False).stdout
        assert "From 198.51.100.1 icmp_seq=1 Destination Net Unreachable" in out

    def test_links_have_their_delay(self, lab: Internet) -> None:
        """Two links of 1 ms there and back: 4 ms, and little more; none on the first hop."""
        if not os.access("/dev/net/tun", os.W_OK):
            pytest.fail("/dev/net/tun is not writable: delayed links need it")

        def best(address: str) -> float:
            out = lab.run("pc", ["ping", "-nqc9", "-i0.02", address]).stdout
            return float(out.split("mdev = ")[1].split("/")[0])

        assert best("192.168.11.254") < 1.0
        assert 4.0 <= best("203.104.255.140") < 5.0

    def test_behind_nat(self, lab: Internet) -> None:
        """The world sees the home router's outer address only."""
        before = lab.packets("ssl3", "198.51.100.77")
        lab.run("pc", ["ping", "-nc1", "203.104.255.140"])
        assert lab.packets("ssl3", "198.51.100.77") == before + 1
        assert lab.packets("ssl3", "192.168.0.0/16") == 0


class TestPackets:
    """The counters that policy tests lean on."""

    def test_they_count_by_network_protocol_and_port(self, lab: Internet) -> None:
        """One ping is one ICMP packet at the PC and at each router on the way."""
        before = [lab.packets(h, "203.104.255.0/24", protocol="icmp") for h in ("pc", "isp3")]
        lab.run("pc", ["ping", "-nc3", "-i0.05", "203.104.255.140"])
        after = [lab.packets(h, "203.104.255.0/24", protocol="icmp") for h in ("pc", "isp3")]
        assert [b - a for a, b in zip(before, after, strict=True)] == [3, 3]
        before_dns = lab.packets("pc", RESOLVER, protocol="udp", port=53)
        dig(lab, "ssl3.gcrest.com")
        assert lab.packets("pc", RESOLVER, protocol="udp", port=53) == before_dns + 1

    @pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "::1", "192.168.11.254"])
    def test_packets_to_special_addresses_are_seen(self, lab: Internet, address: str) -> None:
        """A policy test that finds 0 must be able to find 1."""
        before = lab.packets("pc", address, port=9)
        family = "AF_INET6" if ":" in address else "AF_INET"
        code = (
            f"import socket as s; s.socket(s.{family}, s.SOCK_DGRAM).sendto(b'', ('{address}', 9))"
        )
        lab.python("pc", code)
        assert lab.packets("pc", address, port=9) == before + 1


class TestLife:
    """Coming up, side by side, and going away."""

    def test_up_and_down_in_time(self) -> None:
        """At most 5 s up and 2 s down; the folder is gone afterwards."""
        start = time.monotonic()
        internet = Internet()
        with internet:
            up = time.monotonic() - start
            assert dig(internet, "www.shop.example") == ["192.0.2.80"]
            start = time.monotonic()
        assert up <= 5
        assert time.monotonic() - start <= 2
        assert not internet.folder.exists()

    def test_two_side_by_side(self, lab: Internet) -> None:
        """A second one with the same names and addresses, and neither sees the other's packets."""
        with Internet() as other:
            before = lab.packets("isp3", "203.104.255.140")
            other.run("pc", ["ping", "-nc1", "203.104.255.140"])
            assert other.packets("isp3", "203.104.255.140") == 1
            assert lab.packets("isp3", "203.104.255.140") == before
            assert dig(lab, "ssl3.gcrest.com") == dig(other, "ssl3.gcrest.com")

    def test_nothing_outlives_a_killed_owner(self) -> None:
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

    def test_a_command_that_hangs_is_killed(self, lab: Internet) -> None:
        """With its children, inside the host as well."""
        with pytest.raises(subprocess.TimeoutExpired):
            lab.run("pc", ["sh", "-c", "sleep 654 & sleep 654"], timeout=0.3)
        left = lab.run("pc", ["sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"]).stdout
        assert "sleep 654" not in left

    def test_a_topology_of_ones_own(self) -> None:
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


def test_the_readme_lists_every_host_and_zone() -> None:
    """Nobody has to read the code to learn what is in the lab."""
    text = (REPOSITORY / "tests/lab/README.md").read_text()
    for host in INTERNET.hosts:
        assert f"`{host.name}`" in text
        assert all(address in text for address in host.addresses), host.name
    for file in (REPOSITORY / "tests/lab/zones").glob("*.zone"):
        zone = file.stem.partition("@")[0]
        assert f"`{'.' if zone == 'root' else zone}`" in text, file.name
