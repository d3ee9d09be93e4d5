"""Right of reply and corrections: where they stand, what they say, and mistakes in them."""

import datetime as dt
import json

import feedparser
import pytest
from sotokara.definitions.replies import Correction, RightOfReply, read_replies
from sotokara.render.replies_view import (
    Corrected,
    corrections_feeds,
    corrections_html,
    with_replies,
)

ARTICLE = (
    '<h1>A</h1><p>First.</p><div class="admonition findings"><p>F</p><div>in it</div></div><p>Z</p>'
)
ASKED = dt.date(2026, 11, 20)


def test_a_reply_stands_behind_the_findings() -> None:
    one = RightOfReply(of="<Tidewater>", asked=ASKED, answer="All is <well>", source="javascript:x")
    html = with_replies(ARTICLE, [one], "blog@example.com", "en")
    before, _, after = html.partition("Right of reply")
    assert before.count("<div") - before.count("</div>") == 1  # outside the findings
    assert "in it" in before
    assert "&lt;Tidewater&gt;" in after
    assert "All is &lt;well&gt;" in after
    assert 'href="javascript' not in after
    assert 'href="mailto:blog@example.com"' in after
    assert after.endswith("<p>Z</p>")


def test_without_findings_it_stands_under_the_head() -> None:
    html = with_replies("<h1>A</h1><p>Z</p>", [RightOfReply(of="B", asked=ASKED)], "", "ja")
    assert html.index("</h1>") < html.index("反論") < html.index("Z")
    assert with_replies(ARTICLE, [], "x", "en") == ARTICLE


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (RightOfReply(of="B", asked=ASKED), "no answer yet"),
        (RightOfReply(of="B", asked=ASKED, deadline=dt.date(2999, 1, 1)), "no answer yet"),
        (RightOfReply(of="B", asked=ASKED, deadline=dt.date(2020, 1, 1)), "no answer in that time"),
        (RightOfReply(of="B", asked=ASKED, answered=dt.date(2026, 11, 22)), "answered"),
    ],
)
def test_what_is_said_of_an_answer(reply: RightOfReply, said: str) -> None:
    assert said in with_replies(ARTICLE, [reply], "", "en")


def test_corrections_have_a_feed() -> None:
    fixes = [Correction(dt.date(2026, 11, day), f"Number <{day}>") for day in (24, 30)]
    assert corrections_html(fixes, "en").count("<li>") == 2
    every = [Corrected("https://blog.example/a/", "A", one) for one in fixes]
    feeds = corrections_feeds(every, "https://blog.example/", "Blog", "en")
    feed = feedparser.parse(feeds["atom.xml"].encode())
    assert not feed.bozo
    assert [one.summary for one in feed.entries] == ["Number <30>", "Number <24>"]
    assert len({one.id for one in feed.entries}) == 2
    assert json.loads(feeds["feed.json"])["items"][0]["content_text"] == "Number <30>"


@pytest.mark.parametrize(
    ("meta", "what"),
    [
        ({"reply": [{"of": "B"}]}, "asked"),
        ({"reply": [{"of": "B", "asked": "soon"}]}, "asked"),
        ({"corrections": [{"date": ASKED, "wat": "x"}]}, "wat"),
    ],
)
def test_a_mistake_has_its_line(meta: dict[str, object], what: str) -> None:
    key = next(iter(meta))
    _, (mistake,) = read_replies(meta, "a.md", f"---\ndate: 2026-11-24\n{key}:\n  - x\n---\n")
    assert mistake.line == 3
    assert what in str(mistake)
