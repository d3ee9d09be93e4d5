"""Authors' mistakes: one page for each rule in tests/invalid, its messages beside it.

All pages are built as one site, so that the build must list every mistake of all of them at once. A
line of a ``.txt`` file is the beginning of a message behind ``docs/PAGE.md:``.
"""

import re
from collections import defaultdict
from pathlib import Path

import pytest
from sotokara.servers.nameserver import NameServer

from tests.servers.thread import serving
from tests.sites import build, make_site

PAGES = sorted((Path(__file__).parent / "invalid").glob("*.md"))
_MESSAGE = re.compile(r"^docs/(?P<page>[\w-]+)\.md:(?P<rest>\d+: .+; .+)$", re.MULTILINE)


class Listed:
    """What one failed build said of every page, and what it asked meanwhile."""

    def __init__(self, folder: Path) -> None:
        pages = {page.name: page.read_text("utf-8") for page in PAGES}
        pages["good.md"] = "# Good\n\n```probe\ndns: good.example\n```\n"
        resolver = NameServer()
        with serving(resolver):
            make_site(folder, pages, resolvers=[resolver.address], control=[resolver.address])
            self.done = build(folder, "--quiet")
        self.folder = folder
        self.messages: dict[str, list[str]] = defaultdict(list)
        for match in _MESSAGE.finditer(self.done.stderr):
            self.messages[match["page"]].append(match["rest"])


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Listed:
    return Listed(tmp_path_factory.mktemp("invalid") / "site")


def test_the_build_fails_with_one_list(listed: Listed) -> None:
    assert listed.done.returncode == 1
    assert "Traceback" not in listed.done.stderr
    assert "good.md" not in listed.done.stderr
    count = sum(map(len, listed.messages.values()))
    assert f"{count} mistakes in probe definitions" in listed.done.stderr
    assert list(listed.messages) == sorted(listed.messages)


def test_one_mistake_is_one(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site", {"a.md": "```probe\ndns: a b\n```\n"}, mode="replay")
    done = build(site, "--quiet")
    assert done.returncode == 1
    assert "1 mistake in probe definitions:\n" in done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_rule_has_its_message_and_line(listed: Listed, page: Path) -> None:
    expected = page.with_suffix(".txt").read_text("utf-8").splitlines()
    messages = listed.messages[page.stem]
    assert len(messages) == len(expected), messages
    for message, beginning in zip(messages, expected, strict=True):
        assert message.startswith(beginning)


def test_every_recorded_page_has_its_messages() -> None:
    texts = {text.stem for text in (Path(__file__).parent / "invalid").glob("*.txt")}
    assert texts == {page.stem for page in PAGES}
    assert len(PAGES) >= 40


def test_a_failed_build_leaves_no_page(listed: Listed) -> None:
    assert not list((listed.folder / "site").rglob("index.html"))
