"""What an author got wrong: where, what, and how to mend it."""

from typing import NamedTuple


class AuthorError(NamedTuple):
    """What an author got wrong: where, what, how to mend it. Sorts by place."""

    page: str
    line: int
    what: str
    hint: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.what}; {self.hint}"
