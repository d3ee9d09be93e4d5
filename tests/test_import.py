"""``sotokara import``: a post or a session becomes an article that builds."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from sotokara.cli import main
from sotokara.definitions.definition import read_definition
from sotokara.kinds import KINDS
from sotokara.kinds.shared.terminal.interface import Listing
from sotokara.kinds.shared.terminal.pasted import decode
from sotokara.transcripts.importer import ImportSource, draft
from sotokara.transcripts.session import listings
from sotokara.transcripts.transcript import read_listing

from tests.test_readers import LISTINGS, named

CASES = Path(__file__).parent / "cases" / "transcripts"
POST = (CASES / "post" / "listings.txt").read_text("utf-8")
FENCE = re.compile(r"^(`{3,})probe\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
ROOT = Path(__file__).parent.parent
SITE = """\
site_name: t
theme: {name: material}
plugins: [{blog: {blog_dir: ., post_url_format: "{file}"}}]
hooks: [HOOK]
markdown_extensions: [sotokara, pymdownx.superfences]
extra: {probes: {mode: replay}}
"""


def definitions(text: str) -> list[dict[str, object]]:
    """The YAML of every probe fence in a draft."""
    return [yaml.safe_load(body) for _, body in FENCE.findall(text)]


def test_the_post_becomes_five_chained_definitions() -> None:
    made = draft(POST, ImportSource(observed="2006", source="the post"))
    found = definitions(made.text)
    assert made.definitions == len(found) == 5
    assert [
        (one["id"], one.get("dns"), one.get("whois"), one.get("traceroute")) for one in found
    ] == [
        ("ssl2", "ssl2.gcrest.com", None, None),
        ("ssl3", "ssl3.gcrest.com", None, None),
        ("whois_ssl2", None, "{{ ssl2.addresses[0] }}", None),
        ("whois_ssl3", None, "{{ ssl3.addresses[0] }}", None),
        ("path_ssl3", None, None, "{{ ssl3.addresses[0] }}"),
    ]
    assert found[0]["notes"] == {
        "ssl2.gcrest.com": "ブラウザで見えるURL ※ログイン画面・サイトデータのあるサーバ",
        "221.246.251.104": "本体",
    }
    assert found[2]["notes"]["DERBY"] == "別サービス「競馬伝説Live!」と同じネットワーク"  # type: ignore[index]
    assert all(one["observed"] == "2006" and one["source"] == "the post" for one in found)


@pytest.mark.parametrize("path", LISTINGS, ids=named)
def test_each_recorded_listing_becomes_definitions_that_state_the_same(path: Path) -> None:
    text = decode(path.read_bytes())
    made = draft(text, ImportSource())
    said = [one for one in listings(text) if one.target]
    stated = []
    for _, body in FENCE.findall(made.text):
        definition, mistakes = read_definition(body, "page.md", 1, "token")
        assert mistakes == []
        assert definition is not None
        assert definition.common.transcript is not None
        target = "" if definition.template.references else definition.template.text
        listing, unread = read_listing(definition.common.transcript, definition.kind, target)
        assert listing is not None
        inside = {line for _, line in listing.unread}
        assert {line for _, line in unread} <= inside | {
            command for command in (_typed(body),) if command
        }
        stated.append((listing.kind, listing.facts, listing.failure))
    assert stated == [(one.kind, one.facts, one.failure) for one in said if _can_be_asked(one)]


def _typed(body: str) -> str:
    return next((line.strip() for line in body.splitlines() if "$ " in line), "")


def _can_be_asked(listing: Listing) -> bool:
    options = {
        k: v for k, v in listing.options.items() if k in KINDS[listing.kind].__struct_fields__
    }
    return not list(KINDS[listing.kind](target=listing.target, **options).option_errors())


def test_every_line_of_the_text_is_in_the_draft() -> None:
    made = draft(POST, ImportSource())
    flat = re.sub(r"[\\\s]", "", made.text)
    for line in POST.splitlines():
        if not re.fullmatch(r"=*", line.strip()):
            assert re.sub(r"[\\\s]", "", line) in flat, line


@pytest.mark.parametrize("name", ["post/listings", "lab/dig-two", "found/tracert-ja-masked"])
def test_the_draft_builds_and_shows_each_transcript(tmp_path: Path, name: str) -> None:
    (tmp_path / "mkdocs.yml").write_text(SITE.replace("HOOK", str(ROOT / "hooks" / "figures.py")))
    (tmp_path / "docs" / "posts").mkdir(parents=True)
    (tmp_path / "docs" / "index.md").write_text("# t\n")
    case = CASES / f"{name}.txt"
    run = CliRunner().invoke(main, ["import", str(case), "-f", str(tmp_path / "mkdocs.yml")])
    assert run.exit_code == 0, run.output
    article = tmp_path / "docs" / "posts" / f"{case.stem}.md"
    wanted = len(definitions(article.read_text("utf-8")))
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "-q"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    html = (tmp_path / "site" / case.stem / "index.html").read_text("utf-8")
    assert html.count('class="probe-then"') == wanted
    assert not (tmp_path / "evidence").exists()  # replay writes nothing


def test_it_never_writes_over_an_article(tmp_path: Path) -> None:
    there = tmp_path / "there.md"
    there.write_text("mine")
    case = str(CASES / "lab" / "dig-a.txt")
    run = CliRunner().invoke(main, ["import", case, "-o", str(there)])
    assert run.exit_code == 2
    assert "is there already" in run.output
    assert there.read_text() == "mine"


def test_markup_in_prose_stays_text() -> None:
    made = draft(
        "A title\n\n# <b>x</b> `{{ y }}` [z](w)\n1. one\n\nhost.example has address 192.0.2.1\n",
        ImportSource(),
    )
    assert r"\# \<b\>x\</b\> \`\{\{ y \}\}\` \[z\](w)" in made.text
    assert "1\\. one" in made.text


def test_a_text_without_listings_is_refused_with_what_is_known(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("Only prose.\n")
    run = CliRunner().invoke(main, ["import", str(file), "-o", "-"])
    assert run.exit_code == 1
    assert "no listing of a tool that is known" in run.output


def test_a_megabyte_of_something_else_is_refused_by_size(tmp_path: Path) -> None:
    file = tmp_path / "big.bin"
    file.write_bytes(bytes(range(256)) * 4097)
    run = CliRunner().invoke(main, ["import", str(file), "-o", "-"])
    assert run.exit_code == 1
    assert "bytes are no listing" in run.output


@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "euc_jp", "iso2022_jp", "utf-16"])
def test_the_post_is_read_in_every_encoding(encoding: str) -> None:
    content = POST.replace("ー", "-").encode(encoding, "replace")
    assert draft(decode(content), ImportSource()).definitions == 5
