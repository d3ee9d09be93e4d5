"""What the controls said: mail servers that are known to greet, and greet by their own name."""

import re
from collections.abc import Iterable

from sotokara.core.observation import Exchange, Failure

CONTROL = "control"
"""The step of an exchange with a control."""


def greets_as(host: str, banner: bytes) -> bool:
    """Whether a banner names the host's own domain (RFC 5321, 4.2: the server's name is in it)."""
    labels = host.lower().rstrip(".").split(".")
    short = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3  # noqa: PLR2004  # co.jp
    own = ".".join(labels[-3:] if short else labels[-2:] if len(labels) > 2 else labels[-1:])  # noqa: PLR2004
    text = banner.decode("ascii", "replace").lower()
    return re.search(rf"(?<![\w-]){re.escape(own)}(?![\w-]|\.\w)", text) is not None


def blocked(exchanges: Iterable[Exchange]) -> dict[bool, Failure]:
    """By address family (True: IPv6): why no control greeted us over it, where none did."""
    controls: dict[bool, list[Exchange]] = {}
    for one in exchanges:
        if one.step == CONTROL:
            controls.setdefault(":" in one.server.partition(" [")[2], []).append(one)
    found = {}
    for v6, asked in controls.items():
        if all(one.failure for one in asked):
            hosts = ", ".join(one.server.partition(" [")[0] for one in asked)
            detail = f"no control answers either: {hosts}"
            found[v6] = Failure("smtp_port_blocked", CONTROL, detail)
    return found
