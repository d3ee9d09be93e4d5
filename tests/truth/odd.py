"""What only looks like a fault, or is one of our clock, our addresses, our interface.

Targets that are slow, that put off, that limit; paths that are balanced or change under a trace.
"""

from tests.lab.internet import RESOLVER
from tests.lab.paths import BALANCED, CHANGING
from tests.servers.liars import port_of
from tests.truth.fault import OUTSIDE, Fault
from tests.truth.faults import (
    BEGINS_43,
    DNS64_PORT,
    LOGIN_PORT,
    MAIL,
    NAME,
    NAMED,
    NS1,
    PORTAL_PORT,
    RDAP,
    SSL3,
    TLS,
    TRACE,
    TURNED,
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
_PORTAL_FOR_ALL = (
    TURNED
    % f"""
    iifname "home" tcp dport {{ 80, 443 }} dnat to 192.0.2.80:{PORTAL_PORT};
    iifname "home" tcp dport 43 dnat to 192.0.2.80:{LOGIN_PORT};
    iifname "home" udp dport 53 dnat to {RESOLVER}:{port_of("own-address")};
"""
)
"""Whoever asks anything is sent to log in; flows that were there before go on."""
_BY_TUNNEL = ("203.174.64.0/24", "203.104.255.0/24")
_RENEWED = "192.168.11.177"
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
            ({"tls": "self-signed.web.shop.example"}, {**_ECHOES, "count": 10}, *_TIMED, TRACE),
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
        "in-a-hurry",
        "the build may take 3 s, and a mail server greets after 8",
        ({"smtp": "slow.post.example"}, NAMED),
        settings={"deadline": 3},
        answered=True,
        says=("(3 s)", ""),
        keeps=("mx.slow.post.example",),
        there=(("mail", {"out": False, "to_port": 25, "from": OUTSIDE}),),
    ),
    Fault(
        "nothing",
        "no fault: no control is asked",
        (NAMED, NAME, TRACE, {"tls": "trusted.web.shop.example"}),
        answered=True,
        never=("Not measured",),
        not_there=tuple(
            ("registries", {"out": False, "protocol": "tcp", "to_port": port, "flags": 2})
            for port in (43, 80, 443)
        ),
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
        "the network is lost after a build in which all was well, and each claim held",
        (
            {**NAMED, "expect": "addresses"},
            {**NAME, "expect": "addresses"},
            {**WHOIS, "expect": "netname"},
            RDAP,
            {**TRACE, "expect": "hops"},
            {**MAIL, "expect": "verdict == 'rejected'"},
            {**TLS, "expect": "verdict"},
            {**WEB, "expect": "hops"},
        ),
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
    Fault(
        "portal-appears",
        "a portal appears in the midst of a build, after a control has answered",
        (
            {"tls": "self-signed.web.shop.example"},
            _ECHOES,
            *(TLS, WEB, RDAP, WHOIS, {"http": "http://www.shop.example/"}, NAME),
        ),
        settings={"concurrency": 1, "timeout": 3},
        when={"out": True, "protocol": "icmp", "to": SSL3},
        late=True,
        nft={"isp1": _PORTAL_FOR_ALL},
        answered=True,
        never=("192.0.2.99", "log in", "Self-signed for www", "login.portal.example"),
        evidence={"out": False, "protocol": "tcp", "from_port": 443},
        not_there=(("registries", BEGINS_43),),
    ),
    Fault(
        "dead-tunnel",
        "a route of ours leads to some networks through a tunnel that is dead",
        (NAMED, TRACE, {"ping": SSL3, "count": 2}, {"tls": SSL3}),
        do=(
            ("pc", "ip link add tunnel type veth peer name nowhere"),
            ("pc", "ip link set nowhere up"),
            ("pc", "ip addr add 10.8.0.2/24 dev tunnel"),
            ("pc", "ip link set tunnel up arp off"),
            *(("pc", f"ip route add {one} via 10.8.0.1 dev tunnel") for one in _BY_TUNNEL),
        ),
        undo=(("pc", "ip link del tunnel"),),
        settings={"timeout": 3},
        evidence={"out": True, "protocol": "udp", "to": NS1},
        not_there=(("ns1", {"out": False, "from": OUTSIDE}), ("ssl3", {"out": False})),
    ),
    Fault(
        "another-address",
        "our router gives our computer another address in the midst of everything",
        (
            {"smtp": "slow.post.example"},
            {"dns": "silent.example", "type": "A", "server": SILENT},
            TRACE,
        ),
        late=True,
        when={"out": True, "protocol": "tcp", "to_port": 25},
        do=(
            ("home", f"ip route add {_RENEWED} dev pc"),
            ("pc", "ip addr del 192.168.11.100 peer 192.168.11.254 dev home"),
            ("pc", f"ip addr add {_RENEWED} peer 192.168.11.254 dev home"),
            ("pc", "ip -4 route replace default via 192.168.11.254 dev home"),
        ),
        undo=(
            ("pc", f"ip addr del {_RENEWED} peer 192.168.11.254 dev home"),
            ("pc", "ip addr add 192.168.11.100 peer 192.168.11.254 dev home"),
            ("pc", "ip -4 route replace default via 192.168.11.254 dev home"),
            ("home", f"ip route del {_RENEWED} dev pc"),
        ),
        settings={"timeout": 5},
        long=True,
        answered=True,
        secret=(_RENEWED,),
        there=(("mail", {"out": False, "to_port": 25, "from": OUTSIDE}),),
    ),
    Fault(
        "two-ways",
        "our computer sends half of its flows by a line that is dead",
        (NAMED, NAME, WHOIS, RDAP, MAIL, TLS, WEB, TRACE),
        do=(
            ("pc", "ip link add spare type veth peer name nowhere"),
            ("pc", "ip link set nowhere up"),
            ("pc", "ip addr add 10.9.0.2/24 dev spare"),
            ("pc", "ip link set spare up arp off"),
            ("pc", "sysctl -qw net.ipv4.fib_multipath_hash_policy=1"),
            (
                "pc",
                "ip -4 route replace default nexthop via 192.168.11.254 dev home"
                " nexthop via 10.9.0.1 dev spare",
            ),
        ),
        undo=(
            ("pc", "ip -4 route replace default via 192.168.11.254 dev home"),
            ("pc", "ip link del spare"),
        ),
        settings={"timeout": 3},
        answered=True,
        long=True,
    ),
)
