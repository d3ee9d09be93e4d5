"""The note of a build: every page of the site is covered, and a forged one is named."""

import hashlib
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from sotokara.cli import main
from sotokara.ledger import keys, seals
from sotokara.ledger import verify as verifier
from sotokara.ledger.signing import SigningKey, verifier_hash

from tests.sites import build, fence, make_site, with_evidence
from tests.tampered import keep, observation, runs
from tests.test_verify import Quiet, by_reader

LATE = """
from mkdocs.plugins import event_priority
from pathlib import Path

@event_priority(-1000)
def on_post_build(config):
    page = Path(config.site_dir) / "index.html"
    page.write_text(page.read_text("utf-8") + "<!-- written by a late plugin -->", "utf-8")
    (Path(config.site_dir) / "日本 語.html").write_text("x", "utf-8")
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A signed blog, built once, with a plugin that changes pages at the very end."""
    page = f"# A\n\n{fence(dns='a.example', id='a')}"
    folder = tmp_path_factory.mktemp("noted") / "site"
    site = with_evidence(make_site(folder, {"index.md": page, "b.md": "# B\n"}, mode="replay"))
    (site / "late.py").write_text(LATE, "utf-8")
    config = yaml.safe_load((site / "mkdocs.yml").read_text("utf-8"))
    config["hooks"].insert(0, str(site / "late.py"))
    (site / "mkdocs.yml").write_text(yaml.safe_dump(config), "utf-8")
    evidence = site / "evidence"
    made = keys.make_key(
        evidence, keys.KeyRequest("blog.example/e", "author", site / ".sotokara.key")
    )
    one = observation("a.example", "192.0.2.1")
    keep(evidence, one)
    run = runs(evidence)[0]
    content = run.read_bytes().replace(b"posts/a.md#a", b"index.md#a")
    run.unlink()
    run.with_suffix(".sig").unlink()
    again = run.with_name(f"{run.stem[:-8]}{hashlib.sha256(content).hexdigest()[:8]}.jsonl")
    again.write_bytes(content)
    name = again.relative_to(evidence).as_posix()
    nodes = verifier.leaves(name, content)
    again.with_suffix(".sig").write_bytes(
        made.key.note(verifier.run_note(name, len(nodes), verifier.root_of(nodes)))
    )
    seals.seal(evidence)
    done = build(site)
    assert done.returncode == 0, done.stderr
    return site


@pytest.fixture
def site(built: Path, tmp_path: Path) -> Path:
    """A copy of what is published."""
    shutil.copytree(built / "site", tmp_path / "site")
    return tmp_path / "site"


def test_the_note_says_what_the_guide_says(built: Path) -> None:
    evidence = built / "site/evidence"
    text, ((name, _, _),) = verifier.parse_note((evidence / "build.note").read_bytes())
    listed = (evidence / "pages.sha256").read_bytes()
    lines = text.decode().splitlines()
    assert lines[:3] == [
        "sotokara build 1",
        "site https://blog.example/",
        f"head {seals.head(built / 'evidence')}",
    ]
    count = len(listed.splitlines())
    assert lines[3] == f"pages {count} {hashlib.sha256(listed).hexdigest()}"
    assert lines[4] == f"verify.py {verifier_hash()}"
    assert re.fullmatch(r"built 20\d\d-\d\d-\d\dT[\d:.]+Z", lines[5])
    assert name == "blog.example/e"
    pages = {line[66:]: line[:64] for line in listed.decode().splitlines()}
    for name in ("index.html", "日本 語.html", "b/index.html", "evidence/verify.py"):
        content = (built / "site" / name).read_bytes()
        assert pages[name] == hashlib.sha256(content).hexdigest()
    assert not any(verifier.is_evidence(page.removeprefix("evidence/")) for page in pages)
    assert b"late plugin" in (built / "site/index.html").read_bytes()
    for page in (built / "site").rglob("*.html"):  # printed on no page
        assert hashlib.sha256(listed).hexdigest().encode() not in page.read_bytes()
    for note in (built / "evidence/seals").glob("*.note"):
        assert f"\nsotokara verify.py {verifier_hash()}\n".encode() in note.read_bytes()
    version = CliRunner().invoke(main, ["--version"]).output
    assert verifier_hash() in version


def _write(name: str, content: str = "<p>forged</p>") -> Callable[[Path], object]:
    def spoil(site: Path) -> None:
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(content, "utf-8")

    return spoil


def _list_made_anew(site: Path) -> None:
    """A page is forged, and the list and the note are made to agree with it, without the key."""
    (site / "index.html").write_text("forged")
    listed = (site / "evidence/pages.sha256").read_text("utf-8")
    own = hashlib.sha256(b"forged").hexdigest()
    listed = re.sub(r"[0-9a-f]{64}(  index\.html\n)", rf"{own}\1", listed)
    (site / "evidence/pages.sha256").write_text(listed, "utf-8")
    note = (site / "evidence/build.note").read_bytes()
    made = hashlib.sha256(listed.encode()).hexdigest().encode()
    forged = re.sub(rb"(pages \d+ )[0-9a-f]{64}", rb"\g<1>" + made, note)
    (site / "evidence/build.note").write_bytes(forged)


def _signed_by_another(site: Path) -> None:
    _list_made_anew(site)
    text, _ = verifier.parse_note((site / "evidence/build.note").read_bytes())
    (site / "evidence/build.note").write_bytes(
        SigningKey("blog.example/e", b"\x05" * 32).note(text)
    )


def _unsigned(site: Path) -> None:
    _list_made_anew(site)
    text, _ = verifier.parse_note((site / "evidence/build.note").read_bytes())
    (site / "evidence/build.note").write_bytes(text)


def _of_another_build(site: Path) -> None:
    """The ledger has gone on, and the pages with their note are of the day before."""
    newest = max((site / "evidence/seals").glob("*.json"))
    newest.unlink()
    newest.with_suffix(".note").unlink()


FORGED: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "a-page": (_write("index.html"), "altered", "/index.html"),
    "a-page-taken-away": (lambda s: (s / "b/index.html").unlink(), "missing", "/b/index.html"),
    "a-page-added": (_write("evil/index.html"), "extra", "/evil/index.html"),
    "a-script": (_write("js/evil.js"), "extra", "/js/evil.js"),
    "a-page-of-evidence": (
        lambda s: next((s / "evidence").glob("*Z-*/index.html")).write_text("forged"),
        "altered", "/evidence/20",
    ),
    "the-verifier": (_write("evidence/verify.py", "print('0 wrong')"), "altered", "verify.py"),
    "the-list": (_write("evidence/pages.sha256", ""), "altered", "pages.sha256"),
    "the-list-taken-away": (
        lambda s: (s / "evidence/pages.sha256").unlink(), "missing", "pages.sha256"
    ),
    "the-list-made-anew": (_list_made_anew, "signature", "build.note"),
    "signed-by-another": (_signed_by_another, "signature", "build.note"),
    "the-signature-taken-away": (_unsigned, "signature", "build.note"),
    "the-note-taken-away": (
        lambda s: (s / "evidence/build.note").unlink(), "missing", "build.note"
    ),
    "the-note-junk": (_write("evidence/build.note", "\n\n\n?"),
                      "signature", "build.note"),
    "of-another-build": (_of_another_build, "altered", "build.note"),
}  # fmt: skip


def test_what_was_built_is_said_and_right(site: Path) -> None:
    code, lines = by_reader(str(site / "evidence"))
    assert code == 0, lines
    count = len((site / "evidence/pages.sha256").read_bytes().splitlines())
    assert lines[0].startswith(f"note build: /: {count} of {count} looked at, built 20")
    assert lines[0].endswith("signed by blog.example/e")


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_page_is_named(name: str, site: Path) -> None:
    spoil, expected, where = FORGED[name]
    spoil(site)
    source = verifier.copy_or_ledger(str(site / "evidence"))
    wrong = [one for one in verifier.verify(source) if one.wrong]
    assert any(one.code == expected and one.where.startswith(where) for one in wrong), wrong
    assert all(str(one).isprintable() for one in wrong)


@pytest.fixture
def address(site: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/evidence/"
    server.shutdown()
    server.server_close()


def test_a_figures_page_is_checked_with_the_figure(site: Path, address: str, built: Path) -> None:
    """The site's own instructions, on a site where one address was changed in the article."""
    name = f"{runs(built / 'evidence')[0].stem}-1"
    code, lines = by_reader(address, name)
    assert code == 0, lines
    (said,) = [line for line in lines if line.startswith("pages ")]
    assert said.startswith("pages    2 of ")
    assert said.endswith("signed by blog.example/e")
    assert by_reader(address)[0] == 0
    article = site / "index.html"
    article.write_text(article.read_text("utf-8").replace("192.0.2.1", "192.0.2.66"), "utf-8")
    for words in ([address, name], [address], [str(site / "evidence"), name]):
        code, lines = by_reader(*words)
        assert code == 1
        assert "WRONG altered: /index.html: not the page that was built" in lines


def test_a_build_without_a_key_says_so_and_can_be_signed_after_it(built: Path, site: Path) -> None:
    for name in ("build.note", "pages.sha256"):
        (site / "evidence" / name).unlink()
    config = ["-f", str(built / "mkdocs.yml")]
    done = CliRunner().invoke(main, ["seal", *config, "--pages", str(site)])
    assert done.exit_code == 0, done.output
    assert "signed by blog.example/e" in done.output
    assert by_reader(str(site / "evidence"))[0] == 0
    (site / "evidence/head.json").unlink()
    done = CliRunner().invoke(main, ["seal", *config, "--pages", str(site)])
    assert (done.exit_code, "no site that `mkdocs build` has made" in done.output) == (1, True)
