"""Times as pages show them: UTC, and the author's zone beside it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sotokara.core import times
from sotokara.core.durations import parse_time
from sotokara.core.settings import SettingsError, load

MORNING = datetime(2026, 11, 24, 7, 27, 5, tzinfo=UTC)
NIGHT = datetime(2026, 7, 24, 22, 27, tzinfo=UTC)


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    """No zone is left over."""
    yield
    times.show_zone("")


@pytest.mark.parametrize(
    ("zone", "when", "said"),
    [
        ("", MORNING, "2026-11-24 07:27 UTC"),
        ("Asia/Tokyo", MORNING, "2026-11-24 07:27 UTC (16:27 JST)"),
        ("Asia/Tokyo", NIGHT, "2026-07-24 22:27 UTC (2026-07-25 07:27 JST)"),
        ("Europe/Berlin", NIGHT, "2026-07-24 22:27 UTC (2026-07-25 00:27 CEST)"),
        ("Asia/Kathmandu", MORNING, "2026-11-24 07:27 UTC (13:12 UTC+05:45)"),
        ("America/Sao_Paulo", MORNING, "2026-11-24 07:27 UTC (04:27 UTC-03:00)"),
    ],
)
def test_the_authors_zone_stands_beside_utc(zone: str, when: datetime, said: str) -> None:
    times.show_zone(zone)
    assert times.date_time(when) == said


@pytest.mark.parametrize("name", ["Tokyo", "../etc/passwd", "Asia/", "9"])
def test_what_is_no_zone_is_named(name: str) -> None:
    with pytest.raises(SettingsError, match=r"extra.probes.timezone: .* is no time zone"):
        load({"timezone": name}, {})


@pytest.mark.parametrize("text", ["2026-11-28T09:00+09:00", "2026-11-28", "2026-11-28T00:00Z"])
def test_a_time_without_a_zone_is_utc_and_one_with_a_zone_keeps_it(text: str) -> None:
    assert parse_time(text) == datetime(2026, 11, 28, tzinfo=UTC)
