"""From a kept visit to facts: pure, and never trusting a byte of it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any

from sotokara.core.observation import Exchange, Failure, Reading
from sotokara.kinds.page.facts import CERTIFICATE, DOCUMENT, TEXT, VISIT, Host, PageFacts, Refused
from sotokara.kinds.page.kept import connections, size_of, told_of
from sotokara.kinds.shared.web.message import HttpMessage, parse_message
from sotokara.kinds.shared.web.page import read_page

_ERROR = 400
_MOST_TEXT = 65536
_MOST_HOSTS = 200


def read_visit(exchanges: Sequence[Exchange]) -> Reading:
    """The facts of one visit."""
    visit = next((one for one in exchanges if one.step == VISIT), None)
    if visit is None:
        failed = next((one.failure for one in exchanges if one.failure), None)
        return Reading(failure=failed or Failure("eof_error", "page"))
    told = told_of(visit)
    html = _received(exchanges, DOCUMENT)
    page = read_page(html, "text/html; charset=utf-8")
    loaded = list(_messages(exchanges))
    documents = [message for _, message in loaded if "document" in message.notes]
    status = documents[-1].status if documents else 0
    refused, unreached = _unconnected(connections(visit))
    problems, fingerprint = _tls(exchanges)
    facts = PageFacts(
        verdict=_verdict(str(told.get("state", "")), status),
        url=str(told.get("url", "")),
        status=status,
        title=page.title,
        text=_text(_received(exchanges, TEXT)),
        hosts=_hosts(exchanges),
        refused=refused,
        unreached=unreached,
        trackers=page.trackers,
        generator=page.generator,
        problems=problems,
        fingerprint=fingerprint,
    )
    volatile: dict[str, Any] = {
        "browser": str(told.get("browser", "")),
        "looked": visit.at,
        "pictures": list(_pictures(exchanges)),
    }
    return Reading(facts, {key: value for key, value in volatile.items() if value})


def _received(exchanges: Sequence[Exchange], step: str) -> bytes:
    return next((one.received or b"" for one in exchanges if one.step == step), b"")


def _messages(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, HttpMessage]]:
    for one in exchanges:
        if one.step.startswith("resource ") and (message := parse_message(one.received or b"")):
            yield one, message


def _verdict(state: str, status: int) -> str:
    if state in ("slow", "too_long"):
        return state
    return "error_status" if status >= _ERROR else "ok"


def _text(content: bytes) -> str:
    """Its lines, without empty ones and without the space at their ends."""
    lines = (" ".join(line.split()) for line in content.decode("utf-8", "replace").splitlines())
    return "\n".join(filter(None, lines))[:_MOST_TEXT]


def _hosts(exchanges: Sequence[Exchange]) -> list[Host]:
    asked = [one for one in exchanges if one.step.startswith("resource ")]
    count = Counter(one.server for one in asked)
    failed = Counter(one.server for one in asked if one.received is None)
    return [Host(host, count[host], failed[host]) for host in sorted(count)[:_MOST_HOSTS]]


def _unconnected(wanted: Sequence[dict[str, Any]]) -> tuple[list[Refused], list[str]]:
    """What policy refused; and the hosts with which it came to no connection, and no refusal."""
    refused, failed, reached = set(), set(), set()
    for one in wanted:
        host, port, failure = str(one.get("host", "")), one.get("port"), one.get("failure")
        if not failure:
            reached.add(host)
        elif isinstance(failure, dict) and failure.get("name") == "policy_refused":
            known = port if isinstance(port, int) else 0
            refused.add((host, known, str(one.get("address", ""))))
        else:
            failed.add(host)
    barred = {host for host, _, _ in refused}
    listed = [Refused(*one) for one in sorted(refused)[:_MOST_HOSTS]]
    return listed, sorted(failed - reached - barred)[:_MOST_HOSTS]


def _tls(exchanges: Sequence[Exchange]) -> tuple[list[str], str]:
    """What is wrong with the page's certificate, and its fingerprint."""
    recorded = next((one for one in exchanges if one.step == CERTIFICATE), None)
    if recorded is None or not recorded.received:
        return [], ""
    from sotokara.kinds.shared.tls.reading import read_tls  # brings in cryptography

    tls = read_tls(recorded.received, recorded.server.strip("[]"))
    return (tls.problems, tls.fingerprint) if tls else ([], "")


def _pictures(exchanges: Sequence[Exchange]) -> Iterator[dict[str, Any]]:
    """Each picture that was kept: its width, height and hash."""
    for one in exchanges:
        size = size_of(one.received or b"") if one.step.startswith("picture ") else None
        if size is not None:
            digest = sha256(one.received or b"").hexdigest()
            yield {"width": size[0], "height": size[1], "sha256": digest}
