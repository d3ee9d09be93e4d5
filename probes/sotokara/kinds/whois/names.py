"""Many names looked for in many lines at once, in time that does not grow with their number."""

import re
from collections.abc import Iterable

from sotokara.kinds.shared.registry.personal import shape

_RUN = re.compile(r"[^\W_]+")


class Names:
    """Names that go wherever they stand as whole words, in capitals or not."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = {name.lower() for name in names}
        begun: dict[str, set[tuple[int, int]]] = {}
        for name in names:
            if match := _RUN.search(name):
                begun.setdefault(match[0].lower(), set()).add((match.start(), len(name)))
        self._begun = {word: sorted(each, key=_longest) for word, each in begun.items()}
        """The first words of names, and where such a name begins before them and how long it is."""

    def masked(self, text: str) -> str:
        """The text with ``x`` for the letters of every name in it.

        >>> Names(["Jane Roe"]).masked("by JANE ROE, Jane Roeder")
        'by xxxx xxx, Jane Roeder'
        """
        done, pieces = 0, []
        for match in _RUN.finditer(text):
            for before, length in self._begun.get(match[0].lower(), ()):
                start = match.start() - before
                end = start + length
                if done <= start and self._whole(text, start, end):
                    pieces += [text[done:start], shape(text[start:end])]
                    done = end
                    break
        return "".join([*pieces, text[done:]]) if pieces else text

    def _whole(self, text: str, start: int, end: int) -> bool:
        if text[start:end].lower() not in self._names:
            return False
        return not _RUN.match(text[end : end + 1]) and not (start and _RUN.match(text[start - 1]))


def _longest(one: tuple[int, int]) -> int:
    return -one[1]
