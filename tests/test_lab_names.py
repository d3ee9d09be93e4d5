"""Every zone of the lab answers as its README promises."""

import re

import dns.message
import dns.query
import dns.rdatatype
import pytest

from tests.lab import hostile
from tests.lab.internet import INTERNET, PLAIN_RESOLVER, RESOLVER
from tests.lab.lab import REPOSITORY
from tests.lab.names import Internet

pytestmark = pytest.mark.lab


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


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("ssl2.gcrest.com", "221.246.251.104"),
        (
            "140.255.104.203.origin.asn.cymru.com TXT",
            '"64510 | 203.104.128.0/17 | JP | apnic | 1999-05-31"',
        ),
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
def test_answers(lab: Internet, question: str, answer: str) -> None:
    """Through the resolver, as a program on the author's computer would ask."""
    assert answer in dig(lab, *question.split())


def test_the_system_resolver_is_the_labs(lab: Internet) -> None:
    """getaddrinfo needs no option to find it."""
    code = "import socket; print(socket.gethostbyname('ssl3.gcrest.com'))"
    assert lab.python("pc", code).stdout.strip() == "203.104.255.140"


def test_a_chain_of_three(lab: Internet) -> None:
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
def test_rcodes(lab: Internet, question: str, rcode: str) -> None:
    """The negative answers and the failures, as the validating resolver gives them."""
    assert header(lab, question)[0] == rcode


def test_no_record_of_that_type(lab: Internet) -> None:
    """NODATA: the name is there, an address is not."""
    assert dig(lab, "text-only.shop.example") == []
    assert dig(lab, "text-only.shop.example", "TXT") == ['"no address here"']


def test_a_loop_of_aliases(lab: Internet) -> None:
    """Asked at its server: one points to the other and back."""
    ask = ("@203.174.64.53", "+norecurse")
    assert dig(lab, *ask, "loop-a.shop.example", "CNAME") == ["loop-b.shop.example."]
    assert dig(lab, *ask, "loop-b.shop.example", "CNAME") == ["loop-a.shop.example."]


def test_dnssec(lab: Internet) -> None:
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
def test_delv_agrees(lab: Internet, name: str, said: str) -> None:
    """A second validator, with the lab's root key, comes to the same conclusion."""
    fields = lab.trust_anchor.read_text().split("DNSKEY")[1].split(";")[0].split()
    anchors = lab.folder / "delv.keys"
    key = "".join(fields[3:])
    anchors.write_text(f'trust-anchors {{ . static-key {" ".join(fields[:3])} "{key}"; }};\n')
    asked = ["delv", "-a", str(anchors), "+root=.", f"@{RESOLVER}", "+cd", name, "A"]
    done = lab.run("pc", asked, should_succeed=False)
    assert said in done.stdout + done.stderr


def test_big_answers_need_tcp(lab: Internet) -> None:
    """4,000 bytes of TXT are truncated over UDP."""
    assert "tc" in header(lab, "+ignore", "big.shop.example", "TXT")[1]
    assert len(dig(lab, "big.shop.example", "TXT")[0]) > 4000


def test_two_servers_disagree(lab: Internet) -> None:
    """Each has its own address and serial for one zone, and agrees on another name."""
    for server, address in (("203.174.64.54", "192.0.2.72"), ("203.174.64.57", "192.0.2.73")):
        assert dig(lab, f"@{server}", "www.two-servers.example") == [address]
        assert dig(lab, f"@{server}", "same.two-servers.example") == ["192.0.2.74"]


def test_lame_and_silent(lab: Internet) -> None:
    """One server refuses, the other says nothing at all."""
    assert header(lab, "@203.174.64.55", "lame.example", "+norecurse")[0] == "REFUSED"
    silent = ["dig", "+tries=1", "+time=1", "@203.174.64.56", "silent.example"]
    assert "timed out" in lab.run("pc", silent, should_succeed=False).stdout


def test_referrals(lab: Internet) -> None:
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
                came = b"".join(name.labels[:-4])  # without end.hostile.example
            if came != answer.content:
                wrong.append((answer.name, came))
    assert wrong == []


def test_the_readme_lists_every_host_and_zone() -> None:
    """Nobody has to read the code to learn what is in the lab."""
    text = (REPOSITORY / "tests/lab/README.md").read_text()
    for host in INTERNET.hosts:
        assert f"`{host.name}`" in text
        assert all(address in text for address in host.addresses), host.name
    for file in (REPOSITORY / "tests/lab/zones").glob("*.zone"):
        zone = file.stem.partition("@")[0]
        assert f"`{'.' if zone == 'root' else zone}`" in text, file.name
