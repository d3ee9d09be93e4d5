"""The MkDocs adapter's part for right of reply and corrections, which stand in front matter."""

from typing import Any

from material.plugins.blog.structure import Post
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files

from sotokara.core.mistakes import AuthorError
from sotokara.definitions import replies
from sotokara.mkdocs.parts import is_enabled
from sotokara.render.replies_view import (
    Corrected,
    corrections_feeds,
    corrections_html,
    with_replies,
)
from sotokara.site import build


@event_priority(85)  # when the articles have their heads
def on_env(env: Any, *, config: MkDocsConfig, files: Files) -> None:  # noqa: ANN401
    """Put replies beside the findings, corrections at the foot, and all corrections in a feed."""
    if not is_enabled("heads"):
        return
    now = build.under_way()
    mistakes: list[AuthorError] = []
    corrected: list[Corrected] = []
    for file in files.documentation_pages():
        page = file.page
        if not isinstance(page, Post):
            continue
        said, wrong = replies.read_replies(page.meta, file.src_uri, file.content_string)
        mistakes += wrong
        lang = str(page.meta.get("lang") or now.settings.lang)
        html = with_replies(page.content or "", said.replies, now.settings.contact, lang)
        page.content = html + corrections_html(said.corrections, lang)
        link = page.canonical_url or ""
        corrected += [Corrected(link, str(page.title), one) for one in said.corrections]
    if mistakes:
        raise PluginError("\n".join(f"{now.docs}/{one}" for one in sorted(mistakes)))
    if corrected and is_enabled("feeds") and now.whole and config.site_url:
        site, title, lang = config.site_url, config.site_name, now.settings.lang
        for name, text in corrections_feeds(corrected, site, title, lang).items():
            files.append(File.generated(config, f"corrections/{name}", content=text))
        config.extra["corrections"] = "corrections/atom.xml"
