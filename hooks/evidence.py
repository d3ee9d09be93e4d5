"""The MkDocs adapter's second half: publishes the evidence beside the articles.

No logic of its own: everything it does is in ``probes.publish``.
"""

import logging
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import CombinedEvent, event_priority
from mkdocs.structure.files import File, Files, InclusionLevel

from hooks.errors import plugin_errors
from probes import build, feeds
from probes.copies import bring_back, set_aside
from probes.ledger.seals import Head
from probes.publish import PAGES, account, publish
from probes.render.labels import labels

log = logging.getLogger("mkdocs.sotokara")
_state: dict[str, Head] = {}
_STUB = '<div class="probe-site"></div>'


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Tell the build under which path its figures link to their evidence."""
    build.current().base = urlsplit(config.site_url or "/").path or "/"
    return config


def on_pre_build(*, config: MkDocsConfig) -> None:
    """Before MkDocs clears the site away: copies of evidence are good for this build too."""
    set_aside(Path(config.site_dir))


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the site-wide pages; an author's own page of the same name stays."""
    words = labels(build.current().settings.lang)
    for name, title in PAGES.items():
        if files.get_file_from_path(name) is None:
            # A draft for the feed plugin alone, which takes every page that is none into a feed.
            head = "---\nsearch: {exclude: true}\ndraft: true\n---\n"
            content = f"{head}# {words[title]}\n\n{_STUB}\n"
            inclusion = InclusionLevel.NOT_IN_NAV
            files.append(File.generated(config, name, content=content, inclusion=inclusion))
    return files


@event_priority(90)  # after the figures are filled in, before anything reads the pages
def _tell(env: Environment, *, config: MkDocsConfig, files: Files) -> None:
    """Fill in the site-wide pages and the articles' feet; put the head in every footer."""
    now, lang = build.current(), build.current().settings.lang
    pages = {file.src_uri: file.page for file in files.documentation_pages() if file.page}
    links = {source: page.url for source, page in pages.items()}
    own = {source: str(page.meta.get("lang", lang)) for source, page in pages.items()}
    with plugin_errors():
        said = now.ask(account, links, own, config.site_url or "", config.site_name)
    for name, page in pages.items():
        if name in said.pages:
            page.content = (page.content or "").replace(_STUB, said.pages[name])
        elif foot := said.feet.get(name):
            title = f'<h2 id="probe-claims">{labels(own[name])["claims"]}</h2>'
            page.content = f"{page.content}\n{title}\n{foot}"
    config.extra["evidence"] = {
        "number": said.head.number,
        "hash": said.head.hash,
        "words": {code: labels(code) for code in {*own.values(), lang}},
    }
    _state["head"] = said.head
    for line in said.drifted:
        log.info(line)
    if said.broken and config.strict:
        raise PluginError("\n".join(said.broken))
    for line in said.broken:
        log.warning(line)


@event_priority(-90)  # all is known, and no page is written yet
def _publish(env: Environment, *, config: MkDocsConfig, files: Files) -> None:
    """Have the evidence, its pages and feeds written while MkDocs writes the pages."""
    site = Path(config.site_dir)
    if not build.current().whole:
        return
    folder = "evidence/"
    theirs = {one.dest_uri[len(folder) :] for one in files if one.dest_uri.startswith(folder)}
    with plugin_errors():
        bring_back(site)
        build.current().leave(publish, site, theirs)


on_env = CombinedEvent(_tell, _publish)


@event_priority(-70)  # after the feed and search plugins have written
def on_post_build(*, config: MkDocsConfig) -> None:
    """See that the evidence is written; put the head in the blog's feeds."""
    with plugin_errors():
        build.current().settle()
    feeds.add_head(Path(config.site_dir), _state["head"])
