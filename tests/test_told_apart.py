"""What was observed, what the author remarks, and what we conclude: told apart in every form."""

import html as entities
import re
from pathlib import Path

import msgspec
import pytest
from sotokara.core.observation import Observation
from sotokara.kinds.dns.facts import DnsFacts, DnsRecord
from sotokara.render.figure import escape_remark_sign, figure_text

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
    ],
)
def test_only_what_would_pass_for_a_remark_is_escaped(line: str, shown: str) -> None:
    assert escape_remark_sign(line) == shown


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
