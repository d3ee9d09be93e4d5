"""Four hosts: an office with a Dask scheduler, and places X (a block page), Y (honest), Z (no DNS).

Each place has a worker. The places reach nothing but the office; each has its resolver on itself,
but Z, which has none and no way out.
"""

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.lab.lab import REPOSITORY, Lab
from tests.lab.topology import Host, Link, Topology

OFFICE = "198.51.100.1"
PLACES = {"x": "198.51.100.11", "y": "198.51.100.12", "z": "198.51.100.13"}
WORKERS = tuple(f"198.51.100.{number}" for number in range(21, 25))
"""Of `FarPlace`."""
BLOCK = "203.0.113.66"
_PORT, _DNS = 8786, 53
_UP = 40.0
_TOPOLOGY = Topology(
    (
        Host("office", (OFFICE,), "where the build and the scheduler run"),
        *(Host(name, (address,), "a place") for name, address in PLACES.items()),
    ),
    tuple(Link("office", name) for name in PLACES),
)


def certificates(folder: Path, *names: str) -> None:
    """Write ca.pem, and for each name a certificate that it has signed, with its key."""
    folder.mkdir(parents=True, exist_ok=True)
    authority = ec.generate_private_key(ec.SECP256R1())
    root = _issue("ca", authority, authority, None)
    (folder / "ca.pem").write_bytes(root.public_bytes(Encoding.PEM))
    for name in names:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _issue(name, key, authority, root)
        (folder / f"{name}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / f"{name}.key").write_bytes(private)


def _issue(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    authority: ec.EllipticCurvePrivateKey,
    root: x509.Certificate | None,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(root.subject if root else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=root is None, path_length=None), critical=True)
        .sign(authority, hashes.SHA256())
    )


class ClusterLab:
    """The lab, its scheduler and its workers, all up inside a ``with``."""

    def __init__(self) -> None:
        self.lab = Lab(_TOPOLOGY)
        self.tls = self.lab.folder / "tls"
        self.workers: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        certificates(self.tls, "host", "office")
        self.lab.__enter__()
        try:
            self._servers()
        except BaseException:
            self.lab.down()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.lab.down()

    def _servers(self) -> None:
        scheduler = ["scheduler", "--protocol", "tls", "--host", OFFICE, "--port", str(_PORT)]
        scheduler += ["--no-dashboard"]
        command = self._dask(*scheduler)
        self.scheduler = self.lab.spawn("office", command, log="scheduler.log")
        for name, address in {"office": OFFICE, **PLACES}.items():
            if name != "z":
                resolver = [sys.executable, "-m", "tests.servers.blocking", address, str(_DNS)]
                more = [BLOCK if name == "x" else "", "4", str(self.lab.folder / "throttled")]
                self.lab.spawn(name, [*resolver, *more], log=f"dns-{name}.log")
        self.lab.wait_for_port("office", _PORT, kind="tcp", timeout=_UP)
        for name in PLACES:
            self._start(name)
        self.wait_for_workers()

    def _dask(self, *words: str) -> list[str]:
        tls = ["--tls-ca-file", str(self.tls / "ca.pem")]
        tls += ["--tls-cert", str(self.tls / "host.pem"), "--tls-key", str(self.tls / "host.key")]
        return [sys.executable, "-m", "dask", *words, *tls]

    def start(self, place: str) -> None:
        """Start a place's worker again, and wait until it is known."""
        (self.lab.folder / f"worker-{place}.log").unlink(missing_ok=True)
        self._start(place)
        self._wait(f"worker-{place}.log", "Registered to")

    def _start(self, place: str) -> None:
        worker = ["worker", f"tls://{OFFICE}:{_PORT}", "--host", PLACES[place], "--no-nanny"]
        worker += ["--no-dashboard", "--nthreads", "4", "--resources", f"place-{place}=1"]
        env = ["env", *(f"{key}={value}" for key, value in _there(place).items())]
        command = [*env, *self._dask(*worker)]
        self.workers[place] = self.lab.spawn(place, command, log=f"worker-{place}.log")

    def wait_until_asked(self, place: str, label: str) -> None:
        """Wait until a place's resolver was asked for a name with this in it."""
        self._wait(f"dns-{place}.log", label)

    def wait_for_workers(self) -> None:
        """Wait until all workers are known to the scheduler."""
        for place in PLACES:
            self._wait(f"worker-{place}.log", "Registered to")

    def _wait(self, log: str, text: str) -> None:
        ends = time.monotonic() + _UP
        while text not in (said := (self.lab.folder / log).read_text()):
            assert time.monotonic() < ends, f"{log} never said {text}: {said[-500:]}"
            time.sleep(0.05)

    def asked(self, place: str) -> str:
        """The names that a place's resolver was asked for, a line each."""
        return (self.lab.folder / f"dns-{place}.log").read_text()

    def throttle(self, *labels: str) -> None:
        """Have names with one of these labels answered two seconds late, everywhere."""
        (self.lab.folder / "throttled").write_text("\n".join(labels))

    def kill(self, place: str) -> None:
        """End a place's worker without a farewell."""
        os.killpg(self.workers[place].pid, signal.SIGKILL)

    def kill_scheduler(self) -> None:
        """End the scheduler without a farewell; for good."""
        os.killpg(self.scheduler.pid, signal.SIGKILL)

    def site(self, folder: Path, text: str, **settings: object) -> Path:
        """A site at the office over the places, with one article."""
        places = {name: {"engine": "dask"} for name in (*PLACES, "far")}
        dask = {"scheduler": f"tls://{OFFICE}:{_PORT}", "ca": "tls/ca.pem"}
        dask |= {"certificate": "tls/office.pem", "key": "tls/office.key"}
        probes = {
            "vantage": "office",
            "resolvers": [f"{OFFICE}:{_DNS}"],
            "control": [f"{OFFICE}:{_DNS}"],
            "places": places,
            "dask": dask,
            **settings,
        }
        (folder / "docs").mkdir(parents=True, exist_ok=True)
        if not (folder / "tls").exists():
            (folder / "tls").symlink_to(self.tls)
        (folder / "docs" / "a.md").write_text(f"# A\n\n{text}", "utf-8")
        config = {
            "site_name": "t",
            "markdown_extensions": ["sotokara"],
            "extra": {"probes": probes},
        }
        (folder / "mkdocs.yml").write_text(yaml.safe_dump(config), "utf-8")
        return folder

    def command(self, site: Path, host: str = "office") -> list[str]:
        """The command line of a run at the office, or at a place that measures for itself."""
        words = [sys.executable, "-m", "sotokara", "run"]
        env = {"PYTHONPATH": str(REPOSITORY)}
        if host != "office":
            env |= {**_there(host), "SOTOKARA_VANTAGE": host, "SOTOKARA_PLACES": "{}"}
        return self.lab.command(host, words, cwd=site, env=env)


def _there(place: str) -> dict[str, str]:
    """The settings that hold at a place."""
    resolver = f"{PLACES[place]}:{_DNS}" if place != "z" else "192.0.2.53"
    own = f"['{resolver}']"
    return {"SOTOKARA_RESOLVERS": own, "SOTOKARA_CONTROL": own, "SOTOKARA_TIMEOUT": "6s"}


class FarPlace(ClusterLab):
    """The office, and four hosts of one place, `far`; each has a resolver that answers late."""

    def __init__(self, late: float, under_way: int) -> None:
        """``late``: seconds, of names with the label ``slow``; ``under_way``: at one worker."""
        self._names = [f"w{number}" for number in range(len(WORKERS))]
        hosts = zip(self._names, WORKERS, strict=True)
        self.lab = Lab(
            Topology(
                (
                    Host("office", (OFFICE,), "where the build and the scheduler run"),
                    *(Host(name, (address,), "a worker") for name, address in hosts),
                ),
                tuple(Link("office", name) for name in self._names),
            )
        )
        self.tls = self.lab.folder / "tls"
        self.workers = {}
        self._late, self._under_way = late, under_way

    def _servers(self) -> None:
        scheduler = ["scheduler", "--protocol", "tls", "--host", OFFICE, "--port", str(_PORT)]
        command = self._dask(*scheduler, "--no-dashboard")
        self.scheduler = self.lab.spawn("office", command, log="scheduler.log")
        every = zip(["office", *self._names], [OFFICE, *WORKERS], strict=True)
        for name, address in every:
            resolver = [sys.executable, "-m", "tests.servers.blocking", address, str(_DNS)]
            self.lab.spawn(name, [*resolver, "", str(self._late)], log=f"dns-{name}.log")
        self.lab.wait_for_port("office", _PORT, kind="tcp", timeout=_UP)

    def begin(self, number: int) -> None:
        """Start one more of the workers, and wait until it is known."""
        name, address = self._names[number], WORKERS[number]
        own = f"['{address}:{_DNS}']"
        env = [
            "env",
            f"SOTOKARA_RESOLVERS={own}",
            f"SOTOKARA_CONTROL={own}",
            "SOTOKARA_TIMEOUT=20s",
            f"SOTOKARA_BULK={{under_way: {self._under_way}}}",
        ]
        worker = ["worker", f"tls://{OFFICE}:{_PORT}", "--host", address, "--no-nanny"]
        worker += ["--no-dashboard", "--nthreads", "1", "--resources", "place-far=1"]
        log = f"worker-{name}.log"
        self.workers[name] = self.lab.spawn(name, [*env, *self._dask(*worker)], log=log)
        self._wait(log, "Registered to")
