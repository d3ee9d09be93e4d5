"""Headers pasted into an article: masked line by line, so that remarks keep their lines."""

import re

from sotokara.kinds.mailfile.masking import MASK, masked
from sotokara.kinds.shared.terminal.pasted import split

_FIELD = re.compile(r"\s{0,3}([!-9;-~]{1,76}):(?:[ \t]|$)")
_COMMAND = re.compile(r"\s*[$#%>] ")
_MOST_LINES = 20_000
FOLDED = "..."
"""Stands for a line whose words stand on the field's first one."""


def masked_paste(text: str) -> str:
    """The text in which each field stands masked on its first line, its remarks behind it.

    Lines that it was folded into become ``...``, so that all others keep their numbers; what is no
    header field, and all behind the header's end, is masked whole.
    """
    lines = text.splitlines()[:_MOST_LINES]
    found: list[str] = []
    at, begun, ended = 0, False, False
    while at < len(lines):
        if _COMMAND.match(lines[at]) or not lines[at].strip():
            ended = begun and not lines[at].strip()
            found.append(lines[at])
            at += 1
            continue
        head = None if ended else _FIELD.match(lines[at])
        begun = begun or head is not None
        if head is None:
            found.append(MASK)
            at += 1
            continue
        end = at + 1
        while end < len(lines) and lines[end][:1] in (" ", "\t") and lines[end].strip():
            end += 1
        parts = [_split(one) for one in lines[at:end]]
        value = " ".join([parts[0][0][head.end() :], *(one.strip() for one, _ in parts[1:])])
        kept = masked(head[1].lower(), re.sub(r"\s+", " ", value).strip())
        remarks = " ".join(one for _, one in parts if one)
        line = f"{head[1]}: {MASK if kept is None else kept}"
        found.append(f"{line}  <-- {remarks}" if remarks else line)
        found += [f"  {FOLDED}"] * (end - at - 1)
        at = end
    return "\n".join(found) + "\n" * text.endswith("\n")


def _split(line: str) -> tuple[str, str]:
    """A line and the remark behind it; what stands in ``<…>`` is an address, not a remark."""
    if re.search(r"<[^<>]*>\s*;?\s*$", line) or not re.search(r"<|←|//|#", line):
        return line, ""
    return split(line, hashes=False, parentheses=False)
