"""Pytest fixtures: one internet for the whole session."""

from collections.abc import Iterator

import pytest

from tests.lab.names import Internet


@pytest.fixture(scope="session")
def _internet() -> Iterator[Internet]:
    with Internet() as internet:
        yield internet


@pytest.fixture
def lab(_internet: Internet) -> Internet:
    """The session's internet, with resolvers that remember nothing of earlier tests."""
    _internet.flush()
    return _internet
