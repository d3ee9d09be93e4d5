"""Where an answer itself says whether its holder is a person or an organization."""

import re

from sotokara.kinds.whois.labels import HOLDER, TYPE
from sotokara.kinds.whois.lines import PAIR, WORDS
from sotokara.kinds.whois.sections import Placed

_PERSON = re.compile(
    r"\b(?:individual|natural(?:\s+person)?|private|person|physical|physique|particulier|privat\w*"
    r"|soukrom\w*|persona fisica|pessoa física|fyzick\w*|individu\w*|consumer|citizen"
    r"|sole trader)\b"
    r"|個人|개인|个人|физическое",
    re.IGNORECASE,
)
_LEGAL = re.compile(
    r"\b(?:organi[sz]ation|company|compan|corporat\w*|legal|legal person|business|entreprise|org"
    r"|association|juridical|juridica|jurídica|moral\w*|limited|government|ltd|plc|llp|charity"
    r"|company \(|institution|school|public|statutory)\b|法人|회사|企业|юридическое",
    re.IGNORECASE,
)


def declared(found: list[Placed]) -> dict[int | str, bool]:
    """By group and by whose: whether the answer says that a person (True) or a company (False)."""
    said: dict[int | str, bool] = {}
    for one in found:
        about = one.label or one.section
        if about is None or one.line.kind not in (PAIR, WORDS) or about.what != TYPE:
            continue
        value = one.line.value
        person, legal = _PERSON.search(value), _LEGAL.search(value)
        if bool(person) != bool(legal) or value.lower().startswith("natural"):
            said[one.group] = bool(person)
            if one.whose == HOLDER:
                said[HOLDER] = bool(person)
    return said
