"""Windows and macOS, their branches taken here: programs, sockets, resolvers, clocks, fonts."""

import asyncio
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from sotokara.cli import main
from sotokara.core.observation import ProbeFailure
from sotokara.network import clock, resolvers, sockets
from sotokara.network import traceroute_system as system
from sotokara.network.clock import Loop
from sotokara.network.program import output_of
from sotokara.network.trace import TraceRequest
from sotokara.servers.nameserver import NameServer

from tests.generator import renamed, use
from tests.servers.thread import serving

try:
    import resource
except ImportError:  # Windows has none
    resource: Any = SimpleNamespace(RLIM_INFINITY=-1)  # type: ignore[no-redef]

_command = system.command
SCUTIL = """DNS configuration

resolver #1
  search domain[0] : lan.example
  nameserver[0] : 192.0.2.53
  nameserver[1] : fe80::1%en0
  if_index : 6 (en0)
  flags    : Request A records
  reach    : 0x00020002 (Reachable,Directly Reachable Address)

resolver #2
  domain   : corp.example
  nameserver[0] : 198.51.100.53
  flags    : Supplemental, Request A records
  reach    : 0x00000003 (Reachable,Transient Connection)
  order    : 101000

resolver #3
  domain   : local
  options  : mdns
  timeout  : 5
  order    : 300000

DNS configuration (for scoped queries)

resolver #1
  nameserver[0] : 203.0.113.53
  if_index : 12 (utun3)
  flags    : Scoped, Request A records
"""
VPN = """DNS configuration

resolver #1
  nameserver[0] : 198.51.100.1
  if_index : 12 (utun3)
  flags    : Supplemental, Request A records
  order    : 102600

resolver #2
  nameserver[0] : 192.0.2.53
  order    : 200000
"""


def ran(words: list[str], seconds: float = 20.0) -> Any:
    """What a program printed, in a loop like that of a build: in a thread, with selectors."""
    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(output_of([sys.executable, "-c", *words], seconds))


def test_a_program_runs_in_a_loop_of_selectors() -> None:
    seen = ran(["import sys; print('a' * 5); sys.stderr.write('b')"])
    assert (bytes(seen.text).split(), seen.errors) == ([b"aaaaa"], b"b")


def test_what_was_printed_is_kept_when_the_time_is_over() -> None:
    seen = ran(["import time; print('hop 1', flush=True); time.sleep(60)"], 3.0)
    assert bytes(seen.text).split() == [b"hop", b"1"]


def test_endless_output_ends() -> None:
    seen = ran(["while True: print('x' * 1000)"])
    assert 1 << 20 <= len(seen.text) < 1 << 21


def test_a_program_that_is_not_there() -> None:
    with asyncio.Runner(loop_factory=Loop) as runner, pytest.raises(OSError, match=r"nowhere"):
        runner.run(output_of(["/nowhere/at-all"], 1))


class Net:
    """As much of a network as the system's program asks for."""

    policy = SimpleNamespace(check=lambda _address: None)

    def left(self) -> float:
        """Seconds."""
        return 20.0


def test_windows_tracert_is_started_and_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The branch of Windows: ``tracert`` is found by its name, run, and its bytes are kept."""
    program = tmp_path / "tracert"
    program.write_text(f"#!{sys.executable}\nimport sys\nprint(sys.argv[1:])\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(system, "command", lambda request: _command(request, "win32"))
    request = TraceRequest("192.0.2.1", "icmp", 0, 3, 30, 1.5)
    with asyncio.Runner(loop_factory=Loop) as runner:
        text = runner.run(system.run(Net(), request))  # type: ignore[arg-type]
    assert text.split(b"\n")[0] == b"['-d', '-h', '30', '-w', '1500', '192.0.2.1']"
    with pytest.raises(ProbeFailure, match="tracert sends ICMP alone"):
        _command(TraceRequest("192.0.2.1", "tcp", 443, 3, 30, 1.5), "win32")


@pytest.mark.parametrize(
    ("wanted", "platform", "files", "most"),
    [
        (256, "win32", (0, 0), 224),
        (100, "win32", (0, 0), 100),
        (256, "darwin", (256, 256), 96),
        (256, "darwin", (256, resource.RLIM_INFINITY), 256),
        (256, "darwin", (256, 400), 168),
        (256, "linux", (1024, 4096), 256),
        (5000, "linux", (1024, 4096), 2016),
        (256, "linux", (resource.RLIM_INFINITY, resource.RLIM_INFINITY), 256),
        (256, "linux", (20, 20), 1),
    ],
)
def test_no_more_sockets_than_there_may_be(
    monkeypatch: pytest.MonkeyPatch, wanted: int, platform: str, files: tuple[int, int], most: int
) -> None:
    raised: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _what: files)
    monkeypatch.setattr(resource, "setrlimit", lambda _what, limits: raised.append(limits))
    assert sockets.probes_at_once(wanted, platform) == most
    if platform == "win32":
        assert raised == []
    for soft, hard in raised:
        assert hard == files[1]
        assert files[1] == resource.RLIM_INFINITY or soft <= files[1]


def test_a_limit_that_cannot_be_raised_is_kept_to(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_what: int, _limits: tuple[int, int]) -> None:
        raise ValueError

    monkeypatch.setattr(resource, "getrlimit", lambda _what: (256, resource.RLIM_INFINITY))
    monkeypatch.setattr(resource, "setrlimit", refuse)
    assert sockets.probes_at_once(256, "darwin") == 96


def test_the_default_resolvers_of_macos() -> None:
    assert resolvers.of_scutil(SCUTIL) == ["192.0.2.53", "fe80::1%en0"]
    assert resolvers.of_scutil(VPN) == ["192.0.2.53"]
    assert resolvers.of_scutil("No DNS configuration available\n") == []


def test_resolvers_by_platform(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plain = tmp_path / "resolv.conf"
    plain.write_text("# a\nnameserver 192.0.2.1\nnameserver nonsense\nnameserver 192.0.2.1\n")
    monkeypatch.setattr(resolvers, "_RESOLV_CONF", plain)
    monkeypatch.setattr(resolvers, "_scutil", lambda: SCUTIL)
    monkeypatch.setattr(resolvers, "_of_registry", lambda: ["198.51.100.7"])
    assert resolvers.resolver_addresses("linux") == ["192.0.2.1"]
    assert resolvers.resolver_addresses("darwin") == ["192.0.2.53", "fe80::1%en0"]
    assert resolvers.resolver_addresses("win32") == ["198.51.100.7"]
    monkeypatch.setattr(resolvers, "_scutil", lambda: "")
    assert resolvers.resolver_addresses("darwin") == ["192.0.2.1"]


def test_which_clocks_tell_of_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "CLOCK_MONOTONIC_RAW", 4, raising=False)
    monkeypatch.setattr(time, "CLOCK_UPTIME_RAW", 8, raising=False)
    assert clock.clocks("darwin") == (4, 8)
    assert clock.clocks("win32") is None
    monkeypatch.delattr(time, "CLOCK_UPTIME_RAW")
    assert clock.clocks("darwin") is None


def test_fonts_by_the_names_that_systems_give_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    card = pytest.importorskip("sotokara.mkdocs.card")
    (tmp_path / "Fonts").mkdir()
    decomposed = "\u30d2\u30e9\u30ad\u3099\u30ce\u89d2\u30b3\u3099\u30b7\u30c3\u30af W6.ttc"
    for name in ("MEIRYOB.TTC", decomposed, "other.ttf"):
        (tmp_path / "Fonts" / name).touch()
    monkeypatch.setattr(card, "_PLACES", (str(tmp_path / "Fonts"), "C:/Windows/Fonts"))
    found = card._files.__wrapped__()
    assert [path.name for path in found] == [decomposed, "MEIRYOB.TTC"]


def test_the_suite_can_run_under_properdocs() -> None:
    words = ["ip", "netns", "exec", "a", "python", "-m", "mkdocs", "build"]
    assert renamed(words, "properdocs") == [*words[:6], "properdocs", "build"]
    assert renamed(["mkdocs", "new", "."], "properdocs") == ["properdocs", "new", "."]
    for line in ("mkdocs build -q", "cd a && python -m mkdocs serve"):
        assert renamed(["sh", "-c", line], "properdocs")[2] == line.replace("mk", "proper")
    imports = ["python", "-c", "from mkdocs.config import load_config"]
    assert renamed(imports, "properdocs")[2].startswith("import properdocs.replacement\nfrom")
    for words in (["cat", "mkdocs"], ["git", "commit", "-m", "use mkdocs build"]):
        assert renamed(words, "properdocs") == words
    with pytest.raises(ValueError, match="none of mkdocs, properdocs"):
        use("zensical")


WORKFLOW = Path(__file__).parents[1] / ".github" / "workflows" / "platforms.yml"


def test_nothing_of_unix_alone_is_needed(tmp_path: Path) -> None:
    """Every module loads, the tests of the matrix can begin, and a new blog is measured."""
    made = CliRunner().invoke(main, ["init", str(tmp_path / "b")])
    assert made.exit_code == 0, made.output
    modules = re.findall(r"tests/(test_\w+)\.py", WORKFLOW.read_text("utf-8"))
    names = ["tests.conftest", *(f"tests.{name}" for name in modules)]
    server = NameServer()
    with serving(server):
        asked = f"['{server.address}']"
        more = {"SOTOKARA_RESOLVERS": asked, "SOTOKARA_CONTROL": asked}
        done = subprocess.run(
            [sys.executable, "-m", "tests.as_windows", *names, "mkdocs", "build", "--strict"],
            cwd=tmp_path / "b",
            env={**os.environ, "PYTHONPATH": str(WORKFLOW.parents[2]), **more},
            capture_output=True,
            check=False,
            text=True,
        )
    assert done.returncode == 0, done.stderr
    assert "probes: 2 answered" in done.stderr
    assert "internal_error" not in done.stderr


def test_a_console_without_most_signs_is_no_error(tmp_path: Path) -> None:
    """And no article is named as a device: Windows cannot open such a file."""
    (tmp_path / "mkdocs.yml").write_text("site_name: A\nplugins: [blog]\n", "utf-8")
    (tmp_path / "docs").mkdir()
    command = [sys.executable, "-m", "sotokara", "new"]
    for title, name in (("届かない", "\\u5c4a\\u304b\\u306a\\u3044.md"), ("CON", "con-1.md")):
        done = subprocess.run(
            [*command, title],
            cwd=tmp_path,
            env={**os.environ, "PYTHONIOENCODING": "cp1252"},
            capture_output=True,
            check=False,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert name in done.stdout
