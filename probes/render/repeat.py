"""The command with which a reader repeats a look-up: with dig, whois, traceroute or openssl."""

import shlex
from collections.abc import Mapping
from typing import Any


def commands(definition: Mapping[str, Any]) -> list[str]:
    """Shell commands for a definition; none where no common tool asks the same."""
    kind = next(iter(definition))
    make = _KINDS.get(kind)
    if make is None:
        return []
    return [shlex.join(words) for words in make(str(definition[kind]), definition)]


def _listed(value: Any) -> list[str]:  # noqa: ANN401  # text or a list of it
    return [value] if isinstance(value, str) else list(value or [])


def _dns(target: str, options: Mapping[str, Any]) -> list[list[str]]:
    address = ":" in target or target.replace(".", "").isdigit()
    servers: list[list[str]] = []
    for server in _listed(options.get("server")) or [""]:
        host, _, port = server.rpartition(":") if server.count(":") == 1 else (server, "", "")
        servers.append([f"@{host}", *(["-p", port] if port else [])] if host else [])
    if servers == [["@authoritative"]]:
        return [["dig", "+nssearch", target]]
    what = [["-x", target]] if address else []
    types = _listed(options.get("type")) or ["A", "AAAA"]
    what = what or [[target, type_] for type_ in types]
    more = ["+dnssec"] if options.get("dnssec") == "self" else []
    return [["dig", *server, *more, *one] for server in servers for one in what]


def _whois(target: str, options: Mapping[str, Any]) -> list[list[str]]:
    server = options.get("server")
    return [["whois", *(["-h", str(server)] if server else []), target]]


def _rdap(target: str, _: Mapping[str, Any]) -> list[list[str]]:
    if target.upper().removeprefix("AS").isdigit():
        what = f"autnum/{target.upper().removeprefix('AS')}"
    else:
        address = ":" in target or target.replace(".", "").replace("/", "").isdigit()
        what = f"{'ip' if address else 'domain'}/{target}"
    return [["curl", "-L", "-H", "Accept: application/rdap+json", f"https://rdap.org/{what}"]]


def _traceroute(target: str, options: Mapping[str, Any]) -> list[list[str]]:
    flags = {"icmp": ["-I"], "tcp": ["-T"]}.get(str(options.get("protocol", "")), [])
    if hops := options.get("max_hops"):
        flags += ["-m", str(hops)]
    return [["traceroute", *flags, target]]


def _smtp(target: str, _: Mapping[str, Any]) -> list[list[str]]:
    domain = target.rpartition("@")[2]
    return [
        ["dig", domain, "MX"],
        ["openssl", "s_client", "-starttls", "smtp", "-crlf", "-connect", f"MX-OF-{domain}:25"],
    ]


_KINDS = {
    "dns": _dns,
    "whois": _whois,
    "rdap": _rdap,
    "traceroute": _traceroute,
    "smtp": _smtp,
}
