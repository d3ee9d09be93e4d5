"""What may be kept of a mail's header: only what is known to be no person's.

Of the few fields that tell a mail's way, host names, addresses of servers, times and results of
checks stay; everything else becomes ``xxx``: local parts, names of persons, recipients with their
domains, ids, comments, hashes (a guess at the mail can be held against one), and whatever a
sender's own device says of itself. Fields that are not named here are left out whole.
"""

import re
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from ipaddress import ip_address

from sotokara.kinds.shared.terminal.pasted import split_remark

MASK = "xxx"
_TOKEN = re.compile(r"\s+|[()<>\[\];,=\"]|[^\s()<>\[\];,=\"]+")
_HOST = re.compile(
    r"(?=.{1,253}$)(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?\.)+"
    r"(?:[A-Za-z]{2,63}|xn--[A-Za-z0-9-]{2,59})\.?"
)
_OWN_NAMES = ("local", "lan", "home", "internal", "localdomain", "intranet", "corp", "private")
"""Ends of names that no public DNS has: what a device at somebody's home is called."""
_CLAUSES = frozenset({"from", "by", "with", "via", "id", "for"})
_WORDS = re.compile(
    r"from|by|with|via|id|for|helo|ehlo|unknown|localhost|invoked|network|envelope-from|userid|"
    r"(?:utf8)?(?:e?smtp|lmtp)s?a?|asmtp|https?|httprest|mapi|local|uucp|microsoft|server|"
    r"postfix|exim|sendmail|qmail",
    re.IGNORECASE,
)
"""Words of the form itself, and the protocols (RFC 3848, RFC 6531)."""
DEVICE = re.compile(
    r"\bwith\s+(?:UTF8)?(?:E?SMTPS?A|LMTPS?A|ASMTP|HTTP\w*|MAPI)\b|\bauthenticated\b|\bwebmail\b",
    re.IGNORECASE,
)
"""A line whose peer is somebody's own device or browser, not a server (RFC 3848)."""
_ADDRESS = re.compile(r"[\"<]?[^\s<>@\"]{0,256}@([A-Za-z0-9._-]{1,253})")
_RESULT = re.compile(r"[a-z]{3,12}", re.IGNORECASE)
_PROPERTIES = re.compile(
    r"smtp\.(?:mailfrom|helo)|header\.(?:d|s|i|from)|client-ip|envelope-from|helo|identity"
)
_METHODS = frozenset({"spf", "dkim", "dmarc", "arc", "iprev", "sender-id"})
_TAGS = {
    "dkim-signature": frozenset(["v", "a", "c", "d", "s", "t", "x", "l", "h", "q"]),
    "arc-message-signature": frozenset(["i", "v", "a", "c", "d", "s", "t", "x", "l", "h", "q"]),
    "arc-seal": frozenset(["i", "a", "cv", "d", "s", "t"]),
}
_TAG_VALUE = re.compile(r"[A-Za-z0-9._/:+-]{1,2000}")


def host(word: str) -> str:
    """A name as it may be kept: a public one, in lower case; else the mask."""
    name = word.strip(".").lower()
    if not _HOST.fullmatch(word) or name.rpartition(".")[2] in _OWN_NAMES:
        return MASK
    return name


def address(word: str) -> str:
    """An IP address in its normal form; empty for anything else."""
    text = word.removeprefix("IPv6:").removeprefix("ipv6:").partition("%")[0]
    try:
        return str(ip_address(text)) if len(text) < 46 else ""  # noqa: PLR2004  # the longest IPv6 text
    except ValueError:
        return ""


def mask_field(name: str, value: str) -> str | None:
    """A field's value as it may be kept; None where nothing of the field is."""
    keep = _KEPT.get(name)
    return None if keep is None else keep(name, value)


def _received(_name: str, value: str) -> str:
    way, semicolon, when = value.rpartition(";")
    if not semicolon:
        way, when = value, ""
    device = bool(DEVICE.search(way))
    words = "".join(_way(way, device=device))
    plain = " ".join(words.split())
    return f"{plain}; {_date('', when)}" if semicolon else plain


def _way(text: str, *, device: bool) -> Iterator[str]:  # one branch a form of word
    """The words of a Received line before its date."""
    clause, depth = "", 0
    for word in _TOKEN.findall(text):
        lower = word.lower()
        if word.isspace() or word in ';,="':
            yield "=" if word == "=" else " "
        elif word in "()[]<>":
            depth += {"(": 1, ")": -1}.get(word, 0)
            yield word
        elif depth <= 0 and lower in _CLAUSES:
            clause = lower
            yield lower
        elif clause in ("for", "id") or "@" in word or (device and clause == "from"):
            yield MASK
        elif found := address(word):
            yield found
        elif _WORDS.fullmatch(word):
            yield word
        else:
            yield host(word)


def _date(_name: str, value: str) -> str:
    """A date in RFC 5322's form, written anew; the mask for what is none."""
    try:
        return (
            parsedate_to_datetime(value.strip()[:64]).strftime("%a, %d %b %Y %H:%M:%S %z").strip()
        )
    except (ValueError, TypeError, IndexError, OverflowError):
        return MASK


def _domains(_name: str, value: str) -> str:
    """Of mail addresses, the domains."""
    found = [host(match) for match in _ADDRESS.findall(value[:20_000])[:20]]
    return ", ".join(f"{MASK}@{one}" for one in found) or ("<>" if "<>" in value else MASK)


def _results(name: str, value: str) -> str:
    """Results of checks by others (RFC 8601, 2.2; RFC 7208, 9.1): methods, results, domains."""
    parts = _without_comments(value).split(";")
    kept = []
    for number, part in enumerate(parts[:200]):
        words = part.split()
        if name == "received-spf" and number == 0:
            kept.append(" ".join([_result(words[0]) if words else MASK, *_pairs(words[1:])]))
        elif "=" not in part:
            instance = re.fullmatch(r"\s*i\s*", part)
            kept.append(host(words[0]) if words and not instance else MASK)
        else:
            kept.append(" ".join(_pairs(words)))
    return "; ".join(kept) or MASK


def _pairs(words: list[str]) -> Iterator[str]:
    for word in words[:60]:
        key, equals, value = word.strip(",").partition("=")
        key, bare = key.lower(), value.strip("\"<>'")
        if not equals:
            continue
        if key == "i" and bare.isdigit():
            yield f"i={bare[:3]}"
        elif key == "client-ip" and address(bare):
            yield f"{key}={address(bare)}"
        elif key in ("header.s", "identity"):
            yield f"{key}={bare if _TAG_VALUE.fullmatch(bare) else MASK}"
        elif _PROPERTIES.fullmatch(key):
            domain = bare.rpartition("@")[2]
            yield f"{key}={host(domain)}"
        elif key in _METHODS and _RESULT.fullmatch(bare):
            yield f"{key}={bare.lower()}"


def _result(word: str) -> str:
    return word.lower() if _RESULT.fullmatch(word) else MASK


def _without_comments(value: str) -> str:
    """The text outside round brackets, which may be nested."""
    kept, depth = [], 0
    for piece in re.split(r"([()])", value):
        if piece in ("(", ")"):
            depth = max(depth + (1 if piece == "(" else -1), 0)
        elif depth == 0:
            kept.append(piece)
    return " ".join(kept)


def _signature(name: str, value: str) -> str:
    """The tags of a signature, without what is computed from the mail and whom it is of."""
    kept = []
    for part in value.split(";")[:60]:
        tag, equals, content = part.partition("=")
        tag, bare = tag.strip(), re.sub(r"\s", "", content)
        if not equals or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,20}", tag):
            continue
        known = tag in _TAGS[name] and _TAG_VALUE.fullmatch(bare)
        kept.append(f"{tag}={bare if known else MASK}")
    return "; ".join(kept)


_KEPT: dict[str, Callable[[str, str], str]] = {
    "received": _received,
    "authentication-results": _results,
    "arc-authentication-results": _results,
    "received-spf": _results,
    "dkim-signature": _signature,
    "arc-message-signature": _signature,
    "arc-seal": _signature,
    "from": _domains,
    "return-path": _domains,
    "date": _date,
}
"""Of each field that is kept, what of it is."""


# Headers pasted into an article: masked line by line, so that remarks keep their lines.

_FIELD = re.compile(r"\s{0,3}([!-9;-~]{1,76}):(?:[ \t]|$)")
_COMMAND = re.compile(r"\s*[$#%>] ")
_MOST_LINES = 20_000
FOLDED = "..."
"""Stands for a line whose words stand on the field's first one."""


def masked_paste(text: str) -> str:
    """The text in which each field stands masked on its first line, its remarks behind it.

    Lines that it was folded into become ``...``, so that all others keep their numbers; what is no
    header field, and all behind the header's end, is masked whole.
    """
    lines = text.splitlines()[:_MOST_LINES]
    found: list[str] = []
    at, begun, ended = 0, False, False
    while at < len(lines):
        if _COMMAND.match(lines[at]) or not lines[at].strip():
            ended = begun and not lines[at].strip()
            found.append(lines[at])
            at += 1
            continue
        head = None if ended else _FIELD.match(lines[at])
        begun = begun or head is not None
        if head is None:
            found.append(MASK)
            at += 1
            continue
        end = at + 1
        while end < len(lines) and lines[end][:1] in (" ", "\t") and lines[end].strip():
            end += 1
        parts = [_split(one) for one in lines[at:end]]
        value = " ".join([parts[0][0][head.end() :], *(one.strip() for one, _ in parts[1:])])
        kept = mask_field(head[1].lower(), re.sub(r"\s+", " ", value).strip())
        remarks = " ".join(one for _, one in parts if one)
        line = f"{head[1]}: {MASK if kept is None else kept}"
        found.append(f"{line}  <-- {remarks}" if remarks else line)
        found += [f"  {FOLDED}"] * (end - at - 1)
        at = end
    return "\n".join(found) + "\n" * text.endswith("\n")


def _split(line: str) -> tuple[str, str]:
    """A line and the remark behind it; what stands in ``<…>`` is an address, not a remark."""
    if re.search(r"<[^<>]*>\s*;?\s*$", line) or not re.search(r"<|←|//|#", line):
        return line, ""
    return split_remark(line, hashes=False, parentheses=False)
