"""The newsroom: one repository, the clones of three authors, and one that measures in Tokyo."""

import json
import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import yaml

from tests.sites import ROOT
from tests.years.clock import Clock
from tests.years.hand import Hand, StoryError, git
from tests.years.posts import Figure, Post
from tests.years.world import BEGIN, VIEWS

EDITOR, AUTHORS, TOKYO = "kei", ("kei", "mio", "sam"), "tokyo"
DAY = timedelta(days=1)
_IGNORED = "site/\n.cache/\n.drafts/\n.sotokara.key*\n"


class Newsroom:
    """Who does what, where, and when."""

    def __init__(self, folder: Path, clock: Clock, servers: list[str]) -> None:
        self.folder, self.clock, self.hand = folder, clock, Hand()
        self.posts: list[Post] = []
        self.redact: list[str] = []
        self.when = BEGIN
        self.chance = random.Random(16)  # noqa: S311  # the same story each time
        self.published: set[str] = set()
        """Every address that a site has had, below its root."""
        self.withdrawn: set[str] = set()
        self.versions: dict[str, Callable[[], object]] = {}
        """Of a clone: what makes its Sotokara another version."""
        self.secrets: dict[str, str] = {}
        """Of a clone: the key that it is given in its environment."""
        self._servers = dict(zip(VIEWS, servers, strict=True))
        self._begin()

    def clone(self, name: str) -> Path:
        """Somebody's clone."""
        return self.folder / name

    def _begin(self) -> None:
        self.clock.set(self.when)
        self.folder.mkdir(parents=True, exist_ok=True)
        git(self.folder, "init", "-q", "--bare", "-b", "main", "origin.git")
        git(self.folder, "clone", "-q", "origin.git", EDITOR)
        editor = self.clone(EDITOR)
        git(editor, "checkout", "-q", "-b", "main")
        (editor / ".gitignore").write_text(_IGNORED, "utf-8")
        (editor / "evidence").mkdir()
        shutil.copy(ROOT / "probes/sotokara/cli/start/gitattributes", editor / ".gitattributes")
        (editor / "docs/posts").mkdir(parents=True)
        people = {
            one: {"name": one, "description": "writes", "avatar": "https://a.example/a.png"}
            for one in AUTHORS
        }
        authors = yaml.safe_dump({"authors": people})
        (editor / "docs/posts/.authors.yml").write_text(authors, "utf-8")
        (editor / "docs/index.md").write_text("# A blog\n", "utf-8")
        self.settings()
        self.commit(EDITOR, "Begin")
        git(editor, "push", "-q", "-u", "origin", "main")
        for name in (*AUTHORS[1:], TOKYO):
            git(self.folder, "clone", "-q", "origin.git", name)

    def settings(self) -> None:
        """Write mkdocs.yml as it is by now, in the editor's clone."""
        blog = {
            "blog_dir": ".",
            "post_dir": "posts",
            "post_url_format": "posts/{file}",
            "draft_if_future_date": True,
            "authors_file": "posts/.authors.yml",
            "pagination_per_page": 10,
        }
        probes = {
            "timeout": 5,
            "redact": self.redact,
            "per_server": 64,
            "places": {TOKYO: {"engine": "build"}},
        }
        config = {
            "site_name": "Ten years",
            "site_url": "https://blog.example/",
            "theme": {"name": "material", "font": False},
            "plugins": [{"blog": blog}],
            "hooks": [str(ROOT / "hooks" / f"{one}.py") for one in ("figures", "evidence")],
            "markdown_extensions": ["pymdownx.superfences", "sotokara"],
            "extra": {"probes": probes},
        }
        (self.clone(EDITOR) / "mkdocs.yml").write_text(yaml.safe_dump(config), "utf-8")

    def at(self, year: int, month: int, day: int = 0) -> None:
        """It is this month of the story by now, and this day of it."""
        moment = BEGIN + timedelta(days=365 * year + 30 * month + day)
        if moment < self.when:
            message = f"{moment} is before {self.when}"
            raise StoryError(message)
        self.when = moment
        self.clock.set(moment)

    def later(self, **time: float) -> None:
        """Some time passes."""
        self.when += timedelta(**time)
        self.clock.set(self.when)

    # What people do in their clones

    def do(
        self,
        name: str,
        *words: str,
        code: int | None = 0,
        environ: Mapping[str, str] | None = None,
    ) -> str:
        """A command in somebody's clone, at their place, with their version."""
        view = TOKYO if name == TOKYO else "author"
        server = f'["{self._servers[view]}"]'
        given = {
            "SOTOKARA_VANTAGE": view,
            "SOTOKARA_RESOLVERS": server,
            "SOTOKARA_CONTROL": json.dumps({"dns": [self._servers[view]]}),
            "NO_MKDOCS_2_WARNING": "1",
            "SOTOKARA_KEY": self.secrets.get(name, ""),
            **(environ or {}),
        }
        before = self.versions.get(name)
        return self.hand.do(self.clone(name), words, given, code=code, before=before)

    def commit(self, name: str, what: str) -> None:
        """Whatever has changed in somebody's clone."""
        git(self.clone(name), "add", "-A")
        git(self.clone(name), "commit", "-q", "--allow-empty", "-m", what)

    def pull(self, name: str) -> None:
        """Take what the others have pushed, where that goes without a merge."""
        git(self.clone(name), "pull", "-q", "--ff-only", "origin", "main")

    def push(self, name: str) -> None:
        """To the main branch."""
        git(self.clone(name), "push", "-q", "origin", "HEAD:main")

    def measure(self, name: str, *, seal: bool = True) -> str:
        """`run`, and mostly `seal`; the script notes what was asked and what came."""
        view = TOKYO if name == TOKYO else "author"
        said = self.do(name, "sotokara", "run")
        for figure in self.figures(lambda post: post.asks):
            figure.ask(view, self.when)
        if seal:
            self.do(name, "sotokara", "seal")
        self.commit(name, f"Evidence of {self.when:%Y-%m-%d}")
        return said

    def write(self, name: str, posts: list[Post]) -> None:
        """Write these posts' files."""
        for post in posts:
            file = self.clone(name) / "docs" / post.file
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(post.text(), "utf-8")

    def figures(self, of: Callable[[Post], bool]) -> Iterator[Figure]:
        """The figures of such posts."""
        return (figure for post in self.posts if of(post) for figure in post.figures)

    def some(self, many: int, of: Callable[[Post], bool]) -> list[Post]:
        """So many posts of that kind, or as many as there are."""
        found = [post for post in self.posts if not post.gone and of(post)]
        return self.chance.sample(found, min(many, len(found)))

    def publish(self, name: str) -> None:
        """Build from what is kept, as the workflow does, and note every address of the site."""
        listed = {"SOTOKARA_MODE": "replay", "SOTOKARA_LIST_PUBLISHED": "true"}
        self.do(name, "mkdocs", "build", "-q", environ=listed)
        self.note(name)
        self.commit(name, "The addresses of a build")

    def note(self, name: str) -> None:
        """Every address of the site that somebody has just built."""
        site = self.clone(name) / "site"
        self.published |= {
            path.relative_to(site).as_posix()
            for path in site.rglob("*.html")
            if path.name != "404.html"
        }

    def weight(self, folder: str) -> str:
        """How large a folder of the editor's clone is."""
        files = [one for one in (self.clone(EDITOR) / folder).rglob("*") if one.is_file()]
        size = sum(one.stat().st_size for one in files) / 1e6
        return f"{folder} {len(files)} files of {size:.1f} MB"

    def packed(self) -> float:
        """What git's history of it is, packed, MB."""
        git(self.folder / "origin.git", "gc", "-q")
        packs = (self.folder / "origin.git" / "objects/pack").glob("*.pack")
        return sum(one.stat().st_size for one in packs) / 1e6
