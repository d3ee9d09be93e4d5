"""``python -m tests.peers second FOLDER…``: how often ipwhois reads recorded answers otherwise.

Each folder is a checkout; nothing is fetched. Read are registries' answers on addresses:

- ``ipwhois/tests/rdap.json``, ``whois.json``, ``jpnic.json``, ``krnic.json`` (secynic/ipwhois)
- objects of class ``ip network`` in any JSON file (meeb/whoisit's ``tests``, icann/icann-rdap's
  ``test_files``)

and this project's own cases. Printed is each fact that the two read otherwise, with both readings,
and how many facts were compared. A fact that only one of them reads is no difference.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sotokara.core.observation import Exchange, Failure
from sotokara.kinds.rdap.kind import Rdap
from sotokara.kinds.shared.rdap.message import MEDIA_TYPE, keep
from sotokara.kinds.shared.rdap.objects import LOOKUP
from sotokara.kinds.shared.registry import second
from sotokara.kinds.shared.registry.facts import RegistryFacts
from sotokara.kinds.whois.kind import Whois
from sotokara.kinds.whois.text import charset

_RIRS = {
    "arin": "whois.arin.net",
    "ripencc": "whois.ripe.net",
    "apnic": "whois.apnic.net",
    "lacnic": "whois.lacnic.net",
    "afrinic": "whois.afrinic.net",
}
_NIRS = {"jpnic": "whois.nic.ad.jp", "krnic": "whois.kisa.or.kr"}
_CASES = Path(__file__).parent.parent / "cases"


class Read(NamedTuple):
    """One answer, read by both."""

    name: str
    facts: RegistryFacts | None
    differ: Mapping[str, tuple[str, str]]


def main(words: list[str]) -> int:
    """The command line's words behind ``second``."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.peers second",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    asked = parser.parse_args(words)
    compared = Counter[str]()
    differing, answers, unread = 0, 0, 0
    real = second.conflicting_readings

    def counting(ours: Mapping[str, str], theirs: Mapping[str, str]) -> second.Readings:
        compared.update(name for name, said in theirs.items() if said.strip() and ours.get(name))
        return real(ours, theirs)

    second.conflicting_readings = counting
    try:
        for one in [*_own(), *(each for folder in asked.folders for each in _peers(folder))]:
            answers += 1
            if one.facts is None:
                unread += 1
                print(f"{one.name}: no registration is read here")
            differing += bool(one.differ)
            for fact, (ours, theirs) in one.differ.items():
                print(f"{one.name}: {fact}: {ours} here, {theirs} as ipwhois reads it")
    finally:
        second.conflicting_readings = real
    told = ", ".join(f"{name} {count}" for name, count in sorted(compared.items()))
    print(f"{answers} answers, of which {unread} state no registration here")
    print(f"{sum(compared.values())} facts that both read: {told}")
    print(f"the two differ in {differing} answers")
    return 0


def _own() -> Iterator[Read]:
    for path in sorted(_CASES.glob("*/whois.*/*.json")):
        case = json.loads(path.read_text("utf-8"))
        if case.get("facts", {}).get("prefixes"):
            raw = path.with_suffix(".raw").read_bytes()
            yield _whois(path.name, path.parent.name, case["target"], raw)


def _peers(folder: Path) -> Iterator[Read]:
    own = folder / "ipwhois" / "tests"
    for file in ("whois", "jpnic", "krnic"):
        for address, one in _loaded(own / f"{file}.json").items():
            about = one.get("asn_data") or {}
            server = _NIRS.get(file) or _RIRS[about["asn_registry"]]
            yield _whois(f"{file}.json {address}", server, address, one["response"].encode())
    for address, one in _loaded(own / "rdap.json").items():
        if isinstance(one.get("response"), dict):
            yield _object(f"rdap.json {address}", address, one["response"])
    for path in sorted(folder.rglob("*.json")):
        found = _loaded(path)
        if found.get("objectClassName") == "ip network":
            yield _object(path.name, _start(found), found)


def _loaded(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _whois(name: str, server: str, target: str, raw: bytes) -> Read:
    kind = f"text/plain; charset={charset(server, raw)}"
    exchange = Exchange("referral", server, "whois", b"?", raw, media_type=kind)
    return _read(name, Whois(target=target, server=server).normal(), exchange)


def _start(found: dict[str, Any]) -> str:
    """The first address, in the old forms too (``074.125.000.000``, with a prefix)."""
    text = str(found["startAddress"]).partition("/")[0]
    return ".".join(part.lstrip("0") or "0" for part in text.split(".")) if "." in text else text


def _object(name: str, target: str, found: dict[str, Any]) -> Read:
    kept = keep(200, {"content-type": "application/rdap+json"}, json.dumps(found).encode())
    exchange = Exchange(LOOKUP, "rdap.example", "https", b"GET", kept, media_type=MEDIA_TYPE)
    return _read(name, Rdap(target=target).normal(), exchange)


def _read(name: str, question: Whois | Rdap, exchange: Exchange) -> Read:
    reading = question.parse([exchange])
    facts = reading.facts if isinstance(reading.facts, RegistryFacts) else None
    if isinstance(reading.failure, Failure):
        facts = None
    return Read(name, facts, reading.volatile.get("readings", {}))
