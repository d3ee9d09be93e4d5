"""The Markdown extension: the ``probe`` fence and the inline reference (``#!probe id.field``).

Both are registered with pymdown's superfences and inlinehilite, and only leave a placeholder. Where
a site has neither, they read what is ours, and nothing else. The build finds the placeholders
that survived in the HTML, so an example in a longer fence, an indented one or one in a comment is
never run. The formatter is called again for every excerpt of a page and gives the finished figure
as soon as there is one.
"""

import re
from typing import Any

from markdown import Extension, Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor

from sotokara.site import build
from sotokara.site.blocks import Titles
from sotokara.site.build import Build
from sotokara.site.citations import Citations
from sotokara.site.placeholders import MORE

_SPAN = r"(?s)(?<!(?<!\\)\\)(?<!`)(`+)(?!`)(.*?[^`])\1(?!`)"
"""A code span; what stands in a longer one is text of it."""
_VALUE = re.compile(r"\s*(?:#!|:{3,})probe\s+(.+)", re.DOTALL)
_MARKS = re.compile(r"(`{3,}|~{3,})(.*)")


class ProbeExtension(Extension):
    """Listed in mkdocs.yml as ``sotokara``; where in the list does not matter."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401  # Markdown's options
        self.config = {"lang": ["en", "The language of the words that it writes itself."]}
        super().__init__(**kwargs)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802  # Markdown's own name
        """Register, to be told when all extensions are there."""
        self._md = md
        self._attached = False
        md.registerExtension(self)
        md.preprocessors.register(Citations(md), "probe_citations", 28)  # while fences are text
        md.preprocessors.register(_Beyond(md), "probe_beyond", 29)  # before any fence is read
        md.treeprocessors.register(Titles(md, self.getConfig("lang")), "probe_titles", 15)
        md.postprocessors.register(_Filled(md), "probe_filled", 0)

    def reset(self) -> None:
        """All extensions are there: attach to superfences and inlinehilite."""
        if self._attached:
            return
        self._attached = True
        superfences = self._superfences() or self._for_ours_alone()
        superfences.extend_super_fences("probe", _fence, _any_options, None)
        superfences.extend_super_fences("timeline", _timeline, _any_options, None)
        pattern: Any = self._md.inlinePatterns["backtick"]
        if hasattr(pattern, "extend_custom_inline"):
            pattern.extend_custom_inline("probe", _inline)
        else:
            self._md.inlinePatterns.register(_Values(_SPAN, self._md), "probe_values", 191)

    def _superfences(self) -> Any:  # noqa: ANN401  # pymdown is untyped
        every = self._md.registeredExtensions
        return next((one for one in every if hasattr(one, "extend_super_fences")), None)

    def _for_ours_alone(self) -> Any:  # noqa: ANN401
        """Superfences where the site has none: all other fences are left to what reads them there.

        It still looks at each of them, so that an example within a longer fence is no definition.
        """
        readers = self._md.preprocessors
        theirs = "fenced_code_block" in readers and readers["fenced_code_block"]
        self._md.registerExtensions(["pymdownx.superfences"], {})
        readers.register(readers["fenced_code_block"], "probe_fences", 25.5)  # before theirs
        readers.deregister("fenced_code_block")
        if theirs:
            readers.register(theirs, "fenced_code_block", 25)
        superfences = self._superfences()
        superfences.superfences[0] |= {"formatter": None, "validator": _any_options}
        return superfences


class _Values(InlineProcessor):
    """Values in prose where the site has no inlinehilite: all other code is left as it is."""

    def handleMatch(  # type: ignore[override]  # noqa: N802  # a newer form of Markdown's own
        self,
        m: re.Match[str],
        data: str,  # noqa: ARG002
    ) -> tuple[str | None, int | None, int | None]:
        """The value, or nothing."""
        found = _VALUE.fullmatch(m[2])
        if not found:
            return None, None, None
        value = _inline(found[1].strip(), "probe", self.md)
        return self.md.htmlStash.store(value), m.start(0), m.end(0)


class _Beyond(Preprocessor):
    """Takes out of an excerpt the fences that it cuts off: they would be made for nothing.

    Only those that stand at the line's beginning; the others are made, and cut off with the rest.
    """

    def run(self, lines: list[str]) -> list[str]:
        """The lines without the fences below the separator."""
        if "excerpt" not in self.md.treeprocessors or MORE not in lines:
            return lines
        kept = lines[: lines.index(MORE)]
        marks, ours = "", False
        for line in lines[len(kept) :]:
            match = _MARKS.match(line)
            opens = bool(match) and not marks
            if match and opens:
                marks, ours = match[1], match[2].strip() == "probe"
            if not ours:
                kept.append(line)
            if match and not opens and match[1].startswith(marks) and not match[2].strip():
                marks, ours = "", False
        return kept


class _Filled(Postprocessor):
    """Where nobody will fill the page later, that is done at once."""

    def run(self, text: str) -> str:
        """Write citations out."""
        if "data-cite=" not in text:
            return text
        now, page = _under_way(), _page(self.md)[0]
        return now.fill(page, text) if now.alone else text


def _any_options(*_: Any) -> bool:  # noqa: ANN401  # superfences' validator
    return True


def _page(md: Markdown) -> tuple[str, bool]:
    """The page being rendered, and whether only for an excerpt elsewhere.

    MkDocs's own tree processor knows; ``config._current_page`` is another page during excerpts.
    """
    if given := getattr(md, "probe_page", ""):  # without MkDocs, the caller says
        return given, False
    if "rendering_context" in md.preprocessors:  # Zensical's
        context: Any = md.preprocessors["rendering_context"]
        return str(context.page.path), False
    if "relpath" not in md.treeprocessors:
        return "", False
    processor: Any = md.treeprocessors["relpath"]
    source = str(processor.file.src_uri)
    return source, "excerpt" in md.treeprocessors


def _under_way() -> Build:
    """The build that an adapter began; else the evidence alone."""
    now = build.current()
    if now is None:
        from sotokara.site import standalone  # no adapter: Zensical, or Markdown by itself

        now = standalone.figures()
    return now


def _build(md: Markdown, page: str, src: str) -> tuple[Build, str]:
    """The build under way, and what has to stand before a page's first figure."""
    now = _under_way()
    if not now.alone:
        return now, ""
    from sotokara.site import standalone

    if not now.knows(page, src):  # the page was edited since
        now = standalone.figures()
    styled, md.probe_styled = getattr(md, "probe_styled", False), True  # type: ignore[attr-defined]
    return now, "" if styled else standalone.stylesheet()


def _fence(src: str, language: str, md: Markdown, **_: Any) -> str:  # noqa: ANN401, ARG001
    page, excerpt = _page(md)
    now, before = _build(md, page, src)
    return before + now.fence(page, src, excerpt=excerpt)


def _timeline(src: str, language: str, md: Markdown, **_: Any) -> str:  # noqa: ANN401, ARG001
    page, _excerpt = _page(md)
    return _build(md, page, src)[0].rare.timelines.fence(page, src)


def _inline(src: str, language: str, md: Markdown) -> str:  # noqa: ARG001
    page, _ = _page(md)
    return _build(md, page, src)[0].inline(page, src)


def makeExtension(**kwargs: Any) -> ProbeExtension:  # noqa: ANN401, N802  # Markdown's own name
    """Python-Markdown's way in."""
    return ProbeExtension(**kwargs)
