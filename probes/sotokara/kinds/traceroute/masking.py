"""Taking hops out of a trace before anything reads it: addresses, times, names, origins."""

from collections.abc import Sequence

import msgspec

from sotokara.core.addresses import is_address
from sotokara.core.observation import Exchange
from sotokara.core.own_network import (
    PLACEHOLDER,
    Masks,
    SeenHop,
    hidden_hops,
    hides_address,
    whose_hops,
)
from sotokara.kinds.traceroute.names import announced_as, concerns, names_of, origin_of
from sotokara.kinds.traceroute.parse import PATH, trace_of
from sotokara.kinds.traceroute.registered import STEP, holders_of
from sotokara.network.trace import Trace, TraceRow, encode_trace

_AS_NAME = "name of AS"


def mask_own_hops(exchanges: Sequence[Exchange], masks: Masks, target: str) -> list[Exchange]:
    """The exchanges without what is hidden. A system's own listing becomes rows, hidden ones blank.

    ``target``: as the article writes it.
    """
    path = trace_of(exchanges)
    if path is None:  # cut off: whose the hops are that were looked up is not known
        return [one for one in exchanges if not concerns(one) and _AS_NAME not in one.step]
    hops, own = seen_hops(exchanges, path), path.head.address
    written = target == own
    hidden = hidden_hops(masks, hops, own, written=written)
    gone = {one for hop in hops if hop.number in hidden for one in hop.addresses}
    target_gone = not written and (own in gone or hides_address(masks, own))
    if not hidden and not target_gone:
        return list(exchanges)
    whose = whose_hops(masks, hops)
    shown = {one for hop in hops for one in hop.addresses} - gone
    shown |= set(map(announced_as, shown)) - set(map(announced_as, gone))
    ases = {str(number) for address in shown for number in origin_of(exchanges, address)[0]}
    named = {hop.number for hop in hops if any(names_of(exchanges, one) for one in hop.addresses)}
    kept = []
    for exchange in exchanges:
        if exchange.step.startswith(PATH):
            kept.append(_path(exchange, path, (hidden, named, whose), target_gone=target_gone))
        elif exchange.step.startswith(_AS_NAME):
            kept += [exchange] if exchange.step.removeprefix(_AS_NAME) in ases else []
        elif exchange.step in ("A", "AAAA"):
            kept += [] if target_gone else [exchange]
        elif concerns(exchange) in shown or exchange.step.removeprefix(STEP) in shown:
            kept.append(exchange)
    return kept


def seen_hops(exchanges: Sequence[Exchange], path: Trace) -> list[SeenHop]:
    """The hops that answered, in order, with what was found out about whose they are."""
    numbers = sorted({row.ttl for row in path.rows if is_address(row.address)})
    hops = []
    for number in numbers:
        rows = [row for row in path.rows if row.ttl == number and is_address(row.address)]
        at = {row.address for row in rows}
        origins = [origin_of(exchanges, address) for address in sorted(at)]
        ases = frozenset(one for found, _, _ in origins for one in found)
        nobody = all(nobody for _, _, nobody in origins)
        holders = holders_of(exchanges, at)
        translated = any(row.translated for row in rows)
        hops.append(SeenHop(number, frozenset(at), ases, nobody, holders, translated))
    return hops


def _path(
    exchange: Exchange,
    path: Trace,
    hops: tuple[dict[int, str], set[int], dict[int, str]],
    *,
    target_gone: bool,
) -> Exchange:
    """The rows again; in those that are hidden only what sort of answer came is left.

    ``hops``: those that are hidden, those that have a name, and whose they are.
    """
    hidden, named, whose = hops
    rows = [
        TraceRow(
            row.ttl,
            row.nth,
            row.at,
            type=row.type,
            code=row.code,
            final=row.final,
            masked=_text(row.ttl, hidden, named),
            whose=whose.get(row.ttl, ""),
        )
        if row.ttl in hidden
        else row
        for row in path.rows
    ]
    head = path.head
    if target_gone:
        head = msgspec.structs.replace(head, address=PLACEHOLDER)
    text = encode_trace(Trace(head, rows))
    return msgspec.structs.replace(exchange, step=PATH, server=head.address, received=text)


def _text(number: int, hidden: dict[int, str], named: set[int]) -> str:
    """As the hand-made post has it: ``name [address]``, both hidden, or the address alone."""
    if number in named and hidden[number] == PLACEHOLDER:
        return f"{PLACEHOLDER} [******]"
    return hidden[number]
