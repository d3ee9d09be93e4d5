"""The plan: which definitions wait for which, what can be asked now, and what an answer releases.

Plain and synchronous: it knows neither time nor network. Definitions come in page by page;
``close`` says that all are there, and only then can a reference be called unknown.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from sotokara.core.expressions import OF_OBSERVATION, EmptyReference, Reference, expression
from sotokara.core.mistakes import AuthorError
from sotokara.core.observation import Failure, Outcome
from sotokara.core.places import AnyPlace
from sotokara.core.said import said
from sotokara.definitions.common import claims_of
from sotokara.definitions.definition import Definition
from sotokara.definitions.each import ROWS
from sotokara.engine.figure import Figure, Node
from sotokara.engine.several import OF_PLACES, Several, of_places
from sotokara.masking.redaction import Redactor

if TYPE_CHECKING:
    from sotokara.definitions.subjects import Subjects


def stem(page: str) -> str:
    """The name by which other pages refer to a page: its file name without the suffix."""
    return PurePosixPath(page).stem


class Plan:
    """All definitions of a site."""

    def __init__(
        self,
        hidden: Sequence[str] = (),
        window: float = 600.0,
        places: Mapping[str, AnyPlace] = {},
        most: int = 1_000_000,
    ) -> None:
        """``hidden``: what is masked in every target, as in ``settings.redact``.

        ``window``: seconds that several places may be asked apart; ``places``: as in the settings.
        ``most``: subjects that one definition may have.
        """
        self._hidden, self._redactor, self.window = hidden, Redactor(hidden), window
        self.places = places
        self.nodes: dict[tuple[str, str], Node] = {}
        self.listed: dict[tuple[str, str], Subjects] = {}
        """What definitions with ``each`` ask, of those whose subjects are known beforehand."""
        self._most = most
        self._due: list[Node] = []
        self._on_page: dict[str, list[Node]] = {}
        self.mistakes: list[AuthorError] = []
        self._by_name: dict[tuple[str, str], Node] = {}
        self._pages: dict[str, set[str]] = {}
        self._waiting: list[Node] = []
        self.lenient = False
        """Start what has no mistake although other definitions have some."""
        self._broken: set[tuple[str, str]] = set()
        self._prose: list[tuple[str, int, Reference]] = []

    def add(self, definitions: Iterable[Definition]) -> list[Figure]:
        """Take in one page's definitions; return the figures that can be asked at once."""
        ready = []
        for definition in definitions:
            node = Node(definition)
            self.nodes[definition.page, definition.token] = node
            self._on_page.setdefault(definition.page, []).append(node)
            self._pages.setdefault(stem(definition.page), set()).add(definition.page)
            name = (definition.page, definition.id or "")
            if definition.id and name in self._by_name:
                first = self._by_name[name].definition
                what = said("the id {!r} is already used in line {}", definition.id, first.line)
                self.wrong(definition, what, said("give this one another id"))
                continue
            if definition.id:
                self._by_name[name] = node
            if definition.needs:
                self._waiting.append(node)
            else:
                ready.append(node)
        return self._start(ready)

    def close(self) -> list[Figure]:
        """All definitions are there: find mistakes in references, start what can start."""
        graph: dict[Node, set[Node]] = {}
        for page, line, reference in self._prose:
            self._find(page, line, reference)
        for node in self.nodes.values():
            self._claims(node.definition)
        broken: set[Node] = set()
        for node in self._waiting:
            definition = node.definition
            found = [self._find(definition.page, definition.line, one) for one in definition.needs]
            graph[node] = {target for target in found if target is not None}
            if None in found:
                broken.add(node)
        broken |= self._cycles(graph)
        if self.mistakes and not self.lenient:
            return []  # the build will stop here
        graph = {node: targets for node, targets in graph.items() if node not in broken}
        for node, targets in graph.items():
            node.waits = frozenset(target for target in targets if not target.done)
            for target in node.waits:
                target.released += (node,)
        return self._start(node for node in graph if not node.waits)

    def files_read(self) -> set[str]:
        """The files that figures were read from, by their path below the folder of the pages."""
        named = [
            getattr(figure.asked, name)
            for node in self.nodes.values()
            for name in node.definition.kind.files
            for figure in node.figures or ()
            if figure.asked is not None
        ]
        return {path for one in named for path in ([one] if isinstance(one, str) else one)}

    def answered(self, figure: Figure) -> list[Figure]:
        """This figure is settled; return those that can be asked now."""
        figure.node.open -= 1
        return self._start(self._freed(figure.node))

    def due(self) -> list[Node]:
        """The batches that can be asked now; each is given once."""
        due, self._due = self._due, []
        return due

    def asked_many(self, node: Node) -> list[Figure]:
        """This batch is settled; return the figures that can be asked now."""
        node.open = 0
        return self._start(self._freed(node))

    def batches(self) -> Iterator[Node]:
        """Every definition with many subjects."""
        return (node for node in self.nodes.values() if node.batch is not None)

    def figures(self, page: str | None = None) -> Iterator[Figure]:
        """Every figure of the site, or of one page."""
        for node in self.nodes.values() if page is None else self.on_page(page):
            yield from node.figures or ()

    def asked(self) -> Iterator[Figure]:
        """Every figure, and the baselines beside them."""
        for node in self.nodes.values():
            yield from node.figures or ()
            yield from (node.beside.figures if node.beside else None) or ()

    def on_page(self, page: str) -> Sequence[Node]:
        """The definitions of one page."""
        return self._on_page.get(page, ())

    def lookup(self, page: str, reference: Reference) -> Any:  # noqa: ANN401  # facts
        """The facts that a reference on ``page`` means.

        :raises EmptyReference: when it was not observed; the text says why.
        :raises KeyError: when there is no such definition.
        """
        return self._facts(self.node(page, reference), reference)

    def node(self, page: str, reference: Reference) -> Node:
        """The definition that a reference on ``page`` means.

        :raises KeyError: when there is none.
        """
        return self._by_name[self._page_of(page, reference), reference.id]

    def _facts(self, node: Node, reference: Reference) -> Any:  # noqa: ANN401
        figures = node.figures or []
        if node.batch is not None:
            from sotokara.engine.rows import of_batch

            return of_batch(node.batch, reference)
        if node.definition.several:
            return of_places(node, lambda one: one.now, str(reference), self.window)
        facts = [figure.facts for figure in figures if figure.facts is not None]
        if facts:
            return facts[0] if len(figures) == 1 else Several(facts)
        why, outcome = "was not measured", Outcome.NOT_MEASURED
        for figure in figures:
            failure = figure.failure or (figure.now.failure if figure.now else None)
            if failure:
                why, outcome = f"gave nothing ({failure.name})", failure.outcome
        message = said("{} {}", reference, why)
        raise EmptyReference(message, outcome)

    def _start(self, nodes: Iterable[Node]) -> list[Figure]:
        """Start nodes, and those that they release by having nothing to ask."""
        ready: list[Figure] = []
        stack = list(nodes)
        while stack:
            node = stack.pop()
            ready += self._fill(node)
            stack += self._freed(node)
        return ready

    @staticmethod
    def _freed(node: Node) -> list[Node]:
        if not node.done:
            return []
        for waiting in node.released:
            waiting.waits -= {node}
        return [waiting for waiting in node.released if not waiting.waits]

    def _fill(self, node: Node) -> list[Figure]:
        """Fill in the target; the figures to ask."""
        definition = node.definition
        more = definition.hidden
        redactor = Redactor([*self._hidden, *more]) if more else self._redactor
        node.figures = []
        if definition.each is not None:
            self._fill_batch(node)
            return []
        try:
            targets = definition.template.fill(lambda one: self.lookup(definition.page, one))
        except EmptyReference as empty:
            failure = Failure("reference_empty", "reference", str(empty))
            text = definition.template.text
            for place in definition.places or ("",):
                node.figures.append(Figure(node, text, None, failure, redactor, place))
            return []
        for target in targets:
            asked, failed = None, None
            try:
                asked = definition.question(target)
            except ValueError as error:
                failed = Failure("invalid_target", "reference", str(error))
            for place in definition.places or ("",):
                node.figures.append(Figure(node, target, asked, failed, redactor, place))
        ready = [figure for figure in node.figures if figure.question]
        node.open = len(ready)
        if ready and definition.common.baseline is not None:
            node.beside = Node(definition.as_baseline())
            ready += self._fill(node.beside)
        return ready

    def _fill_batch(self, node: Node) -> None:
        """Settle what a definition with many subjects asks; it is due, or has nothing to ask."""
        from sotokara.engine.batch import Batch  # few pages have any

        definition = node.definition
        node.batch = batch = Batch(definition, self._hidden)
        batch.subjects = self.listed.get((definition.page, definition.token))
        node.summary = Figure(
            node, definition.template.text, None, None, batch.redactor, batch.place
        )
        node.open = 1

        def lookup(reference: Reference) -> Any:  # noqa: ANN401  # facts
            return self.lookup(definition.page, reference)

        batch.look_up = lambda: batch.take(lookup, self._most)
        self._due.append(node)

    def _page_of(self, page: str, reference: Reference) -> str:
        if reference.stem is None:
            return page
        pages = self._pages.get(reference.stem, set())
        return next(iter(pages)) if len(pages) == 1 else ""

    def ids(self, page: str) -> dict[str, Node]:
        """The definitions of one page by their ids."""
        every = reversed(self.on_page(page))  # of two with the same id the first is meant
        return {node.definition.id: node for node in every if node.definition.id}

    def is_broken(self, page: str, name: str) -> bool:
        """Whether a definition with mistakes has this id."""
        return (page, name) in self._broken

    def broken(self, page: str, name: str) -> None:
        """A definition with mistakes has this id: references to it are no mistakes of their own."""
        self._broken.add((page, name))

    def refer(self, page: str, line: int, reference: Reference) -> None:
        """Prose refers to a definition; that it exists is seen to when all are there."""
        self._prose.append((page, line, reference))

    def _find(self, page: str, line: int, reference: Reference) -> Node | None:
        name = (self._page_of(page, reference), reference.id)
        node = self._by_name.get(name)
        if node is None and name in self._broken:
            return None
        if node is None:
            what, hint = self._unknown(page, reference)
            self.mistakes.append(AuthorError(page, line, what, hint))
            return None
        kind = node.definition.kind
        more = OF_PLACES if node.definition.several else ()
        known = (*kind.facts.__struct_fields__, *more)
        if node.definition.each is not None:
            known = (ROWS,)
        if reference.field and reference.field not in known:
            what = said(
                "{} has no field {!r} ({}.{})",
                kind.name,
                reference.field,
                reference,
                reference.field,
            )
            fields = ", ".join(known if node.definition.each else kind.facts.__struct_fields__)
            self.mistakes.append(AuthorError(page, line, what, said("its fields: {}", fields)))
        return node

    def _claims(self, definition: Definition) -> None:
        """A claim speaks of the kind's own fields, or of other definitions."""
        fields: tuple[str, ...] = definition.kind.facts.__struct_fields__
        if definition.each is not None:
            fields = (ROWS,)
        for claim in claims_of(definition.common):
            for reference in expression(claim.that).references:
                if reference.stem is None and reference.id in (*fields, *OF_OBSERVATION):
                    continue
                known = (definition.page, reference.id) in self._by_name
                close = difflib.get_close_matches(reference.id, fields, 1)
                if close and not known and reference.stem is None:
                    what = said("{} has no fact {!r}", definition.kind.name, reference.id)
                    self.wrong(definition, what, said("did you mean {!r}?", close[0]))
                else:
                    self._find(definition.page, definition.line, reference)

    def _unknown(self, page: str, reference: Reference) -> tuple[str, str]:
        if reference.stem and len(self._pages.get(reference.stem, ())) > 1:
            pages = ", ".join(sorted(self._pages[reference.stem]))
            what = said("the reference {} may mean {}", reference, pages)
            return what, said("rename one of the pages")
        where = self._page_of(page, reference)
        known = sorted(name for known_page, name in self._by_name if known_page == where)
        hint = (
            said("known there: {}", ", ".join(known))
            if known
            else said("no definition there has an id")
        )
        return f"unknown reference {reference}", hint

    def _cycles(self, graph: dict[Node, set[Node]]) -> set[Node]:
        """Name each cycle of references once; the nodes that turn in them."""
        turning: set[Node] = set()
        while True:
            rest = {
                node: targets - turning for node, targets in graph.items() if node not in turning
            }
            try:
                TopologicalSorter(rest).prepare()
            except CycleError as error:
                ring: list[Node] = error.args[1][::-1]
                names = " → ".join(node.definition.place for node in ring)
                what = said("a cycle of references: {}", names)
                self.wrong(ring[0].definition, what, said("let one of them name its target itself"))
                turning.update(ring)
            else:
                return turning

    def wrong(self, definition: Definition, what: str, hint: str) -> None:
        """An author's mistake in a definition."""
        self.mistakes.append(AuthorError(definition.page, definition.line, what, hint))
