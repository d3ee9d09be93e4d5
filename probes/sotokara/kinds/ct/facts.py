"""The facts of kind ``ct``: certificates that an index of the logs has for a name."""

import msgspec

from sotokara.core.observation import Facts


class LogEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One certificate; its precertificate is the same one. Times are UTC, to the day."""

    serial: str
    issuer: str
    first_seen: str
    """The day on which a log first took it in, as the index has it."""
    valid_from: str = ""
    expires: str = ""
    names: list[str] = []
    id: int = 0
    """The index's own number for it."""


class CtFacts(Facts, frozen=True, kw_only=True, omit_defaults=True):
    """``certificates``: the newest first, 500 at most; ``count`` has all."""

    count: int = 0
    certificates: list[LogEntry] = []
    issuers: list[str] = []
    names: list[str] = []
    first_seen: str = ""
    latest: str = ""
