"""How a hop is kept: our own notes, an empty line, then the response as HTTP/1.1 would write it."""

import re
from collections.abc import Sequence
from typing import NamedTuple

MEDIA_TYPE = "text/http"
_HEAD = re.compile(rb"((?:[a-z0-9_]+: [^\n]*\n)*)\n", re.DOTALL)
_STATUS = re.compile(rb"(HTTP/[\d.]+) (\d{3}) ?([^\r\n]*)\r\n")
_FIELD = re.compile(rb"([^\r\n:]+): ?([^\r\n]*)\r\n")
_MOST_HEADERS = 200
_LONGEST_HEADER = 8192


class HttpMessage(NamedTuple):
    """A kept hop, taken apart."""

    notes: dict[str, str]
    version: str
    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        """The first header of a name; empty without any."""
        return next((value for key, value in self.headers if key.lower() == name), "")


def format_message(message: HttpMessage) -> bytes:
    """A hop as it is kept."""
    notes = "".join(f"{key}: {_line(value)}\n" for key, value in message.notes.items())
    head = f"{message.version} {message.status} {_line(message.reason)}".rstrip() + "\r\n"
    head += "".join(f"{_line(name)}: {_line(value)}\r\n" for name, value in message.headers)
    return f"{notes}\n{head}\r\n".encode("utf-8", "replace") + message.body


def _line(text: str) -> str:
    return re.sub(r"[\r\n]", " ", text)[:_LONGEST_HEADER]


def bounded(headers: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """As many headers as are kept."""
    return list(headers[:_MOST_HEADERS])


def parse_message(kept: bytes) -> HttpMessage | None:
    """A kept hop; None for bytes that are none."""
    notes = _HEAD.match(kept)
    status = _STATUS.match(kept, notes.end()) if notes else None
    if notes is None or status is None:
        return None
    headers: list[tuple[str, str]] = []
    at = status.end()
    while match := _FIELD.match(kept, at):
        headers.append((_text(match[1]), _text(match[2])))
        at = match.end()
    if kept[at : at + 2] != b"\r\n":
        return None
    lines = (line.partition(": ") for line in _text(notes[1]).split("\n"))
    found = {key: value for key, _, value in lines if key}
    return HttpMessage(
        found, _text(status[1]), int(status[2]), _text(status[3]), headers, kept[at + 2 :]
    )


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")
