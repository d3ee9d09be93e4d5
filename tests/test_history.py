"""Over days: intervals never cover a time when nobody looked."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from sotokara.findings.history import History, Interval, bridge, history
from sotokara.ledger.index_update import OUTCOMES
from sotokara.ledger.timeline import ObservationRow, turn

from tests.tampered.site import DAY, at, findings, html, site

HOUR = 3_600_000


def row(hour: float, how: str, facts: int | None = 1) -> ObservationRow:
    """An observation so many hours after 1 January 2026."""
    start = round(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1000 + hour * HOUR)
    number = [one.value for one in OUTCOMES].index(how)
    return ObservationRow(start, number, None, facts if how == "answered" else None, None, 1, 1)


def drawn(rows: list[ObservationRow], hours: float) -> list[Interval]:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    whole = history(rows, start, start + timedelta(hours=hours), lambda one: one.facts == 1)
    return whole.intervals


def plain(intervals: list[Interval]) -> list[tuple[str, float, float]]:
    zero = datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1000
    return [(one.state, (one.start - zero) / HOUR, (one.end - zero) / HOUR) for one in intervals]


def test_an_outage_between_two_answers() -> None:
    rows = [row(hour, "no_answer" if 5 <= hour <= 8 else "answered") for hour in range(12)]
    assert plain(drawn(rows, 11)) == [
        ("claimed", 0, 4),
        ("no_answer", 5, 8),
        ("claimed", 9, 11),
    ]


def test_a_gap_is_never_an_outage() -> None:
    """Down before the gap and down after it: in between nobody looked."""
    rows = [row(hour, "no_answer") for hour in (*range(6), *range(20, 26))]
    assert plain(drawn(rows, 25)) == [
        ("no_answer", 0, 5),
        ("not_measured", 5, 20),
        ("no_answer", 20, 25),
    ]


def test_our_own_network_down_is_no_outage() -> None:
    rows = [row(hour, "not_measured" if 3 <= hour <= 4 else "answered") for hour in range(8)]
    assert [one.state for one in drawn(rows, 7)] == ["claimed", "not_measured", "claimed"]


def test_looks_a_month_apart_join_nothing() -> None:
    rows = [row(hour, "no_answer") for hour in (0, 720, 1440, 2160)]
    states = [one.state for one in drawn(rows, 2160)]
    assert states == ["no_answer", "not_measured"] * 3 + ["no_answer"]
    assert all(one.start == one.end for one in drawn(rows, 2160) if one.state == "no_answer")


def test_before_the_first_and_after_the_last_nobody_looked() -> None:
    rows = [row(hour, "answered", 1 if hour < 12 else 2) for hour in range(10, 15)]
    assert plain(drawn(rows, 24)) == [
        ("not_measured", 0, 10),
        ("claimed", 10, 11),
        ("otherwise", 12, 14),
        ("not_measured", 14, 24),
    ]


_ROWS = st.lists(
    st.tuples(
        st.floats(0, 400, allow_nan=False),
        st.sampled_from(["answered", "no_answer", "not_measured"]),
        st.integers(1, 2),
    ),
    max_size=60,
)


@given(_ROWS)
def test_intervals_are_ordered_apart_and_looked_at(
    given_rows: list[tuple[float, str, int]],
) -> None:
    rows = [row(*one) for one in given_rows]
    start = datetime(2026, 1, 1, tzinfo=UTC)
    whole: History = history(rows, start, start + timedelta(hours=400), lambda one: one.facts == 1)
    times = sorted(one.start for one in rows)
    end = whole.start
    for one in whole.intervals:
        assert end <= one.start <= one.end
        end = one.end
        if one.first is None:  # nobody looked: no observation inside
            assert not [time for time in times if one.start < time < one.end]
            continue
        inside = [time for time in times if one.start <= time <= one.end]
        assert inside[0] == one.start
        assert inside[-1] == one.end
        assert all(b - a <= bridge(times) for a, b in pairwise(inside))
    seen = sum(one.seen for one in whole.intervals)
    assert seen == len(rows)


@given(_ROWS)
def test_intervals_are_those_of_going_row_by_row(
    given_rows: list[tuple[float, str, int]],
) -> None:
    """The quick way, by turns, against the plain one."""
    rows = sorted((row(*one) for one in given_rows), key=lambda one: one.start)
    states = {"answered": {1: "claimed", 2: "otherwise"}}
    longest = bridge([one.start for one in rows])
    plainly: list[list[object]] = []
    last = 0
    for one in rows:
        how = one.outcome.value
        state = states[how][one.facts or 1] if how in states else how
        if plainly and plainly[-1][0] == state and one.start - last <= longest:
            plainly[-1][2:] = [one.start, int(str(plainly[-1][3])) + 1]
        else:
            plainly.append([state, one.start, one.start, 1])
        last = one.start
    seen = [one for one in drawn(rows, 400) if one.first is not None]
    assert [[one.state, one.start, one.end, one.seen] for one in seen] == plainly


@given(_ROWS)
def test_a_turn_is_found_in_the_ends_as_in_all_rows(
    given_rows: list[tuple[float, str, int]],
) -> None:
    rows = [row(*one) for one in given_rows]
    states = {("answered", 1): True, ("answered", 2): False, ("no_answer", None): False}

    def holds(one: ObservationRow) -> bool | None:
        return states.get((one.outcome.value, one.facts))

    said = [holds(one) for one in rows]
    last = max((at for at, one in enumerate(said) if one), default=-1)
    first = next((at for at, one in enumerate(said) if one is False and at > last), None)
    found = turn(rows, holds)
    assert found[0] is (rows[last] if last >= 0 else None)
    assert found[1] is (rows[first] if first is not None else None)


def test_the_figure_and_its_table(tmp_path: Path) -> None:
    start = f"since: {DAY:%Y-%m-%d}\n"
    days = [at(0, "192.0.2.1"), at(1, "192.0.2.1"), at(2, failure="eof_error"), at(3, "192.0.2.1")]
    site(tmp_path, *days, text=start + "expect: \"'192.0.2.1' in addresses\"\n")
    found = findings(tmp_path)
    assert found.history
    states = [interval.state for interval in found.history.intervals]
    assert states == ["claimed", "no_answer", "claimed", "not_measured"]
    shown = html(tmp_path)
    assert 'class="probe-no_answer"' in shown
    assert "<td>2026-03-02 12:00 – 2026-03-03 12:00</td>" in shown  # where the outage began
    assert "answered as claimed" in shown


def test_a_history_without_claims_compares_with_what_is_shown(tmp_path: Path) -> None:
    site(tmp_path, at(0, "192.0.2.1"), at(0.5, "192.0.2.2"), text="history: 9000d\n")
    found = findings(tmp_path)
    assert found.history
    states = [one.state for one in found.history.intervals if one.seen]
    assert states == ["otherwise", "claimed"]


def test_history_says_from_when_to_when_it_was_observed(tmp_path: Path) -> None:
    site(tmp_path, at(0, "192.0.2.1"), at(1, "192.0.2.1"), text="since: 2026-02-01\n")
    assert findings(tmp_path).history
    assert "Observed from 2026-03-01 to 2026-03-02; drawn from 2026-02-01 to" in html(tmp_path)
    site(tmp_path, text="since: 2026-04-01\n")
    assert "Not observed between 2026-04-01 and" in html(tmp_path)


def test_clocks_that_contradict_the_order_of_the_runs_are_named(tmp_path: Path) -> None:
    site(tmp_path, at(5, "192.0.2.1"), at(2, "192.0.2.1"), text="since: 2026-03-01\n")
    found = findings(tmp_path).history
    assert found
    assert found.clocks
    assert "The clocks of some builds disagree" in html(tmp_path)
