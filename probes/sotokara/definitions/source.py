"""A definition as it stands in a page: its YAML with line numbers, and the line of its fence."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import yaml

from sotokara.core.said import said
from sotokara.definitions.slips import OPENING, Slip, foreign_sign, impossible, unquoted, unreadable

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's where it was built in
_LONGEST = (1 << 20) + (1 << 16)
"""Characters of a definition: those of the longest transcript, and what stands around it."""
_DEEPEST = 12
_LONGEST_NUMBER = 40
_MAY_BE_LONG = re.compile(r"[0-9A-Fa-f_:.+-]{20}")
"""Each number of more than ``_LONGEST_NUMBER`` characters has such a piece."""
_MAY_BE_DEEP = re.compile(r"[-?:\[{]")
"""Each mapping and each list begins behind one of these."""
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:timestamp")


def _too_much(source: str) -> Slip | None:  # noqa: PLR0911  # one for each way
    """What would take long to read, or end the process: found before anything is built of it."""
    if len(source) > _LONGEST:
        what = said("the definition has {} characters", len(source))
        return Slip(OPENING, what, said("keep only the listing, or name its file"))
    if _is_small(source):
        return None
    loader, deep = _Loader(source), 0
    try:
        while loader.check_event():
            event = loader.get_event()
            line = event.start_mark.line if event.start_mark else OPENING
            if isinstance(event, yaml.AliasEvent):
                return Slip(
                    line,
                    said("the alias *{}", str(event.anchor)[:40]),
                    said("write out what it stands for"),
                )
            deep += isinstance(event, yaml.CollectionStartEvent)
            deep -= isinstance(event, yaml.CollectionEndEvent)
            if deep > _DEEPEST:
                what = said("brackets or lists more than {} deep", _DEEPEST)
                return Slip(line, what, said("write a list of one level, or quote the text"))
            plain = isinstance(event, yaml.ScalarEvent) and event.implicit[0]
            if plain and len(event.value) > _LONGEST_NUMBER:
                tag = loader_tag(event.value)
                if tag in _NUMBERS:
                    what = said("a number of {} characters", len(event.value))
                    return Slip(line, what, said("put it in quotation marks if it is text"))
    except yaml.YAMLError:
        return None  # said where it is read
    finally:
        loader.dispose()
    return None


def _is_small(source: str) -> bool:
    """Whether a definition can have no alias, no long number and no depth, whatever it means."""
    return (
        "*" not in source
        and not _MAY_BE_LONG.search(source)
        and len(_MAY_BE_DEEP.findall(source)) <= _DEEPEST
    )


def loader_tag(text: str) -> str:
    """What YAML takes a plain word for: only its first characters decide the patterns to try."""
    for tag, pattern in yaml.SafeLoader.yaml_implicit_resolvers.get(text[:1], []):
        if pattern.match(text):
            return str(tag)
    return ""


def read_mapping(  # noqa: PLR0911  # one for each way to be wrong
    source: str,
) -> tuple[dict[str, Any] | None, dict[str, int], list[Slip]]:
    """The mapping, keys as text (None: unreadable), each key's line, and the slips."""
    if slip := _too_much(source):
        return None, {}, [slip]
    loader = _Loader(source)
    lines: dict[str, int] = {}
    slips: list[Slip] = []
    node: yaml.Node | None = None
    try:
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            what = said("the definition is no YAML mapping")
            plain = Slip(OPENING, what, said("write `dns: www.example.com`"))
            return None, lines, [foreign_sign(source) or plain]
        for key, value in node.value:
            text = str(key.value)
            line = key.start_mark.line
            if text in lines:
                slips.append(
                    Slip(line, said("the key {!r} stands twice", text), said("keep one of them"))
                )
            lines[text] = line
            if _is_bare_reference(value):
                return None, lines, [*slips, unquoted(line, text)]
        mapping = loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        return None, lines, [*slips, unreadable(source, error)]
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError, TypeError) as error:
        if none := [*impossible(node)] if node else []:
            return None, lines, [*slips, *none]
        what = said("bad YAML: {}", str(error).splitlines()[0])
        hint = said("remove characters that do not print")
        return None, lines, [*slips, Slip(OPENING, what, hint)]
    finally:
        loader.dispose()
    return {str(key): value for key, value in mapping.items()}, lines, slips


def _is_bare_reference(value: yaml.Node) -> bool:
    """Whether YAML has read ``{{ a }}`` as a mapping in a mapping."""
    return (
        isinstance(value, yaml.MappingNode)
        and bool(value.flow_style)
        and any(isinstance(inner, yaml.MappingNode) for inner, _ in value.value)
    )


_FENCE = re.compile(r"^[\s>]*(?P<marks>`{3,}|~{3,})\s*(?P<info>.*)$")


def without_comments(text: str) -> Iterator[str]:
    """The pieces of a text with each comment blanked out, its lines kept; one pass."""
    at = 0
    while (start := text.find("<!--", at)) >= 0:
        end = text.find("-->", start + 4)
        if end < 0:
            break
        yield text[at:start]
        yield re.sub(r"[^\n]", " ", text[start : end + 3])
        at = end + 3
    yield text[at:]


@lru_cache(maxsize=4)  # each fence of a page asks
def fences(text: str, word: str = "probe") -> list[tuple[int, list[str]]]:
    """Each ``probe`` fence: the 1-based line of its opening, its lines.

    ``word``: fences of another name; empty: of any name.

    Those indented as far as an example is come last: a list may hold a fence so, but where the same
    text stands less indented too, that is the definition.
    """
    hidden = "".join(without_comments(text))
    opening = re.compile(rf"^(?:\{{\s*)?\.?{word}\b" if word else "")
    marks, opened, probe = "", 0, False
    body: list[str] = []
    found: list[tuple[int, list[str]]] = []
    indented: list[tuple[int, list[str]]] = []
    place = found
    for number, line in enumerate(hidden.splitlines(), 1):
        match = _FENCE.match(line.rstrip()) if "```" in line or "~~~" in line else None
        if not marks:
            if match:
                marks, opened, body = match["marks"], number, []
                place = indented if line.startswith(("    ", "\t")) else found
                probe = bool(opening.match(match["info"]))
        elif match and not match["info"] and match["marks"] == marks:  # as SuperFences has it
            if probe:
                place.append((opened, body))
            marks = ""
        else:
            body.append(line.strip(" \t>"))
    return found + indented


def fence_lines(text: str, source: str, word: str = "probe") -> list[int]:
    """The lines in which fences with this source open; [1] when it is not in the file itself."""
    wanted = "\n".join(line.strip(" \t>") for line in source.splitlines()).strip("\n")
    found = fences(text, word)
    return [line for line, body in found if "\n".join(body).strip("\n") == wanted] or [1]


def inline_line(text: str, source: str) -> int:
    """The line of the first inline reference with this source."""
    pattern = re.compile(r"`#!probe\s+" + re.escape(source) + r"\s*`")
    for number, line in enumerate(text.splitlines(), 1):
        if pattern.search(line):
            return number
    return 1
