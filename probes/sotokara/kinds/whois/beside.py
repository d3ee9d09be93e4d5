"""Whether something of a registration stands beside the words that deny it.

“No record found” may be said of a key, a contact, a look-alike. It is believed of the domain only
where the rest of the answer is what comes with such words: the question, comments, terms of use.
A layout that nobody knows still shows by its hosts, its days and its many labels that it is one.
"""

from sotokara.kinds.shared.registry.dates import day
from sotokara.kinds.whois import answers, shapes
from sotokara.kinds.whois.domain_parts import HOSTNAME
from sotokara.kinds.whois.labels import CONTACT, HOLDER, SERVERS
from sotokara.kinds.whois.lines import PAIR, WORDS, split
from sotokara.kinds.whois.paragraphs import prose_lines
from sotokara.kinds.whois.sections import Placed, placed

_MOST_DAYS, _MOST_LABELS, _SHORT = 1, 3, 6
"""The answer's own day, and the hints that registries give; words of a value, not a sentence."""
_HELPERS = ("whois", "www.", "rdap")


def registration_beside(text: str, name: str) -> bool:
    """Whether an answer about ``name`` holds more than a denial and what comes with one."""
    found = placed(split(text))
    prose = prose_lines(found)
    days = labels = 0
    for at, one in enumerate(found):
        value = one.line.value
        if one.line.kind not in (PAIR, WORDS) or one.line.commented or at in prose:
            continue
        if not value or shapes.none(value) or _denial(one):
            continue
        if "://" in value and " " not in value:  # "… are available at: https://registry.example/"
            continue
        if shapes.sentence(value) or shapes.phrase(value) or shapes.role(value):
            continue
        if one.whose in (HOLDER, CONTACT, SERVERS) or _host(one, name):
            return True
        if one.line.kind == PAIR:
            days += bool(day(value))
            odd = one.label is not None and one.label.odd and name not in value.lower()
            labels += odd and "://" not in value and len(value.split()) <= _SHORT
    return days > _MOST_DAYS or labels > _MOST_LABELS


def _denial(one: Placed) -> bool:
    return answers.says_something(one.line.text[one.line.indent :])


def _host(one: Placed, name: str) -> bool:
    """Whether a value is the name of another host, no helper's."""
    tokens = [token.strip("()[]<>,;\"'").rstrip(".") for token in one.line.value.lower().split()]
    if one.line.kind == WORDS and len(tokens) > 1:
        return False
    hosts = [token for token in tokens if HOSTNAME.fullmatch(token)]
    return any(host != name and not host.startswith(_HELPERS) for host in hosts)
