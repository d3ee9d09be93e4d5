"""What a page says of addresses under which a network's translator has IPv4 hosts (NAT64)."""

from collections.abc import Iterable

from sotokara.core.addresses import behind_translator


def translated(addresses: Iterable[str], words: dict[str, str]) -> list[str]:
    """What is to be said of addresses under which a translator has IPv4 hosts (NAT64)."""
    found = {one: behind_translator(one) for one in addresses}
    return [
        words["translated"].format(address=address, stands_for=host)
        for address, host in found.items()
        if host
    ]
