"""Faults of our own side of the target: what is broken, and what is asked meanwhile."""

from collections.abc import Mapping
from typing import Any

from tests.lab.internet import RESOLVER
from tests.servers.liars import port_of
from tests.truth.fault import OUTSIDE, Fault

NS1, NS1_6, SSL3 = "203.174.64.53", "2001:db8:64::53", "203.104.255.140"
WHOIS = {"whois": "221.246.251.104"}
RDAP = {"rdap": "20c.com"}
NAMED = {"dns": "www.shop.example", "type": "A", "server": NS1}
NAME = {"dns": "www.shop.example", "type": "A"}
TRACE = {"traceroute": SSL3}
TLS, WEB = {"tls": "www.shop.example"}, {"http": "https://www.shop.example/"}
MAIL = {"smtp": "rejects.post.example"}
MAIL_6 = {"smtp": "only-v6.post.example"}


def forward(rules: str) -> str:
    """A table that forwards by these rules."""
    hook = "type filter hook forward priority -5;"
    return f"table inet fault {{\n chain through {{\n {hook}\n {rules}\n }}\n}}\n"


BEGINS_43 = {"out": False, "protocol": "tcp", "to_port": 43, "flags": 2}
_TO_443 = {"out": False, "protocol": "tcp", "to_port": 443, "flags": 2}
"""New connections; of those before a fault there may still be packets on the way."""
_QUESTION = {"out": False, "from": OUTSIDE}
DNS64_PORT, PORTAL_PORT, SPEAKER_PORT = 5364, 8442, 2525
LATE_PORT, LOGIN_PORT, HANGS_UP_PORT = 2526, 4343, 4344
_ISP_CUT = forward('oifname { "isp2", "root", "registry", "registries" } drop;')
_LOSS = forward("meta random < 1503238553 drop;")
_NO_WAY = forward("drop;")
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
TURNED = """table ip fault {
  chain in {
    type nat hook prerouting priority -110;
    %s
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
        not_there=(
            ("registries", BEGINS_43),
            ("ns1", _QUESTION),
        ),
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
        there=(("ns1", {"out": True, "to": OUTSIDE}),),
    ),
    Fault(
        "ipv6-dead",
        "our own IPv6 is dead, IPv4 is well",
        ({**NAMED, "server": NS1_6}, {"traceroute": "2001:db8:255::140"}, MAIL_6),
        nft={"home": forward("meta nfproto ipv6 drop;")},
        settings={"timeout": 3},
        evidence={"out": True, "to": NS1_6},
        absent={"out": False, "from": NS1_6},
        not_there=(("ns1", {"out": False, "to": NS1_6}), ("mail", {"out": False, "to_port": 25})),
    ),
    Fault(
        "port-25-closed",
        "the provider refuses port 25",
        (MAIL,),
        nft={"isp1": forward("tcp dport 25 reject with tcp reset;")},
        evidence={"out": False, "protocol": "tcp", "from_port": 25},
        not_there=(("mail", {"out": False, "to_port": 25}),),
    ),
    Fault(
        "port-25-mute",
        "the provider drops port 25",
        (MAIL,),
        nft={"isp1": forward("tcp dport 25 drop;")},
        settings={"timeout": 2},
        evidence={"out": True, "protocol": "tcp", "to_port": 25},
        absent={"out": False, "protocol": "tcp", "from_port": 25},
        not_there=(("mail", {"out": False, "to_port": 25}),),
    ),
    Fault(
        "port-25-intercepted",
        "a server of the provider's greets in everybody's place and hangs up",
        (MAIL,),
        nft={"isp1": _PORTAL % (25, "192.0.2.25")},
        evidence={"out": False, "protocol": "tcp", "from_port": 25},
        not_there=(("mail", {"out": False, "to_port": 25}),),
    ),
    Fault(
        "port-25-proxied",
        "a proxy of the provider's speaks in every mail server's place",
        (MAIL,),
        nft={"isp1": _PORTAL % (25, f"192.0.2.25:{SPEAKER_PORT}")},
        answered=True,
        says="S: 220 gate.provider.example",
        evidence={"out": False, "protocol": "tcp", "from_port": 25},
        not_there=(("mail", {"out": False, "to_port": 25}),),
    ),
    Fault(
        "port-43-reset",
        "the provider resets port 43 for all registries",
        (WHOIS,),
        nft={"isp1": forward("tcp dport 43 reject with tcp reset;")},
        evidence={"out": False, "protocol": "tcp", "from_port": 43},
        not_there=(("registries", BEGINS_43),),
    ),
    Fault(
        "port-43-dropped",
        "the provider drops port 43",
        (WHOIS,),
        nft={"isp1": forward("tcp dport 43 drop;")},
        settings={"timeout": 3},
        absent={"out": False, "protocol": "tcp", "from_port": 43},
        not_there=(("registries", BEGINS_43),),
    ),
    Fault(
        "portal",
        "a portal answers on port 443 with a certificate of its own",
        (RDAP, TLS, WEB),
        nft={"isp1": _PORTAL % (443, f"192.0.2.80:{PORTAL_PORT}")},
        evidence={"out": False, "protocol": "tcp", "from_port": 443},
        not_there=(("registries", _TO_443),),
    ),
    Fault(
        "resolver-dead",
        "our own resolver is dead",
        (WHOIS, RDAP, NAME),
        nft={"isp1": forward('oifname "resolver" drop;')},
        settings={"timeout": 3},
        evidence={"out": True, "protocol": "udp", "to": RESOLVER},
        absent={"out": True, "protocol": "tcp", "to_port": 43},
        not_there=(("registries", BEGINS_43),),
    ),
    Fault(
        "stopped",
        "the build is stopped while it waits",
        (NAMED, WHOIS, NAME),
        stopped=8.0,
        settings={"timeout": 3},
        answered=True,
        evidence={"out": False, "protocol": "udp", "from": NS1},
        there=(("ns1", {"out": True, "to": OUTSIDE}),),
    ),
    Fault(
        "udp-forbidden",
        "our own router lets no UDP out but DNS",
        (TRACE,),
        nft={"home": forward('iifname "pc" meta l4proto udp th dport != 53 drop;')},
        evidence={"out": False, "protocol": "icmp", "from": "192.168.11.254"},
        absent={"out": False, "protocol": "icmp", "from": "198.51.100.1"},
        not_there=(("ssl3", {"out": False, "protocol": "udp"}),),
    ),
    Fault(
        "udp-refused",
        "our own router refuses UDP by ICMP",
        (TRACE,),
        nft={"home": forward('iifname "pc" meta l4proto udp th dport != 53 reject;')},
        evidence={"out": False, "protocol": "icmp", "from": "192.168.11.254"},
        not_there=(("ssl3", {"out": False, "protocol": "udp"}),),
    ),
    Fault(
        "line-dies",
        "our line dies during a trace",
        (TRACE,),
        nft={"home": _DIES},
        evidence={"out": False, "protocol": "icmp"},
        not_there=(("ssl3", {"out": False, "protocol": "udp"}),),
    ),
    Fault(
        "foreign-53-dropped",
        "the provider drops port 53 but to its own resolver",
        (NAMED, {"dns": "two-servers.example", "type": "A", "server": "authoritative"}),
        nft={
            "home": forward(f"ip daddr != {RESOLVER} meta l4proto {{ udp, tcp }} th dport 53 drop;")
        },
        settings={"timeout": 3},
        evidence={"out": True, "protocol": "udp", "to": NS1, "to_port": 53},
        absent={"out": False, "protocol": "udp", "from": NS1},
        not_there=(("ns1", _QUESTION),),
    ),
    Fault(
        "foreign-53-redirected",
        "the provider's resolver answers in every name server's place",
        (NAMED, {"dns": "two-servers.example", "type": "A", "server": "authoritative"}),
        nft={"isp1": _REDIRECT % (53, RESOLVER)},
        evidence={"out": False, "protocol": "udp", "from": NS1},
        not_there=(("ns1", _QUESTION),),
    ),
    Fault(
        "icmp-dropped",
        "our own router lets no ICMP in",
        (TRACE, {"ping": SSL3, "count": 2}),
        nft={"home": forward('oifname "pc" meta l4proto icmp drop;')},
        evidence={"out": True, "protocol": "udp", "to": SSL3},
        absent={"out": False, "protocol": "icmp", "from": "198.51.100.1"},
        there=(("ssl3", {"out": True, "protocol": "icmp"}),),
    ),
    Fault(
        "port-443-reset",
        "the provider resets port 443",
        (RDAP, TLS, WEB),
        nft={"isp1": forward("tcp dport 443 reject with tcp reset;")},
        evidence={"out": False, "protocol": "tcp", "from_port": 443},
        not_there=(
            ("registries", _TO_443),
            ("shop", _TO_443),
        ),
    ),
    Fault(
        "port-443-dropped",
        "the provider drops port 443",
        (TLS, WEB),
        nft={"isp1": forward("tcp dport 443 drop;")},
        settings={"timeout": 2},
        evidence={"out": True, "protocol": "tcp", "to_port": 443},
        absent={"out": False, "protocol": "tcp", "from_port": 443},
        not_there=(
            ("registries", _TO_443),
            ("shop", _TO_443),
        ),
    ),
    Fault(
        "port-80-intercepted",
        "a server of the provider's takes every connection to port 80 and hangs up",
        ({"http": "http://www.shop.example/"},),
        nft={"isp1": _PORTAL % (80, f"192.0.2.80:{PORTAL_PORT}")},
        evidence={"out": False, "protocol": "tcp", "from_port": 80},
        not_there=(("shop", {"out": False, "to_port": 80, "from": OUTSIDE}),),
    ),
    Fault(
        "tcp-53-dropped",
        "the provider lets DNS out over UDP alone, and the answer is a long one",
        ({"dns": "big.shop.example", "type": "TXT", "server": NS1},),
        nft={"isp1": forward("tcp dport 53 drop;")},
        settings={"timeout": 3},
        evidence={"out": True, "protocol": "tcp", "to": NS1, "to_port": 53},
        absent={"out": False, "protocol": "tcp", "from": NS1},
        not_there=(("ns1", {"out": False, "protocol": "tcp", "from": OUTSIDE}),),
    ),
    Fault(
        "long-packets-lost",
        "our line loses every packet longer than 700 bytes, and nobody says so",
        (WHOIS, RDAP, MAIL, {"dns": "signed.example", "type": "DNSKEY"}),
        nft={"home": forward('oifname "pc" meta length > 700 drop;')},
        settings={"timeout": 5},
        answered=True,
        there=(("registries", {"out": True, "from_port": 43}),),
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
    {"smtp": "trusted.post.example"},
    {"dns": "signed.example", "type": "A", "dnssec": "self"},
    {"tls": "trusted.web.shop.example"},
    {"tls": "expired.web.shop.example"},
    {"http": "https://trusted.web.shop.example/"},
    {"mail": "letters.shop.example"},
    {"ping": SSL3, "count": 2},
    {"traceroute": "203.174.65.5"},
)


def _asked() -> list[Mapping[str, Any]]:
    return [one for fault in FAULTS for one in fault.questions]


WELL = Fault(
    "well",
    "nothing is broken",
    tuple({repr(one): one for one in (*_asked(), *_MORE)}.values()),
    answered=True,
)
"""Every question of every fault, and more, on a line that is well: the lab's whole article."""
