"""Addresses that a resolver made up (DNS64) are left out of what a name has; see made_up.py."""

from collections.abc import Iterable, Sequence

from sotokara.core.observation import Exchange
from sotokara.kinds.dns.answers import ServerAnswers
from sotokara.kinds.shared.made_up import STEP, given, prefixes, real
from sotokara.network.network import Network


async def query_dns64(net: Network, exchanges: Sequence[Exchange]) -> list[Exchange]:
    """The resolver's word on ``ipv4only.arpa``, where it has given an IPv6 address at all."""
    if not given(exchanges):
        return []
    told = await net.makes_up(STEP)
    return [told] if prefixes(told) else []


def leave_out(together: ServerAnswers, exchanges: Iterable[Exchange]) -> int:
    """Take the addresses that were made up out of what was answered; how many they were."""
    values = {record.value for record in together.records if record.type == "AAAA"}
    made_up = values.difference(real(values, exchanges))
    records = {one for one in together.records if one.type == "AAAA" and one.value in made_up}
    together.records -= records
    together.addresses -= made_up
    return len(records)
