"""A word per kind at the figure's head: what was seen, not how it is filed."""

from pathlib import Path

import msgspec
import pytest
from sotokara.core.canonical import canonical, digest
from sotokara.core.labels import labels
from sotokara.core.observation import Facts, Failure, Observation, Outcome, Vantage
from sotokara.findings.overview import front
from sotokara.kinds import KINDS
from sotokara.kinds.dns.facts import DnsFacts, DnsRecord
from sotokara.kinds.shared.registry.facts import RegistryFacts
from sotokara.kinds.smtp.facts import VERDICTS, SmtpFacts
from sotokara.kinds.traceroute.facts import PathEnd, PathFacts
from sotokara.kinds.traceroute.kind import Traceroute
from sotokara.ledger import Ledger, read_lines
from sotokara.render.overview import front_html

from tests.tampered import keep, runs
from tests.tampered.site import DAY, at, html, replay, site


def path(how: str, hop: int) -> PathFacts:
    return PathFacts(address="192.0.2.9", hops=[], end=PathEnd(how, hop))


A = DnsRecord("a.example", "A", "192.0.2.1")


@pytest.mark.parametrize(
    ("kind", "facts", "said"),
    [
        ("dns", DnsFacts(rcode="NOERROR", records=[A]), "Answered"),
        ("dns", DnsFacts(rcode="NXDOMAIN"), "Answered: no such name"),
        ("dns", DnsFacts(rcode="NOERROR", nodata=["A"]), "Answered: no such record"),
        ("whois", RegistryFacts(answer="registered"), "Answered: registered"),
        ("rdap", RegistryFacts(answer="no_match"), "Answered: no match"),
        ("traceroute", path("reached", 9), "Reached"),
        ("traceroute", path("silent", 8), "Silent from hop 8"),
        ("traceroute", path("unreachable", 4), "Unreachable, said at hop 4"),
        ("traceroute", path("limit", 30), "Not reached in 30 hops"),
        ("traceroute", path("loop", 3), "A loop from hop 3"),
        ("traceroute", path("something new", 3), "Answered"),
        ("smtp", SmtpFacts(verdict="rejects"), "Rejects the account"),
        ("smtp", SmtpFacts(verdict="undecided"), "Undecided"),
    ],
)
def test_a_word_for_what_was_seen(kind: str, facts: Facts, said: str) -> None:
    assert KINDS[kind].headline(facts, None, labels("en")) == said


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_every_verdict_has_a_word_of_its_own(lang: str) -> None:
    words = labels(lang)
    said = [KINDS["smtp"].headline(SmtpFacts(verdict=one), None, words) for one in VERDICTS]
    assert len({*said, words["answered"]}) == len(VERDICTS) + 1


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        ("connection_refused", "Refused"),
        ("refused_by_server", "Refused"),
        ("generic_timeout_error", "No answer"),
        ("no_network", "Not measured"),
    ],
)
def test_a_refusal_is_said_as_one(failure: str, said: str) -> None:
    for kind in KINDS.values():
        assert kind.headline(None, Failure(failure), labels("en")) == said


def test_what_the_reason_says_already_is_not_said_twice(tmp_path: Path) -> None:
    one = at(2, failure="dns_refused_error")
    one = msgspec.structs.replace(one, failure=Failure("dns_refused_error", "A", "REFUSED"))
    site(tmp_path, at(1, "192.0.2.1"), one)
    assert html(tmp_path).count("(REFUSED)") == 1


def test_the_head_of_a_trace_that_fell_silent(tmp_path: Path) -> None:
    """The outcome on disk stays what it is."""
    question = Traceroute(target="www.example.com")
    one = Observation(
        digest=digest(canonical(question.identity())),
        definition=question.identity(),
        start=DAY,
        outcome=Outcome.ANSWERED,
        vantage=Vantage("author", "test"),
        version=question.version,
        facts=path("silent", 8),
    )
    site(tmp_path)
    keep(tmp_path / "evidence", one)
    (tmp_path / "docs/posts/a.md").write_text(
        "```probe\ntraceroute: www.example.com\n```\n", "utf-8"
    )
    shown = html(tmp_path)
    assert '<b class="probe-outcome">&#9679; Silent from hop 8</b>' in shown
    assert "Answered" not in shown
    build, _ = replay(tmp_path)
    watched, _ = front(build.plan, build.findings, {"posts/a.md"})
    listed = front_html(watched, [], lambda _: ("a/", "A", "en"), "en")
    assert "Silent from hop 8" in listed
    assert "ホップ 8 から無応答" in front_html(watched, [], lambda _: ("a/", "A", "ja"), "ja-JP")
    (line,) = read_lines(runs(tmp_path / "evidence")[0])
    assert line.outcome is Outcome.ANSWERED
    assert Ledger(tmp_path / "evidence").facts(line) == one.facts
