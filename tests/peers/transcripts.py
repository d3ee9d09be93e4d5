"""Our readers of old listings beside what other projects read in their own fixtures.

A folder may hold jc's pairs (``dig.out`` + ``dig.json``), those of ntc-templates (``.raw`` +
``.yml``) and mails (``.eml``), of which the machine-readable part says what is right. For each file
one line: what both read, what only one of them reads, where they differ.
"""

import email
import email.policy
import json
from collections import Counter
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import yaml
from sotokara.core.addresses import is_address
from sotokara.kinds.shared.terminal.interface import Listing
from sotokara.kinds.shared.terminal.pasted import decode
from sotokara.transcripts.session import listings

Reading = set[tuple[str, ...]]
"""What a tool was found to say, in comparable pieces: hops, records, outcomes."""


def main(words: list[str]) -> int:
    """Print a line for each fixture and the sum; 1 where a reading differs from the peer's."""
    score: Counter[str] = Counter()
    for folder in map(Path, words):
        for path in sorted(folder.rglob("*")):
            for ours, theirs in compared(path):
                word = verdict(ours, theirs)
                score[word] += 1
                if word != "alike":
                    only = (
                        f"ours alone {sorted(ours - theirs)}, theirs alone {sorted(theirs - ours)}"
                    )
                    print(f"{word:12} {path.relative_to(folder)}: {only}"[:600])
    print(", ".join(f"{word} {count}" for word, count in sorted(score.items())))
    return 1 if score["differs"] else 0


def verdict(ours: Reading, theirs: Reading) -> str:
    """How two readings stand to each other."""
    if ours == theirs:
        return "alike"
    if not ours - {one for one in ours if one[0] == "target"}:
        return "theirs alone"
    if not theirs:
        return "ours alone"
    return "ours more" if ours > theirs else "theirs more" if theirs > ours else "differs"


def compared(path: Path) -> Iterator[tuple[Reading, Reading]]:
    """Our reading and the peer's, for a file that is a fixture of a tool we read."""
    name = path.name
    if path.suffix == ".out" and name.startswith(("dig", "host", "traceroute", "tracepath")):
        expected = path.with_suffix(".json")
        if expected.is_file():
            text = decode(path.read_bytes())
            theirs = json.loads(expected.read_text("utf-8"))
            yield (_paths if "trace" in name else _answers)(text, theirs)
    elif path.suffix == ".raw" and "traceroute" in name and path.with_suffix(".yml").is_file():
        rows = yaml.safe_load(path.with_suffix(".yml").read_text("utf-8"))["parsed_sample"]
        yield ours_path(decode(path.read_bytes())), ntc_path(rows)
    elif path.suffix == ".eml":
        yield from _mail(path.read_bytes())


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
            name = str(row["name"]).removesuffix(".").lower()
            read.add(("record", name, str(row["type"]), _plain(str(row["data"]))))
    return ours, read


def _plain(value: str) -> str:
    return " ".join(word.strip('"').removesuffix(".").lower() for word in value.split())


def _mail(content: bytes) -> Iterator[tuple[Reading, Reading]]:
    """A mail's delivery report: its text as somebody would paste it, beside its own fields."""
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
    recipients, actions = set(), set()
    for line in status.splitlines():
        key, _, value = line.partition(":")
        value = value.partition(";")[2] or value
        if key.lower() == "final-recipient" and "@" in value:
            recipients.add(value.strip().strip("<>").rpartition("@")[2].lower())
        if key.lower() == "action":
            actions.add(value.strip().lower())
    theirs: Reading = {("target", one) for one in recipients} if len(recipients) == 1 else set()
    if len(actions) == 1:
        theirs |= {("action", one) for one in actions}
    ours: Reading = set()
    for one in found("\n".join([status, *texts]) if status else "\n".join(texts), "smtp")[:1]:
        bounce = getattr(one.facts, "bounce", None)
        ours |= {("target", one.target)} if one.target else set()
        ours |= {("action", bounce.action)} if bounce is not None and bounce.action else set()
        ours |= {("state", bounce.state)} if bounce is not None and not status else set()
    if ours or theirs:
        yield ours, theirs
