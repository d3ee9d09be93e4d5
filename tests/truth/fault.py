"""A fault: what is broken, what is asked meanwhile, and what the page may say of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

HERE = "pc"
TARGETS = ("ns1", "registries", "mail", "shop", "ssl3")
"""Hosts whose packets are written down, too."""
OUTSIDE = "198.51.100.77"
"""The author's address as targets see it."""


@dataclass(frozen=True)
class Fault:
    """One fault of our own side, or something that looks like one."""

    name: str
    what: str
    questions: tuple[Mapping[str, Any], ...]
    nft: Mapping[str, str] = field(default_factory=dict)
    """Host → a table that is laid over its own while the fault lasts."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    when: Mapping[str, Any] = field(default_factory=lambda: {"out": True, "protocol": "udp"})
    """The build's first packet that is like this one is *the* packet."""
    lasts: float | None = None
    """Seconds from the packet on; None: as long as the build."""
    late: bool = False
    """It begins after the packet, and not before the build."""
    stopped: float = 0.0
    """Seconds that the build itself is stopped, from the packet on."""
    clock: str = ""
    """How far our clock is off, as faketime is told: ``+400d``."""
    jumps: str = ""
    """How far it is off from the packet on: somebody sets it in the midst of the build."""
    before: bool = False
    """The page was built once before, when all was well."""
    do: tuple[tuple[str, str], ...] = ()
    """Hosts and commands that make it, and ``undo``: those that end it."""
    undo: tuple[tuple[str, str], ...] = ()
    needs: str = ""
    """A program that not every system has; without it the fault cannot be made."""
    patience: float = 60.0
    """Seconds that the build may take."""
    secret: tuple[str, ...] = ()
    """What may stand neither on the page nor in the evidence."""
    keeps: tuple[str, ...] = ()
    """What has to stand in the evidence."""
    long: bool = False
    """Only ``python -m tests.truth`` makes it: it shows what another fault shows as well."""
    answered: bool = False
    """An answer is as true as none."""
    theirs: bool = False
    """It is no fault of ours: a silence may be the target's."""
    says: str | tuple[str, ...] = ""
    """What the page says of each question, or of one after the other; empty: nothing special."""
    never: tuple[str, ...] = ()
    """What it may not say."""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    """A packet that the capture has to hold: it shows that the fault was there."""
    absent: Mapping[str, Any] = field(default_factory=dict)
    """A packet that it must not hold."""
    there: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    """Targets, and a packet that the capture there has to hold."""
    not_there: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    """Targets, and a packet that the capture there must not hold."""

    def places(self) -> list[str]:
        """The targets whose captures tell something of it."""
        named = [place for place, _ in (*self.there, *self.not_there)]
        return list(dict.fromkeys(named))
