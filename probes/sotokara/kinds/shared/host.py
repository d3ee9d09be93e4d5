"""Hosts and domains as authors write them: the one spelling, or what is wrong."""

import re
from collections.abc import Iterator
from ipaddress import ip_address

import dns.exception
import dns.name

from sotokara.core.addresses import is_address
from sotokara.core.said import said
from sotokara.kinds.interface import OptionError

PORTS = range(1, 65536)
_LONGEST_LABEL = 63
"""Characters of a label (RFC 1035, 2.3.4)."""
_FOREIGN = re.compile(r"[/:@ \[\]\\?#%*]")


def domain_name(text: str, fewest: int = 1) -> str:
    """A name in lower-case A-labels (RFC 5891), without its final dot.

    ``fewest``: labels that it has to have.

    :raises ValueError: for anything else; the text says why.
    """
    if not text.strip(".") or _FOREIGN.search(text):
        raise ValueError(said("a name has no slash, colon, bracket or space"))
    try:
        name = dns.name.from_text(text, idna_codec=dns.name.IDNA_2008_Practical)
    except dns.exception.DNSException as error:
        raise ValueError(why_no_name(text)) from error
    if name.labels[-2].isdigit():
        raise ValueError(said("a number is no name"))
    if len(name.labels) <= fewest:  # one of them is the root's
        raise ValueError(said("a top-level domain is not asked for"))
    return name.to_text(omit_final_dot=True).lower()


def why_no_name(text: str) -> str:
    """Why a text cannot be a domain name, where the DNS library has refused it."""
    odd = next((one for one in text if not one.isalnum() and one not in "-_."), "")
    if odd:
        return said("{!r} stands in no name", odd)
    if ".." in text or text.startswith("."):
        return said("nothing stands between two dots")
    longest = max(text.split("."), key=len)
    if len(longest) > _LONGEST_LABEL:
        return said("a part of it has {} characters; {} are possible", len(longest), _LONGEST_LABEL)
    return said("a name has no such form")


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
        what = said("{!r} is neither a DNS name nor an address ({})", target, error)
        hint = said("write a bare name such as www.example.com, or an address")
        yield OptionError("target", what, hint)
        return
    version = ip_address(found).version if is_address(found) else family
    if family not in (None, version):
        what = said("{} is no IPv{} address", target, family)
        yield OptionError("family", what, said("{}, or no `family` at all", version))
