"""Recorded answers of any kind, each read as it was: ``NAME.raw.json`` gives ``NAME.json``.

``tests/cases/KIND/SOURCE/NAME.raw.json`` is the definition with the kept exchanges under
``exchanges``; ``NAME.json`` has the ``facts``, ``failure`` and ``volatile`` that come of them.
"""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sotokara.core.labels import languages
from sotokara.core.observation import unpack
from sotokara.core.own_network import Masks
from sotokara.kinds import KINDS

from tests.kind_ask import question_of, text

FOLDER = Path(__file__).with_name("cases")
CASES = [
    path
    for path in sorted(FOLDER.glob("*/*/*.raw.json"))
    if path.parts[-3] in json.loads(path.read_text("utf-8"))
]


def plain(value: object) -> Any:
    return json.loads(msgspec.json.encode(value))


@pytest.mark.parametrize("path", CASES, ids=lambda path: "-".join(path.parts[-3:]))
def test_a_recorded_answer_is_read_as_it_was(path: Path) -> None:
    raw = json.loads(path.read_text("utf-8"))
    exchanges = [unpack(one) for one in raw.pop("exchanges")]
    question = question_of(raw)
    reading = question.parse(exchanges)
    kept = json.loads(path.with_name(path.name.replace(".raw", "")).read_text("utf-8"))
    assert plain(reading.facts) == kept["facts"]
    assert plain(reading.volatile) == kept["volatile"]
    assert plain(reading.failure) == kept.get("failure")
    texts = [one for one in exchanges if one.media_type != "image/png"]
    assert question.hide(texts, Masks()) == texts  # what is kept is masked already
    if reading.facts is not None:
        for style in KINDS[path.parts[-3]].styles:
            for lang in languages():
                assert text((question, exchanges, reading), style, lang)
