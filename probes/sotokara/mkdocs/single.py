"""One page of a site that stands, built by itself: what ``mkdocs serve`` shows first after a save.

It goes the same way as in a whole build, through the same plugins, with all else as the last whole
build left it. What a page's neighbours might have to know of (its title, its front matter, what it
refers to on other pages) makes it no page for this: ``NotAloneError``.
"""

import inspect
from collections.abc import Callable
from copy import copy
from pathlib import Path
from typing import Any

from jinja2 import Environment
from material.plugins.blog.structure import Post
from mkdocs.commands import build as steps
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import Files, InclusionLevel
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from sotokara.site import build
from sotokara.site.build import Build
from sotokara.site.publish import Publication

_HERE = Path(__file__).resolve().parent


class NotAloneError(BaseException):
    """This page has to be built with the others; MkDocs would log an ``Exception`` as an error."""


class BuiltSite:
    """What one whole build made, filled in by its events."""

    files: Files
    nav: Navigation
    env: Environment
    build: Build
    plugins: dict[Any, dict[str, Any]]

    def __init__(self, config: MkDocsConfig, seen: dict[str, tuple[int, int]]) -> None:
        self.config, self.seen = config, seen
        self.complete = False
        self._before: dict[str, dict[str, Any]] = {}
        """Each page as it was before it was read: with its place among the others, and no more."""
        self._meta: dict[str, dict[str, Any]] = {}

    def begin(self, page: Page) -> None:
        """A page is about to be read."""
        self._before.setdefault(page.file.src_uri, dict(vars(page)))

    def read(self, page: Page) -> None:
        """A page's front matter was read, and nothing was added to it yet.

        :raises NotAloneError: when it has changed since the whole build.
        """
        if self._meta.setdefault(page.file.src_uri, dict(page.meta)) != page.meta:
            raise NotAloneError

    def finish(self) -> None:
        """All is written: remember the plugins' state, which the next build goes on from."""
        self.build, self.complete = build.under_way(), True
        self.plugins = {
            plugin: _copied(plugin)
            for plugin in self.config.plugins.values()
            if isinstance(plugin, BasePlugin)
        }

    def restore(self) -> None:
        """Put the plugins back to where this build left them, whatever was begun since."""
        for plugin, state in self.plugins.items():
            vars(plugin).clear()
            vars(plugin).update(state)
            state.update(_copied(plugin))

    def page(self, path: str) -> Page:
        """The page whose file this is.

        :raises NotAloneError: when there is none, or one that shows other pages.
        """
        for file in self.files.documentation_pages(inclusion=InclusionLevel.is_in_serve):
            if file.abs_src_path == path and file.page and type(file.page) in (Page, Post):
                return file.page
        raise NotAloneError

    def render(self, page: Page) -> None:
        """Read the page's file anew and measure what it asks: all but the writing.

        :raises NotAloneError: when other pages have to be built with it.
        """
        old, file = page.title, page.file
        if {"translations", "alternates"} & page.meta.keys():
            raise NotAloneError
        state = self._before[file.src_uri]
        if isinstance(page, Post):  # one reads its file when it is made
            fresh = Post(file, self.config)
            if fresh.config.links:
                raise NotAloneError
            state = state | {
                name: vars(fresh)[name] for name in ("markdown", "meta", "config", "authors")
            }
        file.page = page
        vars(page).clear()
        vars(page).update(state)
        now = build.begin_again(self.build)
        steps._populate_page(page, self.config, self.files)  # noqa: SLF001
        if page.title != old or now.reaching:
            raise NotAloneError
        for method in self.config.plugins.events["env"]:
            if _ours(method):
                method(self.env, config=self.config, files=Files([file]))

    def write(self, page: Page, root: Path) -> None:
        """Write the page, and those of the evidence that it shows."""
        shown = self.files.documentation_pages(inclusion=InclusionLevel.is_in_serve)
        excluded = page.file.inclusion.is_excluded()  # type: ignore[no-untyped-call]
        steps._build_page(  # noqa: SLF001
            page, self.config, shown, self.nav, self.env, excluded=excluded
        )
        links = {page.file.src_uri: page.url}
        address = self.config.site_url or ""
        now = build.under_way()
        if now.base:
            titles = {page.file.src_uri: str(page.title or "")}
            Publication(now, links, address, self.config.site_name, titles).preview(root)


def _ours(method: Callable[..., Any]) -> bool:
    file: str = getattr(inspect.unwrap(method), "__globals__", {}).get("__file__", "")
    return Path(file).resolve().parent == _HERE


def _copied(plugin: Any) -> dict[str, Any]:  # noqa: ANN401  # any plugin
    """A plugin's state; its own lists and mappings are copied, since builds append to them."""
    return {
        name: copy(one) if type(one) in (list, dict, set) else one
        for name, one in vars(plugin).items()
    }
