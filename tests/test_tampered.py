"""Tampered ledgers of format 2, signed ones, and those of format 1: both verifiers say the same.

With the suite of test_verify.py these are more than ninety; each sound ledger is silent.
"""

import shutil
from pathlib import Path

import pytest
from sotokara.ledger import keys, seals
from sotokara.ledger import verify as verifier

from tests.sites import ROOT
from tests.tampered import DEFECTS, Defect, keep, observation, sound
from tests.tampered.more import FORMAT_1, FORMAT_2, SIGNED
from tests.test_verify import by_command, by_reader

ALL = {"format-2": FORMAT_2, "signed": SIGNED, "format-1": FORMAT_1}


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("sound")
    sound(folder / "format-2")
    signed = folder / "signed"
    with pytest.MonkeyPatch.context() as patch:
        keep(signed, observation("before.example", "192.0.2.1"))
        made = keys.make_key(signed, keys.KeyRequest("blog.example/evidence", "author", None))
        patch.setenv("SOTOKARA_KEY", made.key.text)
        keep(signed, observation("a.example", "192.0.2.2"), observation("b.example"))
        keep(signed, observation("a.example", "192.0.2.3"))
        seals.seal(signed)
        keep(signed, observation("a.example", "192.0.2.4"))
    shutil.copytree(ROOT / "tests/ledgers/format-1", folder / "format-1")
    return {name: folder / name for name in ALL}


@pytest.fixture
def ledger(sounds: dict[str, Path], request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    shutil.copytree(sounds[request.param], tmp_path / "evidence")
    (tmp_path / "mkdocs.yml").write_text("site_name: t\n")
    return tmp_path / "evidence"


def test_there_are_more_than_ninety() -> None:
    assert len(DEFECTS) + sum(map(len, ALL.values())) >= 130


@pytest.mark.parametrize("ledger", ALL, indirect=True)
def test_the_sound_one_is_silent(ledger: Path) -> None:
    head = str(seals.head(ledger))
    for code, lines in (by_reader(str(ledger), "--head", head), by_command(ledger, "--head", head)):
        assert code == 0
        assert {line.split(":")[0] for line in lines[:-1]} <= {"note redacted", "note unsealed"}


@pytest.mark.parametrize(
    ("ledger", "defect"),
    [
        pytest.param(kind, defect, id=name)
        for kind, defects in ALL.items()
        for name, defect in defects.items()
    ],
    indirect=["ledger"],
)
def test_defect(ledger: Path, defect: Defect) -> None:
    head = str(seals.head(ledger))
    defect.spoil(ledger)
    reader_code, reader = by_reader(str(ledger), "--head", head)
    code, lines = by_command(ledger, "--head", head)
    assert lines[:-1] == reader[:-1]
    assert code == reader_code
    if defect.code not in verifier.NOTES:
        assert code == 1
    assert any(f" {defect.code}: " in line and defect.where in line for line in lines), lines
    assert all(line.isprintable() for line in lines)
