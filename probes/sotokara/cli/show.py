"""``sotokara show``: evidence in the terminal."""

import difflib
import json
import sqlite3
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import click
import msgspec

from sotokara.cli import completion
from sotokara.cli.figures import as_json, defined, find_figure
from sotokara.core.display import visible
from sotokara.core.observation import Observation
from sotokara.core.warc import archive_of
from sotokara.engine.plan import stem
from sotokara.findings.batches import BatchFindings
from sotokara.kinds import KINDS
from sotokara.ledger import Ledger, RunLine
from sotokara.ledger.batches import StoredBatch
from sotokara.render.batch_view import batch_text
from sotokara.render.figure import figure_text
from sotokara.site.export import (
    ExportRow,
    ExportRows,
    NeverAskedError,
    TimeSpan,
    select,
    write_csv,
    write_jsonl,
    write_sqlite,
)
from sotokara.site.read_site import SiteConfig, config_file, read_site

# `sotokara show --format`: evidence written out for other programs.

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


_MOST_PAGES = 20


def open_ledger(config: Path) -> Ledger:
    """The site's ledger."""
    site = read_site(config)
    return Ledger(site.evidence, site.root / ".cache", store=site.store)


@click.command(short_help="Show a figure, an observation, or all for other programs.")
@click.argument("what", required=False, shell_complete=completion.what)
@click.option("--raw", is_flag=True, help="The bytes too, as they were kept.")
@click.option(
    "--style",
    metavar="NAME",
    shell_complete=completion.styles,
    help="Of a figure: written in another style.",
)
@click.option("--warc", type=click.Path(path_type=Path), help="Write its web pages to this file.")
@click.option(
    "--json", "plain", is_flag=True, help="For programs: the facts, and what is shown beside them."
)
@click.option(
    "--format", "form", type=click.Choice(FORMATS), help="Observations for other programs."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="With --format: into this file, which must not be there yet.",
)
@click.option("--since", type=day, help="With --format: from this day on (UTC).")
@click.option("--until", type=day, help="With --format: until this day's end (UTC).")
@config_file
def show(  # noqa: PLR0913  # a command's options
    what: str | None,
    config: Path,
    style: str | None,
    warc: Path | None,
    *,
    form: str | None,
    output: Path | None,
    since: datetime | None,
    until: datetime | None,
    raw: bool,
    plain: bool,
) -> None:
    """Show one observation (WHAT is its id), or a figure as the page has it (page.md#id).

    Below a figure stand all its observations. Without WHAT: the last one of every question.

    With --format, all observations of WHAT (a page, page.md#id or an id), or of the whole blog.

    \b
    sotokara show my-first#site
    sotokara show posts/my-first.md#site --style dig
    sotokara show posts/my-first.md --format csv --since 2026-11-01
    sotokara show --format sqlite -o evidence.sqlite
    """
    refuse_mixed(form, [raw, style, warc, plain], [output, since, until])
    _refuse(what, style, raw=raw, warc=warc is not None)
    ledger = open_ledger(config)
    if form:
        export(ledger, config, what, days(since, until), Into(form, output))
    elif what is None:
        lines = [ledger.line(entry) for entry in ledger.index.newest()]
        click.echo("\n".join(_rows(lines, plain=plain)), nl=bool(lines) or plain)
        batches = {one.manifest.digest: one for one in ledger.batches.every()}
        for kept in () if plain else batches.values():
            click.echo(_batch_row(kept))
    elif "#" in what:
        _figure(ledger, read_site(config), what, style, plain=plain)
    else:
        found = ledger.find(what)
        row = ledger.batches.observation(what) if found is None else None
        if row is not None:
            _one(row if raw else msgspec.structs.replace(row, exchanges=()), warc, plain=plain)
            return
        if found is None:
            raise click.UsageError(_none(read_site(config), what))
        _one(ledger.observation(found, raw=raw or warc is not None), warc, plain=plain)


def _figure(ledger: Ledger, site: SiteConfig, what: str, style: str | None, *, plain: bool) -> None:
    """Show a figure as its page has it, and the list of its observations."""
    found_node = find_figure(site, what, style)
    if found_node:
        now, node = found_node
        what = node.definition.place
        if plain:
            click.echo(as_json(node))
            return
        lang = now.languages[node.definition.page]
        if node.batch is not None:
            click.echo(batch_text(node, lang, now.rare.batches.get(node.batch) or BatchFindings()))
            for kept in ledger.batches.every(node.batch.digest):
                click.echo(_batch_row(kept))
            return
        click.echo(figure_text(node, lang, now.findings))
    names = {one.name for one in ledger.places(what)}
    every = map(ledger.line, ledger.index.every())
    lines = [line for line in every if not names.isdisjoint(line.cited)]
    if not lines and not found_node:
        raise click.UsageError(_none(site, what))
    for line in lines:
        click.echo(_row(line))


def _refuse(what: str | None, style: str | None, *, raw: bool, warc: bool) -> None:
    """:raises click.UsageError: for what does not go with the thing that is to be shown."""
    figure = what is not None and "#" in what
    if style and not figure:
        message = "--style goes with a figure: page.md#id"
        raise click.UsageError(message)
    if (raw or warc) and (what is None or figure):
        message = "--raw and --warc go with an observation's id; `sotokara show PAGE#ID` lists them"
        raise click.UsageError(message)


def _none(site: SiteConfig, what: str) -> str:
    """What there is in place of a figure or an observation that is not there."""
    page, _, name = what.partition("#")
    every = list(completion.figures(site))
    named = [one for of, one in every if page in _called(of)]
    if named:
        close = difflib.get_close_matches(name, named, 1)
        meant = f"did you mean {page}#{close[0]}? " if close else ""
        return f"{what}: no such figure; {meant}figures of {page}: {', '.join(named)}"
    if page and any(page in _called(one.source) for one in site.pages([])):
        return f"{what}: no figure of {page} has an id; write `id: name` into its definition"
    pages = list(dict.fromkeys(stem(of) for of, _ in every))
    if close := difflib.get_close_matches(stem(page), pages, 1):
        return f"{what}: no such page; did you mean {close[0]}#{name or 'id'}?"
    if "#" in what or page.endswith(".md"):
        listed = ", ".join(pages[:_MOST_PAGES]) or "none"
        return f"{what}: no such page; pages with figures that have an id: {listed}"
    return f"{what}: no such observation; `sotokara show` lists the last of each question"


def _called(source: str) -> tuple[str, str, str]:
    return source, stem(source), source.rpartition("/")[2]


def _rows(lines: Sequence[RunLine], *, plain: bool) -> list[str]:
    """Observations in a line each; for programs one JSON list."""
    if not plain:
        return list(map(_row, lines))
    told = [
        {
            "id": line.id,
            "asked": line.definition,
            "observed": line.start,
            "origin": line.origin,
            "outcome": line.outcome,
            "failure": line.failure,
        }
        for line in lines
    ]
    return [json.dumps(msgspec.to_builtins(told), indent=2)]  # in ASCII: nothing hides


def _one(observation: Observation, file: Path | None, *, plain: bool) -> None:
    """Show an observation; or write what was kept of web pages to a file that is not there yet."""
    if file is None:
        _whole(observation, plain=plain)
        return
    name, target = next(iter(observation.definition.items()))
    options = {key: value for key, value in observation.definition.items() if key != name}
    question = msgspec.convert({"target": target, **options}, KINDS[name])
    pages = question.web(observation)
    if not pages:
        message = f"{observation.id}: no web page is kept whole in it; `keep: all` keeps them"
        raise click.ClickException(message)
    try:
        with file.open("xb") as opened:
            opened.write(archive_of(observation, pages))
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
    click.echo(f"{file}: {len(pages)} page(s)")


def _row(line: RunLine) -> str:
    asked = " ".join(f"{key}: {value}" for key, value in line.definition.items())
    came = line.failure.name if line.failure else line.outcome.value
    began = f"{line.start:%Y-%m-%d %H:%M:%S} UTC"
    if line.origin != "measured":
        began = f"{line.origin} of {line.volatile.get('observed') or 'no stated date'}"
    return visible(f"{began}  {line.id}  {asked}  {came}")


def _batch_row(kept: StoredBatch) -> str:
    """A batch in a line: when, its name, what it asks, what came of how many."""
    told = kept.manifest
    asked = " ".join(f"{key}: {value}" for key, value in told.definition.items())
    came = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(told.outcomes.items()))
    began = f"{told.first:%Y-%m-%d %H:%M:%S} UTC"
    return visible(f"{began}  {kept.id}-1…{told.rows}  {asked}  {came}")


def _whole(observation: Observation, *, plain: bool) -> None:
    fields: dict[str, Any] = {
        "id": observation.id,
        "asked": observation.definition,
        "from": observation.vantage.name,
        "with": observation.vantage.software,
        "origin": observation.origin,
        "began": f"{observation.start:%Y-%m-%d %H:%M:%S.%f}"[:-3] + " UTC",
        "took": f"{observation.duration} s",
        "outcome": observation.outcome.value,
        "failure": observation.failure,
        "facts": observation.facts,
        "volatile": observation.volatile,
        "facts (SHA-256)": observation.facts_digest,
        "raw (SHA-256)": observation.raw_digest,
    }
    if plain:
        steps = [msgspec.to_builtins(one) for one in observation.exchanges]
        told = msgspec.to_builtins(fields) | ({"exchanges": steps} if steps else {})
        click.echo(json.dumps(told, indent=2))
        return
    for name, value in fields.items():
        if value:
            told = value if isinstance(value, str) else msgspec.to_builtins(value)
            text = told if isinstance(told, str) else json.dumps(told, ensure_ascii=False)
            click.echo(f"{name}: {visible(text)}")
    for exchange in observation.exchanges:
        click.echo(f"\n{exchange.step} to {exchange.server} {exchange.protocol}")
        for name, content in (("sent", exchange.sent), ("received", exchange.received)):
            if content and exchange.media_type.startswith("image/"):
                click.echo(f"  {name}: {len(content)} B, SHA-256 {sha256(content).hexdigest()}")
                continue
            for text in (content or b"").decode("utf-8", "backslashreplace").splitlines():
                click.echo(f"  {name}: {visible(text)}")
