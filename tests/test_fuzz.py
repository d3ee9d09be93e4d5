"""Whatever bytes come, no parser and no verifier falls over: properties, with a short run each.

``make fuzz`` runs them long (SOTOKARA_FUZZ=2000 examples, others each time) and keeps what it found
under ``.hypothesis``; a short run has the same examples always. The profile is chosen here alone.
"""

import contextlib
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sotokara.core.canonical import canonical, writable
from sotokara.core.expressions import EmptyReference, ExpressionError, Template, expression
from sotokara.core.observation import Exchange
from sotokara.definitions.definition import read_definition
from sotokara.definitions.source import fences
from sotokara.kinds import KINDS
from sotokara.ledger import keys, seals
from sotokara.ledger import verify as verifier

from tests.examples import examples
from tests.tampered import keep, observation, sound

fuzz = settings(
    max_examples=examples(25),
    derandomize="SOTOKARA_FUZZ" not in os.environ,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda one: st.lists(one, max_size=4) | st.dictionaries(st.text(max_size=8), one, max_size=4),
    max_leaves=12,
)
PLAIN = JSON.map(lambda one: json.dumps(one).encode())
TARGETS = {"dns": "www.example.com", "whois": "192.0.2.1", "rdap": "192.0.2.1",
           "traceroute": "192.0.2.1", "smtp": "user@example.com"}  # fmt: skip
STEPS = ["A", "AAAA", "lookup", "bootstrap", "dnssec DNSKEY .", "dnssec anchor", "mx", "connect",
         "origin", "1", "", "rcpt", "control"]  # fmt: skip
MEDIA = ["application/dns-message", "text/plain; charset=utf-8", "application/octet-stream",
         "application/rdap+json", "text/plain; charset=iso-2022-jp", "message/http"]  # fmt: skip
EXCHANGES = st.lists(
    st.builds(
        Exchange,
        step=st.sampled_from(STEPS) | st.text(max_size=6),
        server=st.sampled_from(["resolver", "192.0.2.53", "", "whois.example"]),
        protocol=st.sampled_from(["udp", "tcp", "https", "http", "smtp", ""]),
        sent=st.binary(max_size=80),
        received=st.none() | st.binary(max_size=300) | PLAIN,
        media_type=st.sampled_from(MEDIA),
        ms=st.none() | st.floats(0, 1e6),
    ),
    max_size=4,
)  # fmt: skip


@pytest.mark.parametrize("name", [name for name in KINDS if name in TARGETS])
@fuzz
@given(exchanges=EXCHANGES)
def test_no_bytes_of_a_server_make_a_parser_fall(name: str, exchanges: list[Exchange]) -> None:
    question = KINDS[name](target=TARGETS[name]).normal()
    if name == "smtp":  # its first question is always there
        exchanges = [Exchange("MX", "resolver", "udp", received=b""), *exchanges]
    reading = writable(question.parse(exchanges))
    canonical([reading.facts, reading.volatile, reading.failure])


@fuzz
@given(source=st.text(max_size=200) | JSON.map(json.dumps))
def test_no_fence_makes_its_reader_fall(source: str) -> None:
    definition, mistakes = read_definition(source, "a.md", 1, "t")
    assert definition is not None or mistakes
    fences(f"```probe\n{source}\n```")


PIECES = ["a", "a.b", "'x'", "1", "1e9", "9**9", "*", "+", "~", "%", "|", "(", ")", "[", "]", "{{",
          "}}", "center(99)", "format(1)", "replace('a','b')", "join", "not ", "in", "if", "else",
          "is", ",", ".", "\n", "#", "{%", "map('upper')", "\ud83d", "\0", "é"]  # fmt: skip


@fuzz
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=14))
def test_no_expression_makes_its_reader_fall(pieces: list[str]) -> None:
    for make in (expression, Template):
        try:
            made: Any = make("".join(pieces))
        except ExpressionError:
            continue
        with contextlib.suppress(EmptyReference):
            made(lambda _: ["x", "y"]) if make is expression else made.fill(lambda _: ["x", "y"])


@pytest.fixture(scope="module")
def ledgers(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, bytes]]:
    """The files of small sound ledgers, one of them signed."""
    folder = tmp_path_factory.mktemp("fuzz")
    sound(folder / "plain")
    with pytest.MonkeyPatch.context() as patch:
        made = keys.make_key(folder / "signed", keys.KeyRequest("blog.example/e", "author", None))
        patch.setenv("SOTOKARA_KEY", made.key.text)
        keep(folder / "signed", observation("a.example", "192.0.2.2"))
        seals.seal(folder / "signed")
    return [
        {name: (root / name).read_bytes() for name in verifier.Folder(str(root)).names()}
        for root in (folder / "plain", folder / "signed")
    ]


MUTATION = st.tuples(
    st.sampled_from(["flip", "cut", "junk", "json", "copy", "drop", "swap", "field", "double"]),
    st.integers(0, 1 << 16), st.integers(0, 1 << 16), st.binary(max_size=40), JSON,
)  # fmt: skip


def mutated(files: dict[str, bytes], change: tuple[str, int, int, bytes, Any]) -> None:
    how, which, at, junk, plain = change
    names = sorted(files)
    name, other = names[which % len(names)], names[at % len(names)]
    content = files[name]
    where = at % (len(content) + 1)
    if how == "flip" and content:
        where %= len(content)
        files[name] = content[:where] + bytes([content[where] ^ 1]) + content[where + 1 :]
    elif how == "cut":
        files[name] = content[:where]
    elif how == "junk":
        files[name] = content[:where] + junk + content[where:]
    elif how == "json":
        files[name] = json.dumps(plain).encode()
    elif how == "copy":
        files[name] = files[other]
    elif how == "drop":
        del files[name]
    elif how == "swap":
        files[name], files[other] = files[other], content
    elif how == "double":
        files[name] = content + content
    elif how == "field":
        try:
            fields = json.loads(content)
            key = sorted(fields)[at % len(fields)]
            fields[key] = plain
            files[name] = json.dumps(fields).encode()
        except (ValueError, TypeError, AttributeError, ZeroDivisionError):
            files[name] = junk


@pytest.mark.parametrize("which", [0, 1], ids=["plain", "signed"])
@fuzz
@given(changes=st.lists(MUTATION, min_size=1, max_size=3))
def test_no_ledger_makes_verify_fall(
    which: int, changes: list[Any], ledgers: list[dict[str, bytes]], tmp_path: Path
) -> None:
    files = dict(ledgers[which])
    for change in changes:
        mutated(files, change)
    folder = tmp_path / "evidence"
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    folder.mkdir(exist_ok=True)
    newest = max(name for name in ledgers[which] if re.fullmatch(r"seals/\d+\.json", name))
    head = f"{int(newest[6:12])}:{verifier.sha(ledgers[which][newest])}"
    found = verifier.verify(verifier.Folder(str(folder)), head)
    assert all(str(one).isprintable() for one in found)
    ours = {name: one for name, one in ledgers[which].items() if not name.startswith(".git")}
    same = {name: one for name, one in files.items() if not name.startswith(".git")} == ours
    sealed = [name for name in ours if name.startswith(("seals/", "objects/", "tombstones/"))]
    if any(files.get(name) != ours[name] for name in sealed):
        assert any(one.wrong for one in found), changes
    if same:
        assert not any(one.wrong for one in found)
    for name in ours:
        if name.endswith(".jsonl"):
            verifier.look(verifier.Folder(str(folder)), f"{Path(name).stem}-1")
