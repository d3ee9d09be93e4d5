"""Finding the entry of a directory that a question is about: a name, a network, an AS number."""

from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import Any


def about(entries: Mapping[str, Any], question: str) -> Any:  # noqa: ANN401  # text or JSON
    """The most specific entry; text as bytes. None where there is none.

    Flags before the question's last word and ``/e`` behind it are left aside.
    """
    word = (question.split() or [""])[-1].removesuffix("/e").rstrip(".")
    try:
        address = ip_address(word.partition("/")[0])
    except ValueError:
        found = _named(entries, word)
    else:
        holding = [key for key in entries if _holds(key, address)]
        best = max(holding, key=lambda key: ip_network(key).prefixlen, default=None)
        found = None if best is None else entries[best]
    found = entries.get("nothing") if found is None else found
    return found.encode() if isinstance(found, str) else found


def _holds(key: str, address: Any) -> bool:  # noqa: ANN401  # either family's
    try:
        return bool(address in ip_network(key))
    except ValueError:
        return False


def _named(entries: Mapping[str, Any], word: str) -> Any:  # noqa: ANN401
    """The entry of a name or of the nearest one above it; an AS number has its own."""
    lower = {key.lower(): key for key in entries}
    rest = word.lower()
    while rest:
        if rest in lower:
            return entries[lower[rest]]
        rest = rest.partition(".")[2]
    return None
