"""One fence on its way to the page: ``python -m tests.house.trip [HOOK PACKAGE …]``.

Builds a page with one ``dns`` definition, asked of a name server on loopback, and prints how many
files of the packages the way passes and how often it changes from one to another. What is counted
are calls and returns between two files, from reading the fence on, in all threads. ``HOOK``: the
file that MkDocs loads. Another version is measured by its hook's path and its installed package
before this one on PYTHONPATH.
"""

import os
import sys
import tempfile
import threading
from pathlib import Path
from types import FrameType
from typing import Any

from mkdocs.commands.build import build
from mkdocs.config import load_config
from sotokara.servers.nameserver import NameServer

from tests.servers.thread import serving

_HOOK = Path(__file__).resolve().parents[2] / "hooks" / "figures.py"
_FENCE = "```probe\ndns: ssl3.gcrest.com\n```\n"


class Trip:
    """Counts the files that are passed."""

    def __init__(self, packages: list[str]) -> None:
        self._inside = tuple(f"{os.sep}{name}{os.sep}" for name in packages)
        self.files: list[str] = []
        self.changes = 0
        self._at: dict[int, str] = {}

    def look(self, frame: FrameType, event: str, _: Any) -> None:
        """A profile function (sys.setprofile)."""
        if event not in ("call", "return"):
            return
        file = frame.f_code.co_filename
        if not self._counts(file):
            return
        if frame.f_code.co_name in ("<module>", "<genexpr>", "<listcomp>", "<dictcomp>"):
            return  # loading a file is no stop on the way
        if event == "return" and frame.f_back is not None:
            file = frame.f_back.f_code.co_filename
            if not self._counts(file):
                return
        thread = threading.get_ident()
        if self._at.get(thread) not in (None, file):
            self.changes += 1
        self._at[thread] = file
        if file not in self.files:
            self.files.append(file)

    def _counts(self, file: str) -> bool:
        ours = file.endswith(".py") and "/tests/" not in file
        return ours and any(part in file for part in self._inside)


def main() -> None:
    hook, *packages = sys.argv[1:] or [str(_HOOK), "sotokara", "hooks"]
    server = NameServer()
    with serving(server), tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "docs").mkdir()
        (folder / "docs" / "index.md").write_text(f"# A\n\n{_FENCE}", "utf-8")
        asked = f"['{server.address}']"
        settings = f"{{resolvers: {asked}, control: {asked}, policy: {{allow: [127.0.0.0/8]}}}}"
        (folder / "mkdocs.yml").write_text(
            f"site_name: A\ntheme: mkdocs\nplugins: []\nhooks: [{hook}]\n"
            f"markdown_extensions: [sotokara]\nextra: {{probes: {settings}}}\n"
        )
        config = load_config(str(folder / "mkdocs.yml"))
        trip = Trip(packages)
        threading.setprofile(trip.look)
        sys.setprofile(trip.look)
        try:
            build(config)
        finally:
            sys.setprofile(None)
            threading.setprofile(None)
        page = (folder / "site" / "index.html").read_text("utf-8")
    answered = "probe-answered" in page
    print(f"{len(trip.files)} files, {trip.changes} changes of file; answered: {answered}")


if __name__ == "__main__":
    main()
