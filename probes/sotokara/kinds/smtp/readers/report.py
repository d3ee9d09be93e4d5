"""Delivery reports: RFC 3464, and the free texts of mail servers and providers.

A number is a code only where a server is quoted. Who the report is about, and that the message came
back, is taken only where it is said; a report that speaks of several outcomes states none.
"""

import re
from collections.abc import Sequence

from sotokara.kinds.shared.terminal.interface import Command, Cursor, Parsed
from sotokara.kinds.shared.terminal.pasted import PastedLine
from sotokara.kinds.smtp.facts import Bounce, SmtpFacts
from sotokara.kinds.smtp.readers.report_forms import (
    ALIAS,
    ALONE,
    ANY_MAIL,
    BEFORE,
    BEGINS,
    BESIDE,
    BOUNDARY,
    BRACKETED,
    BY,
    DELAYED,
    ENDS,
    FAILED,
    FINAL,
    HEADERS,
    NAMED,
    NOBODY,
    OF_THE_MAIL,
    PART,
    QUOTED_BELOW,
    RECIPIENT,
    RULE,
    SENDER_BELOW,
    SPOKEN,
    START,
    STATUS,
    UNITS,
)
from sotokara.kinds.smtp.verdict import ABOUT_DOMAIN, ABOUT_RECIPIENT, ABOUT_US

_FIELD = re.compile(
    r"^\s*(?P<key>Reporting-MTA|Final-Recipient|Original-Recipient|Action|Status|Remote-MTA"
    r"|Diagnostic-Code|Arrival-Date|"
    r"Last-Attempt-Date|Will-Retry-Until|Original-Envelope-Id|DSN-Gateway|Received-From-MTA"
    r"|Final-Log-ID|X-[\w-]+)\s*:\s*(?P<value>.*)$",
    re.IGNORECASE,
)
_MOST = 160
_MOST_FOLDED = 40
_NEAR = 20
"""Lines within which a copy of the mail follows what is said of a recipient."""
_MESSAGE = frozenset({"reporting-mta", "original-envelope-id", "dsn-gateway", "arrival-date"})


class _Report:
    """One report: its machine-readable fields by recipient, and its text."""

    def __init__(self, cursor: Cursor, *, sure: bool) -> None:
        self.cursor, self.sure = cursor, sure
        self.message: dict[str, str] = {}
        self.groups: list[dict[str, str]] = []
        self.text: list[str] = []
        self.doubtful = False

    def read(self) -> None:
        cursor = self.cursor
        while cursor.more and len(self.text) < _MOST and cursor.typed is None:
            line = cursor.peek()
            if PART.match(line) and self.text and not self.groups:
                while cursor.more and cursor.take().strip():
                    pass
                continue
            if RULE.match(line) or (HEADERS.match(line) and self.text and not self._inner(line)):
                break
            if self.text and self.groups and START.match(line) and not _FIELD.match(line):
                break
            cursor.take()
            self.text.append(line)
            if match := _FIELD.match(line):
                self._field(match["key"].lower(), self._folded(match["value"].strip()))

    def _inner(self, line: str) -> bool:
        """A line of the report's own that looks like a header of the message returned."""
        above = next((one for one in reversed(self.text) if one.strip()), "")
        told = re.match(r"^\s+(?:To|Subject|Date|Sent|From)\s?:", line)
        return (
            bool(told)
            and bool(re.search(r"your message|ihre nachricht|\bto\s?:", above, re.IGNORECASE))
        ) or (
            bool(told)
            and line[:1].isspace()
            and bool(re.match(r"^\s+(?:To|Subject|Date|Sent)\s?:", above))
        )

    def _folded(self, value: str) -> str:
        cursor = self.cursor
        parts = [value]
        while cursor.more and len(parts) < _MOST_FOLDED:
            line = cursor.peek()
            if not re.match(r"^\s+\S", line) or _FIELD.match(line):
                break
            parts.append(cursor.take().strip())
        return " ".join(parts).strip()

    def _field(self, key: str, value: str) -> None:
        if key in _MESSAGE or key.startswith("x-"):
            self.message.setdefault(key, value)
            return
        recipient = key in ("final-recipient", "original-recipient")
        if (
            not self.groups
            or (recipient and key in self.groups[-1])
            or (recipient and {"status", "final-recipient"} <= self.groups[-1].keys())
        ):
            self.groups.append({})
        elif key in ("action", "status") and key in self.groups[-1]:  # whose is it?
            self.doubtful = True
        self.groups[-1].setdefault(key, value)

    def finished(self) -> Parsed | None:
        told = "\n".join(self.text)
        whole = " ".join(told.split())
        groups = [one for one in self.groups if "action" in one or "status" in one]
        recipients = self._recipients(groups)
        by = _typed(self.message.get("reporting-mta", ""))
        for pattern in BY:
            by = by or (match["by"].rstrip(".") if (match := pattern.search(told)) else "")
        domains = {one.rpartition("@")[2].strip("<>.").lower() for one in recipients}
        target = domains.pop() if len(domains) == 1 else ""
        outcomes = {self._outcome(one, whole) for one in groups or [{}]}
        if not (recipients or groups or by or (self.groups and self.sure)):
            return None
        if not (self.sure or groups or self._quotes_a_server(recipients)):
            return None
        state, action = ("", "")
        if len({one[0] for one in outcomes}) == 1:
            state, action = next(iter(outcomes))[:2]
        if (
            self.doubtful
            or not state
            or (len(recipients) > 1 and (not target or len(outcomes) > 1))
        ):
            return self.cursor.refused("report", "smtp", target)
        code, enhanced, status = self._codes(groups, len(recipients))
        named = any("final-recipient" in one or "original-recipient" in one for one in groups)
        form = "report" if named else "free"
        facts = SmtpFacts(
            verdict="undecided",
            code=code,
            enhanced=enhanced,
            chosen=True,
            bounce=Bounce(state=state, by=by, action=action, status=status, form=form),
        )
        said = ("bounce", *(("code",) if code else ()), *(("enhanced",) if enhanced else ()))
        return self.cursor.listing("report", "smtp", target, facts=facts, said=said)

    def _quotes_a_server(self, recipients: list[str]) -> bool:
        """Whether a text with an ordinary beginning is a machine's: prose may begin like one.

        It quotes a reply, or a line holds a recipient alone.
        """
        named = any(NAMED.search(line.rstrip()) for line in self.text)
        return bool(recipients) and (named or bool(self._quoted()))

    def _recipients(self, groups: list[dict[str, str]]) -> list[str]:
        found = [
            _mail(one.get("original-recipient", "")) or _mail(one.get("final-recipient", ""))
            for one in groups
        ]
        found = [one for one in found if one]
        if not found:
            failed = self.message.get("x-failed-recipients", "")
            found = [one.strip() for one in failed.split(",") if "@" in one]
        about = self._about()
        for pattern in RECIPIENT if not found else ():
            mails = [match["mail"] for line in about if (match := pattern.search(line.rstrip()))]
            found = [one.rstrip(".") for one in mails if not NOBODY.match(one)]
            found = [one for one in found if "." in one.rpartition("@")[2]]
            if found:
                break
        before = [match["mail"] for line in about if (match := BEFORE.search(line))]
        if before and not any("original-recipient" in one for one in groups):
            found = before if len(found) <= 1 else [*found, *before]
        if any(ALIAS.search(line) for line in about):
            found = []  # a name on the server that sent the report: who was written to is open
        return list(dict.fromkeys(one.lower() for one in found))

    def _about(self) -> list[str]:
        """The lines that may name a recipient: not the one below who sent the message."""
        kept, above, said = [], "", False
        for at, line in enumerate(self.text):
            said = said and line[:1].isspace()  # a server's words, over several lines
            if not (SENDER_BELOW.search(above) or said or BOUNDARY.match(line) or self._of(at)):
                kept.append(line)
            said = said or " said:" in line
            above = line if line.strip() else above
        return kept

    def _of(self, at: int) -> bool:
        """Whether a line is the message's own header, where others are named as recipients."""
        if not OF_THE_MAIL.match(self.text[at]):
            return False
        header = any(BESIDE.match(line) for line in self.text[at + 1 : at + 3])
        below = " ".join(self.text[at + 1 :])
        return header and bool(ANY_MAIL.search(below))

    def _outcome(self, group: dict[str, str], whole: str) -> tuple[str, str]:
        """What became of the message, as far as it is said; and the action."""
        action = group.get("action", "").lower().split(" ")[0].strip(";,.")
        if action in ENDS:
            return ENDS[action], action
        status = group.get("status", "").strip()[:1]
        if action in ("failed", "failure", "fail", "error"):
            return ("returned" if status != "2" else ""), action
        if status == "5" and not action:
            return "returned", ""
        delayed, failed = DELAYED.search(whole), FAILED.search(whole)
        if delayed:
            return ("" if FINAL.search(whole) else "waiting"), action
        return ("returned" if failed or self._spoken()[:1] == ["5"] else ""), action

    def _spoken(self) -> list[str]:
        """The class of the first code that a server is quoted with."""
        found = self._quoted()
        return [found[0][0][0]] if found else []

    def _codes(self, groups: list[dict[str, str]], recipients: int) -> tuple[int, str, str]:
        """The code and the enhanced code of the reply, and the status of the report."""
        diagnostics = [one.get("diagnostic-code", "") for one in groups]
        found: list[tuple[str, str]] = []
        for text in diagnostics:
            for pattern in (*SPOKEN, ALONE):
                if match := pattern.search(text):
                    found.append((match["code"], match["status"] or ""))
                    break
        found = found or self._quoted()
        distinct = {code for code, _ in found}
        code, enhanced = found[0] if found and (recipients <= 1 or len(distinct) == 1) else ("", "")
        stated = {one["status"].split(" ")[0].split("(")[0] for one in groups if "status" in one}
        stated = {one for one in stated if STATUS.fullmatch(one)}
        status = stated.pop() if len(stated) == 1 else ""
        if not status and not stated:
            spoken = [match["status"] for line in self.text if (match := STATUS.search(line))]
            spoken = [one for one in spoken if not code or one[0] == code[0]]
            status = enhanced or (spoken[0] if spoken and recipients <= 1 else "")
        return int(code or 0), enhanced, status

    def _quoted(self) -> list[tuple[str, str]]:
        """Codes and enhanced codes where the text quotes a server, in order."""
        found: list[tuple[str, str]] = []
        above = ""
        for line in self.text:
            text = line.rstrip()
            for pattern in SPOKEN:
                if (match := pattern.search(text)) and (
                    match["status"] or not UNITS.match(match["rest"])
                ):
                    found.append((match["code"], match["status"] or ""))
                    break
            else:
                match = ALONE.match(text)
                if match and (match["status"] or self._reply(match["rest"], above)):
                    found.append((match["code"], match["status"] or ""))
            above = text or above
        return found

    @staticmethod
    def _reply(rest: str, above: str) -> bool:
        """Whether what stands behind a bare number at a line's beginning is a server's reply."""
        if UNITS.match(rest):
            return False
        known = ABOUT_RECIPIENT.search(rest) or ABOUT_DOMAIN.search(rest) or ABOUT_US.search(rest)
        return bool(known or QUOTED_BELOW.search(above) or re.match(r"\s*<?\S+@\S+>?\.{3}", rest))


def read_report(lines: Sequence[PastedLine], at: int, typed: Command | None) -> Parsed | None:  # noqa: ARG001  # a report has no command
    """One report that begins at a line."""
    cursor = Cursor(lines, at, hashes=False, parentheses=False)
    text = cursor.peek()
    if not BEGINS.match(text):
        return None
    if BRACKETED.match(text) and not any(RULE.match(one.text) for one in lines[at : at + _NEAR]):
        return None
    report = _Report(cursor, sure=bool(START.match(text)))
    report.read()
    return report.finished()


def _mail(value: str) -> str:
    """The address behind its type, where its domain has a dot and it is no route of hosts."""
    text = _typed(value)
    return text if re.fullmatch(r"[^@]+@[^@\s]+\.[^@\s]+", text) else ""


def _typed(value: str) -> str:
    """The value behind its type: ``rfc822; user@example.com``, ``dns; mail.example.com``."""
    text = (value.partition(";")[2] or value).strip()
    if text.endswith(")"):
        text = text.partition(" (")[0].strip()
    return text.strip("<>")
