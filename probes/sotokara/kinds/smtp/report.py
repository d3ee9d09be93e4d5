"""The returned message: what is kept of it, and what is read from that (RFC 3464, RFC 6522).

Kept are the headers that say who returned it and when, the text for people and the delivery status;
not the way it took to the author, nor our own message in it.
"""

import email
import email.policy
import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

from sotokara.core.observation import Exchange
from sotokara.kinds.smtp.facts import Bounce

ACCOUNT = "no-such-account-"
"""What the account of a message begins with; its token follows."""
TOKEN = re.compile(rb"no-such-account-([0-9a-f]{32})")
SENT, REPORT, MAILBOX = "sent", "report", "mailbox"
PROTOCOL = "message"
_MOST_TEXT = 8192
_HEADERS = ("From", "Date", "Subject", "Content-Type", "Auto-Submitted")
_SYSTEM = re.compile(r"mailer-?daemon|postmaster|mail delivery|postfix|exim", re.IGNORECASE)
_SUBJECT = re.compile(
    r"undeliver|fail|return|delivery|bounce|could not|配信|配送|不達|エラー|戻", re.IGNORECASE
)
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_CODE = re.compile(r"(?<![\d.])([45][0-5]\d)[ -]")


def token_digest(token: str) -> str:
    """What is kept of a token while its message is out: nobody can forge a report from that."""
    return hashlib.sha256(token.encode()).hexdigest()


def kept_of(content: bytes, digest: str, mail_from: str) -> bytes | None:
    """What is kept of a report on our message; None where it is none, or on another message."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)  # noqa: S101  # the policy's class
    try:
        parts = [content, *(_decoded(part) for part in message.walk())]
        sender = parseaddr(str(message.get("From", "")))[1]
        subject = str(message.get("Subject", ""))
        head = [f"{name}: {message[name]}" for name in _HEADERS if message[name]]
    except Exception:  # noqa: BLE001  # the parser raises many types on hostile headers
        return None
    tokens = {token.decode() for part in parts for token in TOKEN.findall(part)}
    if digest not in map(token_digest, tokens) or sender.lower() == mail_from.lower():
        return None
    status = _part(message, "message/delivery-status")
    if not status and not (_SYSTEM.search(sender) or _SUBJECT.search(subject)):
        return None  # somebody's answer, or a copy: no report
    text = _part(message, "text/plain")[:_MOST_TEXT]
    sections = ("\n".join(head), text, status[:_MOST_TEXT])
    return "\n\f\n".join(one.strip().replace("\f", " ") for one in sections).encode()


def _decoded(part: Any) -> bytes:  # noqa: ANN401
    content = None if part.is_multipart() else part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _part(message: EmailMessage, kind: str) -> str:
    """The text of the first part of a type; the groups of fields of a delivery status."""
    for part in message.walk():
        if part.get_content_type() != kind:
            continue
        if part.is_multipart():  # the parser makes a message of each group of fields
            groups = part.get_payload()
            return "\n\n".join(str(group).strip() for group in groups if group is not None)
        return _decoded(part).decode("utf-8", "replace").replace("\r\n", "\n")
    return ""


def read_bounce(exchanges: Sequence[Exchange]) -> tuple[Bounce | None, dict[str, Any]]:
    """What became of the message, and what is volatile of it; pure."""
    sent = next((one for one in exchanges if one.step == SENT and one.protocol == PROTOCOL), None)
    if sent is None:
        return None, {}
    note = report_fields(sent.sent)
    volatile: dict[str, Any] = {name: note[name] for name in ("token", "sent") if name in note}
    if sent.failure:
        refused = sent.failure.name == "refused_by_server"
        state = "refused" if refused else "not_sent"
        volatile["text"] = sent.failure.detail or sent.failure.name
        if refused:
            volatile["refused"] = True
        found = _STATUS.search(sent.failure.detail)
        return Bounce(state, status=found[1] if found else ""), volatile
    report = next((one for one in exchanges if one.step == REPORT), None)
    unread = next((one.failure for one in exchanges if one.step == MAILBOX), None)
    if unread:
        volatile["text"] = f"({MAILBOX}: {unread.name})"
    if report is None or not report.received:
        return Bounce("waiting"), volatile
    arrived = report_fields(report.sent).get("arrived", "")
    if arrived and "sent" in note:
        passed = datetime.fromisoformat(arrived) - datetime.fromisoformat(note["sent"])
        volatile["after"] = span(passed.total_seconds())
    bounce, text = _read_report(report.received.decode("utf-8", "replace"))
    volatile["text"] = text[:500]
    return bounce, volatile


def _read_report(kept: str) -> tuple[Bounce, str]:
    head, text, status, *_ = [*kept.split("\n\f\n"), "", "", ""]
    if status:
        told_in = report_fields(status.encode())
        action = told_in.get("action", "").lower()
        by = told_in.get("reporting-mta", "").rpartition(";")[2].strip()
        told = told_in.get("diagnostic-code", "").partition(";")[2].strip()
        state = "waiting" if action in ("delayed", "relayed", "expanded") else "returned"
        code = _STATUS.search(told_in.get("status", ""))
        return Bounce(state, by, action, code[1] if code else "", "report"), told
    sender = parseaddr(report_fields(head.encode()).get("from", ""))[1]
    code = _STATUS.search(text) or _CODE.search(text)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    bounce = Bounce("returned", sender.rpartition("@")[2], "", code[1] if code else "", "free")
    return bounce, " ".join(lines)


def report_fields(content: bytes) -> dict[str, str]:
    """``Name: value`` lines, names in lower case, folded lines joined; the last one counts."""
    text = content.decode("utf-8", "replace").replace("\r\n", "\n")
    text = re.sub(r"\n[ \t]+", " ", text)
    found = {}
    for line in text.split("\n"):
        name, colon, value = line.partition(":")
        if colon:
            found[name.strip().lower()] = value.strip()
    return found


def span(seconds: float) -> str:
    """A span of time for readers: ``4 s``, ``12 min``, ``3 h``, ``2 d``."""
    for size, unit in ((172800, "d"), (7200, "h"), (120, "min")):
        if seconds >= size:
            return f"{seconds / {'d': 86400, 'h': 3600, 'min': 60}[unit]:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"
