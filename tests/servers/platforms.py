"""The APIs of RIPE Atlas and Globalping on loopback, for engines that ask them.

They speak as the platforms' own documents say, about hosts and probes that are invented.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.servers.api import Answer, Api, Asked

PROBE = {"country": "JP", "city": "Tokyo", "asn": 64500, "network": "Example Net"}
PROBES = [
    {"id": 1234, "country_code": "DE", "asn_v4": 64500, "asn_v6": None},
    {"id": 5678, "country_code": "DE", "asn_v4": 64501, "asn_v6": 64501},
    {"id": 9012, "country_code": "AT", "asn_v4": 64501, "asn_v6": None},
]
Result = Mapping[str, Any]


class GlobalpingApi:
    """Accepts, is busy for one look, and then gives what it is told to.

    ``give``: the reply to later looks; ``made``: to the request for a measurement; ``limits``: to
    the look at what is left.
    """

    def __init__(
        self, give: Answer | None = None, made: Answer | None = None, limits: Answer | None = None
    ) -> None:
        self.give = give or Answer(200, report({}))
        self._made = made or Answer(202, {"id": "abc123", "probesCount": 1})
        self._limits = limits or Answer(404, {"error": {"type": "not_found", "message": "No."}})
        self.looks = 0
        self.busy = [Answer(200, report({}, status="in-progress"))]
        """Replies to the first looks."""
        self.api = Api(self._answer)

    def _answer(self, asked: Asked) -> Answer:
        if asked.path == "/limits":
            return self._limits
        if asked.method == "POST":
            return self._made
        self.looks += 1
        return self.busy[self.looks - 1] if self.looks <= len(self.busy) else self.give

    def posted(self) -> list[dict[str, Any]]:
        """The measurements that were asked for."""
        return [json.loads(one.body) for one in self.api.asked if one.method == "POST"]


def report(*results: Result, **more: Any) -> dict[str, Any]:
    """A measurement of Globalping with a result of each probe."""
    told = [{"probe": PROBE, "result": {"status": "finished", **one}} for one in results]
    return {"id": "abc123", "status": "finished", "results": told, **more}


class AtlasApi:
    """Takes measurements, and gives their results little by little.

    ``results``: makes the results of one definition; as many come at each look as before and one
    more. ``made``, ``given``: replies in place of these.
    """

    def __init__(
        self,
        results: Callable[[dict[str, Any]], Sequence[Result]] = lambda _: (),
        made: Answer | None = None,
        given: Answer | None = None,
        status: Mapping[str, Any] | None = None,
    ) -> None:
        self._results, self._made, self._given = results, made, given
        self._status = status or {"id": 2, "name": "Ongoing"}
        self._measurements: dict[int, dict[str, Any]] = {}
        self._looks: dict[int, int] = {}
        self.limited = 0
        """Looks that are refused with 429 before any is answered."""
        self.probes = Answer(200, {"results": PROBES})
        self.scheduled: int | None = None
        self.api = Api(self._answer)

    def _answer(self, asked: Asked) -> Answer:
        path = asked.path.partition("?")[0]
        if asked.method == "POST":
            return self._made or self._taken(json.loads(asked.body))
        if path == "/probes/":
            return self.probes
        number = int(path.split("/")[2])
        if not path.endswith("/results/"):
            about = {"status": self._status, "probes_scheduled": self.scheduled}
            return Answer(200, about)
        if self.limited:
            self.limited -= 1
            return Answer(429, {"error": {"detail": "Too fast."}}, {"Retry-After": "0"})
        self._looks[number] = self._looks.get(number, 0) + 1
        every = self._results(self._measurements[number])
        return self._given or Answer(200, list(every[: self._looks[number] - 1]))

    def _taken(self, wanted: dict[str, Any]) -> Answer:
        ids = []
        for definition in wanted["definitions"]:
            number = 7001 + len(self._measurements)
            self._measurements[number] = definition
            ids.append(number)
        return Answer(201, {"measurements": ids})

    def posted(self) -> list[dict[str, Any]]:
        """The requests for measurements."""
        return [json.loads(one.body) for one in self.api.asked if one.method == "POST"]
