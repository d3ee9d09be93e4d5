"""``mkdocs serve`` goes on when its first build fails.

MkDocs builds once before it serves, and ends where that fails: at front matter that cannot be
read, a wrong setting, a plugin that stumbles. Here the same build is tried, what went wrong stands
at every address of the preview, and the next save builds again, as after any later mistake.

It takes the place of one name of MkDocs', ``mkdocs.commands.serve.build``, for one call. A mistake
in ``mkdocs.yml`` that keeps MkDocs from reading it still ends ``serve``: nothing of ours runs then.
Later it does not: ``tried`` is how each build is told of that fails while a site is served.
"""

import logging
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

from mkdocs.commands import build as steps
from mkdocs.commands import serve as _serve
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, BuildError

from sotokara.core.labels import labels
from sotokara.mkdocs.errors import WrongSettings, told

log = logging.getLogger("mkdocs.sotokara")
serve: Any = _serve
"""MkDocs exports no name that it imports itself."""

PAGE = """<!doctype html>
<html lang="{lang}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="2"><title>{title}</title></head>
<body><main><h1>{title}</h1>
<pre style="white-space: pre-wrap">{error}</pre>
<p>{then}</p></main></body>
</html>
"""
"""Asked for again every two seconds: a page that is not MkDocs' own has no script for that."""


def survive() -> None:
    """Let the ``serve`` that begins now outlive a first build that fails."""
    if getattr(serve, "build", None) is steps.build:
        serve.build = _first


def _first(config: MkDocsConfig, **named: Any) -> None:  # noqa: ANN401  # MkDocs' own
    """The first build; all later ones are MkDocs' own."""
    serve.build = steps.build
    if wrong := tried(config, lambda: steps.build(config, **named), whole=lambda: config.strict):
        log.error("%s", "The first build failed. It is tried again when a file is saved.")
        _show(config, wrong)


def again(
    config: MkDocsConfig, builder: Callable[[], None], whole: Callable[[], bool]
) -> Callable[[], None]:
    """The builder for the saves after a first build that failed: what is wrong now is shown."""

    def build() -> None:
        if wrong := tried(config, builder, whole):
            _show(config, wrong)

    return build


def tried(config: MkDocsConfig, builder: Callable[[], None], whole: Callable[[], bool]) -> str:
    """Build; what went wrong, which is in the log then, or nothing.

    ``config``: the settings that were read last; ``whole``: whether all was written by the end,
    which ``--strict`` waits for before it counts warnings.
    """
    file = Path(config.config_file_path or "mkdocs.yml").resolve()
    with WrongSettings(file) as settings:
        try:
            builder()
        except Exception as error:
            cause = error.__context__
            if isinstance(error, Abort) and isinstance(cause, BuildError):
                return str(cause)  # MkDocs has said it
            if isinstance(error, Abort) and cause is None and not settings.found and whole():
                log.error("%s A build would end here; the preview goes on.", error)  # noqa: TRY400
                return ""
            said = "\n".join(settings.found) or told(error, file.parent, Path(config.docs_dir))
            if said is None:
                log.exception("The site could not be built")
            else:
                log.error("%s", said)  # noqa: TRY400
            return said or str(error) or type(error).__name__
    return ""


def _show(config: MkDocsConfig, error: str) -> None:
    """Write what went wrong where the site would stand, for every address."""
    lang = str(config.theme.get("language") or "en")
    words = labels(lang)
    page = PAGE.format(
        lang=lang,
        title=words["first_build_failed"],
        error=escape(error),
        then=words["first_build_again"],
    )
    folder = Path(config.site_dir)
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("index.html", "404.html"):
        (folder / name).write_text(page, "utf-8")
