"""``python -m sotokara`` is ``sotokara``."""

from sotokara.cli import main

main()
