"""The derived index: when each question was asked and what came of it, in SQLite.

It holds nothing that the run files do not; deleting it costs the time to read them again. Times
are milliseconds since 1970, UTC. ``index_update`` says in which order the runs stand.
"""

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from sotokara.core.observation import Outcome
from sotokara.core.places import BETWEEN, name_of
from sotokara.ledger.index_batches import SCHEMA
from sotokara.ledger.index_update import OUTCOMES, update_index
from sotokara.ledger.makers import OTHERS

VERSION = 10
_SCHEMA = """
CREATE TABLE runs(id INTEGER PRIMARY KEY, path TEXT UNIQUE, size INT, mtime INT, named INT, at INT);
CREATE TABLE sealed(head TEXT);
CREATE TABLE keys(digest TEXT);
CREATE TABLE names(id INTEGER PRIMARY KEY, text TEXT UNIQUE);
CREATE TABLE seen(question INT, at INT, run INT, line INT, start INT, outcome INT, failure INT,
  facts INT, raw INT, shown INT, vantage INT, cites INT, PRIMARY KEY(question, at, run, line))
  WITHOUT ROWID;
CREATE TABLE asked(place INT, question INT, cites INT, PRIMARY KEY(place, question, cites))
  WITHOUT ROWID;
CREATE TABLE unread(run INT, line INT, why TEXT, question INT, start INT);
CREATE INDEX of_run ON seen(run, line);
"""


def open_database(file: Path) -> sqlite3.Connection:
    """The database in this file; in memory where the disk has no place for it."""
    for again in (False, True):
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            return connect(str(file))
        except sqlite3.DatabaseError:  # cut off, or no database
            with contextlib.suppress(OSError):
                if not again:
                    file.unlink()
        except OSError:
            break
    return connect(":memory:")  # a folder that cannot be written to: read all each time


def connect(name: str) -> sqlite3.Connection:
    """A connection with the index's tables.

    :raises sqlite3.DatabaseError: when the file is no database.
    """
    database = sqlite3.connect(name, timeout=60, check_same_thread=False)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = OFF")
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version != VERSION:
        for (table,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type='table'"
        ).fetchall():
            database.execute(f"DROP TABLE {table}")
        database.executescript(f"{_SCHEMA} {SCHEMA} PRAGMA user_version = {VERSION};")
    return database


_COLUMNS = """SELECT runs.path, seen.line, seen.start, seen.outcome, f.text, o.text, r.text,
  seen.shown, v.text FROM seen JOIN runs ON runs.id = seen.run
  LEFT JOIN names f ON f.id = seen.failure LEFT JOIN names o ON o.id = seen.facts
  LEFT JOIN names r ON r.id = seen.raw LEFT JOIN names v ON v.id = seen.vantage """
_MEASURED = "seen.vantage IS NOT (SELECT id FROM names WHERE text = 'transcript')"
_OF = f"WHERE {_MEASURED} AND seen.question = (SELECT id FROM names WHERE text = ?)"  # noqa: S608  # constants
_ROWS = """SELECT start, outcome, failure, facts, raw, run, line, 0 FROM seen
  WHERE question = (SELECT id FROM names WHERE text = ?) AND vantage IN ({})
  ORDER BY at, run, line"""
_VANTAGES = """SELECT id, text FROM names WHERE text != 'transcript' AND id IN
  (SELECT vantage FROM seen WHERE question = (SELECT id FROM names WHERE text = ?))"""
_OF_PLACES = """SELECT start, outcome, failure, facts, raw, run, line, question, cites FROM seen
  WHERE question IN ({}) AND vantage IN ({}) ORDER BY at, run, line"""
_PLACES = f"""SELECT v.text, max(CASE WHEN start < :dawn THEN start END),
  min(CASE WHEN start >= :dawn AND start < :evening THEN start END),
  min(CASE WHEN start >= :evening THEN start END)
  FROM seen JOIN names v ON v.id = seen.vantage
  WHERE question = (SELECT id FROM names WHERE text = :question) AND v.text != 'transcript'
  AND outcome = {OUTCOMES.index(Outcome.ANSWERED)} {{}} GROUP BY v.text"""  # noqa: S608  # constants
_ASKED = """SELECT cites FROM asked WHERE place IN (SELECT id FROM names WHERE text IN ({}))"""
_ORDER = "ORDER BY seen.at {0}, seen.run {0}, seen.line {0}"


Shows = Callable[[str], bool]
"""Whether a history (``places.history_of``) may stand somewhere."""


def _all(_: str) -> bool:
    return True


def by_others(shows: Shows) -> Shows:
    """The same places, where others have added the runs; otherwise those never count."""
    return lambda vantage: vantage.startswith(OTHERS) and shows(vantage[1:])


def _own(shows: Shows) -> Shows:
    return lambda vantage: not vantage.startswith(OTHERS) and shows(vantage)


def _among(outcomes: Sequence[Outcome]) -> str:
    numbers = ",".join(str(OUTCOMES.index(one)) for one in outcomes)
    return f"AND seen.outcome IN ({numbers})" if numbers else ""


class IndexEntry(NamedTuple):
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
        return index_time(self.start)


class AnswersAround(NamedTuple):
    """When a vantage had answers to a question: the last before a day, the first on it, and after.

    In milliseconds; None where there was none.
    """

    vantage: str
    before: int | None
    on: int | None
    after: int | None


def index_time(milliseconds: int) -> datetime:
    """A time of the index as UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


class Index:
    """Opened for one ledger's folders; safe to use from several threads."""

    def __init__(self, folder: Path, file: Path, aside: Path | None = None) -> None:
        self._folder, self._file, self._aside = folder, file, aside
        self._lock = threading.RLock()
        self._database: sqlite3.Connection | None = None

    def entries(self, question: str, shows: Shows = _all) -> list[IndexEntry]:
        """Every observation of a question in order.

        :raises LedgerError: for a run file that does not parse.
        """
        return self._ask(f"{_OF} " + _ORDER.format("ASC"), (question,), _own(shows))

    def last(
        self,
        question: str,
        outcomes: Sequence[Outcome] = (),
        shows: Shows = _all,
        before: int = 1 << 60,
        *,
        others: bool = False,
    ) -> IndexEntry | None:
        """The last observation with one of these outcomes that began before ``before``.

        ``shows`` says of a vantage's name whether its observations count; ``others``: those that
        others have added.
        """
        where = f"{_OF} AND seen.start < ? {_among(outcomes)} " + _ORDER.format("DESC")
        return self._first(where, (question, before), by_others(shows) if others else _own(shows))

    def last_raw(self, question: str) -> IndexEntry | None:
        """The last observation of a question whose raw is kept."""
        where = f"{_OF} AND seen.raw IS NOT NULL " + _ORDER.format("DESC")
        return self._first(where, (question,))

    def raw_near(self, question: str, facts: str, start: int) -> str | None:
        """The raw nearest in time that the same facts of a question were read from."""
        ask = """SELECT n.text FROM seen JOIN names n ON n.id = seen.raw
          WHERE question = (SELECT id FROM names WHERE text = ?)
          AND facts = (SELECT id FROM names WHERE text = ?) ORDER BY abs(start - ?) LIMIT 1"""
        with self._lock:
            found = self._fresh().execute(ask, (question, facts, start)).fetchone()
        return str(found[0]) if found else None

    def first(self, question: str) -> IndexEntry | None:
        """The first observation of a question, by whomever."""
        where = "WHERE seen.question = (SELECT id FROM names WHERE text = ?) "
        return self._first(where + _ORDER.format("ASC"), (question,))

    def shown(self) -> list[IndexEntry]:
        """Every observation that a build has put on a page."""
        return self._ask("WHERE seen.shown = 1 " + _ORDER.format("ASC"), ())

    def rows(self, question: str, shows: Shows) -> list[tuple[int, ...]]:
        """Every observation of a question in order, as the columns of a row (``turns.py``).

        Numbers only (see ``name``): a year's history is read in a few milliseconds.
        """
        with self._lock:
            ask = self._fresh().execute
            named = ask(_VANTAGES, (question,))
            here = [str(one) for one, name in named if name[:1] != OTHERS and shows(name)]
            return ask(_ROWS.format(",".join(here)), (question,)).fetchall()

    def asked(self, places: Iterable[str]) -> set[str]:
        """The questions that any of these places (``page#id``) has ever asked."""
        ask = """SELECT n.text FROM asked JOIN names n ON n.id = question
          WHERE place = (SELECT id FROM names WHERE text = ?)"""
        with self._lock:
            database = self._fresh()
            return {text for one in places for (text,) in database.execute(ask, (one,))}

    def places(self) -> set[str]:
        """Every place (``page#id``) that has ever asked something."""
        ask = "SELECT text FROM names WHERE id IN (SELECT place FROM asked)"
        with self._lock:
            return {text for (text,) in self._fresh().execute(ask)}

    def rows_of_places(
        self, questions: Iterable[str], shows: Shows
    ) -> tuple[list[tuple[int, ...]], dict[int, str], dict[int, list[str]]]:
        """The rows of several questions in order, each with its question and who cited it.

        With the texts of those numbers: a question's digest, a line's places.
        """
        with self._lock:
            ask = self._fresh().execute
            known: dict[int, str] = {}
            here: set[int] = set()
            for text in questions:
                known |= dict(ask("SELECT id, text FROM names WHERE text = ?", (text,)))
                named = ask(_VANTAGES, (text,))
                here |= {one for one, name in named if name[:1] != OTHERS and shows(name)}
            both = (",".join(map(str, one)) for one in (known, here))
            rows = ask(_OF_PLACES.format(*both)).fetchall()
            cites = {row[8]: self.name(row[8]).split("\n") for row in rows}
        return rows, known, cites

    def vantages(self) -> set[str]:
        """Every place that something was measured from."""
        with self._lock:
            ask = self._fresh().execute
            found = ask(
                "SELECT text FROM names WHERE id IN (SELECT vantage FROM seen)"
                " UNION SELECT vantage FROM batches"
            )
            named = {name_of(name.removeprefix(OTHERS)) for (name,) in found}
            return named - {"transcript"}

    def history(self, place: str) -> str:
        """The history of a place that went on last: it may have been another engine's before."""
        ask = """SELECT text FROM names JOIN seen ON seen.vantage = names.id
          WHERE text = ? OR substr(text, 1, ?) = ? ORDER BY at DESC, run DESC LIMIT 1"""
        begin = f"{place}{BETWEEN}"
        with self._lock:
            found = self._fresh().execute(ask, (place, len(begin), begin)).fetchone()
        return str(found[0]) if found else place

    def batches(self) -> dict[str, str]:
        """The question of each batch, by its path without a suffix."""
        with self._lock:
            return dict(self._fresh().execute("SELECT path, question FROM batches"))

    def answers(
        self, question: str, day: tuple[int, int], asked_by: Sequence[str] = ()
    ) -> list[AnswersAround]:
        """The places that a question was answered from; ``day``: its beginning and its end.

        ``asked_by``: only where one of these (``page#id``) has asked; masked questions are alike.

        Those that others have added count only where there are none of the blog's own.
        """
        values = {"question": question, "dawn": day[0], "evening": day[1]}
        with self._lock:
            marks = ",".join("?" * len(asked_by))
            asked = self._fresh().execute(_ASKED.format(marks), asked_by).fetchall()
            only = f"AND cites IN ({','.join(str(one) for (one,) in asked)})" if asked_by else ""
            rows = self._fresh().execute(_PLACES.format(only), values)
            found = list(map(AnswersAround._make, rows))
        own = [one for one in found if not one.vantage.startswith(OTHERS)]
        every = own or [one._replace(vantage=one.vantage[1:]) for one in found]
        return [one._replace(vantage=name_of(one.vantage)) for one in every]

    def name(self, number: int | None) -> str:
        """The text behind a number of ``rows``."""
        with self._lock:
            found = self._fresh().execute("SELECT text FROM names WHERE id = ?", (number,))
            return str((found.fetchone() or ("",))[0])

    def at(self, run: int, line: int) -> IndexEntry | None:
        """The observation of this line of the run with this number."""
        return self._first("WHERE seen.run = ? AND seen.line = ?", (run, line))

    def newest(self) -> list[IndexEntry]:
        """The last observation of every question, in order."""
        where = "JOIN (SELECT question q, max(at) newest FROM seen GROUP BY question) "
        where += "ON seen.question = q AND seen.at = newest "
        return self._ask(where + _ORDER.format("ASC"), ())

    def every(self) -> list[IndexEntry]:
        """All observations in order."""
        return self._ask(_ORDER.format("ASC"), ())

    def find(self, run: str, line: int) -> IndexEntry | None:
        """The observation of this run (its name without suffix) and line."""
        path = f"{run[:4]}/{run[4:6]}/{run[6:8]}/{run}.jsonl"
        return self._first("WHERE runs.path = ? AND seen.line = ?", (path, line))

    def unread(self) -> list[tuple[str, str]]:
        """The lines that are as they were kept and cannot be read: ``runs/…:LINE``, and why."""
        with self._lock:
            ask = (
                "SELECT path, line, why FROM unread JOIN runs ON runs.id = run ORDER BY path, line"
            )
            rows = self._fresh().execute(ask).fetchall()
        return [(f"runs/{path}:{line}", why) for path, line, why in rows]

    def unread_of(self, question: str, since: int) -> list[tuple[datetime, str]]:
        """When a question was asked later than this, and the line cannot be read, and why."""
        ask = """SELECT start, why FROM unread WHERE start > ?
          AND question = (SELECT id FROM names WHERE text = ?) ORDER BY start"""
        with self._lock:
            rows = self._fresh().execute(ask, (since, question)).fetchall()
        return [(index_time(start), why) for start, why in rows]

    def lacks(self, names: Iterable[str]) -> list[str]:
        """Which of these runs (``runs/…``) are not here."""
        with self._lock:
            here = {f"runs/{path}" for (path,) in self._fresh().execute("SELECT path FROM runs")}
        return [name for name in names if name not in here]

    def refresh(self) -> None:
        """Take in what has changed on the disk since.

        :raises LedgerError: for a run file that does not parse.
        """
        with self._lock:
            if self._database is None:
                self._database = open_database(self._file)
            try:
                update_index(self._database, self._folder, self._aside)
            except sqlite3.Error:  # its disk is full, or the file is broken: do without it
                self._database = connect(":memory:")
                update_index(self._database, self._folder, self._aside)

    def _ask(
        self, where: str, values: tuple[object, ...], shows: Shows = _all, *, first: bool = False
    ) -> list[IndexEntry]:
        """Rows; who wants the first reads no more."""
        found = []
        with self._lock:
            rows = self._fresh().execute(_COLUMNS + where, values)
            for run, line, start, outcome, failure, facts, raw, shown, vantage in rows:
                if shows(vantage):
                    how, name = OUTCOMES[outcome], name_of(vantage)
                    one = IndexEntry(run, line, start, how, failure, facts, raw, bool(shown), name)
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

    def _first(
        self, where: str, values: tuple[object, ...], shows: Shows = _all
    ) -> IndexEntry | None:
        found = self._ask(where, values, shows, first=True)
        return found[0] if found else None
