"""Build the blog inside the lab: every probe is live, and nothing outside this machine is asked.

`python -m tests.lab.demo [--site-dir DIR] [--keep]`
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import click

from tests.lab.lab import REPOSITORY, LabError
from tests.lab.whole import WholeInternet


@click.command(help=__doc__)
@click.option(
    "--site-dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=REPOSITORY / "site",
    help="Where the pages go.",
)
@click.option(
    "--keep",
    is_flag=True,
    help="Measure only what is marked `from: lab`, and keep the evidence in evidence/.",
)
@click.argument("options", nargs=-1)
def main(site_dir: Path, *, keep: bool, options: tuple[str, ...]) -> None:
    """Bring the internet up, run `mkdocs build` on the author's computer, say where to look."""
    click.echo("Making an internet of network namespaces …")
    try:
        with WholeInternet() as internet, tempfile.TemporaryDirectory() as folder:
            environment = internet.settings()
            if keep:
                environment["SOTOKARA_ONLY"] = "[lab]"
            else:
                # The lab's answers for names of the real internet are nobody's evidence.
                environment["SOTOKARA_EVIDENCE_DIR"] = folder
            command = internet.command(
                "pc",
                [sys.executable, "-m", "mkdocs", "build", "-d", str(site_dir.resolve()), *options],
                cwd=REPOSITORY,
                env=environment,
            )
            code = subprocess.run(command, check=False).returncode
    except LabError as error:
        sys.exit(
            f"The demo could not make its test network: {error}\n"
            "It needs Linux, the packages of tests/system-packages, and root or user namespaces."
        )
    if code:
        sys.exit(code)
    click.echo(f"Done. Everything was measured in the test network. Open {site_dir}/index.html")


if __name__ == "__main__":
    main()
