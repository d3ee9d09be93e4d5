"""Fences written to hang or end a build: each is a mistake at once, with page, line and hint."""

import time
from pathlib import Path

import pytest
from sotokara.core.expressions import EmptyReference, ExpressionError, expression
from sotokara.definitions.definition import read_definition
from sotokara.definitions.source import fences

from tests.sites import build, make_site

MOST = 10
"""Seconds of processor time: what is worked out after all takes minutes, or all memory."""
SOURCES = {
    "flow-lists": "dns: " + "[" * 40_000,
    "flow-lists-closed": "dns: a\nnotes: " + "[" * 5000 + "]" * 5000,
    "flow-mappings": "dns: " + "{a: " * 20_000,
    "block-lists": "dns: a\nexpect:\n" + "- " * 20_000 + "a",
    "block-mappings": "dns: a\nnotes:\n" + "\n".join(" " * n + "a:" for n in range(1, 500)),
    "explicit-keys": "? " * 20_000 + "a",
    "aliases": "dns: a\nx: &a [1]\nnotes: [*a, *a]",
    "laughs": "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(12)
    )
    + "dns: *m",
    "alias-of-itself": "dns: a\nnotes: &a [*a]",
    "merge": "base: &b {dns: a}\n<<: *b",
    "sexagesimal": "dns: a\nmax_age: 1" + ":59" * 50_000,
    "sexagesimal-float": "dns: a\nmax_age: 1" + ":59" * 50_000 + ".5",
    "digits": "dns: a\nmax_age: " + "9" * 100_000,
    "hexadecimal": "dns: a\nmax_age: 0x" + "f" * 500_000,
    "octal": "dns: a\nmax_age: 0" + "7" * 200_000,
    "binary": "dns: a\nmax_age: 0b" + "1" * 500_000,
    "digits-as-key": "dns: a\n" + "9" * 5000 + ": b",
    "digits-in-duration": "dns: a\nmax_age: '" + "9" * 400_000 + "d'",
    "infinite-duration": "dns: a\nmax_age: .inf",
    "too-long": "dns: a\nnotes: {a: " + "x" * 1_200_000 + "}",
    "no-such-day": "dns: a\npin: 2026-99-99",
    "unhashable-key": "dns: a\n? [b]\n: c",
    "python-tag": "dns: !!python/object/apply:os.system [id]",
    "unknown-tag": "dns: !x a",
    "two-documents": "dns: a\n---\ndns: b",
    "target-braces": "dns: '" + "{{" * 8000 + "'",
    "target-brackets": "dns: '{{ " + "(" * 3000 + " }}'",
    "target-long": "dns: '" + "a" * 100_000 + "'",
    "expect-brackets": "dns: a\nexpect: '" + "(" * 3000 + "1" + ")" * 3000 + "'",
    "expect-lists": "dns: a\nexpect: '" + "[" * 900 + "1" + "]" * 900 + "'",
    "expect-minus": "dns: a\nexpect: '" + "-" * 1900 + "1'",
    "expect-not": "dns: a\nexpect: '" + "not " * 480 + "1'",
    "expect-sum": "dns: a\nexpect: '1" + "+1" * 900 + "'",
    "expect-power-tower": "dns: a\nexpect: '9**9**9**9**9'",
    "expect-center": "dns: a\nexpect: \"'a'|center(2000000000)\"",
    "expect-center-float": "dns: a\nexpect: \"'a'|center(2e9)\"",
    "expect-method-center": "dns: a\nexpect: \"'a'.center(2000000000)\"",
    "expect-method-zfill": 'dns: a\nexpect: "rcode.zfill(2000000000)"',
    "expect-format": "dns: a\nexpect: \"'%2000000000d'|format(1)\"",
    "expect-percent": "dns: a\nexpect: \"'%2000000000d' % 1\"",
    "expect-method-format": "dns: a\nexpect: \"'{:2000000000}'.format(1)\"",
    "expect-repeated-list": "dns: a\nexpect: '[1]*10**8'",
    "expect-repeated-list-inside": "dns: a\nexpect: 'addresses == [1]*10**8'",
    "expect-repeated-text": "dns: a\nexpect: \"'ab' * 100000000 == rcode\"",
    "expect-repeated-before": "dns: a\nexpect: \"100000000 * 'ab' == rcode\"",
    "expect-power": "dns: a\nexpect: '10**10**10**10'",
    "expect-slice": "dns: a\nexpect: 'addresses|slice(2000000000)|list'",
    "expect-batch": "dns: a\nexpect: 'addresses|batch(2000000000, 1)|list'",
    "expect-indent": "dns: a\nexpect: 'rcode|indent(2000000000)'",
    "expect-tojson": "dns: a\nexpect: 'addresses|tojson(2000000000)'",
    "expect-mapped": "dns: a\nexpect: \"addresses|map('center', 2000000000)|list\"",
    "expect-range": "dns: a\nexpect: 'range(2000000000)|list'",
    "expect-round": "dns: a\nexpect: \"1.5|round(2000000000, 'ceil')\"",
}  # fmt: skip


@pytest.mark.parametrize("name", SOURCES)
def test_a_fence_is_a_mistake_at_once(name: str) -> None:
    began = time.process_time()
    definition, mistakes = read_definition(SOURCES[name], "posts/a.md", 7, "t")
    if name == "expect-mapped":  # a filter that is named in text is looked for when it is used
        with pytest.raises(EmptyReference):
            expression("addresses|map('center', 2000000000)|list")(lambda _: ["a"])
    else:
        assert definition is None or mistakes
        assert mistakes
    assert time.process_time() - began < MOST
    for mistake in mistakes:
        assert mistake.line >= 7
        assert mistake.hint
        assert len(str(mistake)) < 400


def test_a_site_of_hostile_fences_is_built_no_further(tmp_path: Path) -> None:
    text = "# A\n\n" + "\n\n".join(
        f"```probe\n{source}\n```" for name, source in SOURCES.items() if len(source) < 100_000
    )
    began = time.process_time()
    done = build(make_site(tmp_path / "site", {"posts/a.md": text}, mode="replay"))
    assert time.process_time() - began < MOST
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.count("docs/posts/a.md:") >= 40


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'a' * 3", "aaa"),
        ("2 ** 10", 1024),
        ("[1] * 3", [1, 1, 1]),
        ("'a b'.split()[1]", "b"),
        ("' '.join(['a', 'b'])", "a b"),
        ("'aXb'.replace('X', '-')", "a-b"),
        ("'a,b' | replace(',', ' ')", "a b"),
        ("1.25 | round(1)", 1.2),
        ("7 % 3", 1),
        ("[[1], [2]][1][0]", 2),
        ("'((((((((((((((((((((((((((((((((((((((((('", "(" * 41),
    ],
)
def test_what_an_article_needs_is_there(text: str, value: object) -> None:
    assert expression(text)(lambda _: None) == value


@pytest.mark.parametrize(
    "text",
    [
        "a * 100000000",
        "a ~ (a * 90000) * 90000",
        "(a * 90000) | replace('x', (a * 90000))",
        "(a * 90000).replace('x', (a * 90000))",
        "[a * 90000, a * 90000] | join",
        "(a * 90000).join([a, a, a])",
        "n ** n",
        "(a * n) * n",
        "a | center(n)",
    ],
)
def test_what_facts_make_large_is_not_worked_out(text: str) -> None:
    began = time.process_time()
    with pytest.raises((EmptyReference, ExpressionError)):
        expression(text)(lambda reference: "x" if reference.id == "a" else 2_000_000_000)
    assert time.process_time() - began < MOST


@pytest.mark.parametrize(
    "text",
    [
        "<!--" * 200_000,
        "``` a" + " " * 300_000 + "b",
        "> " * 200_000 + "x",
        "```probe\n" * 50_000,
        "`" * 300_000,
        "<!-- x --> " * 50_000,
    ],
    ids=["comments", "blanks", "quotes", "fences", "backticks", "closed-comments"],
)
def test_finding_fences_takes_time_by_the_length_of_the_page(text: str) -> None:
    began = time.process_time()
    fences(text)
    assert time.process_time() - began < MOST


def test_fences_in_comments_are_none_and_lines_are_kept() -> None:
    text = "<!--\n```probe\ndns: a\n```\n-->\n\n```probe\ndns: b\n```\n"
    text += "<!-- open\n```probe\ndns: c\n```\n"
    assert fences(text) == [(7, ["dns: b"]), (11, ["dns: c"])]
