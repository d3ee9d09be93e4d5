"""The pages of single observations, what can be downloaded from them, and the list of all."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from sotokara.core.observation import Exchange, Observation, Outcome, Vantage
from sotokara.kinds.dns.facts import DnsFacts
from sotokara.kinds.shared.view import PathRow
from sotokara.ledger import RunLine
from sotokara.ledger import verify as verifier
from sotokara.render.observation_page import Around, Sealed, SiteContext, observation_page, script
from sotokara.render.svg import path_svg
from sotokara.site.downloads import facts_csv, facts_json
from sotokara.site.publish import Publication
from sotokara.site.publish_files import add_to_sitemap, copied

from tests.tampered.site import at, replay, site

LINE = RunLine(
    v=1,
    digest="d",
    kind="dns",
    version=1,
    definition={"dns": "a.example"},
    start=datetime(1970, 1, 1, tzinfo=UTC),
    vantage=Vantage("author", "nslookup"),
    outcome=Outcome.ANSWERED,
    id="20261124T072727150Z-transcript-f2a17716-1",
)
ADDRESS = "https://blog.example/"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with three observations of one question."""
    folder = tmp_path_factory.mktemp("pages")
    days = [at(0, "192.0.2.1"), at(1, failure="eof_error"), at(2, "192.0.2.4")]
    site(folder, *days, text="history: 3650d\n")
    article = folder / "docs" / "posts" / "a.md"
    text = article.read_text("utf-8")
    article.write_text(text.replace("---\ndate", "---\nlang: ja\ndate"), "utf-8")
    build, mistakes = replay(folder, data_licence="CC BY 4.0", timezone="Asia/Tokyo")
    assert not mistakes
    build.base = "/"
    links = {"posts/a.md": "posts/a/"}
    publication = Publication(build, links, ADDRESS, "Blog", {"posts/a.md": "調査"})
    (folder / "site").mkdir()
    listed = publication.account({"posts/a.md": "ja"}).pages["evidence/index.md"]
    (folder / "site" / "list.html").write_text(listed, "utf-8")
    publication.publish(folder / "site", set())
    return folder / "site"


def test_the_ledger_is_walked_through_once_for_the_pages_and_once_for_the_copies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second time since a build adds its own list in between."""
    walked: list[str] = []
    names = verifier.Folder.names

    def counted(folder: verifier.Folder) -> Iterable[str]:
        walked.append(Path(folder.root).relative_to(tmp_path).as_posix())
        return names(folder)

    monkeypatch.setattr(verifier.Folder, "names", counted)
    site(tmp_path, at(0, "192.0.2.1"), at(1, "192.0.2.2"))
    build, _ = replay(tmp_path)
    publication = Publication(build, {"posts/a.md": "posts/a/"}, ADDRESS, "Blog", {})
    (tmp_path / "site").mkdir()
    publication.account({"posts/a.md": "en"})
    assert walked == ["evidence"]
    publication.publish(tmp_path / "site", set())
    assert sorted(walked) == ["evidence", "evidence", "site/evidence"]


def pages(published: Path, place: str) -> list[str]:
    found = sorted(published.glob(f"evidence/*-{place}-*/index.html"))
    return [page.read_text("utf-8") for page in found]


def test_the_question_is_the_heading_in_the_pages_language(published: Path) -> None:
    newest = pages(published, "author")[-1]
    assert "<h1>DNS は ssl3.example.com について何と答えるか</h1>" in newest
    assert '<html lang="ja">' in newest
    assert "2026-03-03 12:00:00 UTC (21:00:00 JST)" in newest
    assert '<a href="../../posts/a/#probe-ssl3">調査: ssl3</a>' in newest
    assert "Address: 192.0.2.4" in newest
    assert '<link rel="canonical" href="https://blog.example/evidence/' in newest
    assert "CC BY 4.0" in newest


@pytest.mark.parametrize(("observed", "said"), [("", "date not stated"), ("2006", "2006")])
def test_a_transcript_has_the_date_that_its_author_knows(observed: str, said: str) -> None:
    line = msgspec.structs.replace(
        LINE, origin="transcript", volatile={"observed": observed} if observed else {}
    )
    site = SiteContext("Blog", ADDRESS, "")
    shown = Observation(
        digest="d",
        definition=line.definition,
        start=line.start,
        outcome=line.outcome,
        vantage=line.vantage,
        origin="transcript",
        facts=DnsFacts(rcode="NOERROR"),
        exchanges=(Exchange("listing", "", "", received=b"Name: a.example"),),
    )
    page = observation_page(
        line, shown, sealed=Sealed(), places=[], around=Around(), site=site, lang="en"
    ).html
    assert f"from a terminal, {said}" in page
    assert "1970" not in page
    assert '<pre lang="en">Name: a.example' in page


def test_what_search_engines_read_is_json(published: Path) -> None:
    page = pages(published, "author")[-1]
    found = json.loads(re.findall(r'ld\+json">(.*?)</script>', page)[0])
    assert found["@type"] == "Dataset"
    assert found["temporalCoverage"] == "2026-03-03T12:00:00Z"
    assert json.loads(script({"a": "</script><!--"})) == {"a": "</script><!--"}
    assert "<" not in script({"a": "</script><!--"})


def test_the_history_of_a_question_is_whole(published: Path) -> None:
    (table,) = published.glob("evidence/questions/*/history.csv")
    rows = list(csv.DictReader(io.StringIO(table.read_text("utf-8"))))
    assert [row["outcome"] for row in rows] == ["answered", "no_answer", "answered"]
    assert [row["addresses"] for row in rows] == ["192.0.2.1", "", "192.0.2.4"]
    plain = json.loads(table.with_suffix(".json").read_text("utf-8"))
    assert plain["count"] == 3
    assert plain["observations"][2]["facts"]["addresses"] == ["192.0.2.4"]
    page = pages(published, "author")[-1]
    assert f'href="../questions/{table.parent.name}/history.csv"' in page


def test_a_drawn_history_is_a_file(published: Path) -> None:
    (drawn,) = published.glob("evidence/*/history-*.svg")
    root = ET.fromstring(drawn.read_text("utf-8"))  # noqa: S314  # our own
    assert root.tag.endswith("svg")
    assert any("2026-03-01" in (one.text or "") for one in root.iter())


def test_the_list_has_every_page(published: Path) -> None:
    listed = (published / "list.html").read_text("utf-8")
    names = {one.parent.name for one in published.glob("evidence/*Z-*/index.html")}
    assert names
    assert set(re.findall(r'href="/evidence/([^"/]+Z-[^"/]+)/"', listed)) == names
    assert "posts/a.md" not in listed
    (published / "sitemap.xml").write_text("<urlset>\n</urlset>", "utf-8")
    add_to_sitemap(published, ADDRESS)
    mapped = (published / "sitemap.xml").read_text("utf-8")
    assert all(f"<loc>{ADDRESS}evidence/{name}/</loc>" in mapped for name in names)


def test_nothing_of_it_is_strange_to_the_verifier(published: Path) -> None:
    source = verifier.Folder(str(published / "evidence"), published=True)
    names = set(source.names()) - {"SHA256SUMS", "head.json"}
    beside = {one for one in names if not verifier.belongs(one)}
    assert any(one.endswith("facts.csv") for one in beside)
    assert {one for one in beside if not verifier._PAGES.fullmatch(one)} == set()


def test_a_spreadsheet_takes_no_value_for_a_formula() -> None:
    text = facts_csv(LINE, DnsFacts(rcode="NOERROR", names=["=1+2", "-3", "plain", "a\u202eb"]))
    assert ",'=1+2\r\n" in text
    assert ",'-3\r\n" in text
    assert ",plain\r\n" in text
    assert "a⟨U+202E⟩b" in text
    facts = DnsFacts(rcode="NOERROR", names=["a\u202eb\U000e0041", "例"])
    plain = facts_json(LINE, facts, ADDRESS)
    assert r"a\u202eb\udb40\udc41" in plain
    assert "例" in plain
    assert json.loads(plain)["facts"]["names"] == facts.names


def test_a_drawn_path_is_text_that_nobody_else_can_write() -> None:
    rows = [PathRow("1", ("a <b> [192.0.2.1]",), times=(1.0, 2.0)), PathRow("2", said="no reply")]
    text = path_svg(rows, "To <where>?", "2026")
    root = ET.fromstring(text)  # noqa: S314  # our own
    said = [one.text for one in root.iter() if one.text]
    assert "a <b> [192.0.2.1]" in said
    assert "no reply" in said


def test_a_copy_is_not_written_through_a_link(tmp_path: Path) -> None:
    ledger, target, elsewhere = tmp_path / "evidence", tmp_path / "site", tmp_path / "mine"
    run = ledger / "runs/2026/11/24/20261124T072727150Z-transcript-f2a17716.jsonl"
    run.parent.mkdir(parents=True)
    target.mkdir()
    run.write_bytes(b"{}\n")
    lines = list(copied(ledger, target))
    assert lines
    copy = target / run.relative_to(ledger)
    copy.unlink()
    elsewhere.write_text("mine", "utf-8")
    copy.symlink_to(elsewhere)
    assert list(copied(ledger, target)) == lines
    assert elsewhere.read_text("utf-8") == "mine"
    assert not copy.is_symlink()
