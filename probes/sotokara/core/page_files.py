"""Files that an article names by their path from there: only those below the pages' folder."""

from pathlib import Path, PurePosixPath


def file_beside_page(pages: Path, page: str, name: str) -> Path | None:
    """The file that a page names by its path from there; None where it may not be read.

    ``pages`` is the folder of the site's pages. The file is below it, it and its folders are no
    links, and none is hidden.
    """
    parts: list[str] = []
    for part in (*PurePosixPath(page).parent.parts, *PurePosixPath(name).parts):
        if part == ".." and parts:
            parts.pop()
        elif part in ("..", "/") or part.startswith("."):
            return None
        else:
            parts.append(part)
    found = pages
    for part in parts:
        found /= part
        if found.is_symlink():
            return None
    return None if found.exists() and not found.is_file() else found
