"""The house's rules: who imports what, who touches network and ledger, and what is complete."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from probes.common import Common
from probes.kinds import KINDS
from probes.kinds.interface import Kind
from probes.observation import FAILURES, Outcome
from probes.reference import docs
from probes.render.labels import labels, languages
from probes.render.styles import STYLES
from probes.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
PROBES = ROOT / "probes"
SOURCES = sorted([*PROBES.rglob("*.py"), *(ROOT / "hooks").rglob("*.py")])
NETWORK = {"socket", "ssl", "http", "urllib", "requests", "aiosmtplib", "smtplib", "telnetlib"}
LONG = {
    "probes/verify.py": "a reader takes this one file away",
    "probes/readers/dig.py": "one program's whole grammar",
    "probes/readers/nslookup.py": "one program's whole grammar",
}
SHARED = ("interface", "origin", "registry")
"""The parts of probes/kinds that every kind may use."""
CONNECT = re.compile(
    r"\b(create_connection|open_connection|create_datagram_endpoint|sock_connect)\b"
)


def _names(source: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def _below(source: Path, *folders: str) -> bool:
    return any((ROOT / folder) in [source, *source.parents] for folder in folders)


def _id(source: Path) -> str:
    return str(source.relative_to(ROOT))


@pytest.mark.parametrize("source", SOURCES, ids=_id)
def test_files_are_small_and_say_what_they_are(source: Path) -> None:
    text = source.read_text("utf-8")
    assert len(text.splitlines()) < 250 or _id(source) in LONG
    assert not text or ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("source", sorted(PROBES.rglob("*.py")), ids=_id)
def test_the_engine_knows_nothing_of_mkdocs(source: Path) -> None:
    names = {name.partition(".")[0] for name in _names(source)}
    assert not names & {"mkdocs", "material", "mkdocs_rss_plugin", "hooks"}


@pytest.mark.parametrize("source", sorted((PROBES / "kinds").rglob("*.py")), ids=_id)
def test_kinds_import_their_interface_and_their_own_folder_alone(source: Path) -> None:
    if source.name in ("interface.py", "origin.py"):
        return
    below = source.relative_to(PROBES / "kinds").parts[0].removesuffix(".py")
    allowed = [f"probes.kinds.{one}" for one in (*SHARED, below)]
    if source == PROBES / "kinds" / "__init__.py":
        allowed = ["probes.kinds", "probes.lazy"]
    own = [name for name in _names(source) if name.partition(".")[0] == "probes"]
    strange = [name for name in own if not any(_within(name, one) for one in allowed)]
    assert strange == []


def _within(name: str, folder: str) -> bool:
    return name == folder or name.startswith(f"{folder}.")


@pytest.mark.parametrize("source", SOURCES, ids=_id)
def test_only_the_network_opens_sockets(source: Path) -> None:
    if _below(source, "probes/network"):
        return
    text = source.read_text("utf-8")
    assert not CONNECT.search(text) or "sock=" in text
    assert not re.search(r"\bsocket\.(socket|create_server)\(", text)
    if _below(source, "probes/kinds"):
        assert "requests" not in _names(source)
        assert "urllib.request" not in _names(source)


@pytest.mark.parametrize("source", SOURCES, ids=_id)
def test_only_the_ledger_writes_evidence(source: Path) -> None:
    if _below(source, "probes/ledger", "probes/seals"):
        return
    assert not re.search(r"\b(write_all|finish|recover)\(.*(part|jsonl)", source.read_text("utf-8"))
    names = set(_names(source))
    assert not names & {"probes.ledger.disk", "probes.ledger.writer"}


def test_words_are_complete_in_every_language() -> None:
    english = labels("en")
    assert {"en", "ja"} <= set(languages())
    for lang in languages():
        words = labels(lang)
        assert words.keys() == english.keys(), lang
        for key, word in words.items():
            assert isinstance(word, str), (lang, key)
            assert word or key.endswith("_join"), (lang, key)
            assert set(re.findall(r"\{\w+", word)) == set(re.findall(r"\{\w+", english[key])), key


def test_no_word_stands_twice_in_a_file() -> None:
    for lang in languages():
        text = (PROBES / "render" / "words" / f"{lang}.yml").read_text("utf-8")
        keys = re.findall(r"(?m)^(\w+):", text)
        assert len(keys) == len(set(keys)), lang


def test_every_failure_and_outcome_has_words() -> None:
    for lang in languages():
        words = labels(lang)
        assert FAILURES.keys() <= words.keys()
        assert {outcome.value for outcome in Outcome} <= words.keys()


def test_the_words_for_failures_are_no_two_the_same() -> None:
    for lang in languages():
        words = [labels(lang)[name] for name in FAILURES]
        assert len(words) == len(set(words)), lang


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
class TestKind:
    def test_its_styles_are_all_there(self, kind: type[Kind]) -> None:
        assert tuple(STYLES[kind.name]) == kind.styles
        assert kind.from_raw <= set(kind.styles)

    def test_it_is_whole(self, kind: type[Kind]) -> None:
        assert KINDS[kind.name] is kind
        assert kind.version >= 1
        assert kind.software
        assert kind.patience > 0

    def test_every_option_has_help_and_a_default(self, kind: type[Kind]) -> None:
        for field in msgspec.structs.fields(kind):
            assert kind.help[field.name].strip()
            assert not field.required or field.name == "target"
        assert not set(kind.help) - set(kind.__struct_fields__) - set(kind.facts.__struct_fields__)

    def test_no_option_is_a_common_key(self, kind: type[Kind]) -> None:
        assert not set(kind.__struct_fields__) & set(Common.__struct_fields__)
        assert not set(KINDS) & set(Common.__struct_fields__)

    def test_facts_hold_nothing_volatile(self, kind: type[Kind]) -> None:
        volatile = {"ttl", "rtt", "ms", "time", "duration", "id"}
        assert not volatile & set(kind.facts.__struct_fields__)
        assert kind.facts.__struct_config__.frozen


@pytest.mark.parametrize(
    "struct", [Common, Settings, *(kind.facts for kind in KINDS.values())], ids=lambda s: s.__name__
)
def test_every_field_is_described(struct: type[msgspec.Struct]) -> None:
    """Facts by the string under each field, from which the guide is made."""
    missing = [name for name in struct.__struct_fields__ if not docs(struct).get(name)]
    kind = next((kind for kind in KINDS.values() if kind.facts is struct), None)
    if kind:
        missing = [name for name in missing if name not in kind.help]
    assert missing == []
