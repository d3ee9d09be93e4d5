"""What only looks like a fault, or is one of our clock, our addresses, our interface.

Targets that are slow, that put off, that limit; paths that are balanced or change under a trace.
"""

from tests.lab.internet import RESOLVER
from tests.lab.paths import BALANCED, CHANGING
from tests.truth.fault import OUTSIDE, Fault
from tests.truth.faults import (
    DNS64_PORT,
    MAIL,
    NAME,
    NAMED,
    RDAP,
    SSL3,
    TLS,
    TRACE,
    WEB,
    WHOIS,
    forward,
)

SILENT = "203.174.64.56"
_ECHOES = {"ping": "203.104.255.140", "count": 3}
_TIMED = (
    {"tls": "trusted.web.shop.example"},
    {"http": "https://trusted.web.shop.example/"},
    {"dns": "signed.example", "type": "A", "dnssec": "self"},
    RDAP,
    {"smtp": "trusted.post.example"},
    {"mail": "dane.signed.example"},
)
"""Questions whose answers are judged by a clock."""
_BY_CLOCK = ("expired", "not yet valid", "do not verify", "does not verify", "Changed")
_CHANGED = ("Changed since", "no longer holds", "≠")
_FIVE = "limit rate over 5/second burst 5 packets"
_EACH_PACKET = """table inet fault {
  chain through {
    type filter hook prerouting priority -150;
    ip daddr %s meta mark set numgen random mod 2 map { 0 : 1, 1 : 2 };
  }
}
"""
_MOVES = """table inet fault {
  set moved { type mark; flags dynamic; size 16; }
  chain through {
    type filter hook prerouting priority -150;
    ip daddr %s ip ttl 2 udp dport 33434 add @moved { meta mark };
    ip daddr %s meta mark @moved meta mark set 2;
  }
}
"""
"""From the first packet that would end one hop behind on, everything goes the other way."""


def _ways(host: str, target: str, one: str, other: str) -> tuple[tuple[str, str], ...]:
    """Packets with mark 1 go by one neighbour, those with mark 2 by the other."""
    return tuple(
        (host, words)
        for mark, (address, name) in ((1, one.split()), (2, other.split()))
        for words in (
            f"ip route replace table 10{mark} {target} via {address} dev {name}",
            f"ip rule add fwmark {mark} lookup 10{mark}",
        )
    )


def _no_ways(host: str) -> tuple[tuple[str, str], ...]:
    return tuple((host, f"ip rule del fwmark {mark}") for mark in (1, 2))


ODD = (
    *(
        Fault(
            f"clock-{name}",
            f"our clock is {what}",
            _TIMED,
            clock=clock,
            long=True,
            answered=True,
            never=_BY_CLOCK,
        )
        for name, what, clock in (
            ("ahead", "400 days ahead", "+400d"),
            ("behind", "40 days behind", "-40d"),
        )
    ),
    *(
        Fault(
            f"clock-set-{name}",
            f"our clock is set {what} in the midst of the build",
            ({"tls": "self-signed.web.shop.example"}, _ECHOES, *_TIMED, TRACE),
            settings={"concurrency": 1},  # the first asks what time it is, before it is set
            when={"out": True, "protocol": "icmp", "to": SSL3},
            jumps=clock,
            long=name != "forward",
            answered=True,
            never=_BY_CLOCK,
        )
        for name, what, clock in (
            ("forward", "400 days forward", "+400d"),
            ("back", "40 days back", "-40d"),
        )
    ),
    Fault(
        "lid",
        "the build is stopped in the midst of everything",
        (TRACE, MAIL, RDAP, TLS, WEB, _ECHOES),
        stopped=6.0,
        long=True,
        settings={"timeout": 3},
        answered=True,
    ),
    Fault(
        "lost-after-a-build",
        "the network is lost after a build in which all was well",
        (NAMED, NAME, WHOIS, RDAP, TRACE, MAIL, TLS, WEB),
        before=True,
        nft={"home": forward("drop;")},
        settings={"timeout": 2},
        never=_CHANGED,
    ),
    Fault(
        "unplugged",
        "our cable is out for a moment while a server that says nothing is waited for",
        ({"dns": "silent.example", "type": "A", "server": SILENT},),
        late=True,
        lasts=0.5,
        settings={"timeout": 5},
        do=(("home", "ip link set pc down"),),
        undo=(
            ("home", "ip link set pc up"),
            ("home", "ip -6 addr replace fe80::2/64 dev pc nodad"),
            ("home", "ip -6 route replace 2001:db8:1::100 via fe80::1 dev pc"),
        ),
        evidence={"out": True, "protocol": "udp", "to": SILENT},
    ),
    Fault(
        "greylisted-again",
        "no fault: it has put us off in an earlier build, and takes the mail now",
        ({"smtp": "grey.post.example"},),
        before=True,
        long=True,
        answered=True,
        never=("Rejects", "does not exist", *_CHANGED),
    ),
    Fault(
        "each-packet",
        "no fault: a router balances each packet by itself",
        ({"traceroute": BALANCED}, {"traceroute": BALANCED, "protocol": "icmp"}),
        before=True,
        nft={"fork": _EACH_PACKET % BALANCED},
        do=_ways("fork", BALANCED, "203.174.65.2 left", "203.174.65.3 right"),
        undo=_no_ways("fork"),
        answered=True,
        says="Reached",
        never=("loop", *_CHANGED),
    ),
    Fault(
        "moves",
        "no fault: the path changes during the trace",
        ({"traceroute": CHANGING},),
        long=True,
        nft={"switch": _MOVES % (CHANGING, CHANGING)},
        do=_ways("switch", CHANGING, "203.174.65.42 way1", "203.174.65.43 way2"),
        undo=_no_ways("switch"),
        answered=True,
        says="Reached",
        never=("loop",),
    ),
    Fault(
        "half-open",
        "connections are made, and what we say on them is lost",
        (WHOIS, RDAP, MAIL, TLS, WEB),
        nft={"home": forward('iifname "pc" tcp flags & syn == 0 meta length > 60 drop;')},
        settings={"timeout": 3},
        evidence={"out": False, "protocol": "tcp", "from_port": 25},
    ),
    Fault(
        "new-flows",
        "our router lets five new connections a second out, and drops the others",
        (NAMED, NAME, WHOIS, RDAP, MAIL, TLS, WEB, TRACE),
        nft={"home": forward(f'iifname "pc" ct state new {_FIVE} drop;')},
        settings={"timeout": 3},
        long=True,
        answered=True,
    ),
    Fault(
        "quota",
        "our line is used up in the midst of a build",
        (NAMED, NAME, WHOIS, RDAP, MAIL, TLS, WEB, TRACE),
        nft={"home": forward('iifname "pc" quota over 6 kbytes drop;')},
        settings={"timeout": 3},
        long=True,
        answered=True,
    ),
    Fault(
        "strict-targets",
        "no fault: RDAP servers limit, forbid, redirect in a circle; mail servers put us off for "
        "3 s, greet later than is waited for, echo our addresses in several spellings",
        (
            {"rdap": "192.0.2.1"},
            {"rdap": "198.51.100.11"},
            {"rdap": "198.51.100.1"},
            {"rdap": "198.51.100.6"},
            {"smtp": "grey.post.example"},
            {"smtp": "slow.post.example"},
            {"smtp": "shop.example"},
        ),
        settings={"timeout": 2},
        theirs=True,
        says=(
            "asked to slow down",
            "HTTP 403",
            "referred in a circle",
            "no proper answer",
            "Accepts the account",
            "no greeting within",
            "Refuses us",
        ),
        never=("2001:db8:1:", "fe80::", OUTSIDE, "Rejects", "does not exist"),
        there=(
            ("registries", {"out": True, "from_port": 443}),
            ("mail", {"out": False, "to_port": 25, "from": OUTSIDE}),
            ("shop", {"out": True, "from_port": 25}),
        ),
    ),
    Fault(
        "made-up",
        "our network's resolver makes IPv6 addresses up, and nothing is there that translates",
        (
            {"smtp": "rejects.post.example"},
            {"tls": "trusted.web.shop.example"},
            {"http": "http://www.shop.example/"},
            {"traceroute": "ssl3.gcrest.com", "family": 6},
            {"ping": "v4-only.shop.example", "count": 2},
            WHOIS,
        ),
        settings={"resolvers": [f"{RESOLVER}:{DNS64_PORT}"]},
        theirs=True,
        never=("64:ff9b",),
    ),
)
