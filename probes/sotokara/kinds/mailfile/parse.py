"""From what is kept of a mail to facts: pure."""

from collections.abc import Sequence

import msgspec

from sotokara.core.canonical import NO_JSON
from sotokara.core.observation import Exchange, Failure, Reading
from sotokara.kinds.mailfile.asking import CHECKS, HEADER, Taken
from sotokara.kinds.mailfile.header import read
from sotokara.kinds.mailfile.judging import Replies, judged


def read_mail(exchanges: Sequence[Exchange], own: Sequence[str]) -> Reading:
    """What a mail's header says and what can be verified of it."""
    kept = {one.step: one for one in exchanges}
    head, checks = kept.get(HEADER), kept.get(CHECKS)
    if head is None or head.received is None or checks is None:
        return Reading(failure=Failure("file_unreadable", "file"))
    try:
        taken = msgspec.json.decode(checks.received or b"{}", type=Taken)
    except NO_JSON as error:
        return Reading(failure=Failure("evidence_unreadable", CHECKS, type(error).__name__))
    lines = read(head.received.decode("utf-8", "replace"))
    facts = judged(lines, Replies(exchanges, closed=True), own, taken.checks)
    return Reading(msgspec.structs.replace(facts, left_out=facts.left_out + taken.too_long))
