"""The navigation in the order of learning, not of file names: ``extra.reading_order``.

A list as MkDocs's own ``nav`` has it, with patterns: ``guide/*`` takes what nobody names. What is
named and is not there is left out, so a blog without the guide needs no other mkdocs.yml.
"""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority
from mkdocs.structure.files import Files, InclusionLevel

SETTING = "reading_order"
HIDDEN = InclusionLevel.NOT_IN_NAV.value


@event_priority(-130)  # when all pages are there
def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Give MkDocs its ``nav``, where the site sets an order and no ``nav`` of its own."""
    wanted = config.extra.get(SETTING)
    if wanted and config.nav is None:
        every = files.documentation_pages()
        pages = [one.src_uri for one in every if one.inclusion.value > HIDDEN]
        config.nav = arranged(wanted, pages)
    return files


def arranged(wanted: Sequence[Any], pages: Sequence[str]) -> list[Any]:
    """A ``nav``: the pages that there are, as wanted; at its end those that nothing matches."""
    named = set(_named(wanted))
    left = [page for page in sorted(pages, key=_index_first) if page not in named]
    found = list(_filled(wanted, set(pages), left))
    return [*found, *left]


def _named(wanted: Sequence[Any]) -> Iterator[str]:
    for one in wanted:
        if isinstance(one, dict):
            for inner in one.values():
                yield from _named([inner] if isinstance(inner, str) else inner)
        else:
            yield one


def _filled(wanted: Sequence[Any], pages: set[str], left: list[str]) -> Iterator[Any]:
    """``left``: what no name has taken; patterns take from it."""
    for one in wanted:
        if isinstance(one, dict):
            for title, inner in one.items():
                if isinstance(inner, str):
                    yield from ({title: inner} for _ in [inner] if inner in pages)
                elif children := list(_filled(inner, pages, left)):
                    yield {title: children}
        elif one in pages:
            yield one
        else:
            taken = [page for page in left if fnmatchcase(page, one)]
            left[:] = [page for page in left if page not in taken]
            yield from taken


def _index_first(page: str) -> tuple[str, bool, str]:
    folder, _, name = page.rpartition("/")
    return folder, name != "index.md", name
