"""Readers of whois answers."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from sotokara.core.observation import Exchange, Failure
from sotokara.kinds.shared.registry.facts import RegistryFacts
from sotokara.kinds.shared.registry.target import networks, read_target
from sotokara.kinds.shared.terminal.grammar import Grammar, arguments, is_name
from sotokara.kinds.shared.terminal.interface import (
    Command,
    Cursor,
    Parsed,
    TranscriptReader,
    any_of,
)
from sotokara.kinds.shared.terminal.pasted import PastedLine
from sotokara.kinds.whois.kind import Whois
from sotokara.kinds.whois.walk import FOLLOW

# Whois text: JPNIC's and JPRS's layouts, `key: value` objects of registries and registrars.
#
# The text, without its remarks, is given to the kind's own reading of answers. A line that has none
# of the known forms is unread: it may be prose between two listings.

_LABEL = re.compile(r"^\s*(?:[a-z]\.\s*)?\[[^\]\n]{1,40}\](?:\s|$)")
_TITLE = re.compile(
    r"^\s*(?:(?:Network|Domain|Contact|Host|AS|Group Contact) Information:?\s*(?:\[.*\])?"
    r"|上位情報|下位情報|Less Specific Info\.?|More Specific Info\.?)\s*$"
)
_GIVEN = re.compile(r"^\s*(?:\S+\s+)?\[\s*[^\]]+\]\s+[\dA-Fa-f:.]+(?:/\d+| - [\dA-Fa-f:.]+)?\s*$")
_KEY = re.compile(r"^\s*[A-Za-z][\w ./()'&-]{0,47}?\s?\.*:(?:\s+\S.*|\s*)$")
_TIGHT = re.compile(r"^[A-Z][A-Za-z][\w ./()'&-]{0,40}:(?!//)[^\s:]")
_COMMENT = re.compile(r"^\s*(?:[%#]|>>>|\[ .* \]\s*$|;;|==\s)")
_NOTHING = re.compile(
    r"^\s*(?:該当するデータがありません|No match\b|No match!!|%\s*No match|NOT FOUND"
    r"|No entries found|%ERROR:101|No Data Found"
    r"|The requested .* (?:was|is) not found|No matching record)",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"^\s*(?:Whois Server Version [\d.]+\s*$|参考\s*[::]|・.*whois|\[?Querying |\[whois"
    r"|\[Redirected|-{4,}\s*$)",
    re.IGNORECASE,
)
_START = re.compile(
    r"^\s*(?:(?:inetnum|inet6num|aut-num|as-block|NetRange|CIDR|OrgName|CustName|ASNumber"
    r"|NetName|netname|organisation|refer|domain|nserver)\s*:"
    r"|Domain Name(?:\.*:|\s*:)|\[Domain Name\]|\[ドメイン名\]|% .*(?:whois|database|query)"
    r"|#\s*ARIN WHOIS|Registrant:\s*$|Domain ID:"
    r"|IPv[46] Address\s*:|\[ (?:JPNIC|JPRS) database|\[Querying|Whois Server Version)",
    re.IGNORECASE,
)
_JAPANESE_START = re.compile(
    r"^\s*(?:Network Information:|Domain Information:|AS Information:"
    r"|[a-z]\. ?\[(?:IPネットワーク|Network Number|ドメイン名|Domain Name|AS番号|AS Number"
    r"|IPネ|組織名))"
)
_HEADING = re.compile(r"[【「『\[(](?P<target>[\dA-Fa-f.:/]{6,45})[】」』\])]")
BEGINS = any_of(_START, _JAPANESE_START, _NOTHING, _GIVEN, re.compile(rf".*{_HEADING.pattern}"))
_SERVERS = tuple(
    (re.compile(pattern, re.MULTILINE), server)
    for pattern, server in (
        (r"^\[ JPRS database|\[ドメイン名\]|\[Domain Name\]", "whois.jprs.jp"),
        (
            r"^\[ JPNIC database|\[IPネットワークアドレス\]|\[Network Number\]"
            r"|\[AS番号\]|該当するデータがありません",
            "whois.nic.ad.jp",
        ),
        (r"^(?:NetRange|OrgName|CustName):|^# ARIN WHOIS", "whois.arin.net"),
        (r"RIPE Database query|^source:\s+RIPE\b", "whois.ripe.net"),
        (r"^% \[whois\.apnic\.net|^source:\s+APNIC\b", "whois.apnic.net"),
        (r"AfriNIC Whois|^source:\s+AFRINIC\b", "whois.afrinic.net"),
        (r"^% .*LACNIC|^% .*lacnic\.net", "whois.lacnic.net"),
        (r"KRNIC|KISA|한국인터넷", "whois.kisa.or.kr"),
        (r"^% IANA WHOIS|^source:\s+IANA\b", "whois.iana.org"),
    )
)
"""What tells whose text it is, where no command names the server."""
_UNKNOWN = "whois"
_MOST_BLANK = 3
_MOST_KEY_WORDS = 4
_NOT_STATED = frozenset({"asked", "asn", "as_name", "bgp_prefix"})


def read_whois(lines: Sequence[PastedLine], at: int, typed: Command | None) -> Parsed | None:
    """One answer that begins at a line."""
    cursor = Cursor(lines, at, hashes=False, parentheses=False)
    text = cursor.peek()
    mine = typed is not None and typed.tool in TOOLS
    begins = (
        _START.match(text)
        or _JAPANESE_START.match(text)
        or _NOTHING.match(text)
        or _GIVEN.match(text)
    )
    heading = _HEADING.search(text) if "whois" in text.lower().replace(" ", "") else None
    if not (begins or mine or heading):
        return None
    target = asked_target(typed) if mine else ""
    if heading:
        target = heading["target"]
        cursor.take()
    kept = [_spaced(line) for line in _lines(cursor, sure=mine)]
    whole = "\n".join(kept)
    if not any(_known(line) for line in kept):
        return None
    section = registry_section(kept)
    doubts = ["several"] if section else []
    if section:
        whole = section.text
    server = asked_server(typed) or (section.server if section else "")
    server = server or next((name for pattern, name in _SERVERS if pattern.search(whole)), "whois")
    target = target or _own(whole)
    facts, failure = _facts(whole, server, target)
    if facts is None and _own(whole) and _own(whole) != target:
        facts, failure = _facts(whole, server, _own(whole))
    said = [
        name
        for name in RegistryFacts.__struct_fields__
        if facts is not None and name not in _NOT_STATED and getattr(facts, name)
    ]
    if facts is None and cursor.unread == [] and failure is None:
        return None
    if (
        facts is None
        and failure is not None
        and failure.name in ("unknown_form", "server_misbehaving")
    ):
        return cursor.refused("whois", "whois", target)  # a form that is not known is no fault
    return cursor.listing(
        "whois",
        "whois",
        target,
        doubts,
        facts=facts,
        said=tuple(said),
        failure=None if facts else failure,
    )


def _spaced(text: str) -> str:
    """``Key:value`` of some registries with the blank that the others write."""
    key, colon, value = text.partition(":")
    return f"{key}{colon} {value}" if _TIGHT.match(text) else text


def _known(text: str) -> bool:
    patterns = (_LABEL, _TITLE, _GIVEN, _KEY, _TIGHT, _COMMENT, _NOTHING, _ASIDE)
    return any(pattern.match(text) for pattern in patterns)


def _lines(cursor: Cursor, *, sure: bool) -> list[str]:
    """The answer's lines without remarks; lines of no known form are unread, or end it."""
    kept: list[str] = []
    blank = 0
    nested = False
    while cursor.more:
        text = cursor.peek()
        if not text.strip():
            blank += 1
            if not sure and blank > _MOST_BLANK:
                break
            cursor.at += 1
            kept.append("")
            continue
        if (
            re.match(r"^\s*={5,}\s*$", text)
            or cursor.typed is not None
            or (blank and _HEADING.search(text) and kept)
        ):
            break
        following = [cursor.peek(ahead) for ahead in range(1, 4)]
        owner = any(_GIVEN.match(one) for one in following[:2] if one)
        continued = bool(kept) and text[:1] in " \t+" and bool(kept[-1].strip()) and blank == 0
        if not (_known(text) or owner or continued or (nested and blank == 0)):
            if not sure and not any(_known(one) and one.strip() for one in following):
                break
            kept.append("")
            cursor.skip_unread()
            continue
        if blank and not sure and _prose(text):
            break
        nested = bool(re.match(r"^\s*[A-Z][\w /-]*:\s*$", text)) or (nested and continued)
        blank = 0
        kept.append(cursor.take())
    return kept


def _prose(text: str) -> bool:
    """A sentence that only looks like ``key: value``."""
    head, _, rest = text.partition(":")
    return len(head.split()) > _MOST_KEY_WORDS or (
        rest.startswith("//")
        or ("。" in text and not _LABEL.match(text) and not _NOTHING.match(text))
    )


def _own(text: str) -> str:
    """What the registration itself says that it is of."""
    patterns = (
        r"^\s*(?:[a-z]\. ?)?\[(?:IPネットワークアドレス|Network Number)\]\s+(\S.*?)\s*$",
        r"^\s*(?:inetnum|inet6num|NetRange|IPv[46] Address)\s*:\s+(\S.*?)\s*$",
        r"^\s*(?:CIDR)\s*:\s+(\S.*?)\s*$",
    )
    found = [
        one
        for pattern in patterns
        for match in re.finditer(pattern, text, re.MULTILINE | re.IGNORECASE)
        for one in networks(re.sub(r"\s*\(.*\)$", "", match[1]))[:1]
    ]
    if found:  # of a network and those that hold it, the smallest was asked for
        one = max(found, key=lambda net: net.prefixlen)
        return str(one.network_address if one.prefixlen == one.max_prefixlen else one)
    for label in (
        r"^\s*(?:[a-z]\. ?)?\[(?:ドメイン名|Domain Name)\]\s+(\S+)",
        r"^\s*(?:Domain Name|domain)[. ]*:\s*(\S+)",
        r"^\s*(?:[a-z]\. ?)?\[(?:AS番号|AS Number)\]\s+(\S+)",
        r"^\s*(?:aut-num|ASNumber)\s*:\s*(\S+)",
    ):
        if named := re.search(label, text, re.MULTILINE | re.IGNORECASE):
            number = re.fullmatch(r"(?:AS)?(\d+)", named[1], re.IGNORECASE)
            return f"AS{number[1]}" if number else named[1].lower()
    return ""


def _facts(text: str, server: str, target: str) -> tuple[RegistryFacts | None, Failure | None]:
    try:
        read_target(target)
    except ValueError:
        target = (
            "192.0.2.1" if _NOTHING.search(text) else ""
        )  # "no match" says the same of any target
    if not target:
        return None, None
    exchange = Exchange(
        FOLLOW, server, "whois", received=text.encode(), media_type="text/plain; charset=utf-8"
    )
    reading = Whois(target=target).parse([exchange])
    facts = reading.facts
    if not isinstance(facts, RegistryFacts):
        return None, reading.failure
    registry = "" if server == _UNKNOWN else facts.registry
    return msgspec.structs.replace(facts, asked=[], registry=registry), None


# macOS' whois prints the answers of all servers that it was referred to, one below the other.

_SERVER = re.compile(r"^# (?P<server>(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24})\s*$")
_ROOT = re.compile(r"^(?:source:\s+IANA|refer:\s+\S+|% IANA WHOIS)", re.MULTILINE)


class Section(NamedTuple):
    """One server's answer."""

    server: str
    text: str


def registry_section(kept: Sequence[str]) -> Section | None:
    """The registry's answer: the first one below IANA's; None where the text is one answer."""
    sections: list[tuple[str, list[str]]] = [("", [])]
    for line in kept:
        if match := _SERVER.match(line):
            sections.append((match["server"], []))
        else:
            sections[-1][1].append(line)
    full = [Section(server, "\n".join(lines)) for server, lines in sections]
    full = [one for one in full if one.text.strip()]
    if len(full) < 2 or not _ROOT.search(full[0].text):  # noqa: PLR2004  # IANA's and another
        return None
    return full[1]


# The commands of whois clients: which words are options, the server, what is asked about.

TOOLS = ("whois", "jwhois", "whois64")
_GRAMMAR = Grammar(
    valued="hpcigsTqtv",
    flags="HIAaBbCdDEFGKlLmMnrRRxQSfkV",
    valued_names=frozenset(["host", "port", "config", "rwhois-limit"]),
    flag_names=frozenset(
        ["verbose", "no-recursion", "no-redirect", "raw", "force-lookup", "disable-cache"]
    ),
)
_ELSE = re.compile(r"AS\d{1,10}|[0-9A-Fa-f.:]+/\d{1,3}|NET6?-[\w-]+", re.IGNORECASE)


def asked_target(typed: Command | None) -> str:
    """What the command asks about; empty where that is not certain."""
    if typed is None or not typed.certain:
        return ""
    bare = arguments(typed.words, _GRAMMAR).bare
    words = " ".join(bare).split()
    while len(words) > 1 and (
        words[0] in ("domain", "n", "z", "=", "+", "-rwhois") or _is_flag(words[0])
    ):
        words = words[1:]  # a query that one server understands, in quotation marks
    target = words[0].removesuffix("/e") if len(words) == 1 else ""
    return target if is_name(target) or _ELSE.fullmatch(target) else ""


def _is_flag(word: str) -> bool:
    return bool(re.fullmatch(r"-[A-Za-z]{1,3}|dn,ace|dn", word))


def asked_server(typed: Command | None) -> str:
    """The server that the command named."""
    if typed is None:
        return ""
    options = arguments(typed.words, _GRAMMAR).options
    return options.get("h") or options.get("host") or ""


def takes_whois(typed: Command) -> bool:
    """Whether every word is of the client's, and one can be asked about."""
    return arguments(typed.words, _GRAMMAR).known and bool(asked_target(typed))


READERS = (
    TranscriptReader("whois", TOOLS, read_whois, by_form=True, takes=takes_whois, begins=BEGINS),
)
"""In the order in which they are tried."""
