"""Then and now: what counts as a change, since when, and what is shown; pins; age."""

import re
from pathlib import Path

import pytest
from sotokara.findings.changes import day_written
from sotokara.ledger import LedgerError

from tests.tampered import keep, observation, runs
from tests.tampered.site import at, figure, findings, html, replay, site


def test_no_change_no_word(tmp_path: Path) -> None:
    site(tmp_path, at(0, "192.0.2.1"), at(10, "192.0.2.1"))
    found = findings(tmp_path)
    assert found.drift is None
    assert found.changes == []
    assert "probe-drift" not in html(tmp_path)


def test_then_is_the_last_answer_by_the_articles_day(tmp_path: Path) -> None:
    site(tmp_path, at(0, "192.0.2.1"), at(1, "192.0.2.2"), at(2, "192.0.2.3"), at(9, "192.0.2.4"))
    found = findings(tmp_path)
    assert found.drift
    assert found.drift.then.facts.addresses == ["192.0.2.3"]  # type: ignore[union-attr]
    assert found.drift.now.facts.addresses == ["192.0.2.4"]  # type: ignore[union-attr]
    assert [change.before.start for change in found.changes] == sorted(
        (change.before.start for change in found.changes), reverse=True
    )
    assert len(found.changes) == 3


def test_an_article_older_than_its_evidence_compares_with_the_first(tmp_path: Path) -> None:
    site(tmp_path, at(20, "192.0.2.1"), at(30, "192.0.2.2"))
    found = findings(tmp_path)
    assert found.drift
    assert found.drift.then.facts.addresses == ["192.0.2.1"]  # type: ignore[union-attr]


def test_first_seen_is_after_the_last_time_it_was_as_then(tmp_path: Path) -> None:
    """It went away and came back: the change that stands is the last one."""
    days = [at(0, "192.0.2.1"), at(5, "192.0.2.2"), at(6, "192.0.2.1"), at(7, failure="eof_error")]
    site(tmp_path, *days, at(8, "192.0.2.2"), at(9, "192.0.2.3"))
    found = findings(tmp_path)
    assert found.drift
    assert f"{found.drift.same.moment:%m-%d}" == "03-07"
    assert f"{found.drift.changed.moment:%m-%d}" == "03-09"


def test_a_failure_is_no_change_and_overwrites_nothing(tmp_path: Path) -> None:
    site(tmp_path, at(0, "192.0.2.1"), at(5, failure="generic_timeout_error"))
    one = figure(tmp_path)
    assert findings(tmp_path).drift is None
    assert one.last
    shown = html(tmp_path)
    assert "192.0.2.1" in shown
    assert "No answer" in shown


def test_both_are_shown_with_the_differing_lines_marked(tmp_path: Path) -> None:
    site(
        tmp_path,
        at(0, "192.0.2.1", "192.0.2.7"),
        at(9, "192.0.2.4", "192.0.2.7"),
        text="notes: {192.0.2.1: the old one}\n",
    )
    shown = html(tmp_path)
    assert "&lt;the old one" in shown
    text = re.sub(r"</?i(?: [^>]*)?>", "", shown)  # the marks
    assert "<del>− Address: 192.0.2.1</del>" in text
    assert "<ins>+ Address: 192.0.2.4</ins>" in text
    assert text.count("  Address: 192.0.2.7") == 2
    assert "first seen 2026-03-10 12:00 UTC; last seen as then 2026-03-01 12:00 UTC" in shown


def test_a_page_without_a_date_speaks_of_the_present(tmp_path: Path) -> None:
    site(tmp_path, at(0, "192.0.2.1"), at(9, "192.0.2.4"), date="")
    found = findings(tmp_path)
    assert found.drift is None
    assert len(found.changes) == 1


def test_the_day_of_an_article() -> None:
    from datetime import date, datetime

    assert day_written({}) is None
    assert day_written({"date": date(2026, 1, 2)}) == date(2026, 1, 2)
    assert day_written({"date": datetime(2026, 1, 2, 9)}) == date(2026, 1, 2)  # noqa: DTZ001
    both = {"created": date(2026, 1, 2), "updated": date(2026, 2, 2)}
    assert day_written({"date": both}) == date(2026, 2, 2)


def test_evidence_of_a_test_network_is_no_change(tmp_path: Path) -> None:
    site(tmp_path, at(0, "192.0.2.1"), at(9, "192.0.2.4", vantage="lab"))
    found = findings(tmp_path)
    assert found.drift is None


@pytest.mark.parametrize(
    ("pin", "address"), [("2026-03-01", "192.0.2.1"), ("2026-03-08", "192.0.2.2")]
)
def test_a_pin_to_a_date(tmp_path: Path, pin: str, address: str) -> None:
    days = at(0, "192.0.2.1"), at(5, "192.0.2.2"), at(9, "192.0.2.3")
    site(tmp_path, *days, text=f"pin: {pin}\n")
    one = figure(tmp_path)
    assert one.facts.addresses == [address]
    assert findings(tmp_path).drift is None


def test_a_pin_to_an_id(tmp_path: Path) -> None:
    site(tmp_path, at(0, "192.0.2.1"), at(5, "192.0.2.2"))
    name = f"{runs(tmp_path / 'evidence')[0].stem}-1"
    site(tmp_path, text=f"pin: {name}\n")
    assert figure(tmp_path).facts.addresses == ["192.0.2.1"]


@pytest.mark.parametrize(
    ("pin", "what"),
    [
        ("2026-02-01", "nothing was observed by 2026-02-01; observed since 2026-03-01"),
        ("yesterday", "the pin 'yesterday' is no observation here"),
        ("20260101T000000000Z-author-00000000-1", "is no observation here"),
    ],
)
def test_a_pin_to_nothing_is_a_mistake_with_its_line(tmp_path: Path, pin: str, what: str) -> None:
    site(tmp_path, at(0, "192.0.2.1"), text=f"pin: {pin}\n")
    _, mistakes = replay(tmp_path)
    assert len(mistakes) == 1
    assert mistakes[0].startswith("docs/posts/a.md:6: ")
    assert what in mistakes[0]


@pytest.mark.parametrize(
    ("text", "settings", "grade"),
    [
        ("warn_after: 1d\n", {}, "warn_after"),
        ("warn_after: 1d\nerror_after: 2d\n", {}, "error_after"),
        ("error_after: 9000d\n", {}, None),
        ("", {"warn_after": 60.0}, "warn_after"),
        ("warn_after: 9000d\n", {"warn_after": 60.0}, None),
        ("pin: 2026-03-01\n", {"warn_after": 60.0}, None),
    ],
)
def test_age(tmp_path: Path, text: str, settings: dict[str, object], grade: str | None) -> None:
    site(tmp_path, at(0, "192.0.2.1"), text=text)
    found = findings(tmp_path, **settings)
    assert (found.overdue.grade if found.overdue else None) == grade
    if grade and not settings:
        assert "old: observed" in html(tmp_path)


def test_a_pin_to_an_observation_of_another_question_is_a_mistake(tmp_path: Path) -> None:
    site(tmp_path, at(0, "192.0.2.1"))
    other = keep(tmp_path / "evidence", observation("another.example", "192.0.2.9"))
    site(tmp_path, text=f"pin: {other.stem}-1\n")
    _, mistakes = replay(tmp_path)
    assert len(mistakes) == 1
    assert "is an observation of another question" in mistakes[0]


def test_an_object_that_was_altered_stops_the_build(tmp_path: Path) -> None:
    site(tmp_path, at(0, "192.0.2.1"))
    objects = list((tmp_path / "evidence" / "objects").rglob("*.json"))
    assert objects
    for path in objects:
        path.write_bytes(path.read_bytes().replace(b"192.0.2.1", b"192.0.2.2"))
    with pytest.raises(LedgerError, match="not what was observed"):
        replay(tmp_path)
