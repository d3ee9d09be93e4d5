"""Values that are nobody's by their form: dates, hosts, URLs, words that hide a value."""

import re
from itertools import pairwise

from sotokara.kinds.shared.registry.dates import day

_HOST = r"(?:[\w-]{1,63}\.)+[A-Za-z\w-]{2,63}\.?"
_IPV4 = r"\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?"
_IPV6 = r"[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:\.\d{1,3}){0,3}(?:/\d{1,3})?"
_ONE = rf"(?:https?://\S+|{_IPV6}|{_IPV4}|{_HOST}|AS\d+)"
_TECHNICAL = re.compile(_ONE)
_ADDRESS = re.compile(rf"(?:https?://\S+|{_IPV6}|{_IPV4}|AS\d+)")
_APART = re.compile(r"[\s,;|]+")
_MOST_TOKENS = 60
_TIME = re.compile(r"[\dT:.+\s/()-]{4,40}(?:[A-Z]{1,5}(?:[+-]\d+)?|\([A-Z+0-9]{1,8}\))?")
_DATE_WORDS = re.compile(
    r"(?:(?:before|since|on|at|record|domain|will|last|paid|until|valid|(?:creat|expir|updat|modifi"
    r"|chang|registe?r|activat|renew)[a-z]*|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*|(?:jan|feb"
    r"|mar|apr|may|jun|jul|aug"
    r"|sep|oct|nov|dec)[a-z]*|gmt|utc|[a-z]{1,4}t|dd|mm|yyyy|hh|ss)(?![a-z])"
    r"|\d{1,6}(?:(?:st|nd|rd|th|z)(?![\da-z])|t(?=\d)|(?![\da-z]))|[-,./:+\s()#年月日])+",
    re.IGNORECASE,
)
_SWITCH = re.compile(
    r"(?:yes|no|none|nil|null|true|false|y|n|n/a|na|ok|active|inactive|-+|\.+|\*+|unknown|not"
    r" applicable|unsigned|signed|on|off|published|open|closed|locked|unlocked|free|available"
    r"|(?:client|server)[a-z]{4,9}prohibited|(?:client|server)hold)\.?",
    re.IGNORECASE,
)
_STATES = re.compile(
    r"(?:(?:(?:not|un)[ -]?)?(?:registered|delegated|verified|active|connected|inactive"
    r"|suspended|expired"
    r"|ok|hold|locked|reserved|system|deactivated|published)[,;\s]*)+(?:\([\d/]+\))?",
    re.IGNORECASE,
)
_HIDDEN = re.compile(
    r"^[\s<\[(*]*(?:redacted|(?:data |information )?not (?:disclosed|shown|available|displayed"
    r"|public|published|applicable|validated)|undisclosed|withheld|hidden(?:!|$| upon| by| due)"
    r"|non-public"
    r"|data (?:protected|redacted)|gdpr (?:masked|redacted)|masked|statutory masking|concealed"
    r"|privacy protect|confidential|please (?:query|visit|ask|see|contact the)|visit (?:www|http)"
    r"|see http|details are available|for privacy|ano nymous|nepublicat|gizli|registrant's? choice"
    r"|select (?:contact|request)|https?://\S+ to contact)|非公開|비공개",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"(?:registrants?|owner|holder|admin(?:istrative|istrator)?|tech(?:nical)?|billing|abuse|zone"
    r"|registrar|sponsor)(?: contact)?",
    re.IGNORECASE,
)
_OF_OFFICES = re.compile(
    r"\b(?:registrants?|registrars?|registry|admin|tech|billing|whois|rdds|service)\b",
    re.IGNORECASE,
)
_LONGEST_HIDDEN = 160
_REFERENCE = re.compile(r"(?=[^\s]*\d)(?=[^\s]*[A-Za-z])[A-Za-z0-9_.+:]+(?:-[A-Za-z0-9_.]+)*")
_HANDLE = re.compile(r"[^\s@]{1,64}(?:\s*#\S+)?")


def nobodys(value: str, *, of_contact: bool = False) -> bool:
    """Whether a value can be no person's by its form.

    In a contact's data (``of_contact``) a host's name may be a person's (``j.roe``), and digits a
    telephone number.
    """
    text = value.strip()[:400]
    if not text or _SWITCH.fullmatch(text) or _ROLE.fullmatch(text) or hidden(text):
        return True
    form = _ADDRESS if of_contact else _TECHNICAL
    tokens = _APART.split(text, maxsplit=_MOST_TOKENS)
    bare = [plain for one in tokens if (plain := one.strip("[]()/-"))]
    if bare and all(form.fullmatch(plain) or plain == "NS" for plain in bare):
        return True
    return bool(day(text)) and bool(_TIME.fullmatch(text) or _DATE_WORDS.fullmatch(text))


def role(value: str) -> bool:
    """Whether a value only says which contact follows (``contact: administrative``)."""
    return bool(_ROLE.fullmatch(value.strip()))


_NONE = re.compile(
    r"[\s(\[<]*(?:none|no|nil|null|n/?a|not? (?:applicable|set|available)|nobody|unknown|[-.*]*)"
    r"[\s)\]>.]*",
    re.IGNORECASE,
)


def none(value: str) -> bool:
    """Whether a value says that there is none: neither a name nor the hint that one is hidden."""
    return bool(_NONE.fullmatch(value))


def hidden(value: str) -> bool:
    """Whether a value only says that the registry does not show it."""
    text = value.strip()
    if len(text) > _LONGEST_HIDDEN or "@" in text or not _HIDDEN.search(text):
        return False
    return not (text.lower().startswith("please") and somebody(_OF_OFFICES.sub("", text)))


def somebody(value: str) -> bool:
    """Whether a sentence holds two words in a row that begin like a name's."""
    return any(
        first[:1].isupper() and second[:1].isupper() and not (first.isupper() or second.isupper())
        for first, second in pairwise(value.split()[1:])
    )


def reference(value: str) -> bool:
    """Whether a value is the handle of an object (``EX99999-NICAT``), no name."""
    text = value.strip()
    if not 3 <= len(text) <= 40:  # noqa: PLR2004  # handles have some letters
        return False
    return bool(_REFERENCE.fullmatch(text))


def handle(value: str) -> bool:
    """Whether a value may be a handle where its label says that it is one."""
    return bool(_HANDLE.fullmatch(value.strip()))


_SERVER = re.compile(rf"(?:- )?(?:{_HOST}|{_IPV4}|{_IPV6})(?![\w@])")


def server(value: str) -> bool:
    """Whether a value is a name server's: its name before all else, or one word, a handle."""
    text = value.strip()
    return bool(_SERVER.match(text) or _HANDLE.fullmatch(text)) and "@" not in text


def state(value: str) -> bool:
    """Whether a value is a registration's state, no region of a country."""
    return bool(_STATES.fullmatch(value.strip()[:80]))


_SENTENCE = re.compile(
    r"(?<![\w.@/-])(?:is|are|this|that|these|you|your|for|with|not|may|be|to|any|under|only|will|have|has|been"
    r"|its|was|were|from|must|shall|which|please|if|when|or|ist|sind|nicht|oder|werden|wird|für"
    r"|diese|dieser|sie|auf|est|sont|vous|votre|pour|pas|ou|par|cette|qui|que|dans|para|esta|este"
    r"|sono|che|non|questo|para|não|com|uma|zijn|niet|voor|met|deze|dit|een|wordt|är|inte|och|att"
    r"|som|nie|jest|dla|oraz|lub|не|для|это|или|по|на)(?![\w@/-])",
    re.IGNORECASE,
)
_FEWEST, _SHARE = 3, 0.12


def prose(text: str) -> bool:
    """Whether a paragraph is made of sentences: of words that neither names nor addresses have."""
    count = len(_SENTENCE.findall(text[:4000]))
    return count >= _FEWEST and count >= _SHARE * len(text[:4000].split())


_MANY, _MOSTLY = 8, 0.6


def sentence(line: str) -> bool:
    """Whether a line is long and mostly in small letters, as neither names nor addresses are."""
    found = [word for word in line.split() if word[:1].isalpha()]
    small = sum(word[0].islower() for word in found)
    return len(found) >= _MANY and small >= _MOSTLY * len(found)


_LEAST_OF_CLAUSE = 6


def clause(value: str) -> bool:
    """Whether a value where a name is expected is a piece of a sentence in small letters."""
    long = len(value.split()) >= _LEAST_OF_CLAUSE and not any(char.isdigit() for char in value)
    return long and phrase(value) and bool(_SENTENCE.search(value))


_LINKS = re.compile(r"\b(?:from|by|in|of|not|see|for|is|this|the|to|at|under|with)\b")


def phrase(value: str) -> bool:
    """Whether free words are a phrase (``mirrored from KRNIC``) and no name: small letters."""
    found = [word for word in value.split() if word[:1].isalpha()]
    small = sum(word[0].islower() for word in found)
    return bool(_LINKS.search(value)) and small >= _MOSTLY * len(found) and "," not in value
