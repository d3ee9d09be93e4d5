"""A store of files elsewhere, S3-compatible or of another kind that ``fsspec`` knows.

The extra ``store``. It is imported when a file is first asked for. Keys come from where the
store's own tools look for them (``AWS_ACCESS_KEY_ID``, ``AWS_PROFILE``, ``AWS_ENDPOINT_URL``, a
file of fsspec's): never from the settings, which are published.
"""

import contextlib
from pathlib import Path
from typing import Any

from sotokara.core.extras import needs_extra

_EXTRA = "store"
_CONNECT, _READ = 10, 60
"""Seconds that S3 may take to be reached, and to go on."""
_PIECE = 1 << 20


class StoreAway(Exception):  # noqa: N818  # it says of a store that it is away
    """The store does not answer, or does not let us in; the text says which and why."""


class NotThere(Exception):  # noqa: N818
    """The store answers, and has no such file."""


class ObjectStore:
    """The files below one address, such as ``s3://bucket/blog``."""

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        self._files: Any = None
        self._below = ""

    def put(self, file: Path, name: str) -> None:
        """Bring a file there, under a name with slashes; what stands there gives way.

        :raises StoreAway: where it does not get there whole.
        :raises MissingExtraError: without the extra.
        """
        files, wanted = self._opened(), file.stat().st_size
        place = f"{self._below}/{name}"
        try:
            files.put_file(str(file), place)
            arrived = files.info(place)["size"]
        except Exception as error:  # whatever its client raises: each has classes of its own
            raise StoreAway(self._said(error)) from error
        if arrived != wanted:
            raise StoreAway(f"{self.address}: {arrived} of {wanted} bytes of {name} arrived")

    def get(self, name: str, into: Path) -> None:
        """Write one of its files into a file here.

        :raises NotThere: where it has none of that name.
        :raises StoreAway: where it does not come whole.
        :raises MissingExtraError: without the extra.
        """
        files, place = self._opened(), f"{self._below}/{name}"
        try:
            with files.open(place, "rb") as source, into.open("wb") as target:
                while piece := source.read(_PIECE):
                    target.write(piece)
        except FileNotFoundError as error:
            raise NotThere(f"{self.address}/{name}") from error
        except Exception as error:
            raise StoreAway(self._said(error)) from error

    def _opened(self) -> Any:  # noqa: ANN401  # fsspec's
        if self._files is None:
            with needs_extra(_EXTRA, "a store beside git"):
                import fsspec
                from fsspec.core import split_protocol
            protocol, _ = split_protocol(self.address)
            more: dict[str, Any] = {}
            if protocol == "s3":
                with needs_extra(_EXTRA, "a store beside git"):
                    import s3fs  # noqa: F401  # says what is missing in our words
                bounds = {"connect_timeout": _CONNECT, "read_timeout": _READ}
                more = {"config_kwargs": bounds | {"retries": {"max_attempts": 2}}}
            try:
                self._files, below = fsspec.core.url_to_fs(
                    self.address, skip_instance_cache=True, use_listings_cache=False, **more
                )
            except Exception as error:
                raise StoreAway(self._said(error)) from error
            self._below = str(below).rstrip("/")
            with contextlib.suppress(AttributeError):
                self._files.retries = 2
        return self._files

    def _said(self, error: Exception) -> str:
        """What went wrong, in a line: some clients' texts are pages long."""
        text = " ".join(str(error).split())[:160]
        return f"{self.address}: {type(error).__name__}{': ' if text else ''}{text}"
