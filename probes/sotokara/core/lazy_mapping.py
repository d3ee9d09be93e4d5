"""Registries whose entries are imported when first asked for: a site pays for what it uses."""

import pkgutil
from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

Entry = TypeVar("Entry")


class LazyMapping(Mapping[str, Entry], Generic[Entry]):
    """Entries by name; ``where`` says for each in which module it is, as ``module:name``."""

    def __init__(self, where: dict[str, str]) -> None:
        self._where = where
        self._found: dict[str, Entry] = {}

    def __getitem__(self, name: str) -> Entry:
        if name not in self._found:
            self._found[name] = pkgutil.resolve_name(self._where[name])
        return self._found[name]

    def __contains__(self, name: object) -> bool:
        return name in self._where

    def __iter__(self) -> Iterator[str]:
        return iter(self._where)

    def __len__(self) -> int:
        return len(self._where)
