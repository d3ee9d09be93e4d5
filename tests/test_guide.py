"""Every command and listing of the README and the guide, done as it is written there."""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import jsonschema
import pytest
import yaml
from sotokara.definitions.definition import read_definition
from sotokara.engine.settings import load
from sotokara.kinds import KINDS
from sotokara.servers.nameserver import NameServer
from sotokara.site import schema
from sotokara.site.blocks import BLOCKS
from sotokara.site.read_site import _Loader

from tests.servers.thread import serving

ROOT = Path(__file__).parents[1]
TEXTS = [ROOT / "README.md", *sorted((ROOT / "docs" / "guide").glob("*.md"))]
LISTING = re.compile(r"^(`{3,})([^\n`]*)\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
TREE = (
    "mkdocs.yml",
    "Makefile",
    "hooks",
    "probes",
    "docs",
    "evidence",
    "pyproject.toml",
    "requirements",
)
QUIET = {"NO_MKDOCS_2_WARNING": "1", "SOTOKARA_MODE": "replay"}
PLACES = {
    "SOTOKARA_PLACES": json.dumps({one: {"engine": "build"} for one in ("home", "fra", "tokyo")})
}
"""Those that the guide's page on places has in its settings."""


class Listing(NamedTuple):
    """One fenced block: the file and line it stands in, its language, its title, its text."""

    file: str
    line: int
    language: str
    title: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}"


def listings() -> Iterator[Listing]:
    for path in TEXTS:
        text = path.read_text("utf-8")
        for match in LISTING.finditer(text):
            language, _, options = match[2].strip().partition(" ")
            title = re.search('title="([^"]*)"', options)
            line = text.count("\n", 0, match.start()) + 1
            yield Listing(path.name, line, language, title[1] if title else "", match[3])


def of(*languages: str) -> list[Listing]:
    return [one for one in listings() if one.language in languages]


BEGINS_EMPTY = ("README.md", "settings.md")
"""Pages whose commands are those of somebody who has measured nothing yet."""
KEPT = {
    "posts": (".authors.yml", "mail-shougai-wo-soto-kara-miru.md"),
    "guide": ("index.md",),
    "decisions": ("index.md",),
}
"""Of the blog's many pages, those that are built again for each page of commands."""


def copied(folder: Path, *, evidence: bool) -> Path:
    """The project's files as a clone has them, but for most pages: test_blog builds them all."""

    def ignored(where: str, names: list[str]) -> set[str]:
        kept = KEPT.get(Path(where).name, names) if Path(where).parent == ROOT / "docs" else names
        return {name for name in names if name == "__pycache__" or name not in kept}

    folder.mkdir()
    for name in TREE:
        if name == "evidence" and not evidence:
            continue
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, folder)
    return folder


def test_every_listing_is_of_a_kind_that_is_tried() -> None:
    tried = {
        "markdown",
        "console",
        "yaml",
        "python",
        "json",
        "text",
        "probe",
        "timeline",
        "lua",
        "sh",
    }
    assert {one.place: one.language for one in listings() if one.language not in tried} == {}


def test_markdown_listings_build(tmp_path: Path) -> None:
    for name in ("mkdocs.yml", "hooks", "docs"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "docs").unlink()
    ignored = shutil.ignore_patterns("posts", "guide", "decisions", "architecture.md")
    shutil.copytree(ROOT / "docs", tmp_path / "docs", ignore=ignored)
    (tmp_path / "docs" / "posts").mkdir()
    shutil.copy(ROOT / "docs" / "posts" / ".authors.yml", tmp_path / "docs" / "posts")
    pages: dict[str, str] = {}
    for one in of("markdown"):
        name = one.file.removesuffix(".md").lower()
        if one.text.startswith("---\n"):
            pages[f"{name}-{one.line}"] = one.text
        elif "banner:" not in one.text:  # a kind that the guide adds
            pages.setdefault(name, f"---\ndate: 2026-11-24\n---\n# {name}\n")
            pages[name] += f"\n{one.text}"  # a page's later listings refer to earlier ones
    assert len(pages) > 5
    for name, text in pages.items():
        (tmp_path / "docs" / "posts" / f"{name}.md").write_text(text, "utf-8")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, **QUIET, **PLACES},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert all((tmp_path / "site" / "posts" / name).is_dir() for name in pages)


def test_yaml_listings_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", "secret")
    mkdocs = jsonschema.Draft202012Validator(schema.settings())
    for one in of("yaml"):
        if "/words/" in one.title:
            continue  # a kind's words, which its own test reads
        content = yaml.load(one.text, _Loader)  # noqa: S506  # as the build reads mkdocs.yml
        if "extra" in content or "plugins" in content or "markdown_extensions" in content:
            mkdocs.validate(content)
            load((content.get("extra") or {}).get("probes"), {})
        elif "date" in content:
            assert set(content) <= FRONT_MATTER, one.place
        elif any(name.startswith("kind_") for name in content):  # a kind's words
            assert all(isinstance(text, str) for text in content.values()), one.place
        else:
            _, mistakes = read_definition(f"dns: example.com\n{one.text}", one.file, 1, "t")
            assert mistakes == [], one.place


FRONT_MATTER = {
    *(
        "date",
        "lang",
        "categories",
        "authors",
        "description",
        "translations",
        "draft",
        "title",
        "figure",
    ),
    *("timezone", "reply", "corrections"),
}


def test_shell_completion_is_there() -> None:
    (listing,) = of("sh")
    for shell in re.findall(r"_SOTOKARA_COMPLETE=(\w+)_source sotokara", listing.text):
        environment = {**os.environ, "_SOTOKARA_COMPLETE": f"{shell}_source"}
        command = str(Path(sys.executable).with_name("sotokara"))
        done = subprocess.run(
            [command], env=environment, capture_output=True, text=True, check=True
        )
        assert "sotokara" in done.stdout, shell


def test_json_listings_are_json() -> None:
    for one in of("json"):
        json.loads(one.text)


def test_a_message_in_the_guide_is_what_the_build_says() -> None:
    said = "unknown option 'tpye'; did you mean 'type'?"
    assert any(said in one.text for one in of("text"))
    _, (mistake,) = read_definition("dns: example.com\ntpye: MX", "docs/posts/my-first.md", 12, "t")
    assert str(mistake) == f"docs/posts/my-first.md:14: {said}"


def commands(listing: Listing) -> Iterator[tuple[str, list[str]]]:
    """Each command after a ``$``, and the lines that it is to print."""
    found: list[tuple[str, list[str]]] = []
    for line in listing.text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif line.strip():
            found[-1][1].append(line)
    yield from found


class Shell:
    """A reader who types what the page says, in a copy of the project."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **os.environ,
            **QUIET,
            "SOTOKARA_RESOLVERS": "[127.0.0.9]",  # nobody is there: nothing leaves this machine
            "SOTOKARA_CONTROL": "[127.0.0.9]",
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "GIT_CONFIG_GLOBAL": os.devnull,
            **{f"GIT_{who}_NAME": "Reader" for who in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{who}_EMAIL": "reader@example.com" for who in ("AUTHOR", "COMMITTER")},
        }

    def run(self, command: str) -> str:
        done = subprocess.run(
            ["bash", "-c", command],  # the page speaks to a shell
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def begin(self) -> None:
        """What `git clone` leaves: a repository with a place to push to."""
        self.run("git init -q -b main . && git init -q --bare ../there.git")
        self.run("git add mkdocs.yml && git commit -q -m first")
        self.run("git remote add origin ../there.git && git push -q -u origin main")

    def typed(self, command: str) -> str:
        """Do it; what would fetch from the internet is done as far as it goes without."""
        words = shlex.split(command, comments=True)
        if words[:2] == ["pipx", "run"]:  # what it would fetch is here
            command = shlex.join(words[2:])
        elif words[:3] == ["git", "remote", "add"]:
            command = "git init -q --bare ../m.git && git remote add origin ../m.git"
        here = (["git", "clone"], ["python3", "-m"], [".", ".venv/bin/activate"])
        if words[:2] in here:
            return ""  # the copy is here, and the tools are on the path
        if words[0] == "cd":
            if words[1] != "sotokara":  # which is where the reader is
                self.folder /= words[1]
            return ""
        if words[0] == "make":
            planned = self.run(f"make -n VENV=none {' '.join(words[1:])}")
            assert planned.strip(), command
            return self.run("mkdocs build -q") if words[1:] == ["build"] else ""
        if words == ["mkdocs", "serve"]:
            return self.served()
        return self.run(command)

    def served(self) -> str:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        with subprocess.Popen(
            ["mkdocs", "serve", "-q", "-a", f"127.0.0.1:{port}"],
            cwd=self.folder,
            env=self.environment,
        ) as blog:
            try:
                for _ in range(2400):
                    with socket.socket() as client:
                        if client.connect_ex(("127.0.0.1", port)) == 0:
                            return ""
                    time.sleep(0.05)
                pytest.fail("mkdocs serve does not answer")
            finally:
                blog.send_signal(signal.SIGINT)


@pytest.mark.parametrize("file", sorted({one.file for one in of("console")}))
def test_commands_do_what_the_page_says(file: str, tmp_path: Path) -> None:
    shell = Shell(copied(tmp_path / "sotokara", evidence=file not in BEGINS_EMPTY))
    shell.begin()
    if file == "index.md":  # its first step is a listing, saved by hand
        first = next(one for one in of("markdown") if one.file == "index.md")
        (shell.folder / "docs" / "posts" / "my-first.md").write_text(first.text, "utf-8")
    if file == "transcripts.md":  # an old post of the reader's own
        old = "$ nslookup www.example.com\n\nName: www.example.com\nAddress: 192.0.2.80\n"
        (shell.folder / "old-post.txt").write_text(old, "utf-8")
    for listing in of("console"):
        for command, prints in commands(listing) if listing.file == file else ():
            said = shell.typed(command)
            for line in prints:
                assert line in said, f"{listing.place}: {command}"


def add_kind(folder: Path) -> None:
    """The files of the guide's kind, and its line in the registry, in a copy of the code."""
    written = [one for one in of("python", "yaml") if one.file == "adding-a-kind.md"]
    files = {one.title: one.text for one in written if one.title}
    kinds = "probes/sotokara/kinds"
    registry = files.pop(f"{kinds}/__init__.py")
    (folder / kinds / "banner" / "words").mkdir(parents=True)
    (folder / kinds / "banner" / "__init__.py").write_text('"""What a server says first."""\n')
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    path, first = folder / kinds / "__init__.py", '        "dns": '
    path.write_text(path.read_text("utf-8").replace(first, registry + first, 1), "utf-8")


def test_the_new_kind_of_the_guide_works(tmp_path: Path) -> None:
    """The page's files in a copy of the code, one `mkdocs build` against a server of our own."""
    shutil.copytree(ROOT / "probes", tmp_path / "probes")
    add_kind(tmp_path)
    (tmp_path / "docs").mkdir()
    (tmp_path / "mkdocs.yml").write_text(
        "site_name: A\nplugins: [sotokara]\nmarkdown_extensions: [sotokara]\n"
    )
    example = next(one for one in of("markdown") if one.file == "adding-a-kind.md")
    server, greeter = NameServer(), socket.create_server(("127.0.0.1", 0))
    port = greeter.getsockname()[1]
    page = example.text.replace("2222", str(port))
    (tmp_path / "docs" / "index.md").write_text(f"# A\n\n{page}", "utf-8")
    with serving(server):
        asked = f'["{server.address}"]'
        environment = {
            **os.environ,
            "NO_MKDOCS_2_WARNING": "1",
            "PYTHONPATH": f"{tmp_path / 'probes'}",
            "SOTOKARA_RESOLVERS": asked,
            "SOTOKARA_CONTROL": asked,
            "SOTOKARA_POLICY": "{allow: [127.0.0.0/8]}",
        }
        command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
        with subprocess.Popen(command, cwd=tmp_path, env=environment) as building:
            greeter.settimeout(60)
            client, _ = greeter.accept()
            client.sendall("SSH-2.0-OpenSSH_9.2p1 \u202e\r\n".encode())
            client.close()
            assert building.wait(60) == 0
    html = (tmp_path / "site" / "index.html").read_text("utf-8")
    assert "$ telnet 127.0.0.1" in html
    assert "SSH-2.0-OpenSSH_9.2p1 ⟨U+202E⟩<i> &lt;which software, as it says itself</i>" in html


def test_the_gallery_has_every_block_and_every_style() -> None:
    """Each kind and each of its styles; what else a definition says stands below."""
    text = (ROOT / "docs" / "guide" / "gallery.md").read_text("utf-8")
    shown = set(re.findall(r"^(\w+): .*\nfrom: \w+\nstyle: (\w+)$", text, re.MULTILINE))
    assert shown == {(name, style) for name, kind in KINDS.items() for style in kind.styles}
    assert all(f"!!! {block}" in text for block in BLOCKS)
