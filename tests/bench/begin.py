"""A newcomer with the wheel: until a blog on a computer of the test network has an answer.

The wheel is installed with all that it needs from pip's own index, in an empty environment, as
``pipx run --spec WHEEL sotokara init`` and ``uvx`` do; that part hangs on the index.
"""

import subprocess
import sys
import time
from pathlib import Path

from tests import newcomer
from tests.bench.measure import scratch, table
from tests.lab.names import Internet


def main() -> str:
    """Measure; the table."""
    rows = []
    with scratch() as folder, Internet() as lab:
        clock = time.monotonic()

        def took(what: str) -> None:
            nonlocal clock
            rows.append([what, f"{time.monotonic() - clock:.1f} s"])
            clock = time.monotonic()

        built = newcomer.wheel(folder)
        took("building the wheel")
        python = _installed(folder, built)
        took("installing it, and what it needs")
        newcomer.begin(lab, python, folder / "my-blog", {})
        took("`sotokara init my-blog --about ssl3.gcrest.com`")
        page = newcomer.article(lab, python, folder / "my-blog", {})
        took(f"`mkdocs build --strict`, to a page with {newcomer.answers(page)} answers")
        newcomer.article(lab, python, folder / "my-blog", {})
        took("the same again")
    return table(["step", "takes"], rows)


def _installed(folder: Path, wheel: Path) -> str:
    """The Python of a new environment that has the wheel."""
    python = str(folder / "venv" / "bin" / "python")
    commands = (
        [sys.executable, "-m", "venv", str(folder / "venv")],
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(wheel)],
    )
    for command in commands:
        subprocess.run(command, check=True, capture_output=True)
    return python
