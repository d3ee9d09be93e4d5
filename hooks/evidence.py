"""Publishes the evidence beside the articles. The code is `sotokara.mkdocs.evidence`."""

from sotokara.mkdocs.evidence import (
    on_config,
    on_env,
    on_files,
    on_post_build,
    on_post_page,
    on_pre_build,
)

__all__ = [
    "on_config",
    "on_env",
    "on_files",
    "on_post_build",
    "on_post_page",
    "on_pre_build",
]
