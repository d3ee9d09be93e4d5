"""Ask one kind's questions as a build would, without a build: for tests and the lab.

``python -m tests.kind_ask`` reads a JSON list of definitions (``{"tls": "example.com", …}``) from
its input and prints each one's facts, failure, volatile values, text in each style and exchanges.
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec
from sotokara.core.labels import labels
from sotokara.core.observation import Exchange, Outcome, ProbeFailure, Reading, pack
from sotokara.core.own_network import Masks
from sotokara.core.settings import Settings
from sotokara.engine.settings import load
from sotokara.kinds import KINDS
from sotokara.kinds.interface import Kind
from sotokara.kinds.parts import styles_of
from sotokara.kinds.shared.view import View
from sotokara.masking.redaction import Redactor, own_addresses
from sotokara.network.control import Control
from sotokara.network.errors import failure_of
from sotokara.network.network import Network

_own = cache(own_addresses)
Answer = tuple[Kind, list[Exchange], Reading]


def question_of(definition: dict[str, Any]) -> Kind:
    """The question that a definition of one kind asks, in its normal form."""
    (name,) = [key for key in definition if key in KINDS]
    options = {key: value for key, value in definition.items() if key != name}
    return msgspec.convert({"target": definition[name], **options}, KINDS[name]).normal()


async def asked(net: Network, control: Control, question: Kind) -> Answer:
    """One question, measured, judged, hidden and read."""
    own = net.for_probe(question.timeout_factor)
    exchanges: Sequence[Exchange]
    since = control.ticker.begin()
    try:
        exchanges, failure = await _measured(own, question)
        redactor = Redactor([*_own(), *net.settings.redact])
        masked = [redactor.exchange(one) for one in question.hide(exchanges, Masks())]
        hidden = question.kept(masked)
        reading = Reading(failure=failure) if failure else question.parse(hidden)
        silent = question.failure_in(reading.facts) or reading.failure
        if silent and silent.outcome is Outcome.NO_ANSWER:
            verdict = await control.judge(silent, hidden, own, since)
            if verdict.outcome is Outcome.NOT_MEASURED:
                reading = Reading(failure=verdict)
    finally:
        control.ticker.end(since)
    return question, hidden, reading


async def _measured(own: Network, question: Kind) -> Any:
    try:
        async with own.limit():
            return await question.measure(own), None
    except ProbeFailure as failed:
        return own.trail, failed.failure
    except TimeoutError:
        return own.trail, own.silence("measure", 0.0)
    except (OSError, EOFError) as error:
        return own.trail, failure_of(error, "measure")


async def all_asked(settings: Settings, definitions: Sequence[dict[str, Any]]) -> list[Answer]:
    """Several definitions at once, on one network."""
    net = Network(settings)
    control = Control(net)
    try:
        questions = [question_of(one) for one in definitions]
        return list(await asyncio.gather(*(asked(net, control, one) for one in questions)))
    finally:
        control.close()
        net.close()


class _Shown(msgspec.Struct):
    exchanges: list[Exchange]
    volatile: dict[str, Any]


def text(answer: Answer, style: str = "", lang: str = "en") -> list[str]:
    """The lines of a style, the default one if none is named."""
    question, exchanges, reading = answer
    seen: Any = _Shown(exchanges, reading.volatile)
    view = View(question, seen, reading.facts, labels(lang))
    output: Any = styles_of(type(question))[style or question.styles[0]](view)
    return [*output] if isinstance(output, list) else output.lines()


def main() -> None:
    """Ask what the input names."""
    told = []
    for answer in asyncio.run(all_asked(load(), json.load(sys.stdin))):
        question, exchanges, reading = answer
        shown = question.styles if reading.facts is not None else ()
        told.append(
            {
                "facts": msgspec.to_builtins(reading.facts),
                "failure": msgspec.to_builtins(reading.failure),
                "volatile": reading.volatile,
                "exchanges": [pack(one) for one in exchanges],
                "styles": {one: [f"{line}" for line in text(answer, one)] for one in shown},
            }
        )
    sys.stdout.buffer.write(msgspec.json.encode(told, enc_hook=str))


if __name__ == "__main__":
    main()
