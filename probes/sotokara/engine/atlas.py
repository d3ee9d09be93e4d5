"""The engine ``ripe-atlas``: one-off measurements for credits of one's own (atlas.ripe.net).

What a build is going to spend is said before it is spent, and never more than the settings allow.
The key goes with the request for a measurement alone; reports are public, and fetched without it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import msgspec

from sotokara.core.observation import Exchange, ProbeFailure
from sotokara.core.places import AtlasPlace
from sotokara.engine.figure import Figure
from sotokara.engine.platform import Platform, Reported, common, log
from sotokara.kinds.shared.platforms.fields import bounded_list, bounded_text, mapping, number
from sotokara.network.http import HttpReply
from sotokara.network.network import Network

_POLL = 5.0
"""Seconds between two looks."""
_BESIDE = 30.0
"""Seconds for the requests before and after the waiting."""
_SETTLED = 90.0
"""Seconds after the latest report in which none has to come for the rest to be given up."""
_ENDED = frozenset({4, 5, 6, 7, 8})
"""States of a measurement that has come to its end: stopped, without probes, failed, archived."""
_PACKETS = {"ping": (1, 48), "traceroute": (10, 40)}
"""Credits for each packet of up to 1,500 octets, and how long one is where nothing else is said."""
_RESULT, _BY_TCP = 10, 20
"""Credits for one answer of DNS by UDP, or one certificate; for one of DNS by TCP."""
_OCTETS = 1500
_MOST_ID = 1 << 53


class Atlas(Platform[AtlasPlace]):
    """One build's engine."""

    name: ClassVar[str] = "ripe-atlas"
    title: ClassVar[str] = "RIPE Atlas"
    token: ClassVar[str] = "SOTOKARA_ATLAS_KEY"  # noqa: S105  # a variable's name
    scheme: ClassVar[str] = "Key"
    at_once: ClassVar[int] = 16
    _spent = 0

    def wanted(self, place: AtlasPlace) -> int:
        """How many probes are to measure."""
        return place.wanted

    async def ask(
        self, figure: Figure, asked: Mapping[str, dict[str, Any]], place: AtlasPlace
    ) -> Reported:
        """All steps in one request, so that the same probes measure them at the same time."""
        if not self._token():
            detail = f"{self.token} has no key"
            raise ProbeFailure("place_unreachable", self.name, detail)
        self._spend(figure, asked, place)
        kind, value = place.source
        probes: dict[str, Any] = {"requested": place.wanted, "type": kind, "value": value}
        if place.tags:
            probes["tags"] = {"include": place.tags}
        about = {"description": f"sotokara, {figure.place}", "is_public": True}
        bodies = [{**body, **about} for body in asked.values()]
        async with self._turns:
            net = self.net(self._settings.ripe_atlas.patience + _BESIDE)
            at = net.elapsed()
            wanted = {"definitions": bodies, "probes": [probes], "is_oneoff": True}
            ids = await self._made(net, msgspec.json.encode(wanted), len(bodies))
            replies = await asyncio.gather(*(self._reports(net, one, place) for one in ids))
            exchanges: list[Exchange] = []
            for step, body, reply in zip(asked, bodies, replies, strict=True):
                sent = msgspec.json.encode({**wanted, "definitions": [body]})
                exchanges += self.exchanges(step, sent, reply, (at, net.elapsed()))
            named = [_probes(self.json(reply)) for reply in replies]
            seen = sorted({one for several in named for one in several})
            found = await self._located(net, exchanges, ids, seen)
            version = common(_firmwares(self.json(replies[0])))
            return msgspec.structs.replace(found, version=version and f"firmware {version}")

    def _spend(
        self, figure: Figure, asked: Mapping[str, dict[str, Any]], place: AtlasPlace
    ) -> None:
        """Say what is going to be spent, and count it.

        :raises ProbeFailure: where that is more than the settings allow.
        """
        cost = sum(map(credits_of, asked.values())) * place.wanted
        most = self._settings.ripe_atlas.credits
        if self._spent + cost > most:
            detail = f"it costs {cost} credits, and {most - self._spent} of {most} are left"
            raise ProbeFailure("policy_refused", "ripe_atlas.credits", detail)
        self._spent += cost
        log.info(
            "RIPE Atlas: %s at %s costs about %d credits (%d of %d in this build)",
            figure.target,
            figure.place,
            cost,
            self._spent,
            most,
        )

    async def _made(self, net: Network, sent: bytes, count: int) -> list[int]:
        """The numbers of the measurements that were asked for."""
        api = self._settings.ripe_atlas.api.rstrip("/")
        made = mapping(self.json(await self.call(net, f"{api}/measurements/", sent)))
        ids = [one for one in bounded_list(made.get("measurements"), count + 1) if _is_id(one)]
        if len(ids) != count:
            raise ProbeFailure("place_differs", self.name, "it gave the measurement no name")
        return ids

    async def _reports(self, net: Network, measurement: int, place: AtlasPlace) -> HttpReply:
        """The results, once all probes have reported, or those that will.

        :raises ProbeFailure: where none has.
        """
        api = self._settings.ripe_atlas.api.rstrip("/")
        base = f"{api}/measurements/{measurement}/"
        last: HttpReply | None = None
        came, since, ended = 0, net.elapsed(), ""
        while net.left() > _BESIDE:
            await asyncio.sleep(_POLL)
            reply = await self.patient(net, f"{base}results/?format=json", own=False)
            many = len(_probes(self.json(reply)))
            if many > came:
                last, came, since = reply, many, net.elapsed()
            if came >= place.wanted or (came and net.elapsed() - since > _SETTLED):
                break
            about = await self.patient(net, f"{base}?fields=status,probes_scheduled", own=False)
            state = mapping(self.json(about))
            scheduled = number(state.get("probes_scheduled"))
            status = mapping(state.get("status"))
            if number(status.get("id")) in _ENDED:
                ended = bounded_text(status.get("name"), 40) or "?"
            if ended or (came and scheduled is not None and came >= scheduled):
                break
        if last is None:
            raise self._none(measurement, ended)
        return last

    def _none(self, measurement: int, ended: str) -> ProbeFailure:
        if ended:
            detail = f"its measurement has ended without a report: {ended}"
            return ProbeFailure("place_unreachable", self.name, detail)
        target = f"ripe-atlas:{measurement}"
        detail = f"measurement {measurement} did not end in time; cite it as {target}"
        return ProbeFailure("deadline_exceeded", self.name, detail)

    async def _located(
        self, net: Network, exchanges: list[Exchange], ids: Sequence[int], seen: Sequence[int]
    ) -> Reported:
        """With where the probes are, as far as the platform tells it."""
        api = self._settings.ripe_atlas.api.rstrip("/")
        named = ",".join(map(str, seen))
        fields = "fields=id,country_code,asn_v4,asn_v6"
        at = net.elapsed()
        found: list[dict[str, Any]] = []
        try:
            url = f"{api}/probes/?id__in={named}&page_size={len(seen)}&{fields}"
            reply = await self.patient(net, url, own=False)
            found = [mapping(one) for one in bounded_list(mapping(self.json(reply)).get("results"))]
            own, _ = self.exchanges("their probes", b"", reply, (at, net.elapsed()))
            exchanges.append(msgspec.structs.replace(own, server=self.name, protocol="https"))
        except ProbeFailure:
            pass  # where they are is said of none then
        where = {number(one.get("id")): one for one in found}
        every = [where.get(float(one), {}) for one in seen]
        asns = [number(one.get("asn_v4")) or number(one.get("asn_v6")) for one in every]
        countries = [bounded_text(one.get("country_code"), 2).upper() for one in every]
        return Reported(
            exchanges,
            ", ".join(map(str, ids)),
            probe=", ".join(map(str, seen)),
            network=common([f"AS{one:.0f}" if one and one < 1 << 32 else "" for one in asns]),
            country=common([one if one.isascii() and one.isalpha() else "" for one in countries]),
        )


def credits_of(body: Mapping[str, Any]) -> int:
    """What a one-off measurement costs with one probe.

    The unit costs of https://atlas.ripe.net/docs/getting-started/credits.html: a ping of N packets
    of S octets N × (⌊S / 1500⌋ + 1), a traceroute ten times that, an answer of DNS 10 by UDP and 20
    by TCP, a certificate 10; twice as much for what is asked once.
    """
    kind = str(body["type"])
    if kind in _PACKETS:
        each, size = _PACKETS[kind]
        size = int(body.get("size", size))
        return 2 * each * int(body["packets"]) * (size // _OCTETS + 1)
    return 2 * (_BY_TCP if str(body.get("protocol", "")).upper() == "TCP" else _RESULT)


def _firmwares(results: Any) -> list[str]:  # noqa: ANN401  # JSON
    return [bounded_text(mapping(one).get("fw"), 12) for one in bounded_list(results, 200)]


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < _MOST_ID


def _probes(results: Any) -> list[int]:  # noqa: ANN401  # JSON
    """The probes that have reported, each once."""
    ids = (mapping(one).get("prb_id") for one in bounded_list(results, 200))
    return list(dict.fromkeys(one for one in ids if isinstance(one, int) and _is_id(one)))
