"""What is hidden is found however it is spelled: in mail, on the web, in names and in numbers."""

import base64
import quopri
import unicodedata
from pathlib import Path
from urllib.parse import quote

import dns.message
import dns.rrset
import msgspec
import pytest
from sotokara.ledger import verify as verifier
from sotokara.ledger.redact import redact
from sotokara.masking.redaction import Redactor

from tests.growth import MOST, growth
from tests.tampered import keep, observation, runs

REDACTOR = Redactor(
    ["192.0.2.7", "2001:db8:7::/48", "Sécrèt", "secretword", "pc.home.example", "user@mail.example"]
)


@pytest.mark.parametrize(
    "text",
    [
        "::ffff:192.0.2.7", "::ffff:c000:207", "::ffff:0:c000:207", "::c000:207",
        "2002:c000:207::1", "64:ff9b::c000:207", "C0000207", "0xc0000207", "3221225991",
        "host-192-0-2-7.isp.example", "192-000-002-007", "7-2-0-192", "7.2.0.192.dnsbl.example",
        "2001:db8:7::1", "SÉCRÈT", "sécrèt", "SéCRèT", unicodedata.normalize("NFD", "Sécrèt"),
        unicodedata.normalize("NFD", "SÉCRÈT"), quote("Sécrèt"), quote("sécrèt").lower(),
        quopri.encodestring("Sécrèt".encode()).decode(),
        "S&#233;cr&#232;t".replace("S", "&#83;").replace("c", "&#99;").replace("r", "&#114;")
        .replace("t", "&#116;"),
        f"=?UTF-8?B?{base64.b64encode('an Sécrèt'.encode()).decode()}?=",
        "=?utf-8?q?an_S=C3=A9cr=C3=A8t?=", "=?iso-8859-1?Q?S=E9cr=E8t?=",
        f"=?us-ascii?B?{base64.b64encode(b'from 192.0.2.7').decode()}?=",
        "%73%65%63%72%65%74%77%6f%72%64", '"secret" "word"', "secret=\r\nword",
        "pc-home-example", "example.home.pc", "bounce-user=mail.example@list.example",
        "user%40mail.example",
    ],
)  # fmt: skip
def test_a_spelling_is_masked(text: str) -> None:
    masked = REDACTOR.text(f"x {text} y")
    assert masked != f"x {text} y"
    assert len(masked.encode()) == len(f"x {text} y".encode())
    assert REDACTOR.text(masked) == masked


@pytest.mark.parametrize(
    "text",
    ["192.0.2.8", "c0000208", "3221225992", "192-0-2-8", "2002:c000:208::1", "::ffff:c000:208",
     "secret word", "2026-01-02-03", "home.example", "=?utf-8?q?nothing?=", "20260102"],
)  # fmt: skip
def test_what_is_another_stays(text: str) -> None:
    assert REDACTOR.text(f"x {text} y") == f"x {text} y"


@pytest.mark.parametrize(
    ("rdtype", "value", "hidden"),
    [
        ("APL", "1:192.0.2.7/32", b"\xc0\x00\x02\x07"),
        ("WKS", "192.0.2.7 6 25", b"\xc0\x00\x02\x07"),
        ("IPSECKEY", "10 1 2 192.0.2.7 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==",
         b"\xc0\x00\x02\x07"),
        ("IPSECKEY", "10 2 2 2001:db8:7::1 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==",
         b"\x20\x01\x0d\xb8\x00\x07"),
        ("AAAA", "2002:c000:207::1", b"\xc0\x00\x02\x07"),
        ("TXT", '"secret" "word"', b"secret"),
        ("TXT", '"host-192-0-2-7"', b"192-0-2-7"),
    ],
)  # fmt: skip
def test_a_record_is_masked(rdtype: str, value: str, hidden: bytes) -> None:
    message = dns.message.make_response(dns.message.make_query("www.example.com.", rdtype))
    message.answer.append(dns.rrset.from_text("www.example.com.", 60, "IN", rdtype, value))
    wire = REDACTOR.message(message.to_wire())
    assert hidden not in wire
    assert len(wire) == len(message.to_wire())
    dns.message.from_wire(wire)


def test_long_text_is_masked_in_time() -> None:
    words = b"a-1-2-3 =?utf-8?q?x?= 12345678 "
    assert growth(lambda size: REDACTOR.mask(words * size), 500) <= MOST


def test_words_in_keys_go_too(tmp_path: Path) -> None:
    one = observation("a.example", "192.0.2.1")
    one = msgspec.structs.replace(one, volatile={"secretword": {"192.0.2.7": 1}, "addresses": 2})
    keep(tmp_path, one)
    done = redact(tmp_path, ["secretword", "192.0.2.7", "addresses"], "reason", "by")
    assert done.tombstone
    content = runs(tmp_path)[0].read_bytes()
    assert b"secretword" not in content
    assert b"192.0.2.7" not in content
    assert b'"addresses":2' in content  # a name of the facts' own
    codes = {found.code for found in verifier.verify(verifier.Folder(str(tmp_path)))}
    assert codes == {"redacted"}
