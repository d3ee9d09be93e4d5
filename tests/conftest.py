"""What all tests share."""

import os
import signal

from hypothesis import settings

from tests.generator import use

# A shell that starts a job in the background lets it ignore Ctrl-C, and so all that it starts;
# the tests of Ctrl-C need programs that hear it.
signal.signal(signal.SIGINT, signal.default_int_handler)

use(os.environ.get("SOTOKARA_GENERATOR", "mkdocs"))
pytest_plugins = ["tests.lab.fixtures"]

settings.register_profile("no seconds", deadline=None)  # a loaded machine is no failure
settings.load_profile("no seconds")
