"""The command ``sotokara``: measure, look at, verify, seal and redact evidence without a build."""

import click

from probes import __version__
from probes.cli.importing import importing
from probes.cli.new import new
from probes.cli.redact import redact
from probes.cli.run import run
from probes.cli.seal import seal, verify
from probes.cli.show import show


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="sotokara")
def main() -> None:
    """Measurements inside articles: the evidence behind a blog."""


for command in (new, run, show, seal, verify, redact, importing):
    main.add_command(command)
