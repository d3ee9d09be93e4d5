"""What an author or a disk did wrong, as MkDocs shows it: one line, and no traceback."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mkdocs.exceptions import PluginError

from sotokara.core.settings import SettingsError
from sotokara.ledger import LedgerError


@contextmanager
def plugin_errors(settings_in: str = "") -> Iterator[None]:
    """The engine's errors inside, as MkDocs' own; ``settings_in``: the path of mkdocs.yml.

    :raises PluginError: in their place.
    """
    try:
        yield
    except SettingsError as error:
        raise PluginError(str(error.in_file(Path(settings_in)))) from error
    except (LedgerError, OSError) as error:
        raise PluginError(str(error)) from error
