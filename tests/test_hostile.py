"""Hostile answers in a real browser: nothing acts, and the page says what was sent.

Every answer of tests/lab/hostile.py is asked of the lab's name servers and built into a blog; the
same blog of harmless answers shows which elements and attributes there should be.
"""

import html
import json
import re
import sys
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.lab import hostile
from tests.lab.names import Internet
from tests.sites import fence, figures, make_blog
from tests.test_blog import browser, page, serve  # noqa: F401  # fixtures

pytestmark = [pytest.mark.lab, pytest.mark.browser]

_HEAD = "---\ndate: 2026-01-02\ncategories: [Names]\n---\n"
_MORE = "\n<!-- more -->\n"
BUILD = [sys.executable, "-m", "mkdocs", "build"]
_STYLES = ("nslookup", "dig", "table")
# Line ends belong to files; the others would act or hide.
_HIDDEN = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
COLLECT = """text => {
  const found = new Set();
  const tree = new DOMParser().parseFromString(text, 'text/html');
  for (const one of tree.querySelectorAll('*')) {
    found.add(one.localName);
    for (const attribute of one.attributes) found.add(`${one.localName} ${attribute.name}`);
    if (one.namespaceURI !== 'http://www.w3.org/1999/xhtml') found.add(one.namespaceURI);
  }
  return [...found];
}"""


def _question(answer: hostile.Answer) -> dict[str, Any]:
    name = answer.name
    if answer.type == "PTR":
        name = f"203.0.113.{name.partition('.')[0]}"
    return {"dns": name, "type": answer.type}


def _posts(questions: list[dict[str, Any]]) -> dict[str, str]:
    """An article for each style, and one that hands answers on: in prose and as targets."""
    posts = {}
    for style in _STYLES:
        fences = [
            fence(**question, id=f"q{number}", style=style)
            for number, question in enumerate(questions)
        ]
        fences.insert(5, _MORE)
        posts[f"{style}.md"] = f"{_HEAD}# {style}\n\n" + "\n".join(fences) + "\n## The end\n"
    handed = [f"- `#!probe nslookup#q{n}.records[0].value`" for n in range(len(questions))]
    targets = [
        fence(dns=f"{{{{ nslookup#q{n}.records[0].value }}}}") for n in range(0, len(questions), 3)
    ]
    body = "\n".join([*handed[:5], _MORE, *handed[5:], "", *targets])
    posts["handed.md"] = f"{_HEAD}# handed\n\n{body}\n## The end\n"
    return posts


class Blog:
    """A blog built in the lab."""

    def __init__(self, lab: Internet, folder: Path, questions: list[dict[str, Any]]) -> None:
        make_blog(folder, _posts(questions))
        environ = {**lab.settings(), "NO_MKDOCS_2_WARNING": "1"}
        done = lab.run("pc", BUILD, cwd=folder, env=environ, timeout=110)
        self.folder, self.site, self.terminal = folder, folder / "site", done.stdout + done.stderr

    def pages(self) -> list[Path]:
        """Every page of the site."""
        return sorted(self.site.rglob("*.html"))

    def text(self, path: str) -> str:
        """A file of the site."""
        return (self.site / path).read_text("utf-8")

    def structure(self, browser_page: Page) -> set[str]:
        """Every element and attribute that a browser finds in any page."""
        texts = [path.read_text("utf-8") for path in self.pages()]
        return {one for text in texts for one in browser_page.evaluate(COLLECT, text)}


@pytest.fixture(scope="module")
def nasty(_internet: Internet, tmp_path_factory: pytest.TempPathFactory) -> Blog:
    _internet.flush()
    questions = [_question(answer) for answer in hostile.ANSWERS]
    return Blog(_internet, tmp_path_factory.mktemp("nasty") / "blog", questions)


@pytest.fixture(scope="module")
def harmless(_internet: Internet, tmp_path_factory: pytest.TempPathFactory) -> Blog:
    questions = [
        {"dns": "annai.shop.example", "type": "TXT"},
        {"dns": "big.shop.example", "type": "TXT"},
        {"dns": "store.shop.example", "type": "CNAME"},
        {"dns": "203.104.255.140", "type": "PTR"},
        {"dns": "shop.example", "type": "SOA"},
        {"dns": "nobody.shop.example", "type": "TXT"},
        {"dns": "bogus.example", "type": "A"},
        {"dns": "日本語.example", "type": "A"},
    ] * 2
    return Blog(_internet, tmp_path_factory.mktemp("harmless") / "blog", questions)


def test_no_element_and_no_attribute_appears(nasty: Blog, harmless: Blog, page: Page) -> None:  # noqa: F811
    assert nasty.structure(page) - harmless.structure(page) == set()


@pytest.mark.parametrize("post", [*_STYLES, "handed"])
def test_no_script_runs_and_the_layout_holds(
    nasty: Blog,
    serve: Callable[[Path], str],  # noqa: F811
    page: Page,  # noqa: F811
    post: str,
) -> None:
    root = serve(nasty.site)
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))  # and there it stops
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{root}posts/{post}/")
        for one in page.locator("figure.probe").all()[:40]:
            one.hover(force=True)
        assert page.title() == f"{post} - Sotokara"
        sizes = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert sizes[0] <= sizes[1]
        end = page.locator("h2#the-end")
        end.scroll_into_view_if_needed()
        assert end.is_visible()
        figure = page.locator("figure.probe").last.bounding_box()
        heading = end.bounding_box()
        assert figure
        assert heading
        assert heading["y"] >= figure["y"] + figure["height"]
        assert heading["x"] < width / 2
    assert said == []
    assert [url for url in asked if not url.startswith(root)] == []


def _runs(answer: hostile.Answer) -> list[str]:
    """Words of plain letters that a reader must find: those of the first label of a name."""
    content = answer.content if answer.type == "TXT" else answer.content[:63]
    return re.findall("[A-Za-z0-9]{4,60}", content[:700].decode("latin-1"))[:20]


@pytest.mark.parametrize("style", _STYLES)
def test_the_page_says_what_was_sent(nasty: Blog, style: str) -> None:
    shown = figures(nasty.text(f"posts/{style}/index.html"))
    missing = []
    for number, answer in enumerate(hostile.ANSWERS):
        text = shown[f"q{number}"]
        for run in _runs(answer):
            at = text.find(run)
            if at < 0:
                missing.append((answer.name, answer.why, run))
                break
            text = text[at:]
    assert missing == []


def test_what_is_harmless_in_it_stands_as_it_was_sent(nasty: Blog) -> None:
    shown = figures(nasty.text("posts/nslookup/index.html"))
    for number, answer in enumerate(hostile.ANSWERS):
        plain = answer.content.isascii() and answer.content.decode("latin-1").isprintable()
        if answer.type == "TXT" and plain and 0 < len(answer.content) < 250:
            quoted = answer.content.decode().replace("\\", "\\\\").replace('"', '\\"')
            assert f'text = "{quoted}"' in shown[f"q{number}"], answer.why


def _acting(text: str) -> set[str]:
    return {f"U+{ord(c):04X}" for c in set(text) if unicodedata.category(c) in _HIDDEN} - {"U+000A"}


def test_no_character_that_acts_or_hides_is_in_any_file(nasty: Blog, harmless: Blog) -> None:
    def acting(path: Path) -> set[str]:
        return _acting(html.unescape(path.read_text("utf-8")))

    usual = {code for path in harmless.pages() for code in acting(path)}
    assert {code for path in nasty.pages() for code in acting(path)} <= usual
    for name in ("feed_rss_created.xml", "feed_json_created.json"):
        assert acting(nasty.site / name) == set()
    # The index has a zero-width space between Japanese words: hooks/words.py puts it there.
    assert acting(nasty.site / "search" / "search_index.json") <= {"U+200B"}


def test_the_terminal_is_safe(nasty: Blog) -> None:
    assert _acting(nasty.terminal) == set()
    assert "Traceback" not in nasty.terminal


def test_the_feed_is_text(nasty: Blog, harmless: Blog, page: Page) -> None:  # noqa: F811
    def elements(blog: Blog) -> set[str]:
        feed = ET.fromstring(blog.text("feed_rss_created.xml"))  # noqa: S314  # our own
        texts = [one.findtext("description") or "" for one in feed.iter("item")]
        items = json.loads(blog.text("feed_json_created.json"))["items"]
        texts += [one.get("content_html", "") for one in items]
        return {found for text in texts for found in page.evaluate(COLLECT, text)}

    assert elements(nasty) - elements(harmless) == set()
    assert "txt1.hostile.example" in nasty.text("feed_rss_created.xml")


def test_search_shows_it_as_text(
    nasty: Blog,
    serve: Callable[[Path], str],  # noqa: F811
    page: Page,  # noqa: F811
) -> None:
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))  # and there it stops
    page.goto(serve(nasty.site))
    title = page.title()
    field = page.locator("[data-md-component=search-query]")
    for words in ("owned", "hostile.example", "script"):
        field.click()
        field.fill("")
        page.keyboard.insert_text(words)
        page.keyboard.press("Shift")  # Material listens to keys
        # The meta line may still be the last search's; the list is what this one found.
        found = page.locator(".md-search-result__list")
        expect(found).to_contain_text(words, ignore_case=True)
        strange = "script, img, iframe, svg[onload], style, link, form, input, base, meta, b"
        assert page.locator(f".md-search-result__list :is({strange})").count() == 0
        assert page.locator(".md-search-result__list [onmouseover]").count() == 0
    assert page.title() == title
    assert said == []
