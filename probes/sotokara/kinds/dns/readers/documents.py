"""DNS answers as documents: ``dig +yaml``, Globalping, RIPE Atlas, JSON of DNS over HTTPS.

A document with several answers is not read: each of them is an observation of its own.
"""

import base64
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import yaml

from sotokara.kinds.dns.readers.asked import TYPES
from sotokara.kinds.dns.readers.records import BASE, AnswerLines, flags_of, target_of
from sotokara.kinds.shared.terminal.documents import DOCUMENT, json_document
from sotokara.kinds.shared.terminal.interface import Command, Cursor, Parsed, any_of
from sotokara.kinds.shared.terminal.pasted import PastedLine

_YAML = re.compile(r"^- ?$|^-$|^-\s+type: MESSAGE\s*$")
BEGINS = any_of(DOCUMENT, _YAML)
_MOST_LINES = 600
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader, in C where PyYAML was built with it."""
_WRONG = (KeyError, TypeError, ValueError, AttributeError, IndexError, dns.exception.DNSException)


class _Said(NamedTuple):
    """One answer as a document has it; ``records``: owner, type, value; ``whole``: all of them."""

    tool: str
    target: str
    rdtype: str
    rcode: str
    records: list[tuple[str, str, str]]
    flags: tuple[str, ...] = ()
    whole: bool = False


def read_document(lines: Sequence[PastedLine], at: int, typed: Command | None) -> Parsed | None:  # noqa: ARG001  # it says itself what was asked
    """One document that begins at a line."""
    found = json_document(lines, at) or _yaml(lines, at)
    if found is None:
        return None
    document, after = found
    for form in (_dig, _globalping, _atlas, _over_https):
        try:
            said = form(document)
        except _WRONG:
            continue
        if said is not None:
            cursor = Cursor(lines, at, hashes=False, parentheses=False)
            while cursor.at < after:
                cursor.take()
            cursor.remarks.clear()
            return _listing(cursor, said)
    return None


def _yaml(lines: Sequence[PastedLine], at: int) -> tuple[Any, int] | None:
    """The YAML list that ``dig +yaml`` prints."""
    if not _YAML.match(lines[at].text):
        return None
    given: list[str] = []
    for index in range(at, min(len(lines), at + _MOST_LINES)):
        if index > at and not re.match(r"^(?:\s|- ?|$)", lines[index].text):
            break
        given.append(lines[index].text)
    if "type: MESSAGE" not in "\n".join(given[:3]):
        return None
    try:
        return yaml.load("\n".join(given), _LOADER), at + len(given)  # noqa: S506  # a safe one
    except yaml.YAMLError:
        return None


def _listing(cursor: Cursor, said: _Said) -> Parsed | None:
    target = target_of(said.target)
    answers = AnswerLines()
    added = [answers.add(*record) for record in said.records]
    foreign = bool(answers.foreign(target))
    answers.keep(target)
    whole = said.whole and all(added) and not foreign
    types = [said.rdtype] if said.rdtype in TYPES else []
    absent = types if whole else ()
    facts, failure = answers.facts(target, types, said.rcode, flags_of(said.flags), absent)
    default = [["PTR"] if re.fullmatch(r"[\d.]+|[\da-f:]+", target) else ["A"]]
    options: dict[str, object] = {} if types in default else {"type": types} if types else {}
    doubts = [] if all(added) and not foreign else ["cut"]
    stated = (*BASE, "chain") if facts else ()
    return cursor.listing(
        said.tool, "dns", target, doubts, options=options, facts=facts, said=stated, failure=failure
    )


def _dig(document: Any) -> _Said | None:  # noqa: ANN401  # what a document holds
    (one,) = [row for row in document if "response_message_data" in row["message"]]
    data = one["message"]["response_message_data"]
    (question,) = data["QUESTION_SECTION"]
    name, klass, rdtype = _row(question)
    if klass != "IN":
        return None
    records = []
    for row in data.get("ANSWER_SECTION") or []:
        owner, _, _, kind, value = str(row).split(None, 4)
        records.append((owner, kind, value))
    flags = str(data["flags"]).split()
    whole = int(data["ANSWER"]) == len(records) and "tc" not in flags
    return _Said("dig", name, rdtype, str(data["status"]), records, tuple(flags), whole)


def _row(question: Any) -> tuple[str, str, str]:  # noqa: ANN401  # what a document holds
    name, klass, rdtype = str(question).split()
    return name, klass, rdtype


def _globalping(document: Any) -> _Said | None:  # noqa: ANN401  # what a document holds
    if document["type"] != "dns":
        return None
    (one,) = document["results"]
    result = one["result"]
    if result["status"] != "finished" or "answers" not in result:
        return None
    records = [(row["name"], row["type"], str(row["value"])) for row in result["answers"]]
    options = document.get("measurementOptions") or {}
    rdtype = str((options.get("query") or {}).get("type", "A")).upper()
    rcode = str(result["statusCodeName"])
    return _Said("Globalping", str(document["target"]), rdtype, rcode, records)


def _atlas(document: Any) -> _Said | None:  # noqa: ANN401  # what a document holds
    one = document
    if isinstance(document, list):
        (one,) = document
    if one["type"] != "dns":
        return None
    results = [one["result"]] if "result" in one else [row["result"] for row in one["resultset"]]
    (result,) = results
    message = dns.message.from_wire(base64.b64decode(result["abuf"], validate=True))
    (question,) = message.question
    records = [
        (rrset.name.to_text(), dns.rdatatype.to_text(rrset.rdtype), rdata.to_text())
        for rrset in message.answer
        for rdata in rrset
    ]
    flags = tuple(dns.flags.to_text(message.flags).lower().split())
    rdtype = dns.rdatatype.to_text(question.rdtype)
    rcode = dns.rcode.to_text(message.rcode())
    whole = not message.flags & dns.flags.TC
    return _Said("RIPE Atlas", question.name.to_text(), rdtype, rcode, records, flags, whole)


def _over_https(document: Any) -> _Said | None:  # noqa: ANN401  # what a document holds
    (question,) = document["Question"]
    rcode = dns.rcode.to_text(dns.rcode.Rcode.make(int(document["Status"])))
    records = [
        (
            row["name"],
            dns.rdatatype.to_text(dns.rdatatype.RdataType.make(int(row["type"]))),
            str(row["data"]),
        )
        for row in document.get("Answer") or []
    ]
    rdtype = dns.rdatatype.to_text(dns.rdatatype.RdataType.make(int(question["type"])))
    flags = ("ad",) if document.get("AD") else ()
    whole = not document.get("TC")
    return _Said("DNS over HTTPS", question["name"], rdtype, rcode, records, flags, whole)
