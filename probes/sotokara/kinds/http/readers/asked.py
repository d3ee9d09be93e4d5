"""Whom ``curl`` was told to ask."""

from sotokara.kinds.shared.terminal.commands import Command
from sotokara.kinds.shared.terminal.grammar import Grammar, arguments
from sotokara.kinds.shared.web.target import read_url

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


def asked(typed: Command | None) -> str:
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
    return bool(_SHOWS & {*one.options}) and bool(asked(typed))
