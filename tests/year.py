"""A synthetic ledger: fifty probes, hourly, with changes as the world has them.

Each probe changes about monthly, one answer in 200 fails, raw is kept daily and at changes.
"""

import random
import secrets
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import dns.message
import dns.rrset
import msgspec
from sotokara.core.canonical import canonical, digest
from sotokara.core.observation import Exchange, Failure, Outcome, Vantage, pack
from sotokara.kinds import KINDS
from sotokara.kinds.dns.facts import DnsFacts, DnsRecord
from sotokara.ledger import RunLine, seals

PROBES, HOURS = 50, 8760
_ENCODER = msgspec.json.Encoder(order="deterministic")
KIND = KINDS["dns"]
_VANTAGE = Vantage("author", "sotokara 0.1.0, dnspython 2.9.2")


class Probe:
    """One synthetic question and the world behind it."""

    def __init__(self, number: int, chance: random.Random) -> None:
        self.name = f"host{number}.example.com"
        self.definition = {"dns": self.name}
        self.digest = digest(canonical(self.definition))
        self.chance = chance
        self.address = self._address()
        self.raw_day = -1

    def _address(self) -> str:
        return f"192.0.2.{self.chance.randrange(256)}"

    @cache  # noqa: B019  # fifty of them, for as long as the benchmark runs
    def facts(self, address: str) -> tuple[str, bytes]:
        """Facts as they are kept, and the name of their object."""
        record = DnsRecord(self.name, "A", address)
        facts = DnsFacts(rcode="NOERROR", addresses=[address], records=[record], nodata=["AAAA"])
        content = canonical({"kind": "dns", "version": KIND.version, "facts": facts})
        return digest(content), content

    @cache  # noqa: B019
    def _dialogue(self, rdtype: str, address: str) -> tuple[bytes, bytes]:
        """A question and its answer, whose ids and time to live are still open."""
        query = dns.message.make_query(self.name, rdtype, use_edns=0)
        answer = dns.message.make_response(query)
        if rdtype == "A":
            answer.answer.append(dns.rrset.from_text(f"{self.name}.", 0, "IN", "A", address))
        return query.to_wire()[2:], answer.to_wire()[2:]

    def raw(self) -> bytes:
        exchanges = []
        for rdtype in ("A", "AAAA"):  # as the kind asks
            query, answer = self._dialogue(rdtype, self.address)
            own, ttl = self.chance.randbytes(2), self.chance.randrange(300)
            if rdtype == "A":  # four bytes of TTL, two of length, four of address end it
                answer = answer[:-10] + ttl.to_bytes(4, "big") + answer[-6:]
            at, ms = (round(self.chance.uniform(1, 40), 1) for _ in range(2))
            wires = own + query, own + answer
            exchanges.append(pack(Exchange(rdtype, "resolver", "udp", *wires, at=at, ms=ms)))
        return canonical({"kind": "dns", "version": KIND.version, "exchanges": exchanges})

    def observe(self, when: datetime) -> tuple[RunLine, dict[str, bytes]]:
        """An observation, and by their names the objects that it brings."""
        changed = self.chance.random() < 1 / 720
        if changed:
            self.address = self._address()
        failed = self.chance.random() < 1 / 200
        objects, facts, raw = dict[str, bytes](), None, None
        if not failed:
            facts, content = self.facts(self.address)
            objects[facts] = content
        day = when.toordinal()
        if changed or failed or day != self.raw_day:
            self.raw_day = day
            content = self.raw()
            raw = digest(content)
            objects[raw] = content
        start = when + timedelta(milliseconds=self.chance.randrange(900))
        line = RunLine(
            v=1,
            digest=self.digest,
            kind="dns",
            version=KIND.version,
            definition=self.definition,
            cited=[f"posts/year.md#p{self.name[4:].partition('.')[0]}"],
            start=start,
            duration=round(self.chance.uniform(0.002, 0.05), 3),
            vantage=_VANTAGE,
            outcome=Outcome.NO_ANSWER if failed else Outcome.ANSWERED,
            failure=Failure("generic_timeout_error", "udp query") if failed else None,
            facts=facts,
            raw=raw,
            volatile={
                "ms": round(self.chance.uniform(1, 40), 1),
                "ttl": self.chance.randrange(300),
            },
        )
        return line, objects


def fill(folder: Path, hours: int) -> int:
    """Write a ledger of so many hours that ends now; how many observations it has."""
    chance = random.Random(7)  # noqa: S311  # plausible, not secret
    probes = [Probe(number, chance) for number in range(PROBES)]
    known: set[str] = set()
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    for hour in range(hours):
        when = end - timedelta(hours=hours - hour)
        lines = []
        for number, probe in enumerate(probes):
            line, objects = probe.observe(when)
            if number == 0:
                line = msgspec.structs.replace(line, salt=secrets.token_hex(16))
            lines.append(_ENCODER.encode(line) + b"\n")
            for name, content in objects.items():
                if name not in known:
                    known.add(name)
                    path = folder / "objects" / name[:2] / f"{name}.json"
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(content)
        content = b"".join(lines)
        day = folder / "runs" / when.strftime("%Y/%m/%d")
        day.mkdir(parents=True, exist_ok=True)
        name = f"{when:%Y%m%dT%H%M%S}000Z-author-{digest(content)[:8]}.jsonl"
        (day / name).write_bytes(content)
    seals.seal(folder)
    return hours * PROBES
