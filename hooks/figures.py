"""Measures the definitions in the articles and puts the figures in their place.

The code is `sotokara.mkdocs.figures`.
"""

from sotokara.mkdocs.figures import (
    on_build_error,
    on_config,
    on_env,
    on_files,
    on_page_content,
    on_page_markdown,
    on_shutdown,
    on_startup,
)

__all__ = [
    "on_build_error",
    "on_config",
    "on_env",
    "on_files",
    "on_page_content",
    "on_page_markdown",
    "on_shutdown",
    "on_startup",
]
