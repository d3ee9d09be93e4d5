"""The commands of path tools: which words are options, which their values, which one the target."""

from sotokara.kinds.shared.terminal.commands import Command
from sotokara.kinds.shared.terminal.grammar import Grammar, arguments, is_label, is_name

_UNIX = Grammar(
    valued="fgimNpPqstwzMOlAx",
    flags="46dFITUnraevDESRLhV",
    valued_names=frozenset(
        [
            "first",
            "gateway",
            "interface",
            "max-hops",
            "sim-queries",
            "port",
            "tos",
            "flowlabel",
            "wait",
            "queries",
            "source",
            "sendwait",
            "module",
            "options",
            "protocol",
            "fwmark",
            "sport",
            "resolve-hostnames",
            "tries",
            "type",
            "packet-len",
            "ttl",
        ]
    ),
    flag_names=frozenset(
        [
            "debug",
            "dont-fragment",
            "icmp",
            "tcp",
            "udp",
            "udplite",
            "dccp",
            "raw",
            "mtu",
            "back",
            "extensions",
            "as-path-lookups",
            "version",
            "help",
        ]
    ),
)
_MTR = Grammar(
    valued="fmFaiIsQBPLMUGZcoyN",
    flags="46rwxtnbpzelCjSuTvhg",
    valued_names=frozenset(
        [
            "filename",
            "address",
            "interface",
            "interval",
            "psize",
            "tos",
            "bitpattern",
            "timeout",
            "report-cycles",
            "first-ttl",
            "max-ttl",
            "max-unknown",
            "port",
            "localport",
            "mark",
            "order",
            "ipinfo",
            "displaymode",
            "max-display-path",
            "gracetime",
            "cache",
        ]
    ),
    flag_names=frozenset(
        [
            "report",
            "report-wide",
            "no-dns",
            "show-ips",
            "aslookup",
            "mpls",
            "curses",
            "csv",
            "json",
            "xml",
            "raw",
            "split",
            "udp",
            "tcp",
            "sctp",
            "inet",
            "inet6",
            "version",
            "help",
        ]
    ),
)
_WINDOWS = Grammar(
    valued_names=frozenset(["h", "j", "w", "s", "g", "p", "q", "i", "a", "f", "m", "vpn-instance"]),
    flag_names=frozenset(["d", "r", "4", "6", "n", "?"]),
    words=True,
)
_TRACEPATH = Grammar(valued="lmp", flags="46nbV")
_NEXTTRACE = Grammar(
    valued="pqdmszD",
    flags="46TUFnarPCRVtMhoejlfW",
    valued_names=frozenset(
        [
            "port",
            "queries",
            "parallel-requests",
            "max-hops",
            "data-provider",
            "pow-provider",
            "source",
            "dev",
            "send-time",
            "ttl-time",
            "timeout",
            "psize",
            "language",
            "first",
        ]
    ),
    flag_names=frozenset(
        [
            "tcp",
            "udp",
            "fast-trace",
            "no-rdns",
            "always-rdns",
            "route-path",
            "report",
            "table",
            "raw",
            "json",
            "classic",
            "map",
            "disable-mpls",
            "ipv4",
            "ipv6",
            "no-color",
        ]
    ),
)
_DUBLIN = Grammar(
    valued="sdntTDmo",
    flags="bi46vh",
    valued_names=frozenset(
        ["sport", "dport", "npaths", "min-ttl", "max-ttl", "delay", "output-file", "use-srcport"]
    ),
    flag_names=frozenset(["broken-nat", "iterate-sport", "use-srcport-for-path-generation"]),
)
_TCP = Grammar(valued="fgilmpqsw", flags="nNdASEF")
_TEST = Grammar(
    valued_names=frozenset(["computername", "port", "hops", "informationlevel", "commontcpport"]),
    flag_names=frozenset(["traceroute"]),
    words=True,
)
_GRAMMARS = {
    "mtr": _MTR,
    "tracert": _WINDOWS,
    "pathping": _WINDOWS,
    "tracepath": _TRACEPATH,
    "tracepath6": _TRACEPATH,
    "nexttrace": _NEXTTRACE,
    "besttrace": _NEXTTRACE,
    "dublin-traceroute": _DUBLIN,
    "tcptraceroute": _TCP,
    "Test-NetConnection": _TEST,
    "tnc": _TEST,
}
TOOLS = ("traceroute", "traceroute6", "paris-traceroute", *_GRAMMARS)
"""The commands of tools that show a path."""
_ROUTER_WORDS = frozenset({"ip", "ipv6", "ipv4"})
_ROUTER_VALUED = frozenset(
    [
        "source",
        "timeout",
        "probe",
        "port",
        "vrf",
        "use-vrf",
        "count",
        "max-hops",
        "interface",
        "src-address",
        "protocol",
        "size",
        "routing-table",
        "wait",
        "ttl",
        "as-number-lookup",
    ]
)
_ROUTER_FLAGS = frozenset({"numeric", "no-resolve", "as-number-lookup"})


def asked_target(typed: Command | None) -> str:
    """What the command traces to; empty where that is not certain."""
    if typed is None or not typed.certain:
        return ""
    words = _router_words(typed.words)
    one = arguments(words, _GRAMMARS.get(typed.tool, _UNIX))
    bare = list(one.bare)
    if typed.tool in ("Test-NetConnection", "tnc") and not bare:
        bare = [one.options.get("computername", "")]
    if len(bare) > 1 and all(word.isdigit() for word in bare[1:2]) and len(bare) == 2:  # noqa: PLR2004
        bare = bare[:1]  # the packets' length, or tcptraceroute's port
    if len(bare) != 1 or bare[0].isdigit():
        return ""
    found = bare[0]
    if typed.tool.startswith("tracepath"):
        found = found.partition("/")[0]
    return found if is_name(found) or (one.known and is_label(found)) else ""


def takes_path(typed: Command) -> bool:
    """Whether every word is of the tool's, and one a name or an address that it can trace to."""
    if not is_name(asked_target(typed)):
        return False
    words = _router_words(typed.words)
    return arguments(words, _GRAMMARS.get(typed.tool, _UNIX)).known


def _router_words(words: tuple[str, ...]) -> list[str]:
    """A router's words without its keywords: ``ip 192.0.2.9 source Loopback0 numeric``."""
    left: list[str] = []
    at = 0
    while at < len(words):
        word = words[at].lower()
        at += 1
        key, equals, value = words[at - 1].partition("=")
        if equals and key in ("address", "src-address", "count", "max-hops", "use-dns"):
            left += [value] if key == "address" else []
        elif word in _ROUTER_VALUED and at < len(words) and word not in _ROUTER_FLAGS:
            at += 1
        elif not (word in _ROUTER_FLAGS or (word in _ROUTER_WORDS and not left)):
            left.append(words[at - 1])
    return left
