"""Styles of kind ``http``: ``curl -IL``, ``curl -v``, a table of the hops."""

from collections.abc import Iterator

from sotokara.core.display import quoted, with_unicode
from sotokara.core.observation import Exchange
from sotokara.kinds.http.facts import HttpFacts, HttpHop
from sotokara.kinds.shared.view import Conclusion, Table, View
from sotokara.kinds.shared.web.message import HttpMessage, parse_message

_MOST_HEADERS = 40
_MOST_BODY = 60


def curl(view: View) -> list[str]:
    """Status and headers of each hop, as ``curl -sIL`` prints them; then what the page is."""
    facts: HttpFacts = view.facts
    lines = [f"$ curl -sIL {view.question.target}"]
    for one in _hops(view):
        message = parse_message(one.received or b"")
        if message is None:
            failure = view.words[one.failure.name] if one.failure else ""
            lines += [Conclusion(f"=> {_asked(one)}: {failure}")]
            continue
        lines += [*_head(message), ""]
    return [*lines, *_conclusions(view, facts)]


def _hops(view: View) -> list[Exchange]:
    return [one for one in view.exchanges if one.step.startswith("hop ")]


def _asked(one: Exchange) -> str:
    return one.sent.split(b"\r\n", 1)[0].decode("utf-8", "replace").removeprefix("GET ")


def _head(message: HttpMessage) -> list[str]:
    version = message.version.replace("HTTP/2.0", "HTTP/2")
    lines = [f"{version} {message.status} {message.reason}".rstrip()]
    lines += [f"{name}: {value}" for name, value in message.headers[:_MOST_HEADERS]]
    return [*lines, "…"] if len(message.headers) > _MOST_HEADERS else lines


def _conclusions(view: View, facts: HttpFacts) -> Iterator[str]:
    words = view.words
    said = words[f"http_{facts.verdict}"].format(hops=len(facts.hops), status=facts.status)
    yield Conclusion(f"=> {said}")
    for hop in facts.hops:
        if hop.problems:
            what = ", ".join(words[f"tls_short_{one}"] for one in hop.problems)
            yield Conclusion(f"=> {words['http_certificate'].format(url=hop.url, what=what)}")
    size = f"{facts.size:,} B" if facts.sha256 else ""  # a platform's report has none
    about = [facts.type, facts.charset, size]
    if facts.title:
        about.append(quoted(with_unicode(facts.title)))
    if facts.sha256:
        about.append(f"SHA-256 {facts.sha256[:16]}…")
    yield Conclusion(f"=> {', '.join(filter(None, about))}")
    if facts.trackers:
        ids = ", ".join(f"{one.service} {one.id}" for one in facts.trackers)
        yield Conclusion(f"=> {words['http_trackers'].format(ids=ids)}")
    if facts.favicon is not None:
        yield Conclusion(f"=> http.favicon.hash:{facts.favicon}")


def verbose(view: View) -> list[str]:
    """As ``curl -svL``: ``>`` what was asked, ``<`` what came, and the body where it is kept."""
    lines = [f"$ curl -svL {view.question.target}"]
    for one in _hops(view):
        first, *headers = one.sent.decode("utf-8", "replace").strip().split("\r\n")
        message = parse_message(one.received or b"")
        if message is None:
            failure = view.words[one.failure.name] if one.failure else ""
            lines += [f"* {_asked(one)}: {failure}"]
            continue
        lines.append(f"* Connected to {one.server} ({message.notes.get('address', '')})")
        lines += [f"> {first}", *(f"> {line}" for line in headers), ">"]
        lines += [f"< {line}" for line in _head(message)]
        lines.append("<")
        body = message.body.decode("utf-8", "replace").splitlines()
        lines += body[:_MOST_BODY] + (["…"] if body[_MOST_BODY:] else [])
    return [*lines, *_conclusions(view, view.facts)]


def table(view: View) -> Table:
    """A row for each hop."""
    facts: HttpFacts = view.facts
    words = view.words
    header = ["URL", words["http_status"], "HTTP", words["address"], "TLS"]
    return Table(header, [_row(view, hop) for hop in facts.hops])


def _row(view: View, hop: HttpHop) -> list[str]:
    words = view.words
    status = words[hop.failure] if hop.failure else str(hop.status)
    tls = ", ".join(words[f"tls_short_{one}"] for one in hop.problems)
    if not tls:
        tls = words["tls_short_trusted"] if hop.fingerprint else "–"
    return [with_unicode(hop.url), status, hop.version.removeprefix("HTTP/"), hop.address, tls]


STYLES = {"curl": curl, "verbose": verbose, "table": table}
