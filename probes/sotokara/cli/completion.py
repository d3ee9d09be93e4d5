"""What a shell completes behind ``sotokara``: kinds, styles, figures, ids, places.

Only names are read, of the pages and of the ledger's index: nothing is built, and where there is no
site nothing is offered.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from sotokara.core.places import TEST_NETWORKS
from sotokara.definitions.source import fences
from sotokara.engine.plan import stem
from sotokara.kinds import KINDS
from sotokara.ledger import Ledger
from sotokara.site.read_site import SiteConfig, read_site

_MOST_IDS = 100
_ID = re.compile(r"id:\s*([A-Za-z]\w*)\s*$")
Names = Callable[[click.Context], Iterable[str]]


def completing(names: Names) -> Callable[[click.Context, click.Parameter, str], Any]:
    """A function for click: of these names, those that begin as what is typed."""

    def complete(context: click.Context, _parameter: click.Parameter, typed: str) -> Any:  # noqa: ANN401
        try:
            return [CompletionItem(one) for one in names(context) if one.startswith(typed)]
        except Exception:  # noqa: BLE001  # a traceback would land in the middle of what is typed
            return []

    return complete


def figures(site: SiteConfig) -> Iterator[tuple[str, str]]:
    """The page and the id of every definition that has one, in the order of the pages."""
    for page in site.pages([]):
        for _, body in fences(page.text):
            for line in body:
                if found := _ID.fullmatch(line):
                    yield page.source, found[1]


def _site(context: click.Context) -> SiteConfig:
    return read_site(Path(context.params.get("config") or "mkdocs.yml"))


def _what(context: click.Context) -> Iterator[str]:
    for page, name in figures(_site(context)):
        yield f"{stem(page)}#{name}"
        yield f"{page}#{name}"
    yield from _which(context)


def _which(context: click.Context) -> Iterator[str]:
    site = _site(context)
    ledger = Ledger(site.evidence, site.root / ".cache")
    newest = [ledger.line(one).id for one in ledger.index.newest()]
    yield from sorted(newest, reverse=True)[:_MOST_IDS]


def _styles(context: click.Context) -> Iterator[str]:
    asked = str(context.params.get("asked") or "")
    kind = KINDS.get(asked.partition(":")[0])
    every = [kind] if kind else list(KINDS.values())
    yield from dict.fromkeys(style for one in every for style in one.styles)


def _pages(context: click.Context) -> Iterator[str]:
    yield from (page.source for page in _site(context).pages([]))


def _places(context: click.Context) -> Iterator[str]:
    settings = _site(context).settings()
    yield from sorted({*settings.places, settings.vantage, *TEST_NETWORKS})


def _authors(context: click.Context) -> Iterator[str]:
    yield from sorted({one for page in _site(context).pages([]) for one in authors(page.meta)})


def authors(meta: dict[str, Any]) -> list[str]:
    """Who an article's front matter says has written it."""
    given = meta.get("authors") or meta.get("author") or []
    return [str(one) for one in (given if isinstance(given, list) else [given])]


what_to_move = completing(lambda context: (*_pages(context), *_what(context)))
kinds = completing(lambda _: [f"{name}:" for name in KINDS])
what = completing(_what)
which = completing(_which)
styles = completing(_styles)
pages = completing(_pages)
places = completing(_places)
by = completing(_authors)
