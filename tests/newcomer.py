"""What somebody does who has heard of Sotokara: the wheel, a blog, a page with an answer.

The wheel is built as a release is. The blog is begun and built on the author's computer of the test
network, by whatever Python is given.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

from tests.lab.names import Internet
from tests.sites import ROOT

NAME = "ssl3.gcrest.com"
"""A host of the test network."""


def wheel(folder: Path) -> Path:
    """The wheel, built in ``folder``."""
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    return Path(built)


def begin(lab: Internet, python: str, folder: Path, environ: Mapping[str, str]) -> None:
    """Make a blog in ``folder``, about a host of the network.

    :raises subprocess.CalledProcessError: where the command fails.
    """
    command = [python, "-m", "sotokara", "init", str(folder), "--about", NAME]
    lab.run("pc", command, cwd=folder.parent, env=environ, timeout=120)


def article(lab: Internet, python: str, folder: Path, environ: Mapping[str, str]) -> str:
    """Build the blog that is there; its first article as a reader gets it.

    :raises subprocess.CalledProcessError: where the build fails.
    """
    settings = {**lab.settings(), "NO_MKDOCS_2_WARNING": "1", **environ}
    command = [python, "-m", "mkdocs", "build", "--strict"]
    lab.run("pc", command, cwd=folder, env=settings, timeout=240)
    return (folder / "site" / "posts" / "who-answers" / "index.html").read_text("utf-8")


def answers(page: str) -> int:
    """How many figures have an answer."""
    return len(re.findall(r'<figure class="probe probe-answered', page))
