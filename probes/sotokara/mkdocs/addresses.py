"""The MkDocs adapter's part on addresses: of articles, of former ones, of figures in them."""

import copy
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

from sotokara.ledger.published import present_name, published
from sotokara.site.build import Build
from sotokara.site.redirects import redirects, write_redirects

_ANCHOR = re.compile(r' id="(probe-[\w-]+)"')


def is_draft(page: Page, config: MkDocsConfig) -> bool:
    """Whether a page that is being served would be left out of a build."""
    blogs = [one for one in _blogs(config) if page in one.blog.posts]
    if not blogs:
        return page.file.inclusion is InclusionLevel.DRAFT
    own = getattr(getattr(page, "config", None), "draft", None)
    if isinstance(own, bool):
        return own
    if not any(one.config.draft_if_future_date for one in blogs):
        return False
    created: datetime = page.config.date.created  # type: ignore[attr-defined]  # a post's
    return created > datetime.now(created.tzinfo)


def refuse_two_of_one_address(files: Files, config: MkDocsConfig) -> None:
    """Of two articles with one address the site would have only the one written last.

    :raises PluginError: naming both.
    """
    first: dict[str, str] = {}
    wrong = []
    for source, dest in _of_authors(files, config):
        if (other := first.setdefault(dest, source)) != source:
            both = f"docs/{other}:1: and docs/{source}:1: have one address, {dest}"
            wrong.append(f"{both}; rename one, or tell them apart in post_url_format")
    if wrong:
        raise PluginError("\n".join(wrong))


def _of_authors(files: Files, config: MkDocsConfig) -> Iterator[tuple[str, str]]:
    """The pages that authors wrote, and where each will be."""
    docs = Path(config.docs_dir)
    posts = {post.file.src_uri for blog in _blogs(config) for post in blog.blog.posts}
    listed = {file.src_uri for file in files.documentation_pages()}
    for file in files:
        shown = file.is_documentation_page() and file.src_uri in posts | listed
        if shown and docs in Path(str(file.abs_src_path)).parents:
            yield file.src_uri, file.dest_uri


def _blogs(config: MkDocsConfig) -> list[Any]:
    """The blog plugins: they take posts out of MkDocs' list, and publish them themselves."""
    found = (getattr(one, "blog", None) for one in config.plugins.values())
    return [
        one
        for one, blog in zip(config.plugins.values(), found, strict=True)
        if hasattr(blog, "posts")
    ]


def tell_anchors(pages: Mapping[str, Page]) -> None:
    """Let MkDocs know the figures, which come after it has looked for anchors."""
    for page in pages.values():
        if page.present_anchor_ids is not None and page.content:
            page.present_anchor_ids.update(_ANCHOR.findall(page.content))


def page_addresses(files: Files, config: MkDocsConfig) -> dict[str, str]:
    """The path of every page that authors wrote, by its file."""
    known = dict(_of_authors(files, config))
    return {
        file.src_uri: file.url if file.url != "./" else ""
        for file in files.documentation_pages()
        if file.page and file.src_uri in known
    }


def lead_on(build: Build, files: Files, config: MkDocsConfig, pages: Mapping[str, str]) -> None:
    """Write a page at every address that an article had before."""
    ledger = build.run.ledger
    known = published(ledger.folder)
    for old, url in before_any_build(build, files, config).items():
        known.pages.setdefault(url, old)
    write_redirects(
        Path(config.site_dir), redirects(known, ledger.moves, pages), build.settings.lang
    )


def before_any_build(build: Build, files: Files, config: MkDocsConfig) -> dict[str, str]:
    """The addresses of articles that were moved before a build listed them, by their old names.

    This build leads on from there, so they are published with it: the list has to have them.
    """
    ledger = build.run.ledger
    known, found = set(published(ledger.folder).pages.values()), dict[str, str]()
    for move in ledger.moves:
        if "#" not in move.old and move.old not in known:
            new = files.get_file_from_path(present_name(move.new, move.at, ledger.moves))
            if new is not None and (url := _former_url(move.old, new, config)):
                found[move.old] = url
    return found


def _former_url(old: str, new: File, config: MkDocsConfig) -> str:
    """The address that a page had under its old name, where the list does not have it."""
    docs, site, plain = config.docs_dir, config.site_dir, config.use_directory_urls
    file = File(old, docs, site, plain)
    for blog in _blogs(config):
        if new.page in blog.blog.posts:
            post = copy.copy(new.page)
            post.file = file  # type: ignore[union-attr]  # a post is a page
            try:
                path = blog._format_path_for_post(post, config)  # noqa: SLF001  # it alone knows
            except (AttributeError, KeyError, ValueError):
                return ""
            return File(path, docs, site, plain).url
    return file.url
