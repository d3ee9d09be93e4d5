"""Evidence with right hashes that no probe has written: what a contributor may hand in."""

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

from sotokara.core.canonical import canonical, digest

from tests.tampered import dialogue, observation

NAME, ADDRESS = "a.example", "192.0.2.1"


def put(folder: Path, content: bytes) -> str:
    """An object under its right name."""
    name = digest(content)
    path = folder / "objects" / name[:2] / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return name


def line(name: str, **fields: Any) -> dict[str, Any]:
    """A run's line about a name, with some fields of it others; None takes one away."""
    one = observation(name)
    plain: dict[str, Any] = {
        "v": 1, "digest": one.digest, "kind": "dns", "version": one.version,
        "definition": one.definition, "shown": True, "start": "2026-03-01T12:00:00Z",
        "duration": 0.01, "vantage": {"name": "author", "software": "x"}, "outcome": "answered",
    }  # fmt: skip
    return {key: value for key, value in {**plain, **fields}.items() if value is not None}


def run(
    folder: Path, *lines: dict[str, Any] | bytes, stamp: str = "20260301T120000000Z-author"
) -> Path:
    """A run file under its right name."""
    texts = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in lines]
    content = b"".join(text + b"\n" for text in texts)
    day = folder / "runs" / stamp[:4] / stamp[4:6] / stamp[6:8]
    day.mkdir(parents=True, exist_ok=True)
    path = day / f"{stamp}-{digest(content)[:8]}.jsonl"
    path.write_bytes(content)
    return path


def facts(folder: Path, *, name: str = NAME, address: str = ADDRESS, **fields: Any) -> str:
    """A facts object that says this address of this name; some fields of it others."""
    records = [{"name": name, "type": "A", "value": address}]
    plain = {"rcode": "NOERROR", "addresses": [address], "records": records}
    return put(folder, canonical({"kind": "dns", "version": 2, "facts": plain, **fields}))


def raw(folder: Path, name: str = NAME, address: str = ADDRESS) -> str:
    """A raw object: a name server's answer that has this address."""
    sent, received = (b64encode(one).decode() for one in dialogue(name, address))
    exchange = {"step": "A", "server": "resolver", "protocol": "udp", "sent": sent,
                "received": received, "media_type": "application/dns-message"}  # fmt: skip
    return put(folder, canonical({"kind": "dns", "version": 2, "exchanges": [exchange]}))
