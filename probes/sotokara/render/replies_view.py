"""Right of reply beside an article's findings, its corrections at its foot, and their feed."""

import datetime as dt
import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from sotokara.core.display import visible
from sotokara.core.labels import labels
from sotokara.definitions.replies import Correction, RightOfReply
from sotokara.render.templating import template

_FINDINGS = re.compile(r'<div class="admonition findings">')


class Corrected(NamedTuple):
    """A correction in the feed: where, and what."""

    link: str
    title: str
    fix: Correction


def with_replies(html: str, replies: Sequence[RightOfReply], contact: str, lang: str) -> str:
    """The article with each party's reply beside its findings: behind them, else under its head."""
    if not replies:
        return html
    words = labels(lang)
    mail = "@" in contact and ":" not in contact
    block = template("replies.html").render(
        words=words,
        replies=replies,
        today=dt.datetime.now(dt.UTC).date(),
        contact=visible(contact),
        link=f"mailto:{contact}" if mail else contact if contact.startswith("http") else "",
    )
    found = _FINDINGS.search(html)
    at = _end_of_block(html, found.start()) if found else _end_of_head(html)
    return f"{html[:at]}\n{block}{html[at:]}"


def _end_of_block(html: str, start: int) -> int:
    """Where the element that begins at ``start`` ends: elements of its kind are counted."""
    deep = 0
    for tag in re.compile(r"<div\b|</div>").finditer(html, start):
        deep += -1 if tag[0] == "</div>" else 1
        if not deep:
            return tag.end()
    return len(html)


def _end_of_head(html: str) -> int:
    head = html.find("</h1>")
    at = head + len("</h1>") if head >= 0 else 0
    line = re.compile(r'\s*<p class="probe-head".*?</p>', re.DOTALL).match(html, at)
    return line.end() if line else at


def corrections_html(corrections: Sequence[Correction], lang: str) -> str:
    """What was put right, for the article's foot; nothing where nothing was."""
    if not corrections:
        return ""
    return template("corrections.html").render(words=labels(lang), corrections=corrections)


def corrections_feeds(
    every: Sequence[Corrected], address: str, title: str, lang: str
) -> dict[str, str]:
    """The corrections of all articles as Atom (RFC 4287) and JSON Feed 1.1, by file name."""
    words = labels(lang)
    rows: list[dict[str, Any]] = [
        {
            "id": f"{one.link}#corrections-{one.fix.date:%Y-%m-%d}-{number}",
            "link": one.link,
            "title": f"{visible(one.title)}: {words['block_corrections']}",
            "text": visible(one.fix.what),
            "iso": f"{one.fix.date:%Y-%m-%d}T00:00:00Z",
        }
        for number, one in enumerate(sorted(every, key=lambda one: (one.fix.date, one.link)), 1)
    ]
    rows.reverse()
    heading = f"{title}: {words['block_corrections']}"
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": heading,
        "home_page_url": address,
        "feed_url": f"{address}corrections/feed.json",
        "language": lang,
        "items": [
            {
                "id": row["id"],
                "url": row["link"],
                "title": row["title"],
                "content_text": row["text"],
                "date_published": row["iso"],
            }
            for row in rows
        ],
    }
    atom = template("corrections.atom.xml").render(
        rows=rows, title=heading, address=address, lang=lang
    )
    return {"feed.json": json.dumps(feed, ensure_ascii=False, indent=1), "atom.xml": atom}
