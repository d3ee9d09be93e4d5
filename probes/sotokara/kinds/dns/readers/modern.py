"""dog, doggo and dscacheutil: a row or a block a record, without a header or an rcode."""

import re
from collections.abc import Sequence

from sotokara.core.addresses import is_address
from sotokara.kinds.dns.readers.asked import TYPES, TypedQuery, asked_by
from sotokara.kinds.dns.readers.records import BASE, AnswerLines, target_of
from sotokara.kinds.shared.terminal.interface import Command, Cursor, Parsed, any_of
from sotokara.kinds.shared.terminal.pasted import PastedLine

_DOG = re.compile(
    r"^\s*(?P<type>[A-Z]{1,6})\s+(?P<name>\S+\.)\s+(?P<ttl>(?:\d+[dhms]){1,4})"
    r"(?:\s+(?P<section>[AB]))?\s+(?P<value>\S.*)$"
)
_STATUS = re.compile(r"^\s*Status: (?P<rcode>NXDomain|ServFail|Refused|FormErr)\s*$")
_DOGGO_HEAD = re.compile(r"^\s*NAME\s+TYPE\s+CLASS\s+TTL\s+ADDRESS\s+NAMESERVER(?:\s.*)?$")
_DOGGO = re.compile(
    r"^\s*(?P<name>\S+\.)\s+(?P<type>[A-Z]{1,6})\s+(?P<class>[A-Z]+)\s+(?P<ttl>\d+s)\s+"
    r"(?P<value>\S.*?)\s+(?P<server>\S+:\d+)(?:\s+\S+)?$"
)
_CACHE = re.compile(r"^\s*(?P<key>name|ip_address|ipv6_address|alias): (?P<value>\S.*)$")
BEGINS = any_of(_DOG, _DOGGO_HEAD, _CACHE)


def read_modern(lines: Sequence[PastedLine], at: int, typed: Command | None) -> Parsed | None:
    """The rows of one command."""
    cursor = Cursor(lines, at, hashes=False, parentheses=False)
    text = cursor.peek()
    tool = typed.tool if typed is not None else ""
    if tool == "dscacheutil" or (not tool and _CACHE.match(text) and _CACHE.match(cursor.peek(1))):
        return _cached(cursor, typed)
    if tool in ("dog", "doggo") or _DOGGO_HEAD.match(text):
        return _rows(cursor, typed, tool or "doggo")
    return _rows(cursor, typed, "dog") if not tool and _DOG.match(text) else None


def _rows(cursor: Cursor, typed: Command | None, tool: str) -> Parsed | None:
    asked = asked_by(typed)
    answers = AnswerLines()
    rcode = ""
    if match := _STATUS.match(cursor.peek()):
        rcode = match["rcode"].upper()
        cursor.take()
    if _DOGGO_HEAD.match(cursor.peek()):
        cursor.take()
    rows = 0
    while cursor.more and cursor.peek().strip() and cursor.typed is None:
        text = cursor.peek().rstrip()
        match = _DOG.match(text) or _DOGGO.match(text)
        if match is None:
            if not rows or not (text[:1].isspace() or re.match(r"^[A-Z]{1,6}\s", text)):
                break
            cursor.skip_unread()
            continue
        found = match.groupdict()
        if found.get("section") or found.get("class") not in (None, "IN"):
            cursor.take()
            continue
        rdtype, value = match["type"], match["value"]
        value = value if rdtype in ("TXT", "CAA") else value.replace('"', "")
        if rdtype in TYPES and answers.add(match["name"], rdtype, value):
            cursor.take()
            rows += 1
        else:
            cursor.skip_unread()
    if not rows and not (rcode and asked.target):
        return None
    return _listing(cursor, tool, asked, answers, rcode)


def _cached(cursor: Cursor, typed: Command | None) -> Parsed | None:
    """MacOS' own resolver: it merges what the DNS, files and multicast say."""
    asked = asked_by(typed)
    answers = AnswerLines()
    name = ""
    while cursor.more and cursor.typed is None:
        cursor.blank()
        match = _CACHE.match(cursor.peek().rstrip())
        if match is None or (match["key"] == "name" and name and match["value"] != name):
            break
        if match["key"] == "name":
            name = match["value"]
        elif "address" in match["key"]:
            for value in match["value"].split():
                rdtype = "AAAA" if ":" in value else "A"
                if not (name and is_address(value) and answers.add(name, rdtype, value)):
                    return None
        else:
            cursor.skip_unread()
            continue
        cursor.take()
    if not answers:
        return None
    if asked.target and target_of(name) != target_of(asked.target):
        return cursor.refused("dscacheutil", "dns", target_of(asked.target))
    return _listing(cursor, "dscacheutil", asked._replace(target=asked.target or name), answers)


def _listing(
    cursor: Cursor, tool: str, asked: TypedQuery, answers: AnswerLines, rcode: str = ""
) -> Parsed | None:
    if asked.several:
        return cursor.refused(tool, "dns", "")
    target = target_of(asked.target or answers.head)
    foreign = answers.foreign(target)
    answers.keep(target)
    types = [one for one in asked.types if one in TYPES]
    facts = failure = None
    if answers or rcode:
        facts, failure = answers.facts(target, types, rcode or "NOERROR", 0, ())
    options: dict[str, object] = {"type": types} if types and types != ["A"] else {}
    if asked.servers:
        options["server"] = list(asked.servers)
    return cursor.listing(
        tool,
        "dns",
        target,
        ["foreign"] if foreign else [],
        options=options,
        facts=facts,
        said=BASE if facts else (),
        failure=failure,
    )
