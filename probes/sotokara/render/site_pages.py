"""The pages about the whole site: evidence, one observation, claims, changes, feeds."""

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from sotokara.core.detail import detail_in_words
from sotokara.core.display import capped, visible
from sotokara.core.labels import labels
from sotokara.core.observation import Exchange, Facts, Observation
from sotokara.core.times import date_time
from sotokara.engine.figure import Figure
from sotokara.findings.changes import Change, clocks_disagree
from sotokara.findings.claims import Claim
from sotokara.kinds import KINDS
from sotokara.ledger import RunLine
from sotokara.ledger.seals import Head
from sotokara.render.changes_view import between, field_rows, fields_text
from sotokara.render.findings_view import claim_view
from sotokara.render.templating import template

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


def _change(one: Change, links: Mapping[str, str], words: dict[str, str]) -> dict[str, Any]:
    rows, more = field_rows(one.fields, words)
    kind, target, place = one.asked
    return {
        "kind": kind,
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
        "clocks": words["clocks_disagree"] if clocks_disagree(one.before, one.after) else "",
    }


def changes_html(changes: Sequence[Change], links: Mapping[str, str], base: str, lang: str) -> str:
    """A table of changes, the newest first."""
    words = labels(lang)
    rows = [_change(one, links, words) for one in newest(changes)]
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
        when = between(one.before.moment, one.after.moment, words, "changed_seen")
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


_MOST_BYTES = 65536


class Sealed(NamedTuple):
    """The seal over an observation's run; number 0 where it is not sealed yet."""

    number: int = 0
    token: bool = False
    redacted: str = ""
    """What a tombstone says of its run."""
    time: str = ""
    """When it was sealed, by the clock of whoever sealed."""
    late: tuple[str, int] | None = None
    """The day that the run claims, and how many days later it was sealed, where that is long."""
    aside: bool = False
    """It was seen in the sandbox by this build, or an earlier one here, and is no evidence."""


def observation_page(  # noqa: PLR0913  # the page's parts
    line: RunLine,
    observation: Observation,
    *,
    sealed: Sealed,
    places: Mapping[str, str],
    address: str,
    lang: str,
) -> str:
    """The page as HTML. ``places``: ``page#id`` → its figure; ``address``: the site's."""
    words = labels(lang)
    run, _, number = line.id.rpartition("-")
    folder = f"{run[:4]}/{run[4:6]}/{run[6:8]}"
    plain: Any = msgspec.to_builtins(observation.facts)
    facts = json.dumps(plain, ensure_ascii=False, indent=2) if observation.facts else ""
    return template("observation.html").render(
        words=words,
        address=address,
        lang=lang,
        line=line,
        number=number,
        run=f"runs/{folder}/{run}.jsonl",
        title=visible(" ".join(map(str, next(iter(line.definition.items()))))),
        asked=[(key, visible(_text(value))) for key, value in line.definition.items()],
        began=line.start.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3],
        why=words.get(line.failure.name, line.failure.name) if line.failure else "",
        step=visible(line.failure.step) if line.failure else "",
        detail=visible(detail_in_words(line.failure.detail, words)) if line.failure else "",
        facts="\n".join(capped(facts.splitlines())[0]),
        volatile=visible(_text(line.volatile)) if line.volatile else "",
        exchanges=[_exchange(one) for one in observation.exchanges],
        sealed=sealed,
        places=sorted(places.items()),
        commands=_commands(line, observation.facts),
    )


def _text(value: Any) -> str:  # noqa: ANN401  # plain JSON
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _exchange(exchange: Exchange) -> dict[str, Any]:
    """An exchange with its bytes as text, or in hexadecimal where they are none."""
    return {
        "head": visible(f"{exchange.step} {exchange.server} {exchange.protocol}".strip()),
        "failure": visible(exchange.failure.name) if exchange.failure else "",
        "sent": _bytes(exchange.sent),
        "received": _bytes(exchange.received or b""),
    }


def _bytes(content: bytes) -> str:
    cut = content[:_MOST_BYTES]
    try:
        text = cut.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    lines = text.splitlines()
    if any(char < " " and char not in "\r\n\t" for char in text):
        lines = [cut[at : at + 32].hex(" ") for at in range(0, len(cut), 32)]
    shown, left_out = capped(lines)
    more = len(content) - len(cut)
    return "\n".join([*shown, *([f"… (+{left_out}, +{more} B)"] if left_out or more else [])])


def _commands(line: RunLine, found: Facts | None) -> list[str]:
    """How a reader asks the same again; nothing where the target is hidden, or of no kind today."""
    options = dict(line.definition)
    if line.kind not in KINDS or "redacted" in options:
        return []
    try:
        target = options.pop(line.kind)
        question = msgspec.convert({"target": target, **options}, KINDS[line.kind])
    except (KeyError, msgspec.ValidationError):
        return []
    return [shlex.join(words) for words in question.commands(found)]
