"""How long words take to read and how search finds them, without a browser."""

import re
import sys
from pathlib import Path

import pytest
from sotokara.core.labels import labels, languages, words_of
from sotokara.kinds import KINDS
from sotokara.mkdocs import words

from tests.growth import MOST, growth


@pytest.mark.parametrize(
    ("text", "images", "minutes"),
    [
        ("", 0, 1),
        ("word " * 265, 0, 1),
        ("word " * 266, 0, 2),
        ("測" * 500, 0, 1),
        ("測" * 501, 0, 2),
        ("カナと、漢字。" * 100, 0, 1),  # 500 letters; the marks are not read
        ("測" * 500 + " word" * 265, 0, 2),
        ("測" * 500, 1, 2),
    ],
)
def test_reading_minutes(text: str, images: int, minutes: int) -> None:
    assert words.reading_minutes(text, images) == minutes


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("<p>(example.com)</p>", "example.com"),
        ("It is 203.104.255.140.", "203.104.255.140"),
        ("&lt;本体", "本体"),
        ("BGPの経路", "bgp"),
        ("外から見る", "見る"),
        ("_dmarc.example.jp", "_dmarc.example.jp"),
    ],
)
def test_tokens(text: str, token: str) -> None:
    assert token in words.tokens(text)


def test_tails_are_what_may_be_typed() -> None:
    assert set(words.tails("権威サーバーの")) == {"威サーバーの", "サーバーの", "バーの"}
    assert set(words.tails("www.example.com")) == {"example.com", "com"}
    assert set(words.tails("203.104.255.140")) == set()


def test_no_token_of_the_index_is_chinese_characters_alone() -> None:
    section = {"title": "時", "text": "<p>その時、時間</p><p>経路</p>"}
    words.complete_search_index({"config": {"fields": {}}, "docs": [section]})
    found = words.tokens(" ".join(section.values()))
    assert not any(re.fullmatch(f"[{words.HAN}]+", token) for token in found)


@pytest.mark.parametrize("piece", ["漢", "a.", "あ漢", "a", "<", ">", "&lt;", "漢ー", "x-"])
def test_endless_words_of_others_cost_little(piece: str) -> None:
    def complete(size: int) -> dict[str, str]:
        section = {"title": "", "text": piece * (size // len(piece))}
        words.complete_search_index({"config": {"fields": {}}, "docs": [section]})
        return section

    assert growth(complete, 16384) <= MOST
    assert len(complete(65536)["terms"]) < 1000


@pytest.mark.parametrize("lang", languages())
def test_kinds_and_facts_have_names(lang: str) -> None:
    """What a reader sees is a word, not the name that an expression has for it."""
    words = labels(lang)
    for name, kind in KINDS.items():
        needed = [f"kind_{name}", f"asks_{name}"]
        needed += [f"field_{field}" for field in kind.facts.__struct_fields__]
        assert [one for one in needed if one not in words] == [], name


def test_words_are_read_from_yaml_once_and_again_when_a_file_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    file, kept = tmp_path / "a.yml", tmp_path / "kept" / "words.json"
    file.write_text("asked: yes\n", "utf-8")
    assert words_of([file], kept) == {"asked": "yes"}
    kept.write_text(kept.read_text("utf-8").replace('"yes"', '"kept"'), "utf-8")
    assert words_of([file], kept) == {"asked": "kept"}  # no YAML was read
    file.write_text("asked: anew\n", "utf-8")
    assert words_of([file], kept) == {"asked": "anew"}
    kept.write_text("{", "utf-8")  # whatever stands there
    assert words_of([file], kept) == {"asked": "anew"}


def test_words_are_read_where_nothing_can_be_kept(tmp_path: Path) -> None:
    file, taken = tmp_path / "a.yml", tmp_path / "taken"
    file.write_text("asked: a\n", "utf-8")
    taken.write_text("", "utf-8")
    assert words_of([file], taken / "words.json") == {"asked": "a"}
