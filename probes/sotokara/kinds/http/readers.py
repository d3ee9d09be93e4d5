"""Readers of what ``curl`` prints."""

import re
from collections.abc import Sequence
from typing import Any

from sotokara.core.addresses import is_address
from sotokara.core.observation import Failure
from sotokara.kinds.http.facts import HttpFacts, HttpHop
from sotokara.kinds.http.parse import compared, cookies_of
from sotokara.kinds.shared.terminal.grammar import Grammar, arguments
from sotokara.kinds.shared.terminal.interface import Command, Cursor, Parsed, TranscriptReader
from sotokara.kinds.shared.terminal.pasted import PastedLine
from sotokara.kinds.shared.web.message import HttpMessage
from sotokara.kinds.shared.web.target import REDIRECTS, onward, read_url

# `curl -I`, `-IL`, `-i` and `-v`: status and headers of each hop.
#
# A listing that ends with a redirect shows the way and not where it leads: only the hops are
# stated.

_STATUS = re.compile(r"\s*(?:< )?(HTTP/(?:0\.9|1\.[01]|2|3)(?:\.0)?) (\d{3})(?: (.*?))?\s*$")
_HEADER = re.compile(r"\s*(?:< )?([A-Za-z0-9!#$%&'*+.^_`|~-]+):(?: (.*?))?\s*$")
_CONNECTED = re.compile(r"\s*\* Connected to (\S+) \((\S+)\)(?: port \d+.*)?\s*$")
_NOISE = re.compile(
    r"\s*(?:\*.*|>.*|[{}] \[\d+ bytes data\]|<\s*|=> .*|% Total.*|Dload .*|Dload  Upload.*"
    r"|[\d:. -]+--:--:--[\d:. -]*(?:\* .*)?)\s*$"
)
_FAILED = re.compile(r"[\s\d:.-]*curl: \((\d+)\) .*$")
_REFUSED = re.compile(r".*\* connect to \S+ (?:port \d+ )?.*failed: Connection refused\s*$")
_FAILURES = {
    6: "dns_no_answer",
    28: "generic_timeout_error",
    35: "ssl_failed_handshake",
    47: "referral_loop",
    52: "eof_error",
    56: "connection_reset",
    60: "ssl_failed_handshake",
}
"""curl's exit codes that say one thing alone."""


class _Hops:
    """The hops while they are read."""

    def __init__(self, cursor: Cursor, target: str) -> None:
        self.cursor, self.url = cursor, target
        self.hops: list[HttpHop] = []
        self.last: HttpMessage | None = None
        self.address = ""
        self.failure: Failure | None = None
        self.verbose = False

    def read_all(self) -> None:
        """Blocks of headers, and what a verbose curl writes around them."""
        cursor = self.cursor
        while cursor.more and cursor.typed is None:
            text = cursor.peek()
            if match := _STATUS.match(text):
                self._block(match)
            elif match := _FAILED.match(text):
                self._failed(int(match[1]))
                cursor.take()
            elif _REFUSED.match(text):
                self.failure, self.verbose = Failure("connection_refused", "connect"), True
                cursor.take()
            elif match := _CONNECTED.match(text):
                self.address = match[2] if is_address(match[2]) else ""
                self.verbose = True
                cursor.take()
            elif _NOISE.match(text) or (self.verbose and self._sent()):
                self.verbose = self.verbose or text.lstrip()[:1] in "*>"
                cursor.take()
            elif not text.strip() and (self._goes_on() or self.last is None):
                cursor.take()
            elif self.verbose and self._goes_on():
                cursor.skip_unread()  # a body between two hops
            else:
                break

    def _sent(self) -> bool:
        """Whether the line is of the request; its mark looks like a mail's quotation."""
        return self.cursor.lines[self.cursor.at].given.lstrip().startswith(">")

    def _goes_on(self) -> bool:
        ahead = (self.cursor.peek(at) for at in range(1, 9))
        return any(_STATUS.match(one) or one.startswith(("* ", "< ", "> ")) for one in ahead)

    def _block(self, match: re.Match[str]) -> None:
        cursor = self.cursor
        cursor.take()
        headers: list[tuple[str, str]] = []
        while cursor.more and cursor.typed is None:
            text = cursor.peek()
            found = _HEADER.match(text)
            if found is None or _STATUS.match(text):
                break
            headers.append((found[1], found[2] or ""))
            cursor.take()
        version = {"HTTP/2": "HTTP/2", "HTTP/2.0": "HTTP/2"}.get(match[1], match[1])
        message = HttpMessage({}, version, int(match[2]), match[3] or "", headers, b"")
        if message.status in (100, 102, 103):
            return  # the final response follows (RFC 9110, 15.2)
        location = ""
        if message.status in REDIRECTS and (said := message.header("location")):
            try:
                location = onward(self.url, said) if self.url else said
            except ValueError:
                location = said
        self.hops.append(HttpHop(self.url, message.status, version, self.address, location))
        self.last, self.url = message, location

    def _failed(self, code: int) -> None:
        if name := _FAILURES.get(code, ""):
            self.failure = self.failure or Failure(name, "curl")


def read_curl(lines: Sequence[PastedLine], at: int, typed: Command | None = None) -> Parsed | None:
    """The hops of one command."""
    own = asked_url(typed)
    cursor = Cursor(lines, at, hashes=False, parentheses=False)
    first = cursor.peek()
    if not (_STATUS.match(first) or (typed is not None and _begins(first))):
        return None
    read = _Hops(cursor, own)
    read.read_all()
    if read.last is None:
        if read.failure is None:
            return None
        return cursor.listing("curl", "http", own, failure=read.failure)
    facts, said = _facts(read, own)
    return cursor.listing("curl", "http", own, facts=facts, said=said)


def _begins(text: str) -> bool:
    return bool(_FAILED.match(text) or text.lstrip().startswith(("* ", "% Total", "> ")))


def _facts(read: _Hops, target: str) -> tuple[HttpFacts, tuple[str, ...]]:
    """What the listing states: where it ends with a page, that page's headers too."""
    last = read.last
    assert last is not None  # noqa: S101  # a hop was read
    hops = read.hops if target else []
    known: dict[str, Any] = {"hops": hops} if hops else {}
    if not read.hops[-1].location:
        kind = last.header("content-type").partition(";")[0].strip().lower()
        known |= {"status": last.status, "headers": compared(last)}
        known |= {"type": kind} if kind else {}
        if hops:
            known["url"] = hops[-1].url
        if found := cookies_of(last):
            known["cookies"] = found
    ok = last.status < 400 and not read.hops[-1].location  # noqa: PLR2004
    return HttpFacts(verdict="ok" if ok else "error_status", **known), tuple(known)


# Whom `curl` was told to ask.

TOOLS = ("curl",)
_VALUED = (
    "cacert cert connect-timeout cookie header max-time output proxy request resolve url user "
    "user-agent write-out retry referer data data-raw json interface connect-to max-redirs tls-max "
    "ciphers form upload-file"
)
_FLAGS = (
    "head include verbose silent show-error location compressed insecure http1.1 http1.0 http2 "
    "http3 ipv4 ipv6 fail no-progress-meter get tlsv1.2 tlsv1.3 raw globoff no-keepalive"
)
_GRAMMAR = Grammar(
    valued="AbcCdDeEFhHKmoPQrTuUwxXyYz",
    flags="0123468aBfgGiIjkLlMnNOpqRsSvVZ#J",
    valued_names=frozenset(_VALUED.split()),
    flag_names=frozenset(_FLAGS.split()),
)
_CHANGES = frozenset("data data-raw json request resolve connect-to proxy form upload-file".split())  # noqa: SIM905
_CHANGING = frozenset("dXxFTG")
"""Options with which something else than the address itself is asked for."""
_SHOWS = frozenset("head include verbose I i v D".split())  # noqa: SIM905


def asked_url(typed: Command | None) -> str:
    """The address that a command asks for, in its normal spelling; empty: not certain."""
    if typed is None or not typed.certain:
        return ""
    one = arguments(typed.words, _GRAMMAR)
    given = {*one.options}
    bare = [*one.bare, *([one.options["url"]] if "url" in given else [])]
    if not one.known or len(bare) != 1 or given & (_CHANGES | _CHANGING):
        return ""
    try:
        return read_url(bare[0] if "://" in bare[0] else f"http://{bare[0]}")
    except ValueError:
        return ""


def takes_curl(typed: Command) -> bool:
    """Whether the command names its target, and shows headers."""
    one = arguments(typed.words, _GRAMMAR)
    return bool(_SHOWS & {*one.options}) and bool(asked_url(typed))


READERS = (TranscriptReader("curl", TOOLS, read_curl, takes=takes_curl),)
"""In the order in which they are tried."""
