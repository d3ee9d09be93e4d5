"""The locks: complete, by version and hash, and blind to what was released after them."""

import re
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


def locked(lock: Path) -> dict[str, set[str]]:
    """The extras of each package in a lock, by its name."""
    lines = re.findall(r"^\S.*==.*(?=\\$)", lock.read_text(), re.MULTILINE)
    found: dict[str, set[str]] = {}
    for line in lines:
        wanted = Requirement(line.strip())
        found.setdefault(canonicalize_name(wanted.name), set()).update(wanted.extras)
    return found


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_what_a_locked_package_asks_of_another_is_locked_with_its_extras(lock: Path) -> None:
    # "coverage==7.17.3" alone is no pin of pytest-cov's "coverage[toml]" to pip: once 7.17.4 was
    # out, it took that one, found no hash and gave up.
    packages = locked(lock)
    assert packages
    for name in packages:
        try:
            needs = [Requirement(line) for line in requires(name) or ()]
        except PackageNotFoundError:  # for another platform, or for `make bench` alone
            continue
        for need in needs:
            taken = packages[name] or {""}
            if need.marker and not any(need.marker.evaluate({"extra": e}) for e in taken):
                continue
            there = packages.get(canonicalize_name(need.name))
            assert there is not None, f"{name} needs {need}"
            assert need.extras <= there, f"{name} needs {need}"


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_package_has_a_hash_and_no_line_names_an_index(lock: Path) -> None:
    entries = re.split(r"^(?=\S)", lock.read_text(), flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in lock.read_text()
