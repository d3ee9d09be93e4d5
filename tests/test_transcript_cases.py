"""Old listings with their right values: read right, or said to be unread; never silently wrong."""

import random
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from sotokara.kinds.shared.terminal.pasted import MOST_LINES
from sotokara.transcripts import session
from sotokara.transcripts.importer import ImportSource, draft
from sotokara.transcripts.session import listings

from tests.growth import MOST, growth
from tests.listing_cases import CASES, Case, cases, imported_wrongly, judged, missing_facts, stated
from tests.listing_shapes import ALIKE, LINES, alike

EVERY = cases()


def named(case: Case) -> str:
    return case.name


@cache
def verdicts() -> dict[str, tuple[str, list[str]]]:
    return {case.name: judged(case) for case in EVERY}


@pytest.mark.parametrize("name", [case.name for case in EVERY])
def test_nothing_is_silently_wrong(name: str) -> None:
    verdict, why = verdicts()[name]
    assert verdict != "wrong", why


@pytest.mark.parametrize(
    "case", [one for one in EVERY if one.path.parent.name == "shared"], ids=named
)
def test_the_cases_of_each_class_are_read_right(case: Case) -> None:
    then = stated(case.text, case.right["kind"], case.right["target"])
    assert list(missing_facts(case, then)) == []
    assert list(imported_wrongly(case)) == []


def test_few_forms_are_given_up() -> None:
    """The README's figure: of all forms nearly all are read right, and none wrongly."""
    every = [verdict for verdict, _ in verdicts().values()]
    assert every.count("wrong") == 0
    assert every.count("right") >= 0.97 * len(EVERY)


def test_every_case_is_a_file_and_every_file_a_case() -> None:
    for folder in {one.path.parent for one in EVERY}:
        assert {one.path.name for one in EVERY if one.path.parent == folder} == {
            path.name for path in folder.glob("*.txt")
        }
    assert len(EVERY) >= len(list((CASES / "shared").glob("*.txt")))


@pytest.mark.parametrize("case", EVERY, ids=named)
def test_a_paste_without_some_of_its_lines_states_no_absence_of_its_own(case: Case) -> None:
    """With a line missing, no absence and no end is stated that the whole does not state."""
    lines = case.text.splitlines()
    rng = random.Random(case.name)  # noqa: S311  # the same cuts each time
    whole = _absences(case.text, case.right["kind"])
    for _ in range(4):
        lost = rng.randrange(len(lines)) if lines else 0
        cut = "\n".join([*lines[:lost], *lines[lost + 1 :]])
        assert _absences(cut, case.right["kind"]) <= whole | {"reached", "unreachable"}


def _absences(text: str, kind: str) -> set[str]:
    found: set[str] = set()
    for one in listings(text, kind):
        found |= set(getattr(one.facts, "nodata", ()))
        found |= {getattr(getattr(one.facts, "end", None), "how", "")} - {""}
        found |= {getattr(one.facts, "rcode", "")} & {"NXDOMAIN"}
    return found


def drafted(text: Callable[[int], str]) -> Callable[[int], object]:
    return lambda size: draft(text(size), ImportSource())


@pytest.mark.parametrize("what", LINES)
def test_a_long_line_costs_as_much_as_it_is_long(what: str) -> None:
    assert growth(drafted(lambda size: LINES[what](size) * 4), 4_000) <= MOST


@pytest.mark.parametrize("what", ALIKE)
def test_many_lines_that_could_each_begin_a_listing_cost_as_much_as_they_are_many(
    what: str,
) -> None:
    def lines(size: int) -> str:
        return alike(what, size)

    assert growth(drafted(lines), 250) <= MOST


def test_where_a_listing_may_begin_is_told_by_no_less_than_the_readers_know(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The patterns that choose readers for a line leave out none that would read there."""
    texts = [case.text for case in EVERY]
    chosen = [session.split_session(text) for text in texts]
    monkeypatch.setattr(
        session, "_beginnings", lambda every, readers: [tuple(readers)] * len(every)
    )
    assert [session.split_session(text) for text in texts] == chosen


def test_what_stands_below_the_lines_that_are_read_is_unread_and_kept() -> None:
    shown = "www.example.com has address 192.0.2.1"
    text = "\n".join([shown, *["-"] * MOST_LINES, shown, "the last line"])
    assert len(listings(text)) == 1
    below = "\n" * MOST_LINES + shown + "\nthe last line"
    then = stated(below, "dns", "www.example.com")
    assert then.facts is None
    assert then.volatile["unread"] == [[MOST_LINES + 1, shown], [MOST_LINES + 2, "the last line"]]
    assert "the last line" in draft(text, ImportSource()).text


def test_of_very_many_listings_those_at_the_end_are_prose() -> None:
    one = "a{}.example.com has address 192.0.2.1\n\n"
    text = "".join(one.format(n) for n in range(session.MOST_LISTINGS + 2))
    assert len(listings(text)) == session.MOST_LISTINGS
    assert f"a{session.MOST_LISTINGS + 1}.example.com has" in draft(text, ImportSource()).text


def test_the_score_names_what_is_not_right(capsys: pytest.CaptureFixture[str]) -> None:
    from tests.listing_cases import print_score

    print_score([Path(CASES / "shared")])
    assert "right" in capsys.readouterr().out
