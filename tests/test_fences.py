"""Fences wherever Markdown allows them: what is run, what is only shown, and where figures come."""

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import dns.message
import pytest
from sotokara.servers.nameserver import NameServer
from sotokara.site.look_alikes import look_alikes

from tests.servers.thread import serving
from tests.sites import build, figures, make_blog

RUN = (
    *("excerpt", "later", "list", "deeper", "admonition", "details", "tab", "other_tab"),
    *("quote", "div", "tilde", "braces"),
)


class Blog:
    """The blog of the articles in tests/fences, and the questions that its build asked."""

    def __init__(self, folder: Path) -> None:
        server = NameServer()
        posts = (Path(__file__).parent / "fences").glob("*.md")
        make_blog(folder, {post.name: post.read_text("utf-8") for post in posts})
        with serving(server):
            where = f"[{server.address}]"
            self.done = build(folder, "--strict", SOTOKARA_RESOLVERS=where, SOTOKARA_CONTROL=where)
        assert self.done.returncode == 0, self.done.stderr
        self.site = folder / "site"
        asked = [dns.message.from_wire(wire).question[0] for wire in server.asked]
        self.names = [one.name.to_text(omit_final_dot=True) for one in asked]
        self.forms = self.read("posts/forms/index.html")

    def read(self, path: str) -> str:
        """A file of the site."""
        return (self.site / path).read_text("utf-8")

    def address(self) -> str:
        """What the excerpt's figure says."""
        shown = figures(self.forms)["excerpt"]
        match = re.search(r"Address: (198\.1[89]\.\d+\.\d+)", shown)
        assert match
        return match[1]


@pytest.fixture(scope="module")
def blog(tmp_path_factory: pytest.TempPathFactory) -> Blog:
    return Blog(tmp_path_factory.mktemp("fences") / "blog")


@pytest.mark.parametrize("name", RUN)
def test_every_form_of_fence_is_run_and_shown(blog: Blog, name: str) -> None:
    host = f"{name.replace('_', '-')}.run.example"
    assert host in blog.names
    shown = figures(blog.forms)[name]
    assert f"Name: {host}" in shown
    assert "Address: 198.1" in shown


def test_examples_are_shown_and_not_run(blog: Blog) -> None:
    assert not [name for name in blog.names if name.endswith("example.example")]
    text = re.sub(r"<[^>]+>", "", blog.forms)
    for name in ("four-backticks", "indented", "yaml"):
        assert f"dns: {name}.example.example" in text
    assert "comment.example.example" not in text
    assert len(figures(blog.forms)) == len(RUN)


def test_no_placeholder_is_left(blog: Blog) -> None:
    for page in blog.site.rglob("*.html"):
        text = re.sub("<!--.*?-->", "", page.read_text("utf-8"), flags=re.DOTALL)
        assert "data-probe=" not in text, page


def test_figures_stand_inside_their_list_tab_and_note(blog: Blog) -> None:
    page = re.sub(
        r"<(meta|link|br|hr|img|input)\b[^>]*>|<!DOCTYPE[^>]*>|<!--.*?-->", "", blog.forms
    )
    around = {}
    open_tags: list[str] = []
    for match in re.finditer(r"<(/?)(\w+)([^>]*?)(/?)>", page):
        closing, tag, attributes, alone = match.groups()
        if closing:
            while open_tags and open_tags.pop() != tag:
                pass
        elif not alone:
            if tag == "figure" and (found := re.search(r'id="probe-(\w+)"', attributes)):
                around[found[1]] = list(open_tags)
            open_tags.append(tag)
    assert around["list"][-1] == "li"
    assert around["deeper"].count("li") == 2
    assert around["quote"][-1] == "blockquote"
    assert around["details"][-1] == "details"
    assert around["excerpt"][-1] == "article"


def test_the_title_stands_before_the_question(blog: Blog) -> None:
    assert "A title later.run.example" in " ".join(figures(blog.forms)["later"].split())


def test_inline_references_are_values(blog: Blog) -> None:
    assert f'<code class="probe-value">{blog.address()}</code>' in blog.forms
    assert "<code>`#!probe later.addresses[0]`</code>" in blog.forms


def test_a_question_of_two_pages_is_asked_once(blog: Blog) -> None:
    assert blog.names.count("later.run.example") == 2  # A and AAAA
    shown = figures(blog.read("posts/again/index.html"))
    assert "Address: 198.1" in shown["same"]


def test_a_reference_reaches_another_page(blog: Blog) -> None:
    shown = figures(blog.read("posts/again/index.html"))["reverse"]
    reverse = ".".join(reversed(blog.address().split("."))) + ".in-addr.arpa"
    assert reverse in blog.names
    assert blog.address() in shown


def test_drafts_are_not_measured(blog: Blog) -> None:
    assert "draft.run.example" not in blog.names
    assert not (blog.site / "posts" / "draft").exists()


@pytest.mark.parametrize(
    "view", ["index.html", "archive/2026/index.html", "category/names/index.html"]
)
def test_excerpts_hold_the_same_figure_without_its_id(blog: Blog, view: str) -> None:
    page = blog.read(view)
    assert f"Address: {blog.address()}" in page
    assert f'<code class="probe-value">{blog.address()}</code>' in page
    assert 'id="probe-excerpt' not in page
    one = re.sub(r" · \S+#probe-excerpt · \S+", "", figures(blog.forms)["excerpt"]).split()
    (other,) = [text.split() for text in figures(page).values() if "excerpt.run" in text]
    assert other == one


def test_ids_are_unique_on_every_page(blog: Blog) -> None:
    for page in blog.site.rglob("*.html"):
        ids = re.findall(r'\sid="(probe-[^"]+)"', page.read_text("utf-8"))
        assert len(ids) == len(set(ids)), page


def test_search_finds_what_was_measured(blog: Blog) -> None:
    index = json.loads(blog.read("search/search_index.json"))
    texts = " ".join(one["text"] for one in index["docs"])
    assert blog.address() in texts
    assert "list.run.example" in texts


def test_the_feed_holds_the_figure(blog: Blog) -> None:
    feed = ET.parse(blog.site / "feed_rss_created.xml")  # noqa: S314  # our own
    descriptions = [one.findtext("description") or "" for one in feed.iter("item")]
    assert any(blog.address() in text for text in descriptions)
    assert not any("data-probe" in text for text in descriptions)


def test_names_that_are_nearly_ours_are_told() -> None:
    text = """# A

```probes
dns: a.example
```

``` { .Probe }
dns: a.example
```

````markdown
```probes
dns: an.example
```
````

```problem
an essay: none of ours
```

```prob
is: this one
```

!!! finding

    X

!!! note

```probe
dns: a.example
```
"""
    assert [(line, hint) for line, _, hint in look_alikes(text)] == [
        (3, "write `probe`"),
        (7, "write `probe`"),
        (25, "write `findings`"),
    ]
    without = text.replace("```probe\n", "```text\n")
    assert [line for line, *_ in look_alikes(without)] == [3, 7]
