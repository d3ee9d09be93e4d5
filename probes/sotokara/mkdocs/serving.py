"""``mkdocs serve``: a saved page is shown first, by itself, and the whole site follows.

Only the events: they tell ``preview.py`` beside this file what is built.
"""

from collections.abc import Callable
from typing import Any

from jinja2 import Environment
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from sotokara.mkdocs import first_build
from sotokara.mkdocs.preview import Preview, files_below
from sotokara.mkdocs.single import BuiltSite
from sotokara.site import build

_wanted = {"preview": False}
_begun: dict[str, BuiltSite] = {}
_preview: dict[str, Preview] = {}
_unbuilt: dict[str, tuple[Any, Callable[..., Any]]] = {}
"""The server and its builder, where the first build failed: a later one may succeed."""


def on_startup(*, command: str, dirty: bool) -> None:
    """Nothing of this happens in ``mkdocs build``."""
    _wanted["preview"] = command == "serve" and not dirty
    if command == "serve":
        first_build.survive()


def _under_way() -> BuiltSite | None:
    """The site that the events tell of, where there is one to remember."""
    preview = _preview.get("")
    return preview.site if preview else _begun.get("")


@event_priority(100)  # before anything reads where the site is written to
def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """A whole build begins; beside the site that is being served."""
    if preview := _preview.get(""):
        config.site_dir = str(preview.spare)
        preview.seen = preview.look()
        preview.site = BuiltSite(config, preview.seen)
    elif _wanted["preview"]:
        watched = [config.docs_dir, *filter(None, [config.config_file_path])]
        _begun[""] = BuiltSite(config, files_below(watched))
    return config


@event_priority(-100)
def on_nav(nav: Navigation, *, config: MkDocsConfig, files: Files) -> None:
    """Remember the pages and their order."""
    if site := _under_way():
        site.nav, site.files = nav, files


@event_priority(100)
def on_pre_page(page: Page, *, config: MkDocsConfig, files: Files) -> None:
    """Remember a page as it is before it is read."""
    if site := _under_way():
        site.begin(page)
    if preview := _preview.get(""):
        preview.check()


@event_priority(100)
def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> None:
    """Remember a page's front matter as its author wrote it."""
    if site := _under_way():
        site.read(page)


@event_priority(110)  # before the wait for all probes
def on_env(env: Environment, *, config: MkDocsConfig, files: Files) -> None:
    """Remember the templates; a newer save need not wait for old questions."""
    if site := _under_way():
        site.env = env
    if preview := _preview.get(""):
        build.under_way().on_tick = preview.check


@event_priority(100)
def on_page_context(context: Any, *, page: Page, config: MkDocsConfig, nav: Any) -> None:  # noqa: ANN401
    """Give up where the page was saved again meanwhile."""
    if preview := _preview.get(""):
        preview.check()


@event_priority(-100)
def on_post_build(*, config: MkDocsConfig) -> None:
    """A whole build is complete."""
    if site := _under_way():
        site.finish()
    if waiting := _unbuilt.pop("", None):
        on_serve(waiting[0], config=config, builder=waiting[1])


def on_serve(server: Any, *, config: MkDocsConfig, builder: Callable[..., Any]) -> Any:  # noqa: ANN401
    """Take the builder's place."""
    site = _begun.pop("", None)
    if site and Preview.possible(server):
        if site.complete:
            _preview[""] = Preview(server, builder, site)
        else:
            _unbuilt[""] = server, builder
            server.builder = first_build.again(config, builder, lambda: not _unbuilt)
    return server


def on_shutdown() -> None:
    """Leave nothing behind."""
    _unbuilt.clear()
    if preview := _preview.pop("", None):
        preview.close()
