"""Values in prose: as now, with their date, and with the old value where the world has moved."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sotokara.core.observation import Observation

from tests.tampered import keep, observation
from tests.tampered.site import at, fence, replay, site
from tests.test_identity import kept

BLOCK = "!!! findings\n\n    It is {}.\n"
CONFIG = "site_name: t\nmarkdown_extensions: [admonition, sotokara]\n"


def prose(
    folder: Path, value: str, *days: Observation, text: str = "", date: str = "2026-03-03"
) -> str:
    """What a value in the key findings of an article is written as."""
    site(folder, *days)
    front = f"---\ndate: {date}\n---\n" if date else ""
    body = BLOCK.format(f"`#!probe {value}`")
    (folder / "docs/posts/a.md").write_text(f"{front}# A\n\n{body}\n{fence(text)}\n", "utf-8")
    (folder / "mkdocs.yml").write_text(CONFIG, "utf-8")
    build, mistakes = replay(folder)
    assert not mistakes
    (token,) = build.inlines
    return build.fill("posts/a.md", f'<span class="probe-inline" data-probe="{token}"></span>')


def test_a_value_has_its_date_and_place(tmp_path: Path) -> None:
    html = prose(tmp_path, "ssl3.addresses[0]", at(2, "192.0.2.1"), at(9, "192.0.2.1"))
    assert '<code class="probe-value">192.0.2.1</code>' in html
    when = '<span class="probe-when"> (observed 2026-03-10 12:00 UTC · from author)</span>'
    assert when in html
    assert 'tabindex="0"' in html
    assert "probe-was" not in html


def test_a_value_that_moved_is_marked_with_the_old_one(tmp_path: Path) -> None:
    html = prose(tmp_path, "ssl3.addresses[0]", at(2, "192.0.2.1"), at(9, "192.0.2.4"))
    assert '<code class="probe-value">192.0.2.4</code>' in html
    assert '<span class="probe-was">(≠ <del>192.0.2.1</del> on 2026-03-03)</span>' in html


@pytest.mark.parametrize(
    ("value", "days"),
    [
        ("ssl3.addresses | length", [at(2, "192.0.2.1"), at(9, "192.0.2.4")]),
        ("ssl3.addresses[0]", [at(2, "192.0.2.1"), at(9, "192.0.2.4", vantage="ci")]),
    ],
)
def test_a_value_that_is_as_then_has_no_mark(
    tmp_path: Path, value: str, days: list[Observation]
) -> None:
    """Another address, and still one; and another place is no change."""
    assert "probe-was" not in prose(tmp_path, value, *days)


def test_a_pin_freezes_a_value(tmp_path: Path) -> None:
    days = at(2, "192.0.2.1"), at(9, "192.0.2.4")
    html = prose(tmp_path, "ssl3.addresses[0]", *days, text="pin: 2026-03-03\n")
    assert '<code class="probe-value">192.0.2.1</code>' in html
    assert "observed 2026-03-03 12:00 UTC" in html
    assert "probe-was" not in html


def test_a_page_without_a_date_speaks_of_the_present(tmp_path: Path) -> None:
    days = at(2, "192.0.2.1"), at(9, "192.0.2.4")
    assert "probe-was" not in prose(tmp_path, "ssl3.addresses[0]", *days, date="")


def test_a_value_that_follows_a_moved_target_has_the_old_targets_value(tmp_path: Path) -> None:
    """The definition asks for whatever the name's address is: then it was another one."""
    for day, address, name in ((2, "192.0.2.1", "old.example"), (9, "192.0.2.4", "new.example")):
        reverse = observation(address, name, start=at(day).start)
        reverse = msgspec.structs.replace(reverse, exchanges=())  # they are of another question
        keep(tmp_path / "evidence", at(day, address), reverse)
    follows = "\n```probe\ndns: '{{ ssl3.addresses[0] }}'\nid: host\n```\n"
    html = prose(tmp_path, "host.addresses[0]", text="```\n" + follows.removesuffix("```\n"))
    assert '<code class="probe-value">new.example</code>' in html
    assert "<del>old.example</del>" in html


@pytest.mark.parametrize(
    ("then", "asked", "now", "was"),
    [
        (("192.0.2.1",), {"type": "A"}, ("192.0.2.1", "2001:db8::1"), ""),
        (("192.0.2.1",), {"type": "A"}, ("192.0.2.4", "2001:db8::1"), "192.0.2.1"),
        (("192.0.2.9",), {"server": "192.0.2.53"}, ("192.0.2.1",), ""),
        (("192.0.2.1",), {}, ("192.0.2.4",), "192.0.2.1"),
    ],
)
def test_what_we_ask_otherwise_since_is_no_old_value(
    tmp_path: Path, then: tuple[str, ...], asked: dict[str, Any], now: tuple[str, ...], was: str
) -> None:
    kept(tmp_path, 2, *then, **asked)
    kept(tmp_path, 9, *now)
    html = prose(tmp_path, "ssl3.addresses | join(' ')")
    assert f'<code class="probe-value">{" ".join(now)}</code>' in html
    assert re.findall("<del>(.*?)</del>", html) == [was] * bool(was)


def test_a_value_of_an_answer_is_shown_and_does_nothing(tmp_path: Path) -> None:
    html = prose(tmp_path, "ssl3.addresses[0]", at(2, "<b>x"), at(9, "<i>y"))
    assert not re.search("<[bi]>", html)
