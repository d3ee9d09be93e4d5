"""``sotokara show``: evidence in the terminal."""

import json
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import click
import msgspec

from sotokara.cli.export import FORMATS, Into, day, days, export, refuse_mixed
from sotokara.cli.figures import as_json, find
from sotokara.core.display import visible
from sotokara.core.extras import MissingExtraError
from sotokara.core.observation import Observation
from sotokara.core.warc import archive_of
from sotokara.findings.batches import BatchFindings
from sotokara.kinds import KINDS
from sotokara.ledger import Ledger, LedgerError, RunLine
from sotokara.ledger.batches import Kept
from sotokara.render.batch_view import batch_text
from sotokara.render.figure import figure_text
from sotokara.site.read_site import Site, config_file, read_site


def open_ledger(config: Path) -> Ledger:
    """The site's ledger."""
    site = read_site(config)
    return Ledger(site.root / site.settings().evidence_dir, site.root / ".cache")


@click.command()
@click.argument("what", required=False)
@click.option("--raw", is_flag=True, help="The bytes too, as they were kept.")
@click.option("--style", metavar="NAME", help="Of a figure: written in another style.")
@click.option("--warc", type=click.Path(path_type=Path), help="Write its web pages to this file.")
@click.option("--json", "plain", is_flag=True, help="Of a figure: its facts, for programs.")
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
    ledger = open_ledger(config)
    try:
        if form:
            export(ledger, config, what, days(since, until), Into(form, output))
        elif what is None:
            for entry in ledger.index.newest():
                click.echo(_row(ledger.line(entry)))
            for kept in {one.manifest.digest: one for one in ledger.batches.every()}.values():
                click.echo(_batch_row(kept))
        elif "#" in what:
            _figure(ledger, read_site(config), what, style, plain=plain)
        else:
            found = ledger.find(what)
            row = ledger.batches.observation(what) if found is None else None
            if row is not None:
                _one(row if raw else msgspec.structs.replace(row, exchanges=()), warc)
                return
            if found is None:
                message = f"{what}: no such observation; `sotokara show` lists some"
                raise click.ClickException(message)
            _one(ledger.observation(found, raw=raw or warc is not None), warc)
    except (LedgerError, MissingExtraError) as error:
        raise click.ClickException(str(error)) from error


def _figure(ledger: Ledger, site: Site, what: str, style: str | None, *, plain: bool) -> None:
    """Show a figure as its page has it, and the list of its observations."""
    found_node = find(site, what, style)
    if found_node:
        now, node = found_node
        what = node.definition.place
        if plain:
            click.echo(as_json(node))
            return
        lang = now.languages[node.definition.page]
        if node.batch is not None:
            click.echo(batch_text(node, lang, now.batches.get(node.batch) or BatchFindings()))
            for kept in ledger.batches.every(node.batch.digest):
                click.echo(_batch_row(kept))
            return
        click.echo(figure_text(node, lang, now.findings))
    names = {one.name for one in ledger.places(what)}
    every = map(ledger.line, ledger.index.every())
    lines = [line for line in every if not names.isdisjoint(line.cited)]
    if not lines and not found_node:
        raise click.ClickException(f"{what}: never asked; it should be page.md#id")
    for line in lines:
        click.echo(_row(line))


def _one(observation: Observation, file: Path | None) -> None:
    """Show an observation; or write what was kept of web pages to a file that is not there yet."""
    if file is None:
        _whole(observation)
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


def _batch_row(kept: Kept) -> str:
    """A batch in a line: when, its name, what it asks, what came of how many."""
    told = kept.manifest
    asked = " ".join(f"{key}: {value}" for key, value in told.definition.items())
    came = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(told.outcomes.items()))
    began = f"{told.first:%Y-%m-%d %H:%M:%S} UTC"
    return visible(f"{began}  {kept.id}-1…{told.rows}  {asked}  {came}")


def _whole(observation: Observation) -> None:
    fields = {
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
    for name, value in fields.items():
        if value:
            plain = value if isinstance(value, str) else msgspec.to_builtins(value)
            text = plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)
            click.echo(f"{name}: {visible(text)}")
    for exchange in observation.exchanges:
        click.echo(f"\n{exchange.step} to {exchange.server} {exchange.protocol}")
        for name, content in (("sent", exchange.sent), ("received", exchange.received)):
            if content and exchange.media_type.startswith("image/"):
                click.echo(f"  {name}: {len(content)} B, SHA-256 {sha256(content).hexdigest()}")
                continue
            for text in (content or b"").decode("utf-8", "backslashreplace").splitlines():
                click.echo(f"  {name}: {visible(text)}")
