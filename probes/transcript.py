"""Transcripts: an old terminal's output in a definition → an observation of origin ``transcript``.

It has the facts that the text states, under the same names as measured ones; when it was made, to
whatever precision that is known; whence it comes; and the lines that nobody could read. Nowhere is
it called measured, and it never stands for a measurement.
"""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from probes import __version__
from probes.canonical import canonical, digest
from probes.common import Mistake
from probes.definition import Definition
from probes.kinds.interface import Kind
from probes.observation import Exchange, Observation, Outcome, Vantage
from probes.redaction import Redactor

if TYPE_CHECKING:
    from probes.readers import Listing

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
    message = f"{text!r} is no date: write 2006, 2006-05, 2006-05-21 or 2006-05-21T10:53+09:00"
    raise ValueError(message)


def take(  # noqa: C901  # one branch a mistake
    definition: Definition, folder: Path
) -> tuple[Transcript | None, list[Mistake]]:
    """A definition's transcript, from the block or from the file that it names beside the article.

    ``folder`` is the one that the article is in.
    """
    common = definition.common
    mistakes = []

    def wrong(what: str, mend: str) -> None:
        mistakes.append(Mistake(definition.page, definition.line, what, mend))

    text = common.transcript or ""
    if _PATH.fullmatch(text.strip()) and "\n" not in text.strip():
        from probes.readers.pasted import TooLarge, decode  # only where there is a transcript

        path = (folder / text.strip()).resolve()
        try:
            text = decode(path.read_bytes())
        except TooLarge as error:
            wrong(f"the transcript {text.strip()}: {error}", "keep only the listing")
        except OSError as error:
            wrong(
                f"the transcript {text.strip()} cannot be read: {error.strerror}",
                "write the listing into the definition, or its file's path from the article",
            )
    elif len(text) > 1 << 20:
        wrong(f"the transcript has {len(text)} characters", "keep only the listing")
    elif not text.strip():
        wrong("the transcript is empty", "write the listing below `transcript: |`")
    moment = _UNDATED
    if common.observed is not None:
        try:
            moment = when(str(common.observed))
        except ValueError as error:
            wrong(f"observed: {error}", "write when it was made, as exactly as it is known")
        if moment > datetime.now(UTC) + timedelta(days=1):
            wrong(f"observed: {common.observed} is in the future", "write when it was made")
    if mistakes:
        return None, mistakes
    return Transcript(definition, text, moment), []


def observe(transcript: Transcript, target: str, redactor: Redactor) -> Observation:
    """The observation that a transcript is.

    ``target``: what the definition is about, where the text itself does not say.
    """
    definition = transcript.definition
    text = transcript.text
    if definition.kind.name == "whois" and not definition.options.get("contacts"):
        from probes.kinds.whois.persons import masked  # no other kind waits for it

        text = masked(text.encode("utf-8", "replace"), "utf-8").decode("utf-8", "replace")
    text = redactor.text(text)
    listing, unread = read(text, definition.kind.name, redactor.text(target))
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
        volatile |= {"tool": listing.tool, "said": sorted(listing.said)}
        volatile["remarks"] = [[one.line, one.remark] for one in listing.remarks]
        volatile["masked"] = len(listing.masked)
    failure = listing.failure if listing else None
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
        facts=listing.facts if listing else None,
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


def read(text: str, kind: str, target: str = "") -> tuple["Listing | None", list[tuple[int, str]]]:
    """The listing of a kind in a text, and every line of the text that was not read.

    Of several listings the one about ``target`` is meant, else the first.
    """
    from probes.readers import listings  # many patterns: slow to load for builds without
    from probes.readers.pasted import lines

    found = listings(text, kind, target)
    chosen = next((one for one in found if speaks_of(one, target)), found[0] if found else None)
    unread = []
    for line in lines(text):
        inside = chosen is not None and chosen.first <= line.number <= chosen.last
        if line.text.strip() and not inside:
            unread.append((line.number, line.given.strip()))
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
