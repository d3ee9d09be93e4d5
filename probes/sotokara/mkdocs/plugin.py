"""The plugin ``sotokara``: what this project's own ``hooks:`` do, for any other MkDocs site.

``plugins: [search, sotokara]`` in a site's mkdocs.yml is all that it needs. docs/decisions/0080
says why there are two ways in.
"""

import functools
from collections.abc import Callable
from typing import Any

from mkdocs.config import config_options
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import EVENTS, BasePlugin, CombinedEvent, event_priority

from sotokara.mkdocs import blog, evidence, figures, pages, serving


class Options(Config):  # type: ignore[no-untyped-call]  # MkDocs's
    """The plugin's own keys in mkdocs.yml; what probes do is set in ``extra.probes``."""

    page_languages = config_options.Type(bool, default=True)
    """Give each page its own language (``lang: ja``) and complete the search; Material only."""


class SotokaraPlugin(BasePlugin[Options]):  # type: ignore[no-untyped-call]
    """Measurements in articles. Its events are the functions in the files beside this one."""

    languages = False
    """Whether this site's pages get their own language."""

    @event_priority(110)  # before the blog's own, which depends on it
    def _begin(self, config: MkDocsConfig) -> None:
        self.languages = self.config.page_languages and config.theme.name == "material"


def _where_wanted(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of the blog's as a method, for the sites whose pages have their own language."""

    @functools.wraps(function)  # its priority too
    def method(self: SotokaraPlugin, *items: Any, **context: Any) -> Any:  # noqa: ANN401
        return function(*items, **context) if self.languages else None

    return method


def _methods(event: str) -> list[Any]:
    methods: list[Any] = []
    for one in (blog, pages, figures, evidence, serving):
        found = getattr(one, event, None)
        several = found.methods if isinstance(found, CombinedEvent) else [found] if found else []
        methods += map(_where_wanted if one is blog else staticmethod, several)
    return methods


for _event in (f"on_{name}" for name in EVENTS):
    _all = _methods(_event)
    if _event == "on_config":
        _all.insert(0, SotokaraPlugin._begin)  # noqa: SLF001  # this file's own
    if _all:
        setattr(SotokaraPlugin, _event, CombinedEvent(*_all))
