"""Transcripts in definitions: taken in, read, kept once, and never mistaken for a measurement."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sotokara.core.canonical import canonical, digest
from sotokara.core.observation import Observation, Outcome
from sotokara.engine.settings import load
from sotokara.kinds import KINDS
from sotokara.kinds.dns.facts import DnsFacts, DnsRecord
from sotokara.kinds.dns.kind import Dns
from sotokara.kinds.traceroute.facts import PathEnd, PathFacts, TraceHop
from sotokara.kinds.traceroute.kind import Traceroute
from sotokara.ledger import read_lines
from sotokara.site import build
from sotokara.site.build import Build
from sotokara.transcripts.transcript import changed, read_listing, when

LISTING = "Name: ssl3.gcrest.com   <ブラウザで見えるURL\nAddress: 203.104.255.140  <本体\n"
DNS = """\
dns: ssl3.gcrest.com
id: ssl3
observed: 2006
source: https://example.com/post
transcript: |
  Name: ssl3.gcrest.com   <ブラウザで見えるURL
  Address: 203.104.255.140  <本体
"""


def built(
    folder: Path, source: str, mode: str = "new", **more: object
) -> tuple[Build, list[str], str]:
    """One page with one fence, built without asking anybody; the mistakes, and the page's HTML."""
    nobody = {"resolvers": ["127.0.0.1:9"], "control": ["127.0.0.1:9"], "timeout": 1}
    policy = {"kinds": ["none"], "allow": ["127.0.0.0/8"]}
    settings = load({}, {}, mode=mode, policy=policy, **nobody, **more)
    one = build.begin(settings, folder)
    html = one.fence("page.md", source)
    one.read("page.md", f"```probe\n{source}```\n", html, "en")
    mistakes = one.finish()
    return one, mistakes, one.fill("page.md", html)


def kept(folder: Path) -> list[Path]:
    """The run files with transcripts."""
    return sorted((folder / "evidence" / "runs").glob("*/*/*/*-transcript-*.jsonl"))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2006", datetime(2006, 1, 1, tzinfo=UTC)),
        ("2006-05", datetime(2006, 5, 1, tzinfo=UTC)),
        ("2006-05-21", datetime(2006, 5, 21, tzinfo=UTC)),
        ("2006-05-21T10:53+09:00", datetime(2006, 5, 21, 1, 53, tzinfo=UTC)),
        ("2006-05-21 10:53:02 +09:00", datetime(2006, 5, 21, 1, 53, 2, tzinfo=UTC)),
        ("2006-05-21T10:53Z", datetime(2006, 5, 21, 10, 53, tzinfo=UTC)),
    ],
)
def test_dates_of_any_precision(text: str, moment: datetime) -> None:
    assert when(text) == moment


@pytest.mark.parametrize("text", ["spring 2006", "2006-13", "2006-05-21T10:53", "05/21/2006", ""])
def test_other_dates_are_refused_with_the_forms_that_do(text: str) -> None:
    with pytest.raises(ValueError, match="2006-05-21T10:53"):
        when(text)


def test_a_transcript_is_an_observation_of_its_own_kept_once(tmp_path: Path) -> None:
    for _ in range(2):
        one, mistakes, html = built(tmp_path, DNS)
        assert mistakes == []
    (run,) = kept(tmp_path)
    (line,) = read_lines(run)
    assert (line.origin, line.vantage.name, line.outcome) == (
        "transcript",
        "transcript",
        Outcome.ANSWERED,
    )
    assert line.start == datetime(2006, 1, 1, tzinfo=UTC)
    assert line.volatile["observed"] == "2006"
    facts = one.run.ledger.facts(line)
    assert isinstance(facts, DnsFacts)
    assert facts.addresses == ["203.104.255.140"]
    assert 'class="probe-then"' in html
    assert "from a terminal, 2006" in html
    assert "ブラウザで見えるURL</i>" in html
    shown = html.partition('<div class="probe-then">')[2].partition("The same look-up now")[0]
    assert "measured" not in shown.lower()


def test_it_never_stands_for_a_measurement(tmp_path: Path) -> None:
    one, _, html = built(tmp_path, DNS)
    question = one.plan.nodes[next(iter(one.plan.nodes))].figures[0].digest  # type: ignore[index]
    assert one.run.ledger.seen(question, lambda _: True) is None
    assert "policy does not allow" in html.partition("The same look-up now")[2]


def test_replay_shows_it_and_writes_nothing(tmp_path: Path) -> None:
    _, mistakes, html = built(tmp_path, DNS, "replay")
    assert mistakes == []
    assert "203.104.255.140" in html
    assert not (tmp_path / "evidence").exists()


def test_a_changed_transcript_is_kept_beside_the_old_one(tmp_path: Path) -> None:
    built(tmp_path, DNS)
    built(tmp_path, DNS.replace("203.104.255.140", "203.104.255.141"))
    assert len(kept(tmp_path)) == 2


def test_words_to_be_redacted_are_gone_before_it_is_kept(tmp_path: Path) -> None:
    _, _, html = built(tmp_path, DNS, redact=["203.104.255.140"])
    assert "203.104.255.140" not in html
    for file in (tmp_path / "evidence").rglob("*.json*"):
        assert b"203.104.255.140" not in file.read_bytes()


@pytest.mark.parametrize(
    "source", ["transcript: |\n  Address: 203.0.113.9\n", "transcript: |\n  (nothing to read)\n"]
)
def test_a_hidden_target_is_masked_like_its_text(tmp_path: Path, source: str) -> None:
    named = source.replace("|\n", "|\n  Name: pc.canary.example\n")
    one, mistakes, _ = built(tmp_path, f"dns: pc.canary.example\n{named}", redact=["pc.canary"])
    assert (mistakes, one.warnings) == ([], [])
    (line,) = read_lines(kept(tmp_path)[0])
    assert line.definition["dns"] == "xx.xxxxxx.example"
    assert line.digest == digest(canonical(line.definition))
    for file in (tmp_path / "evidence").rglob("*.json*"):
        assert b"canary" not in file.read_bytes()


def test_a_file_beside_the_article(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "old.txt").write_bytes(LISTING.encode("cp932"))
    source = "dns: ssl3.gcrest.com\ntranscript: old.txt\n"
    _, mistakes, html = built(tmp_path, source)
    assert mistakes == []
    assert "ブラウザで見えるURL" in html
    assert "date not stated" in html


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("dns: a.example\ntranscript: nowhere.txt\n", "cannot be read"),
        ("dns: a.example\ntranscript: ''\n", "is empty"),
        ("dns: a.example\nobserved: 2006\n", "there is none"),
        ("dns: a.example\nobserved: soon\ntranscript: |\n  x\n", "'soon' is no date"),
        ("dns: a.example\nobserved: 2999\ntranscript: |\n  x\n", "in the future"),
    ],
)
def test_mistakes_name_their_place(tmp_path: Path, source: str, what: str) -> None:
    _, mistakes, _ = built(tmp_path, source)
    assert len(mistakes) == 1
    assert mistakes[0].startswith("docs/page.md:1: ")
    assert what in mistakes[0]


def test_a_transcript_about_something_else_is_pointed_out(tmp_path: Path) -> None:
    one, mistakes, _ = built(tmp_path, DNS.replace("dns: ssl3", "dns: ssl4"))
    assert mistakes == []
    warned = one.broken_promises()
    assert any(
        "about ssl3.gcrest.com, the definition about ssl4.gcrest.com" in text for text in warned
    )


def test_text_that_nobody_can_read_is_kept_and_said_to_be_unread(tmp_path: Path) -> None:
    source = "dns: a.example\ntranscript: |\n  it said something about the name\n"
    _, mistakes, html = built(tmp_path, source)
    assert mistakes == []
    assert "it said something about the name" in html
    assert "could not be read" in html
    (line,) = read_lines(kept(tmp_path)[0])
    assert line.facts is None
    assert line.volatile["unread"] == [[1, "it said something about the name"]]


def test_unread_lines_are_named(tmp_path: Path) -> None:
    _, _, html = built(tmp_path, DNS.replace("  Name:", "  I typed nslookup.\n  Name:", 1))
    assert "1 lines of it were not read" in html
    assert "<code>I typed nslookup.</code>" in html


def test_markup_in_a_transcript_stays_text(tmp_path: Path) -> None:
    source = DNS.replace("本体", "<b onclick=x>本体</b>").replace(
        "example.com/post", "example.com/<i>"
    )
    _, _, html = built(tmp_path, source)
    assert "<b onclick" not in html
    assert '<i>"' not in html


def test_of_several_listings_the_one_about_the_target_is_meant() -> None:
    text = "a.example has address 192.0.2.1\n\nb.example has address 192.0.2.2\n"
    listing, unread = read_listing(text, KINDS["dns"], "b.example")
    assert listing is not None
    assert listing.target == "b.example"
    assert unread == [(1, "a.example has address 192.0.2.1")]


def observation(facts: DnsFacts | PathFacts, kind: str, said: list[str]) -> Observation:
    """A transcript's observation with these facts."""
    from sotokara.core.observation import Vantage

    return Observation(
        digest="",
        definition={kind: "x"},
        start=datetime(2006, 1, 1, tzinfo=UTC),
        outcome=Outcome.ANSWERED,
        vantage=Vantage("transcript", "test"),
        facts=facts,
        volatile={"said": said},
        origin="transcript",
    )


def test_only_what_the_transcript_states_is_compared() -> None:
    a = DnsRecord("a.example", "A", "192.0.2.1")
    old = DnsFacts(rcode="NOERROR", addresses=["192.0.2.1"], records=[a])
    then = observation(old, "dns", ["rcode", "addresses", "records"])
    now = DnsFacts(
        rcode="NOERROR",
        addresses=["192.0.2.1", "2001:db8::1"],
        records=[a, DnsRecord("a.example", "AAAA", "2001:db8::1")],
        authoritative=True,
    )
    assert changed(then, now, Dns) == []
    moved = DnsFacts(
        rcode="NOERROR", addresses=["192.0.2.9"], records=[DnsRecord("a.example", "A", "192.0.2.9")]
    )
    assert changed(then, moved, Dns) == ["addresses", "records"]


def test_masked_hops_are_no_change() -> None:
    end = PathEnd("reached", 3, "192.0.2.9")
    old = PathFacts(
        address="192.0.2.9",
        hops=[TraceHop(1, [], "***"), TraceHop(2, ["192.0.2.5"]), TraceHop(3, ["192.0.2.9"])],
        end=end,
    )
    then = observation(old, "traceroute", ["address", "hops", "end"])
    same = PathFacts(
        address="192.0.2.9",
        hops=[TraceHop(1, ["10.0.0.1"]), TraceHop(2, ["192.0.2.5"]), TraceHop(3, ["192.0.2.9"])],
        end=end,
    )
    assert changed(then, same, Traceroute) == []
    other = PathFacts(
        address="192.0.2.9",
        hops=[TraceHop(1), TraceHop(2, ["192.0.2.6"]), TraceHop(3, ["192.0.2.9"])],
        end=end,
    )
    assert changed(then, other, Traceroute) == ["hops"]


SAYS = """\
traceroute: www.example.com
observed: 2006
says:
  address: 192.0.2.9
  hops:
    - {number: 1, addresses: [192.0.2.1]}
  end: {how: reached, hop: 2, address: 192.0.2.9}
transcript: |
  a form that nobody knows: 192.0.2.1, then 192.0.2.9
"""


def test_an_author_corrects_a_reading_and_the_page_says_so(tmp_path: Path) -> None:
    _, mistakes, html = built(tmp_path, SAYS)
    assert mistakes == []
    (line,) = read_lines(kept(tmp_path)[0])
    assert line.volatile["says"] == ["address", "end", "hops"]
    assert line.outcome is Outcome.ANSWERED
    shown = html.partition('<div class="probe-then">')[2].partition("The same look-up now")[0]
    assert "The author reads in it:" in shown
    assert "<code>end of the path: reached 2 192.0.2.9</code>" in shown
    assert "could not be read" not in shown


def test_what_an_author_says_stands_in_place_of_what_was_read(tmp_path: Path) -> None:
    source = DNS.replace("transcript:", "says: {addresses: [192.0.2.7]}\ntranscript:")
    one, mistakes, html = built(tmp_path, source)
    assert mistakes == []
    (line,) = read_lines(kept(tmp_path)[0])
    facts = one.run.ledger.facts(line)
    assert isinstance(facts, DnsFacts)
    assert facts.addresses == ["192.0.2.7"]
    assert facts.rcode == "NOERROR"
    assert "<code>addresses: 192.0.2.7</code>" in html


def test_a_hidden_word_in_what_the_author_says_is_masked(tmp_path: Path) -> None:
    source = DNS.replace("transcript:", "says: {names: [pc.canary.example]}\ntranscript:")
    built(tmp_path, source, redact=["pc.canary"])
    for file in (tmp_path / "evidence").rglob("*.json*"):
        assert b"canary" not in file.read_bytes()


@pytest.mark.parametrize(
    ("says", "what"),
    [
        ("says: {adresses: [192.0.2.7]}\ntranscript: x\n", "is no fact of this kind"),
        ("says: {addresses: 192.0.2.7}\ntranscript: x\n", "stands where a list (of text)"),
        ("says: {addresses: [192.0.2.7]}\n", "there is none"),
    ],
)
def test_what_an_author_cannot_say(tmp_path: Path, says: str, what: str) -> None:
    _, mistakes, _ = built(tmp_path, f"dns: a.example\n{says}")
    assert len(mistakes) == 1
    assert what in mistakes[0]


@pytest.mark.parametrize(
    ("listing", "doubt"),
    [
        (
            ";; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 1\n"
            ";; flags: qr rd ra; QUERY: 1, ANSWER: 2, AUTHORITY: 0, ADDITIONAL: 0\n"
            ";; QUESTION SECTION:\n;a.example. IN A\n",
            "there was more than it shows",
        ),
        (
            "$ dig a.example | grep -v ';'\na.example. 300 IN A 192.0.2.1\n",
            "went through another program",
        ),
    ],
)
def test_a_doubt_is_said_on_the_page(tmp_path: Path, listing: str, doubt: str) -> None:
    body = "".join(f"  {line}\n" for line in listing.splitlines())
    _, mistakes, html = built(tmp_path, f"dns: a.example\ntranscript: |\n{body}")
    assert mistakes == []
    assert doubt in html
