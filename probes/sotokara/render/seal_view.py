"""An observation's seal in words: at its figure, and on its own page."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from sotokara.ledger.sealing import SealState

Sealed = Callable[[str], SealState]
"""What the seals say of an observation, by its id."""


class SealWords(NamedTuple):
    """What is said plainly, and what a reader has to notice."""

    plain: str = ""
    warning: str = ""


def seal_words(state: SealState, words: dict[str, str], *, whole: bool = False) -> SealWords:
    """``whole``: with the time of the seal and not its day alone."""
    if state.aside:
        return SealWords()
    if not state.number:
        if state.unsealed:
            return SealWords("", words["nothing_sealed"])
        return SealWords(words["not_sealed"])
    when = f"{state.time[:10]} {state.time[11:16]} UTC" if whole else state.day
    plain = words["sealed_in"].format(n=state.number, day=when)
    who = words["signed_by"].format(signer=state.signer) if state.signer else words["unsigned"]
    warning = words["not_as_sealed"] if state.altered else ""
    if state.late and not warning:
        claimed, days = state.late
        warning = words["sealed_late"].format(day=claimed, days=days)
    return SealWords(f"{plain}{words['comma']}{who}", warning)


def seal_of(shown: Mapping[str, Any], sealed: Sealed | None) -> SealWords | None:
    """Of the observation that a figure is dated by; ``shown``: what the figure is written with."""
    dated = shown["dated"]
    if sealed is None or dated is None or not dated.id:
        return None
    return seal_words(sealed(dated.id), shown["words"])
