"""Recorded listings → what the readers make of them, as golden pairs found by name.

``python -m tests.test_readers`` writes the golden files anew; look at the difference first.
"""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from sotokara.kinds import KINDS
from sotokara.kinds.shared.terminal.interface import Listing
from sotokara.kinds.shared.terminal.pasted import decode
from sotokara.transcripts.session import listings, split_session

CASES = Path(__file__).parent / "cases" / "transcripts"
LISTINGS = sorted(CASES.glob("*/*.txt"))
WANTED = 120


def reading(path: Path) -> list[dict[str, Any]]:
    """Every segment of a case: listings with their facts, prose with its lines."""
    segments = []
    for segment in split_session(decode(path.read_bytes())):
        if isinstance(segment, Listing):
            segments.append(msgspec.to_builtins(segment))
        else:
            segments.append({"prose": list(segment.text), "first": segment.first})
    return segments


def named(path: Path) -> str:
    """``lab/dig-a``."""
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", LISTINGS, ids=named)
def test_a_recorded_listing_is_read_as_its_golden_file_says(path: Path) -> None:
    golden = json.loads(path.with_suffix(".json").read_text("utf-8"))
    assert json.loads(json.dumps(reading(path))) == golden


@pytest.mark.parametrize("path", LISTINGS, ids=named)
def test_every_line_is_read_or_named_as_unread(path: Path) -> None:
    text = decode(path.read_bytes())
    spanned: set[int] = set()
    for segment in split_session(text):
        if isinstance(segment, Listing):
            spanned |= set(range(segment.first, segment.last + 1))
        else:
            spanned |= set(range(segment.first, segment.first + len(segment.text)))
    full = {n for n, line in enumerate(text.splitlines(), 1) if line.strip()}
    assert full <= spanned


WHOIS = [
    path
    for path in sorted((CASES.parent / "whois").glob("*/*.raw"))
    if not path.stem.startswith("synthetic")
]


@pytest.mark.parametrize("path", WHOIS, ids=named)
def test_a_registrys_recorded_answer_is_read_like_a_measured_one(path: Path) -> None:
    golden = json.loads(path.with_suffix(".json").read_text("utf-8"))
    (listing,) = listings(
        decode(path.read_bytes()), "whois", KINDS["whois"].asked_of_listing(golden["target"])
    )
    facts = msgspec.to_builtins(listing.facts)
    assert {name: facts[name] for name in listing.said} == {
        name: value for name, value in golden["facts"].items() if name in listing.said
    }
    unstated = {"asked", "asn", "as_name", "bgp_prefix"} | (
        set() if facts.get("registry") else {"registry"}
    )
    assert set(golden["facts"]) - set(listing.said) <= unstated


def test_there_are_enough_listings_and_each_names_its_source() -> None:
    assert len(LISTINGS) >= WANTED
    for folder in {path.parent for path in LISTINGS}:
        sources = yaml.safe_load((folder / "SOURCES.yml").read_text("utf-8"))
        names = {path.stem for path in folder.glob("*.txt")}
        assert set(sources) == {"*"} or set(sources) == names, folder.name


def test_nearly_all_listings_are_read_whole() -> None:
    """The README's figure: how many were read, and how many of these without an unread line."""
    found = [
        segment
        for path in LISTINGS
        for segment in split_session(decode(path.read_bytes()))
        if isinstance(segment, Listing)
    ]
    whole = [listing for listing in found if not listing.unread]
    read = [listing for listing in found if listing.facts is not None or listing.failure]
    assert len(read) >= 0.97 * len(found)
    assert len(whole) >= 0.97 * len(found)


if __name__ == "__main__":
    for one in LISTINGS:
        text = json.dumps(reading(one), ensure_ascii=False, indent=1, sort_keys=True)
        one.with_suffix(".json").write_text(text + "\n", "utf-8")
