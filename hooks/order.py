"""Arranges the navigation in the order of learning. The code is `sotokara.mkdocs.order`."""

from sotokara.mkdocs.order import (
    on_files,
)

__all__ = [
    "on_files",
]
