"""The internet in a box keeps its promises: its paths, delays and packet counters."""

import os
import re
import sys
import time

import pytest

from tests.lab.internet import POST_PATH, RESOLVER
from tests.lab.names import Internet

pytestmark = pytest.mark.lab


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
        assert hops == list(POST_PATH)

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

    def test_a_burst_gets_through(self, lab: Internet) -> None:
        """Delayed links lose nothing of 5,000 packets sent at once."""
        before = lab.packets("b3", "203.104.255.140", port=9)
        code = (
            "import socket as s; u = s.socket(s.AF_INET, s.SOCK_DGRAM)\n"
            "for _ in range(5000): u.sendto(b'x' * 40, ('203.104.255.140', 9))"
        )
        lab.python("pc", code)
        ends = time.monotonic() + 5
        while lab.packets("b3", "203.104.255.140", port=9) < before + 5000:
            assert time.monotonic() < ends
            time.sleep(0.05)

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
