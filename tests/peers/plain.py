"""Peers that keep an answer and, beside it, what they expect as JSON.

- likexian/whois-parser: ``testdata/noterror/ZONE_DOMAIN`` with ``ZONE_DOMAIN.json`` beside it,
  ``testdata/notfound/ZONE_DOMAIN``
- io-developer/php-whois: ``tests/Iodev/Whois/Modules/Tld/parsing_data/.ZONE/NAME.txt`` with
  ``NAME.json`` (``null`` or none: not registered, where the name says so)
- joepie91/python-whois: ``test/data/DOMAIN`` (answers of several servers with ``--`` between)
  and ``test/target_normalized/DOMAIN``
- richardpenman/whois: ``test/samples/whois/DOMAIN`` and ``test/samples/expected/DOMAIN``
- pogzyb/asyncwhois: ``tests/samples/tld_ZONE.txt``, without labels here
- bytevader/structly-whois-parser: ``tests/samples/whois/DOMAIN.txt``, what macOS' ``whois`` printed
  (IANA's answer and the registry's below ``# SERVER``), and ``tests/samples/expected``
- icamys/whois-parser: ``test_data/whois_ZONE/DOMAIN.txt`` with the expectations in Go beside it
"""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sotokara.kinds.shared.registry.dates import first_day

from tests.peers.recorded import LIMITED, NO_MATCH, REGISTERED, Recorded, own_name, text_of


def likexian(folder: Path) -> Iterator[Recorded]:
    """Every answer of ``testdata``."""
    for path in sorted((folder / "testdata" / "noterror").glob("*_*")):
        if path.suffix in (".json", ".pre"):
            continue
        zone, _, domain = path.name.partition("_")
        beside = path.with_name(f"{path.name}.json")
        said = json.loads(beside.read_text("utf-8")) if beside.exists() else {}
        own = said.get("domain", {})
        people = [
            said[role]
            for role in ("registrant", "administrative", "technical", "billing")
            if role in said
        ]
        facts = _days(own, "created_date", "updated_date", "expiration_date")
        if servers := own.get("name_servers"):
            facts["nameservers"] = sorted(name.lower().rstrip(".") for name in servers)
        if registrar := said.get("registrar", {}).get("name"):
            facts["registrar"] = (registrar,)
        if holder := said.get("registrant", {}).get("organization"):
            facts["organization"] = holder
        target = str(own.get("punycode") or own.get("domain") or domain).lower()
        yield Recorded(
            "likexian",
            f"noterror/{path.name}",
            f"whois.nic.{zone}",
            target,
            path.read_bytes(),
            REGISTERED,
            facts,
            **_people(people, "organization"),
        )
    for path in sorted((folder / "testdata" / "notfound").glob("*_*")):
        zone, _, domain = path.name.partition("_")
        server = f"whois.nic.{zone}"
        yield Recorded(
            "likexian", f"notfound/{path.name}", server, domain, path.read_bytes(), NO_MATCH
        )


def iodev(folder: Path) -> Iterator[Recorded]:
    """Every answer of ``parsing_data``."""
    root = folder / "tests" / "Iodev" / "Whois" / "Modules" / "Tld" / "parsing_data"
    for path in sorted(root.rglob("*.txt")):
        zone = path.parent.name.strip(".")
        beside = path.with_suffix(".json")
        said: Any = json.loads(beside.read_text("utf-8")) if beside.exists() else None
        domain = said.get("domainName", "") if said else ""
        facts = _days(said or {}, "creationDate", "updatedDate", "expirationDate")
        if said and said.get("nameServers"):
            facts["nameservers"] = sorted(name.lower() for name in said["nameServers"])
        if said and said.get("registrar"):
            facts["registrar"] = (said["registrar"],)
        owner = (said["owner"],) if said and said.get("owner") else ()
        yield Recorded(
            "iodev",
            f"{path.parent.name}/{path.stem}",
            (said or {}).get("whoisServer") or f"whois.nic.{zone}",
            domain or own_name(text_of(path), zone),
            path.read_bytes(),
            REGISTERED if domain else NO_MATCH if "free" in path.stem else "",
            facts,
            names=owner,
        )


def joepie(folder: Path) -> Iterator[Recorded]:
    """Every answer of ``test/data``."""
    for path in sorted((folder / "test" / "data").iterdir()):
        beside = folder / "test" / "target_normalized" / path.name
        try:
            said = json.loads(beside.read_text("utf-8")) if beside.exists() else {}
        except ValueError:
            said = {}
        raw = path.read_bytes()
        people = [one for one in (said.get("contacts") or {}).values() if one]
        facts = _days(said, "creation_date", "updated_date", "expiration_date")
        if said.get("nameservers"):
            facts["nameservers"] = sorted(name.lower() for name in said["nameservers"])
        if said.get("registrar"):
            facts["registrar"] = tuple(said["registrar"])
        holder = ((said.get("contacts") or {}).get("registrant") or {}).get("organization")
        if isinstance(holder, str):
            facts["organization"] = holder
        zone = path.name.rpartition(".")[2]
        yield Recorded(
            "joepie91",
            path.name,
            f"whois.nic.{zone}",
            path.name.lower(),
            raw,
            REGISTERED if facts.get("nameservers") or facts.get("registrar") else "",
            facts,
            **_people(people, "organization"),
        )


def richard(folder: Path) -> Iterator[Recorded]:
    """Every answer of ``test/samples/whois``."""
    root = folder / "test" / "samples"
    for path in sorted((root / "whois").iterdir()):
        beside = root / "expected" / path.name
        said = json.loads(beside.read_text("utf-8")) if beside.exists() else {}
        facts = _days(said, "creation_date", "updated_date", "expiration_date")
        if said.get("registrar"):
            facts["registrar"] = (said["registrar"],)
        zone = path.name.rpartition(".")[2]
        yield Recorded(
            "richardpenman",
            path.name,
            f"whois.nic.{zone}",
            path.name.lower(),
            path.read_bytes(),
            REGISTERED if facts else "",
            facts,
        )


def pogzyb(folder: Path) -> Iterator[Recorded]:
    """Every answer of ``tests/samples``."""
    for path in sorted((folder / "tests" / "samples").glob("tld_*.txt")):
        zone = path.stem.removeprefix("tld_")
        domain = own_name(text_of(path), zone)
        yield Recorded("pogzyb", path.name, f"whois.nic.{zone}", domain, path.read_bytes())


_SERVER = re.compile(r"^# ([a-z0-9][a-z0-9.-]+)\r?\n", re.MULTILINE)


def structly(folder: Path) -> Iterator[Recorded]:
    """Of every sample the registry's own answer: what stands below the first named server."""
    root = folder / "tests" / "samples"
    for path in sorted((root / "whois").glob("*.txt")):
        beside = root / "expected" / path.name
        said = ast.literal_eval(text_of(beside)) if beside.exists() else {}
        _, *parts = _SERVER.split(text_of(path))
        if not parts:
            continue
        facts = _days(said, "registered_at", "updated_at", "expires_at")
        if servers := said.get("name_servers"):
            facts["nameservers"] = sorted(name.lower().rstrip(".") for name in servers)
        if said.get("registrar"):
            facts["registrar"] = (said["registrar"],)
        people = [said[role] for role in ("registrant", "admin", "tech") if said.get(role)]
        yield Recorded(
            "structly",
            path.name,
            parts[0],
            path.stem.lower(),
            parts[1].encode(),
            REGISTERED if facts else "",
            facts,
            **_people([{**one, "phone": one.get("telephone")} for one in people], "organization"),
        )


_GO = re.compile(r'TargetField: "(\w+)", ExpectedResult: "([^"]*)"')


def icamys(folder: Path) -> Iterator[Recorded]:
    """Every answer of ``test_data``; days alone are taken from the tests in Go."""
    for path in sorted((folder / "test_data").glob("whois_*/*.txt")):
        zone = path.parent.name.removeprefix("whois_").replace("_", ".")
        known = {"no_such_domain": NO_MATCH, "rate_limit": LIMITED, "malformed_request": ""}
        says = known.get(path.stem, REGISTERED)
        beside = folder / f"parser_{path.parent.name.removeprefix('whois_')}_test.go"
        said = dict(_GO.findall(text_of(beside))) if beside.exists() else {}
        facts: dict[str, Any] = {}
        if says == REGISTERED:
            facts = _days(said, "CreatedDate", "UpdatedDate", "ExpirationDate")
            facts |= {"registrar": (name,)} if (name := said.get("RegistrarName")) else {}
        domain = path.stem if says == REGISTERED else own_name(text_of(path), zone)
        raw = path.read_bytes()
        where = f"{path.parent.name}/{path.name}"
        yield Recorded("icamys", where, f"whois.nic.{zone}", domain, raw, says, facts)


def _days(said: dict[str, Any], *names: str) -> dict[str, Any]:
    """The days under three names; None where the peer says that there is none."""
    facts: dict[str, Any] = {}
    for name, ours in zip(names, ("allocated", "updated", "expires"), strict=True):
        value = said.get(name)
        text = value[0] if isinstance(value, list) and value else value
        if isinstance(text, str) and (found := first_day(text)):
            facts[ours] = found
    return facts


def _people(people: list[dict[str, Any]], organization: str) -> dict[str, tuple[str, ...]]:
    def every(*keys: str) -> tuple[str, ...]:
        found = [one.get(key) for one in people for key in keys]
        return tuple(text for text in found if isinstance(text, str) and re.search(r"\w", text))

    return {
        "names": every("name"),
        "organizations": every(organization),
        "numbers": every("phone", "fax"),
        "streets": tuple(line for text in every("street", "address") for line in text.splitlines()),
        "mails": every("email"),
    }
