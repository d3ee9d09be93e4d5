"""What a build publishes beside its articles: the evidence itself and the pages about it.

``Publication.account`` gives the content of the site-wide pages; ``publish`` writes the evidence,
the feeds, the reader's verifier, and a page for each observation that is or was shown:
``/evidence/<id>/``.
"""

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from sotokara.core.display import visible
from sotokara.core.places import SANDBOX
from sotokara.engine.figure import Figure
from sotokara.findings.changes import Change
from sotokara.findings.claims import Claim
from sotokara.findings.evaluate import Findings
from sotokara.ledger import Ledger, RunLine
from sotokara.ledger import verify as verifier
from sotokara.ledger.lines import NEWER
from sotokara.ledger.published import append_entries, present_name, published
from sotokara.ledger.seals import SealHead, head
from sotokara.render.observation_page import FigurePlace, SiteContext
from sotokara.render.site_pages import (
    NO_TITLES,
    Listed,
    changes_feeds,
    changes_html,
    claims_html,
    claims_json,
    evidence_html,
    newest,
    page_title,
)
from sotokara.site import report
from sotokara.site.batch_files import write_rows
from sotokara.site.build import Build
from sotokara.site.observation_pages import ObservationPages, ShownFigure
from sotokara.site.publish_files import copied, listed
from sotokara.site.publish_list import kept_changes, new_entries
from sotokara.site.site_timeline import site_timeline

PAGES = {"claims.md": "claims", "changes.md": "changes", "evidence/index.md": "evidence"}
"""The site-wide pages: their files, and the word that is their title."""


class Account(NamedTuple):
    """What a build has to say beside its figures."""

    pages: dict[str, str]
    """The HTML of each site-wide page, by file."""
    feet: dict[str, str]
    """The claims of each article that makes some, for its foot."""
    datasets: dict[str, list[dict[str, str]]]
    """What each page's figures show, as schema.org's Datasets."""
    head: SealHead
    drifted: list[str]
    """Lines for the log."""
    broken: list[str]
    indoors: list[str]
    """The same of figures from the sandbox, whose claims are no author's: they fail no build."""
    strange: list[str]
    """What lies in the evidence's folder and is none, or cannot be read."""


class Publication:
    """One build's evidence on its way out. ``links``: page's source → its path below the site's."""

    def __init__(
        self,
        build: Build,
        links: Mapping[str, str],
        address: str,
        title: str,
        titles: Mapping[str, str] = NO_TITLES,
    ) -> None:
        """``titles``: of the pages, by their files."""
        self._build, self._title, self._titles = build, title, titles
        self._shown = {
            figure.node.definition.place: _shown(figure, build, links, titles)
            for figure in build.plan.figures()
        }
        self._links = {place: build.base + one.link for place, one in self._shown.items()}
        self._address = address or build.base
        self._ledger: Ledger = build.run.ledger
        found = build.found()
        self._found = [one for one in found if not one[0].node.definition.unpublished]
        self._known = published(self._ledger.folder)
        self._pages = links
        self._told: list[Change] | None = None
        self._seen: dict[str, list[str]] = {}
        for figure, _ in self._found:
            for shown in (figure.now, figure.last, figure.node.then):
                if shown is not None:
                    self._seen.setdefault(shown.id, []).append(figure.node.definition.place)
        self._claimed: dict[str, list[tuple[Figure, Claim]]] = {}
        for figure, one in self._claims():
            self._claimed.setdefault(figure.node.definition.page, []).append((figure, one))

    def account(self, languages: Mapping[str, str]) -> Account:
        """What the finished build has to say; ``languages``: those of its pages.

        :raises LedgerError: when the evidence cannot be read.
        """
        self._build.show_times_of()
        feet = {page: self.foot(page, lang) for page, lang in languages.items()}
        return Account(
            self.pages(self._build.settings.lang),
            {page: foot for page, foot in feet.items() if foot},
            self._datasets(),
            self.head,
            [*report.drifted(self._found), *self._newer(), *self._unproved()],
            report.broken((one for one in self._found if not _indoors(one)), self._build.docs),
            report.broken(filter(_indoors, self._found), self._build.docs),
            list(self._strange()),
        )

    def _strange(self) -> Iterator[str]:
        folder = self._build.settings.evidence_dir
        for name, why in self._there[1].items():
            yield visible(f"{folder}/{name}: extra: {why}; it is not published; remove it")
        for run in self._build.seals.altered():
            yield visible(f"{folder}: {run}: altered: not what was sealed; see `sotokara verify`")
        for name, why in self._unread():
            if NEWER not in why:
                yield visible(f"{folder}/{name}: cannot be read: {why}")

    def _unread(self) -> Iterator[tuple[str, str]]:
        yield from self._ledger.index.unread()
        yield from self._ledger.unread.items()

    def _newer(self) -> Iterator[str]:
        """What a newer version has kept: nothing is wrong with it, and the figures say so."""
        found = [(name, why) for name, why in self._unread() if NEWER in why]
        if found:
            folder, many = self._build.settings.evidence_dir, len(found)
            line = f"{folder}/{found[0][0]}: cannot be read: {found[0][1]}"
            yield visible(f"{line}, and {many - 1} more" if many > 1 else line)

    def _unproved(self) -> Iterator[str]:
        """Facts that nobody can read again: a later reader may be stricter than theirs was."""
        folder, names = self._build.settings.evidence_dir, sorted(self._ledger.unproved)
        if names:
            more = f", and {len(names) - 1} more" if names[1:] else ""
            line = f"{folder}/{names[0]}{more}: the raw cannot be read, so the facts stand alone"
            yield visible(line)

    @cached_property
    def _there(self) -> tuple[list[str], dict[str, str]]:
        """What lay in the ledger before this build told of it; when it is copied, see there."""
        return listed(self._ledger.folder)

    @cached_property
    def head(self) -> SealHead:
        """The newest seal; a build makes none."""
        return head(self._ledger.folder)

    def pages(self, lang: str) -> dict[str, str]:
        """The HTML of each site-wide page."""
        base = self._build.base
        return {
            "claims.md": claims_html(list(self._claims()), self._links, base, lang, self._titles),
            "changes.md": self._timeline()
            + changes_html(self._changes(), self._links, base, lang, self._titles),
            "evidence/index.md": evidence_html(
                list(map(self._listed, self._cited())),
                (self.head, len(self._there[0])),
                (base, self._address),
                lang,
            ),
        }

    def _timeline(self) -> str:
        return site_timeline(self._build, self._found, self._links, self._titles)

    def _listed(self, line: RunLine) -> Listed:
        shown = next(iter(self._places(line)), None)
        place = FigurePlace(self._build.base + shown.link, shown.title) if shown else None
        return Listed(line, self._ledger.observation(line), place)

    def _places(self, line: RunLine) -> list[ShownFigure]:
        """The figures that show an observation, by today's names: asked for it, or have it now."""
        began = round(line.start.timestamp() * 1000)
        cited = [present_name(place, began, self._ledger.moves) for place in line.cited]
        names = dict.fromkeys([*cited, *self._seen.get(line.id, ())])
        return [self._shown[one] for one in names if one in self._shown]

    def _datasets(self) -> dict[str, list[dict[str, str]]]:
        """Each page's observations; without what is not published."""
        found: dict[str, dict[str, dict[str, str]]] = {}
        for figure, _ in self._found:
            place = figure.node.definition.place
            of_page = found.setdefault(figure.node.definition.page, {})
            for shown in (figure.now or figure.last, figure.node.then):
                if shown and shown.id and not self._ledger.is_aside(shown.id):
                    url = f"{self._address}evidence/{shown.id}/"
                    named = {"@type": "Dataset", "@id": url, "url": url}
                    of_page.setdefault(shown.id, named | {"name": self._shown[place].title})
        return {page: list(every.values()) for page, every in found.items()}

    def foot(self, page: str, lang: str) -> str:
        """The claims of one article, for its foot; nothing where it makes none."""
        own = self._claimed.get(page)
        base, titles = self._build.base, self._titles
        return claims_html(own, self._links, base, lang, titles, own=True) if own else ""

    def _claims(self) -> Iterator[tuple[Figure, Claim]]:
        for figure, findings in self._found:
            for claim in findings.claims:
                yield figure, claim

    def _changes(self) -> list[Change]:
        if self._told is None:
            own = [one for _, findings in self._found for one in findings.changes]
            hidden = self._build.settings.redact
            self._told = [*own, *kept_changes(self._ledger, self._known, own, hidden)]
        return self._told

    def note(self, pages: Mapping[str, str]) -> None:
        """Add to the list in the ledger what this build publishes; ``pages``: file → path.

        Nothing of the sandbox: its pages are this build's alone.

        :raises LedgerError: when the evidence cannot be read or kept.
        """
        self._add(pages, self._named())

    def note_changes(self) -> None:
        """Add what a run has found changed, and no other observation: it publishes nothing.

        Rounds of a minute would else give each answer an address for ever.

        :raises LedgerError: when the evidence cannot be read or kept.
        """
        self._add({}, self._both_sides())

    def unlisted(self) -> int:
        """How many observations have a page now, and nothing that keeps it for later builds."""
        return len(set(self._beyond_lines(self._named())) - self._known.ids)

    def _beyond_lines(self, names: Iterable[str]) -> Iterator[str]:
        """Those whose lines do not say that they are shown; without what is this build's alone."""
        shown = {entry.id for entry in self._ledger.index.shown()}
        aside = self._ledger.is_aside
        return (name for name in names if name and name not in shown and not aside(name))

    def _add(self, pages: Mapping[str, str], ids: Iterable[str]) -> None:
        aside = self._ledger.is_aside
        changes = [one for one in newest(self._changes()) if one.figure is not None]
        own = [one for one in changes if not aside(one.before_id) and not aside(one.after_id)]
        new = new_entries(self._known, pages, self._beyond_lines(ids), own)
        append_entries(self._ledger.folder, list(new))

    def publish(self, site: Path, theirs: AbstractSet[str]) -> None:
        """Write everything below the site; ``theirs``: what others write among the evidence.

        :raises LedgerError: when the evidence cannot be read.
        """
        folder, target = self._ledger.folder, site / "evidence"
        target.mkdir(parents=True, exist_ok=True)
        sums = "".join(copied(folder, target, theirs))
        (target / "SHA256SUMS").write_text(sums, "utf-8", newline="\n")  # for sha256sum -c
        newest = self.head
        told = {"number": newest.number, "hash": newest.hash}
        (target / "head.json").write_text(json.dumps(told) + "\n", "utf-8")
        shutil.copyfile(verifier.__file__, target / "verify.py")
        lang = self._build.settings.lang
        for old in target.glob("*Z-*"):  # pages are made anew: none is believed for being there
            shutil.rmtree(old) if old.is_dir() and not old.is_symlink() else old.unlink()
        self._write_pages(target, self._cited())
        write_rows(self._build, target)
        feeds = changes_feeds(self._changes(), self._links, self._address, self._title, lang)
        claims = claims_json(list(self._claims()), self._links, self._address)
        (site / "claims").mkdir(exist_ok=True)
        (site / "claims" / "claims.json").write_text(claims, "utf-8")
        for name, text in feeds.items():
            (site / "changes").mkdir(exist_ok=True)
            (site / "changes" / name).write_text(text, "utf-8")

    def preview(self, site: Path) -> None:
        """Write the pages that this build's own pages link to."""
        names = [name for name in dict.fromkeys(self._named()) if name]
        lines = filter(None, map(self._ledger.find, names))
        self._write_pages(site / "evidence", lines)

    def _write_pages(self, target: Path, lines: Iterable[RunLine]) -> None:
        seal = self.head
        short = f"{seal.number} {seal.hash[:16]}…" if seal.number else ""
        licence = self._build.settings.data_licence
        site = SiteContext(self._title, self._address, short, licence)
        pages = ObservationPages(self._build, self._places, site)
        pages.draw(self._found)
        pages.write(target, lines)

    def _cited(self) -> Iterator[RunLine]:
        shown = [one for one in self._ledger.index.shown() if not self._ledger.is_aside(one.id)]
        names = {entry.id: self._ledger.line(entry) for entry in shown}
        yield from names.values()
        for name in dict.fromkeys([*self._named(), *self._known.ids]):
            if name and name not in names and (line := self._ledger.find(name)):
                yield line

    def _both_sides(self) -> Iterator[str]:
        for change in newest(self._changes()):
            yield from (change.before_id, change.after_id)

    def _named(self) -> Iterator[str]:
        yield from self._both_sides()
        for figure, findings in self._found:
            for shown in (figure.now, figure.last):
                yield shown.id if shown else ""
            for claim in findings.claims:
                yield from (claim.held_id, claim.since_id)
            if drift := findings.drift:
                yield from (drift.then.id, drift.same_id, drift.changed_id)


def _shown(
    figure: Figure, build: Build, links: Mapping[str, str], titles: Mapping[str, str]
) -> ShownFigure:
    definition = figure.node.definition
    anchor = f"#probe-{definition.id or definition.token[:8]}"
    title = page_title(definition.place, titles)
    if called := definition.common.title or definition.id:
        title = f"{title}: {visible(called)}"
    link = links.get(definition.page, "") + anchor
    page = definition.page
    return ShownFigure(link, title, definition.style, build.languages[page], page)


def _indoors(found: tuple[Figure, Findings]) -> bool:
    return found[0].place == SANDBOX
