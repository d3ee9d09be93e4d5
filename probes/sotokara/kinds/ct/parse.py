"""From an index's rows to facts: pure."""

import json
from collections.abc import Sequence

import msgspec

from sotokara.core.observation import Exchange, Failure, Reading
from sotokara.kinds.ct.asking import INDEX
from sotokara.kinds.ct.entries import MOST_SHOWN, entries_of, rows_of
from sotokara.kinds.ct.facts import CtFacts


def safe(exchange: Exchange) -> Exchange:
    """An index's answer with only what may be kept of each row."""
    if exchange.step != INDEX or exchange.received is None:
        return exchange
    try:
        rows = rows_of(exchange.received)
    except (ValueError, RecursionError) as error:
        told = "no JSON object" if isinstance(error, json.JSONDecodeError) else str(error)[:80]
        failure = Failure("index_unavailable", INDEX, told)
        return msgspec.structs.replace(exchange, received=None, failure=failure)
    return msgspec.structs.replace(exchange, received=msgspec.json.encode(rows))


def read_index(exchanges: Sequence[Exchange], after: str) -> Reading:
    """The certificates of a name since a day."""
    answer = next((one for one in exchanges if one.step == INDEX), None)
    if answer is None or answer.received is None:
        failure = answer.failure if answer else None
        return Reading(failure=failure or Failure("index_unavailable", INDEX))
    try:
        rows = rows_of(answer.received)
    except (ValueError, RecursionError):
        return Reading(failure=Failure("index_unavailable", INDEX, "no JSON object"))
    entries = entries_of(rows, after)
    days = sorted(one.first_seen for one in entries if one.first_seen)
    facts = CtFacts(
        count=len(entries),
        certificates=entries[:MOST_SHOWN],
        issuers=sorted({one.issuer for one in entries}),
        names=sorted({name for one in entries for name in one.names}),
        first_seen=days[0] if days else "",
        latest=days[-1] if days else "",
    )
    volatile = {"ms": answer.ms} if answer.ms is not None else {}
    return Reading(facts, volatile)
