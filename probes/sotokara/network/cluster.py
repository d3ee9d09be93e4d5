"""A Dask cluster of one's own hosts: pinned tasks over mutual TLS, bytes there and bytes back.

``distributed`` (the extra ``places``) is imported when the first place is asked. A task has one
worker that may run it, chosen by the resource that its owner gave it, and is never moved to
another. Results are bytes: of what a worker returns nothing is unpickled here.
"""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from sotokara.core.mistakes import SettingMistake
from sotokara.core.observation import ProbeFailure
from sotokara.core.places import Dask

Work = Callable[[bytes], bytes]
_RESOURCE = "place-"
_SHARE = 0.125
"""Of a worker's resource that one task takes: so many may run at once beside each other."""
_CONNECT = 10.0
_LOOK, _LOOKS = 1.0, 2
"""Seconds between two looks whether the worker is still there, and how often one is tried."""
_PLAIN = ["dask", "msgpack", "error"]
"""How results may be serialized; not by pickle, which would run their code here."""
_STEP = "dask"


class Cluster:
    """One build's connection. ``root``: the folder that certificates are named from."""

    def __init__(self, dask: Dask, root: Path) -> None:
        self._dask, self._root = dask, root
        self._client: Any = None
        self._failed: ProbeFailure | None = None
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(8, "dask")
        self._futures: dict[Any, str] = {}
        """What is under way, and at which worker."""
        self._looking, self._choosing = threading.Lock(), threading.Lock()
        self._looked = 0.0
        self._there: Collection[str] = ()

    def check(self) -> None:
        """See that what a connection needs is set and there.

        :raises SettingMistake: where it is not.
        """
        if not self._dask.scheduler.startswith("tls://"):
            what = "dask.scheduler names no address with tls://"
            raise SettingMistake(what, "write for example scheduler: tls://fra.example:8786")
        for name in ("ca", "certificate", "key"):
            path = getattr(self._dask, name)
            if not path or not (self._root / path).is_file():
                what = f"dask.{name} names no file ({path!r})"
                raise SettingMistake(what, "mutual TLS is required; see the guide's page on places")

    async def send(self, name: str, work: Work, payload: bytes, seconds: float) -> bytes:
        """Let the worker that has the resource ``place-NAME`` do some work.

        :raises SettingMistake: where the settings do not suffice for a connection.
        :raises ProbeFailure: ``place_unreachable`` before it has begun; afterwards ``place_lost``
            where the worker or the scheduler went away, ``place_differs`` where it cannot do this
            work, and ``deadline_exceeded`` after ``seconds``.
        """
        self.check()
        loop = asyncio.get_running_loop()
        future, address = await loop.run_in_executor(
            self._threads, self._submit, name, work, payload
        )
        done, ends = asyncio.Event(), loop.time() + seconds
        future.add_done_callback(lambda _: loop.call_soon_threadsafe(done.set))
        try:
            async with asyncio.timeout(seconds):
                while not done.is_set():
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(done.wait(), _LOOK)
                        break
                    await loop.run_in_executor(self._threads, self._look, address)
            left = max(ends - loop.time(), _CONNECT)
            return await loop.run_in_executor(self._threads, _result, future, left)
        except TimeoutError as error:
            detail = f"no word from {name} in {seconds:.0f} s"
            raise ProbeFailure("deadline_exceeded", _STEP, detail) from error
        finally:
            self._futures.pop(future, None)
            with contextlib.suppress(Exception):
                await loop.run_in_executor(self._threads, lambda: future.cancel(force=True))

    async def count(self, name: str) -> int:
        """How many workers offer the resource ``place-NAME``.

        :raises SettingMistake: where the settings do not suffice for a connection.
        :raises ProbeFailure: ``place_unreachable`` where no scheduler answers.
        """
        self.check()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._count, name)

    def _count(self, name: str) -> int:
        client = self._connected()
        try:
            workers = client.scheduler_info(n_workers=-1)["workers"]
            return len(_able(workers, f"{_RESOURCE}{name}"))
        except (OSError, RuntimeError, TypeError, KeyError, AttributeError) as error:
            raise _away(error) from error

    def close(self) -> None:
        """End the connection; tasks that are under way are cancelled."""
        with self._lock:
            client, self._client = self._client, None
            self._failed = ProbeFailure("cancelled", _STEP)
        if client is not None:
            with contextlib.suppress(Exception):
                client.close(timeout=2)
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _submit(self, name: str, work: Work, payload: bytes) -> tuple[Any, str]:
        client = self._connected()
        resource = f"{_RESOURCE}{name}"
        try:
            workers = client.scheduler_info(n_workers=-1)["workers"]
            with self._looking:
                self._there, self._looked = workers, time.monotonic()
            able = _able(workers, resource)
            if not able:
                detail = f"no worker offers {resource}"
                raise ProbeFailure("place_unreachable", _STEP, detail)
            with self._choosing:  # the one that has the least to do; the first one of several
                busy = list(self._futures.values())
                address = min(able, key=busy.count)
                future = client.submit(
                    work,
                    payload,
                    pure=False,
                    retries=0,
                    workers=[address],
                    allow_other_workers=False,
                    resources={resource: _SHARE},
                )
                self._futures[future] = address
        except (OSError, RuntimeError, TypeError, KeyError, AttributeError) as error:
            raise _away(error) from error
        return future, address

    def _connected(self) -> Any:  # noqa: ANN401  # distributed's Client
        with self._lock:
            if self._failed is not None:
                raise self._failed
            if self._client is None:
                try:
                    self._client = self._connect()
                except ProbeFailure as failed:
                    self._failed = failed
                    raise
            return self._client

    def _connect(self) -> Any:  # noqa: ANN401
        try:
            from distributed import Client
            from distributed.security import Security
        except ImportError as error:
            detail = "the extra places is not installed"
            raise ProbeFailure("place_unreachable", _STEP, detail) from error
        dask, root = self._dask, self._root
        try:
            security = Security(  # type: ignore[no-untyped-call]
                require_encryption=True,
                tls_ca_file=str(root / dask.ca),
                tls_client_cert=str(root / dask.certificate),
                tls_client_key=str(root / dask.key),
            )
            return Client(  # type: ignore[no-untyped-call]
                dask.scheduler,
                security=security,
                timeout=_CONNECT,
                set_as_default=False,
                serializers=[*_PLAIN[:2], "pickle"],
                deserializers=_PLAIN,
                name="sotokara",
            )
        except (OSError, ValueError, RuntimeError) as error:
            raise _away(error) from error

    def _look(self, address: str) -> None:
        """See that the scheduler and the worker are still there: one look does for all tasks."""
        with self._looking:
            if time.monotonic() - self._looked >= _LOOK:
                self._there = self._workers()
                self._looked = time.monotonic()
            there = self._there
        if address not in there:
            raise ProbeFailure("place_lost", _STEP, "the worker went away")

    def _workers(self) -> Collection[str]:
        """The addresses of the workers that are there; a busy scheduler is asked once more."""
        for attempt in range(_LOOKS):
            client = self._client
            if client is None or client.status != "running":
                break
            try:
                workers: Collection[str] = client.scheduler_info(n_workers=-1)["workers"]
            except (OSError, RuntimeError, TypeError, KeyError, AttributeError):
                if attempt + 1 < _LOOKS:
                    time.sleep(_LOOK)
            else:
                return workers
        raise ProbeFailure("place_lost", _STEP, "the scheduler went away")


def _able(workers: Mapping[str, Any], resource: str) -> list[str]:
    """The addresses of the workers that their owners have put at a place."""
    return sorted(
        address for address, one in workers.items() if one["resources"].get(resource, 0) > 0
    )


def _result(future: Any, seconds: float = _CONNECT) -> bytes:  # noqa: ANN401  # distributed's
    """What came back, as bytes, fetched within ``seconds``.

    :raises ProbeFailure: where nothing did.
    """
    try:
        found = future.result(timeout=seconds)
    except (ImportError, AttributeError) as error:
        detail = f"the worker has other software: {type(error).__name__}"
        raise ProbeFailure("place_differs", _STEP, detail) from error
    except Exception as error:  # whatever the other side raised: its name is all that is believed
        raise ProbeFailure("place_lost", _STEP, type(error).__name__) from error
    if not isinstance(found, bytes):
        raise ProbeFailure("place_differs", _STEP, "the worker returned no bytes")
    return found


def _away(error: Exception) -> ProbeFailure:
    detail = f"no scheduler answers: {type(error).__name__}"
    return ProbeFailure("place_unreachable", _STEP, detail)
