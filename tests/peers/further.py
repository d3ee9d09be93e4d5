"""Peers that keep answers by themselves, with what they expect inside their tests' code.

- domainr/whoistest: ``testdata/responses/SERVER/DOMAIN.mime``; names of random letters are free,
  ``google`` is not
- jsmitty12/phpWhois: ``tests/fixtures/DOMAIN.txt``, expected in ``tests/Handlers/*.php``
- shlin168/go-whois: ``whois/domain/testdata/ZONE/CASE.txt``, expected in ``whois/domain/*_test.go``
- utkarshkukreti/whois.ex: ``test/fixtures/raw/DOMAIN``, expected in ``test/whois/record_test.exs``
- mboot-github/WhoisDomain: ``testdata/DOMAIN/input``, ``output`` beside it
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sotokara.kinds.shared.registry.dates import first_day

from tests.peers.recorded import NO_MATCH, REGISTERED, Recorded, own_name, text_of

_DAYS = {
    "created": "allocated",
    "changed": "updated",
    "expires": "expires",
    "CreatedDate": "allocated",
    "UpdatedDate": "updated",
    "ExpiredDate": "expires",
    "created_at": "allocated",
    "updated_at": "updated",
    "expires_at": "expires",
    "creation_date": "allocated",
    "last_updated": "updated",
    "expiration_date": "expires",
}


def domainr(folder: Path) -> Iterator[Recorded]:
    """Every answer of ``testdata/responses``."""
    for path in sorted((folder / "testdata" / "responses").rglob("*.mime")):
        head, _, raw = path.read_bytes().replace(b"\r\n", b"\n").partition(b"\n\n")
        fields = dict(line.split(": ", 1) for line in head.decode().splitlines() if ": " in line)
        first = path.name.partition(".")[0]
        says = {"zx5v7d4v2k50l3pq": NO_MATCH, "google": REGISTERED}.get(first, "")
        target = fields["Query"].removesuffix("/e").rpartition(" ")[2]
        yield Recorded(
            "domainr", f"{path.parent.name}/{path.name}", path.parent.name, target, raw, says
        )


def smitty(folder: Path) -> Iterator[Recorded]:
    """Every fixture, with the days that the handlers' tests name."""
    said: dict[str, dict[str, Any]] = {}
    for test in sorted((folder / "tests" / "Handlers").glob("*.php")):
        for part in text_of(test).split("$query = '")[1:]:
            told = re.findall(
                r"^\s*'(created|changed|expires)'\s*=> '([\d-]+)'", part, re.MULTILINE
            )
            said[part.partition("'")[0]] = _days(told)
    for path in sorted((folder / "tests" / "fixtures").glob("*.txt")):
        zone = path.stem.rpartition(".")[2]
        facts = said.get(path.stem, {})
        says = REGISTERED if facts else ""
        server, domain = f"whois.nic.{zone}", path.stem.lower()
        yield Recorded("smitty", path.name, server, domain, path.read_bytes(), says, facts)


def shlin(folder: Path) -> Iterator[Recorded]:
    """Every case, with the facts of the test in Go that reads it."""
    root = folder / "whois" / "domain"
    said: dict[str, str] = {}
    for test in sorted(root.glob("*_test.go")):
        before = 0
        text = text_of(test)
        for match in re.finditer(r'checkParserResult\(t, "([\w.-]+)", "([\w/.]+)"', text):
            said[match[2]] = text[before : match.start()]
            before = match.end()
    for path in sorted((root / "testdata").rglob("*.txt")):
        where = f"{path.parent.name}/{path.name}"
        told = said.get(where, "")
        facts = _days(re.findall(r'(\w+Date): +"([\d-]+)T', told))
        if listed := re.search(r"NameServers: \[\]string\{(.*?)\}", told, re.DOTALL):
            names = re.findall(r'"([\w.-]+)', listed[1])
            facts["nameservers"] = sorted(name.lower().rstrip(".") for name in names)
        if name := re.search(r'Registrar: &Registrar\{\s*Name: +"([^"]+)"', told):
            facts["registrar"] = (name[1],)
        zone = path.parent.name.partition("_")[0]
        domain = re.search(r'DomainName: +"([^"]+)"', told)
        target = domain[1].lower() if domain else own_name(text_of(path), zone)
        raw = path.read_bytes()
        yield Recorded("shlin168", where, f"whois.nic.{zone}", target, raw, REGISTERED, facts)


def elixir(folder: Path) -> Iterator[Recorded]:
    """Every raw fixture, with the facts of its test."""
    tests = text_of(folder / "test" / "whois" / "record_test.exs")
    parts = {part.partition('"')[0]: part for part in tests.split('test "parse ')[1:]}
    for path in sorted((folder / "test" / "fixtures" / "raw").iterdir()):
        told = parts.get(path.name, "")
        facts = _days(re.findall(r"record\.(\w+_at), ~D\[([\d-]+)", told))
        if listed := re.search(r"nameservers == \[(.*?)\]", told, re.DOTALL):
            facts["nameservers"] = sorted(re.findall(r'"([\w.-]+)', listed[1]))
        if name := re.search(r'registrar (?:=~|==) "([^"]+)"', told):
            facts["registrar"] = (name[1],)
        server = f"whois.nic.{path.name.rpartition('.')[2]}"
        yield Recorded(
            "whois.ex", path.name, server, path.name, path.read_bytes(), REGISTERED, facts
        )


def mboot(folder: Path) -> Iterator[Recorded]:
    """Every recorded ``input``, with the days and the registrar of ``output``."""
    for path in sorted((folder / "testdata").glob("*/input")):
        beside = path.with_name("output")
        told = text_of(beside) if beside.exists() else ""
        facts = _days(re.findall(r"^(\w+) +datetime\.datetime ([\d-]+)", told, re.MULTILINE))
        if name := re.search(r"^registrar +str +'([^']+)'", told, re.MULTILINE):
            facts["registrar"] = (name[1],)
        domain = path.parent.name.lower()
        server = f"whois.nic.{domain.rpartition('.')[2]}"
        says = REGISTERED if facts else ""
        yield Recorded("mboot", domain, server, domain, path.read_bytes(), says, facts)


def _days(told: list[tuple[str, str]]) -> dict[str, Any]:
    return {
        _DAYS[name]: first_day(text) for name, text in told if name in _DAYS and first_day(text)
    }
