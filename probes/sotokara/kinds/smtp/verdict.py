"""What a reply means: the server's word on the recipient, or on us; never more than it says.

Codes of RFC 5321, enhanced codes of RFC 3463 and the IANA registry; where both are silent, the
words that common servers use.
"""

import re
from typing import NamedTuple

ABOUT_US = re.compile(
    r"block|black ?list|deny ?list|\brbl\b|dnsbl|spamhaus|spamcop|barracuda|reputation|"
    r"reverse|\bptr\b|rdns|client host|helo|ehlo|\bspf\b|dmarc|sender (address )?reject|"
    r"access denied|not allowed to (connect|send)|banned|policy|spam|unsolicited|your ip\b",
    re.IGNORECASE,
)
ABOUT_RECIPIENT = re.compile(
    r"user unknown|unknown (user|recipient|mailbox|account)|no such (user|recipient|mailbox|person)"
    r"|recipient (unknown|not found|rejected)|does(n't| not) exist|not exist|no mailbox|mailbox "
    r"(not found|unavailable)|invalid (recipient|mailbox|user)|user not found|not our customer|"
    r"recipient address rejected|undeliverable|no longer (valid|active)|"
    r"(does not|doesn't) have an? .{0,40}account",
    re.IGNORECASE,
)
ABOUT_DOMAIN = re.compile(
    r"relay(ing)? (access )?(denied|not permitted|not allowed|prohibited)|unable to relay|"
    r"(do not|don't|not permitted to) relay|not (a )?local domain|rcpthosts",
    re.IGNORECASE,
)
ABOUT_TIME = re.compile(
    r"gr[ea]y-?list|gr[ea]y list|try again|postgrey|come back|retry", re.IGNORECASE
)

ABOUT_CALLER = re.compile(
    r"authenticat|\bauth\b|log ?in (first|required)|sender.{0,20}verif|verif.{0,40}sender|"
    r"(no|missing|cannot|can't|could not|unable to) .{0,20}(dns|look ?up|resolve)|"
    r"(dns|look ?up|resol\w+) .{0,20}(fail|error)|"
    r"starttls (first|command)|encryption (is )?require",
    re.IGNORECASE,
)
"""What is wrong with the dialogue or with us: the account has not been looked at."""

_LINE = re.compile(rb"[2-5][0-5]\d(?:[ -].*)?", re.DOTALL)
_ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?!\S)")
_CLOCK = re.compile(r"\b(\d{1,2}):(\d{2}):(\d{2})\b")
_PAUSE = re.compile(r"\b(\d{1,5})\s*(seconds?|secs?|s|minutes?|mins?|m|hours?|h)\b", re.IGNORECASE)
_UNITS = {"s": 1, "m": 60, "h": 3600}
_USER_UNKNOWN = frozenset({"1.0", "1.1", "1.2", "1.3", "1.6", "1.10", "2.1", "4.1"})
"""x.4.1 is Exchange Online's word for an unknown recipient; x.2.1 a mailbox that is closed."""
_NOT_THE_ACCOUNT = frozenset({500, 501, 502, 503, 504, 523, 524, 530, 534, 535, 538, 555})
"""Syntax, sequence, parameters, authentication (RFC 5321, 4.2.2; RFC 4954, 6)."""
_SENDER = frozenset({"1.7", "1.8"})
_OUR_REVERSE = "7.25"


class SmtpReply(NamedTuple):
    """One complete reply: its code, its enhanced code ("" without one) and the text."""

    code: int
    enhanced: str
    text: str


def split_reply(raw: bytes) -> tuple[list[bytes], bytes]:
    """The lines of the first complete reply, and what was heard after it (RFC 5321, 4.2)."""
    lines: list[bytes] = []
    while b"\n" in raw:
        line, _, raw = raw.partition(b"\n")
        lines.append(line.removesuffix(b"\r"))
        if line[3:4] != b"-":
            return lines, raw
    return [], raw


def read_reply(raw: bytes) -> SmtpReply | None:
    """The first complete reply in what was heard; None where there is none."""
    lines, _ = split_reply(raw)
    if not lines or not all(map(_LINE.fullmatch, lines)):
        return None
    texts = [line[4:].decode("utf-8", "replace") for line in lines]
    code = lines[-1][:3].decode()
    if any(line[:3] != lines[-1][:3] for line in lines):
        return None  # every line has the same code (RFC 5321, 4.2.1)
    found = _ENHANCED.match(texts[-1])
    enhanced = found[0] if found and found[1] == code[0] else ""
    return SmtpReply(int(code), enhanced, "\n".join(texts))


def verdict_of_reply(step: str, said: SmtpReply) -> str:
    """The verdict that a reply ends a dialogue with; "" where the dialogue goes on.

    >>> verdict_of_reply("RCPT", SmtpReply(550, "5.1.1", "5.1.1 User unknown"))
    'rejects'
    """
    kind = said.code // 100
    if kind in (2, 3):
        return "accepts" if step == "RCPT" else ""
    if kind == 4:  # noqa: PLR2004  # transient (RFC 5321, 4.2.1)
        return _transient(said)
    if step != "RCPT":
        return "refuses_us"
    return _refused_recipient(said)


def _transient(said: SmtpReply) -> str:
    about_us = ABOUT_US.search(said.text) and not ABOUT_TIME.search(said.text)
    return "refuses_us" if about_us or said.enhanced[2:] == _OUR_REVERSE else "later"


def _refused_recipient(said: SmtpReply) -> str:  # noqa: PLR0911  # a line for each meaning
    detail = said.enhanced[2:]
    if ABOUT_DOMAIN.search(said.text):
        return "not_responsible"
    if detail in _USER_UNKNOWN:
        return "rejects"
    if detail in _SENDER:
        return "refuses_us"
    if ABOUT_CALLER.search(said.text):
        return "undecided"
    about_us, user = ABOUT_US.search(said.text), ABOUT_RECIPIENT.search(said.text)
    if said.code in _NOT_THE_ACCOUNT and not user:
        return "refuses_us" if about_us else "undecided"
    if detail.startswith("7.") or said.code in (521, 554):
        return "rejects" if user and not about_us else "refuses_us"
    return "refuses_us" if about_us and not user else "rejects"


def hinted_pause(text: str) -> float | None:
    """Seconds after which the server asks to be asked again, where it says so.

    >>> hinted_pause("4.7.1 Greylisted, please come back in 00:05:00")
    300.0
    """
    if not ABOUT_TIME.search(text):
        return None
    if found := _CLOCK.search(text):
        hours, minutes, seconds = map(int, found.groups())
        return float(hours * 3600 + minutes * 60 + seconds)
    if found := _PAUSE.search(text):
        return float(int(found[1]) * _UNITS[found[2][0].lower()])
    return None
