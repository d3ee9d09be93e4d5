"""``nslookup`` of BIND, of busybox, and of Windows in its languages.

BIND writes ``Name:`` and ``Address:`` in turn; Windows gathers ``Addresses:`` under one ``Name:``.
"""

import re
from collections.abc import Sequence
from ipaddress import ip_address

from sotokara.core.observation import Failure
from sotokara.kinds.dns.readers.asked import TRANSFERS, TYPES, TypedQuery, asked_by
from sotokara.kinds.dns.readers.nslookup_form import set_above
from sotokara.kinds.dns.readers.phrases import (
    ADDRESS,
    ALIASES,
    AUTHORITIES,
    CANNOT,
    CANNOT_ANY,
    CANNOT_JA,
    HARMLESS,
    LATE,
    MORE,
    NAME,
    NO_RECORDS,
    NOT_AUTHORITATIVE,
    PROMPT,
    QUOTED,
    RECORD,
    SERVER,
    SERVICE,
    SERVICE_ORDER,
    SERVICE_PART,
    SET_TYPE,
    SOA,
    SOA_ORDER,
    TEXT,
    WHY,
)
from sotokara.kinds.dns.readers.records import BASE, AnswerLines, flags_of, reverse_name, target_of
from sotokara.kinds.shared.terminal.grammar import is_name
from sotokara.kinds.shared.terminal.interface import Command, Cursor, Parsed, any_of
from sotokara.kinds.shared.terminal.pasted import PastedLine, is_masked

_PORT = re.compile(r"#\d+\s*$")  # BIND names it, and which answers are not authoritative
BEGINS = any_of(
    *(SERVER, NAME, NOT_AUTHORITATIVE, CANNOT, CANNOT_JA, NO_RECORDS),
    re.compile(r"[^=]*[\w)]\s*=|.*\bhas AAAA address\s"),
)


class _Nslookup:
    """One look-up: from its command, its server's lines or its first ``Name:`` on."""

    def __init__(self, cursor: Cursor, typed: Command | None) -> None:
        self.cursor = cursor
        self.typed = typed
        self.asked = asked_by(typed) if typed and typed.tool == "nslookup" else TypedQuery()
        self.types = list(self.asked.types)
        self.target = self.asked.target
        self.server = self.asked.servers[0] if self.asked.servers else ""
        self.other = self.asked.other_class
        if not (self.target or self.types):
            self.types, self.other = set_above(cursor.lines, cursor.at)
        self._default = ["A"] if typed is not None and typed.certain else []  # only it tells
        self.answers = AnswerLines()
        self.rcode, self.known_aa = "", False
        self.name = self.soa_owner = ""
        self.soa: dict[str, str] = {}
        self.aliases: list[str] = []
        self.failure: Failure | None = None
        self.authorities = False
        self.section = ""
        self.absent: list[str] = []
        self.zone_soa = False

    def read_all(self) -> Parsed | None:
        cursor = self.cursor
        self._server()
        begun = False
        while cursor.more:
            cursor.blank()
            if not cursor.more or cursor.typed is not None or (begun and self._ends()):
                break
            if not self._line(cursor.peek()):
                known = begun or (self.asked.target and cursor.at > cursor.begin)
                if not known:
                    return None
                if not (self._more_ahead() or (not begun and cursor.peek().startswith("***"))):
                    break
                cursor.skip_unread()
            begun = True
        return self._finished() if begun else None

    def _more_ahead(self) -> bool:
        """Whether a line that was not understood stands among this look-up's own."""
        text = self.cursor.peek()
        if self.cursor.at and not self.cursor.lines[self.cursor.at - 1].text.strip():
            return False
        inside = bool(text[:1].isspace() or " = " in text or "\t" in text)
        below = self.cursor.peek(1)
        known = MORE.match(below) or ADDRESS.match(below) or any(p.match(below) for p, _ in RECORD)
        return inside or bool(known)

    def _server(self) -> None:  # noqa: C901  # one branch a form of line
        """The lines that name the resolver: not the target's answer, and not kept as facts."""
        cursor = self.cursor
        cursor.blank()
        if prompt := PROMPT.match(cursor.peek()):
            self.target = prompt["name"]
            cursor.take()
        elif SERVER.match(cursor.peek(1)) and is_name(cursor.peek().strip()):
            self.target = cursor.peek().strip()
            cursor.take()
        while (
            cursor.more
            and cursor.typed is None
            and (HARMLESS.match(cursor.peek()) or LATE.match(cursor.peek()))
        ):
            if match := SET_TYPE.match(cursor.peek()):
                self.types = [match["type"].upper()]
            late = LATE.match(cursor.peek())
            if late and not any(NAME.match(cursor.peek(ahead)) for ahead in range(8)):
                return
            cursor.take()
            cursor.blank()
        if not SERVER.match(cursor.peek()) and self.typed is not None:
            while cursor.more and ADDRESS.match(cursor.peek()):  # its own line is missing
                cursor.take()
        if SERVER.match(cursor.peek()):
            known = False
            cursor.take()
            while cursor.more and ADDRESS.match(cursor.peek()):
                known = known or bool(_PORT.search(cursor.peek()))
                cursor.take()
            while cursor.more and MORE.match(cursor.peek()) and cursor.peek().strip():
                cursor.take()
            cursor.blank()
            self.known_aa = known
        prompt = PROMPT.match(cursor.peek())
        if prompt and not SERVER.match(cursor.peek(1)):
            self.target = prompt["name"]
            cursor.take()

    def _ends(self) -> bool:
        """Whether another look-up begins here."""
        text = self.cursor.peek()
        if SERVER.match(text) or PROMPT.match(text) or SET_TYPE.match(text):
            return True
        match = NAME.match(text)
        if not match or not self.name or not self.answers:
            return False
        linked = {self.name.lower(), *map(str.lower, self.aliases)}
        same = match["value"].removesuffix(".").lower() in linked or "CNAME" in self.answers.types
        return not same

    def _line(self, text: str) -> bool:  # noqa: C901, PLR0912  # one branch a form
        cursor = self.cursor
        if NOT_AUTHORITATIVE.match(text):
            cursor.take()
            self.section, self.known_aa = "not authoritative", True
        elif AUTHORITIES.match(text):
            self.authorities = True
            cursor.take()
        elif match := NAME.match(text):
            self.name = match["value"].removesuffix(".")
            self.rcode = self.rcode or "NOERROR"
            cursor.take()
            self._addresses()
        elif match := NO_RECORDS.match(text):
            self.target = self.target or match["name"]
            self.rcode = self.rcode or "NOERROR"
            told = [match["type"].upper()] if match["type"] else self._default
            self.absent += self.types or told
            cursor.take()
        elif match := CANNOT.match(text) or CANNOT_JA.match(text):
            return self._cannot(match["name"], match["why"].rstrip())
        elif match := CANNOT_ANY.match(text):
            return self._cannot(self._named(match["text"]), match["why"])
        elif self._record(text):
            pass
        elif LATE.match(text):
            self.failure = Failure("generic_timeout_error", "nslookup", text.strip(" ;*"))
            cursor.take()
        elif HARMLESS.match(text):
            cursor.take()
        elif ADDRESS.match(text):
            if self.name:
                self._addresses()
            else:  # whose it is does not stand above it
                cursor.skip_unread()
        else:
            return False
        return True

    def _addresses(self) -> None:
        """``Address:`` or ``Addresses:``, the addresses below it, and the aliases."""
        cursor = self.cursor
        into = "address"
        while cursor.more:
            text = cursor.peek()
            if match := ADDRESS.match(text):
                into = "address"
            elif match := ALIASES.match(text):
                into = "alias"
            elif not text.strip() or not (match := MORE.match(text)):
                return
            for value in re.split(r",\s*|\s{2,}", match["value"].rstrip()):
                if into == "alias":
                    self.aliases.append(value.removesuffix("."))
                elif " " in value and self._address(value.split()[0]):
                    pass  # busybox names the address behind it
                elif not self._address(value):
                    cursor.skip_unread()
                    return
            cursor.take()

    def _address(self, value: str) -> bool:
        if self.asked.reverse:
            same = target_of(reverse_name(value)) == target_of(reverse_name(self.target))
            return same and self.answers.add(reverse_name(self.target), "PTR", f"{self.name}.")
        try:
            version = ip_address(value.partition("%")[0]).version
        except ValueError:
            if not is_masked(value):
                return False
            self.cursor.masked.append((self.cursor.number(), value))
            version = 6 if ":" in value else 4
        return self.answers.add(self.name, "AAAA" if version == 6 else "A", value)  # noqa: PLR2004

    def _record(self, text: str) -> bool:  # noqa: C901, PLR0911  # one branch a form
        cursor = self.cursor
        if (match := TEXT.match(text)) or (re.search(r"\btext\s*=\s*$", text) and match):
            ahead = 1 if cursor.peek(1).strip() else 2
            strings: list[str] = []
            while quoted := QUOTED.match(cursor.peek(ahead + len(strings))):
                strings.append(quoted["value"])
            added = bool(strings) and (
                self.authorities or self.answers.add(match["owner"], "TXT", " ".join(strings))
            )
            if not added:
                return False
            for _ in range(ahead + len(strings)):
                cursor.take()
            self.rcode = "NOERROR"
            return True
        if match := SERVICE.match(text):
            return self._service(match["owner"])
        if self.soa_owner and (match := SOA.match(text)):
            self.soa[match["key"].lower()] = match["value"]
            cursor.take()
            self._soa()
            return True
        if re.fullmatch(r"\s*[\w.-]+\s*", text) and SOA.match(cursor.peek(1)):
            self.soa_owner, self.soa = text.strip(), {}
            cursor.take()
            return True
        for pattern, rdtype in RECORD:
            match = pattern.match(text.rstrip())
            if match is None:
                continue
            value = f"{match['p']} {match['v']}" if "p" in match.groupdict() else match["v"]
            real = rdtype or match["type"]
            if not self.authorities and not self.answers.add(match["owner"], real, value):
                return False
            self.rcode = self.rcode or "NOERROR"
            cursor.take()
            return True
        return False

    def _service(self, owner: str) -> bool:
        """Windows writes an SRV record over four lines."""
        cursor = self.cursor
        parts: dict[str, str] = {}
        while len(parts) < len(SERVICE_ORDER):
            match = SERVICE_PART.match(cursor.peek(1 + len(parts)))
            if match is None or match["key"].lower() in parts:
                return False
            parts[match["key"].lower()] = match["value"]
        value = " ".join(parts[key] for key in SERVICE_ORDER)
        if not (self.authorities or self.answers.add(owner, "SRV", value)):
            return False
        for _ in range(1 + len(parts)):
            cursor.take()
        self.rcode = self.rcode or "NOERROR"
        return True

    def _soa(self) -> None:
        values = [
            next((self.soa[key] for key in keys if key in self.soa), "") for keys in SOA_ORDER
        ]
        if all(values):
            wanted = not self.types or "SOA" in self.types or "ANY" in self.types
            above = self.target and target_of(self.target) != target_of(self.soa_owner)
            if wanted and not above and not self.authorities:
                self.answers.add(self.soa_owner, "SOA", " ".join(values))
            elif not self.authorities:  # Windows shows whose zone has no such record
                self.zone_soa = True
            self.rcode, self.soa_owner = self.rcode or "NOERROR", ""

    def _named(self, text: str) -> str:
        """The name that a sentence in any language says could not be found."""
        if self.target and self.target in text:
            return self.target
        words = [one for one in re.findall(r"[\w.:-]*[\w]", text, re.ASCII) if is_name(one)]
        return words[-1] if len(words) == 1 else ""

    def _cannot(self, what: str, why: str) -> bool:
        said = next((code for text, code in WHY.items() if text in why.lower()), "")
        if not said or not (what or self.target):
            return False
        self.cursor.take()
        self.target = self.target or what
        if said == "NODATA":
            self.rcode = self.rcode or "NOERROR"
            self.absent += self.types or ([] if self.answers or self.name else self._default)
        elif said == "LATE":
            self.failure = Failure("generic_timeout_error", "nslookup", why)
        else:
            self.rcode = said
        return True

    def _finished(self) -> Parsed:
        target = target_of(self.target or (self.aliases[0] if self.aliases else self.answers.owner))
        if self.other or TRANSFERS & {*self.types}:
            return self.cursor.refused("nslookup", "dns", "" if self.other else target)
        said = list(BASE) + (["chain"] if "CNAME" in self.answers.types else [])
        doubts = self._doubts(target)
        if self.aliases:  # the order of aliases is not stated: neither chain nor records are whole
            said = ["rcode", "addresses"]
        facts = failure = None
        if self.zone_soa and not self.answers:
            self.absent += self.types
        if self.rcode:
            aa = self.known_aa and bool(self.answers) and self.section != "not authoritative"
            flags = flags_of(["aa"] if aa else [])
            types = [one for one in self.types if one in TYPES] or self.answers.types
            absent = () if self.cursor.unread or doubts else self.absent
            facts, failure = self.answers.facts(
                target,
                [*types, *(one for one in absent if one not in types)],
                self.rcode,
                flags,
                absent,
            )
            said += ["authoritative"] if self.known_aa and self.answers else []
        kept = [one for one in self.types if one in TYPES]
        if "ANY" in self.types:
            kept = ["ANY"]
        options: dict[str, object] = {"type": kept} if kept else {}
        if self.server:
            options["server"] = [self.server]
        return self.cursor.listing(
            "nslookup",
            "dns",
            target,
            doubts,
            options=options,
            facts=facts,
            said=tuple(said) if facts else (),
            failure=failure or (None if facts else self.failure),
        )

    def _doubts(self, target: str) -> list[str]:
        """Leave out what is of other names; whether anything was that servers do not add."""
        filtered = self.typed is not None and self.typed.filtered
        doubts = ["filtered"] if filtered else []
        if self.aliases or not target:
            return doubts
        foreign = set(self.answers.foreign(target)) - self.answers.pointed()
        asked = self.target.rstrip(".").lower()
        first = self.answers.owner.rstrip(".").lower()
        if foreign and asked and first.startswith(f"{asked}.") and not self.answers.pointed():
            return doubts  # a search list's name
        if foreign and "CNAME" not in self.answers.types and self.name:
            return doubts  # Windows gives the last name alone
        self.answers.keep(target)
        return [*doubts, "foreign"] if foreign else doubts


def read_nslookup(pasted: Sequence[PastedLine], at: int, typed: Command | None) -> Parsed | None:
    """One look-up that begins at a line."""
    cursor = Cursor(pasted, at)
    text = cursor.peek()
    asked = SERVER.match(cursor.peek(1)) and (PROMPT.match(text) or is_name(text.strip()))
    begins = (
        asked
        or SERVER.match(text)
        or NAME.match(text)
        or NOT_AUTHORITATIVE.match(text)
        or CANNOT.match(text)
        or CANNOT_JA.match(text)
        or NO_RECORDS.match(text)
        or (typed is not None and typed.tool == "nslookup")
        or any(pattern.match(text) for pattern, rdtype in RECORD if rdtype)
    )
    return _Nslookup(cursor, typed).read_all() if begins else None
