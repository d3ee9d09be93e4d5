"""A guest changes nothing that nobody asked for, and never writes over what others have changed."""

import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from sotokara.servers.nameserver import NameServer

from tests.servers.thread import serving
from tests.sites import build, fence

THEMES: dict[str, Any] = {
    "material": {"name": "material", "font": False},
    "material, bare": {"name": "material", "font": False, "features": [], "palette": []},
    "material, Chinese": {"name": "material", "font": False, "language": "zh"},
    "material, Traditional Chinese": {"name": "material", "font": False, "language": "zh-TW"},
    "material, German": {"name": "material", "font": False, "language": "de"},
    "mkdocs": {"name": "mkdocs"},
    "readthedocs": {"name": "readthedocs"},
}
PLUGINS: dict[str, list[Any]] = {
    "search": ["search"],
    "own separator": [{"search": {"separator": r"[\s\-]+", "lang": ["en"]}}],
    "none": [],
}
BLOGS: dict[str, list[Any]] = {
    "blog": ["search", "blog"],
    "dates": ["search", {"blog": {"post_date_format": "yyyy", "post_readtime": False}}],
    "rss": ["search", "blog", {"rss": {"use_git": False, "image": "https://a.example/i.png"}}],
}
EXTENSIONS = [
    "admonition",
    {"footnotes": {"BACKLINK_TITLE": "back {}"}},
    {"toc": {"permalink": "#", "permalink_title": "here"}},
    "pymdownx.superfences",
]
OTHER_THEMES = [name for name in THEMES if name not in ("material", "material, Chinese")]
SITES = [
    *itertools.product(["material", "material, Chinese"], PLUGINS),
    *((theme, "search") for theme in OTHER_THEMES),
    ("mkdocs", "none"),
    *(("material", blog) for blog in BLOGS),
    ("material, Chinese", "rss"),
]
"""Each theme, each search and each blog, and those together that touch the same text."""
LINK = re.compile(r"\s*<link[^>]*assets/stylesheets/probes\.css[^>]*>")
BLANK = re.compile(r"\s+")
DATES = re.compile(
    r"<(pubDate|lastBuildDate)>[^<]*|<lastmod>[^<]*|Build Date UTC : [^\n]*"
    r'|"date_(modified|published)": "[^"]*"'
)


def guest(folder: Path, theme: str, plugins: str, *, with_us: bool) -> Path:
    """A small foreign site, built."""
    docs = folder / "docs"
    posts = docs / "blog" / "posts"
    posts.mkdir(parents=True)
    listed = [*(PLUGINS | BLOGS)[plugins], *(["sotokara"] if with_us else [])]
    config = {
        "site_name": "Guest",
        "site_url": "https://guest.example/",
        "theme": THEMES[theme],
        "plugins": listed,
        "markdown_extensions": EXTENSIONS,
    }
    (folder / "mkdocs.yml").write_text(yaml.safe_dump(config))
    (docs / "index.md").write_text("# Home\n\nText[^1], `code`, 2026.\n\n[^1]: A note.\n")
    (docs / "other.md").write_text("---\nlang: fr\n---\n# Autre\n\n```python\nprint(1)\n```\n")
    (docs / "blog" / "index.md").write_text("# Blog\n")
    head = "---\ndate: 2026-01-02\npin: true\ntimezone: Pacific\n---\n"  # Material's, somebody's
    post = f"{head}# Post\n\nFirst.\n\n<!-- more -->\n\n## More\n\nSecond.\n"
    (posts / "post.md").write_text(post)
    done = build(folder)
    assert done.returncode == 0, done.stderr
    return folder / "site"


def contents(site: Path) -> dict[str, bytes]:
    """Every file; of pages without our one link, and of feeds without the time of the build."""
    found = {}
    for path in site.rglob("*"):
        if path.is_file() and path.suffix != ".gz":
            content = path.read_bytes()
            if path.suffix in (".html", ".xml") or "feed_json" in path.name:
                text = DATES.sub("", LINK.sub("", content.decode()))
                content = BLANK.sub(" ", text).encode()
            found[path.relative_to(site).as_posix()] = content
    return found


CODE = """# Code

`#!python x = 1`, `` `#!probe a.names` ``, `plain`

```python
x = 1
```

    indented = 1

- In a list

    ```sh
    ls
    ```

~~~
tildes
~~~

```{.sh hl_lines="1"}
ls
```

````markdown
```probe
dns: example.example
```
````

        ```probe
        dns: indented.example
        ```
"""
OURS = "\n```probe\ndns: www.example\nid: a\n```\n\n> ```probe\n> dns: quoted.example\n> ```\n"
OURS += "\nIt is `#!probe a.rcode`, and `` `#!probe a.rcode` `` is how.\n"


@pytest.mark.parametrize("extensions", [[], ["codehilite", "extra"]])
def test_code_is_left_to_what_a_site_reads_it_with(tmp_path: Path, extensions: list[str]) -> None:
    """Whoever has no SuperFences gets none, also on pages that ask something."""
    pages = {}
    resolver = NameServer()
    with serving(resolver):
        asked = f"[{resolver.address}]"
        environ: Any = {"SOTOKARA_RESOLVERS": asked, "SOTOKARA_CONTROL": asked}
        for name, plugins in (("before", []), ("after", ["sotokara"])):
            docs = tmp_path / name / "docs"
            docs.mkdir(parents=True)
            (docs / "index.md").write_text(CODE)
            (docs / "asks.md").write_text(CODE + (OURS if plugins else ""))
            config = {"site_name": "C", "theme": "mkdocs", "plugins": plugins}
            config["markdown_extensions"] = extensions
            (tmp_path / name / "mkdocs.yml").write_text(yaml.safe_dump(config))
            done = build(tmp_path / name, **environ)
            assert done.returncode == 0, done.stderr
            for page in ("index.html", "asks/index.html"):
                text = LINK.sub("", (tmp_path / name / "site" / page).read_text())
                pages[name, page] = text.partition('role="main">')[2].partition("<footer")[0]
    assert pages["before", "index.html"] == pages["after", "index.html"]
    body = pages["before", "asks/index.html"].partition("</div>\n        </div>")[0].rstrip()
    after = pages["after", "asks/index.html"]
    assert body.removesuffix("</div>").rstrip() in after
    assert after.count('<figure class="probe') == 2
    assert after.count('class="probe-value"') == 1
    assert "<code>`#!probe a.rcode`</code> is how" in after


@pytest.mark.parametrize(("theme", "plugins"), SITES)
def test_a_site_that_asks_nothing_gets_a_link_to_a_style_sheet(
    tmp_path: Path, theme: str, plugins: str
) -> None:
    before = contents(guest(tmp_path / "before", theme, plugins, with_us=False))
    after = contents(guest(tmp_path / "after", theme, plugins, with_us=True))
    style = after.pop("assets/stylesheets/probes.css")
    assert style
    assert after.keys() == before.keys()
    assert [name for name in before if before[name] != after[name]] == []
    left = {path.name for path in (tmp_path / "after").iterdir()}
    assert left <= {"docs", "mkdocs.yml", "site", ".cache"}


HOOK = """
from mkdocs.plugins import event_priority
@event_priority(PRIORITY)
def on_page_context(context, *, page, config, nav):
    if page.meta.get("secret"):
        page.content = "<p>encrypted</p>"
"""


@pytest.mark.parametrize("priority", [100, 10, 0, -10, -100])
def test_what_another_plugin_made_of_a_page_is_not_written_over(
    tmp_path: Path, priority: int
) -> None:
    (tmp_path / "docs").mkdir()
    config = {
        "site_name": "A",
        "theme": "mkdocs",
        "plugins": ["search", "sotokara"],
        "hooks": ["encrypt.py"],
        "extra": {"probes": {"mode": "replay"}},
    }
    (tmp_path / "mkdocs.yml").write_text(yaml.safe_dump(config))
    (tmp_path / "encrypt.py").write_text(HOOK.replace("PRIORITY", str(priority)))
    page = fence(dns="secret-target.example")
    (tmp_path / "docs" / "index.md").write_text(f"---\nsecret: true\n---\n# A\n\n{page}")
    (tmp_path / "docs" / "open.md").write_text(f"# B\n\n{fence(dns='open-target.example')}")
    done = build(tmp_path)
    assert done.returncode == 0, done.stderr
    shown = (tmp_path / "site" / "index.html").read_text()
    assert "<p>encrypted</p>" in shown
    assert "secret-target" not in shown
    opened = (tmp_path / "site" / "open" / "index.html").read_text()
    assert "<figure" in opened
    index = json.loads((tmp_path / "site" / "search" / "search_index.json").read_text())
    (found,) = [one for one in index["docs"] if one["location"] == "open/"]
    assert "open-target.example" in found["text"]


def test_mkdocs_macros_and_definitions_keep_their_own_braces(tmp_path: Path) -> None:
    """Its `{{ }}` and ours in one page: each is read by whom it belongs to."""
    (tmp_path / "docs").mkdir()
    config = {
        "site_name": "A",
        "theme": "mkdocs",
        "plugins": ["search", "macros", "sotokara"],
        "extra": {"probes": {"mode": "replay"}, "greeting": "hello from macros"},
    }
    (tmp_path / "mkdocs.yml").write_text(yaml.safe_dump(config))
    text = """# A

{{ greeting }}

```probe
dns: a.example
id: a
```

> ~~~probe
> dns: "{{ a.addresses[0] }}"
> ~~~

It has `#!probe a.addresses | length` addresses.

```text
{{ greeting }} in another fence
```
"""
    (tmp_path / "docs" / "index.md").write_text(text)
    done = build(tmp_path)
    assert done.returncode == 0, done.stderr
    shown = (tmp_path / "site" / "index.html").read_text()
    assert "hello from macros</p>" in shown
    assert "hello from macros in another fence" in shown
    assert shown.count('<figure class="probe ') == 2
    assert "Macro Rendering Error" not in shown
    assert not re.search("[\ue000-\uf8ff]", shown)


EARLY = """
from pathlib import Path
kept = []
def on_page_content(html, *, page, config, files):
    kept.append(html)
def on_post_build(*, config):
    Path(config.site_dir, "all.html").write_text("<html>" + "".join(kept) + "</html>")
"""


def test_a_page_made_of_others_before_there_were_figures_gets_them_too(tmp_path: Path) -> None:
    """As mkdocs-print-site and the PDF plugins do: they collect pages as they are rendered."""
    (tmp_path / "docs").mkdir()
    config = {
        "site_name": "A",
        "theme": "mkdocs",
        "plugins": ["search", "sotokara"],
        "hooks": ["early.py"],
        "extra": {"probes": {"mode": "replay"}},
    }
    (tmp_path / "mkdocs.yml").write_text(yaml.safe_dump(config))
    (tmp_path / "early.py").write_text(EARLY)
    value = "It has `#!probe a.addresses | length`."
    (tmp_path / "docs" / "index.md").write_text(
        f"# A\n\n{fence(dns='a.example', id='a')}\n{value}\n"
    )
    (tmp_path / "docs" / "b.md").write_text(f"# B\n\n{fence(dns='b.example')}")
    done = build(tmp_path)
    assert done.returncode == 0, done.stderr
    shown = (tmp_path / "site" / "all.html").read_text()
    assert shown.count('<figure class="probe ') == 2
    assert "data-probe=" not in shown
    assert 'class="probe-value"' in shown
    assert ' id="probe-' not in shown


def test_evidence_of_a_page_that_is_not_for_everybody_is_not_published(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    server = NameServer()
    with serving(server):
        where = [server.address]
        config = {
            "site_name": "A",
            "theme": "mkdocs",
            "plugins": ["search", "sotokara"],
            "hooks": ["encrypt.py"],
            "extra": {"probes": {"resolvers": where, "control": where}},
        }
        (tmp_path / "mkdocs.yml").write_text(yaml.safe_dump(config))
        (tmp_path / "encrypt.py").write_text(HOOK.replace("PRIORITY", "-10") + FORGET)
        page = fence(dns="secret-target.example", expect="rcode == 'NOERROR'")
        (tmp_path / "docs" / "index.md").write_text(f"---\nsecret: true\n---\n# A\n\n{page}")
        (tmp_path / "docs" / "open.md").write_text(f"# B\n\n{fence(dns='open-target.example')}")
        done = build(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "index.md: another plugin keeps its figures from readers" in done.stderr
    told = [
        path.relative_to(tmp_path / "site").as_posix()
        for path in (tmp_path / "site").rglob("*")
        if path.is_file() and b"secret-target" in path.read_bytes()
    ]
    assert told == []
    assert "open-target" in (tmp_path / "site" / "open" / "index.html").read_text()
    assert list((tmp_path / "evidence" / "runs").rglob("*.jsonl"))  # kept, and not published


FORGET = """
import json, pathlib
def on_post_build(*, config):  # as such plugins do with their pages' part of the index
    path = pathlib.Path(config.site_dir, "search", "search_index.json")
    index = json.loads(path.read_text())
    index["docs"] = [one for one in index["docs"] if "secret" not in one["text"]]
    path.write_text(json.dumps(index))
"""
