"""The kind ``tls`` on loopback: what real and hostile servers show, and what is said of it."""

import asyncio
import base64
import contextlib
import json
import os
import ssl
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st
from sotokara.core.labels import labels, languages
from sotokara.core.observation import Exchange, Reading
from sotokara.core.settings import Settings
from sotokara.engine.settings import load
from sotokara.kinds.shared.tls.facts import PROBLEMS
from sotokara.kinds.shared.tls.inclusion import STANDINGS, led
from sotokara.kinds.shared.tls.logs import list_of
from sotokara.kinds.shared.tls.tiles import Tile, Tiled, needed, standing_in
from sotokara.kinds.tls.facts import VERDICTS, TlsFacts
from sotokara.kinds.tls.kind import Tls
from sotokara.kinds.tls.parse import STATES, read_handshakes
from sotokara.kinds.tls.target import read_target
from sotokara.masking.redaction import Redactor
from sotokara.network import trust
from sotokara.servers.nameserver import NameServer
from sotokara.transcripts.session import listings

from tests.kind_ask import Answer, all_asked, text
from tests.servers.authority import (
    Authority,
    Issued,
    Log,
    TiledLog,
    audit_path,
    log_list,
    self_signed,
    spki,
    tree_root,
)
from tests.servers.pages import PageServer, reply
from tests.servers.thread import serving
from tests.servers.tls import IMAP, POP3, SMTP, XMPP, Clear, RawServer, TlsServer

HOST = "shop.test"
_SHORT = b"\x16\x03\x03"


class Box:
    """An authority that this process trusts, and what it issues."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.authority = folder, Authority()
        (folder / "root.pem").write_bytes(self.authority.root.public_bytes(Encoding.PEM))
        self.logs = [Log("Log A"), Log("Log B")]
        (folder / "logs.json").write_bytes(log_list(self.logs))

    def server(self, issued: Issued, before: Clear | None = None) -> TlsServer:
        return TlsServer(self.folder, issued, before)

    def ask(self, servers: Sequence[Any], *more: dict[str, Any], **settings: Any) -> list[Answer]:
        """Each server in turn, asked for HOST's certificate."""
        names = NameServer()
        with serving(names, *servers):
            given = self.settings(names, **settings)
            every: Sequence[dict[str, Any]] = more or [{} for _ in servers]
            asked = [
                {"tls": f"127.0.0.1:{server.port}", "sni": HOST, **one}
                for server, one in zip(servers, every, strict=True)
            ]
            return asyncio.run(all_asked(given, asked))

    def settings(self, names: NameServer, **more: Any) -> Settings:
        own = {"logs": str(self.folder / "logs.json")}
        return load(
            {
                "resolvers": [names.address],
                "control": [names.address],
                "policy": {"allow": ["127.0.0.0/8"]},
                "timeout": 5,
                "tls": own,
                **more,
            },
            environ={},
        )


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    made = Box(tmp_path_factory.mktemp("tls"))
    before = os.environ.get("SSL_CERT_FILE")
    os.environ["SSL_CERT_FILE"] = str(made.folder / "root.pem")
    trust.trusted.cache_clear()
    yield made
    del os.environ["SSL_CERT_FILE"]
    if before is not None:
        os.environ["SSL_CERT_FILE"] = before
    trust.trusted.cache_clear()


def facts_of(answer: Answer) -> TlsFacts:
    facts = answer[2].facts
    assert isinstance(facts, TlsFacts), answer[2]
    return facts


def test_each_defect_has_its_own_verdict(box: Box) -> None:
    issue = box.authority.issue
    leaf = issue(HOST)
    other = Authority("Somebody else's")
    every = {
        "trusted": issue(HOST, "*.shop.test"),
        "expired": issue(HOST, days=-3, begins=-30),
        "not_yet_valid": issue(HOST, begins=2),
        "name_mismatch": issue("other.test"),
        "self_signed": self_signed(HOST),
        "not_trusted": other.issue(HOST),
    }
    servers = [box.server(issued) for issued in every.values()]
    answers = box.ask([*servers, box.server(Issued(leaf.key, leaf.chain[:1]))])
    assert [facts_of(one).verdict for one in answers] == [*every, "not_trusted"]
    assert all(len(facts_of(one).problems) <= 1 for one in answers)
    trusted = facts_of(answers[0])
    assert trusted.names == ["*.shop.test", HOST]
    assert (trusted.key, trusted.signature) == ("EC secp256r1", "ecdsa-with-SHA256")
    assert [link.subject for link in trusted.chain] == [HOST, "The lab's authority 1"]
    assert trusted.expires == every["trusted"].chain[0].not_valid_after_utc
    assert servers[0].names == [HOST]
    for lang in languages():
        for one in answers:
            for style in one[0].styles:
                assert text(one, style, lang)
    assert "=> expired since" in "\n".join(text(answers[1]))


def test_timestamps_are_verified_by_the_logs_that_the_author_names(box: Box) -> None:
    unknown = Log("nobody's")
    issue = box.authority.issue
    every = [
        issue(HOST, logs=box.logs),
        issue(HOST, logs=[box.logs[0], unknown]),
        issue(HOST, logs=box.logs, forged=True),
        issue(HOST),
        issue(HOST, logs=box.logs, days=200),
    ]
    answers = box.ask([box.server(one) for one in every])
    standings = [[one.standing for one in facts_of(answer).scts] for answer in answers]
    assert standings[0] == standings[4] == ["valid", "valid"]
    assert sorted(standings[1]) == ["unknown_log", "valid"]
    assert standings[2] == ["wrong_signature", "wrong_signature"]
    sums = [facts_of(answer).transparency for answer in answers]
    assert sums == ["enough", "too_few", "too_few", "none", "too_few"]
    shown = ["\n".join(text(answer)) for answer in answers[:4]]
    assert "Log A (signature holds); Log B (signature holds)" in shown[0]
    assert "not in the list of logs" in shown[1]
    assert "signature does not hold" in shown[2]
    assert "none in the certificate" in shown[3]
    assert all(answer[2].volatile["logs"] == "2026-11-01" for answer in answers)
    (plain,) = box.ask([box.server(every[0])], tls={})
    assert facts_of(plain).transparency == "unchecked"


def test_a_proof_is_made_of_a_log_s_tiles(box: Box) -> None:
    """Static tiles (C2SP): whole, partial, partial no more, bent, gone, forged, too small."""
    names = ("good", "full", "bent", "gone", "forged", "small")
    logs = {name: TiledLog(name, 600 if name != "full" else 255) for name in names}
    issued = box.authority.issue(HOST, logs=list(logs.values()))
    pages: dict[str, Any] = {}
    for name, log in logs.items():
        if name == "small":
            log.leaves.pop()
        else:
            log.leaves += [bytes([number]) * 32 for number in range(40)]
        pages[f"/{name}/checkpoint"] = reply(log.checkpoint())
        pages |= {f"/{name}/{path}": reply(tile) for path, tile in log.tiles().items()}
    log = logs["good"]
    partial = f"/good/tile/0/002.p/{len(log.leaves) - 512}"
    pages["/good/tile/0/002"] = reply(pages.pop(partial).partition(b"\r\n\r\n")[2] + bytes(4096))
    bent = logs["bent"].tiles()["tile/1/000.p/2"]
    pages["/bent/tile/1/000.p/2"] = reply(bent[:32] + bytes(32))
    del pages["/gone/tile/1/000.p/2"]
    pages["/forged/checkpoint"] = reply(log.checkpoint().replace(b"/good", b"/forged"))
    server, web, resolver = box.server(issued), PageServer(pages), NameServer()
    with serving(server, web, resolver):
        for one in logs.values():
            one.url = web.url(f"/{one.name}/")
        file = box.folder / "tiles.json"
        file.write_bytes(log_list(list(logs.values())))
        asked = [{"tls": f"127.0.0.1:{server.port}", "sni": HOST, "prove": True}]
        settings = box.settings(resolver, tls={"logs": str(file)})
        (answer,) = asyncio.run(all_asked(settings, asked))
    found = {one.log: (one.inclusion, one.index, one.tree_size) for one in facts_of(answer).scts}
    assert found == {
        "good": ("included", 600, 641),
        "full": ("included", 255, 296),
        "bent": ("wrong_proof", 600, 641),
        "gone": ("no_answer", 600, 641),
        "forged": ("wrong_head", None, 641),
        "small": ("not_included", 600, 600),
    }
    assert "good (signature holds; proven to be entry 600 of 641)" in "\n".join(text(answer))


@given(st.integers(1, 700), st.data())
def test_tiles_lead_every_entry_to_the_root(size: int, data: st.DataObject) -> None:
    log = TiledLog("any", size)
    index = data.draw(st.integers(0, size - 1))
    tiles = {path.removeprefix("tile/"): tile for path, tile in log.tiles().items()}
    wanted = {one.path: tiles[one.path] for one in needed(index, size)}
    place = b"\7\0\1x\0\0\5" + index.to_bytes(5, "big")
    seen = Tiled(log.checkpoint().decode(), wanted)
    assert standing_in(seen, spki(log.key), log.leaves[index], place) == ("included", index, size)
    assert standing_in(seen, spki(log.key), bytes(32), place)[0] == "wrong_proof"


def test_the_paths_of_tiles() -> None:
    assert Tile(3, 1234067).path == "3/x001/x234/067"
    assert Tile(0, 273, 112).path == "0/273.p/112"
    ends = list(needed(70_000 - 1, 70_000))
    assert [one.path for one in ends] == ["0/273.p/112", "1/001.p/17", "2/000.p/1"]


def test_a_log_s_proof_leads_to_the_head_that_it_has_signed(box: Box) -> None:
    logs = [Log(name) for name in ("good", "lost", "bent", "forged", "mute")]
    issued = box.authority.issue(HOST, logs=logs)
    good, lost, bent, forged, _ = logs
    pages: dict[str, Any] = {}

    def path(log: Log) -> str:
        leaf = quote(base64.b64encode(log.leaves[5]), safe="")
        return f"/{log.name}/ct/v1/get-proof-by-hash?hash={leaf}&tree_size={len(log.leaves)}"

    for log in (good, lost, bent, forged):
        log.leaves += [bytes([number]) * 32 for number in range(3)]
        pages[f"/{log.name}/ct/v1/get-sth"] = reply(log.head())
        pages[path(log)] = reply(log.proof(log.leaves[5]))
    pages[path(lost)] = reply(b"not found", status="404 Not Found")
    pages[path(bent)] = reply(bent.proof(bent.leaves[4]))
    changed = json.loads(forged.head()) | {"timestamp": 1}
    pages["/forged/ct/v1/get-sth"] = reply(json.dumps(changed).encode())
    pages["/mute/ct/v1/get-sth"] = reply(b"<html>slow down</html>", status="429 Too Many Requests")
    server, web, names = box.server(issued), PageServer(pages), NameServer()
    with serving(server, web, names):
        for log in logs:
            log.url = web.url(f"/{log.name}/")
        file = box.folder / "proving.json"
        file.write_bytes(log_list(logs))
        asked = [{"tls": f"127.0.0.1:{server.port}", "sni": HOST, "prove": True}]
        settings = box.settings(names, tls={"logs": str(file)})
        (answer,) = asyncio.run(all_asked(settings, asked))
    facts = facts_of(answer)
    assert {one.log: one.inclusion for one in facts.scts} == {
        "good": "included",
        "lost": "not_included",
        "bent": "wrong_proof",
        "forged": "wrong_head",
        "mute": "no_answer",
    }
    (proven,) = [one for one in facts.scts if one.log == "good"]
    assert (proven.index, proven.tree_size) == (5, 9)
    assert "good (signature holds; proven to be entry 5 of 9)" in "\n".join(text(answer))
    assert all(f"tls_proof_{one}" in labels(lang) for one in STANDINGS for lang in languages())


@given(st.integers(1, 40), st.data())
def test_every_path_leads_to_the_root_and_no_other(size: int, data: st.DataObject) -> None:
    leaves = [bytes([number]) * 32 for number in range(size)]
    index = data.draw(st.integers(0, size - 1))
    path = audit_path(leaves, index)
    assert led(leaves[index], index, size, path) == tree_root(leaves)
    if path:
        assert led(leaves[index], index, size, path[:-1]) != tree_root(leaves)
        assert led(leaves[index], index, size, [*path, path[0]]) != tree_root(leaves)
        assert led(leaves[index - 1], index, size, path) != tree_root(leaves)


@pytest.mark.parametrize(
    ("protocol", "before"),
    [("smtp", SMTP), ("imap", IMAP), ("pop3", POP3), ("xmpp", XMPP), ("xmpp-server", XMPP)],
)
def test_starttls(box: Box, protocol: str, before: Clear) -> None:
    """The same chain is seen behind each; nothing of what was said in the clear is kept."""
    issued = box.authority.issue(HOST)
    (answer,) = box.ask([box.server(issued, before)], {"starttls": protocol})
    assert facts_of(answer).verdict == "trusted"
    assert b"mx.test" not in b"".join((one.received or b"") + one.sent for one in answer[1])


def test_another_port_shows_another_certificate(box: Box) -> None:
    """As at jabber.ru in 2023, where 443 and 5222 differed."""
    first, second = box.server(box.authority.issue(HOST)), box.server(box.authority.issue(HOST))
    same = box.server(box.authority.issue(HOST))
    names = NameServer()
    with serving(names, first, second, same):
        asked = [
            {"tls": f"127.0.0.1:{first.port}", "sni": HOST, "also": [second.port]},
            {"tls": f"127.0.0.1:{same.port}", "sni": HOST, "also": [same.port]},
        ]
        answers = asyncio.run(all_asked(box.settings(names), asked))
    assert [facts_of(one).same for one in answers] == [False, True]
    assert [one.port for one in facts_of(answers[0]).endpoints] == [first.port, second.port]
    lines = text(answers[0])
    assert lines[-1] == "=> not all of them show the same certificate"
    assert any("another certificate" in line for line in lines)


def test_what_is_no_tls_has_a_name_each(box: Box) -> None:
    endless = _SHORT + b"\x40\x00" + b"\x02\xff\xff\xff" + bytes(0x3FFC)
    injected = [("EHLO", b"250 STARTTLS\r\n"), ("ST", b"220 go\r\n250 x\n")]
    cases: dict[str, list[Any]] = {
        "tls_not_spoken": [
            RawServer(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
            RawServer(b"SSH-2.0-x\r\n"),
        ],
        "eof_error": [RawServer(), RawServer(_SHORT)],
        "generic_timeout_error": [RawServer(close=False), RawServer(_SHORT, b"\0", close=False)],
        "ssl_failed_handshake": [
            RawServer(b"\x15\x03\x03\0\2\2\x28"),
            RawServer(_SHORT + b"\0\4\x63\0\0\0"),
        ],
        "starttls_not_offered": [
            Spoken(Clear(b"554 no\r\n", [])),
            Spoken(Clear(b"220 x\r\n", [("EHLO", b"250 x\r\n")])),
        ],
        "server_misbehaving": [Spoken(Clear(b"220 x\r\n", injected))],
        "message_size": [Spoken(Clear(b"220-" + b"x" * 70_000, [])), RawServer(endless)],
    }
    servers = [server for several in cases.values() for server in several]
    options = [
        {"starttls": "smtp"} if isinstance(server, Spoken) else {"starttls": "none"}
        for server in servers
    ]
    found = [one[2].failure for one in box.ask(servers, *options, timeout=1)]
    wanted = [name for name, several in cases.items() for _ in several]
    assert [one.name if one else "" for one in found] == wanted


class Spoken(TlsServer):
    """Speaks in the clear, and then waits without TLS."""

    def __init__(self, clear: Clear) -> None:
        self.port, self._clear = 0, clear
        self._before = clear

    async def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            await self._clear(reader, writer)
            await reader.read(1)
        writer.close()


def test_hostile_certificates_are_bounded(box: Box) -> None:
    """Thousands of names, and text that turns a line around or ends it."""
    many = box.authority.issue(*(f"n{number}.shop.test" for number in range(1500)), HOST)
    too_many = box.authority.issue(*(f"n{number}.shop.test" for number in range(10_000)))
    turned = box.authority.issue(HOST, subject="evil\u202egpj.exe\n=> trusted")
    answers = box.ask([box.server(one) for one in (many, too_many, turned)])
    assert len(facts_of(answers[0]).names) == 1501
    assert "and 1495 more" in "\n".join(text(answers[0]))
    failure = answers[1][2].failure
    assert failure
    assert failure.name == "message_size"
    assert facts_of(answers[2]).verdict == "trusted"
    assert sum("=> trusted" in line and line.startswith("=>") for line in text(answers[2])) == 1
    assert all("\n" not in line for line in text(answers[2]))


def test_a_certificate_that_names_the_author_is_masked_and_not_hashed(box: Box) -> None:
    issued = box.authority.issue(HOST, "203.0.113.77", "home.author.test")
    (answer,) = box.ask([box.server(issued)], redact=["203.0.113.77", "home.author.test"])
    kept = b"".join(one.received or b"" for one in answer[1])
    assert b"MASKED CERTIFICATE" in kept
    der = base64.b64decode(kept.split(b"MASKED CERTIFICATE-----")[1].split(b"-----")[0])
    assert b"home.author" not in der
    assert bytes([203, 0, 113, 77]) not in der
    facts = facts_of(answer)
    assert (facts.fingerprint, facts.key_hash, facts.chain[0].fingerprint) == ("", "", "")
    assert facts.chain[1].fingerprint
    assert facts.verdict == "trusted"
    assert "203.0.113.77" not in str(facts)
    plain = Redactor(["198.51.100.1"]).exchange(answer[1][0])
    assert plain == answer[1][0]


@given(st.binary(max_size=300), st.binary(max_size=80))
def test_any_record_can_be_read(der: bytes, more: bytes) -> None:
    pem = ssl.DER_cert_to_PEM_cert(der).encode()
    head = b"version: TLSv1.3\ncipher: x\nmoment: 2026-11-28T00:00:00+00:00\nchain: trusted\n"
    for content in (head + more + b"\n" + pem, more + pem, head + b"staple: " + more, head):
        exchange = Exchange("certificate", "a [192.0.2.1] port 443", "tls", b"", content)
        reading = read_handshakes([exchange], read_target("a.example"), "")
        assert isinstance(reading, Reading)
        assert reading.facts is None or reading.facts.verdict in VERDICTS  # type: ignore[attr-defined]


def test_openssl_s_own_form_is_read_back(box: Box) -> None:
    (answer,) = box.ask([box.server(box.authority.issue(HOST))])
    pasted = "\n".join(text(answer, "openssl"))
    (listing,) = listings(pasted)
    facts = facts_of(answer)
    assert listing.target == answer[0].target
    assert {"subject", "issuer", "version", "cipher"} <= set(listing.said)
    assert all(getattr(listing.facts, one) == getattr(facts, one) for one in listing.said)


def test_without_the_extra_nothing_was_measured(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "OpenSSL", None)
    (answer,) = box.ask([box.server(box.authority.issue(HOST))])
    failure = answer[2].failure
    assert failure
    assert (failure.name, failure.detail) == ("extra_missing", "pip install 'sotokara[web]'")


def test_every_word_is_there() -> None:
    for lang in languages():
        words = labels(lang)
        assert all(f"tls_{one}" in words for one in PROBLEMS)
        assert all(f"head_tls_{one}" in words and f"tls_short_{one}" in words for one in VERDICTS)
        assert all(f"tls_ocsp_{one}" in words for one in STATES if one != "none")


@pytest.mark.parametrize(
    ("given_", "normal"),
    [
        ({"target": "Example.COM."}, {"tls": "example.com"}),
        ({"target": "example.com:443"}, {"tls": "example.com"}),
        ({"target": "日本語.example:993"}, {"tls": "xn--wgv71a119e.example:993"}),
        ({"target": "2001:DB8::1"}, {"tls": "[2001:db8::1]"}),
        ({"target": "[2001:db8::1]:853"}, {"tls": "[2001:db8::1]:853"}),
        (
            {"target": "a.example", "also": [5222, 25, 443]},
            {"tls": "a.example", "also": [25, 5222]},
        ),
    ],
)
def test_one_spelling(given_: dict[str, Any], normal: dict[str, Any]) -> None:
    assert Tls(**given_).normal().identity() == normal


@pytest.mark.parametrize(
    "given_",
    [
        {"target": "https://example.com/"},
        {"target": "example.com:0"},
        {"target": "example.com:https"},
        {"target": "300.1.1.1"},
        {"target": "a.example", "also": [70000]},
        {"target": "a.example", "also": list(range(1, 20))},
        {"target": "a.example", "sni": "a b"},
        {"target": "a.example", "alpn": [""]},
    ],
)
def test_mistakes_are_named(given_: dict[str, Any]) -> None:
    assert list(msgspec.convert(given_, Tls).option_errors())


@pytest.mark.parametrize("content", [b"", b"[]", b'{"operators": 1}', b'{"operators": []}'])
def test_what_is_no_list_of_logs_is_said(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"log|JSON|value"):
        list_of(content)
