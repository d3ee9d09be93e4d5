"""Files that definitions name by their path from the article."""

from pathlib import PurePosixPath
from posixpath import normpath
from typing import Any

from sotokara.kinds.interface import Kind


def named_from(page: str, given: dict[str, Any], kind: type[Kind]) -> dict[str, Any]:
    """A question's fields as they are asked: a file has one name, whichever article names it."""

    def path(name: str, prefix: str) -> str:
        bare = name.removeprefix(prefix).strip()
        if not bare or not name.startswith(prefix):
            return name
        return prefix + normpath(str(PurePosixPath(page).parent / bare))

    named = dict(given)
    for one in kind.files:
        prefix = kind.file_prefix if one == "target" else ""
        if isinstance(value := given.get(one), str):
            named[one] = path(value, prefix)
        elif value:
            named[one] = [path(name, prefix) for name in value]
    return named
