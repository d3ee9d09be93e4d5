"""Lines that registries put above and below what they tell: a service, its version, its terms."""

import re

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
