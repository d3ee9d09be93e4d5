"""What the rows of a batch say together: counts, a table, what changed, claims. One pass each.

Nothing here holds all rows: counts of values are bounded, and so is the table.
"""

import heapq
from collections import Counter
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Any, NamedTuple

import msgspec

from sotokara.core.addresses import Net
from sotokara.core.expressions import EmptyReference, Reference, expression
from sotokara.core.extras import MissingExtraError
from sotokara.core.observation import Facts, Outcome
from sotokara.core.said import said
from sotokara.definitions.common import claims_of
from sotokara.definitions.each import ROWS
from sotokara.engine.batch import Batch, cause_of
from sotokara.engine.figure import Figure
from sotokara.engine.plan import Plan
from sotokara.engine.rows import BatchRows, shown_rows
from sotokara.findings.claims import Claim
from sotokara.findings.evaluate import Findings
from sotokara.kinds.interface import Kind
from sotokara.ledger.batch_rows import Batched, BatchRow
from sotokara.ledger.batches import StoredBatch, row_facts
from sotokara.ledger.lines import LedgerError

SHOWN = 100
"""Rows in a page; all of them are behind it."""
VALUES = 10
"""Values of a group in a page."""
_DISTINCT = 100_000
"""Values of a group that are told apart; beyond that they are counted as others."""
GRID = 64
"""The most cells of a map, in each direction."""
FOUND, NOTHING = "found", "nothing"


class ValueGroup(NamedTuple):
    """How many rows have each value of a fact; a list counts once for each of its elements."""

    fact: str
    values: list[tuple[str, int]]
    more: int
    """Values beyond those, and the rows that have them."""
    rest: int
    without: int
    """Answered rows in which it is empty."""


class TableRow(NamedTuple):
    """A row of the table."""

    number: int
    row: BatchRow
    facts: Facts | None


class Cell(NamedTuple):
    """One cell of a map: how many of its addresses came to what."""

    x: int
    y: int
    states: Counter[str]


class Turned(NamedTuple):
    """A row that is otherwise than it was: None where the other batch has none of its name."""

    name: str
    before: TableRow | None
    after: TableRow | None


class Since(NamedTuple):
    """What changed between the batch of the article's day and today's."""

    compared: int
    """Rows of both that say something."""
    changed: int
    come: int
    gone: int
    rows: list[Turned]


class BatchFindings(NamedTuple):
    """What a batch's figure says beside the numbers in its manifest."""

    groups: list[ValueGroup] = []
    rows: list[TableRow] = []
    since: Since | None = None
    claims: list[Claim] = []
    map: list[Cell] = []
    unread: str = ""
    """Why the rows cannot be read."""


def evaluate_batches(plan: Plan) -> dict[Batch, BatchFindings]:
    """The findings of every batch of a site."""
    return {node.batch: evaluate_batch(plan, node.batch) for node in plan.batches() if node.batch}


def summaries(
    plan: Plan, found: Mapping[Batch, BatchFindings]
) -> Iterator[tuple[Figure, Findings]]:
    """What stands for each batch where claims are listed."""
    for node in plan.batches():
        if node.batch in found and node.batch is not None and node.summary is not None:
            yield node.summary, Findings(claims=found[node.batch].claims)


def evaluate_batch(plan: Plan, batch: Batch) -> BatchFindings:
    """The findings of one batch, as far as its rows can be read."""
    claims = list(_claims(plan, batch))
    if batch.now is None or batch.read is None:
        return BatchFindings(claims=claims)
    try:
        groups, rows, cells = _gone_through(batch, batch.now)
        since = _since(batch, batch.then, batch.now) if batch.then else None
    except (LedgerError, MissingExtraError) as error:
        return BatchFindings(claims=claims, unread=str(error))
    return BatchFindings(groups, rows, since, claims, cells)


def plain_facts(kept: StoredBatch, kind: type[Kind], row: BatchRow) -> dict[str, Any]:
    """The facts of a row as plain JSON; empty where it has none."""
    if not row.facts:
        return {}
    if kept.manifest.version == kind.version:
        found: dict[str, Any] = msgspec.json.decode(row.facts)
        return found
    again: dict[str, Any] = msgspec.to_builtins(row_facts(kept.manifest, row))
    return again


def _gone_through(
    batch: Batch, kept: StoredBatch
) -> tuple[list[ValueGroup], list[TableRow], list[Cell]]:
    """Groups, the table's rows and the map, in one pass."""
    definition = batch.definition
    kind, wanted = definition.kind, definition.group
    counts: dict[str, Counter[str]] = {name: Counter() for name in wanted}
    without: Counter[str] = Counter()
    others: Counter[str] = Counter()
    network = definition.each.network if definition.each else None
    grid = _Grid(network) if network is not None else None
    ordered, back = definition.order
    needs = bool(wanted) or grid is not None or ordered not in ("name", "outcome")
    first = _First(ordered, back=back)
    for one in _rows(batch, kept):
        facts = plain_facts(kept, kind, one.row) if needs else {}
        answered = one.row.outcome == Outcome.ANSWERED.value
        for name in wanted if answered else ():
            values = _values(facts.get(name))
            without[name] += not values
            known = counts[name]
            for value in values:
                if value in known or len(known) < _DISTINCT:
                    known[value] += 1
                else:
                    others[name] += 1
        if grid is not None:
            grid.add(one.row, found=any(facts.get(name) for name in kind.gist or facts))
        first.add(one, facts)
    groups = [_group(name, counts[name], others[name], without[name]) for name in wanted]
    shown = [
        TableRow(one.number, one.row, row_facts(kept.manifest, one.row)) for one in first.rows()
    ]
    return groups, shown, grid.cells() if grid else []


def _rows(batch: Batch, kept: StoredBatch) -> Iterator[Batched]:
    assert batch.read is not None  # noqa: S101  # the caller has looked
    return batch.read(kept)


def _group(name: str, counts: Counter[str], others: int, without: int) -> ValueGroup:
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    rest = sum(count for _, count in ordered[VALUES:])
    more = max(len(ordered) - VALUES, 0)
    return ValueGroup(name, ordered[:VALUES], more, rest + others, without)


def _values(value: Any) -> list[str]:  # noqa: ANN401  # a fact
    if value in (None, "", [], {}):
        return []
    if isinstance(value, list):
        return list(dict.fromkeys(map(_text, value)))
    return [_text(value)]


def _text(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return " ".join(map(_text, value.values()))
    return str(value)


class _First:
    """The first rows in an order; those of equal places by their names."""

    def __init__(self, ordered: str, *, back: bool) -> None:
        self._ordered, self._back = ordered, back
        self._kept: list[tuple[Any, int, Batched]] = []
        self._bound = 4 * SHOWN

    def add(self, one: Batched, facts: dict[str, Any]) -> None:
        """Consider a row."""
        if self._ordered == "name" and not self._back and len(self._kept) >= SHOWN:
            return  # they come by name
        self._kept.append((self._key(one.row, facts), one.number, one))
        if len(self._kept) >= self._bound:
            self._kept = self._best()

    def rows(self) -> list[Batched]:
        """Those that are shown."""
        return [one for _, _, one in self._best()]

    def _best(self) -> list[tuple[Any, int, Batched]]:
        if not self._back:
            return heapq.nsmallest(SHOWN, self._kept, key=lambda one: one[:2])
        there = [one for one in self._kept if not one[0][0]]
        best = sorted(sorted(there, key=lambda one: one[1]), key=lambda one: one[0], reverse=True)
        return [*best, *(one for one in self._kept if one[0][0])][:SHOWN]

    def _key(self, row: BatchRow, facts: dict[str, Any]) -> tuple[bool, bool, float, str]:
        """Rows without a value come last; numbers before text, a list by how many it has."""
        if self._ordered in ("name", "outcome"):
            return False, True, 0.0, getattr(row, self._ordered)
        value = facts.get(self._ordered)
        if value in (None, "", [], {}):
            return True, False, 0.0, ""
        if isinstance(value, list):
            return False, False, float(len(value)), _text(value[0])
        number = isinstance(value, int | float)
        return False, not number, float(value) if number else 0.0, _text(value)


class _Grid:
    """Addresses on a Hilbert curve: neighbours in the network are neighbours in the picture."""

    def __init__(self, network: Net) -> None:
        self._network, self._first = network, int(network.network_address)
        bits = (network.num_addresses - 1).bit_length()
        self._side = 1 << -(-bits // 2)
        self._step = max(self._side // GRID, 1)
        self._cells: dict[tuple[int, int], Counter[str]] = {}

    def add(self, row: BatchRow, *, found: bool) -> None:
        """Put a row at its address's place; a name that is no address has none."""
        try:
            at = int(ip_address(row.name)) - self._first
        except ValueError:
            return
        if not 0 <= at < self._network.num_addresses:
            return
        x, y = hilbert(self._side, at)
        state = row.outcome
        if row.outcome == Outcome.ANSWERED.value:
            state = FOUND if found else NOTHING
        place = (x // self._step, y // self._step)
        self._cells.setdefault(place, Counter())[state] += 1

    def cells(self) -> list[Cell]:
        """Every cell that has an address, row by row."""
        ordered = sorted(self._cells.items(), key=lambda one: one[0][::-1])
        return [Cell(x, y, states) for (x, y), states in ordered]


def hilbert(side: int, at: int) -> tuple[int, int]:
    """Where a number lies on the Hilbert curve through a square of ``side`` (a power of two).

    >>> [hilbert(2, one) for one in range(4)]
    [(0, 0), (0, 1), (1, 1), (1, 0)]
    """
    x = y = 0
    scale = 1
    while scale < side:
        right = 1 & (at // 2)
        up = 1 & (at ^ right)
        if not up:
            if right:
                x, y = scale - 1 - x, scale - 1 - y
            x, y = y, x
        x, y = x + scale * right, y + scale * up
        at //= 4
        scale *= 2
    return x, y


def _since(batch: Batch, then: StoredBatch, now: StoredBatch) -> Since:
    """Hold two batches against each other, row by row: both are in the order of their names."""
    kind = batch.definition.kind
    compared = changed = come = gone = 0
    rows: list[Turned] = []

    def shown(kept: StoredBatch, one: Batched) -> TableRow:
        return TableRow(one.number, one.row, row_facts(kept.manifest, one.row))

    for before, after in _beside(_rows(batch, then), _rows(batch, now)):
        said = [one for one in (before, after) if one is not None and _says(one.row)]
        if before is not None and after is not None:
            if len(said) < 2:  # noqa: PLR2004  # of one of them nothing is known
                continue
            compared += 1
            if _same(kind, (then, before.row), (now, after.row)):
                continue
            changed += 1
        elif not said:
            continue
        elif before is None:
            come += 1
        else:
            gone += 1
        if len(rows) < SHOWN:
            name = (before or after or said[0]).row.name
            old, new = before and shown(then, before), after and shown(now, after)
            rows.append(Turned(name, old, new))
    return Since(compared, changed, come, gone, rows)


def _says(row: BatchRow) -> bool:
    return row.outcome != Outcome.NOT_MEASURED.value


def _same(
    kind: type[Kind], one: tuple[StoredBatch, BatchRow], other: tuple[StoredBatch, BatchRow]
) -> bool:
    (then, before), (now, after) = one, other
    names = [row.failure.name if row.failure else "" for row in (before, after)]
    if before.outcome != after.outcome or names[0] != names[1]:
        return False
    if before.facts == after.facts and then.manifest.version == now.manifest.version:
        return True
    old, new = row_facts(then.manifest, before), row_facts(now.manifest, after)
    return old == new if old is None or new is None else kind.same(old, new)


def _beside(
    before: Iterator[Batched], after: Iterator[Batched]
) -> Iterator[tuple[Batched | None, Batched | None]]:
    """Rows of two batches, those of equal names together."""
    old, new = next(before, None), next(after, None)
    while old is not None or new is not None:
        if new is None or (old is not None and old.row.sort_key < new.row.sort_key):
            yield old, None
            old = next(before, None)
        elif old is None or new.row.sort_key < old.row.sort_key:
            yield None, new
            new = next(after, None)
        else:
            yield old, new
            old, new = next(before, None), next(after, None)


def _claims(plan: Plan, batch: Batch) -> Iterator[Claim]:
    """How each claim stands; of a batch that is not whole nothing can be said."""
    page = batch.definition.page
    for one in claims_of(batch.definition.common):
        rows = shown_rows(batch)
        stands = Claim(one.that, "undecided", "not_measured", say=one.say, of_rows=True)
        if rows is None or (batch.now is not None and not batch.now.manifest.whole):
            yield stands._replace(now=batch.failure.name if batch.failure else "not_whole")
            continue

        def find(reference: Reference, rows: BatchRows = rows) -> Any:  # noqa: ANN401  # facts
            if reference.stem is None and reference.id == ROWS:
                return rows
            return plan.lookup(page, reference)

        try:
            holds = bool(expression(one.that)(find))
        except EmptyReference as empty:
            if isinstance(empty.__cause__, ValueError | TypeError):
                hint = said("see the guide's page on many subjects")
                plan.wrong(batch.definition, said("in expect: {}", empty), hint)
            yield stands._replace(now=cause_of(empty) or "not_measured")
        else:
            now = "; ".join(f"{text}: {count:,}" for text, count in rows.counted())
            yield stands._replace(state="holds" if holds else "broken", now=now)
