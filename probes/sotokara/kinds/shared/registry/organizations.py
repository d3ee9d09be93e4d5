"""Which names plainly are an organization's: by their legal form, or by a word no person bears.

The rule fails safe. A word that is a surname as well (Bank, Group, Center) says nothing, nor does a
character that is part of given names (省, 県); a short legal form (SA, AS, SE) counts only as it
is written in company names, not as a name's last syllable (``Reiyama, Sa``).
"""

import re
from functools import lru_cache

_FORMS = re.compile(
    r"(?<![^\W\d])(?:"
    r"inc|incorporated|ltd|limited|llc|l\.l\.c|llp|plc|corp|corporation|pty|pvt|pte|gmbh|ggmbh|mbh"
    r"|e\.\s?v|e\.\s?k|ohg|gbr|kgaa|s\.\s?r\.\s?o|spol|a\.\s?s|s\.\s?p\.\s?a|spa|s\.\s?r\.\s?l|srl"
    r"|s\.\s?a\.?\s?r\.\s?l|sarl|s[àá]rl|sasu|eurl|s\.\s?a\.\s?s|s\.\s?a|s/a|s\.\s?l|s\.\s?l\.\s?u"
    r"|s\.\s?a\.\s?u|s\.\s?c|c\.\s?v|ltda|lda|eireli|e\.?p\.?e|b\.\s?v|n\.\s?v|bvba|sprl|asbl|vzw"
    r"|oyj?|aps|a/s|i/s|k/s|p/s|asa|oü|mtü|sihtasutus|uab|všį|sia|k\.\s?k|z\s?\.?o\s?\.?\s?o|kft|zrt"
    r"|nyrt|d\.\s?o\.\s?o|d\.\s?d|a\.?ş|şti|sdn|bhd|jsc|ojsc|cjsc|pjsc|w\.?l\.?l|fze|fz-llc|co\.?,"
    r"|co\.,?\s?ltd|gesellschaft|aktiengesellschaft|stiftung|stichting|vereniging|verein|forening"
    r"|stiftelse|aktiebolag|osakeyhtiö|yhdistys|fundación|fundacion|fondation|fondazione|fundação"
    r"|sociedad|société|societe|sociedade|società|spółka|fundacja|stowarzyszenie|nadace|spolek"
    r"|ооо|оао|зао|пао|нао|ао|тов|пат|прат|оод|еоод|еад|тоо|фгуп|гбу|общество|компания|университет"
    r"|институт|министерство|αε|επε|ικε|მშპ|შპს"
    r")(?![^\W\d])",
    re.IGNORECASE,
)
"""Legal forms and the words for one that no name of a person holds."""
_WORDS = re.compile(
    r"\b(?:university|universit[äéàa]t?|universidad|universidade|universitas|universiteit"
    r"|université|uniwersytet|institute?|instituto|istituto|institut|foundation|association"
    r"|asociaci[oó]n|associação|associazione|compan(?:y|ies)|compañía|telecom\w*|telekom\w*"
    r"|t[eé]l[eé]communications?|communications|technolog(?:y|ies)|solutions|systems|software"
    r"|services|networks|networking|hosting|internet|registry|registrars?|registries|ministry"
    r"|minist[eè]re|ministerio|minist[eé]rio|department|agency|agence|agencia|authority"
    r"|government|federation|federal|laborator(?:y|ies)|academy|information cent(?:er|re)"
    r"|internet|chamber of commerce|broadcasting"
    r"|enterprises|industries|international|worldwide|holdings?|consult(?:ing|ants?|ancy)"
    r"|datacenter|data cent(?:er|re))\b",
    re.IGNORECASE,
)
"""Words of organizations."""
_STAND_INS = re.compile(
    r"\b(?:privacy|whoisguard|anonymi[sz]e\w*|proxy|whoisproxy)\b", re.IGNORECASE
)
"""Words of those who stand in for a holder."""
_OFFICES = re.compile(
    r"\b(?:privacy|whoisguard|anonymi[sz]e\w*|proxy|whoisproxy"
    r"|administrator|hostmaster|postmaster|webmaster|abuse|noc|helpdesk|help desk"
    r"|(?:domains?|dns|domain name|ip|network|tech|technical|billing|it|security|system|support)"
    r" (?:admin\w*|manager|contact|department|dept|team|role|master|group|staff|operations|support)"
    r"|customer service)\b",
    re.IGNORECASE,
)
"""Words of roles, which are nobody in person either, and of those who stand in for a holder."""
_BESIDE = re.compile(
    r"<[^<>]{0,200}>|\S{1,200}@\S{1,200}|\bhttps?://\S{1,200}|\bwww\.\S{1,200}"
    r"|(?<![\w.-])(?:[\w-]{2,63}\.)+(?!(?:ltd|inc|llc|corp|gmbh|limited|srl|sarl)\b)[a-z]{2,24}"
    r"(?![\w.-])"
)
"""What may stand beside a name and has words of its own: mails, addresses of pages, hosts."""
_LONGEST = 160
"""Characters of a name; what only follows is not looked at, so a longer one is masked rather."""
_LETTERS = re.compile(r"[^\W\d_]{2}")
_JOINING = re.compile(r"\b(?:the|of|for|and|at|in|is)\b|[\W\d_]+", re.IGNORECASE)
_SHORT = re.compile(
    r"(?<![^\W\d.,])(SA|AG|AB|AS|SE|KG|BV|NV|SL|OY|OU|UG|PT|SAS|SNC|KK|PC)(?![^\W])"
)
_SMALL = re.compile(r"\s(?:sa|sas|ag|ab|as|bv|nv|oy|aps|srl|spa|sl|snc|kk)\.?$")
_SYLLABLES = {"SA", "SE", "AS", "OU", "PT"}
"""Short forms that are written as names too."""
_EAST = re.compile(
    r"会社|會社|法人|大学|大學|学校|學校|協会|協會|机构|機構|組合|研究所|研究院|財団|社団|㈱|[((]株[))]"
    r"|センター|ネットワーク|通信|市役所|県庁|総務省|経済産業省|公司|集团|集團|银行|銀行|委員會|委员会"
    r"|주식회사|㈜|\(주\)|(주)|유한회사|재단법인|사단법인|대학교|연구원|진흥원|협회|공사$"
    r"|บริษัท|มหาวิทยาลัย|จำกัด|شركة|مؤسسة|جامعة|בע\"מ|בע״מ|công ty|tập đoàn|đại học",
    re.IGNORECASE,
)
_PERSON_COMMA = re.compile(r"^[^\W\d_]+,\s*[^\W\d_]+\.?$")
_SMALL_BUSINESS = re.compile(r"^(?:ИП|ФОП|СПД)\b")
"""Sole traders: a person's name follows."""


def withheld(text: str) -> bool:
    """Whether a value, or a word of it, was masked.

    >>> withheld("xxxx xxx"), withheld("Firma xxxxx xxxx"), withheld("Example Ltd")
    (True, True, False)
    """
    return any(not word.strip("x") for word in _WORD.findall(text)) or (
        bool(text) and not text.strip("x .,-'()/&")
    )


_WORD = re.compile(r"[^\W_]{3,}")


def office(text: str) -> bool:
    """Whether a name is a role's alone, in no organization that it names.

    >>> office("Domain Manager"), office("Domain Manager, Example Ltd"), office("Example Ltd")
    (True, False, False)
    """
    name = text.strip()[:300]
    return bool(_OFFICES.search(name)) and not organization(_OFFICES.sub("", name))


def _beside_a_role(name: str) -> bool:
    """Whether a role stands beside what may be a person's name (``Jane Roe, Hostmaster``)."""
    rest = _JOINING.sub(" ", _OFFICES.sub(" ", name)).split()
    named = [word for word in rest if not (word.isascii() and word.isupper())]
    return len(rest) > 1 and bool(named)


@lru_cache(maxsize=8192)
def organization(text: str) -> bool:  # noqa: PLR0911  # a line for each form
    """Whether a name plainly is an organization's or a role's, not a person's.

    >>> organization("Example, s.r.o."), organization("IONOS SE"), organization("株式会社例示")
    (True, True, True)
    >>> organization("Reiyama, Sa"), organization("John Bank"), organization("例山 省吾")
    (False, False, False)
    >>> organization("Jane Roe, Hostmaster"), organization("Jane Roe <noc@dns.example>")
    (False, False)
    """
    name = _BESIDE.sub(" ", text[:_LONGEST]).strip()
    if not _LETTERS.search(name) or _SMALL_BUSINESS.match(name):
        return False
    if _EAST.search(name) or _WORDS.search(name) or _STAND_INS.search(name):
        return True
    if _OFFICES.search(name) and not _beside_a_role(name):
        return True
    if _PERSON_COMMA.match(name):
        return bool(re.search(r"\b(?:inc|ltd|llc|gmbh|corp|plc)\.?$", name, re.IGNORECASE))
    if _FORMS.search(name):
        return True
    rest = name.split()
    if _SMALL.search(name) and rest[-1].strip(".,") != rest[-1].upper() and len(rest) > 1:
        return not name.islower()
    if match := _SHORT.search(name):
        others = [word for word in rest if word.strip(".,") != match[1]]
        shouted = all(word.isupper() for word in others)
        return bool(others) and not (
            shouted and match[1] in _SYLLABLES - {"SE"} and len(others) == 1
        )
    return False
