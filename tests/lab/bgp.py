"""Three BIRD routers and a validator in the lab: a victim, a hijacker, a collector that keeps MRT.

The victim announces a prefix that a ROA authorizes, then the hijacker a more specific; after that
the hijacker takes it back. The collector writes what it hears (``updates.mrt``) and its table
(``rib.mrt``), and asks StayRTR by RTR what the ROAs are.
"""

import json
import subprocess
import time
from pathlib import Path

from tests.lab.lab import Lab, LabError, require
from tests.lab.topology import Host, Link, Topology

VICTIM, COLLECTOR, HIJACKER = "10.9.1.1", "10.9.1.2", "10.9.2.1"
_TOPOLOGY = Topology(
    (
        Host("victim", (VICTIM,), "originates the prefix"),
        Host("collector", (COLLECTOR,), "a route collector", forwards=True),
        Host("hijacker", (HIJACKER,), "originates a more specific"),
    ),
    (Link("victim", "collector"), Link("collector", "hijacker")),
)
_EDGE = """router id {own}; protocol device {{}}
protocol static own {{ ipv4; {routes} }}
protocol bgp b {{ local {own} as {asn}; neighbor {there} as {collector};
  multihop; connect delay time 1; ipv4 {{ import none; export all; }}; }}
"""
_COLLECTOR = """router id {own}; protocol device {{}}
roa4 table r4;
protocol rpki v {{ roa4 {{ table r4; }}; remote 127.0.0.1 port 8282; retry keep 1; refresh keep 2;
  expire keep 600; }}
mrtdump "{folder}/updates.mrt"; mrtdump protocols {{ messages }};
protocol mrt {{ table "master4"; filename "{folder}/rib.mrt"; period 2; }}
protocol bgp va {{ local {own} as {asn}; neighbor {victim} as {victim_as};
  multihop; connect delay time 1;
  mrtdump {{ messages }}; ipv4 {{ import all; export none; }}; }}
protocol bgp hj {{ local {own} as {asn}; neighbor {hijacker} as {hijacker_as};
  multihop; connect delay time 1;
  mrtdump {{ messages }}; ipv4 {{ import all; export none; }}; }}
"""


class Routers(Lab):
    """The three. ``ases``: victim, hijacker and collector; ``specific`` lies inside ``prefix``."""

    def __init__(self, ases: tuple[int, int, int], prefix: str, specific: str) -> None:
        super().__init__(_TOPOLOGY)
        self.ases, self.prefix, self.specific = ases, prefix, specific

    def up(self) -> None:
        """Bring up the collector with its validator, and the victim."""
        require("bird", "birdc", "stayrtr")
        super().up()
        victim, hijacker, collector = self.ases
        self.roas = self.folder / "roas.json"
        self.authorize(self.roas, [(self.prefix, victim)])
        argv = ["stayrtr", "-bind", "127.0.0.1:8282", "-cache", str(self.roas)]
        argv += ["-metrics.addr", "127.0.0.1:9847", "-checktime=false"]
        self.spawn("collector", argv, log="stayrtr.log")
        self.wait_for_port("collector", 8282, kind="tcp", timeout=20)
        text = _COLLECTOR.format(
            own=COLLECTOR,
            folder=self.folder,
            asn=collector,
            victim=VICTIM,
            victim_as=victim,
            hijacker=HIJACKER,
            hijacker_as=hijacker,
        )
        self._bird("collector", text)
        self._bird("victim", self._edge(VICTIM, victim, self.prefix))
        self._until(self.prefix)

    @staticmethod
    def authorize(path: Path, roas: list[tuple[str, int]]) -> None:
        """Write a set of ROAs, made now."""
        made = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        every = [
            {"prefix": prefix, "maxLength": int(prefix.partition("/")[2]), "asn": f"AS{asn}"}
            | {"ta": "lab"}
            for prefix, asn in roas
        ]
        path.write_text(json.dumps({"metadata": {"buildtime": made}, "roas": every}))

    def hijack(self) -> None:
        """Let the hijacker announce the more specific, and wait until the collector has it."""
        self._bird("hijacker", self._edge(HIJACKER, self.ases[1], self.specific))
        self._until(self.specific)

    def end(self) -> None:
        """Let the hijacker take it back."""
        self._birdc("hijacker", "disable own")
        self._until(self.specific, there=False)

    def validity(self, prefix: str, asn: int) -> str:
        """What BIRD says of an origin: ``(enum 35)1`` is valid, 2 invalid, 0 unknown."""
        return self._birdc("collector", f"eval roa_check(r4, {prefix}, {asn})")

    def _edge(self, own: str, asn: int, prefix: str) -> str:
        return _EDGE.format(
            own=own,
            asn=asn,
            there=COLLECTOR,
            collector=self.ases[2],
            routes=f"route {prefix} blackhole;",
        )

    def _bird(self, host: str, text: str) -> None:
        file = self.folder / f"{host}.conf"
        file.write_text(text)
        argv = ["bird", "-f", "-c", str(file), "-s", str(self.folder / f"{host}.ctl")]
        self.spawn(host, [*argv, "-P", str(self.folder / f"{host}.pid")], log=f"{host}.log")

    def _birdc(self, host: str, words: str) -> str:
        argv = ["birdc", "-s", str(self.folder / f"{host}.ctl"), *words.split()]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        return done.stdout

    def _until(self, prefix: str, *, there: bool = True) -> None:
        for _ in range(60):
            if (f"{prefix} " in self._birdc("collector", "show route")) is there:
                return
            time.sleep(0.1)
        raise LabError(f"the collector did not hear of {prefix}")
