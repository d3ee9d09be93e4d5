"""Faults in one's own house and at the provider's that are rarer: resolvers, routers, addresses.

Made by ``python -m tests.truth``; those that are not ``long`` are tests too.
"""

from typing import Any

from tests.lab.internet import RESOLVER
from tests.servers.liars import port_of
from tests.truth.fault import OUTSIDE, Fault
from tests.truth.faults import (
    BEGINS_43,
    DNS64_PORT,
    HANGS_UP_PORT,
    LATE_PORT,
    LOGIN_PORT,
    MAIL,
    MAIL_6,
    NAME,
    NAMED,
    NS1_6,
    RDAP,
    SSL3,
    TLS,
    TRACE,
    TURNED,
    WEB,
    WHOIS,
    forward,
)

_SMTP_LATE = {"smtp": "slow.post.example"}
_TEN = "limit rate over 10/second burst 10 packets"
_IS_LATE = f"ip daddr 192.0.2.113 tcp dport 25 dnat to 192.0.2.113:{LATE_PORT};"
_TARGET_REFUSES = forward("ip daddr 203.104.255.140 reject with icmp admin-prohibited;")
_WAY = ("pc", "home", "isp1", "isp2", "isp3", "isp4", "isp5", "exchange", "ni40g", "c65", "b3")
_ROUTERS = dict(zip(_WAY[1:], _WAY[:-1], strict=True))
"""Each router, and its neighbour on the side of our computer."""
_NETWORK = "2001:db8:1::/64"
_DROPS_6 = "nft add chain ip6 fault through { type filter hook forward priority 0; policy drop; }"
_WRONG = "ip neigh replace 192.168.11.254 lladdr 02:00:00:00:00:99 dev home nud permanent"
_STABLE = "2001:db8:1:0:aa:bb:cc:dd"


def _liar(name: str, what: str, **more: Any) -> Fault:
    address = f"{RESOLVER}:{port_of(name)}"
    return Fault(
        f"resolver-{name}",
        what,
        (NAME, WHOIS, MAIL),
        **(
            dict[str, Any]({"settings": {"resolvers": [address], "timeout": 3}, "long": True})
            | more
        ),
    )


HOME = (
    Fault(
        "portal-43",
        "a portal answers whois questions with a line of its own",
        (WHOIS,),
        nft={"isp1": TURNED % f"tcp dport 43 dnat to 192.0.2.80:{LOGIN_PORT};"},
        evidence={"out": False, "protocol": "tcp", "from_port": 43},
        not_there=(("registries", BEGINS_43),),
    ),
    Fault(
        "port-43-hangs-up",
        "whoever asks at port 43 is heard and sent away without a word",
        (WHOIS,),
        nft={"isp1": TURNED % f"tcp dport 43 dnat to 192.0.2.80:{HANGS_UP_PORT};"},
        long=True,
        evidence={"out": False, "protocol": "tcp", "from_port": 43},
        not_there=(("registries", BEGINS_43),),
    ),
    _liar("wrong-id", "our resolver answers under another question's number"),
    _liar("truncates", "our resolver cuts every answer off, and speaks no TCP"),
    _liar("slow", "our resolver takes 4 s, and 3 s are waited for", answered=True),
    _liar(
        "slow",
        "our resolver takes 4 s, and as long is waited for",
        settings={"resolvers": [f"{RESOLVER}:{port_of('slow')}"], "timeout": 12},
        answered=True,
    ),
    Fault(
        "icmp-rationed",
        "our own firewall lets ten ICMP messages a second in",
        (TRACE, {"traceroute": SSL3, "protocol": "icmp"}, {"ping": SSL3, "count": 3}),
        nft={"home": forward(f'oifname "pc" meta l4proto icmp {_TEN} drop;')},
        answered=True,
        never=("silent from", "No answer"),
        long=True,
        there=(("ssl3", {"out": True, "protocol": "icmp"}),),
    ),
    Fault(
        "resolver-tcp-dropped",
        "at home DNS comes over UDP alone, and our resolver's answer is a long one",
        ({"dns": "big.shop.example", "type": "TXT"}, NAME),
        nft={"home": forward("tcp dport 53 drop;")},
        settings={"timeout": 3},
        answered=True,
        long=True,
        absent={"out": False, "protocol": "tcp", "from_port": 53},
    ),
    _liar(
        "drops-edns",
        "our router's resolver says nothing to questions with EDNS (RFC 6891)",
        answered=True,
    ),
    Fault(
        "two-resolvers",
        "of our two resolvers the first one lies",
        (NAME, {"dns": "nobody.shop.example", "type": "A"}, MAIL),
        settings={"resolvers": [f"{RESOLVER}:{port_of('own-address')}", RESOLVER]},
        answered=True,
        never=("192.0.2.99",),
        long=True,
    ),
    Fault(
        "stub",
        "our resolver is a stub on this computer, and what it asks is away",
        (NAME, WHOIS),
        nft={"isp1": forward('oifname "resolver" drop;')},
        settings={"resolvers": [f"127.0.0.53:{port_of('does-not-validate')}"], "timeout": 3},
        not_there=(("registries", BEGINS_43),),
        long=True,
    ),
    Fault(
        "conntrack-full",
        "our router's table of connections is full",
        (NAMED, NAME, WHOIS, RDAP, MAIL, TLS, WEB, TRACE),
        nft={"home": forward('iifname "pc" ct state new ct count over 2 drop;')},
        settings={"timeout": 3},
        answered=True,
        long=True,
    ),
    Fault(
        "ipv6-long-packets-lost",
        "long packets are lost over IPv6 alone, and nobody says so",
        (
            {"dns": "big.shop.example", "type": "TXT", "server": NS1_6},
            MAIL_6,
            {"tls": "[2001:db8:80::80]"},
        ),
        nft={"home": forward('oifname "pc" meta nfproto ipv6 meta length > 500 drop;')},
        settings={"timeout": 4, "control": {"https": ["two.web.shop.example"]}},
        answered=True,
    ),
    Fault(
        "own-firewall",
        "our own firewall refuses all TCP, and says so by ICMP",
        (WHOIS, RDAP, MAIL, TLS, WEB, {"traceroute": SSL3, "protocol": {"tcp": 443}}),
        nft={"home": forward('iifname "pc" meta l4proto tcp reject with icmpx admin-prohibited;')},
        evidence={"out": False, "protocol": "icmp", "from": "192.168.11.254"},
        not_there=(("shop", {"out": False, "protocol": "tcp", "from": OUTSIDE}),),
        long=True,
    ),
    Fault(
        "their-firewall",
        "no fault of ours: the target's firewall refuses us by ICMP",
        (
            TRACE,
            {"traceroute": SSL3, "protocol": {"tcp": 443}},
            {"ping": SSL3, "count": 2},
            {"tls": SSL3},
            {"http": f"http://{SSL3}/"},
        ),
        nft={"b3": _TARGET_REFUSES},
        theirs=True,
        never=("Not measured",),
        evidence={"out": False, "protocol": "icmp", "from": "203.104.255.138"},
        not_there=(("ssl3", {"out": False, "from": OUTSIDE}),),
        long=True,
    ),
    Fault(
        "gateway-gone",
        "our router's Ethernet address is not what our computer has learnt",
        (NAMED, NAME, WHOIS, RDAP, MAIL, TLS, WEB, TRACE, {"ping": SSL3, "count": 2}),
        do=(
            (
                "pc",
                "ip neigh replace 192.168.11.254 lladdr 02:00:00:00:00:99 dev home nud permanent",
            ),
            ("home", "nft add table ip6 fault"),
            ("home", _DROPS_6),
        ),
        undo=(
            ("pc", "ip neigh del 192.168.11.254 dev home"),
            ("home", "nft delete table ip6 fault"),
        ),
        settings={"timeout": 2},
        not_there=(("ssl3", {"out": False, "from": OUTSIDE}),),
        long=True,
    ),
    Fault(
        "gateway-silent",
        "nobody answers when our computer asks for its router's Ethernet address",
        (NAMED, NAME, WHOIS, TLS, TRACE),
        do=(
            ("home", "ip link set pc arp off"),
            ("pc", "ip neigh flush dev home"),
            ("home", "nft add table ip6 fault"),
            ("home", _DROPS_6),
        ),
        undo=(
            ("home", "ip link set pc arp on"),
            ("home", "nft delete table ip6 fault"),
            ("pc", "ip neigh flush dev home"),  # or the next fault finds that nobody has answered
        ),
        settings={"timeout": 2},
        long=True,
    ),
    Fault(
        "icmp-limited",
        "no fault: our own router sends one ICMP message in ten seconds",
        (TRACE, {"traceroute": SSL3, "protocol": "icmp"}),
        nft={
            "home": "table inet fault {\n chain o {\n type filter hook output priority 0;\n"
            " icmp type time-exceeded limit rate over 6/minute burst 1 packets drop;\n }\n}\n"
        },
        answered=True,
        says="Reached",
        never=("silent", "lost"),
        long=True,
    ),
    Fault(
        "replies-lost",
        "what we send arrives, and half of what comes back is lost",
        (NAMED, NAME, WHOIS, RDAP, MAIL, TLS, TRACE, {"ping": SSL3, "count": 3}),
        nft={"home": forward('oifname "pc" meta random < 2147483648 drop;')},
        settings={"timeout": 3},
        answered=True,
        long=True,
        there=(("ns1", {"out": True, "to": OUTSIDE}),),
    ),
    Fault(
        "twice",
        "our line brings everything twice",
        (NAMED, NAME, TRACE, {"ping": SSL3, "count": 3}, {"traceroute": SSL3, "protocol": "icmp"}),
        nft={
            "home": "table netdev fault {\n chain o {\n"
            " type filter hook ingress device isp1 priority 0;\n"
            " meta l4proto { udp, icmp } dup to isp1;\n }\n}\n"
        },
        answered=True,
        long=True,
    ),
    Fault(
        "hosts-file",
        "our resolver has an address of ours for another's name",
        (NAME, TLS, WEB, {"ping": "www.shop.example", "count": 2}),
        settings={"resolvers": [f"{RESOLVER}:{port_of('hosts-file')}"], "timeout": 3},
        answered=True,
        long=True,
    ),
    Fault(
        "late-banner",
        "no fault: a mail server greets after 60 s, and as long is waited for",
        (_SMTP_LATE,),
        nft={"mail": TURNED % _IS_LATE},
        settings={"timeout": 75, "deadline": 300},
        patience=200.0,
        long=True,
        answered=True,
        says="Rejects",
        there=(("mail", {"out": True, "from_port": 25}),),
    ),
    Fault(
        "later-banner",
        "no fault: a mail server greets after 60 s, and nobody has asked us to wait so long",
        (_SMTP_LATE,),
        nft={"mail": TURNED % _IS_LATE},
        patience=200.0,
        long=True,
        theirs=True,
        says="no greeting within",
        never=("Rejects", "does not exist"),
    ),
    Fault(
        "temporary-address",
        "no fault: our computer has temporary addresses (RFC 8981), and a mail server echoes them",
        (
            {"smtp": "only-v6.post.example"},
            {"smtp": "shop.example"},
            {"traceroute": "2001:db8:255::140"},
        ),
        do=(
            ("pc", "sysctl -qw net.ipv6.conf.home.use_tempaddr=2"),
            ("pc", f"ip -6 addr add {_STABLE}/64 dev home mngtmpaddr"),
            *(
                (host, f"ip -6 route replace {_NETWORK} via fe80::1 dev {peer}")
                for host, peer in _ROUTERS.items()
            ),
        ),
        undo=(
            ("pc", f"ip -6 addr del {_STABLE}/64 dev home"),
            ("pc", "sysctl -qw net.ipv6.conf.home.use_tempaddr=0"),
            *((host, f"ip -6 route del {_NETWORK}") for host in _ROUTERS),
        ),
        theirs=True,
        secret=("2001:db8:1:", "2001:DB8:1:", "2001:0db8:0001:", "fe80::"),
        evidence={"out": True, "protocol": "tcp", "to": "2001:db8:80::25", "to_port": 25},
        not_there=(
            ("shop", {"out": False, "to_port": 25, "from": "2001:db8:1::100"}),
            ("shop", {"out": False, "to_port": 25, "from": _STABLE}),
        ),
        there=(("shop", {"out": False, "to_port": 25, "to": "2001:db8:80::25"}),),
    ),
    Fault(
        "nat64",
        "no fault: our network has no IPv4, and a translator beside its DNS64",
        (
            {"traceroute": "ssl3.gcrest.com", "family": 6},
            {"traceroute": f"64:ff9b::{SSL3}"},
            {"ping": f"64:ff9b::{SSL3}", "count": 2},
            {"dns": "ssl3.gcrest.com"},
        ),
        needs="tayga",
        settings={"resolvers": [f"[2001:db8:53::1]:{DNS64_PORT}"], "timeout": 4},
        do=(
            ("pc", "ip -4 route del default"),
            ("isp1", "ip -6 route add 64:ff9b::/96 dev nat64"),
        ),
        undo=(
            ("pc", "ip -4 route replace default via 192.168.11.254 dev home"),
            ("isp1", "ip -6 route del 64:ff9b::/96"),
        ),
        answered=True,
        says=(f"stands for {SSL3}", f"stands for {SSL3}", f"stands for {SSL3}", "made up"),
        never=("2001:db8:1:", "7 hops"),
        evidence={"out": True, "protocol": "icmpv6", "to": "64:ff9b::cb68:ff8c"},
        absent={"out": True, "to": SSL3},
        there=(("ssl3", {"out": False, "protocol": "icmp"}),),
        long=True,
    ),
)
