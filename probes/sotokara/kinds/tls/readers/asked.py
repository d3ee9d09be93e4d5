"""Whom ``openssl s_client`` was told to ask."""

from typing import NamedTuple

from sotokara.kinds.shared.terminal.commands import Command
from sotokara.kinds.tls.target import HTTPS, read_target

TOOLS = ("openssl",)
_VALUED = {"-connect", "-host", "-port", "-servername", "-starttls", "-alpn"}


class Asked(NamedTuple):
    """The target in its normal spelling (empty: not certain), and the options that differ."""

    target: str = ""
    host: str = ""
    """The name that the certificate was to be for."""
    options: dict[str, str] = {}


def asked(typed: Command | None) -> Asked:
    """What a command asked for; nothing where that is not certain."""
    if typed is None or not typed.certain or typed.words[:1] != ("s_client",):
        return Asked()
    given = {}
    for option, value in zip(typed.words, typed.words[1:], strict=False):
        name = "-" + option.lstrip("-")
        if option.startswith("-") and name in _VALUED:
            given[name] = value
    where = given.get("-connect") or f"{given.get('-host', '')}:{given.get('-port', HTTPS)}"
    try:
        target = read_target(where)
        sni = read_target(given["-servername"]).host if "-servername" in given else ""
    except ValueError:
        return Asked()
    options = {"sni": sni} if sni and sni != target.host else {}
    return Asked(target.text, sni or target.host, options)


def takes_tls(typed: Command) -> bool:
    """Whether the command names its target."""
    return bool(asked(typed).target)
