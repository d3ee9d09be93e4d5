"""The page of one observation under /evidence/: small, complete, and independent of any theme."""

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from probes.ledger import Line
from probes.observation import Exchange, Observation
from probes.render.detail import told
from probes.render.display import capped, visible
from probes.render.labels import labels
from probes.render.repeat import commands
from probes.render.templating import template

_MOST_BYTES = 65536


class Sealed(NamedTuple):
    """The seal over an observation's run; number 0 where it is not sealed yet."""

    number: int = 0
    token: bool = False
    redacted: str = ""
    """What a tombstone says of its run."""


@lru_cache
def fingerprint() -> str:
    """What the pages are made with: changes when this code, the template or the words do."""
    folder = Path(__file__).parent
    files = [folder / "evidence.py", folder / "display.py", folder / "repeat.py"]
    files += [folder / "templates" / "observation.html", *sorted((folder / "words").glob("*.yml"))]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def observation_page(  # noqa: PLR0913  # the page's parts
    line: Line,
    observation: Observation,
    *,
    sealed: Sealed,
    places: Mapping[str, str],
    address: str,
    lang: str,
) -> str:
    """The page as HTML. ``places``: ``page#id`` → its figure; ``address``: the site's."""
    words = labels(lang)
    run, _, number = line.id.rpartition("-")
    folder = f"{run[:4]}/{run[4:6]}/{run[6:8]}"
    plain: Any = msgspec.to_builtins(observation.facts)
    facts = json.dumps(plain, ensure_ascii=False, indent=2) if observation.facts else ""
    return template("observation.html").render(
        words=words,
        address=address,
        lang=lang,
        line=line,
        number=number,
        run=f"runs/{folder}/{run}.jsonl",
        title=visible(" ".join(map(str, next(iter(line.definition.items()))))),
        asked=[(key, visible(_text(value))) for key, value in line.definition.items()],
        began=line.start.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3],
        why=words.get(line.failure.name, line.failure.name) if line.failure else "",
        step=visible(line.failure.step) if line.failure else "",
        detail=visible(told(line.failure.detail, words)) if line.failure else "",
        facts="\n".join(capped(facts.splitlines())[0]),
        volatile=visible(_text(line.volatile)) if line.volatile else "",
        exchanges=[_exchange(one) for one in observation.exchanges],
        sealed=sealed,
        places=sorted(places.items()),
        commands=commands(line.definition),
    )


def _text(value: Any) -> str:  # noqa: ANN401  # plain JSON
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _exchange(exchange: Exchange) -> dict[str, Any]:
    """An exchange with its bytes as text, or in hexadecimal where they are none."""
    return {
        "head": visible(f"{exchange.step} {exchange.server} {exchange.protocol}".strip()),
        "failure": visible(exchange.failure.name) if exchange.failure else "",
        "sent": _bytes(exchange.sent),
        "received": _bytes(exchange.received or b""),
    }


def _bytes(content: bytes) -> str:
    cut = content[:_MOST_BYTES]
    try:
        text = cut.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    lines = text.splitlines()
    if any(char < " " and char not in "\r\n\t" for char in text):
        lines = [cut[at : at + 32].hex(" ") for at in range(0, len(cut), 32)]
    shown, left_out = capped(lines)
    more = len(content) - len(cut)
    return "\n".join([*shown, *([f"… (+{left_out}, +{more} B)"] if left_out or more else [])])
