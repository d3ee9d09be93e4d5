"""``sotokara new`` and ``sotokara import``: articles to begin with."""

import re
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import click
import yaml
from pymdownx.slugs import slugify

from sotokara.cli import completion
from sotokara.core.labels import labels
from sotokara.definitions.definition import read_definition
from sotokara.kinds import KINDS
from sotokara.kinds.shared.terminal.pasted import TooLarge, decode
from sotokara.site.read_site import SiteConfig, config_file, read_site
from sotokara.transcripts.importer import ImportSource, draft
from sotokara.transcripts.transcript import when

_FENCE = "```"
_LONGEST_NAME = 80
"""Characters of a file's name: a Japanese letter is three bytes, a name at most 255."""
_RESERVED = re.compile(r"con|prn|aux|nul|com\d|lpt\d")
"""Devices on Windows, with any ending: no file there can be called so."""


@click.command(short_help="Write an article that builds, with what it asks.")
@click.argument("title")
@click.option("--lang", metavar="CODE", help="The article's language, where it is not the site's.")
@click.option("--category", "categories", multiple=True, metavar="NAME", help="May be repeated.")
@click.option(
    "--ask",
    "asked",
    multiple=True,
    metavar="KIND:TARGET",
    shell_complete=completion.kinds,
    help="A definition to begin with; may be repeated.",
)
@config_file
def new(
    title: str, lang: str | None, categories: tuple[str, ...], asked: tuple[str, ...], config: Path
) -> None:
    """Write an article called TITLE, with a place for everything it should say.

    \b
    sotokara new "Late mail" --ask dns:example.com --ask smtp:example.com
    sotokara new "メールが届かない" --lang ja
    """
    site = read_site(config)
    spaced = re.sub(r"[\s./_:]+", " ", title)  # names keep their parts apart
    name = str(slugify(case="lower")(spaced, "-"))[:_LONGEST_NAME].strip("-")
    if _RESERVED.fullmatch(name):
        name = f"{name}-1"
    if not name:
        raise click.UsageError(f"{title!r} gives no file name; use a letter or a digit")
    names: set[str] = set()
    definitions = [_definition(one, names) for one in asked]
    path = site.docs / posts_folder(site.config) / f"{name}.md"
    if path.exists():
        raise click.UsageError(f"{path} exists already; choose another title")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_text(title, lang, categories, definitions, _site_language(site)), "utf-8")
    click.echo(path)


def posts_folder(config: dict[str, Any]) -> PurePosixPath:
    """Where the blog plugin looks for articles, below the pages' folder."""
    listed = config.get("plugins") or []
    for one in listed.items() if isinstance(listed, dict) else listed:
        pair = next(iter(one.items())) if isinstance(one, dict) else one
        name, options = pair if isinstance(pair, tuple) else (pair, {})
        if name in ("blog", "material/blog"):
            options = options or {}
            blog = PurePosixPath(str(options.get("blog_dir", "blog")))
            return blog / str(options.get("post_dir", "{blog}/posts")).replace("{blog}/", "")
    return PurePosixPath("posts")


def _definition(asked: str, names: set[str]) -> str:
    """A fence for ``KIND:TARGET``, with an id that is not among ``names`` yet.

    :raises click.UsageError: when it is none, with what is wrong.
    """
    kind, _, target = asked.partition(":")
    if kind not in KINDS or not target:
        known = ", ".join(KINDS)
        raise click.UsageError(f"--ask {asked}: write kind:target, with one of {known}")
    definition = {kind: target, "id": _name(kind, target, names)}
    text = yaml.safe_dump(definition, allow_unicode=True, sort_keys=False).strip()
    _, mistakes = read_definition(text, "--ask", 0, "0")
    if mistakes:
        raise click.UsageError(f"--ask {asked}: {mistakes[0].what}; {mistakes[0].hint}")
    return f"{_FENCE}probe\n{text}\n{_FENCE}\n"


def _name(kind: str, target: str, names: set[str]) -> str:
    """An id by which a figure keeps its past: the target's first label, or its kind."""
    label = re.sub(r"[^A-Za-z0-9]", "", re.split(r"[.@:/]", target)[0])
    base = label if label[:1].isalpha() else kind
    name, number = base, 1
    while name in names:
        number += 1
        name = f"{base}_{number}"
    names.add(name)
    return name


def _site_language(site: SiteConfig) -> str:
    theme = site.config.get("theme")
    return str(theme.get("language") or "en") if isinstance(theme, dict) else "en"


def _text(
    title: str, lang: str | None, categories: tuple[str, ...], definitions: list[str], site: str
) -> str:
    words = labels(lang or site)
    head: dict[str, Any] = {"date": datetime.now(UTC).date()}
    if lang:
        head["lang"] = lang
    if categories:
        head["categories"] = list(categories)
    blocks = "\n".join(f"!!! {one}\n\n    {words['to_write']}\n" for one in ("methods", "limits"))
    heading = " ".join(title.split())
    parts = [
        f"---\n{yaml.safe_dump(head, allow_unicode=True, sort_keys=False)}---\n",
        f"# {heading}\n",
        f"{words['to_write']}\n",
        "<!-- more -->\n",
        *definitions,
        blocks,
    ]
    return "\n".join(parts)


@click.command("import", short_help="Make an article of an old post or terminal session.")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
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
    made = draft(text, ImportSource(title, observed, source, archived, lang))
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
        raise click.UsageError(f"{path} is there already; name another file with -o")
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
