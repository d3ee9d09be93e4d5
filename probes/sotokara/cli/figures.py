"""Figures in the terminal, as a page shows them: the site's own, or one look-up without a page."""

import json
import tempfile
from pathlib import Path

import click
import msgspec

from sotokara.definitions.definition import Definition, read_definition
from sotokara.engine.figure import Node
from sotokara.engine.settings import load
from sotokara.kinds import KINDS
from sotokara.render.figure import figure_text
from sotokara.site import build, report
from sotokara.site.build import Build
from sotokara.site.export import short_names
from sotokara.site.read_site import SiteConfig


def find_figure(site: SiteConfig, what: str, style: str | None) -> tuple[Build, Node] | None:
    """The definition at ``page.md#id`` (or ``page#id``), shown from the evidence; with its build.

    :raises click.ClickException: when its kind has no such style, or several pages have that name.
    """
    now = site.begin(site.settings(mode="replay"))
    now.finish(lenient=True)
    page, _, name = what.partition("#")
    found = []
    for node in now.plan.nodes.values():
        of, _, own = node.definition.place.partition("#")
        if node.definition.place == what:
            found = [node]
            break
        if page in short_names(of) and name == own:
            found.append(node)
    if not found:
        return None
    if len(found) > 1:
        places = ", ".join(sorted(node.definition.place for node in found))
        raise click.ClickException(f"{what}: several pages have that name; write one of {places}")
    if style:
        found[0].definition = styled(found[0].definition, style)
        for figure in found[0].figures or ():
            if figure.question:
                now.run.recall.show(figure, now.run.recall.seen(figure))
    return now, found[0]


def defined(site: SiteConfig, what: str) -> bool:
    """Whether a page of this name, or its figure (``page#id``), is defined, observed or not."""
    now = site.begin(site.settings(mode="replay"))
    now.finish(lenient=True)
    page, _, place = what.partition("#")
    for node in now.plan.nodes.values():
        of, _, name = node.definition.place.partition("#")
        if page in (of, *short_names(of)) and place in ("", name):
            return True
    return False


def styled(definition: Definition, style: str) -> Definition:
    """The same definition in another style.

    :raises click.UsageError: when its kind has no such style.
    """
    kind = definition.kind
    if style not in kind.styles:
        known = ", ".join(kind.styles)
        raise click.UsageError(f"{kind.name} has no style {style!r}; it has {known}")
    common = msgspec.structs.replace(definition.common, style=style)
    return msgspec.structs.replace(definition, common=common)


def as_json(node: Node) -> str:
    """A definition's figures for programs: what was asked, how it came out, the facts.

    ``volatile`` is what is shown and not compared: of a path the time of each reply (``replies``,
    by hop), and each address's name, AS and network (``hosts``).
    """
    figures = []
    for figure in node.figures or ():
        seen = figure.now or figure.last
        failure = figure.failure or (figure.now.failure if figure.now else None)
        entry = {
            "target": figure.target,
            "asked": figure.question.identity() if figure.question else None,
            "outcome": failure.outcome if failure else seen and seen.outcome,
            "failure": failure,
            "id": seen.id if seen else None,
            "observed": seen.start if seen else None,
            "took": seen.duration if seen else None,
            "vantage": seen.vantage.name if seen else None,
            "facts": figure.facts,
            "volatile": seen.volatile if seen else {},
        }
        figures.append(entry)
    return json.dumps(msgspec.to_builtins(figures), indent=2)  # in ASCII: nothing hides


def once(asked: str, site: SiteConfig | None, style: str | None, *, plain: bool) -> None:
    """Look up ``kind:target``, keep nothing, and say it as a page would.

    :raises click.UsageError: when it is no definition.
    """
    kind, _, target = asked.partition(":")
    if kind not in KINDS or not target:
        raise click.UsageError(f"{asked}: write kind:target, with one of {', '.join(KINDS)}")
    source = msgspec.yaml.encode({kind: target}).decode().strip()
    definition, mistakes = read_definition(source, "-", 1, "once")
    if definition is None:
        raise click.UsageError(f"{asked}: {mistakes[0].what}; {mistakes[0].hint}")
    if style:
        definition = styled(definition, style)
    with tempfile.TemporaryDirectory() as folder:
        given = site.settings if site else load
        settings = given(mode="live", max_age=0, evidence_dir=folder, only=[])
        now = build.begin(settings, Path(folder), shown=False)
        now.run.add([definition])
        with report.progress() as show:
            now.finish(show)
        (node,) = now.plan.nodes.values()
        click.echo(
            as_json(node) if plain else figure_text(node, settings.lang, now.findings), nl=plain
        )
    if not plain:
        click.echo(f"\n```probe\n{source}\n```")
