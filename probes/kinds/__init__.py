"""The registry of kinds: explicit, one line each."""

from probes.kinds.dns import Dns
from probes.kinds.interface import Kind
from probes.kinds.rdap import Rdap
from probes.kinds.smtp import Smtp
from probes.kinds.traceroute import Traceroute
from probes.kinds.whois import Whois

KINDS: dict[str, type[Kind]] = {kind.name: kind for kind in (Dns, Smtp, Traceroute, Whois, Rdap)}
