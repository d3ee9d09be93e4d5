"""A definition as it stands in a page: its YAML with line numbers, and the line of its fence."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import yaml

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's where it was built in
_BARE_REFERENCE = re.compile(r"(?P<key>\w+):\s+\{\{")
_OPENING = -1


class Slip(NamedTuple):
    """A mistake: what, how to mend it; ``line`` 0 is below the fence's opening, -1 the opening."""

    line: int
    what: str
    hint: str


_LONGEST = (1 << 20) + (1 << 16)
"""Characters of a definition: those of the longest transcript, and what stands around it."""
_DEEPEST = 12
_LONGEST_NUMBER = 40
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:timestamp")


def _too_much(source: str) -> Slip | None:
    """What would take long to read, or end the process: found before anything is built of it."""
    if len(source) > _LONGEST:
        what = f"the definition has {len(source)} characters"
        return Slip(_OPENING, what, "keep only the listing, or name its file")
    loader, deep = _Loader(source), 0
    try:
        while loader.check_event():
            event = loader.get_event()
            line = event.start_mark.line if event.start_mark else _OPENING
            if isinstance(event, yaml.AliasEvent):
                return Slip(
                    line, f"the alias *{str(event.anchor)[:40]}", "write out what it stands for"
                )
            deep += isinstance(event, yaml.CollectionStartEvent)
            deep -= isinstance(event, yaml.CollectionEndEvent)
            if deep > _DEEPEST:
                what = f"brackets or lists more than {_DEEPEST} deep"
                return Slip(line, what, "write a list of one level, or quote the text")
            plain = isinstance(event, yaml.ScalarEvent) and event.implicit[0]
            if plain and len(event.value) > _LONGEST_NUMBER:
                tag = loader_tag(event.value)
                if tag in _NUMBERS:
                    what = f"a number of {len(event.value)} characters"
                    return Slip(line, what, "put it in quotation marks if it is text")
    except yaml.YAMLError:
        return None  # said where it is read
    finally:
        loader.dispose()
    return None


def loader_tag(text: str) -> str:
    """What YAML takes a plain word for: only its first characters decide the patterns to try."""
    for tag, pattern in yaml.SafeLoader.yaml_implicit_resolvers.get(text[:1], []):
        if pattern.match(text):
            return str(tag)
    return ""


def read_mapping(  # one for each way to be wrong
    source: str,
) -> tuple[dict[str, Any] | None, dict[str, int], list[Slip]]:
    """The mapping, keys as text (None: unreadable), each key's line, and the slips."""
    if slip := _too_much(source):
        return None, {}, [slip]
    loader = _Loader(source)
    lines: dict[str, int] = {}
    slips: list[Slip] = []
    try:
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            what = "the definition is no YAML mapping"
            plain = Slip(_OPENING, what, "write `dns: www.example.com`")
            return None, lines, [_input_method(source) or plain]
        for key, value in node.value:
            text = str(key.value)
            line = key.start_mark.line
            if text in lines:
                slips.append(Slip(line, f"the key {text!r} stands twice", "keep one of them"))
            lines[text] = line
            if _is_bare_reference(value):
                return None, lines, [*slips, _unquoted(line, text)]
        mapping = loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        return None, lines, [*slips, _bad_yaml(source, error)]
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError, TypeError) as error:
        what = f"bad YAML: {str(error).splitlines()[0]}"
        return None, lines, [*slips, Slip(_OPENING, what, "remove characters that do not print")]
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


def _unquoted(line: int, key: str) -> Slip:
    hint = f'write {key}: "{{{{ … }}}}" with quotation marks'
    return Slip(line, f"the reference in {key!r} is not quoted", hint)


def _bad_yaml(source: str, error: yaml.MarkedYAMLError) -> Slip:
    """Where the YAML breaks off; most often it is a reference without quotation marks."""
    if slip := _input_method(source):
        return slip
    lines = source.splitlines() or [""]
    mark = error.problem_mark or error.context_mark
    at = min(mark.line if mark else 0, len(lines) - 1)
    if bare := _BARE_REFERENCE.search(lines[at]):
        return _unquoted(at, bare["key"])
    what = f"bad YAML: {error.problem or error.context or 'unreadable'}"
    return Slip(at, what, "mend the YAML; text with `: `, `#` or `{` needs quotation marks")


_LOOK_ALIKE = {
    "\uff1a": ":", "\u3000": " ", "\uff0d": "-", "\uff3b": "[", "\uff3d": "]", "\uff5b": "{",
    "\uff5d": "}", "\uff02": '"', "\u201c": '"', "\u201d": '"', "\uff0c": ",", "\u3001": ",",
    "\t": " ", "\u00a0": " ",
}  # fmt: skip
"""What an input method writes, or a copy brings along, in the place of a sign of YAML's."""
_SYNTAX = re.compile(
    r"^[^:\"'#]*?(?P<colon>\uff1a)|^[ -]*(?P<blank>[\t\u3000\u00a0\uff0d])"
    r"|: *(?P<value>[\uff3b\uff5b\uff02\u201c\u201d])|(?P<within>(?<=[\]\"'}])[\uff0c\u3001\uff1a])"
)
"""Where such a sign stands for one of YAML's: after a key, before it, at a value, in a list."""
_NAMES = {"\t": "a tab", "\u3000": "a full-width blank", "\u00a0": "a blank that does not break"}


def _input_method(source: str) -> Slip | None:
    """The first line in which a look-alike stands for a sign of YAML's, where YAML breaks off."""
    for at, line in enumerate(source.splitlines()):
        if found := _SYNTAX.search(line):
            sign = next(filter(None, found.groups()))
            said = _NAMES.get(sign, f"`{sign}`")
            meant = "a blank" if _LOOK_ALIKE[sign] == " " else f"`{_LOOK_ALIKE[sign]}`"
            more = " and a blank" if sign == "\uff1a" else ""
            return Slip(at, f"{said} stands where YAML has {meant}", f"write {meant}{more}")
    return None


_FENCE = re.compile(r"^[\s>]*(?P<marks>`{3,}|~{3,})\s*(?P<info>.*)$")


def _without_comments(text: str) -> Iterator[str]:
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
    """Each ``probe`` fence (or of another ``word``): the 1-based line of its opening, its lines.

    Those indented as far as an example is come last: a list may hold a fence so, but where the same
    text stands less indented too, that is the definition.
    """
    hidden = "".join(_without_comments(text))
    opening = re.compile(rf"^(?:\{{\s*)?\.?{word}\b")
    marks, opened, probe = "", 0, False
    body: list[str] = []
    found: list[tuple[int, list[str]]] = []
    indented: list[tuple[int, list[str]]] = []
    place = found
    for number, line in enumerate(hidden.splitlines(), 1):
        match = _FENCE.match(line.rstrip())
        if not marks:
            if match:
                marks, opened, body = match["marks"], number, []
                place = indented if line.startswith(("    ", "\t")) else found
                probe = bool(opening.match(match["info"]))
        elif match and not match["info"] and match["marks"].startswith(marks):
            if probe:
                place.append((opened, body))
            marks = ""
        else:
            body.append(line.strip(" \t>"))
    return found + indented


def fence_lines(text: str, source: str, word: str = "probe") -> list[int]:
    """The lines in which fences with this source open; [1] when it is not in the file itself."""
    wanted = [line.strip(" \t>") for line in source.strip("\n").splitlines()]
    return [line for line, body in fences(text, word) if body == wanted] or [1]


def inline_line(text: str, source: str) -> int:
    """The line of the first inline reference with this source."""
    pattern = re.compile(r"`#!probe\s+" + re.escape(source) + r"\s*`")
    for number, line in enumerate(text.splitlines(), 1):
        if pattern.search(line):
            return number
    return 1
