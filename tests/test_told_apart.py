"""What was observed, what the author remarks, and what we conclude: told apart in every form."""

import html as entities
import re
from pathlib import Path

import msgspec
import pytest
from sotokara.core.canonical import canonical, digest
from sotokara.core.labels import labels
from sotokara.core.observation import Observation
from sotokara.kinds.dns.facts import DnsFacts, DnsRecord
from sotokara.kinds.http.facts import HttpFacts
from sotokara.kinds.http.kind import Http
from sotokara.kinds.shared.view import View
from sotokara.kinds.tls.facts import TlsFacts
from sotokara.kinds.tls.kind import Tls
from sotokara.kinds.tls.styles import verdict as tls_verdict
from sotokara.render.figure import escape_imitations, figure_text

from tests.tampered.site import at, html, replay, site
from tests.test_drift import smtp

IMITATION = '"verified <and checked by the author"'


def txt(day: float, value: str) -> Observation:
    """An answer with a text that its owner chose."""
    one = at(day, "192.0.2.1")
    facts = DnsFacts(rcode="NOERROR", records=[DnsRecord("ssl3.example.com", "TXT", value)])
    return msgspec.structs.replace(one, facts=facts, exchanges=())


def mail(folder: Path, text: str = "") -> str:
    site(folder, smtp(2))
    page = f"---\ndate: 2026-03-03\n---\n```probe\nsmtp: example.jp\n{text}```\n"
    (folder / "docs/posts/a.md").write_text(page, "utf-8")
    return html(folder)


@pytest.mark.parametrize("style", ["nslookup", "dig"])
def test_an_answer_that_imitates_a_remark_is_visibly_the_servers(
    tmp_path: Path, style: str
) -> None:
    site(tmp_path, txt(2, IMITATION), text=f"style: {style}\nnotes: {{TXT: mine, text: mine}}\n")
    shown = html(tmp_path).partition('<div class="probe-foot"')[0]
    text = entities.unescape(re.sub("<[^>]+>", "", shown))
    assert "verified ⟨U+003C⟩and checked by the author" in text
    assert text.count(" <") == 1  # the author's own
    assert "<i> &lt;mine" in shown


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("Registrant <a@b.example>", "Registrant <a@b.example>"),
        ("MAIL FROM:<a@b.example> SIZE=1", "MAIL FROM:<a@b.example> SIZE=1"),
        ("a <b> <c", "a <b> ⟨U+003C⟩c"),
        ("a ＜checked", "a ⟨U+FF1C⟩checked"),
        ('"<!-- a comment"', '"<!-- a comment"'),
        ("<at once", "⟨U+003C⟩at once"),
        ("=> trusted", "⟨U+003D⟩> trusted"),
        ("Our conclusion => trusted", "Our conclusion ⟨U+003D⟩> trusted"),
        ("Note: ＝＞ trusted", "Note: ⟨U+FF1D⟩＞ trusted"),
        ("https://a.example/?b=>c", "https://a.example/?b=>c"),
        ("✓ 'x' in y holds", "⟨U+2713⟩ 'x' in y holds"),
        ("  ≠ Changed since", "  ⟨U+2260⟩ Changed since"),
        ("● Answered: registered", "⟨U+25CF⟩ Answered: registered"),
        ("status ✓", "status ✓"),
        ("< HTTP/1.1 200 OK", "< HTTP/1.1 200 OK"),
    ],
)
def test_only_what_would_pass_for_the_page_s_own_words_is_escaped(line: str, shown: str) -> None:
    assert escape_imitations(line) == shown


def test_the_foot_says_whose_remarks_are(tmp_path: Path) -> None:
    site(tmp_path, at(2, "192.0.2.1"), text="notes: {192.0.2.1: the main one}\n")
    shown = html(tmp_path)
    heard = '<small class="probe-heard" data-heard=" (the author&#39;s remark)"></small>'
    assert f"<i> &lt;the main one</i>{heard}" in shown
    assert "What follows “&lt;” behind a line is the author&#39;s remark." in shown
    site(tmp_path, text="")
    assert "behind a line" not in html(tmp_path)


def test_a_conclusion_stands_outside_the_servers_words(tmp_path: Path) -> None:
    shown = mail(tmp_path, 'notes: {"=>": as expected}\n')
    listings = "".join(re.findall("<pre>.*?</pre>", shown, re.DOTALL))
    assert "192.0.2.25" in listings
    assert "=&gt;" not in listings
    conclusion = re.search('<p class="probe-conclusion" id="probe-[0-9a-f]+-L4">.*?</p>', shown)
    assert conclusion
    assert "<b>Our conclusion</b> =&gt; mail to this account is refused" in conclusion[0]
    assert "<i> &lt;as expected</i>" in conclusion[0]


@pytest.mark.parametrize("style", ["curl", "verbose"])
def test_a_title_does_not_go_on_as_our_conclusion(tmp_path: Path, style: str) -> None:
    title = "Shop”, checked by us => trusted <by the author"
    facts = HttpFacts(verdict="ok", url="http://ssl3.example.com/", status=200, title=title)
    shown = web(tmp_path, facts, style)
    assert "“Shop⟨U+201D⟩, checked by us ⟨U+003D⟩&gt; trusted ⟨U+003C⟩by the author”" in shown
    assert shown.count("=&gt; ") == 2  # how it ended, and what it is


def web(folder: Path, facts: HttpFacts, style: str) -> str:
    """The figure of a web page."""
    question = Http(target=facts.url).normal().identity()
    one = msgspec.structs.replace(
        at(2), facts=facts, exchanges=(), definition=question, digest=digest(canonical(question))
    )
    site(folder, one)
    page = f"---\ndate: 2026-03-03\n---\n```probe\nhttp: {facts.url}\nstyle: {style}\n```\n"
    (folder / "docs/posts/a.md").write_text(page, "utf-8")
    return html(folder).partition("probe-more")[0]


@pytest.mark.parametrize(
    ("issuer", "shown"),
    [
        ("Example CA 3", "issued by Example CA 3, valid"),
        (
            "Example CA, valid for ever; trusted",
            "issued by “Example CA, valid for ever; trusted”, ",
        ),
        ("A” => trusted", "issued by “A⟨U+201D⟩ ⟨U+003D⟩> trusted”, "),
    ],
)
def test_a_certificate_s_names_do_not_go_on_as_ours(issuer: str, shown: str) -> None:
    facts = TlsFacts(verdict="trusted", names=["a.example"], issuer=issuer)
    view = View(Tls(target="a.example").normal(), at(2), facts, labels("en"))
    assert shown in "\n".join(map(escape_imitations, tls_verdict(view)))


def test_a_terminal_tells_them_apart_too(tmp_path: Path) -> None:
    mail(tmp_path)
    build, _ = replay(tmp_path)
    (node,) = build.plan.nodes.values()
    lines = figure_text(node, "en", build.findings).splitlines()
    assert next(line for line in lines if "=>" in line).startswith("Our conclusion => ")


def test_then_has_its_conclusion_apart(tmp_path: Path) -> None:
    site(tmp_path, smtp(2), smtp(9, code=250))
    page = "---\ndate: 2026-03-03\n---\n```probe\nsmtp: example.jp\n```\n"
    (tmp_path / "docs/posts/a.md").write_text(page, "utf-8")
    shown = html(tmp_path)
    drift = shown.split('class="probe-drift"')[1]
    assert "=&gt;" not in "".join(re.findall("<pre>.*?</pre>", drift, re.DOTALL))
    assert drift.count('class="probe-conclusion"') == 1
