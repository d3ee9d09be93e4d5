"""Other versions of the reader of DNS answers: what they spell otherwise is no change."""

from typing import Any

import sotokara.kinds.dns.kind as dns
from sotokara.kinds.dns.facts import DnsFacts


def _spelled(version: int, nodata: Any) -> None:  # list of str → list of str
    facts = DnsFacts.__post_init__ if hasattr(DnsFacts, "__post_init__") else None
    assert facts is None
    whole = dns.Dns.parse

    def parse(self: Any, *given: Any, **named: Any) -> Any:
        reading = whole(self, *given, **named)
        if isinstance(reading.facts, DnsFacts):
            reading.facts.nodata[:] = nodata(reading.facts.nodata)
        return reading

    dns.Dns.parse = parse  # type: ignore[method-assign]
    dns.Dns.version = version


def earlier() -> None:
    """The version before today's did not read which types there are not."""
    _spelled(dns.Dns.version - 1, lambda _found: [])


def newer() -> None:
    """The version after today's writes them in small letters."""
    _spelled(dns.Dns.version + 1, lambda found: [one.lower() for one in found])
