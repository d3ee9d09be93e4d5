"""From kept hops to facts: pure, and never trusting a byte of them."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from sotokara.core.observation import Exchange, Failure, Reading
from sotokara.kinds.http.facts import VERDICTS, HttpFacts, HttpHop
from sotokara.kinds.shared.tls.facts import PROBLEMS
from sotokara.kinds.shared.web.message import HttpMessage, parse_message
from sotokara.kinds.shared.web.target import MOST_HOPS, REDIRECTS, onward
from sotokara.kinds.shared.web.trackers import Tracker

# What is read of a response's headers: those that can be compared, the names of its cookies.

_COMPARED = frozenset(
    (  # noqa: SIM905  # a column of words is easier to read
        "server content-type content-language strict-transport-security content-security-policy "
        "x-powered-by x-generator x-frame-options x-content-type-options x-robots-tag "
        "x-redirect-by "
        "referrer-policy permissions-policy cross-origin-opener-policy alt-svc cache-control vary "
        "www-authenticate retry-after content-encoding"
    ).split()
)
"""Headers that are the same until somebody changes the server."""
_NONCE = re.compile(r"nonce-[A-Za-z0-9+/_=-]+")
_MOST_COOKIES = 50


def compared(message: HttpMessage) -> dict[str, str]:
    """Headers that can be compared, by name in lower case; several of one name are joined."""
    found: dict[str, str] = {}
    for name, value in message.headers:
        key = name.lower()
        if key in _COMPARED:
            plain = _NONCE.sub("nonce-…", value)[:_MOST_VALUE]
            found[key] = f"{found[key]}, {plain}" if key in found else plain
    return dict(sorted(found.items()))


def cookies_of(message: HttpMessage) -> list[str]:
    """The names of the cookies that a response sets."""
    set_ = (value for name, value in message.headers if name.lower() == "set-cookie")
    return sorted({value.partition("=")[0].strip() for value in set_})[:_MOST_COOKIES]


_ERROR = 400
_MOST_VALUE = 500


def read_hops(exchanges: Sequence[Exchange]) -> Reading:
    """The facts of all hops of one definition."""
    asked = [one for one in exchanges if one.step.startswith("hop ")]
    if not asked:
        return Reading(failure=Failure("eof_error", "hop 1"))
    read = [(one, parse_message(one.received or b"")) for one in asked]
    answered = [message for _, message in read if message is not None]
    if not answered:
        return Reading(failure=asked[0].failure or Failure("unknown_form", asked[0].server))
    hops = [_hop(one, message, exchanges) for one, message in read]
    facts = _facts(answered[-1], hops, _verdict(answered[-1], hops, asked), exchanges)
    took = [one.ms for one in asked if one.ms is not None]
    volatile: dict[str, Any] = {"ms": round(sum(took), 1)} if took else {}
    return Reading(facts, volatile)


def _hop(one: Exchange, message: HttpMessage | None, exchanges: Sequence[Exchange]) -> HttpHop:
    asked = one.sent.split(b"\r\n", 1)[0].decode("utf-8", "replace").removeprefix("GET ")
    if message is None:
        return HttpHop(asked, failure=one.failure.name if one.failure else "unknown_form")
    problems, fingerprint = _tls(one, exchanges)
    if "tls_fingerprint" in message.notes:  # as a platform judges it
        problems = [text] if (text := message.notes.get("tls_problem")) in PROBLEMS else []
        fingerprint = message.notes["tls_fingerprint"]
    location = ""
    if message.status in REDIRECTS and (said := message.header("location")):
        try:
            location = onward(message.notes.get("url", asked), said)
        except ValueError:
            location = said[:_MOST_VALUE]
    return HttpHop(
        message.notes.get("url", asked),
        message.status,
        message.version,
        message.notes.get("address", ""),
        location,
        problems,
        fingerprint,
    )


def _tls(hop: Exchange, exchanges: Sequence[Exchange]) -> tuple[list[str], str]:
    """What is wrong with a hop's certificate, and its fingerprint."""
    step = hop.step.replace("hop", "certificate")
    recorded = next((one.received for one in exchanges if one.step == step), None)
    if not recorded:
        return [], ""
    from sotokara.kinds.shared.tls.reading import read_tls  # brings in cryptography

    tls = read_tls(recorded, hop.server.strip("[]"))
    return (tls.problems, tls.fingerprint) if tls else ([], "")


def _verdict(last: HttpMessage, hops: Sequence[HttpHop], asked: Sequence[Exchange]) -> str:
    """How it ended."""
    if hops[-1].failure:
        refused = hops[-1].failure == "policy_refused"
        return "hop_refused" if refused else "hop_failed"
    if onwards := hops[-1].location:
        if onwards in {one.url for one in hops}:
            return "redirect_loop"
        nowhere = "not_followed" if last.notes.get("followed") == "no" else "no_web_address"
        return "too_many_hops" if len(asked) >= MOST_HOPS else nowhere
    state = last.notes.get("body", "whole")
    if state != "whole":  # a note of ours; in evidence of others it may be anything
        return state if state in VERDICTS else "cut"
    if last.status >= _ERROR:
        return "error_status"
    return "not_as_promised" if last.notes.get("promised") == "no" else "ok"


def _facts(
    last: HttpMessage, hops: list[HttpHop], verdict: str, exchanges: Sequence[Exchange]
) -> HttpFacts:
    notes = last.notes
    content_type = last.header("content-type")
    icon = next(
        (parse_message(one.received or b"") for one in exchanges if one.step == "favicon"), None
    )
    return HttpFacts(
        verdict=verdict,
        url=notes.get("url", ""),
        status=last.status,
        hops=hops,
        headers=compared(last),
        cookies=cookies_of(last),
        type=content_type.partition(";")[0].strip().lower()[:100],
        charset=notes.get("charset", ""),
        title=notes.get("title", ""),
        size=_number(notes, "size") or 0,
        sha256=notes.get("sha256", ""),
        text_sha256=notes.get("text_sha256", ""),
        trackers=_trackers(notes.get("trackers", "[]")),
        favicon=_number(icon.notes, "favicon") if icon else None,
        generator=notes.get("generator", ""),
    )


def _number(notes: Mapping[str, str], key: str) -> int | None:
    text = notes.get(key, "")
    return int(text) if re.fullmatch(r"-?\d{1,12}", text) else None


def _trackers(text: str) -> list[Tracker]:
    try:
        return [Tracker(str(service), str(id_)) for service, id_ in json.loads(text)]
    except (ValueError, TypeError):
        return []
