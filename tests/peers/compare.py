"""A recorded answer read by the product, and how that differs from what its peer expects."""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sotokara.core.observation import Failure
from sotokara.kinds.shared.registry.facts import RegistryFacts
from sotokara.kinds.shared.registry.organizations import organization
from sotokara.kinds.shared.registry.target import read_target
from sotokara.kinds.whois.persons import mask_persons
from sotokara.kinds.whois.text import charset, decode_answer
from sotokara.kinds.whois.verdict import read_answer

from tests.peers.judged import why
from tests.peers.personal import staying
from tests.peers.recorded import LIMITED, NO_MATCH, REGISTERED, RESERVED, Recorded

RIGHT, PARTLY, WRONG, UNREAD, STALE = "right", "partly", "wrong", "not read", "stale label"
_DAYS = ("allocated", "updated", "expires")


@dataclass
class Outcome:
    """How one answer came out."""

    recorded: Recorded
    verdict: str
    differences: list[str] = field(default_factory=list)
    judged: list[str] = field(default_factory=list)
    """Differences that are the peer's, with why (see judged.py)."""
    survivors: list[str] = field(default_factory=list)
    """Personal values that are still in the masked answer or in its facts."""


def judge(one: Recorded) -> Outcome:
    """Mask and read one answer, then hold it against what its peer expects."""
    name = charset(one.server, one.raw)
    kept = decode_answer(mask_persons(one.raw, name), name)
    try:
        target = read_target(one.target)
    except ValueError:
        target = read_target("u34jedzcq.example")
    read = read_answer(one.server, kept, target)
    outcome = Outcome(one, RIGHT)
    got = read.name if isinstance(read, Failure) else read.answer
    outcome.survivors = [
        f"{value.what} {value.text}"
        for value in staying(one, kept, f"{kept}\n{read}")
        if not value.reason
    ]
    expected = {RESERVED: "unavailable"}.get(one.says, one.says)
    if not one.says or one.says == "other":
        outcome.verdict = ""
    elif one.says == REGISTERED:
        if isinstance(read, Failure) or got != REGISTERED:
            outcome.verdict = UNREAD if _expected(one) else STALE
            outcome.differences = [f"answer: {got} ({getattr(read, 'detail', '')})"]
        else:
            _facts(outcome, read)
    elif got != expected and not (one.says == RESERVED and got in (REGISTERED, NO_MATCH)):
        differs = f"answer: {got}, the peer says {one.says}"
        if reason := why(one, "answer", got, one.says):
            outcome.judged = [f"{differs}; {reason}"]
        else:
            outcome.verdict, outcome.differences = WRONG, [differs]
    return outcome


def _facts(outcome: Outcome, read: RegistryFacts) -> None:
    missing = wrong = False
    for name, expected in outcome.recorded.facts.items():
        ours = getattr(read, name)
        if expected is None or _same(name, ours, expected, read):
            continue
        if not _in(outcome.recorded, name, expected):
            outcome.differences.append(f"{name}: {ours or '-'!s}; not in the answer: {expected}")
            continue
        differs = f"{name}: {ours or '-'!s}, the peer says {expected}"
        if reason := why(outcome.recorded, name, ours, expected):
            outcome.judged.append(f"{differs}; {reason}")
            continue
        outcome.differences.append(differs)
        missing |= not ours
        wrong |= bool(ours)
    outcome.verdict = WRONG if wrong else PARTLY if missing else RIGHT


def _expected(one: Recorded) -> bool:
    """Whether anything that the peer expects can be in the answer at all."""
    return (
        any(_in(one, name, value) for name, value in one.facts.items() if value is not None)
        or not one.facts
    )


def _in(one: Recorded, name: str, expected: Any) -> bool:
    """Whether a value can be from this answer: samples were renewed and expectations were not."""
    text = one.raw.decode("utf-8", "replace").lower()
    if name in _DAYS:
        return str(expected)[:4] in text
    if name == "nameservers":
        return all(each in text for each in expected)
    plain = re.sub(r"\W|_", "", text)
    texts = expected if isinstance(expected, tuple) else (expected,)
    return any(re.sub(r"\W|_", "", str(each).lower()) in plain for each in texts if each)


_NOT_SHOWN = re.compile(r"redacted|not disclosed|not shown|^[a-z]+\d*-\d+$", re.IGNORECASE)


def _same(name: str, ours: Any, expected: Any, read: RegistryFacts) -> bool:
    if name in _DAYS and ours:
        apart = abs((date.fromisoformat(ours) - date.fromisoformat(expected)).days)
        return apart <= 1  # the peer's clock is in another time zone
    if name == "registrar":
        if ours in expected:
            return True
        return any(_alike(ours, each) for each in expected if each)
    if name == "organization":
        hidden = (read.person and not organization(expected)) or _NOT_SHOWN.search(expected)
        return _alike(ours, expected) or bool(not ours and hidden)
    if name == "nameservers":
        return [one.rstrip(".") for one in ours] == sorted({each.rstrip(".") for each in expected})
    return bool(ours == expected)


def _alike(ours: str, theirs: str) -> bool:
    first, second = (re.sub(r"[^\w]|_", "", text.lower()) for text in (ours, theirs))
    return bool(first) and (first.startswith(second) or second.startswith(first))


__all__ = ["LIMITED", "NO_MATCH", "Outcome", "judge"]
