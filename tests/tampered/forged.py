"""Evidence with right hashes that no probe has written: what a contributor may hand in."""

import json
from pathlib import Path
from typing import Any

from sotokara.core.canonical import canonical, digest

from tests.tampered import observation

FACTS: dict[str, Any] = {"kind": "dns", "version": 2, "facts": {
    "rcode": "NOERROR", "addresses": ["192.0.2.1"],
    "records": [{"name": "a.example", "type": "A", "value": "192.0.2.1"}]}}  # fmt: skip


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


def facts(folder: Path, **fields: Any) -> str:
    """A facts object, some fields of it others."""
    return put(folder, canonical({**FACTS, **fields}))
