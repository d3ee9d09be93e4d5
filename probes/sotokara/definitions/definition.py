"""Definitions: what an author wrote in one ``probe`` fence, validated, with its place in the page.

A definition is a YAML mapping. Exactly one key names the kind and its value is the target; the
other keys are the kind's options or those in ``Common``.
"""

import difflib
import re
from collections.abc import Collection, Iterator
from datetime import date
from functools import lru_cache
from typing import Any

import msgspec

from sotokara.core.durations import seconds
from sotokara.core.expressions import ExpressionError, Reference, Template, expression
from sotokara.core.misfit import describe_value, misfit, said_where
from sotokara.core.mistakes import AuthorError
from sotokara.core.own_network import masks_for
from sotokara.core.said import said
from sotokara.core.settings import Settings
from sotokara.core.signs import ascii_signs, foreign, meant, sign_names
from sotokara.definitions.common import (
    ALIASES,
    COMMON,
    Common,
    claims_of,
    mistaken_notes,
    mistaken_places,
    mistaken_times,
)
from sotokara.definitions.each import Each, Templates
from sotokara.definitions.many import any_target, many_of
from sotokara.definitions.named_files import named_from
from sotokara.definitions.source import read_mapping
from sotokara.kinds import KINDS
from sotokara.kinds.interface import Kind

_PLAIN = Common()
"""Shared by the thousands of definitions that have no key of their own."""
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]*")

_TELLS = re.compile(r"(write|name|leave|add|put|did you) |.*(ください|でしょうか|ます)$")
"""A hint that is a sentence and says what to do; any other lists what is possible."""


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """One definition. ``template`` gives the target once its references are known."""

    page: str
    line: int
    token: str
    kind: type[Kind]
    template: Template
    options: dict[str, Any]
    common: Common
    max_age: float | None = None
    lang: str = "en"
    """The page's language, for kinds whose servers answer in several."""
    unpublished: bool = False
    """Its page is a draft, or of a day to come: its evidence is kept apart until then."""
    each: Each | None = None
    """Where its subjects come from, where it has many."""
    filled: Templates | None = None
    """What each subject makes of it."""
    written: date | None = None
    """The day whose facts its page speaks of; None where it speaks of the present."""

    @property
    def id(self) -> str | None:
        """The author's name for it."""
        return self.common.id

    @property
    def needs(self) -> frozenset[Reference]:
        """The definitions whose facts it waits for before it can ask."""
        if self.each is None or self.filled is None:
            return self.template.references
        return self.each.references | self.filled.references

    @property
    def group(self) -> list[str]:
        """The facts that are counted, of many subjects."""
        given = self.common.group
        return [given] if isinstance(given, str) else given

    @property
    def order(self) -> tuple[str, bool]:
        """What the table's rows are ordered by, and whether backwards."""
        given = self.common.order or "name"
        return given.removeprefix("-"), given.startswith("-")

    @property
    def hidden(self) -> list[str]:
        """Words, addresses and networks that its ``redact`` takes out."""
        redact = self.common.redact
        if isinstance(redact, dict):
            networks = redact.get("networks") or []
            return [str(one) for one in (networks if isinstance(networks, list) else [networks])]
        return [redact] if isinstance(redact, str) else redact

    @property
    def style(self) -> str:
        """The style to show it in."""
        return self.common.style or self.kind.styles[0]

    @property
    def places(self) -> tuple[str, ...]:
        """The places that it is measured from, each once; none where it names none."""
        named = self.common.measured_from
        return tuple(dict.fromkeys([named] if isinstance(named, str) else named or ()))

    @property
    def several(self) -> bool:
        """Whether it is measured from more than one place."""
        return len(self.places) > 1

    @property
    def place(self) -> str:
        """``page#id``, or ``page#L12`` where it has no id."""
        return f"{self.page}#{self.id or f'L{self.line}'}"

    def references(self) -> Iterator[Reference]:
        """All that it refers to, in its target and in its claims."""
        yield from self.needs
        for claim in claims_of(self.common):
            yield from expression(claim.that).references

    def on_page_in(
        self, lang: str, written: date | None = None, *, unpublished: bool = False
    ) -> "Definition":
        """The same definition on a page in this language and of this day."""
        return msgspec.structs.replace(self, lang=lang, written=written, unpublished=unpublished)

    def as_baseline(self) -> "Definition":
        """The definition of what is asked beside it: the same options, another target, no name."""
        common = self.common
        bare = Common(redact=common.redact, measured_from=common.measured_from)
        template = Template(common.baseline or "")
        return msgspec.structs.replace(self, template=template, common=bare)

    def pinned_to(self, day: str) -> "Definition":
        """The same definition on a page that is pinned to a day; its own pin comes first."""
        if not day or self.common.pin:
            return self
        common = msgspec.structs.replace(self.common, pin=day)
        return msgspec.structs.replace(self, common=common)

    def question(self, target: str) -> Kind:
        """The kind's options with the target filled in, in normal form.

        :raises ValueError: when the target is none for this kind; says what is wrong.
        """
        options = self.kind.defaults(self.lang) | self.options
        question = self.kind(**named_from(self.page, {"target": target, **options}, self.kind))
        if target != self.template.text:  # what stands there was looked at when it was read
            for wrong in question.option_errors():
                raise ValueError(wrong.what)
        return question.normal()


class _FenceReader:
    """Reads one fence and collects every mistake in it."""

    def __init__(self, source: str, page: str, line: int, token: str) -> None:
        self.page, self.line, self.token = page, line, token
        self.mistakes: list[AuthorError] = []
        self.lines: dict[str, int] = {}
        self.source = source

    def wrong(self, what: str, hint: str, key: str | None = None) -> None:
        line = self.line + (self.lines.get(key, -1) + 1 if key else 0)
        self.mistakes.append(AuthorError(self.page, line, what, self._with_sign(line, what, hint)))

    def _with_sign(self, line: int, what: str, hint: str) -> str:
        """The hint; and that a sign of an input method stands in the line, where one does."""
        at = line - self.line - 1
        text = self.source.splitlines()[at : at + 1] if at >= 0 else []
        sign = foreign(text[0]) if text else ""
        if not sign or (name := sign_names(sign)) in what:
            return hint
        instead = said("a blank") if meant(sign) == " " else f"`{meant(sign)}`"
        also = said("{} stands in this line, write {} if that is meant", said(name), instead)
        return said("{}; {}", hint, also)

    def read(self) -> Definition | None:  # one step a key
        mapping, self.lines, slips = read_mapping(self.source)
        for line, what, hint in slips:
            self.mistakes.append(AuthorError(self.page, self.line + 1 + line, what, hint))
        if mapping is None:
            return None
        named = [key for key in mapping if key in KINDS]
        if len(named) > 1:
            what = said("two kinds in one definition: {}", " and ".join(named))
            self.wrong(what, said("make each a fence of its own"), named[1])
            return None
        if not named:
            self._no_kind(mapping)
            return None
        kind = KINDS[named[0]]
        target = self._target(mapping.pop(kind.name), kind)
        self._no_aliases(mapping)
        known = kind.__struct_encode_fields__
        options = {key: mapping.pop(key) for key in list(mapping) if key in known}
        options.pop("target", None)
        empty = {key for key, value in mapping.items() if value is None}
        for key in [one for one in mapping if one not in COMMON]:
            self._unknown(key, kind, empty)
            mapping.pop(key)
        common = self._common(mapping) if mapping else _PLAIN
        if common and common.style is not None and common.style not in kind.styles:
            self._unknown_style(kind, common.style)
        many = many_of(self.lines, kind, (target, options, common))
        for wrong in many.wrong:
            self.wrong(*wrong)
        each, options = many.each, many.shared
        options = self._options(kind, options, any_target() if each else target)
        if common and common.baseline is not None and not self.mistakes:
            self._baseline(kind, options, common.baseline)
        if self.mistakes or target is None or common is None:
            return None
        return Definition(
            page=self.page,
            line=self.line,
            token=self.token,
            kind=kind,
            template=target,
            options=options,
            common=common,
            max_age=None if common.max_age is None else seconds(common.max_age),
            each=each,
            filled=Templates(target, many.filled) if each else None,
        )

    def _unknown_style(self, kind: type[Kind], style: str) -> None:
        close = _close(style, kind.styles)
        every = said("one of {}", ", ".join(kind.styles))
        hint = said("did you mean {!r}?", close) if close else every
        self.wrong(said("{} has no style {!r}", kind.name, style), hint, "style")

    def _no_aliases(self, mapping: dict[str, Any]) -> None:
        """Write keys that have another name under the one that is meant."""
        for alias, key in ALIASES.items():
            if alias not in mapping:
                continue
            if key in mapping:
                self.wrong(
                    said("{} and {} stand together", key, alias), said("keep {}", key), alias
                )
            else:
                self.lines[key] = self.lines.get(alias, -1)
            mapping.setdefault(key, mapping.pop(alias))

    def _no_kind(self, mapping: dict[str, Any]) -> None:
        unknown = [key for key in mapping if key not in COMMON]
        for key in unknown:
            if close := _close(key, KINDS):
                self.wrong(said("{!r} is no kind", key), said("did you mean {!r}?", close), key)
                return
        known = ", ".join(KINDS)
        if unknown:
            what = said("unknown kind {!r}", unknown[0])
            self.wrong(what, said("known kinds: {}", known), unknown[0])
        else:
            self.wrong(said("no kind is named"), said("add one of: {}, with its target", known))

    def _unknown(self, key: str, kind: type[Kind], empty: set[str]) -> None:
        """``empty``: the keys that have nothing behind them."""
        options = [name for name in kind.__struct_encode_fields__ if name != "target"]
        before = [one for one, line in self.lines.items() if line < self.lines.get(key, 0)]
        if before and before[-1] in empty:
            hint = said("indent it, if it belongs to {}:", before[-1])
        elif key in Settings.__struct_fields__:
            hint = said("it is a setting of the whole site: it stands below extra.probes")
        elif close := _close(key, [*options, *COMMON], 0.5):
            hint = said("did you mean {!r}?", close)
        elif options:
            hint = said("{} has {}", kind.name, ", ".join(options))
        else:
            hint = said(
                "{} has no options of its own; all kinds have {}", kind.name, ", ".join(COMMON)
            )
        self.wrong(said("unknown option {!r}", key), hint, key)

    def _target(self, value: Any, kind: type[Kind]) -> Template | None:  # noqa: ANN401
        if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
            hint = said(
                "write one name or address; a word that YAML reads as something else needs quotes"
            )
            if isinstance(value, list):
                hint = said("write one name or address; each of several is a fence of its own")
            given = describe_value(value)
            what = said("{} stands where the target of {!r} is expected", given, kind.name)
            self.wrong(what, hint, kind.name)
            return None
        try:
            return Template(str(value))
        except ExpressionError as error:
            self.wrong(str(error), error.hint, kind.name)
            return None

    def _options(
        self, kind: type[Kind], options: dict[str, Any], target: Template | None
    ) -> dict[str, Any]:
        """The options, converted; mistakes in a target known by now are found now."""
        fixed = target.text if target and not target.references else None
        converted: dict[str, Any] = {}
        names = dict(zip(kind.__struct_encode_fields__, kind.__struct_fields__, strict=True))
        types = _types(kind)
        for key, value in options.items():
            day = types[key] is str and hasattr(value, "isoformat")  # YAML reads dates by itself
            try:
                given = value.isoformat() if day else value
                converted[names[key]] = msgspec.convert(given, types[key])
            except msgspec.ValidationError:
                self._misfit(key, value, types[key])
        if not self.mistakes:
            given_ = {"target": fixed or "example.com", **converted}
            trial = kind(**named_from(self.page, given_, kind))
            for wrong in trial.option_errors():
                if wrong.option != "target":
                    told = _TELLS.match(wrong.hint)
                    hint = wrong.hint if told else said("possible: {}", wrong.hint)
                    self.wrong(wrong.what, hint, wrong.option)
                elif fixed is not None:
                    self.wrong(wrong.what, wrong.hint, kind.name)
        return converted

    def _misfit(self, key: str, value: object, form: Any) -> None:  # noqa: ANN401
        """A value that does not fit: what stands there, what is expected, how to write it."""
        found = misfit(value, form, key)
        self.wrong(said_where(found, key), found.hint, key)

    def _baseline(self, kind: type[Kind], options: dict[str, Any], baseline: str) -> None:
        """What is wrong in a baseline: it is a plain target of the same kind."""
        if kind.cites or "{{" in baseline:
            what = said("the baseline {!r} is no target that is asked beside this one", baseline)
            self.wrong(
                what, said("write one name or address, as the target of the kind"), "baseline"
            )
            return
        for wrong in kind(target=baseline, **options).option_errors():
            if wrong.option == "target":
                self.wrong(said("in baseline: {}", wrong.what), wrong.hint, "baseline")

    def _common(self, mapping: dict[str, Any]) -> Common | None:
        for key in ("pin", "since", "until", "observed"):
            if hasattr(mapping.get(key), "isoformat"):
                mapping[key] = mapping[key].isoformat()
        values: dict[str, Any] = {}
        types = _types(Common)
        names = dict(zip(Common.__struct_encode_fields__, Common.__struct_fields__, strict=True))
        for key, value in mapping.items():
            try:
                values[names[key]] = msgspec.convert(value, types[key])
            except msgspec.ValidationError:
                self._misfit(key, value, types[key])
        common = Common(**values)
        if common.id is not None and not _ID.fullmatch(common.id):
            what = said("the id {!r} cannot be referred to", common.id)
            self.wrong(what, said("use letters, digits, _"), "id")
        for wrong in (*mistaken_times(common), *mistaken_places(common), *mistaken_notes(common)):
            self.wrong(*wrong)
        try:
            masks_for(True, common.redact)  # noqa: FBT003  # the setting's own value
        except ValueError as error:
            self.wrong(str(error), said("for example redact: {hops: 2-6}"), "redact")
        for claim in claims_of(common):
            try:
                expression(claim.that)
            except ExpressionError as error:
                self.wrong(said("in expect: {}", error), error.hint, "expect")
        return common


def _close(given: str, known: Collection[str], cutoff: float = 0.6) -> str:
    """The word that was meant: the same in other letters or signs, or one that is nearly so."""
    text = ascii_signs(given).casefold().strip(" :")
    if text in known:
        return text
    return next(iter(difflib.get_close_matches(text, known, 1, cutoff)), "")


@lru_cache
def _types(struct: type[msgspec.Struct]) -> dict[str, Any]:
    """The types of a structure's fields; msgspec works them out anew each time."""
    return {field.encode_name: field.type for field in msgspec.structs.fields(struct)}


def read_definition(
    source: str, page: str, line: int, token: str
) -> tuple[Definition | None, list[AuthorError]]:
    """The definition in a fence, or every mistake in it.

    ``line`` is the 1-based line of the fence's opening in the page's file.
    """
    reader = _FenceReader(source, page, line, token)
    definition = reader.read()
    return definition, reader.mistakes
