"""`python -m tests.lab up | down | status | shell [HOST] | run [--host HOST] -- COMMAND`.

`up` leaves an internet running until `down`; `shell` and `run` use that one, or make one of their
own that ends with them. The default host is the author's computer, `pc`.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NoReturn

import click

from tests.lab.internet import INTERNET
from tests.lab.lab import REPOSITORY, LabError
from tests.lab.names import Internet

_STATE = Path(tempfile.gettempdir()) / f"sotokara-lab-{os.getuid()}.json"
_UP_WITHIN = 30.0


def _running() -> tuple[int, Internet] | None:
    """The internet that `up` left running: its keeper's process id, and a handle on it."""
    try:
        state = json.loads(_STATE.read_text())
        os.kill(state["keeper"], 0)
    except (OSError, ValueError):
        return None
    internet = Internet()
    internet.folder.rmdir()
    internet.folder = Path(state["folder"])
    internet.pids = state["pids"]
    return state["keeper"], internet


def _enter(internet: Internet, host: str, argv: list[str]) -> int:
    return subprocess.run(internet.command(host, argv), check=False).returncode


def _in_some_internet(host: str, argv: list[str]) -> NoReturn:
    running = _running()
    if running is not None:
        sys.exit(_enter(running[1], host, argv))
    with Internet() as internet:
        sys.exit(_enter(internet, host, argv))


@click.group(help=__doc__)
def main() -> None:
    """See the module."""


@main.command()
def up() -> None:
    """Bring an internet up and leave it running."""
    if _running() is not None:
        raise click.ClickException("an internet is up already; `down` ends it")
    keeper = subprocess.Popen(
        [sys.executable, "-m", "tests.lab", "keep"],
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    ends = time.monotonic() + _UP_WITHIN
    while _running() is None:
        if keeper.poll() is not None or time.monotonic() > ends:
            raise click.ClickException("it did not come up")
        time.sleep(0.05)
    click.echo("up; try: python -m tests.lab run -- dig ssl3.gcrest.com")


@main.command(hidden=True)
def keep() -> None:
    """Own the internet that `up` starts, until SIGTERM."""
    with Internet() as internet:
        state = {
            "keeper": os.getpid(),
            "folder": str(internet.folder),
            "pids": internet.pids,
        }
        written = _STATE.with_suffix(f".{os.getpid()}")
        written.write_text(json.dumps(state))
        written.rename(_STATE)
        try:
            signal.sigwait({signal.SIGTERM, signal.SIGINT})
        finally:
            _STATE.unlink(missing_ok=True)


@main.command()
def down() -> None:
    """End the internet that `up` left running."""
    running = _running()
    if running is None:
        click.echo("nothing is up")
        return
    os.kill(running[0], signal.SIGTERM)
    while _STATE.exists() and _running() is not None:
        time.sleep(0.02)
    click.echo("down")


@main.command()
def status() -> None:
    """List the hosts."""
    running = _running()
    for host in INTERNET.hosts:
        pid = running[1].pids.get(host.name, 0) if running else 0
        click.echo(f"{host.name:10} {pid or '-':>8}  {host.addresses[0]:17} {host.purpose}")


@main.command()
@click.argument("host", default="pc")
def shell(host: str) -> None:
    """Open a shell on a host."""
    _in_some_internet(host, [os.environ.get("SHELL", "/bin/sh")])


@main.command()
@click.option("--host", default="pc", show_default=True)
@click.argument("command", nargs=-1, required=True)
def run(host: str, command: tuple[str, ...]) -> None:
    """Run a command on a host: run [--host HOST] -- COMMAND."""
    _in_some_internet(host, list(command))


if __name__ == "__main__":
    # sigwait in `keep` needs the signals blocked before any thread starts.
    if sys.argv[1:] == ["keep"]:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    try:
        main()
    except LabError as error:
        sys.exit(f"lab: {error}")
