"""The house's rules: who imports what, who touches network and ledger, and what is complete."""

import ast
import doctest
import importlib
import os
import re
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
import yaml
from grimp import ImportGraph
from sotokara.core.labels import labels, languages, word_files
from sotokara.core.observation import FAILURES, Outcome
from sotokara.core.said import message_files
from sotokara.core.settings import Settings
from sotokara.definitions.common import COMMON, Common
from sotokara.kinds import KINDS
from sotokara.kinds.interface import Kind
from sotokara.kinds.parts import styles_of
from sotokara.site.reference import docs

from tests.house.graph import circles
from tests.test_guide import add_kind

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "probes" / "sotokara"
SOURCES = sorted([*PACKAGE.rglob("*.py"), *(ROOT / "hooks").glob("*.py")])
LONG = {"probes/sotokara/ledger/verify.py": "a reader takes this one file away"}


def _id(source: Path) -> str:
    return str(source.relative_to(ROOT))


@pytest.mark.parametrize("source", SOURCES, ids=_id)
def test_a_file_is_one_thought_and_says_which(source: Path) -> None:
    text = source.read_text("utf-8")
    assert len(text.splitlines()) <= 400 or _id(source) in LONG
    assert ast.get_docstring(ast.parse(text))


def test_examples_in_docstrings_are_true() -> None:
    found = [path for path in PACKAGE.rglob("*.py") if ">>> " in path.read_text("utf-8")]
    names = [".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in found]
    tried = {name: doctest.testmod(importlib.import_module(name)) for name in names}
    assert sum(one.attempted for one in tried.values()) > len(names)
    assert [name for name, one in tried.items() if one.failed] == []


def test_most_files_are_short() -> None:
    lines = [len(source.read_text("utf-8").splitlines()) for source in SOURCES]
    assert statistics.median(lines) <= 120


def test_hooks_are_thin() -> None:
    """They import events of the adapter, and do nothing."""
    for source in (ROOT / "hooks").glob("*.py"):
        tree = ast.parse(source.read_text("utf-8"))
        _, imported, exported = tree.body
        assert isinstance(imported, ast.ImportFrom)
        assert (imported.module or "").startswith("sotokara.mkdocs.")
        assert isinstance(exported, ast.Assign)


def test_the_rooms_are_few_and_nothing_lies_beside_them() -> None:
    beside = {path.name for path in PACKAGE.iterdir()} - {"__pycache__"}
    rooms = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()}
    assert beside - rooms == {"__init__.py", "__main__.py", "py.typed"}
    assert len(rooms) <= 14  # thirteen, and the adapter


def test_the_picture_of_the_rooms_is_today_s(tmp_path: Path) -> None:
    """Made by `python -m tests.house --draw docs/assets/house.svg`."""
    drawn = tmp_path / "house.svg"
    command = [sys.executable, "-m", "tests.house", "--draw", str(drawn)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert drawn.read_text("utf-8") == (ROOT / "docs/assets/house.svg").read_text("utf-8")
    assert "0 of files, 0 of rooms" in done.stdout


def test_the_architecture_page_names_what_is_there() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    named = re.findall(r"`([a-z_]+/[\w/<>]+\.py)`", text)
    assert [one for one in named if not any(PACKAGE.glob(one.replace("<name>", "*")))] == []
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert set(re.findall(r"(?m)^\| `(\w+)` \|", text)) == rooms


def _lint(folder: Path) -> dict[str, str]:
    """import-linter over a copy of the house: of each broken contract, what is said of it."""
    done = subprocess.run(
        [
            Path(sys.executable).with_name("lint-imports"),
            "--no-cache",
            "--config",
            str(folder / "pyproject.toml"),
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": f"{folder / 'probes'}:{folder}", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    verdicts = re.findall(r"^(\S.*?) (KEPT|BROKEN)", done.stdout, re.MULTILINE)
    assert len(verdicts) == 8, done.stdout + done.stderr
    _, _, told = done.stdout.partition("Broken contracts")
    sections = re.split(r"^(\S.*)\n-+$", told, flags=re.MULTILINE)[1:]
    said = dict(zip(sections[::2], sections[1::2], strict=True))
    assert {name for name, verdict in verdicts if verdict == "BROKEN"} == set(said)
    assert done.returncode == bool(said)
    return said


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the code, with the kind that the guide adds."""
    folder = tmp_path_factory.mktemp("house")
    shutil.copytree(ROOT / "probes", folder / "probes")
    shutil.copytree(ROOT / "tests" / "house", folder / "tests" / "house")
    (folder / "tests" / "__init__.py").touch()
    shutil.copy(ROOT / "pyproject.toml", folder)
    add_kind(folder)
    return folder


def test_the_house_keeps_its_rules(house: Path) -> None:
    assert _lint(house) == {}


FIRST = [  # the file, what is added to it, the broken rule, what it names
    ("core/durations.py", "import sotokara.engine.plan", "A room", "engine.plan"),
    ("ledger/lines.py", "if TYPE_CHECKING:\n    import sotokara.site.build", "A room", "build"),
    ("findings/history.py", "def _():\n    import sotokara.render.figure", "A room", "figure"),
    ("site/build.py", "def _():\n    import mkdocs.plugins", "Only the adapter", "mkdocs"),
    ("cli/run.py", "import sotokara.mkdocs.errors", "Only the adapter", "mkdocs.errors"),
    ("engine/run_state.py", "from sotokara.ledger.disk import append", "Only the ledger", "disk"),
    ("ledger/verify.py", "def _():\n    import sotokara.core.text", "The verifier", "core.text"),
]
SECOND = [
    ("kinds/dns/facts.py", "import sotokara.kinds.smtp.facts", "Kinds are", "smtp.facts"),
    ("kinds/shared/view.py", "import sotokara.kinds.rdap.styles", "Kinds are", "rdap.styles"),
    ("kinds/rdap/kind.py", "import socket", "Only the network", "socket"),
    ("render/figure.py", "from urllib import request", "Only the network", "urllib.request"),
    ("kinds/dns/parse.py", "import dns.asyncquery", "Only the network", "dns.asyncquery"),
    ("engine/run.py", "import ipwhois", "Only the network", "ipwhois"),
    (
        "kinds/whois/walk.py",
        "async def _(h):\n    await asyncio.open_connection(h, sock=None)",
        "Only the network",
        "open_connection",
    ),
    ("ledger/verify.py", "import cryptography", "The verifier", "cryptography"),
    ("kinds/ct/kind.py", "def _():\n    from sotokara.kinds.http import kind", "Kinds are", "http"),
    (
        "kinds/bgp/facts.py",
        "if TYPE_CHECKING:\n    from ..tls.facts import TlsFacts",
        "Kinds are",
        "tls.facts",
    ),
    ("kinds/ping/styles.py", "import_module('sotokara.kinds.dns')", "No module", "import_module"),
    ("engine/recall.py", "def _(n):\n    __import__(n)", "No module", "__import__"),
    ("site/moves.py", "from pkgutil import resolve_name as of", "No module", "resolve_name"),
    ("render/quote.py", "import _socket", "Only the network", "_socket"),
    ("findings/age.py", "from aiosmtplib import SMTP", "Only the network", "aiosmtplib.SMTP"),
    ("cli/show.py", "from asyncio import open_connection as o", "Only the network", "open_conn"),
    (
        "mkdocs/order.py",
        "def _(h):\n    h.create_server(None)",
        "Only the network",
        "create_server",
    ),
    # `settings` imports `durations`.
    ("core/durations.py", "def _():\n    import sotokara.core.settings", "No circle", "settings"),
]


@pytest.mark.parametrize("breaches", [FIRST, SECOND], ids=["first", "second"])
def test_a_planted_breach_is_found(house: Path, breaches: list[tuple[str, str, str, str]]) -> None:
    """All that do not lead to one another are planted at once; each is named by its rule."""
    before = {file: (house / "probes/sotokara" / file).read_text("utf-8") for file, *_ in breaches}
    try:
        for file, added, *_ in breaches:
            with (house / "probes/sotokara" / file).open("a", encoding="utf-8") as text:
                text.write(f"\n\n{added}\n")
        said = _lint(house)
    finally:
        for file, text_before in before.items():
            (house / "probes/sotokara" / file).write_text(text_before, "utf-8")
    for file, added, rule, target in breaches:
        module = "sotokara." + file.removesuffix(".py").replace("/", ".")
        lines = [line for name in said if name.startswith(rule) for line in said[name].split("\n")]
        assert any(module in line and target in line for line in lines), (added, said)
    if breaches is SECOND:  # and what is allowed is not taken for a breach
        rules = {rule for *_, rule, _ in SECOND}
        assert {name for name in said if not any(map(name.startswith, rules))} == set()


def test_an_import_in_a_function_that_leads_nowhere_back_is_no_circle() -> None:
    graph = ImportGraph()
    for importer, imported in (("p.a", "p.b"), ("p.b", "p.c")):
        graph.add_module(importer)
        graph.add_module(imported)
        graph.add_import(importer=importer, imported=imported, line_number=1, line_contents="")
    assert circles(graph, "p") == []
    graph.add_import(importer="p.c", imported="p.a", line_number=1, line_contents="")
    assert len(circles(graph, "p")) == 1


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


def test_no_word_stands_twice() -> None:
    for lang in languages():
        keys = [
            key
            for path in word_files(lang)
            for key in re.findall(r"(?m)^(\w+):", path.read_text("utf-8"))
        ]
        keys += [key for path in message_files(lang) for key in yaml.safe_load(path.read_bytes())]
        assert len(keys) == len(set(keys)), lang


def test_a_language_is_one_folder(tmp_path: Path) -> None:
    """All words of English as another language's, in one folder: nothing else is looked for."""
    shutil.copytree(ROOT / "probes", tmp_path / "probes")
    folder = tmp_path / "probes" / "sotokara" / "core" / "words" / "xx"
    folder.mkdir()
    words = {key: f"xx {word}" for key, word in labels("en").items()}
    (folder / "all.yml").write_text(yaml.safe_dump(words), "utf-8")
    (folder / "messages.yml").write_text("'a {}': 'xx {}'\n", "utf-8")
    script = """if True:
        from sotokara.core.labels import labels
        from sotokara.core.said import in_language, said
        assert in_language(said("a {}", 1), "xx") == "xx 1"
        print(labels("xx-YY"))
    """
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(tmp_path / "probes")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ast.literal_eval(done.stdout) == words


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
        assert tuple(styles_of(kind)) == kind.styles
        assert kind.from_raw <= set(kind.styles)

    def test_it_is_whole(self, kind: type[Kind]) -> None:
        assert KINDS[kind.name] is kind
        assert kind.version >= 1
        assert kind.software
        assert kind.timeout_factor > 0

    def test_every_option_has_help_and_a_default(self, kind: type[Kind]) -> None:
        for field in msgspec.structs.fields(kind):
            assert kind.help[field.name].strip()
            assert not field.required or field.name == "target"
        assert not set(kind.help) - set(kind.__struct_fields__) - set(kind.facts.__struct_fields__)

    def test_no_option_is_a_common_key(self, kind: type[Kind]) -> None:
        own = {"since", "until"} if kind.own_span else set()
        assert set(kind.__struct_encode_fields__) & set(COMMON) == own
        assert not set(KINDS) & set(COMMON)

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


_SELDOM = (
    "engine.atlas engine.batch engine.globalping engine.remote engine.sandbox findings.batches "
    "kinds.shared.terminal.pasted ledger.batches ledger.store render.batch_view render.places "
    "render.timeline_view site.standalone transcripts.transcript"
)


def test_a_build_of_look_ups_loads_nothing_that_few_pages_need(tmp_path: Path) -> None:
    page = "# A\n\n```probe\ndns: a.example\n```\n"
    project = tmp_path / "site"
    (project / "docs").mkdir(parents=True)
    (project / "docs" / "index.md").write_text(page, "utf-8")
    (project / "mkdocs.yml").write_text(
        f"site_name: A\ntheme: mkdocs\nplugins: []\nhooks: ['{ROOT}/hooks/figures.py']\n"
        "markdown_extensions: [sotokara]\nextra: {probes: {mode: replay}}\n",
        "utf-8",
    )
    code = (
        "import sys\nfrom mkdocs.__main__ import cli\n"
        "cli(['build', '--quiet'], standalone_mode=False)\n"
        "print([one for one in sys.argv[1:] if f'sotokara.{one}' in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *_SELDOM.split()],
        cwd=project,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "never" in (project / "site" / "index.html").read_text("utf-8")
    assert done.stdout.strip() == "[]", done.stderr
