"""SMTP dialogues: typed by hand through telnet, run by swaks, or written with ``C:`` and ``S:``."""

import re
from collections.abc import Sequence

from sotokara.core.addresses import is_address
from sotokara.core.observation import Exchange, Failure
from sotokara.kinds.shared.terminal.grammar import Grammar, arguments, is_label, is_name
from sotokara.kinds.shared.terminal.interface import Command, Cursor, Parsed, any_of
from sotokara.kinds.shared.terminal.pasted import PastedLine
from sotokara.kinds.smtp.facts import AddressFacts, MailHost, SmtpFacts
from sotokara.kinds.smtp.parse import ParsedSession
from sotokara.kinds.smtp.verdict import SmtpReply, read_reply, verdict_of_reply

_TRYING = re.compile(
    r"^\s*(?:===\s*)?Trying\s+(?P<host>[^\s:]+?|[0-9A-Fa-f:]+)(?::(?P<port>\d+))?\.{3}\s*$"
)
_CONNECTED = re.compile(
    r"^\s*(?:===\s*)?Connected to\s+(?P<host>[^\s]+?)\.?\s*(?:\((?P<address>[^)]+)\))?\.?\s*$"
)
_GREETS = re.compile(r"^\s*(?:S:|<-)?\s*220[ -]\S|^\s*S: \d")
_NOISE = re.compile(
    r"^\s*(?:=>\s.*|\*\s.*|Escape character is .*|===\s+.*|\*\*\*\s+.*"
    r"|Connection closed(?: by foreign host)?\.?|telnet>.*"
    r"|Connection to host lost\.?|ホストとの接続が切断されました。?|接続中: .*"
    r"|Connection to \S+ closed.*)\s*$"
)
_HEADED = re.compile(r"^\s*\* (?P<host>\S+) \[(?P<address>[0-9A-Fa-f.:]+)\]\s*$")
BEGINS = any_of(_HEADED, _TRYING, _CONNECTED, _GREETS)
_TOOK = re.compile(r"\s+\(\d+ ms\)$")
_FAILED = re.compile(
    r"^\s*(?:\*\*\*\s.*|(?:telnet|nc): .*|Unable to connect to remote host: )?"
    r"(?P<why>Connection refused|Connection timed out|No route to host|Network is unreachable)\s*$"
)
_SERVER = re.compile(r"^\s*(?P<mark>S:|<[-~*]{1,2}|<)?\s*(?P<reply>[2-5][0-5]\d(?:[ -].*)?)$")
_CLIENT = re.compile(
    r"^\s*(?P<mark>C:|[-~*]{1,2}>|>)?\s*(?P<line>(?P<verb>HELO|EHLO|MAIL FROM|RCPT TO|DATA"
    r"|RSET|QUIT|NOOP|VRFY|EXPN|STARTTLS|AUTH|HELP)\b.*)$",
    re.IGNORECASE,
)
_MARKED = re.compile(r"^\s*(?:C:|S:|<[-~*]{1,2}|[-~*]{1,2}>)(?:\s|$)")
_STEPS = {"mail from": "MAIL", "rcpt to": "RCPT"}
_DROPPED = re.compile(
    r"^\s*(?:\*\*\* Remote host closed connection.*|Connection closed by foreign host\.?)\s*$"
)
_FAILURES = {
    "Connection refused": "connection_refused",
    "Connection timed out": "generic_timeout_error",
    "No route to host": "host_unreachable",
    "Network is unreachable": "network_unreachable",
}
_DOT = re.compile(r"^\s*(?:C:|[-~*]{1,2}>)?\s*\.\s*$")
_REFUSED = 400
_MOST_MESSAGE = 2_000
_ADDRESS = re.compile(r"<?[^\s<>@]*@\[?([^\s<>\]]+)\]?>?")


class _Dialogue:
    def __init__(self, cursor: Cursor, typed: Command | None) -> None:
        self.cursor = cursor
        self.host = asked_host(typed)
        self.address = ""
        self.exchanges: list[Exchange] = []
        self.step, self.sent, self.heard = "banner", "", ""
        self.recipient = asked_recipient(typed)
        self.failure: Failure | None = None
        self.dropped, self.begun = "", False
        """The step at which the server closed the connection without a word."""

    def read_all(self) -> Parsed | None:
        cursor = self.cursor
        while cursor.more:
            text = cursor.peek()
            if not text.strip():
                cursor.blank()
                continue
            if not self._line(text):
                if self.exchanges and cursor.typed is not None:
                    break
                if not (self.exchanges or self.heard or self.failure):
                    return None
                if not self._dialogue_ahead():
                    break
                cursor.skip_unread()
        self._flush()
        return self._finished() if self.exchanges or self.failure else None

    def _dialogue_ahead(self) -> bool:
        return any(
            _SERVER.match(text) or _CLIENT.match(text) or _MARKED.match(text) or text.strip() == "."
            for ahead in range(1, 6)
            if (text := self.cursor.peek(ahead)).strip()
        )

    def _line(self, text: str) -> bool:  # noqa: C901, PLR0912  # one branch a form of line
        cursor = self.cursor
        unheard = self.step == "DATA" and not self.heard and not _SERVER.match(text)
        if (self.step == "DATA" and self.heard.startswith("3")) or (
            unheard and not (_NOISE.match(text) or _DROPPED.match(text) or _CLIENT.match(text))
        ):
            self._message()
            return True
        if match := _HEADED.match(text):
            if self.exchanges or self.heard:
                return False  # the next server's dialogue
            self._where(match["address"])
            self._where(match["host"])
        elif match := _TRYING.match(text):
            self._where(match["host"])
        elif match := _CONNECTED.match(text):
            self._where(match["host"])
            self._where(match["address"] or "")
        elif match := _FAILED.match(text):
            self.failure = Failure(_FAILURES[match["why"]], "connect", match["why"])
        elif _DROPPED.match(text) and self.sent and not self.heard and self.step != "QUIT":
            self.dropped = self.step
        elif match := _SERVER.match(text):
            reply = (
                _TOOK.sub("", match["reply"]) if (match["mark"] or "") == "S:" else match["reply"]
            )
            if self.heard and self.heard.rstrip("\r\n").rsplit("\n", 1)[-1][3:4] != "-":
                self._flush()
                self.step, self.sent = "rest", ""
            if reply.startswith("354") and self.step != "DATA":  # the command is missing
                self._flush()
                self.step, self.sent = "DATA", ""
            self.heard += reply + "\r\n"
        elif (match := _CLIENT.match(text)) and (self.heard or self.exchanges or match["mark"]):
            self._flush()
            verb = match["verb"].lower()
            self.begun = self.begun or verb == "data"
            self.step, self.sent = _STEPS.get(verb, verb.upper()), match["line"]
            if (
                verb == "rcpt to"
                and not self.recipient
                and (found := _ADDRESS.search(match["line"]))
            ):
                self.recipient = found[1]
        elif _NOISE.match(text) or _MARKED.match(text):
            pass
        else:
            return False
        cursor.take()
        return True

    def _message(self) -> None:
        """Take the message; where its end is not shown, what follows it is not understood."""
        cursor = self.cursor
        self.begun, length = True, 0
        while cursor.at + length < len(cursor.lines) and length < _MOST_MESSAGE:
            if _DOT.match(cursor.peek(length)):
                for _ in range(length + 1):
                    cursor.take()
                self._flush()
                self.step, self.sent = "message", "."
                return
            if cursor.lines[cursor.at + length].typed is not None:
                break
            length += 1
        left_out = _SERVER.match(cursor.peek()) is not None
        self._flush()
        self.step, self.sent = ("message", ".") if left_out else ("lost", "")
        while cursor.more and not left_out and length > 0:
            cursor.skip_unread()
            length -= 1

    def _where(self, word: str) -> None:
        if is_address(word):
            self.address = word
        elif word:
            self.host = word

    def _flush(self) -> None:
        """The exchange that ends here, if anything was heard in it."""
        if self.heard:
            self.exchanges.append(
                Exchange(
                    self.step,
                    self._server(),
                    "smtp",
                    sent=self.sent.encode(),
                    received=self.heard.encode(),
                    media_type="text/plain",
                )
            )
        self.heard = ""

    def _server(self) -> str:
        return f"{self.host} [{self.address}]"

    def _finished(self) -> Parsed:
        kept = [one for one in self.exchanges if one.step not in ("rest", "message", "DATA")]
        begun = self.begun or any(one.step == "DATA" for one in self.exchanges)
        lost = any(
            (one.received or b"")[:1] in (b"4", b"5")
            for one in self.exchanges
            if one.step == "rest"
        )
        final = self._final()
        if self.dropped:
            failure = Failure("eof_error", self.dropped)
            kept.append(Exchange(self.dropped, self._server(), "smtp", failure=failure))
        session = ParsedSession(kept, self.host)
        banner = self.exchanges[0].received or b"" if self.exchanges else b""
        words = banner.decode().split()
        named = len(words) > 1 and re.fullmatch(r"[\w-]+(?:\.[\w*-]+)*\.[A-Za-z][\w-]*", words[1])
        host = self.host or (words[1] if named else "")
        target = self.recipient or host
        if not self.exchanges:
            return self.cursor.listing("smtp", "smtp", target, failure=self.failure)
        said, verdict = session.said, session.verdict
        if final is not None and final.code >= _REFUSED:  # after the recipient was accepted
            said, verdict = final, verdict_of_reply("RCPT", final)
        elif (
            (begun or lost) and final is None and verdict == "accepts"
        ):  # what became of it is not shown
            said, verdict = None, "undecided"
        one = AddressFacts(
            address=self.address,
            verdict=verdict,
            replies=session.replies,
            capabilities=session.capabilities,
            failure=session.failure.name if session.failure else "",
            step=session.failure.step if session.failure else "",
        )
        facts = SmtpFacts(
            hosts=[MailHost(host, 0, [one])],
            verdict=verdict,
            code=said.code if said else 0,
            enhanced=said.enhanced if said else "",
            chosen=bool(self.recipient),
        )
        stated = ("verdict", "code", "enhanced") if said else ()
        cut = ["cut"] if (begun or lost) and final is None and said is None else []
        return self.cursor.listing("smtp", "smtp", target, cut, facts=facts, said=stated)

    def _final(self) -> SmtpReply | None:
        """The reply to the message, or the one that refused to take it."""
        for one in self.exchanges:
            said = read_reply(one.received or b"")
            if said and (one.step == "message" or (one.step == "DATA" and said.code >= _REFUSED)):
                return said
        return None


def read_dialogue(lines: Sequence[PastedLine], at: int, typed: Command | None) -> Parsed | None:
    """One dialogue that begins at a line."""
    cursor = Cursor(lines, at, hashes=False, parentheses=False)
    text = cursor.peek()
    mine = typed is not None and typed.tool in TOOLS
    return _Dialogue(cursor, typed).read_all() if mine or BEGINS.match(text) else None


# The commands with which somebody speaks to a mail server by hand.

_TELNET = Grammar(valued="lnbeEXkSs", flags="48aAcdDEfFKLrxy")
_NC = Grammar(valued="iIopsTwWXxbqGgceMm", flags="46CdhklNnrtUuvzZDFS")
_SMTP_PORTS = frozenset(
    {"25", "465", "587", "2525", "24", "smtp", "submission", "smtps", "submissions"}
)
TOOLS = ("telnet", "nc", "ncat", "netcat", "swaks", "openssl")


def asked_host(typed: Command | None) -> str:
    """The server that the command connects to; empty where that is not certain."""
    if typed is None or not typed.certain:
        return ""
    if typed.tool == "openssl":
        for option, value in zip(typed.words, typed.words[1:], strict=False):
            if option in ("-connect", "--connect"):
                return _host(value.rpartition(":")[0].strip("[]") or value)
        return ""
    if typed.tool not in ("telnet", "nc", "ncat", "netcat"):
        return ""
    bare = arguments(typed.words, _TELNET if typed.tool == "telnet" else _NC).bare
    return _host(bare[0]) if bare else ""


def asked_recipient(typed: Command | None) -> str:
    """The domain that swaks was told to write to."""
    if typed is None or typed.tool != "swaks" or not typed.certain:
        return ""
    words = list(typed.words)
    for at, word in enumerate(words):
        key, _, value = word.partition("=")
        if key in ("--to", "-t", "--rcpt"):
            value = value or (words[at + 1] if at + 1 < len(words) else "")
            return value.split(",")[0].rpartition("@")[2] if "@" in value else ""
    return ""


def takes_dialogue(typed: Command) -> bool:
    """Whether the command is one to a mail server."""
    if typed.tool == "swaks":
        return bool(asked_recipient(typed) or "-s" in typed.words or "--server" in typed.words)
    if typed.tool == "openssl":
        return typed.words[:1] == ("s_client",) and bool(asked_host(typed))
    one = arguments(typed.words, _TELNET if typed.tool == "telnet" else _NC)
    ported = len(one.bare) == 2 and (one.bare[1].isdigit() or one.bare[1].lower() in _SMTP_PORTS)  # noqa: PLR2004
    return one.known and ported and is_name(one.bare[0])


def _host(word: str) -> str:
    return word if is_name(word) or is_label(word) else ""
