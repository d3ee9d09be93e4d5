"""Claims: they hold, hold no longer, or cannot be decided; and mistakes in them."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from sotokara.core.observation import FAILURES, Outcome
from sotokara.findings.claims import Claim, claims
from sotokara.findings.evaluate import Findings
from sotokara.kinds.dns.facts import DnsFacts
from sotokara.ledger.timeline import Timeline
from sotokara.render.site_pages import claims_html
from sotokara.site.report import broken

from tests.tampered import keep, observation
from tests.tampered.site import DAY, at, fence, findings, html, replay, site


def claim(expect: str) -> str:
    return f'expect:\n  - "{expect}"\n'


@pytest.mark.parametrize(
    ("expect", "state"),
    [
        ("'192.0.2.1' in addresses", "holds"),
        ("addresses | length == 1", "holds"),
        ("rcode == 'NOERROR' and outcome == 'answered'", "holds"),
        ("ssl3.addresses == addresses", "holds"),
        ("at > day('2026-03-01') and at < day('2026-03-01') + days(1)", "holds"),
        ("at - days(7) > day('2026-03-01')", "broken"),
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


def test_a_claim_with_a_time_turns_where_the_facts_do_not(tmp_path: Path) -> None:
    """Each observation has its own time: what was to end on the third day ended then."""
    days = [at(number, "192.0.2.1") for number in range(5)]
    site(tmp_path, *days, text=claim("at < day('2026-03-03')"))
    (standing,) = findings(tmp_path).claims
    assert standing.state == "broken"
    assert standing.now == "at: 2026-03-05 12:00 UTC"
    assert standing.held
    assert standing.since
    assert f"{standing.held.moment:%m-%d} {standing.since.moment:%m-%d}" == "03-02 03-03"


def test_a_claim_may_have_a_sentence(tmp_path: Path) -> None:
    said = "expect:\n  - that: \"'192.0.2.1' in addresses\"\n    say: It <still> answers\n"
    site(tmp_path, at(0, "192.0.2.1"), at(3, "192.0.2.2"), text=said)
    (one,) = findings(tmp_path).claims
    assert (one.say, one.text, one.state) == (
        "It <still> answers",
        "'192.0.2.1' in addresses",
        "broken",
    )
    shown = html(tmp_path)
    sentence, expression = (shown.index(text) for text in ("It &lt;still&gt;", "&#39;192.0.2.1"))
    assert sentence < expression
    build, _ = replay(tmp_path)
    (line,) = broken(build.found(), "docs")
    assert "It <still> answers ('192.0.2.1' in addresses) does not hold" in line


@pytest.mark.parametrize("wrong", ["{that: rcode, says: x}", "{say: x}", "{that: 1 +}"])
def test_a_mistake_in_a_claim_with_a_sentence(tmp_path: Path, wrong: str) -> None:
    site(tmp_path, at(0, "192.0.2.1"), text=f"expect: {wrong}\n")
    _, mistakes = replay(tmp_path)
    assert "expect" in mistakes[0]


def test_values_are_told_in_words(tmp_path: Path) -> None:
    site(tmp_path, at(0, "192.0.2.1"), text=claim("records | length > 0 and dnssec_by == ''"))
    shown = html(tmp_path)
    assert "DNSRecord(" not in shown
    assert "[&#39;" not in shown
    assert "records: ssl3.example.com A 192.0.2.1" in shown


def test_a_claim_that_never_held_links_no_observation_before(tmp_path: Path) -> None:
    site(tmp_path, at(0, "192.0.2.1"), at(3, "192.0.2.2"), text=claim("'192.0.2.9' in addresses"))
    build, _ = replay(tmp_path)
    made = [(figure, one) for figure, found in build.found() for one in found.claims]
    page = claims_html(made, {}, "/", "en", {"posts/a.md": "The article"})
    assert "evidence//" not in page
    assert "The article" in page
    assert "posts/a.md" not in page


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


@pytest.mark.parametrize(
    ("rcode", "name"), [("SERVFAIL", "dns_servfail_error"), ("REFUSED", "dns_refused_error")]
)
def test_a_failure_says_nothing_of_a_name_s_records(tmp_path: Path, rcode: str, name: str) -> None:
    """Its rcode is known, and a claim about that can be decided."""
    failed = msgspec.structs.replace(at(1, failure=name), facts=DnsFacts(rcode=rcode))
    expect = ["'192.0.2.1' in addresses", "not addresses", f"rcode == '{rcode}'"]
    text = "expect:\n" + "".join(f'  - "{one}"\n' for one in expect)
    site(tmp_path, at(0, "192.0.2.1"), failed, text=text)
    states = [one.state for one in findings(tmp_path).claims]
    assert states == ["undecided", "undecided", "holds"]


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
    said = "does not hold, and never has since it was first asked, on 2026-03-01"
    assert f"{said} (addresses: 192.0.2.1)" in line


OTHER = "expect: other.addresses == addresses\n"


def pair(folder: Path, days: Sequence[tuple[float, str, str]], text: str = OTHER) -> Findings:
    """A page of two names, both observed in the same run of each day; what is found of the one."""
    for day, ours, theirs in days:
        start = DAY + timedelta(days=day)
        ones = [at(day, ours)] if ours else []
        if theirs:
            later = start + timedelta(seconds=2)
            ones.append(observation("other.example.com", theirs, start=later))
        keep(folder / "evidence", *ones)
    site(folder)
    page = fence(text) + "\n" + "```probe\ndns: other.example.com\nid: other\n```\n"
    (folder / "docs/posts/a.md").write_text(f"---\ndate: 2026-03-03\n---\n{page}", "utf-8")
    build, mistakes = replay(folder)
    assert not mistakes
    return next(found for one, found in build.found() if one.target == "ssl3.example.com")


def dates(claim: Claim) -> tuple[str, ...]:
    return tuple(f"{one.moment:%m-%d}" if one else "" for one in (claim.held, claim.since))


def test_a_claim_on_another_definition_has_the_values_of_each_day(tmp_path: Path) -> None:
    """Both moved together on the second day, and one of them alone on the third."""
    days = [
        (0, "192.0.2.1", "192.0.2.1"),
        (1, "192.0.2.2", "192.0.2.2"),
        (2, "192.0.2.2", "192.0.2.3"),
        (3, "192.0.2.2", "192.0.2.3"),
    ]
    found = pair(tmp_path, days, OTHER + "since: 2026-03-01\n")
    (claim,) = found.claims
    assert claim.state == "broken"
    assert dates(claim) == ("03-02", "03-03")
    assert found.history
    states = [one.state for one in found.history.intervals if one.seen]
    assert states == ["claimed", "otherwise"]


def test_of_a_day_on_which_the_other_was_not_observed_nothing_is_said(tmp_path: Path) -> None:
    days = [(0, "192.0.2.2", ""), (1, "192.0.2.2", "192.0.2.3"), (2, "192.0.2.2", "192.0.2.3")]
    found = pair(tmp_path, days, OTHER + "since: 2026-03-01\n")
    (claim,) = found.claims
    assert (claim.state, claim.partly_known) == ("broken", True)
    assert dates(claim) == ("", "03-02")
    assert found.history
    states = [one.state for one in found.history.intervals if one.seen]
    assert states == ["undecided", "otherwise"]
    build, _ = replay(tmp_path)
    (line,) = broken(build.found(), "docs")
    assert "and never has where that can be said" in line
    ((page, token), *_) = build.plan.nodes
    shown = build.fill(page, f'<div class="probe-fence" data-probe="{token}"></div>')
    assert (
        "it has held in no observation that can be judged since it was first asked, on 2026-03-"
        in shown
    )
    assert "the claim cannot be decided" in shown


def test_the_value_before_counts_where_a_run_has_none(tmp_path: Path) -> None:
    days = [(0, "192.0.2.2", "192.0.2.2"), (1, "192.0.2.2", ""), (2, "192.0.2.2", "192.0.2.3")]
    (claim,) = pair(tmp_path, days).claims
    assert dates(claim) == ("03-02", "03-03")


def test_a_definition_that_asked_something_else_then_says_nothing(tmp_path: Path) -> None:
    """Its target follows another definition, which meant another name on the first day."""
    for day, first, second in ((0, "192.0.2.1", "192.0.2.9"), (1, "192.0.2.2", "192.0.2.2")):
        start = DAY + timedelta(days=day)
        names = [at(day, first), observation("other.example.com", second, start=start)]
        reverse = observation("192.0.2.2", start=start)
        # Its exchanges are of another question: what does not follow from raw is no evidence.
        names += [msgspec.structs.replace(reverse, exchanges=())] if day else []
        keep(tmp_path / "evidence", *names)
    site(tmp_path)
    follows = "```probe\ndns: '{{ ssl3.addresses[0] }}'\nid: reverse\n```\n"
    claim = (
        "```probe\ndns: other.example.com\nid: other\nexpect: reverse.rcode == 'NXDOMAIN'\n```\n"
    )
    text = f"---\ndate: 2026-03-03\n---\n{fence()}\n{follows}\n{claim}"
    (tmp_path / "docs/posts/a.md").write_text(text, "utf-8")
    build, mistakes = replay(tmp_path)
    assert not mistakes
    found = next(found for one, found in build.found() if one.target == "other.example.com")
    assert (found.claims[0].state, found.claims[0].partly_known) == ("broken", True)


def test_a_failure_that_is_ours_breaks_no_claim_and_is_no_outage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kept as the target's by an older version; today's list says that it is ours."""
    days = [at(0, "192.0.2.1"), at(1, failure="message_size"), at(2, "192.0.2.4")]
    claimed = "expect: outcome == 'answered' and '192.0.2.1' in addresses\nsince: 2026-03-01\n"
    site(tmp_path, *days, text=claimed)
    monkeypatch.setitem(FAILURES, "message_size", Outcome.NOT_MEASURED)
    found = findings(tmp_path)
    assert found.history
    assert [one.state for one in found.history.intervals if one.seen] == [
        "claimed",
        "not_measured",
        "otherwise",
    ]
    assert dates(found.claims[0]) == ("03-01", "03-03")


def test_the_last_failure_that_is_ours_leaves_a_claim_undecided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = [at(0, "192.0.2.1"), at(1, failure="message_size")]
    site(tmp_path, *days, text="expect: outcome == 'answered'\n")
    assert findings(tmp_path).claims[0].state == "broken"
    monkeypatch.setitem(FAILURES, "message_size", Outcome.NOT_MEASURED)
    (claim,) = findings(tmp_path).claims
    assert (claim.state, claim.now) == ("undecided", "message_size")
