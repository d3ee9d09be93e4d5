"""The process that makes an internet and whose end is the end of it.

`python -m tests.lab.world` reads a JSON line (a `Plan`), builds, writes a JSON line (the process
that holds each host, or what went wrong), and waits for the end of its standard input, which comes
when the owner dies, in whatever way. All processes of an internet are in one PID namespace; killing
its first process kills them, and with them go the network and mount namespaces. Nothing has a name
in the system, so two internets cannot meet and nothing can be left over.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NoReturn, TypedDict

from tests.lab import linux, wire

_ALWAYS = {
    "ipv4/icmp_ratelimit": "0",
    "ipv4/icmp_msgs_per_sec": "1000000",
    "ipv4/icmp_msgs_burst": "1000000",
    "ipv4/ping_group_range": "0 0",
    "ipv4/conf/all/rp_filter": "0",
    "ipv4/conf/default/rp_filter": "0",
    "ipv4/conf/default/send_redirects": "0",
    "ipv6/icmp/ratelimit": "0",
    "ipv6/conf/all/disable_ipv6": "0",
    "ipv6/conf/default/disable_ipv6": "0",
    # Addresses are written in the table: no detection, no advertisements, no automatic ones.
    "ipv6/conf/default/accept_dad": "0",
    "ipv6/conf/default/accept_ra": "0",
    "ipv6/conf/default/addr_gen_mode": "1",
}
_ROUTER = {"ipv4/ip_forward": "1", "ipv6/conf/all/forwarding": "1"}


class HostPlan(TypedDict):
    """What one namespace is told."""

    batch: str
    nft: str
    sysctl: dict[str, str]
    forwards: bool


class Plan(TypedDict):
    """What the owner asks for."""

    folder: str
    """The owner's folder; removed at the end, in case the owner no longer can."""
    etc: dict[str, str]
    """Files of the folder that every host sees in place of the system's (path → file)."""
    hosts: dict[str, HostPlan]
    cables: str
    wires: list[tuple[str, str, float]]


def _write(path: str, text: str) -> None:
    Path(path).write_text(text, encoding="ascii")


def _feed(command: list[str], text: str) -> None:
    """Run a command on a text; RuntimeError with its words when it fails."""
    done = subprocess.run(command, input=text, text=True, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")


class Child:
    """A forked process that works in steps: it says when one is done and waits for the next."""

    def __init__(self, name: str) -> None:
        """Fork; `inside` is true in the child."""
        self.name = name
        says, hears = os.pipe(), os.pipe()
        self.pid = os.fork()
        self.inside = self.pid == 0
        if self.inside:
            linux.die_with_parent()
            self._in, self._out = hears[0], says[1]
            os.close(hears[1])
            os.close(says[0])
        else:
            self._in, self._out = says[0], hears[1]
            os.close(says[1])
            os.close(hears[0])

    def say(self, text: str) -> None:
        """Send a line to the other side."""
        os.write(self._out, text.encode() + b"\n")

    def hear(self) -> str:
        """Wait for a line of the other side; RuntimeError when it reports one or is gone."""
        line = b""
        while not line.endswith(b"\n"):
            piece = os.read(self._in, 65536)
            if not piece:
                raise RuntimeError(f"{self.name}: ended early")
            line += piece
        text = line.decode().rstrip("\n")
        if text.startswith("error "):
            raise RuntimeError(f"{self.name}: {text[6:]}")
        return text


def _stay() -> NoReturn:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # orphans of this namespace are reaped at once
    while True:
        signal.pause()


def _first(child: Child) -> NoReturn:
    """The first process of the PID namespace: lays the cables, then stays."""
    linux.unshare(linux.CLONE_NEWNET)
    child.say("ready")
    _feed(["ip", "-batch", "-"], json.loads(child.hear()))
    child.say("laid")
    _stay()


def _hold(child: Child, plan: HostPlan, etc: dict[str, str]) -> NoReturn:
    """A process that holds one host's network and mount namespace."""
    linux.unshare(linux.CLONE_NEWNET | linux.CLONE_NEWNS)
    for path, file in etc.items():
        if Path(path).exists():
            linux.mount(file, path, "", linux.MS_BIND)
    settings = _ALWAYS | (_ROUTER if plan["forwards"] else {})
    for key, value in settings.items():
        # Not every kernel has every setting; those a table names must be there.
        if Path(f"/proc/sys/net/{key}").exists():
            _write(f"/proc/sys/net/{key}", value)
    for key, value in plan["sysctl"].items():
        _write(f"/proc/sys/net/{key}", value)
    child.say(str(os.getpid()))
    child.hear()
    _feed(["ip", "-batch", "-"], plan["batch"])
    if plan["nft"]:
        _feed(["nft", "-f", "-"], plan["nft"])
    for kind, path in (("proc", "/proc"), ("sysfs", "/sys")):
        try:
            linux.mount(kind, path, kind, 0)
        except OSError:  # a container may forbid it; the host then shows the outer one
            continue
    child.say("up")
    _stay()


def _carry(child: Child, pairs: list[tuple[int, str, int, str, float]]) -> NoReturn:
    """The process that carries the delayed cables."""
    linux.unshare(linux.CLONE_NEWNET)  # a network to come back to, also without privileges
    open_pairs = [
        (wire.plug(pid_a, name_b), wire.plug(pid_b, name_a), delay)
        for pid_a, name_b, pid_b, name_a, delay in pairs
    ]
    child.say("plugged")
    wire.carry(open_pairs)
    raise AssertionError("a carrier does not return")


def _build(plan: Plan, first: Child) -> dict[str, int]:
    """Make every host; returns the process id that holds each, as seen from outside."""
    first.hear()
    holders: dict[str, Child] = {}
    for name, host in plan["hosts"].items():
        child = Child(name)
        if child.inside:
            _guarded(child, partial(_hold, child, host, plan["etc"]))
        holders[name] = child
    inner = {name: int(child.hear()) for name, child in holders.items()}
    first.say(json.dumps(plan["cables"].format_map({k: str(v) for k, v in inner.items()})))
    first.hear()
    if plan["wires"]:
        carrier = Child("the carrier of delayed cables")
        if carrier.inside:
            pairs = [(holders[a].pid, b, holders[b].pid, a, delay) for a, b, delay in plan["wires"]]
            _guarded(carrier, partial(_carry, carrier, pairs))
        carrier.hear()
    for child in holders.values():
        child.say("go")
    for child in holders.values():
        child.hear()
    return {name: child.pid for name, child in holders.items()}


def _guarded(child: Child, act: Callable[[], NoReturn]) -> NoReturn:
    """Run a child's part; what goes wrong is said to the parent."""
    try:
        act()
    except BaseException as error:  # noqa: BLE001 - this is the one place that reports
        child.say(f"error {type(error).__name__}: {error}".replace("\n", " "))
    os._exit(1)


def main() -> None:
    """Read the plan, build, say so, wait for the owner's end, and take everything away."""
    plan: Plan = json.loads(sys.stdin.readline())
    try:
        if os.geteuid() != 0:
            linux.become_root_of_own_user_namespace()
        linux.unshare(linux.CLONE_NEWNS | linux.CLONE_NEWPID)
        linux.mount("none", "/", "", linux.MS_REC | linux.MS_PRIVATE)
        first = Child("the first process")
    except OSError as error:
        print(json.dumps({"error": f"no namespaces here: {error}"}), flush=True)
        return
    if first.inside:
        _guarded(first, partial(_first, first))
    try:
        try:
            print(json.dumps({"pids": _build(plan, first)}), flush=True)
        except RuntimeError as error:
            print(json.dumps({"error": str(error)}), flush=True)
        else:
            sys.stdin.read()
    finally:
        os.kill(first.pid, signal.SIGKILL)
        # All children, in any order: the first process ends only once the others are reaped.
        with contextlib.suppress(ChildProcessError):
            while True:
                os.wait()
        shutil.rmtree(plan["folder"], ignore_errors=True)


if __name__ == "__main__":
    main()
