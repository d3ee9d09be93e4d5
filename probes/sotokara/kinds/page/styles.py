"""Styles of kind ``page``: what is to be read, what was loaded, and with whom it would connect."""

from collections.abc import Iterator

from sotokara.core.display import quoted, with_unicode
from sotokara.core.observation import Exchange
from sotokara.kinds.page.facts import VISIT, PageFacts
from sotokara.kinds.page.kept import connections
from sotokara.kinds.shared.view import Conclusion, Table, View
from sotokara.kinds.shared.web.message import parse_message

_MOST_HOSTS = 8
_LONGEST = 160
_NONE = "–"


def text(view: View) -> list[str]:
    """What is to be read in the page; then what it is, and whom it asks."""
    facts: PageFacts = view.facts
    return [*facts.text.splitlines(), *_conclusions(view, facts)]


def _conclusions(view: View, facts: PageFacts) -> Iterator[str]:
    words = view.words
    said = words[f"page_{facts.verdict}"].format(status=facts.status)
    about = [quoted(with_unicode(facts.title))] if facts.title else []
    yield Conclusion(f"=> {', '.join([*about, with_unicode(facts.url), said])}")
    keeps = getattr(view.question, "keep", "all") != "text"
    if keeps and view.observation.volatile and not view.observation.volatile.get("pictures"):
        yield Conclusion(f"=> {words['page_no_picture']}")
    if facts.problems:
        what = ", ".join(words[f"tls_short_{one}"] for one in facts.problems)
        yield Conclusion(f"=> {words['page_certificate'].format(what=what)}")
    if facts.hosts:
        named = ", ".join(with_unicode(one.host) for one in facts.hosts[:_MOST_HOSTS])
        more = "…" if len(facts.hosts) > _MOST_HOSTS else ""
        told = words["page_hosts"].format(count=len(facts.hosts), hosts=f"{named}{more}")
        yield Conclusion(f"=> {told}")
    for one in facts.refused[:_MOST_HOSTS]:
        where = f"{with_unicode(one.host)}:{one.port}"
        if one.address not in ("", one.host.strip("[]")):
            where += f" ({one.address})"
        yield Conclusion(f"=> {words['page_refused'].format(where=where)}")
    if facts.unreached:
        hosts = ", ".join(map(with_unicode, facts.unreached[:_MOST_HOSTS]))
        yield Conclusion(f"=> {words['page_unreached'].format(hosts=hosts)}")
    if facts.trackers:
        ids = ", ".join(f"{one.service} {one.id}" for one in facts.trackers)
        yield Conclusion(f"=> {words['page_trackers'].format(ids=ids)}")


def resources(view: View) -> Table:
    """A row for each request: when it was made, what came of it, its size and its hash."""
    words = view.words
    header = ["ms", "URL", words["page_status"], words["page_type"], "B", "SHA-256"]
    asked = [one for one in view.observation.exchanges if one.step.startswith("resource ")]
    return Table(header, [_row(one, words) for one in asked])


def _row(one: Exchange, words: dict[str, str]) -> list[str]:
    _, _, url = one.sent.split(b"\r\n", 1)[0].decode("utf-8", "replace").partition(" ")
    url = url if len(url) <= _LONGEST else f"{url[:_LONGEST]}…"
    message = parse_message(one.received or b"")
    if message is None:
        return [
            f"{one.at:.0f}",
            url,
            words[one.failure.name] if one.failure else _NONE,
            *[_NONE] * 3,
        ]
    kind = message.header("content-type").partition(";")[0].strip() or _NONE
    digest = message.notes.get("sha256", "")[:16] or _NONE
    size = message.notes.get("size") or _NONE
    return [f"{one.at:.0f}", url, str(message.status), kind, size, digest]


def connections_(view: View) -> Table:
    """A row for each connection that the page wanted: with whom, and what came of it."""
    words = view.words
    header = ["ms", words["page_host"], words["address"], words["page_connection"]]
    visit = next((one for one in view.observation.exchanges if one.step == VISIT), None)
    rows = []
    for one in connections(visit):
        failure = one.get("failure") or {}
        name = str(failure.get("name", "")) if isinstance(failure, dict) else ""
        came = words.get(name, name) if name else words["page_connected"]
        host = with_unicode(str(one.get("host", "")))
        at, where = str(one.get("at", "")), f"{host}:{one.get('port', '')}"
        rows.append([at, where, str(one.get("address", "")) or _NONE, came])
    return Table(header, rows)


STYLES = {"text": text, "resources": resources, "connections": connections_}
