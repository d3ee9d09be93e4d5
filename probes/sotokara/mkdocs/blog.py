"""What the blog needs beyond Material's plugins: each page in its own language, and search.

A page's language is ``lang`` in its front matter, else the site's. docs/decisions/0010 and 0011
say why this is done here.
"""

import json
import re
from datetime import datetime
from itertools import count
from pathlib import Path
from urllib.parse import urljoin

from babel.dates import format_date
from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markdown import Extension, Markdown
from markdown.inlinepatterns import InlineProcessor
from material.plugins.blog.readtime.parser import ReadtimeParser
from material.plugins.blog.structure import Post
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import CombinedEvent, event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from sotokara.core.labels import labels
from sotokara.mkdocs import words
from sotokara.mkdocs.parts import is_enabled

SEARCH = '<div class="md-search" data-md-component="search" role="dialog">'
POST = '<nav class="md-nav md-nav--primary">'
PART = re.compile('<nav class="md-nav">')
# A section with a page of its own: the label that names its list is an icon, without a word; the
# list's title has the words.
SECTION = re.compile(
    r'aria-labelledby="__nav_(\w+)_label"([^>]*>\s*<label class="md-nav__title") for='
)


def mended(html: str, search: str, about: str) -> str:
    """The page with names for its dialog and its landmarks.

    ``search``, ``about``: in the page's language, “Search” and “About this article”.
    """
    html = html.replace(SEARCH, f'{SEARCH[:-1]} aria-label="{search}">')
    html = html.replace(POST, f'{POST[:-1]} aria-label="{about}">')
    if 'id="__toc"' not in html:  # a label for a switch that only some pages have
        html = html.replace(' for="__toc"', "")
    parts = count(1)
    html = PART.sub(lambda _: f'<nav class="md-nav" aria-label="{about} ({next(parts)})">', html)
    return SECTION.sub(r'aria-labelledby="__nav_\1_title"\2 id="__nav_\1_title" for=', html)


NAMES = "assets/javascripts/names.js"
TEMPLATES = Path(__file__).resolve().parent / "overrides"
"""The changed templates of Material."""

_pinned: dict[str, str | None] = {}
"""Titles that posts have while the blog plugin sees their Markdown."""


def language(page: Page | None, config: MkDocsConfig) -> str:
    """The language that ``page`` is written in, as in ``<html lang>``."""
    site: str = config.theme["language"]
    return str(page.meta.get("lang", site)) if page else site


class JoinedLines(InlineProcessor):
    """Takes out a line break between two Japanese characters: a browser shows it as a space."""

    PATTERN = f"(?<=[{words.IN_JAPANESE}])\n(?=[{words.IN_JAPANESE}])"

    def handleMatch(  # type: ignore[override]  # noqa: N802  # the base class allows any of these
        self,
        m: re.Match[str],
        data: str,  # noqa: ARG002
    ) -> tuple[str, int, int]:
        """Put nothing in the place of the line break."""
        return "", m.start(0), m.end(0)


class JapaneseLines(Extension):
    """Markdown may be written one Japanese sentence a line."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802  # Markdown's name
        """Register with ``md`` after all that may take a line break for itself."""
        md.inlinePatterns.register(JoinedLines(JoinedLines.PATTERN, md), "japanese_lines", 5)


# Before the feed plugin, which writes the address "None" for a feed without a picture.
@event_priority(50)
def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Add the changed templates and the Markdown extension; give the feed its picture."""
    if not is_enabled("languages"):
        return config
    if str(TEMPLATES) not in config.theme.dirs:
        config.theme.dirs.insert(1 if config.theme.custom_dir else 0, str(TEMPLATES))
    feed = config.plugins.get("rss")
    if feed is not None and config.site_url:
        feed.config["image"] = urljoin(config.site_url, "assets/icon.png")
    if NAMES not in config.extra_javascript:
        config.extra_javascript.append(NAMES)
    config.markdown_extensions.append(JapaneseLines())  # type: ignore[arg-type]  # as Markdown does
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the script that names what Material's own script makes."""
    if not is_enabled("languages"):
        return files
    source = Path(__file__).parent / "names.js"
    files.append(File.generated(config, NAMES, abs_src_path=str(source)))
    return files


def _has_words(code: str, config: MkDocsConfig) -> bool:
    """Whether the theme has a file of words for a language."""
    names = [Path(folder, "partials", "languages", f"{code}.html") for folder in config.theme.dirs]
    return any(name.is_file() for name in names)


# Before the blog plugin: it makes an excerpt's Markdown converter at this event.
@event_priority(0)
def _prepare(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Give Markdown the page's language, and the feed its dates."""
    if not is_enabled("languages"):
        return markdown
    code = language(page, config)
    base = code.partition("-")[0]
    known = next((one for one in (code, base) if _has_words(one, config)), None)
    if known is None:
        lines = page.file.content_string.splitlines()
        line = next((n for n, text in enumerate(lines, 1) if text.startswith("lang:")), 1)
        message = (
            f"docs/{page.file.src_uri}:{line}: lang: {code!r} is no language that the theme has"
        )
        raise PluginError(f"{message}; write a code such as ja or en")
    if known != code:
        page.meta["theme_lang"] = known
    own = labels(code)
    written = {
        "toc": {"permalink_title": own["permalink_title"]},
        "footnotes": {"BACKLINK_TITLE": own["footnote_back"]},
    }
    for extension, options in written.items():
        config.mdx_configs.setdefault(extension, {}).update(options)
    if isinstance(page, Post):
        # `date` may be one day or a mapping; the feed plugin reads only names of single days.
        page.meta["created"] = page.config.date.created
        page.meta["updated"] = page.config.date.updated or page.config.date.created
        # The blog plugin looks for the post among all others, and each comparison would read the
        # title from the Markdown anew: a tenth of the time of a thousand posts.
        if "title" not in vars(page):
            vars(page)["title"] = _pinned[page.file.src_uri] = page.title
    return markdown


@event_priority(-100)  # after the blog plugin; the title is then what the heading is rendered to
def _release(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> None:
    if page.file.src_uri in _pinned and _pinned.pop(page.file.src_uri) is vars(page).get("title"):
        del vars(page)["title"]


on_page_markdown = CombinedEvent(_prepare, _release)


def on_page_content(html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Count Japanese by its characters; the blog plugin has counted it as a few long words."""
    if is_enabled("languages") and isinstance(page, Post) and "readtime" not in page.meta:
        parser = ReadtimeParser()
        parser.feed(html)
        parser.close()
        page.config.readtime = words.reading_minutes("".join(parser.text), parser.images)
    return html


# After the blog plugin, whose `date` filter knows only the site's language.
@event_priority(-60)
def on_env(env: Environment, *, config: MkDocsConfig, files: Files) -> Environment:
    """Write a post's dates in the language of the page that shows them."""
    if not is_enabled("languages"):
        return env

    @pass_context
    def date(context: Context, day: datetime) -> str:
        locale = language(context.get("page"), config).replace("-", "_")
        return format_date(day, format="long", locale=locale)

    env.filters["date"] = date
    return env


def on_post_page(output: str, *, page: Page, config: MkDocsConfig) -> str:
    """Give the page's parts the names that Material leaves out."""
    if not is_enabled("languages"):
        return output
    own = labels(language(page, config))
    return mended(output, own["search"], own["about_article"])


def on_post_template(output_content: str, *, template_name: str, config: MkDocsConfig) -> str:
    """The same for pages that are no file's: 404.html."""
    if not is_enabled("languages") or not template_name.endswith(".html"):
        return output_content
    own = labels(language(None, config))
    return mended(output_content, own["search"], own["about_article"])


# After the search plugin has written its index.
@event_priority(-60)
def on_post_build(*, config: MkDocsConfig) -> None:
    """Complete the search index in place."""
    path = Path(config.site_dir, "search", "search_index.json")
    if not is_enabled("search") or not path.is_file():
        return
    index = json.loads(path.read_text("utf-8"))
    words.complete_search_index(index)
    path.write_text(json.dumps(index, ensure_ascii=False, separators=(",", ":")), "utf-8")
