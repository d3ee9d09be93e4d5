"""The origin AS beside a registration: asked, read, and left open where the question failed."""

from collections.abc import Sequence
from typing import Any

from probes.kinds.interface import Exchange, Network, ProbeFailure
from probes.kinds.origin import asking, origin, read_origin, unanswered


async def ask(net: Network, address: str) -> list[Exchange]:
    """The origin AS of an address; an answer of registries stands without it."""
    try:
        return await origin(net, address) if address else []
    except ProbeFailure as failed:
        return [Exchange(asking(address), "resolver", "udp", failure=failed.failure)]


def facts(exchanges: Sequence[Exchange], address: str) -> dict[str, Any]:
    """The facts that the answers give; ``unknown`` names those whose question failed."""
    if not address:
        return {}
    told: dict[str, Any] = {}
    if found := read_origin(exchanges, address):
        told = {"asn": found.asn, "as_name": found.as_name, "bgp_prefix": found.prefix}
    missing = {field for one in unanswered(exchanges, address).values() for field in one.fields}
    return told | ({"unknown": sorted(missing)} if missing else {})


def failures(exchanges: Sequence[Exchange], address: str) -> dict[str, str]:
    """The questions that failed, each with the failure's name."""
    if not address:
        return {}
    return {step: one.failure for step, one in unanswered(exchanges, address).items()}
