"""macOS' whois prints the answers of all servers that it was referred to, one below the other."""

import re
from collections.abc import Sequence
from typing import NamedTuple

_SERVER = re.compile(r"^# (?P<server>(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24})\s*$")
_ROOT = re.compile(r"^(?:source:\s+IANA|refer:\s+\S+|% IANA WHOIS)", re.MULTILINE)


class Section(NamedTuple):
    """One server's answer."""

    server: str
    text: str


def registry_section(kept: Sequence[str]) -> Section | None:
    """The registry's answer: the first one below IANA's; None where the text is one answer."""
    sections: list[tuple[str, list[str]]] = [("", [])]
    for line in kept:
        if match := _SERVER.match(line):
            sections.append((match["server"], []))
        else:
            sections[-1][1].append(line)
    full = [Section(server, "\n".join(lines)) for server, lines in sections]
    full = [one for one in full if one.text.strip()]
    if len(full) < 2 or not _ROOT.search(full[0].text):  # noqa: PLR2004  # IANA's and another
        return None
    return full[1]
