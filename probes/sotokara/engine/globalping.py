"""The engine ``globalping`` (globalping.io/docs/api). Its probes have no names.

Two limits hold: of measurements in an hour, and of looks at one of them in a second. At the first
it is left alone for the rest of the build; the second is waited for.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from sotokara.core.observation import Exchange, Failure, ProbeFailure
from sotokara.core.places import GlobalpingPlace
from sotokara.engine.figure import Figure
from sotokara.engine.platform import TOO_MANY, Platform, Reported, common, log
from sotokara.kinds.shared.platforms.fields import bounded_list, bounded_text, mapping, number
from sotokara.network.network import Network

_NO_PROBES = 422
_POLL, _PATIENCE = 0.5, 40.0
"""Seconds between two looks, and until a measurement is given up."""
_LONGEST = 80


class GlobalpingPlatform(Platform[GlobalpingPlace]):
    """One build's engine."""

    name: ClassVar[str] = "globalping"
    title: ClassVar[str] = "Globalping"
    token: ClassVar[str] = "SOTOKARA_GLOBALPING_TOKEN"  # noqa: S105  # a variable's name
    scheme: ClassVar[str] = "Bearer"
    _looked = False

    def wanted(self, place: GlobalpingPlace) -> int:
        """How many probes are to measure."""
        return place.probes

    async def ask(
        self,
        figure: Figure,  # noqa: ARG002  # the body says all
        asked: Mapping[str, dict[str, Any]],
        place: GlobalpingPlace,
    ) -> Reported:
        """A measurement for each step, one after another."""
        async with self._turns:
            await self._limits()
            found = [await self._one(step, body, place) for step, body in asked.items()]
        exchanges = [exchange for several, _ in found for exchange in several]
        reports = [report for _, report in found]
        seen = [
            mapping(mapping(one).get("probe"))
            for one in bounded_list(reports[0].get("results"), 50)
        ]
        asns = [number(one.get("asn")) for one in seen]
        return Reported(
            exchanges,
            ", ".join(bounded_text(one.get("id"), _LONGEST) for one in reports),
            network=common([f"AS{one:.0f}" if one and one < 1 << 32 else "" for one in asns]),
            country=common([bounded_text(one.get("country"), 2).upper() for one in seen]),
            city=common([bounded_text(one.get("city"), _LONGEST) for one in seen]),
        )

    async def _limits(self) -> None:
        """Look once in a build how much may be asked; nothing is asked where nothing is left.

        :raises ProbeFailure: where nothing is.
        """
        if not self._looked:
            self._looked = True
            api = self._settings.globalping.api.rstrip("/")
            try:
                found = mapping(self.json(await self.call(self.net(_PATIENCE), f"{api}/limits")))
            except ProbeFailure:
                return  # whether it may be asked, it says when it is
            create: Any = found
            for name in ("rateLimit", "measurements", "create"):
                create = mapping(mapping(create).get(name))
            left, most = number(create.get("remaining")), number(create.get("limit"))
            credit = number(mapping(found.get("credits")).get("remaining")) or 0
            if left is None or most is None:
                return
            log.info("Globalping: %.0f of %.0f tests left, %.0f credits", left, most, credit)
            if not left and not credit:
                reset = number(create.get("reset"))
                free = f"; free again in {reset:.0f} s" if reset else ""
                detail = f"its limit of measurements is reached{free}"
                self._closed = Failure("place_unreachable", self.name, detail)
        if self._closed is not None:
            raise ProbeFailure(self._closed.name, self._closed.step, self._closed.detail)

    async def _one(
        self, step: str, body: Mapping[str, Any], place: GlobalpingPlace
    ) -> tuple[list[Exchange], dict[str, Any]]:
        """Ask for one measurement and wait for it: the exchanges, and the report read.

        :raises ProbeFailure: where none comes of it.
        """
        net = self.net(_PATIENCE)
        at = net.elapsed()
        wanted = {**body, "limit": place.probes, "locations": [{"magic": place.location}]}
        sent = msgspec.json.encode(wanted)
        number_of_it = await self._made(net, sent)
        api = self._settings.globalping.api.rstrip("/")
        while net.left() > 0:
            reply = await self.patient(net, f"{api}/measurements/{number_of_it}")
            report = mapping(self.json(reply))
            if report.get("status") != "in-progress":
                self._finished(report)
                report = {**report, "id": number_of_it}
                return self.exchanges(step, sent, reply, (at, net.elapsed())), report
            await asyncio.sleep(_POLL)
        raise ProbeFailure("deadline_exceeded", self.name, "its measurement did not end in time")

    async def _made(self, net: Network, sent: bytes) -> str:
        """The name of the measurement that was asked for."""
        api = self._settings.globalping.api.rstrip("/")
        reply = await self.call(net, f"{api}/measurements", sent)
        if reply.status == _NO_PROBES:
            raise self._nobody()
        if reply.status == TOO_MANY:
            failed = self.limited(reply)
            self._closed = failed.failure
            raise failed
        made = mapping(self.json(reply)).get("id")
        if not isinstance(made, str) or not made.isalnum() or len(made) > _LONGEST:
            raise ProbeFailure("place_differs", self.name, "it gave the measurement no name")
        return made

    def _finished(self, report: Mapping[str, Any]) -> None:
        """See that a probe has finished: fewer than were asked may.

        :raises ProbeFailure: where none has: none was there, went away, or failed.
        """
        every = [mapping(one) for one in bounded_list(report.get("results"), 50)]
        if not every:
            raise self._nobody()
        states = [mapping(one.get("result")).get("status") for one in every]
        if "finished" not in states:
            said = next((one for one in states if isinstance(one, str)), "nothing")
            raise ProbeFailure("place_lost", self.name, f"its probe says: {said[:_LONGEST]}")

    def _nobody(self) -> ProbeFailure:
        detail = "it has no probe at this location"
        return ProbeFailure("place_unreachable", self.name, detail)
