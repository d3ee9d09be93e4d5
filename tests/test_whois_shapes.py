"""Kind `whois` on texts made to be slow to read: every one takes a moment, whatever its shape."""

import time

import pytest
from sotokara.kinds.whois.kind import Whois

from tests.test_whois_cases import exchange

LINE = 500_000
SHAPES = {
    "many above": b"inetnum: 9.9.0.0 - 9.9.255.255\norg: A\n\norganisation: B\n\n" * 8000,
    "above in Japanese": b"Less Specific Info.\n" + b"[ " * (LINE // 2),
    "one word": b"a" * LINE,
    "one line of spaces": b"OrgName: a" + b" " * LINE + b"(b",
    "brackets": b"[" * LINE,
    "a bracket and spaces": "上位情報\n[".encode() + b" " * LINE,
    "colons": b":" * LINE,
    "dots": b"a" + b"." * LINE,
    "numbers": b"NetRange: " + b"1.1.1.1/32, " * (LINE // 12),
    "objects": b"inetnum: 9.9.9.9/32\n\n" * (LINE // 21),
    "contacts": b"inetnum: 9.9.9.0/24\n" + b"admin-c: A\n\nnic-hdl: B\n" * (LINE // 23),
    "one contact list": b"inetnum: 9.9.9.0/24\n"
    + b"".join(b"admin-c: A%d\n" % n for n in range(30000)),
    "continued": b"a: b\n" + b"          and so on\n" * (LINE // 20),
    "mails": b"a@b." * (LINE // 4),
    "limits": b"exceeded the " * (LINE // 13),
    "pairs": b"k: v\n" * (LINE // 5),
    "persons": b"".join(b"Registrant Name%d: Jane Roe %d\n" % (n, n) for n in range(LINE // 32)),
    "dates of many words": b"a: 2001-01-01 " + b"on at " * (LINE // 6),
    "hosts": b"name server: " + b"a.b-" * (LINE // 4),
    "headings": b"Registrant:\n" * (LINE // 12),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_no_shape_of_text_takes_long(shape: str) -> None:
    began = time.process_time()
    for target in ("9.9.9.9", "a.example"):
        one = exchange("whois.example", SHAPES[shape])
        reading = Whois(target=target, server="whois.example").parse([one])
        assert reading.facts is not None or reading.failure is not None
    assert time.process_time() - began < 4
