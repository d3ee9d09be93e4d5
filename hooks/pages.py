"""Fills the front page, the cards and the links between languages.

The code is `sotokara.mkdocs.pages`.
"""

from sotokara.mkdocs.pages import (
    on_env,
    on_files,
    on_page_context,
    on_page_markdown,
)

__all__ = [
    "on_env",
    "on_files",
    "on_page_context",
    "on_page_markdown",
]
