"""``mkdocs serve``: a saved page is shown first, by itself, and the whole site follows.

docs/decisions/0085 says how, and why. The names that are private to MkDocs' server are listed in
``_PRIVATE``: where one of them is missing, or with ``--dirty``, nothing here does anything.
"""

import logging
import os
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from sotokara.mkdocs.first_build import tried
from sotokara.mkdocs.single import BuiltSite, NotAloneError
from sotokara.site import build

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


# ruff: noqa: SLF001  # the server's own names, all of them in _PRIVATE


log = logging.getLogger("mkdocs.sotokara")

QUIET = 1.0
"""Seconds without a further save after which the rest of the site is built."""
_PRIVATE = (
    *("_wanted_epoch", "_visible_epoch", "_epoch_cond"),
    *("_want_rebuild", "_rebuild_cond", "_watched_paths", "_watch_refs"),
)
_LEFT_BY_EDITORS = re.compile(r".*~|#.*#|\.#.*|\..*\.sw[a-z]|4913")


class Watches(threading.Thread):
    """Watches again what was away for a while: MkDocs' server never looks for it any more.

    A folder that is put back, a branch of git that has no articles, an editor that writes a new
    file in the old one's place in the very moment when somebody looks.
    """

    def __init__(self, server: Any) -> None:  # noqa: ANN401
        super().__init__(daemon=True)
        self._server, self._end = server, threading.Event()
        self._missing: set[str] = set()
        self.start()

    def run(self) -> None:
        """Look twice a second, as MkDocs does."""
        while not self._end.wait(0.5):
            observer = self._server.observer
            if observer.is_alive():
                dead = [one.watch.path for one in list(observer.emitters) if not one.is_alive()]
                for path in self._missing | set(dead):
                    self._see(path)

    def _see(self, path: str) -> None:
        server = self._server
        if not os.path.exists(path):  # noqa: PTH110  # twice a second
            if path not in self._missing:
                self._missing.add(path)
                log.warning("%s is gone; the pages stay as they were until it is back", path)
            return
        times = server._watched_paths.pop(path, 1)
        if watch := server._watch_refs.pop(path, None):
            server.observer.unschedule(watch)
        self._missing.discard(path)
        try:
            server.watch(path)
        except OSError:  # gone again
            self._missing.add(path)
        server._watched_paths[path] = times
        with server._rebuild_cond:
            server._want_rebuild = True
            server._rebuild_cond.notify_all()

    def stop(self) -> None:
        """Look no more."""
        self._end.set()


class SupersededError(BaseException):
    """A newer save: this build is not needed; MkDocs would log an ``Exception`` as an error."""


class Preview:
    """One ``serve``: takes the place of the function by which MkDocs builds all at each save."""

    def __init__(self, server: Any, whole: Callable[[], None], site: BuiltSite) -> None:  # noqa: ANN401
        self._server, self._whole = server, whole
        self.last = self.site = site
        """The last complete site, and the one whose events come now."""
        self.first, self.spare = Path(server.root), Path(tempfile.mkdtemp(prefix="mkdocs_"))
        self._tabs = Tabs(server.serve_request, server.mount_path)
        self._owed = False
        """A page was shown that the rest of the site does not know of."""
        self.seen = self.look()
        """The files as the build under way found them."""
        self._catch_up(site)
        server.builder = self.rebuild
        self._watches = Watches(server)
        server.error_handler = self._error_page
        server.set_app(self._tabs)

    def _catch_up(self, site: BuiltSite) -> None:
        """Build again what was saved during the first build: nobody watched the files yet.

        ``site.seen`` is how they were when it began.
        """
        first, site.seen = site.seen, dict(self.seen)
        own = tuple(f"{one}{os.sep}" for one in (site.config.docs_dir,))
        changed = {path for path, _ in first.items() ^ self.seen.items()}
        unwatched = {path for path in changed - self.seen.keys() if Path(path).exists()}
        missed = {path for path in changed - unwatched if path in first or path.startswith(own)}
        for path in missed:
            if path in first:
                site.seen[path] = first[path]
            else:
                del site.seen[path]
        if missed:
            log.info("%d files were saved during the first build", len(missed))
            with self._server._rebuild_cond:
                self._server._want_rebuild = True

    @staticmethod
    def possible(server: Any) -> bool:  # noqa: ANN401
        """Whether the server has all that is needed of it."""
        return all(hasattr(server, name) for name in _PRIVATE)

    def rebuild(self) -> None:
        """Bring the site up to date with the files."""
        self._publish(self._server._visible_epoch)  # what stands is served meanwhile
        self.site, self.seen = self.last, self.look()
        changed = {path for path, _ in self.seen.items() ^ self.last.seen.items()}
        try:
            if len(changed) == 1 and self._shown_first(*changed):
                changed, self._owed = set(), True
            if changed or (self._owed and self._quiet()):
                self._build_all(follows=not changed)
        except SupersededError:
            build.stop()
        finally:
            self.last.restore()

    def _shown_first(self, path: str) -> bool:
        """Build the one page that was changed; whether that could be done."""
        site, began = self.last, time.monotonic()
        if site.build.settings.mode == "live":  # each build asks all anew: once is enough
            return False
        try:
            page = site.page(path)
            site.render(page)
            with self._server._epoch_cond:  # nobody reads it while it is written
                site.write(page, Path(self._server.root))
        except NotAloneError:
            return False
        except Exception as error:  # noqa: BLE001  # the whole build will say it better
            log.debug("%s could not be built by itself: %r", path, error)
            return False
        finally:
            build.stop()
            site.restore()
        site.seen = self.seen
        name, seconds = page.file.src_uri, time.monotonic() - began
        log.info("%s is shown after %.2f seconds; the rest of the site follows", name, seconds)
        epoch = _epoch()
        self._tabs.changed(epoch, [page.file.dest_uri])
        self._publish(epoch, visible=True)
        return True

    def _build_all(self, *, follows: bool) -> None:
        """The usual way, beside the site that stands, which then gives way to it."""
        if tried(self.last.config, self._whole, self._written):
            log.warning("the pages stay as they were before this save")
            return
        old, new = Path(self._server.root), self.spare
        pages = different(old, new) if follows else None
        self.last, self._owed, self.spare = self.site, False, old
        with self._server._epoch_cond:
            self._server.root = str(new)
            epoch = _epoch()
            self._tabs.changed(epoch, pages)
            self._publish(epoch)  # MkDocs makes it visible
        log.info("all pages are up to date")

    def _written(self) -> bool:
        return self.site is not self.last and self.site.complete

    def _publish(self, epoch: int, *, visible: bool = False) -> None:
        """Set the version that requests wait for."""
        server = self._server
        with server._epoch_cond:
            server._wanted_epoch = epoch
            if visible:
                server._visible_epoch = epoch
            server._epoch_cond.notify_all()

    def check(self) -> None:
        """Called often in a build.

        :raises SupersededError: when files were saved that it has not seen.
        """
        asked_again = self.last.build.settings.mode == "live"  # of others, who have answered
        if not asked_again and self._newer():
            raise SupersededError

    def _newer(self) -> bool:
        """Whether the server heard of a change, and there is one: editors leave files about."""
        server = self._server
        if not server._want_rebuild:
            return False
        with server._rebuild_cond:
            server._want_rebuild = False
        if self.look() == self.seen:
            return False
        with server._rebuild_cond:
            server._want_rebuild = True
        return True

    def _quiet(self) -> bool:
        """Wait; whether nothing was saved meanwhile."""
        end = time.monotonic() + QUIET
        while (left := end - time.monotonic()) > 0:
            with self._server._rebuild_cond:
                self._server._rebuild_cond.wait_for(lambda: self._server._want_rebuild, left)
            if self._newer():
                return False
        return True

    def look(self) -> dict[str, tuple[int, int]]:
        """The files that MkDocs watches: path → time of change and size."""
        return files_below(self._server._watched_paths)

    def _error_page(self, code: int) -> bytes | None:
        page = Path(self._server.root, f"{code}.html")
        return page.read_bytes() if page.is_file() else None

    def close(self) -> None:
        """Remove the second folder; the first is MkDocs' own."""
        self._watches.stop()
        for root in (self.spare, Path(self._server.root)):
            if root != self.first:
                shutil.rmtree(root, ignore_errors=True)


def files_below(tops: Iterable[str]) -> dict[str, tuple[int, int]]:
    """The files in some folders, or at some paths: path → time of change and size."""
    found: dict[str, tuple[int, int]] = {}
    for top in tops:
        for folder, _, names in os.walk(top, followlinks=True):
            for name in names:
                if not _LEFT_BY_EDITORS.fullmatch(name):
                    _note(os.path.join(folder, name), found)  # noqa: PTH118  # hundreds
        if os.path.isfile(top):  # noqa: PTH113
            _note(top, found)
    return found


def _note(path: str, found: dict[str, tuple[int, int]]) -> None:
    try:
        stat = os.stat(path)  # noqa: PTH116
    except OSError:  # gone meanwhile
        return
    found[path] = stat.st_mtime_ns, stat.st_size


def _epoch() -> int:
    return round(time.monotonic() * 1000)  # as MkDocs counts
