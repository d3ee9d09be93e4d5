"""The navigation stands in the order of learning, whatever is there and whatever comes."""

from typing import Any

import pytest
from sotokara.mkdocs.order import arranged

WANTED = [
    "index.md",
    {"Guide": ["guide/index.md", "guide/b.md", "guide/*", "guide/a.md"]},
    {"Developers": ["house.md", {"Why": ["why/index.md", "why/*"]}]},
]
PAGES = ["guide/a.md", "guide/b.md", "guide/index.md", "house.md", "index.md", "why/1.md"]


@pytest.mark.parametrize(
    ("pages", "shown"),
    [
        (
            PAGES,
            [
                "index.md",
                {"Guide": ["guide/index.md", "guide/b.md", "guide/a.md"]},
                {"Developers": ["house.md", {"Why": ["why/1.md"]}]},
            ],
        ),
        (["index.md"], ["index.md"]),
        (
            ["index.md", "guide/new.md", "guide/a.md", "else.md", "x/index.md", "x/a.md"],
            [
                "index.md",
                {"Guide": ["guide/new.md", "guide/a.md"]},
                *("else.md", "x/index.md", "x/a.md"),
            ],
        ),
        (["why/index.md", "why/2.md"], [{"Developers": [{"Why": ["why/index.md", "why/2.md"]}]}]),
        ([], []),
    ],
)
def test_what_is_there_stands_as_wanted_and_the_rest_behind_it(
    pages: list[str], shown: list[Any]
) -> None:
    assert arranged(WANTED, pages) == shown


def test_each_page_stands_once() -> None:
    found: list[str] = []

    def walk(items: list[Any]) -> None:
        for one in items:
            if isinstance(one, dict):
                for inner in one.values():
                    walk(inner)
            else:
                found.append(one)

    walk(arranged(WANTED, PAGES))
    assert sorted(found) == sorted(PAGES)
