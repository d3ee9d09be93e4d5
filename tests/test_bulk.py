"""Many subjects in one figure: what is asked, what is kept, what is shown, and what is proven."""

import asyncio
import datetime as dt
import json
import os
import random
import shutil
import struct
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from sotokara import __version__
from sotokara.core.observation import (
    Exchange,
    Failure,
    Observation,
    Outcome,
    ProbeFailure,
    Vantage,
)
from sotokara.core.settings import Settings
from sotokara.definitions.definition import read_definition
from sotokara.definitions.subjects import Subjects, Unusable, of_network, read_subjects
from sotokara.engine.batch import Batch
from sotokara.engine.batch_live import Recalled
from sotokara.engine.batch_share import Share, ShareRows, measure, pack, rows_from, share_of
from sotokara.engine.batch_spread import Spread
from sotokara.engine.figure import Node
from sotokara.engine.plan import Plan
from sotokara.engine.settings import load
from sotokara.findings.batches import evaluate_batch, hilbert
from sotokara.kinds.dns import quick
from sotokara.kinds.dns.kind import Dns
from sotokara.ledger import Ledger, LedgerError, seals
from sotokara.ledger import verify as verifier
from sotokara.ledger.batch_check import check_rows
from sotokara.ledger.batch_parquet import Sink, Source
from sotokara.ledger.batch_rows import BatchHead, BatchRow, RowExchange, entry, row_of
from sotokara.ledger.batch_writer import BatchWriter
from sotokara.ledger.batches import Batches, StoredBatch, names
from sotokara.ledger.drafts import Drafts
from sotokara.ledger.proofs import prove_row
from sotokara.ledger.redact import redact, redact_draft
from sotokara.ledger.sealing import SealStates
from sotokara.ledger.withdraw import which, withdraw
from sotokara.masking.redaction import DNS_MESSAGE, Redactor
from sotokara.network.clock import Loop
from sotokara.network.dns_client import query
from sotokara.render.batch_view import batch_html
from sotokara.servers.nameserver import (
    NameServer,
    about_dns,
    address_of,
    labels_of,
    rdtype,
    record,
    reply,
)

from tests.one_batch import measured
from tests.servers.crowded import Crowded
from tests.servers.thread import serving
from tests.sites import build, fence, figures, make_site, with_evidence

MEDIA = DNS_MESSAGE
GROUP = 100


# What is asked.


def subjects(folder: Path, content: bytes | str, name: str = "names.csv") -> Subjects:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    column = "name" if name.endswith(("csv", "tsv")) else "value"
    asked, mistakes = definition(f"{{{{ each.{column} }}}}", each=name)
    assert not mistakes
    batch = Batch(asked)
    return read_subjects(path, name, [column], 1000, lambda one: batch.ask(one, nothing))


def nothing(_: object) -> object:
    raise AssertionError


def definition(target: str, **keys: str) -> tuple:  # type: ignore[type-arg]
    text = "".join(f'{key}: "{value}"\n' for key, value in {"dns": target, **keys}.items())
    return read_definition(text, "p.md", 3, "t" * 16)


def test_a_table_is_read_once_a_name_in_order(tmp_path: Path) -> None:
    text = '\ufeffname,note\nB.example,"a, b"\na.example.,x\n\nbücher.example,y\nb.example,z\n'
    found = subjects(tmp_path, text)
    assert found.asked == ["a.example", "b.example", "xn--bcher-kva.example"]
    assert (found.duplicates, found.left_out) == (1, 0)


@pytest.mark.parametrize("mark", [";", "\t"])
def test_a_spreadsheet_may_have_other_marks(tmp_path: Path, mark: str) -> None:
    assert subjects(tmp_path, f"x{mark}name\r\n1{mark}a.example\r\n").asked == ["a.example"]


def test_a_list_has_remarks(tmp_path: Path) -> None:
    assert subjects(tmp_path, "# of 2026\na.example\n\n  b.example \n", "a.txt").asked == [
        "a.example",
        "b.example",
    ]


def test_what_names_nothing_is_left_out_with_its_line(tmp_path: Path) -> None:
    lines = [b"name,x", b"a.example,1", b"two words,1", b"b\xff.example,1", b"b.example"]
    lines += [b",1", b"x" * 70_000 + b",1", b"c.example\0,1", b'"open,1', b"d.example,1"]
    found = subjects(tmp_path, b"\n".join(lines))
    assert found.asked == ["a.example", "d.example"]
    assert found.left_out == 7
    assert [line for line, _ in found.mistakes] == [3, 4, 5, 6, 7, 8, 9]


def test_of_ten_thousand_wrong_lines_twenty_are_told(tmp_path: Path) -> None:
    found = subjects(tmp_path, "name\na.example\n" + "no name\n" * 200)
    assert (found.left_out, len(found.mistakes)) == (200, 20)


@pytest.mark.parametrize(
    ("content", "name", "line", "said"),
    [
        ("", "n.csv", 1, "no line of names of columns"),
        ("host\na.example\n", "n.csv", 1, "no column called 'name'"),
        ("name,name\na,b\n", "n.csv", 1, "two columns called 'name'"),
        ("name\ntwo words\n", "n.csv", 2, "names nothing that can be asked"),
        ("", "n.txt", 0, "names nothing that can be asked"),
        ("\xff\xfea".encode("latin-1"), "n.txt", 1, "UTF-16"),
        ("name\n" + "".join(f"n{one}.example\n" for one in range(1500)), "n.csv", 0, "1,500 sub"),
    ],
)
def test_a_file_that_cannot_be_used(
    tmp_path: Path, content: str | bytes, name: str, line: int, said: str
) -> None:
    with pytest.raises(Unusable, match=said) as raised:
        subjects(tmp_path, content, name)
    assert raised.value.line == line


def test_of_a_line_without_end_nothing_is_held(tmp_path: Path) -> None:
    path = tmp_path / "n.txt"
    path.write_bytes(b"a.example\n")
    os.truncate(path, 20 << 20)  # a hole: as long as 2 GB would be, and read as quickly
    found = read_subjects(path, "n.txt", ["value"], 10, lambda one: one["value"])
    assert (found.asked, found.left_out) == (["a.example"], 1)


@pytest.mark.parametrize(
    ("each", "said"),
    [
        ("198.18.0.1/24", "198.18.0.1 is an address inside 198.18.0.0/24"),
        ("2001:db8::1/64", "2001:db8::1 is an address inside 2001:db8::/64"),
        ("198.18.0.0/33", "is no network"),
        ("", "each names nothing"),
        ("{{ a }} and {{ b }}", "is no single reference"),
    ],
)
def test_what_each_may_say(each: str, said: str) -> None:
    _, mistakes = definition("{{ each.value }}", each=each)
    assert said in mistakes[0].what
    assert mistakes[0].line == 5


@pytest.mark.parametrize(
    ("network", "addresses"),
    [("::/0", f"{1 << 128:,}"), ("2001:db8::/64", f"{1 << 64:,}"), ("10.0.0.0/8", "16,777,216")],
)
def test_a_network_too_large_is_refused_with_its_number(network: str, addresses: str) -> None:
    asked, mistakes = definition("{{ each.value }}", each=network)
    assert not mistakes
    with pytest.raises(Unusable, match=addresses):
        of_network(asked.each, 1_000_000, lambda one: one["value"])


def test_a_network_gives_every_address() -> None:
    asked, _ = definition("{{ each.value }}", each="198.18.0.0/29")
    batch = Batch(asked)
    found = of_network(asked.each, 10, lambda one: batch.ask(one, nothing))
    assert found.asked == [f"198.18.0.{one}" for one in range(8)]


def test_options_are_filled_in_too() -> None:
    asked, mistakes = definition(
        "{{ each.name }}", type="{{ each.type }}", each="n.csv", server="192.0.2.1"
    )
    assert not mistakes
    batch = Batch(asked)
    key = batch.ask({"name": "a.example", "type": "mx"}, nothing)
    target, options, question = batch.of_key(key)
    assert (target, options) == ("a.example", '{"type":["MX"]}')
    assert question.identity() == {"dns": "a.example", "type": ["MX"], "server": ["192.0.2.1"]}
    with pytest.raises(ValueError, match="no record type"):
        batch.ask({"name": "a.example", "type": "nonsense"}, nothing)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"dns": "a.example", "each": "n.csv"}, "the same for each subject"),
        ({"dns": "{{ each.value }}", "each": "n.csv", "pin": "2026-01-01"}, "pin is of one"),
        ({"dns": "{{ each.value }}", "each": "n.csv", "group": "rcod"}, "no fact 'rcod'"),
        ({"dns": "{{ each.value }}", "each": "n.csv", "order": "-nam"}, "no fact 'nam'"),
        ({"dns": "a.example", "group": "rcode"}, "group stands without each"),
        ({"cited": "{{ each.value }}", "each": "n.csv"}, "reads what others measured"),
    ],
)
def test_what_stands_beside_each(keys: dict[str, str], said: str) -> None:
    text = "".join(f'{key}: "{value}"\n' for key, value in keys.items())
    _, mistakes = read_definition(text, "p.md", 3, "t" * 16)
    assert any(said in one.what for one in mistakes), mistakes


# What is read quickly is what is read slowly.


def answered(wire: bytes, rng: random.Random) -> bytes:
    """A reply of an honest server, of one of many forms."""
    kind, number = rdtype(wire), rng.randrange(4)
    length = {1: 4, 28: 16}.get(kind, 4)
    answers = [
        record(kind, rng.randbytes(length), ttl=rng.randrange(1 << 20)) for _ in range(number)
    ]
    flags = rng.choice([0x8180, 0x8580, 0x81A0, 0x8183, 0x8583])
    soa = record(6, b"\0\0" + struct.pack("!5I", 1, 2, 3, 4, 5), owner=b"\xc0" + bytes([12 + 2]))
    ns = record(2, b"\2ns\xc0\x0c", owner=b"\xc0\x0c")
    opt = b"\0\0\x29\x04\xd0\0\0\0\0\0\0"
    more = [b"", soa, ns][rng.randrange(3)]
    edns = rng.choice([b"", opt])
    made = reply(wire, *answers, flags=flags)
    counts = struct.pack("!2H", bool(more), bool(edns))
    return made[:8] + counts + made[12:] + more + edns


def test_the_quick_reading_is_the_whole_one() -> None:
    rng = random.Random(22)  # noqa: S311  # the same each time
    read = 0
    for turn in range(3000):
        types = rng.choice([["A"], ["AAAA"], []])
        asked = Dns(target=f"n{turn % 7}.x.example", type=types).normal()
        exchanges = []
        for step, wire in quick.questions(asked):
            made = answered(wire, rng)
            if turn % 2:  # damaged anywhere
                at = rng.randrange(2, len(made))
                made = made[:at] + bytes([made[at] ^ 1 << rng.randrange(8)]) + made[at + 1 :]
                made = made[: rng.randrange(12, len(made) + 1)] if turn % 5 == 0 else made
            exchanges.append(Exchange(step, "resolver", "udp", wire, made, None, 0, 1.5, MEDIA))
        if turn % 3 == 0:
            exchanges.append(Exchange("resolver verifies", "resolver", ""))
        found = quick.read(asked, exchanges)
        if found is not None:
            read += 1
            assert found == asked.parse(exchanges), (turn, exchanges)
    assert read > 1000  # it is of use


@pytest.mark.parametrize("hidden", ["203.0.113.77", "203.0.113.0/24", "2001:db8::7", "geheim"])
def test_messages_looked_at_together_are_those_masked_one_by_one(hidden: str) -> None:
    rng = random.Random(7)  # noqa: S311  # the same each time
    redactor = Redactor([hidden])
    messages = []
    for turn in range(300):
        name = rng.choice(
            ["a.example", "geheim.example", "host203-0-113-77.example", "x-y.example"]
        )
        wire = query(b"".join(bytes([len(one)]) + one.encode() for one in name.split(".")) + b"\0",
                     rng.choice([1, 28]), rd=True)  # fmt: skip
        address = b"\xcb\x00\x71\x4d" if turn % 41 == 0 else rng.randbytes(4)
        messages.append(reply(wire, record(1, address)))
    touched = set(redactor.touched(messages))
    for number, message in enumerate(messages):
        if redactor.message(message) != message:
            assert number in touched
    assert len(touched) < len(messages) or hidden == "geheim"


# What is kept.

TRUST = verifier.Trust([], {})
HEAD = BatchHead(
    digest="d" * 64,
    kind="dns",
    version=2,
    definition={"dns": "{{ each.value }}", "type": ["A"], "each": "n.txt"},
    cited=["p.md#scan"],
    vantage=Vantage("test", "test 1"),
    subjects=0,
)


def row(number: int, **other: object) -> BatchRow:
    wire = query(b"\1n\0", 1, rd=True)
    name = f"n{number:05d}.example"
    asked = RowExchange(number, None, MEDIA, "udp", wire, wire, "resolver", "A", 1500)
    facts = json.dumps({"rcode": "NOERROR", "addresses": ["192.0.2.1"]}, separators=(",", ":"))
    plain = BatchRow(name, 1790000000000 + number, 3, "answered", None, "", facts.encode(),
                b'{"ms":1.5}', (asked,))  # fmt: skip
    return msgspec.structs.replace(plain, **other)


def kept(folder: Path, count: int = 50, head: BatchHead = HEAD) -> StoredBatch:
    writer = BatchWriter(folder, msgspec.structs.replace(head, subjects=count), "s")
    list(writer.begin())
    writer.add([row(one) for one in reversed(range(count))])
    found = writer.finish()
    writer.release()
    assert found is not None
    return found


def wrong(folder: Path) -> list[str]:
    both = [*verifier.verify(verifier.Folder(str(folder))), *check_rows(folder)]
    return [str(one) for one in both if one.wrong]


def test_rows_come_back_as_they_were(tmp_path: Path) -> None:
    failed = Failure("generic_timeout_error", "A", "with … \u2028 in it")
    rows = [
        row(1),
        row(2, outcome="no_answer", failure=failed, facts=b"", volatile=b"", exchanges=()),
        row(3, options='{"type":["MX"]}', exchanges=(*row(3).exchanges, *row(4).exchanges)),
        row(4, exchanges=(RowExchange(0, failed, "text/plain", "tcp", None, b"", "", "x", None),)),
    ]
    sink = Sink(tmp_path / "a.parquet", "aa")
    sink.write(rows)
    sink.close()
    source = Source(tmp_path / "a.parquet")
    assert [found for group, _ in source.groups() for found in group] == rows
    assert source.one(3)[0] == rows[2]
    source.close()
    assert len({entry(one) for one in rows}) == 4


def test_a_batch_is_sealed_as_a_whole_and_by_row(tmp_path: Path) -> None:
    one = kept(tmp_path)
    assert one.manifest.outcomes == {"answered": 50}
    assert one.manifest.whole
    seals.seal(tmp_path)
    assert wrong(tmp_path) == []
    proof = prove_row(tmp_path, f"{one.id}-7")
    found, lines = verifier.hold_proof(verifier.Folder(str(tmp_path)), proof, TRUST)
    assert not found
    assert any("n00006.example" in line for line in lines)


def test_the_index_knows_batches(tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    other = msgspec.structs.replace(HEAD, digest="b" * 64, vantage=Vantage("fra", "test"))
    first, second = kept(folder), kept(folder, head=other)
    ledger = Ledger(folder)
    assert ledger.index.batches() == {first.path: HEAD.digest, second.path: "b" * 64}
    assert ledger.index.vantages() == {HEAD.vantage.name, "fra"}
    (folder / f"{second.path}.json").write_text("no JSON")
    assert [one.path for one in ledger.batches.every(HEAD.digest)] == [first.path]
    assert not ledger.batches.unread  # another question's was not looked at
    (folder / f"{first.path}.json").unlink()
    ledger.index.refresh()
    assert ledger.index.batches() == {}


@pytest.mark.parametrize("suffix", ["parquet", "json"])
def test_a_changed_batch_is_named(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"{kept(tmp_path).path}.{suffix}"
    seals.seal(tmp_path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert any(f"altered: {path.relative_to(tmp_path)}" in one for one in wrong(tmp_path))


def test_rows_that_were_written_anew_do_not_give_the_root(tmp_path: Path) -> None:
    one = kept(tmp_path)
    path, beside = (tmp_path / f"{one.path}{end}" for end in (".parquet", ".json"))
    source = Source(path)
    rows = [found for group, _ in source.groups() for found in group]
    salt = source.salt
    source.close()
    rows[3] = msgspec.structs.replace(rows[3], facts=b'{"rcode":"NXDOMAIN"}')
    sink = Sink(path, salt)
    sink.write(rows)
    sink.close()
    digest = verifier.Folder(str(tmp_path)).sha(f"{one.path}.parquet")
    told = beside.read_text().replace(one.manifest.sha256, digest)
    for old in (path, beside):
        new = old.with_name(old.name.replace(one.manifest.sha256[:8], digest[:8]))
        old.rename(new)
    new.write_text(told)
    assert any("its rows do not give its root" in found for found in wrong(tmp_path))


def test_proofs_of_other_rows_are_none(tmp_path: Path) -> None:
    one = kept(tmp_path)
    seals.seal(tmp_path)
    proof = prove_row(tmp_path, f"{one.id}-7")
    source = verifier.Folder(str(tmp_path))
    for old, new in ((b"row 7 of", b"row 8 of"), (b"of 50", b"of 51"), (b"index ", b"index 9")):
        found, _ = verifier.hold_proof(source, proof.replace(old, new, 1), TRUST)
        assert found, new
    with pytest.raises(LedgerError, match="no such row"):
        prove_row(tmp_path, f"{one.id}-51")


def test_one_row_is_redacted_and_the_others_prove_themselves(tmp_path: Path) -> None:
    one = kept(tmp_path)
    seals.seal(tmp_path)
    done = redact(tmp_path, ["n00006.example"], "asked for", "the author")
    assert done.runs == {f"{one.path}.parquet": [7]}
    assert wrong(tmp_path) == []
    assert b"n00006" not in (tmp_path / f"{one.path}.parquet").read_bytes()
    with pytest.raises(LedgerError, match="redacted"):
        prove_row(tmp_path, f"{one.id}-7")
    source = verifier.Folder(str(tmp_path))
    assert not verifier.hold_proof(source, prove_row(tmp_path, f"{one.id}-8"), TRUST)[0]
    gone = withdraw(tmp_path, which([f"{one.id}-9"]), "asked for", "the author")
    assert gone.runs == {f"{one.path}.parquet": [9]}
    assert wrong(tmp_path) == []
    found = Batches(tmp_path).observation(f"{one.id}-9")
    assert found is not None
    assert found.failure == Failure("withdrawn")
    assert withdraw(tmp_path, which([f"{one.id}-9"]), "again", "x").tombstone is None


def test_a_batch_whose_head_holds_the_word_is_withdrawn_not_masked(tmp_path: Path) -> None:
    head = msgspec.structs.replace(HEAD, definition={**HEAD.definition, "server": ["geheim.jp"]})
    one = kept(tmp_path, head=head)
    seals.seal(tmp_path)
    with pytest.raises(LedgerError, match="withdraw the batch"):
        redact(tmp_path, ["geheim"], "r", "x")
    assert withdraw(tmp_path, which(["p.md#scan"]), "r", "x").runs[f"{one.path}.parquet"]
    assert wrong(tmp_path) == []


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of a hundred rows."""
    monkeypatch.setattr("sotokara.ledger.batch_writer.GROUP", GROUP)


def test_what_was_begun_is_gone_on_with(small: None, tmp_path: Path) -> None:
    head = msgspec.structs.replace(HEAD, subjects=GROUP + 30)
    first = BatchWriter(tmp_path, head, "s")
    list(first.begin())
    first.add([row(one) for one in range(GROUP)])
    first.add([row(one) for one in range(GROUP + 20, GROUP + 10, -1)])
    first.flush()  # Ctrl-C
    first.release()
    assert names(tmp_path) == []
    assert seals.seal(tmp_path) is None  # nothing half-sealed
    with pytest.raises(LedgerError, match="build once, then redact"):
        redact(tmp_path, ["n00006.example"], "r", "x")
    second = BatchWriter(tmp_path, head, "s")
    done = list(second.begin())
    assert len(done) == GROUP + 10
    assert done == sorted(done)
    second.add([row(one) for one in range(GROUP + 30) if row(one).name not in set(done)])
    found = second.finish()
    second.release()
    assert found is not None
    assert found.manifest.whole
    assert wrong(tmp_path) == []
    assert not [*tmp_path.rglob("*.part")]


def test_what_is_not_gone_on_with_is_kept_as_it_is(tmp_path: Path) -> None:
    first = BatchWriter(tmp_path, HEAD, "a list")
    list(first.begin())
    first.add([row(1)])
    first.flush()
    first.release()
    second = BatchWriter(tmp_path, HEAD, "another list")
    assert list(second.begin()) == []
    assert second.finish() is None
    second.release()
    (one,) = Batches(tmp_path).every()
    assert one.manifest.rows == 1


def test_a_full_disk_leaves_what_was_there(
    small: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = BatchWriter(tmp_path, HEAD, "s")
    list(writer.begin())
    writer.add([row(one) for one in range(GROUP)])

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sotokara.ledger.batch_writer.Sink.write", full)
    monkeypatch.setattr("sotokara.ledger.batch_writer.shutil.copyfile", full)
    with pytest.raises(LedgerError, match="No space left"):
        writer.add([row(one) for one in range(GROUP)])
    with pytest.raises(LedgerError, match="No space left"):
        writer.finish()
    writer.release()
    monkeypatch.undo()
    assert names(tmp_path) == []
    assert seals.seal(tmp_path) is None
    again = BatchWriter(tmp_path, HEAD, "s")
    assert len(list(again.begin())) == GROUP
    again.release()


def test_a_hundred_and_fifty_bytes_are_enough(tmp_path: Path) -> None:
    rng = random.Random(150)  # noqa: S311  # the same each time
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    rows = []
    for number in range(1500):
        name = "".join(rng.choices(letters, k=rng.randrange(4, 15))) + ".example"
        asked = Dns(target=name).normal()
        exchanges = [
            Exchange(step, "resolver", "udp", wire, reply(wire, record(rdtype(wire), rng.randbytes(
                4 if rdtype(wire) == 1 else 16), ttl=rng.randrange(3600))), None, 0,
                rng.randrange(3000) / 10, MEDIA)
            for step, wire in quick.questions(asked)
        ]  # fmt: skip
        reading = asked.parse(exchanges)
        start = dt.datetime.fromtimestamp(1790000000 + number / 9999, dt.UTC)
        seen = Observation(
            digest="",
            definition={},
            start=start,
            outcome=Outcome.ANSWERED,
            vantage=HEAD.vantage,
            facts=reading.facts,
            volatile=reading.volatile,
            exchanges=tuple(exchanges),
        )
        rows.append(row_of(seen, name))
    writer = BatchWriter(tmp_path, HEAD, "s")
    list(writer.begin())
    writer.add(rows)
    found = writer.finish()
    writer.release()
    assert found is not None
    assert found.manifest.size / found.manifest.rows <= 150


def test_a_drafts_batch_becomes_evidence_and_can_be_dropped(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path / ".drafts", tmp_path / "cache")
    one = kept(drafts.folder_of("p.md"))
    into = Ledger(tmp_path / "evidence", tmp_path / "cache")
    drafts.publish("p.md", into)
    assert [found.path for found in Batches(into.folder).every()] == [one.path]
    seals.seal(into.folder)
    assert wrong(into.folder) == []
    kept(drafts.folder_of("q.md"))
    assert redact_draft(drafts.folder_of("q.md"), ["n00006.example"]) == 1
    assert names(drafts.folder_of("q.md")) == []


# What is shown.


def test_neighbours_stay_neighbours() -> None:
    for side in (2, 8, 32):
        way = [hilbert(side, at) for at in range(side * side)]
        assert len(set(way)) == side * side
        steps = [abs(a - c) + abs(b - d) for (a, b), (c, d) in pairwise(way)]
        assert set(steps) == {1}


BROKEN = {"refused": 5, "servfail": 2}


async def town(wire: bytes) -> AsyncIterator[bytes]:
    """Names whose second label says how they are broken; a quarter of the addresses has a name."""
    labels = labels_of(wire)
    word = labels[1].decode() if len(labels) > 1 else ""
    if (told := about_dns(wire)) is not None:
        yield told
    elif word in BROKEN:
        yield reply(wire, flags=0x8180 | BROKEN[word])
    elif word == "silent":
        return
    elif labels[-1:] == [b"arpa"]:
        named = int(labels[0]) % 4 == 0
        yield reply(
            wire, *([record(12, b"\1h\4town\0")] * named), flags=0x8180 if named else 0x8183
        )
    elif word == "gone":
        yield reply(wire, flags=0x8183)
    else:
        yield reply(wire, *([record(1, address_of(wire))] * (rdtype(wire) == 1)))


class Resolver:
    """One that gives up in a crowd, on a thread of its own."""

    def __init__(self, holds: int) -> None:
        self.of, self.port = Crowded(holds, 0.002), 0

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self.of, ("127.0.0.1", 0))
        self.port = transport.get_extra_info("sockname")[1]


async def asked(folder: Path, port: int, names: list[str], **settings: object) -> dict[str, str]:
    """What comes of these names in one batch: outcome and failure of each."""
    rows = await measured(folder, port, names, **{"timeout": 1, **settings})
    return {row.name: f"{row.outcome} {row.failure and row.failure.name}" for row in rows}


def test_alone_and_in_a_crowd_the_same_comes_of_a_name(tmp_path: Path) -> None:
    resolver = Resolver(holds=12)
    names = [f"n{one}.example" for one in range(50, 450)]
    with serving(resolver), asyncio.Runner(loop_factory=Loop) as runner:
        alone = runner.run(
            asked(tmp_path / "a", resolver.port, names[:], concurrency=1, bulk={"under_way": 1})
        )
        assert resolver.of.gave_up == 0
        crowd = runner.run(asked(tmp_path / "b", resolver.port, names[:], concurrency=1000))
        assert resolver.of.gave_up > 0  # there was one
    assert alone == crowd
    assert len({*alone.values()}) == 4


class Hosts:
    """Workers of this very process; ``spoil`` changes what comes back, or loses it."""

    count = 2

    def __init__(self, spoil: Callable[[bytes], bytes] = lambda back: back) -> None:
        self._spoil = spoil

    async def send(self, payload: bytes, seconds: float) -> bytes:
        assert seconds > 0
        return self._spoil(await asyncio.to_thread(measure, payload))

    def share(self, share: Share) -> Share:
        return share


async def spread(folder: Path, hosts: Hosts, names: list[str]) -> list[BatchRow]:
    found, _ = definition("{{ each.value }}", each="n.txt", type="A")
    batch = Batch(found)
    batch.subjects = Subjects()
    batch.subjects.settle(names)
    writer = BatchWriter(folder, batch.head("fra", "dask"), batch.list_hash())

    async def here(step: Callable[[], object]) -> object:
        return step()

    kept = await Spread(load({}, {}), batch, (hosts, "fra"), writer, here).measure()
    writer.release()
    assert kept is not None
    return [one.row for one in Batches(folder).rows(kept)]


def test_a_batch_of_workers_has_the_rows_of_one_machine(
    server: NameServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("RESOLVERS", "CONTROL"):
        monkeypatch.setenv(f"SOTOKARA_{name}", f"['{server.address}']")
    monkeypatch.setenv("SOTOKARA_TIMEOUT", "1")
    monkeypatch.setattr("sotokara.engine.batch_spread.SHARE", 20)

    def lost(_: bytes) -> bytes:
        raise ProbeFailure("place_lost", "dask", "the worker went away")

    def other(back: bytes) -> bytes:
        part = msgspec.msgpack.decode(back)
        return msgspec.msgpack.encode(part | {"place": "tokyo"})

    whole = asyncio.run(spread(tmp_path / "a", Hosts(), NAMES[:]))
    assert [one.name for one in whole] == sorted(NAMES)
    port = int(server.address.rpartition(":")[2])
    alone = asyncio.run(asked(tmp_path / "b", port, NAMES[:]))
    assert {one.name: f"{one.outcome} {one.failure and one.failure.name}" for one in whole} == alone
    for spoil, failure in ((lost, "place_lost"), (other, "place_differs")):
        rows = asyncio.run(spread(tmp_path / failure, Hosts(spoil), NAMES[:2]))
        assert len(rows) == 2
        assert {(one.outcome, one.failure and one.failure.name) for one in rows} == {
            ("not_measured", failure)
        }


@pytest.mark.parametrize("what", ["name", "start", "outcome"])
def test_rows_that_nobody_asked_for_are_not_taken(tmp_path: Path, what: str) -> None:
    found, _ = definition("{{ each.value }}", each="n.txt")
    names = [row(1).name, row(2).name]
    share = share_of(Batch(found), "fra", names, load({}, {}))
    other = {"name": "x.example", "start": 5, "outcome": "no_answer"}[what]
    sink = Sink(tmp_path / "a", "")
    sink.write([row(1), row(2, **{what: other})])
    sink.close()
    back = pack(ShareRows(__version__, "fra", (tmp_path / "a").read_bytes()))
    then = dt.datetime.fromtimestamp(1790000000, dt.UTC)
    with pytest.raises(ProbeFailure, match="not asked for"):
        rows_from(back, share, str, (then, then))


@pytest.fixture(scope="module")
def server() -> Iterator[NameServer]:
    one = NameServer(town)
    with serving(one):
        yield one


PAGE = "\n".join(
    [
        "---\ndate: 2026-11-28\n---\n# Many\n",
        fence(
            dns="{{ each.name }}", each="names.csv", type="A", id="scan", group="rcode",
            title="All of them",
            expect=["rows.count(outcome='answered') > 20", "rows.count(rcode='NXDOMAIN') == 0"],
        ),
        "So `#!probe scan.rows.count(rcode='NXDOMAIN')` are gone.\n",
        fence(dns="{{ each.addresses[0] }}", each="{{ scan.rows }}", id="back", order="-names"),
        fence(dns="{{ each.value }}", each="198.18.0.0/27", id="net"),
    ]
)  # fmt: skip
NAMES = [f"n{one}.fine.example" for one in range(24)]
NAMES += ["a.gone.example", "b.moved.example", "c.refused.example", "d.servfail.example"]
LIST = "name,note\n" + "".join(f"{one},x\n" for one in NAMES) + "n1.fine.example,twice\nno name,x\n"


@pytest.fixture(scope="module")
def built(server: NameServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of many subjects, built and sealed."""
    site = with_evidence(
        make_site(
            tmp_path_factory.mktemp("bulk") / "site",
            {"index.md": PAGE},
            resolvers=[server.address],
            control=[server.address],
            timeout=3,
        )
    )
    (site / "docs" / "names.csv").write_text(LIST)
    done = build(site)
    assert done.returncode == 0, done.stderr
    sealed = subprocess.run(
        [sys.executable, "-m", "sotokara", "seal"], cwd=site, check=True, capture_output=True
    )
    assert b"head 1:" in sealed.stdout
    (site / "first").write_text(done.stderr)
    return site


def test_a_figure_for_all(built: Path) -> None:
    page = (built / "site" / "index.html").read_text()
    shown = figures(page)
    assert "28 rows" in shown["scan"]
    assert "Answered26" in shown["scan"].replace("\n", "").replace(" ", "")
    assert "NXDOMAIN" in shown["scan"]
    assert "rows.count(outcome='answered') > 20 holds" in shown["scan"]
    assert "does not hold" in shown["scan"]
    assert "listed again, and asked once: 1" in shown["scan"]
    assert "cannot be asked" not in shown["scan"]
    assert "<script" not in page[page.index('id="probe-scan"') :].partition("</figure>")[0]
    assert ">1</code>" in page  # the value in prose


def test_lines_that_name_nothing_are_told_of(built: Path) -> None:
    told = (built / "first").read_text()
    assert "docs/names.csv:31: 'no name' is neither a DNS name nor an address" in told
    assert "index.md#scan: 28 rows: 26 answered, 2 no answer, 0 not measured" in told


def test_what_gives_up_in_a_crowd_is_asked_alone(built: Path) -> None:
    (scan,) = [
        one
        for one in Batches(built / "evidence").every()
        if one.manifest.cited == ["index.md#scan"]
    ]
    rows = {one.row.name: one.row for one in Batches(built / "evidence").rows(scan)}
    for name, failure in (("c.refused", "dns_refused_error"), ("d.servfail", "dns_servfail_error")):
        failed = rows[f"{name}.example"].failure
        assert failed is not None
        assert failed.name == failure
    assert rows["n3.fine.example"].exchanges[0].server == "resolver"


def test_rows_are_the_subjects_of_another(built: Path) -> None:
    shown = figures((built / "site" / "index.html").read_text())
    assert "25 rows" in shown["back"]
    assert "left out, as they name nothing that can be asked: 1" in shown["back"]
    assert "backwards" in shown["back"]


def test_a_network_is_a_map(built: Path) -> None:
    page = (built / "site" / "index.html").read_text()
    net = page[page.index('id="probe-net"') :].partition("</figure>")[0]
    assert 'class="probe-map"' in net
    assert "something there 8" in figures(page)["net"].replace("  ", " ")
    assert "answered, nothing there 24" in figures(page)["net"].replace("  ", " ")


def test_all_rows_are_behind_it(built: Path) -> None:
    evidence = built / "site" / "evidence"
    tables = sorted(evidence.glob("*Z-*/rows.csv"))
    assert len(tables) == 3
    lines = next(one for one in tables if "fine" in one.read_text()).read_text().splitlines()
    assert lines[0].startswith(
        "name,options,start,took_ms,outcome,failure,failure_detail,dns.rcode"
    )
    assert len(lines) == 29
    checked = subprocess.run(
        [sys.executable, evidence / "verify.py", evidence],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "0 wrong" in checked.stdout, checked.stdout


def test_without_the_extra_the_numbers_stay(built: Path, tmp_path: Path) -> None:
    (tmp_path / "pyarrow").mkdir()
    (tmp_path / "pyarrow" / "__init__.py").write_text("raise ImportError('not installed')\n")
    site = tmp_path / "site"
    shutil.copytree(built, site, ignore=shutil.ignore_patterns("site", ".cache"))
    done = build(site, SOTOKARA_MODE="replay", PYTHONPATH=str(tmp_path))
    assert done.returncode == 0, done.stderr
    shown = figures((site / "site" / "index.html").read_text())["scan"]
    assert "28 rows" in shown
    assert "pip install 'sotokara[bulk]'" in shown
    page = (site / "site" / "index.html").read_text()
    assert ".parquet" in page
    assert "rows.csv" not in page  # nobody could write it


def test_a_batch_of_the_sandbox_stands_beside_those_in_the_evidence(tmp_path: Path) -> None:
    """What was recorded is shown until it is measured again, and links lead to what is there."""
    asked, mistakes = definition("{{ each.value }}", each="n.txt", **{"from": "sandbox"})
    assert not mistakes
    batch = Batch(asked)
    head = msgspec.structs.replace(HEAD, digest=batch.digest, vantage=Vantage("sandbox", "test 1"))
    ledger = Ledger(tmp_path / "evidence", aside=tmp_path / "aside")
    recalled = Recalled(Settings(), ledger, None, tmp_path)
    for folder, linked in ((ledger.folder, True), (tmp_path / "aside", False)):
        made = kept(folder, head=head)
        recalled.show(batch)
        assert batch.now is not None
        assert batch.now.path == made.path
        node = Node(asked)
        node.batch = batch
        found, sealed = evaluate_batch(Plan(), batch), SealStates(ledger.folder).of_batch
        page = batch_html(node, "en", found, ("/", ""), sealed)
        assert ("rows.csv" in page, ".parquet" in page) == (linked, linked)


def test_what_changed_stands_in_a_table(tmp_path: Path) -> None:
    asked, mistakes = definition("{{ each.value }}", each="n.txt")
    assert not mistakes
    plan = Plan()
    batch = Batch(asked)
    first = kept(tmp_path / "a", 30)
    writer = BatchWriter(tmp_path / "b", msgspec.structs.replace(HEAD, subjects=30), "s")
    list(writer.begin())
    gone = Failure("generic_timeout_error", "A")
    away = {"outcome": "not_measured", "failure": Failure("no_network"), "facts": b""}
    writer.add([row(1), row(2, facts=b'{"rcode":"NXDOMAIN"}'), row(40)])
    writer.add([row(3, outcome="no_answer", failure=gone, facts=b""), row(4, **away)])
    second = writer.finish()
    writer.release()
    assert second is not None
    every = {first.path: Batches(tmp_path / "a"), second.path: Batches(tmp_path / "b")}
    batch.now, batch.then = second, first
    batch.read = lambda one: every[one.path].rows(one)
    since = evaluate_batch(plan, batch).since
    assert since is not None
    assert (since.compared, since.changed, since.come, since.gone) == (3, 2, 1, 26)
    assert [one.name for one in since.rows[:3]] == [f"n0000{one}.example" for one in (0, 2, 3)]
