"""``pin: 2026-03-01`` in a post: Material's blog knows the key as a switch of its own.

There ``pin: true`` puts a post first; any other value ended the build before a figure was read.
"""

import sys
from datetime import date
from typing import Any

from mkdocs.config.config_options import Type

_CONFIG = "material.plugins.blog.structure.config"


class _Switch(Type):  # type: ignore[type-arg]  # of MkDocs
    """A switch; a day or an observation's id beside it is for the figures, and switches nothing."""

    def run_validation(self, value: object) -> Any:  # noqa: ANN401  # as the base's
        if isinstance(value, date | str):
            return False
        return super().run_validation(value)


def allow_days() -> None:
    """Let posts have either; nothing where no blog of Material's is used."""
    posts = getattr(sys.modules.get(_CONFIG), "PostConfig", None)
    schema = dict(getattr(posts, "_schema", ()))
    if posts is None or "pin" not in schema or isinstance(schema["pin"], _Switch):
        return
    switch = _Switch(bool, default=False)
    posts.pin = switch
    switch.__set_name__(posts, "pin")  # type: ignore[no-untyped-call]
    posts._schema = tuple((schema | {"pin": switch}).items())  # noqa: SLF001  # as MkDocs makes it
