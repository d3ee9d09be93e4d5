"""Figures and the definitions that they come from, as the plan knows them."""

from collections.abc import Sequence
from datetime import datetime
from sys import intern
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from sotokara.core.canonical import canonical, digest
from sotokara.core.observation import (
    Exchange,
    Failure,
    Observation,
    Outcome,
    Reading,
    Vantage,
    now,
)
from sotokara.definitions.definition import Definition
from sotokara.kinds.interface import Kind
from sotokara.masking.redaction import Redactor

if TYPE_CHECKING:
    from sotokara.engine.batch import Batch


class Figure:
    """One thing to show: a question and, in the end, what was observed.

    ``asked`` is None where the reference gave nothing; then ``failure`` says why. ``target`` and
    ``question`` are what is asked with the author's hidden words masked: for pages and evidence.
    ``place``: the one that its definition names; empty where it names none.
    """

    __slots__ = (
        "asked",
        "digest",
        "failure",
        "last",
        "node",
        "now",
        "place",
        "question",
        "target",
    )

    def __init__(  # noqa: PLR0913, PLR0917  # what a question is
        self,
        node: "Node",
        target: str,
        asked: Kind | None,
        failure: Failure | None = None,
        redactor: Redactor | None = None,
        place: str = "",
    ) -> None:
        self.place = place
        redactor = redactor or Redactor(node.definition.hidden)
        self.node, self.asked, self.failure = node, asked, redactor.failure(failure)
        self.target = redactor.text(target)
        self.question = redactor.question(asked) if asked else None
        self.digest = intern(digest(canonical(self.identity))) if asked else ""
        self.now: Observation | None = None
        """This build's observation."""
        self.last: Observation | None = None
        """The last answered one from the ledger, where this build has no answer."""

    @property
    def identity(self) -> dict[str, Any]:
        """What is kept as the question. What is masked alike is not the same question."""
        identity = self.question.identity() if self.question else {}
        hides = self.question != self.asked
        return {**identity, "redacted": self.node.definition.place} if hides else identity

    @property
    def at_place(self) -> str:
        """Its place as it stands behind a target, where its definition names several."""
        return f" · {self.place}" if self.node.definition.several else ""

    def observed(
        self,
        reading: Reading,
        vantage: Vantage,
        start: datetime,
        duration: float = 0.0,
        exchanges: Sequence[Exchange] = (),
    ) -> Observation:
        """What a measurement of this question came to; ``duration`` in seconds."""
        assert self.question is not None  # noqa: S101  # only figures with a question are asked
        failure = reading.failure
        outcome = Outcome.CITED if self.question.cites else Outcome.ANSWERED
        return Observation(
            digest=self.digest,
            definition=self.identity,
            start=start,
            duration=round(duration, 3),
            outcome=failure.outcome if failure else outcome,
            vantage=vantage,
            version=self.question.version,
            failure=failure,
            facts=reading.facts,
            volatile=reading.volatile,
            exchanges=tuple(exchanges),
        )

    def unmeasured(
        self, failure: Failure, vantage: Vantage, exchanges: Sequence[Exchange] = ()
    ) -> Observation:
        """That nothing was measured, and why; ``exchanges``: what there was until then."""
        return self.observed(Reading(failure=failure), vantage, now(), exchanges=exchanges)

    def release(self) -> None:
        """Keep of the observations what names and dates them; the ledger has the rest."""
        for name in ("now", "last"):
            if (one := getattr(self, name)) is not None:
                bare = replace(one, definition={}, facts=None, volatile={}, exchanges=())
                setattr(self, name, bare)

    @property
    def facts(self) -> Any:  # noqa: ANN401  # the kind's facts, or None
        """The facts that references see: today's, else the last ones observed."""
        for observation in (self.now, self.last):
            if observation is not None and observation.facts is not None:
                return None if observation.origin == "others" else observation.facts
        return None


class Node:
    """One definition in the plan, with its figures once its references are known."""

    __slots__ = (
        "batch",
        "beside",
        "definition",
        "figures",
        "open",
        "released",
        "summary",
        "then",
        "waits",
    )

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.figures: list[Figure] | None = None
        self.batch: Batch | None = None
        """What it asks of many subjects; then it has no figures."""
        self.summary: Figure | None = None
        """Stands for a batch where claims are listed."""
        self.beside: Node | None = None
        """Its baseline, asked beside it."""
        self.waits: frozenset[Node] = frozenset()
        """The nodes referred to that are not done."""
        self.released: tuple[Node, ...] = ()
        """The nodes that refer to this one."""
        self.open = 0
        self.then: Observation | None = None
        """What its transcript says, where it has one."""

    @property
    def done(self) -> bool:
        """All its figures have what they will get."""
        return self.figures is not None and self.open == 0
