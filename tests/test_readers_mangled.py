"""Listings as mailers, forums and word processors leave them: read, or named as unread."""

import html
import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sotokara.kinds.shared.terminal.interface import Listing
from sotokara.kinds.shared.terminal.pasted import (
    LARGEST,
    TooLarge,
    decode,
    is_masked,
    masked_words,
    redacted,
    split_remark,
)
from sotokara.transcripts.session import listings, split_session

from tests.examples import examples
from tests.test_readers import LISTINGS, named

SOME = LISTINGS[::5]


def facts(text: str) -> list[dict[str, Any]]:
    """What a text states, without line numbers."""
    return [
        {
            "tool": one.tool,
            "target": one.target,
            "facts": msgspec.to_builtins(one.facts),
            "said": one.said,
        }
        for one in listings(text)
    ]


def smart(text: str) -> str:
    """Typographic quotation marks and spaces."""
    text = re.sub(r'"([^"\n]*)"', "\u201c\\1\u201d", text)
    return text.replace("'", "\u2019").replace("  ", "\u00a0 ")


MANGLED: dict[str, Callable[[str], str]] = {
    "crlf": lambda text: text.replace("\n", "\r\n"),
    "quoted": lambda text: "".join(f"> {line}\n" for line in text.splitlines()),
    "quoted twice": lambda text: "".join(f"> > {line}\n" for line in text.splitlines()),
    "html": lambda text: html.escape(text).replace("  ", "&nbsp; "),
    "html breaks": lambda text: "".join(f"{html.escape(one)}<br>\n" for one in text.splitlines()),
    "smart quotes": smart,
    "trailing spaces": lambda text: text.replace("\n", "   \n"),
    "prose around": lambda text: f"Hello,\n\nplease look:\n\n{text}\n\nWhat is this? Thanks.\n",
    "byte order mark": lambda text: "\ufeff" + text,
}


@pytest.mark.parametrize("how", MANGLED)
@pytest.mark.parametrize("path", SOME, ids=named)
def test_a_mangled_paste_states_the_same(path: Path, how: str) -> None:
    text = decode(path.read_bytes())
    assert facts(MANGLED[how](text)) == facts(text)


@pytest.mark.parametrize("path", LISTINGS, ids=named)
def test_a_cut_paste_never_fails_and_states_nothing_new(path: Path) -> None:
    text = decode(path.read_bytes())
    whole = {str(one.get("facts")) for one in facts(text)}
    assert whole or named(path) == "lab/dig-short-none"  # it printed nothing
    for at in range(0, len(text), max(1, len(text) // 7)):
        for listing in listings(text[:at]):
            assert listing.first <= listing.last


@pytest.mark.parametrize("name", ["lab/traceroute-dns", "post/tracert-ssl3", "found/tracert-ja-v6"])
def test_hops_broken_by_a_mailer_are_joined(name: str) -> None:
    text = decode(next(path for path in LISTINGS if named(path) == name).read_bytes())
    wrapped = "\n".join(
        "\n".join(textwrap.wrap(line, 62, break_long_words=False, subsequent_indent="")) or ""
        for line in text.splitlines()
    )
    assert len(wrapped.splitlines()) > len(text.splitlines())
    whole, broken = facts(text)[0]["facts"], facts(wrapped)[0]["facts"]
    assert [hop.get("addresses") for hop in broken["hops"]] == [
        hop.get("addresses") for hop in whole["hops"]
    ]


def test_lines_in_several_encodings_are_decoded_one_by_one() -> None:
    lines = ["名前:    www.example", "Address:  192.0.2.1", "権限のない回答:"]
    content = b"\n".join(
        line.encode(encoding)
        for line, encoding in zip(lines, ("cp932", "ascii", "utf-8"), strict=True)
    )
    assert decode(content).splitlines() == lines


def test_a_line_that_is_not_understood_is_unread_with_its_number() -> None:
    text = (
        "traceroute to a.example (192.0.2.9), 30 hops max\n"
        " 1  192.0.2.1 (192.0.2.1)  1.0 ms  1.0 ms  1.0 ms\n"
        "here the line went quiet for a while\n"
        " 2  192.0.2.9 (192.0.2.9)  2.0 ms  2.0 ms  2.0 ms\n"
    )
    (listing,) = listings(text)
    assert listing.unread == ((3, "here the line went quiet for a while"),)
    assert [hop.number for hop in listing.facts.hops] == [1, 2]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("line", "text", "remark"),
    [
        ("Address: 192.0.2.1  <本体", "Address: 192.0.2.1", "本体"),
        ("Address: 192.0.2.1 ←ここ", "Address: 192.0.2.1", "ここ"),
        ("Address: 192.0.2.1  # here", "Address: 192.0.2.1", "here"),
        ("Address: 192.0.2.1 <- the server", "Address: 192.0.2.1", "the server"),
        ("Address: 192.0.2.1 <=== look", "Address: 192.0.2.1", "look"),
        ("Address: 192.0.2.1(自宅)", "Address: 192.0.2.1", "自宅"),
        ("Address: 192.0.2.1 (自宅)", "Address: 192.0.2.1", "自宅"),
        ("  1    <1 ms    <1 ms    <1 ms  192.0.2.1", None, ""),
        ("; <<>> DiG 9.18.1 <<>> a.example", None, ""),
        ("<- 220 mail.example ESMTP", None, ""),
        ("MAIL FROM:<a@b.example>", None, ""),
        ("10.53.0.1#53(10.53.0.1)", None, ""),
        (" 1  192.0.2.1 (192.0.2.1)  1 ms", None, ""),
    ],
)
def test_remarks(line: str, text: str | None, remark: str) -> None:
    assert split_remark(line) == (line if text is None else text, remark)


@pytest.mark.parametrize(
    ("mask", "shown"),
    [
        ("********", "xxxxxxxx"),
        ("[******]", "xxxxxx"),
        ("192.168.xxx.254", "192.168.xxx.254"),
        ("133.18.***.***", "133.18.xxx.xxx"),
        ("XXX.XXX.XXX.XXX", "xxx.xxx.xxx.xxx"),
        ("***.vectant.ne.jp", "xxx.vectant.ne.jp"),
    ],
)
def test_masks(mask: str, shown: str) -> None:
    assert is_masked(mask)
    assert redacted(mask) == shown
    assert masked_words(f"at {mask} it went on") == [mask]


@pytest.mark.parametrize(
    "word", ["*", "192.0.2.1", "www.example.com", "xerxes.example", "2001:db8::1"]
)
def test_what_is_no_mask(word: str) -> None:
    assert not is_masked(word)


def test_a_megabyte_of_something_else_is_refused() -> None:
    with pytest.raises(TooLarge, match="are no listing"):
        decode(b"\x00" * (LARGEST + 1))


def test_a_megabyte_of_lines_is_read_in_time() -> None:
    text = ("x" * 99 + "\n") * 10_000
    assert not [one for one in split_session(text) if isinstance(one, Listing)]


PIECES = [line for path in LISTINGS for line in decode(path.read_bytes()).splitlines()]


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=40)), max_size=25))
@settings(max_examples=examples(200), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_is_cut_into_segments_that_hold_all_of_it(pieces: list[str]) -> None:
    text = "\n".join(pieces)
    spanned: set[int] = set()
    for segment in split_session(text):
        last = (
            segment.last if isinstance(segment, Listing) else segment.first + len(segment.text) - 1
        )
        spanned |= set(range(segment.first, last + 1))
    plain = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    full = {n for n, line in enumerate(plain, 1) if line.strip()}
    assert full <= spanned


@given(st.binary(max_size=3000))
@settings(max_examples=examples(150), deadline=None)
def test_any_bytes_are_decoded(content: bytes) -> None:
    listings(decode(content))
