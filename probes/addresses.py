"""IP addresses as words of text."""

from ipaddress import ip_address


def is_address(text: str) -> bool:
    """Whether this is one, perhaps with a zone (``fe80::1%eth0``); a masked one is none."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
