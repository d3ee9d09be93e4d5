"""What a package's imports say: floors, circles, arrows. Works on any package (by grimp)."""

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from grimp import ImportGraph


def arrows(graph: ImportGraph, package: str) -> dict[str, set[str]]:
    """Each module of the package → the modules of the package that it imports anywhere."""
    own = {one for one in graph.modules if one == package or one.startswith(f"{package}.")}
    return {one: graph.find_modules_directly_imported_by(one) & own for one in own}


def circles(graph: ImportGraph, package: str = "sotokara") -> list[list[str]]:
    """The files of each circle (a strongly connected part with more than one file), by name."""
    return sorted(sorted(part) for part in components(arrows(graph, package)) if len(part) > 1)


def floors(edges: dict[str, set[str]]) -> dict[str, int]:
    """The floor of each module: one above the highest that it imports; a circle is one floor."""
    part_of = {one: number for number, part in enumerate(components(edges)) for one in part}
    between: dict[int, set[int]] = {number: set() for number in part_of.values()}
    for one, others in edges.items():
        between[part_of[one]] |= {part_of[other] for other in others} - {part_of[one]}
    floor: dict[int, int] = {}
    try:
        order = list(TopologicalSorter(between).static_order())
    except CycleError as error:  # cannot be: each circle is one part
        raise AssertionError(error) from error
    for part in order:
        floor[part] = 1 + max((floor[other] for other in between[part]), default=0)
    return {one: floor[part_of[one]] for one in edges}


def components(edges: dict[str, set[str]]) -> list[set[str]]:
    """Strongly connected parts (Tarjan 1972), without recursion."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[set[str]] = []
    for root, targets in edges.items():
        if root in index:
            continue
        work: list[tuple[str, Iterator[str]]] = [(root, iter(targets))]
        index[root] = low[root] = len(index)
        stack.append(root)
        while work:
            one, rest = work[-1]
            step = next(rest, None)
            if step is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[one])
                if low[one] == index[one]:
                    part = set(stack[stack.index(one) :])
                    del stack[stack.index(one) :]
                    found.append(part)
            elif step not in index:
                index[step] = low[step] = len(index)
                stack.append(step)
                work.append((step, iter(edges[step])))
            elif step in stack:
                low[one] = min(low[one], index[step])
    return found
