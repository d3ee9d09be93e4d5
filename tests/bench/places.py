"""Three places that take 20 s each, asked together; and what a definition costs there.

A Dask scheduler and three workers on loopback, with TLS, each with a resolver of its own that
answers after 4 s; five definitions wait for each other. *Alone* is a run at one place, *together* a
run at all three. What a run takes beside its waiting is this machine's business, so the runs take
turns, BENCH_RUNS times (3), and the quickest of each counts: what else runs here can only add.
What a definition costs is what 200 more of them add to a run of one; beside it stands what Dask
takes for as many tasks that do nothing, pinned to the same worker by the same resource.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import yaml

from tests.bench.measure import table
from tests.lab.cluster import certificates

PLACES = ("fra", "nyc", "tokyo")
LATE, STEPS, MANY = 4, 5, 200
_ROUNDS = 3
_MOST = 1.3
"""What all places together may take, beside the slowest of them alone."""
_UP = 60.0
_REPOSITORY = Path(__file__).parents[2]


class Cluster:
    """Its processes, and the site that asks them."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self._stack = folder, stack
        self.port = _free_port()
        certificates(folder / "tls", "host", "me")
        scheduler = ["scheduler", "--protocol", "tls", "--host", "127.0.0.1"]
        self._dask("scheduler", {}, *scheduler, "--port", str(self.port))
        for place in PLACES:
            port = str(_free_port())
            resolver = ["-m", "tests.servers.blocking", "127.0.0.1", port, "", str(LATE)]
            self._begin(f"dns-{place}", resolver, {})
            own = f"['127.0.0.1:{port}']"
            names = ("RESOLVERS", "CONTROL")
            settings = {f"SOTOKARA_{name}": own for name in names} | {"SOTOKARA_TIMEOUT": "20s"}
            worker = ["worker", f"tls://127.0.0.1:{self.port}", "--no-nanny", "--nthreads", "4"]
            self._dask(place, settings, *worker, "--resources", f"place-{place}=1")
        for place in PLACES:
            self._wait(place, "Registered to")

    def _dask(self, name: str, env: dict[str, str], *words: str) -> None:
        tls = self.folder / "tls"
        files = ["--tls-ca-file", str(tls / "ca.pem"), "--tls-cert", str(tls / "host.pem")]
        files += ["--tls-key", str(tls / "host.key"), "--no-dashboard"]
        self._begin(name, ["-m", "dask", *words, *files], env)

    def _begin(self, name: str, words: list[str], env: dict[str, str]) -> None:
        log = self._stack.enter_context((self.folder / f"{name}.log").open("wb"))
        process = subprocess.Popen(
            [sys.executable, *words],
            stdout=log,
            stderr=log,
            cwd=_REPOSITORY,
            env={**os.environ, **env},
        )
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)

    def _wait(self, name: str, text: str) -> None:
        ends = time.monotonic() + _UP
        while text not in (said := (self.folder / f"{name}.log").read_text()):
            if time.monotonic() > ends:
                raise RuntimeError(f"{name} never said {text}: {said[-500:]}")
            time.sleep(0.1)

    def seconds(self, names: list[str], places: tuple[str, ...], portion: int = 16) -> float:
        """How long a run takes that asks these names at these places."""
        site = Path(tempfile.mkdtemp(dir=self.folder))
        (site / "docs").mkdir()
        listed = ", ".join(places)
        fences = [
            f"```probe\ndns: '{one}'\nid: n{at}\ntype: A\nfrom: [{listed}]\n```\n"
            for at, one in enumerate(names)
        ]
        (site / "docs" / "a.md").write_text("# A\n\n" + "\n".join(fences))
        tls = self.folder / "tls"
        dask = {"scheduler": f"tls://127.0.0.1:{self.port}", "portion": portion}
        dask |= {"ca": str(tls / "ca.pem")}
        dask |= {"certificate": str(tls / "me.pem"), "key": str(tls / "me.key")}
        probes = {"dask": dask, "places": {one: {"engine": "dask"} for one in PLACES}}
        probes["timeout"] = "20s"
        config = {
            "site_name": "b",
            "markdown_extensions": ["sotokara"],
            "extra": {"probes": probes},
        }
        (site / "mkdocs.yml").write_text(yaml.safe_dump(config))
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "sotokara", "run"],
            cwd=site,
            capture_output=True,
            text=True,
            check=True,
        )
        took = time.monotonic() - began
        expected = f"{len(names) * len(places)} answered, 0 no answer, 0 not measured"
        if expected not in done.stdout:
            raise RuntimeError(done.stdout + done.stderr)
        return took

    def idle_tasks(self) -> float:
        """Seconds that Dask itself takes for as many tasks that do nothing."""
        from distributed import Client
        from distributed.security import Security

        tls = self.folder / "tls"
        security = Security(  # type: ignore[no-untyped-call]
            require_encryption=True,
            tls_ca_file=str(tls / "ca.pem"),
            tls_client_cert=str(tls / "me.pem"),
            tls_client_key=str(tls / "me.key"),
        )
        client = Client(  # type: ignore[no-untyped-call]
            f"tls://127.0.0.1:{self.port}", security=security
        )
        with client:
            resource = {f"place-{PLACES[0]}": 0.125}
            began = time.monotonic()
            tasks = [
                client.submit(_nothing, one, pure=False, resources=resource) for one in range(MANY)
            ]
            client.gather(tasks)  # type: ignore[no-untyped-call]
            return time.monotonic() - began


def _slow(name: str) -> list[str]:
    """Names of which each is known once the one before is answered."""
    return [
        f"{name}.slow.example",
        *(f"{{{{ n{at}.rcode }}}}{at}.{name}.slow.example" for at in range(STEPS - 1)),
    ]


def _nothing(number: int) -> int:
    return number


def _free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A cluster, up inside a ``with``."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        yield Cluster(Path(folder), stack)


def main() -> str:
    """The table of times, and of what a definition costs."""
    rounds = int(os.environ.get("BENCH_RUNS", _ROUNDS))
    with cluster() as one:
        ways = [*((place,) for place in PLACES), PLACES]
        took: dict[tuple[str, ...], list[float]] = {way: [] for way in ways}
        for turn in range(rounds):
            for way in ways:
                took[way].append(one.seconds(_slow(f"t{turn}{''.join(way)}"), way))
        single = min(one.seconds(["n.example"], PLACES[:1]) for _ in range(rounds))
        names = [f"n{number}.example" for number in range(MANY + 1)]
        portions = {
            size: min(one.seconds(names, PLACES[:1], size) for _ in range(rounds)) - single
            for size in (16, 1)
        }
        idle = min(one.idle_tasks() for _ in range(rounds))
    best = {way: min(several) for way, several in took.items()}
    together, slowest = best[PLACES], max(best[way] for way in ways[:-1])
    rows = [
        [" and ".join(way), f"{best[way]:.1f} s (at most {max(took[way]):.1f} s)"] for way in ways
    ]
    ratio = together / slowest
    rows.append(["together", f"{ratio:.2f} × the slowest alone (at most {_MOST} is asked)"])
    for size, more in portions.items():
        rows.append(
            [f"a definition more, in portions of {size}", f"{max(0, more) / MANY * 1000:.1f} ms"]
        )
    rows.append(["a task of Dask that does nothing", f"{idle / MANY * 1000:.1f} ms"])
    return table(["what", "time"], rows)
