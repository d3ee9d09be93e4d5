"""Who speaks RDAP for what: IANA's bootstrap files (RFC 9224), fetched once per build and file."""

import asyncio
import json
from typing import Any

from sotokara.core.observation import Exchange, ProbeFailure
from sotokara.kinds.shared.rdap.links import of_the_web
from sotokara.kinds.shared.rdap.objects import BOOTSTRAP
from sotokara.kinds.shared.rdap.plain import text_list
from sotokara.kinds.shared.registry.target import RegistryTarget, network_held, networks
from sotokara.network import http
from sotokara.network.network import Network

HOST = "data.iana.org"
URL = f"https://{HOST}/rdap/"


def file_for(target: RegistryTarget) -> str:
    """The name of the bootstrap file for a target."""
    if target.network is not None:
        return f"ipv{target.network.version}.json"
    return "asn.json" if target.asn is not None else "dns.json"


async def base_url(net: Network, target: RegistryTarget) -> tuple[Exchange, str]:
    """The base URL of the server for a target, and the exchange that keeps the entry used.

    The file itself is not kept with every observation: it is some 100 kB, and the same for all.

    :raises ProbeFailure: when the file cannot be had or lists nobody.
    """
    name = file_for(target)
    began = net.elapsed()
    asked = net.once.learn(
        f"rdap bootstrap {name}", lambda: _fetch(net.for_all(2.0), name), always=True
    )
    file = await asyncio.shield(asked)
    entry, url = service(file, target)
    if not url:
        what = f".{target.domain.rpartition('.')[2]}" if target.domain else target.text
        raise ProbeFailure(
            "no_server_known", BOOTSTRAP, f"IANA's {name} lists no RDAP server for {what}"
        )
    kept = json.dumps(entry, separators=(",", ":")).encode()
    sent = f"GET {URL}{name}".encode()
    at = round(began * 1000)
    return Exchange(BOOTSTRAP, HOST, "https", sent, kept, at=at, media_type="text/json"), url


async def _fetch(net: Network, name: str) -> dict[str, Any]:
    reply = await http.get(net, URL + name, "application/json")
    try:
        found = json.loads(reply.body) if reply.status == 200 else None  # noqa: PLR2004
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ProbeFailure("json_parse_error", BOOTSTRAP, f"{name}: HTTP {reply.status}")
    return found


def service(file: dict[str, Any], target: RegistryTarget) -> tuple[list[Any], str]:
    """The service entry with the longest match, and its URL, https first (RFC 9224, 5)."""
    best: tuple[int, list[Any]] = (-1, [])
    services = file.get("services")
    for one in services if isinstance(services, list) else []:
        if not isinstance(one, list) or len(one) < 2:  # noqa: PLR2004
            continue
        *_, entries, urls = one
        for entry in text_list(entries):
            length = _match(entry, target)
            usable = [url for url in text_list(urls) if of_the_web(url)]
            if length > best[0] and usable:
                best = length, [[entry], usable]
    if best[0] < 0:
        return [], ""
    urls = sorted(best[1][1], key=lambda url: not url.startswith("https:"))
    return best[1], urls[0].rstrip("/")


def _match(entry: str, target: RegistryTarget) -> int:
    """How well an entry fits: bits of a prefix, labels of a domain; -1 where it does not."""
    if target.network is not None:
        found = networks(entry)
        return found[0].prefixlen if found and network_held(found, target.network) else -1
    if target.asn is not None:
        first, _, last = entry.partition("-")
        if not first.isdecimal() or not (last or first).isdecimal():
            return -1
        return 1 if int(first) <= target.asn <= int(last or first) else -1
    name = entry.lower().strip(".")
    fits = target.domain == name or target.domain.endswith(f".{name}")
    return name.count(".") + 1 if fits and name else -1
