"""Days as registries write them, in one form: ``YYYY-MM-DD``. The day is the registry's own."""

import re

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FORMS = (
    re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})"),
    re.compile(r"\b(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)\b"),
    re.compile(r"(?P<d>\d{1,2})[-. ](?P<m>[A-Za-z]{3})[a-z]*[-. ](?P<y>\d{4})"),
    re.compile(r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})"),
)
_MOST_MONTHS, _MOST_DAYS = 12, 31


def day(text: str) -> str:
    """The first day in a text, empty where there is none.

    >>> day("2005/01/06 10:53:02(JST)"), day("15-sep-1997"), day("hm-changed@apnic.net 20021025")
    ('2005-01-06', '1997-09-15', '2002-10-25')
    """
    for form in _FORMS:
        match = form.search(text)
        if match is None:
            continue
        named = match["m"].lower()
        if named.isdigit():
            month = int(named)
        elif named in _MONTHS:
            month = _MONTHS.index(named) + 1
        else:
            continue
        if 1 <= month <= _MOST_MONTHS and 1 <= int(match["d"]) <= _MOST_DAYS:
            return f"{match['y']}-{month:02d}-{int(match['d']):02d}"
    return ""
