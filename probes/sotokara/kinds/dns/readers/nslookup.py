"""``nslookup`` of BIND and of Windows, in English and Japanese.

BIND writes ``Name:`` and ``Address:`` in turn, ``canonical name = ``, and so on; Windows gathers
``Addresses:`` and ``Aliases:`` under one ``Name:`` (``名前:``) and uses other phrases.
"""

import re
from collections.abc import Sequence
from ipaddress import ip_address

from sotokara.core.observation import Failure
from sotokara.kinds.dns.readers.records import BASE, Answers, flags_of, target_of
from sotokara.kinds.shared.terminal.interface import Command, Cursor, Read
from sotokara.kinds.shared.terminal.pasted import PastedLine, is_masked

SERVER = re.compile(
    r"^\s*(?:(?:Default )?Server|既定のサーバー|サーバー)\s*[::]\s*(?P<value>\S.*)?$", re.IGNORECASE
)
NAME = re.compile(r"^\s*(?:Name|名前)\s*[::]\s*(?P<value>\S+)(?:\s+\(.*\))?\s*$", re.IGNORECASE)
ADDRESS = re.compile(
    r"^\s*(?:Address(?:es)?|アドレス)\s*\d*\s*[::]\s*(?P<value>\S.*?)\s*$",
    re.IGNORECASE,
)
ALIASES = re.compile(
    r"^\s*(?:Alias(?:es)?|エイリアス|別名)\s*[::]\s*(?P<value>\S+)\s*$",
    re.IGNORECASE,
)
MORE = re.compile(r"^\s{2,}(?P<value>[^\s:=]+|[0-9A-Fa-f:.%]+)\s*$")
NOT_AUTHORITATIVE = re.compile(
    r"^\s*(?:Non-authoritative answer|権限のない回答"
    r"|Nicht autorisierende Antwort)\s*[::]",
    re.IGNORECASE,
)
AUTHORITIES = re.compile(
    r"^\s*(?:Authoritative answers can be found from|権威.*回答.*)[::]?\s*$", re.IGNORECASE
)
PHRASES: tuple[tuple[str, str], ...] = (
    (r"canonical name\s*=\s*(?P<v>\S+)", "CNAME"),
    (r"mail exchanger\s*=\s*(?P<p>\d+)\s+(?P<v>\S+)", "MX"),
    (r"MX preference\s*=\s*(?P<p>\d+),\s*mail exchanger\s*=\s*(?P<v>\S+)", "MX"),
    (r"nameserver\s*=\s*(?P<v>\S+)", "NS"),
    (r"name\s*=\s*(?P<v>\S+)", "PTR"),
    (r"service\s*=\s*(?P<v>\d+ \d+ \d+ \S+)", "SRV"),
    (r"text\s*=\s*(?P<v>\".*)", "TXT"),
    (r"(?:has AAAA|AAAA IPv6) address\s*=?\s*(?P<v>\S+)", "AAAA"),
    (r"internet address\s*=\s*(?P<v>\S+)", "A"),
    (r"rdata_65\s*=\s*(?P<v>.+)", "HTTPS"),
    (r"(?P<type>[A-Z][A-Z0-9]{1,9})\s*=\s*(?P<v>.+)", ""),
)
RECORD = [
    (re.compile(rf"^\s*(?P<owner>\S+)(?:\s+\([^()]*\))?\s+{phrase}(?:\s+\([^()]*\))?\s*$"), rdtype)
    for phrase, rdtype in PHRASES
]
TEXT = re.compile(r"^\s*(?P<owner>\S+)\s+text\s*=\s*$", re.IGNORECASE)
QUOTED = re.compile(r'^\s*(?P<value>".*")\s*$')
CANNOT = re.compile(
    r"^\s*(?:\*\*\s*server can't find|\*{3}\s+(?P<by>\S+) can't find|\*{3} Can't find) "
    r"(?P<name>\S+?)(?:\s+\([^()]*\))?:\s*(?P<why>.+?)\s*$",
    re.IGNORECASE,
)
CANNOT_JA = re.compile(
    r"^\s*\*{3} (?P<by>\S+) が (?P<name>\S+) を見つけられません\s*[::]\s*(?P<why>.+?)\s*$"
)
LATE = re.compile(
    r"^\s*(?:;;\s*connection timed out|;;\s*no servers could be reached"
    r"|\*{3} Request to \S+ timed[- ]out"
    r"|\*{3} UnKnown への要求がタイムアウト|\*{3} \S+ への要求がタイムアウト"
    r"|DNS request timed out|timeout was \d+ seconds"
    r"|;; communications error to|\(timeout\))",
    re.IGNORECASE,
)
HARMLESS = re.compile(
    r"^\s*(?:>\s*(?:exit|quit)?|\*{3} Can't find server (?:name|address).*|;; Got .*|>\s*set\s.*"
    r"|DNS request timed out\.|timeout was \d+ seconds\.?|\*{3} Default servers are not available"
    r"|Note:\s+nslookup is deprecated.*)\s*$",
    re.IGNORECASE,
)
PROMPT = re.compile(r"^\s*>\s*(?P<name>[\w.:-]+)\s*$")
SOA = re.compile(
    r"^\s*(?P<key>origin|mail addr|serial|refresh|retry|expire|minimum|primary name server"
    r"|responsible mail addr|default TTL)"
    r"\s*=\s*(?P<value>\S+)(?:\s+\(.*\))?\s*$",
    re.IGNORECASE,
)
SOA_ORDER = (
    ("origin", "primary name server"),
    ("mail addr", "responsible mail addr"),
    ("serial",),
    ("refresh",),
    ("retry",),
    ("expire",),
    ("minimum", "default ttl"),
)
WHY = {
    "nxdomain": "NXDOMAIN",
    "non-existent": "NXDOMAIN",
    "no answer": "NODATA",
    "servfail": "SERVFAIL",
    "server failed": "SERVFAIL",
    "refused": "REFUSED",
    "no records": "NODATA",
}


class _Nslookup:
    """One look-up: from its command, its server's lines or its first ``Name:`` on."""

    def __init__(self, cursor: Cursor, typed: Command | None) -> None:
        self.cursor = cursor
        words = list(typed.words) if typed and typed.tool == "nslookup" else []
        self.types = [
            word.partition("=")[2].upper()
            for word in words
            if re.match(r"-(?:q|query|querytype|ty|type)=", word)
        ]
        bare = [word for word in words if not word.startswith("-")]
        self.target = bare[0] if bare else ""
        self.server = bare[1] if len(bare) > 1 else ""
        self.answers = Answers()
        self.rcode, self.known_aa, self.flags = "", False, 0
        self.name = self.soa_owner = ""
        self.soa: dict[str, str] = {}
        self.aliases: list[str] = []
        self.failure: Failure | None = None
        self.authorities = False
        self.section = ""

    def read_all(self) -> Read | None:
        cursor = self.cursor
        self._server()
        begun = False
        while cursor.more:
            cursor.blank()
            if not cursor.more or (begun and self._ends()):
                break
            if not self._line(cursor.peek()):
                if not begun:
                    return None
                break
            begun = True
        return self._finished() if begun else None

    def _server(self) -> None:
        """The lines that name the resolver: not the target's answer, and not kept as facts."""
        cursor = self.cursor
        cursor.blank()
        if prompt := PROMPT.match(cursor.peek()):
            self.target = prompt["name"]
            cursor.take()
        while cursor.more and (HARMLESS.match(cursor.peek()) or LATE.match(cursor.peek())):
            late = LATE.match(cursor.peek())
            if late and not any(NAME.match(cursor.peek(ahead)) for ahead in range(8)):
                return
            cursor.take()
            cursor.blank()
        if SERVER.match(cursor.peek()):
            cursor.take()
            while cursor.more and ADDRESS.match(cursor.peek()):
                cursor.take()
            while cursor.more and MORE.match(cursor.peek()) and cursor.peek().strip():
                cursor.take()
            cursor.blank()
            self.known_aa = True
        prompt = PROMPT.match(cursor.peek())
        if prompt:
            self.target = prompt["name"]
            cursor.take()

    def _ends(self) -> bool:
        """Whether another look-up begins here."""
        text = self.cursor.peek()
        if SERVER.match(text) or PROMPT.match(text):
            return True
        match = NAME.match(text)
        if not match or not self.name or not self.answers:
            return False
        linked = {self.name.lower(), *map(str.lower, self.aliases)}
        same = match["value"].removesuffix(".").lower() in linked or "CNAME" in self.answers.types
        return not same

    def _line(self, text: str) -> bool:
        cursor = self.cursor
        if NOT_AUTHORITATIVE.match(text):
            self.known_aa, self.flags = True, 0
            cursor.take()
            self.section = "not authoritative"
        elif AUTHORITIES.match(text):
            self.authorities = True
            cursor.take()
        elif match := NAME.match(text):
            self.name = match["value"].removesuffix(".")
            self.rcode = self.rcode or "NOERROR"
            cursor.take()
            self._addresses()
        elif match := CANNOT.match(text) or CANNOT_JA.match(text):
            self._cannot(match["name"], match["why"])
            cursor.take()
        elif self._record(text):
            pass
        elif LATE.match(text):
            self.failure = Failure("generic_timeout_error", "nslookup", text.strip(" ;*"))
            cursor.take()
        elif HARMLESS.match(text):
            cursor.take()
        elif self.name and (match := ADDRESS.match(text)):
            self._addresses()
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
            for value in re.split(r",\s*|\s{2,}", match["value"]):
                if into == "alias":
                    self.aliases.append(value.removesuffix("."))
                elif not self._address(value):
                    cursor.skip_unread()
                    return
            cursor.take()

    def _address(self, value: str) -> bool:
        try:
            version = ip_address(value).version
        except ValueError:
            if not is_masked(value):
                return False
            self.cursor.masked.append((self.cursor.number(), value))
            version = 6 if ":" in value else 4
        return self.answers.add(self.name, "AAAA" if version == 6 else "A", value)  # noqa: PLR2004

    def _record(self, text: str) -> bool:
        cursor = self.cursor
        if (match := TEXT.match(text)) or (re.search(r"\btext\s*=\s*$", text) and match):
            cursor.take()
            strings = []
            while cursor.more and (quoted := QUOTED.match(cursor.peek())):
                strings.append(quoted["value"])
                cursor.take()
            self.rcode = "NOERROR"
            return self.authorities or self.answers.add(match["owner"], "TXT", " ".join(strings))
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
            match = pattern.match(text)
            if match is None:
                continue
            value = f"{match['p']} {match['v']}" if "p" in match.groupdict() else match["v"]
            real = rdtype or match["type"]
            glue = self.authorities or (real in ("A", "AAAA") and "=" in text)
            if not glue and not self.answers.add(match["owner"], real, value):
                return False
            self.rcode = self.rcode or "NOERROR"
            cursor.take()
            return True
        return False

    def _soa(self) -> None:
        values = [
            next((self.soa[key] for key in keys if key in self.soa), "") for keys in SOA_ORDER
        ]
        if all(values):
            self.answers.add(self.soa_owner, "SOA", " ".join(values))
            self.rcode, self.soa_owner = "NOERROR", ""

    def _cannot(self, what: str, why: str) -> None:
        self.target = self.target or what
        said = next((code for text, code in WHY.items() if text in why.lower()), "")
        if said == "NODATA":
            self.rcode = self.rcode or "NOERROR"
        elif said:
            self.rcode = said
        else:
            self.failure = Failure("dns_server_misbehaving", "nslookup", why)

    def _finished(self) -> Read:
        target = target_of(self.target or (self.aliases[0] if self.aliases else self.answers.owner))
        said = list(BASE) + (["chain"] if "CNAME" in self.answers.types else [])
        if self.aliases:  # the order of aliases is not stated: neither chain nor records are whole
            said = ["rcode", "addresses"]
        facts = failure = None
        if self.rcode:
            aa = self.known_aa and bool(self.answers) and self.section != "not authoritative"
            flags = flags_of(["aa"] if aa else [])
            facts, failure = self.answers.facts(target, self.types, self.rcode, flags)
            said += ["authoritative"] if self.known_aa and self.answers else []
        options = {"type": self.types} if self.types else {}
        if self.server:
            options["server"] = [self.server]
        return self.cursor.listing(
            "nslookup",
            "dns",
            target,
            options=options,
            facts=facts,
            said=tuple(said) if facts else (),
            failure=failure or (None if facts else self.failure),
        )


def read_nslookup(pasted: Sequence[PastedLine], at: int, typed: Command | None) -> Read | None:
    """One look-up that begins at a line."""
    cursor = Cursor(pasted, at)
    text = cursor.peek()
    asked = PROMPT.match(text) and SERVER.match(cursor.peek(1))
    begins = (
        asked
        or SERVER.match(text)
        or NAME.match(text)
        or NOT_AUTHORITATIVE.match(text)
        or CANNOT.match(text)
        or CANNOT_JA.match(text)
        or (typed is not None and typed.tool == "nslookup")
        or any(pattern.match(text) for pattern, rdtype in RECORD if rdtype)
    )
    return _Nslookup(cursor, typed).read_all() if begins else None
