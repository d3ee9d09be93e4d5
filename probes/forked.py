"""The process that a replayed build is looked after in: what is asked of it, and how it ends."""

import gc
import multiprocessing
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from probes.build import Build
from probes.ledger import LedgerError

_T = TypeVar("_T")


class Forked:
    """The other process, and the two pipes to it."""

    def __init__(self, build: Build) -> None:
        fork = multiprocessing.get_context("fork")
        asked, self._asking = fork.Pipe(duplex=False)
        self._told, telling = fork.Pipe(duplex=False)
        ours = (self._asking, self._told)
        self._process = fork.Process(target=_work, args=(build, asked, telling, ours), daemon=True)
        self._process.start()
        asked.close()
        telling.close()

    @staticmethod
    def possible() -> bool:
        """Whether there can be one. Only on Linux: elsewhere libraries may not outlive a fork.

        Nor beside other threads: what they hold just now would be held in the fork for ever.
        """
        return sys.platform == "linux" and threading.active_count() == 1

    def ask(self, question: Callable[..., _T], *args: Any, **kwargs: Any) -> _T:  # noqa: ANN401
        """An answer, or the error that it or anything before it ended with."""
        self._send(question, args, kwargs, wanted=True)
        answer: _T = self._answer()
        return answer

    def leave(self, task: Callable[..., None], *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        """A task to be done in its turn."""
        self._send(task, args, kwargs, wanted=False)

    def _send(self, *message: Any, wanted: bool) -> None:  # noqa: ANN401
        try:
            self._asking.send((*message, wanted))
        except OSError as error:
            raise _gone() from error

    def _answer(self) -> Any:  # noqa: ANN401  # whatever was asked
        try:
            answer, error = self._told.recv()
        except (EOFError, OSError) as gone:
            raise _gone() from gone
        if error is not None:
            raise error
        return answer

    def close(self) -> None:
        """Nothing more is asked but what became of all that was left to it."""
        self._send(_nothing, (), {}, wanted=True)
        self._asking.close()

    def settle(self) -> None:
        """Wait for its end.

        :raises LedgerError, OSError: what a task ended with.
        """
        if not self._told.closed:
            self._answer()
            self.end()

    def end(self) -> None:
        """End it at once. Safe to call again."""
        self._asking.close()
        self._told.close()
        self._process.terminate()
        self._process.join()


def _gone() -> LedgerError:
    return LedgerError("the process that reads the evidence has ended; build again")


def _work(build: Build, asked: Connection, told: Connection, theirs: Sequence[Connection]) -> None:
    """The other process: does as it is asked, until nobody can ask any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends when the build does
    gc.freeze()  # what was there before is not looked through: its memory stays shared
    for end in theirs:
        end.close()
    failed: Exception | None = None
    with suppress(EOFError, BrokenPipeError):  # the build was killed
        while True:
            function, args, kwargs, wanted = asked.recv()
            answer = None
            if failed is None:
                try:
                    answer = function(build, *args, **kwargs)
                except Exception as error:  # noqa: BLE001  # raised again over there
                    error.add_note(traceback.format_exc())
                    failed = error
            if wanted:
                told.send((answer, failed))
                failed = None


def _nothing(_: Build) -> None:
    """The last thing that is asked, to hear what became of all before it."""
