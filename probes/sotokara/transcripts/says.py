"""``says:``: what an author reads in a transcript, put in place of our reading of it.

The facts are the author's from then on: the observation names them, and the page marks them.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from sotokara.core.misfit import misfit, said_where
from sotokara.core.observation import Facts
from sotokara.core.said import said


def corrected(facts: Facts | None, says: Mapping[str, Any], form: type[Facts]) -> Facts:
    """The facts with the author's in place of those that were read, if any were.

    :raises ValueError: for a name or a value that the kind's facts do not have; says which.
    """
    names = form.__struct_fields__
    for name in says:
        if name not in names:
            message = said("{!r} is no fact of this kind: {}", name, ", ".join(names))
            raise ValueError(message)
    whole = msgspec.to_builtins(facts) if facts is not None else _empty(form)
    try:
        return msgspec.convert({**whole, **says}, form)
    except msgspec.ValidationError as error:
        found = misfit({**whole, **says}, form, "says")
        raise ValueError(said("{}; {}", said_where(found, ""), found.hint)) from error


def _empty(form: type[Facts]) -> dict[str, Any]:
    """Nothing stated: an empty text where the facts must have one."""
    fields = msgspec.structs.fields(form)
    return {field.name: "" for field in fields if field.required and field.type is str}
