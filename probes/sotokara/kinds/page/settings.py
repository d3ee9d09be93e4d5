"""The settings of the kind ``page``: ``extra.probes.page`` in mkdocs.yml."""

from typing import Annotated

import msgspec

from sotokara.network.network import Network


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How pages are looked at."""

    chromium: str = ""
    """The browser's file; empty: ``chromium`` or Chrome, wherever the system has it."""
    most: Annotated[int, msgspec.Meta(ge=65536, le=256 * 1024 * 1024)] = 32 * 1024 * 1024
    """Bytes that one page may load."""
    tallest: Annotated[int, msgspec.Meta(ge=844, le=16000)] = 8000
    """Pixels of a picture's height; a longer page is cut off there."""


def settings_of(net: Network) -> Page:
    """What mkdocs.yml says of this kind."""
    return net.settings.of_kind("page", Page)
