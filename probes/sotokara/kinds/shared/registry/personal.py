"""What is a person's in what registries send: mails, names that are no organization's."""

import re

MAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,255}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
ROLE_MAIL = re.compile(
    r"(?:abuse|noc|security|hostmaster|postmaster|webmaster|info|support|admin|domains?"
    r"|dns(?:-admin)?|registry|ipadm(?:in)?|ip|lir|contact|cert|hm-changed|registrar|protect"
    r"|arin-contact|abusecomplaints)@",
    re.IGNORECASE,
)
"""Mailboxes of roles, not of persons (RFC 2142 and what registries use)."""
_SHAPE = re.compile(r"[^\W_]")
_ORGANIZATION = re.compile(
    r"会社|法人|大学|学校|協会|機構|組合|研究所|財団|社団|省|庁|県|市役所|センター"
    r"|\b(inc|ltd|llc|l\.l\.c|corp|corporation|co|company|gmbh|ag|sa|s\.a|bv|b\.v|plc|oy|ab|kk|k\.k"
    r"|university|institute|foundation|association|center|centre|services?|networks?|network"
    r"|communications|telecom|registry|domains?|group|limited|role|team|manager|operations?|noc"
    r"|administrator|agency|ministry|department|council|bank|college|school)\b",
    re.IGNORECASE,
)


def organization(text: str) -> bool:
    """Whether a name plainly is an organization's or a role's, not a person's."""
    return bool(_ORGANIZATION.search(text))


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
