"""A definition's transcript as it is shown: its own text, its remarks, its source, what changed."""

from typing import TYPE_CHECKING, Any, NamedTuple

from sotokara.core.display import capped, spoken, visible
from sotokara.core.labels import field_name
from sotokara.core.observation import Observation
from sotokara.core.times import spaced
from sotokara.engine.figure import Node
from sotokara.render.remarks import Remarks

if TYPE_CHECKING:
    from sotokara.transcripts.compare import Compared

_MOST_UNREAD = 20


class TranscriptLine(NamedTuple):
    """One line of the transcript and the remark behind it."""

    text: str
    note: str = ""


def transcript_view(node: Node, words: dict[str, str], notes: Remarks) -> Any:  # noqa: ANN401
    """The template's variables for a node's transcript; None where it has none."""
    then = node.then
    if then is None:
        return None
    text = (then.exchanges[0].received or b"").decode("utf-8", "replace")
    own = dict(then.volatile.get("remarks", ()))
    lines, left_out = capped(text.rstrip("\n").splitlines())
    shown = []
    noted = notes.find(lines, by_number=False)
    for number, line in enumerate(lines, 1):
        found = [notes.remark(text) for text in noted.get(number, ())]
        mine = own.get(number, "")
        bare = line.rpartition(mine)[0].rstrip(" <←=-#(（") if mine and mine in line else line
        remark = visible(mine) if bare != line else ""
        found = [one for one in found if one != remark]
        shown.append(TranscriptLine(bare, " ".join([*([remark] if remark else []), *found])))
    unread = [(number, visible(line)) for number, line in then.volatile.get("unread", ())]
    return {
        "lines": shown,
        "spoken": spoken(line.text for line in shown),
        "noted": any(line.note for line in shown),
        "left_out": left_out,
        "when": spaced(visible(str(then.volatile.get("observed", "")))) or words["then_undated"],
        "source": visible(str(then.volatile.get("source", ""))),
        "source_link": _link(then.volatile.get("source", "")),
        "archived": _link(then.volatile.get("archived", "")),
        "id": then.id,
        "unread": unread[:_MOST_UNREAD],
        "unread_count": len(unread),
        "wholly_unread": then.facts is None and then.failure is None,
        "doubts": [words[f"then_doubt_{name}"] for name in then.volatile.get("doubts", ())],
        "says": [
            (field_name(words, name), _text(getattr(then.facts, name)))
            for name in then.volatile.get("says", ())
        ],
        "changes": _changes(node, then, words),
    }


def _link(text: str) -> str:
    """An address that the author wrote, if it is one of the web; never one out of a listing."""
    return text if text.startswith(("https://", "http://")) and " " not in text else ""


def _changes(node: Node, then: Observation, words: dict[str, str]) -> dict[str, Any] | None:
    """What the transcript states, held against today's answer; None where either has no facts."""
    now = next((one.now for one in node.figures or [] if one.now and one.now.facts), None)
    if now is None or now.facts is None or then.facts is None or not then.volatile.get("said"):
        return None
    from sotokara.transcripts.compare import compare

    found = compare(then, now.facts, node.definition.kind)
    rows = [
        (field_name(words, field), _text(old), _text(new))
        for field, (old, new) in found.changed.items()
    ]
    same = [_partly(field, found, words) for field in found.same]
    said = [words["then_same"].format(fields=", ".join(same))] if same and not rows else []
    if found.language:
        said.append(
            words["then_language"].format(
                fields=", ".join(field_name(words, one) for one in found.language)
            )
        )
    if rows or not same:
        unknown = [_partly(field, found, words) for field in found.partly]
        said += [words["then_partly"].format(fields=", ".join(unknown))] if unknown else []
    if not rows and not said:
        said.append(words["then_not_compared"])
    return {"rows": rows, "said": words["unit_join"].join(said)}


def _partly(field: str, found: "Compared", words: dict[str, str]) -> str:
    """A field's name, with how much of it was compared where that is not all."""
    if field not in found.partly:
        return field_name(words, field)
    some, every = found.partly[field]
    return words["then_of"].format(field=field_name(words, field), some=some, all=every)


def _text(value: Any) -> str:  # noqa: ANN401  # a fact
    if isinstance(value, list | tuple):
        return visible(", ".join(map(_text, value)))[:600] or "-"
    if hasattr(value, "__struct_fields__"):
        return " ".join(
            _text(part) for name in value.__struct_fields__ if (part := getattr(value, name))
        )
    return visible(str(value)) or "-"
