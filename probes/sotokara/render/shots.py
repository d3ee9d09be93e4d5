"""Pictures of what was looked at: beside the output, and beside what differs from before."""

from typing import Any

from sotokara.core.display import visible
from sotokara.core.observation import Observation
from sotokara.core.times import date_time
from sotokara.kinds.interface import Kind, Shot

Words = dict[str, str]


def shots_view(
    kind: type[Kind], now: Observation | None, before: Observation | None, words: Words
) -> dict[str, Any] | None:
    """The template's variables: today's pictures, and the one before where something differs."""
    shots = shots_of(kind, now, words)
    if not shots or now is None:
        return None
    earlier = shots_of(kind, before, words)
    former = None
    if earlier and before is not None:
        same = _digests(now)[:1] == _digests(before)[:1]
        said = words["shot_same" if same else "shot_before"].format(time=date_time(before.start))
        former = {"id": before.id, "shot": None if same else earlier[0], "said": said}
    return {
        "id": now.id,
        "every": shots,
        "narrow": shots[1] if len(shots) > 1 else None,
        "said": words["shot_of"].format(time=date_time(now.start)),
        "former": former,
    }


def shots_of(kind: type[Kind], observation: Observation | None, words: Words) -> list[Shot]:
    """The pictures that were kept, with what they show in words that may be shown."""
    if observation is None or observation.facts is None:
        return []
    return [one._replace(alt=visible(one.alt)) for one in kind.shots(observation, words)]


def _digests(observation: Observation) -> list[Any]:
    return [one.get("sha256") for one in observation.volatile.get("pictures", [])]


def folds(kind: type[Kind], listing: Any) -> bool:  # noqa: ANN401  # a figure's Output
    """Whether output is so long that it is folded away beneath its picture."""
    if not kind.folds or listing is None or any(line.note for line in listing.lines):
        return False
    return len(listing.heard) > kind.folds
