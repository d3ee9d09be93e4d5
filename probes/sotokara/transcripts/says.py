"""``says:``: what an author reads in a transcript, put in place of our reading of it.

The facts are the author's from then on: the observation names them, and the page marks them.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from sotokara.core.observation import Facts


def corrected(facts: Facts | None, says: Mapping[str, Any], form: type[Facts]) -> Facts:
    """The facts with the author's in place of those that were read, if any were.

    :raises ValueError: for a name or a value that the kind's facts do not have; says which.
    """
    names = form.__struct_fields__
    for name in says:
        if name not in names:
            message = f"{name!r} is no fact of this kind: {', '.join(names)}"
            raise ValueError(message)
    whole = msgspec.to_builtins(facts) if facts is not None else _empty(form)
    try:
        return msgspec.convert({**whole, **says}, form)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error


def _empty(form: type[Facts]) -> dict[str, Any]:
    """Nothing stated: an empty text where the facts must have one."""
    fields = msgspec.structs.fields(form)
    return {field.name: "" for field in fields if field.required and field.type is str}
