"""``dig`` of BIND 8 to 9.2x: whole messages, ``+short``, ``+noall +answer``, ``+trace``."""

import re
from collections.abc import Sequence

from sotokara.core.addresses import is_address
from sotokara.core.observation import Failure
from sotokara.kinds.dns.readers.records import (
    BASE,
    Answers,
    flags_of,
    name,
    reverse_name,
    target_of,
)
from sotokara.kinds.dns.types import is_type
from sotokara.kinds.shared.terminal.interface import Command, Cursor, Read
from sotokara.kinds.shared.terminal.pasted import PastedLine

BANNER = re.compile(r"^\s*; <<>>\s*DiG\s*(?P<version>\S+)\s*<<>>\s*(?P<words>.*)$", re.IGNORECASE)
HEADER = re.compile(
    r"^\s*;;\s*->>HEADER<<-\s*opcode:\s*\w+,\s*status[:;]\s*(?P<rcode>\w+),\s*id:\s*(?P<id>\d+)"
)
FLAGS = re.compile(r"^\s*;;\s*flags:\s*(?P<flags>[a-z ]*);")
SECTION = re.compile(
    r"^\s*;;\s*(?P<name>QUESTIONS?|QUERY|ANSWERS?|AUTHORITY|ADDITIONAL"
    r"|OPT PSEUDO) ?SECTION:?",
    re.IGNORECASE,
)
OLD_SECTION = re.compile(
    r"^\s*;;\s*(?P<name>ANSWERS|AUTHORITY RECORDS|ADDITIONAL RECORDS|QUESTIONS):", re.IGNORECASE
)
QUESTION = re.compile(
    r"^\s*;+\s*(?P<name>[^\s,;]+)(?:,\s*type = |\s+(?:\d+\s+)?(?:IN|CH"
    r"|CHAOS)\s+)(?P<type>[A-Z0-9]+)"
)
RECORD = re.compile(
    r"^\s*(?P<owner>[^\s;]+)(?:\s+(?P<ttl>\d+|(?:\d+[SMHDWsmhdw])+))?\s+(?:(?:IN|CH|CHAOS"
    r"|HS)\s+)(?P<type>[A-Z][A-Z0-9]*)\s+(?P<value>\S.*)$"
)
SERVER = re.compile(r"^\s*;; SERVER:\s*(?P<server>\S+)")
LATE = re.compile(
    r"^\s*;;\s*(?:connection timed out|no servers could be reached|communications error"
    r"|no response from)"
)
RECEIVED = re.compile(r"^\s*;; Received \d+ bytes from")
COMMENT = re.compile(r"^\s*;|^\s*<<>>")
SHORT_VALUE = re.compile(r'^(?:"[^"]*"(?:\s+"[^"]*")*|[0-9]+ \S+\.|\S+\.|[0-9A-Fa-f.:]+)$')


def is_open(value: str) -> bool:
    """Whether a bracket outside quotation marks is still open (RFC 1035, 5.1)."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", value)
    return bare.count("(") > bare.count(")")


class _Dig:
    """One run of dig."""

    def __init__(self, cursor: Cursor, typed: Command | None) -> None:
        self.cursor = cursor
        self.words: list[str] = list(typed.words) if typed and typed.tool == "dig" else []
        self.answers = Answers()
        self.rcode, self.flags, self.section = "", "", ""
        self.question = ("", "")
        self.failure: Failure | None = None
        self.header = self.other = self.stage = False

    def read_all(self) -> Read | None:  # noqa: C901  # where a run of dig ends has many forms
        cursor = self.cursor
        if self.words and "+short" in self.words:
            return self._short()
        begun = False
        while cursor.more:
            text = cursor.peek()
            if not text.strip():
                if begun and self._over(cursor.next_text()):
                    break
                cursor.blank()
                continue
            if begun and (BANNER.match(text) or (self.header and HEADER.match(text))):
                if BANNER.match(text) or "qr" in self.flags.split():
                    break
                self.question, self.answers = ("", ""), Answers()  # it was ``+qr``'s own query
            if not self._line(text):
                if begun and not self.header and not self._looks(text):
                    break
                if not begun or not text.strip():
                    return None
                if not self._looks(text):
                    break
                cursor.skip_unread()
            begun = True
        return self._finished() if begun else None

    def _over(self, text: str) -> bool:
        """After an empty line: whether what follows no longer belongs to this output."""
        return (
            not text or not (COMMENT.match(text) or RECORD.match(text)) or bool(BANNER.match(text))
        )

    @staticmethod
    def _looks(text: str) -> bool:
        """Whether a line that was not understood is still dig's, rather than prose after it."""
        return (
            bool(re.match(r"^\s*;|^\s*\S+\.?\s+\d*\s*(?:IN|CH)?\s*[A-Z]|^\s+\S", text))
            and not text[:1].isalpha()
        )

    def _line(self, text: str) -> bool:  # noqa: C901  # one branch a form of line
        cursor = self.cursor
        if match := BANNER.match(text):
            self.words = self.words or match["words"].split()
            if "+short" in self.words:
                self.cursor.take()
                return True
        elif match := HEADER.match(text):
            self.rcode, self.header, self.section = match["rcode"], True, ""
        elif match := FLAGS.match(text):
            self.flags = match["flags"]
        elif match := SECTION.match(text) or OLD_SECTION.match(text):
            self.section = match["name"].upper().split()[0].rstrip("S")
        elif self.section in ("QUESTION", "QUERY") and (match := QUESTION.match(text)):
            self.question = (match["name"], match["type"])
        elif RECEIVED.match(text):
            self.stage = True
        elif LATE.match(text):
            self.failure = Failure("generic_timeout_error", "dig", text.strip(" ;"))
        elif COMMENT.match(text):
            pass
        elif match := RECORD.match(text):
            return self._record(match)
        else:
            return False
        cursor.take()
        return True

    def _record(self, match: re.Match[str]) -> bool:
        """One record, which may run on over lines in brackets."""
        cursor = self.cursor
        value, taken = match["value"], 1
        while is_open(value) and cursor.at + taken < len(cursor.lines):
            value += " " + re.sub(r";.*$", "", cursor.peek(taken))
            taken += 1
        if taken > 1 and match["type"] == "SOA":
            value = re.sub(r";[^()]*?(?=\s\d|\)|$)", "", value).replace("(", " ").replace(")", " ")
        if self.stage:  # ``+trace``: what a server further up said is no answer
            self.answers, self.stage = Answers(), False
        wanted = self.section in ("ANSWER", "") or not self.header
        if wanted and not self.answers.add(
            match["owner"], match["type"], self._times(value, match["type"])
        ):
            following = cursor.peek(taken).strip()
            if following and not RECORD.match(following) and not COMMENT.match(following):
                value, taken = (
                    f"{value} {following}",
                    taken + 1,
                )  # a line that somebody's mailer broke
            if taken == 1 or not self.answers.add(match["owner"], match["type"], value):
                return False
        for _ in range(taken):
            cursor.take()
        return True

    @staticmethod
    def _times(value: str, rdtype: str) -> str:
        """Dig 8 writes an SOA's times as ``2h30m``: these are the same to the DNS."""
        return " ".join(value.split()) if rdtype == "SOA" else value

    def _short(self) -> Read | None:
        """``+short``: only values, a line each; aliases first."""
        cursor = self.cursor
        target, types = self._asked()
        owner = target if name(target) is not None else ""
        values = []
        while cursor.more and SHORT_VALUE.match(cursor.peek().strip()):
            values.append(cursor.take().strip())
        if (
            not values
            and cursor.more
            and cursor.peek().strip()
            and not COMMENT.match(cursor.peek())
        ):
            return None
        reverse = "-x" in self.words
        for value in values:
            rdtype = _short_type(value, types[0] if types else ("PTR" if reverse else "A"))
            if rdtype == "CNAME" and len(values) == 1 and types:
                rdtype = types[0]
            at = reverse_name(target) if reverse else owner
            if not self.answers.add(at, rdtype, value):
                cursor.unread.append((cursor.number(), value))
            if rdtype == "CNAME":
                owner = value
        self.rcode = "NOERROR" if values else ""
        self.words = [word for word in self.words if word != "+short"]
        return self._finished(("rcode", "addresses", "names"))

    def _asked(self) -> tuple[str, list[str]]:
        """The name and types of the command's words, where the output itself has no question."""
        target, types, skip = "", [], False
        for at, word in enumerate(self.words):
            if skip:
                skip = False
            elif word in ("-x", "-q") and at + 1 < len(self.words):
                target, skip = self.words[at + 1], True
            elif word in ("-t", "-p", "-b", "-k", "-c", "-f", "-y"):
                if word == "-t":
                    types += [self.words[at + 1].upper()] if at + 1 < len(self.words) else []
                skip = True
            elif is_type(word):
                types.append(word.upper())
            elif word.lower() in ("in", "ch", "chaos", "hs") or word[0] in "@+-;#":
                self.other = self.other or word.lower() in ("ch", "chaos", "hs")
            elif not target:
                target = word
        return target, types

    def _finished(self, said: tuple[str, ...] = ()) -> Read:
        target, types = self._asked()
        if self.question[0]:
            target, types = self.question[0], [self.question[1]]
        target = target_of(target or self.answers.owner)
        if not said:
            said = (*BASE, "chain", "authoritative") if self.header else BASE
            said += ("dnssec",) if "ad" in self.flags.split() else ()
        facts = failure = None
        if self.rcode or self.answers:
            asked = [one for one in types if is_type(one)] or self.answers.types
            facts, failure = self.answers.facts(
                target, asked, self.rcode or "NOERROR", flags_of(self.flags.split())
            )
        options: dict[str, object] = {}
        default = ["PTR"] if is_address(target) else ["A"]
        if (kept := [one for one in types if is_type(one)]) and kept != default:
            options["type"] = kept
        servers = [word[1:] for word in self.words if word[0] == "@" and len(word) > 1]
        if servers:
            options["server"] = servers
        return self.cursor.listing(
            "dig",
            "dns",
            target,
            options=options,
            facts=facts,
            said=said if facts else (),
            failure=failure or (None if facts else self.failure),
        )


def _short_type(value: str, asked: str) -> str:
    """The type of a value that stands alone: an alias where an address was asked for."""
    if asked in ("A", "AAAA"):
        if is_address(value):
            return "AAAA" if ":" in value else "A"
        return "CNAME"
    if value.endswith(".") and " " not in value and asked not in ("NS", "PTR", "CNAME", "DNAME"):
        return "CNAME"
    return asked


def read_dig(pasted: Sequence[PastedLine], at: int, typed: Command | None) -> Read | None:
    """One run of dig that begins at a line."""
    cursor = Cursor(pasted, at, hashes=False, parentheses=False)
    text = cursor.peek()
    mine = typed is not None and typed.tool == "dig"
    begins = (
        mine
        or BANNER.match(text)
        or HEADER.match(text)
        or SECTION.match(text)
        or RECORD.match(text)
    )
    return _Dig(cursor, typed).read_all() if begins else None
