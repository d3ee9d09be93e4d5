"""The registry of kinds: explicit, one line each."""

from probes.kinds.interface import Kind
from probes.lazy import Lazy

KINDS: Lazy[type[Kind]] = Lazy(
    {
        "dns": "probes.kinds.dns:Dns",
        "smtp": "probes.kinds.smtp:Smtp",
        "traceroute": "probes.kinds.traceroute:Traceroute",
        "whois": "probes.kinds.whois:Whois",
        "rdap": "probes.kinds.rdap:Rdap",
    }
)
