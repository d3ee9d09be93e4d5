"""The parts of a kind's folder that are loaded when they are needed: styles, transcript readers."""

import importlib
import importlib.util
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, cast

from sotokara.core.observation import Exchange, Reading
from sotokara.kinds import KINDS
from sotokara.kinds.interface import Kind
from sotokara.kinds.shared.view import Picture, Table, View
from sotokara.network.dns_client import Server
from sotokara.network.network import Network

if TYPE_CHECKING:
    from sotokara.kinds.shared.terminal.interface import TranscriptReader

Style = Callable[[View], list[str] | Table | Picture]


def styles_of(kind: type[Kind]) -> Mapping[str, Style]:
    """The text styles of a kind by name, the default first: ``STYLES`` in its ``styles.py``."""
    styles: Mapping[str, Style] = importlib.import_module(f"{_folder(kind)}.styles").STYLES
    return styles


def transcript_readers() -> "Iterator[tuple[str, TranscriptReader]]":
    """Every reader of old terminal output with its kind, in the order in which they are tried.

    A kind that has some lists them as ``READERS`` in its ``readers.py``, or the folder ``readers``.
    """
    for kind in KINDS.values():
        name = f"{_folder(kind)}.readers"
        if importlib.util.find_spec(name) is not None:
            for reader in importlib.import_module(name).READERS:
                yield kind.name, reader


class Quick(Protocol):
    """A kind's ``quick.py``: how many subjects of one definition are asked together.

    ``server``: the one server that a question goes to (an empty address: the resolver), or None.
    ``again``: the same question about another target, or None.
    ``questions``: step and bytes of each. ``known``: what is found out once for all. ``complete``:
    the exchanges as ``measure`` would give them. ``read``: what ``parse`` reads, or None.
    """

    def server(self, asked: Any, /) -> Server | None: ...  # noqa: ANN401, D102  # see the class
    def again(self, first: Any, target: str, /) -> Any: ...  # noqa: ANN401, D102
    def questions(self, asked: Any, /) -> list[tuple[str, bytes]]: ...  # noqa: ANN401, D102
    async def known(self, net: Network, /, *, resolver: bool) -> Any: ...  # noqa: ANN401, D102
    def complete(self, exchanges: list[Exchange], known: Any, /) -> list[Exchange]: ...  # noqa: ANN401, D102
    def read(self, asked: Any, exchanges: Sequence[Exchange], /) -> Reading | None: ...  # noqa: ANN401, D102


def quick_of(kind: type[Kind]) -> Quick | None:
    """A kind's quick way for many subjects; None where it has none."""
    name = f"{_folder(kind)}.quick"
    if importlib.util.find_spec(name) is None:
        return None
    return cast("Quick", importlib.import_module(name))


def _folder(kind: type[Kind]) -> str:
    return kind.__module__.rpartition(".")[0]
