"""Markdown shown beside what it becomes, for the guide's gallery: written once, so never apart.

What stands between ``<!-- beside -->`` and ``<!-- /beside -->`` appears twice: as source, and as
what the blog makes of it.
"""

import re

_MARKED = re.compile(r"^<!-- beside -->\n(.*?)^<!-- /beside -->$", re.DOTALL | re.MULTILINE)
_SHOWN = """<div class="probe-beside" markdown>
<div markdown>

`````markdown
{source}
`````

</div>
<div markdown>

{source}

</div>
</div>"""


def fill_examples(markdown: str) -> str:
    """Markdown with each marked piece shown beside its source."""
    return _MARKED.sub(lambda match: _SHOWN.format(source=match[1].strip("\n")), markdown)
