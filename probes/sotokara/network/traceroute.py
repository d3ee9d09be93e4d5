"""Tracing the way to an address: what is asked, what came back, and which engine asks.

On Linux the kernel's error queue tells which router answered which probe, without privileges
(``IP_RECVERR``, ip(7)); elsewhere, and where sockets are denied, the system's own program is run.
Addresses are judged by policy just before each packet.
"""

import sys

from sotokara.core.observation import ProbeFailure
from sotokara.network import traceroute_system as system
from sotokara.network.network import Network, SendAttempt
from sotokara.network.trace import Seen, Trace, TraceRequest

_HINTS = {"icmp": ": be root or in net.ipv4.ping_group_range, or trace by udp, which needs neither"}


async def trace(net: Network, request: TraceRequest, seen: Seen) -> Trace | bytes:
    """Trace the way: rows, or the text of the system's own program where that had to ask.

    :raises ProbeFailure: ``policy_refused``; ``network_unreachable``; ``permission_denied`` where
        neither sockets nor a program may ask.
    """
    net.ways.check_trace()
    net.policy.check(request.address)
    net.attempts.add(SendAttempt("trace", request.port, request.address))
    if sys.platform != "linux":
        return await system.run(net, request)
    from sotokara.network import traceroute_linux as linux  # sockets of this system alone
    from sotokara.network import traceroute_tcp as tcp

    engine = tcp.trace if request.protocol == "tcp" else linux.trace
    try:
        return await engine(net, request, seen)
    except PermissionError as denied:
        try:
            return await system.run(net, request)
        except ProbeFailure as also:
            hint = _HINTS.get(request.protocol, "")
            detail = f"{request.protocol} sockets are denied ({denied.strerror}){hint}"
            detail += f"; {also.failure.detail}"
            raise ProbeFailure("permission_denied", "trace", detail) from denied
