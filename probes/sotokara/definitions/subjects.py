"""The subjects of ``each``: read from a file or counted off a network, within bounds.

A mistake of the file's form is the author's, with the file's line. A line that names nothing that
can be asked is left out and told of: a list of a million lines from elsewhere is never without.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from sotokara.core.mistakes import AuthorError
from sotokara.core.said import said
from sotokara.definitions.each import VALUE, Each

_LONGEST_LINE = 1 << 16
"""Bytes of a line that is read at all."""
_TOLD = 20
"""Lines that name nothing which are told of one by one."""
_COMMENT = "#"
_TABLES = (".csv", ".tsv")


class Unusable(Exception):  # noqa: N818  # it carries the author's mistake
    """The file as a whole cannot be used: where in it, what, how to mend it."""

    def __init__(self, line: int, what: str, hint: str) -> None:
        super().__init__(what)
        self.line, self.what, self.hint = line, what, hint


class Subjects:
    """Distinct questions in canonical order (by their text), each as ``ask`` made it of a line.

    Some 120 bytes a subject are held.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        """The targets in their normal form; with options, behind a tab, as canonical JSON."""
        self.duplicates = 0
        self.left_out = 0
        self.mistakes: list[tuple[int, str]] = []
        """The first lines that name nothing that can be asked: number, what is wrong."""

    def leave_out(self, line: int, what: str) -> None:
        """Count a line that names nothing."""
        self.left_out += 1
        if len(self.mistakes) < _TOLD:
            self.mistakes.append((line, what))

    def settle(self, found: list[str]) -> None:
        """Bring them into order, equal ones once."""
        found.sort()
        before = None
        asked = self.asked
        for one in found:
            if one == before:
                self.duplicates += 1
            else:
                asked.append(one)
            before = one


Ask = Callable[[dict[str, str]], str]
"""A subject's fields → the text that stands for its question; ValueError: it is none."""


def read_subjects(path: Path, name: str, fields: list[str], most: int, ask: Ask) -> Subjects:
    """The subjects that a file lists. ``fields``: those that templates use.

    :raises Unusable: where the file cannot be used as a whole.
    """
    try:
        with path.open("rb") as opened:
            lines = _lines(opened)
            table = name.lower().endswith(_TABLES)
            rows = _table(lines, fields, name) if table else _list(lines, fields, name)
            return _subjects(rows, most, ask, name)
    except OSError as error:
        what = said("{} cannot be read: {}", name, error.strerror)
        raise Unusable(0, what, said("name a file")) from error


class _SubjectLine(NamedTuple):
    number: int
    values: dict[str, str] | None
    what: str = ""


def _lines(opened: Iterable[bytes]) -> Iterator[tuple[int, str | None, str]]:
    """Each line's number and text; or None, and why it cannot be read. Nothing long is held."""
    read = opened.readline  # type: ignore[attr-defined]
    number = 0
    while piece := read(_LONGEST_LINE):
        number += 1
        if len(piece) == _LONGEST_LINE and not piece.endswith(b"\n"):
            while (rest := read(_LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass
            yield number, None, said("a line of more than {} bytes", _LONGEST_LINE)
            continue
        if number == 1 and piece[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise Unusable(1, said("the file is UTF-16"), said("save it as UTF-8"))
        try:
            text = piece.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            yield number, None, said("bytes that are no UTF-8")
            continue
        if "\0" in text:
            yield number, None, said("a NUL")
            continue
        yield number, text, ""


def _list(
    lines: Iterator[tuple[int, str | None, str]], fields: list[str], name: str
) -> Iterator[_SubjectLine]:
    if unknown := [one for one in fields if one != VALUE]:
        hint = said("a line of a text file is {{ each.value }}; columns have names in a .csv")
        raise Unusable(0, said("{} has no {!r}", name, unknown[0]), hint)
    for number, text, what in lines:
        if text is None:
            yield _SubjectLine(number, None, what)
            continue
        plain = text.strip()
        if plain and not plain.startswith(_COMMENT):
            yield _SubjectLine(number, {VALUE: plain})


def _table(
    lines: Iterator[tuple[int, str | None, str]], fields: list[str], name: str
) -> Iterator[_SubjectLine]:
    first = next(lines, None)
    if first is None or not (first[1] or "").strip():
        bare = said("{} has no line of names of columns", name)
        raise Unusable(1, bare, said("begin it with `name,…`"))
    mark, header = _header(first[1] or "", fields, name)
    at = {one: header.index(one) for one in fields}
    for number, text, what in lines:
        if text is None:
            yield _SubjectLine(number, None, what)
            continue
        if not text.strip():
            continue
        try:
            cells = next(csv.reader([text], delimiter=mark, strict=True))
        except csv.Error as error:
            yield _SubjectLine(number, None, said("no line of a table ({})", error))
            continue
        if len(cells) != len(header):
            cut = said("{} cells, and the table has {}", len(cells), len(header))
            yield _SubjectLine(number, None, cut)
            continue
        yield _SubjectLine(number, {one: cells[place].strip() for one, place in at.items()})


def _header(head: str, fields: list[str], name: str) -> tuple[str, list[str]]:
    """What stands between the cells of a table, and the names of its columns."""
    mark = "\t" if name.lower().endswith(".tsv") or "\t" in head else ","
    if mark not in head and ";" in head:
        mark = ";"
    header = [one.strip() for one in next(csv.reader([head], delimiter=mark))]
    for one in fields:
        if header.count(one) != 1:
            missing = said("{} has no column called {!r}", name, one)
            if one in header:
                missing = said("{} has two columns called {!r}", name, one)
            there = ", ".join(filter(None, header[:20]))
            raise Unusable(1, missing, said("its columns are: {}", there))
    return mark, header


def _subjects(rows: Iterator[_SubjectLine], most: int, ask: Ask, name: str) -> Subjects:
    subjects, found = Subjects(), list[str]()
    last = 0
    for number, values, why in rows:
        last = number
        if values is None or not all(values.values()):
            empty = next((one for one, value in (values or {}).items() if not value), "")
            subjects.leave_out(number, why or said("{} is empty", empty))
            continue
        try:
            found.append(ask(values))
        except ValueError as error:
            subjects.leave_out(number, str(error))
            continue
        if len(found) > most:
            many = len(found) + sum(1 for one in rows if one.values is not None)
            told = said(
                "{} names {} subjects, and a batch has {} at most", name, f"{many:,}", f"{most:,}"
            )
            raise Unusable(0, told, said("split the file, or raise the setting bulk.most"))
    if not found:
        told = said("{} names nothing that can be asked", name)
        if subjects.mistakes:
            line, what = subjects.mistakes[0]
            told = said("{} names nothing that can be asked ({}: {})", name, line, what)
        hint = said("write one subject a line; a .csv begins with names of columns")
        raise Unusable(last, told, hint)
    subjects.settle(found)
    return subjects


def of_network(each: Each, most: int, ask: Ask) -> Subjects:
    """Every address of a network.

    :raises Unusable: where it has more than a batch may.
    """
    network = each.network
    assert network is not None  # noqa: S101  # its form
    if network.num_addresses > most:
        many = (str(network), f"{network.num_addresses:,}", f"{most:,}")
        what = said("{} has {} addresses, and a batch {} at most", *many)
        raise Unusable(0, what, said("name a smaller network, or raise the setting bulk.most"))
    subjects, found = Subjects(), list[str]()
    for number, address in enumerate(network, 1):
        try:
            found.append(ask({VALUE: str(address)}))
        except ValueError as error:
            subjects.leave_out(number, said("{}: {}", str(address), error))
    if not found:
        what = said("no address of {} can be asked: {}", str(network), subjects.mistakes[0][1])
        raise Unusable(0, what, said("see the guide's page of the kind"))
    subjects.settle(found)
    return subjects


def author_error(page: str, line: int, name: str, error: Unusable) -> AuthorError:
    """The author's mistake: in the file, by its line, or in the definition that names it."""
    if error.line:
        return AuthorError(name, error.line, error.what, error.hint)
    return AuthorError(page, line, error.what, error.hint)
