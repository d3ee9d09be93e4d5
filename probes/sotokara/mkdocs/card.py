"""Pictures for links to an article in other places (Open Graph), drawn without any network.

Pure but for the fonts, which are the machine's own: a card whose letters none of them has is not
drawn at all, since boxes in place of a title are worse than no picture.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

VERSION = "2"
"""Raised when cards look different."""
SIZE = (1200, 630)
"""Pixels; the ratio that the networks ask for."""
_MARGIN = 80
_PAPER, _INK = (0x37, 0x47, 0x4F), (0xFF, 0xFF, 0xFF)  # on Material's blue grey: 9.6:1
_WHITE, _PALE = 255, 160
"""How much ink: 255 is all of it; at 160 the contrast is 4.6:1."""
_SIZES = (72, 60, 50, 42)
_MOST_LINES = 5
_PLACES = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "~/.local/share/fonts",
    "~/Library/Fonts",
    "C:/Windows/Fonts",
    "~/AppData/Local/Microsoft/Windows/Fonts",
)
# Latin and Japanese together first; a Latin one serves titles that need no more.
_NAMES = (
    "NotoSansCJK-Bold.ttc",
    "NotoSansCJKjp-Bold.otf",
    "NotoSansJP-Bold.otf",
    "ヒラギノ角ゴシック W6.ttc",
    "ipaexg.ttf",
    "YuGothB.ttc",
    "meiryob.ttc",
    "msgothic.ttc",
    "Arial Unicode.ttf",
    "DejaVuSans-Bold.ttf",
    "HelveticaNeue.ttc",
    "LiberationSans-Bold.ttf",
    "segoeuib.ttf",
    "arialbd.ttf",
)
_NEVER_FIRST = "、。，．・：；！？」』）】〉》…ーぁぃぅぇぉっゃゅょァィゥェォッャュョ,.:;!?)]}"
# What stays together: a run of Latin letters and digits; else each character may end a line.
_PIECE = re.compile(r"[!-~À-ɏ]+\s*|\s+|.")


class NoFontError(Exception):
    """No font here has all the letters."""


@lru_cache
def _files() -> tuple[Path, ...]:
    found: dict[str, Path] = {}
    names = {name.casefold(): name for name in _NAMES}  # Windows writes them as it likes
    for place in _PLACES:
        for path in Path(place).expanduser().rglob("*"):
            name = names.get(unicodedata.normalize("NFC", path.name).casefold())
            if name:
                found.setdefault(name, path)
    return tuple(found[name] for name in _NAMES if name in found)


@lru_cache
def _font(path: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), size)


def _has(path: Path, letters: str) -> bool:
    font = _font(path, 24)
    missing = bytes(font.getmask("\U0010fffd"))  # never assigned: the font's box
    return all(bytes(font.getmask(one)) != missing for one in letters if not one.isspace())


def _suited(letters: str) -> Path:
    for path in _files():
        if _has(path, letters):
            return path
    raise NoFontError


def _lines(text: str, font: ImageFont.FreeTypeFont, width: int) -> Iterator[str]:
    """The text in lines of at most so many pixels; no line starts with a closing mark."""
    line = ""
    for piece in _PIECE.findall(text):
        if line and font.getlength(line + piece.rstrip()) > width and piece[0] not in _NEVER_FIRST:
            yield line.rstrip()
            line = ""
        line += piece
    if line.strip():
        yield line.rstrip()


def draw(title: str, below: str, site: str) -> bytes:
    """A PNG: the site's name, the title as large as it fits, and a line of small print.

    :raises NoFontError: when no font of this machine has all the letters.
    """
    path = _suited("".join(sorted(set(title + below + site))))
    picture = Image.new("L", SIZE, 0)
    pen = ImageDraw.Draw(picture)
    width = SIZE[0] - 2 * _MARGIN
    for size in _SIZES:
        font = _font(path, size)
        lines = list(_lines(title, font, width))
        if len(lines) * size * 1.35 <= SIZE[1] - 3.6 * _MARGIN:
            break
    shown = lines[:_MOST_LINES]
    if len(lines) > len(shown):
        shown[-1] = f"{shown[-1][:-1]}…"
    pen.text((_MARGIN, _MARGIN - 14), site, _PALE, _font(path, 34))
    for number, line in enumerate(shown):
        pen.text((_MARGIN, 1.9 * _MARGIN + number * size * 1.35), line, _WHITE, font)
    pen.text((_MARGIN, SIZE[1] - _MARGIN - 26), below, _PALE, _font(path, 30))
    file = BytesIO()
    picture.putpalette(
        [p + (i - p) * ink // 255 for ink in range(256) for p, i in zip(_PAPER, _INK, strict=True)]
    )
    picture.save(file, "PNG")
    return file.getvalue()
