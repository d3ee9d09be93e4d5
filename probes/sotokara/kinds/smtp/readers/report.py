"""Delivery reports: RFC 3464, and the free texts of qmail, Exim, Postfix and sendmail."""

import re
from collections.abc import Sequence

from sotokara.kinds.shared.terminal.interface import Command, Cursor, Read
from sotokara.kinds.shared.terminal.pasted import PastedLine
from sotokara.kinds.smtp.facts import Bounce, SmtpFacts

_FIELD = re.compile(
    r"^\s*(?P<key>Reporting-MTA|Final-Recipient|Original-Recipient|Action|Status|Remote-MTA"
    r"|Diagnostic-Code|Arrival-Date|"
    r"Last-Attempt-Date|Will-Retry-Until|Original-Envelope-Id|DSN-Gateway|Received-From-MTA"
    r"|Final-Log-ID|X-[\w-]+)\s*:\s*(?P<value>.*)$",
    re.IGNORECASE,
)
_START = re.compile(
    r"^\s*(?:Reporting-MTA\s*:|Original-Envelope-Id\s*:|Final-Recipient\s*:"
    r"|Hi\. This is the (?:qmail-send|deliver) program|This is the (?:Postfix|mail system"
    r"|qmail-send|MAILER)"
    r"|This message was created automatically by (?:the )?mail|This is a permanent error"
    r"|A message that you sent could not be delivered"
    r"|The original message was received at|Your message\s*$"
    r"|Delivery has failed to these recipients|Delivery to the following recipient"
    r"|This is an automatically generated Delivery Status Notification"
    r"|The following message to <|-{3,}\s*The following addresses had"
    r"|I'm sorry to have to inform you|(?:Unable to deliver|Could not deliver) message)",
    re.IGNORECASE,
)
_BY = (
    re.compile(r"(?:qmail-send|deliver) program at\s+(?P<by>[\w.-]+)", re.IGNORECASE),
    re.compile(r"(?:Postfix program|mail system) at host\s+(?P<by>[\w.-]+)", re.IGNORECASE),
    re.compile(
        r"(?:Generating server|created by|gateway at)\s*:?\s*(?P<by>[\w.-]+\.\w+)",
        re.IGNORECASE,
    ),
    re.compile(r"message was received at .*\bby\s+(?P<by>[\w.-]+\.\w+)", re.IGNORECASE),
)
_RECIPIENT = re.compile(
    r"^\s*(?:<(?P<a>[^<>@\s]+@[^<>\s]+)>:?|(?P<b>[^<>@\s:]+@[\w.-]+)"
    r"|to <(?P<c>[^<>\s]+@[^<>\s]+)>.*|\d{3} <(?P<d>[^<>\s]+@[^<>\s]+)>\.{3}.*)\s*$"
)
_CODE = re.compile(
    r"(?:^"
    r"|[\s\"(#:])(?P<code>[45][0-5]\d)(?:[ -]+#?(?P<status>[45]\.\d{1,3}\.\d{1,3}))?"
    r"(?=[ -]+[^\d\s])",
    re.MULTILINE,
)
_STATUS = re.compile(r"#?(?<![\d.])(?P<status>[245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_RULE = re.compile(
    r"^\s*-{3,}.*(?:copy of|original message|message header|undelivered message"
    r"|below this line).*$",
    re.IGNORECASE,
)
_HEADERS = re.compile(
    r"^\s*(?:Received|Return-Path|Message-ID|Subject|From|To|Date):\s",
    re.IGNORECASE,
)
_DELAYED = re.compile(r"delayed|warning|not yet been delivered|still trying", re.IGNORECASE)
_MOST = 120


def read_report(lines: Sequence[PastedLine], at: int, typed: Command | None) -> Read | None:  # noqa: ARG001  # a report has no command
    """One report that begins at a line."""
    cursor = Cursor(lines, at, hashes=False, parentheses=False)
    if not _START.match(cursor.peek()):
        return None
    fields: dict[str, str] = {}
    text: list[str] = []
    recipient = ""
    while cursor.more and len(text) < _MOST:
        line = cursor.peek()
        if _RULE.match(line) or (_HEADERS.match(line) and text):
            break
        cursor.take()
        text.append(line)
        if match := _FIELD.match(line):
            value = match["value"].strip()
            while (
                cursor.more
                and re.match(r"^\s+\S", cursor.peek())
                and not _FIELD.match(cursor.peek())
            ):
                value = f"{value} {cursor.take().strip()}".strip()
            fields.setdefault(match["key"].lower(), value)
        elif not recipient and (match := _RECIPIENT.match(line)):
            recipient = next(one for one in match.groups() if one)
    return _listing(cursor, fields, "\n".join(text), recipient)


def _listing(cursor: Cursor, fields: dict[str, str], text: str, recipient: str) -> Read | None:
    final = _typed(fields.get("final-recipient", "")) or _typed(
        fields.get("original-recipient", "")
    )
    recipient = final or recipient
    form = "report" if final and ("action" in fields or "status" in fields) else "free"
    by = _typed(fields.get("reporting-mta", ""))
    for pattern in _BY:
        by = by or (match["by"].rstrip(".") if (match := pattern.search(text)) else "")
    diagnostic = fields.get("diagnostic-code", "")
    found = _CODE.search(diagnostic) or (_CODE.search(text) if form == "free" else None)
    code = int(found["code"]) if found else 0
    enhanced = (found["status"] or "") if found else ""
    status = fields.get("status", "").split(" ")[0]
    if not status:
        spoken = _STATUS.search(text)
        status = enhanced or (spoken["status"] if spoken else "")
    action = fields.get("action", "").lower().split(" ")[0]
    if not (recipient or action or status or by):
        return None
    state = (
        "waiting" if action == "delayed" or (not action and _DELAYED.search(text)) else "returned"
    )
    facts = SmtpFacts(
        verdict="undecided",
        code=code,
        enhanced=enhanced,
        chosen=True,
        bounce=Bounce(state=state, by=by, action=action, status=status, form=form),
    )
    said = ("bounce", *(("code",) if code else ()), *(("enhanced",) if enhanced else ()))
    target = recipient.rpartition("@")[2].strip("<>").lower()
    return cursor.listing("report", "smtp", target, facts=facts, said=said)


def _typed(value: str) -> str:
    """The value behind its type: ``rfc822; user@example.com``, ``dns; mail.example.com``."""
    return re.sub(r"\s*\(.*\)$", "", value.partition(";")[2] or value).strip().strip("<>")
