"""The commands of DNS tools: which words are options and types, which one is the name asked."""

from typing import NamedTuple

from sotokara.core.addresses import is_address
from sotokara.kinds.dns.types import COMMON, is_type
from sotokara.kinds.shared.terminal.commands import Command
from sotokara.kinds.shared.terminal.grammar import Grammar, arguments, is_label, is_name

TYPES = frozenset({*COMMON, "SPF"}) - {"ANY"}
"""Those that stand in listings; dig takes any other of IANA's as a word too."""
TRANSFERS = frozenset({"AXFR", "IXFR"})
_CLASSES = frozenset({"IN", "CH", "CHAOS", "HS", "HESIOD"})
_HOST = Grammar(valued="tWRcNmp", flags="aCdilrsTvVw46A")
_NSLOOKUP = Grammar(
    valued_names=frozenset(),
    flag_names=frozenset(
        [
            "type",
            "ty",
            "q",
            "qt",
            "query",
            "querytype",
            "class",
            "cl",
            "debug",
            "deb",
            "d2",
            "nod2",
            "timeout",
            "retry",
            "port",
            "vc",
            "novc",
            "norecurse",
            "recurse",
            "search",
            "nosearch",
            "domain",
            "sil",
            "nodebug",
            "fail",
            "version",
        ]
    ),
    words=True,
)
_POWERSHELL = Grammar(
    valued_names=frozenset(["name", "type", "server"]),
    flag_names=frozenset(
        [
            "dnsonly",
            "nohostsfile",
            "cacheonly",
            "dnssecok",
            "dnsseccd",
            "quicktimeout",
            "tcponly",
            "llmnrnetbiosonly",
            "nollmnr",
            "norecursion",
            "legacyalgorithms",
        ]
    ),
    words=True,
)
_NAMED = Grammar(
    valued="tnNqQcPzp",
    flags="46UTSHJ1vVd",
    valued_names=frozenset(["type", "query", "nameserver", "class", "edns", "color", "txid"]),
    flag_names=frozenset(
        ["short", "json", "udp", "tcp", "tls", "https", "seconds", "time", "debug"]
    ),
)
_CACHE = Grammar(valued="qa", flags="")
_DASHED_VALUE = "tpbkcfyqx"
_DASHED_FLAGS = "46himruvdE"


class TypedQuery(NamedTuple):
    """What a command asks: the name (empty where it is not certain), types, servers, the class."""

    target: str = ""
    types: tuple[str, ...] = ()
    servers: tuple[str, ...] = ()
    other_class: bool = False
    several: bool = False
    """More than one name was asked for."""
    known: bool = True
    short: bool = False
    reverse: bool = False
    flags: frozenset[str] = frozenset()


def asked_by(typed: Command | None) -> TypedQuery:
    """What a command of any of the tools asks."""
    if typed is None:
        return TypedQuery()
    form = _FORMS.get(typed.tool)
    found = form(typed.words) if form else TypedQuery()
    return found if typed.certain else found._replace(target="", known=False)


def takes_dns(typed: Command) -> bool:
    """Whether every word is of the tool's, and one a name or an address to look up."""
    found = asked_by(typed)
    return found.known and (is_name(found.target) or (found.several and not found.target))


def dig_words(words: tuple[str, ...] | list[str]) -> TypedQuery:  # noqa: C901, PLR0912  # dig's forms of words
    """The words of dig, kdig, drill and delv: they may come in any order."""
    names: list[str] = []
    types: list[str] = []
    servers: list[str] = []
    flags: set[str] = set()
    other = reverse = False
    known, at = True, 0
    while at < len(words):
        word = words[at]
        at += 1
        upper = word.upper()
        if word[:1] == "+":
            flags.add(word[1:].partition("=")[0].lower())
        elif word[:1] == "@":
            servers.append(word[1:])
        elif word[:1] == "-" and len(word) > 1:
            letter, value = word[1], word[2:]
            if letter in _DASHED_VALUE and not value:
                known = known and at < len(words)
                value = words[at] if at < len(words) else ""
                at += 1
            elif letter not in _DASHED_VALUE and letter not in _DASHED_FLAGS:
                known = False
            if letter == "x":
                names.append(value)
                reverse = True
            elif letter == "q":
                names.append(value)
            elif letter == "t":
                types.append(value.upper())
            elif letter == "c":
                other = other or value.upper() not in ("IN", "")
            elif letter == "f":
                known = False
        elif upper in TRANSFERS or (is_type(word) and "." not in word):
            types.append(upper)
        elif upper.startswith(("TYPE", "IXFR=")) and upper[4:].strip("=").isdigit():
            types.append(upper[:4] if upper[:4] == "IXFR" else upper)
        elif upper in _CLASSES:
            other = other or upper != "IN"
        else:
            names.append(word)
    different = {name.lower().removesuffix(".") for name in names}
    several = len(different) > 1
    target = names[0] if len(different) == 1 else ""
    if target and not (is_name(target) or is_label(target) or target == "." or "_" in target):
        target, known = "", False
    return TypedQuery(
        target,
        tuple(dict.fromkeys(types)),
        tuple(servers),
        other,
        several,
        known,
        bool(flags & {"short", "sho", "shor"}),
        reverse,
        frozenset(flags),
    )


def _host(words: tuple[str, ...]) -> TypedQuery:
    one = arguments(words, _HOST)
    types = (one.options["t"].upper().partition("=")[0],) if "t" in one.options else ()
    types = ("ANY",) if "a" in one.options and not types else types
    types = ("AXFR",) if "l" in one.options else types
    other = one.options.get("c", "IN").upper() != "IN"
    return _simple(one.bare, types, other=other, known=one.known)


def _nslookup(words: tuple[str, ...]) -> TypedQuery:
    one = arguments(words, _NSLOOKUP)
    key = next(
        (key for key in ("type", "ty", "q", "qt", "query", "querytype") if key in one.options), ""
    )
    types = (one.options[key].upper(),) if key else ()
    other = (one.options.get("class") or one.options.get("cl") or "IN").upper() != "IN"
    flags = frozenset({"debug"} & one.options.keys())
    return _simple(one.bare, types, other=other, known=one.known)._replace(flags=flags)


def _powershell(words: tuple[str, ...]) -> TypedQuery:
    one = arguments(words, _POWERSHELL)
    bare = (one.options["name"], *one.bare) if "name" in one.options else one.bare
    types = tuple(one.options["type"].upper().split(",")) if "type" in one.options else ()
    if not types and len(bare) > 1 and bare[1].upper() in TYPES:
        types, bare = (bare[1].upper(),), (bare[0], *bare[2:])
    types = () if types == ("A_AAAA",) else types
    server = (one.options["server"],) if "server" in one.options else ()
    return _simple((*bare, *server), types, known=one.known)


def _modern(words: tuple[str, ...]) -> TypedQuery:
    """The words of dog, doggo and q."""
    one = arguments([word for word in words if word[:1] != "@"], _NAMED)
    servers = [word[1:] for word in words if word[:1] == "@"]
    types = [word.upper() for word in one.bare if word.upper() in TYPES]
    types += [one.options[key].upper() for key in ("t", "type") if one.options.get(key)]
    bare = [word for word in one.bare if word.upper() not in {*TYPES, *_CLASSES}]
    bare += [one.options[key] for key in ("q", "query") if one.options.get(key)]
    found = _simple(tuple(bare[:1]), tuple(types), known=one.known and len(bare) == 1)
    short = bool({"1", "short"} & one.options.keys())
    return found._replace(servers=tuple(servers), short=short, several=len(bare) > 1)


def _cache(words: tuple[str, ...]) -> TypedQuery:
    """The words of dscacheutil: ``-q host -a name www.example.com``."""
    one = arguments(words, _CACHE)
    hosts = one.options.get("q") == "host" and one.options.get("a") in ("name", "ip_address")
    return _simple(one.bare if hosts else (), (), known=one.known and hosts)


def _simple(
    bare: tuple[str, ...], types: tuple[str, ...], *, other: bool = False, known: bool = True
) -> TypedQuery:
    """A name and, perhaps, a server behind it."""
    known = known and 1 <= len(bare) <= 2  # noqa: PLR2004
    target = bare[0] if bare else ""
    if not known and len(bare) > 2:  # noqa: PLR2004
        target = ""
    if not (is_name(target) or is_label(target) or "_" in target):
        target, known = "", False
    server = bare[1:2]
    if server and not (is_name(server[0]) or is_label(server[0])):
        known = False
    return TypedQuery(target, types, tuple(server), other, known=known, reverse=is_address(target))


_FORMS = {
    "dig": dig_words,
    "kdig": dig_words,
    "drill": lambda words: dig_words([w for w in words if w not in ("-D", "-T", "-S", "-Q", "-V")]),
    "delv": dig_words,
    "host": _host,
    "nslookup": _nslookup,
    "Resolve-DnsName": _powershell,
    "dog": _modern,
    "doggo": _modern,
    "dscacheutil": _cache,
}
TOOLS = tuple(_FORMS)
"""The commands of tools that look names up."""
