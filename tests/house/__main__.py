"""The house in numbers: ``python -m tests.house [FOLDER PACKAGE …] [--draw FILE]``.

Rooms, floors, circles and arrows are read from all imports, those in functions and for type
checkers too. Without arguments it is this checkout; an older one is given as its folder and its
packages: ``python -m tests.house ../old probes hooks``.
"""

import argparse
import statistics
import sys
from pathlib import Path

import grimp

from tests.house.graph import circles, components, floors
from tests.house.picture import drawing

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.house", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "probes")
    parser.add_argument("packages", nargs="*", default=["sotokara"])
    parser.add_argument("--draw", type=Path, help="write the rooms as a picture (SVG)")
    given = parser.parse_args()
    sys.path.insert(0, str(given.folder.resolve()))
    first, *more = given.packages
    graph = grimp.build_graph(first, *more, cache_dir=None)
    edges = {one: graph.find_modules_directly_imported_by(one) for one in graph.modules}
    rooms = {one: _room(one) for one in edges}
    between: dict[str, set[str]] = {room: set() for room in rooms.values()}
    for one, others in edges.items():
        between[rooms[one]] |= {rooms[other] for other in others} - {rooms[one]}
    floor = floors(between)
    sources = [
        path
        for name in given.packages
        for path in sorted((given.folder / name).rglob("*.py"))
        if "__pycache__" not in path.parts
    ]
    sources += sorted((ROOT / "hooks").glob("*.py")) if given.folder == ROOT / "probes" else []
    lines = [len(path.read_text("utf-8").splitlines()) for path in sources]
    inner = [part for part in components(edges) if len(part) > 1]
    turning = [part for part in components(between) if len(part) > 1]
    sizes = ", ".join(str(len(part)) for part in sorted(inner, key=len, reverse=True))
    print(f"files            {len(sources)} ({_bare(sources)} without __init__.py)")
    print(f"lines            {sum(lines)}, median {statistics.median(lines):g}, most {max(lines)}")
    print(f"rooms            {len(between)} on {max(floor.values())} floors")
    print(f"imports          {sum(map(len, edges.values()))} between files, ", end="")
    print(f"{sum(map(len, between.values()))} between rooms")
    print(f"circles          {len(inner)} of files" + (f" ({sizes})" if sizes else ""), end="")
    print(f", {len(turning)} of rooms")
    for circle in circles(graph, first) if not more else ():
        print("  " + " ".join(circle))
    for number in sorted(set(floor.values()), reverse=True):
        print(
            f"floor {number:2}  {'  '.join(sorted(one for one in floor if floor[one] == number))}"
        )
    if given.draw:
        given.draw.write_text(drawing(between, floor), "utf-8")


def _room(module: str) -> str:
    """The first name below the package; the package's own file is a room of its own."""
    package, _, rest = module.partition(".")
    return rest.partition(".")[0] or package


def _bare(sources: list[Path]) -> int:
    return sum(path.name != "__init__.py" for path in sources)


if __name__ == "__main__":
    main()
