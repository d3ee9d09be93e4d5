"""What no author writes: schemas for editors, cards for links, the front page, heads of articles.

No logic of its own: ``card.py`` beside this file draws, the rest is in ``probes``.
"""

import hashlib
import logging
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Any

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date
from material.plugins.blog.structure import Post, View
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import CombinedEvent, event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from sotokara.core.extras import MissingExtraError, needs_extra
from sotokara.findings import overview
from sotokara.mkdocs import replies
from sotokara.mkdocs.errors import plugin_errors
from sotokara.mkdocs.parts import is_enabled
from sotokara.render.card import card_svg
from sotokara.render.overview import front_html, head_html
from sotokara.site import build, schema

ALL = "changes.md"
"""The page of all changes, where there is one."""
log = logging.getLogger("mkdocs.sotokara")
_front: dict[str, tuple[list[overview.WatchedArticle], list[overview.ArticleChange]]] = {}
"""What the front page lists, once it is known."""
_pictures: dict[str, str] = {}
"""Each article's picture for the front page, by its source."""


def language(page: Page | None, config: MkDocsConfig) -> str:
    """The language that ``page`` is written in; ``en`` where the theme names none either."""
    site = str(config.theme.get("language") or "en")
    return str(page.meta.get("lang", site)) if page else site


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Publish the schemas of definitions and settings."""
    if not is_enabled("schema"):
        return files
    root = Path(config.config_file_path).parent
    for name, content in schema.cached_schema_files(root / ".cache").items():
        files.append(File.generated(config, f"schema/{name}", content=content))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> None:
    """Tell the extension the page's language, for the names of blocks."""
    config.mdx_configs.setdefault("sotokara", {})["lang"] = language(page, config)


@event_priority(90)  # when the figures are in their place, before anything reads the pages
def _tell(env: Any, *, config: MkDocsConfig, files: Files) -> None:  # noqa: ANN401
    """Find the articles' other languages, write their heads, draw their cards."""
    pages = {file.src_uri: file.page for file in files.documentation_pages() if file.page}
    if is_enabled("heads"):
        _translations(pages, config)
    articles = {source: page for source, page in pages.items() if isinstance(page, Post)}
    now = build.under_way()
    with plugin_errors():
        states = overview.states(now.plan, list(articles))
        if is_enabled("front"):
            _front["lists"] = overview.front(now.plan, now.findings, set(articles))
            _pictures.clear()
            for source, page in articles.items():
                named = str(page.meta.get("figure", ""))
                figure = overview.lead(list(now.plan.figures(source)), now.findings, named)
                if figure is not None:
                    _pictures[source] = card_svg(figure, now.findings, language(page, config))
    for page in articles.values():
        writers = getattr(page, "authors", None) or ()
        page.meta["writers"] = [{"@type": "Person", "name": one.name} for one in writers]
    for source, page in articles.items() if is_enabled("heads") else ():
        now.show_times_of(source)
        _head(states.get(source), page, config)
    if is_enabled("cards") and articles and config.site_url:
        _cards(articles.values(), config, files)


on_env = CombinedEvent(_tell, replies.on_env)


def on_page_context(context: dict[str, Any], *, page: Page, config: MkDocsConfig, nav: Any) -> None:  # noqa: ANN401
    """Give lists of articles their pictures; the front page what changed and what is watched."""
    if is_enabled("front") and isinstance(page, View):
        context["pictures"] = _pictures
    if not (is_enabled("front") and isinstance(page, View) and page.is_homepage):
        return
    blogs: list[Any] = [one for one in config.plugins.values() if hasattr(one, "blog")]
    articles = {post.file.src_uri: post for one in blogs for post in one.blog.posts}

    def address(source: str) -> tuple[str, str, str]:
        post = articles[source]
        link = post.file.url_relative_to(page.file)
        return link, str(post.title), language(post, config)

    questions, changed = _front["lists"]
    every = [file.url_relative_to(page.file) for file in context["pages"] if file.src_uri == ALL]
    lang = language(page, config)
    build.under_way().show_times_of()
    context["front"] = front_html(questions, changed, address, lang, next(iter(every), ""))


def _translations(pages: dict[str, Page], config: MkDocsConfig) -> None:
    """``translations: [other.md]`` in one article's front matter links all of them both ways."""
    groups: dict[str, set[str]] = {}
    for source, page in pages.items():
        for other in page.meta.get("translations") or ():
            path = (PurePosixPath(source).parent / str(other)).as_posix()
            if path not in pages:
                message = f"docs/{source}:1: translations: there is no {path}"
                raise PluginError(f"{message}; write the other article's file, as seen from here")
            group = groups.get(source, {source}) | groups.get(path, {path})
            groups |= dict.fromkeys(group, group)
    for source, group in groups.items():
        others = [pages[one] for one in sorted(group)]
        pages[source].meta["alternates"] = [
            (language(one, config), one.canonical_url) for one in others
        ]


def _head(state: overview.State | None, page: Page, config: MkDocsConfig) -> None:
    """The line beneath the title."""
    mine = language(page, config)
    others = [
        (code, _name(code), address)
        for code, address in page.meta.get("alternates", ())
        if code != mine
    ]
    if state or others:
        head, title, rest = (page.content or "").partition("</h1>")
        page.content = f"{head}{title}{head_html(state, others, mine)}{rest}" if title else head


def _name(code: str) -> str:
    """A language's own name for itself."""
    try:
        return str(Locale.parse(code, sep="-").get_display_name())
    except (UnknownLocaleError, ValueError):
        return code


def _cards(pages: Iterable[Post], config: MkDocsConfig, files: Files) -> None:
    """The pictures that other sites show beside a link, where they can be drawn."""
    try:
        with needs_extra("cards", "a picture for links"):
            from sotokara.mkdocs import card
    except MissingExtraError as missing:
        log.info("no pictures for links: %s", missing)
        return
    for page in pages:
        _card(card, page, config, files)


def _card(card: ModuleType, page: Post, config: MkDocsConfig, files: Files) -> None:
    """One page's picture; drawn once for each text."""
    lang = language(page, config)
    day = format_date(page.config.date.created, format="long", locale=lang.replace("-", "_"))
    texts = (str(page.title), day, config.site_name)
    name = hashlib.sha256("\0".join((card.VERSION, *texts)).encode()).hexdigest()[:16]
    kept = Path(config.config_file_path).parent / ".cache" / "cards" / f"{name}.png"
    if not kept.is_file():
        try:
            drawn = card.draw(*texts)
        except card.NoFontError:
            log.info("no card for %s: no font here has its letters", page.file.src_uri)
            return
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(drawn)
    files.append(File.generated(config, f"assets/cards/{name}.png", abs_src_path=str(kept)))
    page.meta["card"] = f"assets/cards/{name}.png"
