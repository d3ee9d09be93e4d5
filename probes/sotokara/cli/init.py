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
from sotokara.core.settings import Settings
from sotokara.definitions.definition import read_definition
from sotokara.kinds import KINDS
from sotokara.site.read_site import read_site
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
    article = (_START / "docs/posts/who-answers.md").read_text("utf-8")
    kind = article.partition("```probe\n")[2].partition(":")[0]
    _, mistakes = read_definition(yaml.safe_dump({kind: about}), "--about", 0, "0")
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


# `sotokara init --existing`: the plugin in a site's own mkdocs.yml, and nothing else in it.

NAMES = ("mkdocs.yml", "mkdocs.yaml", "properdocs.yml", "properdocs.yaml")
_KEY = r"^(?P<head>plugins:[ \t]*(?:#[^\n]*)?\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*)"
_LIST = re.compile(_KEY + r"(?P<indent>[ \t]*)(?=- )", re.MULTILINE)
_MAPPING = re.compile(_KEY + r"(?P<indent>[ \t]+)(?=[^\s#-])", re.MULTILINE)
_INLINE = re.compile(r"^(?P<head>plugins:[ \t]*\[)(?P<names>[^\[\]{}]*)\]", re.MULTILINE)
_BRACES = re.compile(r"^(?P<head>plugins:[ \t]*\{)(?P<names>[^{}]*)\}", re.MULTILINE)
_EMPTY = re.compile(
    r"^plugins:[ \t]*(?:~|null)?[ \t]*(?P<remark>#[^\n\r]*)?(?=\r?\n(?![ \t]*-)|\Z)", re.MULTILINE
)
_INHERIT = re.compile(
    r"^INHERIT:[ \t]*['\"]?(?P<parent>[^'\"#\r\n]+?)['\"]?[ \t]*(?:#.*)?$", re.MULTILINE
)


def add_plugin(folder: Path) -> None:
    """Name the plugin, and let git leave its cache alone.

    :raises click.UsageError: where there is no site.
    :raises click.ClickException: where its settings are written in a way that is not known here.
    """
    file = next((folder / one for one in NAMES if (folder / one).is_file()), folder / NAMES[0])
    listed = read_site(file).config.get("plugins")
    if "sotokara" in _names(listed):
        click.echo(f"{file} has the plugin already")
        return
    where = _holder(file)
    before = where.read_bytes().decode("utf-8")
    end = "\r\n" if "\r\n" in before else "\n"
    where.write_bytes(_added(before, end).encode("utf-8"))
    if not _is_there(file, listed):
        where.write_bytes(before.encode("utf-8"))
        hint = "`sotokara: {}`" if isinstance(listed, dict) else "`- sotokara`"
        raise click.ClickException(f"{where}: could not add to its plugins; write {hint} there")
    click.echo(f"{where}: added the plugin `sotokara`")
    ignored = folder / ".gitignore"
    lines = ignored.read_text("utf-8").splitlines() if ignored.exists() else []
    if not {".cache", ".cache/", "/.cache/"} & set(lines):
        ignored.write_text("\n".join([*lines, "/.cache/", ""]), "utf-8")
        click.echo(f"{ignored}: added /.cache/")
    click.echo("Now write a definition into a page: https://sotokara.example/guide/")


def _names(listed: Any) -> list[str]:  # noqa: ANN401  # whatever mkdocs.yml says
    if isinstance(listed, dict):
        return list(listed)
    return [next(iter(one)) if isinstance(one, dict) else str(one) for one in listed or []]


def _holder(file: Path) -> Path:
    """The file in which the plugins stand: this one, or the one that it inherits them from."""
    text = file.read_text("utf-8")
    if re.search(r"^plugins:", text, re.MULTILINE):
        return file
    inherited = _INHERIT.search(text)
    parent = file.parent / inherited["parent"] if inherited else None
    if parent is None or not parent.is_file():
        return file
    holder = _holder(parent)
    return holder if re.search(r"^plugins:", holder.read_text("utf-8"), re.MULTILINE) else file


def _added(text: str, end: str) -> str:
    """The text with the plugin; as it was, where its plugins are written otherwise."""
    if not re.search(r"^plugins:", text, re.MULTILINE):
        return f"{text.rstrip()}{end}{end}plugins:{end}  - search{end}  - sotokara{end}"
    for form, entry in ((_LIST, "- sotokara"), (_MAPPING, "sotokara: {}")):
        if found := form.search(text):
            line = f"{found['head']}{found['indent']}{entry}{end}"
            return f"{text[: found.start()]}{line}{found['indent']}{text[found.end() :]}"
    for form, entry, close in ((_INLINE, "sotokara", "]"), (_BRACES, "sotokara: {}", "}")):
        if found := form.search(text):
            within = _within(found, entry, close)
            return f"{text[: found.start()]}{within}{text[found.end() :]}"
    if found := _EMPTY.search(text):  # MkDocs then takes `search` alone
        head = f"plugins: {found['remark']}" if found["remark"] else "plugins:"
        return f"{text[: found.start()]}{head}{end}  - search{end}  - sotokara{text[found.end() :]}"
    return text


def _within(match: re.Match[str], entry: str, close: str) -> str:
    """Between brackets, behind the others; a list over several lines keeps its lines."""
    names = match["names"]
    bare = names.rstrip().rstrip(",")
    tail = names[len(names.rstrip()) :]
    return f"{match['head']}{bare}{', ' if bare.strip() else ''}{entry}{tail}{close}"


def _is_there(file: Path, before: Any) -> bool:  # noqa: ANN401
    """Whether the plugin stands beside the same others as before."""
    try:
        now = _names(read_site(file).config.get("plugins"))
    except click.ClickException:
        return False
    others = _names(before) if before is not None else ["search"]
    return "sotokara" in now and [one for one in now if one != "sotokara"] == others
