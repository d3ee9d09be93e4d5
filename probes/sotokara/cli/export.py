"""``sotokara show --format``: evidence written out for other programs."""

import sqlite3
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import click

from sotokara.cli.figures import defined
from sotokara.core.display import visible
from sotokara.ledger import Ledger
from sotokara.site.export import ExportRow, ExportRows, NeverAskedError, TimeSpan, select
from sotokara.site.export_files import write_csv, write_jsonl, write_sqlite
from sotokara.site.read_site import read_site

FORMATS = ("csv", "jsonl", "sqlite")
day = click.DateTime(["%Y-%m-%d"])
"""The type of ``--since`` and ``--until``."""


def refuse_mixed(form: str | None, without: list[object], with_form: list[object]) -> None:
    """See that each option stands beside the others that it works with.

    :raises click.UsageError: when one would be passed over in silence.
    """
    if form and any(without):
        message = "--format goes with -o, --since and --until alone"
        raise click.UsageError(message)
    if not form and any(with_form):
        message = "-o, --since and --until go with --format"
        raise click.UsageError(message)


def days(since: datetime | None, until: datetime | None) -> TimeSpan:
    """Whole days, UTC, both included.

    :raises click.UsageError: when the second is before the first.
    """
    if since and until and until < since:
        message = "--until is before --since"
        raise click.UsageError(message)
    first = since.replace(tzinfo=UTC) if since else None
    try:
        last = until.replace(tzinfo=UTC) + timedelta(days=1) if until else None
    except OverflowError:  # the last day that there is
        last = None
    return TimeSpan(first, last)


class Into(NamedTuple):
    """In which form, and into which file; None for the standard output."""

    form: str
    file: Path | None


def export(ledger: Ledger, config: Path, what: str | None, span: TimeSpan, into: Into) -> None:
    """Write observations to a file that is not there yet, or to the standard output.

    :raises click.ClickException: when that fails, or when some could not be read.
    """
    form, file = into
    if form == "sqlite" and file is None:
        message = "--format sqlite needs a file: -o evidence.sqlite"
        raise click.UsageError(message)
    rows = ExportRows(ledger)
    try:
        lines = select(ledger, what, span)
        kinds = {line.kind for line in select(ledger, what, span)} if form == "csv" else set()
    except NeverAskedError as error:
        if not defined(read_site(config), what or ""):
            raise click.ClickException(visible(str(error))) from error
        lines, kinds = iter(()), set()  # it is new: there are no rows yet
    except LookupError as error:
        raise click.ClickException(visible(str(error))) from error
    every = map(rows.row, lines)
    if file is None:
        out = sys.stdout.buffer
        count = write_csv(out, sorted(kinds), every) if form == "csv" else write_jsonl(out, every)
        out.flush()
    else:
        count = _into(file, lambda: _write(file, form, sorted(kinds), every))
    _say(ledger, rows, count, file)


def _write(file: Path, form: str, kinds: list[str], every: Iterable[ExportRow]) -> int:
    if form == "sqlite":
        return write_sqlite(file, every)
    with file.open("wb") as opened:
        return write_csv(opened, kinds, every) if form == "csv" else write_jsonl(opened, every)


def _into(file: Path, write: Callable[[], int]) -> int:
    """Write a file that is not there yet; what is not whole is removed."""
    try:
        file.open("xb").close()  # also through no link
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
    try:
        return write()
    except BaseException as error:
        file.unlink(missing_ok=True)
        if isinstance(error, (OSError, sqlite3.Error)):
            raise click.ClickException(f"{file}: {error}") from error
        raise


def _say(ledger: Ledger, rows: ExportRows, count: int, file: Path | None) -> None:
    click.echo(f"{file or 'written'}: {count} observation(s)", err=True)
    lines = ledger.index.unread()
    if lines:
        name, why = lines[0]
        click.echo(visible(f"left out: {len(lines)} line(s), as {name}: {why}"), err=True)
    if rows.unread:
        name, why = next(iter(rows.unread.items()))
        message = f"{len(rows.unread)} without facts, as {name}: {why}"
        raise click.ClickException(visible(message))
