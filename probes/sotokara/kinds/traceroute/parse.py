"""From a trace to facts: hops, what is said at each, and how the path ends. Pure."""

import re
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any

import msgspec

from sotokara.core.addresses import is_address
from sotokara.core.canonical import NO_JSON
from sotokara.core.observation import Exchange, Failure, Reading
from sotokara.kinds.shared.addresses import chosen
from sotokara.kinds.traceroute.facts import PathFacts, TraceHop, end_of, reason, time_exceeded
from sotokara.kinds.traceroute.names import confirmed, names_of, origin_of
from sotokara.network.trace import Trace, TraceHead, TraceRow, decode_trace

_HOP = re.compile(r"^\s{0,3}(\d{1,2})\s+(\S.*)$")
_MORE = re.compile(r"^\s{3,}(\S.*)$")
_WORD = re.compile(r"(?P<less><)?\s?(?P<ms>\d+(?:[.,]\d+)?)\s*(?:ms|мс|ミリ秒)\b|(?P<word>\S+)")
_MARKS = {"!H": 1, "!N": 0, "!P": 2, "!X": 13, "!A": 13, "!S": 5}
_EXPIRED, _UNREACHABLE = 11, 3
_EXPIRED_6, _UNREACHABLE_6 = 3, 1
_CODES_6 = {"!H": 3, "!N": 0, "!X": 1, "!A": 1, "!P": 4, "!S": 5}


def rows_in(text: str, target: str) -> list[TraceRow]:
    """The probes of a listing. Times of ``<1 ms`` are only known to be less: they have none."""
    rows: list[TraceRow] = []
    number = 0
    for line in text.splitlines():
        if (match := _HOP.match(line)) and int(match[1]) == number + 1:
            number += 1
            rows += _rows(number, 0, match[2], target, "")
        elif number and (more := _MORE.match(line)):
            same = [row for row in rows if row.ttl == number]
            last = same[-1].address if same else ""
            rows += _rows(number, len(same), more[1], target, last)
    return rows


def _rows(number: int, nth: int, text: str, target: str, address: str) -> list[TraceRow]:
    """The probes in one line; times that come before any address are of the one that follows."""
    found: list[tuple[str, float | None, str]] = []
    early: list[int] = []
    behind = told = False
    for match in _WORD.finditer(text):
        word = (match["word"] or "").strip("[]().,")
        if match["ms"]:
            ms = None if match["less"] else float(match["ms"].replace(",", "."))
            if not address:
                early.append(len(found))
            found.append((address, ms, ""))
        elif match["word"] == "*":
            found.append(("", None, ""))
        elif (match["word"] or "").startswith("!") and found:
            found[-1] = (*found[-1][:2], match["word"] or "")
        elif is_address(word):
            address, behind = word, bool(early) or not found
            for at in early:
                found[at] = (address, *found[at][1:])
            early = []
        elif behind and address and re.search(r"\w", word):
            told = True
    if told:  # words behind tracert's address: "reports: Destination host unreachable."
        found = [(one, ms, "!") for one, ms, _ in found if one] or [(address, None, "!")]
    known = [one for one in found if one[0] or one[1] is None]
    return [_row(number, nth + at, target, one) for at, one in enumerate(known)]


def _row(number: int, nth: int, target: str, probe: tuple[str, float | None, str]) -> TraceRow:
    address, ms, mark = probe
    if not address:
        return TraceRow(number, nth, 0)
    v6 = ":" in address
    final = address == target and not mark
    icmp: int | None = None if final else (_EXPIRED_6 if v6 else _EXPIRED)
    code: int | None = None if final else 0
    if mark:
        icmp = _UNREACHABLE_6 if v6 else _UNREACHABLE
        bare = mark.strip("!<>")
        code = int(bare) if bare.isdigit() else (_CODES_6 if v6 else _MARKS).get(mark)
    return TraceRow(number, nth, 0, address, ms, icmp, code, final=final)


PATH = "path"
"""The step of the exchange that has the trace, as rows."""
TEXT_PATH = "path by the system's program"
"""The step where it is the listing that the system's own program printed."""
_RCODES = {2: "dns_servfail_error", 3: "dns_nxdomain_error", 5: "dns_refused_error"}


def trace_of(exchanges: Sequence[Exchange]) -> Trace | None:
    """The trace among exchanges; None where nothing was traced or it does not read."""
    for one in exchanges:
        if one.received is None:
            continue
        if one.step == PATH:
            try:
                return decode_trace(one.received)
            except NO_JSON:
                return None
        if one.step == TEXT_PATH:
            rows = rows_in(one.received.decode("utf-8", "replace"), one.server)
            count = max((row.nth for row in rows), default=0) + 1
            farthest = max((row.ttl for row in rows), default=0)
            protocol: Any = one.protocol
            v6 = ":" in one.server
            head = TraceHead(one.server, protocol, count, farthest, v6, "system")
            return Trace(head, rows)
    return None


def addresses_in(text: bytes) -> list[str]:
    """The addresses that answered, in the order of hops; of rows, or of a listing."""
    try:
        rows = decode_trace(text).rows
    except NO_JSON:
        rows = rows_in(text.decode("utf-8", "replace"), "")
    return list(dict.fromkeys(row.address for row in rows if is_address(row.address)))


def read_trace(exchanges: Sequence[Exchange], max_hops: int, family: int | None) -> Reading:
    """Facts; a failure where there was no address to trace to, or nothing answered at all."""
    path = trace_of(exchanges)
    if path is None:
        return Reading(failure=_unresolved(exchanges, family))
    rows = [row for row in path.rows if row.address or row.masked]
    path = msgspec.structs.replace(path, head=msgspec.structs.replace(path.head, max_hops=max_hops))
    end = end_of(path)
    last = max((row.ttl for row in rows), default=0)
    hops = [_hop([row for row in path.rows if row.ttl == n], n) for n in range(1, last + 1)]
    facts = PathFacts(address=path.head.address, hops=hops, end=end)
    failure = None if rows else Failure("generic_timeout_error", "path", "no hop answered")
    return Reading(facts, _volatile(path, exchanges, last), failure)


def _unresolved(exchanges: Sequence[Exchange], family: int | None) -> Failure:
    if any(one.step.startswith(PATH) for one in exchanges):
        return Failure("server_misbehaving", "path", "the trace does not read")
    for one in exchanges:
        if one.failure:
            return one.failure
        rcode = one.received[3] & 0x0F if one.received and len(one.received) > 3 else 0  # noqa: PLR2004
        if rcode in _RCODES:
            return Failure(_RCODES[rcode], "address of the target")
    wanted = f"no IPv{family} address" if family else "no address"
    if chosen(exchanges, "", family) is not None:  # it had been traced to
        return Failure("server_misbehaving", "path", "the trace is not there")
    return Failure("dns_no_answer", "address of the target", wanted)


def _hop(rows: Sequence[TraceRow], number: int) -> TraceHop:
    masked = next((row.masked for row in rows if row.masked), "")
    addresses = {row.address for row in rows if is_address(row.address)}
    unread = next((row.address for row in rows if row.address and row.address not in addresses), "")
    ordered = sorted(addresses, key=lambda one: (ip_address(one).version, int(ip_address(one))))
    whose = next((row.whose for row in rows if row.masked), "")
    return TraceHop(number, ordered, masked or unread, whose)


def _volatile(path: Trace, exchanges: Sequence[Exchange], last: int) -> dict[str, Any]:
    """Times, codes, names, origins: shown, but not compared."""
    volatile: dict[str, Any] = {
        "engine": path.head.engine,
        "protocol": path.head.protocol,
        "count": path.head.count,
        "replies": {
            str(number): [_reply(row, v6=path.head.v6) for row in path.rows if row.ttl == number]
            for number in range(1, last + 1)
        },
    }
    if path.head.ignored:
        volatile["ignored"] = path.head.ignored
    hosts = {}
    for row in path.rows:
        if is_address(row.address) and row.address not in hosts:
            hosts[row.address] = _host(exchanges, row.address)
    volatile["hosts"] = {address: host for address, host in hosts.items() if host}
    return volatile


def _reply(row: TraceRow, *, v6: bool) -> dict[str, Any] | None:
    """What one probe gave: None for silence."""
    if not row.address and not row.masked:
        return None
    reply: dict[str, Any] = {"masked": True} if row.masked else {"address": row.address}
    if row.ms is not None:
        reply["ms"] = row.ms
    if row.type is not None and not time_exceeded(row, v6=v6) and not row.final:
        reply["why"] = reason(row, v6=v6)
        reply["code"] = row.code
    for name in ("mtu", "quoted_ttl", "reply_ttl"):
        value = getattr(row, name)
        if value is not None and not (name == "quoted_ttl" and value == 1):
            reply[name] = value
    if row.state:
        reply["state"] = row.state
    return reply


def _host(exchanges: Sequence[Exchange], address: str) -> dict[str, Any]:
    host: dict[str, Any] = {}
    names = names_of(exchanges, address)
    good = [name for name in names if confirmed(exchanges, address, name)]
    if good or names:
        host["name"] = (good or names)[0]
        if not good:
            host["unconfirmed"] = True
    ases, as_name, _ = origin_of(exchanges, address)
    if ases:
        host["asn"] = sorted(ases)
        if as_name:
            host["as_name"] = as_name
    return host
