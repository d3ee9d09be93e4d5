"""Linux system calls that Python 3.11 does not offer (namespaces(7), prctl(2))."""

import ctypes
import fcntl
import os
import signal
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_BIND = 0x1000
MS_REC = 0x4000
MS_PRIVATE = 0x40000

_PR_SET_PDEATHSIG = 1
_TUNSETIFF = 0x400454CA
_IFF_TUN_NO_PI = 0x1001

_libc = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: object) -> None:
    """Call a libc function; raise OSError when it returns anything but 0."""
    if getattr(_libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    """Leave the namespaces named by the CLONE_NEW… flags for new ones."""
    _call("unshare", flags)


def setns(descriptor: int, flag: int) -> None:
    """Move the calling thread into the namespace that the open descriptor stands for."""
    _call("setns", descriptor, flag)


def mount(source: str, target: str, kind: str, flags: int) -> None:
    """Mount, as mount(2) without options."""
    _call("mount", source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), None)


def die_with_parent() -> None:
    """Ask the kernel for SIGKILL when the parent goes, however it goes."""
    _call("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def become_root_of_own_user_namespace() -> None:
    """Map the caller to root inside a new user namespace, where it may make network namespaces."""
    user, group = os.geteuid(), os.getegid()
    unshare(CLONE_NEWUSER)
    for path, text in (
        ("/proc/self/setgroups", "deny"),
        ("/proc/self/uid_map", f"0 {user} 1"),
        ("/proc/self/gid_map", f"0 {group} 1"),
    ):
        Path(path).write_text(text, encoding="ascii")


@contextmanager
def network_of(pid: int) -> Iterator[None]:
    """Put the calling thread on the network of a process, for new sockets and devices."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    away = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        setns(away, CLONE_NEWNET)
        try:
            yield
        finally:
            setns(home, CLONE_NEWNET)
    finally:
        os.close(home)
        os.close(away)


def open_tun(name: str) -> int:
    """Make a TUN interface in the current network namespace; it lives as long as the descriptor."""
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.ioctl(descriptor, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TUN_NO_PI))
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
