"""The commands of whois clients: which words are options, the server, what is asked about."""

import re

from sotokara.kinds.shared.terminal.commands import Command
from sotokara.kinds.shared.terminal.grammar import Grammar, arguments, is_name

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
