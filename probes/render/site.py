"""The pages about the whole site: /claims/, /changes/ and its feeds, /evidence/."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from probes.changes import Change
from probes.claims import Claim
from probes.figures import Figure
from probes.ledger.seals import Head
from probes.render.display import visible
from probes.render.labels import labels
from probes.render.story import claim_view, date_time
from probes.render.templating import template

_ORDER = {"broken": 0, "undecided": 1, "holds": 2}
MOST_CHANGES = 200


def claims_html(
    claims: Sequence[tuple[Figure, Claim]], links: Mapping[str, str], base: str, lang: str
) -> str:
    """A table of claims, the broken ones first."""
    words = labels(lang)
    rows = [
        {
            "place": visible(figure.node.definition.place),
            "link": links.get(figure.node.definition.place, ""),
            "target": visible(figure.target),
            **claim_view(claim, words),
        }
        for figure, claim in claims
    ]
    rows.sort(key=lambda row: (_ORDER[row["state"]], row["place"]))
    return template("claims.html").render(rows=rows, words=words, base=base)


def newest(changes: Sequence[Change]) -> list[Change]:
    """The newest changes of the site, each question's once."""
    once = {(one.before_id, one.after_id): one for one in changes}
    return sorted(once.values(), key=lambda one: one.after.start, reverse=True)[:MOST_CHANGES]


def _change(one: Change, links: Mapping[str, str]) -> dict[str, Any]:
    definition = one.figure.node.definition
    return {
        "kind": definition.kind.name,
        "target": visible(one.figure.target),
        "place": visible(definition.place),
        "link": links.get(definition.place, ""),
        "first": date_time(one.after.moment),
        "last": date_time(one.before.moment),
        "iso": one.after.moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "before_id": one.before_id,
        "after_id": one.after_id,
    }


def changes_html(changes: Sequence[Change], links: Mapping[str, str], base: str, lang: str) -> str:
    """A table of changes, the newest first."""
    rows = [_change(one, links) for one in newest(changes)]
    return template("changes_page.html").render(rows=rows, words=labels(lang), base=base)


def changes_feeds(
    changes: Sequence[Change], links: Mapping[str, str], address: str, title: str, lang: str
) -> dict[str, str]:
    """The changes as Atom (RFC 4287) and JSON Feed 1.1, by file name; ``address``: the site's."""
    words = labels(lang)
    rows = [_change(one, links) for one in newest(changes)]
    for row in rows:
        row["title"] = f"{row['kind']} {row['target']}: {words['changed_here']}"
        row["text"] = words["changed_between"].format(first=row["first"], last=row["last"])
    heading = f"{title}: {words['changes']}"
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": heading,
        "home_page_url": f"{address}changes/",
        "feed_url": f"{address}changes/feed.json",
        "language": lang,
        "items": [
            {
                "id": f"{address}evidence/{row['after_id']}/",
                "url": f"{address}evidence/{row['after_id']}/",
                "title": row["title"],
                "content_text": row["text"],
                "date_published": row["iso"],
            }
            for row in rows
        ],
    }
    atom = template("changes.atom.xml").render(rows=rows, title=heading, address=address, lang=lang)
    return {"feed.json": json.dumps(feed, ensure_ascii=False, indent=1), "atom.xml": atom}


def evidence_html(
    figures: Sequence[Figure],
    links: Mapping[str, str],
    kept: tuple[Head, int],
    where: tuple[str, str],
    lang: str,
) -> str:
    """What the evidence is, how to verify it, and what is shown where.

    ``kept``: the head and how many files; ``where``: the site's path and its whole address.
    """
    (head, files), (base, address) = kept, where
    rows = []
    for figure in figures:
        shown = figure.now or figure.last
        if shown is not None and shown.id:
            place = figure.node.definition.place
            rows.append(
                {
                    "id": shown.id,
                    "when": date_time(shown.start),
                    "asked": visible(f"{figure.node.definition.kind.name} {figure.target}"),
                    "place": visible(place),
                    "link": links.get(place, ""),
                }
            )
    return template("evidence.html").render(
        rows=rows, head=head, files=files, words=labels(lang), base=base, address=address
    )
