"""``sotokara show --format``: what it selects and writes, and that nothing in it acts."""

import csv
import io
import json
import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from sotokara.cli import main
from sotokara.core.cells import LONGEST_CELL, cell
from sotokara.core.observation import Observation, Vantage
from sotokara.kinds.dns.facts import DnsFacts
from sotokara.ledger import Ledger, Writer
from sotokara.site.export import ExportRow, utc

from tests.sites import ROOT, fence, make_site
from tests.tampered import observation

HOSTILE = [
    "=HYPERLINK(1)",
    "＝1+1",
    "a;=b",
    "nul\0end",
    "line\r\nbreak",
    "a\u202eb",
    "x" * 40_000,
    "日本",
]
DAYS = [datetime(2026, 11, day, 23, 59, 59, 999000, UTC) for day in (1, 2, 3, 4)]


def write(folder: Path, place: str, one: Observation, *more: tuple[Observation, list[str]]) -> None:
    writer = Writer(Ledger(folder), one.vantage.name)
    writer.append([(one, [place]), *more])
    assert writer.close() is not None


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_site(
        tmp_path_factory.mktemp("export") / "site", {"index.md": fence(dns="new.example", id="new")}
    )
    kept = folder / "evidence"
    bad = msgspec.structs.replace(
        observation("bad.example", start=DAYS[0]), facts=DnsFacts(rcode="NOERROR", names=HOSTILE)
    )
    write(kept, "posts/a.md#bad", bad)
    write(kept, "posts/a.md#good", observation("good.example", "192.0.2.1", start=DAYS[1]))
    silent = observation("s.example", failure="generic_timeout_error", start=DAYS[2])
    away = observation("m.example", failure="network_down", start=DAYS[3])
    write(kept, "posts/b.md#silent", silent, (away, ["posts/b.md#away"]))
    far = msgspec.structs.replace(
        observation("far.example", "192.0.2.9", start=DAYS[3]),
        vantage=Vantage("de", "Globalping", "globalping", "AS64500", "DE"),
    )
    write(kept, "old/b.md#far", far)
    old = msgspec.structs.replace(
        observation("old.example", "192.0.2.2", start=datetime(2006, 1, 1, tzinfo=UTC)),
        vantage=Vantage("transcript", "reader"),
        origin="transcript",
        volatile={"observed": "2006", "source": "a post"},
    )
    write(kept, "posts/b.md#old", old)
    undated = msgspec.structs.replace(
        old, start=datetime(1970, 1, 1, tzinfo=UTC), volatile={"source": "=2+2"}
    )
    write(kept, "posts/b.md#undated", undated)
    return folder


def show(site: Path, *words: str, code: int = 0) -> bytes:
    done = CliRunner().invoke(main, ["show", *words, "-f", str(site / "mkdocs.yml")])
    assert done.exit_code == code, done.output
    return done.stdout_bytes if code == 0 else done.output.encode()


def rows(site: Path, *words: str) -> list[dict[str, Any]]:
    return [json.loads(one) for one in show(site, *words, "--format", "jsonl").split(b"\n") if one]


def targets(site: Path, *words: str) -> list[str]:
    return [one["target"].removesuffix(".example") for one in rows(site, *words)]


def test_json_lines_have_everything_exactly(site: Path) -> None:
    every = {one["places"][0].partition("#")[2]: one for one in rows(site)}
    assert len(every) == 7
    assert all(list(one) == ["v", *ExportRow.__struct_fields__] for one in every.values())
    assert every["bad"]["facts"]["names"] == HOSTILE
    assert not re.search(rb"[\x00-\x09\x0b-\x1f]|\xe2\x80\xae", show(site, "--format", "jsonl"))
    assert every["good"]["start"] == "2026-11-02T23:59:59.999Z"
    came = {name: (one["origin"], one["outcome"], one["failure"]) for name, one in every.items()}
    assert came == {
        "bad": ("measured", "answered", None),
        "good": ("measured", "answered", None),
        "silent": ("measured", "no_answer", "generic_timeout_error"),
        "away": ("measured", "not_measured", "network_down"),
        "far": ("reported", "answered", None),
        "old": ("transcript", "answered", None),
        "undated": ("transcript", "answered", None),
    }
    assert every["far"]["network"] == "AS64500"
    old = every["old"]
    assert (old["stated"], old["source"]) == ("2006", "a post")
    assert {old[name] for name in ("start", "duration", "vantage")} == {None}


def test_a_selection_is_a_page_a_place_an_id_or_a_span(site: Path) -> None:
    for name in ("posts/a.md", "posts/a", "a.md", "a"):
        assert targets(site, name) == ["bad", "good"]
    assert targets(site, "posts/a.md#good") == targets(site, "a#good") == ["good"]
    (one,) = rows(site, "a#good")
    assert rows(site, one["id"]) == [one]
    # whole days, both included; a transcript at its author's time; an undated one in none
    assert targets(site, "--since", "2026-11-02", "--until", "2026-11-03") == ["good", "s"]
    assert targets(site, "--until", "2026-11-01") == ["bad", "old"]
    assert targets(site, "a", "--since", "2026-11-09") == []
    assert targets(site, "index.md") == targets(site, "index#new") == []  # not observed yet
    assert b"never asked" in show(site, "index#old", "--format", "jsonl", code=1)
    assert b"posts/b.md" in show(site, "b#silent", "--format", "jsonl", code=1)  # two of this name
    assert b"never asked" in show(site, "nothing.md", "--format", "jsonl", code=1)
    assert b"never asked" in show(site, "posts/a.md#nothing", "--format", "csv", code=1)


def test_csv_has_a_stable_header_and_no_cell_that_acts(site: Path) -> None:
    text = show(site, "--format", "csv").decode()
    listed = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(listed) == 7 == text.count("\r\n") - 1 == text.count("\n") - 1
    assert len(text.splitlines()) == 8
    header = [name for name in ExportRow.__struct_fields__ if name != "facts"]
    header += [f"dns.{name}" for name in DnsFacts.__struct_fields__]
    assert list(listed[0]) == header
    assert text.splitlines()[0] == show(site, "a#good", "--format", "csv").decode().splitlines()[0]
    good = next(one for one in listed if one["target"] == "good.example")
    assert json.loads(good["dns.addresses"]) == ["192.0.2.1"]
    assert (good["others"], good["options"], good["failure"]) == ("false", "{}", "")
    assert next(one for one in listed if one["source"].endswith("2+2"))["source"] == "'=2+2"
    for delimiter in ",;":
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            assert not [one for one in row if one[:1] in tuple("=+-@＝＋－＠\t\r")]
            assert all(len(one) <= LONGEST_CELL for one in row) or delimiter == ";"
    assert not re.search("[\x00-\x09\x0b\x0c\x0e-\x1f\u202e]", text)


def test_sqlite_has_the_facts_value_by_value(site: Path, tmp_path: Path) -> None:
    file = tmp_path / "evidence.sqlite"
    show(site, "--format", "sqlite", "-o", str(file))
    database = sqlite3.connect(file)
    assert database.execute("PRAGMA user_version").fetchone() == (1,)
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    ask = "SELECT path, type, value FROM observed_facts WHERE target = ? ORDER BY path"
    bad = {path: value for path, _, value in database.execute(ask, ("bad.example",))}
    assert [bad[f"names[{at}]"] for at in range(len(HOSTILE))] == [
        one.replace("\0", "⟨U+0000⟩") for one in HOSTILE
    ]
    assert ("records[0].value", "text", "192.0.2.1") in database.execute(ask, ("good.example",))
    counts = "SELECT origin, outcome, count(*) FROM observations GROUP BY 1, 2 ORDER BY 1, 2"
    assert database.execute(counts).fetchall() == [
        ("measured", "answered", 2),
        ("measured", "no_answer", 1),
        ("measured", "not_measured", 1),
        ("reported", "answered", 1),
        ("transcript", "answered", 2),
    ]
    readings = "SELECT count(DISTINCT reading) FROM observations WHERE origin = 'transcript'"
    assert database.execute(readings).fetchone() == (1,)
    pages = "SELECT count(*) FROM places WHERE place LIKE 'posts/b.md#%'"
    assert database.execute(pages).fetchone() == (4,)
    columns = [one[1] for one in database.execute("PRAGMA table_info(observations)")]
    row = [name for name in ExportRow.__struct_fields__ if name not in ("places", "facts")]
    assert columns == ["number", *row, "reading"]
    database.close()


@pytest.mark.parametrize("form", ["csv", "jsonl", "sqlite"])
def test_nothing_is_written_over_and_nothing_half(
    form: str, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, link, new = tmp_path / "there", tmp_path / "link", tmp_path / "new"
    there.write_bytes(b"mine")
    link.symlink_to(tmp_path / "elsewhere")
    for file in (there, link):
        assert b"File exists" in show(site, "--format", form, "-o", str(file), code=1)
    assert there.read_bytes() == b"mine"
    assert not (tmp_path / "elsewhere").exists()

    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sotokara.site.export.utc", full)
    assert b"No space left" in show(site, "--format", form, "-o", str(new), code=1)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["link", "there"]


def test_options_are_not_passed_over_in_silence(site: Path) -> None:
    assert b"needs a file" in show(site, "--format", "sqlite", code=2)
    assert b"go with --format" in show(site, "--since", "2026-11-01", code=2)
    assert b"--format goes with" in show(site, "a#good", "--json", "--format", "csv", code=2)
    span = ("--since", "2026-11-02", "--until", "2026-11-01")
    assert b"--until is before" in show(site, *span, "--format", "csv", code=2)


def test_a_row_whose_facts_are_gone_says_so(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site", {"index.md": "# A\n"})
    write(site / "evidence", "index.md#a", observation("a.example", "192.0.2.1"))
    write(site / "evidence", "index.md#b", observation("b.example", "192.0.2.2"))
    (line, _) = rows(site)
    digest = line["facts_sha256"]
    (site / "evidence" / "objects" / digest[:2] / f"{digest}.json").unlink()
    file = tmp_path / "all.jsonl"
    assert digest.encode() in show(site, "--format", "jsonl", "-o", str(file), code=1)
    first, second = map(json.loads, file.read_text().splitlines())
    assert (first["failure"], first["facts"]) == ("evidence_unreadable", None)
    assert second["outcome"] == "answered"


@given(st.text(st.sampled_from("=+-@＝＋－＠;, '\"\t\r\n\0ax1\u3000"), max_size=12))
def test_no_part_of_a_cell_is_a_formula(text: str) -> None:
    safe = cell(text)
    assert safe.isprintable() or "\u3000" in safe
    for part in safe.split(";"):
        bare = part.strip(" \u3000\"'")
        assert bare[:1] not in tuple("=+-@＝＋－＠") or part[0] == "'" or not bare


@pytest.mark.parametrize("moment", [datetime(2026, 1, 2, 3, 4, 5), datetime(20, 1, 1, tzinfo=UTC)])  # noqa: DTZ001
def test_times_are_utc(moment: datetime) -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z", utc(moment))


def test_the_guide_has_every_column() -> None:
    page = (ROOT / "docs" / "guide" / "format.md").read_text("utf-8")
    table = page.partition("## Exported rows")[2].partition("| column | what |")[2]
    first = [line.split("|")[1] for line in table.split("\n\n")[0].splitlines()[2:]]
    assert [one for cells in first for one in re.findall(r"`(\w+)`", cells)] == [
        *ExportRow.__struct_fields__
    ]
