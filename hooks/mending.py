"""What Material 9.8.1's own markup lacks for readers who listen to a page.

Each is one replacement in finished pages. Where a later Material writes something else they do
nothing, and the test with axe says whether they are still needed.
"""

import re
from itertools import count

SEARCH = '<div class="md-search" data-md-component="search" role="dialog">'
POST = '<nav class="md-nav md-nav--primary">'
PART = re.compile('<nav class="md-nav">')
# A section with a page of its own: the label that names its list is an icon, without a word; the
# list's title has the words.
SECTION = re.compile(
    r'aria-labelledby="__nav_(\w+)_label"([^>]*>\s*<label class="md-nav__title") for='
)


def mended(html: str, search: str, about: str) -> str:
    """The page with names for its dialog and its landmarks.

    ``search``, ``about``: in the page's language, “Search” and “About this article”.
    """
    html = html.replace(SEARCH, f'{SEARCH[:-1]} aria-label="{search}">')
    html = html.replace(POST, f'{POST[:-1]} aria-label="{about}">')
    if 'id="__toc"' not in html:  # a label for a switch that only some pages have
        html = html.replace(' for="__toc"', "")
    parts = count(1)
    html = PART.sub(lambda _: f'<nav class="md-nav" aria-label="{about} ({next(parts)})">', html)
    return SECTION.sub(r'aria-labelledby="__nav_\1_title"\2 id="__nav_\1_title" for=', html)
