"""The project's own blog, built once for all tests, in whichever of pytest's processes they run."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def attempt(project: Path) -> subprocess.CompletedProcess[str]:
    """Build ``project`` strictly and without measuring."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", "site"]
    environment = {
        **os.environ,
        "SOTOKARA_MODE": "replay",
        "NO_MKDOCS_2_WARNING": "1",
        "SITE_URL": "http://127.0.0.1/",
    }
    return subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, check=False
    )


def build(project: Path) -> Path:
    """Build ``project``; return the site's folder."""
    done = attempt(project)
    assert done.returncode == 0, done.stderr
    return project / "site"


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The blog as its evidence shows it. Several read it at once: no test may change it."""
    import fcntl  # Windows has none, and runs other tests

    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    project, built = shared / "published", shared / "published-is-built"
    with (shared / "published-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not built.exists():
            project.mkdir()
            shutil.copy(ROOT / "mkdocs.yml", project)
            (project / "hooks").symlink_to(ROOT / "hooks")
            for folder in ("docs", "evidence"):
                shutil.copytree(ROOT / folder, project / folder)
            build(project)
            built.touch()
    return project / "site"
