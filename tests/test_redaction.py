"""Redaction: what an author hides is in no byte that is kept, and messages still parse."""

import dns.edns
import dns.flags
import dns.message
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.observation import Exchange, Failure
from probes.redaction import DNS_MESSAGE, Redactor

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
