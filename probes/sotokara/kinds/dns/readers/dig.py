"""``dig`` of BIND 8 to 9.2x and its kin (kdig, drill, delv, ``host -a``): whole messages.

``+noall +answer`` and ``+trace`` too; what ``+short`` prints is read in ``short.py``.
"""

import re
from collections.abc import Sequence

from sotokara.core.addresses import is_address
from sotokara.core.observation import Failure
from sotokara.kinds.dns.readers.asked import TRANSFERS, TYPES, TypedQuery, asked_by, dig_words
from sotokara.kinds.dns.readers.records import BASE, AnswerLines, flags_of, target_of
from sotokara.kinds.dns.readers.short import read_short
from sotokara.kinds.shared.terminal.interface import Command, Cursor, Parsed, any_of
from sotokara.kinds.shared.terminal.pasted import PastedLine

BANNER = re.compile(
    r"^\s*; <<>>\s*(?:DiG|delv)\s*(?P<version>\S+)\s*<<>>(?P<words>.*)$", re.IGNORECASE
)
HEADER = re.compile(
    r"^\s*;;\s*->>HEADER<<-\s*opcode:\s*\w+[,;]\s*(?:status[:;]|rcode:)\s*(?P<rcode>\w+)[,;]\s*id:\s*\d+"
)
FLAGS = re.compile(r"^\s*;;\s*flags:\s*(?P<flags>[a-z ]*);(?P<counts>.*)$", re.IGNORECASE)
COUNT = re.compile(r"\b(?P<name>ANSWERS?|Ans)(?::\s*|\s+)(?P<count>\d+)", re.IGNORECASE)
SECTION = re.compile(
    r"^\s*;;\s*(?P<name>QUESTIONS?|QUERY|ANSWERS?|AUTHORITY|ADDITIONAL"
    r"|OPT PSEUDO|EDNS PSEUDO|UPDATE|PREREQUISITE) ?SECTION:?",
    re.IGNORECASE,
)
OLD_SECTION = re.compile(
    r"^\s*;;\s*(?P<name>ANSWERS|AUTHORITY RECORDS|ADDITIONAL RECORDS|QUESTIONS):", re.IGNORECASE
)
QUESTION = re.compile(
    r"^\s*;+\s*(?P<name>[^\s,;]+)(?:,\s*type = |\s+)(?:\d+\s+)?"
    r"(?:(?P<class>IN|CH|CHAOS|HS)(?:\s+|,\s*))?(?P<type>[A-Z0-9]+)(?:, class = (?P<old>\w+))?\s*$"
)
RECORD = re.compile(
    r"^\s*(?P<owner>[^\s;]+)(?:\s+(?P<ttl>\d+|(?:\d+[SMHDWsmhdw])+))?"
    r"\s+(?P<class>IN|CH|CHAOS|HS)\s+(?P<type>[A-Z][A-Z0-9]*)\s+(?P<value>\S.*)$"
)
NO_CLASS = re.compile(
    rf"^\s*(?P<owner>[^\s;]+)(?:\s+(?P<ttl>\d+|(?:\d+[SMHDWsmhdw])+))?"
    rf"\s+(?P<type>{'|'.join(sorted({*TYPES, 'RRSIG', 'NSEC', 'NSEC3', 'CDS', 'CDNSKEY'}))})"
    r"\s+(?P<value>\S.*)$"
)
LATE = re.compile(
    r"^\s*;;\s*(?:connection timed out|no servers could be reached|communications error"
    r"|no response from|WARNING: response timeout)",
    re.IGNORECASE,
)
RECEIVED = re.compile(r"^\s*;; Received \d+ bytes from")
FOOT = re.compile(r"^\s*;; (?:MSG SIZE|XFR size|From \S+@\d+\(|Received \d+ B$)")
COMMENT = re.compile(r"^\s*;|^\s*<<>>")
HARMLESS = re.compile(
    r"^\s*(?:Trying \"[^\"]*\"|Received \d+ bytes from \S+ in \d+ ms|Using domain server:"
    r"|Name: \S+|Address: \S+|Aliases:.*)\s*$"
)
DELV_NONE = re.compile(
    r"^\s*;; (?:resolution failed: ncache (?P<failed>nxdomain|nxrrset)|negative response.*)$"
)
BEGINS = any_of(BANNER, HEADER, SECTION, RECORD, re.compile(r'^\s*Trying "'))
_MOST_JOINED = 60
_ZONE = re.compile(
    r"^\s*(?:\$(?:TTL|ORIGIN|INCLUDE)\b|@?\s+(?:IN\s+)?(?:A|AAAA|NS|MX|TXT|CNAME|SOA)\s)"
)


def is_open(value: str) -> bool:
    """Whether a bracket outside quotation marks is still open (RFC 1035, 5.1)."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", value)
    return bare.count("(") > bare.count(")")


class _Dig:
    """One run of dig."""

    def __init__(self, cursor: Cursor, typed: Command | None) -> None:
        self.cursor, self.typed = cursor, typed
        self.asked = asked_by(typed) if typed and typed.tool != "nslookup" else TypedQuery()
        self.answers = AnswerLines()
        self.rcode, self.flags, self.section = "", "", ""
        self.question = ("", "")
        self.failure: Failure | None = None
        self.header = self.other = self.stage = self.over = self.transfer = self.titled = False
        self.bannered = False
        self.count: int | None = None
        self.taken = 0
        self.said_none = ""

    def read_all(self) -> Parsed | None:  # where a run of dig ends has many forms
        cursor = self.cursor
        if self.asked.short:
            return read_short(cursor, self.asked, self.typed)
        begun = False
        while cursor.more:
            text = cursor.peek()
            if not text.strip():
                if begun and self._over(cursor.next_text()):
                    break
                cursor.blank()
                continue
            if cursor.typed is not None:
                break
            if self._answering and (BANNER.match(text) or (self.header and HEADER.match(text))):
                if BANNER.match(text) or "qr" in self.flags.split():
                    break
                self.question, self.answers = (
                    ("", ""),
                    AnswerLines(),
                )  # it was ``+qr``'s own query
                self.taken, self.count = 0, None
            if not self._line(text):
                if not begun or (not self.section and not self._looks(text)) or self.over:
                    break
                cursor.skip_unread()
            begun = True
        return self._finished() if begun else None

    def _over(self, text: str) -> bool:
        """After an empty line: whether what follows no longer belongs to this output."""
        known = COMMENT.match(text) or RECORD.match(text) or HARMLESS.match(text)
        if self.section and not self.over:
            known = known or NO_CLASS.match(text)
        return not known or (self._answering and bool(BANNER.match(text)))

    @property
    def _answering(self) -> bool:
        """Whether more has been seen than remarks above the run's heading."""
        return self.bannered or self.header or self.titled or bool(self.answers)

    @staticmethod
    def _looks(text: str) -> bool:
        """Whether a line that was not understood is still dig's, rather than prose after it."""
        return bool(re.match(r"^\s*;|^\s+\S", text))

    def _line(self, text: str) -> bool:  # noqa: C901, PLR0912  # one branch a form of line
        cursor = self.cursor
        if match := BANNER.match(text):
            self.bannered = True  # what stood above it is of this run: it was asked again
            words = match["words"].split()
            if not self.asked.known or not (self.asked.target or self.asked.types):
                self.asked = dig_words(words)
            if self.asked.short:
                cursor.take()
                return True
        elif match := HEADER.match(text):
            self.rcode, self.header, self.section = match["rcode"].upper(), True, ""
        elif match := FLAGS.match(text):
            self.flags = match["flags"]
            found = COUNT.search(match["counts"])
            self.count = int(found["count"]) if found else None
        elif match := SECTION.match(text) or OLD_SECTION.match(text):
            self.section, self.titled = match["name"].upper().split()[0].rstrip("S"), True
        elif self.section in ("QUESTION", "QUERY") and (match := QUESTION.match(text)):
            self.question = (match["name"], match["type"])
            self.other = self.other or (match["class"] or match["old"] or "IN").upper() != "IN"
        elif RECEIVED.match(text):
            self.stage = "trace" in self.asked.flags or not self.header
            self.over = not self.stage
        elif LATE.match(text):
            self.failure = Failure("generic_timeout_error", "dig", text.strip(" ;"))
        elif match := DELV_NONE.match(text):
            self.said_none = "NXDOMAIN" if match["failed"] == "nxdomain" else match["failed"] or "?"
        elif COMMENT.match(text):
            self.over = self.over or bool(FOOT.match(text))
            self.transfer = self.transfer or "XFR size" in text
        elif match := RECORD.match(text) or (self.section and NO_CLASS.match(text)) or None:
            return self._record(match)
        else:
            if not HARMLESS.match(text):
                return False
            self.over = self.over or text.lstrip().startswith("Received")
        cursor.take()
        return True

    def _record(self, match: re.Match[str]) -> bool:
        """One record, which may run on over lines in brackets."""
        cursor = self.cursor
        value, taken = match["value"].rstrip(), 1
        while is_open(value) and cursor.at + taken < len(cursor.lines) and taken < _MOST_JOINED:
            value += " " + re.sub(r";.*$", "", cursor.peek(taken))
            taken += 1
        if taken > 1 and match["type"] == "SOA":
            value = re.sub(r";[^();\d]*", " ", value).replace("(", " ").replace(")", " ")
        if self.stage:  # ``+trace``: what a server further up said is no answer
            self.answers, self.stage, self.taken = AnswerLines(), False, 0
        wanted = self.section in ("ANSWER", "")
        other = match.groupdict().get("class") not in ("IN", None)
        self.other = self.other or other
        value = " ".join(value.split()) if match["type"] == "SOA" else value
        if wanted and not other and not self.answers.add(match["owner"], match["type"], value):
            following = cursor.peek(taken).strip()
            if following and not RECORD.match(following) and not COMMENT.match(following):
                value, taken = f"{value} {following}", taken + 1  # a mailer broke the line
            if taken == 1 or not self.answers.add(match["owner"], match["type"], value):
                return False
        self.taken += wanted
        for _ in range(taken):
            cursor.take()
        return True

    def _target(self) -> str:
        if self.question[0]:
            return target_of(self.question[0])
        target = self.asked.target
        if target and self.answers.foreign(target) and target_of(self.answers.owner) != target:
            whole = {name.rstrip(".").lower() for name in self.answers.foreign(target)}
            if self.answers.owner.lower() in whole and "." not in target:  # a search list's name
                target = ""
        several = self.asked.several and not target
        return target_of(target or ("" if several and not self.header else self.answers.head))

    def _finished(self) -> Parsed | None:
        types = [self.question[1]] if self.question[0] else list(self.asked.types)
        target = self._target()
        transfer = self.transfer or bool(TRANSFERS & {*types, *self.asked.types})
        if self.other or self.asked.other_class or transfer:
            about = target if transfer and not self.other else ""
            failure = None if self.rcode or self.answers else self.failure
            return self.cursor.refused("dig", "dns", about, failure=failure)
        alone = not (self.header or self.titled or self.asked.target or self.asked.several)
        if alone and not self.said_none and not self._certain(target):
            return None
        foreign = set(self.answers.foreign(target)) if target else set()
        if "trace" in self.asked.flags and not self.header:
            foreign = set()  # each server also names those of the zone
        doubts = ["foreign"] if foreign else []
        self.answers.keep(target)
        cut = (self.count is not None and self.count != self.taken) or "tc" in self.flags.split()
        cut = cut or (self.header and self.rcode == "NOERROR" and self._headless())
        doubts += ["cut"] if cut else []
        filtered = self.typed is not None and (self.typed.filtered or self.typed.more)
        doubts += ["filtered"] if filtered and not self.header else []
        whole = not (cut or foreign or self.cursor.unread) and self.count is not None
        facts = failure = None
        asked = [one for one in types if one in TYPES] or self.answers.types
        said: tuple[str, ...] = (*BASE, "chain", "authoritative") if self.header else BASE
        said += ("dnssec",) if "ad" in self.flags.split() else ()
        if self.said_none:
            self.rcode = "NXDOMAIN" if self.said_none == "NXDOMAIN" else ""
        if self.rcode or self.answers:
            facts, failure = self.answers.facts(
                target,
                asked,
                self.rcode or "NOERROR",
                flags_of(self.flags.lower().split()),
                asked if whole else (),
            )
        return self.cursor.listing(
            "dig",
            "dns",
            target,
            doubts,
            options=self._options(types, target),
            facts=facts,
            said=said if facts else (),
            failure=failure or (None if facts else self.failure),
        )

    def _headless(self) -> bool:
        """Whether a listing ends behind its first heading, before it says how much there is."""
        return self.count is None and not self.answers

    def _certain(self, target: str) -> bool:
        """Whether records without a heading are one answer, and no part of a zone's file."""
        cursor = self.cursor
        below = cursor.peek()
        taken = cursor.lines[cursor.begin : cursor.at]
        rows = [match for line in taken if (match := RECORD.match(line.text))]
        absolute = all(match["owner"].endswith(".") for match in rows)
        own = all(
            "\t\tIN\t" in line.given or line.given.startswith(";") for line in taken if line.text
        )
        alike = {match["type"] for match in rows} - {"CNAME", "RRSIG", "DNAME"}
        zone = _in_zone(below)
        certain = absolute and not zone and not self.answers.foreign(target) and not cursor.unread
        return (
            bool(rows)
            and certain
            and (own or (len(alike) <= 1 and all(one["ttl"] for one in rows)))
        )

    def _options(self, types: list[str], target: str) -> dict[str, object]:
        options: dict[str, object] = {}
        default = ["PTR"] if is_address(target) else ["A"]
        kept = [one for one in types if one in TYPES]
        if not kept and "ANY" in types:
            kept = ["ANY"]
        if kept and kept != default:
            options["type"] = kept
        if self.asked.servers:
            options["server"] = list(self.asked.servers)
        return options


def _in_zone(text: str) -> bool:
    """Whether a line beside records is itself one, or of a zone's file."""
    return bool(_ZONE.match(text) or NO_CLASS.match(text) or RECORD.match(text))


def read_dig(pasted: Sequence[PastedLine], at: int, typed: Command | None) -> Parsed | None:
    """One run of dig that begins at a line."""
    cursor = Cursor(pasted, at, hashes=False, parentheses=False)
    text = cursor.peek()
    mine = typed is not None and typed.tool in ("dig", "kdig", "drill", "delv")
    if typed is not None and not mine:
        mine = typed.tool == "host" and bool(re.match(r'^Trying "', text.strip()))
    begins = (
        mine
        or BANNER.match(text)
        or HEADER.match(text)
        or SECTION.match(text)
        or (text.lstrip().startswith('Trying "') and HEADER.match(cursor.peek(1)))
    )
    if not begins and RECORD.match(text):
        begins = not (at and _in_zone(pasted[at - 1].text))
    return _Dig(cursor, typed).read_all() if begins else None
