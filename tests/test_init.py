"""``sotokara init``: a blog of one's own in one command, or figures in a site that is there."""

import re
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import msgspec
import pytest
import yaml
from click.testing import CliRunner
from sotokara.cli import main
from sotokara.core.settings import Settings
from sotokara.engine.settings import load
from sotokara.kinds import KINDS
from sotokara.servers.nameserver import NameServer

from tests import newcomer
from tests.lab.names import Internet
from tests.servers.thread import serving
from tests.sites import build


def init(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(main, ["init", *words])
    assert done.exit_code == code, done.output
    return done.output


def test_a_new_blog_builds_strictly_and_has_an_answer(tmp_path: Path) -> None:
    blog = tmp_path / "my-blog"
    init(str(blog), "--about", "www.example.org", "--title", "From outside")
    server = NameServer()
    with serving(server):
        asked = f"['{server.address}']"
        done = build(blog, "--strict", SOTOKARA_RESOLVERS=asked, SOTOKARA_CONTROL=asked)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    page = (blog / "site" / "posts" / "who-answers" / "index.html").read_text()
    assert "Who answers for www.example.org?" in page
    assert "probe-answered" in page
    assert "From outside" in (blog / "site" / "index.html").read_text()
    ours = {"guide", "decisions", "architecture"}
    assert not ours & {path.name for path in (blog / "site").iterdir()}
    (run,) = (blog / "evidence" / "runs").rglob("*.jsonl")
    subprocess.run(["git", "init", "-q", "."], cwd=blog, check=True)
    query = ["git", "check-attr", "linguist-generated", "text", "--", str(run)]
    for _ in range(2):
        told = subprocess.run(query, cwd=blog, capture_output=True, text=True, check=True)
        assert [one.rpartition(": ")[2] for one in told.stdout.split("\n")[:2]] == ["set", "unset"]
        (blog / ".gitattributes").unlink(missing_ok=True)  # a guest's site has none


@pytest.mark.lab
def test_the_wheel_alone_makes_a_blog_that_answers(tmp_path: Path, lab: Internet) -> None:
    """As `pipx run --spec WHEEL sotokara init` does; `make bench` says how long it takes."""
    (tmp_path / "dist").mkdir()
    with ZipFile(newcomer.wheel(tmp_path / "dist")) as packed:
        packed.extractall(tmp_path / "installed")
    installed = {"PYTHONPATH": str(tmp_path / "installed")}
    newcomer.begin(lab, sys.executable, tmp_path / "my-blog", installed)
    page = newcomer.article(lab, sys.executable, tmp_path / "my-blog", installed)
    assert newcomer.answers(page) >= 2
    assert "203.104.255.140" in page
    assert "probe-not_measured" not in page


def test_a_new_blog_builds_without_a_network(tmp_path: Path) -> None:
    init(str(tmp_path / "b"))
    done = build(tmp_path / "b", "--strict", SOTOKARA_MODE="replay")
    assert done.returncode == 0, done.stderr


def test_the_settings_are_shown_at_their_defaults(tmp_path: Path) -> None:
    (tmp_path / "b" / ".git").mkdir(parents=True)  # as after `git init`: nothing is in the way
    init(str(tmp_path / "b"))
    text = (tmp_path / "b" / "mkdocs.yml").read_text()
    commented = text[text.index("  # probes:\n") :]
    read = load(yaml.safe_load(re.sub(r"(?m)^  # ?", "", commented))["probes"], {})
    assert msgspec.structs.replace(read, of_kinds={}) == Settings()
    forms = {name: kind.settings for name, kind in KINDS.items() if kind.settings}
    assert read.of_kinds == {name: form() for name, form in forms.items()}


def test_what_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a.txt").touch()
    assert "is not empty; name a new folder" in init(str(tmp_path / "full"), code=2)
    assert "--about a b: " in init(str(tmp_path / "new"), "--about", "a b", code=2)
    assert not (tmp_path / "new").exists()
    assert "mkdocs.yml: No such file" in init("--existing", str(tmp_path / "full"), code=2)


@pytest.mark.parametrize(
    ("plugins", "listed"),
    [
        ("", ["search", "sotokara"]),
        ("plugins:\n  - search\n  # a remark\n  - tags: {enabled: false}\n", None),
        ("plugins: # all\n\n- search\n", None),
        ("plugins: [search, tags]\n", ["search", "tags", "sotokara"]),
        ("plugins: []\n", ["sotokara"]),
    ],
)
def test_an_existing_site_keeps_its_own_lines(
    tmp_path: Path, plugins: str, listed: list[str] | None
) -> None:
    config = tmp_path / "mkdocs.yml"
    before = f"site_name: A # mine\n{plugins}theme:\n  name: material\n"
    config.write_text(before)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("# A\n")
    init("--existing", str(tmp_path))
    after = config.read_text()
    names = [
        next(iter(one)) if isinstance(one, dict) else one
        for one in yaml.safe_load(after)["plugins"]
    ]
    assert names.count("sotokara") == 1
    assert listed is None or names == listed
    assert [line for line in before.splitlines() if line not in after.splitlines()] in (
        [],
        [plugins.rstrip("\n")],
    )
    assert (tmp_path / ".gitignore").read_text() == "/.cache/\n"
    assert "has the plugin already" in init("--existing", str(tmp_path))
    assert build(tmp_path).returncode == 0


UNUSUAL = {  # mkdocs.yml's own way to write its plugins → what is expected after
    "mapping": ("plugins:\n  search: {}\n  tags:\n", ["sotokara", "search", "tags"]),
    "mapping, deeper": ("plugins:\n    # a\n    search:\n      lang: en\n", ["sotokara", "search"]),
    "braces": ("plugins: {search: , tags: }\n", ["search", "tags", "sotokara"]),
    "several lines": ("plugins: [\n  search,\n  tags,\n]\n", ["search", "tags", "sotokara"]),
    "empty": ("plugins: # none yet\n", ["search", "sotokara"]),
    "null": ("plugins: null\n", ["search", "sotokara"]),
    "at the end": ("plugins:\n- search", ["sotokara", "search"]),
}


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("name", UNUSUAL)
def test_plugins_may_be_written_in_any_way(tmp_path: Path, name: str, end: str) -> None:
    text, listed = UNUSUAL[name]
    before = f"site_name: A # mine{end}{text.replace(chr(10), end)}"
    (tmp_path / "mkdocs.yml").write_bytes(before.encode())
    init("--existing", str(tmp_path))
    after = (tmp_path / "mkdocs.yml").read_bytes().decode()
    plugins = yaml.safe_load(after)["plugins"]
    names = [next(iter(one)) if isinstance(one, dict) else one for one in plugins]
    assert names == listed
    assert after.startswith(f"site_name: A # mine{end}")
    assert ("\r\n" in after) == (end == "\r\n")
    assert after.count("\n") == after.count(end)
    assert ("# a" in after, "# none yet" in after) == ("# a" in text, "# none yet" in text)


def test_plugins_that_are_inherited_are_added_where_they_stand(tmp_path: Path) -> None:
    (tmp_path / "base.yml").write_text("plugins:\n  - search\n  - tags\n")
    child = "INHERIT: base.yml # theirs\nsite_name: A\n"
    (tmp_path / "mkdocs.yaml").write_text(child)
    assert "base.yml: added the plugin" in init("--existing", str(tmp_path))
    assert (tmp_path / "mkdocs.yaml").read_text() == child
    assert yaml.safe_load((tmp_path / "base.yml").read_text())["plugins"][0] == "sotokara"


def test_what_cannot_be_read_is_left_as_it_was(tmp_path: Path) -> None:
    before = "site_name: A\nplugins: &own\n  - search\nextra: {a: *own}\n"
    (tmp_path / "mkdocs.yml").write_text(before)
    said = init("--existing", str(tmp_path), code=1)
    assert "write `- sotokara` there" in said
    assert (tmp_path / "mkdocs.yml").read_text() == before
