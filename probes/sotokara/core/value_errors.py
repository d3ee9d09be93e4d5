"""Why an expression cannot be worked out with the values that it has, without Python's words."""

import re

from sotokara.core.said import said

_COMPARED = re.compile(r"'(\S+)' not supported between instances of '(\w+)' and '(\w+)'")
_OPERANDS = re.compile(r"unsupported operand type\(s\) for (\S+): '(\w+)' and '(\w+)'")
_NOT_WITHIN = re.compile(r"argument of type '(\w+)' is not (?:iterable|a container)")
_NO_PARTS = re.compile(r"'(\w+)' object is not (?:subscriptable|iterable|callable)")
_ONE = re.compile(
    r"'(\w+)' object|must be str, not (\w+)|can only concatenate \w+ \(not \"(\w+)\"\)"
)
_WORDS = {
    "str": "text",
    "int": "a number",
    "float": "a number",
    "bool": "true or false",
    "list": "a list",
    "tuple": "a list",
    "dict": "a mapping",
    "NoneType": "nothing",
    "date": "a day",
    "datetime": "a time",
    "timedelta": "a span of time",
}


def in_words(error: BaseException) -> str:
    """What is wrong, with the values as an author knows them: text, a number, a list."""
    text = str(error)
    if found := _COMPARED.search(text) or _OPERANDS.search(text):
        return said("{} does not go with {} and {}", found[1], _word(found[2]), _word(found[3]))
    if found := _NOT_WITHIN.search(text):
        return said("behind `in` stands {}, where text or a list is expected", _word(found[1]))
    if found := _NO_PARTS.search(text):
        return said("{} has no parts", _word(found[1]))
    if isinstance(error, TypeError) and (found := _ONE.search(text)):
        return said("this does not go with {}", _word(next(filter(None, found.groups()))))
    return text


def _word(name: str) -> str:
    return said(_WORDS.get(name, "a fact of several fields"))
