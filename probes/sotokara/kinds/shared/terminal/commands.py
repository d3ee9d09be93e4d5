"""Command lines as somebody typed them: behind which prompt, with which words, cut by a shell.

A command names the target that the next live build asks for, so a line is a command only where its
prompt or its own grammar makes that certain: prose that begins with a tool's name is none.
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

_LONGEST = 1000
_MOST_CANDIDATES = 4
_LONGEST_PROMPT = 90
_MOST_PROMPT_WORDS = 5
_PROMPT_ENDS = "$#%>❯➜λ»›⟩✗❱▶"
_WEAK = "%#>"
"""Prompts that also begin quotations, comments and a registry's remarks."""
_WRAPPED = re.compile(
    r"(?:^|(?<=\s)|(?<=[$#%>❯➜λ»›⟩✗❱▶]))"
    r"(?:sudo|doas|/?tool/?|env|time|command|\\|(?:LANG|LANGUAGE|LC_\w{1,12}|TZ|TERM)=\S*)$"
)
_FED = re.compile(r"(?:^|(?<=\s))(?:echo(?: -n)?(?: [\"']?[\w.]{0,9}[\"']?)?|true|:|yes) ?\|$")
"""What ends a conversation at once: ``echo | openssl s_client …``."""
_PATH = re.compile(r"(?:(?:\.{0,2}|~)/[\w.-]{0,40}){1,8}$|(?:[A-Za-z]:)?\\(?:[\w.-]{1,40}\\){0,8}$")
_WINDOWS = re.compile(r"(?:PS )?[A-Za-z]:\\[^<>|]*")
_PLACE = re.compile(r"[\w.~/:@()\[\]<>!{}+=,*-]+")
_FRAME = "┌─└╰╭│┐╮╯┘ "
_PAGERS = frozenset({"less", "more", "cat", "tee", "lolcat", "most"})
_SILENT = frozenset(
    ["date", "uptime", "sleep", "clear", "true", "exit", "pwd", "whoami", "cd", "time", "cls"]
)
"""Commands that print nothing that could be taken for another tool's line."""
_BEFORE = re.compile(
    rf"(?:^|(?<=\s))(?:{'|'.join(sorted(_SILENT))})(?: [\w.~/-]{{1,40}})?\s?(?:&&|;)$"
)


class Command(NamedTuple):
    """A command line as it was typed: the tool's name and its words."""

    tool: str
    words: tuple[str, ...]
    filtered: bool = False
    """Its output went through another program (``| grep``): lines of it may be missing."""
    more: bool = False
    """Another command stands behind it, whose output may follow its own."""
    certain: bool = True
    """Every word is what it seems: no variable, no pattern, nothing of another tool's."""


Takes = Callable[[Command], bool]
"""Whether a tool understands every word of a command, and one of them is its target."""
Tools = Mapping[str, Takes]
"""The tools whose commands are known, by name."""


def any_words(typed: Command) -> bool:  # noqa: ARG001  # what a tool without a grammar takes
    """A tool that takes any words."""
    return True


def tool_finder(tools: Tools) -> re.Pattern[str]:
    """Where one of the tools may stand in a line."""
    names = "|".join(sorted(map(re.escape, tools), key=len, reverse=True))
    return re.compile(rf"(?<![\w.=-])(?P<tool>{names})(?:\.exe)?(?=\s|$)", re.IGNORECASE)


def command(text: str, tools: Tools, finder: re.Pattern[str]) -> Command | None:
    """The command in a line with a prompt, or a bare one that its tool's grammar takes whole."""
    text = text.strip()
    if len(text) > _LONGEST:
        return None
    for _, match in zip(range(_MOST_CANDIDATES), finder.finditer(text), strict=False):
        head = _unwrapped(text[: match.start()])
        strength = _prompt(head)
        if strength is None:
            continue
        name = match["tool"]
        known = next((one for one in tools if one.lower() == name.lower()), name)
        windows = bool(_WINDOWS.match(head))
        typed = _words(known, text[match.end() :], windows=windows)
        takes = typed.certain and tools[known](typed)
        if strength == "strong":
            return typed if takes else typed._replace(certain=False)
        if takes and (name == known or strength == "weak"):
            return typed
    return None


def _unwrapped(head: str) -> str:
    """What stands before the tool, without ``sudo``, ``LANG=C``, a path: the prompt alone."""
    for _ in range(6):
        before = head
        if match := _PATH.search(head):
            head = head[: match.start()]
        head = head.rstrip()
        if match := _WRAPPED.search(head) or _FED.search(head) or _BEFORE.search(head):
            head = head[: match.start()].rstrip()
        if head == before:
            break
    return head


def _prompt(head: str) -> str | None:  # noqa: PLR0911  # one return a form of prompt
    """``strong`` or ``weak`` for a prompt, ``bare`` for nothing, None for other text."""
    if not head:
        return "bare"
    if len(head) > _LONGEST_PROMPT:
        return None
    if head[0] in "➜❯╰└" or head.endswith("─$"):
        return "strong"
    end = head[-1]
    if end not in _PROMPT_ENDS:
        return None
    body = head[:-1].strip(_FRAME)
    if not body:
        return "weak" if end in _WEAK else "strong"
    if _WINDOWS.fullmatch(body):
        return "strong"
    words = body.split()
    if len(words) > _MOST_PROMPT_WORDS or not all(_PLACE.fullmatch(word) for word in words):
        return None
    attached = len(words) == 1 and not head[-2].isspace()
    return "strong" if attached or any(mark in body for mark in "@~/\\[") else "weak"


def _words(tool: str, text: str, *, windows: bool) -> Command:  # noqa: C901, PLR0912  # a shell's marks
    """The tool's own words, up to where a shell ends the command."""
    words: list[str] = []
    word, quote, begun = "", "", False
    certain, at, rest, skip = True, 0, "", False

    def finish() -> None:
        nonlocal word, begun, skip
        if begun and not skip:
            words.append(word)
        skip = skip and not begun
        word, begun = "", False

    while at < len(text):
        char = text[at]
        if quote:
            if char == quote:
                quote = ""
            else:
                certain = certain and not (quote == '"' and char in "$`")
                word += char
        elif char in "\"'" and not (windows and char == "'"):
            quote, begun = char, True
        elif char.isspace():
            finish()
        elif char in "|;&":
            rest = text[at:]
            break
        elif char == ">":
            if word.isdigit():
                word, begun = "", False
            finish()
            while text[at + 1 : at + 2] in (">", "&"):
                at += 1
            skip = True
        elif char == "<":
            finish()
            nothing = text.startswith("/dev/null", at + 1)
            certain, skip = certain and (nothing or text[at + 1 : at + 2].isspace()), True
        elif char == "#" and not begun:
            break
        elif char == "\\" and not windows:
            certain = certain and at + 1 < len(text)  # a line that goes on below
            word, begun, at = word + text[at + 1 : at + 2], True, at + 1
        else:
            certain = certain and not (char in "`{}" or (char == "$" and not windows))
            word, begun = word + char, True
        at += 1
    finish()
    certain = certain and not quote
    filtered, more = _rest(rest)
    return Command(tool, tuple(words), filtered, more, certain)


def _rest(rest: str) -> tuple[bool, bool]:
    """Whether a filter follows the command, and another command that prints."""
    filtered = more = False
    for mark, name in re.findall(r"(\|{1,2}|&{1,2}|;)\s*([\w./-]*)", rest[:_LONGEST]):
        last = name.rpartition("/")[2]
        if mark == "|":
            filtered = filtered or last not in _PAGERS
        elif last and last not in _SILENT and mark != "||":
            more = True
    return filtered, more
