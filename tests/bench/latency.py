"""50 articles × 4 lookups of 200 names on a name server that answers after 50 ms.

Beside us markdown-exec and mkdocs-macros, as their users ask the DNS: dnspython's stub resolver in
a code block, or in a macro. Every build is cold: no evidence, no cache.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.bench.measure import RUNS, Cost, build, median, scratch, site, slow_server, table

ARTICLES, LOOKUPS, SECONDS = 50, 4, 0.05
_PROSE = "The address belongs to the network that the last article was about. " * 12
_ENGINE = Path(__file__).parents[2] / "hooks" / "sotokara.py"
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


def main() -> str:
    """Measure; the table."""
    with scratch() as folder, slow_server(SECONDS) as server:
        port = server.rpartition(":")[2]
        hook = f"hooks: ['{_ENGINE}']\nplugins: [search]\n"
        projects = {
            "no fences": site(
                folder / "none", f"{_HEAD}{_FENCES}plugins: [search]\n", _pages(_nothing)
            ),
            "Sotokara": site(folder / "probe", f"{_HEAD}{_FENCES}{hook}", _pages(_probe)),
            "markdown-exec": site(
                folder / "exec",
                f"{_HEAD}{_FENCES}plugins: [search, markdown-exec]\n",
                _pages(_executed(port)),
            ),
            "mkdocs-macros": site(
                folder / "macros", f"{_HEAD}{_FENCES}plugins: [search, macros]\n", _pages(_macro)
            ),
        }
        (folder / "macros" / "main.py").write_text(_module(port), "utf-8")
        environ = {"SOTOKARA_RESOLVERS": f"[{server}]", "SOTOKARA_CONTROL": f"[{server}]"}
        costs: dict[str, list[Cost]] = {name: [] for name in projects}
        for turn in range(RUNS):
            for name, project in projects.items():
                # A copy each time: ext4 passes over inodes that were deleted seconds ago, one by
                # one, and makes files five times as slowly where thousands were.
                cold = shutil.copytree(project, folder / str(turn) / project.name)
                costs[name].append(build(cold, environ))
                _must_hold(cold, measured=name != "no fences")
    plain = median(costs["no fences"])
    rows = []
    for name, several in costs.items():
        cost = median(several)
        more = cost.seconds - plain.seconds
        ratio = cost.seconds / plain.seconds
        rows.append([name, f"{cost.seconds:.2f} s", f"{more:+.2f} s", f"{ratio:.2f}"])
    title = f"{ARTICLES} articles × {LOOKUPS} lookups of 50 ms"
    return table([title, "wall", "more than no fences", "ratio"], rows)


def _must_hold(project: Path, *, measured: bool) -> None:
    """Every page shows addresses of the name server, or none."""
    for article in range(ARTICLES):
        page = (project / "site" / f"a{article}" / "index.html").read_text("utf-8")
        if (page.count("198.1") >= LOOKUPS) != measured:
            message = f"{project.name}: article {article} does not show what was measured"
            raise RuntimeError(message)
