"""An article of 20 figures as it goes over the line: its HTML and its style sheets, gzip.

The figures are those of the sandbox: names, registries and mail servers in all their styles, with
remarks and claims.
"""

import gzip
import os
import re
from typing import Any

from tests.bench.measure import scratch, table
from tests.sites import build, fence, make_blog

ASKED: list[dict[str, Any]] = [
    *({"dns": "lumen-outlet.example", "style": style} for style in ("nslookup", "dig", "table")),
    {"dns": "ellery-ferries.example", "type": "MX", "expect": "names | length == 1"},
    {"dns": "www.lumen-outlet.example", "notes": {"203.0.113.40": "the first of two"}},
    {"dns": "mail.tidewater.example", "type": "A", "server": "ns1.tidewater.example"},
    {"dns": "nobody.example", "type": "A"},
    {"dns": "198.51.100.25"},
    *({"whois": name} for name in ("lumen-outlet.example", "velo-clearance.example")),
    *({"whois": name, "style": "table"} for name in ("203.0.113.40", "198.51.100.25", "AS64501")),
    *({"rdap": name} for name in ("lumen-outlet.example", "203.0.113.40")),
    {"rdap": "nobody.example"},
    *({"smtp": name} for name in ("ellery-ferries.example", "lumen-outlet.example")),
    {"smtp": "ellery-ferries.example", "style": "transcript"},
    {"smtp": "velo-clearance.example", "style": "transcript"},
]


def main() -> str:
    """Measure; the table."""
    text = "---\ndate: 2026-11-24\n---\n# Twenty figures\n\n"
    for number, one in enumerate(ASKED):
        text += (
            f"What is figure {number}?\n\n{fence(**one, **{'from': 'sandbox'}, id=f'f{number}')}\n"
        )
    with scratch() as folder:
        done = build(make_blog(folder / "blog", {"a.md": text}), timeout=300)
        if done.returncode:
            raise RuntimeError(done.stderr)
        site = folder / "blog" / "site"
        page = (site / "posts" / "a" / "index.html").read_bytes()
        figures = page.count(b'<figure class="probe ')
        named = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page.decode())
        sheets = {os.path.normpath(site / "posts" / "a" / one) for one in named}
        weights = {f"HTML, {figures} figures": page}
        for path in sorted(sheets):
            with open(path, "rb") as opened:  # noqa: PTH123  # normalized above
                weights[os.path.basename(path)] = opened.read()  # noqa: PTH119
        rows = [[name, _kb(content)] for name, content in weights.items()]
        whole = sum(len(gzip.compress(content)) for content in weights.values())
        return table(["part", "gzip"], [*rows, ["together", f"{whole / 1000:.1f} kB"]])


def _kb(content: bytes) -> str:
    return f"{len(gzip.compress(content)) / 1000:.1f} kB"
