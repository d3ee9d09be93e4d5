"""HTML read in one pass: as the standard library reads what is whole, at a cost that is linear."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sotokara.kinds.shared.web.markup import Tag, pieces
from sotokara.kinds.shared.web.page import read_page
from sotokara.masking.encodings import encodings

from tests.growth import MOST, growth


class Theirs(HTMLParser):
    """Text and tags as the standard library has them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(reversed([(name, value or "") for name, value in attrs]))
        told = str(sorted(given.items())) if tag in ("meta", "link") else ""
        self.found.append((tag, told))

    def handle_endtag(self, tag: str) -> None:
        self.found.append((f"/{tag}", ""))

    def handle_data(self, data: str) -> None:
        self.found.append(("", data))


def theirs(text: str) -> list[tuple[str, str]]:
    parser = Theirs()
    parser.feed(text)
    parser.close()
    return parser.found


def ours(text: str) -> list[tuple[str, str]]:
    found = []
    for one in pieces(text):
        if isinstance(one, Tag):
            given = str(sorted(one.attributes.items())) if one.name in ("meta", "link") else ""
            found.append((f"/{one.name}" if one.closes else one.name, "" if one.closes else given))
        else:
            found.append(("", one))
    return found


_PARTS = st.lists(
    st.sampled_from(
        [
            "<p>",
            "</p >",
            "<br/>",
            "text &amp; more",
            " ",
            "<!-- a > b -->",
            "<!doctype html>",
            "<?xml version='1.0'?>",
            "<a href='x>y' title=\"a'b\">",
            "<meta name=generator content='W &lt; 3'>",
            "<META Name='a' NAME=b Content = \"c d\" />",
            '<link rel="shortcut icon" href=/i.png>',
            "<script>if (a < b) {'</p>'}</script>",
            "<style>a > b {}</style >",
            "<title>T&eacute;</title>",
            "caf\u00e9 &#x202e; &copy;",
        ]
    ),
    max_size=12,
)


@given(_PARTS)
def test_whole_pages_are_read_as_the_standard_library_reads_them(parts: list[str]) -> None:
    text = "".join(parts)
    assert ours(text) == theirs(text)


@given(st.text(alphabet="<>!-/ab='\"& ?[]\n", max_size=60))
def test_hostile_markup_has_an_end(text: str) -> None:
    list(pieces(text))
    read_page(text.encode(), "text/html")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a<!-- b", ["a"]),
        ("a<!--> b", ["a", " b"]),
        ("a<![CDATA[ b", ["a"]),
        ("a<b c='d e", ["a"]),
        ("a</b c", ["a"]),
        ("a < b", ["a ", "<", " b"]),
        ("<script>a</scrip", ["a</scrip"]),
    ],
)
def test_what_is_left_open_is_no_text(text: str, found: list[str]) -> None:
    assert [one for one in pieces(text) if isinstance(one, str)] == found


@pytest.mark.parametrize(
    "line",
    [
        "<!",
        "<![CDATA[",
        "<!--",
        "<!--->",
        "<!-- -->",
        "<a href='",
        "<a href=\"'",
        "<script>",
        "</scrip",
        "</a ",
        "<?",
        "<a = ",
        "<meta name='",
        "&#x9",
        "<title>",
        "<",
    ],
)
def test_a_hostile_page_costs_as_much_as_it_is_long(line: str) -> None:
    def reading(size: int) -> object:
        return read_page(f"<html><a {line * size}".encode(), "text/html")

    assert growth(reading, 4000) <= MOST
    begins = (line * 5000).encode()
    assert read_page(begins, "text/html") is not None


def test_charsets_that_only_python_knows_are_not_used() -> None:
    body = b"a-" + b"z" * 300_000
    for name in ("punycode", "idna", "unicode_escape", "rot13", "zip_codec", "utf-7"):
        page = read_page(body, f"text/html; charset={name}")
        assert page.text == body.decode()
        assert page.charset == name
        if name == "utf-7":
            continue  # words are looked for in it all the same
        assert name not in encodings(b"\xff" + body, f"text/html; charset={name}")
    japanese = "\u65e5\u672c".encode("shift_jis")
    assert read_page(japanese, "text/html; charset=Shift_JIS").text == "\u65e5\u672c"
    latin = read_page("caf\u00e9".encode("latin-1"), "text/html; charset=ISO-8859-1")
    assert latin.text == "caf\u00e9"
