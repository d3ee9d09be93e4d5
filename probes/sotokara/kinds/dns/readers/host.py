"""``host``: one sentence a record (``www.example.com has address 192.0.2.1``)."""

import re
from collections.abc import Sequence
from typing import Any

from sotokara.core.observation import Failure
from sotokara.kinds.dns.readers.asked import TRANSFERS, TYPES, TypedQuery, asked_by
from sotokara.kinds.dns.readers.records import BASE, AnswerLines, reverse_name, target_of
from sotokara.kinds.shared.terminal.interface import Command, Cursor, Parsed, any_of
from sotokara.kinds.shared.terminal.pasted import PastedLine

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
    (re.compile(rf"^\s*(?P<owner>\S+) {sentence}$"), rdtype) for sentence, rdtype in _SENTENCES
]
_NONE = re.compile(r"^\s*(?P<owner>\S+) has no (?P<type>[A-Z0-9]+) record\s*$")
_NOT_FOUND = re.compile(r"^\s*Host (?P<owner>\S+?)\.? not found: \d+\((?P<rcode>\w+)\)\s*$")
BEGINS = any_of(
    _NOT_FOUND,
    re.compile(
        r"^\s*\S+ (?:has|mail is handled|is an? |domain name|name server|start of|descriptive)"
    ),
)
_OLD_NOT_FOUND = re.compile(
    r"^\s*Host (?:\S+ )?(?:does not exist|not found), try again\.?\s*$|^\s*Host not found\.?\s*$"
)
_LATE = re.compile(
    r"^\s*;;\s*(?:connection timed out|no servers could be reached|communications error)"
)
_USING = re.compile(r"^\s*(?:Using domain server:?|Name:\s|Address:\s|Aliases:\s*|Trying \"|;;)")


class _HostListing:
    """One run of host."""

    def __init__(self, cursor: Cursor, typed: Command | None) -> None:
        self.cursor, self.typed = cursor, typed
        self.asked = asked_by(typed) if typed and typed.tool == "host" else TypedQuery()
        self.types = list(self.asked.types)
        self.target, self.servers = self.asked.target, list(self.asked.servers)
        self.answers = AnswerLines()
        self.rcode = self.first = ""
        self.failure: Failure | None = None
        self.absent: list[str] = []
        self.linked: set[str] = set()
        """The name asked and the aliases found for it: a line about another name is another run."""

    def read_all(self) -> Parsed | None:
        cursor = self.cursor
        begun = False
        while cursor.more:
            text = cursor.peek()
            if text.strip():
                if cursor.typed is not None or not self._line(text):
                    break
                cursor.take()
                begun = True
                continue
            following = cursor.next_text()
            if begun and not _USING.match(following) and not self._mine(following):
                break
            cursor.blank()
        return self._finished() if begun else None

    def _line(self, text: str) -> bool:
        if match := _NOT_FOUND.match(text):
            if self.rcode:
                return False
            self.first, self.rcode = match["owner"], match["rcode"]
        elif match := _NONE.match(text):
            self.first, self.rcode = self.first or match["owner"], "NOERROR"
            self.absent.append(match["type"])
            self.types = self.types or [match["type"]]
        elif _LATE.match(text):
            self.failure = Failure("generic_timeout_error", "host", text.strip(" ;"))
        elif _OLD_NOT_FOUND.match(text):
            self.rcode = "NXDOMAIN"
        elif found := _sentence(text):
            return self._record(*found)
        else:
            return bool(_USING.match(text))
        return True

    def _record(self, owner: str, rdtype: str, value: str) -> bool:
        if self.linked and owner.lower() not in self.linked:
            return False
        if not self.answers.add(reverse_name(owner), rdtype, value):
            return False
        self.linked.add(owner.lower())
        if rdtype == "CNAME":
            self.linked.add(value.removesuffix(".").lower())
        self.first, self.rcode = self.first or owner, "NOERROR"
        return True

    def _mine(self, text: str) -> bool:
        found = _sentence(text)
        return found is not None and (not self.linked or found[0].lower() in self.linked)

    def _finished(self) -> Parsed:
        target = target_of(self.target or self.first)
        types = [one for one in self.types if one in TYPES]
        if self.asked.other_class or TRANSFERS & {*self.types}:
            return self.cursor.refused("host", "dns", "" if self.asked.other_class else target)
        facts, failure = None, self.failure
        foreign = self.answers.foreign(target)
        if foreign and target_of(self.first).startswith(f"{target}."):  # a search list's name
            target = target_of(self.first)
            foreign = self.answers.foreign(target)
        self.answers.keep(target)
        doubts = ["foreign"] if foreign else []
        doubts += ["filtered"] if self.typed is not None and self.typed.filtered else []
        if self.rcode:
            absent = [] if self.cursor.unread else self.absent
            steps = types or list(dict.fromkeys([*self.answers.types, *absent]))
            facts, reason = self.answers.facts(target, steps, self.rcode, 0, absent)
            failure = reason or failure
        options: dict[str, Any] = {"type": types} if types else {}
        if not self.types and "MX" in self.answers.types:  # host asks for three types at once
            options["type"] = sorted({"A", "AAAA", "MX"} & {"A", *self.answers.types})
        if self.servers:
            options["server"] = self.servers
        said = (*BASE, "chain") if facts else ()
        return self.cursor.listing(
            "host", "dns", target, doubts, options=options, facts=facts, said=said, failure=failure
        )


def _sentence(text: str) -> tuple[str, str, str] | None:
    """A record: its name, type and value."""
    for pattern, rdtype in _RECORD:
        if match := pattern.match(text.rstrip()):
            groups = match.groupdict()
            value = f"{groups['p']} {groups['v']}" if groups.get("p") else groups["v"]
            return match["owner"], rdtype or groups["type"], value
    return None


def read_host(lines: Sequence[PastedLine], at: int, typed: Command | None) -> Parsed | None:
    """One run of host that begins at a line."""
    cursor = Cursor(lines, at, hashes=False)
    text = cursor.peek()
    if typed is not None and typed.tool == "host":
        return _HostListing(cursor, typed).read_all()
    begins = any(pattern.match(text) for pattern, rdtype in _RECORD if rdtype)
    return _HostListing(cursor, None).read_all() if begins or _NOT_FOUND.match(text) else None
