"""`from: sandbox`: measured for real on loopback, kept aside, and never mixed with the evidence."""

import json
import re
import socket
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml
from hatchling.builders.wheel import WheelBuilder
from sotokara.core.observation import Observation, Outcome
from sotokara.ledger import Ledger
from sotokara.network.policy import special
from sotokara.servers import town, zone
from sotokara.site import report
from sotokara.site.build import Build
from sotokara.site.read_site import read_site

from tests.sites import ROOT, fence, make_site

BEGAN = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOWN = """
settings:
  resolvers: [192.0.2.53]
  control: {dns: [192.0.2.1], whois: [whois.iana.org], https: [data.iana.org]}
  registry_pause: 0
  policy: {allow: [192.0.2.0/24]}
  smtp: {mail_from: me@here.example, control: [mx.far.example], pause: 0}
dns: {192.0.2.1: authority, 192.0.2.53: resolver}
silent: [192.0.2.54]
records: |
  . SOA a.root.example. h.root.example. 1 1800 900 604800 60
  . NS a.root.example.
  whois.iana.org. A 192.0.2.10
  data.iana.org. A 192.0.2.11
  rdap.nic.example. A 192.0.2.12
  here.example. MX 10 mx.here.example.
  mx.here.example. A 192.0.2.25
  mx.far.example. A 192.0.2.26
  shop.example. A 192.0.2.80
  shop.example. A 192.0.2.81
  www.shop.example. CNAME shop.example.
whois:
  whois.iana.org:
    192.0.2.0/24: "inetnum: 192.0.2.0 - 192.0.2.255\\nnetname: WIDE\\nsource: TOWN\\n"
    192.0.2.80/31: "inetnum: 192.0.2.80 - 192.0.2.81\\nnetname: NARROW\\nsource: TOWN\\n"
web:
  data.iana.org:
    files: {/rdap/dns.json: {services: [[[example], ["https://rdap.nic.example/"]]]}}
  rdap.nic.example:
    objects: {shop.example: {objectClassName: domain, ldhName: shop.example, handle: S-1}}
mail:
  mx.far.example: {banner: 220 mx.far.example, EHLO: 250 mx.far.example}
  mx.here.example: {banner: 220 mx.here.example, EHLO: 250 mx.here.example, RCPT: 550 5.1.1 no}
later:
  - at: 2026-03-01T13:00:00Z
    until: 2026-03-01T15:00:00Z
    records: shop.example. A 192.0.2.99
    mail: {mx.here.example: {hangs_up: true}}
"""
PAGE = """
# A page

```probe
dns: www.shop.example
type: A
id: shop
from: sandbox
expect: "'192.0.2.80' in addresses"
```
```probe
whois: "{{ shop.addresses }}"
id: whose
from: sandbox
```
```probe
rdap: shop.example
id: register
from: sandbox
```
```probe
smtp: here.example
id: mail
from: sandbox
```
```probe
dns: shop.example
server: 192.0.2.54
id: silence
from: sandbox
```
```probe
traceroute: 192.0.2.80
id: path
from: sandbox
```
```probe
dns: shop.example
id: outside
```
```probe
dns: shop.example
id: loopback
server: 127.9.9.9
from: sandbox
```
"""


class Town(town.Town):
    """The town of these tests, at a time that they choose."""

    now = BEGAN
    all_ports: list[int] = []

    def __init__(self) -> None:
        super().__init__(TOWN, lambda: Town.now)

    async def start(self) -> None:
        await super().start()
        Town.all_ports += self.ports.values()


def measured(folder: Path, **settings: Any) -> Build:
    """One round over the pages, as `sotokara run` makes it."""
    site = read_site(folder / "mkdocs.yml")
    build = site.begin(site.settings(**settings))
    try:
        assert build.finish() == []
    finally:
        build.run.stop()
    return build


def by_id(build: Build) -> dict[str, list[Observation | None]]:
    found: dict[str, list[Observation | None]] = {}
    for figure in build.plan.figures():
        found.setdefault(figure.node.definition.id or "", []).append(figure.now)
    return found


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Build]]:
    """Two rounds: before a change, and after it."""
    folder = make_site(
        tmp_path_factory.mktemp("sandbox") / "site",
        {"index.md": PAGE},
        resolvers=["127.0.0.1:9"],
        control=["127.0.0.1:9"],
        timeout=1,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(town, "Town", Town)
        found = []
        for Town.now in (BEGAN, BEGAN + timedelta(hours=2)):
            found.append(measured(folder))
    return folder, found


def test_it_answers_without_any_network(rounds: tuple[Path, list[Build]]) -> None:
    seen = by_id(rounds[1][0])
    (shop,), (register,), (mail,) = seen["shop"], seen["register"], seen["mail"]
    assert shop is not None
    assert register is not None
    assert mail is not None
    assert shop.facts.addresses == ["192.0.2.80", "192.0.2.81"]  # type: ignore[union-attr]
    assert register.facts.handle == "S-1"  # type: ignore[union-attr]
    assert mail.facts.verdict == "rejects"  # type: ignore[union-attr]
    names = [one.facts.netname for one in seen["whose"] if one]  # type: ignore[union-attr]
    assert names == ["NARROW", "NARROW"]
    (outside,) = seen["outside"]
    assert outside is not None
    assert outside.outcome is Outcome.NOT_MEASURED


def test_silence_is_the_server_s_and_what_leads_nowhere_is_not_asked(
    rounds: tuple[Path, list[Build]],
) -> None:
    seen = by_id(rounds[1][0])
    outcomes = {
        name: one.failure.name
        for name in ("silence", "path", "loopback")
        if (one := seen[name][0]) and one.failure
    }
    assert outcomes == {
        "silence": "generic_timeout_error",
        "path": "policy_refused",
        "loopback": "policy_refused",
    }


def test_what_changes_in_the_town_is_seen(rounds: tuple[Path, list[Build]]) -> None:
    found = {
        figure.node.definition.id: findings
        for figure, findings in rounds[1][1].found()
        if figure.node.definition.id
    }
    assert [one.state for one in found["shop"].claims] == ["broken"]
    assert len(found["shop"].changes) == 1
    (mail,) = by_id(rounds[1][1])["mail"]
    assert mail is not None
    assert mail.outcome is Outcome.NO_ANSWER


def test_it_is_kept_aside_and_says_where_it_was_seen(rounds: tuple[Path, list[Build]]) -> None:
    folder, builds = rounds
    assert not (folder / "evidence").exists()
    runs = list((folder / ".cache" / "sandbox" / "runs").rglob("*.jsonl"))
    assert len(runs) == 2
    lines = [json.loads(line) for run in runs for line in run.read_text().splitlines()]
    assert {line["vantage"]["name"] for line in lines} == {"sandbox"}
    assert "against servers that come with the blog" in report.summary(builds[0].kept)[0]


def test_no_port_and_no_loopback_stands_in_what_was_seen(
    rounds: tuple[Path, list[Build]],
) -> None:
    kept = rounds[0] / ".cache" / "sandbox"
    text = "".join(path.read_text() for path in kept.rglob("*.json*") if path.is_file())
    assert "127.0.0" not in text
    ports = "|".join(map(str, Town.all_ports))
    assert not re.search(rf'[:"\s](?:{ports})["\s,}}]', text)


def test_nothing_is_left_running(rounds: tuple[Path, list[Build]]) -> None:
    assert Town.all_ports
    for port in Town.all_ports:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", port))
        with socket.socket() as closed, pytest.raises(ConnectionRefusedError):
            closed.connect(("127.0.0.1", port))


def test_a_replay_shows_it_and_starts_nothing(
    rounds: tuple[Path, list[Build]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(town, "Town", None)
    (shop,) = by_id(measured(rounds[0], mode="replay"))["shop"]
    assert shop is not None
    assert shop.facts.addresses == ["192.0.2.99"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda patch: patch.setitem(sys.modules, "sotokara.servers.town", None), "repository"),
        (lambda patch: patch.setattr(town, "Town", _Full), "cannot start"),
    ],
)
def test_a_blog_without_the_servers_says_so(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[pytest.MonkeyPatch], None],
    why: str,
) -> None:
    spoil(monkeypatch)
    page = "# X\n\n" + fence(dns="shop.example", **{"from": "sandbox"})
    build = measured(make_site(tmp_path / "site", {"index.md": page}))
    (figure,) = build.plan.figures()
    assert figure.now is not None
    assert figure.now.failure is not None
    assert figure.now.failure.name == "vantage_elsewhere"
    assert why in figure.now.failure.detail
    assert figure.now.vantage.name == "sandbox"


class _Full(town.Town):
    async def start(self) -> None:
        raise OSError(24, "Too many open files")


def test_the_place_s_own_build_keeps_it_as_evidence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How the articles' evidence is made: the build's own place is the sandbox."""
    monkeypatch.setattr(town, "Town", Town)
    page = (
        "# X\n\n```probe\ndns: shop.example\nfrom: sandbox\n```\n\n```probe\ndns: a.example\n```\n"
    )
    folder = make_site(tmp_path / "site", {"index.md": page})
    build = measured(folder, vantage="sandbox", only=["sandbox"])
    assert [one.definition["dns"] for one in build.kept] == ["shop.example"]
    ledger = Ledger(folder / "evidence", folder / ".cache")
    assert [one.vantage for one in ledger.index.every()] == ["sandbox"]
    assert not (folder / ".cache" / "sandbox").exists()


def test_the_wheel_has_none_of_it() -> None:
    """So a blog of an author's own has no servers."""
    files = [one.distribution_path for one in WheelBuilder(str(ROOT)).recurse_included_files()]
    assert "sotokara/engine/sandbox.py" in files
    assert not [name for name in files if name.startswith("sotokara/servers/")]


def test_the_blog_s_own_town_is_whole() -> None:
    """Every host that its file speaks of has an address there, and none is anybody's."""
    plan = yaml.safe_load(town.FILE.read_text("utf-8"))
    records = zone.parse_zone(plan["records"])
    for change in plan["later"]:
        records |= zone.parse_zone(change.get("records", ""))
    every = (one for rrset in records.values() for one in rrset)
    addresses = [one.address for one in every if hasattr(one, "address")]
    networks = [ip_network(one) for one in plan["settings"]["policy"]["allow"]]
    assert all(any(ip_address(one) in net for net in networks) for one in addresses)
    assert all(special(net.network_address) for net in networks)
    hosts = {str(name).rstrip(".") for name, _ in records}
    assert {*plan["whois"], *plan["web"], *plan["mail"]} <= hosts
    known = (".example", ".arpa", ".cymru.com", ".iana.org")
    assert {name for name in hosts if not name.endswith(known)} <= {"", "example"}
