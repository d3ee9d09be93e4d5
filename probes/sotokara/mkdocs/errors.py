"""What an author or a disk did wrong, as MkDocs shows it: one line, and no traceback."""

import logging
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import yaml
from mkdocs.config import base
from mkdocs.exceptions import Abort, ConfigurationError, PluginError

from sotokara.core.settings import SettingsError, line_in
from sotokara.ledger import LedgerError

_OF_A_SETTING = re.compile(r"Config value '([^']+)': (.*)", re.DOTALL)
_NO_MAPPING = re.compile(r"The configuration is invalid.*received: <class '(\w+)'>")
_INSTALLED = {"site-packages", "dist-packages"}
"""Folders of packages, which may lie below a site's folder and are not its author's."""
_OURS = Path(__file__).resolve().parents[1]


@contextmanager
def plugin_errors(settings_in: str = "") -> Iterator[None]:
    """The engine's errors inside, as MkDocs' own; ``settings_in``: the path of mkdocs.yml.

    :raises PluginError: in their place.
    """
    try:
        yield
    except SettingsError as error:
        raise PluginError(str(error.in_file(Path(settings_in)))) from error
    except (LedgerError, OSError) as error:
        raise PluginError(str(error)) from error


class WrongSettings(logging.Filter):
    """Takes what MkDocs logs of wrong settings while this is entered, and adds the lines to it.

    ``file``: the path of mkdocs.yml.
    """

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file
        self.found: list[str] = []

    def __enter__(self) -> Self:
        base.log.addFilter(self)
        return self

    def __exit__(self, *_: object) -> None:
        base.log.removeFilter(self)

    def filter(self, record: logging.LogRecord) -> bool:
        """Remember a setting's mistake, which is not logged then."""
        said = _OF_A_SETTING.fullmatch(record.getMessage())
        if not said or record.levelno < logging.ERROR:
            return True
        place = line_in(self._file, [said[1]])  # none where the default is what is wrong
        where = f"{place[0]}:{self._line(place, said[2])}" if place else self._file.name
        self.found.append(f"{where}: {said[1]}: {said[2]}")
        return False

    def _line(self, place: tuple[str, int], said: str) -> int:
        """Of the key, or below it that of a word which MkDocs quotes."""
        name, key = place
        words = re.findall(r"['\"]([^'\"]+)['\"]", said)
        for line, text in enumerate(_lines(self._file.parent / name)[key - 1 :], key):
            if line > key and text[:1].strip() and not text.startswith(("-", "#")):
                break
            if any(word in text for word in words):
                return line
        return key


def told(error: BaseException, folder: Path, docs: Path) -> str | None:
    """What ended a build, in one sentence with file and line; None where a traceback is needed.

    ``folder``: that of mkdocs.yml; ``docs``: that of the pages.
    """
    if isinstance(error, ConfigurationError) and isinstance(error.__context__, yaml.YAMLError):
        error = error.__context__
    said = None
    if isinstance(error, yaml.MarkedYAMLError) and (mark := error.problem_mark):
        said = f"{mark.name}:{mark.line + 1}: {error.problem or error.context}"
        if error.context and error.context_mark:
            said += f" ({error.context} that begins in line {error.context_mark.line + 1})"
    elif isinstance(error, yaml.reader.ReaderError):
        said = f"{error.name}:{_line_of(Path(str(error.name)))}: {error.reason}"
    elif given := _NO_MAPPING.fullmatch(str(error)):
        what = {"list": "a list", "str": "a text"}.get(given[1], "something else")
        said = f"mkdocs.yml:1: {what} stands where settings are expected, written `key: value`"
    elif isinstance(error, (ConfigurationError, Abort)):
        said = str(error)
    elif isinstance(error, UnicodeDecodeError):
        said = _not_text(error, docs)
    elif isinstance(error, OSError) and error.filename:
        said = f"{error.filename}: {error.strerror}"
    elif place := _own_line(error, folder):
        said = f"{place}: {type(error).__name__}: {getattr(error, 'msg', None) or error}"
    return said.replace(f"{folder}/", "") if said else None


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _line_of(file: Path) -> int:
    """The first line, from 1, with a byte or a character that YAML does not take."""
    for number, line in enumerate(_lines(file), 1):
        if yaml.reader.Reader.NON_PRINTABLE.search(line) or "\ufffd" in line:
            return number
    return 1


def _not_text(error: UnicodeDecodeError, docs: Path) -> str:
    """Where the bytes stand that are not UTF-8: MkDocs reads a page whole."""
    line = error.object[: error.start].count(b"\n") + 1
    why = f"this is not UTF-8 (byte 0x{error.object[error.start]:02x}); save the file as UTF-8"
    for file in sorted(docs.rglob("*")):
        if file.is_file() and file.stat().st_size >= len(error.object) > 0:
            read = file.read_bytes()
            if read.removeprefix(b"\xef\xbb\xbf") == bytes(error.object):
                return f"{file}:{line}: {why}"
    return f"a file that the site reads, line {line}: {why}"


def _own_line(error: BaseException, folder: Path) -> str:
    """File and line of the author's own code or template that an error comes from, or nothing."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = Path(frame.filename)
        installed = _INSTALLED & set(file.parts) or file.is_relative_to(_OURS)
        if file.is_relative_to(folder) and not installed:
            return f"{file}:{frame.lineno}"
    return ""
