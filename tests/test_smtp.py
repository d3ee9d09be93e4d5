"""The kind ``smtp`` without a network: replies, recorded dialogues, reports, options."""

import asyncio
import json
import re
import ssl
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from sotokara.core.labels import labels, languages
from sotokara.core.observation import Exchange, unpack
from sotokara.core.own_network import Masks
from sotokara.kinds.shared.tls.reading import read_tls
from sotokara.kinds.smtp.facts import ROUTES, VERDICTS, Bounce
from sotokara.kinds.smtp.kind import Smtp
from sotokara.kinds.smtp.privacy import telltale
from sotokara.kinds.smtp.report import (
    PROTOCOL,
    REPORT,
    SENT,
    kept_of,
    read_bounce,
    span,
    token_digest,
)
from sotokara.kinds.smtp.verdict import hinted_pause, read_reply, split_reply, verdict_of_reply
from sotokara.network.mail import Mailbox, mails_since

CASES = Path(__file__).parent / "cases" / "smtp"
REPLIES: list[dict[str, Any]] = yaml.safe_load((CASES / "replies.yml").read_text("utf-8"))
TOKEN = "0123456789abcdef" * 2
AUTHOR = "author@author.post.example"


@pytest.mark.parametrize("case", REPLIES, ids=lambda case: case["reply"][:40])
def test_what_servers_say_is_understood(case: dict[str, Any]) -> None:
    said = read_reply(case["reply"].encode() + b"\r\n")
    assert said is not None
    assert verdict_of_reply(case["step"], said) == case["verdict"]
    assert hinted_pause(said.text) == case.get("pause")


def test_a_reply_has_one_code_and_an_enhanced_one_of_its_class() -> None:
    """RFC 5321, 4.2.1, and RFC 3463, 2: what contradicts itself is not read."""
    assert read_reply(b"250-mx.example.jp\r\n550 5.1.1 no such user\r\n") is None
    for text, enhanced in (("550 5.1.1 none", "5.1.1"), ("550 4.1.1 none", "")):
        said = read_reply(f"{text}\r\n".encode())
        assert said is not None
        assert said.enhanced == enhanced


def test_every_verdict_and_route_has_words_in_every_language() -> None:
    for lang in languages():
        words = labels(lang)
        assert all(f"smtp_{one}" in words and f"smtp_sum_{one}" in words for one in VERDICTS)
        assert all(f"smtp_route_{one}" in words for one in ROUTES if one != "mx")


@given(st.binary(max_size=300))
def test_any_bytes_can_be_read(heard: bytes) -> None:
    lines, rest = split_reply(heard)
    assert len(b"".join(lines)) + len(rest) <= len(heard)
    said = read_reply(heard)
    assert said is None or 200 <= said.code < 560
    assert said is None or verdict_of_reply("RCPT", said) in VERDICTS
    read_tls(heard, "mail.example")
    exchange = Exchange("banner", "mail.example [192.0.2.1]", "smtp", b"", heard)
    telltale("example", [exchange])
    kept_of(heard, token_digest(TOKEN), AUTHOR)


@given(st.binary(min_size=1, max_size=300))
def test_any_report_can_be_read(kept: bytes) -> None:
    for content in (kept, b"head\n\f\ntext\n\f\n" + kept):
        assert _read(content)[0]


def _report(name: str) -> bytes:
    content = (CASES / "reports" / f"{name}.txt").read_text("utf-8").replace("TOKEN", TOKEN)
    return re.sub(
        r"BASE64\((.*)\)",
        lambda found: b64encode(found[1].encode()).decode(),
        content,
        flags=re.DOTALL,
    ).encode()


def _read(kept: bytes) -> tuple[Bounce | None, dict[str, Any]]:
    note = f"token: {token_digest(TOKEN)}\nsent: 2026-11-24T06:00:00+00:00\n".encode()
    arrived = b"arrived: 2026-11-24T06:00:10+00:00\n"
    exchanges = [
        Exchange(SENT, "qmail.example", PROTOCOL, note),
        Exchange(REPORT, "qmail.example", PROTOCOL, arrived, kept),
    ]
    return read_bounce(exchanges)


@pytest.mark.parametrize(
    ("name", "by"), [("qmail", "mx.qmail.example"), ("exchange-2003", "mail.exchange.example")]
)
def test_a_free_form_return_is_recognised_by_its_token(name: str, by: str) -> None:
    kept = kept_of(_report(name), token_digest(TOKEN), AUTHOR)
    assert kept
    bounce, told = _read(kept)
    assert bounce == Bounce("returned", by, "", "5.1.1", "free")
    assert told["after"] == "10 s"
    assert kept_of(_report(name), token_digest("f" * 32), AUTHOR) is None  # of another message


@pytest.mark.parametrize("name", ["holiday", "copy"])
def test_what_is_no_return_is_not_taken_for_one(name: str) -> None:
    assert kept_of(_report(name), token_digest(TOKEN), AUTHOR) is None


REAL = sorted((CASES.parent / "transcripts" / "flufl-bounce").glob("*.txt"))


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_real_reports_are_understood(path: Path) -> None:
    body = path.read_bytes()
    kind = b"message/delivery-status" if b"Reporting-MTA" in body else b"text/plain"
    message = (
        b"From: MAILER-DAEMON@example.net\r\nSubject: failure notice\r\n"
        b'Content-Type: multipart/report; boundary="b"\r\n\r\n--b\r\nContent-Type: ' + kind
    ) + b"\r\n\r\n%s\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nTo: %s\r\n--b--\r\n" % (
        body,
        f"no-such-account-{TOKEN}@example.com".encode(),
    )
    kept = kept_of(message, token_digest(TOKEN), AUTHOR)
    assert kept
    bounce, _ = _read(kept)
    assert bounce is not None
    assert bounce.state == ("waiting" if bounce.action == "delayed" else "returned")
    assert bounce.form == ("report" if b"delivery" in kind else "free")
    if re.search(rb"(?mi)^status:\s*[245]\.\d+\.\d+", body):
        assert bounce.status


def test_a_delay_is_no_return() -> None:
    status = b"Reporting-MTA: dns; mx.example\n\nAction: delayed\nStatus: 4.4.1\n"
    bounce, _ = _read(b"From: MAILER-DAEMON@mx.example\n\f\nwait\n\f\n" + status)
    assert bounce == Bounce("waiting", "mx.example", "delayed", "4.4.1", "report")


@pytest.mark.parametrize(
    ("seconds", "shown"), [(-1, "0 s"), (9, "9 s"), (600, "10 min"), (9000, "2 h"), (432000, "5 d")]
)
def test_spans(seconds: float, shown: str) -> None:
    assert span(seconds) == shown


def test_a_maildir_is_read_and_left_alone(tmp_path: Path) -> None:
    for inner in ("new", "cur", "tmp"):
        (tmp_path / inner).mkdir()
    (tmp_path / "new" / "1").write_bytes(_report("qmail"))
    (tmp_path / "cur" / "2:2,S").write_bytes(_report("holiday"))
    now = datetime.now(UTC)
    box = Mailbox(maildir=str(tmp_path))
    found = asyncio.run(mails_since(box, now - timedelta(minutes=1), "no-such"))
    assert sorted(one.content for one in found) == sorted([_report("qmail"), _report("holiday")])
    assert asyncio.run(mails_since(box, now + timedelta(hours=1), "no-such")) == []
    assert sorted(file.name for file in tmp_path.rglob("*") if file.is_file()) == ["1", "2:2,S"]


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        ({"target": "192.0.2.1"}, "target"),
        ({"target": "https://example.com"}, "target"),
        ({"target": "a b@example.com"}, "target"),
        ({"target": "example.com", "recipient": "x@elsewhere.example"}, "recipient"),
        ({"target": "example.com", "recipient": "x\r\nDATA"}, "recipient"),
        ({"target": "x@example.com", "recipient": "y"}, "recipient"),
        ({"target": "x@example.com", "send": True}, "send"),
    ],
)
def test_mistakes_are_found(options: dict[str, Any], wrong: str) -> None:
    assert [one.option for one in Smtp(**options).option_errors()] == [wrong]


@pytest.mark.parametrize(
    ("options", "identity"),
    [
        ({"target": "Example.COM."}, {"smtp": "example.com"}),
        ({"target": "日本語.example"}, {"smtp": "xn--wgv71a119e.example"}),
        ({"target": "X@example.com"}, {"smtp": "example.com", "recipient": "X"}),
        (
            {"target": "example.com", "recipient": "x@example.com"},
            {"smtp": "example.com", "recipient": "x"},
        ),
    ],
)
def test_equal_questions_are_one(options: dict[str, Any], identity: dict[str, Any]) -> None:
    question = Smtp(**options)
    assert list(question.option_errors()) == []
    assert question.normal().identity() == identity


@given(st.integers(0, 700), st.binary(min_size=1, max_size=6))
def test_any_certificate_can_be_read(at: int, change: bytes) -> None:
    raw = (CASES / "lab" / "trusted.raw.json").read_text("utf-8")
    recorded = next(
        unpack(one).received or b""
        for one in json.loads(raw)["exchanges"]
        if one["step"] == "certificate"
    )
    head, _, rest = recorded.partition(b"-----BEGIN CERTIFICATE-----")
    der = ssl.PEM_cert_to_DER_cert((b"-----BEGIN CERTIFICATE-----" + rest).decode().strip())
    broken = ssl.DER_cert_to_PEM_cert(der[:at] + change + der[at + len(change) :])
    found = read_tls(head + broken.encode(), "mx.trusted.post.example", [(3, 1, 1, b"x")])
    assert found is not None
    assert found.version == "TLSv1.3"


def test_a_report_is_masked_even_where_no_dialogue_was_held() -> None:
    note = f"own: {AUTHOR}\nown: pc.author.post.example\ntoken: x\nsent: x\n".encode()
    kept = f"Reporting-MTA: dns; pc.author.post.example\n{AUTHOR} [198.51.100.77]".encode()
    exchanges = [
        Exchange(SENT, "x.jp", PROTOCOL, note),
        Exchange(REPORT, "x.jp", PROTOCOL, b"", kept),
    ]
    hidden = Smtp(target="x.jp").hide(exchanges, Masks())
    content = b"".join(one.sent + (one.received or b"") for one in hidden)
    for word in (b"author", b"198.51.100.77"):
        assert word not in content
