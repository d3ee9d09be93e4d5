"""The system's own traceroute or tracert, for where its sockets may ask and ours may not."""

import shutil
import sys

from sotokara.core.observation import ProbeFailure
from sotokara.network.network import Network
from sotokara.network.program import output_of
from sotokara.network.trace import TraceRequest


def command(request: TraceRequest, platform: str = sys.platform) -> list[str]:
    """The command line for a request.

    :raises ProbeFailure: ``permission_denied`` for what the platform's program cannot do.
    """
    address, hops, wait = request.address, str(request.max_hops), request.wait
    if platform == "win32":
        if request.protocol == "tcp":
            raise ProbeFailure("permission_denied", "trace", "tracert sends ICMP alone, no TCP")
        return ["tracert", "-d", "-h", hops, "-w", str(int(wait * 1000)), address]
    name = "traceroute6" if request.v6 and platform != "linux" else "traceroute"
    flags = {"udp": [], "icmp": ["-I"], "tcp": ["-T"]}[request.protocol]
    if request.protocol == "icmp" and platform == "darwin" and not request.v6:
        flags = ["-P", "icmp"]
    elif request.protocol == "tcp" and platform == "darwin":
        flags = ["-P", "tcp"]
    port = ["-p", str(request.port)] if request.protocol == "tcp" else []
    seconds = f"{wait:g}" if platform == "linux" else str(max(2, round(wait)))
    return [name, "-n", *flags, *port, "-q", str(request.count), "-m", hops, "-w", seconds, address]


async def run(net: Network, request: TraceRequest) -> bytes:
    """What the program printed.

    :raises ProbeFailure: ``permission_denied`` where there is no such program or it may not ask.
    """
    argv = command(request)
    path = shutil.which(argv[0]) or shutil.which(argv[0], path="/usr/sbin:/sbin")
    if path is None:
        detail = f"there is no {argv[0]}: install it, or let this machine send {request.protocol}"
        raise ProbeFailure("permission_denied", "trace", detail)
    net.policy.check(request.address)
    try:
        seen = await output_of([path, *argv[1:]], max(net.left(), 0.01))
    except OSError as error:
        detail = f"{argv[0]} cannot be started: {error.strerror}"
        raise ProbeFailure("permission_denied", "trace", detail) from error
    text, said = bytes(seen.text), seen.errors
    if not text and not said and net.left() <= 0:
        raise TimeoutError
    if not text.strip():
        reason = said.decode("utf-8", "replace").strip().splitlines()[-1:] or ["it printed nothing"]
        raise ProbeFailure("permission_denied", "trace", f"{argv[0]}: {reason[0]}")
    return text
