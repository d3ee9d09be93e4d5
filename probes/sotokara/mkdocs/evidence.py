"""The MkDocs adapter's second half: publishes the evidence beside the articles.

No logic of its own: everything it does is in ``sotokara.site.publish``.
"""

import logging
import re
import shutil
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import CombinedEvent, event_priority
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

import sotokara
from sotokara.core.labels import labels
from sotokara.ledger.seals import SealHead
from sotokara.mkdocs import addresses
from sotokara.mkdocs.errors import plugin_errors
from sotokara.mkdocs.parts import is_enabled
from sotokara.site import build
from sotokara.site.build_note import write_note
from sotokara.site.publish import PAGES, Publication
from sotokara.site.publish_files import add_head, add_to_sitemap, bring_back, set_aside

log = logging.getLogger("mkdocs.sotokara")
_state: dict[str, SealHead] = {}
_publications: dict[str, Publication] = {}
_pages: dict[str, str] = {}
"""The path of every article that is published, by its file."""
_files: dict[str, Files] = {}
_kept_back: list[str] = []
"""Pages whose figures another plugin took away: encrypted ones."""
_FIGURE = '<figure class="probe '
_asks = {"site": False}
"""Whether the site asks anything, or did once."""
_UNLISTED = (
    "evidence: {} observations get a page that no list keeps, so later builds may not have it; "
    "where this build is published, set list_published and keep the folder"
)
_STUB = '<div class="probe-site"></div>'
_FENCE = re.compile(r"^[ \t>]*(?:`{3,}|~{3,})[ \t{.]*probe\b|`#!probe\b", re.MULTILINE)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Tell the build under which path its figures link to their evidence."""
    build.under_way().base = urlsplit(config.site_url or "/").path or "/"
    return config


def on_pre_build(*, config: MkDocsConfig) -> None:
    """Before MkDocs clears the site away: copies of evidence are good for this build too."""
    _kept_back.clear()
    set_aside(Path(config.site_dir))


@event_priority(-120)  # after plugins that choose among the files of each language
def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the site-wide pages where there is something to say in them.

    An author's own page of the same name stays.
    """
    now = build.under_way()
    addresses.refuse_two_of_one_address(files, config)
    _asks["site"] = (now.root / now.settings.evidence_dir / "runs").is_dir() or _asking(files)
    if not _asks["site"]:
        return files
    package = Path(sotokara.__file__).parent
    for name, source in (
        ("assets/stylesheets/evidence.css", package / "render" / "evidence.css"),
        ("assets/javascripts/find.js", package / "mkdocs" / "find.js"),
    ):
        files.append(File.generated(config, name, abs_src_path=str(source)))
    words = labels(build.under_way().settings.lang)
    for name, title in PAGES.items():
        if files.get_file_from_path(name) is None:
            # A draft for the feed plugin alone, which takes every page that is none into a feed.
            head = "---\nsearch: {exclude: true}\ndraft: true\nhide: [toc]\n---\n"
            # A file of its own: plugins that copy pages (mkdocs-static-i18n) look for one.
            source = now.root / ".cache" / "pages" / now.settings.lang / name
            source.parent.mkdir(parents=True, exist_ok=True)
            source.write_text(f"{head}# {words[title]}\n\n{_STUB}\n", "utf-8")
            inclusion = InclusionLevel.NOT_IN_NAV
            path = str(source)
            files.append(File.generated(config, name, abs_src_path=path, inclusion=inclusion))
    return files


def site_asks() -> bool:
    """Whether the site asks anything, or did once."""
    return _asks["site"]


def _asking(files: Files) -> bool:
    """Whether some page has what looks like a definition; what is one is seen when it is read."""
    for file in files.documentation_pages():
        try:
            if _FENCE.search(file.content_string):
                return True
        except OSError:  # MkDocs will say so
            continue
    return False


@event_priority(90)  # after the figures are filled in, before anything reads the pages
def _tell(env: Environment, *, config: MkDocsConfig, files: Files) -> None:
    """Fill in the site-wide pages and the articles' feet; put the head in every footer."""
    if not _asks["site"]:
        return
    now, lang = build.under_way(), build.under_way().settings.lang
    pages = {file.src_uri: file.page for file in files.documentation_pages() if file.page}
    links = {source: page.url for source, page in pages.items()}
    own = {source: str(page.meta.get("lang", lang)) for source, page in pages.items()}
    with plugin_errors():
        titles = {source: str(page.title or "") for source, page in pages.items()}
        publication = Publication(now, links, config.site_url or "", config.site_name, titles)
        said = publication.account(own)
    for name, page in pages.items():
        page.meta["datasets"] = said.datasets.get(name, [])
        if name in said.pages:
            page.content = (page.content or "").replace(_STUB, said.pages[name])
        elif foot := said.feet.get(name):
            title = f'<h2 id="probe-claims">{labels(own[name])["claims"]}</h2>'
            page.content = f"{page.content}\n{title}\n{foot}"
    addresses.tell_anchors(pages)
    config.extra["evidence"] = {
        "number": said.head.number,
        "hash": said.head.hash,
        "words": {code: labels(code) for code in {*own.values(), lang}},
    }
    _state["head"], _publications["now"] = said.head, publication
    for line in said.drifted:
        log.info(line)
    for line in said.indoors:
        log.info(line)
    for line in said.strange:
        log.warning(line)
    if said.broken and config.strict:
        raise PluginError("\n".join(said.broken))
    for line in said.broken:
        log.warning(line)


@event_priority(-90)  # all is known, and no page is written yet
def _publish(env: Environment, *, config: MkDocsConfig, files: Files) -> None:
    """Write the evidence, its pages and feeds."""
    site = Path(config.site_dir)
    if not _asks["site"] or not build.under_way().whole:
        return
    folder = "evidence/"
    theirs = {one.dest_uri[len(folder) :] for one in files if one.dest_uri.startswith(folder)}
    with plugin_errors():
        bring_back(site)
        publication, now = _publications.pop("now"), build.under_way()
        publication.publish(site, theirs)
        _pages.clear()
        _pages.update(addresses.page_addresses(files, config))
        _files["all"] = files
        if now.lists:
            publication.note(addresses.before_any_build(now, files, config) | _pages)
        elif now.publishes and (many := publication.unlisted()):
            log.info(_UNLISTED.format(many))


on_env = CombinedEvent(_tell, _publish)


@event_priority(-200)  # when all others have changed the page
def on_post_page(output: str, *, page: Page, config: MkDocsConfig) -> str:
    """Lead our links from the page itself, so that a copy of the site works wherever it lies.

    Note a page that has figures and does not show them: somebody keeps them from readers.
    """
    if _asks["site"] and _FIGURE not in output and page.file.src_uri in _figured():
        _kept_back.append(page.file.src_uri)
    return _from_here(output, page.url, config) if _asks["site"] else output


def _from_here(html: str, url: str, config: MkDocsConfig) -> str:
    base, up = build.under_way().base, "../" * url.count("/") or "./"
    ours = rf'((?:href|src|srcset)="){re.escape(base)}(?=(?:evidence|changes|assets)/|[^"]*#probe-)'
    html = re.sub(ours, rf"\g<1>{up}", html)
    if not config.use_directory_urls:  # a disk shows a folder, not the page in it
        html = re.sub(rf'(href="{re.escape(up)}evidence/[^"/]+/)"', r'\g<1>index.html"', html)
    return html


def _figured() -> set[str]:
    return {page for page, _ in build.under_way().plan.nodes}


def _withhold(config: MkDocsConfig) -> None:
    """Publish no evidence at all where some page's figures are not for everybody.

    Its targets stand in the same runs as those of all other pages, and in lists of the whole site.
    """
    site = Path(config.site_dir)
    for name in ("evidence", "changes", "claims"):
        shutil.rmtree(site / name, ignore_errors=True)
    for page in dict.fromkeys(_kept_back):
        log.warning(
            "%s: another plugin keeps its figures from readers, so none of the site's evidence is "
            "published: what the page asks stands in it; give such pages a site of their own",
            page,
        )


@event_priority(-100_000)  # when nobody changes a page any more
def on_post_build(*, config: MkDocsConfig) -> None:
    """Put the head in the blog's feeds; write the note of the build, which covers every page."""
    now, site = build.under_way(), Path(config.site_dir)
    if _kept_back:
        _withhold(config)
    elif _asks["site"]:
        add_to_sitemap(Path(config.site_dir), config.site_url or "")
    if files := _files.pop("all", None):
        addresses.lead_on(now, files, config, _pages)
    if not _asks["site"]:
        return
    if is_enabled("feeds"):
        add_head(site, _state["head"])
    if now.whole and not _kept_back:
        with plugin_errors():
            noted = write_note(site, now.root / now.settings.evidence_dir, config.site_url or "")
        by = f"signed by {noted.signer}" if noted.signer else "unsigned: no key of the log is here"
        log.info("The note of this build lists the hashes of its %d pages, %s", noted.pages, by)
