"""The owner's side of an internet: bring it up, run programs on its hosts, take it down."""

import atexit
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.lab import linux, packets
from tests.lab.topology import Topology
from tests.lab.world import HostPlan, Plan

REPOSITORY = Path(__file__).resolve().parents[2]
_UP_WITHIN = 30.0


class LabError(RuntimeError):
    """The internet could not be made, or ended early; the text says what is missing."""


def require(*programs: str) -> None:
    """LabError when one of these programs is not installed."""
    for program in programs:
        if shutil.which(program) is None:
            raise LabError(f"the lab needs `{program}`: run tests/system-packages as root")


class Lab:
    """An internet made of network namespaces. Use it as a context manager."""

    def __init__(self, topology: Topology, etc: Mapping[str, str] | None = None) -> None:
        """`etc`: files that all hosts see in place of their own (absolute path → text)."""
        self.topology = topology
        self.folder = Path(tempfile.mkdtemp(prefix="sotokara-lab-"))
        self.pids: dict[str, int] = {}
        self._etc = dict(etc or {})
        self._world: subprocess.Popen[str] | None = None
        self._spawned: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        """Bring the internet up."""
        try:
            self.up()
        except BaseException:
            self.down()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take it down."""
        self.down()

    def start_building(self) -> None:
        """Start making the namespaces and return at once; `up` waits for them."""
        if not sys.platform.startswith("linux"):
            raise LabError("the lab needs Linux: its hosts are network namespaces")
        require("ip", "nft", "nsenter")
        self._world = subprocess.Popen(
            [sys.executable, "-m", "tests.lab.world"],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        atexit.register(self.down)
        assert self._world.stdin is not None
        self._world.stdin.write(json.dumps(self._plan()) + "\n")
        self._world.stdin.flush()

    def up(self) -> None:
        """Make namespaces, links, addresses and routes; LabError when this machine cannot."""
        if self._world is None:
            self.start_building()
        assert self._world is not None
        assert self._world.stdout is not None
        if not select.select([self._world.stdout], [], [], _UP_WITHIN)[0]:
            raise LabError(f"the lab was not up after {_UP_WITHIN:.0f} s")
        line = self._world.stdout.readline()
        if not line:
            raise LabError("its first process ended")
        answer = json.loads(line)
        if "error" in answer:
            raise LabError(answer["error"])
        self.pids = answer["pids"]

    def down(self) -> None:
        """Kill every process of the internet; its namespaces, mounts and folder go with them."""
        atexit.unregister(self.down)
        world, self._world = self._world, None
        if world is not None:
            assert world.stdin is not None
            assert world.stdout is not None
            world.stdin.close()
            world.wait()
            world.stdout.close()
        for process in self._spawned:
            process.wait()
        self._spawned.clear()
        self.pids = {}
        shutil.rmtree(self.folder, ignore_errors=True)

    def _plan(self) -> Plan:
        etc = {}
        for path, text in self._etc.items():
            file = self.folder / path.strip("/").replace("/", "-")
            file.write_text(text, encoding="utf-8")
            etc[os.path.realpath(path)] = str(file)
        batches = self.topology.batches()
        delays = os.access("/dev/net/tun", os.R_OK | os.W_OK)
        return Plan(
            folder=str(self.folder),
            etc=etc,
            hosts={
                host.name: HostPlan(
                    batch=batches[host.name],
                    nft=packets.METER + host.nft,
                    sysctl=host.sysctl,
                    forwards=host.forwards,
                )
                for host in self.topology.hosts
            },
            cables=self.topology.cables(delays=delays),
            wires=[(i.a, i.b, i.delay) for i in self.topology.links if i.delay and delays],
        )

    def command(
        self,
        host: str,
        argv: Sequence[str],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] = {},
    ) -> list[str]:
        """The command line that runs argv on a host, for those who start processes themselves."""
        user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        namespaces = [f"--target={self.pids[host]}", "--net", "--mount", "--pid"]
        variables = [f"{key}={value}" for key, value in env.items()]
        chdir = f"--chdir={cwd or Path.cwd()}"
        return ["nsenter", *user, *namespaces, "--", "env", chdir, *variables, *argv]

    def run(
        self,
        host: str,
        argv: Sequence[str],
        *,
        timeout: float = 30.0,
        stdin: str = "",
        env: Mapping[str, str] = {},
        cwd: Path | None = None,
        should_succeed: bool = True,
    ) -> subprocess.CompletedProcess[str]:
        """Run a program on a host and wait for it.

        `env` adds to the caller's environment. CalledProcessError when it fails and
        `should_succeed`; TimeoutExpired after `timeout` seconds, all of the program killed.
        """
        command = self.command(host, argv, cwd=cwd, env=env)
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="backslashreplace",
            start_new_session=True,
        )
        try:
            out, err = process.communicate(stdin, timeout=timeout)
        except BaseException:
            # The group, as nsenter has forked into the PID namespace.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        done = subprocess.CompletedProcess(list(argv), process.returncode, out, err)
        if should_succeed and done.returncode:
            raise subprocess.CalledProcessError(done.returncode, list(argv), out, err)
        return done

    def python(
        self, host: str, code: str, *, timeout: float = 30.0, env: Mapping[str, str] = {}
    ) -> subprocess.CompletedProcess[str]:
        """Run Python code on a host, with this interpreter, from the repository's root."""
        argv = [sys.executable, "-c", code]
        return self.run(host, argv, timeout=timeout, env=env, cwd=REPOSITORY)

    def spawn(self, host: str, argv: Sequence[str], *, log: str) -> subprocess.Popen[bytes]:
        """Start a server on a host; it lives until `down`. What it says goes to `folder/log`."""
        with (self.folder / log).open("wb") as file:
            process = subprocess.Popen(
                self.command(host, argv, cwd=self.folder),
                env={**os.environ, "PYTHONPATH": str(REPOSITORY)},  # servers of tests.servers
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._spawned.append(process)
        return process

    def wait_for_port(
        self, host: str, port: int, *, kind: str = "udp", address: str = "", timeout: float = 10.0
    ) -> None:
        """Wait until a program on a host listens on a port; LabError after `timeout` seconds."""
        ends = time.monotonic() + timeout
        wanted = ip_address(address) if address else None
        while time.monotonic() < ends:
            found = packets.listeners(self.pids[host], kind)
            if any(bound == port and wanted in (None, where) for where, bound in found):
                return
            time.sleep(0.01)
        logs = "".join(p.read_text(errors="replace")[-400:] for p in self.folder.glob("*.log"))
        raise LabError(f"nothing listens on {kind} port {port} of {host}\n{logs}")

    def inside(self, host: str) -> AbstractContextManager[None]:
        """Put the calling thread on a host's network, for sockets of this process. Root only.

        Only the network: /etc/resolv.conf stays the machine's own.
        """
        return linux.network_of(self.pids[host])

    def address(self, host: str, version: int = 4) -> str:
        """A host's main address, IPv4 or IPv6."""
        return self.topology.host(host).of_family(version)[0]

    def packets(
        self, host: str, to: str, *, protocol: str | None = None, port: int | None = None
    ) -> int:
        """Packets that a host has sent or forwarded to an address or network since it came up.

        `protocol`: `udp`, `tcp`, `icmp` or `ipv6-icmp`; `port`: of the destination. A host counts
        what it sends to itself (127.0.0.1) as well.
        """
        listing = self.run(host, ["nft", "-j", "list", "table", "inet", "tally"]).stdout
        return packets.count(listing, to, protocol, port)
