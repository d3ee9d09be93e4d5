"""Hostile RDAP servers and keys: each is one failure of its own, in time, and the build goes on."""

import json
import random
import struct
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import dns.dnssec
import dns.message
import dns.name
import dns.rdata
import dns.rrset
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sotokara.core.observation import Exchange
from sotokara.kinds.dns.dnssec import MOST_ITERATIONS, MOST_VERIFICATIONS, judge
from sotokara.servers.nameserver import NameServer

from tests.servers.thread import serving
from tests.sites import build, fence, figures, make_site

GOOD = {"objectClassName": "ip network", "handle": "NET-1", "name": "EXAMPLE",
        "startAddress": "192.0.2.0", "endAddress": "192.0.2.255", "ipVersion": "v4"}  # fmt: skip


def object_with(**fields: Any) -> bytes:
    return json.dumps({**GOOD, **fields}).encode()


BODIES: dict[str, bytes] = {
    "surrogate-name": object_with(name="a\ud83d"),
    "surrogate-low": object_with(name="\ude00b"),
    "surrogate-in-list": object_with(status=["\ud83d"]),
    "surrogate-handle": object_with(handle="\udfff"),
    "surrogate-country": object_with(country="\ud800\ud800"),
    "surrogate-event": object_with(
        events=[{"eventAction": "registration\ud83d", "eventDate": "x"}]
    ),
    "surrogate-date": object_with(events=[{"eventAction": "registration", "eventDate": "\ud83d"}]),
    "surrogate-link": object_with(links=[{"rel": "up", "href": "https://\ud83d/", "type": ""}]),
    "deep-lists": b"[" * 200_000,
    "deep-objects": b'{"a":' * 100_000,
    "deep-entities": object_with().replace(b"}", b', "entities": ' + b"[" * 50_000, 1),
    "huge-number": object_with().replace(b'"v4"', b"9" * 100_000),
    "huge-exponent": object_with().replace(b'"v4"', b"1e999999999"),
    "nan": object_with().replace(b'"v4"', b"NaN"),
    "null": b"null",
    "number": b"5",
    "text": b'"x"',
    "list": b"[]",
    "empty": b"",
    "not-utf-8": object_with().replace(b"EXAMPLE", b"\xff\xfe"),
    "nul": object_with(name="a\0b"),
    "escapes": object_with(name="\x1b[2J\u202eevil"),
    "wrong-types": object_with(name=[], handle={}, startAddress=5, events=7, entities="x", links=0),
    "address-junk": object_with(startAddress="::ffff:0:7f00:1", endAddress="x" * 10_000),
    "range-backwards": object_with(startAddress="192.0.2.255", endAddress="192.0.2.0"),
    "range-everything": object_with(startAddress="0.0.0.0", endAddress="255.255.255.255"),  # noqa: S104
    "many-entities": object_with(entities=[{"roles": ["registrant"]}] * 20_000),
    "html": b"<html>" * 1000,
    "good": object_with(),
}
LOCATIONS: dict[str, str] = {
    "port-22": "http://127.0.0.1:22/ip/x",
    "port-25": "http://127.0.0.1:25/ip/x",
    "port-0": "http://127.0.0.1:0/ip/x",
    "port-too-high": "http://127.0.0.1:99999/ip/x",
    "port-negative": "http://127.0.0.1:-1/ip/x",
    "port-word": "http://127.0.0.1:ssh/ip/x",
    "port-empty-and-word": "https://rdap.example:4a3/",
    "brackets": "http://[::1/ip/x",
    "brackets-word": "http://[x]/",
    "no-host": "http:///ip/x",
    "nothing": "",
    "blank": " ",
    "file": "file:///etc/passwd",
    "gopher": "gopher://127.0.0.1:25/_HELO",
    "script": "javascript:alert(1)",
    "not-ascii": "http://127.0.0.1:22/\u00e9",
    "control": "http://127.0.0.1/\x0b",
    "credentials": "http://user:secret@127.0.0.1:22/",
    "long": "http://127.0.0.1:22/" + "a" * 20_000,
}


class Rdap(BaseHTTPRequestHandler):
    def do_GET(self) -> None:  # http.server's name
        what = self.path.split("/")[1]
        if what in LOCATIONS:
            self.send_response(302)
            raw = LOCATIONS[what].encode("latin-1")
            self.flush_headers()
            self.wfile.write(b"Location: " + raw + b"\r\nContent-Length: 0\r\n\r\n")
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/rdap+json")
        self.send_header("Content-Length", str(len(BODIES[what])))
        self.end_headers()
        self.wfile.write(BODIES[what])

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Rdap)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


class Built:
    def __init__(self, folder: Path, address: str) -> None:
        honest = NameServer()
        asked = {**BODIES, **LOCATIONS}
        fences = [
            fence(rdap="192.0.2.1", id=name.replace("-", "_"), server=f"{address}/{name}")
            for name in asked
        ]
        with serving(honest):
            make_site(
                folder,
                {"index.md": "# A\n\n" + "\n".join(fences)},
                resolvers=[honest.address],
                control=[honest.address],
                timeout=20,
                registry_pause=0,
                policy={"allow": ["127.0.0.0/8"]},
            )
            began = time.monotonic()
            self.done = build(folder, timeout=110)
            self.seconds = time.monotonic() - began
        runs = (folder / "evidence/runs").glob("*/*/*/*.jsonl")
        lines = [json.loads(text) for run in runs for text in run.read_text().splitlines()]
        self.lines = {line["definition"]["server"].rpartition("/")[2]: line for line in lines}
        self.folder = folder


@pytest.fixture(scope="module")
def built(address: str, tmp_path_factory: pytest.TempPathFactory) -> Built:
    return Built(tmp_path_factory.mktemp("hostile") / "site", address)


def test_the_build_goes_on_and_leaves_no_part(built: Built) -> None:
    assert built.done.returncode == 0, built.done.stderr
    assert "a bug in Sotokara" not in built.done.stderr
    assert not list(built.folder.rglob("*.part"))
    assert len(built.lines) == len(BODIES) + len(LOCATIONS)
    shown = figures((built.folder / "site/index.html").read_text("utf-8"))
    assert len(shown) == len(built.lines)


@pytest.mark.parametrize("name", BODIES)
def test_an_answer_is_kept_whatever_it_is(name: str, built: Built) -> None:
    line = built.lines[name]
    failure = line.get("failure", {}).get("name", "")
    assert failure != "internal_error", line
    assert line["raw"], "raw is kept"
    if name.startswith("surrogate") and failure:
        assert failure == "json_parse_error"
    if name == "good":
        assert line["outcome"] == "answered"


@pytest.mark.parametrize("name", LOCATIONS)
def test_a_redirect_elsewhere_is_a_named_failure(name: str, built: Built) -> None:
    line = built.lines[name]
    # A portal on the way redirects, too: without a control by HTTPS, it is not the registry's word.
    theirs = line["failure"]["name"] in {"server_misbehaving", "referral_loop"}
    ours = line["failure"]["name"] in {"port_blocked", "deadline_exceeded"}
    assert line["outcome"] == ("no_answer" if theirs else "not_measured")
    assert theirs or ours, line


# KeyTrap (CVE-2023-50387) and NSEC3 (RFC 9276)


ROOT = dns.name.root
MOMENT = 1_790_000_000


def colliding(count: int) -> list[Any]:
    """Keys of one tag: the tag is a sum of 16-bit words, whatever their order (RFC 4034, B)."""
    words = [struct.pack("!H", 257 * n + 5) for n in range(16)]
    chance = random.Random(1)  # noqa: S311  # no secret
    found: set[bytes] = set()
    while len(found) < count:
        chance.shuffle(words)
        found.add(b"".join(words))
    return [dns.rdata.from_wire("IN", "DNSKEY", b"\x01\x01\x03\x0f" + one, 0, 36) for one in found]


def signatures(rrset: dns.rrset.RRset, key: Any, count: int) -> dns.rrset.RRset:
    tag = dns.dnssec.key_id(key)
    chance = random.Random(2)  # noqa: S311  # no secret
    texts = []
    for _ in range(count):
        fields = (int(rrset.rdtype), 15, 0, 3600, MOMENT + 9999, MOMENT - 9999, tag)
        head = struct.pack("!HBBIIIH", *fields)
        wire = head + b"\0" + chance.randbytes(64)
        texts.append(dns.rdata.from_wire("IN", "RRSIG", wire, 0, len(wire)))
    return dns.rrset.from_rdata_list(rrset.name, 3600, texts)


def reply(*rrsets: dns.rrset.RRset, name: str = ".", rdtype: str = "DNSKEY") -> bytes:
    message = dns.message.make_response(dns.message.make_query(name, rdtype, want_dnssec=True))
    message.answer = list(rrsets)
    return message.to_wire(max_size=65535)


def anchor(*keys: Any) -> Exchange:
    texts = [f". IN DS {dns.dnssec.make_ds(ROOT, key, 'SHA256')}" for key in keys]
    sent = str(MOMENT).encode()
    return Exchange("dnssec anchor", "", "", sent, "\n".join(texts).encode())


def counted(monkeypatch: pytest.MonkeyPatch, name: str) -> list[tuple[Any, ...]]:
    """What a function of dnspython is called with from here on."""
    real, calls = getattr(dns.dnssec, name), list[tuple[Any, ...]]()

    def call(*given: Any, **named: Any) -> Any:
        calls.append(given)
        return real(*given, **named)

    monkeypatch.setattr(dns.dnssec, name, call)
    return calls


@pytest.mark.parametrize(("keys", "count"), [(400, 400), (400, 1), (1, 400), (40, 400)])
def test_colliding_keys_are_not_all_tried(
    monkeypatch: pytest.MonkeyPatch, keys: int, count: int
) -> None:
    every = colliding(keys)
    rrset = dns.rrset.from_rdata_list(ROOT, 3600, every)
    chain = [anchor(*every), Exchange("dnssec DNSKEY .", "r", "udp", b"", b"")]
    wire = reply(rrset, signatures(rrset, every[0], count))
    chain[1] = Exchange("dnssec DNSKEY .", "r", "udp", b"q", wire)
    tried = counted(monkeypatch, "validate_rrsig")
    assert judge(chain, ROOT) in {"unknown", "bogus"}
    assert 0 < len(tried) <= MOST_VERIFICATIONS


def signed(rrset: dns.rrset.RRset, private: Ed25519PrivateKey, key: Any) -> dns.rrset.RRset:
    made = dns.dnssec.sign(
        rrset, private, ROOT, key, inception=MOMENT - 9999, expiration=MOMENT + 9999
    )
    return dns.rrset.from_rdata(rrset.name, 3600, made)


@pytest.mark.parametrize(
    ("iterations", "verdict"),
    [(0, "secure"), (MOST_ITERATIONS, "secure"), (MOST_ITERATIONS + 1, "insecure"),
     (65535, "insecure")],
)  # fmt: skip
def test_a_denial_of_many_rounds_is_no_denial(
    monkeypatch: pytest.MonkeyPatch, iterations: int, verdict: str
) -> None:
    private = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
    key = dns.dnssec.make_dnskey(private.public_key(), 15, flags=257)
    keys = dns.rrset.from_rdata(ROOT, 3600, key)
    chain = [
        anchor(key),
        Exchange("dnssec DNSKEY .", "r", "udp", b"q", reply(keys, signed(keys, private, key))),
    ]
    hashed = dns.dnssec.nsec3_hash(ROOT, "ab", iterations if verdict == "secure" else 1, 1)
    text = f"1 0 {iterations} ab {hashed} NS SOA"
    owner = dns.name.from_text(hashed.lower(), ROOT)
    denial = dns.rrset.from_text(owner, 3600, "IN", "NSEC3", text)
    message = dns.message.make_response(dns.message.make_query(".", "A", want_dnssec=True))
    message.authority = [denial, signed(denial, private, key)]
    chain.append(Exchange("A", "r", "udp", b"q", message.to_wire()))
    hashes = counted(monkeypatch, "nsec3_hash")
    assert judge(chain, ROOT) == verdict
    assert {asked[2] for asked in hashes} == ({iterations} if verdict == "secure" else set())
