"""The command ``sotokara``: measure, look at, verify, seal and redact evidence without a build."""

import sys
from io import TextIOWrapper
from typing import Any

import click

from sotokara import __version__
from sotokara.cli.drafts import importing, new
from sotokara.cli.init import init
from sotokara.cli.mv import mv
from sotokara.cli.prove import prove
from sotokara.cli.run import run
from sotokara.cli.seal import key, redact, seal
from sotokara.cli.show import show
from sotokara.cli.status import status
from sotokara.cli.verify import verify
from sotokara.core.extras import MissingExtraError
from sotokara.core.settings import SettingsError
from sotokara.ledger import LedgerError
from sotokara.ledger.signing import verifier_hash


class _Commands(click.Group):
    """The commands. What an author, a disk or a missing extra is to blame for is said in a line."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  # click's own
        """Run one; any other exception is a mistake of ours, and shown as it is."""
        try:
            return super().invoke(ctx)
        except (LedgerError, MissingExtraError, SettingsError) as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(
    __version__,
    prog_name="sotokara",
    message=f"%(prog)s, version %(version)s\nverify.py, SHA-256 {verifier_hash()}",
)
def main() -> None:
    """Measurements inside articles: the evidence behind a blog."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and stream.encoding.lower().replace("-", "") != "utf8":
            stream.reconfigure(errors="backslashreplace")  # a Windows code page lacks most signs


for command in (
    init, new, run, show, seal, verify, prove, redact, key, importing, mv, status,
):  # fmt: skip
    main.add_command(command)
