"""The internet of the original post as a table: hosts, links, addresses, delays."""

from tests.lab.topology import Host, Link, Topology

RESOLVER = "10.53.0.1"
"""Unbound, validating with the lab's own root key; in every host's /etc/resolv.conf."""
PLAIN_RESOLVER = "10.53.0.2"
"""Unbound that does not validate."""

DOCUMENTATION = ["192.0.2.0/24", "198.51.100.0/24", "2001:db8::/32"]
"""Special-purpose networks (RFC 5737, RFC 3849) that the lab's made-up hosts have addresses of."""

_NAT = """
table ip nat {
  chain out { type nat hook postrouting priority srcnat; oifname "isp1" masquerade; }
}
"""

# The post: "the ssl2 server's router does not return the trace's packets".
_RETURNS_NOTHING = """
table inet filter {
  chain out { type filter hook output priority 0; meta l4proto { icmp, ipv6-icmp } drop; }
  chain through {
    type filter hook forward priority 0;
    ip daddr 221.246.251.64/26 ip protocol { icmp, udp } drop;
  }
}
"""

_SILENT = """
table inet filter {
  chain in { type filter hook input priority 0; th dport 53 drop; }
}
"""

HOSTS = (
    Host(
        "pc",
        ("192.168.11.100", "2001:db8:1::100"),
        "the author's computer",
    ),
    Host(
        "home",
        ("192.168.11.254", "2001:db8:1::254"),
        "the author's router; NAT behind 198.51.100.77",
        forwards=True,
        nft=_NAT,
        default="isp1",
    ),
    Host("isp1", ("198.51.100.1", "2001:db8:51::1"), "the provider", forwards=True),
    Host("isp2", ("198.51.100.2", "2001:db8:51::2"), "the provider", forwards=True),
    Host("isp3", ("198.51.100.3", "2001:db8:51::3"), "the provider", forwards=True),
    Host("isp4", ("198.51.100.4", "2001:db8:51::4"), "the provider", forwards=True),
    Host(
        "isp5",
        ("198.51.100.5", "2001:db8:51::5"),
        "where the path leaves the provider",
        forwards=True,
    ),
    Host("exchange", ("210.173.176.29", "2001:db8:176::29"), "the exchange", forwards=True),
    Host(
        "ni40g",
        ("203.174.64.146", "2001:db8:64::146"),
        "the data centre's edge, ni40g-ve12.data-hotel.net",
        forwards=True,
    ),
    Host(
        "c65",
        ("203.174.64.170", "2001:db8:64::170"),
        "inside the data centre, c65-7a-r-v40.data-hotel.net",
        forwards=True,
    ),
    Host(
        "b3",
        ("203.104.255.138", "2001:db8:255::138"),
        "the last router, 7a-d07-b3.data-hotel.net",
        forwards=True,
    ),
    Host("ssl3", ("203.104.255.140", "2001:db8:255::140"), "the target, ssl3.gcrest.com"),
    Host(
        "mute",
        ("221.246.251.65", "2001:db8:246::65"),
        "a router that returns nothing and lets no trace through (TCP passes)",
        forwards=True,
        nft=_RETURNS_NOTHING,
    ),
    Host("ssl2", ("221.246.251.104", "2001:db8:246::104"), "the other target, ssl2.gcrest.com"),
    Host("resolver", (RESOLVER, PLAIN_RESOLVER, "2001:db8:53::1"), "the two Unbounds"),
    Host(
        "root",
        (
            "198.41.0.4",
            "2001:503:ba3e::2:30",
            "193.0.14.129",
            "2001:7fd::1",
            "202.12.27.33",
            "2001:dc3::35",
        ),
        "NSD: the root servers a, k and m",
    ),
    Host(
        "registry",
        (
            "203.119.1.1",
            "2001:dc4::1",
            "192.5.6.30",
            "2001:503:a83e::2:30",
            "199.180.182.53",
            "203.174.64.50",
        ),
        "NSD: jp, com, net, example, arpa",
    ),
    Host(
        "ns1",
        ("203.174.64.53", "2001:db8:64::53", "203.174.64.54"),
        "NSD: the leaf zones; 203.174.64.54 is ns1.two-servers.example",
    ),
    Host(
        "ns2",
        ("203.174.64.57", "2001:db8:64::57", "203.174.64.55"),
        "NSD: the leaf zones; serves another address for two-servers.example, refuses lame.example",
    ),
    Host(
        "silent",
        ("203.174.64.56", "2001:db8:64::56"),
        "drops every DNS query: the servers of silent.example",
        nft=_SILENT,
    ),
    Host(
        "shop",
        ("192.0.2.80", "2001:db8:80::80", "192.0.2.25", "2001:db8:80::25"),
        "www.shop.example, mail.shop.example",
    ),
)

LINKS = (
    Link("pc", "home"),
    Link("home", "isp1", a_address="198.51.100.77"),
    Link("isp1", "isp2", delay=0.001),
    Link("isp2", "isp3"),
    Link("isp3", "isp4"),
    Link("isp4", "isp5", delay=0.001),
    Link("isp5", "exchange"),
    Link("exchange", "ni40g"),
    Link("ni40g", "c65"),
    Link("c65", "b3"),
    Link("b3", "ssl3"),
    Link("exchange", "mute"),
    Link("mute", "ssl2"),
    Link("isp1", "resolver"),
    Link("isp1", "root"),
    Link("isp1", "registry"),
    Link("ni40g", "ns1"),
    Link("ni40g", "ns2"),
    Link("ni40g", "silent"),
    Link("ni40g", "shop"),
)

INTERNET = Topology(HOSTS, LINKS)
POST_PATH = (
    "192.168.11.254",
    *(f"198.51.100.{n}" for n in range(1, 6)),
    "210.173.176.29",
    "203.174.64.146",
    "203.174.64.170",
    "203.104.255.138",
    "203.104.255.140",
)
"""The way from `pc` to ssl3.gcrest.com, as the post saw it."""
