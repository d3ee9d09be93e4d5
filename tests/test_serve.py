"""Writing with `mkdocs serve`: what is saved is there at once, and the rest of the site follows."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sotokara.mkdocs.preview import Preview, files_below
from sotokara.servers.nameserver import NameServer, honest

from tests.servers.thread import serving

ROOT = Path(__file__).parents[1]
SCRIPT = re.compile(r"livereload\((\d+), \d+\);")
SHOWN, BUILT = "the rest of the site follows", "all pages are up to date"
STAYS = "the pages stay as they were"
WRONG = """---
date: 2026-11-24
---
# Writing

```probe
dns: www.example.com
id: good
```

```probe
dns: www.example.com
tpye: MX
id: bad
```

```probe
dns: "{{ bad.addresses }}"
```

```probe
dns: "{{ good.addresses[0] }}"
```

```probe
dns: "{{ nosuch.addresses }}"
```

It is `#!probe good.addresses[0]`, not `#!probe nosuch.names`.
"""
POST = """---
date: 2026-11-{day:02d}
authors: [someone]
categories: [DNS]
tags: [a]
lang: ja
---
# 記事{number}

The beginning, a [link](../guide/page.md).

```probe
dns: {name}
id: first
notes: {{"Address:": 本体}}
expect: "addresses | length == 1"
```

<!-- more -->

## More

It is `#!probe first.addresses[0]`, says the figure.[^first:1]

```probe
dns: "{{{{ first.addresses[0] }}}}"
```
"""
GUIDE = """# A page

## Of the guide

```probe
dns: {name}
id: site
```

| a | b |
|---|---|
| `#!probe site.addresses[0]` | x |
"""
HOLD = """
import time
from pathlib import Path

FOLDER = Path(__file__).parent
server = None

def on_serve(serving, /, **_):
    global server
    server = serving

def on_nav(nav, /, **_):
    if (FOLDER / "hold").exists():
        (FOLDER / "held").touch()
        while (FOLDER / "hold").exists() or not server._want_rebuild:
            time.sleep(0.01)
"""
"""Holds a build of all pages that has looked which files there are, until another save is heard."""
AUTHORS = "authors:\n  someone: {name: S, description: d, avatar: ../assets/icon.svg}\n"


class Blog:
    """A blog that is being served from ``folder``."""

    def __init__(self, folder: Path, port: int, process: "subprocess.Popen[bytes]") -> None:
        self.docs, self.process = folder / "docs", process
        self.address = f"http://127.0.0.1:{port}/"
        self._log = folder / "said"

    def said(self) -> str:
        """Its log."""
        return self._log.read_text("utf-8")

    def page(self, path: str) -> str:
        """A page, without what differs at each request."""
        address = self.address + path
        with contextlib.suppress(OSError), urllib.request.urlopen(address) as page:  # noqa: S310
            return SCRIPT.sub("", str(page.read(), "utf-8"))
        return ""

    def epoch(self, path: str) -> int:
        """The version that a page's script knows."""
        with urllib.request.urlopen(self.address + path) as page:  # noqa: S310  # loopback
            match = SCRIPT.search(str(page.read(), "utf-8"))
        assert match
        return int(match[1])

    def until(self, path: str, holds: Callable[[str], bool], seconds: float = 60) -> str:
        """The page as soon as it is so."""
        text, end = "", time.monotonic() + seconds
        while time.monotonic() < end:
            if holds(text := self.page(path)):
                return text
            time.sleep(0.02)
        pytest.fail(f"not so after {seconds} s: {text[-2000:]}\n{self.said()}")

    def save(self, path: str, text: str) -> tuple[int, int]:
        """Write a file; how often a page was shown first, and the whole site built, by then."""
        before = self.said().count(SHOWN), self.said().count(BUILT)
        (self.docs / path).write_text(text, "utf-8")
        return before

    def wait(self, words: str, times: int) -> None:
        """Wait until it has said something more often than so many times."""
        end = time.monotonic() + 180
        while self.said().count(words) <= times:
            assert time.monotonic() < end, self.said()
            time.sleep(0.01)


def until(holds: Callable[[], bool]) -> None:
    """Wait until it is so."""
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


async def _silent_for_some(wire: bytes) -> AsyncIterator[bytes]:
    if b"silent" not in wire:
        yield honest(wire)


@contextmanager
def served(
    folder: Path, pages: dict[str, str], program: str = "mkdocs", options: Sequence[str] = ()
) -> Iterator[Blog]:
    """The project's own blog with these pages; on leaving it is stopped as an author does."""
    if not (folder / "mkdocs.yml").exists():
        shutil.copy(ROOT / "mkdocs.yml", folder)
    if not (folder / "docs").exists():
        (folder / "hooks").symlink_to(ROOT / "hooks")
        ignored = shutil.ignore_patterns("posts", "guide", "decisions", "architecture.md")
        shutil.copytree(ROOT / "docs", folder / "docs", ignore=ignored)
    for path, text in pages.items():
        (folder / "docs" / path).parent.mkdir(exist_ok=True)
        (folder / "docs" / path).write_text(text, "utf-8")
    (folder / "temporary").mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = NameServer(_silent_for_some)
    with serving(server):
        asked = f'["{server.address}"]'
        environment = {
            **os.environ,
            "NO_MKDOCS_2_WARNING": "1",
            "SITE_URL": f"http://127.0.0.1:{port}/",
            "SOTOKARA_RESOLVERS": asked,
            "SOTOKARA_CONTROL": asked,
            "TMPDIR": str(folder / "temporary"),
        }
        command = [sys.executable, "-m", program, "serve", "-f", "mkdocs.yml"]
        command += ["-a", f"127.0.0.1:{port}", *options]
        with (folder / "said").open("w") as said:
            process = subprocess.Popen(command, cwd=folder, env=environment, stderr=said)
            blog = Blog(folder, port, process)
            try:
                blog.wait("Serving on", 0)
                yield blog
            finally:
                process.send_signal(signal.SIGINT)
                process.wait(20)
    assert process.returncode == 0, blog.said()
    assert list((folder / "temporary").iterdir()) == []


def post(number: int, name: str = "www.example.com") -> str:
    """A post that asks for a name."""
    return POST.format(number=number, day=number % 28 + 1, name=name)


def many(posts: int = 12) -> dict[str, str]:
    """Posts by somebody, more than one page of them, and a page of a guide."""
    return {
        **{f"posts/p{number}.md": post(number) for number in range(posts)},
        "guide/page.md": GUIDE.format(name="www.example.com"),
        "posts/.authors.yml": AUTHORS,
    }


def test_mistakes_show_in_the_page_and_the_rest_stays(tmp_path: Path) -> None:
    with served(tmp_path, {"posts/a.md": WRONG}) as blog:
        page = blog.until("posts/a/", lambda text: "probe-mistake" in text)
        assert "<code>docs/posts/a.md:13</code> unknown option" in page
        assert "did you mean" in page
        assert "What it refers to has a mistake." in page
        assert "docs/posts/a.md:25</code> unknown reference nosuch" in page
        assert page.count('class="probe-mistake"') == 3
        assert page.count('<figure class="probe probe-answered"') == 2
        assert '<code class="probe-value">198.18.' in page
        assert "! This definition has a mistake</em>" in page
        assert "docs/posts/a.md:13: unknown option" in blog.said()
        mended = WRONG.replace("tpye: MX", "type: A").replace("nosuch.addresses", "good.addresses")
        mended = mended.replace("nosuch.names", "good.names")
        shown, built = blog.save("posts/a.md", mended)
        blog.wait(SHOWN, shown)
        page = blog.page("posts/a/")
        assert "probe-mistake" not in page
        assert page.count('<figure class="probe probe-answered"') == 5
        blog.wait(BUILT, built)
        shown, _ = blog.save("posts/a.md", mended.replace("type: A", "tpye: A"))
        blog.wait(SHOWN, shown)
        page = blog.page("posts/a/")
        assert "<code>docs/posts/a.md:13</code> unknown option" in page
        assert page.count('<figure class="probe probe-answered"') == 3


@pytest.mark.parametrize(
    ("program", "way_in"), [("mkdocs", "hooks"), ("properdocs", "hooks"), ("mkdocs", "plugin")]
)
def test_a_page_shown_first_is_as_the_whole_build_makes_it(
    tmp_path: Path, program: str, way_in: str
) -> None:
    if way_in == "plugin":
        settings = (ROOT / "mkdocs.yml").read_text("utf-8")
        settings = re.sub(r"(?m)^hooks:\n(  - .*\n)+", "", settings)
        settings = settings.replace("plugins:\n", "plugins:\n  - sotokara\n")
        (tmp_path / "mkdocs.yml").write_text(settings, "utf-8")
    with served(tmp_path, many(), program) as blog:
        for source, path, text in (
            ("posts/p7.md", "posts/p7/", post(7, "news.example.com")),
            ("guide/page.md", "guide/page/", GUIDE.format(name="shop.example.com")),
        ):
            name = text.partition("dns: ")[2].partition("\n")[0]
            shown, built = blog.save(source, f"{text}\nA word: tsuchinoko.\n")
            blog.wait(SHOWN, shown)
            first = blog.page(path)
            assert blog.said().count(BUILT) == built, "the whole was built before the page was read"
            assert name in first
            assert "tsuchinoko" in first
            evidence = re.findall(r'href="[./]*(evidence/2[^"/]+/)"', first)
            assert evidence
            for link in evidence:
                assert "<h1" in blog.page(link)
            blog.wait(BUILT, built)
            rest = "changes/" if source.startswith("guide") else ""
            blog.until("search/search_index.json", lambda found: "tsuchinoko" in found)
            assert blog.page(path) == first
            assert (name in blog.page(rest)) == source.startswith("posts")
            assert name in blog.page("evidence/")
        warned = [line for line in blog.said().splitlines() if "WARNING" in line]
        # Another name is asked than when the article cited its line, where that was kept by then.
        assert [line for line in warned if "[^first:1]" not in line] == []


def test_what_other_pages_show_is_built_with_them(tmp_path: Path) -> None:
    reaching = post(3, '"{{ page#site.addresses[0] }}"')
    with served(tmp_path, many()) as blog:
        for path, text, changed in (
            ("p7", post(7).replace("# 記事7", "# Other"), ""),
            ("p7", post(7).replace("[DNS]", "[Mail]"), ""),
            ("p3", reaching, "posts/p3/"),
        ):
            shown, built = blog.save(f"posts/{path}.md", text)
            blog.wait(BUILT, built)
            assert blog.said().count(SHOWN) == shown
            blog.until(changed, lambda page: "198.18." in page)
        assert "probe-mistake" not in blog.page("posts/p3/")
        assert "Mail" in blog.page("category/mail/")


def test_a_save_while_the_rest_is_built_is_shown_at_once(tmp_path: Path) -> None:
    settings = (ROOT / "mkdocs.yml").read_text("utf-8")
    (tmp_path / "mkdocs.yml").write_text(settings.replace("hooks:\n", "hooks:\n  - hold.py\n"))
    (tmp_path / "hold.py").write_text(HOLD)
    hold, held = tmp_path / "hold", tmp_path / "held"
    with served(tmp_path, many()) as blog:
        hold.touch()
        shown, built = blog.save("posts/p7.md", post(7, "one.example.com"))
        until(held.exists)
        blog.save("posts/p8.md", post(8, "two.example.com"))
        hold.unlink()
        blog.wait(SHOWN, shown + 1)
        assert blog.said().count(BUILT) == built, "the first was not given up"
        assert "two.example.com" in blog.page("posts/p8/")
        assert "one.example.com" in blog.page("posts/p7/")
        blog.wait(BUILT, built)
        evidence = blog.until("evidence/", lambda page: "two.example.com" in page)
        assert "one.example.com" in evidence


def test_a_save_does_not_wait_for_what_was_asked_before_it(tmp_path: Path) -> None:
    with served(tmp_path, many()) as blog:
        blog.save("posts/p7.md", post(7, "silent.example.com"))
        blog.wait("Detected file changes", 0)
        shown, _ = blog.save("posts/p7.md", post(7, "loud.example.com"))
        blog.wait(SHOWN, shown)
        page = blog.page("posts/p7/")
        assert "loud.example.com" in page
        assert "silent.example.com" not in page


def test_what_is_saved_during_the_first_build_is_built_again(tmp_path: Path) -> None:
    """Nobody watches the files before the first build is complete."""
    docs = tmp_path / "docs"
    docs.mkdir()
    for name in ("a.md", "b.md", "c.md"):
        (docs / name).write_text(name)
    site: Any = SimpleNamespace(
        seen=files_below([str(docs)]), config=SimpleNamespace(docs_dir=str(docs))
    )
    (docs / "a.md").write_text("a later text")
    (docs / "b.md").unlink()
    (docs / "new.md").write_text("new")
    server: Any = SimpleNamespace(
        root=str(tmp_path / "site"),
        serve_request=None,
        mount_path="/",
        set_app=lambda _application: None,
        _watched_paths=[str(docs)],
        _want_rebuild=False,
        _rebuild_cond=threading.Condition(),
    )
    preview = Preview(server, lambda: None, site)
    assert server._want_rebuild
    changed = {Path(path).name for path, _ in preview.seen.items() ^ site.seen.items()}
    assert changed == {"a.md", "b.md", "new.md"}
    server._want_rebuild = False
    site.seen = preview.look()
    quiet = Preview(server, lambda: None, site)
    assert not server._want_rebuild
    for one in (preview, quiet):
        one.close()


def test_files_come_and_go(tmp_path: Path) -> None:
    with served(tmp_path, many()) as blog:
        blog.save("posts/new.md", post(20, "new.example.com"))
        blog.until("posts/new/", lambda page: "new.example.com" in page)
        blog.until("", lambda page: "new.example.com" in page)
        shown, _ = blog.save("posts/new.md", post(20, "again.example.com"))
        blog.wait(SHOWN, shown)
        (blog.docs / "posts" / "new.md").unlink()
        blog.until("", lambda page: "example.com" in page and "記事20" not in page)
        assert blog.page("posts/new/") == ""


def test_front_matter_that_cannot_be_read_leaves_the_site_as_it_was(tmp_path: Path) -> None:
    """In the first build there is no site yet: what is wrong stands in its place."""
    text = post(7)
    wrong = text.replace("tags: [a]", "tags: [a")
    with served(tmp_path, {**many(), "posts/p7.md": wrong}) as blog:
        with pytest.raises(urllib.error.HTTPError) as missing:
            urllib.request.urlopen(blog.address + "posts/p7/")  # noqa: S310  # loopback
        for page in (blog.page(""), str(missing.value.read(), "utf-8")):
            assert "The site could not be built" in page
            assert "posts/p7.md" in page
            assert "<unicode string>" not in page  # as YAML calls it
        blog.save("posts/p7.md", text)
        blog.until("posts/p7/", lambda page: "記事7" in page)
        shown, built = blog.save("posts/p7.md", text.replace("The beginning", "First"))
        blog.wait(SHOWN, shown)
        blog.wait(BUILT, built)
        _, built = blog.save("posts/p7.md", text.replace("date: 2026-11-08", "date: never"))
        blog.wait(STAYS, 0)
        assert "appear stuck" not in blog.said()
        assert "記事7" in blog.page("posts/p7/")
        assert "記事8" in blog.page("")
        blog.save("posts/p7.md", text.replace("The beginning", "Mended"))
        blog.until("posts/p7/", lambda page: "Mended" in page)
        blog.wait(BUILT, built)
        blog.until("", lambda page: "Mended" in page)


PLAIN = "site_name: T\ntheme: {name: mkdocs}\nplugins: [search, sotokara]\nhooks: [h.py]\n"
HOOK = "def on_page_markdown(markdown, **_):\n    return bang if '!bang' in markdown else None\n"
ASKS = "# T\n\n```probe\ndns: www.example.com\n```\n"
WRONG_SETTINGS = {
    PLAIN.replace("[search", "[[search"): "mkdocs.yml:4: expected ',' or ']', but got '<scalar>'",
    "- site_name: T\n": "mkdocs.yml:1: a list stands where settings are expected",
    f"{PLAIN}copyright: \udcff\n": "mkdocs.yml:5: invalid start byte",
    PLAIN.replace("name: mkdocs", "name: nosuch"): "mkdocs.yml:2: theme: Unrecognised theme name",
    PLAIN.replace("plugins: [search, ", "plugins:\n  - search\n  - tpyo\n  - ").replace(
        "sotokara]", "sotokara"
    ): 'mkdocs.yml:5: plugins: The "tpyo" plugin is not installed',
    f"{PLAIN}nav: {{a: b}}\n": "mkdocs.yml:5: nav: Expected nav to be a list",
    f"{PLAIN}docs_dir: elsewhere\n": "mkdocs.yml:5: docs_dir: The path",
    f"{PLAIN}nosuch: 1\n": "1 configuration warnings in 'strict' mode",
    f"{PLAIN}extra: {{probes: {{mode: liv}}}}\n": "mkdocs.yml:5: extra.probes.mode: the text 'liv'",
}


def small(folder: Path, page: bytes) -> Path:
    """A plain site of one page besides the first, and its mkdocs.yml."""
    (folder / "docs").mkdir()
    (folder / "docs" / "index.md").write_text(ASKS, "utf-8")
    (folder / "docs" / "a.md").write_bytes(page)
    (folder / "h.py").write_text(HOOK, "utf-8")
    file = folder / "mkdocs.yml"
    file.write_text(PLAIN, "utf-8")
    return file


def test_nothing_that_is_saved_ends_it(tmp_path: Path) -> None:
    file = small(tmp_path, b"# A\n\nThe [first](nosuch.md).\n")
    docs, evidence = tmp_path / "docs", tmp_path / "evidence"
    with served(tmp_path, {}, options=["--strict"]) as blog:
        assert "1 warnings in strict mode! A build would end here" in blog.said()
        assert "The first" in re.sub("<[^>]*>", "", blog.page("a/"))
        for text, said in WRONG_SETTINGS.items():
            stays = blog.said().count(STAYS)
            file.write_bytes(text.encode(errors="surrogateescape"))
            blog.wait(STAYS, stays)
            assert said in blog.said(), text
        file.write_text(PLAIN, "utf-8")
        _, built = blog.save("a.md", "# A\n\nThe [second](nosuch.md).\n")
        blog.wait(BUILT, built)
        assert "second" in blog.page("a/")
        for broken, said in (
            (b"# A\n\n!bang\n", "h.py:2: NameError: name 'bang' is not defined"),
            (b"\xef\xbb\xbf# A\n\n\xc3(", "docs/a.md:3: this is not UTF-8 (byte 0xc3)"),
        ):
            stays = blog.said().count(STAYS)
            (docs / "a.md").write_bytes(broken)
            blog.wait(STAYS, stays)
            assert said in blog.said()
            assert "second" in blog.page("a/")
        (docs / "a.md").write_text("# A\n\nThird.\n", "utf-8")
        blog.until("a/", lambda page: "Third" in page)
        docs.rename(tmp_path / "away")  # MkDocs would never look there again
        blog.wait(f"{docs} is gone", 0)
        (tmp_path / "away" / "a.md").write_text("# A\n\nFourth.\n", "utf-8")
        (tmp_path / "away").rename(docs)
        blog.until("a/", lambda page: "Fourth" in page)
        file.rename(tmp_path / "away")
        blog.wait("Config file 'mkdocs.yml' does not exist", 0)
        (tmp_path / "away").rename(file)
        _, built = blog.save("a.md", "# A\n\nFifth.\n")
        blog.wait(BUILT, built)
        evidence.rename(tmp_path / "away")
        blog.save("index.md", ASKS.replace("www", "news"))
        blog.until("", lambda page: "news.example.com" in page and "probe-answered" in page)
        assert "Traceback" not in blog.said()
        assert "appear stuck" not in blog.said()


def test_a_first_build_that_fails_shows_what_is_wrong_now(tmp_path: Path) -> None:
    file = small(tmp_path, b"# A\n\xc3(")
    with served(tmp_path, {}) as blog:
        assert "docs/a.md:2: this is not UTF-8" in blog.page("")
        file.write_text(PLAIN.replace("name: mkdocs", "name: nosuch"), "utf-8")
        blog.until("", lambda page: "mkdocs.yml:2: theme: Unrecognised theme" in page)
        (blog.docs / "a.md").write_text("# A\n\n!bang\n", "utf-8")
        file.write_text(PLAIN, "utf-8")
        blog.until("", lambda page: "h.py:2: NameError" in page)
        (blog.docs / "a.md").write_text("# A\n\nMended.\n", "utf-8")
        blog.until("a/", lambda page: "Mended" in page)
        assert "Traceback" not in blog.said()


def test_only_tabs_whose_page_changed_are_reloaded(tmp_path: Path) -> None:
    with served(tmp_path, many()) as blog:
        epoch = blog.epoch("posts/p7/")

        def poll(page: str, seconds: float) -> int:
            headers = {"Referer": blog.address + page}
            request = urllib.request.Request(f"{blog.address}livereload/{epoch}/1", headers=headers)  # noqa: S310
            with urllib.request.urlopen(request, timeout=seconds) as answer:  # noqa: S310
                return int(answer.read())

        text = post(7).replace("says the figure", "it says")
        _, built = blog.save("posts/p7.md", text)
        assert poll("posts/p7/", 20) > epoch
        epoch = blog.epoch("posts/p7/")
        blog.wait(BUILT, built)
        for page in ("posts/p7/", "guide/page/", ""):
            with pytest.raises(TimeoutError):
                poll(page, 1.5)
        (blog.docs / "stylesheets" / "site.css").write_text("p {color: red}", "utf-8")
        assert poll("guide/page/", 20) > epoch


def test_what_editors_leave_about_is_no_reason_to_build(tmp_path: Path) -> None:
    with served(tmp_path, many()) as blog:
        _, built = blog.save("posts/.p7.md.swp", "x")
        blog.wait("Detected file changes", 0)
        shown, _ = blog.save("posts/p7.md", post(7, "one.example.com"))
        blog.wait(SHOWN, shown)
        assert blog.said().count(BUILT) == built


@pytest.mark.parametrize("moment", ["look-up", "quiet", "rest"])
def test_ctrl_c_ends_it_whatever_is_under_way(tmp_path: Path, moment: str) -> None:
    with served(tmp_path, many()) as blog:
        name = "silent.example.com" if moment == "look-up" else "www.example.org"
        shown, _ = blog.save("posts/p7.md", post(7, name))
        buildings = blog.said().count("Building documentation")
        if moment == "look-up":
            blog.wait("Detected file changes", 0)
        else:
            blog.wait(SHOWN, shown)
        if moment == "rest":
            blog.wait("Building documentation", buildings)
    assert "Traceback" not in blog.said()
