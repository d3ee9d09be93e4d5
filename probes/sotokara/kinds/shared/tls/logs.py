"""Logs of Certificate Transparency (RFC 6962), from a list in the JSON of version 3.

Google and Apple publish such lists. None is shipped: the author names a file of his own.
"""

import json
from base64 import b64decode
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

_LARGEST = 4 * 1024 * 1024


class CtLog(NamedTuple):
    """One log: its public key (DER), its name, who runs it, where it answers (RFC 6962, 4)."""

    key: bytes
    name: str
    operator: str
    url: str = ""
    """Empty for a log of static tiles, which answers otherwise."""
    tiles: str = ""
    """Where such a log is read (C2SP static-ct-api, the monitoring prefix)."""


class LogList(NamedTuple):
    """A list: when it was made, as it says itself (empty: it does not), and its logs by id."""

    date: str
    logs: Mapping[bytes, CtLog]


def read_log_list(path: Path) -> LogList:
    """The list in a file.

    :raises OSError: where it cannot be read.
    :raises ValueError: where it is no list of logs.
    """
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int) -> LogList:
    with path.open("rb") as opened:
        content = opened.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise ValueError("a list of logs is smaller")
    return list_of(content)


def list_of(content: bytes) -> LogList:
    """The list that JSON text is. :raises ValueError: where it is none."""
    try:
        found = json.loads(content)
        logs = {}
        for operator in found["operators"]:
            for one in [*operator.get("logs", []), *operator.get("tiled_logs", [])]:
                key = b64decode(one["key"], validate=True)
                name, url = _text(one, "description"), str(one.get("url", ""))
                tiles = str(one.get("monitoring_url", ""))
                logs[sha256(key).digest()] = CtLog(key, name, str(operator["name"]), url, tiles)
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"no list of logs ({type(error).__name__})") from error
    if not logs:
        raise ValueError("no log in the list")
    return LogList(_date(found.get("log_list_timestamp")), logs)


def _text(one: Mapping[str, Any], key: str) -> str:
    return " ".join(str(one.get(key, "")).split())[:100]


def _date(text: object) -> str:
    try:
        return datetime.fromisoformat(str(text)).date().isoformat()
    except ValueError:
        return ""
