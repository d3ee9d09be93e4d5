"""What an author got wrong: where, what, and how to mend it."""

from typing import NamedTuple

from sotokara.core.said import in_language


class SettingMistake(Exception):  # noqa: N818  # it is the author's, not the program's
    """Found while measuring: a setting names what is not there. ``what`` and ``hint`` say which."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.what, self.hint = what, hint


class AuthorError(NamedTuple):
    """What an author got wrong: where, what, how to mend it. Sorts by place."""

    page: str
    line: int
    what: str
    hint: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.what}; {self.hint}"

    def in_language(self, lang: str) -> "AuthorError":
        """The same in the language of the page, as far as somebody has translated it."""
        return self._replace(what=in_language(self.what, lang), hint=in_language(self.hint, lang))
