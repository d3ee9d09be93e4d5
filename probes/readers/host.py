"""``host``: one sentence a record (``www.example.com has address 192.0.2.1``)."""

import re
from collections.abc import Sequence

from probes.kinds.dns import TYPES
from probes.kinds.interface import Failure
from probes.readers.dig import dns_reverse
from probes.readers.interface import Command, Cursor, Read
from probes.readers.pasted import Line
from probes.readers.records import BASE, Answers, target_of

_SENTENCES: tuple[tuple[str, str], ...] = (
    (r"has address (?P<v>\S+)", "A"),
    (r"has IPv6 address (?P<v>\S+)", "AAAA"),
    (r"has AAAA address (?P<v>\S+)", "AAAA"),
    (r"mail is handled (?:\(pri=(?P<p>\d+)\) )?by (?P<v>(?:\d+ )?\S+)", "MX"),
    (r"is an alias for (?P<v>\S+)", "CNAME"),
    (r"is a nickname for (?P<v>\S+)", "CNAME"),
    (r"domain name pointer (?P<v>\S+)", "PTR"),
    (r"name server (?P<v>\S+)", "NS"),
    (r"has SOA record (?P<v>.+)", "SOA"),
    (r"start of authority (?P<v>.+)", "SOA"),
    (r"descriptive text (?P<v>\".*)", "TXT"),
    (r"has SRV record (?P<v>.+)", "SRV"),
    (r"has CAA record (?P<v>.+)", "CAA"),
    (r"has (?:HTTP service bindings|HTTPS record) (?P<v>.+)", "HTTPS"),
    (r"has DS record (?P<v>.+)", "DS"),
    (r"has DNSKEY record (?P<v>.+)", "DNSKEY"),
    (r"has (?P<type>[A-Z0-9]+) record (?P<v>.+)", ""),
)
_RECORD = [
    (re.compile(rf"^\s*(?P<owner>\S+) {sentence}\s*$"), rdtype) for sentence, rdtype in _SENTENCES
]
_NONE = re.compile(r"^\s*(?P<owner>\S+) has no (?P<type>[A-Z0-9]+) record\s*$")
_NOT_FOUND = re.compile(r"^\s*Host (?P<owner>\S+?)\.? not found: \d+\((?P<rcode>\w+)\)\s*$")
_OLD_NOT_FOUND = re.compile(
    r"^\s*Host (?:(?P<owner>\S+) )?(?:does not exist|not found), try again\.?\s*$|^\s*Host not found\.?\s*$"
)
_LATE = re.compile(
    r"^\s*;;\s*(?:connection timed out|no servers could be reached|communications error)"
)
_USING = re.compile(r"^\s*(?:Using domain server:?|Name:\s|Address:\s|Aliases:\s*|Trying \"|;;)")


def read(lines: Sequence[Line], at: int, typed: Command | None) -> Read | None:
    """One run of host that begins at a line."""
    cursor = Cursor(lines, at, hashes=False)
    mine = typed is not None and typed.tool == "host"
    if (
        not mine
        and not any(p.match(cursor.peek()) for p, _ in _RECORD[:-1])
        and not _NOT_FOUND.match(cursor.peek())
    ):
        return None
    words = list(typed.words) if typed and mine else []
    types = [words[i + 1].upper() for i, word in enumerate(words[:-1]) if word == "-t"]
    bare = [
        w
        for i, w in enumerate(words)
        if w[0] != "-" and (i == 0 or words[i - 1] not in ("-t", "-W", "-R", "-c"))
    ]
    target, servers = (bare[0] if bare else ""), bare[1:2]
    answers, rcode, failure, first = Answers(), "", None, ""
    begun = False
    linked: set[str] = set()
    while cursor.more:
        text = cursor.peek()
        if not text.strip():
            if begun and not _USING.match(_after(cursor)) and not _mine(_after(cursor), linked):
                break
            cursor.blank()
            continue
        if match := _NOT_FOUND.match(text):
            if begun and rcode:
                break
            first, rcode = match["owner"], match["rcode"]
        elif match := _NONE.match(text):
            first, rcode = first or match["owner"], "NOERROR"
            types = types or [match["type"]]
        elif _LATE.match(text):
            failure = Failure("generic_timeout_error", "host", text.strip(" ;"))
        elif _OLD_NOT_FOUND.match(text):
            rcode = "NXDOMAIN"
        elif (found := _sentence(text)) is not None:
            owner, rdtype, value = found
            if linked and owner.lower() not in linked:
                break
            owner_name = dns_reverse(owner)
            if not answers.add(owner_name, rdtype, value):
                break
            linked |= (
                {owner.lower(), value.removesuffix(".").lower()}
                if rdtype == "CNAME"
                else {owner.lower()}
            )
            first, rcode = first or owner, "NOERROR"
        elif not _USING.match(text):
            break
        cursor.take()
        begun = True
    if not begun:
        return None
    target = target_of(target or first)
    facts = None
    if rcode:
        facts, reason = answers.facts(target, [t for t in types if t in TYPES], rcode)
        failure = reason or failure
    options: dict[str, object] = {"type": [t for t in types if t in TYPES]} if types else {}
    kinds = answers.types
    if not types and "MX" in kinds:
        options["type"] = sorted({"A", "AAAA", "MX"} & {"A", *kinds})
    if servers:
        options["server"] = servers
    said = (*BASE, "chain") if facts else ()
    return cursor.listing(
        "host", "dns", target, options=options, facts=facts, said=said, failure=failure
    )


def _sentence(text: str) -> tuple[str, str, str] | None:
    for pattern, rdtype in _RECORD:
        if match := pattern.match(text):
            groups = match.groupdict()
            value = f"{groups['p']} {groups['v']}" if groups.get("p") else groups["v"]
            return match["owner"], rdtype or groups["type"], value
    return None


def _after(cursor: Cursor) -> str:
    ahead = 0
    while cursor.at + ahead < len(cursor.lines):
        if text := cursor.peek(ahead):
            return text
        ahead += 1
    return ""


def _mine(text: str, linked: set[str]) -> bool:
    found = _sentence(text)
    return found is not None and (not linked or found[0].lower() in linked)
