"""``sotokara import``: a pasted terminal session or post becomes the draft of an article."""

from pathlib import Path

import click

from probes.cli.site import config_file, read_site
from probes.importer import About, draft
from probes.readers.pasted import TooLarge, decode
from probes.transcript import when


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("-o", "--output", help="The draft's file; - prints it. By default posts/NAME.md.")
@click.option("--title", default="", help="The article's title; by default the text's first line.")
@click.option("--observed", default="", help="When the listings were made: 2006, 2006-05, a day.")
@click.option("--source", default="", help="Whence the text is: an address or a title.")
@click.option("--archived", default="", help="The address of a kept copy.")
@click.option("--lang", default="", help="The page's language; by default what it looks like.")
@config_file
def importing(  # noqa: PLR0913, PLR0917  # one parameter an option
    files: tuple[Path, ...],
    output: str | None,
    title: str,
    observed: str,
    source: str,
    archived: str,
    lang: str,
    config: Path,
) -> None:
    """Read a terminal session or a whole post; write the draft of an article that builds."""
    if observed:
        try:
            when(observed)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--observed") from error
    text = "\n".join(_read(file) for file in files)
    made = draft(text, About(title, observed, source, archived, lang))
    if not made.definitions:
        names = ", ".join(map(str, files))
        raise click.ClickException(
            f"{names}: no listing of a tool that is known; known are dig, host, nslookup, tracert, "
            "traceroute, mtr, whois, SMTP dialogues and delivery reports"
        )
    if output == "-":
        click.echo(made.text, nl=False)
        return
    path = Path(output) if output else read_site(config).docs / "posts" / f"{files[0].stem}.md"
    if path.exists():
        raise click.ClickException(f"{path} is there already; name another file with -o")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(made.text, "utf-8")
    click.echo(f"{path}: {made.definitions} definitions, each with its transcript")
    if made.kept:
        click.echo(f"{made.kept} listings do not say what they are about, and were left as text")


def _read(file: Path) -> str:
    try:
        return decode(file.read_bytes())
    except TooLarge as error:
        raise click.ClickException(f"{file}: {error}") from error
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
