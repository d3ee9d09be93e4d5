"""Plugins that read a page's Markdown as a template (mkdocs-macros) leave definitions alone.

Their ``{{ }}`` and ours mean different things. Whatever stands inside a ``probe`` fence or an
inline reference is ours: its braces are put aside before such a plugin reads the page, and put
back after it.
"""

import re
from collections.abc import Iterator

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import CombinedEvent, event_priority
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

_FENCE = re.compile(r"^[ \t>]*(?P<marks>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*?)[ \t]*$")
_PROBE = re.compile(r"^(?:\{\s*)?\.?probe\b")
_INLINE = re.compile(r"`#!probe\b[^`\n]*`")
# Of the private use area: no template language knows them, and no author types them.
_ASIDE = {"{{": "\ue0f0", "}}": "\ue0f1", "{%": "\ue0f2", "%}": "\ue0f3", "{#": "\ue0f4"}
_BACK = {mark: braces for braces, mark in _ASIDE.items()}
_BRACES = re.compile("|".join(map(re.escape, _ASIDE)))
_MARKS = re.compile("|".join(_BACK))


def put_aside(markdown: str) -> str:
    """The text with the braces of its definitions and inline references put aside."""
    if "probe" not in markdown or not _BRACES.search(markdown):
        return markdown
    return "\n".join(_lines(markdown.split("\n")))


def put_back(markdown: str) -> str:
    """The text as it was."""
    return _MARKS.sub(lambda match: _BACK[match[0]], markdown)


def _lines(lines: list[str]) -> Iterator[str]:
    marks, ours = "", False
    for line in lines:
        match = _FENCE.match(line)
        if not marks and match:
            marks, ours = match["marks"], bool(_PROBE.match(match["info"]))
        elif match and not match["info"] and match["marks"].startswith(marks):
            marks, ours = "", False
        elif ours:
            yield _hidden(line)
            continue
        yield line if marks else _INLINE.sub(lambda found: _hidden(found[0]), line)


def _hidden(text: str) -> str:
    return _BRACES.sub(lambda match: _ASIDE[match[0]], text)


@event_priority(200)  # before all that may read it as a template
def _before(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    return put_aside(markdown)


@event_priority(-200)
def _after(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    return put_back(markdown)


on_page_markdown = CombinedEvent(_before, _after)
