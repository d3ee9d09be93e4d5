"""One fault: make it, build a page through it, take it away; read the page and the capture."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lab.internet import RESOLVER
from tests.lab.lab import REPOSITORY
from tests.lab.paths import PATHS
from tests.lab.whole import WholeInternet
from tests.servers.liars import FIRST_PORT, MANNERS, port_of
from tests.sites import fence, figures, make_site, plain, with_evidence
from tests.truth.capture import Seen, Watch
from tests.truth.fault import HERE, TARGETS, Fault
from tests.truth.faults import (
    DNS64_PORT,
    HANGS_UP_PORT,
    LATE_PORT,
    LOGIN_PORT,
    PORTAL_PORT,
    SPEAKER_PORT,
)

_BUILD = [sys.executable, "-m", "mkdocs", "build", "-q"]
_UNDO = {f"table {one} fault": f"{one} fault" for one in ("inet", "ip", "netdev")}
RESOLVER_6, STUB = "2001:db8:53::1", "127.0.0.53"
TRANSLATOR = "tayga"
"""Debian's NAT64 (RFC 6146), where it is installed; it translates from the provider on."""
_TAYGA = """tun-device nat64
ipv4-addr 192.168.255.1
ipv6-addr 2001:db8:51::64
prefix 64:ff9b::/96
dynamic-pool 192.168.255.0/24
data-dir {folder}
"""
_BEHIND_IT = """table ip translator {
  chain out {
    type nat hook postrouting priority srcnat;
    ip saddr 192.168.255.0/24 oifname != "nat64" snat to 198.51.100.1;
  }
}
"""
_DNS64 = """server:
  username: ""
  chroot: ""
  directory: "{folder}"
  pidfile: ""
  use-syslog: no
  do-daemonize: no
  interface: {address}@{port}
  interface: {address6}@{port}
  do-not-query-localhost: no
  access-control: 0.0.0.0/0 allow
  access-control: ::/0 allow
  module-config: "dns64 iterator"
  dns64-prefix: 64:ff9b::/96
forward-zone:
  name: "."
  forward-addr: {address}
"""


class Truth(WholeInternet):
    """The whole internet, with resolvers that are none, and a mail server reached by IPv6 alone."""

    watch: Watch

    def __init__(self) -> None:
        super().__init__(PATHS)

    def up(self) -> None:
        """Bring everything up and wait for it."""
        super().up()
        self.watch = Watch(self, (HERE, *TARGETS))
        argv = [sys.executable, "-m", "tests.servers.liars", RESOLVER, RESOLVER]
        self.spawn("resolver", ["env", f"--chdir={REPOSITORY}", *argv], log="liars.log")
        for number in range(len(MANNERS)):
            self.wait_for_port("resolver", FIRST_PORT + number)
        own = self.folder / "dns64.conf"
        names = {"address": RESOLVER, "address6": RESOLVER_6, "folder": self.folder}
        own.write_text(_DNS64.format(port=DNS64_PORT, **names))
        self.spawn("resolver", ["unbound", "-d", "-c", str(own)], log="dns64.log")
        self.wait_for_port("resolver", DNS64_PORT)
        for host, address, port, manner in (
            ("shop", "192.0.2.25", 25, "cuts"),
            ("shop", "192.0.2.80", PORTAL_PORT, "portal"),
            ("shop", "192.0.2.25", SPEAKER_PORT, "speaks"),
            ("shop", "2001:db8:80::25", 25, "echoes"),
            ("mail", "192.0.2.113", 25, "slow"),
            ("mail", "192.0.2.113", LATE_PORT, "late"),
            ("shop", "192.0.2.80", LOGIN_PORT, "login"),
            ("shop", "192.0.2.80", HANGS_UP_PORT, "hangs-up"),
        ):
            argv = [sys.executable, "-m", "tests.truth.portal", address, str(port), manner]
            self.spawn(host, ["env", f"--chdir={REPOSITORY}", *argv], log=f"{manner}.log")
            self.wait_for_port(host, port, kind="tcp", address=address)
        argv = [sys.executable, "-m", "tests.servers.liars", STUB, RESOLVER]
        self.spawn(HERE, ["env", f"--chdir={REPOSITORY}", *argv], log="stub.log")
        self.wait_for_port(HERE, port_of("does-not-validate"))
        if shutil.which(TRANSLATOR):
            self._translate()

    def _translate(self) -> None:
        """Begin to translate; nothing is led to it until a fault wants it."""
        own = self.folder / "tayga.conf"
        own.write_text(_TAYGA.format(folder=self.folder))
        self.run("isp1", [TRANSLATOR, "--mktun", "-c", str(own)])
        for words in (
            "ip link set nat64 up",
            "ip addr add 192.168.255.254 dev nat64",
            "ip route add 192.168.255.0/24 dev nat64",
        ):
            self.run("isp1", words.split())
        self.run("isp1", ["nft", "-f", "-"], stdin=_BEHIND_IT)
        self.spawn("isp1", [TRANSLATOR, "-d", "-n", "-c", str(own)], log="tayga.log")


@dataclass
class Told:
    """What came of one fault."""

    lines: list[dict[str, Any]]
    """Of the run file, one for each question."""
    figures: list[str]
    """What the page says."""
    seen: Seen
    """At the author's computer."""
    there: dict[str, Seen]
    """At the targets."""
    seconds: float
    kept: str = ""
    """All that the evidence has, as text."""
    news: tuple[str, ...] = ()
    """What the feeds of changes tell."""

    def heads(self) -> list[str]:
        """The first line of each figure that says how it went."""
        return [_head(text) for text in self.figures]


def _head(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    marks = [line for line in lines if line.startswith(("●", "○", "–", "×", "Not", "No"))]
    return (marks or lines)[0][:150]


def _sentences(text: str) -> str:
    """What the page says itself: all above the evidence's own listing."""
    return text.partition("Evidence")[0]


def lay(lab: WholeInternet, fault: Fault) -> None:
    """Lay the fault's tables over its hosts'; do what is to be done there."""
    for host, rules in fault.nft.items():
        lab.run(host, ["nft", "-f", "-"], stdin=rules)
    for host, words in fault.do:
        lab.run(host, words.split())


def lift(lab: WholeInternet, fault: Fault) -> None:
    """Take them away, and undo it; no connection goes on as it was turned."""
    for host, words in fault.undo:
        lab.run(host, words.split(), should_succeed=False)
    for host, rules in fault.nft.items():
        name = next(name for head, name in _UNDO.items() if rules.startswith(head))
        lab.run(host, ["nft", "delete", "table", *name.split()], should_succeed=False)


def _wait_for(lab: Truth, begin: int, wanted: Mapping[str, Any], ends: float) -> None:
    """Until the build has sent, or got, the first packet of that kind."""
    while time.monotonic() < ends:
        if Seen(lab.watch.lines(HERE, begin)).count(**wanted):
            return
        time.sleep(0.01)


def _stop(build: subprocess.Popen[str], seconds: float) -> None:
    """Stop every process of the build, as a laptop's lid does."""
    os.killpg(build.pid, signal.SIGSTOP)
    time.sleep(seconds)
    for _ in range(20):  # nsenter stops itself as well, once it has seen its child stopped
        os.killpg(build.pid, signal.SIGCONT)
        time.sleep(0.1)


def meet(lab: Truth, fault: Fault, folder: Path) -> Told:
    """Make the fault, build a page with its questions, and read both."""
    lab.flush()
    page = "\n".join(
        fence(id=f"q{number}", **question) for number, question in enumerate(fault.questions)
    )
    site = make_site(folder, {"index.md": page}, registry_pause=0.1, **fault.settings)
    if fault.before:
        _built(_begun(lab, with_evidence(site)))
    else:
        plain(site)
    began, here = time.monotonic(), lab.watch.here()
    if not fault.late:
        lay(lab, fault)
    try:
        build = _begun(lab, folder, fault.clock, fault.jumps)
        if fault.lasts is not None or fault.stopped or fault.late or fault.jumps:
            _wait_for(lab, here[HERE], fault.when, began + 20)
        if fault.jumps:
            _set_clock(lab, fault.jumps)
        if fault.late:
            lay(lab, fault)
        if fault.stopped:
            _stop(build, fault.stopped)
        if fault.lasts is not None:
            time.sleep(fault.lasts)
            lift(lab, fault)
        _built(build, fault.patience)
    finally:
        lift(lab, fault)
    seen = lab.watch.since(here)
    runs = sorted((folder / "evidence" / "runs").rglob("*.jsonl"))
    lines = [json.loads(line) for run in runs[-1:] for line in run.read_text().splitlines()]
    shown = figures((folder / "site" / "index.html").read_text("utf-8"))
    texts = [shown.get(f"q{number}", "") for number in range(len(fault.questions))]
    seconds = time.monotonic() - began
    return Told(lines, texts, seen.pop(HERE), seen, seconds, _evidence(folder), _news(folder))


def _set_clock(lab: Truth, clock: str) -> Path:
    """Set the clock of a build that goes by faketime; returns the file that says how far off."""
    new, file = lab.folder / "clock.new", lab.folder / "clock"
    new.write_text(clock)
    new.replace(file)
    return file


def _begun(lab: Truth, folder: Path, clock: str = "", jumps: str = "") -> subprocess.Popen[str]:
    """A build on the author's computer, by its clock or by one that is wrong."""
    argv, environment = list(_BUILD), {**os.environ, **lab.settings()}
    if clock or jumps:
        argv = ["faketime", "-f", "+0", "env", "-u", "FAKETIME", *argv]
        environment |= {
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_CACHE_DURATION": "1",  # seconds until it looks again
            "FAKETIME_TIMESTAMP_FILE": str(_set_clock(lab, clock or "+0")),
        }
    return subprocess.Popen(
        lab.command(HERE, argv, cwd=folder, env=environment),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _evidence(folder: Path) -> str:
    files = (one for one in (folder / "evidence").rglob("*.json*") if one.is_file())
    return "".join(one.read_text("utf-8") for one in files)


def _news(folder: Path) -> tuple[str, ...]:
    feeds = [json.loads(one.read_text("utf-8")) for one in folder.glob("site/**/feed.json")]
    return tuple(item["title"] for feed in feeds for item in feed["items"])


def _built(build: subprocess.Popen[str], patience: float = 60.0) -> None:
    _, said = build.communicate(timeout=patience)
    assert build.returncode == 0, said


def untrue(fault: Fault, told: Told) -> list[str]:
    """What is wrong with what the page said: nothing, where it is true."""
    wrong = []
    for number, text in enumerate(told.figures):
        if "No answer" in text and not fault.theirs:
            wrong.append(f"blames the target: {_head(text)}")
        elif not fault.answered and not fault.theirs and "Not measured" not in text:
            wrong.append(f"was not measured: {_head(text)}")
        says = fault.says if isinstance(fault.says, str) else fault.says[number]
        if says not in text:
            wrong.append(f"does not say {says!r}: {_head(text)}")
        wrong += [f"says {word!r}" for word in fault.never if word in _sentences(text)]
    every = "\n".join([told.kept, *told.figures])
    wrong += [f"keeps or shows {word!r}" for word in fault.secret if word in every]
    wrong += [f"does not keep {word!r}" for word in fault.keeps if word not in told.kept]
    wrong += [f"the feed says {title!r}" for title in told.news]
    if len(told.figures) > len([text for text in told.figures if text]):
        wrong.append("a figure is missing")
    captures = {"here": told.seen, **told.there}
    for place, wanted in [("here", fault.evidence)] * bool(fault.evidence) + list(fault.there):
        if not captures[place].count(**wanted):
            wrong.append(f"{place}: the capture has no {dict(wanted)}: the fault was not there")
    for place, wanted in [("here", fault.absent)] * bool(fault.absent) + list(fault.not_there):
        if captures[place].count(**wanted):
            wrong.append(f"{place}: the capture has {dict(wanted)}")
    return wrong
