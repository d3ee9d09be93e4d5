"""Places: the vantages that the settings name, and which engine measures at each."""

from collections.abc import Iterable, Mapping
from ipaddress import ip_network
from typing import Annotated, ClassVar

import msgspec

from sotokara.core.said import said

AUTHOR, LAB, SANDBOX = "author", "lab", "sandbox"
_AREAS = ("WW", "West", "North-Central", "South-Central", "North-East", "South-East")
TEST_NETWORKS = frozenset({LAB, SANDBOX})
"""Places in networks of our own making, where names and addresses are not the Internet's."""

Position = Annotated[list[float], msgspec.Meta(min_length=2, max_length=2)]


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A place of any engine."""

    far: ClassVar[bool] = False
    """Whether a build measures there without being there."""
    public: ClassVar[bool] = False
    """Whether a public platform measures there, and reports."""
    at: Position | None = None
    """Where it is: ``[latitude, longitude]``, for the map of its figures."""


class BuildPlace(Place, frozen=True, tag_field="engine", tag="build"):
    """Measured by a build that runs there: one whose own ``vantage`` has this name."""


class DaskPlace(Place, frozen=True, tag_field="engine", tag="dask"):
    """Measured by a Dask worker on a host of one's own."""

    far: ClassVar[bool] = True

    worker: str = ""
    """What its ``dask worker --resources`` says after ``place-``; empty: the place's own name."""


Probes = Annotated[int, msgspec.Meta(ge=1, le=50)]


class GlobalpingPlace(Place, frozen=True, tag_field="engine", tag="globalping"):
    """Measured by a probe of Globalping, and reported by it."""

    far: ClassVar[bool] = True
    public: ClassVar[bool] = True
    location: str
    """Where, in Globalping's words: a city, a country, a network, a cloud's region."""
    probes: Probes = 1
    """Of how many probes at most; several are one place's together."""


class AtlasPlace(Place, frozen=True, tag_field="engine", tag="ripe-atlas"):
    """Measured by probes of RIPE Atlas, for credits of one's own, and reported by it.

    One of ``country``, ``asn``, ``area``, ``prefix`` and ``ids`` says where.
    """

    far: ClassVar[bool] = True
    public: ClassVar[bool] = True
    country: str = ""
    """A code of ISO 3166-1: ``DE``."""
    asn: int = 0
    """A network's number."""
    area: str = ""
    """``WW``, ``West``, ``North-Central``, ``South-Central``, ``North-East``, ``South-East``."""
    prefix: str = ""
    """Addresses that its probes have."""
    ids: list[int] = []
    """These very probes."""
    probes: Probes = 1
    """Of how many probes; several are one place's together."""
    tags: list[str] = []
    """Only probes that have all of these tags (``system-ipv4-works``)."""

    @property
    def source(self) -> tuple[str, str | int]:
        """Where, as RIPE Atlas calls it: a type and a value.

        :raises ValueError: where nothing or more than one thing says it, or it is none.
        """
        named: dict[str, str | int] = {
            name: value
            for name in ("country", "asn", "area", "prefix")
            if (value := getattr(self, name))
        }
        if self.ids:
            named["probes"] = ",".join(map(str, self.ids))
        if len(named) != 1:
            raise ValueError(said("say where with one of country, asn, area, prefix and ids"))
        ((kind, value),) = named.items()
        proper = {
            "country": lambda: len(self.country) == 2 and self.country.isalpha(),  # noqa: PLR2004
            "asn": lambda: 0 < self.asn < 1 << 32,
            "area": lambda: self.area in _AREAS,
            "prefix": lambda: "/" in self.prefix and bool(ip_network(self.prefix)),
            "probes": lambda: all(0 < one < 1 << 31 for one in self.ids),
        }
        if not proper[kind]():
            raise ValueError(said("{}: {!r} is none", kind, value))
        return kind, value.upper() if kind == "country" and isinstance(value, str) else value

    @property
    def wanted(self) -> int:
        """How many probes are asked for."""
        return len(self.ids) or self.probes


class Dask(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The cluster of one's own hosts (Dask ``distributed``); files are relative to mkdocs.yml."""

    scheduler: str = ""
    """The scheduler's address: ``tls://host:8786``."""
    ca: str = ""
    """The authority that has signed the certificates of the cluster, a PEM file."""
    certificate: str = ""
    """This machine's certificate, a PEM file."""
    key: str = ""
    """Its private key, a PEM file."""
    portion: Annotated[int, msgspec.Meta(ge=1, le=256)] = 16
    """Definitions that go to a host as one task."""


class Globalping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How Globalping is asked. A token of one's own is read from ``SOTOKARA_GLOBALPING_TOKEN``."""

    api: str = "https://api.globalping.io/v1"
    """Its API."""


class RipeAtlas(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How RIPE Atlas is asked. The key that pays is read from ``SOTOKARA_ATLAS_KEY``."""

    api: str = "https://atlas.ripe.net/api/v2"
    """Its API."""
    credits: Annotated[int, msgspec.Meta(ge=0)] = 1000
    """The most that one build may spend; what would cost more is not measured."""
    patience: Annotated[float, msgspec.Meta(gt=0)] = 480.0
    """Seconds that reports are waited for."""


AnyPlace = BuildPlace | DaskPlace | GlobalpingPlace | AtlasPlace
_PLATFORMS = frozenset(one.__struct_config__.tag for one in (GlobalpingPlace, AtlasPlace))


BETWEEN = "\x02"
"""Between a place's name and the platform that measures there, in whose history it is."""


def history_of(name: str, engine: str = "") -> str:
    """What stands for a place's history: one name may be a host of one's own, then a platform's.

    ``engine``: as places name it. A build there and a worker there are one host, and one history;
    what a public platform's probes see is another one.
    """
    return f"{name}{BETWEEN}{engine}" if engine in _PLATFORMS else name


def name_of(history: str) -> str:
    """The name of the place whose history it is."""
    return history.partition(BETWEEN)[0]


def engine_of(place: AnyPlace | None) -> str:
    """The public platform that measures at a place; empty for hosts of one's own."""
    if not isinstance(place, GlobalpingPlace | AtlasPlace):
        return ""
    return str(place.__struct_config__.tag)


def proper(given: Mapping[str, AnyPlace]) -> None:
    """See that each place has a name that one can have, and is somewhere on Earth.

    :raises ValueError: where one is not; says which.
    """
    for name, place in given.items():
        if not is_name(name):
            raise ValueError(said("{!r} is no name of a place; use letters, digits, _ and -", name))
        try:
            _ = place.source if isinstance(place, AtlasPlace) else None
        except ValueError as error:
            raise ValueError(said("{}: {}", name, error)) from error
        if place.at is not None and not (abs(place.at[0]) <= 90 and abs(place.at[1]) <= 180):  # noqa: PLR2004  # degrees
            raise ValueError(said("{}: at: {} is no [latitude, longitude]", name, place.at))


def resolver(name: str, words: Mapping[str, str]) -> str:
    """Whose resolver a build asks at its place ``name``, in words."""
    return words[f"resolver_{name}" if name in TEST_NETWORKS else "resolver"]


def is_name(text: str) -> bool:
    """Whether a place can have this name: it stands in expressions, file names and resources."""
    return text.isascii() and text.replace("-", "_").isidentifier()


def named_places(places: Mapping[str, AnyPlace], own: str) -> set[str]:
    """The names that ``from`` may have without evidence from there."""
    return {*places, own, AUTHOR, *TEST_NETWORKS}


def outside_window(moments: Iterable[float], window: float) -> list[int]:
    """The numbers of those that lie more than ``window`` before the latest."""
    every = list(moments)
    latest = max(every, default=0.0)
    return [number for number, one in enumerate(every) if latest - one > window]
