"""The registry of kinds: explicit, one line each."""

from sotokara.core.lazy_mapping import LazyMapping
from sotokara.kinds.interface import Kind

KINDS: LazyMapping[type[Kind]] = LazyMapping(
    {
        "dns": "sotokara.kinds.dns.kind:Dns",
        "mail": "sotokara.kinds.mail.kind:Mail",
        "mailfile": "sotokara.kinds.mailfile.kind:Mailfile",
        "ping": "sotokara.kinds.ping.kind:Ping",
        "smtp": "sotokara.kinds.smtp.kind:Smtp",
        "traceroute": "sotokara.kinds.traceroute.kind:Traceroute",
        "whois": "sotokara.kinds.whois.kind:Whois",
        "rdap": "sotokara.kinds.rdap.kind:Rdap",
        "tls": "sotokara.kinds.tls.kind:Tls",
        "http": "sotokara.kinds.http.kind:Http",
        "page": "sotokara.kinds.page.kind:Page",
        "ct": "sotokara.kinds.ct.kind:Ct",
        "bgp": "sotokara.kinds.bgp.kind:Bgp",
        "cited": "sotokara.kinds.cited.kind:Cited",
    }
)
