"""Evidence that others have added: shown as such where nothing else is, and never believed."""

from datetime import timedelta
from pathlib import Path

import pytest
from sotokara.engine.vantage import day_of
from sotokara.ledger import Ledger, keys, seals

from tests.sites import build, fence, make_site, with_evidence
from tests.tampered import keep, observation

SAID = "added by others, not signed by this blog"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    text = fence(dns="a.example", id="a", expect="'192.0.2.66' in addresses")
    text += fence(dns="b.example", id="b") + fence(dns="{{ a.addresses[0] }}", id="c")
    folder = with_evidence(
        make_site(tmp_path / "site", {"index.md": f"# A\n\n{text}"}, mode="replay")
    )
    keep(folder / "evidence", observation("b.example", "192.0.2.1"))
    return folder


def page(site: Path) -> str:
    done = build(site)
    assert done.returncode == 0, done.stderr
    return (site / "site/index.html").read_text("utf-8")


def test_without_keys_all_is_ones_own(site: Path) -> None:
    keep(site / "evidence", observation("a.example", "192.0.2.66"))
    shown = page(site)
    assert SAID not in shown
    assert "holds" in shown


def test_what_others_add_is_said_and_not_believed(site: Path) -> None:
    evidence = site / "evidence"
    made = keys.make_key(evidence, keys.Wanted("blog.example/e", "author", None))
    keep(evidence, observation("a.example", "192.0.2.66"))
    keep(evidence, observation("b.example", "192.0.2.77"))
    shown = page(site)
    assert shown.count(f'probe-lab">{SAID}') == 1
    assert "192.0.2.66" in shown  # in the figure that says so
    assert "192.0.2.77" not in shown  # the blog has its own observation of it
    assert "holds" not in shown
    assert "not decidable" in shown or "undecided" in shown
    ledger = Ledger(evidence, site / ".cache")
    assert len(list(ledger.index.every())) == 3
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOTOKARA_KEY", made.key.text)
        keep(evidence, observation("a.example", "192.0.2.3"))
        seals.seal(evidence)
    shown = page(site)
    assert SAID not in shown
    assert "192.0.2.3" in shown
    assert "192.0.2.66" not in shown.replace("'192.0.2.66' in addresses", "").replace(
        "&#39;192.0.2.66&#39; in addresses", ""
    )


def test_a_page_of_what_was_sealed_late_says_so_for_ever(site: Path) -> None:
    evidence = site / "evidence"
    (run,) = (evidence / "runs").glob("*/*/*/*.jsonl")
    old = evidence / "runs/2020/01/01" / f"20200101T000000000Z-author-{run.stem[-8:]}.jsonl"
    old.parent.mkdir(parents=True)
    run.rename(old)
    seals.seal(evidence)
    page(site)
    text = (site / f"site/evidence/{old.stem}-1/index.html").read_text("utf-8")
    assert "claimed 2020-01-01, sealed " in text
    assert " days later" in text


def test_an_articles_place_is_not_moved_by_others(site: Path) -> None:
    """They add an answer from a place of their own, earlier on the article's day."""
    evidence = site / "evidence"
    ledger = Ledger(evidence, site / ".cache")
    (ours,) = list(ledger.index.every())
    made = keys.make_key(evidence, keys.Wanted("blog.example/e", "author", None))
    assert made.key
    early = ours.moment - timedelta(minutes=1)
    keep(evidence, observation("b.example", "192.0.2.77", start=early, vantage="elsewhere"))
    day = day_of(ours.moment.date())
    question = ledger.line(ours).digest
    ledger.index.refresh()
    assert [one.vantage for one in ledger.index.answers(question, day)] == ["author"]
    other = observation("c.example", "192.0.2.78", vantage="elsewhere")
    keep(evidence, other)
    ledger.index.refresh()
    assert [one.vantage for one in ledger.index.answers(other.digest, day)] == ["elsewhere"]
