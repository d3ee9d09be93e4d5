"""A figure keeps its past over changed options, corrected and masked targets, and moved files."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sotokara.core.canonical import canonical, digest
from sotokara.core.observation import Observation
from sotokara.findings.evaluate import Findings
from sotokara.kinds.dns.facts import DnsFacts, DnsRecord
from sotokara.kinds.dns.kind import Dns
from sotokara.ledger import Ledger, Writer, published
from sotokara.render.figure import cited_lines
from sotokara.site.build import Build

from tests.tampered.site import DAY, at, replay

PLACE = "posts/a.md#ssl3"
NAME = "ssl3.example.com"


def kept(
    folder: Path,
    day: float,
    *addresses: str,
    place: str = PLACE,
    holder: str = NAME,
    shown: bool = True,
    nodata: tuple[str, ...] = (),
    **asked: Any,
) -> Observation:
    """An observation on a day, asked by a place; ``asked``: what another definition has."""
    identity = asked if "redacted" in asked else whole(**asked)
    records = [DnsRecord(holder, "AAAA" if ":" in one else "A", one) for one in addresses]
    one = msgspec.structs.replace(
        at(day, *addresses),
        digest=digest(canonical(identity)),
        definition=identity,
        facts=DnsFacts(
            rcode="NOERROR", addresses=list(addresses), records=records, nodata=list(nodata)
        ),
        version=Dns.version,
        exchanges=(),  # facts alone, as most observations of a day are kept
    )
    writer = Writer(Ledger(folder / "evidence"), "author", shown=shown)
    writer.append([(one, [place])])
    assert writer.close()
    return one


def whole(**asked: object) -> dict[str, object]:
    """A definition in the form in which it is kept."""
    options = {key: value for key, value in asked.items() if key != "dns"}
    question = msgspec.convert({"target": asked.get("dns", NAME), **options}, Dns)
    return question.normal().identity()


def page(folder: Path, text: str, name: str = "a", date: str = "2026-03-01") -> None:
    """The site with its one article."""
    posts = folder / "docs" / "posts"
    posts.mkdir(parents=True, exist_ok=True)
    (posts / f"{name}.md").write_text(f"---\ndate: {date}\n---\n# A\n\n{text}", "utf-8")
    (folder / "mkdocs.yml").write_text("site_name: t\nmarkdown_extensions: [sotokara]\n", "utf-8")


def asking(text: str = "", target: str = NAME, name: str = "ssl3") -> str:
    return f"```probe\ndns: {target}\nid: {name}\n{text}```\n"


def found(folder: Path) -> tuple[Build, Findings]:
    """The build, and what its one figure says."""
    build, mistakes = replay(folder)
    assert not mistakes
    ((_, findings),) = build.found()
    return build, findings


CLAIM = "expect: \"'192.0.2.1' in addresses\"\n"


def test_a_claim_that_held_for_the_former_question(tmp_path: Path) -> None:
    """Then A and AAAA were asked; since the third day A alone, and the address is another."""
    kept(tmp_path, 0, "192.0.2.1", "2001:db8::1")
    kept(tmp_path, 1, "192.0.2.1", "2001:db8::1")
    kept(tmp_path, 2, "192.0.2.4", type="A")
    page(tmp_path, asking(f"type: A\n{CLAIM}"))
    build, findings = found(tmp_path)
    (claim,) = findings.claims
    assert claim.state == "broken"
    assert claim.held
    assert claim.held.moment == DAY + timedelta(days=1)
    assert [one.definition for one in findings.former] == [{"dns": NAME}]
    drift = findings.drift
    assert drift
    assert [one.path for one in drift.fields] == ["addresses"]  # no word of the address that
    assert drift.fields[0].before == "192.0.2.1"  # nobody asks for any more
    assert drift.basis == "day"
    ((where, token),) = build.plan.nodes
    assert "Asked until 2026-03-02: dns: ssl3.example.com<" in build.figure(where, token, 0)


def test_another_type_alone_is_no_change(tmp_path: Path) -> None:
    kept(tmp_path, 0, "192.0.2.1", "2001:db8::1")
    kept(tmp_path, 2, "192.0.2.1", type="A")
    page(tmp_path, asking(f"type: A\n{CLAIM}"))
    _, findings = found(tmp_path)
    assert findings.drift is None
    assert findings.changes == []
    assert findings.claims[0].state == "holds"


@pytest.mark.parametrize("asked", [{"server": "192.0.2.53"}, {"type": "MX"}])
def test_what_another_question_says_is_no_change(tmp_path: Path, asked: dict[str, Any]) -> None:
    """Of another server, or of another type, the same name may always have said something else."""
    kept(tmp_path, 0, "192.0.2.9", **asked)
    kept(tmp_path, 2, "192.0.2.1")
    kept(tmp_path, 3, "192.0.2.4")
    page(tmp_path, asking(CLAIM))
    _, findings = found(tmp_path)
    assert [one.before.moment for one in findings.changes] == [DAY + timedelta(days=2)]
    assert findings.drift
    assert findings.drift.basis == "asked"
    assert findings.drift.then.start == DAY + timedelta(days=2)
    assert findings.claims[0].held
    assert findings.claims[0].held.moment == DAY + timedelta(days=2)


def test_a_history_without_claims_speaks_of_none(tmp_path: Path) -> None:
    kept(tmp_path, 0, "192.0.2.9", server="192.0.2.53")
    kept(tmp_path, 2, "192.0.2.1")
    page(tmp_path, asking("since: 2026-02-28\nuntil: 2026-03-20\n"))
    build, _ = found(tmp_path)
    ((where, token),) = build.plan.nodes
    shown = build.figure(where, token, 0)
    assert "answered; cannot be compared with what is shown here" in shown
    assert "the claim" not in shown


def test_a_corrected_target_keeps_what_held_and_changes_nothing(tmp_path: Path) -> None:
    kept(tmp_path, 0, "192.0.2.1", dns="sll3.example.com")
    kept(tmp_path, 2, "192.0.2.4")
    page(tmp_path, asking(CLAIM))
    _, findings = found(tmp_path)
    assert findings.claims[0].held
    assert findings.claims[0].held.moment == DAY
    assert findings.drift is None
    assert findings.changes == []
    assert findings.former[0].definition == {"dns": "sll3.example.com"}


def test_a_former_answer_is_about_the_name_that_was_asked_then(tmp_path: Path) -> None:
    old = "sll3.example.com"
    kept(tmp_path, 0, "192.0.2.1", dns=old, holder=old, nodata=("AAAA",))
    page(tmp_path, asking("pin: 2026-03-01\n"))
    build, _ = replay(tmp_path)
    (figure,) = build.plan.figures()
    assert figure.now
    assert cited_lines(figure, figure.now, "en") == ["Name: sll3.example.com", "Address: 192.0.2.1"]


def test_never_is_since_this_is_asked(tmp_path: Path) -> None:
    kept(tmp_path, 0, "192.0.2.7", type="A")
    kept(tmp_path, 2, "192.0.2.4")
    page(tmp_path, asking(CLAIM))
    build, findings = found(tmp_path)
    assert findings.claims[0].held is None
    ((where, token),) = build.plan.nodes
    assert "since it was first asked, on 2026-03-01" in build.figure(where, token, 0)


def test_a_masked_target_is_the_same_target(tmp_path: Path) -> None:
    kept(tmp_path, 0, "192.0.2.1", dns="secret.example.com", holder="secret.example.com")
    page(tmp_path, asking("redact: secret\n" + CLAIM, "secret.example.com"))
    build, _ = replay(tmp_path)
    (figure,) = build.plan.figures()
    kept(tmp_path, 2, "192.0.2.4", holder=figure.target, **figure.identity)
    build, findings = found(tmp_path)
    assert findings.claims[0].held
    assert findings.drift
    assert [one.path for one in findings.drift.fields] == ["addresses"]
    ((where, token),) = build.plan.nodes
    assert "secret" not in build.figure(where, token, 0)


def test_a_pin_to_what_was_asked_before(tmp_path: Path) -> None:
    kept(tmp_path, 0, "192.0.2.1", "2001:db8::1")
    kept(tmp_path, 5, "192.0.2.4", type="A")
    page(tmp_path, asking("type: A\npin: 2026-03-03\n"))
    build, _ = found(tmp_path)
    (figure,) = build.plan.figures()
    assert figure.now
    assert figure.now.start == DAY
    entry = next(iter(Ledger(tmp_path / "evidence").index.every()))
    page(tmp_path, asking(f"type: A\npin: {entry.id}\n"))
    assert found(tmp_path)[0].mistakes == []


def test_of_a_question_only_the_time_in_which_the_place_asked_it(tmp_path: Path) -> None:
    """Another article goes on asking what this one has given up."""
    other: dict[str, Any] = {"place": "posts/b.md#x"}
    kept(tmp_path, 0, "192.0.2.1")
    kept(tmp_path, 1, "192.0.2.2", type="A", **other)
    kept(tmp_path, 2, "192.0.2.3", type="A")
    kept(tmp_path, 3, "192.0.2.1", **other)
    kept(tmp_path, 4, "192.0.2.4", type="A", **other)
    page(tmp_path, asking(f"type: A\n{CLAIM}"))
    build, findings = found(tmp_path)
    (figure,) = build.plan.figures()
    rows = build.run.recall.timeline(figure).rows
    assert [(row.moment - DAY).days for row in rows] == [0, 1, 2, 4]
    assert findings.claims[0].held
    assert findings.claims[0].held.moment == DAY


def test_without_an_id_only_the_question_has_a_past(tmp_path: Path) -> None:
    kept(tmp_path, 0, "192.0.2.1", place="posts/a.md#L6")
    kept(tmp_path, 2, "192.0.2.4", type="A", place="posts/a.md#L6")
    page(tmp_path, f"```probe\ndns: {NAME}\ntype: A\n{CLAIM}```\n")
    _, findings = found(tmp_path)
    assert findings.claims[0].held is None
    assert findings.former == []


def test_elements_of_a_list_keep_to_their_own_target(tmp_path: Path) -> None:
    """The list has asked several at once: none of them is the past of another."""
    writer = Writer(Ledger(tmp_path / "evidence"), "author")
    old = [at(0, "192.0.2.1"), at(0, "192.0.2.9")]
    names = whole(dns="a.example.com"), whole(dns="b.example.com")
    lines = [
        msgspec.structs.replace(one, definition=name, digest=digest(canonical(name)))
        for one, name in zip(old, names, strict=True)
    ]
    writer.append([(one, [PLACE]) for one in lines])
    assert writer.close()
    kept(tmp_path, 2, "192.0.2.4", dns="a.example.com", type="A")
    page(tmp_path, asking("type: A\n", "a.example.com"))
    build, findings = found(tmp_path)
    assert [one.definition for one in findings.former] == [{"dns": "a.example.com"}]
    assert len(build.run.recall.timeline(next(build.plan.figures())).rows) == 2


def test_a_moved_article_keeps_its_past(tmp_path: Path) -> None:
    old = "posts/old.md#ssl3"
    kept(tmp_path, 0, "192.0.2.1", place=old)
    moves = [
        ("posts/old.md", "posts/b.md"),
        ("posts/b.md#ssl3", "posts/b.md#tls"),
        ("posts/b.md", "posts/a.md"),
    ]
    for day, names in enumerate(moves, 10):
        when = DAY + timedelta(days=day)
        assert published.append_entries(tmp_path / "evidence", [published.moved(*names, when)])
    kept(tmp_path, 2, "192.0.2.4", type="A", place="posts/a.md#tls")
    page(tmp_path, asking(f"type: A\n{CLAIM}", name="tls"))
    _, findings = found(tmp_path)
    assert findings.claims[0].held
    assert findings.claims[0].held.moment == DAY


def test_the_names_that_a_place_has_had() -> None:
    moves = [published.Move("a.md", "b.md", 10), published.Move("b.md", "c.md", 20)]
    names = published.former_names("c.md#x", moves)
    assert [(one.name, one.since, one.until) for one in names] == [
        ("c.md#x", 0, 1 << 60),
        ("b.md#x", 0, 20),
        ("a.md#x", 0, 10),
    ]
    again = published.former_names("a.md#x", moves)  # another article has the name by now
    assert [(one.name, one.since) for one in again] == [("a.md#x", 10)]
    assert published.present_name("a.md#x", 5, moves) == "c.md#x"
    assert published.present_name("a.md#x", 15, moves) == "a.md#x"


def test_two_readers_are_not_compared(tmp_path: Path) -> None:
    """What an older version read, without bytes to read again, differs without any change."""
    older = msgspec.structs.replace(at(0, "192.0.2.1"), version=Dns.version - 1, exchanges=())
    writer = Writer(Ledger(tmp_path / "evidence"), "author")
    writer.append([(older, [PLACE])])
    assert writer.close()
    kept(tmp_path, 2, "192.0.2.4")
    page(tmp_path, asking(CLAIM))
    _, findings = found(tmp_path)
    assert findings.drift is None
    assert findings.changes == []
    assert findings.claims[0].held  # that it held then was said of what was read then
