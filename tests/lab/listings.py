"""Record listings with the real tools in the test network: ``python -m tests.lab.listings``.

Each command is run once on the author's computer and what it printed goes, under the command as it
was typed, into ``tests/cases/transcripts/lab/NAME.txt``. Give names to record only these again.
"""

import shlex
import sys
from pathlib import Path

from tests.lab.mail import MailInternet
from tests.lab.names import Internet
from tests.lab.registries import RegistriesInternet

FOLDER = Path(__file__).parent.parent / "cases" / "transcripts" / "lab"

COMMANDS: dict[str, str] = {
    "dig-a": "dig ssl3.gcrest.com",
    "dig-aaaa": "dig www.shop.example AAAA",
    "dig-any-server": "dig @203.174.64.53 gcrest.com SOA",
    "dig-bogus": "dig www.bogus.example",
    "dig-bogus-cd": "dig +cd www.bogus.example",
    "dig-caa": "dig shop.example CAA",
    "dig-chain": "dig store.shop.example",
    "dig-dangling": "dig dangling.shop.example",
    "dig-dnssec": "dig +dnssec www.signed.example",
    "dig-dnssec-multiline": "dig +dnssec +multiline www.signed.example",
    "dig-https": "dig www.shop.example HTTPS",
    "dig-idn": "dig xn--wgv71a119e.example",
    "dig-idn-txt": "dig xn--wgv71a119e.example TXT",
    "dig-lame": "dig www.lame.example",
    "dig-loop": "dig loop-a.shop.example",
    "dig-many": "dig many.shop.example",
    "dig-mx": "dig shop.example MX",
    "dig-mx-null": "dig no-mail.shop.example MX",
    "dig-noall-answer": "dig +noall +answer store.shop.example",
    "dig-nodata": "dig text-only.shop.example",
    "dig-ns": "dig gcrest.com NS",
    "dig-nxdomain": "dig nobody.shop.example",
    "dig-ptr": "dig -x 203.104.255.140",
    "dig-ptr6": "dig -x 2001:db8:80::80",
    "dig-ptr-none": "dig -x 210.173.176.29",
    "dig-qr": "dig +qr mail.shop.example",
    "dig-short": "dig +short ssl3.gcrest.com",
    "dig-short-chain": "dig +short store.shop.example",
    "dig-short-many": "dig +short many.shop.example",
    "dig-short-mx": "dig +short shop.example MX",
    "dig-short-none": "dig +short nobody.shop.example",
    "dig-short-ptr": "dig +short -x 203.104.255.140",
    "dig-short-txt": "dig +short strings.shop.example TXT",
    "dig-silent": "dig +tries=1 +time=1 @203.174.64.56 www.silent.example",
    "dig-soa": "dig shop.example SOA",
    "dig-soa-multiline": "dig +multiline shop.example SOA",
    "dig-srv": "dig _imaps._tcp.shop.example SRV",
    "dig-tcp-big": "dig +tcp +nocomments big.shop.example TXT",
    "dig-tlsa": "dig _443._tcp.www.shop.example TLSA",
    "dig-trace": "dig +trace +nodnssec ssl3.gcrest.com",
    "dig-txt": "dig shop.example TXT",
    "dig-txt-japanese": "dig annai.shop.example TXT",
    "dig-two": "dig ssl2.gcrest.com ssl3.gcrest.com",
    "dig-wildcard": "dig anything.wild.shop.example",
    "host-a": "host ssl3.gcrest.com",
    "host-bogus": "host www.bogus.example",
    "host-chain": "host store.shop.example",
    "host-mx": "host -t mx shop.example",
    "host-nodata": "host -t a text-only.shop.example",
    "host-ns": "host -t ns gcrest.com",
    "host-nxdomain": "host nobody.shop.example",
    "host-ptr": "host 203.104.255.140",
    "host-ptr6": "host 2001:db8:80::80",
    "host-ptr-none": "host 210.173.176.29",
    "host-server": "host ssl3.gcrest.com 203.174.64.53",
    "host-shop": "host shop.example",
    "host-silent": "host -W 1 -R 1 www.silent.example 203.174.64.56",
    "host-soa": "host -t soa shop.example",
    "host-srv": "host -t srv _imaps._tcp.shop.example",
    "host-txt": "host -t txt strings.shop.example",
    "mtr-dns": "mtr --report -c 3 ssl3.gcrest.com",
    "mtr-numbers": "mtr --report --no-dns -c 3 203.104.255.140",
    "mtr-silent": "mtr --report -c 1 -m 8 -G 1 ssl2.gcrest.com",
    "mtr-tcp": "mtr --report --tcp --port 80 -c 2 www.shop.example",
    "mtr-v6": "mtr --report -6 -c 2 www.shop.example",
    "mtr-wide": "mtr --report-wide --show-ips -c 2 ssl3.gcrest.com",
    "nslookup-a": "nslookup ssl3.gcrest.com",
    "nslookup-authoritative": "nslookup ssl3.gcrest.com 203.174.64.53",
    "nslookup-bogus": "nslookup www.bogus.example",
    "nslookup-chain": "nslookup store.shop.example",
    "nslookup-many": "nslookup many.shop.example",
    "nslookup-mx": "nslookup -type=mx shop.example",
    "nslookup-nodata": "nslookup text-only.shop.example",
    "nslookup-ns": "nslookup -q=ns gcrest.com",
    "nslookup-nxdomain": "nslookup nobody.shop.example",
    "nslookup-ptr": "nslookup 203.104.255.140",
    "nslookup-ptr6": "nslookup 2001:db8:80::80",
    "nslookup-silent": "nslookup -timeout=1 -retry=1 www.silent.example 203.174.64.56",
    "nslookup-soa": "nslookup -type=soa shop.example",
    "nslookup-srv": "nslookup -type=srv _imaps._tcp.shop.example",
    "nslookup-ssl2": "nslookup ssl2.gcrest.com",
    "nslookup-txt": "nslookup -type=txt strings.shop.example",
    "traceroute-dns": "traceroute ssl3.gcrest.com",
    "traceroute-icmp": "traceroute -I -n 203.104.255.140",
    "traceroute-one": "traceroute -q 1 -n 203.104.255.140",
    "traceroute-silent": "traceroute -m 10 -w 0.5 ssl2.gcrest.com",
    "traceroute-tcp": "traceroute -T -p 80 www.shop.example",
    "traceroute-unreachable": "traceroute -n 203.104.254.1",
    "traceroute-v6": "traceroute -6 www.shop.example",
    "traceroute-v6-numbers": "traceroute -6 -n -q 2 www.shop.example",
}


_SWAKS = (
    "swaks --from author@mx.author.post.example --helo pc.author.post.example --quit-after RCPT"
)
MAIL = {
    f"swaks-{name}": f"{_SWAKS} --tls-optional --server {address} --to no-such-account@{domain}"
    for name, address, domain in (
        ("rejects", "192.0.2.101", "rejects.post.example"),
        ("trusted", "192.0.2.102", "trusted.post.example"),
        ("grey", "192.0.2.105", "grey.post.example"),
        ("accepts", "192.0.2.106", "bounces.post.example"),
        ("blocks", "192.0.2.108", "blocks.post.example"),
        ("drops", "192.0.2.109", "drops.post.example"),
        ("trickster", "203.104.255.141", "trickster.jp"),
        ("refused", "192.0.2.80", "shop.example"),
    )
} | {
    "swaks-relay": f"{_SWAKS} --server 192.0.2.101 --to someone@elsewhere.example",
    "swaks-plain": f"{_SWAKS} --server 192.0.2.101 --to no-such-account@rejects.post.example",
}
REGISTRIES = {
    "whois-afrinic": "whois -h whois.afrinic.net 196.11.240.215",
    "whois-arin": "whois -h whois.arin.net 74.125.225.229",
    "whois-denic": "whois -h whois.denic.de google.de",
    "whois-jpnic": "whois -h whois.nic.ad.jp 221.246.251.104",
    "whois-jpnic-none": "whois -h whois.nic.ad.jp 203.104.255.140",
    "whois-krnic": "whois -h whois.kisa.or.kr 115.1.2.3",
    "whois-lacnic": "whois -h whois.lacnic.net 200.57.141.161",
    "whois-ripe": "whois -h whois.ripe.net 62.239.237.1",
    "whois-verisign": "whois -h whois.verisign-grs.com google.com",
}


def main(names: list[str]) -> None:
    """Record all listings, or those named."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for internet, commands in (
        (Internet, COMMANDS),
        (MailInternet, MAIL),
        (RegistriesInternet, REGISTRIES),
    ):
        wanted = {name: one for name, one in commands.items() if not names or name in names}
        if wanted:
            with internet() as running:
                _record(running, wanted)


def _record(internet: Internet, commands: dict[str, str]) -> None:
    for name, command in commands.items():
        internet.flush()
        done = internet.run("pc", shlex.split(command), should_succeed=False, timeout=120)
        printed = done.stdout + done.stderr
        (FOLDER / f"{name}.txt").write_text(f"author@pc:~$ {command}\n{printed}", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
