"""Redaction: what an author hides is in no byte that is kept, and messages still parse."""

import json

import dns.edns
import dns.flags
import dns.message
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sotokara.core.observation import Exchange, Failure
from sotokara.masking.redaction import DNS_MESSAGE, Redactor

HIDDEN = ["192.0.2.7", "198.51.100.0/24", "2001:db8:7::/48", "secret", "pc.home.example", "山田"]
REDACTOR = Redactor(HIDDEN)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("from 192.0.2.7 port 25", "from xxx.x.x.x port 25"),
        ("from 192.0.2.77, 192.0.2.8", "from 192.0.2.77, 192.0.2.8"),
        ("1192.0.2.7", "1192.0.2.7"),
        ("EHLO [198.51.100.23]", "EHLO [xxx.xx.xxx.xx]"),
        ("2001:db8:7::25 said", "xxxx:xxx:x::xx said"),
        ("2001:DB8:7:0:0:0:0:25", "xxxx:xxx:x:x:x:x:x:xx"),
        ("2001:db8:8::25", "2001:db8:8::25"),
        ("7.2.0.192.in-addr.arpa", "x.x.x.xxx.in-addr.arpa"),
        ("8.2.0.192.in-addr.arpa", "8.2.0.192.in-addr.arpa"),
        ("My SECRET host", "My xxxxxx host"),
        ("at PC.Home.example.", "at xx.xxxx.xxxxxxx."),
        ("担当: 山田さん", "担当: xxxxxxさん"),
    ],
)
def test_text(text: str, masked: str) -> None:
    assert REDACTOR.text(text) == masked


@given(st.binary(max_size=200))
def test_no_length_changes(content: bytes) -> None:
    assert len(REDACTOR.mask(content)) == len(content)
    assert len(REDACTOR.message(content)) == len(content)


@given(st.binary(max_size=60), st.binary(max_size=60), st.sampled_from([b"192.0.2.7", b"SeCrEt"]))
def test_what_is_hidden_is_gone(before: bytes, after: bytes, hidden: bytes) -> None:
    content = b" ".join((before, hidden, after))
    assert hidden not in Redactor([hidden.decode()]).mask(content)


def _message(*rrsets: str) -> dns.message.Message:
    message = dns.message.make_query("www.example.com", "A", use_edns=0, payload=1232)
    message.flags |= dns.flags.QR
    for text in rrsets:
        name, rdtype, value = text.split(" ", 2)
        message.answer.append(dns.rrset.from_text(name, 60, "IN", rdtype, value))
    return message


def _masked(message: dns.message.Message) -> dns.message.Message:
    return dns.message.from_wire(REDACTOR.message(message.to_wire()))


@pytest.mark.parametrize(
    ("rrset", "value"),
    [
        ("a.example. A 192.0.2.7", "0.0.0.0"),  # noqa: S104  # a masked record
        ("a.example. A 192.0.2.8", "192.0.2.8"),
        ("a.example. AAAA 2001:db8:7::1", "::"),
        ('a.example. TXT "v=spf1 ip4:192.0.2.7 -all"', '"v=spf1 ip4:xxx.x.x.x -all"'),
        ("a.test. CNAME pc.home.example.", "xx.xxxx.xxxxxxx."),
        ("a.example. CNAME pc.home.example.", "xx.xxxx.example."),
        ("home.example. CNAME PC.home.example.", "xx.home.example."),
        ("b.home.example. CNAME pc.home.test.", "pc.home.test."),
        ("pc.home.test. CNAME pc.home.example.", "xx.xxxx.xxxxxxx."),
        ("a.example. CNAME secret.example.com.", "xxxxxx.example.com."),
        ("a.example. PTR 7.2.0.192.in-addr.arpa.", "x.x.x.xxx.in-addr.arpa."),
    ],
)  # fmt: skip
def test_records_are_masked_and_parse(rrset: str, value: str) -> None:
    (found,) = _masked(_message(rrset)).answer
    assert found[0].to_text() == value


def test_reverse_names_of_ipv6_are_masked() -> None:
    name = "5.2.0.0." + "0." * 16 + "7.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"
    assert REDACTOR.text(name) == "x." * 32 + "ip6.arpa"
    (found,) = _masked(_message(f"{name}. TXT x")).answer
    assert found.name.to_text() == "x." * 32 + "ip6.arpa."
    other = name.replace("7.0.0.0.8", "8.0.0.0.8")
    assert REDACTOR.text(other) == other


def test_the_client_subnet_is_always_taken_out() -> None:
    message = dns.message.make_query("www.example.com", "A", use_edns=0)
    message.use_edns(0, options=[dns.edns.ECSOption("203.0.113.0", 24, 24)])
    masked = dns.message.from_wire(Redactor([]).message(message.to_wire()))
    (option,) = masked.options
    assert isinstance(option, dns.edns.ECSOption)
    assert option.address == "0.0.0.0"  # noqa: S104  # masked


def test_an_exchange_is_masked_in_every_part() -> None:
    failure = Failure("connection_refused", "connect", "192.0.2.7 said no to 山田")
    before = Exchange(
        "ehlo", "mx (192.0.2.7)", "tcp", b"EHLO pc.home.example", b"250 hello 192.0.2.7", failure
    )
    after = REDACTOR.exchange(before)
    kept = repr(after)
    assert not any(one in kept for one in ("192.0.2.7", "pc.home", "山田"))
    assert after.received == b"250 hello xxx.x.x.x"


def test_an_exchange_without_secrets_stays_the_same_object() -> None:
    wire = _message("a.example. A 192.0.2.8").to_wire()
    exchange = Exchange("A", "resolver", "udp", wire, wire, media_type=DNS_MESSAGE)
    assert REDACTOR.exchange(exchange) is exchange


WORD = "山田太郎"
TEXT = f"a. [担当者]   {WORD} (Yamada)\r\nb. [住所] 東京 ﾔﾏ 表{WORD}。\r\n"
ENCODINGS = ["iso-2022-jp", "euc-jp", "shift_jis", "utf-8", "cp932", "iso2022_jp_ext"]


def _canaries() -> list[bytes]:
    """The word in every encoding that it might be found in, without ISO-2022-JP's escapes."""
    return [WORD.encode(name).strip(b"\x1b$B(") for name in ENCODINGS] + [
        json.dumps(WORD)[1:-1].encode()
    ]


@pytest.mark.parametrize("declared", ["as it is", "us-ascii", "iso-8859-1", "no-such", ""])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_words_go_in_any_japanese_encoding(encoding: str, declared: str) -> None:
    text = TEXT if encoding != "iso-2022-jp" else TEXT.replace("ﾔﾏ", "")
    raw = text.encode(encoding)
    name = encoding if declared == "as it is" else declared
    media_type = f"text/plain; charset={name}" if name else "text/plain"
    before = Exchange("referral", "whois.example", "whois", b"", raw, media_type=media_type)
    after = Redactor([WORD, "yamada"]).exchange(before).received or b""
    assert len(after) == len(raw)
    assert not [canary for canary in _canaries() if canary in after]
    kept = after.decode(encoding)
    assert kept.splitlines()[0].startswith("a. [担当者]   ")
    assert kept.splitlines()[0].endswith("(xxxxxx)")
    assert set(kept.splitlines()[1].partition("表")[2]) <= set("xｘ。")
    assert "住所" in kept


def test_half_width_letters_go_too() -> None:
    raw = "担当 ﾔﾏﾀﾞ".encode("iso2022_jp_ext")
    after = Redactor(["ﾔﾏﾀﾞ"]).mask(raw)
    assert after.decode("iso2022_jp_ext") == "担当 ｰｰｰｰ"


def test_a_word_that_latin_1_has() -> None:
    raw = "Jürgen Müller, München".encode("iso-8859-1")
    after = Redactor(["jürgen müller"]).mask(raw, "text/plain; charset=iso-8859-1")
    assert after.decode("iso-8859-1") == "xxxxxx xxxxxx, München"


def test_words_go_in_json_and_in_names() -> None:
    redactor = Redactor([WORD, "日本語.example"])
    masked = json.loads(redactor.mask(json.dumps({"fn": WORD, "n": "山"}).encode()))
    assert masked == {"fn": "x" * 24, "n": "山"}
    assert redactor.text("xn--wgv71a119e.example") == "xx--xxxxxxxxxx.xxxxxxx"
    rrset = dns.rrset.from_text("a.test.", 60, "IN", "CNAME", "www.xn--wgv71a119e.example.")
    message = dns.message.make_query("a.test", "CNAME")
    message.answer.append(rrset)
    wire = redactor.message(message.to_wire())
    assert b"xn--wgv" not in wire
    dns.message.from_wire(wire)


@given(
    st.text(alphabet="山田太郎 aｱ\n。東", max_size=40),
    st.sampled_from(["euc-jp", "shift_jis", "utf-8"]),
)
def test_what_is_not_hidden_stays(text: str, encoding: str) -> None:
    raw = text.encode(encoding)
    after = Redactor([WORD]).mask(raw, f"text/plain; charset={encoding}")
    size = len(WORD.encode(encoding))
    assert after == text.replace(WORD, "x" * size).encode(encoding)


@given(st.binary(max_size=200), st.sampled_from(ENCODINGS))
def test_no_length_changes_whatever_is_declared(content: bytes, encoding: str) -> None:
    content = b"\x1b$B" + content if encoding == "iso-2022-jp" else content
    hidden = Redactor(["山", "é", "あ"])
    assert len(hidden.mask(content, f"text/plain; charset={encoding}")) == len(content)
