"""Workers of this machine: a Dask cluster on loopback, behind TLS that is made for it alone."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from sotokara.core.observation import ProbeFailure

Work = Callable[[bytes], bytes]
_STEP = "dask"


def there() -> bool:
    """Whether ``distributed`` (the extra ``places``) is installed."""
    try:
        import distributed  # noqa: F401  # only whether it can be
    except ImportError:
        return False
    return True


class LocalWorkers:
    """So many processes. A worker that dies is started anew, and its task given to another."""

    def __init__(self, count: int, work: Work) -> None:
        self.count = count * 2
        """Shares under way: one is measured by each worker, and one waits for it."""
        self._workers, self._work = count, work
        self._cluster: Any = None
        self._client: Any = None

    async def start(self) -> None:
        """Start the processes; some seconds.

        :raises ProbeFailure: where they do not start.
        """
        try:
            await asyncio.to_thread(self._start)
        except (OSError, RuntimeError, ValueError, TimeoutError) as error:
            raise ProbeFailure("place_unreachable", _STEP, type(error).__name__) from error

    async def send(self, payload: bytes, seconds: float) -> bytes:
        """Let any worker do the work.

        :raises ProbeFailure: ``place_lost`` where it was lost again and again.
        """
        future = self._client.submit(self._work, payload, pure=False, retries=2)
        try:
            found = await asyncio.wait_for(asyncio.to_thread(future.result), seconds)
        except TimeoutError as error:
            raise ProbeFailure("deadline_exceeded", _STEP, f"{seconds:.0f} s") from error
        except Exception as error:  # whatever the other side raised
            raise ProbeFailure("place_lost", _STEP, type(error).__name__) from error
        if not isinstance(found, bytes):
            raise ProbeFailure("place_differs", _STEP, "the worker returned no bytes")
        return found

    def close(self) -> None:
        """End the processes."""
        for one in (self._client, self._cluster):
            if one is not None:
                with contextlib.suppress(Exception):
                    one.close(timeout=5)
        self._client = self._cluster = None

    def _start(self) -> None:
        from distributed import Client, LocalCluster

        self._cluster = LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=self._workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            security=True,
            silence_logs=40,
        )
        self._client = Client(self._cluster, set_as_default=False)  # type: ignore[no-untyped-call]
