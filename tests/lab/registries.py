"""Registries in the lab: each well-known whois server's name leads to an address of its own here.

``RegistriesInternet`` is the internet with them. Another internet takes them in with ``extended``,
``NAME_SERVERS``, ``additions`` and ``start``.
"""

import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.lab.certificate import make_one
from tests.lab.internet import INTERNET
from tests.lab.lab import Lab
from tests.lab.names import NAME_SERVERS as _NAME_SERVERS
from tests.lab.names import Internet, NameServer
from tests.lab.topology import Host, Link, Topology
from tests.lab.zone_lines import by_zone
from tests.sites import lab_figures

HOST = "registries"
NAMES = (
    "whois.iana.org",
    "whois.arin.net",
    "whois.ripe.net",
    "whois.apnic.net",
    "whois.lacnic.net",
    "whois.afrinic.net",
    "whois.nic.ad.jp",
    "whois.jprs.jp",
    "whois.kisa.or.kr",
    "whois.twnic.net",
    "whois.verisign-grs.com",
    "whois.markmonitor.com",
    "whois.denic.de",
)
MANNERS = ("silent", "drips", "floods", "limits", "lies", "resets", "loop-a", "loop-b")
ADDRESSES = {name: f"203.119.2.{number}" for number, name in enumerate(NAMES, 10)} | {
    f"whois-{manner}.example": f"203.119.3.{number}" for number, manner in enumerate(MANNERS, 10)
}
RDAP = "203.119.4.10"
"""All RDAP servers and IANA's bootstrap files."""
RDAP_LOG = "rdap.jsonl"
RDAP_NAMES = (
    "data.iana.org",
    "rdap.arin.net",
    "rdap.db.ripe.net",
    "rdap.apnic.net",
    "rdap.lacnic.net",
    "rdap.afrinic.net",
    "rdap.verisign.com",
    "rdap.joker.com",
    "rdap.example",
    "rdap-limits.example",
)
NAME_SERVERS = tuple(
    NameServer(one.host, (*one.zones, "org", "kr", "de")) if one.host == "registry" else one
    for one in _NAME_SERVERS
)


def extended(topology: Topology = INTERNET) -> Topology:
    """A topology with the registries' host."""
    host = Host(HOST, ("203.119.2.1", *ADDRESSES.values(), RDAP), "whois and RDAP servers")
    return Topology((*topology.hosts, host), (*topology.links, Link("isp1", HOST)))


def additions() -> dict[str, str]:
    """The records that lead the registries' names to their addresses, by zone."""
    every = ADDRESSES | dict.fromkeys(RDAP_NAMES, RDAP)
    records = by_zone(every, ("jp", "com", "net", "example", "org", "kr", "de"))
    root = "".join(f"{zone}. NS a.nic.example.\n" for zone in ("org", "kr", "de"))
    return {**records, ".": root}


def start(lab: Lab) -> Path:
    """Start the servers; returns the file in which each question to a whois server is noted."""
    log = lab.folder / "registries.jsonl"
    config = lab.folder / "registries.json"
    servers = []
    for name, address in ADDRESSES.items():
        manner = name.removeprefix("whois-").removesuffix(".example")
        own = manner if manner in MANNERS else ""
        servers.append({"address": address, "server": name, "manner": own, "log": str(log)})
    config.write_text(json.dumps(servers))
    argv = [sys.executable, "-m", "tests.servers.registry", str(config)]
    lab.spawn(HOST, ["env", f"--chdir={os.getcwd()}", *argv], log="registries.log")  # noqa: PTH109
    _start_rdap(lab)
    for address in ADDRESSES.values():
        lab.wait_for_port(HOST, 43, kind="tcp", address=address)
    for port in (80, 443):
        lab.wait_for_port(HOST, port, kind="tcp", address=RDAP)
    return log


def _start_rdap(lab: Lab) -> None:
    folder = lab.folder / "rdap"
    make_one(folder, list(RDAP_NAMES))
    files = [str(folder / name) for name in ("server.pem", "server.key")]
    argv = [sys.executable, "-m", "tests.servers.rdap", RDAP, *files, str(lab.folder / RDAP_LOG)]
    lab.spawn(HOST, ["env", f"--chdir={os.getcwd()}", *argv], log="rdap.log")  # noqa: PTH109


class RegistriesInternet(Internet):
    """The internet with registries."""

    def __init__(self) -> None:
        super().__init__(extended(), NAME_SERVERS)
        self.additions = additions()
        self.log = self.folder / "registries.jsonl"

    def up(self) -> None:
        """Bring everything up and wait until each registry listens."""
        super().up()
        start(self)

    def settings(self) -> dict[str, str]:
        """As the base's; with the authority that the RDAP servers' certificate is from."""
        authority = str(self.folder / "rdap" / "authority.pem")
        return super().settings() | {"SSL_CERT_FILE": authority}

    def urls(self) -> list[str]:
        """Everything asked of RDAP servers so far; then forget it."""
        log = self.folder / RDAP_LOG
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return [json.loads(line) for line in lines]

    def asked(self) -> list[list[str]]:
        """Server and question of everything asked so far; then forget it."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return [json.loads(line) for line in lines]


class Built:
    """A page of questions, built once on the author's computer."""

    def __init__(
        self,
        lab: RegistriesInternet,
        folder: Path,
        questions: Mapping[str, Mapping[str, Any]],
        *,
        timeout: float,
        front: str = "",
    ) -> None:
        """``questions``: definitions by id; ``front``: what is above them on the page."""
        began = time.monotonic()
        more = {"timeout": timeout, "registry_pause": 0.1}
        self.figures = lab_figures(lab, folder, questions, front, **more)
        self.seconds = time.monotonic() - began
        self.evidence = "".join(
            path.read_text("utf-8") for path in (folder / "evidence" / "objects").glob("*/*.json")
        )
        self.asked = lab.asked()
        self.urls = lab.urls()
