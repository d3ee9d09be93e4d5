"""RIPE Atlas' results as its firmwares wrote them, read by us and by RIPE's own reader, sagan."""

import base64
from datetime import UTC, datetime
from typing import Any

import dns.message
import dns.rrset
import pytest
from ripe.atlas import sagan  # type: ignore[import-untyped]
from sotokara.kinds.cited.atlas import reports
from sotokara.servers.certificates import CertificateAuthority

START = 1764320400
FIRMWARES = (1, 4400, 4460, 4540, 4570, 4610, 4750, 5000, 5090)
"""The first of each form that the platform documents, and a recent one."""
_NAMED, _IN_LISTS, _SETS = 4460, 4400, 4610


def abuf(*addresses: str) -> str:
    message = dns.message.make_response(dns.message.make_query("shop.example", "A"))
    message.answer.append(dns.rrset.from_text("shop.example.", 60, "IN", "A", *addresses))
    return base64.b64encode(message.to_wire()).decode()


def head(kind: str, fw: int) -> dict[str, Any]:
    """What every result has; before 4460 under other names."""
    base = {"type": kind, "prb_id": 1234, "timestamp": START, "fw": fw, "msm_id": 77}
    base |= {"from": "203.0.113.9"}
    if fw < _NAMED:
        return base | {
            "addr": "192.0.2.80",
            "name": "shop.example",
            "pf": 4,
            "srcaddr": "192.0.2.9",
        }
    more = {"dst_addr": "192.0.2.80", "dst_name": "shop.example", "af": 4, "src_addr": "192.0.2.9"}
    return base | more | ({"mver": "2.6.2", "lts": 21} if fw >= FIRMWARES[-2] else {})


def ping(fw: int) -> dict[str, Any]:
    times = [{"rtt": 12.3}, {"x": "*"}, {"rtt": 11.9}]
    more = {"min": 11.9, "max": 12.3, "avg": 12.1, "dup": 0, "size": 48, "proto": "ICMP", "ttl": 57}
    return head("ping", fw) | more | {"sent": 3, "rcvd": 2, "result": times}


def traceroute(fw: int) -> dict[str, Any]:
    hops = [
        {"hop": 1, "result": [{"from": "198.51.100.1", "rtt": 1.1, "ttl": 64, "size": 28}]},
        {
            "hop": 2,
            "result": [{"x": "*"}, {"from": "198.51.100.2", "rtt": 3.2, "ttl": 63, "size": 28}],
        },
        {"hop": 3, "result": [{"from": "192.0.2.80", "rtt": 9.1, "ttl": 60, "size": 28}]},
    ]
    if fw < _NAMED:
        return head("traceroute", fw) | {"proto": "UDP", "result": hops, "dst_addr": "192.0.2.80"}
    return head("traceroute", fw) | {"proto": "ICMP", "endtime": START + 2, "result": hops}


def resolved(fw: int) -> dict[str, Any]:
    answer = {"abuf": abuf("192.0.2.80", "192.0.2.81"), "rt": 12.1, "size": 62, "ANCOUNT": 2}
    answer |= {"ARCOUNT": 0, "NSCOUNT": 0, "QDCOUNT": 1, "ID": 1}
    if fw < _SETS:
        return head("dns", fw) | {"result": answer, "proto": "UDP"}
    one = {"af": 4, "dst_addr": "192.0.2.53", "proto": "UDP", "subid": 1, "submax": 1}
    return head("dns", fw) | {"resultset": [one | {"result": answer, "time": START, "lts": 21}]}


def sslcert(fw: int) -> dict[str, Any]:
    pem = CertificateAuthority("shop.example").pem.decode()
    port: Any = "https" if fw < FIRMWARES[4] else "443"
    more = {"method": "TLS", "ver": "1.2", "rt": 41.5, "ttc": 12.0, "dst_port": port}
    return head("sslcert", fw) | more | {"cert": [pem]}


def http(fw: int) -> dict[str, Any]:
    if fw < _IN_LISTS:
        return head("http", fw) | {
            "result": "GET4 192.0.2.80 0.0421 200 131 1024",
            "uri": "http://shop.example/",
        }
    where = (
        {"addr": "192.0.2.80", "srcaddr": "192.0.2.9"}
        if fw < _NAMED
        else {"dst_addr": "192.0.2.80"}
    )
    one = {
        "af": 4,
        "res": 200,
        "rt": 42.1,
        "hsize": 131,
        "bsize": 1024,
        "method": "GET",
        "ver": "1.1",
    }
    return head("http", fw) | {"uri": "http://shop.example/", "result": [one | where]}


MADE = {"ping": ping, "traceroute": traceroute, "dns": resolved, "sslcert": sslcert, "http": http}


@pytest.mark.filterwarnings("ignore:Properties that return")  # sagan asks for naive times
@pytest.mark.parametrize("fw", FIRMWARES)
@pytest.mark.parametrize("kind", MADE)
def test_every_type_of_every_firmware_reads_as_sagan_reads_it(kind: str, fw: int) -> None:
    given = MADE[kind](fw)
    (seen,) = reports(given)
    theirs = sagan.Result.get(given, on_error=sagan.Result.ACTION_IGNORE)
    assert (seen.probe, seen.failure) == (str(theirs.probe_id), "")
    assert seen.at == datetime.fromtimestamp(theirs.created_timestamp, UTC).strftime("%FT%TZ")
    assert seen.said == _said(kind, theirs)
    assert seen.addresses == _addresses(kind, theirs)


def _said(kind: str, theirs: Any) -> str:
    """What we say of a result, from sagan's reading of it."""
    if kind == "ping":
        return f"{theirs.packets_received}/{theirs.packets_sent}"
    if kind == "traceroute":
        return f"{theirs.total_hops} hops"
    if kind == "http":
        return f"HTTP {theirs.responses[0].code}"
    if kind == "sslcert":
        one = theirs.certificates[0]
        digest = one.checksum.replace(":", "").lower()
        return f"CN={one.subject_cn}, until {one.valid_until:%Y-%m-%d}, SHA-256 {digest[:16]}…"
    answers = theirs.responses[0].abuf.answers
    said = sorted(f"{one.type} {one.address}" for one in answers)
    return ", ".join([theirs.responses[0].abuf.header.return_code, *said])


def _addresses(kind: str, theirs: Any) -> list[str]:
    if kind == "dns":
        return sorted(one.address for one in theirs.responses[0].abuf.answers)
    if kind == "http":
        return [theirs.responses[0].destination_address]
    if theirs.destination_address is None:  # of old certificates sagan reads no address
        return ["192.0.2.80"]
    return [theirs.destination_address]


SILENT: dict[str, dict[str, Any]] = {
    "ping": {"sent": 0, "rcvd": 0, "result": [], "dnserr": "no such name"},
    "traceroute": {"result": [], "dnserr": "no such name"},
    "dns": {"result": None, "resultset": None, "error": {"timeout": 5000}},
    "sslcert": {"cert": None, "alert": {"level": 2, "decription": 40}},
    "http": {"result": [{"err": "connect: timeout"}]},
}


@pytest.mark.parametrize("fw", FIRMWARES)
@pytest.mark.parametrize("kind", SILENT)
def test_failures_of_every_firmware_are_no_answers(kind: str, fw: int) -> None:
    (seen,) = reports(MADE[kind](fw) | SILENT[kind])
    assert seen.said == ""
    assert seen.failure in {"no such name", "timeout: 5000", "TLS alert 40", "connect: timeout"}


def test_what_the_oldest_wrote_otherwise_is_not_guessed() -> None:
    for line in (
        "GET4 192.0.2.80 0.04 200 1",
        "GET4 shop.example 0.04 200 1 1",
        "GET4 192.0.2.80 0 x 1 1",
    ):
        assert not list(reports(http(1) | {"result": line}))
    assert not [one for one in reports(traceroute(1) | {"result": "1;192.0.2.1;2"}) if one.said]
