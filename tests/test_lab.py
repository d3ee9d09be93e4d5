"""The internet in a box keeps its promises: network, names, counters, life and death."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import dns.message
import dns.query
import dns.rdatatype
import pytest

from tests.lab import hostile
from tests.lab.internet import INTERNET, PLAIN_RESOLVER, RESOLVER
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


def header(lab: Internet, *words: str) -> tuple[str, set[str]]:
    """The rcode and the flags that dig prints."""
    out = lab.run("pc", ["dig", "+tries=1", "+time=9", *words]).stdout
    status = re.search(r"status: (\w+)", out)
    flags = re.search(r"flags: ([a-z ]+);", out)
    assert status
    assert flags
    return status[1], set(flags[1].split())


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


class TestNames:
    """What the zones promise."""

    @pytest.mark.parametrize(
        ("question", "answer"),
        [
            ("ssl2.gcrest.com", "221.246.251.104"),
            ("ssl3.gcrest.com", "203.104.255.140"),
            ("-x 203.104.255.140", "7a-d07-b4.data-hotel.net."),
            ("-x 203.104.255.138", "7a-d07-b3.data-hotel.net."),
            ("-x 203.174.64.146", "ni40g-ve12.data-hotel.net."),
            ("-x 203.174.64.170", "c65-7a-r-v40.data-hotel.net."),
            ("-x 2001:db8:80::80", "www.shop.example."),
            ("trickster.jp MX", "10 mail.trickster.jp."),
            ("www.shop.example AAAA", "2001:db8:80::80"),
            ("no-mail.shop.example MX", "0 ."),
            ("shop.example CAA", '0 iodef "mailto:security@shop.example"'),
            ("_imaps._tcp.shop.example SRV", "0 1 993 mail.shop.example."),
            ("_dns.shop.example SVCB", '1 mail.shop.example. alpn="dot" port=853'),
            ("strings.shop.example TXT", '"first " "second"'),
            ("any.wild.shop.example", "192.0.2.85"),
            ("loopback.shop.example", "127.0.0.1"),
            ("metadata.shop.example", "169.254.169.254"),
            ("xn--wgv71a119e.example", "192.0.2.76"),
            ("xn--zckzah.xn--wgv71a119e.example", "192.0.2.77"),
            ("a.root-servers.net AAAA", "2001:503:ba3e::2:30"),
            (". NS", "k.root-servers.net."),
        ],
    )
    def test_answers(self, lab: Internet, question: str, answer: str) -> None:
        """Through the resolver, as a program on the author's computer would ask."""
        assert answer in dig(lab, *question.split())

    def test_the_system_resolver_is_the_labs(self, lab: Internet) -> None:
        """getaddrinfo needs no option to find it."""
        code = "import socket; print(socket.gethostbyname('ssl3.gcrest.com'))"
        assert lab.python("pc", code).stdout.strip() == "203.104.255.140"

    def test_a_chain_of_three(self, lab: Internet) -> None:
        """Every link of it is in the answer."""
        assert dig(lab, "store.shop.example") == [
            "front.shop.example.",
            "edge.shop.example.",
            "www.shop.example.",
            "192.0.2.80",
        ]

    @pytest.mark.parametrize(
        ("question", "rcode"),
        [
            ("nobody.shop.example", "NXDOMAIN"),
            ("dangling.shop.example", "NXDOMAIN"),
            ("text-only.shop.example", "NOERROR"),
            ("lame.example", "SERVFAIL"),
            ("bogus.example", "SERVFAIL"),
            ("expired.example", "SERVFAIL"),
            ("half-lame.example", "NOERROR"),
        ],
    )
    def test_rcodes(self, lab: Internet, question: str, rcode: str) -> None:
        """The negative answers and the failures, as the validating resolver gives them."""
        assert header(lab, question)[0] == rcode

    def test_no_record_of_that_type(self, lab: Internet) -> None:
        """NODATA: the name is there, an address is not."""
        assert dig(lab, "text-only.shop.example") == []
        assert dig(lab, "text-only.shop.example", "TXT") == ['"no address here"']

    def test_a_loop_of_aliases(self, lab: Internet) -> None:
        """Asked at its server: one points to the other and back."""
        ask = ("@203.174.64.53", "+norecurse")
        assert dig(lab, *ask, "loop-a.shop.example", "CNAME") == ["loop-b.shop.example."]
        assert dig(lab, *ask, "loop-b.shop.example", "CNAME") == ["loop-a.shop.example."]

    def test_dnssec(self, lab: Internet) -> None:
        """Secure, insecure and bogus, as Unbound finds them."""
        assert "ad" in header(lab, "signed.example")[1]
        assert "ad" in header(lab, "nobody.signed.example")[1]
        assert "ad" not in header(lab, "www.shop.example")[1]
        assert "ad" not in header(lab, "bogus.example", "+cd")[1]
        assert dig(lab, f"@{PLAIN_RESOLVER}", "bogus.example") == ["192.0.2.67"]
        assert dig(lab, f"@{PLAIN_RESOLVER}", "expired.example") == ["192.0.2.68"]
        assert "ad" not in header(lab, f"@{PLAIN_RESOLVER}", "signed.example")[1]

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("signed.example", "; fully validated"),
            ("shop.example", "; unsigned answer"),
            ("bogus.example", "resolution failed"),
        ],
    )
    def test_delv_agrees(self, lab: Internet, name: str, said: str) -> None:
        """A second validator, with the lab's root key, comes to the same conclusion."""
        fields = lab.trust_anchor.read_text().split("DNSKEY")[1].split(";")[0].split()
        anchors = lab.folder / "delv.keys"
        key = "".join(fields[3:])
        anchors.write_text(f'trust-anchors {{ . static-key {" ".join(fields[:3])} "{key}"; }};\n')
        asked = ["delv", "-a", str(anchors), "+root=.", f"@{RESOLVER}", "+cd", name, "A"]
        done = lab.run("pc", asked, should_succeed=False)
        assert said in done.stdout + done.stderr

    def test_big_answers_need_tcp(self, lab: Internet) -> None:
        """4,000 bytes of TXT are truncated over UDP."""
        assert "tc" in header(lab, "+ignore", "big.shop.example", "TXT")[1]
        assert len(dig(lab, "big.shop.example", "TXT")[0]) > 4000

    def test_two_servers_disagree(self, lab: Internet) -> None:
        """Each has its own address and serial for one zone, and agrees on another name."""
        for server, address in (("203.174.64.54", "192.0.2.72"), ("203.174.64.57", "192.0.2.73")):
            assert dig(lab, f"@{server}", "www.two-servers.example") == [address]
            assert dig(lab, f"@{server}", "same.two-servers.example") == ["192.0.2.74"]

    def test_lame_and_silent(self, lab: Internet) -> None:
        """One server refuses, the other says nothing at all."""
        assert header(lab, "@203.174.64.55", "lame.example", "+norecurse")[0] == "REFUSED"
        silent = ["dig", "+tries=1", "+time=1", "@203.174.64.56", "silent.example"]
        assert "timed out" in lab.run("pc", silent, should_succeed=False).stdout

    def test_referrals(self, lab: Internet) -> None:
        """A parent points down and does not answer for its children."""
        asked = lab.run("pc", ["dig", "@198.41.0.4", "+norecurse", "ssl3.gcrest.com"]).stdout
        assert "ANSWER: 0, AUTHORITY: 1" in asked
        assert "192.5.6.30" in asked


def test_hostile_answers_arrive_as_written(lab: Internet) -> None:
    """All of them, byte for byte, through the resolver."""
    assert len(hostile.PAYLOADS) >= 40
    wrong = []
    with lab.inside("pc"):
        for answer in hostile.ANSWERS:
            asked = dns.message.make_query(answer.name, answer.type, use_edns=0)
            reply, _ = dns.query.udp_with_fallback(asked, RESOLVER, timeout=5)
            kind = dns.rdatatype.from_text(answer.type)
            (record,) = (one for rrset in reply.answer for one in rrset if one.rdtype == kind)
            if answer.type == "TXT":
                came = b"".join(record.strings)
            else:
                name = record.mname if answer.type == "SOA" else record.target
                came = b"".join(name.labels[: -len("end.hostile.example.".split("."))])
            if came != answer.content:
                wrong.append((answer.name, came))
    assert wrong == []


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

    def test_nothing_outlives_a_killed_owner(self, tmp_path: Path) -> None:
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
        mine = {os.readlink(f"/proc/{pid}/ns/net") for pid in pids}
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
            if os.readlink(entry) in namespaces:
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
