"""``nslookup -debug`` (``set debug``): whole messages between rules, then the usual lines."""

import re
from collections.abc import Sequence

from sotokara.kinds.dns.readers.asked import TYPES, TypedQuery, asked_by
from sotokara.kinds.dns.readers.phrases import (
    ADDRESS,
    ALIASES,
    CANNOT,
    CANNOT_ANY,
    HARMLESS,
    MORE,
    NAME,
    NOT_AUTHORITATIVE,
    SERVER,
    SOA,
)
from sotokara.kinds.dns.readers.records import BASE, AnswerLines, target_of
from sotokara.kinds.shared.terminal.interface import Command, Cursor, Parsed, any_of
from sotokara.kinds.shared.terminal.pasted import PastedLine

_RULE = re.compile(r"^\s*-{8,}\s*$")
_GOT = re.compile(r"^\s*(?:Got answer:|SendRequest\(\).*|HEADER:)\s*$")
BEGINS = any_of(_RULE, _GOT)
_HEADER = re.compile(r"^\s*HEADER:\s*$")
_RCODE = re.compile(r"\brcode = (?P<rcode>\w+)")
_COUNTS = re.compile(r"\banswers = (?P<count>\d+)")
_SECTION = re.compile(r"^\s*(?P<name>QUESTIONS|ANSWERS|AUTHORITY RECORDS|ADDITIONAL RECORDS):\s*$")
_QUESTION = re.compile(r"^\s*(?P<name>\S+), type = (?P<type>\w+), class = (?P<class>\w+)\s*$")
_OWNER = re.compile(r"^\s*->\s+(?P<owner>\S+)\s*$")
_PHRASES = tuple(
    (re.compile(rf"^\s*{pattern}\s*$"), rdtype)
    for pattern, rdtype in (
        (r"internet address = (?P<v>\S+)", "A"),
        (r"AAAA IPv6 address = (?P<v>\S+)", "AAAA"),
        (r"has AAAA address (?P<v>\S+)", "AAAA"),
        (r"canonical name = (?P<v>\S+)", "CNAME"),
        (r"nameserver = (?P<v>\S+)", "NS"),
        (r"name = (?P<v>\S+)", "PTR"),
        (r"MX preference = (?P<p>\d+), mail exchanger = (?P<v>\S+)", "MX"),
        (r"mail exchanger = (?P<v>\d+ \S+)", "MX"),
        (r"service = (?P<v>\d+ \d+ \d+ \S+)", "SRV"),
        (r"text = (?P<v>\".*\")", "TXT"),
    )
)
_QUIET = re.compile(
    r"^\s*(?:ttl = .*|header flags:.*|opcode = .*|questions = .*|len \d+.*|\(.*\))$"
)
_MOST_LINES = 5_000


class _Message:
    """One message that was printed."""

    def __init__(self) -> None:
        self.rcode, self.count = "", 0
        self.questions: list[tuple[str, str, str]] = []
        self.records: list[tuple[str, str, str]] = []
        self.unread = False


def read_debug(lines: Sequence[PastedLine], at: int, typed: Command | None) -> Parsed | None:
    """All messages of one look-up."""
    cursor = Cursor(lines, at)
    begins = _RULE.match(cursor.peek()) and _GOT.match(cursor.peek(1))
    if not (begins or _GOT.match(cursor.peek())):
        return None
    messages: list[_Message] = []
    section = owner = ""
    last = at
    while cursor.more and cursor.at - at < _MOST_LINES and cursor.typed is None:
        text = cursor.peek()
        if _HEADER.match(text):
            messages.append(_Message())
            section = owner = ""
        elif match := _SECTION.match(text):
            section, owner = match["name"], ""
        elif messages and _inside(messages[-1], section, owner, text):
            match = _OWNER.match(text)
            owner = match["owner"] if match else owner
        elif not (not text.strip() or _usual(text)):
            if not (messages and text[:1].isspace() and section):
                break
            messages[-1].unread = messages[-1].unread or section == "ANSWERS"
            cursor.skip_unread()
            last = cursor.at
            continue
        if text.strip():
            last = cursor.at + 1
        cursor.take()
    cursor.at = last
    return _listing(cursor, messages, typed)


def _usual(text: str) -> bool:
    """A line that nslookup prints without ``-debug`` too, or a rule between the messages."""
    forms = (_RULE, _GOT, SERVER, ADDRESS, NAME, ALIASES, MORE, NOT_AUTHORITATIVE, HARMLESS)
    return any(pattern.match(text) for pattern in (*forms, CANNOT, CANNOT_ANY))


def _inside(message: _Message, section: str, owner: str, text: str) -> bool:
    if not section:
        if match := _RCODE.search(text):
            message.rcode = match["rcode"].upper()
        if match := _COUNTS.search(text):
            message.count = int(match["count"])
        return bool(_QUIET.match(text))
    if section == "QUESTIONS":
        if match := _QUESTION.match(text):
            message.questions.append((match["name"], match["type"], match["class"]))
        return match is not None
    if _OWNER.match(text) or _QUIET.match(text) or SOA.match(text):
        return True
    for pattern, rdtype in _PHRASES:
        if match := pattern.match(text):
            if section == "ANSWERS":
                value = match["v"]
                value = f"{match['p']} {value}" if match.groupdict().get("p") else value
                message.records.append((owner, rdtype, value))
            return True
    return False


def _listing(cursor: Cursor, messages: list[_Message], typed: Command | None) -> Parsed | None:
    asked = asked_by(typed) if typed is not None and typed.tool == "nslookup" else TypedQuery()
    own = [one for one in messages if len(one.questions) == 1 and one.questions[0][2] == "IN"]
    wanted = target_of(asked.target) if asked.target else ""
    about = [one for one in own if wanted and target_of(one.questions[0][0]) == wanted]
    if not about and own:
        wanted = target_of(own[-1].questions[0][0])
        about = [one for one in own if target_of(one.questions[0][0]) == wanted]
    if not about:
        return None
    answers, absent, unread = AnswerLines(), [], bool(cursor.unread)
    for one in about:
        read = sum(answers.add(*record) for record in one.records)
        whole = not one.unread and read == one.count
        unread = unread or not whole
        rdtype = one.questions[0][1]
        if whole and one.rcode == "NOERROR" and rdtype not in [kind for _, kind, _ in one.records]:
            absent.append(rdtype)
    types = list(dict.fromkeys(one.questions[0][1] for one in about))
    types = [one for one in types if one in TYPES]
    rcodes = {one.rcode for one in about}
    rcode = "NOERROR" if "NOERROR" in rcodes else about[-1].rcode
    foreign = answers.foreign(wanted)
    answers.keep(wanted)
    doubts = (["foreign"] if foreign else []) + (["cut"] if unread else [])
    facts = failure = None
    if rcode and types:
        facts, failure = answers.facts(wanted, types, rcode, 0, () if foreign else absent)
    default = set(types) <= {"A", "AAAA"}
    options: dict[str, object] = {} if default else {"type": types}
    if asked.servers:
        options["server"] = list(asked.servers)
    said = (*BASE, "chain") if facts else ()
    return cursor.listing(
        "nslookup", "dns", wanted, doubts, options=options, facts=facts, said=said, failure=failure
    )
