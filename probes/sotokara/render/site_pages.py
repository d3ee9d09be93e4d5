"""The pages about the whole site: evidence, one observation, claims, changes, feeds."""

import json
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from sotokara.core.display import visible
from sotokara.core.labels import kind_name, labels
from sotokara.core.observation import Observation
from sotokara.core.times import date_time
from sotokara.engine.figure import Figure
from sotokara.findings.changes import Change
from sotokara.findings.claims import Claim
from sotokara.findings.fields import value_text as plain_text
from sotokara.ledger import RunLine
from sotokara.ledger.seals import SealHead
from sotokara.render.changes_view import between, field_rows, fields_text
from sotokara.render.findings_view import claim_view
from sotokara.render.observation_page import FigurePlace, asked_in_words, headline, when
from sotokara.render.templating import template

NO_TITLES: Mapping[str, str] = MappingProxyType({})
_ORDER = {"broken": 0, "undecided": 1, "holds": 2}
MOST_CHANGES = 200


def claims_html(  # noqa: PLR0913  # what a table of claims is made of
    claims: Sequence[tuple[Figure, Claim]],
    links: Mapping[str, str],
    base: str,
    lang: str,
    titles: Mapping[str, str] = NO_TITLES,
    *,
    own: bool = False,
) -> str:
    """A table of claims, the broken ones first. ``titles``: of the pages, by their files.

    ``own``: it stands on the page that makes them.
    """
    words = labels(lang)
    rows = [
        {
            "place": figure.node.definition.place,
            "page_title": page_title(figure.node.definition.place, titles),
            "figure_title": visible(figure.node.definition.common.title or ""),
            "link": links.get(figure.node.definition.place, ""),
            "target": visible(figure.target + ("" if claim.over else figure.at_place)),
            **claim_view(claim, words),
        }
        for figure, claim in claims
    ]
    rows.sort(key=lambda row: (_ORDER[row["state"]], row["place"]))
    return template("claims.html").render(rows=rows, words=words, base=base, own=own)


def claims_json(
    claims: Sequence[tuple[Figure, Claim]], links: Mapping[str, str], address: str
) -> str:
    """The same for programs, the broken ones first; ``address``: the site's."""
    rows = []
    for figure, claim in sorted(claims, key=lambda one: _ORDER[one[1].state]):
        definition, seen = figure.node.definition, figure.now or figure.last
        since, held = (row.moment if row else None for row in (claim.since, claim.held))
        rows.append(
            {
                "claim": claim.text,
                "state": claim.state,
                "now": claim.now,
                "place": definition.place,
                "url": links.get(definition.place, ""),
                "kind": definition.kind.name,
                "target": figure.target,
                "vantage": seen.vantage.name if seen else "",
                "since": since.strftime("%Y-%m-%dT%H:%M:%SZ") if since else None,
                "held": held.strftime("%Y-%m-%dT%H:%M:%SZ") if held else None,
                "since_id": claim.since_id,
                "held_id": claim.held_id,
            }
        )
    return json.dumps({"version": 1, "site": address, "claims": rows}, indent=1) + "\n"


def newest(changes: Sequence[Change]) -> list[Change]:
    """The newest changes of the site, each question's once."""
    once = {(one.before_id, one.after_id): one for one in changes}
    return sorted(once.values(), key=lambda one: one.after.start, reverse=True)[:MOST_CHANGES]


def page_title(place: str, titles: Mapping[str, str]) -> str:
    """How the page of a figure is called; ``place``: its ``page#id``."""
    page = place.partition("#")[0]
    return visible(titles.get(page) or PurePosixPath(page).stem)


def _change(
    one: Change,
    links: Mapping[str, str],
    words: dict[str, str],
    titles: Mapping[str, str] = NO_TITLES,
) -> dict[str, Any]:
    rows, more = field_rows(one.fields, words)
    kind, target, place = one.asked
    return {
        "kind": kind,
        "kind_name": kind_name(words, kind),
        "page_title": page_title(place, titles),
        "target": visible(target),
        "place": visible(place),
        "link": links.get(place, ""),
        "first": date_time(one.after.moment),
        "last": date_time(one.before.moment),
        "iso": one.after.moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "before_id": one.before_id,
        "after_id": one.after_id,
        "vantage": visible(one.vantage),
        "fields": rows,
        "more": more,
        "clocks": words["clocks_disagree"] if one.clocks else "",
    }


def changes_html(
    changes: Sequence[Change],
    links: Mapping[str, str],
    base: str,
    lang: str,
    titles: Mapping[str, str] = NO_TITLES,
) -> str:
    """A table of changes, the newest first."""
    words = labels(lang)
    rows = [_change(one, links, words, titles) for one in newest(changes)]
    return template("changes_page.html").render(rows=rows, words=words, base=base)


def changes_feeds(
    changes: Sequence[Change], links: Mapping[str, str], address: str, title: str, lang: str
) -> dict[str, str]:
    """The changes as Atom (RFC 4287) and JSON Feed 1.1, by file name; ``address``: the site's."""
    words = labels(lang)
    rows = []
    for one in newest(changes):
        row = _change(one, links, words)
        row["title"] = f"{row['kind']} {row['target']}: {words['changed_here']}"
        moments = one.before.moment, one.after.moment
        when = between(*moments, words, "changed_seen", clocks=one.clocks)
        seen = words["from"].format(vantage=row["vantage"])
        row["text"] = f"{fields_text(one.fields, words)} ({seen}; {when})"
        rows.append(row)
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


class Listed(NamedTuple):
    """One observation in the list of all that have a page."""

    line: RunLine
    observation: Observation
    place: FigurePlace | None
    """A figure that shows it."""


MOST_LISTED = 2000
_LONGEST = 300


def evidence_html(
    listed: Sequence[Listed],
    kept: tuple[SealHead, int],
    where: tuple[str, str],
    lang: str,
) -> str:
    """What the evidence is, how to verify it, and every observation that has a page.

    ``kept``: the head and how many files; ``where``: the site's path and its whole address.
    """
    (head, files), (base, address), words = kept, where, labels(lang)
    ordered = sorted(listed, key=lambda one: (one.line.origin != "transcript", one.line.start))
    rows = [_listed(one, words) for one in reversed(ordered[-MOST_LISTED:])]
    return template("evidence.html").render(
        rows=rows,
        count=len(listed),
        more=len(listed) - len(rows),
        head=head,
        files=files,
        words=words,
        base=base,
        address=address,
    )


def _listed(one: Listed, words: dict[str, str]) -> dict[str, Any]:
    line, observation = one.line, one.observation
    told = _values(observation)
    return {
        "id": line.id,
        "asked": asked_in_words(line, words),
        "kind": kind_name(words, line.kind),
        "when": when(line, words),
        "from": words["then_transcript"] if line.origin == "transcript" else line.vantage.name,
        "sort": words["by_others" if line.origin == "others" else "measured"],
        "transcript": line.origin == "transcript",
        "outcome": observation.outcome.value,
        "headline": headline(line.kind, observation, words),
        "told": told if len(told) <= _LONGEST else f"{told[:_LONGEST]}…",
        "place": one.place,
    }


_TOLD = ("addresses", "names", "asn", "organization", "netname", "range", "mx", "end")
"""What of the facts a list has room for: what a reader may look for."""


def _values(observation: Observation) -> str:
    facts = observation.facts
    values = (getattr(facts, name, None) for name in _TOLD)
    return visible("; ".join(filter(None, (plain_text(_plain(one)) for one in values))))


def _plain(value: Any) -> Any:  # noqa: ANN401  # plain JSON
    return msgspec.to_builtins(value)
