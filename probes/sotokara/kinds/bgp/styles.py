"""Styles of kind ``bgp``: routes as lines, the time line of origins drawn, a table."""

from collections.abc import Iterator
from datetime import datetime

from sotokara.kinds.bgp.facts import BgpFacts, Leaked, Stretch
from sotokara.kinds.shared.view import Conclusion, PathRow, Picture, Table, View

_MOST = 40
_MOST_PREFIXES = 100


def routes(view: View) -> list[str]:
    """Each path as a line, what is inside the prefix, who came and went; then what follows."""
    facts: BgpFacts = view.facts
    words = view.words
    lines = []
    if facts.of_peers:
        seen = words["bgp_seen"].format(seen=facts.seen_by, of=facts.of_peers)
        lines.append(f"{view.question.target}  {facts.moment}  {seen}".rstrip())
    elif facts.moment:
        lines.append(f"{view.question.target}  {facts.moment}")
    lines += facts.prefixes[:_MOST_PREFIXES]
    for path in facts.paths[:_MOST]:
        peers = words["bgp_peers"].format(count=path.peers)
        judged = f"  {path.validity}" if path.validity else ""
        lines.append(f"{path.prefix}  {path.path.replace(' ', ' - ')}  {peers}{judged}")
    for one in facts.more_specifics[:_MOST]:
        inside = words["bgp_specific"].format(origins=", ".join(one.origins) or "-")
        lines.append(f"{one.prefix}  {inside}{f'  {one.validity}' if one.validity else ''}")
    lines += [f"{one} {words['bgp_route_object']}" for one in facts.route_objects]
    if facts.since:
        lines.append(f"--- {facts.since} - {facts.until} ---")
        lines += [_told(one, words) for one in facts.timeline[:_MOST]]
    return [*lines, *(Conclusion(f"=> {one}") for one in _conclusions(view))]


def _told(one: Stretch, words: dict[str, str]) -> str:
    came = one.came or words["bgp_before"]
    went = one.went or words["bgp_still"]
    ended = f" ({words['bgp_ended_' + one.ended.replace(' ', '_')]})" if one.ended else ""
    peers = words["bgp_peers"].format(count=one.peers) if one.peers else ""
    judged = _judged(one, words)
    parts = [one.prefix, one.origin or "{}", f"{came} - {went}{ended}", peers, judged]
    return "  ".join(filter(None, parts))


def _judged(one: Stretch, words: dict[str, str]) -> str:
    """The validity, and by which set where that is another than the figure's."""
    by = words["bgp_by_roas"].format(time=one.roas) if one.roas else ""
    return f"{one.validity} ({by})" if by else one.validity


def _leaks(facts: BgpFacts, words: dict[str, str]) -> Iterator[str]:
    """Each leak, and what cannot be told for want of a relation."""
    for one in facts.leaks[:_MOST]:
        told = words[f"bgp_sum_leak_{one.type}"].format(
            leaker=one.leaker, prefix=one.prefix, learned=one.learned_from, sent=one.sent_to
        )
        if facts.since:
            came, went = one.came or words["bgp_before"], one.went or words["bgp_still"]
            told = words["bgp_leak_when"].format(said=told, came=came, went=went)
        yield told
    if facts.untold:
        pairs = ", ".join(facts.missing)
        key = "bgp_sum_untold" if pairs else "bgp_sum_untold_sets"
        yield words[key].format(count=facts.untold, pairs=pairs)
    elif facts.relations and facts.paths and not facts.leaks:
        yield words["bgp_sum_no_leak"]


def _conclusions(view: View) -> Iterator[str]:
    facts: BgpFacts = view.facts
    words = view.words
    if not facts.origins and not facts.prefixes:
        yield words["bgp_sum_nobody"]
    if len(facts.origins) > 1:
        yield words["bgp_sum_several"].format(origins=", ".join(facts.origins))
    others = [one for one in facts.more_specifics if set(one.origins) - set(facts.origins)]
    for one in others[:5]:
        strangers = ", ".join(sorted(set(one.origins) - set(facts.origins)))
        yield words["bgp_sum_specific"].format(origin=strangers, prefix=one.prefix)
    for stretch in _strangers(facts, view.question.target):
        key = "bgp_sum_came_went" if stretch.went else "bgp_sum_came"
        yield words[key].format(
            origin=stretch.origin,
            prefix=stretch.prefix,
            came=stretch.came,
            went=stretch.went,
        )
    invalid = {(one.prefix, one.origin) for one in facts.paths if one.validity == "Invalid"}
    for prefix, origin in sorted(invalid)[:5]:
        yield words["bgp_sum_invalid"].format(prefix=prefix, origin=origin or "{}")
    yield from _leaks(facts, words)


def _strangers(facts: BgpFacts, target: str) -> Iterator[Stretch]:
    """Origins that came beside those that were there, or for a prefix inside of theirs."""
    before = {one.origin for one in facts.timeline if not one.came}
    around = {one.origin for one in facts.timeline if one.prefix == target} | before
    for one in facts.timeline[:_MOST]:
        known = around if one.prefix != target else before
        if one.came and one.origin and known and one.origin not in known:
            yield one


def timeline(view: View) -> Picture | list[str]:
    """A row for each origin and prefix, its bar from when it came to when it went."""
    facts: BgpFacts = view.facts
    if not facts.since or not facts.timeline:
        return routes(view)
    words = view.words
    start, end = _seconds(facts.since), _seconds(facts.until)
    whole = max(end - start, 1.0)
    shown: list[tuple[Stretch | Leaked, str, str]] = [
        (one, f"{one.prefix} {one.origin or '{}'}", _judged(one, words))
        for one in facts.timeline[:_MOST]
    ]
    for leak in facts.leaks[:_MOST]:
        name = words["bgp_leak_row"].format(prefix=leak.prefix, leaker=leak.leaker)
        shown.append((leak, name, words["bgp_leak_type"].format(type=leak.type)))
    rows = []
    for number, (one, name, judged) in enumerate(shown, 1):
        came = _seconds(one.came) if one.came else start
        went = _seconds(one.went) if one.went else end
        told = f"{one.came or words['bgp_before']} - {one.went or words['bgp_still']}"
        rows.append(
            PathRow(
                str(number),
                (name,),
                said=" · ".join(filter(None, [told, judged])),
                time=words["bgp_peers"].format(count=one.peers) if one.peers else "",
                span=((came - start) / whole * 100, (went - start) / whole * 100),
            )
        )
    return Picture(rows, ("", words["bgp_origin"], words["bgp_when"]))


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp() if text else 0.0


def table(view: View) -> Table:
    """A row for each stretch of a span; without one, for each path."""
    facts: BgpFacts = view.facts
    words = view.words
    if facts.since:
        header = [words[f"bgp_{one}"] for one in ("prefix", "origin", "came", "went", "validity")]
        rows = [
            [
                one.prefix,
                one.origin,
                one.came or words["bgp_before"],
                one.went or words["bgp_still"],
                _judged(one, words),
            ]
            for one in facts.timeline[:_MOST]
        ]
    else:
        names = ("prefix", "path", "origin", "seen_by", "validity")
        header = [words[f"bgp_{one}"] for one in names]
        rows = [
            [one.prefix, one.path, one.origin, str(one.peers), one.validity]
            for one in facts.paths[:_MOST]
        ]
        rows += [[one, "", facts.origins[0], "", ""] for one in facts.prefixes[:_MOST_PREFIXES]]
    return Table(header, rows or [["", words["bgp_sum_nobody"], "", "", ""]])


STYLES = {"routes": routes, "timeline": timeline, "table": table}
