"""PowerShell's ``Resolve-DnsName``: tables whose last column tells the type, or lists."""

import re
from collections.abc import Sequence

from sotokara.kinds.dns.readers.asked import TYPES, TypedQuery, asked_by
from sotokara.kinds.dns.readers.records import BASE, AnswerLines, reverse_name, target_of
from sotokara.kinds.shared.terminal.interface import Command, Cursor, Parsed, any_of
from sotokara.kinds.shared.terminal.pasted import PastedLine

_HEAD = re.compile(r"^\s*Name\s+Type\s+TTL\s+Section\s+(?P<columns>\S.*)$")
_RULE = re.compile(r"^\s*-{3,}(?:\s+-{2,})+\s*$")
_ROW = re.compile(
    r"^\s*(?P<name>\S+)\s+(?P<type>[A-Z]+)\s+(?P<ttl>\d+)\s+(?P<section>Answer|Authority|Additional)"
    r"\s+(?P<value>\S.*)$"
)
_PROPERTY = re.compile(r"^\s{0,4}(?P<key>[A-Z]\w+)\s*: ?(?P<value>.*)$")
_NONE = re.compile(
    r"^\s*Resolve-DnsName ?: (?P<name>\S+) ?: (?P<why>DNS name does not exist|.*)$", re.IGNORECASE
)
_ERROR = re.compile(r"^\s*(?:At line:\d+.*|\+ .*|Resolve-DnsName ?: .*|\+ ~+.*)$")
BEGINS = any_of(_HEAD, _NONE)
_VALUES = {
    "A": ("IPAddress",),
    "AAAA": ("IPAddress",),
    "CNAME": ("NameHost",),
    "NS": ("NameHost",),
    "PTR": ("NameHost",),
    "MX": ("Preference", "NameExchange"),
    "SRV": ("Priority", "Weight", "Port", "NameTarget"),
    "SOA": (
        "PrimaryServer",
        "NameAdministrator",
        "SerialNumber",
        "TimeToZoneRefresh",
        "TimeToZoneFailureRetry",
        "TimeToExpiration",
        "DefaultTTL",
    ),
}
_SYNONYMS = {"IP4Address": "IPAddress", "IP6Address": "IPAddress"}


class _Resolve:
    def __init__(self, cursor: Cursor, typed: Command | None) -> None:
        self.cursor, self.typed = cursor, typed
        known = typed is not None and typed.tool == "Resolve-DnsName"
        self.asked = asked_by(typed) if known else TypedQuery()
        self.answers = AnswerLines()
        self.first = self.rcode = ""
        self.authority = False
        self.columns = ""

    def read(self) -> bool:
        cursor = self.cursor
        begun = False
        while cursor.more and cursor.typed is None:
            cursor.blank()
            text = cursor.peek()
            if match := _HEAD.match(text):
                self.columns = " ".join(match["columns"].split())
                cursor.take()
            elif _RULE.match(text) and begun:
                cursor.take()
            elif (match := _NONE.match(text)) and match["why"].lower().startswith(
                "dns name does not"
            ):
                self.first, self.rcode = self.first or match["name"], "NXDOMAIN"
                cursor.take()
            elif begun and _ERROR.match(text):
                cursor.take()
            elif self.columns and (match := _ROW.match(text)):
                if not self._row(match):
                    cursor.skip_unread()
                else:
                    cursor.take()
            elif not self._object():
                break
            begun = True
        return begun

    def _row(self, match: re.Match[str]) -> bool:
        self.first = self.first or match["name"]
        words = match["value"].split()
        if match["section"] != "Answer":
            self.authority = True
            return True
        values = dict(zip(self.columns.split(), words, strict=False))
        if len(words) != len(self.columns.split()) or match["value"].rstrip().endswith("..."):
            return False
        return self._add(match["name"], match["type"], values)

    def _object(self) -> bool:
        """One object as a list of properties."""
        cursor = self.cursor
        values: dict[str, str] = {}
        ahead, key = 0, ""
        while match := _PROPERTY.match(cursor.peek(ahead)):
            if match["key"] in values:
                break
            key = match["key"]
            values[key] = match["value"].strip()
            ahead += 1
            while key == "Strings" and re.match(r"^\s{6,}\S", cursor.peek(ahead)):
                values[key] += cursor.peek(ahead).strip()
                ahead += 1
        if (
            not {"Name", "Section"} <= values.keys()
            and not {"Name", "Administrator"} <= values.keys()
        ):
            return False
        rdtype = values.get("QueryType") or values.get("Type", "")
        self.first = self.first or values["Name"]
        if values.get("Section") == "Answer":
            added = self._add(values["Name"], rdtype, values)
        else:
            added = self.authority = True
        for _ in range(ahead):
            cursor.take() if added else cursor.skip_unread()
        return True

    def _add(self, name: str, rdtype: str, values: dict[str, str]) -> bool:
        values = {_SYNONYMS.get(key, key): value for key, value in values.items()}
        if rdtype == "TXT" and values.get("Strings", "").startswith("{"):
            strings = values["Strings"].strip("{}")
            if "..." in strings or ", " in strings:
                return False
            escaped = strings.replace("\\", "\\\\").replace('"', '\\"')
            return self._taken(self.answers.add(name, "TXT", f'"{escaped}"'))
        parts = [values.get(key, "") for key in _VALUES.get(rdtype, ("",))]
        return all(parts) and self._taken(self.answers.add(name, rdtype, " ".join(parts)))

    def _taken(self, added: bool) -> bool:  # noqa: FBT001  # whether it was
        self.rcode = "NOERROR" if added else self.rcode
        return added

    def finished(self) -> Parsed | None:
        asked = self.asked
        target = target_of(reverse_name(asked.target or self.first))
        types = [one for one in asked.types if one in TYPES]
        foreign = self.answers.foreign(target)
        self.answers.keep(target)
        facts = failure = None
        if self.rcode:
            facts, failure = self.answers.facts(target, types, self.rcode, 0, ())
        options: dict[str, object] = {"type": types} if types else {}
        if asked.servers:
            options["server"] = list(asked.servers)
        doubts = ["foreign"] if foreign else []
        doubts += ["filtered"] if self.typed is not None and self.typed.filtered else []
        return self.cursor.listing(
            "Resolve-DnsName",
            "dns",
            target,
            doubts,
            options=options,
            facts=facts,
            said=BASE if facts else (),
            failure=failure,
        )


def read_resolve(lines: Sequence[PastedLine], at: int, typed: Command | None) -> Parsed | None:
    """One command's objects."""
    cursor = Cursor(lines, at, hashes=False, parentheses=False)
    text = cursor.peek()
    mine = typed is not None and typed.tool == "Resolve-DnsName"
    if not (mine or _HEAD.match(text) or _NONE.match(text)):
        return None
    one = _Resolve(cursor, typed)
    return one.finished() if one.read() else None
