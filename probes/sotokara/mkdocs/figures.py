"""The MkDocs adapter: hands pages to the engine, waits, and puts the figures in their place.

No logic of its own: everything it does is in ``sotokara.site``, which
lives through ``serve``'s rebuilds.
"""

import atexit
import contextlib
import copy
import gc
import logging
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, PluginError
from mkdocs.plugins import CombinedEvent, event_priority
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

import sotokara
from sotokara.core.mistakes import AuthorError
from sotokara.engine.settings import load
from sotokara.findings.changes import day_written
from sotokara.mkdocs import addresses, post_pins
from sotokara.mkdocs.errors import plugin_errors, told
from sotokara.site import beside, build, reference, report
from sotokara.site.front_matter import unreadable_front_matter
from sotokara.site.look_alikes import look_alikes
from sotokara.site.placeholders import is_ours, searched

log = logging.getLogger("mkdocs.sotokara")

MAILS = (".eml", ".mbox")
"""Ends of names of files that are never published, whether a page names them or not."""
STYLESHEET = "assets/stylesheets/probes.css"
_command = {"name": "build"}


def on_startup(*, command: str, dirty: bool) -> None:
    """Remember what MkDocs was called for: ``serve`` measures only what was never observed."""
    _command["name"] = command
    # On its way out Python would look once more for cycles among half a million objects, and take
    # them apart one by one: two seconds of a thousand posts, for memory that is given back anyway.
    atexit.register(gc.freeze)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Read the settings and begin a build."""
    probes = config.extra.get("probes") or {}
    given: dict[str, Any] = dict(probes) if isinstance(probes, Mapping) else {}
    if _command["name"] == "serve":
        given.setdefault("mode", "new")
    given.setdefault("lang", config.theme.get("language") or "en")
    root = Path(config.config_file_path).parent
    docs = (
        Path(config.docs_dir).relative_to(root).as_posix()
        if root in Path(config.docs_dir).parents
        else "docs"
    )
    with plugin_errors(config.config_file_path):
        settings = load(given if isinstance(probes, Mapping) else probes, strict=config.strict)
        build.begin(settings, root, docs)
    build.under_way().publishes = _command["name"] == "build"
    post_pins.allow_days()
    if "sotokara" not in config.markdown_extensions:
        config.markdown_extensions.append("sotokara")
    if STYLESHEET not in config.extra_css:
        config.extra_css.append(STYLESHEET)
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the figures' stylesheet; stop where a blog could not read a measuring article's head."""
    _refuse_unreadable(files)
    source = Path(sotokara.__file__).parent / "render" / "probes.css"
    files.append(File.generated(config, STYLESHEET, abs_src_path=str(source)))
    _keep_back(one for one in files if one.src_uri.lower().endswith(MAILS))
    return files


def _refuse_unreadable(files: Files) -> None:
    """Say where the front matter of a page with probes breaks off.

    MkDocs takes such a page for one without front matter, and Material's blog ends at it without
    a line: it reads its posts in this event, later than this.

    :raises PluginError: with all of them.
    """
    mistakes: list[AuthorError] = []
    for file in files.documentation_pages():
        if file.abs_src_path is None:
            continue
        with contextlib.suppress(OSError, ValueError):  # MkDocs says so when it reads the page
            text = file.content_string
            if "probe" in text:
                mistakes += unreadable_front_matter(file.src_uri, text)
    if mistakes:
        _stop(build.under_way().told(mistakes))


def _stop(mistakes: list[str]) -> None:
    many = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
    raise PluginError("\n".join([f"{many} in probe definitions:", *mistakes]))


def _keep_back(files: Iterable[File]) -> None:
    """Publish none of these: whole mails are nobody's but their owners'."""
    for one in files:
        if one.inclusion.is_included():  # type: ignore[no-untyped-call]
            one.inclusion = InclusionLevel.EXCLUDED
            log.info("%s is not published; its figure has what may be shown of it", one.src_uri)


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put the guide's tables and its examples beside their source where a page asks for them."""
    if "<!-- beside -->" in markdown:
        markdown = beside.fill_examples(markdown)
    return reference.fill_reference(markdown) if "<!-- reference: " in markdown else markdown


def on_page_content(html: str, *, page: Page, config: MkDocsConfig, files: Files) -> None:
    """Submit the page's probes; they run while the other pages are rendered."""
    text = page.file.content_string
    meta = page.meta
    day = day_written(meta)
    with plugin_errors():
        now, lang = build.under_way(), meta.get("lang")
        if is_ours(html):  # another's page has keys of its own by these names
            now.set_zone(page.file.src_uri, text, meta.get("timezone"))
            now.set_pin(page.file.src_uri, text, meta.get("pin"))
        draft = _command["name"] == "serve" and addresses.is_draft(page, config)
        now.read(page.file.src_uri, text, html, lang, day, unpublished=draft)
    found = [AuthorError(page.file.src_uri, *one) for one in look_alikes(text)]
    for one in now.told(found):
        log.warning(one)


@event_priority(100)  # before anything else reads the pages' content
def _fill(env: Any, *, config: MkDocsConfig, files: Files) -> None:  # noqa: ANN401
    """Wait for all probes, stop at any mistake, and fill in the figures."""
    now, serving = build.under_way(), _command["name"] == "serve"
    with plugin_errors(), report.progress() as show:
        mistakes = now.finish(show, lenient=serving)
    for mistake in mistakes if serving else ():  # the page shows it, and the rest of the site
        log.error(mistake)
    if mistakes and not serving:
        _stop(mistakes)
    pages = {file.src_uri: file.page for file in files.documentation_pages() if file.page}
    now.addresses = {source: page.canonical_url or "" for source, page in pages.items()}
    for source, page in pages.items():
        page.content = now.fill(source, page.content or "")
    _mend_feed(config, {page.file.abs_src_path: page for page in pages.values()})
    warnings = now.broken_promises()
    for line in (*report.summary(now.kept), *report.batches(now.run.file.batches)):
        log.info(line)
    for line in report.waiting(now.run.moved):
        log.info(line)
    lost = now.lost_quotations()
    if lost and config.strict:
        raise PluginError("\n".join(lost))
    for line in lost:
        log.warning(line)
    for warning in warnings:  # the world may have changed: no reason to fail a strict build
        log.info(warning)


@event_priority(90)  # the definitions are known, and no file is copied yet
def _without_sources(env: Any, *, config: MkDocsConfig, files: Files) -> None:  # noqa: ANN401
    """Publish no file that a figure was read from, whatever its name."""
    read = build.under_way().plan.files_read()
    _keep_back(one for one in files if one.src_uri in read)


@event_priority(-100)  # nobody reads the figures any more
def _release(env: Any, *, config: MkDocsConfig, files: Files) -> None:  # noqa: ANN401
    """Ten thousand observations take more memory than their text; a served page is built again."""
    if _command["name"] != "serve":
        with plugin_errors():
            build.under_way().release()


@event_priority(-110)  # all plugins have their index by now, and no page is written yet
def _for_search(env: Any, *, config: MkDocsConfig, files: Files) -> None:  # noqa: ANN401
    """Let the search read of each figure its text alone: it parses every element.

    It is given a copy of the page. The page itself may be changed by others meanwhile (a plugin
    that encrypts it), and what they made of it is never written over.
    """
    for plugin in config.plugins.values():
        index = getattr(plugin, "search_index", None)
        add = getattr(index, "add_entry_from_context", None)
        if add is not None and not hasattr(add, "reads_figures"):
            index.add_entry_from_context = _reading(add)  # type: ignore[union-attr]


def _reading(add: Callable[[Page], None]) -> Callable[[Page], None]:
    def add_entry(page: Page) -> None:
        content = page.content or ""
        text = searched(content)
        if text is not content:
            page = copy.copy(page)
            page.content = text
        add(page)

    add_entry.reads_figures = True  # type: ignore[attr-defined]
    return add_entry


on_env = CombinedEvent(_fill, _without_sources, _release, _for_search)


def _mend_feed(config: MkDocsConfig, pages: dict[str | None, Page]) -> None:
    """The feed plugin cut its summaries from the Markdown before there were figures."""
    for name, plugin in config.plugins.items():
        if name.rpartition("/")[2] != "rss":
            continue
        for item in getattr(plugin, "pages_to_filter", ()):
            page = pages.get(str(item.abs_path))
            if (
                page
                and not page.meta.get("description")
                and build.under_way().measures(page.file.src_uri)
            ):
                item.description = report.abstract(
                    page.content or "", plugin.config.abstract_delimiter
                )


def on_build_error(error: Exception) -> None:
    """Whatever went wrong: stop measuring.

    :raises Abort: with file and line, for a file that is no UTF-8, which MkDocs does not name.
    """
    build.stop()
    if isinstance(error, UnicodeDecodeError) and (now := build.current()):
        raise Abort(str(told(error, now.root, now.root / now.docs))) from error


def on_shutdown() -> None:
    """End the background thread."""
    build.stop()
