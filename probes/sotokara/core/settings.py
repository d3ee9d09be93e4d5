"""Settings: ``extra.probes`` in mkdocs.yml, each also as ``SOTOKARA_<NAME>`` in the environment."""

import difflib
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, TypeVar
from urllib.parse import urlsplit

import msgspec
import yaml

from sotokara.core.addresses import anchor, parse_network, server_address
from sotokara.core.durations import seconds
from sotokara.core.misfit import describe_value, misfit
from sotokara.core.own_network import masks_for
from sotokara.core.places import AnyPlace, Dask, Globalping, RipeAtlas, proper
from sotokara.core.signs import ascii_signs as plain_text
from sotokara.core.times import zone

DURATION = msgspec.Meta(extra={"duration": True})
"""Marks a number of seconds that may also be written ``15m``, ``12h``, ``30d``."""
_PREFIX = "SOTOKARA_"
_Section = TypeVar("_Section", bound=msgspec.Struct)
type_of_mode = Literal["live", "new", "replay"]


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who may be asked: networks opened, networks closed, kinds allowed (empty: all)."""

    allow: list[str] = []
    """Special-purpose networks that may be asked after all (``192.168.0.0/16``)."""
    deny: list[str] = []
    """Networks that are never asked; wins over ``allow``."""
    kinds: list[str] = []
    """The only kinds that run; empty: all; ``none``: no kind."""


class Tsa(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A time-stamp authority (RFC 3161) for ``sotokara seal``."""

    url: str = ""
    """Its address; empty: seals get no token."""
    certificate: str = ""
    """Its root certificate, a PEM file relative to mkdocs.yml: no other is trusted."""


class Controls(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is asked whether a silence is our own network's, by service."""

    dns: list[str] = []
    """Name servers (``address`` or ``address:port``); empty: three root servers."""
    whois: list[str] = msgspec.field(default_factory=lambda: ["whois.iana.org", "whois.arin.net"])
    """Hosts that answer on port 43."""
    https: list[str] = msgspec.field(default_factory=lambda: ["data.iana.org", "rdap.arin.net"])
    """Hosts that show a certificate of their own on port 443."""
    smtp: list[str] = []
    """Mail servers that greet by their own name; empty: those of ``smtp.control``."""


class Bulk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Definitions with many subjects (``each``)."""

    most: Annotated[int, msgspec.Meta(ge=1, le=100_000_000)] = 1_000_000
    """Subjects of one definition; more are refused before anything is asked."""
    workers: Annotated[int, msgspec.Meta(ge=0, le=64)] = 0
    """Processes that measure a batch (extra `places`); 1: the build's own; 0: one for each core,
    where there are four or more and 200,000 subjects."""
    under_way: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1000
    """Questions under way at once to the resolver, while it keeps up; others have `per_server`."""


class EvidenceStore(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the rows of batches are kept beside git (extra `store` for all but folders)."""

    address: str = ""
    """A folder relative to mkdocs.yml, or an address that fsspec knows (``s3://bucket/blog``)."""
    public: str = ""
    """The web address under which readers find the same files; empty: they find none."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All settings with their defaults; times in seconds."""

    mode: type_of_mode = "live"
    """live: measure what is older than max_age; new: what was never observed; replay: nothing."""
    warn_after: Annotated[float, DURATION] = 0.0
    """Evidence older than this is marked as old; 0: never."""
    error_after: Annotated[float, DURATION] = 0.0
    """Evidence older than this is marked as too old; 0: never."""
    max_age: Annotated[float, DURATION] = 0.0
    """Evidence younger than this is not measured again (seconds, or ``15m``, ``12h``, ``30d``)."""
    resolvers: list[str] = []
    """Addresses (``address`` or ``address:port``) of recursive resolvers; empty: the system's."""
    control: Controls | list[str] = Controls()
    """Who is asked after a failure, whether it is our own network's; a list: name servers."""
    timeout: Annotated[float, DURATION, msgspec.Meta(gt=0)] = 10.0
    """The deadline of one probe."""
    deadline: Annotated[float, DURATION, msgspec.Meta(gt=0)] = 600.0
    """The deadline of all probes of a build together."""
    concurrency: Annotated[int, msgspec.Meta(ge=1)] = 256
    """Probes under way at once."""
    per_server: Annotated[int, msgspec.Meta(ge=1)] = 8
    """Questions under way at once to any one server other than the resolvers."""
    registry_pause: Annotated[float, DURATION, msgspec.Meta(ge=0)] = 0.5
    """Between two questions to one registry, which is asked one question at a time."""
    policy: Policy = Policy()
    """Who may be asked; its keys are in the table below."""
    redact: list[str] = []
    """Addresses, networks and words that are taken out of everything before it is stored."""
    own_network: bool | list[str] = True
    """Hide the author's own hops of a path; or: the author's networks and AS numbers."""
    vantage: str = "author"
    """The name of the place that this build measures from."""
    places: dict[str, AnyPlace] = {}
    """Places that definitions may name in ``from``, and what measures at each."""
    dask: Dask = Dask()
    """The cluster that places with ``engine: dask`` are reached through."""
    globalping: Globalping = Globalping()
    """How places with ``engine: globalping`` are asked."""
    ripe_atlas: RipeAtlas = RipeAtlas()
    """How places with ``engine: ripe-atlas`` are asked."""
    window: Annotated[float, DURATION, msgspec.Meta(ge=0)] = 600.0
    """What places are to be asked within; what one saw earlier is named in the figure."""
    only: list[str] = []
    """Measure only what is asked from these places by name; empty: everything."""
    bulk: Bulk = Bulk()
    """Bounds of definitions with many subjects; its keys are in the table below."""
    tsa: Tsa = Tsa()
    """Who time-stamps seals."""
    evidence_dir: str = "evidence"
    """The ledger's folder, relative to mkdocs.yml."""
    evidence_store: EvidenceStore | str = ""
    """Where the rows of batches are kept beside git, a folder or an address; empty: in git."""
    drafts_dir: str = ".drafts"
    """The folder of what drafts have measured, relative to mkdocs.yml, until they are published."""
    list_published: bool = False
    """In ``replay`` too, a build adds what it publishes to the list in the evidence."""
    trust_anchors: list[str] = []
    """DS records of the root that DNSSEC is judged from (``. IN DS …``); empty: IANA's."""
    strict: bool = False
    """Broken claims fail the build (``mkdocs build --strict`` sets it)."""
    contact: str = ""
    """How the blog is reached (a mail or web address), named beside the right of reply."""
    data_licence: str = ""
    """The licence of the evidence (``CC BY 4.0``), named on its pages; empty: none is stated."""
    timezone: str = ""
    """The author's time zone (``Asia/Tokyo``), shown beside UTC; empty: UTC alone."""
    lang: str = "en"
    """The language of pages that name none."""
    of_kinds: dict[str, Any] = {}
    """The settings of single kinds under their names, each of the kind's own type."""

    @property
    def controls(self) -> Controls:
        """The controls, by service."""
        given = self.control
        return given if isinstance(given, Controls) else Controls(dns=given)

    @property
    def store(self) -> EvidenceStore:
        """Where rows are kept beside git."""
        given = self.evidence_store
        return given if isinstance(given, EvidenceStore) else EvidenceStore(given)

    def of_kind(self, name: str, form: type[_Section]) -> _Section:
        """The settings of one kind: as set, else the defaults of its ``form``."""
        section: _Section = self.of_kinds.get(name) or form()
        return section


class Sections(Protocol):
    """What the settings of single kinds look like."""

    def form(self, name: str) -> type[msgspec.Struct] | None:
        """The structure of a kind's settings; None where it has none, or is no kind."""

    def check(self, policy: Policy) -> None:
        """:raises ValueError: when ``policy.kinds`` names what is no kind."""


def durations(struct: type[msgspec.Struct]) -> list[str]:
    """The fields of a structure that are times: seconds, or ``15m``, ``12h``, ``30d``."""
    return [
        field.name
        for field in msgspec.structs.fields(struct)
        if any(one is DURATION for one in getattr(field.type, "__metadata__", ()))
    ]


class SettingsError(ValueError):
    """A setting is unknown or has the wrong form; the message says which and how to mend it."""

    def in_file(self, file: Path) -> "SettingsError":
        """The same with the line of mkdocs.yml, or of what it inherits, where it can be found."""
        own = re.match(r"mkdocs\.yml: (extra\.probes[^:\s]*): ", str(self))
        place = line_in(file, own[1].split(".")) if own else None
        if place is None:
            return self
        return SettingsError(str(self).replace("mkdocs.yml: ", f"{place[0]}:{place[1]}: ", 1))


def line_in(file: Path, path: Sequence[str]) -> tuple[str, int] | None:
    """The file and the 1-based line in which a key stands, or as much of the way to it as does."""
    try:
        node = yaml.compose(file.read_text("utf-8"), yaml.SafeLoader)
    except (OSError, ValueError, yaml.YAMLError):
        return None
    found: int | None = None
    parent = ""
    top = node
    for key in path:
        listed = isinstance(node, yaml.SequenceNode) and key.isdecimal()
        if node is not None and listed and 0 < int(key) <= len(node.value):
            node = node.value[int(key) - 1]
            found = node.start_mark.line + 1
            continue
        pairs: list[Any] = node.value if isinstance(node, yaml.MappingNode) else []
        name, node = next((one for one in pairs if str(one[0].value) == key), (None, None))
        if name is None:
            break
        found = name.start_mark.line + 1
    if found is None and isinstance(top, yaml.MappingNode):
        parent = next((str(v.value) for k, v in top.value if k.value == "INHERIT"), "")
    if parent:
        return line_in(file.parent / parent, path)
    return (file.name, found) if found else None


def _mapping(given: object) -> Mapping[Any, Any]:
    if given is None or isinstance(given, Mapping):
        return given or {}
    what = f"mkdocs.yml: extra.probes: {describe_value(given)} stands where settings are expected"
    raise SettingsError(f"{what}; write `key: value` below probes:, indented")


def load(
    given: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    sections: Sections | None = None,
    **forced: Any,  # noqa: ANN401  # any setting, validated below
) -> Settings:
    """Settings from mkdocs.yml's ``extra.probes``, overridden by the environment.

    :raises SettingsError: for an unknown name or a wrong value, naming where it was set.
    """
    environ = os.environ if environ is None else environ
    own = {f.name: f.type for f in msgspec.structs.fields(Settings) if f.name != "of_kinds"}
    values: dict[str, tuple[Any, str]] = {}
    for name, value in _mapping(given).items():
        values[str(name)] = value, f"mkdocs.yml: extra.probes.{name}"
    for variable, text in environ.items():
        name = variable.removeprefix(_PREFIX).lower()
        if variable.startswith(_PREFIX) and (name in own or (sections and sections.form(name))):
            given_here = _read(text, variable)
            if name in _GROWING and name in values:
                given_here = _both(values[name][0], given_here)
            values[name] = given_here, variable
    for name, value in forced.items():
        values[name] = value, name
    times, plain, of_kinds = durations(Settings), {}, {}
    for name, (value, origin) in values.items():
        if name in own:
            number = seconds if name in times else None
            plain[name] = _convert(value, own[name], origin, number, _CHECKS.get(name))
        elif sections is not None and (form := sections.form(name)):
            of_kinds[name] = _section(value, form, origin)
        else:
            close = difflib.get_close_matches(plain_text(name).lower(), own, 1)
            hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(own)}"
            raise SettingsError(f"{origin}: no such setting; {hint}")
    if sections is not None and "policy" in plain:
        _convert(plain["policy"], Policy, values["policy"][1], check=sections.check)
    return Settings(**plain, of_kinds=of_kinds)


def _both(one: Any, other: Any) -> Any:  # noqa: ANN401  # whatever YAML says
    """What two places hide together: of two lists both, for nothing is to be shown again."""
    if isinstance(one, list) and isinstance(other, list):
        return list(dict.fromkeys([*one, *other]))
    return other


def _read(text: str, variable: str) -> Any:  # noqa: ANN401  # whatever YAML says
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        message = f"{variable}: not YAML ({error}); quote the value"
        raise SettingsError(message) from error


def _convert(
    value: Any,  # noqa: ANN401
    form: Any,  # noqa: ANN401
    origin: str,
    number: Callable[[Any], float] | None = None,
    check: Callable[[Any], object] | None = None,
) -> Any:  # noqa: ANN401
    try:
        value = number(value) if number else value
        converted = msgspec.convert(value, form)
        if check is not None:
            check(converted)
    except msgspec.ValidationError as error:
        found = misfit(value, form, origin.rpartition(".")[2])
        names = [one if isinstance(one, str) else str(one + 1) for one in found.path]
        message = f"{'.'.join([origin, *names])}: {found.what}; {found.hint}"
        raise SettingsError(message) from error
    except ValueError as error:
        message = f"{origin}: {error}; see the settings page of the guide"
        raise SettingsError(message) from error
    return converted


def _section(value: Any, form: type[msgspec.Struct], origin: str) -> Any:  # noqa: ANN401
    times = durations(form)

    def with_seconds(given: Any) -> Any:  # noqa: ANN401
        if not isinstance(given, dict):
            return given
        return {key: seconds(one) if key in times else one for key, one in given.items()}

    return _convert(value, form, origin, with_seconds)


def _each(check: Callable[[str], object]) -> Callable[[Any], object]:
    return lambda texts: [check(text) for text in texts]


def _controls(given: Controls | list[str]) -> None:
    for text in given.dns if isinstance(given, Controls) else given:
        server_address(text)
    hosts = [] if isinstance(given, list) else [*given.whois, *given.https, *given.smtp]
    for host in hosts:
        if not host or any(mark in host for mark in "/:@ "):
            raise ValueError(f"{host!r} is no host name")


def _policy(policy: Policy) -> None:
    for text in (*policy.allow, *policy.deny):
        parse_network(text)


def _store(given: EvidenceStore | str) -> None:
    """What is written here is published: it may hold no key."""
    address = given if isinstance(given, str) else given.address
    if "@" in urlsplit(address).netloc or "?" in address:
        raise ValueError("it may name no key and no option; a store's own tools say where they go")
    if isinstance(given, EvidenceStore):
        if given.public and urlsplit(given.public).scheme not in ("https", "http"):
            raise ValueError("public is no web address; write https://…")
        if given.public and not address:
            raise ValueError("public is set, and address is not")


_GROWING = frozenset({"redact", "own_network"})
"""What is hidden: a list in the environment adds to the one in mkdocs.yml."""
_CHECKS: dict[str, Callable[[Any], object]] = {
    "resolvers": _each(server_address),
    "control": _controls,
    "trust_anchors": _each(anchor),
    "own_network": lambda own: masks_for(own, None),
    "places": proper,
    "policy": _policy,
    "evidence_store": _store,
    "timezone": lambda name: zone(name) if name else None,
}
"""What else is asked of a setting that has the right type."""
