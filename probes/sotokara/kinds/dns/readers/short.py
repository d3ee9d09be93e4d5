"""``dig +short``: only values, a line each; the type that was asked for tells what they are."""

import re

from sotokara.core.addresses import is_address
from sotokara.core.observation import Failure
from sotokara.kinds.dns.readers.asked import TRANSFERS, TYPES, TypedQuery
from sotokara.kinds.dns.readers.records import AnswerLines, name, reverse_name, target_of
from sotokara.kinds.shared.terminal.interface import Command, Cursor, Parsed

_COMMENT = re.compile(r"^\s*;")
_LATE = re.compile(
    r"^\s*;;\s*(?:connection timed out|no servers could be reached|communications error)"
)
_ADDRESSES = frozenset({"A", "AAAA"})
_SIGNATURE = re.compile(r"^[A-Z0-9]+ \d+ \d+ \d+ \d{14} \d{14} \d+ \S+\. \S+")


def read_short(cursor: Cursor, asked: TypedQuery, typed: Command | None) -> Parsed | None:  # noqa: C901  # one branch a form
    """The values of one question, from the line on at which the cursor stands."""
    types = list(asked.types) or ["PTR" if asked.reverse else "A"]
    doubtful = (
        asked.several
        or asked.other_class
        or not asked.target
        or bool(TRANSFERS & {*types})
        or "ANY" in types
        or (len(types) > 1 and not _ADDRESSES.issuperset(types))
        or (typed is not None and typed.more)
        or bool(asked.flags & {"identify", "id"})
    )
    owner = reverse_name(asked.target) if asked.reverse else asked.target
    answers, failure, values = AnswerLines(), None, 0
    if doubtful or name(owner) is None:
        return _refused(cursor, asked)
    while cursor.more and (text := cursor.peek().strip()) and cursor.typed is None:
        if _COMMENT.match(text):
            if _LATE.match(text):
                failure = Failure("generic_timeout_error", "dig", text.strip(" ;"))
            cursor.take()
            continue
        rdtype = _type_of(text, types, values)
        if not rdtype or not answers.add(owner, rdtype, text):
            if not (values and _SIGNATURE.match(text)):
                break
            cursor.skip_unread()
            continue
        cursor.take()
        values += 1
        owner = text if rdtype == "CNAME" else owner
    at_prose = cursor.more and cursor.peek().strip() and cursor.typed is None
    if not values and at_prose and failure is None:
        return None
    facts = None
    if values:
        facts, failure = answers.facts(
            target_of(asked.target), [one for one in types if one in TYPES], absent=()
        )
    target = target_of(asked.target)
    default = ["PTR"] if is_address(target) else ["A"]
    options: dict[str, object] = {}
    if (kept := [one for one in asked.types if one in TYPES]) and kept != default:
        options["type"] = kept
    if asked.servers:
        options["server"] = list(asked.servers)
    filtered = ["filtered"] if typed is not None and typed.filtered else []
    said = ("rcode", "addresses", "names") if facts else ()
    return cursor.listing(
        "dig", "dns", target, filtered, options=options, facts=facts, said=said, failure=failure
    )


def _refused(cursor: Cursor, asked: TypedQuery) -> Parsed | None:
    """Values of which nobody can say whose they are: all unread."""
    if not (cursor.more and cursor.peek().strip()):
        return None
    while cursor.more and cursor.peek().strip() and cursor.typed is None:
        if not re.fullmatch(r'"[^"]*"(?: "[^"]*")*|[\w.:-]+\.?|\d+ [\w.-]+', cursor.peek().strip()):
            break
        cursor.skip_unread()
    if cursor.at == cursor.begin:
        return None
    return cursor.listing("dig", "dns", "" if asked.several else target_of(asked.target))


def _type_of(value: str, types: list[str], before: int) -> str:
    """The type of a value that stands alone: an alias where something else was asked for."""
    if _ADDRESSES.issuperset(types):
        if is_address(value):
            return "AAAA" if ":" in value else "A"
        return "CNAME" if re.fullmatch(r"[^\s\"]+\.", value) else ""
    one = types[0]
    if one in ("NS", "PTR", "CNAME", "DNAME"):
        return one if re.fullmatch(r"[^\s\"]+\.", value) else ""
    if one == "TXT" and not value.startswith('"'):
        return "CNAME" if re.fullmatch(r"[^\s\"]+\.", value) and not before else ""
    if " " not in value:
        return "CNAME" if value.endswith(".") and not before else ""
    return one
