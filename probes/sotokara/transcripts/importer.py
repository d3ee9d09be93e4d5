"""From a terminal session, or a whole post, to the draft of an article: ``sotokara import``.

Every listing becomes a definition with the listing as its transcript, a proposed id, references to
the answers that it builds on, and notes for today's output. Prose stays, as text that Markdown
leaves alone.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

import yaml

from sotokara.kinds import KINDS
from sotokara.kinds.shared.terminal.interface import Listing
from sotokara.kinds.shared.terminal.pasted import PastedLine, lines, unfolded
from sotokara.transcripts.session import split_session

MORE = "<!-- more -->"
"""The end of an excerpt, as Material's blog plugin has it."""
_RULE = re.compile(r"^\s*[=*_~―─━-]{4,}\s*$")
_MARKUP = re.compile(r"([\\`*_<>\[\]{}|~])")
_LEADING = re.compile(r"^(\d*)([#+.)-])(?=\s)")
_KANA = re.compile(r"[\u3040-\u30ff]")
_UNPRINTED = re.compile(
    r"\x1b\[[0-9;?]{0,20}[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]"
)
_WORD = re.compile(r"[^\W_]+")
_LONGEST_KEY = 80
_MOST_NOTES = 100
_LONGEST_HEADING = 50


class ImportSource(NamedTuple):
    """What the person who imports knows of the text."""

    title: str = ""
    observed: str = ""
    source: str = ""
    archived: str = ""
    lang: str = ""


class Draft(NamedTuple):
    """The article, and how many definitions it has; ``kept`` counts listings left as plain text."""

    text: str
    definitions: int
    kept: int


class _Drafting:
    def __init__(self, text: str, about: ImportSource) -> None:
        self.about = about
        text = unfolded(text)
        self.lines = lines(text)
        self.line_numbers = [line.number for line in self.lines]
        self.ids: set[str] = set()
        self.numbers: dict[str, int] = {}
        """An id's base → the last number that was put behind it."""
        self.known: dict[str, str] = {}
        """A value that an earlier answer holds → the expression for it."""
        self.blocks: list[str] = []
        self.definitions = self.kept = 0
        self.title = about.title
        for segment in split_session(text):
            if isinstance(segment, Listing):
                self._listing(segment)
            else:
                self._prose(segment.text)

    def _prose(self, text: Iterable[str]) -> None:
        after_rule = False
        for line in (_UNPRINTED.sub("", one) for one in text):
            if "\n" in line:  # below the lines that are read
                self.blocks += ["", _fenced("text", line.split("\n")), ""]
                continue
            if _RULE.match(line):
                after_rule = True
                continue
            if not line.strip():
                self.blocks.append("")
                continue
            escaped = _LEADING.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", line.strip()))
            if not self.title:
                self.title = line.strip()
            elif after_rule and len(line) <= _LONGEST_HEADING and line.strip()[-1] not in "。、,.:":
                self.blocks += ["", f"## {escaped}", ""]
            else:
                self.blocks.append(escaped)
            after_rule = False

    def _listing(self, listing: Listing) -> None:
        begin = bisect_left(self.line_numbers, listing.first)
        spanned = self.lines[begin : bisect_right(self.line_numbers, listing.last)]
        target, link = self._target(listing)
        kind = KINDS[listing.kind]
        options = {
            key: value for key, value in listing.options.items() if key in kind.__struct_fields__
        }
        if not target or any(True for _ in kind(target=target, **options).option_errors()):
            self.kept += 1
            self.blocks += ["", _fenced("text", [line.text for line in spanned]), ""]
            return
        name = self._id(listing, target)
        definition: dict[str, Any] = {kind.name: link or target, "id": name}
        definition |= {key: _single(value) for key, value in options.items()}
        if notes := _notes(listing, spanned):
            definition["notes"] = notes
        for key in ("observed", "source", "archived"):
            if value := getattr(self.about, key):
                definition[key] = value
        head = yaml.safe_dump(definition, allow_unicode=True, sort_keys=False, width=10_000)
        body = [f"  {_UNPRINTED.sub('', line.given)}".rstrip() for line in spanned]
        self.blocks += ["", _fenced("probe", [head.rstrip("\n"), "transcript: |2", *body]), ""]
        self.definitions += 1
        self._remember(listing, name)

    def _target(self, listing: Listing) -> tuple[str, str]:
        """The listing's target, and the reference that gives it where an earlier answer does."""
        address = str(getattr(listing.facts, "address", "") or "")
        for candidate in (listing.target, address):
            if candidate in self.known:
                return candidate, f"{{{{ {self.known[candidate]} }}}}"
        return KINDS[listing.kind].target_of_listing(listing.target, address), ""

    def _remember(self, listing: Listing, name: str) -> None:
        for field in ("addresses", "names", "mx"):
            for at, value in enumerate(getattr(listing.facts, field, None) or []):
                self.known.setdefault(value, f"{name}.{field}[{at}]")

    def _id(self, listing: Listing, target: str) -> str:
        """A short name: the target's first label, with the kind before it where that is taken."""
        source = self.known.get(target, "").partition(".")[0]
        words = _WORD.findall(source or target.partition(".")[0] or target)
        base = re.sub(r"[^A-Za-z0-9]", "", "".join(words))
        prefix = KINDS[listing.kind].id_prefix
        if prefix or not base or not base[0].isalpha():
            prefix = prefix or listing.kind
            base = f"{prefix}_{base}" if base and source else prefix
        name, number = base, self.numbers.get(base, 1)
        while name in self.ids:
            number += 1
            name = f"{base}{'' if not base[-1].isdigit() else '_'}{number}"
        self.numbers[base] = number
        self.ids.add(name)
        return name

    def _with_excerpt(self) -> list[str]:
        """The blocks, with the excerpt's end behind the first paragraph, or before the first fence.

        Material's blog shows an article without it whole in its lists, and warns of it.
        """
        blocks = self.blocks
        while blocks and not blocks[0]:
            blocks = blocks[1:]
        end = next((at for at, one in enumerate(blocks) if not one), len(blocks))
        if blocks and blocks[0].startswith(("```", "## ")):
            end = 0
        return [*blocks[:end], "", MORE, "", *blocks[end:]]

    def draft(self) -> Draft:
        whole = "\n".join(line.given for line in self.lines)
        lang = self.about.lang or ("ja" if _KANA.search(whole) else "en")
        title = _MARKUP.sub(r"\\\1", _UNPRINTED.sub("", self.title or "Draft"))
        front = [
            "---",
            f"lang: {lang}",
            f"date: {datetime.now(UTC).date().isoformat()}",
            "---",
            "",
            f"# {title}",
            "",
        ]
        body = re.sub(r"\n{3,}", "\n\n", "\n".join(self._with_excerpt())).strip("\n")
        return Draft("\n".join([*front, body, ""]), self.definitions, self.kept)


def draft(text: str, about: ImportSource) -> Draft:
    """The article that a text becomes."""
    return _Drafting(text, about).draft()


def _single(value: Any) -> Any:  # noqa: ANN401  # an option's value
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _fenced(language: str, body: list[str]) -> str:
    """A fence that is longer than any inside it."""
    longest = max((len(found) for line in body for found in re.findall(r"`{3,}", line)), default=2)
    fence = "`" * (longest + 1)
    return "\n".join([f"{fence}{language}", *body, fence])


def _notes(listing: Listing, spanned: list[PastedLine]) -> dict[str, str]:
    """Text by which a remark's line is found in any output of the same look-up → the remark.

    A remark whose line has nothing of its own to be found by stays in the transcript alone.
    """
    texts = [line.text for line in spanned]
    notes = {}
    for remark in listing.remarks[:_MOST_NOTES]:
        bare = remark.text
        words = sorted(_words(bare), key=_weight)
        whole = [bare.strip()] if KINDS[listing.kind].lines_recur else []
        for key in [*words, *whole]:
            if "*" in key or not key or len(key) > _LONGEST_KEY:
                continue
            if sum(key in text for text in texts) == 1:
                notes[key] = remark.remark
                break
    return notes


def _weight(word: str) -> tuple[bool, bool, int]:
    """What tells a line apart best: what has digits, then names, long before short; labels last."""
    return word.startswith("["), not re.search(r"\d", word), -len(word)


def _words(text: str) -> list[str]:
    """Addresses, names and labels in a line that may stand in other outputs too."""
    found = re.findall(r"[\w-]+(?:[.:][\w-]+)+(?:/\d+)?|\[[^\]]+\]", text)
    found += text.split()[-1:] if len(text.split()) > 1 else []
    return [one.strip("[]") if re.fullmatch(r"\[[\d.:a-fA-F]+\]", one) else one for one in found]
