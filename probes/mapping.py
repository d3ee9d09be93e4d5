"""The YAML mapping in a fence, with the line of each key, and what is wrong with it."""

import re
from typing import Any, NamedTuple

import yaml

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's where it was built in
_BARE_REFERENCE = re.compile(r"(?P<key>\w+):\s+\{\{")
_FENCE = -1


class Slip(NamedTuple):
    """A mistake: what, how to mend it; ``line`` 0 is below the fence's opening, -1 the opening."""

    line: int
    what: str
    mend: str


def read_mapping(source: str) -> tuple[dict[str, Any] | None, dict[str, int], list[Slip]]:
    """The mapping, keys as text (None: unreadable), each key's line, and the slips."""
    loader = _Loader(source)
    lines: dict[str, int] = {}
    slips: list[Slip] = []
    try:
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            what = "the definition is no YAML mapping"
            return None, lines, [Slip(_FENCE, what, "write `dns: www.example.com`")]
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
    except (yaml.YAMLError, ValueError) as error:
        what = f"bad YAML: {str(error).splitlines()[0]}"
        return None, lines, [*slips, Slip(_FENCE, what, "remove characters that do not print")]
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
    mend = f'write {key}: "{{{{ … }}}}" with quotation marks'
    return Slip(line, f"the reference in {key!r} is not quoted", mend)


def _bad_yaml(source: str, error: yaml.MarkedYAMLError) -> Slip:
    """Where the YAML breaks off; most often it is a reference without quotation marks."""
    lines = source.splitlines() or [""]
    mark = error.problem_mark or error.context_mark
    at = min(mark.line if mark else 0, len(lines) - 1)
    if bare := _BARE_REFERENCE.search(lines[at]):
        return _unquoted(at, bare["key"])
    what = f"bad YAML: {error.problem or error.context or 'unreadable'}"
    return Slip(at, what, "mend the YAML; text with `: `, `#` or `{` needs quotation marks")
