"""What was redacted is no forgery, and what is hidden from a day on is no change."""

from pathlib import Path

import dns.message
import dns.rrset
import msgspec
import pytest
from sotokara.core.canonical import canonical, digest
from sotokara.core.observation import Exchange, Observation
from sotokara.kinds.dns.facts import DnsFacts, DnsRecord
from sotokara.kinds.dns.kind import Dns
from sotokara.ledger import Ledger, Writer, seals
from sotokara.ledger.read_again import read_again
from sotokara.ledger.redact import redact
from sotokara.masking.redaction import DNS_MESSAGE, Redactor
from sotokara.render.figure import cited_lines

from tests.tampered import observation
from tests.tampered.site import DAY, replay
from tests.test_identity import asking, found, kept, page

RECORDS = {
    "mail.secret.example": ("A", "192.0.2.77", "192.0.2.1"),
    "secret.example": ("MX", "10 mail.secret.example."),
    "77.2.0.192.in-addr.arpa": ("PTR", "host-192-0-2-77.secret.example."),
    "t.example": ("TXT", '"v=spf1 ip4:192.0.2.77 -all" "move" "-0-9"'),
    "six.example": ("AAAA", "2001:db8::7"),
    "move-0-19.example": ("A", "192.0.2.9"),
}


def answered(name: str, rdtype: str, *values: str) -> Observation:
    """An observation whose facts follow from its raw."""
    query = dns.message.make_query(name, rdtype, id=7)
    reply = dns.message.make_response(query)
    reply.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", rdtype, *values))
    question = msgspec.convert({"target": name, "type": [rdtype]}, Dns).normal()
    wires = query.to_wire(), reply.to_wire()
    exchange = Exchange(rdtype, "resolver", "udp", *wires, ms=1, media_type=DNS_MESSAGE)
    return msgspec.structs.replace(
        observation(name),
        definition=question.identity(),
        digest=digest(canonical(question.identity())),
        facts=question.parse((exchange,)).facts,
        exchanges=(exchange,),
        version=Dns.version,
    )


@pytest.mark.parametrize(
    "word",
    [
        *("192.0.2.77", "192.0.2.0/24", "2001:db8::7", "secret", "mail.secret.example", "77"),
        *("example", "move-0-9", "192-0-2-77"),
    ],
)
def test_what_was_redacted_is_no_forgery(tmp_path: Path, word: str) -> None:
    evidence = tmp_path / "evidence"
    writer = Writer(Ledger(evidence, tmp_path), "author")
    writer.append([(answered(name, *values), ["a.md#a"]) for name, values in RECORDS.items()])
    assert writer.close()
    seals.seal(evidence)
    assert redact(evidence, [word], "r", "b").tombstone
    ledger = Ledger(evidence, tmp_path)
    every = [ledger.observation(ledger.line(one), raw=True) for one in ledger.index.every()]
    assert [one.failure for one in every] == [None] * len(RECORDS)
    assert list(read_again(ledger)) == []


def test_a_line_that_nobody_redacted_is_still_held_against_its_raw(tmp_path: Path) -> None:
    evidence = tmp_path / "evidence"
    writer = Writer(Ledger(evidence, tmp_path), "author")
    wrong = DnsFacts(rcode="NOERROR", records=[DnsRecord("six.example", "A", "192.0.2.66")])
    forged = msgspec.structs.replace(answered("six.example", "AAAA", "2001:db8::7"), facts=wrong)
    other = answered("mail.secret.example", "A", "192.0.2.1")
    writer.append([(forged, ["a.md#a"]), (other, ["a.md#b"])])
    assert writer.close()
    redact(evidence, ["mail.secret.example"], "r", "b")
    assert [one.code for one in read_again(Ledger(evidence, tmp_path))] == ["forged"]


def test_a_name_is_masked_only_where_it_stands() -> None:
    """In a message a letter of a longer name is no border between two strings."""
    redactor = Redactor(["move-0-9"])
    for name, (rdtype, *values) in RECORDS.items():
        wire = answered(name, rdtype, *values).exchanges[0].received
        assert wire
        assert (redactor.message(wire) != wire) == (name == "t.example")


@pytest.mark.parametrize("now", ["0.0.0.0", "x.x.x.x"])  # noqa: S104  # no socket
def test_an_address_that_is_hidden_from_a_day_on_is_no_change(tmp_path: Path, now: str) -> None:
    """It was kept in the clear, later it is zeros in the bytes: it is the same secret."""
    kept(tmp_path, 0, "192.0.2.77")
    kept(tmp_path, 2, now)
    page(tmp_path, asking("redact: 192.0.2.77\n"))
    build, findings = found(tmp_path)
    assert findings.changes == []
    assert findings.drift is None
    kept(tmp_path, 4, "192.0.2.5")
    build, findings = found(tmp_path)
    assert [one.before.moment.day for one in findings.changes] == [3]
    ((where, token),) = build.plan.nodes
    assert "192.0.2.77" not in build.figure(where, token, 0)


def test_what_cannot_be_read_is_not_compared(tmp_path: Path) -> None:
    """Facts that do not follow from their raw: the figure says so, and no build falls."""
    old = answered("ssl3.example.com", "A", "192.0.2.1")
    wrong = msgspec.structs.replace(old.facts, rcode="SERVFAIL") if old.facts else None
    writer = Writer(Ledger(tmp_path / "evidence"), "author")
    writer.append([(msgspec.structs.replace(old, facts=wrong, start=DAY), ["posts/a.md#ssl3"])])
    assert writer.close()
    kept(tmp_path, 2, "192.0.2.4", type=["A"])
    page(tmp_path, asking("type: A\n"))
    build, _ = replay(tmp_path)
    ((_, findings),) = build.found()
    assert findings.drift is None
    ((where, token),) = build.plan.nodes
    assert "192.0.2.4" in build.figure(where, token, 0)
    (figure,) = build.plan.figures()
    unread = msgspec.structs.replace(old, facts=None)
    assert cited_lines(figure, unread, "en") == []
