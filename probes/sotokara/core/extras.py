"""What only some sites need is installed by name: ``pip install 'sotokara[cards,stamps]'``."""

from collections.abc import Iterator
from contextlib import contextmanager


class MissingExtraError(Exception):
    """An extra is not installed; the text says which, and how to install it."""


@contextmanager
def needs_extra(name: str, what: str) -> Iterator[None]:
    """Imports inside belong to an extra of the package; ``what`` needs it.

    :raises MissingExtraError: when it is not installed.
    """
    try:
        yield
    except ImportError as error:
        message = f"{what} needs the extra {name}: pip install 'sotokara[{name}]'"
        raise MissingExtraError(message) from error
