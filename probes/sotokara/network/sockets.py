"""How many sockets this process may have open, and so how many probes may be under way.

``select`` on Windows watches 512 sockets; macOS gives a shell 256 files (``ulimit -n``), which a
process may raise for itself up to its hard limit.
"""

import contextlib
import sys

WINDOWS = 512
"""Python's FD_SETSIZE there; one more is a ValueError in the middle of everything."""
KEPT = 64
"""Files that others have open: the ledger, pages, the loop's own."""
PER_PROBE = 2
"""Sockets of a probe, on average of the kinds: look-ups share their resolver's."""


def files_allowed(wanted: int, platform: str = sys.platform) -> int:
    """The files that may be open at once: as many as wanted, where the system lets us raise it."""
    if platform == "win32":
        return WINDOWS
    import resource  # not on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    with contextlib.suppress(OSError, ValueError):  # macOS has a second, lower limit for some
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        return most
    return soft


def probes_at_once(wanted: int, platform: str = sys.platform) -> int:
    """The probes that may be under way: as many as wanted, or as sockets allow; at least one."""
    files = files_allowed(wanted * PER_PROBE + KEPT, platform)
    return max(1, min(wanted, (files - KEPT) // PER_PROBE))
