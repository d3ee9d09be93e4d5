"""One batch, measured by itself: what comes of a list of names at a resolver on loopback."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sotokara.definitions.definition import read_definition
from sotokara.definitions.subjects import Subjects
from sotokara.engine.batch import Batch
from sotokara.engine.batch_run import BatchRun
from sotokara.engine.prober import Prober
from sotokara.engine.settings import load
from sotokara.ledger.batch_rows import BatchRow
from sotokara.ledger.batch_writer import BatchWriter
from sotokara.ledger.batches import Batches

SOURCE = 'dns: "{{ each.value }}"\ntype: A\neach: names.txt\n'


async def measured(folder: Path, port: int, names: list[str], **settings: Any) -> list[BatchRow]:
    """The rows of a batch of these names, kept in ``folder``."""
    where = [f"127.0.0.1:{port}"]
    loaded = load({"resolvers": where, "control": where, **settings}, {})
    definition, mistakes = read_definition(SOURCE, "p.md", 1, "t" * 16)
    assert definition is not None, mistakes
    batch = Batch(definition)
    batch.subjects = Subjects()
    batch.subjects.settle(names)
    writer = BatchWriter(folder, batch.head("test"), batch.list_hash())

    async def here(step: Callable[[], object]) -> object:
        return step()

    prober = Prober(loaded)
    try:
        kept = await BatchRun(loaded, batch, prober, writer, here).measure()
    finally:
        prober.close()
        writer.release()
    assert kept is not None
    return [one.row for one in Batches(folder).rows(kept)]
