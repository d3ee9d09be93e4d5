"""Our readers of old listings beside what other projects read in their own fixtures.

A folder may hold jc's pairs (``dig.out`` + ``dig.json``), those of ntc-templates (``.raw`` +
``.yml``), mails (``.eml``), of which the machine-readable part says what is right, and those of
flufl.bounce (``tests/data/*.txt``, expected in ``_detectors/tests/detectors.py``). A line for each
fixture that is not read alike, with what only one of the two reads; then a row for each peer:
how many fixtures are read right, of how many it is said that they are not read whole, and how many
are read otherwise than the peer reads them, without a word.
"""

import ast
import email
import email.policy
import json
from collections import Counter
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from sotokara.core.addresses import is_address
from sotokara.kinds import KINDS
from sotokara.kinds.shared.terminal.interface import Listing
from sotokara.kinds.shared.terminal.pasted import decode
from sotokara.transcripts.session import listings
from sotokara.transcripts.transcript import read_listing

_STATES = {
    "failed": "returned",
    "delayed": "waiting",
    "delivered": "delivered",
    "relayed": "relayed",
    "expanded": "delivered",
}
Reading = set[tuple[str, ...]]
"""What a tool was found to say, in comparable pieces: hops, records, outcomes."""


class Pair(NamedTuple):
    """One fixture as both read it. ``said``: ours says of some line that it was not taken."""

    peer: str
    ours: Reading
    theirs: Reading
    said: bool


def main(words: list[str]) -> int:
    """Print what is not read alike, and a row for each peer; 1 where anything is silently wrong."""
    scores: dict[str, Counter[str]] = {}
    for folder in map(Path, words):
        for path in sorted(folder.rglob("*")):
            for pair in compared(path):
                score = scores.setdefault(pair.peer, Counter())
                word, standing = verdict(pair.ours, pair.theirs), outcome(pair)
                score.update([standing, word, "fixtures"])
                if word != "alike":
                    ours, theirs = sorted(pair.ours - pair.theirs), sorted(pair.theirs - pair.ours)
                    only = f"ours alone {ours}, theirs alone {theirs}"
                    print(f"{standing:8} {word:12} {path.relative_to(folder)}: {only}"[:600])
    print("| fixtures of | | right | says so | otherwise | ours has more | theirs has more |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for peer, score in sorted(scores.items()):
        more = (
            score["ours more"] + score["ours alone"],
            score["theirs more"] + score["theirs alone"],
        )
        row = (score["fixtures"], score["right"], score["says so"], score["wrong"], *more)
        print(f"| {peer} | {' | '.join(map(str, row))} |")
    return 1 if any(score["wrong"] for score in scores.values()) else 0


def outcome(pair: Pair) -> str:
    """``right`` (all that the peer reads, or more), ``says so``, or ``wrong`` without a word."""
    if pair.theirs <= pair.ours:
        return "right"
    return "says so" if pair.said else "wrong"


def verdict(ours: Reading, theirs: Reading) -> str:
    """How two readings stand to each other."""
    if ours == theirs:
        return "alike"
    if not ours - {one for one in ours if one[0] == "target"}:
        return "theirs alone"
    if not theirs:
        return "ours alone"
    return "ours more" if ours > theirs else "theirs more" if theirs > ours else "differs"


def compared(path: Path) -> Iterator[Pair]:
    """Our reading and the peer's, for a file that is a fixture of a tool we read."""
    name = path.name
    if path.suffix == ".out" and name.startswith(("dig", "host", "traceroute", "tracepath")):
        expected = path.with_suffix(".json")
        if expected.is_file():
            text = decode(path.read_bytes())
            theirs = json.loads(expected.read_text("utf-8"))
            path_like = "trace" in name
            said = says_so(text, "traceroute" if path_like else "dns")
            yield Pair("jc", *(_paths if path_like else _answers)(text, theirs), said)
    elif path.suffix == ".raw" and "traceroute" in name and path.with_suffix(".yml").is_file():
        rows = yaml.safe_load(path.with_suffix(".yml").read_text("utf-8"))["parsed_sample"]
        text = decode(path.read_bytes())
        yield Pair("ntc-templates", ours_path(text), ntc_path(rows), says_so(text, "traceroute"))
    elif path.suffix == ".txt" and path.parent.name == "data":
        yield from _flufl(path)
    elif path.suffix == ".eml":
        yield from _mail(path.read_bytes())


def says_so(text: str, kind: str) -> bool:
    """Whether the figure would list lines as unread, or a doubt."""
    listing, unread = read_listing(text, KINDS[kind])
    return bool(unread) or listing is None or bool(listing.doubted) or listing.facts is None


def found(text: str, kind: str) -> list[Listing]:
    """The listings of a kind that state something."""
    return [one for one in listings(text, kind) if one.facts is not None]


def ours_path(text: str) -> Reading:
    """Each address at each hop."""
    return {
        ("hop", str(hop.number), address)
        for one in found(text, "traceroute")
        for hop in getattr(one.facts, "hops", ())
        for address in hop.addresses
    }


def _paths(text: str, theirs: Any) -> tuple[Reading, Reading]:
    read: Reading = set()
    for hop in theirs.get("hops", ()):
        probes = hop.get("probes", [hop])
        addresses = {probe.get("ip") or probe.get("host") or "" for probe in probes}
        number = hop.get("hop", hop.get("ttl"))
        read |= {("hop", str(number), one) for one in addresses if is_address(one)}
    return ours_path(text), read


def ntc_path(rows: list[dict[str, Any]]) -> Reading:
    """Each address at each hop, as the template has them."""
    read: Reading = set()
    number = ""
    for row in rows:
        number = str(row.get("hop_num") or row.get("hop") or number)
        address = str(row.get("address") or row.get("ip_address") or row.get("host") or "")
        if is_address(address) and number not in ("", "0"):
            read.add(("hop", number, address))
    return read


def _answers(text: str, theirs: Any) -> tuple[Reading, Reading]:
    ours: Reading = set()
    for one in found(text, "dns"):
        ours |= {
            ("record", record.name.lower(), record.type, _plain(record.value))
            for record in getattr(one.facts, "records", ())
        }
    read: Reading = set()
    for message in theirs if isinstance(theirs, list) else [theirs]:
        for row in message.get("answer", ()):
            if row["type"] == "RRSIG":
                continue  # a signature is no record of what was asked
            name = str(row["name"]).removesuffix(".").lower()
            read.add(("record", name, str(row["type"]), _plain(str(row["data"]))))
    return ours, read


def _plain(value: str) -> str:
    return " ".join(word.strip('"').removesuffix(".").lower() for word in value.split())


def _flufl(path: Path) -> Iterator[Pair]:
    """A whole mail as it was kept, beside the domain and the state that flufl.bounce finds."""
    tests = path.parents[2] / "_detectors" / "tests" / "detectors.py"
    if not tests.is_file():
        return
    for node in ast.walk(ast.parse(tests.read_text("utf-8"))):
        if not (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "DATA"):
            continue
        for _, name, mails, *temporary in ast.literal_eval(node.value):
            if name != path.name:
                continue
            domains = {mail.decode().rpartition("@")[2].lower() for mail in mails}
            theirs: Reading = {("state", "waiting" if any(temporary) else "returned")}
            theirs |= {("target", one) for one in domains} if len(domains) == 1 else set()
            ours = _report(decode(path.read_bytes()))
            yield Pair("flufl.bounce", ours, theirs & _alike(ours, theirs), said=not ours)


def _mail(content: bytes) -> Iterator[Pair]:
    """A mail's delivery report as somebody would paste it, beside what its own fields say.

    Twice where it has fields: its sentences alone, and both.
    """
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    texts: list[str] = []
    status = ""
    for part in message.walk():
        if part.get_content_type() == "text/plain" and not texts:
            try:
                texts.append(str(part.get_content()))
            except (LookupError, ValueError, KeyError):
                return
        elif part.get_content_type() == "message/delivery-status":
            payload = part.get_payload()
            blocks = payload if isinstance(payload, list) else [payload]
            status = "\n".join(str(block) for block in blocks)
    theirs = _fields(status)
    told = "\n".join(texts)
    if status:
        yield Pair("mails, their fields", _report(f"{status}\n{told}"), theirs, said=True)
        ours = _report(told)
        if ours:
            yield Pair("mails, their sentences", ours, theirs & _alike(ours, theirs), said=False)
    elif ours := _report(told):
        yield Pair("mails without fields", ours, set(), said=True)
    elif told.strip():
        yield Pair("mails without fields", set(), {("unread",)}, said=True)


def _alike(ours: Reading, theirs: Reading) -> Reading:
    """Of the fields those of which the sentences say anything."""
    spoken = {one[0] for one in ours}
    return {one for one in theirs if one[0] in spoken} if ours else theirs


def _fields(status: str) -> Reading:
    """The recipient's domain and what became of the message, where all fields agree."""
    recipients, states = set(), set()
    for line in status.splitlines():
        key, _, value = line.partition(":")
        value = (value.partition(";")[2] or value).strip()
        if key.lower() in ("final-recipient", "original-recipient") and "@" in value:
            recipients.add(value.strip("<>").rpartition("@")[2].rstrip(".").lower())
        if key.lower() == "action":
            states.add(_STATES.get(value.lower().partition(" ")[0], ""))
    read: Reading = {("target", one) for one in recipients} if len(recipients) == 1 else set()
    return read | ({("state", one) for one in states if one} if len(states) == 1 else set())


def _report(text: str) -> Reading:
    """The domain and the state that our reading of a report states."""
    ours: Reading = set()
    for one in found(text, "smtp")[:1]:
        bounce = getattr(one.facts, "bounce", None)
        ours |= {("target", one.target)} if one.target else set()
        ours |= {("state", bounce.state)} if bounce is not None else set()
    return ours
