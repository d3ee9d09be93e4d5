"""Personal data leaves an answer before it is stored: names, mails, phones, addresses of persons.

Handles and organizations stay. Masked text keeps its length in characters and its shape; a line
with nothing to mask keeps its bytes. Role mailboxes (RFC 2142: abuse@, noc@, …) are no persons'.
"""

import re

from sotokara.kinds.shared.registry.personal import (
    MAIL,
    ROLE_MAIL,
    masked_mails,
    organization,
    shape,
)
from sotokara.kinds.whois.text import LONGEST_LINE, decoded

_PAIR = re.compile(r"^(\s{0,20})([A-Za-z][A-Za-z0-9 ./()_-]{0,60}?)(\s?\.{0,40}\s{0,40}:\s*)(.*)$")
_BRACKETED = re.compile(r"^((?:[a-z]\. )?\[)([^\]]+)(\]\s*)(.*)$")
_PERSON_STARTS = {"person", "nic-hdl", "nic-hdl-br"}
_OF_PERSONS = {
    *("person", "address", "phone", "fax-no", "fax", "e-mail", "email", "mobile"),
    *("responsible", "org contact", "street", "city", "zip code", "postal code"),
}
_ALWAYS = re.compile(
    r"(?:(?:registrant|admin|tech|billing) (?:name|street|city|postal code|phone|phone ext|fax"
    r"|fax ext|email)"
    r"|phone|fax|fax-no|mobile|responsible|notify|person|name"
    r"|(?:org|r)(?:abuse|tech|noc|admin|routing|dns)(?:name|phone|fax|email)"
    r"|registrant's address|owner name)"
)
_LABELS = {
    *("電話番号", "FAX番号", "Phone", "Fax", "TEL", "FAX", "郵便番号", "Postal code"),
    *("住所", "Postal Address", "Address", "氏名", "Last, First", "通知アドレス", "Reply Mail"),
    *("電子メイル", "電子メール", "Email", "E-Mail"),
}
_MAYBE_LABELS = {"名前", "Name", "登録者名", "Registrant", "Registrant's name"}


_ADDRESS = re.compile(
    r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.]*\d)"
    r"|(?<![0-9A-Fa-f:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![0-9A-Fa-f:])"
)
_OF_OURS = re.compile(r"\b(you|your|client|denied|connect\w*|from host|querying)\b", re.IGNORECASE)


def own_address_masked(answer: bytes, charset: str, *, refused: bool) -> bytes:
    """The answer without the asking machine's address, which behind a NAT nobody else knows.

    Refusals name it (``access denied for 198.51.100.7``), and so do some comments. Where the whole
    answer is a refusal, every address goes.
    """
    lines = []
    for raw in answer.splitlines(keepends=True):
        text = decoded(raw, charset)
        if refused or (text.startswith(("%", "#")) and _OF_OURS.search(text)):
            shown = _ADDRESS.sub(lambda match: shape(match[0]), text)
            raw = raw if shown == text else shown.encode(charset, "replace")  # noqa: PLW2901
        lines.append(raw)
    return b"".join(lines)


def mask_persons(answer: bytes, charset: str) -> bytes:
    """The answer with the personal data masked, in the same character set."""
    lines = []
    paragraph = _Paragraph()
    for raw in answer.splitlines(keepends=True):
        text = decoded(raw, charset)
        shown = paragraph.line(text) if len(text) <= LONGEST_LINE else shape(text)
        lines.append(raw if shown == text else shown.encode(charset, "replace"))
    return b"".join(lines)


class _Paragraph:
    """Whose paragraph the lines are in: a person's object, or something else."""

    def __init__(self) -> None:
        self._person = False
        self._fresh = True
        self._label = ""

    def line(self, text: str) -> str:
        if not text.strip():
            self._person, self._fresh, self._label = False, True, ""
            return text
        if match := _BRACKETED.match(text.rstrip("\r\n")):
            return self._bracketed(match, text)
        if self._label and text.startswith(" " * 8):
            return _shape(text)
        self._label = ""
        if match := _PAIR.match(text.rstrip("\r\n")):
            return self._pair(match, text)
        return masked_mails(text)

    def _pair(self, match: re.Match[str], text: str) -> str:
        key, value = match[2].strip().lower(), match[4]
        if self._fresh:
            self._person = key in _PERSON_STARTS
        self._person = self._person or key == "person"
        self._fresh = False
        hidden = self._person and key in _OF_PERSONS
        hidden = hidden or (_ALWAYS.fullmatch(key) is not None)
        if hidden and not (_is_name(key) and organization(value)):
            return text[: match.start(4)] + masked_mails(_shape(value)) + text[match.end(4) :]
        return masked_mails(text)

    def _bracketed(self, match: re.Match[str], text: str) -> str:
        label, value = match[2].strip(), match[4]
        hidden = label in _LABELS or (label in _MAYBE_LABELS and not organization(value))
        self._label = label if hidden else ""
        if hidden:
            return text[: match.start(4)] + _shape(value) + text[match.end(4) :]
        return masked_mails(text)


def _is_name(key: str) -> bool:
    return key in ("person", "name") or key.endswith("name")


def _shape(text: str) -> str:
    """Letters and digits as ``x``; a role's mail address stays."""
    if (whole := MAIL.fullmatch(text.strip())) and ROLE_MAIL.match(whole[0]):
        return text
    return shape(text)
