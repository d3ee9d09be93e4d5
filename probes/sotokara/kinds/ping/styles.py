"""Styles of kind ``ping``: as the program of that name writes it, and a table."""

from statistics import mean

from sotokara.core.display import with_unicode
from sotokara.kinds.ping.facts import PingFacts
from sotokara.kinds.shared.view import Conclusion, Table, View

_MOST_CODES = 12


def ping(view: View) -> list[str]:
    """A line for each question, then the sum, then what it bounds."""
    facts: PingFacts = view.facts
    target = with_unicode(view.question.target)
    times = _times(view)
    lines = [f"PING {target} ({facts.address})"]
    for seq, took in enumerate(times, 1):
        said = "no answer" if took is None else f"time={took:.1f} ms"
        lines.append(f"seq={seq} {said}")
    heard = [took for took in times if took is not None] or [facts.best]
    loss = 100 * (facts.sent - facts.received) / facts.sent
    lines += [
        f"--- {target} ping statistics ---",
        f"{facts.sent} sent, {facts.received} received, {loss:.0f}% lost",
        f"round trip min/avg/max = {min(heard):.1f}/{mean(heard):.1f}/{max(heard):.1f} ms",
        Conclusion(f"=> {_bound(view)}"),
    ]
    if facts.excluded:
        lines.append(Conclusion(f"=> {_excluded(view)}"))
    return lines


def _times(view: View) -> list[float | None]:
    times: list[float | None] = view.observation.volatile.get("times", [])
    return times


def _bound(view: View) -> str:
    return view.words["ping_within"].format(km=f"{view.facts.within_km:,}")


def _excluded(view: View) -> str:
    """How many countries lie farther away, and the nearest of them."""
    codes = view.facts.excluded
    nearest = ", ".join(codes[:_MOST_CODES])
    return view.words["ping_excluded"].format(count=len(codes), nearest=nearest)


def table(view: View) -> Table:
    """What was asked, how often it answered, how fast, and what that bounds."""
    words, facts = view.words, view.facts
    rows = [
        [words["ping_address"], facts.address],
        [words["ping_answers"], f"{facts.received} / {facts.sent}"],
        [words["ping_best"], f"{facts.best:.1f} ms"],
        [words["ping_distance"], _bound(view)],
    ]
    if facts.excluded:
        rows.append([words["ping_not_in"], _excluded(view)])
    if facts.state:
        rows.insert(1, [words["ping_port"], words[f"ping_{facts.state}"]])
    return Table([words["name"], words["value"]], rows)


STYLES = {"ping": ping, "table": table}
