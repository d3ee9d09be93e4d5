"""Ledgers with one defect each, named by the defect; and the sound one that all are made from.

``sound`` writes a ledger as the engine writes it: three sealed runs, a redaction with its
tombstone, and one run not sealed yet. Each function of ``DEFECTS`` spoils a copy in one way.
"""

import json
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import dns.message
import dns.rrset
from sotokara.core.canonical import canonical, digest
from sotokara.core.observation import Exchange, Failure, Observation, Outcome, Vantage, now
from sotokara.kinds.dns.facts import DnsFacts, DnsRecord
from sotokara.ledger import Ledger, Writer, seals
from sotokara.ledger import verify as verifier
from sotokara.ledger.redact import redact


def dialogue(name: str, *addresses: str) -> tuple[bytes, bytes]:
    """A question and its answer as DNS messages, from which such facts follow."""
    query = dns.message.make_query(name, "A", id=7)
    answer = dns.message.make_response(query)
    for address in addresses:
        answer.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "A", address))
    return query.to_wire(), answer.to_wire()


def observation(
    name: str = "ssl3.example.com",
    *addresses: str,
    failure: str = "",
    start: datetime | None = None,
    vantage: str = "author",
) -> Observation:
    """One answer of a name server, or a failure."""
    identity = {"dns": name}
    records = [DnsRecord(name, "A", address) for address in addresses]
    facts = DnsFacts(rcode="NOERROR", addresses=list(addresses), records=records)
    exchange = Exchange("A", "resolver", "udp", b"q", b"r" + str(addresses).encode(), ms=1)
    failed = Failure(failure, "udp query") if failure else None
    return Observation(
        digest=digest(canonical(identity)),
        definition=identity,
        start=start or now(),
        duration=0.01,
        outcome=failed.outcome if failed else Outcome.ANSWERED,
        vantage=Vantage(vantage, "sotokara 0.1.0, dnspython 2.9.2"),
        failure=failed,
        facts=None if failed else facts,
        exchanges=(exchange,),
    )


def keep(folder: Path, *observations: Observation, shown: bool = True) -> Path:
    """Write one run."""
    writer = Writer(Ledger(folder), observations[0].vantage.name, shown=shown)
    writer.append([(one, ["posts/a.md#a"]) for one in observations])
    run = writer.close()
    assert run is not None
    return run


def sound(folder: Path) -> Path:
    """The ledger without a defect."""
    keep(folder, observation("ssl3.example.com", "192.0.2.1"), observation("b.example.com"))
    redacted = observation("ssl3.example.com", "192.0.2.1", "192.0.2.77")
    keep(folder, redacted, observation("quiet.example.com"))
    seals.seal(folder)
    keep(folder, observation("ssl3.example.com", "192.0.2.2"))
    seals.seal(folder)
    redact(folder, ["192.0.2.77"], "a reader asked", "the author")
    keep(folder, observation("ssl3.example.com", "192.0.2.3"))
    return folder


def runs(folder: Path) -> list[Path]:
    """The run files, the oldest first; the last is not sealed."""
    return sorted((folder / "runs").rglob("*.jsonl"), key=lambda path: path.name)


def named(folder: Path, run: int, key: str) -> Path:
    """The object that a run's first line names."""
    name = str(json.loads(runs(folder)[run].read_bytes().splitlines()[0])[key])
    return folder / "objects" / name[:2] / f"{name}.json"


def seal_file(folder: Path, number: int) -> Path:
    return folder / "seals" / f"{number:06d}.json"


def replace(path: Path, old: bytes, new: bytes) -> None:
    """Edit a file by hand."""
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))


def reseal(folder: Path, which: int, /, **fields: object) -> None:
    """Write a seal anew with other fields."""
    seal = json.loads(seal_file(folder, which).read_bytes())
    seal_file(folder, which).write_bytes(canonical({**seal, **fields}) + b"\n")


def crlf(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


class Defect(NamedTuple):
    """How to spoil a ledger, and what a verifier says: the code, and a piece of where."""

    spoil: Callable[[Path], object]
    code: str
    where: str


def _one_sealed_again(folder: Path) -> None:
    """Somebody rewrites a sealed run and makes its seal agree."""
    run = runs(folder)[2]
    replace(run, b"192.0.2.2", b"192.0.2.9") if b"192.0.2.2" in run.read_bytes() else replace(
        run, b'"duration":0.01', b'"duration":0.02'
    )
    name = run.relative_to(folder).as_posix()
    nodes = verifier.leaves(name, run.read_bytes())
    first = json.loads(seal_file(folder, 1).read_bytes())
    tree = verifier.Tree(first["size"], map(bytes.fromhex, first["peaks"]))
    for node in nodes:
        tree.leaf(node)
    files = [[name, len(nodes), verifier.root_of(nodes)]]
    reseal(folder, 2, files=files, root=tree.root(), peaks=tree.peaks, size=tree.size)


def all_sealed_again(folder: Path) -> None:
    """Somebody throws all seals away and seals everything anew."""
    shutil.rmtree(folder / "seals")
    shutil.rmtree(folder / "tombstones")
    seals.seal(folder)


def _rolled_back(folder: Path) -> None:
    newest = max((folder / "seals").glob("*.json"))
    newest.unlink()


def _conflict(folder: Path) -> None:
    ours = seal_file(folder, 2).read_bytes()
    theirs = ours.replace(b'"number":2', b'"number":2 ')
    seal_file(folder, 2).write_bytes(
        b"<<<<<<< HEAD\n" + ours + b"=======\n" + theirs + b">>>>>>> other\n"
    )


def _late(folder: Path) -> None:
    """A run that claims to be older than all sealed ones."""
    content = runs(folder)[-1].read_bytes()
    day = folder / "runs" / "2020" / "01" / "01"
    day.mkdir(parents=True)
    (day / f"20200101T000000000Z-author-{digest(content)[:8]}.jsonl").write_bytes(content)


def _move(path: Path, name: str) -> None:
    path.rename(path.with_name(name))


DEFECTS: dict[str, Defect] = {
    "altered-run-sealed": Defect(
        lambda f: replace(runs(f)[0], b'"duration":0.01', b'"duration":0.02'), "altered", "runs/"
    ),
    "altered-run-unsealed": Defect(
        lambda f: replace(runs(f)[-1], b'"duration":0.01', b'"duration":0.02'), "altered", "runs/"
    ),
    "altered-run-redacted": Defect(
        lambda f: replace(runs(f)[1], b'"duration":0.01', b'"duration":0.02'), "altered", "runs/"
    ),
    "altered-run-no-json": Defect(
        lambda f: replace(runs(f)[0], b'{"v":1', b'{"v":1,,'), "altered", ".jsonl:1"
    ),
    "altered-run-second-line": Defect(
        lambda f: replace(runs(f)[0], b'\n{"v"', b'\n{"v'), "altered", ".jsonl:2"
    ),
    "altered-run-line-added": Defect(
        lambda f: runs(f)[0].write_bytes(runs(f)[0].read_bytes() * 2), "altered", "runs/"
    ),
    "altered-run-line-removed": Defect(
        lambda f: runs(f)[0].write_bytes(runs(f)[0].read_bytes().split(b"\n")[0] + b"\n"),
        "altered",
        "runs/",
    ),
    "altered-run-cut-off": Defect(
        lambda f: runs(f)[0].write_bytes(runs(f)[0].read_bytes()[:-40]), "altered", "runs/"
    ),
    "altered-run-empty": Defect(lambda f: runs(f)[0].write_bytes(b""), "altered", "runs/"),
    "altered-run-swapped": Defect(
        lambda f: runs(f)[0].write_bytes(runs(f)[2].read_bytes()), "altered", "runs/"
    ),
    "altered-facts": Defect(
        lambda f: replace(named(f, 2, "facts"), b"192.0.2.2", b"192.0.2.9"), "altered", "objects/"
    ),
    "altered-raw": Defect(
        lambda f: replace(named(f, 2, "raw"), b'"ms":1', b'"ms":2'), "altered", "objects/"
    ),
    "altered-raw-reformatted": Defect(
        lambda f: named(f, 2, "raw").write_text(
            json.dumps(json.loads(named(f, 2, "raw").read_bytes()), indent=1)
        ),
        "altered",
        "objects/",
    ),
    "altered-seal-time": Defect(
        lambda f: reseal(f, 1, sealed="2020-01-01T00:00:00Z"), "resealed", "seals/000002"
    ),
    "altered-seal-file-left-out": Defect(
        lambda f: reseal(f, 1, files=json.loads(seal_file(f, 1).read_bytes())["files"][:1]),
        "altered",
        "seals/000001",
    ),
    "altered-seal-root": Defect(lambda f: reseal(f, 1, root="0" * 64), "altered", "seals/000001"),
    "altered-seal-number": Defect(lambda f: reseal(f, 2, number=7), "altered", "seals/000002"),
    "altered-seal-no-json": Defect(
        lambda f: seal_file(f, 2).write_bytes(b"{"), "altered", "seals/000002"
    ),
    "altered-seal-twice": Defect(
        lambda f: reseal(f, 2, files=json.loads(seal_file(f, 1).read_bytes())["files"]),
        "altered",
        "seals/000002",
    ),
    "altered-tombstone": Defect(
        lambda f: replace(f / "tombstones/000001.json", b"a reader", b"a lawyer"),
        "altered",
        "tombstones/",
    ),
    "altered-tombstone-unsealed": Defect(
        lambda f: shutil.copy(f / "tombstones/000001.json", f / "tombstones/000002.json"),
        "altered",
        "tombstones/000002",
    ),
    "altered-token": Defect(
        lambda f: (f / "seals/000001.tsr").write_bytes(b"of another seal"), "altered", ".tsr"
    ),
    "conflict-of-seals": Defect(_conflict, "seal_conflict", "seals/000002"),
    "extra-file": Defect(lambda f: (f / "runs/notes.txt").write_text("x"), "extra", "notes.txt"),
    "extra-object-in-wrong-folder": Defect(
        lambda f: shutil.copytree(named(f, 2, "raw").parent, f / "objects/zz"),
        "extra",
        "objects/zz",
    ),
    "extra-token": Defect(
        lambda f: (f / "seals/000099.tsr").write_bytes(b"x"), "extra", "000099.tsr"
    ),
    "extra-run-without-hash": Defect(
        lambda f: shutil.copy(runs(f)[2], runs(f)[2].with_name("20260101T000000000Z-x.jsonl")),
        "extra",
        "20260101T000000000Z-x",
    ),
    "late-run-in-the-past": Defect(_late, "late", "runs/2020/01/01"),
    "line-ends-object": Defect(
        lambda f: named(f, 2, "raw").write_bytes(named(f, 2, "raw").read_bytes() + b"\r\n"),
        "altered",
        "objects/",
    ),
    "line-ends-run": Defect(lambda f: crlf(runs(f)[0]), "line_ends", "runs/"),
    "line-ends-run-unsealed": Defect(lambda f: crlf(runs(f)[-1]), "line_ends", "runs/"),
    "line-ends-seal": Defect(lambda f: crlf(seal_file(f, 1)), "line_ends", "seals/000001"),
    "missing-facts": Defect(lambda f: named(f, 2, "facts").unlink(), "missing", ".jsonl:1"),
    "missing-raw": Defect(lambda f: named(f, -1, "raw").unlink(), "missing", ".jsonl:1"),
    "missing-run": Defect(lambda f: runs(f)[0].unlink(), "missing", "runs/"),
    "missing-run-renamed": Defect(
        lambda f: _move(runs(f)[0], runs(f)[0].name.replace("author", "editor")),
        "missing",
        "author",
    ),
    "missing-seal-first": Defect(
        lambda f: seal_file(f, 1).unlink(), "missing", "seals/000001.json"
    ),
    "missing-seal-middle": Defect(
        lambda f: seal_file(f, 2).unlink(), "missing", "seals/000002.json"
    ),
    "missing-tombstone": Defect(
        lambda f: (f / "tombstones/000001.json").unlink(), "missing", "tombstones/000001"
    ),
    "newer-run": Defect(lambda f: replace(runs(f)[0], b'{"v":1', b'{"v":2'), "newer", ".jsonl:1"),
    "newer-seal": Defect(lambda f: reseal(f, 2, v=3), "newer", "seals/000002"),
    "not-fetched-lfs": Defect(
        lambda f: runs(f)[0].write_bytes(b"version https://git-lfs.github.com/spec/v1\n"),
        "not_fetched",
        "runs/",
    ),
    "resealed-one": Defect(_one_sealed_again, "resealed", "seals/000003"),
    "resealed-all": Defect(all_sealed_again, "rolled_back", "seals/"),
    "rolled-back": Defect(_rolled_back, "rolled_back", "seals/"),
}
