"""All transcripts of a site: taken in with the pages, read when targets are known, kept once.

They are runs of their own (``…-transcript-….jsonl``), written when a transcript is new or has
changed; in ``replay`` nothing is written.
"""

from pathlib import Path
from typing import Any

import msgspec

from probes.canonical import digest, facts_object, raw_object
from probes.common import Mistake
from probes.definition import Definition
from probes.figures import Node
from probes.kinds.interface import Kind
from probes.ledger import Ledger, read_lines
from probes.observation import Facts, Observation
from probes.plan import Plan
from probes.redaction import Redactor
from probes.settings import Settings
from probes.transcript import ORIGIN, Transcript, observe, take


class Transcripts:
    """The transcripts of one build. ``pages``: the folder of the pages."""

    def __init__(self, settings: Settings, ledger: Ledger, pages: Path) -> None:
        self._settings, self._ledger, self._pages = settings, ledger, pages
        self._taken: dict[tuple[str, str], Transcript] = {}

    def take(self, definition: Definition) -> list[Mistake]:
        """Take in a definition's transcript, if it has one; the mistakes in it."""
        common = definition.common
        if common.transcript is None:
            return [
                Mistake(
                    definition.page,
                    definition.line,
                    f"{key} belongs to a transcript, and there is none",
                    "write the listing below `transcript: |`, or leave it out",
                )
                for key in ("observed", "source", "archived")
                if getattr(common, key) is not None
            ][:1]
        transcript, mistakes = take(definition, (self._pages / definition.page).parent)
        if transcript is not None:
            self._taken[definition.page, definition.token] = transcript
        return mistakes

    def settle(self, plan: Plan) -> list[Mistake]:
        """Read them all, give them to their nodes, keep what is new; what an author should look at.

        :raises LedgerError: when the evidence cannot be read or kept.
        """
        warnings = []
        read: list[tuple[Observation, list[str]]] = []
        for key, transcript in self._taken.items():
            if (node := plan.nodes.get(key)) is None:
                continue
            redactor = Redactor([*self._settings.redact, *node.definition.hidden])
            node.then = observe(transcript, _target(node), redactor)
            read.append((node.then, [transcript.definition.place]))
            if warning := _about_another(transcript.definition, node.then, redactor):
                warnings.append(warning)
        ids = self._keep(read)
        for node in plan.nodes.values():
            if node.then is not None and (
                name := ids.get(_key(node.then.digest, _Kept(node.then)))
            ):
                node.then = msgspec.structs.replace(node.then, id=name)
        return warnings

    def _keep(self, read: list[tuple[Observation, list[str]]]) -> dict[tuple[object, ...], str]:
        """Write what is new; the ids of all that are kept."""
        if not read:
            return {}
        kept: dict[tuple[object, ...], str] = {}
        for path in sorted((self._ledger.folder / "runs").glob(f"*/*/*/*-{ORIGIN}-*.jsonl")):
            kept |= {_key(line.digest, line): line.id for line in read_lines(path)}
        if self._settings.mode == "replay":
            return kept
        new = {_key(one.digest, _Kept(one)): (one, cited) for one, cited in read}
        new = {key: pair for key, pair in new.items() if key not in kept}
        if new:
            writer = self._ledger.write(ORIGIN)
            writer.append(new.values())
            writer.close()
            ids = writer.ids()
            kept |= {key: ids[id(one)] for key, (one, _) in new.items()}
        return kept


class _Kept:
    """An observation's digests as a run's line has them."""

    def __init__(self, observation: Observation) -> None:
        facts, raw = facts_object(observation), raw_object(observation)
        self.facts = digest(facts) if facts else None
        self.raw = digest(raw) if raw else None
        self.start, self.volatile = observation.start, observation.volatile


def _key(question: str, line: Any) -> tuple[object, ...]:  # noqa: ANN401  # a Line, or what is like one
    rest = msgspec.json.encode(line.volatile, order="deterministic")
    return question, line.facts, line.raw, line.start, rest


def _target(node: Node) -> str:
    """What the definition is about: its own text, else the first figure's target."""
    template = node.definition.template
    if not template.references:
        return template.text
    figures = [figure for figure in node.figures or [] if figure.question is not None]
    return figures[0].target if figures else ""


def _about_another(definition: Definition, then: Observation, redactor: Redactor) -> Mistake | None:
    """A transcript whose own words name another target than the definition does."""
    if definition.template.references or not then.facts:
        return None
    wanted = redactor.text(_identity_target(definition, definition.template.text))
    about = str(then.definition.get(definition.kind.name, ""))
    if wanted in (about, getattr(then.facts, "address", "")) or not about:
        return None
    what = f"the transcript is about {about}, the definition about {wanted}"
    return Mistake(definition.page, definition.line, what, "correct one of them")


def _identity_target(definition: Definition, text: str) -> str:
    try:
        return definition.question(text).target
    except ValueError:
        return text


def changed(then: Observation, now: Facts, kind: type[Kind]) -> list[str]:
    """The facts that the transcript states and that are others now."""
    said = [field for field in then.volatile.get("said", ()) if hasattr(now, field)]
    names = []
    for field in said:
        old, new = getattr(then.facts, field), getattr(now, field)
        one = msgspec.structs.replace(now, **{field: _of_same_types(then, field, old, new)})
        if not kind.same(msgspec.structs.replace(one, **{field: old}), one):
            names.append(field)
    return names


def _of_same_types(then: Observation, field: str, old: Any, new: Any) -> Any:  # noqa: ANN401
    """Today's value as far as the transcript could have seen it.

    Old tools asked for A alone: an AAAA record beside it now is no change of what they saw. A hop
    that somebody masked, then or now, is none either.
    """
    if field == "hops":
        masked = {hop.number for hop in [*old, *new] if hop.masked}
        before = {hop.number: hop for hop in old}
        after = {hop.number: hop for hop in new}
        both = [(n, (before if n in masked else after).get(n)) for n in sorted({*before, *after})]
        return [hop for _, hop in both if hop is not None]
    if field not in ("addresses", "records") or next(iter(then.definition)) != "dns" or not old:
        return new
    if field == "addresses":
        return [one for one in new if any((":" in one) == (":" in other) for other in old)]
    types = {record.type for record in old}
    return [record for record in new if record.type in types]
