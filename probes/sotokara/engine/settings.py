"""Settings as a build reads them: those of all, and those of the kinds that there are."""

from collections.abc import Mapping
from typing import Any

import msgspec

from sotokara.core import settings
from sotokara.core.settings import Policy, Settings
from sotokara.kinds import KINDS


class _Sections:
    """The settings that kinds declare. A kind is imported when a site sets something of its."""

    def form(self, name: str) -> type[msgspec.Struct] | None:
        """The structure of a kind's settings; None where it has none, or is no kind."""
        return KINDS[name].settings if name in KINDS else None

    def check(self, policy: Policy) -> None:
        """:raises ValueError: when ``policy.kinds`` names what is no kind."""
        for name in policy.kinds:
            if name not in (*KINDS, "none"):
                raise ValueError(f"{name!r} is no kind; there are {', '.join(KINDS)}")


def load(
    given: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    **forced: Any,  # noqa: ANN401  # any setting
) -> Settings:
    """Settings from mkdocs.yml's ``extra.probes``, overridden by the environment.

    :raises SettingsError: for an unknown name or a wrong value, naming where it was set.
    """
    return settings.load(given, environ, _Sections(), **forced)
