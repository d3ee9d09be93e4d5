"""One hop's line, word by word: who answered, when, with which mark; what else is printed."""

import re

from sotokara.core.addresses import is_address
from sotokara.kinds.traceroute.readers.paths import HopReply, ListedHop, parse_hop_host

LINE = re.compile(r"^\s{0,8}(?P<ttl>\d{1,3})(?P<colon>:)?[.)]?\s{1,12}(?P<rest>\S.*)$")
MORE = re.compile(r"^\s{3,}(?P<rest>\S.*)$")
_ASIDES = re.compile(
    r"\[\s?MPLS[^\[\]]{0,300}\]|<[A-Z]{2,8}:[^<>]{0,300}>|\[AS ?\d[\d/, AS]{0,80}\]"
    r"|\[(?:open|closed)\]"
    r"|\bP\(\d+, ?\d+\)|\basymm\s+\d+|\bpmtu \d+|\(TOS=\d+!?\)|\(ttl=\d+!?\)"
    r"|\[ASN?[: ]?[\d?*]{0,12}\]|\[(?:\*|\?{1,3})\]|\[(?:No route|\d+)\]"
)
_NUMBER = re.compile(r"<?\d+(?:[.,]\d+)?$")
_TIME = re.compile(r"<?(?P<ms>\d+(?:[.,]\d+)?)(?:ms|msec)$", re.IGNORECASE)
_UNITS = frozenset({"ms", "msec", "msecs"})
_MARK = re.compile(r"!(?:[A-Z]\d{0,2}|<?\d+>?|F-\d+)?$")
_NOTHING = re.compile(r"F=\d+$|'-?\d+'$|/$|,$")
_MOST_JOINED = 60


def hop_of(text: str, *, aside: bool = False) -> tuple[ListedHop, list[str]] | None:
    """The hop that a whole line is, and the masks in it; None where it is no hop's line."""
    match = LINE.match(text)
    if match is None:
        return None
    return replies_of(match["rest"].rstrip(), ListedHop(int(match["ttl"]), ()), aside=aside)


def is_broken(text: str) -> bool:
    """Whether a line ends inside a bracket."""
    return max(text.rfind("["), text.rfind("(")) > max(text.rfind("]"), text.rfind(")"))


def join_broken_line(text: str, following: str) -> list[str]:
    """A line with the one below it, as a mailer may have broken them, the likelier first."""
    if not following.strip() or not text.strip():
        return []
    cut = len(text) >= _MOST_JOINED and not following[0].isspace()
    direct = [text + following.strip()] if is_broken(text) or cut else []
    return [*direct, f"{text} {following.strip()}"]


def replies_of(  # noqa: C901, PLR0912  # one branch a form of word
    rest: str, hop: ListedHop, *, aside: bool = False
) -> tuple[ListedHop, list[str]] | None:
    """The replies in a hop's words, added to those that the hop has; None for other text.

    ``aside``: the tool prints the place, network and owner of an address behind it.
    """
    words = _ASIDES.sub(" ", rest).split()
    replies, silent = list(hop.replies), hop.silent or 0
    name, address, masked = "", "", []
    if replies:
        name, address = replies[-1].name, replies[-1].address
    at, places, times, before = 0, 0, 0, len(replies)
    while at < len(words):
        word = words[at]
        following = words[at + 1] if at + 1 < len(words) else ""
        at += 1
        if word == "*" or (word, following) == ("no", "reply"):
            silent += 1
            at += word == "no"
        elif _NUMBER.match(word) and following.lower() in _UNITS and (name or address):
            replies.append(HopReply(address, name, _ms(word)))
            at, times = at + 1, times + 1
        elif (match := _TIME.match(word)) and (name or address):
            replies.append(HopReply(address, name, _ms(match["ms"])))
            times += 1
        elif word == "**" and following == "ms" and (name or address):  # masked like its place
            replies.append(HopReply(address, name))
            at, times = at + 1, times + 1
        elif _MARK.match(word):
            if places and (not times or not replies):
                replies.append(HopReply(address, name))
            if replies:
                replies[-1] = replies[-1]._replace(mark=word)
            times += 1
        elif (
            _NOTHING.match(word)
            or (word == "reached" and at == len(words))
            or (aside and places and not is_address(word.strip("[](),")))
        ):
            pass
        else:
            pair = f"{word} {following}" if following[:1] in ("(", "[") else word
            found = parse_hop_host(pair)
            if found is None or not any(found) or (places and not times and not aside):
                return None
            if aside and not found[1]:
                places += bool(replies)
                if not replies:
                    return None
                continue
            name, address, hidden = found
            masked += hidden
            at += pair != word
            places, times = places + 1, 0
            if aside:
                replies.append(HopReply(address, name))
    if (places and not times and not aside) or (len(replies) == before and not silent):
        return None
    return ListedHop(hop.ttl, tuple(replies), silent), masked


def _ms(text: str) -> float | None:
    return None if text[0] == "<" else float(text.replace(",", "."))
