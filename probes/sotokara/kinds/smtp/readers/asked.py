"""The commands with which somebody speaks to a mail server by hand."""

from sotokara.kinds.shared.terminal.commands import Command
from sotokara.kinds.shared.terminal.grammar import Grammar, arguments, is_label, is_name

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
