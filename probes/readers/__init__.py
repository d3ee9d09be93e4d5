"""Readers of old terminal output: text → listings, each with the facts that it states.

The registry is explicit: one line a reader, in the order in which they are tried.
"""

from probes.readers import dig, host, mtr, nslookup, report, smtp, traceroute, tracert, whois
from probes.readers.interface import Command, Listing, Reader
from probes.readers.session import Segment, split

__all__ = ["READERS", "Listing", "Reader", "Segment", "listings", "split"]

READERS: dict[str, Reader] = {
    "dig": dig.read,
    "host": host.read,
    "nslookup": nslookup.read,
    "tracert": tracert.read,
    "mtr": mtr.read,
    "traceroute": traceroute.read,
    "smtp": smtp.read,
    "report": report.read,
    "whois": whois.read,
}


def listings(text: str, kind: str = "", target: str = "") -> list[Listing]:
    """Every listing in a text, of one kind if that is named; what stands between is prose.

    ``target``: what a text of whois is known to be about.
    """
    asked = Command("whois", (target,)) if target and kind == "whois" else None
    segments = split(text, READERS, kind, asked)
    found = [segment for segment in segments if isinstance(segment, Listing)]
    return [listing for listing in found if not kind or listing.kind == kind]
