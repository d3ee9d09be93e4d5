"""Old listings with their right values: what a case folder holds, and what is found against it.

A folder has ``*.txt`` and ``right.json``; ``tests/cases/listings/shared/README.md`` says what the
keys mean. ``python -m tests.listing_cases [FOLDER…]`` prints the score.
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import msgspec
import yaml
from sotokara.core.observation import Observation
from sotokara.definitions.definition import read_definition
from sotokara.kinds.shared.terminal.pasted import decode
from sotokara.masking.redaction import Redactor
from sotokara.transcripts.importer import ImportSource, draft
from sotokara.transcripts.transcript import observe, read_transcript

CASES = Path(__file__).parent / "cases" / "listings"
FENCE = re.compile(r"^(`{3,})probe\n(.*?)^\1$", re.MULTILINE | re.DOTALL)


class Case(NamedTuple):
    """One listing and what must be read in it."""

    path: Path
    right: dict[str, Any]

    @property
    def name(self) -> str:
        """``shared/dig-axfr``."""
        return f"{self.path.parent.name}/{self.path.stem}"

    @property
    def text(self) -> str:
        """The paste."""
        return decode(self.path.read_bytes())


def cases(*folders: Path) -> list[Case]:
    """Every case of the folders; by default of all that the repository has."""
    found = []
    for folder in folders or tuple(sorted(path.parent for path in CASES.glob("*/right.json"))):
        right = json.loads((folder / "right.json").read_text("utf-8"))
        found += [Case(folder / name, right[name]) for name in sorted(right)]
    return found


def stated(text: str, kind: str, target: str) -> Observation:
    """The observation of a definition that has the text as its transcript."""
    source = f"{kind}: {json.dumps(target)}\ntranscript: listing.txt\n"
    definition, mistakes = read_definition(source, "page.md", 1, "token")
    assert definition is not None, mistakes
    with TemporaryDirectory() as folder:
        (Path(folder) / "listing.txt").write_text(text, "utf-8")
        transcript, wrong = read_transcript(definition, Path(folder))
    assert transcript is not None, wrong
    return observe(transcript, target, Redactor([]))


def drafted(text: str) -> list[tuple[str, str]]:
    """Kind and target of each definition that ``sotokara import`` writes, references resolved."""
    from sotokara.kinds import KINDS

    found: list[tuple[str, str]] = []
    by_id: dict[str, Observation] = {}
    for _, body in FENCE.findall(draft(text, ImportSource()).text):
        one = yaml.safe_load(body)
        kind = next(key for key in one if key in KINDS)
        target = str(one[kind])
        if match := re.match(r"\{\{ (\w+)\.(\w+)\[(\d+)\] \}\}", target):
            before = by_id[match[1]]
            target = getattr(before.facts, match[2])[int(match[3])]
        by_id[one["id"]] = stated(str(one["transcript"]), kind, target)
        found.append((kind, target))
    return found


def plain(facts: Any) -> Any:
    """Facts as JSON has them, defaults too."""
    return {name: msgspec.to_builtins(getattr(facts, name)) for name in facts.__struct_fields__}


def imported_wrongly(case: Case) -> Iterator[str]:
    """What the draft says that is not so."""
    right = case.right
    kinds = {right["kind"], *right.get("kinds", ())}
    targets = {right["target"].lower(), *map(str.lower, right.get("targets", ()))}
    found = drafted(case.text)
    if not found and right.get("recognised", True):
        yield "import: no definition"
    for kind, target in found:
        if kind not in kinds:
            yield f"import: kind {kind}"
        if target.lower() not in targets:
            yield f"import: target {target}"
    if "listings" in right and found and len(found) != right["listings"]:
        yield f"import: {len(found)} definitions"


def false_facts(case: Case, then: Observation) -> Iterator[str]:  # noqa: PLR0912  # one branch a key
    """What the transcript's facts state that is not so."""
    right = case.right
    if then.failure and then.failure.name in right.get("failure_not", ()):
        yield f"failure {then.failure.name}"
    if then.facts is None:
        return
    facts = plain(then.facts)
    for name, wanted in right.get("facts", {}).items():
        found = _value(facts, name)
        if name == "records":
            continue
        if name == "hops":
            extra = {**wanted, **right.get("extra_hops", {})}
            for number, addresses in found.items():
                if not set(addresses) <= {*extra.get(number, ()), *wanted.get(number, ())}:
                    yield f"hop {number}: {addresses}"
            continue
        if (isinstance(found, list) and not set(found) <= set(wanted)) or (
            not isinstance(found, list) and found not in (wanted, "", None, 0, [], "unknown")
        ):
            yield f"{name}: {found}"
    for name, forbidden in right.get("not", {}).items():
        found = _value(facts, name)
        if forbidden == "*":
            if found not in (None, "", [], 0, False):
                yield f"{name} is stated: {found}"
            continue
        held = found if isinstance(found, list) else [found]
        if any(one in held for one in forbidden):
            yield f"{name}: {found}"
    whole = json.dumps(facts, ensure_ascii=False)
    for text in right.get("lack", ()):
        if text in json.loads(json.dumps(whole)) or text.strip('"') in whole.replace('\\"', '"'):
            yield f"{text} is in the facts"


def missing_facts(case: Case, then: Observation) -> Iterator[str]:
    """What the listing states and the facts do not."""
    facts = plain(then.facts) if then.facts is not None else {}
    for name, wanted in case.right.get("facts", {}).items():
        found = _value(facts, name) if facts else None
        if name == "records":
            rows = {_undotted(f"{one['name']} {one['type']} {one['value']}") for one in found or ()}
            if lost := {_undotted(one) for one in wanted} - rows:
                yield f"records without {sorted(lost)}"
        elif name == "hops":
            got = found or {}
            for number, addresses in wanted.items():
                if set(addresses) - set(got.get(number, ())):
                    yield f"hop {number}: {got.get(number)}"
        elif isinstance(wanted, list) and isinstance(found, list):
            if sorted(found) != sorted(wanted):
                yield f"{name}: {found}"
        elif found != wanted:
            yield f"{name}: {found!r}"


def _undotted(record: str) -> str:
    """A record whose names have no final dots."""
    return " ".join(word.removesuffix(".") for word in record.split())


def _value(facts: dict[str, Any], name: str) -> Any:
    if name == "hops":
        rows = facts.get("hops") or []
        return {str(one["number"]): one["addresses"] for one in rows if one.get("addresses")}
    value: Any = facts
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def judged(case: Case) -> tuple[str, list[str]]:
    """``right``, ``says so`` (unread lines are named, nothing false) or ``wrong``; and why."""
    then = stated(case.text, case.right["kind"], case.right["target"])
    drafts = list(imported_wrongly(case))
    lost = list(missing_facts(case, then))
    false = list(false_facts(case, then))
    unread = bool(then.volatile.get("unread") or then.volatile.get("doubts"))
    if then.facts is None and not then.volatile.get("unread") and then.failure is None:
        unread = False
    false += [one for one in drafts if one != "import: no definition"]
    if false:
        return "wrong", false
    if lost or drafts:
        return ("says so" if unread or not lost else "wrong"), lost + drafts
    return "right", []


def print_score(folders: list[Path]) -> None:
    """The score over the folders' cases, and why any is not right."""
    score: Counter[str] = Counter()
    for one in cases(*folders):
        verdict, why = judged(one)
        score[verdict] += 1
        if verdict != "right":
            print(f"{verdict:8} {one.name}: {'; '.join(why)}")
    print(dict(score))


if __name__ == "__main__":
    print_score([Path(one) for one in sys.argv[1:]])
