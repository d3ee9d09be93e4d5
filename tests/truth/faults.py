"""The faults: what is broken, what is asked meanwhile, and what the page may say of it.

``NOT_MEASURED`` may not be said to be a silence of the target; ``ANSWERED`` is true as well where
the fault ends, or where something got through. Each fault is on our side of the target.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.lab.internet import RESOLVER
from tests.servers.liars import port_of

NS1, NS1_6, SSL3 = "203.174.64.53", "2001:db8:64::53", "203.104.255.140"
WHOIS = {"whois": "221.246.251.104"}
RDAP = {"rdap": "20c.com"}
NAMED = {"dns": "www.shop.example", "type": "A", "server": NS1}
NAME = {"dns": "www.shop.example", "type": "A"}
TRACE = {"traceroute": SSL3}
TLS, WEB = {"tls": "www.shop.example"}, {"http": "https://www.shop.example/"}
MAIL = {"smtp": "rejects.post.example"}
MAIL_6 = {"smtp": "only-v6.post.example"}


@dataclass(frozen=True)
class Fault:
    """One fault of our own side."""

    name: str
    what: str
    questions: tuple[Mapping[str, Any], ...]
    nft: Mapping[str, str] = field(default_factory=dict)
    """Host → a table that is laid over its own while the fault lasts."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    lasts: float | None = None
    """Seconds from the first packet on; None: as long as the build."""
    stopped: float = 0.0
    """Seconds that the build itself is stopped, from its first question on."""
    answered: bool = False
    """An answer is as true as none."""
    says: str = ""
    """What the page says of each question; empty: that it was not measured, or nothing."""
    never: tuple[str, ...] = ()
    """What it may not say."""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    """A packet that the capture has to hold: it shows that the fault was there."""
    absent: Mapping[str, Any] = field(default_factory=dict)
    """A packet that it must not hold."""


def _forward(rules: str) -> str:
    hook = "type filter hook forward priority -5;"
    return f"table inet fault {{\n chain through {{\n {hook}\n {rules}\n }}\n}}\n"


DNS64_PORT, PORTAL_PORT = 5364, 8442
_ISP_CUT = _forward('oifname { "isp2", "root", "registry", "registries" } drop;')
_LOSS = _forward("meta random < 1503238553 drop;")
_NO_WAY = _forward("drop;")
_DIES = """table inet fault {
  set dead { type mark; flags dynamic; size 16; }
  chain through {
    type filter hook forward priority -5;
    meta mark @dead drop;
    ip ttl 4 udp dport 33434 add @dead { meta mark };
  }
}
"""
"""The line is there until a trace asks for its fifth hop, and gone with all that follows."""
_LIAR = {
    manner: f"{RESOLVER}:{port_of(manner)}"
    for manner in (
        "refuses", "not-implemented", "empty", "own-address", "advertises", "local-root",
        "other-root",
    )
}  # fmt: skip
_PORTAL = """table ip fault {
  chain in {
    type nat hook prerouting priority -110;
    tcp dport %d dnat to %s;
  }
}
"""
_REDIRECT = """table ip fault {
  chain in {
    type nat hook prerouting priority -110;
    iifname "home" udp dport %d dnat to %s;
  }
}
"""

FAULTS = (
    Fault(
        "uplink-down",
        "the uplink is down; the provider's resolver answers from its local root",
        (WHOIS, NAMED, TRACE, NAME),
        nft={"isp1": _ISP_CUT},
        settings={"resolvers": [_LIAR["local-root"]]},
        evidence={"out": False, "protocol": "udp", "from_port": port_of("local-root")},
        absent={"out": False, "protocol": "tcp", "from_port": 43},
    ),
    Fault(
        "line-away",
        "our line is away for 2.9 s and back before the control asks",
        (NAMED,),
        nft={"home": _NO_WAY},
        lasts=2.9,
        settings={"timeout": 3},
        evidence={"out": True, "protocol": "udp", "to": NS1, "to_port": 53},
        absent={"out": False, "protocol": "udp", "from": NS1},
    ),
    Fault(
        "loss",
        "our line loses 35 % of all packets",
        tuple({**NAMED, "dns": f"n{number}.wild.shop.example"} for number in range(12)),
        nft={"home": _LOSS},
        settings={"timeout": 3},
        answered=True,
        evidence={"out": True, "protocol": "udp", "to": NS1},
    ),
    Fault(
        "ipv6-dead",
        "our own IPv6 is dead, IPv4 is well",
        ({**NAMED, "server": NS1_6}, {"traceroute": "2001:db8:255::140"}, MAIL_6),
        nft={"home": _forward("meta nfproto ipv6 drop;")},
        settings={"timeout": 3},
        evidence={"out": True, "to": NS1_6},
        absent={"out": False, "from": NS1_6},
    ),
    Fault(
        "port-25-closed",
        "the provider refuses port 25",
        (MAIL,),
        nft={"isp1": _forward("tcp dport 25 reject with tcp reset;")},
        evidence={"out": False, "protocol": "tcp", "from_port": 25},
    ),
    Fault(
        "port-25-mute",
        "the provider drops port 25",
        (MAIL,),
        nft={"isp1": _forward("tcp dport 25 drop;")},
        settings={"timeout": 2},
        evidence={"out": True, "protocol": "tcp", "to_port": 25},
        absent={"out": False, "protocol": "tcp", "from_port": 25},
    ),
    Fault(
        "port-25-intercepted",
        "a server of the provider's greets in everybody's place and hangs up",
        (MAIL,),
        nft={"isp1": _PORTAL % (25, "192.0.2.25")},
        evidence={"out": False, "protocol": "tcp", "from_port": 25},
    ),
    Fault(
        "port-43-reset",
        "the provider resets port 43 for all registries",
        (WHOIS,),
        nft={"isp1": _forward("tcp dport 43 reject with tcp reset;")},
        evidence={"out": False, "protocol": "tcp", "from_port": 43},
    ),
    Fault(
        "port-43-dropped",
        "the provider drops port 43",
        (WHOIS,),
        nft={"isp1": _forward("tcp dport 43 drop;")},
        settings={"timeout": 3},
        absent={"out": False, "protocol": "tcp", "from_port": 43},
    ),
    Fault(
        "portal",
        "a portal answers on port 443 with a certificate of its own",
        (RDAP,),
        nft={"isp1": _PORTAL % (443, f"192.0.2.80:{PORTAL_PORT}")},
        evidence={"out": False, "protocol": "tcp", "from_port": 443},
    ),
    Fault(
        "resolver-dead",
        "our own resolver is dead",
        (WHOIS, RDAP, NAME),
        nft={"isp1": _forward('oifname "resolver" drop;')},
        settings={"timeout": 3},
        evidence={"out": True, "protocol": "udp", "to": RESOLVER},
        absent={"out": True, "protocol": "tcp", "to_port": 43},
    ),
    Fault(
        "stopped",
        "the build is stopped while it waits",
        (NAMED, WHOIS, NAME),
        stopped=8.0,
        settings={"timeout": 3},
        answered=True,
        evidence={"out": False, "protocol": "udp", "from": NS1},
    ),
    Fault(
        "udp-forbidden",
        "our own router lets no UDP out but DNS",
        (TRACE,),
        nft={"home": _forward('iifname "pc" meta l4proto udp th dport != 53 drop;')},
        evidence={"out": False, "protocol": "icmp", "from": "192.168.11.254"},
        absent={"out": False, "protocol": "icmp", "from": "198.51.100.1"},
    ),
    Fault(
        "udp-refused",
        "our own router refuses UDP by ICMP",
        (TRACE,),
        nft={"home": _forward('iifname "pc" meta l4proto udp th dport != 53 reject;')},
        evidence={"out": False, "protocol": "icmp", "from": "192.168.11.254"},
    ),
    Fault(
        "line-dies",
        "our line dies during a trace",
        (TRACE,),
        nft={"home": _DIES},
        evidence={"out": False, "protocol": "icmp"},
    ),
    Fault(
        "foreign-53-dropped",
        "the provider drops port 53 but to its own resolver",
        (NAMED, {"dns": "two-servers.example", "type": "A", "server": "authoritative"}),
        nft={
            "home": _forward(
                f"ip daddr != {RESOLVER} meta l4proto {{ udp, tcp }} th dport 53 drop;"
            )
        },
        settings={"timeout": 3},
        evidence={"out": True, "protocol": "udp", "to": NS1, "to_port": 53},
        absent={"out": False, "protocol": "udp", "from": NS1},
    ),
    Fault(
        "foreign-53-redirected",
        "the provider's resolver answers in every name server's place",
        (NAMED, {"dns": "two-servers.example", "type": "A", "server": "authoritative"}),
        nft={"isp1": _REDIRECT % (53, RESOLVER)},
        evidence={"out": False, "protocol": "udp", "from": NS1},
    ),
    Fault(
        "icmp-dropped",
        "our own router lets no ICMP in",
        (TRACE, {"ping": SSL3, "count": 2}),
        nft={"home": _forward('oifname "pc" meta l4proto icmp drop;')},
        evidence={"out": True, "protocol": "udp", "to": SSL3},
        absent={"out": False, "protocol": "icmp", "from": "198.51.100.1"},
    ),
    Fault(
        "port-443-reset",
        "the provider resets port 443",
        (RDAP, TLS, WEB),
        nft={"isp1": _forward("tcp dport 443 reject with tcp reset;")},
        evidence={"out": False, "protocol": "tcp", "from_port": 443},
    ),
    Fault(
        "port-443-dropped",
        "the provider drops port 443",
        (TLS, WEB),
        nft={"isp1": _forward("tcp dport 443 drop;")},
        settings={"timeout": 2},
        evidence={"out": True, "protocol": "tcp", "to_port": 443},
        absent={"out": False, "protocol": "tcp", "from_port": 443},
    ),
    Fault(
        "port-80-intercepted",
        "a server of the provider's takes every connection to port 80 and hangs up",
        ({"http": "http://www.shop.example/"},),
        nft={"isp1": _PORTAL % (80, f"192.0.2.80:{PORTAL_PORT}")},
        evidence={"out": False, "protocol": "tcp", "from_port": 80},
    ),
    Fault(
        "tcp-53-dropped",
        "the provider lets DNS out over UDP alone, and the answer is a long one",
        ({"dns": "big.shop.example", "type": "TXT", "server": NS1},),
        nft={"isp1": _forward("tcp dport 53 drop;")},
        settings={"timeout": 3},
        evidence={"out": True, "protocol": "tcp", "to": NS1, "to_port": 53},
        absent={"out": False, "protocol": "tcp", "from": NS1},
    ),
    Fault(
        "long-packets-lost",
        "our line loses every packet longer than 700 bytes, and nobody says so",
        (WHOIS, RDAP, MAIL, {"dns": "signed.example", "type": "DNSKEY"}),
        nft={"home": _forward('oifname "pc" meta length > 700 drop;')},
        settings={"timeout": 5},
        answered=True,
    ),
    *(
        Fault(
            f"resolver-{manner}",
            f"our resolver is none: {manner}",
            (NAME, {"dns": "nobody.shop.example", "type": "A"}, MAIL),
            settings={"resolvers": [address]},
            evidence={"out": False, "protocol": "udp", "from_port": port_of(manner)},
        )
        for manner, address in _LIAR.items()
        if manner != "local-root"
    ),
    Fault(
        "signatures-stripped",
        "our resolver takes all signatures out",
        (
            {"dns": "signed.example", "type": "A", "dnssec": "self"},
            {"dns": "nobody.signed.example", "type": "A", "dnssec": "self"},
        ),
        settings={"resolvers": [f"{RESOLVER}:{port_of('strips-signatures')}"]},
        answered=True,
        says="no signatures came",
        never=("do not verify", "not signed"),
        evidence={"out": False, "protocol": "udp", "from_port": port_of("strips-signatures")},
    ),
    Fault(
        "validation-off",
        "our resolver does not validate",
        ({"dns": "signed.example", "type": "A"}, NAME),
        settings={"resolvers": [f"{RESOLVER}:{port_of('does-not-validate')}"]},
        answered=True,
        never=("signatures verify", "not signed", "do not verify"),
        evidence={"out": False, "protocol": "udp", "from_port": port_of("does-not-validate")},
    ),
    Fault(
        "dns64",
        "our network has no IPv4, and its resolver makes IPv6 addresses up",
        ({"dns": "v4-only.shop.example"},),
        settings={"resolvers": [f"{RESOLVER}:{DNS64_PORT}"]},
        answered=True,
        says="made up",
        never=("64:ff9b",),
        evidence={"out": False, "protocol": "udp", "from_port": DNS64_PORT},
    ),
    Fault(
        "alias-to-unsigned",
        "no fault: an alias leads from a signed zone into one that is not signed",
        (
            {"dns": "outside.signed.example", "type": "A", "dnssec": "self"},
            {"dns": "outside.signed.example", "type": "A"},
        ),
        answered=True,
        never=("not signed", "do not verify", "no signatures"),
    ),
)

_MORE: tuple[Mapping[str, Any], ...] = (
    {"dns": "shop.example", "type": ["MX", "NS", "SOA", "TXT"]},
    {"dns": "nobody.shop.example"},
    {"dns": SSL3},
    {"whois": "trickster.jp"},
    {"whois": "AS2515"},
    {"traceroute": SSL3, "protocol": {"tcp": 25}},
    {"traceroute": "ssl2.gcrest.com", "wait": 0.6},
    {"smtp": "grey.post.example"},
    {"smtp": "dual.post.example"},
    {"smtp": "backup.post.example"},
    {"smtp": "blocks.post.example"},
)
WELL = Fault(
    "well",
    "nothing is broken",
    (*{repr(one): one for fault in FAULTS for one in fault.questions}.values(), *_MORE),
    answered=True,
)
"""Every question of every fault, and more, on a line that is well: the lab's whole article."""
