"""Which parts of the adapter a site wants. The hooks of this project are all of them."""

from collections.abc import Iterable

ALL = frozenset({"languages", "search", "heads", "cards", "front", "feeds", "schema"})
"""Beside the figures and their evidence, which every site has that asks something."""
_chosen = {"parts": ALL}


def choose(parts: Iterable[str]) -> None:
    """From now on, these parts alone."""
    _chosen["parts"] = frozenset(parts) & ALL


def is_enabled(part: str) -> bool:
    """Whether a part is wanted."""
    return part in _chosen["parts"]
