"""What is a person's in what registries send: mails, names that are no organization's."""

import re

from sotokara.kinds.shared.registry.organizations import organization

__all__ = ["MAIL", "ROLE_MAIL", "masked_mails", "organization", "shape"]

MAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,255}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
ROLE_MAIL = re.compile(
    r"(?:abuse|noc|security|hostmaster|postmaster|webmaster|info|support|admin|domains?"
    r"|dns(?:-admin)?|registry|ipadm(?:in)?|ip|lir|contact|cert|hm-changed|registrar|protect"
    r"|arin-contact|abusecomplaints)@",
    re.IGNORECASE,
)
"""Mailboxes of roles, not of persons (RFC 2142 and what registries use)."""
_SHAPE = re.compile(r"[^\W_]")


def shape(text: str) -> str:
    """Letters and digits as ``x``: as long, and as readable as a form, as before."""
    return _SHAPE.sub("x", text)


def masked_mails(text: str) -> str:
    """Mail addresses with the part before the @ masked, unless it is a role's."""
    return MAIL.sub(_mail, text)


def _mail(match: re.Match[str]) -> str:
    if ROLE_MAIL.match(match[0]):
        return match[0]
    local, _, domain = match[0].partition("@")
    return f"{shape(local)}@{domain}"
