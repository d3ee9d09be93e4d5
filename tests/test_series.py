"""Loss and time over days: what a ping's history draws beside its states."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sotokara.core.canonical import canonical, digest
from sotokara.core.labels import labels, languages
from sotokara.core.observation import Exchange, Observation, Outcome, Vantage
from sotokara.findings.series import COLUMNS, MOST, Column, Series, series
from sotokara.kinds import KINDS
from sotokara.kinds.interface import Sample
from sotokara.kinds.ping.facts import PingFacts
from sotokara.kinds.ping.kind import Ping
from sotokara.kinds.ping.parse import encode
from sotokara.ledger.timeline import ObservationRow
from sotokara.network.ping import Echo, PingRequest
from sotokara.render.series_view import BOTTOM, TOP, WIDTH, series_view

from tests.tampered.site import DAY, findings, html, site
from tests.test_history import HOUR, row

ZERO = row(0, "answered").start


def drawn(
    rows: list[ObservationRow], hours: int, values: dict[int, Sample] | None = None
) -> Series:
    def sample(one: ObservationRow) -> Sample | None:
        return (values or {}).get(one.facts or 0, Sample(10.0))

    return series(rows, ZERO, ZERO + hours * HOUR, sample)


def test_columns_hold_what_was_measured_and_nothing_else() -> None:
    rows = [row(hour, "answered", hour + 1) for hour in range(24)]
    rows[5] = row(5, "no_answer")
    rows[6] = row(6, "not_measured")
    values = {hour + 1: Sample(float(hour), 0.0 if hour % 2 else 0.5) for hour in range(24)}
    found = drawn(rows, 120, values)
    assert (len(found.columns), found.step) == (23, 1)  # an hour each; nobody looked in the rest
    assert found.columns[5] == Column(ZERO + 5 * HOUR, ZERO + 6 * HOUR, 1, 1.0)
    assert [one.start for one in found.columns if one.start == ZERO + 6 * HOUR] == []
    assert found.columns[4][2:] == (1, 0.5, 4.0, 4.0, 4.0)


def test_many_in_one_column_and_more_than_are_read() -> None:
    rows = [row(number / 100, "answered", 1 + number % 3) for number in range(MOST + 500)]
    values = {1: Sample(5.0), 2: Sample(9.0, 0.5), 3: Sample(50.0)}
    found = drawn(rows, 25, values)
    assert found.step == 2
    assert len(found.columns) <= COLUMNS
    assert sum(one.seen for one in found.columns) == (MOST + 500) // 2
    for one in found.columns:
        assert one.low is not None
        assert one.high is not None
        assert 5.0 <= one.low <= (one.middle or 0.0) <= one.high <= 50.0


def test_a_question_that_was_another_is_not_drawn() -> None:
    rows = [row(1, "answered"), row(2, "answered")._replace(question=3)]
    assert [one.seen for one in drawn(rows, 24).columns] == [1]


@given(
    st.lists(
        st.tuples(
            st.floats(0, 400, allow_nan=False),
            st.sampled_from(["answered", "no_answer", "not_measured"]),
            st.integers(1, 5),
        ),
        max_size=40,
    )
)
def test_the_picture_stays_within_its_frame(given_rows: list[tuple[float, str, int]]) -> None:
    values = {n: Sample(n**6 / 7, n / 5) for n in range(1, 5)}
    rows = [row(*one) for one in given_rows]
    found = drawn(rows, 400, values)
    for lang in languages():
        view = series_view(found, ZERO, ZERO + 400 * HOUR, labels(lang))
        assert view["said"]
        for bar in view["bars"]:
            assert -0.2 <= bar.x <= WIDTH
            assert -0.2 <= bar.y <= bar.y + bar.height <= TOP + BOTTOM + 1.2


def test_shares_are_never_rounded_to_none_or_all() -> None:
    words = labels("en")

    def shown(lost: float) -> Any:
        column = Column(ZERO, ZERO + HOUR, 3, lost, 1.0, 1.0, 1.0)
        return series_view(Series([column]), ZERO, ZERO + HOUR, words)["rows"][0][3]

    shares = [shown(lost) for lost in (0, 0.001, 0.5, 0.999, 1)]
    assert shares == ["0 %", "< 1 %", "50 %", "> 99 %", "100 %"]


def test_which_kinds_have_numbers_over_days() -> None:
    assert [name for name, kind in KINDS.items() if kind.series] == ["ping"]
    ping = KINDS["ping"]
    assert ping.sample(PingFacts(sent=4, received=3, best=12.5)) == Sample(12.5, 0.25)
    assert ping.sample(PingFacts()) is None
    assert KINDS["dns"].sample(None) is None


def pinged(hour: int, *times: float | None) -> Observation:
    """What 192.0.2.1 answered, so many hours after 1 March 2026, noon."""
    question = Ping(target="192.0.2.1")
    echoes = [Echo(number, 0.0, ms) for number, ms in enumerate(times)]
    exchange = Exchange(
        "ping",
        "192.0.2.1",
        "icmp",
        received=encode(PingRequest("192.0.2.1", "icmp", 0, len(times), 0.2, 2.0), echoes),
        media_type="text/plain",
    )
    reading = question.parse([exchange])
    return Observation(
        digest=digest(canonical(question.identity())),
        definition=question.identity(),
        start=DAY + timedelta(hours=hour),
        duration=0.01,
        outcome=reading.failure.outcome if reading.failure else Outcome.ANSWERED,
        vantage=Vantage("author", "sotokara 0.1.0"),
        failure=reading.failure,
        facts=reading.facts,
        exchanges=(exchange,),
        volatile=reading.volatile,
    )


def test_a_figure_of_ping_draws_loss_and_time_over_days(tmp_path: Path) -> None:
    days = [pinged(hour, 12.5 + hour, None, 14.0 + hour) for hour in range(5)]
    site(tmp_path, *days, pinged(5, None, None))
    fence = f"```probe\nping: 192.0.2.1\nid: p\nsince: {DAY:%Y-%m-%d}\nuntil: 2026-03-03\n```\n"
    (tmp_path / "docs" / "posts" / "a.md").write_text(f"# A\n\n{fence}", "utf-8")
    found = findings(tmp_path).history
    assert found is not None
    assert found.series is not None
    assert [(one.low, round(one.lost, 2)) for one in found.series.columns] == [
        *((12.5 + hour, 0.33) for hour in range(5)),
        (None, 1.0),
    ]
    shown = html(tmp_path)
    assert "12.5 to 16.5 ms" in shown
    assert "lost 44 % in 6 observations" in shown
    assert '<rect class="probe-no_answer"' in shown
