"""mkdocs.yml says what is true, and an author's slip in front matter is named."""

import re
import shutil
from pathlib import Path

import msgspec
import pytest
import yaml
from sotokara.core.settings import Settings
from sotokara.engine.settings import load
from sotokara.kinds.smtp.settings import Smtp

from tests.published import ROOT, attempt


def test_commented_settings_are_the_defaults() -> None:
    text = (ROOT / "mkdocs.yml").read_text("utf-8")
    commented = text[text.index("  # probes:\n") :]
    given = yaml.safe_load(re.sub(r"(?m)^  # ", "", commented))["probes"]
    read = load(given, {})
    assert msgspec.structs.replace(read, of_kinds={}) == Settings()
    assert read.of_kinds == {"smtp": Smtp()}


@pytest.mark.parametrize(("written", "code"), [("jp-JP", "jp-JP"), ("no", "False")])
def test_an_unknown_language_is_named_with_its_line(
    tmp_path: Path, written: str, code: str
) -> None:
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    (tmp_path / "hooks").symlink_to(ROOT / "hooks")
    shutil.copytree(ROOT / "docs", tmp_path / "docs", ignore=shutil.ignore_patterns("posts"))
    article = f"---\ndate: 2026-01-01\nlang: {written}\n---\n# A\n"
    (tmp_path / "docs" / "posts").mkdir()
    (tmp_path / "docs" / "posts" / "a.md").write_text(article, "utf-8")
    done = attempt(tmp_path)
    assert done.returncode == 1
    assert f"docs/posts/a.md:3: lang: {code!r} is no language" in done.stderr


@pytest.mark.parametrize(("written", "words"), [("en-US", "en"), ("de-AT", "de"), ("zh-CN", "zh")])
def test_a_language_of_a_country_falls_back_to_the_language(
    tmp_path: Path, written: str, words: str
) -> None:
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    (tmp_path / "hooks").symlink_to(ROOT / "hooks")
    ignored = shutil.ignore_patterns("posts", "guide", "decisions", "architecture.md")
    shutil.copytree(ROOT / "docs", tmp_path / "docs", ignore=ignored)
    (tmp_path / "docs" / "posts").mkdir()
    shutil.copy(ROOT / "docs/posts/.authors.yml", tmp_path / "docs/posts")
    article = f"---\ndate: 2026-01-01\nlang: {written}\n---\n# A\n"
    (tmp_path / "docs" / "posts" / "a.md").write_text(article, "utf-8")
    done = attempt(tmp_path)
    assert done.returncode == 0, done.stderr
    shown = (tmp_path / "site" / "posts" / "a" / "index.html").read_text("utf-8")
    assert f'<html lang="{words}"' in shown
