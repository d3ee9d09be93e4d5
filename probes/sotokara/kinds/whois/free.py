"""Words without a label that says what they are: whether they are nobody's, and numbers in them."""

import re

from sotokara.kinds.shared.registry.organizations import organization
from sotokara.kinds.shared.registry.personal import masked_mails, shape
from sotokara.kinds.whois import shapes

_PHONE = re.compile(
    r"(?:\+|(?<![\d.:/-])00)\s?\d[\d ().\-/]{5,24}\d"
    r"|\b(?:tel|phone|fax|mobile|mob|gsm|cell|call)[\w.:() ]{0,12}[+(\d][\d ().\-/]{4,24}\d",
    re.IGNORECASE,
)
_STREET = re.compile(
    r"\d|\b(?:road|rd|street|st|avenue|ave|lane|drive|square|str|strasse|straße|ulica|ul|rue|calle"
    r"|via|rua|avenida|laan|straat|weg|platz|p\.?o\.? box|building|floor|suite|room)\b",
    re.IGNORECASE,
)
_CODE = re.compile(r"[A-Z]{1,4}|(?=[A-Z_.-]*\d)[A-Z0-9][A-Z0-9_.-]*")


def company(value: str) -> bool:
    """Whether words without a label are an organization's name, and no part of an address."""
    return organization(value) and not _STREET.search(value)


def free_words(value: str) -> bool:
    """Whether free words are nobody's: an organization's name, a sentence, rulings."""
    if _PHONE.search(value):
        return False
    if not re.search(r"[^\W_]", value):
        return True
    if organization(value):
        return not _STREET.search(value)
    if shapes.somebody(value):
        return False
    return shapes.prose(value) or shapes.phrase(value) or bool(_CODE.fullmatch(value))


def without_numbers(text: str) -> str:
    """The text with telephone numbers and mails masked."""
    return _PHONE.sub(lambda match: shape(match[0]), masked_mails(text))
