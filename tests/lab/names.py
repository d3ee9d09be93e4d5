"""The lab's DNS: four NSDs with the zones of `zones/`, two Unbounds that recurse on them."""

import json
import shutil
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import dns.dnssec
import dns.zone

from tests.lab import hostile, signing
from tests.lab.internet import DOCUMENTATION, INTERNET, PLAIN_RESOLVER, RESOLVER
from tests.lab.lab import Lab, LabError, require
from tests.lab.topology import Topology

_ZONES = Path(__file__).parent / "zones"

_LEAVES = (
    "gcrest.com",
    "data-hotel.net",
    "trickster.jp",
    "cymru.com",
    "shop.example",
    "signed.example",
    "bogus.example",
    "expired.example",
    "two-servers.example",
    "xn--wgv71a119e.example",
    "64.174.203.in-addr.arpa",
    "255.104.203.in-addr.arpa",
    "246.251.221.in-addr.arpa",
    "176.173.210.in-addr.arpa",
    "100.51.198.in-addr.arpa",
    "2.0.192.in-addr.arpa",
    "8.b.d.0.1.0.0.2.ip6.arpa",
    *hostile.ZONES,
)


@dataclass(frozen=True, slots=True)
class NameServer:
    """One NSD on one host: it serves these zones on all the host's addresses, and refuses others.

    `ZONE@HOST.zone` in `zones/` is used instead of `ZONE.zone` on that host.
    """

    host: str
    zones: tuple[str, ...]


NAME_SERVERS = (
    NameServer("root", (".", "root-servers.net")),
    NameServer("registry", ("jp", "com", "net", "example", "arpa", "in-addr.arpa", "ip6.arpa")),
    NameServer("ns1", (*_LEAVES, "half-lame.example")),
    NameServer("ns2", _LEAVES),
)

_NSD = """server:
  username: ""
  zonesdir: "{folder}"
  pidfile: ""
  database: ""
  zonelistfile: "{folder}/{host}.zonelist"
  xfrdfile: ""
  xfrdir: "{folder}"
  server-count: 1
  rrl-ratelimit: 0
  hide-version: yes
  hide-identity: yes
remote-control:
  control-enable: no
"""

# The registry's reverse zones are documentation networks, which Unbound answers itself by default.
_UNBOUND = """server:
  username: ""
  chroot: ""
  directory: "{folder}"
  pidfile: ""
  use-syslog: no
  do-daemonize: no
  num-threads: 1
  interface: {address}
  outgoing-interface: {address}
  do-ip6: no
  access-control: 0.0.0.0/0 allow
  module-config: "{modules}"
  root-hints: "{folder}/root.hints"
  unblock-lan-zones: yes
  local-zone: "2.0.192.in-addr.arpa." nodefault
  local-zone: "100.51.198.in-addr.arpa." nodefault
  local-zone: "113.0.203.in-addr.arpa." nodefault
  local-zone: "8.b.d.0.1.0.0.2.ip6.arpa." nodefault
  aggressive-nsec: no
  val-log-level: 2
  {anchor}
remote-control:
  control-enable: yes
  control-interface: "{folder}/{name}.ctl"
  control-use-cert: no
"""

_RESOLVERS = (
    ("validating", RESOLVER, "validator iterator"),
    ("plain", PLAIN_RESOLVER, "iterator"),
)


class Internet(Lab):
    """A lab with the internet's DNS running in it."""

    def __init__(
        self,
        topology: Topology = INTERNET,
        name_servers: Sequence[NameServer] = NAME_SERVERS,
    ) -> None:
        """The post's internet; a larger topology or other name servers where a test needs them."""
        super().__init__(
            topology,
            {
                "/etc/resolv.conf": f"nameserver {RESOLVER}\n",
                "/etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
                "/etc/nsswitch.conf": "hosts: files dns\n",
            },
        )
        self.name_servers = tuple(name_servers)
        self.additions: dict[str, str] = {}
        """Zone → records added to its file before it is signed."""
        self.trust_anchor = self.folder / "root.key"
        """The root's DNSKEY in zone-file form; there once the internet is up."""

    def settings(self) -> dict[str, str]:
        """The environment that Sotokara is given on the author's computer."""
        text = "$TTL 60\n" + self.trust_anchor.read_text()
        keys = dns.zone.from_text(text, ".", check_origin=False).find_rdataset("@", "DNSKEY")
        digests = [dns.dnssec.make_ds(".", key, "SHA256") for key in keys]
        anchors = [f". IN DS {digest.to_text()}" for digest in digests]
        return {
            "SOTOKARA_VANTAGE": "lab",
            "SOTOKARA_TRUST_ANCHORS": json.dumps(anchors),
            "SOTOKARA_POLICY": json.dumps({"allow": DOCUMENTATION}),
        }

    def up(self) -> None:
        """Make the network and, meanwhile, the zones; then start the servers and wait for them."""
        require("nsd", "unbound", "ldns-signzone", "ldns-keygen")
        self.start_building()
        self._write()
        super().up()
        self._start()

    def flush(self) -> None:
        """Make both resolvers forget what they have learnt: records, servers, broken answers."""
        for name, *_ in _RESOLVERS:
            self._control(name, "flush_zone", ".")
            self._control(name, "flush_bogus")
            self._control(name, "flush_negative")
            self._control(name, "flush_infra", "all")

    def _control(self, name: str, *command: str) -> None:
        """Tell Unbound, as unbound-control(8) does, but without a process for each word."""
        with socket.socket(socket.AF_UNIX) as control:
            _connect(control, str(self.folder / f"{name}.ctl"))
            control.sendall(f"UBCT1 {' '.join(command)}\n".encode())
            said = control.makefile().read()
        if not said.startswith("ok"):
            raise LabError(f"unbound: {' '.join(command)}: {said}")

    def _write(self) -> None:
        """Write zone files, the trust anchor and the name servers' configurations."""
        zones = {zone for server in self.name_servers for zone in server.zones}
        files = {}
        for zone in zones:
            files[zone] = self.folder / _file_name(zone)
            if zone in hostile.ZONES:
                files[zone].write_text(hostile.zone_file(zone))
            else:
                shutil.copy(_ZONES / _file_name(zone), files[zone])
        for zone, records in self.additions.items():
            with files[zone].open("a") as file:
                file.write(records)
        for special in _ZONES.glob("*@*.zone"):
            shutil.copy(special, self.folder / special.name)
        hints = [line for line in files["."].read_text().splitlines() if "root-servers" in line]
        (self.folder / "root.hints").write_text(
            "".join(f"{line.replace('@', '.', 1)}\n" for line in hints if "SOA" not in line)
        )
        shutil.copy(signing.sign(self.folder, files), self.trust_anchor)
        for server in self.name_servers:
            (self.folder / f"{server.host}.conf").write_text(self._nsd(server))

    def _nsd(self, server: NameServer) -> str:
        text = _NSD.format(folder=self.folder, host=server.host)
        addresses = "".join(
            f"  ip-address: {address}\n" for address in self.topology.host(server.host).addresses
        )
        text = text.replace("server:\n", f"server:\n{addresses}", 1)
        for zone in server.zones:
            own = f"{zone}@{server.host}.zone"
            file = own if (self.folder / own).exists() else _file_name(zone)
            text += f'zone:\n  name: "{zone}"\n  zonefile: "{file}"\n'
        return text

    def _start(self) -> None:
        for server in self.name_servers:
            conf = str(self.folder / f"{server.host}.conf")
            self.spawn(server.host, ["nsd", "-d", "-c", conf], log=f"nsd-{server.host}.log")
        for name, address, modules in _RESOLVERS:
            unbound = self.folder / f"{name}.conf"
            anchor = f'trust-anchor-file: "{self.trust_anchor}"' if "validator" in modules else ""
            unbound.write_text(
                _UNBOUND.format(
                    folder=self.folder,
                    name=name,
                    address=address,
                    modules=modules,
                    anchor=anchor,
                )
            )
            self.spawn("resolver", ["unbound", "-d", "-c", str(unbound)], log=f"{name}.log")
        for server in self.name_servers:
            self.wait_for_port(server.host, 53)
        for _, address, _ in _RESOLVERS:
            self.wait_for_port("resolver", 53, address=address)


def _connect(control: socket.socket, path: str) -> None:
    """Connect, once Unbound listens there: it opens its port for questions before."""
    for _ in range(100):
        try:
            return control.connect(path)
        except (FileNotFoundError, ConnectionRefusedError):
            time.sleep(0.1)
    raise LabError(f"{path}: nobody listens")


def _file_name(zone: str) -> str:
    return "root.zone" if zone == "." else f"{zone}.zone"
