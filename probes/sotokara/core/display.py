"""What may be shown of what a server sent: nothing that acts, hides or deceives.

Control, format (bidi among them), private, surrogate and unassigned characters become visible
escapes ``⟨U+202E⟩``; endless combining marks too; lines and listings have a greatest length.
Escaping for HTML comes after this, in the template.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

LONGEST_LINE = 1000
"""Characters of one line; the rest is counted."""
MOST_LINES = 500
"""Lines of one listing; the rest is counted. The evidence always has everything."""
_MOST_MARKS = 2
_QUOTES = re.compile("[“”„‟]")
_JOINS = re.compile("[;；,，、。“”„‟=<>←→]")
"""What joins the parts of our own lines."""
_KANA = re.compile("[ぁ-ヿ]")  # both syllabaries
_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_MARKS = frozenset({"Mn", "Me"})


def spoken(lines: Iterable[str]) -> str:
    """The language that a listing is in, as far as its letters tell: ``ja``, ``en``, or nothing.

    >>> spoken(["Address: 192.0.2.1"]), spoken(["[組織名] 例の会社"]), spoken(["Größe"])
    ('en', 'ja', '')
    """
    text = "\n".join(lines)
    if _KANA.search(text):
        return "ja"
    return "en" if text.isascii() and any(char.isalpha() for char in text) else ""


def visible(text: str) -> str:
    """Text with every character that does not plainly show itself written out.

    >>> visible("a\\x1b[31m")
    'a⟨U+001B⟩[31m'
    """
    if text.isascii() and text.isprintable():
        return text
    shown = []
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        marks = marks + 1 if category in _MARKS else 0
        hidden = category in _HIDDEN or marks > _MOST_MARKS
        hidden = hidden or (category == "Zs" and char not in " \u3000")
        shown.append(f"⟨U+{ord(char):04X}⟩" if hidden else char)
    return "".join(shown)


def quoted(text: str) -> str:
    """What somebody else has chosen, within a sentence of ours: nothing in it ends its quotation.

    >>> quoted("Shop”, verified by “us")
    '“Shop⟨U+201D⟩, verified by ⟨U+201C⟩us”'
    """
    return f"“{_QUOTES.sub(lambda match: f'⟨U+{ord(match[0]):04X}⟩', text)}”"


def named(text: str) -> str:
    """A name that somebody else has chosen: quoted where it could go on as a sentence of ours.

    >>> named("Example CA 3"), named("Example; trusted")
    ('Example CA 3', '“Example; trusted”')
    """
    return quoted(text) if _JOINS.search(text) else text


def capped(lines: Sequence[str]) -> tuple[list[str], int]:
    """Visible lines of bounded length, and how many lines were left out."""
    shown = []
    for line in lines[:MOST_LINES]:
        text = visible(line.replace("\t", "    "))
        if len(text) > LONGEST_LINE:
            text = f"{text[:LONGEST_LINE]}… (+{len(text) - LONGEST_LINE})"
        shown.append(text)
    return shown, max(0, len(lines) - MOST_LINES)


def with_unicode(name: str) -> str:
    """A name with its U-label form beside it when it decodes: ``xn--… (…)`` (RFC 5890)."""
    if "xn--" not in name.lower():
        return name
    import dns.exception  # rarely needed
    import dns.name

    try:
        decoded = dns.name.from_text(name).to_unicode(True, dns.name.IDNA_2008_Practical)  # noqa: FBT003
    except (dns.exception.DNSException, UnicodeError, ValueError):
        return name
    if decoded == name or "\\" in decoded:  # a label that decodes to no letters
        return name
    return f"{name} ({decoded})"
