"""Signs that are not what they look like: those of input methods, and of copied text.

``：`` is a colon to whoever types Japanese, and ``“`` a quotation mark to whoever copies from a
text processor; YAML and expressions know neither. No list of them ends, so a sign is judged by what
Unicode says of it (UAX 15, compatibility decomposition; UAX 44, categories and names).
"""

import unicodedata
from functools import lru_cache

_CATEGORIES = {"Zs": " ", "Pd": "-", "Pi": '"', "Pf": '"', "Ps": "[", "Pe": "]"}
_NAMES = {
    "CORNER BRACKET": '"', "QUOTATION MARK": '"', "COMMA": ",", "COLON": ":", "FULL STOP": ".",
    "GRAVE ACCENT": "`", "ACUTE ACCENT": "`", "PRIME": "`", "APOSTROPHE": "'", "VERTICAL LINE": "|",
    "VERTICAL BAR": "|", "EQUALS": "=", "NUMBER SIGN": "#", "LESS-THAN": "<", "GREATER-THAN": ">",
    "MINUS SIGN": "-", "ASTERISK": "*", "TILDE": "~", "WAVE DASH": "~",
}  # fmt: skip
_SAID = {"\t": "a tab", "\u3000": "a full-width blank", "\u00a0": "a blank that does not break"}


@lru_cache(maxsize=1024)
def meant(sign: str) -> str:
    """The ASCII sign that another one stands for; empty for ASCII itself, and for other letters."""
    if sign.isascii():
        return " " if sign == "\t" else ""
    same = unicodedata.normalize("NFKC", sign)
    if len(same) == 1 and " " <= same <= "~":
        return same
    category = unicodedata.category(sign)
    if category[0] not in "PSZ":
        return ""
    name = unicodedata.name(sign, "")
    for word, ascii_sign in _NAMES.items():
        if word in name:
            return ascii_sign
    return _CATEGORIES.get(category, "")


def ascii_signs(text: str) -> str:
    """A text with every such sign, letter and digit as the ASCII one that it stands for."""
    return text if text.isascii() else "".join(meant(sign) or sign for sign in text)


def foreign(text: str) -> str:
    """The first such sign in a text; empty where there is none."""
    return next(filter(meant, text), "")


def sign_names(sign: str) -> str:
    """The sign as it is spoken of: itself between marks, or in words where one cannot see it."""
    return _SAID.get(sign) or (
        unicodedata.name(sign, "a blank").lower() if sign.isspace() else f"`{sign}`"
    )
