"""What was reported as kept is kept: kill -9 at random moments, a disk that fills up anywhere."""

import errno
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sotokara.ledger import Ledger, LedgerError, seals
from sotokara.ledger import verify as verifier
from sotokara.ledger.redact import redact

from tests.tampered import keep, observation, runs

KILLS = int(os.environ.get("SOTOKARA_KILLS", "60"))
_HARMLESS = {"unsealed", "leftover", "orphan", "redacted", "late"}


def work(folder: Path, acknowledged: int) -> None:
    """Runs and seals without end; says on the pipe what is kept."""
    number = 0
    while True:
        several = [observation(f"{number}-{one}.example", "192.0.2.1") for one in range(3)]
        run = keep(folder, *several)
        os.write(acknowledged, f"run {run}\n".encode())
        if number % 3 == 2:
            os.write(acknowledged, f"head {seals.seal(folder)}\n".encode())
        number += 1


def killed(folder: Path, after: float) -> list[str]:
    """What a process says that it has kept, until it is killed."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reads)
            work(folder, writes)
        finally:
            os._exit(1)
    os.close(writes)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(reads) as file:
        return file.read().splitlines()


def test_killed_at_random_moments(tmp_path: Path) -> None:
    chance = random.Random(11)  # noqa: S311  # moments, not secrets
    heads = 0
    for turn in range(KILLS):
        folder = tmp_path / f"{turn // 25}"  # a fresh ledger now and then
        kept = killed(folder, chance.uniform(0, 0.15))
        if not folder.is_dir():
            continue
        head = ""
        for line in kept:
            what, _, value = line.partition(" ")
            if what == "run":
                content = Path(value).read_bytes()
                assert verifier.sha(content)[:8] == Path(value).stem[-8:]
                assert content.count(b"\n") == 3
            elif value != "None":
                head = value
                heads += 1
        found = verifier.verify(verifier.Folder(str(folder)), head)
        assert not {one.code for one in found} - _HARMLESS, found
        Ledger(folder, tmp_path / "cache").index.refresh()  # and every whole line is read
    assert heads


@contextmanager
def full_disk(monkeypatch: pytest.MonkeyPatch, at: int, *, lasting: bool) -> Iterator[list[int]]:
    """The disk is full at the ``at``-th step that needs space, or from that one on."""
    count = [0]

    def full() -> bool:
        count[0] += 1
        return count[0] == at or (lasting and count[0] > at)

    def failing(real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any, **named: Any) -> Any:
            if full():
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return real(*arguments, **named)

        return step

    real_os_open, real_write = os.open, os.write

    def writing(real: Callable[[Any], int | None], content: Any) -> int:
        if full():
            real(bytes(content[: len(content) // 2]))  # the last block has room for a part
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(content) or 0

    def os_opened(path: Any, flags: int, *arguments: Any, **named: Any) -> int:
        opener = failing(real_os_open) if flags & os.O_CREAT else real_os_open
        return int(opener(path, flags, *arguments, **named))

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", os_opened)
        patch.setattr(
            os, "write", lambda file, content: writing(partial(real_write, file), content)
        )
        for name in ("replace", "mkdir", "fsync"):
            patch.setattr(os, name, failing(getattr(os, name)))
        yield count


@pytest.mark.parametrize("lasting", [False, True], ids=["once", "lasting"])
@pytest.mark.parametrize("what", ["run", "seal", "redact"])
def test_a_full_disk_at_every_step(
    what: str,
    lasting: bool,  # noqa: FBT001  # a parameter of the test
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at = failed = 0
    while True:
        at += 1
        folder = tmp_path / f"{at}"
        before = keep(folder, observation("a.example", "192.0.2.1"), observation("b.example"))
        head = seals.seal(folder) if what == "redact" else None
        with full_disk(monkeypatch, at, lasting=lasting) as count:
            try:
                if what == "run":
                    keep(folder, observation("c.example", "192.0.2.2"))
                elif what == "seal":
                    seals.seal(folder)
                else:
                    redact(folder, ["192.0.2.1"], "reason", "author")
            except LedgerError as error:
                failed += 1
                assert "No space left on device" in str(error)  # noqa: PT017  # each step differs
        if count[0] < at:
            break  # it came through: every step has failed once
        if what == "redact":
            with suppress(LedgerError):
                redact(folder, ["192.0.2.1"], "reason", "author")
            assert not [p for p in folder.rglob("*.json*") if b"192.0.2.1" in p.read_bytes()]
        assert before in runs(folder)
        found = verifier.verify(verifier.Folder(str(folder)), str(head or ""))
        assert not {one.code for one in found} - _HARMLESS, (at, found)
        keep(folder, observation("d.example", "192.0.2.3"))  # and it goes on
        seals.seal(folder)
        found = verifier.verify(verifier.Folder(str(folder)))
        assert not {one.code for one in found} - _HARMLESS, (at, found)
    assert at > 3
    assert failed
