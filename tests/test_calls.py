"""How commands are called: wrongly, for programs, with completion, and asked for help."""

import json
import re
from pathlib import Path
from typing import Any

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner
from sotokara.cli import main
from sotokara.cli.figures import as_json
from sotokara.core.observation import Exchange
from sotokara.definitions.definition import read_definition
from sotokara.engine.figure import Figure, Node
from sotokara.kinds.traceroute.facts import PathEnd, PathFacts, TraceHop
from sotokara.kinds.traceroute.kind import Traceroute
from sotokara.transcripts.importer import ImportSource, draft

from tests.sites import fence, make_site
from tests.tampered import keep, observation

PAGES = {
    "index.md": "---\nauthor: kei\n---\n# A\n\n" + fence(dns="a.example", id="site"),
    "posts/late-mail.md": "# B\n\n"
    + fence(dns="b.example", id="mail")
    + fence(dns="c.example", id="web"),
    "posts/plain.md": "# C\n\n" + fence(dns="d.example"),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_site(tmp_path_factory.mktemp("calls") / "site", PAGES, mode="replay")
    keep(folder / "evidence", observation("a.example", "192.0.2.1"))
    return folder


def called(site: Path, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, [*words, "-f", str(site / "mkdocs.yml")])
    return done.exit_code, done.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("run dns", "write kind:target, with one of dns"),
        ("run dnss:a.example", "write kind:target"),
        ("run dns:a..example", "nothing stands between two dots"),
        ("run dns:a.example --style nope", "it has nslookup, dig, table"),
        ("run dns:a.example --every 15m", "go without KIND:TARGET"),
        ("run --json", "go with KIND:TARGET"),
        ("run --style dig", "go with KIND:TARGET"),
        ("run --times 3", "--times goes with --every"),
        ("run --places mars", "no place is called mars; known: author"),
        ("run --every soon", "'soon' is not a duration"),
        ("show plain#x", "no figure of plain has an id; write `id: name`"),
        ("show plain.md", "no figure of plain.md has an id"),
        ("show late-mail#nope", "figures of late-mail: mail, web"),
        ("show posts/late-mail.md#mial", "did you mean posts/late-mail.md#mail?"),
        ("show late-mial#mail", "no such page; did you mean late-mail#mail?"),
        ("show posts/late-mail.md", "figures of posts/late-mail.md: mail, web"),
        ("show nowhere#x", "pages with figures that have an id: index, late-mail"),
        ("show 20260101T000000Z-nope-0000", "no such observation"),
        ("show --style dig", "--style goes with a figure"),
        ("show late-mail#mail --raw", "go with an observation's id"),
        ("show --raw", "go with an observation's id"),
        ("show late-mail#mail --style nope", "dns has no style 'nope'"),
        ("show --since 2026-01-01", "go with --format"),
        ("new Late --ask dns", "write kind:target"),
        ("new Late --ask dns:a..example", "nothing stands between two dots"),
        ("new ...", "use a letter or a digit"),
        ("import /nonexistent.txt", "does not exist"),
        ("mv a b", "write page.md"),
        ("mv posts/late-mail.md index.md", "is there already"),
        ("mv nope.md other.md", "there is neither"),
        ("mv index.md index.md#a", "name two pages, or two figures"),
        ("status --author nobody", "known: kei"),
        ("status main", "write BASE..HEAD"),
        ("verify nope", "is no id"),
        ("verify --head x", "--head"),
        ("verify --key x", "--key and --old go with --proof"),
        ("key --vantage ../x", "is no name of a place"),
        ("prove nope", "is no id"),
        ("redact x", "--reason and --by are needed"),
        ("nope", "No such command"),
        ("seal --nope", "No such option"),
    ],
)
def test_a_wrong_call_ends_with_2_and_says_what_is_right(site: Path, words: str, said: str) -> None:
    code, output = called(site, *words.split())
    assert (code, said in " ".join(output.split())) == (2, True), output


@pytest.mark.parametrize("words", ["init . --about a..b", "init --about x", "show -f nope.yml"])
def test_wrong_calls_without_a_site(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(main, words.split()).exit_code == 2


def commands() -> list[tuple[str, click.Command]]:
    return sorted(main.commands.items())


def test_the_list_of_commands_is_not_cut_off() -> None:
    lines = CliRunner().invoke(main, ["--help"], terminal_width=80).output.splitlines()
    listed = lines[lines.index("Commands:") + 1 :]
    assert len(listed) == len(main.commands)
    for line in listed:
        assert len(line) <= 80
        assert line.endswith(".")
        assert "..." not in line


@pytest.mark.parametrize(("name", "command"), commands())
def test_help_fits_80_columns_whole(name: str, command: click.Command) -> None:
    output = CliRunner().invoke(main, [name, "--help"], terminal_width=80).output
    assert max(map(len, output.splitlines())) <= 80
    for one in command.params:
        if isinstance(one, click.Option):
            assert one.help
            assert " ".join(one.help.split()) in " ".join(output.split()), one.name


def completed(
    monkeypatch: pytest.MonkeyPatch, site: Path, words: list[str], typed: str
) -> list[str]:
    monkeypatch.chdir(site)
    completing = ShellComplete(main, {}, "sotokara", "_SOTOKARA_COMPLETE")
    return [one.value for one in completing.get_completions(words, typed)]


@pytest.mark.parametrize(
    ("words", "typed", "offered"),
    [
        (["run"], "d", ["dns:"]),
        (["run"], "tr", ["traceroute:"]),
        (["run", "dns:a.example", "--style"], "d", ["dig"]),
        (["run", "traceroute:a.example", "--style"], "m", ["mtr"]),
        (["run", "--places"], "s", ["sandbox"]),
        (["new", "x", "--ask"], "wh", ["whois:"]),
        (["show"], "late-mail#", ["late-mail#mail", "late-mail#web"]),
        (["show"], "posts/late-mail.md#w", ["posts/late-mail.md#web"]),
        (["mv"], "posts/late-mail.md", ["posts/late-mail.md", "posts/late-mail.md#mail"]),
        (["status", "--author"], "k", ["kei"]),
    ],
)
def test_completion(
    monkeypatch: pytest.MonkeyPatch, site: Path, words: list[str], typed: str, offered: list[str]
) -> None:
    assert completed(monkeypatch, site, words, typed)[: len(offered)] == offered


def test_ids_are_completed_and_nothing_without_a_site(
    monkeypatch: pytest.MonkeyPatch, site: Path, tmp_path: Path
) -> None:
    (known,) = completed(monkeypatch, site, ["verify"], "")
    assert known == json.loads(called(site, "show", "--json")[1])[0]["id"]
    assert completed(monkeypatch, site, ["show"], known[:4]) == [known]
    assert completed(monkeypatch, tmp_path, ["show"], "") == []


def test_json_wherever_it_is_offered(site: Path) -> None:
    (row,) = json.loads(called(site, "show", "--json")[1])
    assert row["asked"] == {"dns": "a.example"}
    assert row["outcome"] == "answered"
    one = json.loads(called(site, "show", row["id"], "--json")[1])
    assert one["id"] == row["id"]
    assert one["facts"]["addresses"] == ["192.0.2.1"]
    (figure,) = json.loads(called(site, "show", "index#site", "--json")[1])
    assert figure["facts"]["addresses"] == ["192.0.2.1"]
    assert figure["asked"] == {"dns": "a.example"}
    code, told = called(site, "status", "--json")
    assert (code, set(json.loads(told))) == (0, {"items", "evidence"})


def test_json_of_a_path_has_names_times_and_as() -> None:
    definition, _ = read_definition("traceroute: www.example.com\nid: a", "a.md", 1, "t")
    assert definition
    figure = Figure(Node(definition), "www.example.com", Traceroute(target="www.example.com"))
    volatile: dict[str, Any] = {
        "replies": {"1": [{"address": "192.0.2.1", "ms": 1.5}]},
        "hosts": {"192.0.2.1": {"name": "r1.example.net", "asn": 64500, "network": "EXAMPLE"}},
    }
    facts = PathFacts(
        address="192.0.2.1", hops=[TraceHop(1, ["192.0.2.1"])], end=PathEnd("reached", 1)
    )
    figure.now = observation("www.example.com", "192.0.2.1")
    figure.now = figure.now.__class__(
        **{name: getattr(figure.now, name) for name in figure.now.__struct_fields__}
        | {"facts": facts, "volatile": volatile, "exchanges": [Exchange("path", "", "", b"", b"")]}
    )
    figure.node.figures = [figure]
    (told,) = json.loads(as_json(figure.node))
    assert told["volatile"] == volatile
    assert told["facts"]["hops"] == [{"number": 1, "addresses": ["192.0.2.1"]}]


LISTING = "$ nslookup mail.example.com\nServer: 192.0.2.53\nAddress: 192.0.2.53#53\n\n"
LISTING += "Name: mail.example.com\nAddress: 198.51.100.7   < the mail server\n"


@pytest.mark.parametrize(
    ("text", "before"),
    [
        (f"Late mail\n\nI looked.\nTwice.\n\nThen again.\n\n{LISTING}", "I looked.\nTwice."),
        (f"Late mail\n\n{LISTING}", "# Late mail"),
        (LISTING, "# Draft"),
    ],
)
def test_an_imported_post_has_an_excerpt_and_its_remarks(text: str, before: str) -> None:
    made = draft(text, ImportSource()).text
    assert made.count("<!-- more -->") == 1
    assert re.search(rf"{re.escape(before)}\n\n+<!-- more -->\n\n", made), made
    assert "198.51.100.7: the mail server" in made
    assert "198.51.100.7   < the mail server" in made
