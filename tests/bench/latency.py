"""50 articles × 4 lookups of 200 names on a name server that answers after 50 ms.

Beside us markdown-exec and mkdocs-macros, as their users ask the DNS: dnspython's stub resolver in
a code block, or in a macro. Every build is cold: no evidence, no cache. "Without fences" is the
same site with the same plugins or hooks, and nothing to ask.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.bench.answers import MEMORY
from tests.bench.measure import RUNS, Cost, build, median, scratch, site, slow_server, table

ARTICLES, LOOKUPS, SECONDS = 50, 4, 0.05
_PROSE = "The address belongs to the network that the last article was about. " * 12
_ENGINE = Path(__file__).parents[2] / "hooks" / "figures.py"
_HEAD = (
    "site_name: Bench\nsite_url: https://bench.example/\ntheme:\n  name: material\n  font: false\n"
)
_FENCES = "markdown_extensions: [pymdownx.superfences]\n"
_RESOLVE = """import dns.resolver
resolver = dns.resolver.Resolver(configure=False)
resolver.nameservers, resolver.port = ["127.0.0.1"], {port}
{indent}for rdtype in ("A", "AAAA"):
{indent}    try:
{indent}        for record in resolver.resolve({name}, rdtype):
{indent}            {say}
{indent}    except dns.resolver.NoAnswer:
{indent}        pass
"""


def _nothing(_: str) -> str:
    return ""


def _probe(name: str) -> str:
    return f"```probe\ndns: {name}\n```\n"


def _macro(name: str) -> str:
    return f"```text\n{{{{ lookup('{name}') }}}}\n```\n"


def _executed(port: str) -> Callable[[str], str]:
    def block(name: str) -> str:
        code = _RESOLVE.format(port=port, name=f'"{name}"', say="print(record)", indent="")
        return f'```python exec="on" result="text"\n{code}```\n'

    return block


def _module(port: str) -> str:
    body = _RESOLVE.format(port=port, name="name", say="lines.append(str(record))", indent=" " * 8)
    head, _, loop = body.partition(" " * 8)
    loop = f"{' ' * 8}{loop}"
    return (
        f"{head}\n\ndef define_env(env):\n    @env.macro\n    def lookup(name):\n"
        f'        lines = []\n{loop}        return "\\n".join(lines)\n'
    )


def _pages(block: Callable[[str], str]) -> dict[str, str]:
    pages = {"index.md": "# Front\n"}
    for article in range(ARTICLES):
        names = [f"a{article}n{number}.bench.example" for number in range(LOOKUPS)]
        blocks = "\n".join(f"{_PROSE}\n\n{block(name)}" for name in names)
        pages[f"a{article}.md"] = f"# Article {article}\n\n{blocks}"
    return pages


class Tool(NamedTuple):
    """What asks: its part of mkdocs.yml, a block that asks for a name, and its main.py."""

    settings: str
    block: Callable[[str], str]
    module: str = ""


def main() -> str:
    """Measure, on the disk and, ours alone, on a RAM disk; the tables."""
    tables = [_measured(None, others=True)]
    if MEMORY.is_dir():
        tables.append(_measured(MEMORY, others=False))
    return "\n\nThe same on a RAM disk:\n\n".join(tables)


def _measured(parent: Path | None, *, others: bool) -> str:
    with scratch(parent) as folder, slow_server(SECONDS) as server:
        port = server.rpartition(":")[2]
        tools = {
            "MkDocs alone": Tool("plugins: [search]\n", _nothing),
            "Sotokara": Tool(f"hooks: ['{_ENGINE}']\nplugins: [search]\n", _probe),
        }
        if others:
            executed, module = _executed(port), _module(port)
            tools["markdown-exec"] = Tool("plugins: [search, markdown-exec]\n", executed)
            tools["mkdocs-macros"] = Tool("plugins: [search, macros]\n", _macro, module)
        environ = {"SOTOKARA_RESOLVERS": f"[{server}]", "SOTOKARA_CONTROL": f"[{server}]"}
        sites = {
            (name, asks): _site(folder / f"{name} {asks}", tool, tool.block if asks else _nothing)
            for name, tool in tools.items()
            for asks in (False, True)
        }
        costs: dict[tuple[str, bool], list[Cost]] = {key: [] for key in sites}
        for turn in range(RUNS):
            for (name, asks), project in sites.items():
                # A copy each time: ext4 passes over inodes that were deleted seconds ago, one by
                # one, and makes files five times as slowly where thousands were.
                cold = shutil.copytree(project, folder / str(turn) / project.name)
                costs[name, asks].append(build(cold, environ))
                _must_hold(cold, measured=asks and tools[name].block is not _nothing)
    alone = median(costs["MkDocs alone", False]).seconds
    rows = []
    for name in tools:
        without, wall = (median(costs[name, asks]).seconds for asks in (False, True))
        more = [f"{wall - without:+.2f} s", f"{wall - alone:+.2f} s", f"{wall / alone:.2f}"]
        rows.append([name, f"{wall:.2f} s", f"{without:.2f} s", *more])
    title = f"{ARTICLES} articles × {LOOKUPS} lookups of 50 ms"
    header = [title, "wall", "without fences", "more", "more than MkDocs alone", "ratio to it"]
    return table(header, rows)


def _site(folder: Path, tool: Tool, block: Callable[[str], str]) -> Path:
    project = site(folder, f"{_HEAD}{_FENCES}{tool.settings}", _pages(block))
    if tool.module:
        (project / "main.py").write_text(tool.module, "utf-8")
    return project


def _must_hold(project: Path, *, measured: bool) -> None:
    """Every page shows addresses of the name server, or none."""
    for article in range(ARTICLES):
        page = (project / "site" / f"a{article}" / "index.html").read_text("utf-8")
        if (page.count("198.1") >= LOOKUPS) != measured:
            message = f"{project.name}: article {article} does not show what was measured"
            raise RuntimeError(message)
