"""The site as ``sotokara run`` reads it: mkdocs.yml and the pages' Markdown, without MkDocs.

The same Markdown extensions with the same options render the same text, so a fence is found here
exactly where a build finds it; themes, navigation and plugins have no part in that. Pages that
MkDocs leaves out (``exclude_docs``, ``draft_docs``, drafts of a blog) are left out.
"""

import os
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

import click
import markdown
import pathspec
import yaml

from sotokara.core.settings import Settings, SettingsError
from sotokara.engine.settings import load
from sotokara.findings.changes import day_written
from sotokara.site import build
from sotokara.site.build import Build
from sotokara.site.front_matter import has_no_end, unreadable_front_matter
from sotokara.site.placeholders import is_ours

if TYPE_CHECKING:
    from sotokara.ledger.store import Store

_META = re.compile(r"\A\ufeff?---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_BUILT_IN = ("toc", "tables", "fenced_code")  # what MkDocs itself always adds


class SourcePage(NamedTuple):
    """One page's file: its path below the pages' folder, its whole text, and its front matter."""

    source: str
    text: str
    meta: dict[str, Any]
    unpublished: bool = False
    """A build leaves it out until its day (``draft_if_future_date``)."""


class SiteConfig(NamedTuple):
    """What mkdocs.yml says as far as probes go."""

    root: Path
    config: dict[str, Any]
    file: Path | None = None
    """The mkdocs.yml itself."""

    @property
    def docs(self) -> Path:
        """The pages' folder."""
        return self.root / str(self.config.get("docs_dir", "docs"))

    @property
    def evidence(self) -> Path:
        """The evidence's folder.

        :raises SettingsError: for an unknown or wrong setting.
        """
        return self.root / self.settings().evidence_dir

    def settings(self, **forced: Any) -> Settings:  # noqa: ANN401  # any setting
        """``extra.probes`` and the environment.

        :raises SettingsError: for an unknown or wrong setting.
        """
        extra = self.config.get("extra")
        given = (extra.get("probes") if isinstance(extra, dict) else None) or {}
        theme = self.config.get("theme")
        if isinstance(theme, dict) and isinstance(given, dict):
            given = {"lang": theme.get("language") or "en", **given}
        try:
            return load(given, **forced)
        except SettingsError as error:
            raise error.in_file(self.file) if self.file else error from None

    @property
    def store(self) -> "Store | None":
        """Where rows are kept beside the evidence; None: in it."""
        from sotokara.ledger.store import store_of

        return store_of(self.settings(), self.root)

    def pages(self, unread: list[str] | None = None) -> Iterator[SourcePage]:
        """Every page that a build would publish.

        :raises click.ClickException: for one that cannot be read; not where ``unread`` takes that.
        """
        patterns = [".*", "/templates/"]
        for key in ("exclude_docs", "draft_docs"):
            patterns += str(self.config.get(key) or "").splitlines()
        posts = self._posts()
        excluded = pathspec.GitIgnoreSpec.from_lines(patterns)
        for path in sorted(self.docs.rglob("*.md")):
            source = path.relative_to(self.docs).as_posix()
            if excluded.match_file(source):
                continue
            text = ""
            try:
                text = path.read_text("utf-8-sig")
                match = _META.match(text)
                if match is None and has_no_end(text):
                    raise ValueError(source)  # noqa: TRY301  # as what YAML cannot read
                meta = yaml.safe_load(match[1]) if match else None
            except (OSError, ValueError, yaml.YAMLError) as error:
                where = f"{self.docs.name}/{_why_unread(source, text, error)}"
                if unread is None:
                    raise click.ClickException(where) from error
                unread.append(where)
                continue
            meta = meta if isinstance(meta, dict) else {}
            blog = next((one for one in posts if source.startswith(one)), None)
            if blog is None or not meta.get("draft"):
                later = blog is not None and posts[blog] and "draft" not in meta
                yield SourcePage(source, text, meta, later and _later(meta))

    def _posts(self) -> dict[str, bool]:
        """Where blog plugins' posts are, and whether they leave out those of a day to come."""
        listed = self.config.get("plugins") or []
        pairs = listed.items() if isinstance(listed, dict) else map(_pair, listed)
        folders = {}
        for name, options in pairs:
            if str(name).rpartition("/")[2] == "blog":
                given = options or {}
                blog = str(given.get("blog_dir", "blog"))
                folder = str(given.get("post_dir", "{blog}/posts"))
                path = PurePosixPath(folder.format(blog=blog)).as_posix() + "/"
                folders[path] = bool(given.get("draft_if_future_date"))
        return folders

    def begin(
        self, settings: Settings, unread: list[str] | None = None, *, publishes: bool = False
    ) -> Build:
        """A build of these pages, all read, everything that can be asked under way.

        ``publishes``: what it measures is for readers, so that drafts whose day has come are, too.
        """
        docs = str(self.config.get("docs_dir", "docs"))
        under_way = build.begin(settings, self.root, docs, shown=False)
        under_way.publishes = publishes
        converter = self._converter()
        for page in self.pages(unread):
            converter.reset()
            converter.probe_page = page.source  # type: ignore[attr-defined]
            match = _META.match(page.text)
            html = converter.convert(page.text[match.end() :] if match else page.text)
            lang, written = page.meta.get("lang"), day_written(page.meta)
            if is_ours(html):
                under_way.set_zone(page.source, page.text, page.meta.get("timezone"))
                under_way.set_pin(page.source, page.text, page.meta.get("pin"))
            hidden = page.unpublished
            under_way.read(page.source, page.text, html, lang, written, unpublished=hidden)
        return under_way

    def _converter(self) -> markdown.Markdown:
        names: list[Any] = list(_BUILT_IN)
        options: dict[str, dict[str, Any]] = {}
        listed = self.config.get("markdown_extensions") or []
        for name, given in listed.items() if isinstance(listed, dict) else map(_pair, listed):
            names.append(name)
            if given:
                options[name] = given
        names = list(dict.fromkeys([*names, "sotokara"]))
        return markdown.Markdown(extensions=names, extension_configs=options)


def _why_unread(source: str, text: str, error: Exception) -> str:
    """Where and why a page cannot be read."""
    if isinstance(error, UnicodeError):
        return f"{source}:1: the file is not in UTF-8; save it in UTF-8"
    if isinstance(error, OSError):
        return f"{source}:1: the file cannot be read: {error.strerror}"
    found = next(iter(unreadable_front_matter(source, text)), None)
    return str(found or f"{source}:1: the front matter cannot be read")


def _later(meta: dict[str, Any]) -> bool:
    """Whether a post is of a day that has not come."""
    day = meta.get("date")
    day = day.get("created") if isinstance(day, dict) else day
    if isinstance(day, date) and not isinstance(day, datetime):
        day = datetime.combine(day, time(), UTC)
    if not isinstance(day, datetime):
        return False
    return day.replace(tzinfo=day.tzinfo or UTC) > datetime.now(UTC)


def _pair(listed: Any) -> tuple[str, Any]:  # noqa: ANN401  # a name, or a name and its options
    """One entry of a list in mkdocs.yml: a bare name, or a name with options."""
    return next(iter(listed.items())) if isinstance(listed, dict) else (listed, None)


class _Loader(yaml.UnsafeLoader):
    """YAML with MkDocs' ``!ENV`` and Python tags: the author's own file, trusted as MkDocs does."""


def _environment(loader: _Loader, node: yaml.Node) -> Any:  # noqa: ANN401  # whatever it says
    """``!ENV NAME`` or ``!ENV [NAME, …, default]``."""
    if isinstance(node, yaml.ScalarNode):
        names, default = [str(loader.construct_scalar(node))], None
    else:
        assert isinstance(node, yaml.SequenceNode)  # noqa: S101  # YAML has no third way here
        *names, default = loader.construct_sequence(node)
    for name in names:
        if name in os.environ:
            return yaml.safe_load(os.environ[name])
    return default


_Loader.add_constructor("!ENV", _environment)
_Loader.add_constructor("!relative", lambda _loader, _node: None)


def read_site(file: Path) -> SiteConfig:
    """Read mkdocs.yml, and what it inherits.

    :raises click.UsageError: when there is none.
    :raises click.ClickException: when it is no YAML mapping.
    """
    try:
        return SiteConfig(file.resolve().parent, _read(file), file)
    except OSError as error:
        message = f"{file}: {error.strerror}; go to the folder of mkdocs.yml, or name it with -f"
        raise click.UsageError(message) from error
    except yaml.YAMLError as error:
        raise click.ClickException(f"{file}: {error}") from error


def _read(file: Path) -> dict[str, Any]:
    config = yaml.load(file.read_text("utf-8"), _Loader)  # noqa: S506  # the author's own file
    if not isinstance(config, dict):
        raise click.ClickException(f"{file}: no mapping; it should begin with site_name: …")
    parent = config.pop("INHERIT", None)
    return _merged(_read(file.parent / parent), config) if parent else config


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    both = dict(base)
    for key, value in over.items():
        inner = both.get(key)
        merge = isinstance(inner, dict) and isinstance(value, dict)
        both[key] = _merged(inner, value) if merge else value  # type: ignore[arg-type]
    return both


config_file = click.option(
    "-f",
    "--config-file",
    "config",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("mkdocs.yml"),
    show_default=True,
    help="The site's mkdocs.yml.",
)
"""The option that every command has."""
