"""Ask mail servers as a build would, without a build: for tests, the lab and the benchmark.

``python -m tests.smtp_ask TARGET…`` prints a JSON object: each target's facts, failure, volatile
values, text in each style and exchanges. Settings come from the environment.
"""

import asyncio
import json
import sys
from base64 import b64encode
from typing import Any

import msgspec
from sotokara.core.labels import labels
from sotokara.core.observation import Exchange, Outcome, ProbeFailure, Reading, pack
from sotokara.core.own_network import Masks
from sotokara.core.settings import Settings
from sotokara.engine.settings import load
from sotokara.kinds import KINDS
from sotokara.kinds.parts import styles_of
from sotokara.kinds.shared.view import View
from sotokara.kinds.smtp.kind import Smtp
from sotokara.masking.redaction import Redactor, own_addresses
from sotokara.network.control import Control
from sotokara.network.network import Network


async def asked(net: Network, target: str, **options: Any) -> tuple[Smtp, list[Exchange], Reading]:
    """One question, measured, hidden and read."""
    question = Smtp(target=target, **options).normal()
    own = net.for_probe(question.timeout_factor)
    try:
        async with own.limit():
            exchanges = await question.measure(own)
    except ProbeFailure as failed:
        return question, [], Reading(failure=failed.failure)
    redactor = Redactor([*own_addresses(), *net.settings.redact])
    hidden = [redactor.exchange(one) for one in question.hide(exchanges, Masks())]
    return question, hidden, question.parse(hidden)


async def all_asked(
    settings: Settings, targets: list[str], **options: Any
) -> list[tuple[Smtp, list[Exchange], Reading]]:
    """Several targets at once, on one network."""
    net, control = Network(settings), None
    try:
        answers = await asyncio.gather(*(asked(net, target, **options) for target in targets))
        control = Control(net)
        return [await _judged(control, *answer) for answer in answers]
    finally:
        net.close()
        if control:
            control.close()


async def _judged(
    control: Control, question: Smtp, exchanges: list[Exchange], reading: Reading
) -> tuple[Smtp, list[Exchange], Reading]:
    failure = reading.failure
    if failure and failure.outcome is Outcome.NO_ANSWER and (ours := await control.verdict()):
        reading = msgspec.structs.replace(reading, failure=ours)
    return question, exchanges, reading


class _Shown(msgspec.Struct):
    exchanges: list[Exchange]
    volatile: dict[str, Any]


def text(
    question: Smtp, exchanges: list[Exchange], reading: Reading, style: str, lang: str = "en"
) -> list[str]:
    """The lines of a style."""
    seen: Any = _Shown(exchanges, reading.volatile)
    output: Any = styles_of(KINDS["smtp"])[style](View(question, seen, reading.facts, labels(lang)))
    return output if isinstance(output, list) else output.lines()


def main() -> None:
    """Ask the targets named on the command line; options as ``name=value`` words."""
    words = sys.argv[1:]
    options = {
        k: msgspec.json.decode(v) for k, _, v in (w.partition("=") for w in words if "=" in w)
    }
    targets = [word for word in words if "=" not in word]
    answers = asyncio.run(all_asked(load(), targets, **options))
    told = {}
    for target, (question, exchanges, reading) in zip(targets, answers, strict=True):
        styles = {}
        if reading.facts is not None:
            styles = {one: text(question, exchanges, reading, one) for one in question.styles}
        told[target] = {
            "facts": msgspec.to_builtins(reading.facts),
            "failure": msgspec.to_builtins(reading.failure),
            "volatile": reading.volatile,
            "exchanges": [pack(one) for one in exchanges],
            **styles,
        }
    print(json.dumps(told, ensure_ascii=False, default=lambda raw: b64encode(raw).decode()))


if __name__ == "__main__":
    main()
