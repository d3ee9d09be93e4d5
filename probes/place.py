"""Where in an author's file a fence or an inline reference stands.

Markdown hands on a fence's text without its place, so the place is found again by the text. Fences
inside longer fences and in comments are passed over: they are examples, not definitions.
"""

import re
from functools import lru_cache

_FENCE = re.compile(r"^[\s>]*(?P<marks>`{3,}|~{3,})\s*(?P<info>.*?)\s*$")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_PROBE = re.compile(r"^(?:\{\s*)?\.?probe\b")


@lru_cache(maxsize=4)  # each fence of a page asks
def fences(text: str) -> list[tuple[int, list[str]]]:
    """Each ``probe`` fence: the 1-based line of its opening and its lines, stripped.

    Those indented as far as an example is come last: a list may hold a fence so, but where the same
    text stands less indented too, that is the definition.
    """
    hidden = _COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    marks, opened, probe = "", 0, False
    body: list[str] = []
    found: list[tuple[int, list[str]]] = []
    indented: list[tuple[int, list[str]]] = []
    place = found
    for number, line in enumerate(hidden.splitlines(), 1):
        match = _FENCE.match(line)
        if not marks:
            if match:
                marks, opened, body = match["marks"], number, []
                place = indented if line.startswith(("    ", "\t")) else found
                probe = bool(_PROBE.match(match["info"]))
        elif match and not match["info"] and match["marks"].startswith(marks):
            if probe:
                place.append((opened, body))
            marks = ""
        else:
            body.append(line.strip(" \t>"))
    return found + indented


def fence_lines(text: str, source: str) -> list[int]:
    """The lines in which fences with this source open; [1] when it is not in the file itself."""
    wanted = [line.strip(" \t>") for line in source.strip("\n").splitlines()]
    return [line for line, body in fences(text) if body == wanted] or [1]


def inline_line(text: str, source: str) -> int:
    """The line of the first inline reference with this source."""
    pattern = re.compile(r"`#!probe\s+" + re.escape(source) + r"\s*`")
    for number, line in enumerate(text.splitlines(), 1):
        if pattern.search(line):
            return number
    return 1
