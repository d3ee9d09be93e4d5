"""flipbit/whois: ``tests/Whois.Tests/Samples/SERVER/ZONE/STATUS/NAME.txt``.

What is expected stands in ``tests/Whois.Tests/Parsing/**/*.cs``: a ``SampleReader.Read("server",
"zone", "status", "file")`` and below it, up to the next, ``Assert.Equal("text", response.Member)``.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.peers.recorded import (
    LIMITED,
    NO_MATCH,
    OTHER,
    REGISTERED,
    RESERVED,
    Recorded,
    own_name,
    text_of,
)

_READ = re.compile(r'SampleReader\.Read\(("[^)]*")\)')
_EQUAL = re.compile(
    r"Assert\.Equal\((?:new DateTime\((\d+), (\d+), (\d+)[^)]*\)|\"((?:[^\"\\]|\\.)*)\"|(\d+)"
    r"|RegistrationStatus\.(\w+)), response\.([\w.\[\]]+?)(?:\.ToString\(\))?\);"
)
_STATUS = {
    "found": REGISTERED,
    "not-found": NO_MATCH,
    "throttled": LIMITED,
    "reserved": RESERVED,
    "suspended": REGISTERED,
    "pending-delete": REGISTERED,
    "redemption": REGISTERED,
    "expired": REGISTERED,
    "inactive": REGISTERED,
    "locked": REGISTERED,
}
_SAID = {"Found": REGISTERED, "NotFound": NO_MATCH, "Throttled": LIMITED, "Reserved": RESERVED}
_DAYS = {"Registered": "allocated", "Updated": "updated", "Expiration": "expires"}
_CONTACT = re.compile(
    r"(?:Registrant|AdminContact|TechnicalContact|BillingContact)\.(\w+)(?:\[\d+\])?"
)


def read(folder: Path) -> Iterator[Recorded]:
    """Every sample of a checkout, RDAP's left out."""
    tests = folder / "tests" / "Whois.Tests"
    expected = _expected(tests / "Parsing")
    root = tests / "Samples"
    for path in sorted(root.rglob("*.txt")):
        parts = path.relative_to(root).parts
        if len(parts) != 4:
            continue
        members = expected.get(parts, [])
        text = text_of(path)
        said = next((text for name, text in members if name == "Status"), "")
        domain = next((text for name, text in members if name == "DomainName"), "")
        yield Recorded(
            "flipbit",
            "/".join(parts),
            parts[0],
            _target(domain, text, parts).lower(),
            path.read_bytes(),
            _SAID.get(said) or _STATUS.get(parts[2], OTHER),
            _facts(members),
            **_contacts(members),
        )


def _target(domain: str, text: str, parts: tuple[str, ...]) -> str:
    if "." in domain:
        return domain
    stem = parts[3].removesuffix(".txt")
    return stem if stem.count(".") and "_" not in stem else own_name(text, parts[1])


def _expected(root: Path) -> dict[tuple[str, ...], list[tuple[str, str]]]:
    found: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for path in sorted(root.rglob("*.cs")):
        pieces = _READ.split(path.read_text("utf-8-sig"))
        for where, body in zip(pieces[1::2], pieces[2::2], strict=True):
            members = []
            for match in _EQUAL.finditer(body):
                year, month, day, text, number, status, name = match.groups()
                value = text or number or status or ""
                if year:
                    value = f"{int(year):04}-{int(month):02}-{int(day):02}"
                members.append((name, value.replace('\\"', '"')))
            found[tuple(re.findall(r'"([^"]*)"', where))] = members
    return found


def _facts(members: list[tuple[str, str]]) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for name, text in members:
        if name in _DAYS:
            facts[_DAYS[name]] = text
        elif name == "Registrar.Name":
            facts["registrar"] = (text,)
        elif name == "Registrant.Organization":
            facts["organization"] = text
    servers = [text.lower() for name, text in members if name.startswith("NameServers[")]
    count = next((text for name, text in members if name == "NameServers.Count"), "")
    if servers and count == str(len(servers)):
        facts["nameservers"] = sorted(servers)
    return facts


def _contacts(members: list[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    kept: dict[str, list[str]] = {
        name: [] for name in ("names", "organizations", "numbers", "streets", "mails")
    }
    into = {
        "Name": "names",
        "Organization": "organizations",
        "TelephoneNumber": "numbers",
        "FaxNumber": "numbers",
        "Address": "streets",
        "Email": "mails",
    }
    for name, text in members:
        if (match := _CONTACT.fullmatch(name)) and match[1] in into:
            kept[into[match[1]]].append(text)
    return {name: tuple(texts) for name, texts in kept.items()}
