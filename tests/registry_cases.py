"""The cases of ``tests/cases/registry``, asked for real over servers on loopback.

``README.md`` there has the fields. What comes of a case is held against each field of ``right``.
"""

import asyncio
import html
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from sotokara.core.canonical import canonical, digest
from sotokara.core.observation import Exchange, Observation, Outcome, Reading, Vantage, now, pack
from sotokara.definitions.definition import read_definition
from sotokara.kinds.interface import Kind
from sotokara.kinds.rdap.kind import Rdap
from sotokara.kinds.whois.kind import Whois
from sotokara.network import ways

from tests.servers.internet import Internet, Response
from tests.servers.thread import serving
from tests.tampered import keep
from tests.tampered.site import html as page_of

FOLDER = Path(__file__).parent / "cases" / "registry"
NOTHING: tuple[object, ...] = (None, "", [], {})


def cases(*beginnings: str) -> list[Any]:
    """The cases whose names begin so, as parameters of a test."""
    files = sorted(FOLDER.glob("*.json"))
    found = [json.loads(path.read_text("utf-8")) for path in files]
    return [
        pytest.param(one, id=one["name"]) for one in found if one["name"].startswith(beginnings)
    ]


class Seen(NamedTuple):
    """What came of a measurement."""

    question: Kind
    exchanges: list[Exchange]
    reading: Reading
    asked: list[tuple[str, str]]

    @property
    def facts(self) -> dict[str, Any]:
        return msgspec.to_builtins(self.reading.facts) if self.reading.facts else {}

    @property
    def evidence(self) -> str:
        """All that would be kept: raw and facts."""
        raw = json.dumps([pack(one) for one in self.exchanges], ensure_ascii=False)
        facts = json.dumps(self.facts, ensure_ascii=False)
        plain = b"\n".join(one.received or b"" for one in self.exchanges)
        return raw + facts + plain.decode("utf-8", "replace")


def measure(
    question: Kind, internet: Internet, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Seen:
    """Measure a question as a build does."""
    trusted = internet.certified(folder / "certificates")
    monkeypatch.setattr(ways, "trusted", lambda: trusted)

    async def main() -> list[Exchange]:
        network = internet.network()
        try:
            return await question.measure(network.for_probe(question.timeout_factor))
        finally:
            network.close()

    with serving(internet):
        exchanges = asyncio.run(main())
    return Seen(question, exchanges, question.parse(exchanges), internet.asked)


def page(seen: Seen, folder: Path) -> str:
    """The text of the figure, replayed from the evidence."""
    identity, failure = seen.question.identity(), seen.reading.failure
    one = Observation(
        digest=digest(canonical(identity)),
        definition=identity,
        start=now(),
        outcome=failure.outcome if failure else Outcome.ANSWERED,
        vantage=Vantage("author", "test"),
        version=seen.question.version,
        failure=failure,
        facts=seen.reading.facts,
        volatile=seen.reading.volatile,
        exchanges=tuple(seen.exchanges),
    )
    keep(folder / "evidence", one)
    (folder / "docs").mkdir()
    lines = "".join(f"{key}: {json.dumps(value)}\n" for key, value in identity.items())
    (folder / "docs" / "a.md").write_text(f"# A\n\n```probe\n{lines}```\n", "utf-8")
    (folder / "mkdocs.yml").write_text("site_name: t\nmarkdown_extensions: [sotokara]\n", "utf-8")
    return html.unescape(re.sub(r"<[^>]+>", " ", page_of(folder)))


def defined(source: str) -> Kind:
    """The question that an author's definition asks.

    :raises ValueError: with every mistake in it.
    """
    definition, mistakes = read_definition(source, "docs/a.md", 1, "t")
    if definition is None or mistakes:
        raise ValueError("; ".join(map(str, mistakes)))
    kind = definition.kind(target=definition.template.text, **definition.options)
    return kind.normal()


def internet_of(case: Mapping[str, Any]) -> Internet:
    """The servers of a case."""
    chain = case.get("chain") or [{"server": case.get("server", ""), "text": case.get("text")}]
    whois = {one["server"]: _whois(one["text"]) for one in chain if one["text"] is not None}
    if case.get("walk") and "whois.iana.org" not in whois:
        about = case["target"].rpartition(".")[2]
        refers = f"refer: {chain[0]['server']}\n\ndomain: {about.upper()}\n\nsource: IANA\n"
        whois["whois.iana.org"] = _whois(refers)
    rdap = {
        ("data.iana.org", f"/rdap/{name}"): Response(200, {"services": services})
        for name, services in case.get("bootstrap", {}).items()
    }
    for host, answers in case.get("rdap_hosts", {}).items():
        for target, status, body, headers in answers:
            rdap[host, _path(target)] = Response(status, body, headers)
    if case["kind"] == "rdap":
        told = Response(case["status"], case["body"], case.get("headers", {}))
        rdap[case["server"], _path(case["target"])] = told
    texts = {case["zone_name"]: case["row"]} if "row" in case else {}
    return Internet(whois, rdap, texts, _wire(case.get("wire_hex")))


def _whois(text: str) -> Callable[[str], bytes | None]:
    return lambda _: text.encode()


def _path(target: str) -> str:
    return Rdap(target=target).commands()[0][-1].removeprefix("https://rdap.org")


def _wire(sent: str | None) -> Callable[[bytes], bytes | None]:
    """A whole reply with the id of the question; the root and all else is asked elsewhere."""

    def answer(wire: bytes) -> bytes | None:
        whole = bytes.fromhex(sent or "")
        return wire[:2] + whole[2:] if sent and wire[12] else None

    return answer


def question_of(case: Mapping[str, Any]) -> Kind:
    """The definition of a case."""
    target = case.get("address") or case["target"]
    if case["kind"] == "rdap":
        return Rdap(target=target, server=f"https://{case['server']}").normal()
    if case["kind"] in ("whois", "origin"):
        server = "" if case.get("walk") else case["server"]
        return Whois(target=target, server=server, lang=case.get("lang", "en")).normal()
    lines = f"dns: {target}\ntype: {json.dumps(case.get('type', []))}\n"
    return defined(lines)


_ELSE = {
    *("outcome", "failure", "answer_is_not", "failure_is_not", "masked", "kept", "evidence_keeps"),
    *("record_count", "records_hold", "asked", "page_has", "says"),
}


def hold(case: Mapping[str, Any], seen: Seen, folder: Path) -> None:
    """Hold what came of a case against every field of its ``right``."""
    right, facts, failure = case["right"], seen.facts, seen.reading.failure
    name = failure.name if failure else None
    outcome = failure.outcome if failure else Outcome.ANSWERED
    assert right.get("outcome", outcome) == outcome
    assert right.get("failure", name) == name
    assert name is None or right.get("failure_is_not") != name
    if "answer_is_not" in right:
        assert facts.get("answer") != right["answer_is_not"]
    for field in right.keys() - _ELSE:
        found = facts.get(field)
        assert found == right[field] or (right[field] in NOTHING and found in NOTHING), field
    shown = page(seen, folder)
    for gone in right.get("masked", []):
        assert gone not in seen.evidence + shown
    for kept in [*right.get("kept", []), *right.get("evidence_keeps", [])]:
        assert kept in seen.evidence
    records = facts.get("records", [])
    assert len(records) == right.get("record_count", len(records))
    for piece in right.get("records_hold", []):
        assert any(piece in one["value"] for one in records)
    for server in right.get("asked", []):
        assert server in {host for host, _ in seen.asked}
    assert re.search(right.get("page_has", ""), shown)
