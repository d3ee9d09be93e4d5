"""Many names looked for in many lines at once, in time that does not grow with their number."""

import re
from collections.abc import Iterable

from sotokara.kinds.shared.registry.personal import shape

_RUN = re.compile(r"[^\W_]+")


class PersonNames:
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

        >>> PersonNames(["Jane Roe"]).masked("by JANE ROE, Jane Roeder")
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


# Lines that registries put above and below what they tell: a service, its version, its terms.

_WORDS = re.compile(
    r"a|about|agreement|all|an|and|are|at|availability|available|be|by|class|com|complaint|conditions"
    r"|copyright|country|database|dnssec|details|domain|du|de|end|english|field|for|form|from|go|home"
    r"|http|icann|in|inaccuracy|information|is|java|last|level|lookup|made|may|more|names?|new|no"
    r"|note|of|on|only|or|page|port|problem|query|records?|registrars?|registration|registr(?:y|ies)"
    r"|reporting|reserved|results|rights|search|see|servers?|service|system|terms|the|this|tld|to|top"
    r"|type|updated?|use|v|version|visit|website|welcome|whois|with|you|additional|section|servidor"
    r"|registre|domaine|dominio"
)
"""None of them is a name."""
_TOLD = frozenset(
    (
        "whois",
        "registry",
        "copyright",
        "terms",
        "rights",
        "database",
        "section",
        "server",
        "registre",
    )
)
_NEUTRAL = re.compile(
    r"https?://\S+|(?:[\w-]{1,63}\.)+[A-Za-z][\w-]{1,62}\.?|v?\d+(?:\.\d+)+|(?:19|20)\d\d"
    r"|\d{1,2}:\d\d(?::\d\d)?|\d{1,2}-[A-Za-z]{3}-\d{4}|\d{4}-\d\d-\d\d(?:T[\d:.]+Z?)?"
    r"|[A-Z]{0,4}NIC|\.[A-Za-z]{2,24}"
)


_LONGEST = 200


def title(value: str) -> bool:
    """Whether a line of its own names a service, its version or its terms, and nobody.

    >>> title("Whois Server Version 2.0"), title("Copyright Nominet UK 1996 - 2026.")
    (True, False)
    """
    if len(value) > _LONGEST:
        return False
    tokens = [token.strip("()[]<>,;:*\"'!-") for token in value.split()]
    rest = [token for token in tokens if token and not _NEUTRAL.fullmatch(token)]
    words = [word for token in rest for word in re.split(r"[./-]", token.lower()) if word]
    return bool(_TOLD.intersection(words)) and all(map(_WORDS.fullmatch, words))
