"""The commands with which a reader asks the same again: they run as printed, of whom we asked."""

from typing import Any

import pytest
from sotokara.core.labels import labels
from sotokara.core.observation import Facts
from sotokara.kinds import KINDS
from sotokara.kinds.dns.facts import DnsFacts, ServerFacts
from sotokara.kinds.dns.kind import Dns
from sotokara.kinds.shared.registry.facts import RegistryFacts, ServerStatement
from sotokara.kinds.shared.tls.facts import HandshakeFacts
from sotokara.kinds.smtp.facts import AddressFacts, MailHost, SmtpFacts
from sotokara.render.whence import indoors

from tests.tampered.site import at

TWO = DnsFacts(
    rcode="NOERROR",
    servers=[ServerFacts("ns1.example.com (192.0.2.53)"), ServerFacts("2001:db8::53")],
)
HOSTS = SmtpFacts(
    verdict="rejects",
    hosts=[
        MailHost(
            "mx1.example.jp",
            10,
            [AddressFacts("192.0.2.25", "rejects", tls=HandshakeFacts("TLSv1.3"))],
        ),
        MailHost("mx2.example.jp", 20, [AddressFacts("192.0.2.26", "rejects")]),
        MailHost("gone.example.jp", 30, problem="no_name"),
    ],
)


@pytest.mark.parametrize(
    ("definition", "facts", "lines"),
    [
        ({"dns": "203.0.113.1"}, None, ["dig -x 203.0.113.1"]),
        (
            {"dns": "203.0.113.1", "type": "TXT"},
            None,
            ["dig 1.113.0.203.in-addr.arpa TXT"],
        ),
        ({"dns": "2001:db8::1"}, None, ["dig -x 2001:db8::1"]),
        ({"dns": "www.example.com"}, None, ["dig www.example.com A", "dig www.example.com AAAA"]),
        ({"dns": "mx", "type": "ns"}, None, ["dig mx. NS"]),
        ({"dns": "-x.example.com", "type": "A"}, None, ["dig -q -x.example.com. -t A"]),
        (
            {"dns": "example.com", "type": "SOA", "server": "authoritative"},
            TWO,
            [
                "dig +norecurse @192.0.2.53 example.com SOA",
                "dig +norecurse @2001:db8::53 example.com SOA",
            ],
        ),
        (
            {"dns": "example.com", "type": "SOA", "server": "authoritative"},
            DnsFacts(rcode="NOERROR"),
            ["dig +trace example.com SOA"],
        ),
        (
            {"dns": "example.com", "type": "A", "server": ["192.0.2.1:5353", "ns.example"]},
            None,
            ["dig @192.0.2.1 -p 5353 example.com A", "dig @ns.example example.com A"],
        ),
        (
            {"dns": "example.com", "type": "A", "server": "[2001:db8::53]:54"},
            None,
            ["dig @2001:db8::53 -p 54 example.com A"],
        ),
        (
            {"dns": "example.com", "type": "A", "dnssec": "self"},
            None,
            ["dig +dnssec +cdflag example.com A"],
        ),
        (
            {"dns": "version.bind", "server": "192.0.2.53"},
            None,
            ["dig @192.0.2.53 -q version.bind. -c CH -t TXT"],
        ),
        ({"dns": "a.example", "type": "TYPE65280"}, None, ["dig a.example TYPE65280"]),
        ({"traceroute": "192.0.2.1"}, None, ["traceroute 192.0.2.1"]),
        (
            {"traceroute": "192.0.2.1", "protocol": {"tcp": 25}, "count": 1, "max_hops": 9},
            None,
            ["traceroute -T -p 25 -q 1 -m 9 192.0.2.1"],
        ),
        (
            {"traceroute": "www.example.com", "protocol": "icmp", "family": 6},
            None,
            ["traceroute -6 -I www.example.com"],
        ),
        (
            {"traceroute": "192.0.2.1", "protocol": {"udp": 53}},
            None,
            ["traceroute -U -p 53 192.0.2.1"],
        ),
        ({"smtp": "example.jp"}, None, ["dig example.jp MX"]),
        (
            {"tls": "example.jp:587", "also": [443], "sni": "mail.example.jp"},
            None,
            [
                "openssl s_client -connect example.jp:587 -showcerts -status -starttls smtp "
                "-servername mail.example.jp",
                "openssl s_client -connect example.jp:443 -showcerts -status "
                "-servername mail.example.jp -alpn h2,http/1.1",
            ],
        ),
        (
            {"http": "http://example.jp/a?b=1", "language": "ja"},
            None,
            [
                "curl -sL -o /dev/null -D - --http1.1 -H User-Agent: sotokara/0.1.0 "
                "-H Accept: text/html,application/xhtml+xml,*/*;q=0.8 "
                "-H Accept-Encoding: identity -H Accept-Language: ja http://example.jp/a?b=1"
            ],
        ),
        (
            {"ct": "example.jp", "subdomains": True},
            None,
            ["curl -s https://crt.sh/?q=%25.example.jp&output=json"],
        ),
        (
            {"smtp": "example.jp", "recipient": "nobody"},
            HOSTS,
            [
                "dig example.jp MX",
                "swaks --server mx1.example.jp:25 --to nobody@example.jp --quit-after RCPT "
                "--tls-optional",
                "openssl s_client -starttls smtp -crlf -connect mx1.example.jp:25",
                "swaks --server mx2.example.jp:25 --to nobody@example.jp --quit-after RCPT",
            ],
        ),
        (
            {"rdap": "192.0.2.0/24", "server": "https://rdap.example/x/"},
            None,
            [
                "curl -L -H Accept: application/rdap+json https://rdap.example/x/ip/192.0.2.0/24",
            ],
        ),
        (
            {"rdap": "AS64500"},
            None,
            ["curl -L -H Accept: application/rdap+json https://rdap.org/autnum/64500"],
        ),
        (
            {"whois": "192.0.2.1", "server": "whois.example"},
            None,
            ["whois -h whois.example 192.0.2.1"],
        ),
        (
            {"whois": "AS64500", "lang": "ja"},
            RegistryFacts(
                answer="registered",
                asked=[
                    ServerStatement("whois.iana.org", "elsewhere"),
                    ServerStatement("whois.apnic.net", "elsewhere"),
                    ServerStatement("whois.nic.ad.jp", "registered"),
                ],
            ),
            [
                "whois -h whois.iana.org AS64500",
                "whois -h whois.apnic.net -- -r AS64500",
                "env LANG=ja_JP.UTF-8 whois -h whois.nic.ad.jp AS 64500",
            ],
        ),
        (
            {"whois": "example.jp"},
            RegistryFacts(
                answer="registered", asked=[ServerStatement("whois.jprs.jp", "registered")]
            ),
            ["env LANG=C whois -h whois.jprs.jp example.jp"],
        ),
        (
            {"whois": "192.0.2.0/24", "server": "whois.arin.net"},
            RegistryFacts(
                answer="registered", asked=[ServerStatement("whois.arin.net", "registered")]
            ),
            ["whois -h whois.arin.net n + 192.0.2.0/24"],
        ),
        (
            {"ping": "a.example", "protocol": {"tcp": 25}, "family": 6},
            None,
            ["nc -6 -vz a.example 25"],
        ),
        (
            {"bgp": "192.0.2.0/24", "at": "2026-01-01"},
            None,
            [
                "curl https://stat.ripe.net/data/bgp-state/data.json?resource=192.0.2.0%2F24"
                "&timestamp=1767225600"
            ],
        ),
        (
            {"smtp": "example.jp", "recipient": "nobody"},
            SmtpFacts(
                verdict="rejects",
                hosts=[MailHost("mx6.example.jp", 10, [AddressFacts("2001:db8::25", "rejects")])],
            ),
            [
                "dig example.jp MX",
                "swaks -6 --server mx6.example.jp:25 --to nobody@example.jp --quit-after RCPT",
            ],
        ),
    ],
)
def test_the_commands(definition: dict[str, Any], facts: Facts | None, lines: list[str]) -> None:
    options = dict(definition)
    name = next(iter(options))
    question = KINDS[name](target=options.pop(name), **options).normal()
    assert [" ".join(words) for words in question.commands(facts)] == lines


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("author", {"en": "the author's resolver", "ja": "筆者のリゾルバー"}),
        ("tokyo", {"en": "the author's resolver", "ja": "筆者のリゾルバー"}),
        ("sandbox", {"en": "the blog's own servers", "ja": "ブログに付属する"}),
        ("lab", {"en": "the test network's", "ja": "試験用ネットワーク"}),
    ],
)
def test_whose_resolver_it_was(place: str, said: dict[str, str]) -> None:
    import msgspec

    one = at(0, "192.0.2.1")
    there = msgspec.structs.replace(one.vantage, name=place)
    one = msgspec.structs.replace(one, definition={"dns": "a.example"}, vantage=there)
    for lang, words in said.items():
        assert words in Dns.remarks(one.facts, one, labels(lang))[0]
        again = indoors(one, labels(lang)).again
        assert bool(again) == (place in {"sandbox", "lab"})
        assert not again or "make " in again


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize(
    ("server", "volatile", "said"),
    [
        (None, {"ttl": 52}, {"en": "cache (TTL left: 52)", "ja": "残り TTL 52"}),
        (None, {}, {"en": "the author's resolver", "ja": "筆者のリゾルバー"}),
        ("192.0.2.53", {"ttl": 52}, {"en": "asked: 192.0.2.53", "ja": "192.0.2.53"}),
        (["authoritative"], {}, {"en": "every name server", "ja": "すべて"}),
    ],
)
def test_a_figure_says_who_was_asked(
    server: Any, volatile: dict[str, Any], said: dict[str, str], lang: str
) -> None:
    import msgspec

    definition = {"dns": "a.example"} | ({"server": server} if server else {})
    one = msgspec.structs.replace(at(0, "192.0.2.1"), definition=definition, volatile=volatile)
    assert said[lang] in Dns.remarks(one.facts, one, labels(lang))[0]
