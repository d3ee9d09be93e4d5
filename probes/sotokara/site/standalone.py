"""The Markdown extension by itself: figures from the evidence, in generators that run no adapter.

Zensical, or any program that runs Python-Markdown, renders page by page and calls nobody at the
end. So the whole site is read once, before its first figure, and shown from the ledger; nothing is
measured (``sotokara run`` does that).
"""

import threading
from pathlib import Path

from sotokara.engine.settings import load
from sotokara.site import build
from sotokara.site.build import Build
from sotokara.site.read_site import read_site

_lock = threading.Lock()
CONFIG = "mkdocs.yml"
"""What a site is described in; Zensical reads it too."""


def figures() -> Build:
    """The site in the working folder, replayed; where it has no mkdocs.yml, no page at all."""
    with _lock:
        if Path(CONFIG).is_file():
            site = read_site(Path(CONFIG))
            now = site.begin(site.settings(mode="replay"))
        else:
            now = build.begin(load(mode="replay"), Path.cwd())
        now.finish(lenient=True)
        now.alone = True
        return now


def stylesheet() -> str:
    """The figures' stylesheet as an element: such a generator is told of no file."""
    css = Path(__file__).parent.parent / "render" / "probes.css"
    return f"<style>{css.read_text('utf-8')}</style>"
