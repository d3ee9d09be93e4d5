"""What the names in a jCard say of themselves: a company, an office, a handle, nothing at all."""

import re

from sotokara.kinds.shared.registry.personal import organization

_ROLE_WORDS = frozenset(
    re.findall(
        r"\w+",
        """abuse address admin administration administrator administrators center centre
        cert contact coordination coordinator csirt department dept desk dns domain
        domains engineer engineering engineers for group help host hostmaster internet
        ip irt lir maintainer management manager master network networks noc of office
        operation operations operator peering postmaster registration registry response
        role routing security service services staff support system systems team tech
        technical the and unit webmaster""",
    )
)
_WITHHELD = frozenset(
    ("redacted", "withheld", "disclosed", "protected", "masking", "hidden", "privacy", "gdpr")
)
_AROUND = frozenset(
    re.findall(
        r"\w+",
        """address addresses by contact contacts data email enabled fax for holder information in
        is mail name not of person personal phone postal private public purposes registrant
        registrar registry regulation service state statutory street the this to with""",
    )
)
_HANDLE = re.compile(
    r"(?:[A-Za-z0-9]+[-.])*(?:MNT|MAINT|ORG|IRT|[A-Z]*RIPE|AP|ARIN|LACNIC|AFRINIC|[A-Z]*NIC"
    r"|[A-Z]{1,6}[0-9]+)(?:[-.][A-Za-z0-9]+)*",
    re.IGNORECASE,
)


def legal(name: str) -> bool:
    """Whether a name says by its form that it is an organization's."""
    return organization(name)


def of_a_role(name: str) -> bool:
    """Whether a name is made of words for offices alone: ``Abuse Team``, ``Network Operations``."""
    words = re.findall(r"\w+", name.lower())
    return bool(words) and all(one in _ROLE_WORDS for one in words)


def redacted(name: str) -> bool:
    """Whether a registry says in place of a name that it does not tell it."""
    words = set(re.findall(r"\w+", name.lower()))
    return bool(words & _WITHHELD) and words <= _WITHHELD | _AROUND


def handle_like(name: str) -> bool:
    """Whether a text has the form of a handle: ``EX1-RIPE``, ``lir-cz-example-1-MNT``."""
    return bool(_HANDLE.fullmatch(name))


def is_masked_name(name: str) -> bool:
    """Whether nothing but the shape of a name is left."""
    return bool(re.fullmatch(r"[x\W_]*", name))
