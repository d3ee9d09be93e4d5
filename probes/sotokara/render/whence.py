"""When and from where something was observed, in words, and what holds in test networks alone."""

from typing import NamedTuple

from sotokara.core.display import visible
from sotokara.core.observation import Observation, Outcome, Vantage
from sotokara.core.places import TEST_NETWORKS
from sotokara.core.times import date_time


class Indoors(NamedTuple):
    """What a figure says where its servers are of our own making; empty everywhere else."""

    said: str = ""
    """That this is not the internet."""
    again: str = ""
    """Why it has no command to repeat the look-up, and what does repeat it."""


def indoors(one: Observation | None, words: dict[str, str]) -> Indoors:
    """What is to be said of an observation in a test network."""
    if one is None or one.vantage.name not in TEST_NETWORKS:
        return Indoors()
    said = "reported_example" if one.vantage.reported else f"from_{one.vantage.name}"
    return Indoors(words[said], words[f"repeat_{one.vantage.name}"])


def at_time(one: Observation | None) -> str:
    """When it was observed, to the minute."""
    return date_time(one.start) if one else ""


def dated_as(one: Observation) -> str:
    """The word that goes with its time: observed, fetched or tried."""
    if one.outcome is Outcome.NOT_MEASURED:
        return "tried"
    return "fetched" if one.vantage.reported else "observed"


def whence(one: Observation, words: dict[str, str]) -> str:
    """“from fra”; of a report the platform, its probe, its measurement, and where that probe is."""
    vantage = one.vantage
    if not _reported(one):
        return words["from"].format(vantage=visible(vantage.name))
    said = _by("reported_from", vantage, words)
    where = (vantage.city, vantage.country, vantage.network)
    return visible(", ".join(filter(None, (said, *where))))


def place_of(one: Observation, words: dict[str, str]) -> str:
    """What the engine says of its place: city, country, network; and who reports it."""
    vantage = one.vantage
    known = [text for text in (vantage.city, vantage.country, vantage.network) if text]
    if _reported(one):
        known.insert(0, _by("reported_by", vantage, words))
    return visible(", ".join(known))


def _reported(one: Observation) -> bool:
    return one.vantage.reported and one.outcome is not Outcome.NOT_MEASURED


def _by(key: str, vantage: Vantage, words: dict[str, str]) -> str:
    who = "_probes" if "," in vantage.probe else "_probe" if vantage.probe else ""
    if vantage.engine == "file":
        who = "_file"
    return words[f"{key}{who}"].format(
        platform=words.get(f"platform_{vantage.engine}", ""),
        measurement=vantage.measurement,
        probe=vantage.probe,
    )
