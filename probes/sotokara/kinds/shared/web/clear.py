"""What came without TLS: whoever sits on the way can have written it."""

from collections.abc import Iterable

from sotokara.core.display import with_unicode

_MOST = 3


def in_the_clear(urls: Iterable[str], words: dict[str, str]) -> list[str]:
    """The remark on addresses that were asked without TLS; none where all had it."""
    plain = [with_unicode(one) for one in dict.fromkeys(urls) if one.startswith("http://")]
    if not plain:
        return []
    more = ", …" if len(plain) > _MOST else ""
    return [words["web_in_the_clear"].format(urls=", ".join(plain[:_MOST]) + more)]
