"""Signatures of DKIM and ARC over a mail's own bytes (RFC 6376, RFC 8463, RFC 8617).

Only here is the body looked at: it is hashed. What comes out are yes and no; what each signature
names, and what is said of its key, is read elsewhere.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping, Sequence

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from sotokara.kinds.mailfile.header import ParsedMail, RawField
from sotokara.kinds.shared.mail.policies import tags

MOST_SIGNATURES = 10
"""Of which each costs a question and a hash of the body."""
MOST_SETS = 50
"""Sets of ARC (RFC 8617, 4.2.1)."""
DKIM, MESSAGE, SEAL, RESULTS = (
    "dkim-signature",
    "arc-message-signature",
    "arc-seal",
    "arc-authentication-results",
)
_MOST_BODIES = 4
"""Ways to hash the body that are followed: each costs the whole of it."""
_LARGEST_CHAIN = 256 * 1024
"""Bytes of all sets of ARC together."""
ALGORITHMS = ("rsa-sha256", "ed25519-sha256")
_BLANKS = re.compile(rb"[ \t]+")
_FOLD = re.compile(rb"\r\n(?=[ \t])")


class Checked(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the mail's own bytes say of one signature field, as it stands in order."""

    field: str
    number: int
    """Among the fields of that name, from the top; of ARC, the instance."""
    body: bool | None = None
    """Whether the body is the one that was signed; None where it was not looked at."""
    signature: bool | None = None
    """Whether it is over this header, by the key that stands in the DNS; None without one."""


class DkimKey(msgspec.Struct, frozen=True):
    """A public key out of the DNS: its type, and its bytes."""

    type: str
    content: bytes


def instance(field: RawField) -> int:
    """The number of a field's set of ARC; 0 for none."""
    head = field.value[:40]
    found = re.match(r"(?:[^;]*;)?\s*i\s*=\s*(\d{1,3})\s*;", head) or re.match(
        r"\s*i\s*=\s*(\d{1,3})", head
    )
    return int(found[1]) if found else 0


def verify_signatures(mail: ParsedMail, keys: Mapping[str, DkimKey]) -> list[Checked]:
    """Every signature of a mail. ``keys`` by the name at which each stands, in lower case."""
    bodies: dict[tuple[str, str], bytes] = {}
    found = []
    for number, field in enumerate([one for one in mail.fields if one.name == DKIM]):
        if number >= MOST_SIGNATURES:
            break
        found.append(_message(mail, field, number, keys, bodies))
    sets = [one for one in mail.fields if one.name in (MESSAGE, SEAL)]
    for field in sets[: 2 * MOST_SETS]:
        number = instance(field)
        if field.name == MESSAGE:
            found.append(_message(mail, field, number, keys, bodies))
        else:
            found.append(Checked(SEAL, number, None, _seal(mail, field, number, keys)))
    return found


def key_name(said: Mapping[str, str]) -> str:
    """Where a signature's key stands (RFC 6376, 3.6.2.1); empty where it names none."""
    domain, selector = said.get("d", ""), said.get("s", "")
    name = f"{selector}._domainkey.{domain}".lower().rstrip(".")
    return name if domain and selector and re.fullmatch(r"[a-z0-9._-]{3,253}", name) else ""


def said_by(field: RawField) -> dict[str, str]:
    """A signature's tags, without blanks; empty where they are none."""
    found = tags(field.value) or {}
    return {name: re.sub(r"\s", "", value) for name, value in found.items()}


def _message(
    mail: ParsedMail,
    field: RawField,
    number: int,
    keys: Mapping[str, DkimKey],
    bodies: dict[tuple[str, str], bytes],
) -> Checked:
    said = said_by(field)
    forms = (said.get("c", "simple/simple").lower() + "/simple").split("/")[:2]
    if any(one not in ("simple", "relaxed") for one in forms):
        return Checked(field.name, number)
    body = None
    if mail.body is not None:
        body = _body_fits(mail.body, forms[1], said, bodies)
    names = [one.strip().lower() for one in said.get("h", "").split(":")][:200]
    signed = [*_chosen(mail.fields, names, but=field), _emptied(field)]
    content = _joined(signed, relaxed=forms[0] == "relaxed")
    return Checked(field.name, number, body, _verified(said, content, keys))


def _seal(
    mail: ParsedMail, field: RawField, number: int, keys: Mapping[str, DkimKey]
) -> bool | None:
    """A seal is over all sets up to its own, and nothing else (RFC 8617, 5.1.1)."""
    if not 0 < number <= MOST_SETS:
        return None
    sets: dict[tuple[int, str], RawField] = {}
    for one in mail.fields:
        if one.name in (RESULTS, MESSAGE, SEAL):
            sets.setdefault((instance(one), one.name), one)
    signed: list[bytes] = []
    for at in range(1, number + 1):
        for name in (RESULTS, MESSAGE, SEAL):
            part = sets.get((at, name))
            if part is None:
                return False
            signed.append(_emptied(part) if part is field else part.raw)
    if sum(map(len, signed)) > _LARGEST_CHAIN:
        return None
    return _verified(said_by(field), _joined(signed, relaxed=True), keys)


def _chosen(fields: Sequence[RawField], names: Sequence[str], *, but: RawField) -> list[bytes]:
    """The signed fields, of one name the lowest first (5.4.2); one that lacks is nothing."""
    left: dict[str, list[RawField]] = {}
    for one in fields:
        if one is not but:
            left.setdefault(one.name, []).append(one)
    return [left[name].pop().raw for name in names if left.get(name)]


def _emptied(field: RawField) -> bytes:
    """The field with nothing behind ``b=``."""
    name, colon, value = field.raw.partition(b":")
    parts = [
        one.partition(b"=")[0] + b"=" if one.partition(b"=")[0].strip().lower() == b"b" else one
        for one in value.split(b";")
    ]
    return name + colon + b";".join(parts)


def _joined(signed: Sequence[bytes], *, relaxed: bool) -> bytes:
    """The fields as they are hashed; the last one without its line's end."""
    every = [_relaxed(one) if relaxed else one for one in signed]
    every[-1] = every[-1].removesuffix(b"\r\n")
    return b"".join(every)


def _relaxed(raw: bytes) -> bytes:
    """RFC 6376, 3.4.2."""
    name, _, value = raw.partition(b":")
    plain = _BLANKS.sub(b" ", _FOLD.sub(b"", value)).replace(b"\r\n", b"").strip(b" ")
    return name.strip().lower() + b":" + plain + b"\r\n"


def _body_fits(
    body: bytes, form: str, said: Mapping[str, str], bodies: dict[tuple[str, str], bytes]
) -> bool | None:
    try:
        expected = base64.b64decode(said.get("bh", ""), validate=True)
        length = int(said["l"]) if "l" in said else None
    except (binascii.Error, ValueError):
        return None
    key = (form, said.get("l", ""))
    if key not in bodies:
        if len(bodies) >= _MOST_BODIES:
            return None
        plain = _simple_body(body) if form == "simple" else _relaxed_body(body)
        if length is not None and length > len(plain):
            return False
        bodies[key] = hashlib.sha256(plain if length is None else plain[:length]).digest()
    return bodies[key] == expected


def _simple_body(body: bytes) -> bytes:
    """RFC 6376, 3.4.3: one line's end at the end, whatever stood there."""
    end = len(body)
    while end >= 2 and body[end - 2 : end] == b"\r\n":  # noqa: PLR2004
        end -= 2
    return body[:end] + b"\r\n"


def _relaxed_body(body: bytes) -> bytes:
    """RFC 6376, 3.4.4: blanks as one, none at a line's end; an empty body stays empty."""
    plain = _BLANKS.sub(b" ", body).replace(b" \r\n", b"\r\n").removesuffix(b" ")
    plain = _simple_body(plain)
    return b"" if plain == b"\r\n" else plain


def _verified(said: Mapping[str, str], content: bytes, keys: Mapping[str, DkimKey]) -> bool | None:
    """Whether a signature is over this; None where its key is not there or of another type."""
    key = keys.get(key_name(said))
    algorithm = said.get("a", "").lower()
    if key is None or algorithm not in ALGORITHMS or not algorithm.startswith(key.type):
        return None
    try:
        signature = base64.b64decode(said.get("b", ""), validate=True)
        if key.type == "ed25519":  # over the hash, not over the text (RFC 8463, 3)
            public = Ed25519PublicKey.from_public_bytes(key.content)
            public.verify(signature, hashlib.sha256(content).digest())
            return True
        loaded = load_der_public_key(key.content)
        if not isinstance(loaded, RSAPublicKey):
            return None
        loaded.verify(signature, content, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        return False
    return True
