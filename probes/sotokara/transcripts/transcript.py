"""Transcripts: an old terminal's output in a definition → an observation of origin ``transcript``.

It has the facts that the text states, under the same names as measured ones; when it was made, to
whatever precision that is known; whence it comes; and the lines that nobody could read. Nowhere is
it called measured, and it never stands for a measurement.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from sotokara import __version__
from sotokara.core.canonical import canonical, digest, facts_object, raw_object
from sotokara.core.misfit import misfit, said_where
from sotokara.core.mistakes import AuthorError
from sotokara.core.observation import Exchange, Facts, Observation, Outcome, Vantage
from sotokara.core.page_files import file_beside_page
from sotokara.core.said import said
from sotokara.core.settings import Settings
from sotokara.definitions.definition import Definition
from sotokara.engine.figure import Node
from sotokara.engine.plan import Plan
from sotokara.kinds.interface import Kind
from sotokara.kinds.shared.terminal.interface import Listing
from sotokara.ledger import Ledger, Writer, read_lines
from sotokara.masking.redaction import Redactor
from sotokara.transcripts.compare import changed
from sotokara.transcripts.session import listings

__all__ = [
    "Transcript",
    "Transcripts",
    "changed",
    "observe",
    "read_listing",
    "read_transcript",
    "when",
]

ORIGIN = "transcript"
"""The origin, and the vantage's name, of what was typed in."""
_FORMS = ("%Y", "%Y-%m", "%Y-%m-%d", "%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M:%S%z")
_UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
_PATH = re.compile(r"[\w./-]+\.\w{1,8}")
_MOST_UNREAD = 200


class Transcript(NamedTuple):
    """A definition's transcript before it is read."""

    definition: Definition
    text: str
    moment: datetime


def when(text: str) -> datetime:
    """The beginning of the time that ``observed:`` names: a year, month, day or moment with zone.

    :raises ValueError: for anything else; says how to write it.
    """
    plain = re.sub(r"(\d) +(?=[+-])", r"\1", text.strip()).replace(" ", "T", 1)
    plain = re.sub(r"Z$", "+00:00", plain)
    for form in _FORMS:
        try:
            moment = datetime.strptime(plain, form)  # noqa: DTZ007  # those without %z are whole days
        except ValueError:
            continue
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    message = said(
        "{!r} is no date: write 2006, 2006-05, 2006-05-21 or 2006-05-21T10:53+09:00", text
    )
    raise ValueError(message)


def read_transcript(  # noqa: C901  # one branch a mistake
    definition: Definition, pages: Path
) -> tuple[Transcript | None, list[AuthorError]]:
    """A definition's transcript, from the block or from the file that it names beside the article.

    ``pages`` is the folder of the site's pages: no file outside it is ever read, nor through links.
    """
    common = definition.common
    mistakes = []

    def wrong(what: str, hint: str) -> None:
        mistakes.append(AuthorError(definition.page, definition.line, what, hint))

    text = common.transcript or ""
    if _PATH.fullmatch(text.strip()) and "\n" not in text.strip():
        from sotokara.kinds.shared.terminal.pasted import (  # only where there is a transcript
            TooLarge,
            decode,
        )

        path = file_beside_page(pages, definition.page, text.strip())
        try:
            if path is None:
                wrong(
                    said("the transcript {} is no file of the site's pages", text.strip()),
                    said("put the listing's file below docs/, itself and not a link"),
                )
                return None, mistakes
            text = decode(path.read_bytes())
        except TooLarge as error:
            wrong(said("the transcript {}: {}", text.strip(), error), said("keep only the listing"))
        except OSError as error:
            wrong(
                said("the transcript {} cannot be read: {}", text.strip(), error.strerror),
                said("write the listing into the definition, or its file's path from the article"),
            )
    elif len(text) > 1 << 20:
        wrong(said("the transcript has {} characters", len(text)), said("keep only the listing"))
    elif not text.strip():
        wrong(said("the transcript is empty"), said("write the listing below `transcript: |`"))
    moment = _UNDATED
    if common.observed is not None:
        try:
            moment = when(str(common.observed))
        except ValueError as error:
            wrong(
                said("observed: {}", error),
                said("write when it was made, as exactly as it is known"),
            )
        if moment > datetime.now(UTC) + timedelta(days=1):
            wrong(
                said("observed: {} is in the future", common.observed),
                said("write when it was made"),
            )
    try:
        if common.says:
            corrected(None, common.says, definition.kind.facts)
    except ValueError as error:
        wrong(
            said("says: {}", error), said("write facts as the kind's page of the guide names them")
        )
    if mistakes:
        return None, mistakes
    return Transcript(definition, text, moment), []


def observe(transcript: Transcript, target: str, redactor: Redactor) -> Observation:
    """The observation that a transcript is.

    ``target``: what the definition is about, where the text itself does not say.
    """
    definition = transcript.definition
    text = transcript.text
    text = redactor.text(definition.kind.mask_listing(text, definition.options))
    listing, unread = read_listing(text, definition.kind, redactor.text(target))
    about = target
    if listing and listing.target and not speaks_of(listing, redactor.text(target)):
        about = listing.target
    question, identity = _identity(definition, about)
    identity = redactor.plain(identity)
    common = definition.common
    volatile: dict[str, Any] = {
        "observed": "" if common.observed is None else str(common.observed),
        "source": common.source or "",
        "archived": common.archived or "",
        "unread": [[number, line] for number, line in unread],
    }
    if listing:
        said_so = listing.said
        if listing.facts is not None:
            said_so = tuple(definition.kind.stated_by_listing(listing.facts, said_so))
        volatile |= {"tool": listing.tool, "said": sorted(said_so)}
        volatile["remarks"] = [[one.line, one.remark] for one in listing.remarks]
        volatile["masked"] = len(listing.masked)
        volatile["doubts"] = list(listing.doubted)
    failure = listing.failure if listing else None
    facts = listing.facts if listing else None
    if common.says:
        says = redactor.plain(common.says)
        facts, failure = corrected(facts, says, definition.kind.facts), None
        said = {*volatile.get("said", ()), *says}
        volatile |= {"said": sorted(said), "says": sorted(says)}
    return Observation(
        digest=digest(canonical(identity)),
        definition=identity,
        start=transcript.moment,
        outcome=failure.outcome if failure else Outcome.ANSWERED,
        vantage=Vantage(
            ORIGIN, f"sotokara {__version__}, reader {listing.tool if listing else '-'}"
        ),
        version=question.version if question else definition.kind.version,
        failure=failure,
        facts=facts,
        volatile={key: value for key, value in volatile.items() if value not in ("", [], 0)},
        exchanges=(
            Exchange(
                ORIGIN,
                common.source or "",
                "text",
                received=text.encode("utf-8", "replace"),
                media_type="text/plain; charset=utf-8",
            ),
        ),
        origin=ORIGIN,
    )


def read_listing(
    text: str, kind: type[Kind], target: str = ""
) -> tuple["Listing | None", list[tuple[int, str]]]:
    """The listing of a kind in a text, and every line of the text that was not read.

    Of several listings the one about ``target`` is meant, else the first.
    """
    from sotokara.kinds.shared.terminal.pasted import lines

    found = listings(text, kind.name, kind.asked_of_listing(target))
    chosen = next((one for one in found if speaks_of(one, target)), found[0] if found else None)
    unread: list[tuple[int, str]] = []
    for line in lines(text):
        inside = chosen is not None and chosen.first <= line.number <= chosen.last
        if line.text.strip() and not inside and len(unread) < _MOST_UNREAD:
            below = line.given.split("\n", _MOST_UNREAD)[:_MOST_UNREAD]
            unread += [(line.number + at, one.strip()) for at, one in enumerate(below)]
    if chosen:
        unread = sorted({*unread, *chosen.unread})
    return chosen, unread[:_MOST_UNREAD]


def speaks_of(listing: "Listing", target: str) -> bool:
    """Whether a listing is about a target, by name or by address."""
    names = {listing.target.lower(), str(getattr(listing.facts, "address", "")).lower()}
    return target.lower().removesuffix(".") in names - {""}


def _identity(definition: Definition, target: str) -> tuple[Kind | None, dict[str, Any]]:
    try:
        question = definition.question(target)
    except ValueError:
        return None, {
            definition.kind.name: target or definition.template.text,
            **definition.options,
        }
    return question, question.identity()


class Transcripts:
    """The transcripts of one build. ``pages``: the folder of the pages."""

    def __init__(self, settings: Settings, ledger: Ledger, pages: Path) -> None:
        self._settings, self._ledger, self._pages = settings, ledger, pages
        self._taken: dict[tuple[str, str], Transcript] = {}

    def take(self, definition: Definition) -> list[AuthorError]:
        """Take in a definition's transcript, if it has one; the mistakes in it."""
        common = definition.common
        if common.transcript is None:
            return [
                AuthorError(
                    definition.page,
                    definition.line,
                    said("{} belongs to a transcript, and there is none", key),
                    said("write the listing below `transcript: |`, or leave it out"),
                )
                for key in common.of_transcript[:1]
            ]
        transcript, mistakes = read_transcript(definition, self._pages)
        if transcript is not None:
            self._taken[definition.page, definition.token] = transcript
        return mistakes

    def read_all(self, plan: Plan) -> list[AuthorError]:
        """Read them all, give them to their nodes, keep what is new; what an author should look at.

        :raises LedgerError: when the evidence cannot be read or kept.
        """
        warnings = []
        read: list[tuple[Observation, list[str]]] = []
        for key, transcript in self._taken.items():
            if (node := plan.nodes.get(key)) is None:
                continue
            redactor = Redactor([*self._settings.redact, *node.definition.hidden])
            node.then = observe(transcript, _target(node), redactor)
            if not node.definition.unpublished:
                read.append((node.then, [transcript.definition.place]))
            if warning := _about_another(transcript.definition, node.then, redactor):
                warnings.append(warning)
        ids = self._keep(read)
        for node in plan.nodes.values():
            if node.then is not None and (
                name := ids.get(_key(node.then.digest, _Kept(node.then)))
            ):
                node.then = msgspec.structs.replace(node.then, id=name)
        return warnings

    def _keep(self, read: list[tuple[Observation, list[str]]]) -> dict[tuple[object, ...], str]:
        """Write what is new; the ids of all that are kept."""
        if not read:
            return {}
        kept: dict[tuple[object, ...], str] = {}
        for path in sorted((self._ledger.folder / "runs").glob(f"*/*/*/*-{ORIGIN}-*.jsonl")):
            kept |= {_key(line.digest, line): line.id for line in read_lines(path)}
        if self._settings.mode == "replay":
            return kept
        new = {_key(one.digest, _Kept(one)): (one, cited) for one, cited in read}
        new = {key: pair for key, pair in new.items() if key not in kept}
        if new:
            writer = Writer(self._ledger, ORIGIN)
            writer.append(new.values())
            writer.close()
            ids = writer.kept()
            kept |= {key: ids[id(one)].id for key, (one, _) in new.items()}
        return kept


class _Kept:
    """An observation's digests as a run's line has them."""

    def __init__(self, observation: Observation) -> None:
        facts, raw = facts_object(observation), raw_object(observation)
        self.facts = digest(facts) if facts else None
        self.raw = digest(raw) if raw else None
        self.start, self.volatile = observation.start, observation.volatile


def _key(question: str, line: Any) -> tuple[object, ...]:  # noqa: ANN401  # a Line, or what is like one
    rest = msgspec.json.encode(line.volatile, order="deterministic")
    return question, line.facts, line.raw, line.start, rest


def _target(node: Node) -> str:
    """What the definition is about: its own text, else the first figure's target."""
    template = node.definition.template
    if not template.references:
        return template.text
    figures = [figure for figure in node.figures or [] if figure.question is not None]
    return figures[0].target if figures else ""


def _about_another(
    definition: Definition, then: Observation, redactor: Redactor
) -> AuthorError | None:
    """A transcript whose own words name another target than the definition does."""
    if definition.template.references or not then.facts:
        return None
    wanted = redactor.text(_identity_target(definition, definition.template.text))
    about = str(then.definition.get(definition.kind.name, ""))
    if wanted in (about, getattr(then.facts, "address", "")) or not about:
        return None
    what = said("the transcript is about {}, the definition about {}", about, wanted)
    return AuthorError(definition.page, definition.line, what, said("correct one of them"))


def _identity_target(definition: Definition, text: str) -> str:
    try:
        return definition.question(text).target
    except ValueError:
        return text


# `says:`: what an author reads in a transcript, put in place of our reading of it.
#
# The facts are the author's from then on: the observation names them, and the page marks them.


def corrected(facts: Facts | None, says: Mapping[str, Any], form: type[Facts]) -> Facts:
    """The facts with the author's in place of those that were read, if any were.

    :raises ValueError: for a name or a value that the kind's facts do not have; says which.
    """
    names = form.__struct_fields__
    for name in says:
        if name not in names:
            message = said("{!r} is no fact of this kind: {}", name, ", ".join(names))
            raise ValueError(message)
    whole = msgspec.to_builtins(facts) if facts is not None else _empty(form)
    try:
        return msgspec.convert({**whole, **says}, form)
    except msgspec.ValidationError as error:
        found = misfit({**whole, **says}, form, "says")
        raise ValueError(said("{}; {}", said_where(found, ""), found.hint)) from error


def _empty(form: type[Facts]) -> dict[str, Any]:
    """Nothing stated: an empty text where the facts must have one."""
    fields = msgspec.structs.fields(form)
    return {field.name: "" for field in fields if field.required and field.type is str}
