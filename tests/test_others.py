"""Evidence that others have added: shown as such where nothing else is, and never believed."""

import json
import re
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from sotokara.core.labels import labels
from sotokara.core.observation import Exchange
from sotokara.engine.vantage import day_of
from sotokara.ledger import Ledger, keys, seals
from sotokara.ledger.sealing import SealStates
from sotokara.render.seal_view import seal_words

from tests.sites import build, fence, make_site, with_evidence
from tests.tampered import dialogue, keep, observation, runs, sound

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


def seal_day(evidence: Path) -> str:
    """The day of the newest seal."""
    return str(json.loads(max((evidence / "seals").glob("*.json")).read_bytes())["sealed"])[:10]


def page(site: Path) -> str:
    done = build(site)
    assert done.returncode == 0, done.stderr
    return (site / "site/index.html").read_text("utf-8")


def test_without_keys_all_is_ones_own(site: Path) -> None:
    keep(site / "evidence", observation("a.example", "192.0.2.66"))
    shown = page(site)
    assert SAID not in shown
    assert "holds" in shown
    assert shown.count("<b>! NOT SEALED</b>") == 2
    seals.seal(site / "evidence")
    keep(site / "evidence", observation("b.example", "192.0.2.2"))
    shown = page(site)
    day = seal_day(site / "evidence")
    assert f"from author · seal 1 of {day}, unsigned" in shown
    assert "from author · not yet sealed" in shown
    assert "NOT SEALED" not in shown
    (unsealed,) = (site / "site/evidence").glob(f"{runs(site / 'evidence')[-1].stem}-1/index.html")
    assert "<dd><b>not yet sealed</b></dd>" in unsealed.read_text("utf-8")


def test_what_others_add_is_said_and_not_believed(site: Path) -> None:
    evidence = site / "evidence"
    made = keys.make_key(evidence, keys.KeyRequest("blog.example/e", "author", None))
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
        wires = dialogue("a.example", "192.0.2.3")
        raw = Exchange("A", "resolver", "udp", *wires, media_type="application/dns-message")
        one = observation("a.example", "192.0.2.3")
        keep(evidence, msgspec.structs.replace(one, exchanges=(raw,)))
        seals.seal(evidence)
    shown = page(site)
    assert SAID not in shown
    assert "192.0.2.3" in shown
    said = f"seal 3 of {seal_day(evidence)}, signed by blog.example/e"
    assert f"from author · {said}" in shown
    (own,) = (site / "site/evidence").glob(f"{runs(evidence)[-1].stem}-1/index.html")
    text = own.read_text("utf-8")
    assert re.search(r'seals/000003.json">seal 3 of 20[-\d]+ \d\d:\d\d UTC, signed by', text)
    assert "a.example. 60 IN A 192.0.2.3</pre>" in text.replace("\n;AUTHORITY\n;ADDITIONAL", "")
    assert "<pre>00 07 " in text  # the same in hexadecimal, beside it
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
    shown = page(site)
    text = (site / f"site/evidence/{old.stem}-1/index.html").read_text("utf-8")
    for one in (shown, text):
        assert "<b>! claimed 2020-01-01, sealed " in one
        assert " days later</b>" in one


def test_what_is_not_what_was_sealed_says_so(tmp_path: Path) -> None:
    evidence = sound(tmp_path / "evidence")
    old, other = f"{runs(evidence)[0].stem}-1", f"{runs(evidence)[2].stem}-1"
    assert not SealStates(evidence).of(old).altered
    runs(evidence)[0].write_bytes(runs(evidence)[0].read_bytes().replace(b"0.01", b"0.02"))
    states = SealStates(evidence)
    assert states.of(old).altered
    assert not states.of(other).altered
    assert states.altered() == [old[:-2]]
    said = seal_words(states.of(old), labels("en"))
    assert said.warning == "not what was sealed"
    runs(evidence)[2].unlink()
    assert SealStates(evidence).of(other).altered
    assert seal_words(SealStates(tmp_path / "none").of(old), labels("ja")).warning == (
        "封印されていません"
    )


def test_an_articles_place_is_not_moved_by_others(site: Path) -> None:
    """They add an answer from a place of their own, earlier on the article's day."""
    evidence = site / "evidence"
    ledger = Ledger(evidence, site / ".cache")
    (ours,) = list(ledger.index.every())
    made = keys.make_key(evidence, keys.KeyRequest("blog.example/e", "author", None))
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
