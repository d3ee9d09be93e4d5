"""Every address that was published answers: a moved article leads on, of a gone one it is said."""

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from posixpath import relpath
from urllib.parse import unquote

from sotokara.core.display import visible
from sotokara.core.labels import labels
from sotokara.ledger.published import Move, Published, present_name
from sotokara.render.templating import template


def redirects(known: Published, moves: list[Move], pages: Mapping[str, str]) -> dict[str, str]:
    """The former address of every article → its address today; empty: it is gone.

    ``pages``: file → path below the site's, of today.
    """
    today = set(pages.values())
    return {
        url: pages.get(present_name(page, 0, moves), "")
        for url, page in known.pages.items()
        if url not in today
    }


def redirect_pages(found: Mapping[str, str], lang: str) -> Iterator[tuple[str, str]]:
    """Each former address' file below the site, and what it holds."""
    words = labels(lang)
    for url, target in found.items():
        name = _file(url)
        if name is None:
            continue
        if target or url:
            link = relpath(f"/{target}", f"/{PurePosixPath(name).parent}".rstrip(".") or "/")
            link += "/" if target.endswith("/") or not target else ""
            html = template("redirect.html").render(
                words=words, lang=lang, link=link, gone=not target, address=visible(unquote(url))
            )
            yield name, html


def _file(url: str) -> str | None:
    """The file of an address; None where it would lie outside the site."""
    path = unquote(url)
    parts = PurePosixPath(path).parts
    if path.startswith("/") or ".." in parts or "\\" in path or "\0" in path or not parts:
        return None
    return f"{path}index.html" if path.endswith("/") else path


def write_redirects(site: Path, found: Mapping[str, str], lang: str) -> None:
    """Write the pages; what a build has written there is left alone."""
    for name, html in redirect_pages(found, lang):
        file = site / name
        if file.exists() or any(one.is_file() for one in file.parents):
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(html, "utf-8")
