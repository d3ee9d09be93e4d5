"""The kind ``page``: visits to hostile pages on loopback, and what is kept of them."""

import asyncio
import gzip
import io
import json
import re
import shutil
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from sotokara.core.canonical import canonical, digest
from sotokara.core.labels import labels, languages
from sotokara.core.observation import Exchange, Failure, ProbeFailure, Vantage, unpack
from sotokara.core.own_network import Masks
from sotokara.core.warc import archive_of
from sotokara.engine.settings import load
from sotokara.kinds.page.facts import PageFacts
from sotokara.kinds.page.kept import bare, size_of
from sotokara.kinds.page.kind import Page
from sotokara.kinds.page.parse import read_visit
from sotokara.kinds.shared.web.message import parse_message
from sotokara.ledger import Ledger, Writer
from sotokara.masking.redaction import Redactor
from sotokara.network.browser import Order, capture
from sotokara.network.network import Network
from sotokara.network.page_errors import failure_of
from sotokara.network.proxy import Proxy, ProxyAttempt
from sotokara.servers.nameserver import NameServer
from warcio.archiveiterator import ArchiveIterator

from tests.kind_ask import Answer, all_asked, text
from tests.servers.pages import PageServer, moved, reply
from tests.servers.thread import serving
from tests.sites import build, fence, make_site, with_evidence
from tests.tampered import observation

HTML = "Content-Type: text/html; charset=utf-8"
RECORDED = sorted((Path(__file__).parent / "cases" / "page").rglob("*.raw.json"))
SHOWS = "You come from {address}, {word}, at 12:30:45."
SHOP = """<!doctype html><html lang="en"><head><title>The shop</title>
<script>ga('create','UA-1234567-2')</script></head>
<body style="font: 16px monospace"><h1>Open daily</h1><p id="now"></p>
<img src="http://127.0.0.2:CANARY/x.png" alt=""><img src="/i.png" alt="">
<iframe srcdoc="<p>Framed 203.0.113.9</p>"></iframe>
<script>
  document.cookie = "own=" + "cookie" + "value";
  const said = () => { document.getElementById("now").textContent = "SHOWS"; };
  said(); setInterval(said, 5); fetch("/data?from=203.0.113.9");
  try { new WebSocket("ws://127.0.0.2:CANARY/"); } catch {}
  const peer = new RTCPeerConnection({iceServers: [{urls: "stun:127.0.0.1:STUN"}]});
  peer.createDataChannel("x"); peer.createOffer().then(one => peer.setLocalDescription(one));
</script></body></html>"""


class Scene:
    """What came of a few visits."""

    answers: dict[str, Answer]
    canary: int = 0
    """Connections that the address which the policy refuses has got."""
    stun: int = 0
    """Packets that went round the proxy."""
    asked: list[str]

    def __init__(self) -> None:
        self.answers, self.asked = {}, []

    def facts(self, path: str) -> PageFacts:
        facts = self.answers[path][2].facts
        assert isinstance(facts, PageFacts), self.answers[path][2]
        return facts


@asynccontextmanager
async def canaries(scene: Scene) -> AsyncIterator[tuple[int, int]]:
    """A server where nobody may connect, and a STUN server that nobody may ask."""

    def connected(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        scene.canary += 1
        writer.close()

    class Stun(asyncio.DatagramProtocol):
        def datagram_received(self, *_: Any) -> None:
            scene.stun += 1

    server = await asyncio.start_server(connected, "127.0.0.2", 0)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Stun, ("127.0.0.1", 0))
    async with server:
        yield server.sockets[0].getsockname()[1], transport.get_extra_info("sockname")[1]
    transport.close()


def pages(canary: int, stun: int) -> dict[str, Any]:
    shop = SHOP.replace("CANARY", str(canary)).replace("STUN", str(stun))
    echo = shop.replace("SHOWS", SHOWS.format(address="203.0.113.9", word="Secret.author.test"))
    alike = shop.replace("SHOWS", SHOWS.format(address="xxx.x.xxx.x", word="xxxxxx.xxxxxx.xxxx"))
    alike = alike.replace("203.0.113.9", "xxx.x.xxx.x")
    cookie = "Set-Cookie: sid=abcdef0123; Path=/"
    return {
        "/": moved("/shop"),
        "/shop": reply(echo.encode(), HTML, cookie, "CF-Ray: 8a1b-NRT"),
        "/alike": reply(alike.encode(), HTML),
        "/i.png": reply(b"no picture", "Content-Type: image/png"),
        "/data?from=203.0.113.9": reply(gzip.compress(b"{}"), "Content-Encoding: gzip"),
        "/bomb": reply(
            gzip.compress(b"<title>Bomb</title>" + b"x <b>y</b>" * 400_000),
            HTML,
            "Content-Encoding: gzip",
        ),
    }


@pytest.fixture(scope="module")
def scene() -> Scene:
    """All visits of this module at once: a browser each."""
    if not shutil.which("chromium"):
        pytest.skip("there is no Chromium here")
    found = Scene()
    server, names = PageServer({}), NameServer()
    with serving(server, names):

        async def visit() -> None:
            async with canaries(found) as ports:
                server.pages.update(pages(*ports))
                settings = load(
                    {
                        "resolvers": [names.address],
                        "control": [names.address],
                        "policy": {"allow": ["127.0.0.1/32"]},
                        "timeout": 30,
                        "redact": ["secret.author.test"],
                        "page": {"most": 1024 * 1024},
                    },
                    environ={},
                )
                paths = [path for path in server.pages if path.count("/") == 1]
                wanted = [one for one in paths if one not in ("/i.png", "/shop") and "?" not in one]
                asked = [{"page": server.url(path)} for path in wanted]
                with socket.socket() as closed:  # bound and not listening: nobody is there
                    closed.bind(("127.0.0.1", 0))
                    asked.append({"page": f"http://127.0.0.1:{closed.getsockname()[1]}/"})
                    answers = await all_asked(settings, asked)
                found.answers = dict(zip([*wanted, "closed"], answers, strict=True))

        asyncio.run(visit())
        found.asked = server.asked
    return found


@pytest.mark.browser
def test_a_page_is_seen_and_only_what_the_policy_allows_is_asked(scene: Scene) -> None:
    facts = scene.facts("/")
    assert (facts.verdict, facts.status, facts.title) == ("ok", 200, "The shop")
    assert facts.url.endswith("/shop")
    assert "Open daily" in facts.text
    assert "at 12:30:45." in facts.text  # a time of day is no address
    assert [one.id for one in facts.trackers] == ["UA-1234567-2"]
    assert {one.host for one in facts.refused} == {"127.0.0.2"}
    assert [one.host for one in facts.hosts] == ["127.0.0.1", "127.0.0.2"]
    assert scene.canary == 0
    assert scene.stun == 0
    failed = [one for one in scene.answers["/"][1] if one.server == "127.0.0.2"]
    assert {one.failure.name for one in failed if one.failure} == {"policy_refused"}
    for lang in languages():
        for style in Page.styles:
            assert text(scene.answers["/"], style, lang)
    assert any("127.0.0.2" in line for line in text(scene.answers["/"]))


@pytest.mark.browser
def test_what_the_page_says_of_the_author_is_kept_nowhere(scene: Scene) -> None:
    _, exchanges, reading = scene.answers["/"]
    raw = b"".join(one.sent + (one.received or b"") for one in exchanges)
    for word in (b"203.0.113.9", b"abcdef0123", b"cookievalue", b"NRT", b"ecret.author"):
        assert word not in raw, word
    assert "You come from xxx.x.xxx.x, xxxxxx.xxxxxx.xxxx" in scene.facts("/").text
    assert any("own=cookievalue" in head for head in scene.asked)  # it was sent, and masked
    pictures = {one.step: one.received for one in exchanges if one.step.startswith("picture")}
    alike = {one.step: one.received for one in scene.answers["/alike"][1] if "picture" in one.step}
    assert pictures == alike  # drawn as if the page had had x's in it from the start
    sizes = {step: size_of(picture or b"") for step, picture in pictures.items()}
    assert {step: size and size[0] for step, size in sizes.items()} == {
        "picture 1280": 1280,
        "picture 390": 390,
    }
    assert len(reading.volatile["pictures"]) == 2


@pytest.mark.browser
def test_no_page_is_a_failure_with_a_name(scene: Scene) -> None:
    said = {path: answer[2].failure for path, answer in scene.answers.items() if answer[2].failure}
    assert {path: one.name for path, one in said.items()} == {
        "closed": "connection_refused",
    }
    assert scene.facts("/bomb").verdict == "too_long"


@pytest.mark.browser
def test_an_archive_has_each_record_with_its_time(scene: Scene) -> None:
    question, exchanges, reading = scene.answers["/"]
    seen = replace(observation(), exchanges=tuple(exchanges), facts=reading.facts)
    archive = archive_of(seen, question.web(seen))
    records = [
        (one.rec_type, one.rec_headers.get_header("WARC-Target-URI"), one.content_stream().read())
        for one in ArchiveIterator(io.BytesIO(archive), check_digests=True)
    ]
    kinds = [kind for kind, _, _ in records]
    assert kinds[0] == "warcinfo"
    assert kinds.count("response") == kinds.count("request") == 4  # with a redirect, and a 404
    assert kinds.count("resource") == 3  # the document as it came to be, and two pictures
    document = next(content for kind, url, content in records if ":document:" in (url or ""))
    assert b"You come from xxx.x.xxx.x" in document
    sent = next(content for kind, url, content in records if kind == "response" and "/shop" in url)
    assert b"SHOWS" not in sent
    assert b"<h1>Open daily</h1>" in sent
    times = [one.at for one in exchanges if one.step.startswith("resource")]
    assert times == sorted(times)
    assert question.drawn(seen).keys() == {"page-1280.png", "page-390.png"}
    assert [
        one.name for one in question.shots(replace(seen, volatile=reading.volatile), labels("en"))
    ]


def test_a_picture_that_shows_what_is_hidden_is_not_kept() -> None:
    """Words that only this definition hides are not known in the page: its picture goes."""
    question = Page(target="http://a.example/")
    whole = read_case()
    word = "daily"
    redactor = Redactor([word])
    masked = [redactor.exchange(one) for one in question.hide(fresh(whole), Masks())]
    kept = question.kept(masked)
    assert all(one.received is None for one in kept if one.step.startswith("picture"))
    assert not any(word.encode() in one.sent for one in kept)
    assert "pictures" not in question.parse(kept).volatile
    again = question.kept(question.hide(fresh(whole), Masks()))
    assert all(one.received for one in again if one.step.startswith("picture"))
    assert not any(one.sent for one in again if one.step.startswith("picture"))


@pytest.mark.parametrize("keep", ["all", "picture", "text"])
def test_what_is_kept(keep: Any) -> None:
    question = Page(target="http://a.example/", keep=keep)
    kept = question.kept(question.hide(fresh(read_case()), Masks()))
    bodies = [message.body for one in kept if (message := parse_message(one.received or b""))]
    facts = question.parse(kept).facts
    assert isinstance(facts, PageFacts)
    assert facts.title == "The shop"
    assert any(bodies) == (keep == "all")
    assert any(one.received for one in kept if "picture" in one.step) == (keep != "text")
    assert bool(question.web(replace(observation(), exchanges=tuple(kept)))) == (keep == "all")


def read_case() -> list[Exchange]:
    (path,) = [one for one in RECORDED if one.name == "shop.raw.json"]
    return [unpack(one) for one in json.loads(path.read_text("utf-8"))["exchanges"]]


def fresh(kept: list[Exchange]) -> list[Exchange]:
    """Exchanges as they are before anything is masked or kept: pictures have nothing sent."""
    return [replace(one, sent=b"") if "picture" in one.step else one for one in kept]


@given(st.binary(max_size=200), st.sampled_from(["visit", "document", "text", "resource 1"]))
def test_any_bytes_can_be_read(content: bytes, step: str) -> None:
    odd = Exchange(step, "a.example", "http", b"GET http://a.example/\r\n", content)
    visit = Exchange("visit", "", "", b"", b'{"connections": [{"host": 1, "failure": []}, 7]}')
    read_visit([visit, odd])
    read_visit([odd])
    size_of(content)
    bare(content)


def test_a_picture_has_nothing_beside_it() -> None:
    (picture, *_) = (one.received for one in read_case() if one.step.startswith("picture"))
    assert picture
    at = 33  # behind the header: a text that tells of somebody
    noted = picture[:at] + bytes.fromhex("00000004") + b"tEXtme\0x" + b"\0\0\0\0" + picture[at:]
    assert size_of(noted) is None  # its checksum is none
    assert bare(picture) == picture
    assert size_of(picture[:-1]) is None


def test_without_the_extra_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [one for one in sys.modules if one.startswith("playwright")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "playwright", None)

    async def asked() -> None:
        net = Network(load({"resolvers": ["192.0.2.53"]}, environ={}))
        await capture(net.for_probe(), Order("http://a.example/", (1280,), 800, 1 << 20))

    with pytest.raises(ProbeFailure, match=r"sotokara\[capture\]") as raised:
        asyncio.run(asked())
    assert raised.value.failure.name == "extra_missing"


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Page.goto: net::ERR_EMPTY_RESPONSE at http://a.example/", "eof_error"),
        ("net::ERR_RESPONSE_HEADERS_TOO_BIG", "message_size"),
        ("net::ERR_SSL_PROTOCOL_ERROR", "ssl_failed_handshake"),
        ("net::ERR_SOMETHING_NEW", "server_misbehaving"),
        ("net::ERR_TOO_MANY_REDIRECTS at http://a.example/", "server_misbehaving"),
        ("Page.goto: Download is starting", "server_misbehaving"),
        ("CDPSession.send: Inspected target navigated or closed", "server_misbehaving"),
        ("Page crashed", "browser_failed"),
        ("Target page, context or browser has been closed", "browser_failed"),
    ],
)
def test_what_the_browser_says_has_a_name(said: str, name: str) -> None:
    assert failure_of(said, "http://a.example/", []).failure.name == name


def test_the_proxy_knows_better_why_nothing_came() -> None:
    attempts = [
        ProxyAttempt("a.example", 443, 0, 0, "192.0.2.1", Failure("connection_reset")),
        ProxyAttempt("a.example", 443, 0, 0, "192.0.2.2", Failure("policy_refused")),
    ]
    failed = failure_of("net::ERR_TUNNEL_CONNECTION_FAILED", "https://a.example/", attempts)
    assert failed.failure.name == "policy_refused"


async def talk(proxy: Proxy, sent: bytes) -> bytes:
    """What the proxy says to a client until it closes."""
    port = int(proxy.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    heard = await asyncio.wait_for(reader.read(-1), 20)
    writer.close()
    return heard


def test_the_proxy_lets_nothing_through_that_was_not_asked() -> None:
    got: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.append(await reader.readuntil(b"\r\n\r\n"))
        if b"/flood" in got[-1]:
            writer.write(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 40_000)
        elif b"/long" in got[-1]:
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(3_000_000))
        else:
            writer.write(
                b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 200 OK\r\n"
                b"Connection: keep-alive\r\nKeep-Alive: 99\r\nX: y\r\n\r\nbody"
            )
        writer.close()

    async def asked() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        settings = load(
            {"resolvers": ["192.0.2.53"], "policy": {"allow": ["127.0.0.1/32"]}}, environ={}
        )
        net = Network(settings).for_probe()
        async with server, Proxy(net, 1 << 20) as proxy:
            url = f"http://127.0.0.1:{port}"
            head = f"GET {url}/a?b HTTP/1.1\r\nHost: x\r\nProxy-Connection: keep-alive\r\n\r\n"
            heard = await talk(proxy, head.encode() + head.encode())
            assert heard.endswith(b"HTTP/1.1 200 OK\r\nConnection: close\r\nX: y\r\n\r\nbody")
            assert got == [b"GET /a?b HTTP/1.1\r\nConnection: close\r\nHost: x\r\n\r\n"]
            for refused in ("http://127.0.0.2:9/", "ftp://127.0.0.1/", "nonsense", "http://[x/"):
                assert await talk(proxy, f"GET {refused} HTTP/1.1\r\n\r\n".encode()) == b""
            for host in ("127.0.0.2:443", "[::1]:443", "10.0.0.1:80"):
                said = await talk(proxy, f"CONNECT {host} HTTP/1.1\r\n\r\n".encode())
                assert said.startswith(b"HTTP/1.1 502 "), host
            assert await talk(proxy, f"GET {url}/flood HTTP/1.1\r\n\r\n".encode()) == b""
            assert not proxy.full
            assert len(await talk(proxy, f"GET {url}/long HTTP/1.1\r\n\r\n".encode())) < 3_000_000
            assert proxy.full
            said = await talk(proxy, f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\n\r\n".encode())
            assert said.startswith(b"HTTP/1.1 502 ")  # nothing more is asked
        refused_ = [one for one in proxy.attempts if one.failure]
        assert {one.failure.name for one in refused_ if one.failure} == {"policy_refused"}
        assert [one.address for one in refused_] == ["127.0.0.2", "127.0.0.2", "::1", "10.0.0.1"]

    asyncio.run(asked())


def kept_in(folder: Path, target: str) -> None:
    """Two observations of a page in a ledger: as recorded, and with another line a day later."""
    question, whole = Page(target=target), read_case()
    for day, line in ((26, b"Open daily"), (27, b"Closed <b>today</b>")):
        seen = [
            replace(one, received=(one.received or b"").replace(b"Open daily", line))
            if one.step == "text"
            else one
            for one in whole
        ]
        if day == 27:
            pictures = [one.received for one in seen if "picture" in one.step]
            swapped = dict(zip(("picture 1280", "picture 390"), reversed(pictures), strict=True))
            seen = [replace(one, received=swapped.get(one.step, one.received)) for one in seen]
        reading = question.parse(seen)
        asked = {"page": target}
        kept = replace(
            observation(),
            digest=digest(canonical(asked)),
            definition=asked,
            start=datetime(2026, 11, day, 9, tzinfo=UTC),
            vantage=Vantage("author", "sotokara 0.1.0"),
            facts=reading.facts,
            volatile=reading.volatile,
            exchanges=tuple(seen),
        )
        writer = Writer(Ledger(folder, folder.parent / "cache"), "author")
        writer.append([(kept, ["index.md#shop"])])
        writer.close()


def test_a_figure_shows_what_differs_and_then_the_pictures(tmp_path: Path) -> None:
    """Built from evidence alone, without a browser: nothing of the page runs in ours."""
    target = "http://shop.example/"
    text_ = "---\ndate: 2026-11-26\n---\n\n" + fence(page=target, id="shop")
    site = with_evidence(make_site(tmp_path / "site", {"index.md": text_}, mode="replay"))
    kept_in(site / "evidence", target)
    done = build(site)
    assert done.returncode == 0, done.stderr
    html = (site / "site" / "index.html").read_text("utf-8")
    shown = re.findall(r'<img src="\./(evidence/[^"]+)"([^>]*)>', html)
    assert len(shown) == 2  # today's, and the one before
    for path, more in shown:
        assert size_of((site / "site" / path).read_bytes())
        assert 'alt="The page “The shop” (' in more
        assert 'loading="lazy"' in more
    assert html.index("− </i>Open daily") < html.index("+ </i>Closed") < html.index("<img ")
    assert "Closed &lt;b&gt;today&lt;/b&gt;" in html
    assert "The picture of 2026-11-27 09:00 UTC" in html
    assert "The picture before, of 2026-11-26 09:00 UTC" in html
    assert re.search(r'<source media="[^"]*" srcset="\./evidence/[^"]*/page-390\.png"', html)
    page = (site / "site" / shown[0][0]).parent
    there = {one.name for one in page.iterdir()}
    assert there >= {"page-1280.png", "page-390.png", "pages.warc.gz"}
    for file in (site / "site").rglob("*.html"):
        shown_ = re.sub(r"<pre>.*?</pre>", "", file.read_text("utf-8"), flags=re.DOTALL)
        assert "RTCPeerConnection" not in shown_
        assert "<script>ga(" not in file.read_text("utf-8")
