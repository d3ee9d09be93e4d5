"""What an author is told: plain words, a line, how to mend it, in the language of the page."""

import ast
import re
from pathlib import Path

import pytest
import yaml
from sotokara.core.mistakes import AuthorError
from sotokara.core.said import Said, in_language, said, sayings
from sotokara.core.settings import SettingsError
from sotokara.core.signs import meant
from sotokara.definitions.definition import read_definition
from sotokara.engine.settings import load
from sotokara.findings.claims import ClaimError
from sotokara.render.remarks import OutputLine, Remarks
from sotokara.site.front_matter import page_pin, unreadable_front_matter
from sotokara.site.look_alikes import look_alikes

PACKAGE = Path(__file__).parents[1] / "probes" / "sotokara"
FIELD = re.compile(r"{\d?(?:![rs])?}")
INSIDE = re.compile(
    r"Expected|`(str|int|bool|float|array|object|null)`|\bNone\b|\bTrue\b|NoneType|dict\b|"
    r"Traceback|instances? of|IDNA|\bscalar|<block|expected token|unexpected"
)
"""Words of Python, msgspec, libyaml and Jinja2, which an author need not know."""
TYPOS = [  # the definition, the line below the fence's opening, what is to be said
    ("dns：example.com", 1, "`：` stands where YAML has `:`; write `:` and a blank"),
    ("dns﹕example.com", 1, "`﹕` stands where YAML has `:`"),
    ("dns:　example.com", 1, "a full-width blank stands where YAML has a blank"),
    ("dns: a.example\n　type: A", 2, "a full-width blank stands in this line"),
    ("dns: a.example\n\tid: a", 2, "a tab stands where YAML has a blank"),
    ("dns: a.example\n  id: a", 2, "indented further than the key above it"),
    ("dns: a.example\ntype: [A, AAAA", 2, "the list in brackets is not closed"),
    ("dns: a.example\ntype: ［A］", 2, "`［` stands in this line, write `[`"),
    ("dns: a.example\ntype: {A: B}", 2, "a mapping stands where text or a list of these"),
    ("dns: a.example\nnotes: {a： b}", 2, "`：` stands in this line, write `:`"),
    ("dns: a.example\nnotes:\na: b", 3, "indent it, if it belongs to notes:"),
    ("dns: a.example\nnotes: [a, b]", 2, "a list stands where a mapping is expected"),
    ("dns: a.example\nnotes: {x: {lien: 3}}", 2, "write {line: 3} for the third line"),
    ("dns: a.example\nnotes: {x: {line: １}}", 2, "`１` stands in this line, write `1`"),
    ("dns: a.example\nexpect: addresses = 1", 2, "= is no operator here; write =="),
    ("dns: a.example\nexpect: 'rcode && names'", 2, "&& is no operator here; write and"),
    ("dns: a.example\nexpect: addresses｜length", 2, "`｜` stands where `|` is meant"),
    ("dns: a.example\nexpect: addresses|lenght == 1", 2, "did you mean 'length'?"),
    ("dns: a.example\nexpect: (addresses", 2, "close each ( with )"),
    ("dns: a.example\nexpect: addresses rcode", 2, "something is missing before 'rcode'"),
    ("dns: a.example\nexpect: [{taht: x}]", 2, "did you mean 'that'?"),
    ("dns: a.example\nexpect: it's fine: yes", 2, "a second `: ` stands in this line"),
    ("dns: a.example\nserver: 8.8.8", 2, "'8.8.8' is no address such as 192.0.2.1"),
    ("dns: a.example\nserver: [ns.example, '192.0.2.1.1:53']", 2, "'192.0.2.1.1:53' is no address"),
    ("dns: 300.1.1.1", 1, "'300.1.1.1' is neither a DNS name nor an address (a number is no name)"),
    ("dns: a.example\n---\ndns: b.example", 2, "`---` begins a second definition"),
    ("dns: a.example\npin: 2026-13-01", 2, "'2026-13-01' is no day of the calendar"),
    ("dns: a.example\nsince: 2026-02-30", 2, "'2026-02-30' is no day of the calendar"),
    ("dns: a.example\npin: [2026-01-01]", 2, "a list stands where text is expected"),
    ("dns: a.example\nmax_age: 12hours", 2, "for example max_age: 12h"),
    ("dns: a.example\ntype: 1", 2, "put it in quotation marks: '1'"),
    ("ｄｎｓ: a.example", 1, "did you mean 'dns'?"),
    ("DNS: a.example", 1, "did you mean 'dns'?"),
    ("dns: [a.example, b.example]", 1, "each of several is a fence of its own"),
    ("dns:\nid: a", 1, "nothing stands where the target of 'dns' is expected"),
    ("dns: a.example;", 1, "semicolon"),
    ("dns: “a.example”", 1, "`“` stands in this line"),
    ("dns: a..example", 1, "nothing stands between two dots"),
    ("dns: a.example\nid: my id", 2, "use letters, digits, _"),
    ("dns: a.example\ncollapse: ja", 2, "write collapse: true, or collapse: false"),
    ('dns: a.example\ntitle: "a\\d"', 2, "write single ones"),
    ("dns: a.example\ntitle: @home", 2, "put the text in quotation marks"),
    ("dns: a.example\ntitle", 2, "with a blank behind the colon"),
    ("traceroute: a.example\ncount: three", 2, "write a number, such as count: 5"),
    ("traceroute: a.example\nprotocol: {tcp: https}", 2, "wrong value in 'protocol.tcp'"),
    ("tls: a.example\nalso: 443", 2, "write also: [443]"),
    ("tls: a.example\nstarttls: smpt", 2, "did you mean 'smtp'?"),
]


def told(source: str) -> list[AuthorError]:
    """The mistakes in a fence that opens in line 10."""
    return read_definition(source + "\n", "p.md", 10, "t")[1]


@pytest.mark.parametrize(("source", "line", "words"), TYPOS)
def test_a_typo_has_its_line_and_plain_words(source: str, line: int, words: str) -> None:
    every = told(source)
    assert any(one.line == 10 + line and words in f"{one.what}; {one.hint}" for one in every), every
    for one in every:
        assert one.hint
        assert not INSIDE.search(f"{one.what}; {one.hint}"), one


@pytest.mark.parametrize("source", [one[0] for one in TYPOS])
def test_it_is_said_in_the_language_of_the_page(source: str) -> None:
    for one in told(source):
        ours = one.in_language("ja-JP")
        for text in (ours.what, ours.hint):
            assert re.search("[ぁ-んァ-ヶ一-龠]", text), text
        assert one.in_language("fr") == one.in_language("en") == one


def test_every_sentence_is_translated_and_no_other() -> None:
    forms: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "said" and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    forms.add(first.value)
    ours = sayings("ja")
    assert sorted(forms - set(ours)) == []
    in_tables = {"true or false", "text", "a whole number", "a number", "another value", "a tab"}
    in_tables |= {"a full-width blank", "a blank that does not break", "a day", "a time"}
    in_tables |= {"a span of time", "a fact of several fields"}
    in_tables |= {"the front matter cannot be read: {}"}
    assert sorted(set(ours) - forms - in_tables) == []
    for form, translated in ours.items():
        fields = [
            len(set(FIELD.findall(one)) if "{0" in one else FIELD.findall(one))
            for one in (form, translated)
        ]
        assert fields[0] == fields[1], form


def test_a_sentence_in_an_exception_can_still_be_translated() -> None:
    why = str(ClaimError(said("in expect: {}", ValueError(said("nothing")))))
    assert isinstance(why, Said)
    assert (why, in_language(why, "ja")) == ("in expect: nothing", "expect：空の値")


@pytest.mark.parametrize(
    ("sign", "ascii_sign"),
    [
        *[("：", ":"), ("﹕", ":"), ("，", ","), ("、", ","), ("،", ","), ("－", "-"), ("—", "-")],
        *[("“", '"'), ("„", '"'), ("«", '"'), ("「", '"'), ("＂", '"'), ("’", '"'), ("【", "[")],
        *[
            ("｛", "{"),
            ("｜", "|"),
            ("＃", "#"),
            ("＜", "<"),
            ("＝", "="),
            ("１", "1"),
            ("ａ", "a"),
        ],
        *[("｀", "`"), ("\u3000", " "), ("\u2003", " "), ("\t", " "), ("a", ""), ("é", "")],
    ],
)
def test_what_a_sign_stands_for(sign: str, ascii_sign: str) -> None:
    assert meant(sign) == ascii_sign


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("---\ntitle: a\npin: 2026-13-01\n---\n", 3, "'2026-13-01' is no day of the calendar"),
        ("---\r\ndate: 2026-02-30\r\n---\r\n", 2, "'2026-02-30' is no day"),
        ("---\ntitle: Mail: late\n---\n", 2, "quotation marks"),
        ("---\ndate: 2026-11-28\n\ttags: [a]\n---\n", 3, "a tab stands where"),
        ("---\ndate：2026-11-28\n---\n", 2, "`：` stands where YAML has `:`"),
        ("---\ntitle: 'a\n---\n", 2, "a quotation mark is not closed"),
    ],
)
def test_front_matter_has_its_line(text: str, line: int, words: str) -> None:
    (found,) = unreadable_front_matter("p.md", text)
    assert found.line == line
    assert words in f"{found.what}; {found.hint}"


def test_a_pin_is_a_day_or_materials_own() -> None:
    assert page_pin("p.md", "", True) == page_pin("p.md", "", False) == ("", [])  # noqa: FBT003
    assert page_pin("p.md", "", "2026-01-31") == ("2026-01-31", [])
    (found,) = page_pin("p.md", "---\ntitle: a\npin: soon\n---\n", "soon")[1]
    assert (found.line, found.what) == (3, "pin: 'soon' is no day")


@pytest.mark.parametrize("text", ["---\ndate: 2026-11-28\n---\n", "# A\n", "---\n\ntext\n\n---\n"])
def test_front_matter_that_can_be_read_is_no_mistake(text: str) -> None:
    assert unreadable_front_matter("p.md", text) == []


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("mode: lvie", "mkdocs.yml:4: extra.probes.mode: the text 'lvie' stands where one of"),
        ("policy:\n      alow: []", "mkdocs.yml:5: extra.probes.policy.alow: .* mean 'allow'"),
        ("policy: [a]", "mkdocs.yml:4: extra.probes.policy: a list stands where a mapping with"),
        ("redact: [a, 5]", "mkdocs.yml:4: extra.probes.redact.2: the number 5 stands where text"),
        ("reslovers: []", "mkdocs.yml:4: extra.probes.reslovers: .* did you mean 'resolvers'"),
        ("ｍｏｄｅ: new", "mkdocs.yml:4: extra.probes.ｍｏｄｅ: .* did you mean 'mode'"),
        ("places: [fra]", "mkdocs.yml:4: extra.probes.places: a list stands where"),
        (
            "places:\n      fra: {engine: dsk}",
            "mkdocs.yml:5: .*fra.engine: there is no engine 'dsk'",
        ),
        ("places:\n      fra: {engin: dask}", "mkdocs.yml:5: .*'engine' is missing; .*build, dask"),
        ("places:\n      fra: {engine: dask, at: [1]}", "mkdocs.yml:5: .*fra.at: 1 entries"),
        ("smtp: {mail_form: a@example.com}", "mkdocs.yml:4: extra.probes.smtp.mail_form: .*mean"),
        ("timeout: 10 seconds", "mkdocs.yml:4: extra.probes.timeout: '10 seconds' is not a dur"),
    ],
)
def test_settings_have_their_line(tmp_path: Path, settings: str, message: str) -> None:
    file = tmp_path / "mkdocs.yml"
    file.write_text(f"site_name: A\nextra:\n  probes:\n    {settings}\n", "utf-8")
    given = yaml.safe_load(file.read_text("utf-8"))["extra"]["probes"]
    with pytest.raises(SettingsError) as raised:
        load(given, {})
    said_there = str(raised.value.in_file(file))
    assert re.search(message, said_there), said_there
    assert not INSIDE.search(said_there)
    child = tmp_path / "child.yml"
    child.write_text("INHERIT: mkdocs.yml\n", "utf-8")
    assert str(raised.value.in_file(child)) == said_there


def test_settings_are_no_list() -> None:
    with pytest.raises(SettingsError, match=r"extra\.probes: a list stands where settings are"):
        load(["mode"], {})  # type: ignore[arg-type]


def test_odd_remarks_are_told() -> None:
    lines = [OutputLine(text) for text in ("Name: a.example", "Address: 192.0.2.1", "Name: b")]
    notes = {"Name": "both", "192.0.2.1": "＜ the server", "C": "none", "last": {"line": 3}}
    remarks = Remarks({**notes, "far": {"line": 9}, "near": {"line": 0}})
    assert [line.note for line in remarks.behind(lines)] == ["both", "the server", "both last"]
    assert sorted(what for what, _ in remarks.odd()) == [
        "the note on 'C' matches no line of the output",
        "the note on 'Name' stands behind 2 lines: 1, 3",
        "the note on 'far' matches no line of the output",
        "the note on 'near' matches no line of the output",
        "the remark on '192.0.2.1' begins with “<”, which the figure writes itself",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("｀｀｀probe\ndns: a.example\n｀｀｀", 1),
        ("'''probe\ndns: a.example\n'''", 1),
        ("A\n\n``probe\ndns: a.example\n``", 3),
        ("～～～ Probe\ndns：a.example\n～～～", 1),
        ("::: probe\nid: a\ndns: a.example\n:::", 1),
        ("!!! probe\n    dns: a.example", 1),
        ("```probe\ndns: a.example\n\nA text.", 1),
        ("```probe dns: a.example\n```", 1),
        ("```Probes\nid: a\ndns: a.example\n```", 1),
        ("```{probe}\ndns: a.example\n```", 1),
        ("```yaml probe\ndns: a.example\n```", 1),
        ("```probe title=x\ndns: a.example\n```", 1),
        ("```ｐｒｏｂｅ\nｄｎｓ：a.example\n```", 1),
        ("A\n\n```プローブ\ndns: a.example\n```", 3),
        ("```probe\ndns: a.example\n````\n\nA text.", 1),
    ],
)
def test_definitions_that_stand_in_no_fence_are_told(text: str, line: int) -> None:
    (found,) = look_alikes(text)
    assert found[0] == line
    assert found[2].startswith("write ")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("It is `#! probe a.names`.", "`#! probe a.names` is shown as code"),
        ("It is `#!prob a.names`.", "`#!prob a.names` is shown as code"),
        ("It is `#！probe a.names`.", "`#！probe a.names` is shown as code"),
        ("It is `!probe a.names`.", "`!probe a.names` is shown as code"),
        ("！！！ findings", "`！！！` opens no block"),
        ("!!! finding", "no block is named `finding`"),
    ],
)
def test_signs_that_are_nearly_ours_are_told(line: str, said: str) -> None:
    fence = "```probe\ndns: a.example\nid: a\n```\n\n"
    assert [one[:2] for one in look_alikes(fence + line)] == [(6, said)]


@pytest.mark.parametrize(
    "text",
    [
        "<!--\n'''probe\ndns: a.example\n'''\n-->",
        "```\n'''probe\ndns: a.example\n'''\n```",
        "````markdown\n```probe\ndns: a.example\n```\n````",
        '```yaml title="probe.yml"\ndns: a.example\n```',
        '```probe hl_lines="1"\ndns: a.example\n```\n\n```{ .probe #a }\ndns: a.example\n```',
        "```probe\ndns: a.example\n```\n\n`#!probe a.names`, `!important`, `#!python x`.",
        "- probe the line\n\n> ? problem\n> dns: no\n\n**probe** dns: a",
    ],
)
def test_what_only_speaks_of_probes_is_left_alone(text: str) -> None:
    assert list(look_alikes(text)) == []
