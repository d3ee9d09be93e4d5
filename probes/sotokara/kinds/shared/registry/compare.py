"""What two answers of registries can be held against each other by."""

from sotokara.core.observation import FAILURES
from sotokara.kinds.shared.registry.facts import RegistryFacts

_REGISTRARS_OWN = ("contacts", "country", "organization")
_TOLD_BY_BOTH = ("answer", "range", "nameservers", "allocated", "expires", "registrar")


def left_open(found: RegistryFacts) -> list[str]:
    """What a registrar that gave no answer may have said, and the registry does not."""
    empty = [name for name in _REGISTRARS_OWN if not getattr(found, name)]
    return [name for name in empty if name != "organization" or not found.person]


def comparable(before: RegistryFacts, after: RegistryFacts) -> tuple[str, ...]:
    """The facts of two answers that can be held against each other.

    Where a domain's registrar was silent one of the times, the registry's word stands beside the
    registrar's: only what both say alike is compared.
    """
    unknown = {"unknown", *before.unknown, *after.unknown}
    domain = not before.prefixes and before.asn is None
    silent = any(one.answer in FAILURES for facts in (before, after) for one in facts.asked)
    names = _TOLD_BY_BOTH if domain and silent else RegistryFacts.__struct_fields__
    return tuple(name for name in names if name not in unknown)
