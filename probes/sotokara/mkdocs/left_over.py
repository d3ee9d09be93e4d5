"""Pages that other plugins made of rendered pages before there were figures (print-site, PDF).

They hold placeholders. When all is written, each is replaced by the figure that stands on its own
page; what is nowhere (a page that somebody encrypted) is reported, and its placeholder removed.
"""

import logging
import re
from collections.abc import Iterator
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority
from mkdocs.structure.pages import Page

from sotokara.mkdocs.evidence import site_asks
from sotokara.render.figure import without_anchors
from sotokara.site import build
from sotokara.site.placeholders import find_placeholders, replace_placeholders

log = logging.getLogger("mkdocs.sotokara")
_written: dict[str, str] = {}
"""Each page's file below the site, by its source."""
_FIGURE = re.compile(r'<figure class="probe .*?</figure>', re.DOTALL)


@event_priority(-100)
def on_page_context(context: object, *, page: Page, config: MkDocsConfig, nav: object) -> None:
    """Remember where a page is written."""
    _written[page.file.src_uri] = page.file.dest_uri


def on_pre_build(*, config: MkDocsConfig) -> None:
    """Forget the build before."""
    _written.clear()


@event_priority(-80)
def on_post_build(*, config: MkDocsConfig) -> None:
    """Fill in what was left."""
    site = Path(config.site_dir)
    if not site_asks():
        return
    for path in _pages(site):
        html = path.read_text("utf-8")
        if 'data-probe="' in html:
            path.write_text(_filled(site, path, html), "utf-8")


def _filled(site: Path, path: Path, html: str) -> str:
    known = _figures(site, html)

    def figure(token: str, _: int = 0) -> str:
        if token not in known:
            where = path.relative_to(site)
            log.warning("%s: a figure is left out: its own page does not show it", where)
        return known.get(token, "")

    return replace_placeholders(html, figure, figure)


def _pages(site: Path) -> Iterator[Path]:
    for path in site.rglob("*.html"):
        if "evidence" not in path.relative_to(site).parts[:1]:
            yield path


def _figures(site: Path, html: str) -> dict[str, str]:
    """The figures and values that placeholders stand for, as their own pages show them."""
    now = build.under_way()
    found = find_placeholders(html)
    known: dict[str, str] = {}
    for page, token in now.plan.nodes:
        if token in found.fences and page in _written:
            definition = now.plan.nodes[page, token].definition
            anchor = f' id="probe-{definition.id or token[:8]}'
            text = (site / _written[page]).read_text("utf-8")
            own = [one for one in _FIGURE.findall(text) if anchor in one.partition(">")[0]]
            if own:
                known[token] = without_anchors("".join(own))
    for token, (page, _) in now.inlines.items():
        if token in found.inlines:
            known[token] = now.value(page, token)
    return known
