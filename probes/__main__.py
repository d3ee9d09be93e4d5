"""``python -m probes`` is ``sotokara``."""

from probes.cli import main

main()
