"""Policies in texts that receivers of mail go by: DMARC (RFC 7489), keys of DKIM (RFC 6376)."""

import base64
import binascii
import re
from collections.abc import Iterable

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from sotokara.kinds.shared.mail.parts import Dkim, Dmarc

_TAG = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*=\s*(.*?)\s*", re.DOTALL)
_POLICIES = ("none", "quarantine", "reject")
_SHORTEST, _FAIR = 1024, 2048
"""Bits: a verifier need not take shorter keys; signers should use longer ones (RFC 8301, 3.2)."""
_ED25519_BYTES = 32
_MOST_PERCENT = 100
_MOST_PARENTS = 4


def tags(record: str) -> dict[str, str] | None:
    """``a=b; c=d`` as a mapping; None where a part is no tag, or one is twice (RFC 6376, 3.2)."""
    found: dict[str, str] = {}
    for part in record.split(";"):
        if not part.strip():
            continue
        tag = _TAG.fullmatch(part)
        if tag is None or tag[1].lower() in found:
            return None
        found[tag[1].lower()] = tag[2]
    return found


def of_version(texts: Iterable[str], version: str) -> list[str]:
    """The texts that begin with ``v=VERSION`` as their first tag."""
    begins = re.compile(rf"v\s*=\s*{version}\s*(?:;|$)")
    return [text for text in texts if begins.match(text)]


def dmarc(texts: Iterable[str], at: str, *, above: bool) -> Dmarc:
    """The policy at one name; ``above``: it stands above the domain, whose subdomain policy counts.

    Several records are as good as none to a receiver (RFC 7489, 6.6.3).
    """
    own = of_version(texts, "DMARC1")
    if not own:
        return Dmarc(state="absent")
    if len(own) > 1:
        return Dmarc(state="broken", domain=at, problems=["several_records"])
    said = tags(own[0])
    if said is None:
        return Dmarc(state="broken", domain=at, record=own[0], problems=["syntax"])
    main, below = said.get("p", "").lower(), said.get("sp", "").lower()
    policy = below or main if above else main
    problems = []
    if main not in _POLICIES or (below and below not in _POLICIES):
        problems.append("no_policy")
        # Who asks for reports is taken to ask for nothing else (RFC 7489, 6.6.3, step 6).
        policy = "none" if "mailto:" in said.get("rua", "").lower() else ""
    percent = said.get("pct", "100")
    wrong = not percent.isdecimal() or int(percent[:4]) > _MOST_PERCENT
    return Dmarc(
        state="present" if policy else "broken",
        record=own[0],
        problems=problems + (["percent"] if wrong else []),
        domain=at,
        policy=policy,
        percent=_MOST_PERCENT if wrong else int(percent),
    )


def dkim(texts: list[str], selector: str) -> Dkim:
    """The key of one selector (RFC 6376, 3.6.1)."""
    if not texts:
        return Dkim(state="absent", selector=selector)
    if len(texts) > 1:  # which of them a verifier takes is undefined (3.6.2.2)
        return Dkim(state="broken", selector=selector, problems=["several_records"])
    record = texts[0]
    said = tags(record)
    if said is None or "p" not in said or said.get("v", "DKIM1") != "DKIM1":
        return Dkim(state="broken", selector=selector, record=record, problems=["syntax"])
    if "v" in said and not re.match(r"\s*v\s*=", record):
        return Dkim(state="broken", selector=selector, record=record, problems=["syntax"])
    key = said.get("k", "rsa").lower()
    bits, problems = _strength(key, re.sub(r"\s", "", said["p"]))
    state = "broken" if problems else "present"
    if not problems and key == "rsa" and bits < _FAIR:
        problems = ["short_key"]
        state = "broken" if bits < _SHORTEST else "present"
    if "y" in said.get("t", "").lower().split(":"):
        problems.append("testing")
    return Dkim(
        state=state, selector=selector, record=record, key=key, bits=bits, problems=problems
    )


def public_key(texts: list[str]) -> tuple[str, bytes] | None:
    """The type and the bytes of a selector's one key; None where a verifier can use none."""
    said = tags(texts[0]) if len(texts) == 1 else None
    if said is None or said.get("v", "DKIM1") != "DKIM1":
        return None
    key, encoded = said.get("k", "rsa").lower(), re.sub(r"\s", "", said.get("p", ""))
    _, problems = _strength(key, encoded)
    return None if problems else (key, base64.b64decode(encoded))


def _strength(key: str, encoded: str) -> tuple[int, list[str]]:
    """Bits of a public key, or what is wrong with it."""
    if not encoded:
        return 0, ["revoked"]
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return 0, ["no_key"]
    if key == "ed25519":  # the bare key (RFC 8463, 4)
        return (256, []) if len(raw) == _ED25519_BYTES else (0, ["no_key"])
    if key != "rsa":
        return 0, ["unknown_key_type"]
    try:
        public = load_der_public_key(raw)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return 0, ["no_key"]
    return (public.key_size, []) if isinstance(public, RSAPublicKey) else (0, ["no_key"])


def parent_domains(domain: str) -> list[str]:
    """The domain and those above it, but for its top-level domain, which is no one's own."""
    labels = domain.split(".")
    every = [".".join(labels[at:]) for at in range(max(len(labels) - 1, 1))]
    return [every[0], *every[1:][-_MOST_PARENTS:]]
