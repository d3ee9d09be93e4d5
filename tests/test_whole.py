"""What fails beside others is tried again alone, once, and named; what fails twice has failed."""

from pathlib import Path

import pytest

from tests.whole import MOST, main

_ONCE = """
from pathlib import Path
def test_well(): pass
def test_bad_at_first():
    tried = Path(__file__).with_suffix(".tried")
    first = not tried.exists()
    tried.touch()
    assert not first
"""


def _run(tmp_path: Path, content: str) -> int:
    (tmp_path / "pytest.ini").write_text("[pytest]\n", "utf-8")
    (tmp_path / "test_one.py").write_text(content, "utf-8")
    return main(["-q"], tmp_path)


def test_a_test_that_failed_once_is_named(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert _run(tmp_path, _ONCE) == 0
    said = capfd.readouterr().out
    assert "1 failed beside others" in said
    assert said.rstrip().endswith(
        "Passed only alone, so look at them:\n  test_one.py::test_bad_at_first"
    )


@pytest.mark.parametrize(
    ("content", "again"),
    [
        ("def test_bad(): assert 0", True),
        ("\n".join(f"def test_bad{n}(): assert 0" for n in range(MOST + 1)), False),
        ("def test_bad(:", False),
    ],
    ids=["twice", "many", "unreadable"],
)  # fmt: skip
def test_what_has_failed(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    content: str,
    again: bool,  # noqa: FBT001
) -> None:
    assert _run(tmp_path, content) != 0
    assert ("once more, alone" in capfd.readouterr().out) is again
