"""Shows a saved page first under `mkdocs serve`. The code is `sotokara.mkdocs.serving`."""

from sotokara.mkdocs.serving import (
    on_config,
    on_env,
    on_nav,
    on_page_context,
    on_page_markdown,
    on_post_build,
    on_pre_page,
    on_serve,
    on_shutdown,
    on_startup,
)

__all__ = [
    "on_config",
    "on_env",
    "on_nav",
    "on_page_context",
    "on_page_markdown",
    "on_post_build",
    "on_pre_page",
    "on_serve",
    "on_shutdown",
    "on_startup",
]
