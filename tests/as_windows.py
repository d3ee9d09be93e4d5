"""``python -m tests.as_windows [MODULE…] COMMAND…``: a command without what Windows' Python lacks.

Everything is imported once, so that other people's packages have chosen their way. Then the names
that are Unix' alone are taken away, our own modules are imported again, every one of them, and the
command (`mkdocs …` or `sotokara …`) runs in this process. A name that is used without a look is an
AttributeError. Modules named before it are imported so, too. Separators, the registry and the
console are not shown by this.
"""

import importlib
import os
import pkgutil
import signal
import socket
import ssl
import sys
import time
from typing import Any

import sotokara

from tests.generator import use

UNIX_ONLY: dict[Any, tuple[str, ...]] = {
    os: (
        *("geteuid", "getuid", "getegid", "getgid", "fork", "killpg", "setsid", "getpgid"),
        *("sched_getaffinity", "getloadavg", "uname", "statvfs", "mkfifo", "sysconf", "chown"),
        *("O_NOFOLLOW", "O_DIRECTORY", "O_SYNC", "wait4"),
    ),
    socket: (
        *("AF_NETLINK", "NETLINK_ROUTE", "AF_PACKET", "SO_REUSEPORT", "SO_BINDTODEVICE"),
        *("MSG_ERRQUEUE", "MSG_DONTWAIT", "MSG_NOSIGNAL", "SCM_RIGHTS"),
    ),
    signal: ("SIGHUP", "SIGUSR1", "SIGUSR2", "SIGKILL", "SIGALRM", "SIGCHLD", "setitimer"),
    time: ("clock_gettime", *(name for name in dir(time) if name.startswith("CLOCK_"))),
}
MODULES = ("fcntl", "resource", "pwd", "grp", "termios", "pty", "tty", "syslog")


def every() -> list[str]:
    """The names of all our modules that a wheel has."""
    found = pkgutil.walk_packages(sotokara.__path__, "sotokara.")
    return [one.name for one in found if not one.name.startswith("sotokara.servers")]


def take_away() -> None:
    """Import ours once as they are, and again where those names are missing."""
    names = [name for name in every() if name.rpartition(".")[2] != "__main__"]
    for name in ("dns.resolver", *names):
        importlib.import_module(name)
    for name in [one for one in sys.modules if one.partition(".")[0] == "sotokara"]:
        del sys.modules[name]
    for module, missing in UNIX_ONLY.items():
        for name in missing:
            if hasattr(module, name):
                delattr(module, name)
    sys.modules.update(dict.fromkeys(MODULES))  # type: ignore[arg-type]  # so that import fails
    sys.platform = "win32"
    ssl.enum_certificates = lambda _store: []  # type: ignore[attr-defined]  # Windows' own
    for name in names:
        importlib.import_module(name)


def main() -> None:
    """Import the modules that are named first, then run the command."""
    use(os.environ.get("SOTOKARA_GENERATOR", "mkdocs"))
    take_away()
    words = sys.argv[1:]
    while words[0] not in ("mkdocs", "sotokara"):
        importlib.import_module(words.pop(0))
    sys.argv = words
    if words[0] == "mkdocs":
        importlib.import_module("mkdocs.__main__").cli()
    else:
        importlib.import_module("sotokara.cli").main()


if __name__ == "__main__":
    main()
