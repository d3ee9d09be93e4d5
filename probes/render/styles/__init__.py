"""The styles of each kind by name; the first of a kind is its default."""

from collections.abc import Callable

from probes.render.path_picture import Picture
from probes.render.styles import dns, rdap, smtp, traceroute, whois
from probes.render.view import Table, View

Style = Callable[[View], "list[str] | Table | Picture"]

STYLES: dict[str, dict[str, Style]] = {
    "dns": {"nslookup": dns.nslookup, "dig": dns.dig, "table": dns.table},
    "smtp": {"verdict": smtp.verdict, "transcript": smtp.transcript, "table": smtp.table},
    "traceroute": {
        "tracert": traceroute.tracert,
        "traceroute": traceroute.traceroute,
        "mtr": traceroute.mtr,
        "picture": traceroute.picture,
    },
    "whois": {"raw": whois.raw, "jpnic": whois.jpnic, "table": whois.table},
    "rdap": {"table": rdap.table, "jpnic": rdap.jpnic, "raw": rdap.raw},
}
