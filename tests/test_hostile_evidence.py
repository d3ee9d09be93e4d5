"""Evidence with right hashes and hostile content: named, nothing of it acts, the pages stand."""

import json
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from sotokara.cli import main
from sotokara.core.canonical import canonical, digest
from sotokara.kinds import KINDS

from tests.recorded import recorded
from tests.sites import build, fence, figures, make_site, with_evidence
from tests.tampered import forged

NAME = "a.example"
EVIL = "\x1b[2J\u202eevil\u200b"
Make = Callable[[Path, str], dict[str, Any] | bytes]
"""Of a ledger's folder and the name that is asked: the run's one line."""


def with_facts(content: bytes) -> Make:
    return lambda f, n: forged.line(n, facts=forged.put(f, content))


def with_raw(content: bytes) -> Make:
    return lambda f, n: forged.line(n, facts=forged.facts(f), raw=forged.put(f, content))


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
    "line-raw-list": lambda _, n: forged.line(n, raw=[]),
    "line-facts-number": lambda _, n: forged.line(n, facts=5),
    "line-unknown-failure": lambda _, n: forged.line(
        n, outcome="no_answer", failure={"name": "zzz"}
    ),
    "line-unknown-outcome": lambda _, n: forged.line(n, outcome="maybe"),
    "line-no-vantage": lambda _, n: forged.line(n, vantage=None),
    "line-no-start": lambda _, n: forged.line(n, start=None),
    "line-start-of-no-day": lambda _, n: forged.line(n, start="2026-99-01T00:00:00Z"),
    "line-definition-list": lambda _, n: forged.line(n, definition=[]),
    "line-version-text": lambda _, n: forged.line(n, version="x"),
    "line-no-json": lambda _f, _n: b"{",
    "line-list": lambda _f, _n: b"[]",
    "line-deep": lambda _f, _n: b'{"v":' + b"[" * 100_000,
    "unknown-kind": lambda f, n: forged.line(n, kind="zzz", facts=forged.facts(f)),
    "kind-of-the-future": lambda f, n: forged.line(n, version=999, facts=forged.facts(f)),
    "facts-that-do-not-follow": lambda f, n: forged.line(
        n, version=2, facts=forged.facts(f, name=n, address="203.0.113.66"), raw=forged.raw(f, n)
    ),
    "facts-of-raw-that-says-nothing": lambda f, n: forged.line(
        n, version=2, facts=forged.facts(f, name=n), raw=forged.put(f, b'{"exchanges":[]}')
    ),
    "version-before-all": lambda f, n: forged.line(
        n, version=0, facts=forged.facts(f), raw=forged.put(f, b'{"exchanges":[]}')
    ),
    "version-before-and-another-target": lambda f, n: forged.line(
        n, version=0, definition={"zzz": 1}, facts=forged.facts(f),
        raw=forged.put(f, b'{"exchanges":[]}'),
    ),
}  # fmt: skip


def site(folder: Path, *pages: str) -> Path:
    """A site that asks one name on each page."""
    texts = {
        f"{name}.md": f"# A\n\n{fence(dns=name, id='a', style='dig', history='30d')}\nThe end."
        for name in pages
    }
    return with_evidence(make_site(folder, texts, mode="replay"))


def hidden(text: str) -> list[str]:
    return [
        char
        for char in text
        if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co"} and char not in "\n\t"
    ]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A site with a page for each of them, and what its build said."""
    names = [f"{name}.example" for name in UNREADABLE]
    folder = site(tmp_path_factory.mktemp("unreadable") / "site", *names)
    for number, make in enumerate(UNREADABLE.values()):
        line = make(folder / "evidence", names[number])
        forged.run(folder / "evidence", line, stamp=f"20260301T1200{number:02d}000Z-author")
    done = build(folder)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return folder, done.stderr


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_named_and_the_page_stands(
    name: str, built: tuple[Path, str]
) -> None:
    folder, said = built
    (run,) = (folder / "evidence").rglob(f"20260301T1200{list(UNREADABLE).index(name):02d}*.jsonl")
    newer = name in {"unknown-kind", "kind-of-the-future"}  # said together, in one line
    lines = [line for line in said.splitlines() if newer or run.stem in line]
    if name not in {"line-facts-number", "version-before-all"}:
        assert any("cannot be read: " in line for line in lines), lines
    if name.startswith(("facts-that", "facts-of-raw")):
        assert any("forged: " in line for line in lines), lines
        verified = CliRunner().invoke(
            main, ["verify", "--read", f"{run.stem}-1", "-f", str(folder / "mkdocs.yml")]
        )
        assert verified.exit_code == 1
        assert f"WRONG forged: {run.stem}-1: " in verified.output
    page = (folder / f"site/{name}.example/index.html").read_text("utf-8")
    assert "The end." in page
    assert list(figures(page)) == ["a"]
    assert "203.0.113.66" not in page


def test_they_are_listed(built: tuple[Path, str]) -> None:
    shown = CliRunner().invoke(main, ["show", "-f", str(built[0] / "mkdocs.yml")])
    assert not isinstance(shown.exception, ValueError | TypeError | KeyError), shown.exception


def test_nothing_invisible_is_displayed(tmp_path: Path) -> None:
    def make(folder: Path, name: str) -> dict[str, Any]:
        records = [{"name": EVIL, "type": EVIL, "value": EVIL}]
        facts = {"rcode": EVIL, "addresses": [EVIL], "records": records}
        exchange = {"step": EVIL, "server": EVIL, "protocol": EVIL, "sent": "", "received": ""}
        return forged.line(
            name,
            facts=forged.facts(folder, facts=facts),
            raw=forged.put(folder, canonical({"exchanges": [exchange]})),
            vantage={"name": EVIL, "software": EVIL},
            volatile={EVIL: EVIL},
            cited=[EVIL],
        )

    folder = site(tmp_path / "site", NAME)
    forged.run(folder / "evidence", make(folder / "evidence", NAME))
    done = build(folder)
    assert done.returncode == 0, done.stderr
    assert not hidden(done.stderr), done.stderr
    for path in (folder / "site").rglob("*.html"):
        if "css" not in str(path):
            assert not hidden(path.read_text("utf-8")), path
    for arguments in (["show"], ["show", f"{NAME}.md#a"]):
        shown = CliRunner().invoke(main, [*arguments, "-f", str(folder / "mkdocs.yml")])
        assert not hidden(shown.output), arguments


def _said_otherwise(value: Any) -> Any:
    """Facts of the right types that no version has ever written."""
    if isinstance(value, dict):
        return {key: _said_otherwise(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_said_otherwise(one) for one in value]
    return "evil{0.__class__}" if isinstance(value, str) else value


def test_facts_that_there_are_no_words_for(tmp_path: Path) -> None:
    """Of each kind, and volatile values of another form: a contributor's, without raw."""
    asked: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}
    for kind, several in recorded().items():
        for question, exchanges in several:
            facts = msgspec.to_builtins(question.parse(exchanges).facts)
            if facts and (not question.files or kind == "cited"):
                asked[kind] = (question.identity(), {"facts": _said_otherwise(facts)})
    assert len(asked) > len(KINDS) - 4
    dns = {"rcode": "NOERROR", "addresses": ["192.0.2.1"], "records": []}
    for number, volatile in enumerate(({"probes": 5}, {"unanswered": {"x": "evil"}}, {"ms": []})):
        name = f"v{number}.example"
        asked[name] = ({"dns": name}, {"facts": dns, "volatile": volatile})
    pages = {
        f"{name}.md": f"# A\n\n```probe\n{json.dumps({**definition, 'id': 'a'})}\n```\nThe end."
        for name, (definition, _) in asked.items()
    }
    folder = with_evidence(make_site(tmp_path / "site", pages, mode="replay"))
    evidence = folder / "evidence"
    for number, (definition, fields) in enumerate(asked.values()):
        (kind, *_) = (key for key in definition if key in KINDS)
        named = {"kind": kind, "version": KINDS[kind].version}
        facts = forged.put(evidence, canonical({**named, "facts": fields["facts"]}))
        line = forged.line(
            "x", **named, definition=definition, digest=digest(canonical(definition)),
            facts=facts, volatile=fields.get("volatile"),
        )  # fmt: skip
        forged.run(evidence, line, stamp=f"20260301T1200{number:02d}000Z-author")
    done = build(folder)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Traceback" not in done.stderr
    assert done.stderr.count("cannot be read: ") > len(KINDS) // 2
    for name in asked:
        page = (folder / f"site/{name}/index.html").read_text("utf-8")
        assert "The end." in page
        assert "class &#39;" not in page  # no text of evidence is ever a format


def test_other_lines_of_the_run_are_read(tmp_path: Path) -> None:
    folder = site(tmp_path / "site", NAME)
    evidence = folder / "evidence"
    good = forged.line(NAME, facts=forged.facts(evidence), start="2026-03-02T12:00:00Z")
    bad = forged.line("b.example", outcome="maybe")
    run = forged.run(evidence, bad, good, stamp="20260302T120000000Z-author")
    done = build(folder)
    assert done.returncode == 0, done.stderr
    assert f"{run.name}:1: cannot be read: " in done.stderr
    assert f"/evidence/{run.stem}-2/" in (folder / f"site/{NAME}/index.html").read_text("utf-8")
