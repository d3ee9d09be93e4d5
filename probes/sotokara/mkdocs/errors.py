"""What an author or a disk did wrong, as MkDocs shows it: one line, and no traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

from mkdocs.exceptions import PluginError

from sotokara.core.settings import SettingsError
from sotokara.ledger import LedgerError


@contextmanager
def plugin_errors() -> Iterator[None]:
    """The engine's errors inside, as MkDocs' own.

    :raises PluginError: in their place.
    """
    try:
        yield
    except (LedgerError, SettingsError, OSError) as error:
        raise PluginError(str(error)) from error
