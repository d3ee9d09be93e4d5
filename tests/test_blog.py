"""The blog as readers get it: built with the project's mkdocs.yml, opened in a real browser."""

import functools
import json
import re
import shutil
import threading
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.published import ROOT, build

ARTICLES = Path(__file__).parent / "blog"
ALIKE = {f"long{number}" for number in range(1, 10)}
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no name has an address
]
expect.set_options(timeout=60_000)  # a loaded machine builds its index of the search in seconds
JAPANESE_TEXTS = (ARTICLES / "japanese_texts.js").read_text("utf-8")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A blog of the articles in tests/blog, and of long ones, under the project's mkdocs.yml."""
    project = tmp_path_factory.mktemp("blog")
    shutil.copy(ROOT / "mkdocs.yml", project)
    (project / "hooks").symlink_to(ROOT / "hooks")
    ignored = shutil.ignore_patterns("posts", "guide", "decisions", "architecture.md")
    shutil.copytree(ROOT / "docs", project / "docs", ignore=ignored)
    shutil.copytree(ARTICLES, project / "docs" / "posts")
    article = f"---\ndate: 2025-01-01\nlang: ja\n---\n# 長\n\n{'測' * 1400}\n"
    for name in ("long0", *ALIKE):  # enough for a second page of the front page
        (project / "docs" / "posts" / f"{name}.md").write_text(article, "utf-8")
    return build(project)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a way to other hosts."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield chromium
        chromium.close()


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without a log."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def serve() -> Iterator[Callable[[Path], str]]:
    """Serve a folder on loopback; return its address."""
    servers: list[ThreadingHTTPServer] = []

    def start(folder: Path) -> str:
        handler = functools.partial(Quiet, directory=str(folder))
        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), handler))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A new page in a new profile."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.mark.browser
def test_a_japanese_article_is_japanese_throughout(
    site: Path, serve: Callable[[Path], str], page: Page
) -> None:
    page.goto(f"{serve(site)}posts/hijack/")
    assert page.locator("html").get_attribute("lang") == "ja"
    texts = page.evaluate(JAPANESE_TEXTS)
    assert {"検索", "目次", "2026年11月3日", "2026年11月20日", "約1分で読めます"} <= set(texts)
    assert "この見出しへのリンク" in texts
    names = re.compile(r"Sotokara|BGP|DNS|RSS|JSON|example\.com")
    assert [text for text in texts if re.search("[A-Za-z]", names.sub("", text))] == []
    assert page.locator("h2").first.get_attribute("id") == "権威サーバー"
    assert page.locator("pre code").inner_text().split() == ["一行目", "二行目"]
    expect(page.get_by_text("はじめに一行。つづけて二行目。")).to_be_visible()


@pytest.mark.browser
@pytest.mark.parametrize(
    "view", ["", "page/2/", "archive/2026/", "category/dns/", "category/読み物/"]
)
def test_views_are_english_with_japanese_excerpts(
    site: Path, serve: Callable[[Path], str], page: Page, view: str
) -> None:
    page.goto(serve(site) + view)
    assert page.locator("html").get_attribute("lang") == "en"
    japanese = page.locator(".md-post", has=page.locator("[lang=ja]")).first
    assert re.search("[ぁ-ん一-龠]", japanese.locator("[lang=ja]").inner_text())
    assert re.match(r"\w+ \d+, 202[56]", japanese.locator("time").inner_text())
    assert "min read" in japanese.locator(".md-post__header").inner_text()
    assert page.locator("[lang=ja] .md-post__action").count() == 0
    assert "Unfinished" not in page.content()


@pytest.mark.browser
def test_reading_time_counts_japanese_characters(
    site: Path, serve: Callable[[Path], str], page: Page
) -> None:
    page.goto(f"{serve(site)}posts/long0/")
    expect(page.get_by_text("約3分で読めます")).to_be_visible()  # 1,401 characters at 500 a minute


@pytest.mark.browser
@pytest.mark.parametrize(
    ("query", "articles"),
    [
        ("経路ハイジャック", {"posts/hijack/"}),
        ("ハイジャック", {"posts/hijack/"}),
        ("権威サーバー", {"posts/hijack/"}),
        ("サーバー", {"posts/hijack/", "posts/server/"}),
        ("時間", {"posts/hijack/"}),
        ("応答時間を測定", {"posts/hijack/"}),
        ("example.com", {"posts/hijack/", "posts/names/"}),
        ("example.org", {"posts/names/"}),
        ("203.104.255.140", {"posts/names/"}),
        ("2001:db8::53", {"posts/names/"}),
        ("198.51.100.7", {"posts/names/"}),
        ("data-hotel.example", {"posts/names/"}),
        ("resolvers", {"posts/names/"}),
        ("measuring", {"posts/names/"}),
        ("query", {"posts/names/"}),
        ("経緯", set()),
        ("unpublished.example", set()),
    ],
)
def test_search_finds(
    site: Path, serve: Callable[[Path], str], page: Page, query: str, articles: set[str]
) -> None:
    root = serve(site)
    page.goto(root)
    page.locator("[data-md-component=search-query]").click()
    page.keyboard.insert_text(query)
    page.keyboard.press("Shift")  # Material listens to keys
    expect(page.locator(".md-search-result__meta")).to_have_text(
        re.compile("matching document" if articles else "No matching")
    )
    links = page.locator(".md-search-result__item > a")
    if articles:  # they are listed after they are counted
        expect(links.first).to_be_attached()
    hrefs = {str(link.get_attribute("href")) for link in links.all()}
    posts = {href.removeprefix(root).split("?")[0].split("#")[0] for href in hrefs}
    assert {post for post in posts if post.startswith("posts/")} == articles


@pytest.mark.browser
@pytest.mark.parametrize(
    ("blog", "scheme"), [("site", "light"), ("site", "dark"), ("published", "light")]
)
def test_asks_no_other_host(
    blog: str,
    scheme: str,
    request: pytest.FixtureRequest,
    serve: Callable[[Path], str],
    browser: Browser,
) -> None:
    folder: Path = request.getfixturevalue(blog)
    root = serve(folder)
    asked: list[str] = []
    said: list[str] = []
    context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
    context.on("request", lambda each: asked.append(each.url))
    context.on("console", lambda message: said.append(f"{message.page}: {message.text}"))
    page = context.new_page()
    page.on("pageerror", lambda error: said.append(str(error)))
    pages = [path for path in sorted(folder.rglob("*.html")) if path.parent.name not in ALIKE]
    for folder_of_alike in ("evidence", "decisions"):
        alike = [path for path in pages if path.parent.parent.name == folder_of_alike]
        pages = [path for path in pages if path not in alike[1:]]
    assert {"index.html", "404.html"} < {str(path.relative_to(folder)) for path in pages}
    tabs = [page, *(context.new_page() for _ in range(5))]
    for tab in tabs[1:]:
        tab.on("pageerror", lambda error: said.append(str(error)))
    for first in range(0, len(pages), len(tabs)):
        for tab, path in zip(tabs, pages[first:], strict=False):
            tab.goto(root + str(path.relative_to(folder)))
        page.wait_for_timeout(150)  # for what scripts ask after the pages are there
    page.goto(root)
    page.locator("[data-md-component=search-query]").fill("dns")
    expect(page.locator(".md-search-result__meta")).not_to_have_text(re.compile("Initializing"))
    context.close()
    assert any("search/search_index.json" in url for url in asked)
    assert [url for url in asked if not url.startswith((root, "data:", "blob:"))] == []
    assert said == []


def test_feeds_have_every_published_article_and_its_dates(site: Path) -> None:
    feed = ET.parse(site / "feed_rss_created.xml")  # noqa: S314  # we wrote it
    assert feed.findtext(".//image/url") == "http://127.0.0.1/assets/icon.png"
    assert (site / "assets" / "icon.png").is_file()
    items = feed.findall(".//item")
    dates = {item.findtext("link"): item.findtext("pubDate") for item in items}
    assert dates["http://127.0.0.1/posts/hijack/"] == "Tue, 03 Nov 2026 00:00:00 +0000"
    assert dates["http://127.0.0.1/posts/names/"] == "Sun, 01 Nov 2026 00:00:00 +0000"
    assert not any("unfinished" in str(link) for link in dates)
    updated = json.loads((site / "feed_json_updated.json").read_text("utf-8"))
    assert updated["items"][0]["url"] == "http://127.0.0.1/posts/hijack/"


def test_a_title_is_what_the_heading_is_rendered_to(site: Path) -> None:
    page = (site / "posts" / "names" / "index.html").read_text("utf-8")
    assert re.findall("<title>(.*?) - ", page) == ["Names and numbers"]
    feed = ET.parse(site / "feed_rss_created.xml")  # noqa: S314  # we wrote it
    assert "Names and numbers" in [item.findtext("title") for item in feed.findall(".//item")]


def test_drafts_and_templates_are_not_published(site: Path) -> None:
    names = [path.name for path in site.rglob("*")]
    assert "unfinished" not in names
    assert "overrides" not in names
