"""DNS as it comes off the wire: the shared cases, and others of their kinds, over loopback."""

import asyncio
import json
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import dns.message
import pytest
from sotokara.core.observation import Exchange, Reading
from sotokara.core.own_network import masks_for
from sotokara.core.settings import Policy, Settings
from sotokara.definitions.definition import read_definition
from sotokara.kinds.interface import Kind
from sotokara.network.network import Network
from sotokara.servers.nameserver import NameServer, record, reply
from sotokara.servers.nameserver import rdtype as rdtype_of

from tests.registry_cases import cases, defined, hold, internet_of, measure, page, question_of
from tests.servers.thread import serving

A, NS, CNAME, SOA, TXT, DNAME, HTTPS = 1, 2, 5, 6, 16, 39, 65
ADDRESS = b"\xc0\x00\x02\x01"


@pytest.mark.parametrize("case", cases("d1", "d2", "d3", "c-dns"))
def test_what_comes_of_a_case(
    case: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = measure(question_of(case), internet_of(case), tmp_path, monkeypatch)
    hold(case, seen, tmp_path)


def test_another_s_address_is_shown_as_another_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (case,) = (one.values[0] for one in cases("d3"))
    seen = measure(question_of(case), internet_of(case), tmp_path, monkeypatch)
    shown = page(seen, tmp_path)
    assert "*** Can't find www.example.com: No answer (A)" in shown
    assert "Name: other.example.net" in shown


@pytest.mark.parametrize("case", cases("d4", "d5"))
def test_what_is_asked(case: dict[str, Any]) -> None:
    name, number = case["right"]["question"]
    asked, _ = answered(case["definition"])
    assert (name, number) in [(one.name.to_text(omit_final_dot=True), one.rdtype) for one in asked]


def answered(definition: str, *records: bytes, behind: bytes = b"") -> tuple[list[Any], Reading]:
    """The questions that a definition asks of a server with these records, and the reading."""

    async def answer(wire: bytes) -> AsyncIterator[bytes]:
        yield reply(wire, *records) + behind

    async def main(question: Kind) -> Reading:
        allow = Policy(allow=["127.0.0.0/8"])
        network = Network(Settings(resolvers=[server.address], policy=allow, timeout=2.0))
        try:
            return question.parse(await question.measure(network.for_probe()))
        finally:
            network.close()

    server = NameServer(answer)
    with serving(server):
        reading = asyncio.run(main(defined(definition)))
    return [dns.message.from_wire(wire).question[0] for wire in server.asked], reading


def name(text: str) -> bytes:
    return b"".join(bytes([len(one)]) + one.encode() for one in text.split(".")) + b"\0"


def address(owner: str) -> bytes:
    return record(A, ADDRESS, owner=name(owner))


def alias(target: str, owner: str) -> bytes:
    return record(CNAME, name(target), owner=name(owner))


def of_class(number: int, rdtype: int, rdata: bytes) -> bytes:
    return b"\xc0\x0c" + struct.pack("!HHIH", rdtype, number, 60, len(rdata)) + rdata


def facts(definition: str, *records: bytes, behind: bytes = b"") -> Any:
    _, reading = answered(definition, *records, behind=behind)
    assert reading.failure is None
    return reading.facts


WWW = "dns: www.example.com\ntype: A"


def test_bytes_behind_a_message_are_told_of() -> None:
    _, reading = answered(WWW, record(A, ADDRESS), behind=b"\0\1\2")
    assert reading.facts.addresses == ["192.0.2.1"]  # type: ignore[union-attr]
    assert reading.volatile["trailing"] == 3


@pytest.mark.parametrize(
    ("rdtype", "bad", "good"),
    [
        ("A", b"\xc0\x00\x02", ADDRESS),
        ("AAAA", b"\x20\x01", bytes(15) + b"\1"),
        ("MX", b"\0", b"\0\5" + name("mx.example.com")),
        ("CAA", b"\0", b"\0\5issueca.example"),
        ("TXT", b"\5ab", b"\2ok"),
        ("SVCB", b"\0\1\0\0\5\0\3abc", b"\0\1\0"),
        ("DS", b"\0", b"\0\1\x08\2" + bytes(32)),
    ],
)
def test_a_record_that_cannot_be_read_costs_no_other(rdtype: str, bad: bytes, good: bytes) -> None:
    number = dns.rdatatype.from_text(rdtype)
    _, reading = answered(
        f"dns: a.example\ntype: {rdtype}", record(number, bad), record(number, good)
    )
    values = [one.value for one in reading.facts.records]  # type: ignore[union-attr]
    assert len(values) == 2
    assert rf"\# {len(bad)} {bad.hex()}" in values
    assert reading.volatile["unread"] == 1


@pytest.mark.parametrize(
    "records",
    [
        [address("other.example.net")],
        [record(CNAME, name("b.example")), address("c.example")],
        [
            record(CNAME, name("b.example"), owner=name("x.example")),
            address("b.example"),
        ],
        [
            record(DNAME, name("b.example"), owner=name("example.net")),
            record(A, ADDRESS, owner=name("www.b.example")),
        ],
        [of_class(3, A, ADDRESS)],
        [of_class(0x4001, A, ADDRESS)],
        [of_class(0x8001, A, ADDRESS)],
    ],
)
def test_another_s_address_is_not_this_name_s(records: list[bytes]) -> None:
    found = facts(WWW, *records)
    assert found.addresses == []
    assert found.nodata == ["A"]
    assert len(found.records) == len(records)


@pytest.mark.parametrize(
    "records",
    [
        [address("WWW.Example.COM")],
        [address("b.example"), record(CNAME, name("B.example"))],
        [
            record(DNAME, name("b.example"), owner=name("example.com")),
            record(A, ADDRESS, owner=name("www.b.example")),
        ],
    ],
)
def test_an_alias_s_address_is(records: list[bytes]) -> None:
    assert facts(WWW, *records).addresses == ["192.0.2.1"]


def test_two_of_a_type_that_can_have_but_one_stay_two() -> None:
    soa = name("ns.example") + name("h.example") + struct.pack("!5I", 1, 2, 3, 4, 5)
    other = soa[:-20] + struct.pack("!5I", 9, 2, 3, 4, 5)
    found = facts("dns: example.com\ntype: SOA", record(SOA, soa), record(SOA, other))
    assert [one.value.split()[2] for one in found.records] == ["1", "9"]
    twice = facts(WWW, record(CNAME, name("a.example")), record(CNAME, name("b.example")))
    assert twice.names == ["a.example", "b.example"]


def test_a_record_of_another_class_has_it_before_its_type() -> None:
    (found,) = facts(WWW, of_class(0x4001, A, ADDRESS)).records
    assert (found.type, found.value) == ("CLASS16385 A", r"\# 4 c0000201")


@pytest.mark.parametrize(
    ("written", "number"),
    [
        *(("CDNSKEY", 60), ("uri", 256), ("OPENPGPKEY", 61), ("SMIMEA", 53), ("CERT", 37)),
        *(("NSEC", 47), ("NSEC3PARAM", 51), ("ZONEMD", 63), ("HINFO", 13), ("RP", 17)),
        *(("ANY", 255), ("TYPE65534", 65534), ("type1", 1), ("EID", 31), ("RRSIG", 46)),
        *(("NSAP-PTR", 23), ("AFSDB", 18), ("CSYNC", 62), ("EUI48", 108), ("DOA", 259)),
    ],
)
def test_every_type_can_be_asked_for(written: str, number: int) -> None:
    asked, reading = answered(f"dns: example.com\ntype: {written}", record(number, b"\0"))
    assert number in [one.rdtype for one in asked]
    assert len(reading.facts.records) == 1  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "written", ["OPT", "TSIG", "AXFR", "IXFR", "TYPE0", "TYPE65536", "NOPE", ""]
)
def test_what_is_no_type_of_a_record_is_refused(written: str) -> None:
    _, mistakes = read_definition(f"dns: a.example\ntype: {json.dumps(written)}", "a.md", 1, "t")
    assert len(mistakes) == 1


def test_types_under_two_names_are_one_question() -> None:
    first = defined("dns: example.com\ntype: [TYPE257, CDS]").identity()
    assert first == defined("dns: example.com\ntype: [cds, CAA]").identity()


def test_any_is_whatever_there_is() -> None:
    found = facts("dns: example.com\ntype: ANY", record(A, ADDRESS), record(TXT, b"\1a"))
    assert [one.type for one in found.records] == ["A", "TXT"]
    assert found.nodata == []


@pytest.mark.parametrize(
    ("definition", "rdclass", "identity"),
    [
        ("dns: version.bind", 3, {"dns": "version.bind"}),
        ("dns: Hostname.BIND.\nclass: CH", 3, {"dns": "hostname.bind"}),
        ("dns: example.com\ntype: TXT\nclass: HS", 4, {"dns": "example.com", "class": "HS"}),
        (
            "dns: version.bind\nclass: IN\ntype: TXT",
            1,
            {"dns": "version.bind", "class": "IN", "type": ["TXT"]},
        ),
        ("dns: example.com\nclass: IN", 1, {"dns": "example.com"}),
    ],
)
def test_servers_speak_of_themselves_in_class_ch(
    definition: str, rdclass: int, identity: dict[str, Any]
) -> None:
    assert defined(definition).identity() == identity
    asked, reading = answered(definition, of_class(rdclass, TXT, b"\5BIND9"))
    assert rdclass in [one.rdclass for one in asked]
    if rdclass != 1:
        (found,) = reading.facts.records  # type: ignore[union-attr]
        assert (found.type, found.value) == ("TXT", '"BIND9"')


def test_a_class_is_one_of_three() -> None:
    _, mistakes = read_definition("dns: version.bind\nclass: XX", "a.md", 1, "t")
    assert "class" in str(mistakes[0])


@pytest.mark.parametrize(
    ("target", "asked_for"),
    [
        ("0/25.2.0.192.in-addr.arpa", 12),
        ("5.0/25.2.0.192.IN-ADDR.ARPA.", 12),
        ("128-255.2.0.192.in-addr.arpa", 12),
        ("0/28.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", 12),
    ],
)
def test_names_of_shared_reverse_zones(target: str, asked_for: int) -> None:
    asked, _ = answered(f"dns: {target}")
    names = {one.name.to_text(omit_final_dot=True) for one in asked if one.rdtype == asked_for}
    assert names == {target.lower().rstrip(".")}


@pytest.mark.parametrize(
    "target", ["example.com/x", "http://example.com", "192.0.2.0/25", "a b.in-addr.arpa"]
)
def test_what_is_no_name_is_refused(target: str) -> None:
    _, mistakes = read_definition(f"dns: {json.dumps(target)}", "a.md", 1, "t")
    assert len(mistakes) == 1


@pytest.mark.parametrize("server", ["", "192.0.2.53"])
def test_what_the_author_s_resolver_is_called_is_masked(server: str) -> None:
    question = defined(f"dns: hostname.bind\nserver: {json.dumps(server or [])}")
    wire = (
        bytes.fromhex("0001")
        + reply(
            dns.message.make_query("hostname.bind", "TXT", "CH").to_wire(),
            of_class(3, TXT, b"\x0bns1.isp.net"),
        )[2:]
    )
    said = [Exchange("TXT", server or "resolver", "udp", received=wire)]
    kept = question.hide(said, masks_for(True, {}))  # noqa: FBT003  # the setting's own value
    assert (b"ns1" in (kept[0].received or b"")) == bool(server)
    assert question.parse(kept).failure is None


@pytest.mark.parametrize(
    ("records", "found"),
    [
        ([record(A, b"\x01"), record(A, ADDRESS)], ["192.0.2.1"]),
        ([address("other.example"), of_class(0x4001, A, ADDRESS)], []),
        ([record(CNAME, name("b.example")), address("b.example")], ["192.0.2.1"]),
    ],
)
def test_a_server_s_own_addresses(records: list[bytes], found: list[str]) -> None:
    async def answer(wire: bytes) -> AsyncIterator[bytes]:
        yield reply(wire, *(records if rdtype_of(wire) == A else [])) + b"\0\0"

    async def main() -> list[str]:
        network = Network(Settings(resolvers=[server.address], timeout=2.0))
        try:
            return await network.for_probe().addresses("a.example")
        finally:
            network.close()

    server = NameServer(answer)
    with serving(server):
        assert asyncio.run(main()) == found
