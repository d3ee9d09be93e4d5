"""The kind ``http`` on loopback: hops, masking, hashes, and servers that mean no good."""

import asyncio
import gzip
import hashlib
import json
import ssl
from base64 import encodebytes
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mmh3
import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace
from sotokara.core.labels import labels, languages
from sotokara.core.observation import Exchange
from sotokara.core.warc import warc
from sotokara.engine.settings import load
from sotokara.kinds.http.facts import VERDICTS, HttpFacts
from sotokara.kinds.http.kept import favicon_hash
from sotokara.kinds.http.kind import Http
from sotokara.kinds.http.parse import read_hops
from sotokara.kinds.shared.web.message import format_message, parse_message
from sotokara.kinds.shared.web.page import read_page
from sotokara.kinds.shared.web.trackers import Tracker, trackers_in
from sotokara.servers.nameserver import NameServer
from warcio.archiveiterator import ArchiveIterator

from tests.kind_ask import Answer, all_asked, text
from tests.servers.authority import self_signed
from tests.servers.pages import PageServer, moved, reply
from tests.servers.thread import serving
from tests.tampered import observation

TOKEN = "token-8c1f0f6e"  # noqa: S105
HTML = "Content-Type: text/html; charset=utf-8"
PAGE = (
    b"<!doctype html><html><head><title>The\n shop</title>"
    b'<meta name="generator" content="Handmade 1.0"><link rel="icon" href="/i.png">'
    b"<script>ga('create','UA-1234567-2');fbq('init', '123456789012345')</script></head>"
    b"<body>Open <b>daily</b>. You come from 203.0.113.9 or 2001:db8::9.</body></html>"
)
ICON = bytes(range(256)) * 5


def visit(
    pages: Mapping[str, Any],
    *paths: str,
    tls: ssl.SSLContext | None = None,
    timeout: float = 5,
    **options: Any,
) -> tuple[list[Answer], PageServer]:
    """The answers for some paths of one server."""
    server, names = PageServer(pages, tls), NameServer()
    with serving(server, names):
        settings = load(
            {
                "resolvers": [names.address],
                "control": [names.address],
                "policy": {"allow": ["127.0.0.0/8"]},
                "timeout": timeout,
                "redact": ["secret.author.test"],
                "http": {"most": 65536},
            },
            environ={},
        )
        asked = [{"http": server.url(path), **options} for path in paths]
        return asyncio.run(all_asked(settings, asked)), server


def facts_of(answer: Answer) -> HttpFacts:
    facts = answer[2].facts
    assert isinstance(facts, HttpFacts), answer[2]
    return facts


def test_every_hop_is_shown_and_a_page_is_read() -> None:
    cookie = "Set-Cookie: session=abcdef0123; Path=/; HttpOnly"
    pages = {
        "/": moved("/a?x=1"),
        "/a?x=1": moved("//127.0.0.1:PORT/b", "301 Moved Permanently"),
        "/b": reply(b"", f"X-Token: {TOKEN}", "Location: c#there", status="307 Temporary Redirect"),
        "/c": reply(PAGE, HTML, cookie, "Server: made/1", "CF-Ray: 8a1b-NRT", "Server: again"),
        "/i.png": reply(ICON, "Content-Type: image/png"),
    }
    (answer,), server = visit(pages, "/", icon=True)
    facts = facts_of(answer)
    assert [(hop.status, hop.url.split("/", 3)[3]) for hop in facts.hops] == [
        (302, ""),
        (301, "a?x=1"),
        (307, "b"),
        (200, "c"),
    ]
    assert (facts.verdict, facts.status, facts.title) == ("ok", 200, "The shop")
    assert (facts.type, facts.charset, facts.generator) == ("text/html", "utf-8", "Handmade 1.0")
    assert facts.cookies == ["session"]
    assert facts.headers == {"content-type": HTML.partition(": ")[2], "server": "made/1, again"}
    assert facts.trackers == [
        Tracker("google-analytics", "UA-1234567-2"),
        Tracker("meta-pixel", "123456789012345"),
    ]
    assert facts.favicon == favicon_hash(ICON)
    hidden = PAGE.replace(b"203.0.113.9", b"xxx.x.xxx.x").replace(b"2001:db8::9", b"xxxx:xxx::x")
    assert facts.sha256 == hashlib.sha256(hidden).hexdigest()
    raw = b"".join(one.received or b"" for one in answer[1])
    assert not any(word in raw for word in (b"abcdef0123", b"NRT", b"203.0.113.9", b"2001:db8::9"))
    assert b"session=xxxxxxxxxx; Path=/; HttpOnly" in raw
    assert all("Cookie" not in head and "Connection: close" in head for head in server.asked)
    for lang in languages():
        for style in answer[0].styles:
            assert text(answer, style, lang)
    shown = "\n".join(text(answer))
    assert "HTTP/1.1 307 Temporary Redirect" in shown
    assert "xxxxx-xxxxxxxx" in shown  # the unknown header's name stays, its value does not


def test_what_is_kept_of_a_body() -> None:
    pages = {
        "/": reply(PAGE, HTML),
        "/n": reply(b"from secret.author.test", "Content-Type: text/plain"),
    }
    kept = {}
    for keep in ("hash", "text", "all"):
        (answer, _), _ = visit(pages, "/", "/n", keep=keep)
        message = parse_message(answer[1][0].received or b"")
        assert message
        kept[keep] = message.body
        assert facts_of(answer).title == "The shop"
    assert kept["hash"] == b""
    assert kept["text"] == b"Open daily . You come from xxx.x.xxx.x or xxxx:xxx::x."
    assert kept["all"] == PAGE.replace(b"203.0.113.9", b"xxx.x.xxx.x").replace(
        b"2001:db8::9", b"xxxx:xxx::x"
    )
    (plain, named), _ = visit(pages, "/", "/n", keep="all", addresses=True)
    message = parse_message(plain[1][0].received or b"")
    assert message
    assert message.body == PAGE  # what the server sent, byte for byte
    masked = b"from xxxxxx.xxxxxx.xxxx"
    assert facts_of(named).sha256 == hashlib.sha256(masked).hexdigest()


def chunked(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


def test_how_visits_end() -> None:
    packed, bomb = gzip.compress(PAGE), gzip.compress(bytes(10_000_000))
    head = b"HTTP/1.1 200 OK\r\n"
    cases: dict[str, tuple[str, Any]] = {
        "/ok": ("ok", head + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(b"x" * 5000)),
        "/gzip": ("ok", reply(packed, HTML, "Content-Encoding: gzip")),
        "/json": ("ok", reply(b'{"a": 1}', "Content-Type: application/json")),
        "/404": ("error_status", reply(b"no", status="404 Not Found")),
        "/loop": ("redirect_loop", moved("/loop")),
        "/on/0": ("too_many_hops", b""),
        "/inside": ("hop_refused", moved("http://192.168.0.1/")),
        "/closed": ("hop_failed", moved("http://127.0.0.1:9/")),
        "/mail": ("no_web_address", moved("mailto:x@example.com")),
        "/cut": ("cut", reply(b"half", "Content-Length: 10")),
        "/chunk": ("cut", head + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab"),
        "/minus": ("cut", head + b"Transfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n0\r\n\r\n"),
        "/long": ("too_long", reply(b"x" * 70_000)),
        "/endless": ("too_long", [head + b"\r\n", *[b"y" * 9000] * 12]),
        "/bomb": ("bomb", reply(bomb, "Content-Encoding: gzip")),
        "/nested": ("bomb", reply(gzip.compress(bomb), "Content-Encoding: gzip, gzip")),
        "/torn": ("not_unpacked", reply(b"\x1f\x8bnonsense", "Content-Encoding: gzip")),
        "/br": ("not_unpacked", reply(b"??", "Content-Encoding: br")),
        "/megabytes": (
            "too_long",
            [head + b"Content-Length: 104857600\r\n\r\n", *[bytes(65536)] * 1600],
        ),
        "/query": ("redirect_loop", moved("/query#other")),
        "/slow": ("slow", [head + b"Content-Length: 9\r\n\r\nab", 30.0]),
        "/lie": ("not_as_promised", reply(PAGE, "Content-Type: application/json")),
        "/image": ("not_as_promised", reply(PAGE, "Content-Type: image/png")),
    }
    pages = {path: answer for path, (_, answer) in cases.items()}
    pages |= {f"/on/{number}": moved(f"/on/{number + 1}") for number in range(20)}
    answers, server = visit(pages, *cases, timeout=2)
    found = {path: facts_of(one).verdict for path, one in zip(cases, answers, strict=True)}
    assert found == {path: verdict for path, (verdict, _) in cases.items()}
    assert sum("/on/" in head for head in server.asked) == 10
    assert set(found.values()) == set(VERDICTS) - {"not_followed"}  # a platform's alone
    by_path = dict(zip(cases, answers, strict=True))
    assert facts_of(by_path["/ok"]).sha256 == hashlib.sha256(b"x" * 5000).hexdigest()
    assert facts_of(by_path["/gzip"]).title == "The shop"
    assert facts_of(by_path["/inside"]).hops[-1].failure == "policy_refused"
    for lang, word in (("en", "Without TLS"), ("ja", "TLS なし")):
        facts, seen = facts_of(by_path["/ok"]), observation()
        assert any(word in one for one in Http.remarks(facts, seen, labels(lang)))
        safe = replace(facts, hops=[replace(facts.hops[0], url="https://a.example/")])
        assert not Http.remarks(safe, seen, labels(lang))
    for one in answers:
        assert sum(line.startswith("=>") for line in text(one)) >= 2


def test_what_is_no_http_has_a_name_each() -> None:
    head = b"HTTP/1.1 200 OK\r\n"
    cases: dict[str, tuple[str, Any]] = {
        "/silent": ("generic_timeout_error", [30.0]),
        "/nothing": ("eof_error", b""),
        "/half": ("eof_error", b"HTTP/1.1 200"),
        "/ssh": ("server_misbehaving", b"SSH-2.0-x\r\n\r\n"),
        "/flood": ("message_size", head + b"X: y\r\n" * 50_000 + b"\r\n"),
        "/header": ("message_size", head + b"X: " + b"y" * 300_000 + b"\r\n\r\n"),
        "/two": (
            "server_misbehaving",
            head + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        ),
        "/length": ("server_misbehaving", head + b"Content-Length: -5\r\n\r\nab"),
        "/name": ("server_misbehaving", head + b"Bad Name: x\r\n\r\n"),
        "/drip": ("generic_timeout_error", [head, *[b"X-A: y\r\n", 0.25] * 40]),
        "/dripped": ("generic_timeout_error", [b"HTTP/1.1", *[b" ", 0.5] * 9]),
        "/folded": ("server_misbehaving", head + b" X: folded\r\n\r\n"),
        "/space": ("server_misbehaving", head + b"Content-Length : 3\r\n\r\nabc"),
        "/plus": ("server_misbehaving", head + b"Content-Length: +3\r\n\r\nabc"),
        "/list": ("server_misbehaving", head + b"Content-Length: 3, 4\r\n\r\nabc"),
        "/coding": ("server_misbehaving", head + b"Transfer-Encoding: x\r\n\r\n3\r\nabc\r\n0\r\n"),
    }
    pages = {path: answer for path, (_, answer) in cases.items()}
    answers, _ = visit(pages, *cases, timeout=2)
    found = {
        path: one[2].failure.name if one[2].failure else one[2].facts
        for path, one in zip(cases, answers, strict=True)
    }
    assert found == {path: name for path, (name, _) in cases.items()}


def test_a_smuggler_s_response_is_read_one_way_or_not_at_all() -> None:
    """Both lengths: the chunks count (RFC 9112, 6.3), and what is behind them is not read."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
    (answer,), _ = visit({"/": head + chunked(b"whole") + b"HTTP/1.1 500 Other\r\n\r\n"}, "/")
    facts, failure = answer[2].facts, answer[2].failure
    if failure is None:
        assert isinstance(facts, HttpFacts)
        assert facts.sha256 == hashlib.sha256(b"whole").hexdigest()
    else:
        assert failure.name == "server_misbehaving"


def test_a_certificate_that_does_not_hold_is_seen_and_said(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*self_signed("127.0.0.1").write(tmp_path, "own"))
    (answer,), _ = visit({"/": reply(PAGE, HTML)}, "/", tls=context)
    (hop,) = facts_of(answer).hops
    assert hop.problems == ["self_signed"]
    assert len(hop.fingerprint) == 64
    assert any("self-signed" in line for line in text(answer))


def test_only_what_somebody_changed_is_a_change() -> None:
    old, new = PAGE, PAGE.replace(b"UA-1234567-2", b"UA-1234567-2" + b" " * 9)
    pages = {"/": reply(old, HTML), "/b": reply(new, HTML), "/c": reply(old + b"More.", HTML)}
    answers, _ = visit(pages, "/", "/b", "/c")
    first, second, third = (
        msgspec.structs.replace(facts_of(one), url="", hops=[]) for one in answers
    )
    assert first.sha256 != second.sha256
    assert Http.same(first, second)
    assert not Http.same(first, third)


@pytest.mark.parametrize(
    ("body", "kind", "title", "charset"),
    [
        (
            "<title>日本</title>".encode("shift_jis"),
            "text/html; charset=Shift_JIS",
            "日本",
            "shift_jis",
        ),
        (b'<meta charset="euc-jp"><title>' + "店".encode("euc-jp"), "text/html", "店", "euc-jp"),
        (b"\xef\xbb\xbf<title>a</title>", "text/html; charset=latin-1", "a", "utf-8"),
        (b"<title>a</title>", "text/html; charset=nonsense", "a", "nonsense"),
        (b"<svg><title>x</title>", "image/svg+xml", "", ""),
    ],
)
def test_charsets(body: bytes, kind: str, title: str, charset: str) -> None:
    page = read_page(body, kind)
    assert (page.title, page.charset) == (title, charset)


def test_ids_of_trackers() -> None:
    page = (
        'gtag("config","G-ABCDEF1234") "GTM-ABC123" "AW-123456789" ca-pub-1234567890123456 '
        "ym(12345678, 'init') hjid:123456, clarity.ms/tag/abcdefghij ['setSiteId', '7'] "
        "hm.baidu.com/hm.js?0123456789abcdef0123456789abcdef _linkedin_partner_id = '123456' "
        "UA-1 G-short"
    )
    assert [(one.service, one.id) for one in trackers_in(page)] == [
        ("baidu-tongji", "0123456789abcdef0123456789abcdef"),
        ("google-ads", "AW-123456789"),
        ("google-adsense", "pub-1234567890123456"),
        ("google-analytics", "G-ABCDEF1234"),
        ("google-tag-manager", "GTM-ABC123"),
        ("hotjar", "123456"),
        ("linkedin-insight", "123456"),
        ("matomo-site", "7"),
        ("microsoft-clarity", "abcdefghij"),
        ("yandex-metrica", "12345678"),
    ]


@given(st.binary(max_size=400))
def test_any_bytes_can_be_read(content: bytes) -> None:
    head = b"url: http://a.example/\n\nHTTP/1.1 200 OK\r\n"
    for received in (content, head + content, head + b"\r\n" + content):
        message = parse_message(received)
        assert message is None or parse_message(format_message(message)) == message
        read_hops([Exchange("hop 1", "a.example", "http", b"GET http://a.example/", received)])
    for kind in ("text/html", "application/json", "image/png", ""):
        read_page(content, kind)


@given(st.binary(max_size=200))
@example(b"")
def test_an_icons_number_is_the_one_that_searches_know(icon: bytes) -> None:
    assert favicon_hash(icon) == mmh3.hash(encodebytes(icon))


def test_an_archive_has_what_was_kept(tmp_path: Path) -> None:
    """Each record a member of its own, each with the length that it says (ISO 28500, 5 and 6)."""
    pages = {"/": moved("/b"), "/b": reply(gzip.compress(PAGE), HTML, "Content-Encoding: gzip")}
    (answer, _), server = visit(pages, "/", "/b", keep="all", addresses=True)
    question, exchanges, reading = answer
    seen = replace(observation(), facts=reading.facts, exchanges=tuple(exchanges))
    with (tmp_path / "a.warc.gz").open("wb") as opened:
        opened.write(warc(question.web(seen), {"software": "test"}))
    with (tmp_path / "a.warc.gz").open("rb") as stream:  # by a reader that is not ours
        every = ArchiveIterator(stream, check_digests="raise")
        found = [(one, one.content_stream().read()) for one in every]
    assert [one.rec_type for one, _ in found] == ["warcinfo", *["response", "request"] * 2]
    uris = [one.rec_headers["WARC-Target-URI"] for one, _ in found[1::2]]
    assert uris == [server.url("/"), server.url("/b")]
    response, body = found[3]
    assert body == PAGE
    assert response.http_headers["X-Archive-Orig-Content-Encoding"] == "gzip"
    assert response.http_headers["Content-Length"] == str(len(PAGE))
    request, _ = found[4]
    assert (request.http_headers.protocol, request.http_headers.statusline) == (
        "GET",
        "/b HTTP/1.1",
    )
    assert request.http_headers["Host"].startswith("127.0.0.1:")
    content = (tmp_path / "a.warc.gz").read_bytes()
    assert content.count(b"\x1f\x8b\x08") == 5
    (hashed,), _ = visit(pages, "/b")
    kept = replace(observation(), facts=hashed[2].facts, exchanges=tuple(hashed[1]))
    assert hashed[0].web(kept) == []


def test_every_verdict_has_words() -> None:
    for lang in languages():
        words = labels(lang)
        assert all(f"http_{one}" in words for one in VERDICTS)
        assert all(f"head_http_{one}" in words for one in VERDICTS[2:])


@pytest.mark.parametrize(
    ("target", "normal"),
    [
        ("Example.com", "https://example.com/"),
        (
            "http://例え.example:80/パス?q=あ#x",
            "http://xn--r8jz45g.example/%E3%83%91%E3%82%B9?q=%E3%81%82",
        ),
        ("https://[2001:DB8::1]:8443/", "https://[2001:db8::1]:8443/"),
    ],
)
def test_one_spelling(target: str, normal: str) -> None:
    assert Http(target=target).normal().target == normal


@pytest.mark.parametrize(
    "target",
    ["ftp://example.com/", "https://", "https://u:p@example.com/", "http://a b/", "https://a:0/"],
)
def test_mistakes_are_named(target: str) -> None:
    assert list(Http(target=target).option_errors())


def test_notes_are_plain_json() -> None:
    assert json.loads(msgspec.json.encode(HttpFacts(verdict="ok"))) == {"verdict": "ok"}
