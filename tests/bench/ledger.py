"""A year of evidence: its size in git, verification, one probe's history, a build that draws it.

Fifty probes, hourly, for a year: 438,000 observations with plausible changes (each probe changes
about monthly, one answer in 200 fails, raw is kept daily and at changes). The same at a tenth and,
with ``full``, at ten times. All times of one size are measured in one run, beside ``sha256sum``.
"""

import random
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import dns.message
import dns.rrset
import msgspec

from probes.canonical import canonical, digest
from probes.kinds.dns.facts import DnsFacts, Record
from probes.ledger import Ledger, Line, seals
from probes.ledger.timeline import Timeline
from probes.observation import Exchange, Failure, Outcome, Vantage, pack

PROBES, HOURS = 50, 8760
ROOT = Path(__file__).resolve().parents[2]
_ENCODER = msgspec.json.Encoder(order="deterministic")
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

    def facts(self) -> bytes:
        record = Record(self.name, "A", self.address)
        facts = DnsFacts(rcode="NOERROR", addresses=[self.address], records=[record])
        return canonical({"kind": "dns", "version": 1, "facts": facts})

    def raw(self) -> bytes:
        exchanges = []
        for rdtype in ("A", "AAAA"):  # as the kind asks
            query = dns.message.make_query(self.name, rdtype, use_edns=0)
            query.id = self.chance.randrange(65536)
            answer = dns.message.make_response(query)
            if rdtype == "A":
                ttl = self.chance.randrange(300)
                answer.answer.append(
                    dns.rrset.from_text(f"{self.name}.", ttl, "IN", "A", self.address)
                )
            at, ms = (round(self.chance.uniform(1, 40), 1) for _ in range(2))
            wires = query.to_wire(), answer.to_wire()
            exchanges.append(pack(Exchange(rdtype, "resolver", "udp", *wires, at=at, ms=ms)))
        return canonical({"kind": "dns", "version": 1, "exchanges": exchanges})

    def observe(self, when: datetime) -> tuple[Line, list[bytes]]:
        """An observation and the objects that it brings."""
        changed = self.chance.random() < 1 / 720
        if changed:
            self.address = self._address()
        failed = self.chance.random() < 1 / 200
        objects, facts, raw = [], None, None
        if not failed:
            objects.append(self.facts())
            facts = digest(objects[0])
        day = when.toordinal()
        if changed or failed or day != self.raw_day:
            self.raw_day = day
            objects.append(self.raw())
            raw = digest(objects[-1])
        start = when + timedelta(milliseconds=self.chance.randrange(900))
        line = Line(
            v=1,
            digest=self.digest,
            kind="dns",
            version=1,
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
            for content in objects:
                name = digest(content)
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


def timed(*commands: tuple[list[str], Path]) -> list[float]:
    """The best of five runs of each, in seconds; they take turns, so that each has its calm."""
    times: list[list[float]] = [[] for _ in commands]
    for _ in range(5):
        for number, (command, cwd) in enumerate(commands):
            began = time.perf_counter()
            subprocess.run(command, cwd=cwd, check=True, capture_output=True)
            times[number].append(time.perf_counter() - began)
    return [min(each) for each in times]


def packed(folder: Path) -> float:
    """The size of the evidence in git after gc, in MB."""
    with tempfile.TemporaryDirectory() as repository:
        git = ["git", "-c", "gc.auto=0", "-c", "user.name=bench", "-c", "user.email=b@example.com"]
        git += [f"--git-dir={repository}/.git", f"--work-tree={folder}"]
        for step in (["init", "-q"], ["add", "-A", "."], ["commit", "-qm", "e"], ["gc", "-q"]):
            subprocess.run([*git, *step], cwd=folder, check=True, capture_output=True)
        size = sum(path.stat().st_size for path in Path(repository).rglob("*") if path.is_file())
    return size / 1e6


def history(folder: Path, cache: Path) -> tuple[float, float]:
    """Seconds to make the index, and to read one probe's whole history with it."""
    ledger = Ledger(folder, cache)
    began = time.perf_counter()
    ledger.index.refresh()
    indexed = time.perf_counter() - began
    question = digest(canonical({"dns": "host3.example.com"}))
    times = []
    for _ in range(5):
        began = time.perf_counter()
        rows = Timeline(ledger, question, lambda _: True).rows
        times.append(time.perf_counter() - began)
    assert rows
    return indexed, median(times)


def site(folder: Path, evidence: Path, *, drawn: bool, hours: int) -> Path:
    """A site of fifty figures over this evidence, with or without their history."""
    docs = folder / "docs"
    docs.mkdir(parents=True)
    (folder / "mkdocs.yml").write_text(
        "site_name: year\nsite_url: http://127.0.0.1/\ntheme: {name: mkdocs}\n"
        "plugins: []\nhooks: [hooks/sotokara.py, hooks/evidence.py]\n",
        "utf-8",
    )
    (folder / "hooks").symlink_to(ROOT / "hooks")
    (folder / "evidence").symlink_to(evidence)
    more = f"history: {hours}h\n" if drawn else ""
    fences = [
        f"```probe\ndns: host{number}.example.com\nid: p{number}\n{more}```\n"
        for number in range(PROBES)
    ]
    (docs / "index.md").write_text("# Year\n\n" + "\n".join(fences), "utf-8")
    return folder


def builds(work: Path, evidence: Path, hours: int) -> tuple[float, float]:
    """Seconds of a replayed build without and with history; the index is there already."""
    command = [sys.executable, "-m", "mkdocs", "build", "-q"]
    environment = ["env", "SOTOKARA_MODE=replay", "NO_MKDOCS_2_WARNING=1", *command]
    plain = site(work / "plain", evidence, drawn=False, hours=hours)
    drawn = site(work / "drawn", evidence, drawn=True, hours=hours)
    for each in (plain, drawn):  # makes the index
        done = subprocess.run(environment, cwd=each, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    without, with_history = timed((environment, plain), (environment, drawn))
    return without, with_history


def row(hours: int) -> Iterator[str]:
    """One size's figures."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        evidence = work / "evidence"
        count = fill(evidence, hours)
        size = packed(evidence)
        sums = work / "files"
        sums.write_text("\n".join(str(path) for path in evidence.rglob("*") if path.is_file()))
        verifier = str(ROOT / "probes" / "verify.py")
        hashing, verifying = timed(
            (["sh", "-c", f"xargs sha256sum < {sums} > /dev/null"], work),
            ([sys.executable, verifier, str(evidence)], work),
        )
        indexed, read = history(evidence, work / "cache")
        plain, drawn = builds(work, evidence, hours)
        yield f"{count:,}"
        yield f"{size:.1f} MB"
        yield f"{hashing:.2f} s"
        yield f"{verifying:.2f} s ({verifying / hashing:.1f}×)"
        yield f"{indexed:.2f} s"
        yield f"{read * 1000:.0f} ms"
        yield f"{plain:.2f} s"
        yield f"{drawn:.2f} s (+{drawn - plain:.2f} s)"
        shutil.rmtree(work, ignore_errors=True)


def main() -> str:
    """A table: a tenth of a year, a year, and with ``full`` ten years."""
    sizes = [HOURS // 10, HOURS, *([HOURS * 10] if "full" in sys.argv else [])]
    head = (
        "observations",
        "in git",
        "`sha256sum`",
        "`verify`",
        "index, once",
        "one probe's history",
        "build, 50 figures",
        "with history",
    )
    lines = [" | ".join(head), "|".join("---" for _ in head)]
    lines += [" | ".join(row(hours)) for hours in sizes]
    return "\n".join(f"| {line} |" for line in lines)
