"""What a Dask worker does: measure a portion with its host's own settings, and give it back sealed.

The worker's environment (``SOTOKARA_…``) has its policy, resolvers and masks, as a build's has.
Its own network is masked before anything leaves it, and its run is signed where it has a key that
the author's ``signers`` name. Of the author's settings only what is to be hidden comes with the
questions.
"""

import asyncio
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sotokara import __version__
from sotokara.core.expressions import Template
from sotokara.core.observation import Failure, Observation
from sotokara.core.settings import Settings, SettingsError
from sotokara.definitions.common import Common
from sotokara.definitions.definition import Definition
from sotokara.engine.figure import Figure, Node
from sotokara.engine.portion import Measured, Portion, PortionQuestion, pack, read_portion
from sotokara.engine.prober import Prober
from sotokara.engine.settings import load
from sotokara.kinds import KINDS
from sotokara.ledger import Ledger, Writer
from sotokara.masking.redaction import Redactor
from sotokara.network.clock import Loop

_FOR_WRITING = 0.9
"""Of the time given, what may be measured in; the rest is for keeping and sending it."""


def measure(payload: bytes) -> bytes:
    """Measure a portion and return what was seen; raises nothing, for nobody reads it there."""
    try:
        portion = read_portion(payload)
    except (ValueError, RecursionError):
        return pack(Measured(__version__, "", refused="the questions cannot be read"))
    try:
        return pack(_measured(portion))
    except (SettingsError, ValueError, OSError) as error:
        return _refused(portion, str(error))
    except Exception as error:  # noqa: BLE001  # the caller has to hear of it, not unpickle it
        return _refused(portion, f"a bug in Sotokara: {type(error).__name__}")


def _refused(portion: Portion, why: str) -> bytes:
    return pack(Measured(__version__, portion.place, refused=why))


def _measured(portion: Portion) -> Measured:
    if portion.version != __version__:
        return Measured(__version__, portion.place)  # whoever reads it sees the version first
    named = os.environ.get("SOTOKARA_VANTAGE", portion.place)
    if named != portion.place:
        return Measured(__version__, named)
    settings = load({}, mode="live", vantage=portion.place)
    figures = [_figure(one, portion) for one in portion.asked]
    with asyncio.Runner(loop_factory=Loop) as runner:
        seen = runner.run(_observe(settings, figures, portion))
    with tempfile.TemporaryDirectory() as folder:
        return _kept(Path(folder) / "evidence", portion, seen)


def _figure(asked: PortionQuestion, portion: Portion) -> Figure:
    kind = KINDS[asked.kind]
    definition = Definition(
        page=asked.page,
        line=asked.line,
        token="",
        kind=kind,
        template=Template(""),
        options=asked.options,
        common=Common(id=asked.id, redact=asked.redact),
        lang=asked.lang,
    )
    question = kind(target=asked.target, **asked.options)
    for wrong in question.option_errors():
        raise ValueError(wrong.what)
    redactor = Redactor([*portion.hidden, *definition.hidden])
    return Figure(Node(definition), asked.target, question.normal(), redactor=redactor)


async def _observe(
    settings: Settings, figures: Sequence[Figure], portion: Portion
) -> list[Observation]:
    prober = Prober(settings, engine="dask", hidden=portion.hidden)
    offline: list[Failure] = []
    late = Failure("deadline_exceeded", "measure", f"{portion.seconds:g} s")

    async def one(figure: Figure) -> Observation:
        try:
            return await prober.observe(figure, lambda: offline[0] if offline else None)
        except asyncio.CancelledError:
            return prober.unasked(figure, offline[0] if offline else late)

    async def watch() -> None:
        """Learn early that there is no network, as a build does."""
        failure = await prober.control.verdict()
        if failure and failure.name == "no_network":
            offline.append(failure)
            for task in tasks:
                task.cancel()

    tasks = [asyncio.ensure_future(one(figure)) for figure in figures]
    watching = asyncio.ensure_future(watch())
    try:
        await asyncio.wait(tasks, timeout=portion.seconds * _FOR_WRITING)
        for task in tasks:
            task.cancel()
        return list(await asyncio.gather(*tasks))
    finally:
        watching.cancel()
        prober.close()


def _kept(folder: Path, portion: Portion, seen: Sequence[Observation]) -> Measured:
    """The observations as a ledger keeps them: in one run, with its objects."""
    folder.mkdir()
    if portion.signers:
        (folder / "signers").write_bytes(portion.signers)
    writer = Writer(Ledger(folder), portion.place, shown=portion.shown)
    cited = [one.cited for one in portion.asked]
    writer.append(zip(seen, cited, strict=True))
    run = writer.close()
    failures = [one.failure for one in seen]
    if run is None:
        return Measured(__version__, portion.place, lines=[0] * len(seen), failures=failures)
    signature = run.with_suffix(".sig")
    return Measured(
        __version__,
        portion.place,
        run=run.relative_to(folder).as_posix(),
        content=run.read_bytes(),
        signature=signature.read_bytes() if signature.is_file() else b"",
        objects=[one.read_bytes() for one in sorted((folder / "objects").rglob("*.json"))],
        lines=list(range(1, len(seen) + 1)),
        failures=failures,
    )
