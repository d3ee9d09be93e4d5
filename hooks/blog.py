"""Gives each page its own language, and completes the search.

The code is `sotokara.mkdocs.blog`.
"""

from sotokara.mkdocs.blog import (
    on_config,
    on_env,
    on_files,
    on_page_content,
    on_page_markdown,
    on_post_build,
    on_post_page,
    on_post_template,
)

__all__ = [
    "on_config",
    "on_env",
    "on_files",
    "on_page_content",
    "on_page_markdown",
    "on_post_build",
    "on_post_page",
    "on_post_template",
]
