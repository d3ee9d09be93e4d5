"""``sotokara run``: measure what the pages ask, and keep it, without building the site."""

import contextlib
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import click

from sotokara.cli.figures import once
from sotokara.core.durations import seconds
from sotokara.core.settings import SettingsError
from sotokara.ledger import LedgerError
from sotokara.site import report
from sotokara.site.publish import Publication
from sotokara.site.read_site import config_file, read_site


class _Stopped(BaseException):
    """SIGTERM came."""


def _duration(_context: click.Context, _option: click.Parameter, value: str | None) -> float | None:
    if value is None:
        return None
    try:
        every = seconds(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    if every < 1:
        raise click.BadParameter("at least 1s")
    return every


@click.command()
@click.argument("asked", required=False, metavar="[KIND:TARGET]")
@click.option("--style", metavar="NAME", help="With KIND:TARGET: how it is written.")
@click.option("--json", "plain", is_flag=True, help="With KIND:TARGET: the facts, for programs.")
@config_file
@click.option("--every", callback=_duration, metavar="15m", help="Measure again and again.")
@click.option(
    "--times", type=click.IntRange(1), help="With --every: end after so many rounds.", default=None
)
def run(  # noqa: PLR0913  # its options
    asked: str | None,
    config: Path,
    every: float | None,
    times: int | None,
    style: str | None,
    *,
    plain: bool,
) -> None:
    """Measure every probe of the site once and keep what was seen; build nothing.

    With KIND:TARGET, look that up, keep nothing, and print the definition to paste.

    \b
    sotokara run
    sotokara run dns:example.com --style dig
    sotokara run --every 15m

    For cron and scheduled workflows. Raw answers are kept when something changed and once a day;
    facts always. SIGTERM and Ctrl-C stop at once; what was complete is kept.
    """
    if asked:
        try:
            once(asked, read_site(config) if config.is_file() else None, style, plain=plain)
        except SettingsError as error:
            raise click.ClickException(str(error)) from error
        return
    rounds = times if every else 1
    with _stoppable():
        while True:
            began = time.monotonic()
            try:
                _once(config)
            except (LedgerError, SettingsError) as error:
                if not every:
                    raise click.ClickException(str(error)) from error
                click.echo(f"Error: {error}", err=True)
            rounds = rounds - 1 if rounds else None
            if rounds == 0 or every is None:
                return
            time.sleep(max(0.0, every - (time.monotonic() - began)))


def _once(config: Path) -> None:
    """One round: the pages are read anew, so that new definitions are asked too."""
    site = read_site(config)
    now = site.begin(site.settings(), publishes=True)
    try:
        with report.progress() as show:
            mistakes = now.finish(show)
    finally:
        now.run.stop()
    if mistakes:
        raise click.ClickException("\n".join(mistakes))
    if now.lists:
        Publication(now, {}, "", "").note({})
    click.echo(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC")
    for line in report.summary(now.kept):
        click.echo(line)
    if now.run.file.path:
        click.echo(f"kept in {now.run.file.path.relative_to(site.root)}")


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    """SIGTERM and Ctrl-C end what is under way; what was complete is kept."""

    def stop(_number: int, _frame: FrameType | None) -> Any:  # noqa: ANN401  # never returns
        raise _Stopped

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except (_Stopped, KeyboardInterrupt):
        click.echo("stopped; what was complete is kept", err=True)
    finally:
        signal.signal(signal.SIGTERM, before)
