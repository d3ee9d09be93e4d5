"""What ``show`` may name: letters and labels of JPNIC's layout, or facts."""

import re
from collections.abc import Iterator

from probes.kinds.interface import Wrong
from probes.kinds.registry.facts import RegistryFacts

_ABOUT = ("answer", "asked", "unknown")
FIELDS = tuple(name for name in RegistryFacts.__struct_fields__ if name not in _ABOUT)
"""The facts that can be shown as lines, in the order in which they are shown."""
LABELS = {
    "range": (
        *("IPネットワークアドレス", "Network Number", "AS番号", "AS Number"),
        *("ドメイン名", "Domain Name"),
    ),
    "netname": ("ネットワーク名", "Network Name"),
    "as_name": ("AS名", "AS Name"),
    "organization": ("組織名", "Organization", "登録者名", "Registrant"),
    "contacts": (
        *("管理者連絡窓口", "Administrative Contact", "技術連絡担当者", "Technical Contact"),
        *("登録担当者", "Abuse"),
    ),
    "nameservers": ("ネームサーバ", "Nameserver", "Name Server"),
    "allocated": (
        *("割当年月日", "Assigned Date", "割振年月日", "Allocated Date"),
        *("登録年月日", "Created on", "Registered Date"),
    ),
    "updated": ("最終更新", "Last Update", "Last Updated"),
    "expires": ("有効期限", "Expires on"),
    "status": ("状態", "Status", "State"),
}
"""For each fact the labels that JPNIC and JPRS give it."""
_LETTER = re.compile(r"[a-z]")


def listed(show: str | list[str]) -> list[str]:
    """The entries of ``show``; one text may hold several letters or names: ``a b f``."""
    return show.split() if isinstance(show, str) else show


def wrong_fields(show: str | list[str]) -> Iterator[Wrong]:
    """Entries of ``show`` that can match nothing. Labels are the registry's own and can be any."""
    known = {label.lower() for labels in LABELS.values() for label in labels}
    for entry in listed(show):
        label = entry.strip("[]").lower()
        fits = _LETTER.fullmatch(label) or label in FIELDS or label in known
        if not fits and label.isascii():
            mend = f"a letter such as a, a label such as [Organization], or {', '.join(FIELDS)}"
            yield Wrong("show", f"{entry!r} is no letter, label or fact", mend)
