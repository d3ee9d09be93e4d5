"""What this blog has observed, as inputs for tests: a few observations of each kind with raw."""

import json
from functools import cache
from typing import Any, NamedTuple

from sotokara.core.observation import Exchange, unpack
from sotokara.kinds import KINDS
from sotokara.kinds.interface import Kind

from tests.kind_ask import question_of
from tests.sites import ROOT

_LARGEST = 300_000
"""Bytes of an object of raw that is taken."""


class Recorded(NamedTuple):
    """A question, and what came back."""

    question: Kind
    exchanges: list[Exchange]


@cache
def recorded(most: int = 4) -> dict[str, list[Recorded]]:
    """By kind, the newest observations in ``evidence/``; a kind that it has none of has no entry.

    Of one question there is one.
    """
    found: dict[str, list[Recorded]] = {}
    asked: set[str] = set()
    evidence = ROOT / "evidence"
    for run in sorted((evidence / "runs").rglob("*.jsonl"), reverse=True):
        for text in run.read_bytes().splitlines():
            line: dict[str, Any] = json.loads(text)
            kind, raw = str(line.get("kind")), str(line.get("raw") or "")
            several = found.setdefault(kind, [])
            known = kind in KINDS and raw and line.get("origin", "measured") == "measured"
            if not known or line["digest"] in asked or len(several) >= most:
                continue
            path = evidence / "objects" / raw[:2] / f"{raw}.json"
            if path.stat().st_size > _LARGEST:
                continue
            asked.add(line["digest"])
            kept = [unpack(one) for one in json.loads(path.read_bytes())["exchanges"]]
            several.append(Recorded(question_of(line["definition"]), kept))
    return {kind: several for kind, several in found.items() if several}
