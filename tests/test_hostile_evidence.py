"""Evidence with right hashes and hostile content: named, nothing of it acts, the pages stand."""

import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sotokara.cli import main
from sotokara.core.canonical import canonical

from tests.sites import build, fence, figures, make_site, with_evidence
from tests.tampered import forged

NAME = "a.example"
EVIL = "\x1b[2J\u202eevil\u200b"
Make = Callable[[Path], dict[str, Any] | bytes]


def with_facts(content: bytes) -> Make:
    return lambda f: forged.line(NAME, facts=forged.put(f, content))


def with_raw(content: bytes) -> Make:
    return lambda f: forged.line(NAME, facts=forged.facts(f), raw=forged.put(f, content))


UNREADABLE: dict[str, Make] = {
    "facts-missing": with_facts(b'{"kind":"dns","version":2}'),
    "facts-list": with_facts(b"[]"),
    "facts-null": with_facts(b"null"),
    "facts-text": with_facts(b'{"facts":"x"}'),
    "facts-number": with_facts(b'{"facts":5}'),
    "facts-no-json": with_facts(b"{"),
    "facts-empty": with_facts(b""),
    "facts-not-utf-8": with_facts(b'{"facts":{"rcode":"\xff"}}'),
    "facts-deep": with_facts(b'{"facts":' + b"[" * 100_000),
    "facts-wrong-type": with_facts(b'{"facts":{"rcode":"NOERROR","addresses":5,"records":[]}}'),
    "facts-of-another-kind": with_facts(b'{"facts":{"mx":[]}}'),
    "facts-surrogate": with_facts(b'{"facts":{"rcode":"\\ud83d"}}'),
    "raw-list": with_raw(b"[]"),
    "raw-without-exchanges": with_raw(b'{"kind":"dns","version":2}'),
    "raw-number": with_raw(b'{"exchanges":5}'),
    "raw-of-numbers": with_raw(b'{"exchanges":[5]}'),
    "raw-no-base64": with_raw(
        b'{"exchanges":[{"step":"A","server":"r","protocol":"udp","sent":"%"}]}'
    ),
    "raw-unknown-failure": with_raw(
        b'{"exchanges":[{"step":"A","server":"r","protocol":"udp","failure":{"name":"zzz"}}]}'
    ),
    "line-raw-list": lambda _: forged.line(NAME, raw=[]),
    "line-facts-number": lambda _: forged.line(NAME, facts=5),
    "line-unknown-failure": lambda _: forged.line(
        NAME, outcome="no_answer", failure={"name": "zzz"}
    ),
    "line-unknown-outcome": lambda _: forged.line(NAME, outcome="maybe"),
    "line-no-vantage": lambda _: forged.line(NAME, vantage=None),
    "line-no-start": lambda _: forged.line(NAME, start=None),
    "line-start-of-no-day": lambda _: forged.line(NAME, start="2026-99-01T00:00:00Z"),
    "line-definition-list": lambda _: forged.line(NAME, definition=[]),
    "line-version-text": lambda _: forged.line(NAME, version="x"),
    "line-no-json": lambda _: b"{",
    "line-list": lambda _: b"[]",
    "line-deep": lambda _: b'{"v":' + b"[" * 100_000,
    "unknown-kind": lambda f: forged.line(NAME, kind="zzz", facts=forged.facts(f)),
    "kind-of-the-future": lambda f: forged.line(NAME, version=999, facts=forged.facts(f)),
    "version-before-all": lambda f: forged.line(
        NAME, version=0, facts=forged.facts(f), raw=forged.put(f, b'{"exchanges":[]}')
    ),
    "version-before-and-another-target": lambda f: forged.line(
        NAME, version=0, definition={"zzz": 1}, facts=forged.facts(f),
        raw=forged.put(f, b'{"exchanges":[]}'),
    ),
}  # fmt: skip


def site(folder: Path, make: Make) -> Path:
    pages = {"index.md": f"# A\n\n{fence(dns=NAME, id='a', style='dig', history='30d')}\nThe end."}
    made = with_evidence(make_site(folder, pages, mode="replay"))
    forged.run(made / "evidence", make(made / "evidence"))
    return made


def hidden(text: str) -> list[str]:
    return [
        char
        for char in text
        if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co"} and char not in "\n\t"
    ]


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_named_and_the_page_stands(name: str, tmp_path: Path) -> None:
    folder = site(tmp_path / "site", UNREADABLE[name])
    done = build(folder)
    assert done.returncode == 0, done.stderr
    if name not in {"line-facts-number", "version-before-all"}:
        assert "cannot be read: " in done.stderr, done.stderr
    assert "Traceback" not in done.stderr
    page = (folder / "site/index.html").read_text("utf-8")
    assert "The end." in page
    assert list(figures(page)) == ["a"]
    shown = CliRunner().invoke(main, ["show", "-f", str(folder / "mkdocs.yml")])
    assert not isinstance(shown.exception, ValueError | TypeError | KeyError), shown.exception


def test_nothing_invisible_is_displayed(tmp_path: Path) -> None:
    def make(folder: Path) -> dict[str, Any]:
        records = [{"name": EVIL, "type": EVIL, "value": EVIL}]
        facts = {"rcode": EVIL, "addresses": [EVIL], "records": records}
        exchange = {"step": EVIL, "server": EVIL, "protocol": EVIL, "sent": "", "received": ""}
        return forged.line(
            NAME,
            facts=forged.facts(folder, facts=facts),
            raw=forged.put(folder, canonical({"exchanges": [exchange]})),
            vantage={"name": EVIL, "software": EVIL},
            volatile={EVIL: EVIL},
            cited=[EVIL],
        )

    folder = site(tmp_path / "site", make)
    done = build(folder)
    assert done.returncode == 0, done.stderr
    assert not hidden(done.stderr), done.stderr
    for path in (folder / "site").rglob("*.html"):
        if "css" not in str(path):
            assert not hidden(path.read_text("utf-8")), path
    for arguments in (["show"], ["show", "index.md#a"]):
        shown = CliRunner().invoke(main, [*arguments, "-f", str(folder / "mkdocs.yml")])
        assert not hidden(shown.output), arguments


def test_other_lines_of_the_run_are_read(tmp_path: Path) -> None:
    folder = site(tmp_path / "site", lambda f: forged.line(NAME, facts=forged.facts(f)))
    evidence = folder / "evidence"
    good = forged.line(NAME, facts=forged.facts(evidence), start="2026-03-02T12:00:00Z")
    bad = forged.line("b.example", outcome="maybe")
    run = forged.run(evidence, bad, good, stamp="20260302T120000000Z-author")
    done = build(folder)
    assert done.returncode == 0, done.stderr
    assert f"{run.name}:1: cannot be read: " in done.stderr
    assert f"/evidence/{run.stem}-2/" in (folder / "site/index.html").read_text("utf-8")
