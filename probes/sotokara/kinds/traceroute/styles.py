"""Styles of kind ``traceroute``: as tracert, traceroute and mtr write a path, and as a picture."""

from collections.abc import Sequence
from typing import Any

from sotokara.core.display import with_unicode
from sotokara.kinds.shared.view import PathRow, Picture, Table, View
from sotokara.kinds.traceroute.facts import PathFacts, TraceHop

_MARKS = {"network": "!N", "host": "!H", "protocol": "!P", "port": "!", "source_route": "!S"}
_REPORTS = {
    "network": "Destination net unreachable.",
    "host": "Destination host unreachable.",
    "protocol": "Destination protocol unreachable.",
    "port": "Destination port unreachable.",
    "size": "Packet needs to be fragmented but DF set.",
    "prohibited": "Destination is administratively prohibited.",
}
_SILENT = "*   "
_UNDER = 1.0
"""Milliseconds below which tracert writes ``<1 ms``."""


def hosts_of(view: View) -> dict[str, dict[str, Any]]:
    """What is said of each address: ``name``, ``unconfirmed``, ``asn``, ``as_name``."""
    return view.observation.volatile.get("hosts", {})  # type: ignore[no-any-return]


def replies_of(view: View, number: int) -> list[dict[str, Any] | None]:
    """What each probe of a hop gave; None for silence; empty where only addresses are known."""
    return view.observation.volatile.get("replies", {}).get(str(number), [])  # type: ignore[no-any-return]


def tracert(view: View) -> list[str]:
    """As Windows' tracert writes it, and as the hand-made post had it."""
    facts: PathFacts = view.facts
    name = hosts_of(view).get(facts.address, {}).get("name") or _named(view)
    target = f"{with_unicode(name)} [{facts.address}]" if name else facts.address
    lines = [f"Tracing route to {target}", f"over a maximum of {view.question.max_hops} hops:", ""]  # type: ignore[attr-defined]
    for hop in facts.hops:
        replies = replies_of(view, hop.number)
        times = "".join(f"{_tracert_time(one):>9}" for one in replies)
        where = _places(view, hop, "[", "]") or ["Request timed out."]
        if why := _why(replies):
            where[-1] += f"  reports: {_REPORTS.get(why, 'Destination unreachable.')}"
        lines.append(f"{hop.number:3d}{times}  {where[0]}")
        lines += [f"{'':3}{'':{9 * len(replies)}}  {more}" for more in where[1:]]
    return [*lines, *_tail(view, 3, f"{_SILENT:>9}", "  Request timed out."), *_complete(facts)]


def _named(view: View) -> str:
    return "" if view.question.target == view.facts.address else view.question.target


def _tracert_time(reply: dict[str, Any] | None) -> str:
    if reply is None:
        return _SILENT
    if reply.get("masked"):
        return "** ms"
    ms = reply.get("ms")
    return "<1 ms" if ms is None or ms < _UNDER else f"{ms:.0f} ms"


def _tail(view: View, width: int, silent: str, words: str) -> list[str]:
    """The first silent hop behind the last answer; the rest of the silence in one line."""
    end, most = view.facts.end, view.question.max_hops  # type: ignore[attr-defined]
    if end.how != "silent":
        return []
    count = view.observation.volatile.get("count", 3)
    lines = [f"{end.hop:{width}d}{silent * count}{words}"]
    return lines if end.hop >= most else [*lines, f" …   ({end.hop + 1}–{most} as well)"]


def _complete(facts: PathFacts) -> list[str]:
    return ["", "Trace complete."] if facts.end.how == "reached" else []


def _why(replies: Sequence[dict[str, Any] | None]) -> str:
    return next((one["why"] for one in replies if one and one.get("why")), "")


def _places(view: View, hop: TraceHop, before: str, after: str) -> list[str]:
    """``name [address]`` of every address at a hop, in the order in which they answered."""
    if hop.masked:
        return [hop.masked.replace("[", before).replace("]", after)]
    heard = [one.get("address") for one in replies_of(view, hop.number) if one]
    ordered = sorted(hop.addresses, key=lambda one: heard.index(one) if one in heard else 0)
    return [_place(view, address, before, after) for address in ordered]


def _place(view: View, address: str, before: str, after: str) -> str:
    host = hosts_of(view).get(address, {})
    if not host.get("name"):
        return address
    doubt = " ?" if host.get("unconfirmed") else ""
    return f"{with_unicode(host['name'])}{doubt} {before}{address}{after}"


def traceroute(view: View) -> list[str]:
    """As Linux's traceroute writes it, with the origin AS behind each address."""
    facts: PathFacts = view.facts
    most = view.question.max_hops  # type: ignore[attr-defined]
    lines = [f"traceroute to {view.question.target} ({facts.address}), {most} hops max"]
    for hop in facts.hops:
        parts: list[str] = []
        last = ""
        for reply in replies_of(view, hop.number):
            if reply is None:
                parts.append("*")
                continue
            place = hop.masked or _with_as(view, reply["address"])
            parts += [place] if place != last else []
            last = place
            parts.append(_traceroute_time(reply))
        if not parts:
            parts = _places(view, hop, "(", ")") or ["*"]
        lines.append(f"{hop.number:2d}  {'  '.join(parts)}")
    return [*lines, *_tail(view, 2, "  *", "")]


def _with_as(view: View, address: str) -> str:
    asn = hosts_of(view).get(address, {}).get("asn", [])
    place = _place(view, address, "(", ")")
    return f"{place} [{'/'.join(f'AS{one}' for one in asn)}]" if asn else place


def _traceroute_time(reply: dict[str, Any]) -> str:
    if reply.get("masked"):
        return "** ms"
    mark = ""
    if why := reply.get("why"):
        mark = _MARKS.get(why, "!X" if why == "prohibited" else f"!{reply.get('code', '')}")
        mark = f" !F-{reply.get('mtu', 0)}" if why == "size" else f" {mark}"
    if "quoted_ttl" in reply:  # our packet did not arrive with the TTL that expires
        mark += f" (ttl={reply['quoted_ttl']}!)"
    return f"{reply['ms']:.3f} ms{mark}" if "ms" in reply else f"{_tracert_time(reply)}{mark}"


def mtr(view: View) -> Table:
    """As mtr's report: replies, loss and times of each hop."""
    facts: PathFacts = view.facts
    words = view.words
    header = [
        words[key] for key in ("hop", "host", "as", "replies", "loss", "best", "avg", "worst")
    ]
    count = view.observation.volatile.get("count", 0)
    rows = []
    for hop in facts.hops:
        replies = replies_of(view, hop.number)
        times = [one["ms"] for one in replies if one and "ms" in one]
        heard = sum(one is not None for one in replies)
        lost = _loss(view, hop)
        loss = f"{lost:.0%}" if heard and lost is not None else "–"
        rows.append(
            [
                str(hop.number),
                ", ".join(_places(view, hop, "(", ")")) or "–",
                ", ".join(_as_names(view, hop)) or "–",
                f"{heard}/{count}" if not hop.masked else "–",
                loss,
                *(
                    [f"{one:.1f}" for one in (min(times), sum(times) / len(times), max(times))]
                    if times
                    else ["–"] * 3
                ),
            ]
        )
    if facts.end.how == "silent":
        rows.append([str(facts.end.hop), "–", "–", f"0/{count}", "–", "–", "–", "–"])
    return Table(header, rows)


def _loss(view: View, hop: TraceHop) -> float | None:
    replies = replies_of(view, hop.number)
    if hop.masked or not replies:
        return None
    return sum(one is None for one in replies) / len(replies)


def _as_names(view: View, hop: TraceHop) -> list[str]:
    every = [
        one for address in hop.addresses for one in hosts_of(view).get(address, {}).get("asn", [])
    ]
    return [f"AS{one}" for one in dict.fromkeys(every)]


def picture(view: View) -> Picture:
    """One row per hop, times as bars, AS boundaries marked, hidden hops as gaps."""
    facts: PathFacts = view.facts
    rows = []
    for hop in facts.hops:
        replies = replies_of(view, hop.number)
        times = tuple(one["ms"] for one in replies if one and "ms" in one)
        names = [hosts_of(view).get(one, {}).get("as_name", "") for one in hop.addresses]
        ases = _as_names(view, hop)
        rows.append(
            PathRow(
                number=str(hop.number),
                places=tuple(_places(view, hop, "[", "]")),
                masked=bool(hop.masked),
                network=" / ".join(ases),
                network_name=next(filter(None, names), "") if len(ases) == 1 else "",
                times=times,
                said=_said(view, hop, replies),
            )
        )
    if facts.end.how == "silent":
        rows.append(PathRow(number=f"{facts.end.hop}…", said=view.words["path_nothing"]))
    return Picture(rows)


def _said(view: View, hop: TraceHop, replies: Sequence[dict[str, Any] | None]) -> str:
    if not hop.addresses and not hop.masked:
        return view.words["path_no_reply"]
    if why := _why(replies):
        return view.words[f"unreachable_{why}"]
    if hop.number == view.facts.end.hop and view.facts.end.how == "reached":
        return view.words["path_target"]
    return ""


STYLES = {"tracert": tracert, "traceroute": traceroute, "mtr": mtr, "picture": picture}
