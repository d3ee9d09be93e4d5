"""Servers of the tests run on an event loop in a thread of their own."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from typing import Protocol


class Startable(Protocol):
    """A server that opens its ports in the loop that runs."""

    async def start(self) -> None:
        """Open the ports."""


@contextlib.contextmanager
def serving(*servers: Startable) -> Iterator[None]:
    """Run servers on one thread; their connections end with the block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    for server in servers:
        asyncio.run_coroutine_threadsafe(server.start(), loop).result()
    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(_end(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end() -> None:
    own = asyncio.current_task()
    tasks = [task for task in asyncio.all_tasks() if task is not own]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
