"""What a build says while it waits: a bar on a terminal, plain lines elsewhere."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

from sotokara.servers.nameserver import NameServer, after

from tests.servers.thread import serving
from tests.sites import build, fence, make_site


def on_a_terminal(folder: Path) -> str:
    """Build with a pseudo-terminal for its standard error: all that was written there."""
    ours, its = pty.openpty()
    environ = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "TERM": "xterm", "COLUMNS": "100"}
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet"]
    with subprocess.Popen(command, cwd=folder, env=environ, stderr=its) as process:
        os.close(its)
        said = b""
        while True:
            try:
                said += os.read(ours, 4096)
            except OSError:  # its last end is closed
                break
    os.close(ours)
    assert process.returncode == 0, said
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said.decode())


def test_a_bar_on_a_terminal_and_lines_elsewhere(tmp_path: Path) -> None:
    quick, slow = NameServer(), NameServer(after(5.4))  # lines come each five seconds
    with serving(quick, slow):
        page = fence(dns="quick.example", id="quick")
        page += "\n" + fence(dns="slow.example", type="A", server=slow.address, id="slow")
        asked = {"resolvers": [quick.address], "control": [quick.address]}
        allowed = {"allow": ["127.0.0.0/8"]}
        make_site(tmp_path, {"index.md": page}, **asked, policy=allowed, timeout=20)
        bar, lines = on_a_terminal(tmp_path), build(tmp_path, "--quiet").stderr
    assert re.search(r"probes .*━.* 1/2 index\.md#slow for [2-5] s", bar)
    assert re.search(r"^probes: 1 of 2; slowest: index\.md#slow for [45] s$", lines, re.MULTILINE)
    assert "━" not in lines
