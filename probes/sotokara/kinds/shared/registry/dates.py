"""Days as registries write them, in one form: ``YYYY-MM-DD``. The day is the registry's own."""

import re
from collections.abc import Iterable

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FORMS = (
    re.compile(
        r"(?<!\d)(?P<y>[12]\d{3})\s?[-/.年]\s?(?P<m>\d{1,2})\s?[-/.月]\s?(?P<d>\d{1,2})(?!\d)"
    ),
    re.compile(r"(?<!\d)(?P<y>(?:19|20|21)\d\d)(?P<m>\d\d)(?P<d>\d\d)(?!\d{1,5}\b(?!\d))"),
    re.compile(
        r"(?<!\d)(?P<d>\d{1,2})(?:st|nd|rd"
        r"|th)?[-. /](?P<m>[A-Za-z]{3})[a-z]*[-., /]{1,2}(?P<y>\d{4})"
    ),
    re.compile(r"(?<!\d)(?P<y>\d{4})[-. ](?P<m>[A-Za-z]{3})[a-z]*[-. ](?P<d>\d{1,2})(?!\d)"),
    re.compile(
        r"(?P<m>[A-Za-z]{3})[a-z]* {1,2}(?P<d>\d{1,2})(?:st|nd|rd|th)?,? "
        r"(?:[\d:.]{5,12} )?(?:[A-Z]{2,5} )?(?P<y>(?:19|20)\d\d)(?!\d)"
    ),
    re.compile(r"(?<!\d)(?P<d>\d{1,2})[-./](?P<m>\d{1,2})[-./](?P<y>\d{4})(?!\d)"),
)
_MOST_MONTHS, _MOST_DAYS = 12, 31
_LONGEST = 200


def _unsaid(text: str, first: int, second: int) -> bool:
    """Whether a day with strokes can be read in two ways."""
    return bool(_STROKES.fullmatch(text)) and first != second and max(first, second) <= _MOST_MONTHS


def month_first(texts: Iterable[str]) -> bool | None:
    """Which of two numbers is the month where an answer writes days with strokes; None: unsaid.

    One day that can be read in one way alone tells of all of them.

    >>> month_first(["12/11/2021", "09/17/2014"]), month_first(["12/11/2021"])
    (True, None)
    """
    found = [match for text in texts if (match := _STROKES.search(text[:_LONGEST]))]
    first = any(int(match[1]) > _MOST_MONTHS for match in found)
    second = any(int(match[2]) > _MOST_MONTHS for match in found)
    return None if first == second else second


_STROKES = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})/\d{4}(?![\d/])")


def first_day(text: str, *, month_first: bool | None = False) -> str:
    """The first day in a text, empty where there is none.

    ``03/02/2020`` is the third of February unless ``month_first``, or where it cannot be; with None
    it is no day at all.

    >>> list(map(first_day, ["2005/01/06 10:53:02(JST)", "15-sep-1997", "1999. 07. 28."]))
    ['2005-01-06', '1997-09-15', '1999-07-28']
    >>> list(map(first_day, ["hm@a.example 20021025", "7th April, 2018", "Mon Apr 26 2010"]))
    ['2002-10-25', '2018-04-07', '2010-04-26']
    """
    for form in _FORMS:
        match = form.search(text[:_LONGEST])
        if match is None:
            continue
        named, number = match["m"].lower(), int(match["d"])
        if named.isdigit():
            month = int(named)
        elif named in _MONTHS:
            month = _MONTHS.index(named) + 1
        else:
            continue
        if month_first is None and _unsaid(match[0], month, number):
            continue
        turned = form is _FORMS[-1] and (month_first or month > _MOST_MONTHS)
        if turned:
            month, number = number, month
        if 1 <= month <= _MOST_MONTHS and 1 <= number <= _MOST_DAYS:
            return f"{match['y']}-{month:02d}-{number:02d}"
    return ""
