"""Mail: what speaks of an account, what is ours, what is masked, and what is joined on it."""

import asyncio
from pathlib import Path
from typing import Any

import dns.message
import dns.rrset
import pytest
from sotokara.core.mistakes import SettingMistake
from sotokara.core.observation import Exchange, Failure
from sotokara.core.own_network import Masks
from sotokara.kinds.smtp.facts import SmtpFacts
from sotokara.kinds.smtp.joining import greets_as, together
from sotokara.kinds.smtp.kind import Smtp
from sotokara.kinds.smtp.route import read_route
from sotokara.kinds.smtp.verdict import read_reply, verdict_of_reply
from sotokara.masking.redaction import Redactor
from sotokara.network.mail import Mailbox, check_mailbox

HOST, ADDRESS = "mx.example.net", "192.0.2.25"


@pytest.mark.parametrize(
    "text",
    [
        "503 Bad sequence of commands",
        "503 5.5.1 Error: need MAIL command",
        "530 5.7.0 Authentication required",
        "530 Must issue a STARTTLS command first",
        "501 Syntax error in parameters",
        "500 Command unrecognized",
        "555 MAIL FROM/RCPT TO parameters not recognized",
        "550 Please authenticate first",
        "550 You must log in first to send mail",
        "550-Verification failed for <me@author.example>\r\n550-No Such User Here\r\n"
        "550 Sender verify failed",
        "550 no DNS for your host",
        "550 cannot resolve your domain",
    ],
)
def test_what_does_not_speak_of_the_account_refuses_none(text: str) -> None:
    said = read_reply(f"{text}\r\n".encode())
    assert said is not None
    assert verdict_of_reply("RCPT", said) in ("undecided", "refuses_us")


@pytest.mark.parametrize(
    "text",
    ["550 5.1.1 User unknown", "550 No such user here", "501 5.1.3 Bad recipient address syntax"],
)
def test_what_speaks_of_it_does(text: str) -> None:
    said = read_reply(f"{text}\r\n".encode())
    assert said is not None
    assert verdict_of_reply("RCPT", said) == "rejects"


@pytest.mark.parametrize("raw", [b"250-one\r\n550 two\r\n", b"550-a\r\n551-b\r\n550 c\r\n"])
def test_two_codes_in_one_reply_are_no_reply(raw: bytes) -> None:
    assert read_reply(raw) is None


@pytest.mark.parametrize(
    ("host", "banner", "own"),
    [
        ("gmail-smtp-in.l.google.com", b"220 mx.google.com ESMTP x", True),
        ("mx1.example.com", b"220 mx1.example.com ESMTP", True),
        ("mx1.example.com", b"220 gate.provider.example ESMTP", False),
        ("mx1.example.com", b"220 mx1.example.com.gate.example ESMTP", False),
        ("mx1.example.com", b"220 notexample.com ESMTP", False),
        ("mx.shop.co.jp", b"220 mail.other.co.jp ESMTP", False),
        ("mx.shop.co.jp", b"220 mail.shop.co.jp ESMTP", True),
    ],
)
def test_a_banner_is_of_the_host_s_own_domain(host: str, banner: bytes, own: bool) -> None:  # noqa: FBT001
    assert greets_as(host, banner) is own


def message(step: str, name: str, *records: str) -> Exchange:
    """A resolver's answer."""
    rdtype = step.partition(" ")[0]
    query = dns.message.make_query(name, rdtype)
    answer = dns.message.make_response(query)
    if records:
        answer.answer = [dns.rrset.from_text(f"{name}.", 60, "IN", rdtype, *records)]
    return Exchange(
        step, "resolver", "udp", query.to_wire(), answer.to_wire(),
        media_type="application/dns-message",
    )  # fmt: skip


def dialogue(address: str, **steps: str) -> list[Exchange]:
    """One connection: step → reply, or the failure that ended it."""
    server = f"{HOST} [{address}]"
    found = []
    for step, text in {"connect": "", **steps}.items():
        failure = Failure(text, step) if text and not text[0].isdigit() else None
        heard = None if failure else f"{text}\r\n".encode() if text else b""
        sent = {"MAIL": b"MAIL FROM:<me@author.example>\r\n", "EHLO": b"EHLO pc.author.example\r\n"}
        found.append(
            Exchange(
                step, server, "smtp", sent.get(step, b""), heard, failure, media_type="text/plain"
            )
        )
    return found


def route(*addresses: str) -> list[Exchange]:
    """The domain's MX, and its mail server's addresses."""
    four = [one for one in addresses if ":" not in one]
    six = [one for one in addresses if ":" in one]
    return [
        message("MX", "example.net", f"10 {HOST}."),
        message(f"A {HOST}", HOST, *four),
        message(f"AAAA {HOST}", HOST, *six),
    ]


def read(exchanges: list[Exchange], *hidden: str) -> Any:
    """The reading, after masking as a build masks."""
    question = Smtp(target="example.net").normal()
    redactor = Redactor(hidden)
    exchanges = [*exchanges, together(read_route(exchanges, "example.net").goals, exchanges)]
    kept = [redactor.exchange(one) for one in question.hide(exchanges, Masks())]
    return question.parse(kept)


REJECTS = {
    "banner": f"220 {HOST} ESMTP",
    "EHLO": f"250 {HOST}",
    "MAIL": "250 ok",
    "RCPT": "550 5.1.1 User unknown",
}


@pytest.mark.parametrize(
    "addresses",
    [(ADDRESS,), ("192.0.2.24", ADDRESS), (ADDRESS, "2001:db8::25"), ("203.0.113.9", ADDRESS)],
)
@pytest.mark.parametrize("hidden", [(ADDRESS,), ("192.0.2.0/24", "2001:db8::/32"), (HOST,)])
def test_what_was_heard_is_said_though_the_address_is_masked(
    addresses: tuple[str, ...], hidden: tuple[str, ...]
) -> None:
    exchanges = route(*addresses)
    for address in addresses:
        exchanges += dialogue(address, **REJECTS)
    reading = read(exchanges, *hidden)
    assert isinstance(reading.facts, SmtpFacts)
    assert (reading.facts.verdict, reading.facts.code) == ("rejects", 550)
    said = [one.verdict for host in reading.facts.hosts for one in host.addresses]
    assert said == ["rejects"] * len(addresses)
    shown = str(reading.facts)
    assert not any(one in shown for one in hidden if "/" not in one)


def control(server: str, failure: str = "") -> Exchange:
    """What a control said."""
    failed = Failure(failure, "control") if failure else None
    return Exchange("control", server, "smtp", b"QUIT\r\n", None, failed, media_type="text/plain")


def test_a_family_without_a_control_is_ours_and_the_other_the_target_s() -> None:
    exchanges = route(ADDRESS, "2001:db8::25")
    exchanges += dialogue(ADDRESS, **REJECTS)
    exchanges += dialogue("2001:db8::25")[:0]
    server = f"{HOST} [2001:db8::25]"
    silent = Failure("generic_timeout_error", "connect")
    exchanges.append(Exchange("connect", server, "smtp", failure=silent, media_type="text/plain"))
    facts = read([*exchanges, control("mx.example.com [2001:db8:9::1]", "connection_reset")]).facts
    verdicts = {one.address: one.verdict for host in facts.hosts for one in host.addresses}
    assert verdicts == {ADDRESS: "rejects", "2001:db8::25": "not_asked"}
    well = read([*exchanges, control("mx.example.com [2001:db8:9::1]")]).facts
    verdicts = {one.address: one.verdict for host in well.hosts for one in host.addresses}
    assert verdicts["2001:db8::25"] == "unreachable"


@pytest.mark.parametrize(
    ("greeting", "secret"),
    [
        ("Hello host203-0-113-5.isp.example", "host203-0-113-5"),
        ("Hello host203-0-113-5.isp.example [203.0.113.5]", "203.0.113.5"),
        ("Hello [IPv6:2001:db8::7]", "2001:db8::7"),
        ("Hello [IPv6:2001:0db8:0:0:0:0:0:7], nice to meet you", "2001:0db8:0:0:0:0:0:7"),
        ("at your service, dialin-7.home.isp.example", "dialin-7.home"),
        ("see http://help.example.net/?ip=2001%3Adb8%3A%3A7", "2001%3Adb8%3A%3A7"),
        ("see http://help.example.net/?ip=203%2E0%2E113%2E5", "203%2E0%2E113%2E5"),
        ("Hello pc.author.example", "pc.author.example"),
    ],
)
def test_a_greeting_tells_nothing_of_who_asked(greeting: str, secret: str) -> None:
    steps = {**REJECTS, "EHLO": f"250-{HOST} {greeting}\r\n250 PIPELINING"}
    question = Smtp(target="example.net").normal()
    kept = question.hide([*route(ADDRESS), *dialogue(ADDRESS, **steps)], Masks())
    text = b"".join((one.received or b"") + one.sent for one in kept if one.protocol == "smtp")
    assert secret.encode() not in text
    assert HOST.encode() in text
    assert b"PIPELINING" in text


SPELLINGS = (
    *("cb007105", "0xCB007105", "3405803781", "203.0.113.5:52345", "203,0,113,5", "203_0_113_5"),
    *("203-0-113-5", "host203-0-113-5", "203.000.113.005", "0313.0.0161.05", "cb.00.71.05"),
    *("5.113.0.203.in-addr.arpa", f"7.{'0.' * 23}8.b.d.0.1.0.0.2.ip6.arpa", f"20010db8{7:024x}"),
    *("2001-db8--7.isp.example", "2001-db8-0-0-0-0-0-7", "fe80::7%eth0", "2001:db8::203.0.113.5"),
    *("203 0 113 5", "203[.]0[.]113[.]5", "203(dot)0(dot)113(dot)5", "203&#46;0&#46;113&#46;5"),
    *("0xcb.0x0.0x71.0x5", "cb:00:71:05", "31300070405", "2001_db8__7", "2001.db8..7"),
    *("MjAzLjAuMTEzLjU=", "２０３．０．１１３．５"),
)


@pytest.mark.parametrize("step", ["banner", "EHLO", "RCPT"])
def test_no_spelling_of_our_address_is_kept_that_nothing_else_tells(step: str) -> None:
    """Behind a translator only the server knows it: no interface and no setting names it."""
    for spelled in SPELLINGS:
        steps = {**REJECTS, step: f"{REJECTS[step]} Hello {spelled}, blocked"}
        question = Smtp(target="example.net").normal()
        kept = question.hide([*route(ADDRESS), *dialogue(ADDRESS, **steps)], Masks())
        heard = b"".join(one.received or b"" for one in kept if one.protocol == "smtp").lower()
        assert b"blocked" in heard
        assert not [
            left
            for left in (
                b"203",
                b"cb00",
                b"113",
                b"db8",
                b"8.b.d",
                b"fe80",
                b"0161",
                b"0x71",
                b"cb:00",
                b"3130",
                b"mjaz",
                "２０３".encode(),
            )
            if left in heard.replace(REJECTS[step].encode(), b"")
        ], heard


@pytest.mark.parametrize(
    "said",
    ["Postfix 3.7.11", "Version: 15.20.7962.25", "2026-11-28 12:00:01", f"[{ADDRESS}]", "c0000219",
     "SIZE 52428800", "SIZE=52428800", "4f2a1b3cd"],
)  # fmt: skip
def test_what_a_server_says_of_itself_stays(said: str) -> None:
    steps = {**REJECTS, "banner": f"220 {HOST} ESMTP {said}"}
    kept = Smtp(target="example.net").normal().hide([*dialogue(ADDRESS, **steps)], Masks())
    assert any(said.encode() in (one.received or b"") for one in kept)


@pytest.mark.parametrize(
    "text",
    [
        "[IPv6:2001:db8::7]",
        "2001:0DB8:0000:0000:0000:0000:0000:0007",
        "2001:db8:0:0:0:0:0:7",
        "2001%3Adb8%3a%3A7",
        "2001-db8--7.isp.example",
        "::ffff:203.0.113.5",
        "203%2E0%2e113%2E5",
        "host203-0-113-5.isp.example",
        "5-113-0-203.dyn.isp.example",
        "fe80::7%eth0",
    ],
)
def test_every_spelling_of_our_address_is_masked(text: str) -> None:
    redactor = Redactor(["203.0.113.5", "2001:db8::7", "fe80::7"])
    for around in ("{}", "a <{}> b", "ip={} ", "Hello {}, hi", '"{}"'):
        masked = redactor.text(around.format(text))
        assert len(masked) == len(around.format(text))
        for left in ("2001", "db8", "203", "113", "fe80", "0007"):
            assert left not in masked.lower(), masked


@pytest.mark.parametrize(
    "text",
    ["1-2-3-4", "2026-11-28", "203-0-113-50", "2001:db8::70", "a-b-c-d-e", "100%3A7", "12:30:45"],
)
def test_what_is_not_ours_stays(text: str) -> None:
    assert Redactor(["203.0.113.5", "2001:db8::7"]).text(text) == text


@pytest.mark.parametrize(
    ("mailbox", "named"),
    [
        (Mailbox(maildir="/nowhere/Maildir"), "/nowhere/Maildir"),
        (Mailbox(), "neither"),
        (Mailbox(imap="127.0.0.1", port=1, security="none"), "cannot be reached"),
    ],
)
def test_a_mailbox_that_is_not_there_is_a_mistake(mailbox: Mailbox, named: str) -> None:
    with pytest.raises(SettingMistake) as found:
        asyncio.run(check_mailbox(mailbox))
    assert named in found.value.what


def test_a_mailbox_that_is_there_is_none(tmp_path: Path) -> None:
    asyncio.run(check_mailbox(Mailbox(maildir=str(tmp_path))))
