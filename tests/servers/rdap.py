"""RDAP servers and IANA's bootstrap files for tests, over HTTPS, told apart by the Host asked.

``python -m tests.servers.rdap ADDRESS CERTIFICATE KEY LOG``. Objects are the recorded ones of
``tests/cases/rdap/HOST``; what ``rdap.example`` does depends on the last number of the address.
"""

import asyncio
import json
import ssl
import sys
from email.utils import formatdate
from functools import lru_cache
from pathlib import Path
from typing import Any

from sotokara.kinds.shared.registry.target import network_held, networks, read_target
from sotokara.servers import web

CASES = Path(__file__).parent.parent / "cases" / "rdap"
BOOTSTRAP: dict[str, list[list[list[str]]]] = {
    "ipv4.json": [
        [["203.0.0.0/8", "221.0.0.0/8"], ["http://rdap.apnic.net/", "https://rdap.apnic.net/"]],
        [["206.0.0.0/7"], ["https://rdap.arin.net/registry/"]],
        [["198.51.100.0/24"], ["https://rdap.example/"]],
        [["192.0.2.0/24"], ["https://rdap-limits.example/"]],
    ],
    "ipv6.json": [],
    "asn.json": [[["2000-3000", "9269"], ["https://rdap.apnic.net/"]]],
    "dns.json": [[["com", "net"], ["https://rdap.verisign.com/com/v1/"]]],
}
Response = tuple[int, str, bytes, dict[str, str]]
"""Status, content type, body, further headers."""
NOT_FOUND: Response = (404, "application/rdap+json", b'{"errorCode": 404}', {})


@lru_cache
def objects(host: str) -> list[tuple[str, dict[str, Any], bytes]]:
    """Target, facts and body of each recorded object of a host."""
    found = []
    for path in sorted((CASES / host).glob("*.json")):
        case = json.loads(path.read_text("utf-8"))
        if "facts" in case and "status" not in case:
            found.append((case["target"], case["facts"], path.with_suffix(".raw").read_bytes()))
    return found


def recorded(host: str, text: str) -> Response:
    """The most specific recorded object about a target, or 404."""
    try:
        target = read_target(text)
    except ValueError:
        return 400, "text/plain", b"", {}
    fits = []
    for about, facts, body in objects(host):
        nets = networks(facts.get("range", ""))
        if target.network is not None and network_held(nets, target.network):
            fits.append((sum(net.num_addresses for net in nets), body))
        elif target.network is None and about == target.text:
            fits.append((0, body))
    return (200, "application/rdap+json", min(fits)[1], {}) if fits else NOT_FOUND


def manners(number: int, asked: int) -> Response:  # noqa: PLR0911  # one line each
    """What ``rdap.example`` does; ``asked``: how often this one was asked before."""
    base = "https://rdap.example/ip/198.51.100."
    if number in (1, 2):
        return 302, "text/plain", b"", {"Location": f"{base}{3 - number}"}
    places = {3: "https://192.168.11.254/ip/x", 4: "http://rdap.example/ip/x", 5: "ftp://x/y"}
    if number in places:
        return 301, "text/plain", b"", {"Location": places[number]}
    if number == 6:
        return 200, "text/html", b"<!doctype html><title>Welcome</title>", {}
    if number == 7:
        return 200, "application/rdap+json", b'{"objectClassName": "ip netw', {}
    if number == 8 and not asked:
        return 429, "text/plain", b"", {"Retry-After": "1"}
    if number == 9:
        return 200, "application/rdap+json", b'{"a": "' + b"x" * 3_000_000 + b'"}', {}
    if number == 10:
        return 307, "text/plain", b"", {"Location": "https://rdap.apnic.net/ip/221.246.251.104"}
    if number == 11:
        return 403, "text/html", b"<!doctype html><title>Forbidden</title>", {}
    body = {
        "objectClassName": "ip network",
        "startAddress": "198.51.100.0",
        "endAddress": "198.51.100.255",
        "name": "BEHAVES",
    }
    return 200, "application/rdap+json", json.dumps(body).encode(), {}


class Servers:
    """All hosts on one address."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._asked: dict[str, int] = {}

    def one(self, host: str, path: str) -> web.Response:
        """One request."""
        url = f"{host}{path}"
        with self._log.open("a") as file:
            file.write(json.dumps(url) + "\n")
        status, kind, body, more = self.answer(host, path)
        self._asked[url] = self._asked.get(url, 0) + 1
        return web.Response(status, body, {"Content-Type": kind, **more})

    def answer(self, host: str, path: str) -> Response:
        """What a host says to a path."""
        last = path.rpartition("/")[2]
        if host == "data.iana.org":
            body = {"version": "1.0", "services": BOOTSTRAP[last]}
            return 200, "application/json", json.dumps(body).encode(), {}
        if host == "rdap-limits.example":
            return 429, "text/plain", b"", {"Retry-After": "86400"}
        if host == "rdap.example":
            number = int(last.rpartition(".")[2])
            return manners(number, self._asked.get(f"{host}{path}", 0))
        text = path.partition("/ip/")[2] or last
        return recorded(host, f"AS{text}" if "/autnum/" in path else text)


async def main(address: str, certificate: str, key: str, log: str) -> None:
    """Serve until killed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    await web.listen(_elsewhere, address, 80)
    server = await web.listen(Servers(Path(log)).one, address, 443, context)
    await server.serve_forever()


def _elsewhere(host: str, path: str) -> web.Response:
    """Port 80 leads to port 443, as everywhere."""
    headers = {"Location": f"https://{host}{path}", "Date": formatdate(usegmt=True)}
    return web.Response(301, b"", headers)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
