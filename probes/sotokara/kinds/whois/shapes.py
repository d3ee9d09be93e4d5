"""Values that are nobody's by their form: dates, hosts, URLs, words that hide a value."""

import re
from itertools import pairwise

from sotokara.kinds.shared.registry.dates import first_day

_HOST = r"(?:[\w-]{1,63}\.)+[^\W\d_][\w-]{1,62}\.?"
_IPV4 = r"\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?"
_IPV6 = r"[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:\.\d{1,3}){0,3}(?:/\d{1,3})?"
_VERSION = r"\d{1,3}(?:\.\d{1,3}){1,2}"
_ONE = rf"(?:https?://\S+|{_IPV6}|{_IPV4}|{_HOST}|{_VERSION}|AS\d+)"
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
_THING = re.compile(
    r"(?:(?:source|dnssec|ds|dnskeys?|keys?|keytag|keyset|rdata|tag|flags?|algorithm|digest|script"
    r"|idn|ace|unicode|punycode|lang|language|country|countrycode|code|economy|pays|país|pais|maa"
    r"|status|estatus|estado|statut|stato|eppstatus|idstatus|eligstatus|reachstatus|nsstat|nslastaa"
    r"|domains?|domainname|dominio|domaine|domínio|domena|dn|whois|server|url|web|website|www"
    r"|license|object|version|database|encoding|charset|ip|ipv[46]|registry|iana|icann|epp|type"
    r"|protocol|data|name|nom de|information|reg|netname|inetnum|inet6num|inet|route|origin|cidr"
    r"|as|aut|num|number|handle|net|range|export|import|mp|member of|default|geofeed|service|query"
    r"|lock|locked|zone|signed|dnssec|primary|timestamp|referral|referralserver|refer|regdate|link"
    r"|nettype|netrange|nethandle|asnumber|asname|ashandle|originas|resourcelink|parent|signing|publish|phase|hold|nic|tld|sld|latin|ascii|state|network|list"
    r"|less|more|specific|info|reachmedia|abuse|mailbox)(?: |$))+"
    r"|(?:[\w ]+ )?(?:country|countrycode|economy|status)(?: code)?"
    r"|(?:estatus|estado|statut|stato|status) (?:del|do|du|of|der) \w+"
    r"|.*(?:状態|年月日|期限|国名|등록일|종료일|변경일|정보공개|도메인|域名|状态|ドメイン名|アドレス範囲|署名鍵"
    r"|ネットワーク|创建|过期|注册日期|到期|種別|上位情報|下位情報|страна).*"
)
_OF_TIMES = re.compile(
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\b|\b(?:mon|tue|wed|thu|fri|sat"
    r"|sun)[a-z]*\b|\b[A-Z]{1,5}[TZ]\b|\b(?:am|pm|utc|before|since|on|at|years?|months?|days?)\b"
    r"|(?<=\d)(?:st|nd|rd|th|t|z)(?![a-z])|(?<=\d)T(?=\d)",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"[^\s@]{1,64}(?:\s*#\S+)?")


def nobodys(value: str, *, of_contact: bool = False) -> bool:
    """Whether a value can be no person's by its form.

    In a contact's data (``of_contact``) a host's name may be a person's (``j.roe``), and digits a
    telephone number.
    """
    text = value.strip()[:400]
    if not text or _SWITCH.fullmatch(text) or _ROLE.fullmatch(text) or is_withheld(text):
        return True
    form = _ADDRESS if of_contact else _TECHNICAL
    tokens = _APART.split(text, maxsplit=_MOST_TOKENS)
    bare = [plain for one in tokens if (plain := one.strip("[]()/-"))]
    if bare and all(form.fullmatch(plain) or plain == "NS" for plain in bare):
        return True
    return bool(first_day(text)) and bool(_TIME.fullmatch(text) or _DATE_WORDS.fullmatch(text))


def role(value: str) -> bool:
    """Whether a value only says which contact follows (``contact: administrative``)."""
    return bool(_ROLE.fullmatch(value.strip()))


_NONE = re.compile(
    r"[\s(\[<]*(?:none|no|nil|null|n/?a|not? (?:applicable|set|available|defined)|nobody"
    r"|unknown|[-.*]*)"
    r"[\s)\]>.]*",
    re.IGNORECASE,
)


def none(value: str) -> bool:
    """Whether a value says that there is none: neither a name nor the hint that one is hidden."""
    return bool(_NONE.fullmatch(value))


def is_withheld(value: str) -> bool:
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


_NUMBERED = re.compile(r"(?=\S*\d)[A-Z0-9][A-Z0-9._:/#+-]*")
"""A handle or a number: capitals and digits."""


def thing(plain: str) -> bool:
    """Whether a label, in plain words, is one of things alone: what stands there is nobody's."""
    return bool(_THING.fullmatch(plain))


def without_a_name(value: str) -> bool:
    """Whether a value has no word but times, handles and mails, so that no name can be in it."""
    words = [one for one in value.split() if "@" not in one and not _NUMBERED.fullmatch(one)]
    return not any(one.isalpha() for one in _OF_TIMES.sub("", " ".join(words)))


def perhaps_a_name(value: str) -> bool:
    """Whether words without a label have the form of a name or of a line of an address.

    Two to four words that begin with capitals, or a number among few words.
    """
    words = [one.strip(".,;:()<>\"'*-") for one in value.split()]
    words = [one for one in words if one]
    if not 2 <= len(words) <= _MOST_OF_NAME or without_a_name(value) or nobodys(value):  # noqa: PLR2004
        return False
    letters = [one for one in words if one[0].isalpha()]
    return all(one[0].isupper() or not one[0].isascii() for one in letters) and bool(letters)


_MOST_OF_NAME = 4


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
