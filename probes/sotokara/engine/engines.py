"""What measures at each place: this build, its sandbox, a host of one's own, a platform."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from sotokara.core.observation import Failure, Observation, ProbeFailure
from sotokara.core.places import SANDBOX, AtlasPlace, GlobalpingPlace
from sotokara.core.settings import Settings
from sotokara.engine.figure import Figure
from sotokara.engine.prober import Prober
from sotokara.ledger import Ledger

if TYPE_CHECKING:  # each is loaded where a definition names such a place
    from sotokara.engine.platform import Platform
    from sotokara.engine.remote import InThread, Remote
    from sotokara.engine.sandbox import Sandbox


class Where:
    """Which places one build measures at, and of which it shows the evidence."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def measured(self, figure: Figure) -> bool:
        """Whether this build measures a figure, or shows it from the evidence of elsewhere."""
        settings, place = self._settings, figure.place
        if settings.only and place not in settings.only:
            return False
        return place in ("", SANDBOX, settings.vantage) or self.far(figure)

    def far(self, figure: Figure) -> bool:
        """Whether another host measures it."""
        place = self._settings.places.get(figure.place)
        if figure.node.definition.unpublished:  # what another host keeps is evidence at once
            return False
        return figure.place != self._settings.vantage and getattr(place, "far", False)

    def apart(self, figure: Figure) -> bool:
        """Whether it is measured without this machine's own network, which may be away."""
        place = self._settings.places.get(figure.place)
        own_hosts = self.far(figure) and not getattr(place, "public", False)
        return figure.place == SANDBOX or own_hosts


class Engines:
    """The engines of one build, each begun at its first question. Lives in one event loop.

    ``root``: mkdocs.yml's folder; ``pages``: that of the pages; ``keep``: lets the ledger's own
    thread write; ``watch``: is given what measures with this machine's network, as soon as it does.
    """

    def __init__(  # noqa: PLR0913  # what engines need of a build
        self,
        settings: Settings,
        ledger: Ledger,
        root: Path,
        *,
        pages: Path | None,
        shown: bool,
        keep: "InThread",
        watch: Callable[[Prober], None],
    ) -> None:
        self._settings, self._where, self._watch = settings, Where(settings), watch
        self._pages, self._hosts = pages, (ledger, root, keep, shown)
        self._sandbox: Sandbox | None = None
        self._remote: Remote | None = None
        self._platforms: dict[type, Platform[Any]] = {}
        self._own: Prober | None = None
        self._indoors: Prober | None = None

    async def observe(
        self,
        figure: Figure,
        given_up: Callable[[], Failure | None],
        earlier: Sequence[Observation],
        cited: list[str],
    ) -> Observation:
        """Measure one figure's question at its place. What has an id by now is kept already.

        :raises SettingMistake: where a setting that is needed for it names what is not there.
        """
        if self._where.far(figure):
            place = self._settings.places[figure.place]
            if platform := self._platform(place):
                return await platform.observe(figure, place)
            return await self._own_hosts().observe(figure, cited)
        try:
            prober = await self._prober(figure)
        except ProbeFailure as nowhere:
            return self.unasked(figure, nowhere.failure)
        return await prober.observe(figure, given_up, earlier)

    def _platform(self, place: object) -> "Platform[Any] | None":
        """The public platform that a place belongs to."""
        kind = type(place)
        if kind not in self._platforms:
            if isinstance(place, GlobalpingPlace):
                from sotokara.engine.globalping import GlobalpingPlatform

                self._platforms[kind] = GlobalpingPlatform(self._settings)
            elif isinstance(place, AtlasPlace):
                from sotokara.engine.atlas import Atlas

                self._platforms[kind] = Atlas(self._settings)
        return self._platforms.get(kind)

    def _own_hosts(self) -> "Remote":
        """What measures at the author's own hosts."""
        if self._remote is None:
            from sotokara.engine.remote import Remote

            ledger, root, keep, shown = self._hosts
            self._remote = Remote(self._settings, ledger, root, keep, shown=shown)
        return self._remote

    async def _prober(self, figure: Figure) -> Prober:
        """:raises ProbeFailure: where its place cannot be had."""
        if figure.place == SANDBOX:
            return await self.sandbox()
        if self._own is None:
            self._own = Prober(self._settings, pages=self._pages)
            self._watch(self._own)
        return self._own

    async def sandbox(self) -> Prober:
        """What measures in the sandbox.

        :raises ProbeFailure: where it cannot be had.
        """
        if self._sandbox is None:
            from sotokara.engine.sandbox import Sandbox

            self._sandbox = Sandbox(self._settings, self._pages)
        self._indoors = await self._sandbox.prober()
        return self._indoors

    def unasked(self, figure: Figure, failure: Failure) -> Observation:
        """The observation that nothing was measured at a figure's place, and why."""
        if self._where.far(figure):
            from sotokara.engine.remote import unmeasured

            platform = self._platform(self._settings.places[figure.place])
            return (platform.unmeasured if platform else unmeasured)(figure, failure)
        indoors = figure.place == SANDBOX
        prober = self._indoors if indoors else self._own
        if prober is None:
            place = SANDBOX if indoors else self._settings.vantage
            prober = Prober(replace(self._settings, vantage=place))
        return prober.unasked(figure, failure)

    def close(self) -> None:
        """End all connections and servers."""
        if self._remote is not None:
            self._remote.close()
        for platform in self._platforms.values():
            platform.close()
        if self._own is not None:
            self._own.close()
        if self._sandbox is not None:
            self._sandbox.close()
