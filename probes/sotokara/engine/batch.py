"""What a definition with many subjects asks, and what is known of it: no figure for each."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from sotokara import __version__
from sotokara.core.canonical import canonical, digest
from sotokara.core.expressions import EmptyReference, Lookup
from sotokara.core.extras import MissingExtraError
from sotokara.core.hidden import MASKED, is_hidden
from sotokara.core.observation import Failure, Vantage
from sotokara.definitions.definition import Definition
from sotokara.definitions.each import VALUE
from sotokara.definitions.subjects import Subjects
from sotokara.kinds.interface import Kind
from sotokara.ledger.batch_rows import Batched, BatchHead
from sotokara.ledger.batches import StoredBatch
from sotokara.ledger.lines import LedgerError
from sotokara.masking.redaction import Redactor

_TAB = "\t"


class Fields:
    """One subject, as ``each`` in a template: its fields, under whatever names they have."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401  # text, or a fact
        return self._values[name]


class Batch:
    """One definition with many subjects in one build."""

    def __init__(self, definition: Definition, hidden: Iterable[str] = ()) -> None:
        """``hidden``: what the settings mask."""
        assert definition.each is not None  # noqa: S101  # the caller has looked
        assert definition.filled is not None  # noqa: S101
        self.definition, self._filled, self.each = definition, definition.filled, definition.each
        self.redactor = Redactor([*hidden, *definition.hidden])
        self._masks = bool([*hidden, *definition.hidden])
        self.subjects: Subjects | None = None
        self.identity: dict[str, Any] = self.redactor.plain(_identity(definition))
        self.digest = digest(canonical(self.identity))
        self.now: StoredBatch | None = None
        """What it shows: this build's, or the last one of the ledger."""
        self.then: StoredBatch | None = None
        """That of its article's day, where it has one and it is another."""
        self.look_up: Callable[[], None] = lambda: None
        """Settles what is asked, where another definition says it; before anything is asked."""
        self.read: Callable[[StoredBatch], Iterator[Batched]] | None = None
        """Reads the rows of a batch."""
        self.file: Callable[[StoredBatch], Path] | None = None
        """Where the rows of a batch are."""
        self.public = ""
        """The web address that rows in a store are found under; empty: they are not."""
        self.failure: Failure | None = None
        """Why this build has measured nothing, or not all."""
        self.fresh = False
        """``now`` is of this build."""
        self.settled = False

    @property
    def place(self) -> str:
        """The place that it is measured from; empty: the build's own."""
        return next(iter(self.definition.places), "")

    @property
    def question_is_fixed(self) -> bool:
        """Whether all subjects are asked with the same options."""
        first = self.subjects.asked[:1] if self.subjects else []
        return not self._filled.texts and not any(_TAB in one for one in first)

    def ask(self, values: Mapping[str, Any], lookup: Lookup) -> str:
        """A subject's question as text: the target, behind a tab the options it has filled in.

        :raises ValueError: where it names nothing that can be asked.
        """
        if self._filled.plain:
            target, options = str(values[self._filled.plain]), dict[str, Any]()
        else:
            try:
                filled = self._filled.fill(Fields(values), lookup)
            except EmptyReference as empty:
                raise ValueError(str(empty)) from empty
            target, options = filled.target, filled.options
        if self.each.reference is not None and is_hidden(target):
            raise ValueError(MASKED)
        asked = self.question(target, options)
        if not options:
            return asked.target
        told = asked.identity()
        kept = {key: told[key] for key in options if key in told}
        return asked.target + _TAB + canonical(kept).decode()

    def question(self, target: str, options: Mapping[str, Any] | None = None) -> Kind:
        """The question about one target, in normal form.

        :raises ValueError: when there is none such.
        """
        definition = self.definition
        if options:
            kind = definition.kind
            types = {one.name: one.type for one in msgspec.structs.fields(kind)}
            names = dict(zip(kind.__struct_encode_fields__, kind.__struct_fields__, strict=True))
            try:
                given = {
                    names[key]: msgspec.convert(one, types[names[key]], strict=False)
                    for key, one in options.items()
                }
            except msgspec.ValidationError as error:
                raise ValueError(str(error)) from error
            both = {**definition.options, **given}
            definition = msgspec.structs.replace(definition, options=both)
        return definition.question(target)

    def of_key(self, key: str) -> tuple[str, str, Kind]:
        """What a subject's text stands for: the target, its options as JSON, the question."""
        target, _, options = key.partition(_TAB)
        return target, options, self.question(target, msgspec.json.decode(options or "{}"))

    def masked(self, target: str) -> str:
        """A target as it is kept and shown."""
        return self.redactor.text(target) if self._masks else target

    def take(self, lookup: Lookup, most: int) -> None:
        """Let a reference's value be the subjects, a list of texts or rows; or say why not."""
        if self.each.reference is None:
            return
        try:
            values = self.each.reference.value(lookup)
            self.subjects = self._listed(values, lookup, most)
        except EmptyReference as empty:
            failure = cause_of(empty) or "reference_empty"
            self.failure = Failure(failure, "reference", str(empty))
        except ValueError as error:
            self.failure = Failure("invalid_target", "reference", str(error))
        if self.subjects is not None and not self.subjects.asked:
            why = f"{self.each.text} has nothing that can be asked"
            self.failure = Failure("reference_empty", "reference", why)

    def _listed(self, values: Any, lookup: Lookup, most: int) -> Subjects:  # noqa: ANN401
        """:raises ValueError: where there are too many."""
        subjects, found = Subjects(), list[str]()
        for number, fields in enumerate(_each(values), 1):
            try:
                found.append(self.ask(fields, lookup))
            except (ValueError, KeyError) as error:
                subjects.leave_out(number, str(error))
            if len(found) > most:
                raise ValueError(f"more than {most:,} subjects (the setting bulk.most)")
        subjects.settle(found)
        return subjects

    def head(self, vantage: str, engine: str = "") -> BatchHead:
        """What its rows of this build have in common."""
        subjects, kind = self.subjects or Subjects(), self.definition.kind
        software = f"sotokara {__version__}, {kind.software}"
        return BatchHead(
            digest=self.digest,
            kind=kind.name,
            version=kind.version,
            definition=self.identity,
            cited=[self.definition.place],
            vantage=Vantage(vantage, software, engine),
            subjects=len(subjects.asked),
            duplicates=subjects.duplicates,
            left_out=subjects.left_out,
        )

    def list_hash(self) -> str:
        """SHA-256 of the list of subjects."""
        found = hashlib.sha256()
        for one in self.subjects.asked if self.subjects else ():
            found.update(one.encode())
            found.update(b"\n")
        return found.hexdigest()


def cause_of(empty: EmptyReference) -> str:
    """The failure's name where rows could not be read; empty: there is another reason."""
    if isinstance(empty.__cause__, MissingExtraError):
        return "extra_missing"
    return "evidence_unreadable" if isinstance(empty.__cause__, LedgerError) else ""


def _identity(definition: Definition) -> dict[str, Any]:
    """What makes two such definitions the same question: not what the file holds today."""
    kind = definition.kind
    identity = kind(target=definition.template.text, **definition.options).identity()
    filled = definition.filled.texts if definition.filled else {}
    return {**identity, **filled, "each": definition.each.text if definition.each else ""}


def _each(values: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401
    """The fields of each subject that a reference gives."""
    if hasattr(values, "subjects"):
        yield from values.subjects()
    elif isinstance(values, list | tuple):
        for one in values:
            yield {VALUE: str(one)}
    else:
        yield {VALUE: str(values)}
