"""Kind `mailfile`: a mail's way and signatures, what is kept of it, and what hostile ones cost."""

import itertools
import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dkim
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sotokara.core.labels import labels, languages
from sotokara.core.observation import Exchange, unpack
from sotokara.definitions.definition import read_definition
from sotokara.kinds.mailfile.facts import CHAINS, VERDICTS, MailfileFacts
from sotokara.kinds.mailfile.header import (
    UnreadableMail,
    format_header,
    kept_lines,
    parse_header,
    taken_apart,
)
from sotokara.kinds.mailfile.judging import Replies, evaluate_header, keys_named, keys_of
from sotokara.kinds.mailfile.kind import Mailfile, read_mail
from sotokara.kinds.mailfile.masking import mask_field
from sotokara.kinds.mailfile.received import hop_of
from sotokara.kinds.mailfile.signatures import verify_signatures
from sotokara.kinds.mailfile.styles import STYLES
from sotokara.kinds.shared.mail.check_host import Open, check_host
from sotokara.kinds.shared.view import View
from sotokara.transcripts.session import listings

from tests import mails
from tests.growth import MOST, growth
from tests.lab.signed_mail import SignedMail
from tests.mails import BODY, BORDER, HEADER, LOWER, OWN, RESULTS, TOP, mail, replies, signed
from tests.sites import build as build_site
from tests.sites import figures, make_site, with_evidence

CASES = Path(__file__).with_name("cases") / "mailfile"
PERSONAL = (
    b"john|jane|doe|invented|parcel|laptop|203.0.113.77|dsl-17|1A2B|4Q1|zz9|own.example@"
).split(b"|")


def looked_at(
    content: bytes, found: Mapping[str, list[str]] | None = None, own: Sequence[str] = ()
) -> MailfileFacts:
    """What a mail comes to where the DNS says this."""
    said = mails.records() if found is None else found
    apart = taken_apart(content)
    lines = parse_header(format_header(kept_lines(apart.fields)))
    exchanges = replies(said, [f"TXT {name}" for name in keys_named(lines)])
    checks = verify_signatures(apart, keys_of(lines, Replies(exchanges)))
    for _ in range(60):
        try:
            return evaluate_header(lines, Replies(exchanges), own, checks)
        except Open as needed:
            exchanges += replies(said, [f"{needed.rdtype} {needed.name}"])
    raise AssertionError


def text(facts: MailfileFacts, style: str = "list", lang: str = "en") -> str:
    seen = View(Mailfile(target="a.eml"), None, facts, labels(lang))  # type: ignore[arg-type]
    output: Any = STYLES[style](seen)
    return "\n".join(output if isinstance(output, list) else map(str, output.rows))


def test_a_signed_mail_on_its_way() -> None:
    facts = looked_at(mail())
    assert [one.trust for one in facts.hops] == ["claimed", "claimed", "border", "own"]
    assert [one.delay for one in facts.hops] == [None, 1, 3, 4]
    assert (facts.border, facts.unverifiable) == ("192.0.2.25", 2)
    assert (facts.sender, facts.envelope) == ("shop.example", "shop.example")
    assert [one.verdict for one in facts.signatures] == ["holds"]
    assert (facts.spf.result, facts.dmarc.result) == ("pass", "pass")
    assert facts.dmarc.aligned == ["spf", "dkim"]
    assert {(one.method, one.result, one.trusted) for one in facts.said} == {
        ("spf", "pass", True),
        ("dkim", "pass", True),
        ("dmarc", "pass", True),
    }
    shown = text(facts)
    assert "=> mx.own.example itself saw the mail come from 192.0.2.25" in shown
    assert "=> lines below that came with the mail and cannot be verified: 2" in shown
    for lang, style in itertools.product(languages(), STYLES):
        assert text(facts, style, lang)
    assert "· claimed" in text(facts, "path")
    assert "· recipient's side, its first server" in text(facts, "path")


def test_nobodys_address_is_kept() -> None:
    kept = format_header(kept_lines(taken_apart(mail()).fields)).encode().lower()
    assert [one for one in PERSONAL if one.lower() in kept] == []
    assert b"mx.own.example" in kept


FORMS = list(itertools.product((b"simple", b"relaxed"), repeat=2))


@pytest.mark.parametrize("ed", [False, True], ids=["rsa", "ed25519"])
@pytest.mark.parametrize("forms", FORMS)
def test_signatures_are_judged_as_dkimpy_judges_them(
    forms: tuple[bytes, bytes], *, ed: bool
) -> None:
    record = mails.ed_record() if ed else mails.rsa_record()
    found = mails.records(**{"TXT s1._domainkey.shop.example": [record]})

    def key(name: bytes, timeout: int = 5) -> bytes:
        return record.encode()

    sent = signed(forms=forms, ed=ed)
    head, _, body = sent.partition(b"\r\n\r\n")
    altered = {
        sent: "holds",
        sent.replace(b"parcel is", b"parcel iz"): "body_changed",
        head.replace(b"Your parcel", b"Your Parcel") + b"\r\n\r\n" + body: "does_not_hold",
        sent + b"\r\n\r\n": "holds",
        sent.replace(b"is\there. \r\n", b"is here.\r\n"): "holds"
        if forms[1] == b"relaxed"
        else "body_changed",
        head.replace(b"Subject: ", b"SUBJECT:  ") + b"\r\n\r\n" + body: "holds"
        if forms[0] == b"relaxed"
        else "does_not_hold",
        head.replace(b"\r\n", b"\n") + b"\n\n" + body.replace(b"\r\n", b"\n"): "holds",
    }
    for message, verdict in altered.items():
        (one,) = looked_at(mail(message), found).signatures
        assert one.verdict == verdict, message
        wire = message if b"\r\n" in message else message.replace(b"\n", b"\r\n")
        assert dkim.verify(wire, dnsfunc=key) is (verdict == "holds")


@pytest.mark.parametrize(
    ("record", "verdict", "problems"),
    [
        ([], "key_gone", []),
        (["v=DKIM1; p="], "key_revoked", []),
        (["v=DKIM1; p=AAAA"], "key_broken", []),
        (["v=DKIM1; k=rsa; t=y; p=" + mails.rsa_record().partition("p=")[2]], "holds", ["testing"]),
        ([mails.ed_record()], "key_broken", []),
        ([mails.rsa_record(), "v=DKIM1; p="], "key_broken", []),
    ],
)
def test_what_stands_in_the_place_of_the_key(
    record: list[str], verdict: str, problems: list[str]
) -> None:
    found = mails.records(**{"TXT s1._domainkey.shop.example": record})
    facts = looked_at(mail(), found)
    assert [(one.verdict, one.problems) for one in facts.signatures] == [(verdict, problems)]
    assert verdict in VERDICTS


def test_a_key_that_nobody_answers_for_is_not_gone() -> None:
    facts = looked_at(mail(), {})  # NXDOMAIN is an answer
    assert facts.signatures[0].verdict == "key_gone"
    lines = parse_header(format_header(kept_lines(taken_apart(mail()).fields)))
    silent = evaluate_header(
        lines, Replies((), closed=True), (), verify_signatures(taken_apart(mail()), {})
    )
    assert silent.signatures[0].verdict == "key_not_answered"
    assert silent.spf.result == "temperror"
    assert Mailfile.unknown(silent) == {"signatures", "spf", "dmarc"}


def test_headers_alone_say_nothing_of_the_body() -> None:
    headers = mail().partition(b"\r\n\r\n")[0]
    facts = looked_at(headers)
    assert facts.signatures[0].verdict == "headers_hold"
    assert facts.dmarc.aligned == ["spf"]


def test_what_makes_a_signature_worth_less() -> None:
    partial = looked_at(mail(signed(length=True) + b"Added later\r\n"))
    assert partial.signatures[0].verdict == "holds"
    assert partial.signatures[0].problems == ["partial_body"]
    no_from = (
        "DKIM-Signature: v=1; a=rsa-sha256; d=shop.example; s=s1; h=to; x=1; bh=AA==; b=AA==\r\n"
    )
    (one,) = looked_at(mail((no_from + HEADER).encode() + b"\r\nx")).signatures
    assert one.problems == ["from_unsigned", "expired"]
    old = no_from.replace("rsa-sha256", "rsa-sha1")
    (one,) = looked_at(mail((old + HEADER).encode() + b"\r\nx")).signatures
    assert one.verdict == "weak_algorithm"


# Whom to believe.

FORGED = (
    "Received: from bank.example (bank.example [192.0.2.99]) by mx.own.example with ESMTPS;\r\n"
    " Fri, 20 Nov 2026 08:59:00 +0000\r\n"
    "Authentication-Results: mx.own.example; dkim=pass header.d=bank.example\r\n"
)


def test_lines_that_came_with_the_mail_are_claims_whatever_they_say() -> None:
    facts = looked_at(mail(FORGED.encode() + signed()))
    assert facts.border == "192.0.2.25"
    assert facts.hops[0].by == "mx.own.example"
    assert {one.trust for one in facts.hops[:3]} == {"claimed"}
    assert facts.unverifiable == 3
    bank = [one for one in facts.said if one.domain == "bank.example"]
    assert [one.trusted for one in bank] == [False]
    assert "claimed, by mx.own.example: pass (bank.example)" in text(facts)


def test_what_a_peer_calls_itself_never_makes_it_ones_own() -> None:
    helo = BORDER.replace("from mail.shop.example", "from store.own.example")
    top = TOP + OWN + helo
    facts = looked_at(mail(top=top), own=["own.example"])
    assert facts.border == "192.0.2.25"
    assert facts.hops[-2].helo == "store.own.example"


@pytest.mark.parametrize("own", ["gate.example", "192.0.2.25", "192.0.2.0/24"])
def test_own_servers_move_the_border_down(own: str) -> None:
    top = BORDER.replace("out7.shop.example", "a.gate.example")
    facts = looked_at(mail(top=top), own=[own])
    assert facts.border == "198.51.100.7"
    assert [one.trust for one in facts.hops] == ["claimed", "border", "own"]


def test_a_clock_that_goes_backwards_is_named() -> None:
    facts = looked_at(mail(top=BORDER.replace("10:00:05", "09:00:05")))
    assert facts.hops[-1].delay == 5 - 3600 - 2
    assert "a line is older than the one before it" in text(facts)


def test_two_from_fields_are_no_sender() -> None:
    two = ("From: a@bank.example\r\n" + HEADER).encode() + b"\r\nx"
    assert looked_at(mail(two)).sender == ""
    several = HEADER.replace("<john.invented@shop.example>", "<a@shop.example>, <b@bank.example>")
    assert looked_at(mail(several.encode() + b"\r\nx")).sender == ""


RECEIVED = {
    "from a.example (b.example [192.0.2.1]) by c.example (Postfix) with ESMTPS for <x@y.example>": (
        "c.example",
        "a.example",
        "b.example",
        "192.0.2.1",
        "ESMTPS",
    ),
    "from a.example (unknown [192.0.2.1]) by c.example with ESMTP": (
        "c.example",
        "a.example",
        "",
        "192.0.2.1",
        "ESMTP",
    ),
    "from [192.0.2.66] (port=4 helo=a.example) by c.example with esmtp (Exim 4.96) id 1": (
        "c.example",
        "a.example",
        "",
        "192.0.2.66",
        "ESMTP",
    ),
    "from b.example ([192.0.2.1] helo=a.example) by c.example with esmtps (TLS1.3) (Exim 4.96)": (
        "c.example",
        "a.example",
        "b.example",
        "192.0.2.1",
        "ESMTPS",
    ),
    "from unknown (HELO a.example) (192.0.2.1) by c.example with SMTP": (
        "c.example",
        "unknown",
        "",
        "192.0.2.1",
        "SMTP",
    ),
    "from a.example (a.example. [IPv6:2001:db8::1]) by c.example with ESMTPS id 7si": (
        "c.example",
        "a.example",
        "a.example",
        "2001:db8::1",
        "ESMTPS",
    ),
    "by 2001:db8:1:2:0:0:0:3 with SMTP id x": ("2001:db8:1:2::3", "", "", "", "SMTP"),
    "from A1.b.example (2001:db8:6::1) by C2.b.example (2001:db8::2) with Microsoft SMTP Server": (
        "c2.b.example",
        "a1.b.example",
        "",
        "2001:db8:6::1",
        "MICROSOFT",
    ),
    "(qmail 1 invoked from network)": ("", "", "", "", ""),
    "from [192.0.2.9] (d.example [198.51.100.7]) by c.example with ESMTP": (
        "c.example",
        "192.0.2.9",
        "d.example",
        "198.51.100.7",
        "ESMTP",
    ),
}


@pytest.mark.parametrize("line", RECEIVED)
def test_received_lines_of_many_servers(line: str) -> None:
    kept = mask_field("received", f"{line}; Fri, 20 Nov 2026 09:00:00 +0000")
    assert kept
    hop = hop_of(kept)
    assert (hop.by, hop.helo, hop.name, hop.address, hop.protocol) == RECEIVED[line]
    assert hop.time == "2026-11-20T09:00:00Z"
    assert mask_field("received", kept) == kept


@given(
    st.sampled_from(["received", "from", "authentication-results", "dkim-signature", "date"]),
    st.text(),
)
def test_masking_once_is_masking_twice(name: str, value: str) -> None:
    kept = mask_field(name, value)
    assert kept is not None
    assert mask_field(name, kept) == kept
    hop_of(kept)


# ARC.


def sealed(message: bytes, *, twice: bool = False) -> bytes:
    for nth in range(2 if twice else 1):
        before = b"; arc=pass" if nth else b""
        message = b"Authentication-Results: list.example; spf=pass" + before + b"\r\n" + message
        arc = dkim.arc_sign(
            message,
            b"s1",
            b"shop.example",
            mails.rsa_pem(),
            b"list.example",
            include_headers=[b"from", b"subject"],
        )
        message = b"".join(arc) + message
    return message


def test_chains_of_arc() -> None:
    def chain(message: bytes, found: Mapping[str, list[str]] | None = None) -> str:
        return looked_at(mail(message), found).arc.chain

    once, twice = sealed(signed()), sealed(signed(), twice=True)
    assert (chain(signed()), chain(once), chain(twice)) == ("none", "holds", "holds")
    assert chain(twice.replace(b"parcel is", b"parcel iz")) == "does_not_hold"
    assert chain(twice.replace(b"cv=pass", b"cv=fail")) == "failed_before"
    assert chain(twice.replace(b"ARC-Seal: i=1", b"X-Seal: i=1")) == "incomplete"
    assert chain(once, mails.records(**{"TXT s1._domainkey.shop.example": []})) == "key_gone"
    seals = looked_at(mail(twice)).arc.seals
    assert [(one.instance, one.domain, one.said) for one in seals] == [
        (1, "shop.example", "none"),
        (2, "shop.example", "pass"),
    ]
    assert "holds" in CHAINS


# SPF of today (RFC 7208).

DNS = {
    "TXT a.example": ["v=spf1 include:i.example a mx/28 -all"],
    "TXT i.example": ["v=spf1 ip4:198.51.100.0/24 ip6:2001:db8::/32 ~all"],
    "A a.example": ["192.0.2.1"],
    "MX a.example": ["10 m.a.example."],
    "A m.a.example": ["192.0.2.33"],
    "TXT r.example": ["v=spf1 redirect=a.example"],
    "TXT x.example": ["v=spf1 exists:%{ir}.%{v}.x.example -all"],
    "A 7.2.0.192.in-addr.x.example": ["127.0.0.2"],
    "TXT p.example": ["v=spf1 ptr -all"],
    "PTR 9.2.0.192.in-addr.arpa": ["h.p.example."],
    "A h.p.example": ["192.0.2.9"],
    "TXT s.example": ["v=spf1 exists:%{l}.s.example -all"],
    "TXT loop.example": ["v=spf1 include:loop.example -all"],
    "TXT void.example": ["v=spf1 a:v1.example a:v2.example a:v3.example -all"],
    "TXT two.example": ["v=spf1 -all", "v=spf1 +all"],
    "TXT bad.example": ["v=spf1 ip4:nonsense -all"],
    "TXT neutral.example": ["v=spf1 ?all"],
    "TXT masked.example": ["v=spf1 ip4:198.51.100.9 ip4:xxx.x.x.x -all"],
    "TXT zeros.example": ["v=spf1 a:zero.example -all"],
    "A zero.example": ["0.0.0.0", "192.0.2.50"],  # noqa: S104  # as a masked one stands
}


@pytest.mark.parametrize(
    ("address", "domain", "result"),
    [
        ("198.51.100.9", "a.example", "pass"),
        ("2001:db8::7", "a.example", "pass"),
        ("192.0.2.1", "a.example", "pass"),
        ("192.0.2.40", "a.example", "pass"),
        ("203.0.113.1", "a.example", "fail"),
        ("203.0.113.1", "i.example", "softfail"),
        ("192.0.2.1", "r.example", "pass"),
        ("192.0.2.7", "x.example", "pass"),
        ("192.0.2.8", "x.example", "fail"),
        ("192.0.2.9", "p.example", "pass"),
        ("192.0.2.8", "s.example", "unknown"),
        ("192.0.2.8", "loop.example", "permerror"),
        ("192.0.2.8", "void.example", "permerror"),
        ("192.0.2.8", "two.example", "permerror"),
        ("192.0.2.8", "bad.example", "permerror"),
        ("192.0.2.8", "neutral.example", "neutral"),
        ("192.0.2.8", "none.example", "none"),
        ("198.51.100.9", "masked.example", "pass"),
        ("192.0.2.8", "masked.example", "unknown"),
        ("192.0.2.8", "zeros.example", "unknown"),
        ("192.0.2.50", "zeros.example", "pass"),
    ],
)
def test_spf_of_today(address: str, domain: str, result: str) -> None:
    exchanges: list[Exchange] = []
    for _ in range(30):
        try:
            assert check_host(address, domain, "helo.example", Replies(exchanges).look)[0] == result
        except Open as needed:
            exchanges += replies(DNS, [f"{needed.rdtype} {needed.name}"])
        else:
            return
    pytest.fail("it asks for ever")


# Hostile mails.


def chained(count: int) -> bytes:
    line = "Received: from a.example (b.example [192.0.2.1]) by c.example with ESMTP; {}\r\n"
    return (line * count + HEADER).encode() + b"\r\nx"


def test_ten_thousand_received_lines() -> None:
    facts = looked_at(chained(10_000), {})
    assert (len(facts.hops), facts.left_out) == (100, 9_900)
    assert facts.unverifiable == 9_999
    assert text(facts).count("\n") < 200


def hostile(size: int) -> bytes:
    """A mail with every field that could cost more than it is long, and such a body."""
    fields = [
        b"Received: " + b"(" * size,
        b"Received: from " + b"a." * (size // 2) + b" by c.example; x",
        b"Received: from a " + b" \t" * (size // 2) + b"by b",
        b"Received: from a" + b"\r\n\tx" * (size // 4),
        b"From: " + b"a@b.example, " * (size // 13),
        b"From: " + b'<"' * (size // 2),
        b"From: " + "\u202e".encode() * (size // 3),
        b"From: " + b"=?utf-8?q?=E2=80=AE?= " * (size // 22),
        b"Authentication-Results: a; " + b"spf=pass (" * (size // 10),
        b"DKIM-Signature: " + b"a=1;" * (size // 4),
        b"DKIM-Signature: d=a.b; s=c; h=" + b"from:" * (size // 5),
    ]
    body = b" \t" * (size // 2) + b"x" + b"\r\n" * (size // 2)
    return b"\r\n".join([*fields, signed(body=b"")[:-4]]) + b"\r\n\r\n" + body


def test_hostile_fields_cost_as_much_as_they_are_long() -> None:
    assert growth(lambda size: looked_at(hostile(size), {}), 4_000) <= MOST


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no header field"),
        (b"\x89PNG\r\n\x1a\n\0\0", "first line is no header field"),
        ("Received: x\n".encode("utf-16"), "UTF-16"),
        (b"X-A: " + b"a" * 70_000 + b"\r\n\r\n", "no header field"),
        (b"X-A: a\r\n" * 600_000, "more than 4096 KiB"),
    ],
)
def test_what_is_no_mail_is_named(content: bytes, why: str) -> None:
    with pytest.raises(UnreadableMail, match=why):
        taken_apart(content)


def test_nothing_inside_a_mail_is_opened() -> None:
    """Nested parts, attached mails and scripts are a body that is hashed."""
    inner = "Content-Type: message/rfc822\r\n\r\n" + BORDER + "From: evil@bank.example\r\n\r\n"
    body = inner.encode() * 200 + b"\0\xff\x1b[2J"
    facts = looked_at(mail(signed(body=body)))
    assert facts.signatures[0].verdict == "holds"
    assert len(facts.hops) == 4
    assert facts.sender == "shop.example"


@given(st.binary(max_size=300))
def test_any_bytes_behind_a_field_can_be_read(content: bytes) -> None:
    facts = looked_at(b"Received: from a.example by b.example\r\nFrom: " + content, {})
    for lang in languages():
        assert text(facts, "list", lang)


# Real servers.


@pytest.mark.lab
def test_postfix_and_opendkim_sign_and_one_altered_byte_fails() -> None:
    selector = f"s{random.randrange(1000)}"  # noqa: S311  # another one each time
    with SignedMail(mails.rsa_pem(), mails.rsa_record(), selector) as lab:
        arrived = lab.letter(HEADER.encode() + b"\r\n" + BODY)
    found = mails.records(**{f"TXT {selector}._domainkey.shop.example": [mails.rsa_record()]})
    facts = looked_at(arrived, found)
    assert [(one.verdict, one.selector) for one in facts.signatures] == [("holds", selector)]
    assert (facts.border, facts.unverifiable) == ("192.0.2.25", 1)
    told = {(one.by, one.method, one.result, one.trusted) for one in facts.said}
    assert ("mx.own.example", "dkim", "pass", True) in told
    assert (facts.spf.result, facts.dmarc.aligned) == ("pass", ["spf", "dkim"])
    kept = format_header(kept_lines(taken_apart(arrived).fields)).encode().lower()
    assert [one for one in PERSONAL if one.lower() in kept] == []
    for old, new, verdict in (
        (b"parcel is", b"parcel iz", "body_changed"),
        (b"Your parcel", b"Your parcem", "does_not_hold"),
        (b"t=", b"t=1", "does_not_hold"),
    ):
        assert arrived.count(old) >= 1
        (one,) = looked_at(arrived.replace(old, new, 1), found).signatures
        assert one.verdict == verdict


# As an article has it.

PASTED = f"""
{{}}(view source)
{OWN}{RESULTS}{BORDER}{LOWER}{HEADER}
Dear Jane, here is the text. Received: nothing
""".replace("\r", "")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A blog with a mail beside an article, one outside the pages, and pasted headers."""
    folder = tmp_path_factory.mktemp("mails")
    pasted = "".join(f"  {line}\n" for line in (OWN + BORDER + LOWER + HEADER).splitlines())
    page = (
        "```probe\nmailfile: letters/one.eml\nid: one\n```\n"
        "```probe\nmailfile: letters/two.txt\nid: two\n```\n"
        "```probe\nmailfile: letters/link.eml\nid: link\n```\n"
        "```probe\nmailfile: missing.eml\nid: missing\n```\n"
        f"```probe\nmailfile: old.eml\nid: old\nobserved: 2026-11\ntranscript: |\n{pasted}\n"
        "  Dear Jane\n```\n"
    )
    make_site(
        folder,
        {"posts/index.md": page},
        resolvers=["127.0.0.9"],
        control=["127.0.0.9"],
        timeout=1,
    )
    with_evidence(folder)
    letters = folder / "docs" / "posts" / "letters"
    letters.mkdir()
    (letters / "one.eml").write_bytes(mail())
    (letters / "two.txt").write_bytes(mail().partition(b"\r\n\r\n")[0])
    (folder / "outside.eml").write_bytes(mail())
    (letters / "link.eml").symlink_to(folder / "outside.eml")
    done = build_site(folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_figures_of_a_page(site: Path) -> None:
    shown = figures((site / "site" / "posts" / "index.html").read_text("utf-8"))
    assert "192.0.2.25" in shown["one"]
    assert "nobody answered for its key" in shown["one"]
    assert "the file cannot be read here" in shown["link"]
    assert "the file cannot be read here" in shown["missing"]
    assert "(out7.shop.example [192.0.2.25]) by mx.own.example" in shown["old"]


def test_no_mail_reaches_the_site_and_no_person_the_disk(site: Path) -> None:
    published = {path.name for path in (site / "site").rglob("*")}
    assert not published & {"one.eml", "two.txt", "link.eml"}
    for folder in ("site", "evidence", ".cache"):
        for path in (site / folder).rglob("*"):
            if not path.is_file() or path.suffix not in (".html", ".json", ".jsonl", ".xml", ""):
                continue
            content = path.read_bytes().lower()
            found = [one for one in PERSONAL if len(one) > 3 and one.lower() in content]
            assert found == [], path


def test_pasted_headers_are_a_transcript() -> None:
    plain = (OWN + RESULTS + BORDER + LOWER + HEADER).replace("\r", "")
    kept = Mailfile.mask_listing(f"$ cat mail.eml\n{plain}\nDear Jane\nNote: Jane\n", {})
    assert kept.count("\n") == plain.count("\n") + 4
    assert [one for one in PERSONAL if one.lower() in kept.lower().encode()] == []
    for given_ in (kept, plain):
        (found,) = listings(given_, "mailfile")
        assert isinstance(found.facts, MailfileFacts)
        assert found.facts.border == "192.0.2.25"
        assert [one.trust for one in found.facts.hops] == ["claimed", "claimed", "border", "own"]
        assert found.facts.signatures == []


def test_a_remark_behind_a_pasted_line_stays() -> None:
    plain = BORDER.replace("\r", "").replace("(CET)", "(CET)  <-- 本物")
    kept = Mailfile.mask_listing(plain + HEADER.replace("\r", ""), {})
    assert "本物" in kept


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("mailfile: /etc/passwd", "no path of a file"),
        ("mailfile: ../../outside.eml", "outside the folder"),
        ("mailfile: a.eml\nown: ['a b']", "neither a name nor an address"),
    ],
)
def test_mistakes(keys: str, said: str) -> None:
    _, mistakes = read_definition(keys + "\n", "posts/a.md", 1, "t")
    assert said in str(mistakes[0])


def test_the_same_file_is_one_question_whichever_article_names_it() -> None:
    one, _ = read_definition("mailfile: a.eml\n", "posts/a.md", 1, "t")
    two, _ = read_definition("mailfile: ../posts/a.eml\n", "other/b.md", 1, "t")
    assert one
    assert two
    assert one.question("a.eml") == two.question("../posts/a.eml")


@pytest.mark.parametrize("raw", sorted(CASES.rglob("*.raw")), ids=lambda path: path.stem)
def test_recorded_mails(raw: Path) -> None:
    exchanges = [unpack(one) for one in json.loads(raw.read_text("utf-8"))]
    facts = read_mail(exchanges, []).facts
    assert msgspec.to_builtins(facts) == json.loads(raw.with_suffix(".json").read_text("utf-8"))
