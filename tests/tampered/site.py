"""A small site over a ledger written by hand, replayed in this process."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sotokara.core.observation import Observation
from sotokara.engine.figure import Figure
from sotokara.findings.evaluate import Findings
from sotokara.site.build import Build
from sotokara.site.read_site import read_site

from tests.tampered import keep, observation

DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(days: float, *addresses: str, failure: str = "", vantage: str = "author") -> Observation:
    """What ssl3.example.com was, so many days after 1 March 2026, noon."""
    start = DAY + timedelta(days=days)
    return observation(
        "ssl3.example.com", *addresses, failure=failure, start=start, vantage=vantage
    )


def site(
    folder: Path, *observations: Observation, text: str = "", date: str = "2026-03-03"
) -> Path:
    """A site with one article over runs of one observation each."""
    for one in observations:
        keep(folder / "evidence", one)
    posts = folder / "docs" / "posts"
    posts.mkdir(parents=True, exist_ok=True)
    front = f"---\ndate: {date}\n---\n" if date else ""
    (posts / "a.md").write_text(f"{front}# A\n\n{fence(text)}\n", "utf-8")
    (folder / "mkdocs.yml").write_text("site_name: t\nmarkdown_extensions: [sotokara]\n", "utf-8")
    return folder


def fence(text: str = "") -> str:
    return f"```probe\ndns: ssl3.example.com\nid: ssl3\n{text}```\n"


def replay(folder: Path, **settings: object) -> tuple[Build, list[str]]:
    """The site's build, finished without a socket, and the mistakes in it."""
    read = read_site(folder / "mkdocs.yml")
    build = read.begin(read.settings(**{"mode": "replay", **settings}))
    return build, build.finish()


def figure(folder: Path, **settings: object) -> Figure:
    """The one figure."""
    return _found(folder, **settings)[0]


def findings(folder: Path, **settings: object) -> Findings:
    """What all observations of the one figure say."""
    return _found(folder, **settings)[1]


def _found(folder: Path, **settings: object) -> tuple[Figure, Findings]:
    build, mistakes = replay(folder, **settings)
    assert not mistakes
    (one,) = build.found()
    return one


def html(folder: Path, **settings: object) -> str:
    """The figure as the page has it."""
    build, mistakes = replay(folder, **settings)
    assert not mistakes
    ((page, token),) = build.plan.nodes
    placeholder = f'<div class="probe-fence" data-probe="{token}"></div>'
    return build.fill(page, placeholder)
