"""Windows' ``nslookup`` in a language whose words are not known: told by its form alone.

The resolver's name and address, an empty line, perhaps a sentence, then a name, its addresses and
perhaps its aliases: each a label, a colon and a value. The command tells which name was asked for;
only where that name is there is anything stated.
"""

import re
from collections.abc import Sequence

from sotokara.core.addresses import is_address
from sotokara.kinds.dns.readers.asked import TYPES, asked_by
from sotokara.kinds.dns.readers.phrases import MORE, NAME, SET_CLASS, SET_TYPE
from sotokara.kinds.dns.readers.records import AnswerLines, target_of
from sotokara.kinds.shared.terminal.grammar import is_name
from sotokara.kinds.shared.terminal.interface import Command, Cursor, Parsed
from sotokara.kinds.shared.terminal.pasted import PastedLine

BEGINS = re.compile(r"(?!)")
"""Without a command nobody could say what such a text is."""
_LABELLED = re.compile(r"^\s{0,4}(?P<label>[^\W\d_][^:=\uff1a]{0,40})[:\uff1a]\s+(?P<value>\S+)$")
_SENTENCE = re.compile(r"^[^\W\d_][^=]{2,80}[:\uff1a.]?$")


def read_form(lines: Sequence[PastedLine], at: int, typed: Command | None) -> Parsed | None:
    """One look-up of addresses whose labels the reader of known languages does not know."""
    asked = asked_by(typed)
    cursor = Cursor(lines, at)
    if typed is None or typed.tool != "nslookup" or asked.reverse or not asked.target:
        return None
    if not {*asked.types} <= {"A", "AAAA"} or asked.other_class or not _resolver(cursor):
        return None
    if cursor.more and _LABELLED.match(cursor.peek()) is None:
        if not _SENTENCE.match(cursor.peek().strip()):
            return None
        cursor.take()
        cursor.blank()
    named = _LABELLED.match(cursor.peek())
    if named is None or NAME.match(cursor.peek()) or not is_name(named["value"]):
        return None
    cursor.take()
    found, others = _values(cursor)
    target = target_of(asked.target)
    whole = {target_of(named["value"]), *map(target_of, others)}
    if not found or target not in whole:
        return None
    answers = AnswerLines()
    for value in found:
        answers.add(named["value"], "AAAA" if ":" in value else "A", value)
    types = [one for one in asked.types if one in TYPES] or answers.types
    facts, failure = answers.facts(target_of(named["value"]), types, "NOERROR", 0, ())
    options: dict[str, object] = {"type": list(asked.types)} if asked.types else {}
    if asked.servers:
        options["server"] = list(asked.servers)
    said = ("rcode", "addresses") if facts else ()
    return cursor.listing(
        "nslookup", "dns", target, options=options, facts=facts, said=said, failure=failure
    )


def _resolver(cursor: Cursor) -> bool:
    """Take the resolver's two lines."""
    above, below = _LABELLED.match(cursor.peek()), _LABELLED.match(cursor.peek(1))
    if above is None or below is None or not is_address(below["value"]):
        return False
    if cursor.peek(2).strip():
        return False
    cursor.take()
    cursor.take()
    cursor.blank()
    return True


def _values(cursor: Cursor) -> tuple[list[str], list[str]]:
    """The addresses and the aliases below the name."""
    found: list[str] = []
    others: list[str] = []
    while cursor.more and cursor.typed is None:
        text = cursor.peek()
        match = _LABELLED.match(text) or MORE.match(text)
        value = match["value"] if match else ""
        if is_address(value) and not others:
            found.append(value)
        elif found and is_name(value) and not is_address(value):
            others.append(value)
        else:
            break
        cursor.take()
    return found, others


# What was set at nslookup's own prompt above a look-up: `> set type=mx`.

_ABOVE = 60


def set_above(lines: Sequence[PastedLine], at: int) -> tuple[list[str], bool]:
    """The type that was set last before a line, and whether the class is another than IN."""
    types: list[str] = []
    other = False
    for line in reversed(lines[max(0, at - _ABOVE) : at]):
        if line.typed is not None:
            break
        if "set" not in line.text.lower():
            continue
        if (match := SET_TYPE.match(line.text)) and not types:
            types = [match["type"].upper()]
        if match := SET_CLASS.match(line.text):
            other = match["class"].upper() != "IN"
    return types, other
