"""What an article and the front page say besides figures: heads, blocks, citations, cards."""

import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PIL import Image
from sotokara.core.labels import labels, languages
from sotokara.mkdocs import card
from sotokara.servers.nameserver import NameServer

from tests.servers.thread import serving

ROOT = Path(__file__).parents[1]
ENGLISH = """---
date: 2026-11-24
translations: [kotae.md]
description: Who answers, and how often.
---

# Who answers for www.example.com?

!!! findings

    One address, as cited.[^site:2] A name.[^name]

<!-- more -->

```probe
dns: www.example.com
id: site
```

```probe
dns: "{{ site.addresses }}"
id: name
```

!!! reply "What they say"

    Nothing.[^plain]

[^plain]: Asked on Monday.

An example is `[^site:2]` in code.
"""
JAPANESE = """---
date: 2026-11-24
lang: ja
---

# だれが答えるか

!!! methods

    名前を引く。[^site:1]

!!! corrections

    なし。

```probe
dns: www.example.com
id: site
```
"""


def built(project: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The project's mkdocs.yml over the articles in ``project``, built live."""
    shutil.copy(ROOT / "mkdocs.yml", project)
    (project / "hooks").symlink_to(ROOT / "hooks")
    ignored = shutil.ignore_patterns("posts", "guide", "decisions", "architecture.md")
    shutil.copytree(ROOT / "docs", project / "docs", ignore=ignored, dirs_exist_ok=True)
    server = NameServer()
    with serving(server):
        asked = f'["{server.address}"]'
        environment = {
            **os.environ,
            "NO_MKDOCS_2_WARNING": "1",
            "SITE_URL": "https://blog.example/",
            "SOTOKARA_RESOLVERS": asked,
            "SOTOKARA_CONTROL": asked,
            **environment,
        }
        return subprocess.run(
            [sys.executable, "-m", "mkdocs", "build"],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("blog")
    posts = project / "docs" / "posts"
    posts.mkdir(parents=True)
    (posts / "who.md").write_text(ENGLISH, "utf-8")
    (posts / "kotae.md").write_text(JAPANESE, "utf-8")
    done = built(project)
    assert done.returncode == 0, done.stderr
    (project / "said").write_text(done.stderr, "utf-8")
    return project


def page(site: Path, name: str) -> str:
    return (site / "site" / name / "index.html").read_text("utf-8")


def test_a_head_says_of_when_the_figures_are(site: Path) -> None:
    head = re.search('<p class="probe-head".*?</p>', page(site, "posts/who"))
    assert head
    assert re.search(r'<time datetime="\d{4}-\d\d-\d\dT[\d:]{8}Z">', head[0])
    assert "2 answered" in head[0]
    assert 'hreflang="ja" lang="ja">日本語</a>' in head[0]
    assert "1 応答あり" in page(site, "posts/kotae")


def test_articles_name_their_other_language_both_ways(site: Path) -> None:
    for name in ("posts/who", "posts/kotae"):
        text = page(site, name)
        for code, other in (("en", "who"), ("ja", "kotae")):
            link = f'<link rel="alternate" hreflang="{code}" href="https://blog.example/posts/{other}/">'
            assert link in text


def test_a_translation_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    posts = tmp_path / "docs" / "posts"
    posts.mkdir(parents=True)
    (posts / "who.md").write_text(ENGLISH, "utf-8")
    done = built(tmp_path, SOTOKARA_MODE="replay")
    assert done.returncode == 1
    assert "docs/posts/who.md:1: translations: there is no posts/kotae.md" in done.stderr


def test_blocks_are_named_in_the_language_of_the_page(site: Path) -> None:
    titles = re.compile('<p class="admonition-title">(.*?)</p>')
    assert titles.findall(page(site, "posts/who")) == ["Key findings", "What they say"]
    assert titles.findall(page(site, "posts/kotae")) == ["方法", "訂正"]


def test_a_footnote_cites_a_figure_down_to_the_line(site: Path) -> None:
    text = page(site, "posts/who")
    notes = re.findall(r'<li id="fn:.*?</li>', text, re.DOTALL)
    assert len(notes) == 3
    assert 'href="#probe-site-L2">Figure site, line 2</a>: <code>Address: 198.18.' in notes[0]
    assert "observed 20" in notes[0]
    assert 'href="#probe-name">Figure name</a>' in notes[1]
    assert "Asked on Monday." in notes[2]
    assert 'id="probe-site-L2"' in text
    assert "<code>[^site:2]</code> in code" in text


def test_a_citation_speaks_the_pages_language(site: Path) -> None:
    assert 'href="#probe-site-L1">図 site の 1 行目</a>' in page(site, "posts/kotae")


def test_the_front_page_has_a_row_for_each_article_it_watches(site: Path) -> None:
    front = page(site, ".").split('id="watched"')[1]
    rows = {
        link: re.findall(r'href="([^"]*)" title="[^"]*: [^"]*"', row)
        for link, row in re.findall(
            r'<th scope="row"><a href="([^"]*)"(.*?)</tr>', front, re.DOTALL
        )
    }
    assert rows == {
        "posts/who/": ["posts/who/#probe-site", "posts/who/#probe-name"],
        "posts/kotae/": ["posts/kotae/#probe-site"],
    }


def test_the_front_page_draws_a_figure_of_each_article(site: Path) -> None:
    """In the article's language; with its description where it has one, else its excerpt."""
    front = page(site, ".")
    cards = re.findall(r'<svg class="probe-card".*?</svg>', front, re.DOTALL)
    assert len(cards) == 2
    assert all("Address: 198.18." in one for one in cards)
    assert sorted("応答あり" in one for one in cards) == [False, True]
    assert "<p>Who answers, and how often.</p>" in front
    assert '<a href="posts/who/">Who answers for www.example.com?</a>' in front
    assert "名前を引く。" in front


def test_no_mark_of_a_footnote_is_left_in_lists(site: Path) -> None:
    for view in (".", "archive/2026"):
        assert "[^" not in page(site, view)
        assert "#fn:" not in page(site, view)


def test_each_article_has_a_card(site: Path) -> None:
    for name in ("posts/who", "posts/kotae"):
        found = re.search('og:image" content="https://blog.example/([^"]*)"', page(site, name))
        assert found
        with Image.open(site / "site" / found[1]) as picture:
            assert picture.size == card.SIZE
        assert (site / "site" / found[1]).stat().st_size < 40_000


def test_a_card_without_the_letters_is_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    latin = [path for path in card._files() if "CJK" not in path.name]
    monkeypatch.setattr(card, "_files", lambda: tuple(latin))
    with pytest.raises(card.NoFontError):
        card.draw("だれが答えるか", "2026", "Sotokara")
    assert card.draw("Who?", "2026", "Sotokara").startswith(b"\x89PNG")


@pytest.mark.parametrize("title", ["a" * 300, "長" * 300, "word " * 60, "\u202eevil"])
def test_long_titles_fit(title: str) -> None:
    assert len(card.draw(title, "2026", "Sotokara")) < 60_000


def test_the_sitemap_lists_every_article(site: Path) -> None:
    root = ET.parse(site / "site" / "sitemap.xml")  # noqa: S314  # we wrote it
    places = {element.text for element in root.iter() if element.tag.endswith("loc")}
    assert {"https://blog.example/posts/who/", "https://blog.example/posts/kotae/"} <= places


def test_words_are_complete_in_every_language() -> None:
    assert {"en", "ja"} <= set(languages())
    english = labels("en")
    filled = re.compile(r"\{\w*\}")
    for code in languages():
        words = labels(code)
        assert set(words) == set(english), code
        assert all(isinstance(one, str) for one in words.values()), code
        for key, text in english.items():
            assert words[key] or len(text) < 3, (code, key)
            assert sorted(filled.findall(words[key])) == sorted(filled.findall(text)), (code, key)


def test_search_knows_the_article_and_not_the_head(site: Path) -> None:
    index = json.loads((site / "site" / "search" / "search_index.json").read_text("utf-8"))
    texts = " ".join(section["text"] for section in index["docs"])
    assert "198.18." in texts
    assert "Figures as of" not in texts
