"""``sotokara run``: measure what the pages ask, and keep it, without building the site."""

import contextlib
import logging
import signal
import sys
import threading
import time
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import click

from sotokara.cli import completion
from sotokara.cli.figures import once
from sotokara.core.display import visible
from sotokara.core.durations import seconds
from sotokara.core.observation import Outcome
from sotokara.core.places import TEST_NETWORKS
from sotokara.core.settings import Settings, SettingsError
from sotokara.ledger import LedgerError
from sotokara.site import report
from sotokara.site.publish import Publication
from sotokara.site.read_site import SiteConfig, config_file, read_site


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


def _places(_context: click.Context, _option: click.Parameter, value: str | None) -> list[str]:
    return [one.strip() for one in (value or "").split(",") if one.strip()]


@click.command(short_help="Measure what the pages ask, or one KIND:TARGET.")
@click.argument("asked", required=False, metavar="[KIND:TARGET]", shell_complete=completion.kinds)
@click.option(
    "--style",
    metavar="NAME",
    shell_complete=completion.styles,
    help="With KIND:TARGET: how it is written.",
)
@click.option("--json", "plain", is_flag=True, help="With KIND:TARGET: the facts, for programs.")
@config_file
@click.option("--every", callback=_duration, metavar="15m", help="Measure again and again.")
@click.option(
    "--times", type=click.IntRange(1), help="With --every: end after so many rounds.", default=None
)
@click.option(
    "--fail-on",
    "fail_on",
    type=click.Choice(["silence", "no_answer", "not_measured"]),
    multiple=True,
    help="Exit 3 where nothing answered at all, a target did not, or one was not measured.",
)
@click.option(
    "--places",
    callback=_places,
    metavar="A,B",
    shell_complete=completion.places,
    help="Ask at these places alone.",
)
def run(  # noqa: PLR0913, PLR0917  # its options
    asked: str | None,
    config: Path,
    every: float | None,
    times: int | None,
    style: str | None,
    fail_on: tuple[str, ...],
    places: list[str],
    *,
    plain: bool,
) -> None:
    """Measure every probe of the site once and keep what was seen; build nothing.

    With KIND:TARGET, look that up, keep nothing, and print the definition to paste.

    \b
    sotokara run
    sotokara run dns:example.com --style dig
    sotokara run --every 15m
    sotokara run --places fra,tokyo

    For cron and scheduled workflows. Raw answers are kept when something changed and once a day;
    facts always. SIGTERM and Ctrl-C stop at once; what was complete is kept. With --every, SIGHUP
    begins the next round at once, and what cannot be read or asked is named and left out.
    """
    _refuse(asked, bool(every or fail_on or places), times and not every, style or plain)
    if asked:
        once(asked, read_site(config) if config.is_file() else None, style, plain=plain)
        return
    failed = False
    with _stoppable() as again, _telling():
        for _ in range(times or sys.maxsize) if every else range(1):
            began = time.monotonic()
            again.clear()
            try:
                failed = _once(config, fail_on, places, lenient=every is not None) or failed
            except Exception as error:  # whatever an author has half written, or a disk refuses
                if not every:
                    raise
                _log(error)
            if every is not None and times != 1:
                times = times and times - 1
                again.wait(max(0.0, every - (time.monotonic() - began)))
    if failed:
        raise SystemExit(3)


def _refuse(asked: str | None, rounds: object, times: object, written: object) -> None:
    """:raises click.UsageError: for options that do not go together."""
    message = ""
    if asked and (rounds or times):
        message = "--every, --times, --fail-on and --places go without KIND:TARGET"
    elif not asked and written:
        message = "--style and --json go with KIND:TARGET; a figure's: `sotokara show PAGE#ID`"
    elif times:
        message = "--times goes with --every"
    if message:
        raise click.UsageError(message)


def _log(error: Exception) -> None:
    """Say what stopped a round; the next one tries again."""
    said = error.message if isinstance(error, click.ClickException) else str(error)
    name = (
        ""
        if isinstance(error, click.ClickException | LedgerError | SettingsError)
        else (f"{type(error).__name__}: ")
    )
    moment = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
    click.echo(f"{moment} Error: {visible(name + said)}; the next round tries again", err=True)


def _settings(site: SiteConfig, places: list[str]) -> Settings:
    """The site's settings, kept to some places.

    :raises click.UsageError: where there is no place of that name.
    """
    settings = site.settings(only=places) if places else site.settings()
    known = {*settings.places, settings.vantage, *TEST_NETWORKS}
    if unknown := [one for one in places if one not in known]:
        message = f"no place is called {unknown[0]}; known: {', '.join(sorted(known))}"
        raise click.UsageError(message)
    return settings


def _once(config: Path, fail_on: Collection[str], places: list[str], *, lenient: bool) -> bool:
    """One round: the pages are read anew, so that new definitions are asked too.

    ``lenient``: what has a mistake is named and left out, all else is asked. Whether it failed by
    what the author has named in ``fail_on``.
    """
    site = read_site(config)
    unread: list[str] | None = [] if lenient else None
    now = site.begin(_settings(site, places), unread, publishes=True)
    try:
        with report.progress() as show:
            mistakes = now.finish(show, lenient=lenient)
    finally:
        now.run.stop()
    if mistakes and not lenient:
        raise click.ClickException("\n".join(mistakes))
    for mistake in (*(unread or ()), *mistakes):
        click.echo(f"not asked: {visible(mistake)}", err=True)
    if now.lists:
        Publication(now, {}, "", "").note_changes()
    click.echo(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC")
    for line in (*report.summary(now.kept), *report.batches(now.run.file.batches)):
        click.echo(line)
    for line in report.waiting(now.run.moved):
        click.echo(line)
    if now.run.file.path:
        click.echo(f"kept in {now.run.file.path.relative_to(site.root)}")
    came = {one.outcome for one in now.kept}
    silent = bool(came) and Outcome.ANSWERED not in came
    return bool(came & {Outcome(one) for one in fail_on if one != "silence"}) or (
        "silence" in fail_on and silent
    )


class _Announcer(logging.Handler):
    """Prints what is to be known while it happens, such as credits that are going to be spent."""

    def emit(self, record: logging.LogRecord) -> None:
        for line in self.format(record).splitlines():
            click.echo(visible(line), err=True)


@contextlib.contextmanager
def _telling() -> Iterator[None]:
    """The log's lines on stderr, as a build of MkDocs shows them."""
    log, told = logging.getLogger("mkdocs.sotokara"), _Announcer(logging.INFO)
    before = log.level
    log.addHandler(told)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(told)
        log.setLevel(before)


@contextlib.contextmanager
def _stoppable() -> Iterator[threading.Event]:
    """SIGTERM and Ctrl-C end what is under way, what was complete is kept; SIGHUP ends a pause."""
    again = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> Any:  # noqa: ANN401  # never returns
        raise _Stopped

    before = signal.signal(signal.SIGTERM, stop)
    hang_up = getattr(signal, "SIGHUP", None)  # Windows has none
    earlier = signal.signal(hang_up, lambda *_: again.set()) if hang_up else None
    try:
        yield again
    except (_Stopped, KeyboardInterrupt):
        click.echo("stopped; what was complete is kept", err=True)
    finally:
        signal.signal(signal.SIGTERM, before)
        if hang_up:
            signal.signal(hang_up, earlier)
