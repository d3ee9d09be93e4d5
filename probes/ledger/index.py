"""The derived index: when each question was asked and what came of it, in SQLite.

It holds nothing that the run files do not; deleting it costs the time to read them again. Times
are milliseconds since 1970, UTC. A run is ordered by the time in its name, or after the run that
its first line says was there before it (``Line.after``).
"""

import sqlite3
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from probes.ledger.database import connect, open_database
from probes.ledger.scan import order, run_files, short_lines
from probes.observation import Outcome

OUTCOMES = list(Outcome)
_COLUMNS = """SELECT runs.path, seen.line, seen.start, seen.outcome, f.text, o.text, r.text,
  seen.shown, v.text FROM seen JOIN runs ON runs.id = seen.run
  LEFT JOIN names f ON f.id = seen.failure LEFT JOIN names o ON o.id = seen.facts
  LEFT JOIN names r ON r.id = seen.raw LEFT JOIN names v ON v.id = seen.vantage """
_MEASURED = "seen.vantage IS NOT (SELECT id FROM names WHERE text = 'transcript')"
_OF = f"WHERE {_MEASURED} AND seen.question = (SELECT id FROM names WHERE text = ?)"  # noqa: S608  # constants
_ROWS = f"""SELECT start, outcome, failure, facts, raw, run, line, vantage FROM seen {_OF}
  ORDER BY at, run, line"""  # noqa: S608  # made of constants
_ORDER = "ORDER BY seen.at {0}, seen.run {0}, seen.line {0}"


Shows = Callable[[str], bool]


def _all(_: str) -> bool:
    return True


def _among(outcomes: Sequence[Outcome]) -> str:
    numbers = ",".join(str(OUTCOMES.index(one)) for one in outcomes)
    return f"AND seen.outcome IN ({numbers})" if numbers else ""


class Entry(NamedTuple):
    """One observation as the index knows it."""

    run: str
    """The run file's path below ``runs/``."""
    line: int
    start: int
    outcome: Outcome
    failure: str | None
    facts: str | None
    raw: str | None
    shown: bool
    vantage: str

    @property
    def id(self) -> str:
        """The observation's id."""
        return f"{Path(self.run).stem}-{self.line}"

    @property
    def moment(self) -> datetime:
        """When it began, UTC."""
        return moment(self.start)


def moment(milliseconds: int) -> datetime:
    """A time of the index as UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


class Index:
    """Opened for one ledger's folder; safe to use from several threads."""

    def __init__(self, folder: Path, file: Path) -> None:
        self._runs, self._file = folder / "runs", file
        self._lock = threading.RLock()
        self._database: sqlite3.Connection | None = None

    def entries(
        self, question: str, shows: Shows = _all, since: int = 0, outcomes: Sequence[Outcome] = ()
    ) -> list[Entry]:
        """Every observation of a question in order, from ``since`` (milliseconds) on.

        :raises LedgerError: for a run file that does not parse.
        """
        where = f"{_OF} AND seen.at >= ? {_among(outcomes)} " + _ORDER.format("ASC")
        return self._ask(where, (question, since), shows)

    def last(
        self,
        question: str,
        outcomes: Sequence[Outcome] = (),
        shows: Shows = _all,
        before: int = 1 << 60,
    ) -> Entry | None:
        """The last observation with one of these outcomes that began before ``before``.

        ``shows`` says of a vantage's name whether its observations count.
        """
        where = f"{_OF} AND seen.start < ? {_among(outcomes)} " + _ORDER.format("DESC")
        return self._first(where, (question, before), shows)

    def last_raw(self, question: str) -> Entry | None:
        """The last observation of a question whose raw is kept."""
        where = f"{_OF} AND seen.raw IS NOT NULL " + _ORDER.format("DESC")
        return self._first(where, (question,))

    def shown(self) -> list[Entry]:
        """Every observation that a build has put on a page."""
        return self._ask("WHERE seen.shown = 1 " + _ORDER.format("ASC"), ())

    def rows(self, question: str, shows: Shows) -> list[tuple[int, ...]]:
        """Every observation of a question in order: start, outcome, failure, facts, raw, run, line.

        Numbers only (see ``name``): a year's history is read in a few milliseconds.
        """
        with self._lock:
            rows = self._fresh().execute(_ROWS, (question,)).fetchall()
        here = {number: shows(self.name(number)) for number in {row[-1] for row in rows}}
        return [row[:-1] for row in rows if here[row[-1]]]

    def name(self, number: int | None) -> str:
        """The text behind a number of ``rows``."""
        with self._lock:
            found = self._fresh().execute("SELECT text FROM names WHERE id = ?", (number,))
            return str((found.fetchone() or ("",))[0])

    def at(self, run: int, line: int) -> Entry | None:
        """The observation of this line of the run with this number."""
        return self._first("WHERE seen.run = ? AND seen.line = ?", (run, line))

    def newest(self) -> list[Entry]:
        """The last observation of every question, in order."""
        where = "JOIN (SELECT question q, max(at) newest FROM seen GROUP BY question) "
        where += "ON seen.question = q AND seen.at = newest "
        return self._ask(where + _ORDER.format("ASC"), ())

    def every(self) -> list[Entry]:
        """All observations in order."""
        return self._ask(_ORDER.format("ASC"), ())

    def find(self, run: str, line: int) -> Entry | None:
        """The observation of this run (its name without suffix) and line."""
        path = f"{run[:4]}/{run[4:6]}/{run[6:8]}/{run}.jsonl"
        return self._first("WHERE runs.path = ? AND seen.line = ?", (path, line))

    def refresh(self) -> None:
        """Take in what has changed on the disk since.

        :raises LedgerError: for a run file that does not parse.
        """
        with self._lock:
            try:
                self._take_in()
            except sqlite3.Error:  # its disk is full, or the file is broken: do without it
                self._database = connect(":memory:")
                self._take_in()

    def _take_in(self) -> None:
        if self._database is None:
            self._database = open_database(self._file)
        with self._database as database:  # in one transaction
            known = {
                path: rest for path, *rest in database.execute("SELECT path, size, mtime FROM runs")
            }
            there = {path: [stat.st_size, stat.st_mtime_ns] for path, stat in run_files(self._runs)}
            gone = [path for path in known if known[path] != there.get(path)]
            if len(gone) > 1 + len(known) // 4:
                database.executescript("DELETE FROM seen; DELETE FROM runs;")
                known, gone = {}, []
            for path in gone:
                database.execute(
                    "DELETE FROM seen WHERE run = (SELECT id FROM runs WHERE path = ?)", (path,)
                )
                database.execute("DELETE FROM runs WHERE path = ?", (path,))
            names: dict[str, int] = dict(database.execute("SELECT text, id FROM names"))
            for path in sorted(path for path in there if known.get(path) != there[path]):
                self._add(database, path, there[path], names)

    def _add(
        self, database: sqlite3.Connection, path: str, stat: list[int], names: dict[str, int]
    ) -> None:
        file = self._runs / path
        lines = short_lines(file)

        def name(text: str | None) -> int | None:
            if text is None:
                return None
            number = names.get(text)
            if number is None:
                number = names[text] = len(names) + 1
                database.execute("INSERT INTO names VALUES(?, ?)", (number, text))
            return number

        at = order(file, lines)
        run = database.execute(
            "INSERT INTO runs(path, size, mtime) VALUES(?, ?, ?)", (path, *stat)
        ).lastrowid
        database.executemany(
            "INSERT OR REPLACE INTO seen VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    name(line.digest),
                    at,
                    run,
                    number,
                    round(line.start.timestamp() * 1000),
                    OUTCOMES.index(line.outcome),
                    name(line.failure.name if line.failure else None),
                    name(line.facts),
                    name(line.raw),
                    int(line.shown),
                    name(line.vantage.name),
                )
                for number, line in enumerate(lines, 1)
            ],
        )

    def _ask(
        self, where: str, values: tuple[object, ...], shows: Shows = _all, *, first: bool = False
    ) -> list[Entry]:
        """Rows; who wants the first reads no more."""
        found = []
        with self._lock:
            rows = self._fresh().execute(_COLUMNS + where, values)
            for run, line, start, outcome, failure, facts, raw, shown, vantage in rows:
                if shows(vantage):
                    how = OUTCOMES[outcome]
                    one = Entry(run, line, start, how, failure, facts, raw, bool(shown), vantage)
                    found.append(one)
                    if first:
                        rows.close()
                        break
        return found

    def _fresh(self) -> sqlite3.Connection:
        if self._database is None:
            self.refresh()
        assert self._database is not None  # noqa: S101  # refresh has opened it
        return self._database

    def _first(self, where: str, values: tuple[object, ...], shows: Shows = _all) -> Entry | None:
        found = self._ask(where, values, shows, first=True)
        return found[0] if found else None
