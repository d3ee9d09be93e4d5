"""Then and now: what counts as a change, since when, and what is shown; pins; age."""

import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sotokara.core.canonical import canonical, digest
from sotokara.core.observation import Exchange, Observation, Outcome, Vantage
from sotokara.findings.changes import day_written
from sotokara.findings.evaluate import Findings
from sotokara.findings.overview import front
from sotokara.kinds.dns.facts import DnsFacts, ServerFacts
from sotokara.kinds.dns.kind import Dns
from sotokara.kinds.http.facts import HttpFacts, HttpHop
from sotokara.kinds.http.kind import Http
from sotokara.kinds.shared.tls.facts import HandshakeFacts
from sotokara.kinds.smtp.facts import AddressFacts, Bounce, MailHost, SmtpFacts, StepReply
from sotokara.kinds.smtp.kind import Smtp
from sotokara.kinds.whois.kind import Whois
from sotokara.kinds.whois.walk import FOLLOW
from sotokara.ledger import LedgerError
from sotokara.mkdocs import post_pins
from sotokara.render.overview import front_html
from sotokara.render.site_pages import changes_feeds, changes_html
from sotokara.site.front_matter import page_pin
from sotokara.site.report import drifted

from tests.tampered import keep, observation, runs
from tests.tampered.site import DAY, at, figure, findings, html, replay, site


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


def smtp(day: float, *, fingerprint: str = "aa", not_after: str = "2026-06-01", **more: Any) -> Any:
    """A mail server's answer, so many days after 1 March."""
    question = Smtp(target="example.jp")
    tls = HandshakeFacts(
        version="TLSv1.3",
        cipher="x",
        fingerprint=fingerprint,
        names=["mx.example.jp"],
        issuer="Example CA",
        not_after=not_after,
    )
    code = more.pop("code", 550)
    verdict = "rejects" if code == 550 else "accepts"
    spoken = AddressFacts(
        "192.0.2.25",
        verdict,
        replies=[StepReply("RCPT", code, more.pop("enhanced", ""))],
        tls=tls,
        retried=more.pop("retried", False),
    )
    facts = SmtpFacts(
        mx=["mx.example.jp"],
        hosts=[MailHost("mx.example.jp", 10, [spoken])],
        verdict=verdict,
        code=code,
        **more,
    )
    return Observation(
        digest=digest(canonical(question.identity())),
        definition=question.identity(),
        start=DAY + timedelta(days=day),
        outcome=Outcome.ANSWERED,
        vantage=Vantage("author", "test"),
        version=question.version,
        facts=facts,
    )


def mail(folder: Path, *observations: Observation, text: str = "") -> Findings:
    """What is found on a page with one figure of a domain's mail."""
    site(folder, *observations)
    page = f"---\ndate: 2026-03-03\n---\n```probe\nsmtp: example.jp\n{text}```\n"
    (folder / "docs/posts/a.md").write_text(page, "utf-8")
    return findings(folder)


@pytest.mark.parametrize(
    "now",
    [
        {"fingerprint": "bb", "not_after": "2026-09-01"},
        {"retried": True},
        {"bounce": Bounce("waiting")},
        {"bounce": Bounce("not_sent")},
        {"bounce": Bounce("returned", by="mx.example.jp")},
    ],
)
def test_a_renewed_certificate_and_a_setting_of_ours_are_no_change(
    tmp_path: Path, now: dict[str, Any]
) -> None:
    found = mail(tmp_path, smtp(2), smtp(9, **now))
    assert found.drift is None
    assert found.changes == []


def test_a_verdict_that_changes_names_its_fields(tmp_path: Path) -> None:
    found = mail(tmp_path, smtp(2), smtp(9, code=250))
    assert found.drift
    assert [(one.path, one.before, one.after) for one in found.drift.fields] == [
        ("verdict", "rejects", "accepts"),
        ("code", "550", "250"),
        ("hosts[mx.example.jp].addresses[192.0.2.25].verdict", "rejects", "accepts"),
        ("hosts[mx.example.jp].addresses[192.0.2.25].replies[RCPT].code", "550", "250"),
    ]
    assert [one.fields for one in found.changes] == [found.drift.fields]


def test_what_a_bounce_became_is_a_change_where_both_are_the_servers_word(tmp_path: Path) -> None:
    old, new = Bounce("returned", status="5.1.1"), Bounce("refused", status="5.7.1")
    found = mail(tmp_path, smtp(2, bounce=old), smtp(9, bounce=new))
    assert found.drift
    assert [one.path for one in found.drift.fields] == ["bounce.state", "bounce.status"]


def test_what_the_figure_does_not_show_is_no_change_unless_it_is_claimed(tmp_path: Path) -> None:
    """The AA flag stands in no listing of nslookup's."""
    old, new = at(2, "192.0.2.1"), at(9, "192.0.2.1")
    assert isinstance(new.facts, DnsFacts)
    new = msgspec.structs.replace(new, facts=msgspec.structs.replace(new.facts, authoritative=True))
    site(tmp_path, old, new)
    assert findings(tmp_path).drift is None
    assert findings(tmp_path).changes == []
    site(tmp_path, text="expect: not authoritative\n")
    found = findings(tmp_path)
    assert found.drift
    assert [(one.path, one.before, one.after) for one in found.drift.fields] == [
        ("authoritative", "false", "true")
    ]


def registered(day: float, expires: str, organization: str = "Example") -> Observation:
    """What a registry said, whose text has a clock as well."""
    question = Whois(target="example.jp").normal()
    text = f"Registrant Organization: {organization}\nRegistry Expiry Date: {expires}\n"
    text = f"Domain Name: EXAMPLE.JP\nCreation Date: 2001-01-01\n{text}as of: {day}\n"
    asked = Exchange(FOLLOW, "whois.example", "whois", b"example.jp\r\n", text.encode())
    facts = question.parse([asked]).facts
    return msgspec.structs.replace(
        at(day), facts=facts, exchanges=(asked,), version=Whois.version,
        definition=question.identity(), digest=digest(canonical(question.identity())),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("show: [organization]\n", []),
        ("show: [expires]\n", ["expires"]),
        ("", ["expires"]),
        ("show: [organization]\nexpect: expires > '2020'\n", ["expires"]),
    ],
)
def test_two_listings_that_are_the_same_are_no_change(
    tmp_path: Path, text: str, named: list[str]
) -> None:
    """The author shows some lines of a registry's text; another one has changed."""
    site(tmp_path, registered(2, "2027-01-01"), registered(9, "2028-01-01"))
    page = f"---\ndate: 2026-03-03\n---\n```probe\nwhois: example.jp\nhistory: 30d\n{text}```\n"
    (tmp_path / "docs/posts/a.md").write_text(page, "utf-8")
    found = findings(tmp_path)
    assert [one.path for one in (found.drift.fields if found.drift else ())] == named
    assert [[one.path for one in change.fields] for change in found.changes] == [named] * len(named)


def test_of_equal_lines_only_the_new_one_is_marked(tmp_path: Path) -> None:
    site(
        tmp_path,
        registered(2, "2027-01-01\nRemarks: a"),
        registered(9, "2028-01-01\nRemarks: a\nRemarks: a"),
    )
    page = "---\ndate: 2026-03-03\n---\n```probe\nwhois: example.jp\n```\n"
    (tmp_path / "docs/posts/a.md").write_text(page, "utf-8")
    marked = re.findall(r'<ins><i class="probe-mark">\+ </i>(.*?)</ins>', html(tmp_path))
    assert marked == ["Registry Expiry Date: 2028-01-01", "Remarks: a", "as of: 9"]


@pytest.mark.parametrize(
    ("style", "changed"), [("curl", False), ("verbose", True), ("table", True)]
)
def test_another_address_behind_a_site_is_a_change_where_it_is_shown(
    tmp_path: Path, style: str, *, changed: bool
) -> None:
    days = []
    for day, address in ((2, "192.0.2.80"), (9, "192.0.2.81")):
        hop = HttpHop("http://example.jp/", 200, "HTTP/1.1", address)
        facts = HttpFacts(verdict="ok", url=hop.url, status=200, hops=[hop])
        question = Http(target=hop.url).normal().identity()
        days.append(msgspec.structs.replace(
            at(day), facts=facts, exchanges=(), version=Http.version, definition=question,
            digest=digest(canonical(question)),
        ))  # fmt: skip
    site(tmp_path, *days)
    page = f"---\ndate: 2026-03-03\n---\n```probe\nhttp: http://example.jp/\nstyle: {style}\n```\n"
    (tmp_path / "docs/posts/a.md").write_text(page, "utf-8")
    found = findings(tmp_path)
    assert (found.drift is not None) == changed
    assert bool(found.changes) == changed


def test_of_one_server_that_was_silent_the_silence_alone_is_told(tmp_path: Path) -> None:
    days = []
    for day, failure in ((2, ""), (9, "generic_timeout_error")):
        said = DnsFacts(rcode="NOERROR", addresses=["192.0.2.1"])
        more = {} if failure else {"rcode": "NOERROR", "addresses": ["192.0.2.1"]}
        servers = [
            ServerFacts("a.example", rcode="NOERROR", addresses=["192.0.2.1"]),
            ServerFacts("b.example", failure=failure, **more),  # type: ignore[arg-type]
        ]
        question = Dns(target="x.example", server="authoritative").normal().identity()
        days.append(msgspec.structs.replace(
            at(day), facts=msgspec.structs.replace(said, servers=servers), exchanges=(),
            version=Dns.version, definition=question, digest=digest(canonical(question)),
        ))  # fmt: skip
    site(tmp_path, *days)
    page = "---\ndate: 2026-03-03\n---\n```probe\ndns: x.example\nserver: authoritative\n```\n"
    (tmp_path / "docs/posts/a.md").write_text(page, "utf-8")
    shown = html(tmp_path)
    assert "<td>no reply came in time</td>" in shown
    assert "addresses</th><td>192.0.2.1" not in shown.partition("probe-drift")[2]
    assert "all servers say the same" not in shown
    assert "of these servers only one answered" in shown


def test_dnssec_as_a_resolver_judges_it_is_no_change_of_the_name(tmp_path: Path) -> None:
    pair = []
    for day, state in ((2, "secure"), (9, "insecure")):
        one = at(day, "192.0.2.1")
        assert isinstance(one.facts, DnsFacts)
        judged = {"dnssec": state, "dnssec_by": "resolver"}
        facts = msgspec.structs.replace(one.facts, **judged)
        pair.append(msgspec.structs.replace(one, facts=facts))
    site(tmp_path, *pair)
    assert findings(tmp_path).drift is None


def test_every_mark_row_and_feed_entry_names_the_field(tmp_path: Path) -> None:
    site(tmp_path, at(2, "192.0.2.1", "192.0.2.7"), at(9, "192.0.2.4", "192.0.2.7"))
    said = "192.0.2.1 → 192.0.2.4"
    build, _ = replay(tmp_path)
    found = list(build.found())
    listed = [one for _, findings in found for one in findings.changes]
    page = changes_html(listed, {}, "/", "en")
    assert f"addresses: {said}" in page
    feeds = changes_feeds(listed, {}, "https://blog.example/", "t", "en")
    assert f"addresses: {said} (from author; first seen" in feeds["atom.xml"]
    assert f"addresses: {said}" in json.loads(feeds["feed.json"])["items"][0]["content_text"]
    assert "<td>192.0.2.1</td><td>192.0.2.4</td>" in html(tmp_path)
    (line,) = drifted(found)
    assert line.endswith(f"addresses: {said}")
    _, changed = front(build.plan, build.findings, {"posts/a.md"})
    shown = front_html([], changed, lambda _: ("a/", "A", "en"), "en")
    assert f"addresses: {said}" in shown


@pytest.mark.parametrize(
    ("date", "days", "heading", "then"),
    [
        ("2026-03-03", (2, 9), "Changed since the article was written", "last seen as then"),
        ("2026-03-03", (0, 9), "Otherwise than on 2026-03-01", "last seen as then"),
        ("2026-03-03", (5, 9), "Changed since the article was written", "as at the first look"),
    ],
)
def test_then_is_the_articles_day_or_is_not_called_so(
    tmp_path: Path, date: str, days: tuple[int, int], heading: str, then: str
) -> None:
    site(tmp_path, at(days[0], "192.0.2.1"), at(days[1], "192.0.2.4"), date=date)
    text = re.sub(r"<[^>]+>", "", html(tmp_path))
    assert heading in text
    assert then in text
    assert ("Then, observed" in text) == (then == "last seen as then")


def test_clocks_that_disagree_are_said_to(tmp_path: Path) -> None:
    """The second build's clock was three days behind."""
    site(
        tmp_path,
        at(5, "192.0.2.1"),
        at(2, "192.0.2.4"),
        text="expect: \"'192.0.2.1' in addresses\"\n",
        date="2026-03-06",
    )
    said = "The clocks of the builds disagree"
    text = re.sub(r"<[^>]+>", "", html(tmp_path))
    assert f"last seen as then 2026-03-06 12:00 UTC. {said}" in text
    assert text.count(said) == 2  # the mark, and the claim
    build, _ = replay(tmp_path)
    (line,) = drifted(build.found())
    assert said in line
    listed = [one for _, findings in build.found() for one in findings.changes]
    assert said in changes_html(listed, {}, "/", "en")
    assert said in changes_feeds(listed, {}, "", "t", "en")["atom.xml"]


@pytest.mark.parametrize("wrong", [-700, 4, 3000])
def test_a_clock_that_was_wrong_in_between(tmp_path: Path, wrong: float) -> None:
    """By years, by days, behind or ahead: neither change beside that build has a time to go by."""
    days = at(1, "192.0.2.1"), at(5, "192.0.2.1"), at(wrong, "192.0.2.4"), at(9, "192.0.2.1")
    site(tmp_path, *days, at(12, "192.0.2.7"))
    clocks = [one.clocks for one in findings(tmp_path).changes]
    assert clocks[1:] == [True, True]
    assert clocks[0] == (wrong > 9)  # of a clock that was ahead nobody knows how long it was


def test_of_the_fields_only_those_are_named_that_the_figure_shows(tmp_path: Path) -> None:
    old, new = at(2, "192.0.2.1"), at(9, "192.0.2.4")
    assert isinstance(new.facts, DnsFacts)
    new = msgspec.structs.replace(new, facts=msgspec.structs.replace(new.facts, authoritative=True))
    site(tmp_path, old, new)
    found = findings(tmp_path)
    assert found.drift
    assert [one.path for one in found.drift.fields] == ["addresses"]
    assert [[one.path for one in change.fields] for change in found.changes] == [["addresses"]]


def test_a_whole_article_pinned_to_a_day(tmp_path: Path) -> None:
    """``pin`` in the front matter: every figure shows that day, and asks no more."""
    days = at(0, "192.0.2.1"), at(5, "192.0.2.2"), at(9, "192.0.2.3")
    site(tmp_path, *days)
    page = tmp_path / "docs/posts/a.md"
    text = page.read_text("utf-8")
    for pin in ("2026-03-07", "'2026-03-07'"):
        page.write_text(text.replace("date:", f"pin: {pin}\ndate:"), "utf-8")
        one = figure(tmp_path)
        assert one.now
        assert one.now.facts.addresses == ["192.0.2.2"]  # type: ignore[union-attr]
        assert findings(tmp_path).drift is None
    page.write_text(text.replace("date:", "pin: soon\ndate:"), "utf-8")
    _, mistakes = replay(tmp_path)
    assert mistakes == [
        "docs/posts/a.md:2: pin: 'soon' is no day; write a day, such as pin: 2026-01-31"
    ]
    both = text.replace("date:", "pin: 2026-03-07\ndate:").replace(
        "id: ssl3", "id: ssl3\npin: 2026-03-01"
    )
    page.write_text(both, "utf-8")
    assert figure(tmp_path).now.facts.addresses == ["192.0.2.1"]  # type: ignore[union-attr]


def test_a_day_in_a_blog_s_post_is_no_switch_of_the_blog() -> None:
    """Material's blog knows ``pin`` as a switch that puts a post first."""
    from material.plugins.blog.structure.config import PostConfig

    for _ in range(2):  # each build does it again
        post_pins.allow_days()
    for given, kept in (
        (date(2026, 3, 1), False),
        ("20260301T120000000Z-author-ab12cd34-1", False),
        (True, True),
        (False, False),
    ):
        post = PostConfig()
        post.load_dict({"pin": given, "date": date(2026, 3, 1)})
        assert post.validate() == ([], [])
        assert post.pin is kept
    post = PostConfig()
    post.load_dict({"pin": 3, "date": date(2026, 3, 1)})
    assert [name for name, _ in post.validate()[0]] == ["pin"]
    assert page_pin("a.md", "", bool(1)) == ("", [])
