"""``sotokara init``: a blog of one's own in a new folder, or figures in a site that is there."""

import re
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec
import yaml

from sotokara import __version__
from sotokara.cli.existing import add_plugin
from sotokara.core.settings import Settings
from sotokara.definitions.definition import read_definition
from sotokara.kinds import KINDS
from sotokara.site.reference import docs

_START = Path(__file__).parent / "start"
_FILES = {
    "mkdocs.yml": "mkdocs.yml",
    "README.md": "README.md",
    "gitattributes": ".gitattributes",
    "gitignore": ".gitignore",
    "docs/index.md": "docs/index.md",
    "docs/posts/who-answers.md": "docs/posts/who-answers.md",
    "workflows/evidence.yml": ".github/workflows/evidence.yml",
    "workflows/publish.yml": ".github/workflows/publish.yml",
}
"""What a blog begins with: file here → file there."""


@click.command(short_help="Make a blog in FOLDER, or add figures to the site there.")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--about",
    default="example.com",
    metavar="NAME",
    show_default=True,
    help="The name that the first article is about.",
)
@click.option("--title", help="The blog's title; by default the folder's name.")
@click.option("--lang", default="en", show_default=True, metavar="CODE", help="Its language.")
@click.option("--existing", is_flag=True, help="Add figures to the MkDocs site that is in FOLDER.")
def init(folder: Path, about: str, title: str | None, lang: str, *, existing: bool) -> None:
    """Make a blog in FOLDER, with one article to begin with.

    \b
    sotokara init my-blog --about example.com
    sotokara init --existing .
    """
    if existing:
        add_plugin(folder)
        return
    if folder.exists() and any(one.name != ".git" for one in folder.iterdir()):
        raise click.UsageError(
            f"{folder} is not empty; name a new folder, or use --existing for a site that is there"
        )
    _, mistakes = read_definition(yaml.safe_dump({"dns": about}), "--about", 0, "0")
    if mistakes:
        raise click.UsageError(f"--about {about}: {mistakes[0].what}; {mistakes[0].hint}")
    given = {
        "TITLE": (title or folder.resolve().name).replace('"', "'"),
        "HOST": f"{re.sub('[^a-z0-9-]+', '-', folder.resolve().name.lower()).strip('-')}.example",
        "LANG": lang,
        "ABOUT": about,
        "TODAY": datetime.now(UTC).date().isoformat(),
        "SETTINGS": "\n".join(_settings()),
    }
    for source, target in _FILES.items():
        text = (_START / source).read_text("utf-8")
        path = folder / target
        path.parent.mkdir(parents=True, exist_ok=True)
        filled = re.sub("@([A-Z]+)@", lambda match: given[match[1]], text)
        path.write_text(filled, "utf-8")
        click.echo(path)
    (folder / "requirements.txt").write_text(f"sotokara~={__version__}\n", "utf-8")
    click.echo(folder / "requirements.txt")
    click.echo(f"\nNow: cd {folder} && mkdocs serve")


def _settings() -> Iterator[str]:
    """Every setting at its default, as a comment with the sentence that the guide has."""
    texts = docs(Settings)
    for field in msgspec.structs.fields(Settings):
        if field.name != "of_kinds":
            yield from _setting(field.name, _default(field), texts.get(field.name, ""))
    for name, kind in KINDS.items():
        if kind.settings is not None:
            yield f"  #   {name}: # {' '.join((kind.settings.__doc__ or '').split())}"
            inner = docs(kind.settings)
            for field in msgspec.structs.fields(kind.settings):
                default = _default(field)
                if default is not None:
                    yield from _setting(f"  {field.name}", default, inner.get(field.name, ""))


def _setting(name: str, value: Any, text: str) -> Iterator[str]:  # noqa: ANN401  # any default
    written = yaml.safe_dump(msgspec.to_builtins(value), default_flow_style=True, width=1000)
    indent = " " * (len(name) - len(name.lstrip()))
    for line in textwrap.wrap(text.replace("`", ""), 88 - len(indent)):
        yield f"  #   {indent}# {line}"
    yield f"  #   {name}: {written.replace('...', '').strip()}"


def _default(field: msgspec.structs.FieldInfo) -> Any:  # noqa: ANN401
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    if isinstance(field.default, float) and field.default.is_integer():
        return int(field.default)
    return field.default
