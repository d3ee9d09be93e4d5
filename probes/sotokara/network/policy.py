"""Policy: which addresses may get a packet.

By default nothing is sent to special-purpose addresses (RFC 6890, RFC 8190, and IANA's two
registries as of 2025), nor to multicast and broadcast. An IPv6 address that carries an IPv4 address
(mapped, compatible, translated, 6to4, NAT64, Teredo, ISATAP) is judged by both.
"""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

from sotokara.core.addresses import Address, Net, forms, parse_network
from sotokara.core.observation import ProbeFailure

SPECIAL: dict[str, str] = {
    # iana-ipv4-special-registry: everything that is not globally reachable
    "0.0.0.0/8": "“this network” (RFC 791)",
    "10.0.0.0/8": "private use (RFC 1918)",
    "100.64.0.0/10": "shared address space of carrier NAT (RFC 6598)",
    "127.0.0.0/8": "loopback (RFC 1122)",
    "169.254.0.0/16": "link local (RFC 3927)",
    "172.16.0.0/12": "private use (RFC 1918)",
    "192.0.0.0/24": "IETF protocol assignments (RFC 6890)",
    "192.0.2.0/24": "documentation (RFC 5737)",
    "192.88.99.0/24": "deprecated 6to4 relay anycast (RFC 7526)",
    "192.168.0.0/16": "private use (RFC 1918)",
    "198.18.0.0/15": "benchmarking (RFC 2544)",
    "198.51.100.0/24": "documentation (RFC 5737)",
    "203.0.113.0/24": "documentation (RFC 5737)",
    "224.0.0.0/4": "multicast (RFC 5771)",
    "240.0.0.0/4": "reserved or broadcast (RFC 1112, RFC 919)",
    # iana-ipv6-special-registry
    "::/128": "unspecified (RFC 4291)",
    "::1/128": "loopback (RFC 4291)",
    "::/96": "IPv4-compatible, deprecated (RFC 4291)",
    "::ffff:0:0/96": "IPv4-mapped (RFC 4291)",
    "::ffff:0:0:0/96": "IPv4-translated (RFC 2765)",
    "64:ff9b:1::/48": "local-use NAT64 (RFC 8215)",
    "100::/64": "discard only (RFC 6666)",
    "100:0:0:1::/64": "dummy prefix (RFC 9780)",
    "2001::/23": "IETF protocol assignments, Teredo and ORCHID among them (RFC 2928)",
    "2001:db8::/32": "documentation (RFC 3849)",
    "3fff::/20": "documentation (RFC 9637)",
    "5f00::/16": "segment routing SIDs (RFC 9602)",
    "fc00::/7": "unique local (RFC 4193)",
    "fe80::/10": "link local (RFC 4291)",
    "fec0::/10": "deprecated site local (RFC 3879)",
    "ff00::/8": "multicast (RFC 4291)",
}
_SPECIAL: list[tuple[Net, str]] = [(ip_network(text), why) for text, why in SPECIAL.items()]
_REACHABLE: list[Net] = [  # more-specific entries of 2001::/23 that are globally reachable
    ip_network(text)
    for text in ("2001:1::1/128", "2001:1::2/128", "2001:3::/32", "2001:4:112::/48", "2001:20::/28")
]


class SendPolicy:
    """Judges addresses. ``allow`` opens networks, ``deny`` closes them and wins over ``allow``."""

    def __init__(self, allow: list[str], deny: list[str]) -> None:
        """:raises ValueError: for text that is no network."""
        self._allow = [parse_network(text) for text in allow]
        self._deny = [parse_network(text) for text in deny]
        self.refusal = lru_cache(maxsize=65536)(self._refusal)

    def _refusal(self, text: str) -> str | None:
        """Why no packet may go to this address, or None when it may."""
        address = ip_address(text.partition("%")[0])
        for form in forms(address):
            if any(form in net for net in self._deny):
                return f"{text} is closed by policy.deny"
        for form in forms(address):
            if any(form in net for net in self._allow):
                continue
            if (why := special(form)) and not (form is address and _is_mapped(form)):
                return f"{text} is a special-purpose address: {why}; policy.allow can open it"
        return None

    def check(self, address: str) -> None:
        """:raises ProbeFailure: ``policy_refused`` when no packet may go to ``address``."""
        if why := self.refusal(address):
            raise ProbeFailure("policy_refused", "policy", why)


def special(address: Address) -> str | None:
    """The registry's name for a special-purpose address that is not globally reachable."""
    if any(address in net for net in _REACHABLE):
        return None
    return next((why for net, why in _SPECIAL if address in net), None)


def _is_mapped(address: Address) -> bool:
    """Whether an IPv6 address is only a way to write an IPv4 address for sockets."""
    return isinstance(address, IPv6Address) and address.ipv4_mapped is not None
