"""Whois answers in the form of ``tests/cases/registry``, asked over servers on loopback.

Each case has an answer in the layout of some registry, with invented persons, and in ``right`` what
must come of it: facts, failures, what is found nowhere in what is kept or shown, what is kept.
"""

import asyncio
import html
import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sotokara.core.canonical import canonical, digest
from sotokara.core.observation import Exchange, Observation, Outcome, Reading, Vantage, now
from sotokara.kinds.whois.kind import Whois

from tests.servers.port43 import Port43, always
from tests.servers.thread import serving
from tests.tampered import keep
from tests.tampered.site import html as page_of

FOLDER = Path(__file__).parent / "cases" / "registry"
CASES = [json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))]
WHOIS = [case for case in CASES if case["kind"] == "whois" and "bootstrap" not in case]
NOT_FACTS = {
    *("outcome", "failure", "answer_is_not", "failure_is_not", "masked", "kept", "evidence_keeps"),
    *("asked", "also_asked", "page_has", "says"),
}
JAPANESE = ("whois.jprs.jp", "whois.nic.ad.jp")


def bytes_of(server: str, text: str) -> bytes:
    return text.encode("iso-2022-jp" if server in JAPANESE else "utf-8")


def servers_of(case: dict[str, Any]) -> Port43:
    chain = case.get("chain") or [{"server": case["server"], "text": case["text"]}]
    texts = {one["server"]: one["text"] for one in chain if one["text"] is not None}
    texts |= case.get("others", {})
    if case.get("walk"):
        texts.setdefault("whois.iana.org", f"refer: {chain[0]['server']}\n\nsource: IANA\n")
    answers = {name: always(bytes_of(name, text)) for name, text in texts.items()}
    if "also" in case:
        first, other = answers[case["server"]], bytes_of(case["server"], case["also_text"])
        answers[case["server"]] = lambda words: other if case["also"] in words else first(words)
    return Port43(answers)


def question(case: dict[str, Any], target: str) -> Whois:
    server = "" if case.get("walk") else case["server"]
    return Whois(target=target, server=server, lang=case.get("lang", "en")).normal()


def measure(case: dict[str, Any], servers: Port43) -> list[Exchange]:
    async def main() -> list[Exchange]:
        network = servers.network()
        try:
            asked = question(case, case["target"])
            found = await asked.measure(network.for_probe(asked.timeout_factor))
            if "also" in case:
                other = question(case, case["also"])
                await other.measure(network.for_probe(other.timeout_factor))
            return found
        finally:
            network.close()

    with serving(servers):
        return asyncio.run(main())


def page(case: dict[str, Any], exchanges: list[Exchange], reading: Reading, folder: Path) -> str:
    """The page, replayed from evidence that was written to the folder."""
    identity = question(case, case["target"]).identity()
    one = Observation(
        digest=digest(canonical(identity)),
        definition=identity,
        start=now(),
        outcome=reading.failure.outcome if reading.failure else Outcome.ANSWERED,
        vantage=Vantage("author", "test"),
        version=Whois.version,
        failure=reading.failure,
        facts=reading.facts,
        volatile=reading.volatile,
        exchanges=tuple(exchanges),
    )
    keep(folder / "evidence", one)
    (folder / "docs").mkdir()
    lines = "".join(f"{key}: {json.dumps(value)}\n" for key, value in identity.items())
    (folder / "docs" / "a.md").write_text(f"# A\n\n```probe\n{lines}```\n", "utf-8")
    (folder / "mkdocs.yml").write_text("site_name: t\nmarkdown_extensions: [sotokara]\n", "utf-8")
    return html.unescape(re.sub(r"<[^>]+>", " ", page_of(folder)))


def everything(exchanges: list[Exchange], folder: Path) -> str:
    """All that is kept: the run file, the objects, and every answer decoded."""
    files = [path for path in (folder / "evidence").rglob("*") if path.is_file()]
    kept = [path.read_text("utf-8") for path in files]
    for one in exchanges:
        name = one.media_type.partition("charset=")[2] or "utf-8"
        kept.append((one.received or b"").decode(name, "replace"))
    return "\n".join(kept)


@pytest.mark.parametrize("case", WHOIS, ids=lambda case: case["name"])
def test_what_comes_of_a_case(case: dict[str, Any], tmp_path: Path) -> None:
    servers = servers_of(case)
    exchanges = measure(case, servers)
    reading = question(case, case["target"]).parse(exchanges)
    facts = msgspec.to_builtins(reading.facts) if reading.facts else {}
    right = case["right"]
    failure = reading.failure.name if reading.failure else None
    outcome = reading.failure.outcome if reading.failure else Outcome.ANSWERED
    assert outcome == right.get("outcome", outcome)
    assert failure == right.get("failure", failure)
    assert failure is None or failure != right.get("failure_is_not")
    assert not facts or facts["answer"] != right.get("answer_is_not")
    for name in right.keys() - NOT_FACTS:
        empty = "" if isinstance(right[name], str) else []
        assert facts.get(name, empty) == right[name], name
    shown = page(case, exchanges, reading, tmp_path)
    kept = everything(exchanges, tmp_path)
    for gone in right.get("masked", []):
        assert gone not in kept
        assert gone not in shown
    for stays in [*right.get("kept", []), *right.get("evidence_keeps", [])]:
        assert stays in kept
    asked = {name for name, _ in servers.asked}
    assert asked.issuperset(right.get("asked", []))
    if right.get("also_asked"):
        assert any(
            name == case["server"] and case["also"] in words for name, words in servers.asked
        )
    assert re.search(right.get("page_has", ""), shown)


def test_contacts_true_keeps_what_else_is_masked(tmp_path: Path) -> None:
    case = next(one for one in WHOIS if one["name"] == "p1-uk")
    asked = Whois(target=case["target"], server=case["server"], contacts=True)
    servers = servers_of(case)

    async def main() -> list[Exchange]:
        network = servers.network()
        try:
            return await asked.measure(network.for_probe())
        finally:
            network.close()

    with serving(servers):
        exchanges = asyncio.run(main())
    assert b"John Roe" in (exchanges[0].received or b"")
