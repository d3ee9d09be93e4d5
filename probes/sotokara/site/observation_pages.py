"""A folder for each observation that is or was shown, ``/evidence/<id>/``: its page and its facts.

Beside them ``/evidence/questions/<digest>/`` has the whole history of each question, as tables.
"""

import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from sotokara.core.labels import labels
from sotokara.core.observation import Observation, Outcome
from sotokara.core.warc import archive_of
from sotokara.engine.figure import Figure
from sotokara.findings.evaluate import Findings
from sotokara.kinds import KINDS
from sotokara.ledger import IndexEntry, Ledger, RunLine
from sotokara.ledger.tombstones import stones
from sotokara.render.findings_view import history_view
from sotokara.render.observation_page import (
    Around,
    FigurePlace,
    Sealed,
    SiteContext,
    observation_page,
    question_of,
)
from sotokara.render.svg import history_svg
from sotokara.site.build import Build
from sotokara.site.downloads import facts_csv, facts_json, history, history_state

_ARCHIVE = "pages.warc.gz"
_UP = "../../"
"""From an observation's page to the site's."""


class ShownFigure(NamedTuple):
    """A figure of this build: where it is, how it is called, in which style and language."""

    link: str
    """Its path below the site's."""
    title: str
    style: str
    lang: str
    page: str
    """Its file."""


class ObservationPages:
    """Writes them."""

    def __init__(
        self, build: Build, places: Callable[[RunLine], list[ShownFigure]], site: SiteContext
    ) -> None:
        """``places``: the figures that show an observation."""
        self._build, self._places, self._site = build, places, site
        self._ledger: Ledger = build.run.ledger
        self._stones = _redactions(self._ledger.folder)
        self._drawn: dict[str, list[tuple[str, Callable[[], str]]]] = {}
        self._of: dict[str, list[IndexEntry]] = {}
        """The observations of a question that have pages."""

    def draw(self, found: Iterable[tuple[Figure, Findings]]) -> None:
        """The drawn histories of figures stand beside the observation that each shows."""
        for figure, findings in found:
            now, last = figure.now, figure.last
            seen = now if now and (now.outcome is Outcome.ANSWERED or not last) else last
            if findings.history is not None and seen is not None and seen.id:
                name = f"history-{figure.node.definition.token[:8]}.svg"
                write = _history(
                    figure, findings, self._build, f"{self._site.address}evidence/{seen.id}/"
                )
                self._drawn.setdefault(seen.id, []).append((name, write))

    def write(self, target: Path, lines: Iterable[RunLine]) -> None:
        """The folders of these observations, below ``target``.

        :raises LedgerError: when the evidence cannot be read.
        """
        questions: dict[str, RunLine] = {}
        for line in lines:
            if line.origin != "transcript" and not self._aside(line):
                questions.setdefault(line.digest, line)
            self._one(target / line.id, line)
        self._histories(target / "questions", questions)

    def _aside(self, line: RunLine) -> bool:
        return self._ledger.is_aside(line.id)

    def _one(self, folder: Path, line: RunLine) -> None:
        shown = self._places(line)
        places = [FigurePlace(_UP + one.link, one.title, one.style) for one in shown]
        drawn = self._drawn.get(line.id, ())
        places += [FigurePlace("", "", drawn=name) for name, _ in drawn]
        observation = self._ledger.observation(line, raw=True)
        self._build.show_times_of(shown[0].page if shown else "")
        kept = _kept(line, observation)
        page = observation_page(
            line,
            observation,
            sealed=self._sealed_by(line),
            places=places,
            around=self._around(line),
            site=self._site,
            lang=shown[0].lang if shown else self._build.settings.lang,
            archive=next((name for name in kept if name == _ARCHIVE), ""),
        )
        folder.mkdir(parents=True, exist_ok=True)
        address = f"{self._site.address}evidence/{line.id}/"
        written = {
            "index.html": page.html,
            "facts.json": facts_json(line, observation.facts, address),
            "facts.csv": facts_csv(line, observation.facts),
            **page.files,
            **{name: write() for name, write in drawn},
        }
        for name, text in written.items():
            (folder / name).write_text(text, "utf-8", newline="")
        for name, content in kept.items():
            (folder / name).write_bytes(content)

    def _sealed_by(self, line: RunLine) -> Sealed:
        name = _run(line)
        state = self._build.seals.of(line.id)
        token = (self._ledger.folder / f"seals/{state.number:06d}.tsr").exists()
        return Sealed(state, token and bool(state.number), self._stones.get(name, ""))

    def _around(self, line: RunLine) -> Around:
        """The neighbours that have pages: those that some build has put on a page."""
        if line.origin == "transcript":
            return Around()
        if line.digest not in self._of:
            entries = self._ledger.index.entries(line.digest)
            self._of[line.digest] = [
                one for one in entries if one.shown and not self._ledger.is_aside(one.id)
            ]
        listed = self._of[line.digest]
        here = next((nth for nth, one in enumerate(listed) if one.id == line.id), None)
        if here is None:
            return Around()
        after = listed[here + 1] if here + 1 < len(listed) else None
        return Around(listed[here - 1] if here else None, after)

    def _histories(self, folder: Path, questions: Mapping[str, RunLine]) -> None:
        """The histories of these questions; what has not changed since the last build stays."""
        names = {digest[:16] for digest in questions}
        for old in folder.iterdir() if folder.is_dir() and self._build.whole else ():
            if old.name not in names:
                shutil.rmtree(old) if old.is_dir() and not old.is_symlink() else old.unlink()
        for digest, line in questions.items():
            entries = [
                one
                for one in self._ledger.index.entries(digest)
                if not self._ledger.is_aside(one.id)
            ]
            state = history_state(entries, len(self._stones))
            place = folder / digest[:16] / "history.json"
            if place.is_file() and not place.is_symlink():
                with place.open("rb") as file:
                    if file.read(len(state)) == state.encode():
                        continue
            kind = KINDS.get(line.kind)
            table, plain = history(self._ledger, entries, state, kind.facts if kind else None)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(plain, "utf-8")
            place.with_suffix(".csv").write_text(table, "utf-8", newline="")


def _kept(line: RunLine, observation: Observation) -> dict[str, bytes]:
    """Pictures and web pages as files, where any were kept."""
    question = question_of(line)
    if question is None or observation.origin == "transcript":
        return {}
    pages = question.web(observation)
    archive = {_ARCHIVE: archive_of(observation, pages)} if pages else {}
    return {**question.drawn(observation), **archive}


def _run(line: RunLine) -> str:
    run = line.id.rpartition("-")[0]
    return f"runs/{run[:4]}/{run[4:6]}/{run[6:8]}/{run}.jsonl"


def _history(figure: Figure, findings: Findings, build: Build, address: str) -> Callable[[], str]:
    def write() -> str:
        assert findings.history is not None  # noqa: S101  # the caller has looked
        definition = figure.node.definition
        words = labels(build.languages[definition.page])
        view = history_view(findings.history, words, bool(findings.claims))
        title = definition.common.title or f"{definition.kind.name} {figure.target}"
        return history_svg(view, title, address)

    return write


def _redactions(folder: Path) -> dict[str, str]:
    """What the tombstones say of each run."""
    said: dict[str, str] = {}
    for stone in stones(folder):
        for run in stone.runs:
            said[run] = f"{stone.date}, {stone.by}: {stone.reason}"
    return said
