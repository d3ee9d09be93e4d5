"""Every address that was published answers: moved articles, former evidence, two of one address."""

import itertools
import json
import os
import re
import time
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from sotokara.cli import main
from sotokara.ledger import Ledger, published
from sotokara.ledger.published import Published, append_entries, entries, moved
from sotokara.site.redirects import redirect_pages, redirects

from tests.sites import ROOT, build, make_site, with_evidence
from tests.tampered.site import DAY, replay
from tests.test_identity import NAME, asking, kept, page


def post(text: str) -> str:
    return f"---\ndate: 2026-03-01\n---\n# A\n\n{text}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built once; then one article was moved by hand, one by the command, and one is gone."""
    folder = tmp_path_factory.mktemp("moved")
    pages = {
        "index.md": "# T\n\n[a](posts/a.md#probe-ssl3)\n",
        "posts/a.md": post(asking("type: A\n")),
        "posts/b.md": post(asking("", "b.example.com", "b")),
        "posts/c.md": post(asking("", "c.example.com", "c")),
        "posts/gone.md": "# Gone\n",
    }
    make_site(folder, pages, mode="new")
    with_evidence(folder)
    mkdocs = yaml.safe_load((folder / "mkdocs.yml").read_text("utf-8"))
    mkdocs["validation"] = {"anchors": "warn"}
    (folder / "mkdocs.yml").write_text(yaml.safe_dump(mkdocs), "utf-8")
    for day, address in enumerate(("192.0.2.1", "192.0.2.2")):
        kept(folder, day, address, shown=False, type="A")
        kept(folder, day, address, place="posts/b.md#b", shown=False, dns="b.example.com")
        kept(folder, day, address, place="posts/c.md#c", shown=False, dns="c.example.com")
    first = build(folder, "--strict")
    assert first.returncode == 0, first.stderr
    published = sorted(file.relative_to(folder) for file in (folder / "site").rglob("index.html"))
    (folder / "published.json").write_text(json.dumps([str(one) for one in published]), "utf-8")
    (folder / "feed.json").write_bytes((folder / "site/changes/feed.json").read_bytes())
    (folder / "docs/posts/b.md").rename(folder / "docs/posts/renamed.md")
    (folder / "docs/posts/gone.md").unlink()
    done = CliRunner().invoke(
        main, ["mv", "-f", str(folder / "mkdocs.yml"), "posts/a.md", "posts/2027/a.md"]
    )
    assert done.exit_code == 0, done.output
    assert "docs/index.md:3: names posts/a.md" in done.output
    (folder / "docs/index.md").write_text("# T\n\n[a](posts/2027/a.md#probe-ssl3)\n", "utf-8")
    (folder / "docs/posts/c.md").write_text(
        post(asking("type: A\n", "c.example.com", "c")), "utf-8"
    )
    again = build(folder, "--strict", SOTOKARA_MODE="replay")
    assert again.returncode == 0, again.stderr
    return folder


def test_every_address_answers(site: Path) -> None:
    """Of articles, of evidence that `run` has measured, of a page that is gone."""
    published = json.loads((site / "published.json").read_text("utf-8"))
    assert sum("Z-" in one for one in published) == 6
    for name in published:
        assert (site / name).is_file(), name
    for old, link in {"a": "../2027/a/", "b": "../renamed/"}.items():
        page = (site / "site/posts" / old / "index.html").read_text("utf-8")
        assert f'location.replace("{link}"' in page
        assert f'url={link}"' in page
    assert "no longer here" in (site / "site/posts/gone/index.html").read_text("utf-8")


def test_a_figure_that_was_renamed_is_found_under_its_former_ids(tmp_path: Path) -> None:
    """The address that stands in a figure's foot names it by its id."""
    page(tmp_path, asking("", name="tls") + "\n" + asking("", "b.example.com", "taken"))
    names = ["ssl3", "taken", "mail", "tls"]
    for day, (old, new) in enumerate(itertools.pairwise(names)):
        move = published.moved(f"posts/a.md#{old}", f"posts/a.md#{new}", DAY + timedelta(days=day))
        assert published.append_entries(tmp_path / "evidence", [move])
    build, _ = replay(tmp_path)
    tokens = {node.definition.id: token for (_, token), node in build.plan.nodes.items()}
    first = build.figure("posts/a.md", tokens["tls"], 0)
    anchors = re.findall(r'<span id="probe-(\w+)">', first)
    assert anchors == ["mail", "ssl3"]  # another figure has the third by now
    assert first.index("probe-ssl3") < first.index("<figure")
    assert "probe-ssl3" not in build.figure("posts/a.md", tokens["tls"], 1)
    assert "<span id=" not in build.figure("posts/a.md", tokens["taken"], 0)


def test_links_from_evidence_follow(site: Path) -> None:
    entry = Ledger(site / "evidence").index.every()[0]
    page = (site / "site/evidence" / entry.id / "index.html").read_text("utf-8")
    assert 'posts/2027/a/#probe-ssl3">' in page


def test_entries_of_the_feed_stay(site: Path) -> None:
    """Today nothing of c.example.com was asked as it was when it changed."""
    items = [
        {one["id"] for one in json.loads(file.read_text("utf-8"))["items"]}
        for file in (site / "feed.json", site / "site/changes/feed.json")
    ]
    assert len(items[0]) == 3
    assert items[0] <= items[1]


def test_what_a_build_has_noticed_stays_in_memory_in_replay(site: Path) -> None:
    noted = [one.moved for one in entries(site / "evidence") if one.moved]
    assert noted == [("posts/a.md", "posts/2027/a.md")]
    page = (site / "site/posts/renamed/index.html").read_text("utf-8")
    assert re.search(r'<figure class="probe[^"]*" id="probe-b"', page)


def test_an_article_that_was_moved_before_its_first_build_and_is_gone(tmp_path: Path) -> None:
    """The build led on from its first address; so that was published, and has to answer."""
    folder = make_site(tmp_path, {"index.md": "# T\n", "posts/c.md": post(asking())}, mode="new")
    with_evidence(folder)
    kept(folder, 0, "192.0.2.1", place="posts/a.md#ssl3", shown=False)
    for old, new in itertools.pairwise(["posts/a.md", "posts/b.md", "posts/c.md"]):
        assert published.append_entries(folder / "evidence", [published.moved(old, new)])
    assert build(folder, "-q").returncode == 0
    assert (folder / "site/posts/a/index.html").is_file()
    assert (folder / "site/posts/b/index.html").is_file()
    (folder / "docs/posts/c.md").unlink()
    assert build(folder, "-q", SOTOKARA_MODE="replay").returncode == 0
    for name in ("a", "b", "c"):
        page = (folder / f"site/posts/{name}/index.html").read_text("utf-8")
        assert "no longer here" in page


def test_a_move_by_hand_after_one_by_the_command_is_noticed(tmp_path: Path) -> None:
    """Between the two nobody has asked, so no evidence has the name in the middle."""
    kept(tmp_path, 0, "192.0.2.1", place="posts/old.md#x")
    moves = ("posts/old.md", "posts/mid.md"), ("posts/mid.md#x", "posts/mid.md#ssl3")
    for day, names in enumerate(moves, 1):
        when = DAY + timedelta(days=day)
        assert published.append_entries(tmp_path / "evidence", [published.moved(*names, when)])
    page(tmp_path, asking())
    build, _ = replay(tmp_path)
    ((figure, _),) = build.found()
    assert figure.now
    assert figure.now.start == DAY
    assert [(one.old, one.new) for one in build.run.ledger.moves][-1] == (
        "posts/mid.md",
        "posts/a.md",
    )
    assert len(build.run.recall.timeline(figure).rows) == 1


def test_two_articles_of_one_address(tmp_path: Path) -> None:
    folder = make_site(tmp_path, {"index.md": "# T\n"})
    for year in (2026, 2027):
        path = folder / "docs/posts" / str(year)
        path.mkdir(parents=True)
        (path / "update.md").write_text(f"---\ndate: {year}-01-01\n---\n# {year}\n", "utf-8")
    config = yaml.safe_load((folder / "mkdocs.yml").read_text("utf-8"))
    blog = {"blog_dir": ".", "post_dir": "posts", "post_url_format": "posts/{file}"}
    config["plugins"] = [{"blog": blog}]
    config["hooks"] += [str(ROOT / "hooks" / "evidence.py")]
    (folder / "mkdocs.yml").write_text(yaml.safe_dump(config), "utf-8")
    done = build(folder)
    assert done.returncode == 1
    assert "docs/posts/2026/update.md:1" in done.stderr
    assert "docs/posts/2027/update.md:1" in done.stderr


def test_a_list_leads_nowhere_outside() -> None:
    """The list is a file of the repository, and others may have added to it."""
    bad = ["../x/", "/etc/x/", "a/../../x", "%2e%2e/x/", "a\\b/", "x\0/"]
    known = Published(dict.fromkeys([*bad, "fine/", "also.html"], "posts/old.md"), set(), {}, [])
    found = redirects(known, [], {"posts/new.md": "posts/new/"})
    assert [name for name, _ in redirect_pages(found, "en")] == ["fine/index.html", "also.html"]


def test_what_mv_refuses(tmp_path: Path) -> None:
    folder = make_site(tmp_path, {"a.md": "# A\n", "b.md": "# B\n"})

    def refused(*names: str) -> str:
        done = CliRunner().invoke(main, ["mv", "-f", str(folder / "mkdocs.yml"), *names])
        assert done.exit_code == 2  # called wrongly
        return done.output

    assert "there is neither" in refused("x.md", "y.md")
    assert "is there already" in refused("a.md", "b.md")
    assert "not below" in refused("../a.md", "c.md")
    assert "write page.md" in refused("a", "b")
    assert "name two pages" in refused("a.md#x", "a.md")
    assert NAME not in refused("a.md", "a.md")
    assert not (folder / "evidence").exists()


def test_mv_moves_nothing_where_a_setting_is_wrong(tmp_path: Path) -> None:
    folder = make_site(tmp_path, {"a.md": "# A\n"}, timeout="never")
    done = CliRunner().invoke(main, ["mv", "-f", str(folder / "mkdocs.yml"), "a.md", "b.md"])
    assert done.exit_code
    assert "timeout" in done.output
    assert (folder / "docs" / "a.md").is_file()


def test_a_list_that_a_killed_build_left_goes_after_a_minute(tmp_path: Path) -> None:
    folder = tmp_path / "published"
    folder.mkdir()
    for name, age in (("old", 100), ("under-way", 1)):
        part = folder / f"{name}.ndjson.part"
        part.write_text("{")
        os.utime(part, (time.time() - age,) * 2)
    append_entries(tmp_path, [moved("a", "b")])
    assert [one.name for one in folder.glob("*.part")] == ["under-way.ndjson.part"]
