"""The resolvers that the system is set to: resolv.conf, macOS' configuration, Windows' registry."""

import re
import subprocess
import sys
from ipaddress import ip_address
from pathlib import Path

_RESOLV_CONF = Path("/etc/resolv.conf")
_SCUTIL = "/usr/sbin/scutil"
_SERVER = re.compile(r"\s*nameserver\[\d+\]\s*:\s*(\S+)")
_DOMAIN = re.compile(r"\s*domain\s*:")
_FLAGS = re.compile(r"\s*flags\s*:\s*(.*)")


def resolver_addresses(platform: str = sys.platform) -> list[str]:
    """The addresses of the resolvers for names in general, in the system's order."""
    found: list[str] = []
    if platform == "darwin":
        found = of_scutil(_scutil())
    if not found and platform == "win32":
        found = _of_registry()
    elif not found and _RESOLV_CONF.exists():
        found = of_resolv_conf(_RESOLV_CONF.read_text("utf-8", "replace"))
    return [address for address in dict.fromkeys(found) if _is_address(address)]


def of_resolv_conf(text: str) -> list[str]:
    """The ``nameserver`` lines (resolv.conf(5))."""
    words = [line.split() for line in text.splitlines()]
    return [line[1] for line in words if len(line) > 1 and line[0] == "nameserver"]


def of_scutil(text: str) -> list[str]:
    """The default resolvers in what ``scutil --dns`` prints.

    A resolver with a ``domain`` answers for that domain alone: a VPN's, or ``local``. Those that
    are scoped serve one interface, and supplemental ones what the others leave. None of them is
    whom this machine asks about a name of the internet. (resolv.conf has the same default, but a
    VPN may leave it as it was.)
    """
    general = text.partition("(for scoped queries)")[0]
    found: list[str] = []
    for block in re.split(r"(?m)^resolver #\d+\s*$", general)[1:]:
        lines = block.splitlines()
        flags = " ".join(match[1] for line in lines if (match := _FLAGS.match(line)))
        if any(map(_DOMAIN.match, lines)) or "Scoped" in flags or "Supplemental" in flags:
            continue
        found += [match[1] for line in lines if (match := _SERVER.match(line))]
    return found


def _scutil() -> str:
    try:
        done = subprocess.run(  # noqa: S603  # a fixed list
            [_SCUTIL, "--dns"], capture_output=True, timeout=5, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace")


def _of_registry() -> list[str]:
    import dns.resolver  # knows how to ask Windows, at the price of a slow import

    try:
        return [str(server) for server in dns.resolver.Resolver().nameservers]
    except dns.resolver.NoResolverConfiguration:
        return []


def _is_address(text: str) -> bool:
    try:
        ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True
