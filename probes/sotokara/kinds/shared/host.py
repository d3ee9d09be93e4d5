"""Hosts and domains as authors write them: the one spelling, or what is wrong."""

import re
from collections.abc import Iterator
from ipaddress import ip_address

import dns.exception
import dns.name

from sotokara.core.addresses import is_address
from sotokara.kinds.interface import OptionError

PORTS = range(1, 65536)
_FOREIGN = re.compile(r"[/:@ \[\]\\?#%*]")


def domain_name(text: str, fewest: int = 1) -> str:
    """A name in lower-case A-labels (RFC 5891), without its final dot.

    ``fewest``: labels that it has to have.

    :raises ValueError: for anything else; the text says why.
    """
    if not text.strip(".") or _FOREIGN.search(text):
        raise ValueError("a name has no slash, colon, bracket or space")
    try:
        name = dns.name.from_text(text, idna_codec=dns.name.IDNA_2008_Practical)
    except dns.exception.DNSException as error:
        raise ValueError(str(error)) from error
    if name.labels[-2].isdigit():
        raise ValueError("a number is no name")
    if len(name.labels) <= fewest:  # one of them is the root's
        raise ValueError("a top-level domain is not asked for")
    return name.to_text(omit_final_dot=True).lower()


def host_name(text: str) -> str:
    """A name as above, or an address in its normal spelling.

    :raises ValueError: for anything else.
    """
    try:
        return str(ip_address(text))
    except ValueError:
        return domain_name(text)


def wrong_host(target: str, family: int | None) -> Iterator[OptionError]:
    """A target that is no host, or an address of another family than the one asked for."""
    try:
        found = host_name(target)
    except ValueError as error:
        what = f"{target!r} is neither a DNS name nor an address ({error})"
        hint = "write a bare name such as www.example.com, or an address"
        yield OptionError("target", what, hint)
        return
    version = ip_address(found).version if is_address(found) else family
    if family not in (None, version):
        what = f"{target} is no IPv{family} address"
        yield OptionError("family", what, f"{version}, or no `family` at all")
