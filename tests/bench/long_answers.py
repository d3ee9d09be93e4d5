"""Long answers of whois servers: CPU seconds to mask and to read each of half a megabyte.

Reading has a bound of lines and is linear below it; an answer as long as this is masked and read in
a thread, so that other probes go on. At most 0.3 s each is the aim.
"""

import time
from collections.abc import Callable
from typing import Any

from sotokara.core.observation import Exchange
from sotokara.kinds.whois.kind import Whois
from sotokara.kinds.whois.persons import mask_persons

SIZE = 500_000
ANSWERS = {
    "`k: v` lines": b"k: v\n" * (SIZE // 5),
    "labels that all differ": b"".join(b"key%d: value %d\n" % (n, n) for n in range(SIZE // 20)),
    "persons": b"".join(b"Registrant Name%d: Jane Roe %d\n" % (n, n) for n in range(SIZE // 32)),
    "persons without labels": b"Jane Roe\n" * (SIZE // 9),
    "persons that all differ": b"".join(
        b"Registrant Name: Jane %c%c%c Roe\n" % (97 + n % 26, 97 + n // 26 % 26, 97 + n // 676 % 26)
        for n in range(SIZE // 30)
    ),
    "persons on long lines": (b"Registrant Name: " + b"Jane Roe " * 18 + b"\n") * (SIZE // 180),
    "networks": b"inetnum: 192.0.2.0 - 192.0.2.255\nnetname: EX\nsource: RIPE\n\n" * (SIZE // 62),
    "lines that go on": b"a: b\n" + b"          and so on\n" * (SIZE // 20),
}


def _spent(act: Callable[[], Any]) -> tuple[float, Any]:
    began = time.process_time()
    done = act()
    return time.process_time() - began, done


def _read(target: str, kept: bytes) -> float:
    one = Exchange("referral", "whois.example", "whois", received=kept, media_type="text/plain")
    question = Whois(target=target, server="whois.example")
    return _spent(lambda: question.parse([one]))[0]


def _row(name: str, text: bytes) -> str:
    masking, kept = _spent(lambda: mask_persons(text, "us-ascii"))
    domain, network = _read("a.example", kept), _read("192.0.2.1", kept)
    return f"| {name} | {masking:.2f} s | {domain:.2f} s | {network:.2f} s |"


def main() -> str:
    """A row for each answer."""
    head = ["| answer | mask | read a domain | read a network |", "|---|--:|--:|--:|"]
    return "\n".join([*head, *(_row(name, text) for name, text in ANSWERS.items())])
