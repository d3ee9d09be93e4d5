"""What a kind is: typed options, ``measure`` (async, through the network given), ``parse`` (pure).

A new kind is one folder beside this file (``kind.py``, ``styles.py``, ``words/en.yml``), a line in
``kinds/__init__.py``, a page of the guide and a folder of recorded cases in ``tests/cases/``.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import msgspec

from sotokara.core.hidden import mask_of
from sotokara.core.observation import Exchange, Facts, Failure, Observation, Reading
from sotokara.core.own_network import Masks
from sotokara.network.network import Network

if TYPE_CHECKING:  # only where transcripts are read, or archives written
    from sotokara.core.warc import WebExchange, WebRecord
    from sotokara.kinds.shared.terminal.commands import Command


class Shot(NamedTuple):
    """A picture of what was looked at: its file beside the observation's page, its size, alt."""

    name: str
    width: int
    height: int
    alt: str


class Sample(NamedTuple):
    """Numbers of one answer that differ each time, and are drawn over days."""

    value: float | None
    """In milliseconds; None where nothing came."""
    lost: float = 0.0
    """The share of questions without an answer, from 0 to 1."""


class OptionError(msgspec.Struct, frozen=True):
    """An author's mistake in one option: which, what is wrong, how to mend it."""

    option: str
    what: str
    hint: str


class Kind(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """Base of all kinds. Fields are the author's options; all but ``target`` have defaults."""

    name: ClassVar[str]
    """The key in a definition: ``dns``, ``whois``, …"""
    version: ClassVar[int]
    """Of ``parse``: raised when old raw would be read differently; stored with each observation."""
    facts: ClassVar[type[Facts]]
    """The type of the facts; its fields can be referred to from articles."""
    styles: ClassVar[tuple[str, ...]]
    """The names of its text styles, the default first."""
    from_raw: ClassVar[frozenset[str]] = frozenset()
    """The styles that read the raw, not the facts alone."""
    settings: ClassVar[type[msgspec.Struct] | None] = None
    """The form of its own settings, which stand under its name in ``extra.probes``."""
    timeout_factor: ClassVar[float] = 1.0
    """How many times ``settings.timeout`` one measurement of this kind may take."""
    software: ClassVar[str] = ""
    """The library that does the measuring, with its version."""
    help: ClassVar[dict[str, str]] = {}
    """One sentence for each option and each field of the facts, for the guide."""

    id_prefix: ClassVar[str] = ""
    """What ids of imported definitions begin with; empty: the target's own name is enough."""
    lines_recur: ClassVar[bool] = True
    """Whether a line of its output is the same another time, so that a remark finds it again."""

    files: ClassVar[tuple[str, ...]] = ()
    """The fields that name a file by its path from the article."""
    file_prefix: ClassVar[str] = ""
    """What a target that names a file begins with, where not every target does."""
    folds: ClassVar[int] = 0
    """From so many lines on its output is folded away beneath its picture; 0: never."""
    series: ClassVar[bool] = False
    """Whether it has numbers that are drawn over days (see ``sample``)."""
    own_span: ClassVar[bool] = False
    """Whether `since` and `until` are its own options: the span that its source is asked for."""
    cites: ClassVar[bool] = False
    """Whether it reads what others have published: its observations have no outcome."""
    gist: ClassVar[tuple[str, ...]] = ()
    """Facts that tell in short what was seen: the first that holds something, where places are put
    side by side; else the headline."""
    each_time: ClassVar[frozenset[str]] = frozenset()
    """Facts that differ each time, and are no change of the target."""
    retold: ClassVar[frozenset[str]] = frozenset()
    """Facts that say again what others say: a change is named by the others, where there are."""

    target: str

    def option_errors(self) -> Iterator[OptionError]:
        """Mistakes that types alone do not catch; the target is known by now."""
        yield from ()

    def normal(self) -> "Kind":
        """The same question in its one normal spelling, so that equal questions are one."""
        return self

    def remembers(self) -> bool:
        """Whether ``net.earlier`` is to hold the last observations of this very question."""
        return False

    async def measure(self, net: Network) -> list[Exchange]:
        """Ask, through ``net`` alone; return what was sent and received.

        :raises ProbeFailure: where no exchange can stand for what went wrong.
        """
        raise NotImplementedError

    def hide(self, exchanges: Sequence[Exchange], masks: Masks) -> list[Exchange]:  # noqa: ARG002
        """Take the author's own network out of raw, before anything reads or stores it."""
        return list(exchanges)

    def kept(self, exchanges: Sequence[Exchange]) -> list[Exchange]:
        """What is kept of raw once it is masked: a kind may hash what is too long to be kept."""
        return list(exchanges)

    def parse(self, exchanges: Sequence[Exchange]) -> Reading:
        """Read facts from raw. Pure, so old evidence can be read again by newer code.

        The raw may be a platform's report (see ``in_own_form``).
        """
        raise NotImplementedError

    @classmethod
    def comparable(cls, before: Facts, after: Facts) -> tuple[Facts, Facts]:
        """Two observations' facts as far as they can be compared.

        Without what no figure shows, and what our own settings or options decide. What differs
        each time, and what one of the two left open, is given to both alike.
        """
        alike = {*cls.each_time, *cls.unknown(before), *cls.unknown(after)}
        if not alike:
            return before, after
        shared = {name: getattr(after, name) for name in alike}
        return msgspec.structs.replace(before, **shared), after

    @classmethod
    def same(cls, before: Facts, after: Facts) -> bool:
        """Whether two observations' facts agree, so that nothing has changed between them."""
        old, new = cls.comparable(before, after)
        return old == new

    @classmethod
    def seen_in(cls, style: str, facts: Facts) -> Facts:  # noqa: ARG003
        """The facts as far as a style that is read from raw shows them."""
        return facts

    @classmethod
    def of_both(cls, facts: Facts, questions: "tuple[Kind, Kind]") -> Facts | None:
        """Of an answer to one of two questions about one target, what both have asked for.

        None where an option decides what the answer says, so that nothing can be compared.
        """
        one, other = questions
        return facts if one.identity() == other.identity() else None

    @classmethod
    def sample(cls, facts: Any) -> Sample | None:  # noqa: ANN401, ARG003
        """The numbers of one answer that a history draws; None where it has none."""
        return None

    @classmethod
    def failure_in(cls, facts: Facts | None) -> Failure | None:  # noqa: ARG003
        """A silence of the target in facts that stand all the same; the control judges it."""
        return None

    @classmethod
    def unknown(cls, facts: Facts | None) -> Collection[str]:  # noqa: ARG003
        """Fields of facts that a failed question left open; no claim on them can be decided."""
        return ()

    def asked_of(self, platform: str, several: bool = False) -> dict[str, dict[str, Any]]:  # noqa: ARG002, FBT001, FBT002
        """What a public platform is asked for this question, by step; empty: it cannot be.

        Each is the body of a request without locations, in the platform's own terms. ``several``:
        by more than one probe, whose reports become one observation's facts.
        """
        return {}

    def in_own_form(self, exchanges: Sequence[Exchange]) -> Sequence[Exchange]:
        """Raw with what platforms report put into the form in which this kind keeps its own.

        :raises ValueError: where a report cannot be read; the text says what is wrong with it.
        """
        return exchanges

    def reporter(self) -> tuple[str, str]:
        """Of a kind that cites: the platform (one of ``REPORTERS``), and its measurement."""
        raise NotImplementedError

    def identity(self) -> dict[str, Any]:
        """What makes two definitions the same question: the kind, the target, options set."""
        options: dict[str, Any] = msgspec.to_builtins(self)
        return {self.name: options.pop("target"), **options}

    @classmethod
    def defaults(cls, lang: str) -> dict[str, Any]:  # noqa: ARG003
        """Options that a page in this language has where its author names none."""
        return {}

    def commands(self, facts: Any = None) -> list[list[str]]:  # noqa: ANN401, ARG002
        """The words of the shell commands with which a reader asks the same again.

        Each runs as it is printed. ``facts``: what was found, where a command names it (servers).
        """
        return []

    def web(self, observation: Observation) -> "list[WebExchange | WebRecord]":  # noqa: ARG002
        """What was exchanged with web servers, as far as its bodies are kept: for an archive."""
        return []

    @classmethod
    def shots(cls, observation: Observation, words: dict[str, str]) -> list[Shot]:  # noqa: ARG003
        """The pictures that were kept of what was looked at, the one to be shown first."""
        return []

    @classmethod
    def drawn(cls, observation: Observation) -> dict[str, bytes]:  # noqa: ARG003
        """The files of ``shots``, by name, from raw."""
        return {}

    @classmethod
    def headline(cls, facts: Any, failure: Failure | None, words: dict[str, str]) -> str:  # noqa: ANN401
        """What came of it in a word, at the figure's head; the outcome on disk stays what it is.

        ``facts`` are those of an answer; None where ``failure`` says why there is none.
        """
        if failure is not None:
            return words.get(f"head_{failure.name}") or words[failure.outcome.value]
        return words["answered"] if facts is None else cls.headline_of(facts, words)

    @classmethod
    def headline_of(cls, facts: Any, words: dict[str, str]) -> str:  # noqa: ANN401, ARG003
        """The word for an answer."""
        return words["answered"]

    @classmethod
    def remarks(
        cls,
        facts: Any,  # noqa: ANN401
        observation: Observation,
        words: dict[str, str],
    ) -> list[str]:
        """What is to be said beside the output, in the page's language."""
        remarks = []
        if probes := observation.volatile.get("probes"):
            remarks.append(words["probes_reported"].format(**probes))
        if unanswered := observation.volatile.get("unanswered"):
            steps = ", ".join(f"{step} ({words[name]})" for step, name in unanswered.items())
            remarks.append(words["unanswered"].format(types=steps))
        if isinstance(facts, Facts) and (hidden := mask_of(facts)):
            remarks.append(words["address_hidden"].format(mask=hidden))
        return remarks

    @classmethod
    def mask_listing(cls, text: str, options: Mapping[str, Any]) -> str:  # noqa: ARG003
        """A transcript's text without what the kind never shows (private persons)."""
        return text

    @classmethod
    def asked_of_listing(cls, target: str) -> "Command | None":  # noqa: ARG003
        """The command that stands for a transcript without one, where its text needs it."""
        return None

    @classmethod
    def target_of_listing(cls, target: str, address: str) -> str:  # noqa: ARG003
        """What an imported listing is about: its ``target``, or the ``address`` in its facts."""
        return target

    @classmethod
    def compared_of_listing(cls, field: str, old: Any, new: Any) -> tuple[int, int] | None:  # noqa: ANN401, ARG003
        """How much of a fact a transcript and today both know, of how much; None: the whole."""
        return None

    @classmethod
    def seen_by_listing(cls, field: str, old: Any, new: Any) -> Any:  # noqa: ANN401, ARG003
        """A fact of today as far as a transcript whose fact was ``old`` could have seen it."""
        return new

    @classmethod
    def stated_by_listing(cls, facts: Facts, said: Sequence[str]) -> Sequence[str]:  # noqa: ARG003
        """Of the facts that a transcript's reader has, those that the text states."""
        return said
