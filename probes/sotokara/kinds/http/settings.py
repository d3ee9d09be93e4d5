"""The settings of the kind ``http``: ``extra.probes.http`` in mkdocs.yml."""

from typing import Annotated

import msgspec

from sotokara import __version__
from sotokara.network.network import Network


class Http(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How visits are made."""

    most: Annotated[int, msgspec.Meta(ge=1024, le=64 * 1024 * 1024)] = 2 * 1024 * 1024
    """Bytes of a body that are read, and that it may unpack to."""
    user_agent: str = ""
    """What visits call themselves; empty: ``sotokara/VERSION``."""


def visitor(language: str, agent: str = "") -> list[tuple[str, str]]:
    """What each request says of the visitor."""
    headers = [
        ("User-Agent", agent or f"sotokara/{__version__}"),
        ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"),
        ("Accept-Encoding", "identity"),
    ]
    return [*headers, ("Accept-Language", language)] if language else headers


def settings_of(net: Network) -> Http:
    """What mkdocs.yml says of this kind."""
    return net.settings.of_kind("http", Http)
