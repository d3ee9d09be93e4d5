"""Which of the author's open tabs is reloaded: only one whose page has changed.

MkDocs' script asks ``/livereload/EPOCH/…`` and reloads at any newer version of the site. A page is
shown first and the site follows, so there are two versions for each save; most tabs need neither.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

_POLL = re.compile(r"/livereload/(\d+)/(\d+)")
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Tabs:
    """A WSGI application before that of MkDocs' server."""

    def __init__(self, served: Application, mount: str) -> None:
        self._served, self._mount = served, mount
        self._all = 0
        self._changed: dict[str, int] = {}

    def changed(self, epoch: int, pages: Iterable[str] | None = None) -> None:
        """The site's version ``epoch`` differs from the last in these files; None: in any."""
        if pages is None:
            self._all = epoch
        else:
            self._changed |= dict.fromkeys(pages, epoch)

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request; a tab hears of a newer version only when its page is another there."""
        poll = _POLL.fullmatch(environ["PATH_INFO"])
        page = self._page(environ.get("HTTP_REFERER", ""))
        if not poll or page is None:
            return self._served(environ, start)
        shown = epoch = int(poll[1])
        while True:
            asked = {**environ, "PATH_INFO": f"/livereload/{epoch}/{poll[2]}"}
            newest = int(b"".join(self._served(asked, lambda *_: None)))
            if newest == epoch or max(self._all, self._changed.get(page, 0)) > shown:
                break
            epoch = newest
        start("200 OK", [("Content-Type", "text/plain")])
        return [b"%d" % (newest if newest != epoch else shown)]

    def _page(self, address: str) -> str | None:
        """The file of the page with this address, below the site's folder."""
        path = unquote(urlsplit(address).path)
        if not path.startswith(self._mount):
            return None
        path = path.removeprefix(self._mount)
        return f"{path}index.html" if not path or path.endswith("/") else path


def different(old: Path, new: Path) -> list[str]:
    """The pages that are not the same in both folders."""
    found = []
    for page in new.rglob("*.html"):
        name = page.relative_to(new)
        before = old / name
        if not before.is_file() or before.read_bytes() != page.read_bytes():
            found.append(name.as_posix())
    return found
