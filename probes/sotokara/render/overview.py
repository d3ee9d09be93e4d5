"""The front page's lists and the line at the head of an article, as HTML."""

from collections.abc import Callable, Sequence
from typing import Any

from sotokara.core.display import visible, with_unicode
from sotokara.core.labels import DEFAULT, labels
from sotokara.core.observation import Outcome
from sotokara.findings.overview import ArticleChange, State, Watched, WatchedArticle
from sotokara.render.changes_view import fields_text
from sotokara.render.templating import template

MOST = 12
"""Rows of one list; the rest is counted."""
_SIGNS = {
    Outcome.ANSWERED: "●",
    Outcome.NO_ANSWER: "○",
    Outcome.NOT_MEASURED: "–",
    Outcome.CITED: "“",
}
Address = Callable[[str], tuple[str, str, str]]
"""A page's source → its address as seen from here, its title and its language."""


def front_html(
    articles: Sequence[WatchedArticle],
    changed: Sequence[ArticleChange],
    address: Address,
    lang: str,
    every: str = "",
) -> str:
    """What changed and what is watched; ``every``: the address of the page of all changes."""
    words = labels(lang)
    return template("front.html").render(
        words=words,
        watched=[_article(one, address, lang) for one in articles[:MOST]],
        changes=[
            _row(one, address) | {"change": one, "fields": fields_text(one.fields, words)}
            for one in changed[:MOST]
        ],
        more_watched=max(0, len(articles) - MOST),
        more_changes=max(0, len(changed) - MOST),
        every=every,
    )


def head_html(state: State | None, others: Sequence[tuple[str, str, str]], lang: str) -> str:
    """The line under an article's title: of when its figures are, and its other languages.

    ``others``: code, name and address of each language that the article exists in.
    """
    words = labels(lang)
    counts = [
        f"{state.outcomes[one]} {words[f'count_{one.value}']}"
        for one in Outcome
        if state and state.outcomes[one]
    ]
    return template("head.html").render(words=words, state=state, counts=counts, others=others)


def _article(one: WatchedArticle, address: Address, lang: str) -> dict[str, Any]:
    """One row: the article, a sign for each question, the newest observation, its claims."""
    where, title, own = address(one.page)
    return {
        "link": where,
        "title": title,
        "lang": own,
        "seen": one.seen,
        "held": one.held,
        "broken": one.broken,
        "questions": [_row(each, address) | _how(each, lang) for each in one.questions],
    }


def _row(one: Watched | ArticleChange, address: Address) -> dict[str, Any]:
    where, title, lang = address(one.page)
    return {
        "kind": one.kind,
        "target": visible(with_unicode(one.target)),
        "link": f"{where}#{one.anchor}",
        "title": title,
        "lang": lang,
    }


def _how(one: Watched, lang: str) -> dict[str, Any]:
    said = one.said.get(lang.partition("-")[0].lower(), one.said[DEFAULT])
    return {"sign": _SIGNS[one.outcome], "outcome": said, "state": one.outcome.value}
