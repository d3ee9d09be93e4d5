"""Claims: they hold, hold no longer, or cannot be decided; and mistakes in them."""

from pathlib import Path

import pytest
from sotokara.findings.claims import claims
from sotokara.ledger.timeline import Timeline
from sotokara.site.report import broken

from tests.tampered.site import at, fence, findings, html, replay, site


def claim(expect: str) -> str:
    return f'expect:\n  - "{expect}"\n'


@pytest.mark.parametrize(
    ("expect", "state"),
    [
        ("'192.0.2.1' in addresses", "holds"),
        ("addresses | length == 1", "holds"),
        ("rcode == 'NOERROR' and outcome == 'answered'", "holds"),
        ("ssl3.addresses == addresses", "holds"),
        ("'192.0.2.9' in addresses", "broken"),
        ("names[0] == 'x'", "broken"),
        ("addresses[5] == 'x'", "broken"),
        ("failure != ''", "broken"),
    ],
)
def test_how_a_claim_stands(tmp_path: Path, expect: str, state: str) -> None:
    site(tmp_path, at(0, "192.0.2.1"), text=claim(expect))
    found = findings(tmp_path)
    assert [one.state for one in found.claims] == [state]


def test_broken_since(tmp_path: Path) -> None:
    days = [at(0, "192.0.2.1"), at(1, "192.0.2.2"), at(2, "192.0.2.1"), at(3, failure="eof_error")]
    site(
        tmp_path,
        *days,
        at(4, "192.0.2.3"),
        at(5, "192.0.2.4"),
        text=claim("'192.0.2.1' in addresses"),
    )
    (standing,) = findings(tmp_path).claims
    assert standing.state == "broken"
    assert standing.now == "addresses: 192.0.2.4"
    assert standing.held
    assert standing.since
    assert f"{standing.held.moment:%m-%d}" == "03-03"
    assert f"{standing.since.moment:%m-%d}" == "03-05"
    shown = html(tmp_path)
    assert "✗" in shown
    assert "first seen 2026-03-05 12:00 UTC; it still held 2026-03-03 12:00 UTC" in shown
    (line,) = broken(replay(tmp_path)[0].found(), "docs")
    assert line.startswith("docs/posts/a.md:6: '192.0.2.1' in addresses does not hold since")


@pytest.mark.parametrize("failure", ["generic_timeout_error", "no_network"])
def test_undecided_where_nothing_was_observed_now(tmp_path: Path, failure: str) -> None:
    expect = "'192.0.2.1' in addresses"
    site(tmp_path, at(0, "192.0.2.1"), text=claim(expect))
    build, _ = replay(tmp_path)
    (one,) = build.plan.figures()
    one.now = at(1, failure=failure)
    timeline = Timeline(build.run.ledger, one.digest, lambda _: True)
    (standing,) = claims(one, timeline, lambda reference: reference)
    assert standing.state == "undecided"
    assert standing.now == failure


def test_no_answer_decides_a_claim_about_the_outcome(tmp_path: Path) -> None:
    days = at(0, "192.0.2.1"), at(1, failure="generic_timeout_error")
    site(tmp_path, *days, text=claim("outcome == 'answered'"))
    found = findings(tmp_path)
    assert found.claims[0].state == "broken"
    assert found.claims[0].now == "outcome: no_answer"


def test_never_observed_is_undecided(tmp_path: Path) -> None:
    site(tmp_path, text=claim("addresses"))
    found = findings(tmp_path)
    assert [(one.state, one.now) for one in found.claims] == [("undecided", "never_observed")]


@pytest.mark.parametrize(
    "expect",
    ["addresses + 1 > 2", "rcode > 5", "'a' in", "nonsense == 1", "addresses.__class__.mro()"],
)
def test_a_mistake_in_a_claim_has_its_line(tmp_path: Path, expect: str) -> None:
    site(tmp_path, at(0, "192.0.2.1"), text=claim(expect))
    _, mistakes = replay(tmp_path)
    assert mistakes, expect
    assert all(one.startswith("docs/posts/a.md:") for one in mistakes)


def test_a_claim_about_another_definition(tmp_path: Path) -> None:
    site(tmp_path, at(0, "192.0.2.1"))
    (tmp_path / "docs/posts/b.md").write_text(
        "# B\n\n" + fence(claim("a#ssl3.addresses == addresses")).replace("id: ssl3", "id: other")
    )
    build, mistakes = replay(tmp_path)
    assert not mistakes
    states = [found.claims for _, found in build.found() if found.claims]
    assert [one[0].state for one in states] == ["holds"]


def test_what_never_held_has_no_day_since(tmp_path: Path) -> None:
    site(tmp_path, at(0, "192.0.2.1"), text=claim("'192.0.2.9' in addresses"))
    (line,) = broken(replay(tmp_path)[0].found(), "docs")
    assert "does not hold, and never did (addresses: 192.0.2.1)" in line
