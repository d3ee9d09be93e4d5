"""Personal data leaves an RDAP object before it is stored: what is not known to be safe is masked.

The fields whose texts may be shown are listed here; the lists of what to hide would never end.
Of an entity that is a person, its handle, roles and dates stay. What was masked as a person's name,
number or mail is masked wherever else in the object it stands.
"""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from sotokara.kinds.shared.rdap import cards, names
from sotokara.kinds.shared.rdap.names import legal
from sotokara.kinds.shared.rdap.plain import number, text_or_empty, vocabulary_word
from sotokara.kinds.shared.registry.personal import (
    MAIL,
    ROLE_MAIL,
    identity_number,
    masked_mails,
    shape,
    tells_name,
)

_SHOWN = frozenset(
    re.findall(
        r"\w+",
        """objectClassName handle ldhName unicodeName name type country startAddress endAddress
        ipVersion parentHandle status port43 lang rdapConformance roles eventAction eventDate href
        value rel hreflang media title description v4 v6 v4prefix v6prefix length startAutnum
        endAutnum relation variantNames idnTable algorithm digest digestType keyTag flags protocol
        publicKey maxSigLife errorCode prePath postPath replacementPath pathLang method reason
        identifier error message""",
    )
)
_IDS = ("iana registrar id", "iana registrar", "cnpj")
"""``publicIds`` that are companies' (RFC 9083, 4.8; NIC.br)."""
_ADDRESS = re.compile(r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|(?:[0-9A-Fa-f]{0,4}:){2,7}[\w.]*)")
_DEEPEST = 40
_MOST_SECRETS, _SHORTEST_SECRET = 300, 5


def mask_persons(body: bytes) -> bytes:
    """The body without personal data; the same bytes where there is none."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return masked_mails(body.decode("utf-8", "surrogateescape")).encode(
            "utf-8", "surrogateescape"
        )
    masking = _Masking(content)
    clean = masking.scrubbed(masking.value(content, "", 0))
    if clean == content:
        return body
    return json.dumps(clean, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "backslashreplace"
    )


class _Masking:
    """One object's masking: what was hidden is remembered, to be hidden everywhere in it."""

    def __init__(self, content: Any) -> None:  # noqa: ANN401  # any JSON
        self._secrets: set[str] = set()
        self._public = {name.lower() for name in _public_names(content, 0)}

    def value(self, value: Any, key: str, depth: int) -> Any:  # noqa: ANN401, PLR0911  # any JSON
        """A value as it may be shown under its key."""
        if depth > _DEEPEST:
            return None
        if isinstance(value, dict):
            return self._object(value, key, depth)
        if isinstance(value, list):
            if key == "remarks":
                return [self._remark(one, depth) for one in value]
            return [self.value(one, key, depth + 1) for one in value]
        if not isinstance(value, str):
            return value if key in _SHOWN else self._all(value)
        if key in ("name", "eventActor"):
            told = names.legal(value) or text_or_empty(value).lower() in self._public
            fits = names.handle_like(value) if key == "eventActor" else not re.search(r"\s", value)
            return value if told or fits else self._hidden(value)
        return masked_mails(value) if key in _SHOWN or not key else self._hidden(value)

    def _object(self, value: dict[str, Any], key: str, depth: int) -> dict[str, Any]:
        if key == "entities" or "vcardArray" in value or vocabulary_word(_class(value)) == "entity":
            return self._entity(value, depth)
        if key == "publicIds" and text_or_empty(value.get("type")).lower() not in _IDS:
            return {name: one if name == "type" else self._all(one) for name, one in value.items()}
        if key == "remarks":
            found: dict[str, Any] = self._remark(value, depth)
            return found
        if number(value.get("errorCode")) is not None and "objectClassName" not in value:
            return {
                name: _no_address(self.value(one, name, depth + 1)) for name, one in value.items()
            }
        return {name: self.value(one, name, depth + 1) for name, one in value.items()}

    def _entity(self, one: dict[str, Any], depth: int) -> dict[str, Any]:
        public = cards.public(one)
        person = not public.intersection(("fn", "org")) and bool(cards.jcard_properties(one))
        found: dict[str, Any] = {}
        for key, value in one.items():
            if key == "vcardArray":
                found[key] = self._card(value, public, address=cards.with_address(one))
            elif key == "handle" and isinstance(value, str):
                found[key] = self._handle(value, one, person=person)
            else:
                found[key] = self.value(value, key, depth + 1)
        return found

    def _handle(self, handle: str, one: dict[str, Any], *, person: bool) -> str:
        """A handle stays, unless it is a person's name, mail or number."""
        told = tells_name(handle, [str(cards.value(one, name)) for name in ("fn", "n")])
        odd = re.search(r"[\s@,]", handle) or re.fullmatch(r"[\d./-]{9,}", handle)
        kind = cards.value(one, "kind").lower()
        unsure = kind in ("", "individual") and not cards.sells(one) and identity_number(handle)
        return self._hidden(handle) if (person and (odd or told)) or unsure else handle

    def _card(self, card: Any, public: frozenset[str], *, address: bool) -> Any:  # noqa: ANN401
        if not (isinstance(card, list) and len(card) > 1 and isinstance(card[1], list)):
            return self._all(card)
        shown = {"version", "kind", "lang", *public}
        shown |= {"url"} if public else set()
        shown |= {"adr"} if address else set()
        return [card[0], [self._row(row, shown) for row in card[1]], *map(self._all, card[2:])]

    def _row(self, row: Any, shown: set[str]) -> Any:  # noqa: ANN401
        if not isinstance(row, list) or not row:
            return self._all(row)
        if text_or_empty(row[0]).lower() in shown:
            return [row[0], *(self.value(one, "", 0) for one in row[1:])]
        mail = text_or_empty(row[0]).lower() == "email"
        head = [row[0], self._parameters(row[1]) if len(row) > 1 else None, *row[2:3]]
        return [*head[: len(row)], *(self._all(one, mail=mail) for one in row[3:])]

    def _parameters(self, value: Any) -> Any:  # noqa: ANN401
        """Parameters keep their types (``work``, ``voice``)."""
        if not isinstance(value, dict):
            return self._all(value)
        kept = ("type", "pref", "language", "altid", "cc")
        return {key: one if key in kept else self._all(one) for key, one in value.items()}

    def _remark(self, remark: Any, depth: int) -> Any:  # noqa: ANN401
        """A remark: the server's own, or free text of the holder, of which organizations stay."""
        if not isinstance(remark, dict):
            return free_line(remark) if isinstance(remark, str) else self._all(remark)
        own = servers_own(text_or_empty(remark.get("title")), text_or_empty(remark.get("type")))
        return {
            key: self._lines(one)
            if key == "description" and not own
            else self.value(one, key, depth + 1)
            for key, one in remark.items()
        }

    def _lines(self, value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, list):
            return [self._lines(one) for one in value]
        return free_line(value) if isinstance(value, str) else self._all(value)

    def _all(self, value: Any, *, mail: bool = False) -> Any:  # noqa: ANN401
        """Every text inside masked, and every number that is long enough to be somebody's."""
        if isinstance(value, dict):
            return {key: self._all(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self._all(one, mail=mail) for one in value]
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 99_999:  # noqa: PLR2004
            return shape(str(value))
        if not isinstance(value, str):
            return value
        if mail and "@" in value:
            masked = masked_mails(value)
            if masked != value:
                self._secrets.add(value.strip())
            return masked
        return self._hidden(value)

    def _hidden(self, value: str) -> str:
        """A text masked, and remembered where it is long enough to be told from other words."""
        plain = value.strip()
        several = re.search(r"\s|\d{4}|@", plain)
        if several and len(plain) >= _SHORTEST_SECRET and len(self._secrets) < _MOST_SECRETS:
            self._secrets.add(plain)
            words = re.findall(r"[^\W\d_]+", plain)
            if len(words) == 2:  # noqa: PLR2004  # given and family name, the other way round
                self._secrets |= {" ".join(reversed(words)), ", ".join(reversed(words))}
        return shape(value)

    def scrubbed(self, value: Any) -> Any:  # noqa: ANN401
        """The whole object once more, without what was hidden in one place of it."""
        if not self._secrets:
            return value
        spelled = {form for one in self._secrets for form in (one, quote(one, safe=""))}
        folded = sorted({one.lower() for one in spelled} - self._public, key=len, reverse=True)
        return _scrub(value, folded, self._public)


def _scrub(value: Any, secrets: list[str], public: set[str]) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        return {key: _scrub(one, secrets, public) for key, one in value.items()}
    if isinstance(value, list):
        return [_scrub(one, secrets, public) for one in value]
    if not isinstance(value, str) or value.lower() in public:
        return value
    lowered = value.lower()
    for secret in secrets:
        if secret in lowered:
            pattern = re.compile(rf"(?<!\w){re.escape(secret)}(?!\w)", re.IGNORECASE)
            value = pattern.sub(lambda match: shape(match[0]), value)
    return value


def _class(value: dict[str, Any]) -> Any:  # noqa: ANN401
    return value.get("objectClassName")


def _public_names(value: Any, depth: int) -> Iterator[str]:  # noqa: ANN401
    """The names of every organization, seller and role in an object."""
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        if "vcardArray" in value:
            yield from (cards.value(value, key) for key in cards.public(value))
        for key, one in value.items():
            if key != "vcardArray":
                yield from _public_names(one, depth + 1)
    elif isinstance(value, list):
        for one in value:
            yield from _public_names(one, depth + 1)


def _no_address(value: Any) -> Any:  # noqa: ANN401
    """An error's words without addresses: behind a NAT nobody else knows the one that asked."""
    if isinstance(value, list):
        return [_no_address(one) for one in value]
    if isinstance(value, str):
        return _ADDRESS.sub(lambda match: shape(match[0]), value)
    return value


# Remarks of RDAP objects (RFC 9083, 4.3): the server's own, or the free text of the holder.

_SERVERS_OWN = re.compile(
    r"redacted|truncated|incomplete data|data policy|terms of (use|service)|copyright"
    r"|object (does not|not)|unavailable",
    re.IGNORECASE,
)
"""Titles and types of remarks that the server writes by itself (RFC 9083, 10.2.1)."""
_NOT_A_NAME = re.compile(r"\d{3}|[@:;|]|c/o|attn", re.IGNORECASE)


def servers_own(title: str, kind: str) -> bool:
    """Whether a server writes remarks of this title and type by itself."""
    return bool(_SERVERS_OWN.search(f"{title} {kind}"))


def free_line(line: str) -> str:
    """A line of free text: whole where it plainly is the name of an organization, else masked.

    Mailboxes of roles stay.
    """
    if legal(line) and not _NOT_A_NAME.search(line):
        return line
    parts = re.split(rf"({MAIL.pattern})", line)
    return "".join(one if ROLE_MAIL.match(one) else shape(one) for one in parts)
