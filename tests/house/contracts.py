"""Rules that import-linter has no contract type for. Each has a planted breach in test_house.py."""

import ast
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

from tests.house.graph import circles


def _imports(module: str) -> Iterator[tuple[int, str]]:
    """Every module that a module's file imports, wherever in the file: line and dotted name."""
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def _tree(module: str) -> ast.Module:
    """A module's file, parsed and never run."""
    package, *rest = module.split(".")
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations
    path = Path(spec.submodule_search_locations[0], *rest)
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(file.read_text("utf-8"))


def _within(name: str, above: str) -> bool:
    return name == above or name.startswith(f"{above}.")


class _Listed(Contract):
    """Reports its breaches one a line."""

    def _checked(self, breaches: list[str]) -> ContractCheck:
        return ContractCheck(kept=not breaches, metadata={"breaches": sorted(breaches)})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for breach in check.metadata["breaches"]:
            output.print_error(breach)


class BelowNetwork(_Listed):
    """No module of ``rooms`` imports what opens sockets (parts of packages too) or calls it."""

    rooms: Any = fields.ListField(subfield=fields.StringField())
    forbidden: Any = fields.ListField(subfield=fields.StringField())
    forbidden_calls: Any = fields.ListField(subfield=fields.StringField())
    # Pairs as in ``ignore_imports``: ``module -> package``.
    allowed: Any = fields.ListField(subfield=fields.StringField(), required=False, default=[])

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002, FBT001
        allowed = {tuple(pair.split(" -> ")) for pair in self.allowed}
        breaches = []
        for module in graph.modules:
            if not any(_within(module, room) for room in self.rooms):
                continue
            breaches += self._of_module(module, allowed)
        return self._checked(breaches)

    def _of_module(self, module: str, allowed: set[tuple[str, ...]]) -> list[str]:
        breaches = {
            f"{module}:{line} imports {above}"
            for line, name in _imports(module)
            for above in self.forbidden
            if _within(name, above) and (module, above) not in allowed
        }
        breaches |= {
            f"{module}:{node.lineno} calls {name}"
            for node in ast.walk(_tree(module))
            if isinstance(node, ast.Attribute | ast.alias)
            and (name := node.attr if isinstance(node, ast.Attribute) else node.name)
            in self.forbidden_calls
        }
        return sorted(breaches)


class NamedInText(_Listed):
    """Nobody else imports a module by its name as text, which no other rule would see."""

    allowed: Any = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002, FBT001
        return self._checked(
            [
                f"{module} imports by {name}"
                for module in graph.modules
                if _within(module, "sotokara") and module not in self.allowed
                for node in ast.walk(_tree(module))
                for name in _LOADERS & {_named(node)}
            ]
        )


_LOADERS = {"__import__", "exec_module", "import_module", "load_module", "resolve_name", "runpy"}
"""What imports by text."""


def _named(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
            return name
    return ""


class StandsAlone(_Listed):
    """A module imports nothing but the standard library."""

    module: Any = fields.StringField()

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002, FBT001
        strangers = [
            f"{self.module}:{line} imports {name}"
            for line, name in _imports(self.module)
            if name.partition(".")[0] not in sys.stdlib_module_names
        ]
        return self._checked(strangers)


class NoCircles(_Listed):
    """No file imports itself by way of others."""

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002, FBT001
        return self._checked([" -> ".join(circle) for circle in circles(graph)])
