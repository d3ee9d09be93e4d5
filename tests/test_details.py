"""A failure's particulars have words in every language, and what a server said stays as it is."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from sotokara.core.detail import detail_in_words
from sotokara.core.labels import labels
from sotokara.network.policy import SPECIAL

ROOT = Path(__file__).resolve().parent.parent / "probes" / "sotokara"
PARTS = ("kinds", "network", "engine", "core")
NOT_OURS = {
    *("HTTP x", "x, Retry-After: x", "x: HTTP x", "x s", "x: x", "x x"),
    "pip install 'sotokara[web]'",
    "pip install 'sotokara[capture]'",
}
"""Codes, commands and what servers said, around which there are no words of ours."""
PLACE = {"Failure": 2, "ProbeFailure": 2, "_stopped": 2, "EmptyReference": 0}
"""Which argument of each that makes a failure holds its particulars."""
PIECES = {"x sockets are denied (x)x"}
"""Beginnings; how they go on is tested below."""


def _sources() -> Iterator[Path]:
    for part in PARTS:
        path = ROOT / part
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


def _text(node: ast.expr | None) -> Iterator[str]:
    """What an expression may come to, values as ``x``."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        pieces = (part.value if isinstance(part, ast.Constant) else "x" for part in node.values)
        yield "".join(map(str, pieces))
    elif isinstance(node, ast.IfExp):
        yield from _text(node.body)
        yield from _text(node.orelse)


def _details(source: Path) -> Iterator[str]:
    """The particulars of every failure that a file makes, as far as they stand there."""
    text = source.read_text("utf-8")
    if not any(f"{name}(" in text for name in PLACE):
        return
    tree = ast.parse(text)
    named: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            named.setdefault(node.targets[0].id, []).append(node.value)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", "")
        at = PLACE.get(name)
        if at is None or len(node.args) <= at:
            continue
        argument = node.args[at]
        values = named.get(argument.id, []) if isinstance(argument, ast.Name) else [argument]
        for value in values:
            yield from _text(value)


DETAILS = sorted({one for source in _sources() for one in _details(source)} - PIECES - {""})


def test_they_are_found() -> None:
    assert len(DETAILS) > 40
    assert "the server's name has no address" in DETAILS
    assert "IANA's x lists no RDAP server for x" in DETAILS


@pytest.mark.parametrize("detail", DETAILS)
def test_each_has_words_in_japanese(detail: str) -> None:
    if detail in NOT_OURS:
        assert detail_in_words(detail, labels("ja")) == detail
    else:
        assert detail_in_words(detail, labels("ja")) != detail
        assert detail_in_words(detail, labels("en")) == detail


@pytest.mark.parametrize(
    ("detail", "japanese"),
    [
        ("more than 512 KiB", "512 KiB を超えています"),
        (
            "10.0.0.1 is a special-purpose address: private use (RFC 1918)"
            "; policy.allow can open it",
            "10.0.0.1 は特殊用途のアドレスです: プライベート用 (RFC 1918)"
            "。policy.allow で許可できます",
        ),
        (
            "icmp sockets are denied (Permission denied): be root or in net.ipv4.ping_group_range,"
            " or trace by udp, which needs neither; there is no traceroute: install it, or let this"
            " machine send icmp",
            "icmp のソケットを開けません (Permission denied)。root になるか"
            " net.ipv4.ping_group_range に加わるか、どちらも要らない udp で調べてください。"
            "traceroute がありません。インストールするか、このコンピューターから icmp を"
            "送れるようにしてください",
        ),
        (
            "ssl3 gave nothing (dns_servfail_error)",
            "ssl3 からは何も得られませんでした(ネームサーバーが失敗を報告しました (SERVFAIL))",
        ),
        ("rate limit exceeded", "rate limit exceeded"),
        ("<b>{words}</b> {0} refers to", "<b>{words}</b> {0} refers to"),
        ("", ""),
    ],
)
def test_parts_are_told_too(detail: str, japanese: str) -> None:
    assert detail_in_words(detail, labels("ja")) == japanese


def test_every_sort_of_closed_address_has_words() -> None:
    untold = {why for why in SPECIAL.values() if detail_in_words(why, labels("ja")) == why}
    rare = ("IPv4-", "6to4", "NAT64", "discard", "dummy", "IETF", "segment", "site local")
    assert all(any(word in why for word in rare) for why in untold)
