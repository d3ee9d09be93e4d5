"""The plugin ``sotokara``: measurements in the articles of any MkDocs site.

``plugins: [search, sotokara]`` in a site's mkdocs.yml is all that it needs. By itself the plugin
adds figures and their evidence to the pages that ask something, and changes nothing else; what
this project's own blog has besides is an option each. docs/decisions/0080 says why there are two
ways in.
"""

from typing import Any

from mkdocs.config import config_options
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import EVENTS, BasePlugin, CombinedEvent, event_priority

from sotokara.mkdocs import (
    blog,
    evidence,
    figures,
    left_over,
    pages,
    parts,
    serving,
    templates_of_others,
)


class Options(Config):  # type: ignore[no-untyped-call]  # MkDocs's
    """The plugin's own keys in mkdocs.yml; what probes do is set in ``extra.probes``."""

    languages = config_options.Type(bool, default=False)
    """Each page has the language of its front matter (``lang: ja``), Material's words too."""
    search = config_options.Type(bool, default=False)
    """Search finds words inside Japanese phrases, parent domains and other forms of a word."""
    heads = config_options.Type(bool, default=False)
    """A line beneath each article's title: how its figures stand, its other languages."""
    cards = config_options.Type(bool, default=False)
    """Pictures of articles for links elsewhere (Open Graph); needs the extra ``cards``."""
    front = config_options.Type(bool, default=False)
    """The blog's front page lists what changed and what is watched."""
    feeds = config_options.Type(bool, default=False)
    """The blog's feeds carry the newest seal."""
    schema = config_options.Type(bool, default=False)
    """JSON Schemas of definitions and settings are published, for editors."""
    page_languages = config_options.Type(bool, default=False)
    """An older name for ``languages`` and ``search`` together."""


class SotokaraPlugin(BasePlugin[Options]):  # type: ignore[no-untyped-call]
    """Measurements in articles. Its events are the functions in the files beside this one."""

    @event_priority(120)  # before all that looks at what is wanted
    def _begin(self, config: MkDocsConfig) -> None:
        chosen = {name for name in parts.ALL if self.config[name]}
        if self.config.page_languages:
            chosen |= {"languages", "search"}
        if config.theme.name != "material":
            chosen -= {"languages", "search", "front"}
        parts.choose(chosen)


def _methods(event: str) -> list[Any]:
    methods: list[Any] = []
    for one in (blog, pages, figures, evidence, left_over, serving, templates_of_others):
        found = getattr(one, event, None)
        several = found.methods if isinstance(found, CombinedEvent) else [found] if found else []
        methods += map(staticmethod, several)
    return methods


for _event in (f"on_{name}" for name in EVENTS):
    _all = _methods(_event)
    if _event == "on_config":
        _all.insert(0, SotokaraPlugin._begin)  # noqa: SLF001  # this file's own
    if _all:
        setattr(SotokaraPlugin, _event, CombinedEvent(*_all))
