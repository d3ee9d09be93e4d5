"""Places: the vantages that the settings name, and which engine measures at each."""

from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar

import msgspec

from sotokara.core.said import said

AUTHOR, LAB, SANDBOX = "author", "lab", "sandbox"
TEST_NETWORKS = frozenset({LAB, SANDBOX})
"""Places in networks of our own making, where names and addresses are not the Internet's."""

Position = Annotated[list[float], msgspec.Meta(min_length=2, max_length=2)]


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A place of any engine."""

    far: ClassVar[bool] = False
    """Whether a build measures there without being there."""
    at: Position | None = None
    """Where it is: ``[latitude, longitude]``. No figure shows it yet."""


class BuildPlace(Place, frozen=True, tag_field="engine", tag="build"):
    """Measured by a build that runs there: one whose own ``vantage`` has this name."""


class DaskPlace(Place, frozen=True, tag_field="engine", tag="dask"):
    """Measured by a Dask worker on a host of one's own."""

    far: ClassVar[bool] = True

    worker: str = ""
    """What its ``dask worker --resources`` says after ``place-``; empty: the place's own name."""


class GlobalpingPlace(Place, frozen=True, tag_field="engine", tag="globalping"):
    """Measured by a probe of Globalping, and reported by it."""

    far: ClassVar[bool] = True
    location: str
    """Where, in Globalping's words: a city, a country, a network, a cloud's region."""


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


AnyPlace = BuildPlace | DaskPlace | GlobalpingPlace


def proper(given: Mapping[str, AnyPlace]) -> None:
    """See that each place has a name that one can have, and is somewhere on Earth.

    :raises ValueError: where one is not; says which.
    """
    for name, place in given.items():
        if not is_name(name):
            raise ValueError(said("{!r} is no name of a place; use letters, digits, _ and -", name))
        if place.at is not None and not (abs(place.at[0]) <= 90 and abs(place.at[1]) <= 180):  # noqa: PLR2004  # degrees
            raise ValueError(said("{}: at: {} is no [latitude, longitude]", name, place.at))


def resolver(name: str, words: Mapping[str, str]) -> str:
    """Whose resolver a build asks at its place ``name``, in words."""
    return words[f"resolver_{name}" if name in TEST_NETWORKS else "resolver"]


def is_name(text: str) -> bool:
    """Whether a place can have this name: it stands in expressions, file names and resources."""
    return text.isascii() and text.replace("-", "_").isidentifier()


def known(places: Mapping[str, AnyPlace], own: str) -> set[str]:
    """The names that ``from`` may have without evidence from there."""
    return {*places, own, AUTHOR, *TEST_NETWORKS}


def apart(moments: Iterable[float], window: float) -> list[int]:
    """The numbers of those that lie more than ``window`` before the latest."""
    every = list(moments)
    latest = max(every, default=0.0)
    return [number for number, one in enumerate(every) if latest - one > window]
