"""The place `sandbox`: small servers of the blog's own, on loopback, for as long as a build runs.

Everybody's first build measures there, whatever network there is. The servers are in a room of
their own that the wheel leaves out, so a blog of an author's own has no such place.
"""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sotokara.core.observation import ProbeFailure
from sotokara.core.places import SANDBOX
from sotokara.core.settings import Policy, Settings
from sotokara.engine.prober import Prober
from sotokara.engine.settings import load
from sotokara.network.ways import TownWays

if TYPE_CHECKING:
    from sotokara.servers.town import Town


class Sandbox:
    """The servers, started at the first question and ended with the build."""

    def __init__(self, settings: Settings, pages: Path | None) -> None:
        self._settings, self._pages = settings, pages
        self._starting: asyncio.Task[Prober] | None = None
        self._town: Town | None = None
        self._prober: Prober | None = None

    async def prober(self) -> Prober:
        """What measures there.

        :raises ProbeFailure: ``vantage_elsewhere`` where there are no servers, or none can start.
        """
        if self._starting is None:
            self._starting = asyncio.ensure_future(self._start())
        return await asyncio.shield(self._starting)

    def close(self) -> None:
        """End the servers."""
        if self._starting is not None:
            self._starting.cancel()
        if self._prober is not None:
            self._prober.close()
        if self._town is not None:
            self._town.close()

    async def _start(self) -> Prober:
        try:
            from sotokara.servers.town import Town
        except ImportError as error:
            detail = "the sandbox comes with the blog's own repository alone"
            raise ProbeFailure("vantage_elsewhere", "vantage", detail) from error
        self._town = Town()
        try:
            await self._town.start()
        except OSError as error:
            detail = f"the sandbox cannot start: {error.strerror}"
            raise ProbeFailure("vantage_elsewhere", "vantage", detail) from error
        ways = TownWays(self._town.ports, self._town.trusted())
        there = _settings_there(self._settings, self._town)
        self._prober = Prober(there, ways, pages=self._pages)
        return self._prober


def _settings_there(own: Settings, town: "Town") -> Settings:
    """The town's settings, and of the author's what is not about whom to ask."""
    there = load(town.settings, {})
    return replace(
        there,
        vantage=SANDBOX,
        mode=own.mode,
        timeout=own.timeout,
        deadline=own.deadline,
        concurrency=own.concurrency,
        redact=own.redact,
        policy=Policy(there.policy.allow, own.policy.deny, own.policy.kinds),
    )
