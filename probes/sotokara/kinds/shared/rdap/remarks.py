"""Remarks of RDAP objects (RFC 9083, 4.3): the server's own, or the free text of the holder."""

import re

from sotokara.kinds.shared.rdap.names import legal
from sotokara.kinds.shared.registry.personal import MAIL, ROLE_MAIL, shape

_SERVERS_OWN = re.compile(
    r"redacted|truncated|incomplete data|data policy|terms of (use|service)|copyright"
    r"|object (does not|not)|unavailable",
    re.IGNORECASE,
)
"""Titles and types of remarks that the server writes by itself (RFC 9083, 10.2.1)."""
_NOT_A_NAME = re.compile(r"\d{3}|[@:;|]|c/o|attn", re.IGNORECASE)


def servers_own(title: str, kind: str) -> bool:
    """Whether a server writes remarks of this title and type by itself."""
    return bool(_SERVERS_OWN.search(f"{title} {kind}"))


def free_line(line: str) -> str:
    """A line of free text: whole where it plainly is the name of an organization, else masked.

    Mailboxes of roles stay.
    """
    if legal(line) and not _NOT_A_NAME.search(line):
        return line
    parts = re.split(rf"({MAIL.pattern})", line)
    return "".join(one if ROLE_MAIL.match(one) else shape(one) for one in parts)
