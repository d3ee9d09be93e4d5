"""The MkDocs adapter's second half: publishes the evidence beside the articles.

No logic of its own: everything it does is in ``probes.publish``.
"""

import logging
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files, InclusionLevel

from probes import build, feeds, standing
from probes.ledger import LedgerError
from probes.publish import PAGES, Publication, set_aside
from probes.render.labels import labels

log = logging.getLogger("mkdocs.sotokara")
_state: dict[str, Publication] = {}
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
def on_env(env: Environment, *, config: MkDocsConfig, files: Files) -> None:
    """Fill in the site-wide pages and the articles' feet; put the head in every footer."""
    now, lang = build.current(), build.current().settings.lang
    pages = {file.src_uri: file.page for file in files.documentation_pages() if file.page}
    links = {source: page.url for source, page in pages.items()}
    publication = Publication(now, links, config.site_url or "", config.site_name)
    try:
        content = publication.pages(lang)
        for name, page in pages.items():
            own = str(page.meta.get("lang", lang))
            if name in content:
                page.content = (page.content or "").replace(_STUB, content[name])
            elif foot := publication.foot(name, own):
                title = f'<h2 id="probe-claims">{labels(own)["claims"]}</h2>'
                page.content = f"{page.content}\n{title}\n{foot}"
    except LedgerError as error:
        raise PluginError(str(error)) from error
    head = publication.head()
    languages = {str(page.meta.get("lang", lang)) for page in pages.values()} | {lang}
    config.extra["evidence"] = {
        "number": head.number,
        "hash": head.hash,
        "words": {code: labels(code) for code in languages},
    }
    _state["publication"] = publication
    for line in standing.drifted(now.plan.figures()):
        log.info(line)
    broken = standing.broken(now.plan.figures(), now.docs)
    if broken and config.strict:
        raise PluginError("\n".join(broken))
    for line in broken:
        log.warning(line)


@event_priority(-70)  # after the feed and search plugins have written
def on_post_build(*, config: MkDocsConfig) -> None:
    """Write the evidence, its pages and feeds; put the head in the blog's feeds."""
    site = Path(config.site_dir)
    publication = _state["publication"]
    try:
        publication.publish(site, build.current().settings.lang)
    except (LedgerError, OSError) as error:
        raise PluginError(str(error)) from error
    feeds.add_head(site, publication.head())
