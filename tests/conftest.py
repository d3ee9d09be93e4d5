"""What all tests share."""

import os
import signal
import sys

import pytest
from hypothesis import settings

from tests.examples import LONG
from tests.generator import use

# A shell that starts a job in the background lets it ignore Ctrl-C, and so all that it starts;
# the tests of Ctrl-C need programs that hear it.
signal.signal(signal.SIGINT, signal.default_int_handler)

use(os.environ.get("SOTOKARA_GENERATOR", "mkdocs"))
pytest_plugins = ["tests.published"]
if sys.platform == "linux":  # it is made of network namespaces
    pytest_plugins += ["tests.lab.fixtures"]

# A loaded machine is no failure, and the same tests say the same of the same code: what nobody has
# tried yet is the work of ``make fuzz``.
settings.register_profile("ours", deadline=None, derandomize=not LONG)
settings.load_profile("ours")

LONGEST = (
    *("test_truth", "test_serve", "test_guide", "test_looks", "test_hostile", "test_modes"),
    *("test_blog", "test_guest", "test_build_faults", "test_smtp_lab", "test_readers_roundtrip"),
    *("test_transcript_cases", "test_elsewhere", "test_years", "test_dns_lab", "test_progress"),
    *("test_page", "test_cluster", "test_house", "test_traceroute_lab", "test_baseline"),
    *("test_tls", "test_web_lab", "test_path_changes", "test_canary", "test_seal_faults"),
)
"""Files that take long, longest first: begun last, one of them would be waited for alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long (``--no-loadscope-reorder`` keeps that order)."""
    rank = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.stem, len(rank)))
