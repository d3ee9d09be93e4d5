"""Verify the evidence of a Sotokara blog: this file alone, with the standard library alone.

    python3 verify.py https://blog.example/evidence/          the published evidence
    python3 verify.py evidence/                               a folder, such as a git clone's
    python3 verify.py evidence/ 20260114T031500123Z-author-ab12cd34-7     one figure
    python3 verify.py evidence/ --head 12:6b86b273ff34fce1    against a head you wrote down
    python3 verify.py --proof FILE --key KEY                  a proof, without the evidence
    python3 verify.py evidence/ --proof FILE                  a proof, against these seals

It recomputes every hash, every seal (RFC 6962 trees) and every signature (Ed25519), and names each
file that is altered, missing or extra, and each page that is not the one that was built. Of one
figure it prints what is kept, to compare with the page. It cannot tell whether the observer told
the truth.
"""

# ruff: noqa: T201, S310, PTH123, TRY301, UP017, FURB162, FURB167, C901, PLR0912, SIM905  # a program of its own
from __future__ import annotations

import errno
import functools
import hashlib
import http.client
import ipaddress
import itertools
import json
import os
import re
import stat
import struct
import sys
import time
import urllib.parse
import urllib.request
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from typing import Any, NamedTuple

FORMAT = 2
"""Of seals and tombstones; of 1, which verifies for ever, too."""
LINES = 1
"""Of the lines of runs."""
BATCHES = 1
"""Of what stands beside a batch."""
NOTES = frozenset(
    "unsealed late orphan leftover redacted repaired clock token others sealed_late "
    "read_otherwise contradicts keys cosigned build unread stored away".split()
)
"""Findings that tell, but do not make an evidence folder wrong."""
_SEAL = re.compile(r"seals/([0-9]{6})\.json")
_RUN = re.compile(
    r"runs/([0-9]{4})/([0-9][0-9])/([0-9][0-9])/([0-9]{8})(T[0-9]{9}Z)-([A-Za-z0-9_]+)-([0-9a-f]{8})\.jsonl"
)
_SIGNATURE = re.compile(
    r"(runs/[0-9]{4}/[0-9][0-9]/[0-9][0-9]/[0-9]{8}T[0-9]{9}Z-[A-Za-z0-9_]+-[0-9a-f]{8})\.sig"
)
_ID = re.compile(r"[0-9]{8}T[0-9]{9}Z-[A-Za-z0-9_]+-[0-9a-f]{8}-[1-9][0-9]{0,8}")
_OBJECT = re.compile(r"objects/([0-9a-f]{2})/(([0-9a-f]{2})[0-9a-f]{62})\.json")
_TOMBSTONE = re.compile(r"tombstones/[0-9]{6}\.json")
_DROPPED = re.compile(r"seals/dropped/([0-9a-f]{64})\.json")
_SEAL_FILE = re.compile(r"seals/([0-9]{6})\.(?:json|tsr|note)")
_PUBLISHED = re.compile(r"published/[0-9]{8}T[0-9]{9}Z-([0-9a-f]{8})\.ndjson")
_BATCH = re.compile(
    r"((batches/([0-9]{4})/([0-9][0-9])/([0-9][0-9])/([0-9]{8})(T[0-9]{9}Z)-([A-Za-z0-9_]+))-([0-9a-f]{8}))"
    r"\.(parquet|json|sig)"
)
_SIGNERS = "signers"
_EVIDENCE = (
    *(_RUN, _SIGNATURE, _OBJECT, _SEAL_FILE, _DROPPED, _TOMBSTONE, _PUBLISHED, _BATCH),
    re.compile(_SIGNERS),
)
_FOR_GIT = frozenset({".gitattributes", ".gitignore", ".lock"})
"""What a ledger has beside its evidence; it is not published."""
_PAGES = re.compile(
    r"(?:[0-9]{8}T[0-9]{9}Z-[A-Za-z0-9_]+-[0-9a-f]{8}-[1-9][0-9]*/)?index\.html|verify\.py"
    r"|[0-9]{8}T[0-9]{9}Z-[A-Za-z0-9_]+-[0-9a-f]{8}-[1-9][0-9]*/"
    r"(?:facts\.(?:csv|json)|path\.svg|history-[0-9a-f]{8}\.svg)"
    r"|[0-9]{8}T[0-9]{9}Z-[A-Za-z0-9_]+-[0-9a-f]{8}/rows\.csv"
    r"|questions/[0-9a-f]{16}/history\.(?:csv|json)"
)
"""What a build writes beside the evidence that it publishes."""
_LISTS = frozenset({"SHA256SUMS", "head.json", "pages.sha256", "build.note"})
"""Written beside it too; never read from a folder."""
_HASH = re.compile(r"[0-9a-f]{64}")
_SALT = re.compile(rb',"(?:salt|blinds)":"([0-9a-f.]*)"')
_MANY = 20
_LEAST_DIGITS = 16
_LONGEST = 64 << 20
"""Bytes of a file that is read at all."""
_LONGEST_NOTE, _SIGNATURES = 1 << 20, 100
"""Bytes and signatures of a note that is read at all; C2SP asks for 16 signatures at least."""
_AHEAD = 86400
"""Seconds that a clock may be ahead of this one's; and a line away from its run."""
_LATE = 3 * 86400
"""Seconds until a run that is sealed later is said to be sealed late."""


def visible(text: object) -> str:
    """Text with every character that does not plainly show itself written out."""
    return "".join(
        char if char.isprintable() and char not in "\u2800\u3164\uffa0" else f"\\u{ord(char):04x}"
        for char in str(text)[:2000]
    )


class Finding(NamedTuple):
    """One thing that is not as it should be, or (``NOTES``) that a reader should know."""

    code: str
    where: str
    what: str

    @property
    def wrong(self) -> bool:
        """Whether it makes the evidence wrong."""
        return self.code not in NOTES

    def __str__(self) -> str:
        grade = "WRONG" if self.wrong else "note"
        return visible(f"{grade} {self.code}: {self.where}: {self.what}")


class Found(list[Finding]):
    """What has been found so far."""

    def add(self, code: str, where: str, what: str) -> None:
        """One thing more."""
        self.append(Finding(code, where, what))


def is_evidence(name: str) -> bool:
    """Whether a file's path is one that a ledger gives: nothing else is ever published or read."""
    return any(pattern.fullmatch(name) for pattern in _EVIDENCE)


def is_id(name: str) -> bool:
    """Whether this is an observation's id."""
    return bool(_ID.fullmatch(name))


def is_run(name: str) -> bool:
    """Whether a file's path is one that a ledger gives to a run."""
    return bool(_RUN.fullmatch(name))


def is_batch(name: str) -> bool:
    """Whether a file's path is one that a ledger gives to what stands beside a batch."""
    return bool(_BATCH.fullmatch(name)) and name.endswith(".json")


def batch_of(name: str) -> str | None:
    """The path, without a suffix, of the batch that a row's id would be in; None for no id."""
    stem = name.rpartition("-")[0]
    path = f"batches/{stem[:4]}/{stem[4:6]}/{stem[6:8]}/{stem}"
    return path if _ID.fullmatch(name) and _BATCH.fullmatch(f"{path}.json") else None


def is_published(name: str) -> bool:
    """Whether a file's path is one that a ledger gives to a list of what was published."""
    return bool(_PUBLISHED.fullmatch(name))


def belongs(name: str) -> bool:
    """Whether a file's path is one that a ledger has: evidence, a write under way, git's two."""
    return is_evidence(name) or name in _FOR_GIT or name.endswith(".part")


class Folder:
    """Evidence in a folder. ``published``: a site's copy, with the pages that a build writes."""

    def __init__(self, root: str, *, published: bool = False) -> None:
        self.root, self.published = root, published
        self.odd: dict[str, str] = {}
        """What is no plain file, since ``names`` was last gone through: its path, what it is."""

    def names(self) -> Iterable[str]:
        """Every plain file's path, with slashes, below the folder; no link is followed."""
        self.odd.clear()
        stack = [(self.root, "")]
        while stack:
            folder, below = stack.pop()
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        stack.append((entry.path, f"{below}{entry.name}/"))
                    elif entry.is_file(follow_symlinks=False):
                        yield below + entry.name
                    else:
                        odd = "a link" if entry.is_symlink() else "no plain file"
                        self.odd[below + entry.name] = f"{odd}; evidence is plain files"

    def above(self) -> Folder:
        """The site that this copy is published with."""
        return Folder(f"{self.root}/..", published=True)

    def read(self, name: str) -> bytes:
        """A file's bytes; OSError where it is missing, or is no plain file."""
        try:
            descriptor = os.open(f"{self.root}/{name}", _PLAIN)
        except ValueError as error:  # a NUL in the name
            raise OSError(errno.EINVAL, str(error), name) from error
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise OSError(errno.EINVAL, "no plain file", name)
            if found.st_size > _LONGEST:
                raise OSError(errno.EFBIG, "larger than any evidence", name)
            content = os.read(descriptor, found.st_size + 1)
            while more := len(content) < found.st_size and os.read(descriptor, found.st_size):
                content += more
            return content
        finally:
            os.close(descriptor)

    def sha(self, name: str) -> str:
        """The SHA-256 of a file of any size, in hexadecimal."""
        found = hashlib.sha256()
        with os.fdopen(os.open(f"{self.root}/{name}", _PLAIN), "rb") as opened:
            if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                raise OSError(errno.EINVAL, "no plain file", name)
            while piece := opened.read(_PIECE):
                found.update(piece)
        return found.hexdigest()


_PIECE = 1 << 20
_PLAIN = os.O_RDONLY
for _flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"):  # those that the system knows
    _PLAIN |= getattr(os, _flag, 0)


class Site:
    """Evidence as a blog publishes it; ``SHA256SUMS`` there says which files there are."""

    published = True

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/") + "/"
        self.odd: dict[str, str] = {}

    def above(self) -> Site:
        """The site that the evidence is published with."""
        return Site(self.address[:-1].rpartition("/")[0])

    def names(self) -> Iterable[str]:
        """Every file's path that the list names; another name than a ledger's is not fetched."""
        for line in self.read("SHA256SUMS").decode("utf-8", "backslashreplace").splitlines():
            if belongs(line[66:]):
                yield line[66:]
            else:
                self.odd[line[66:]] = "SHA256SUMS names it, and it is no file of a ledger"

    def read(self, name: str) -> bytes:
        """A file's bytes; OSError where it is missing."""
        try:
            path = urllib.parse.quote(name, safe="/", errors="surrogateescape")
            with urllib.request.urlopen(self.address + path, timeout=30) as answer:
                content = bytes(answer.read(_LONGEST + 1))
            if len(content) > _LONGEST:
                raise OSError(errno.EFBIG, "larger than any evidence", name)
        except (OSError, http.client.HTTPException, ValueError) as error:
            hint = (
                "" if self.address.endswith("/evidence/") else "; try one that ends in /evidence/"
            )
            raise OSError(f"{self.address}{name}: {error}{hint}") from error
        return content

    def sha(self, name: str) -> str:
        """The SHA-256 of a file of any size, in hexadecimal."""
        found = hashlib.sha256()
        try:
            path = urllib.parse.quote(name, safe="/", errors="surrogateescape")
            with urllib.request.urlopen(self.address + path, timeout=30) as answer:
                while piece := answer.read(_PIECE):
                    found.update(piece)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise OSError(f"{self.address}{name}: {error}") from error
        return found.hexdigest()


class Chain(NamedTuple):
    """What the seals say. ``files``: each file's hash (a run's root, in version 2) and seal."""

    files: dict[str, tuple[str, int]]
    hashes: dict[int, str]
    """The seals' own hashes."""
    replaced: set[str]
    lines: dict[str, int] = {}
    """The lines of the runs that version 2 has sealed."""
    before: dict[str, tuple[str, int]] = {}
    """What version 1 said of runs that version 2 has sealed once more."""
    times: dict[int, str] = {}
    """When each seal says that it was made."""
    logs: dict[int, tuple[int, str]] = {}
    """The size and the root of the log, by seal, where it has one."""
    order: dict[int, list[tuple[str, int, str]]] = {}
    """The files of each seal of version 2."""
    made: dict[int, float] = {}
    """The same as ``times``, in seconds since 1970, and never before the seal before it."""


def new_chain() -> Chain:
    """A chain of no seals."""
    return Chain({}, {}, set(), {}, {}, {}, {}, {}, {})


def sha(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def entry_hash(entry: bytes) -> bytes:
    """The hash of a leaf (RFC 6962, 2.1)."""
    return hashlib.sha256(b"\0" + entry).digest()


Subtree = tuple[int, bytes]
"""The height and the root of a complete subtree."""


def subtrees(begin: int, nodes: list[bytes]) -> list[Subtree]:
    """The largest complete subtrees over these leaves, of which the first is leaf ``begin``.

    Level by level, which is quick where they are many. Joined to a tree of ``begin`` leaves they
    make the tree of all; so many leaves can be hashed in parts, in any order.
    """
    left: list[Subtree] = []
    right: list[Subtree] = []
    at, height, sha256 = begin, 0, hashlib.sha256
    while nodes:
        if at & 1:
            left.append((height, nodes[0]))
            nodes = nodes[1:]
        if len(nodes) & 1:
            right.append((height, nodes[-1]))
        pairs = zip(nodes[0::2], nodes[1::2])  # noqa: B905  # an odd one stands alone
        nodes = [sha256(b"\1" + one + other).digest() for one, other in pairs]
        at, height = at + 1 >> 1, height + 1
    return left + right[::-1]


class Tree:
    """An RFC 6962 tree, grown leaf by leaf. ``peaks``: the complete subtrees, the largest first."""

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size = size
        heights = [height for height in range(size.bit_length() - 1, -1, -1) if size >> height & 1]
        self._peaks = dict(zip(heights, peaks, strict=True))
        """By height."""

    def add(self, name: str, hashed: str) -> None:
        """Add a leaf of version 1: the line that sha256sum writes for the file."""
        self.leaf(entry_hash(f"{hashed}  {name}".encode("utf-8", "backslashreplace")))

    def leaf(self, node: bytes) -> None:
        """Add a leaf by its hash."""
        self.join([(0, node)])

    def extend(self, nodes: list[bytes]) -> None:
        """Add leaves by their hashes."""
        self.join(subtrees(self.size, nodes))

    def join(self, parts: Iterable[Subtree]) -> None:
        """Add the leaves of these subtrees, which begin where the tree ends."""
        for height, node in parts:
            self.size += 1 << height
            at, peak = height, node
            while at in self._peaks:
                peak = hashlib.sha256(b"\1" + self._peaks.pop(at) + peak).digest()
                at += 1
            self._peaks[at] = peak

    @property
    def peaks(self) -> list[str]:
        """The roots of the complete subtrees, in hexadecimal, the largest first."""
        return [self._peaks[height].hex() for height in sorted(self._peaks, reverse=True)]

    def root(self) -> str:
        """The tree's hash."""
        if not self._peaks:
            return sha(b"")
        first, *rest = (self._peaks[height] for height in sorted(self._peaks))
        for left in rest:
            first = hashlib.sha256(b"\1" + left + first).digest()
        return first.hex()


def bare_lines(content: bytes) -> tuple[list[bytes], str]:
    """A run's lines without line ends and without the salt, and the salt."""
    lines = content.split(b"\n")
    if not lines[-1]:
        lines.pop()
    match = _SALT.search(lines[0]) if lines else None
    if match is None:
        return lines, ""
    lines[0] = lines[0][: match.start()] + lines[0][match.end() :]
    return lines, match[1].decode()


def salts(salt: str, count: int) -> list[bytes]:
    """The salt of each line: made from the run's, or those that a redaction has left."""
    if "." in salt:
        texts = salt.split(".")
        return [bytes.fromhex(text) if len(text) % 2 == 0 else b"" for text in texts[:count]] + [
            b""
        ] * (count - len(texts))
    if not salt:
        return [b""] * count
    made = hashlib.shake_256(b"sotokara leaf salts" + salt.encode()).digest(16 * count)
    return [made[at : at + 16] for at in range(0, 16 * count, 16)]


def leaves(path: str, content: bytes) -> list[bytes]:
    """The leaf of each line of a run (docs/guide/format.md)."""
    lines, salt = bare_lines(content)
    head, sha256 = path.encode("utf-8", "backslashreplace") + b":", hashlib.sha256
    return [
        sha256(b"\0%b%b%d\n%b" % (own, head, number, line)).digest()
        for number, (own, line) in enumerate(zip(salts(salt, len(lines)), lines, strict=True), 1)
    ]


def root_of(nodes: Iterable[bytes]) -> str:
    """The root over these leaves alone."""
    tree = Tree()
    tree.extend(list(nodes))
    return tree.root()


def beginning(last: int, hashed: str) -> bytes:
    """The leaf before all others: what of version 1 went before (0: nothing)."""
    return entry_hash(b"sotokara log 2" + (f" after {last}:{hashed}".encode() if last else b""))


def file_leaf(path: str, hashed: str) -> bytes:
    """The leaf of a sealed file that is no run."""
    return entry_hash(f"{path} {hashed}".encode("utf-8", "backslashreplace"))


Add = Callable[[str, str, str], None]


class Unread(Exception):  # noqa: N818  # it carries the code and the words of a finding
    """A seal that cannot be read, so that the chain ends before it."""


def decoded(content: bytes) -> Any:  # noqa: ANN401  # whatever JSON says
    """JSON of any depth and size.

    :raises ValueError: for what is none.
    """
    try:
        return json.loads(content)
    except RecursionError as error:
        raise ValueError("JSON of too many levels") from error


def parse_seal(content: bytes) -> dict[str, Any]:
    """A seal's fields; ``files`` as path, lines (0: no run of version 2) and hash.

    :raises Unread: when it is none, is of a newer version, or is a conflict of two branches.
    """
    if b"<<<<<<<" in content:
        conflict = "two branches sealed this number; `sotokara seal --repair` resolves it"
        raise Unread("seal_conflict", conflict)
    try:
        seal: dict[str, Any] = decoded(content)
        version = seal["v"]
        if whole(version) and version > FORMAT:
            raise Unread("newer", "sealed by a newer Sotokara; take its verify.py")
        seal["files"] = [_listed(one, version) for one in seal["files"]]
        proper = whole(seal["number"]) and whole(seal["size"]) and version in (1, 2)
        texts = [seal["previous"], seal["root"], *seal.get("replaces", []), *seal.get("peaks", [])]
        if not proper or not all(_HASH.fullmatch(one) for one in texts if one):
            raise ValueError("a field is of another form")
        peaks = len(seal.get("peaks", ()))
        if version == FORMAT and (peaks != seal["size"].bit_count() or "" in seal["peaks"]):
            raise ValueError("its peaks are not those of its size")
        seal["sealed"] = str(seal.get("sealed", ""))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unread("altered", f"no seal ({type(error).__name__}: {error})") from error
    return seal


def whole(value: object) -> bool:
    """Whether this is a number that counts something."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 60


def _listed(one: list[Any], version: int) -> tuple[str, int, str]:
    path, lines, hashed = one if version == FORMAT else (one[0], 0, one[1])
    if not (isinstance(path, str) and whole(lines) and isinstance(hashed, str)):
        raise ValueError("no list of files")
    return path, lines, hashed


def read_chain(source: Folder | Site, names: Iterable[str], add: Add) -> Chain:
    """Follow the seals from the first to the head."""
    numbers = sorted(int(match[1]) for match in map(_SEAL.fullmatch, names) if match)
    chain, tree, before, log = new_chain(), Tree(), 0, False
    for number in numbers:
        name = f"seals/{number:06d}.json"
        joined = number == before + 1
        if not joined:
            add("missing", f"seals/{before + 1:06d}.json", f"seal {number} follows seal {before}")
        try:
            content = source.read(name)
            seal = parse_seal(content)
        except OSError as error:
            add("missing", name, str(error))
            break
        except Unread as error:
            add(error.args[0], name, error.args[1])
            break
        if b"\r" in content:
            add("line_ends", name, "line ends were converted; evidence needs `* -text` in git")
        if seal["number"] != number:
            add("altered", name, f"it says that it is seal {seal['number']}")
        if joined and seal["previous"] != chain.hashes.get(before, ""):
            add("resealed", name, f"it was made after another seal {before} than the one here")
        if log and seal["v"] < FORMAT:
            add("altered", name, "a seal of version 1 after one of version 2")
        began = seal["v"] == FORMAT and not log
        log = log or began
        _take(chain, seal, (number, name, began), add)
        if seal["v"] == FORMAT:
            peaks = [bytes.fromhex(one) for one in seal["peaks"]]
            count = sum(max(1, lines) for _, lines, _ in seal["files"]) + began
            size = seal["size"] - (0 if began else tree.size)
            tree = Tree(seal["size"], peaks)
            if joined and (size, tree.root()) != (count, seal["root"]):
                add("altered", name, "its files and peaks do not give its size and root")
            chain.logs[number] = (seal["size"], seal["root"])
        else:
            for path, _, hashed in seal["files"]:
                tree.add(path, hashed)
            if joined and (tree.size, tree.root()) != (seal["size"], seal["root"]):
                add("altered", name, "its files do not give its root")
        _date(chain, seal["sealed"], (number, name), add)
        chain.hashes[number] = sha(content)
        chain.times[number] = seal["sealed"]
        chain.replaced.update(seal.get("replaces", []))
        before = number
    return chain


def _date(chain: Chain, said: str, which: tuple[int, str], add: Add) -> None:
    """When a seal was made: a seal cannot be older than one that it follows.

    Otherwise who has no key could seal in a time when none was asked for.
    """
    number, name = which
    made, before = moment(said), max(chain.made.values(), default=0.0)
    if made is None:
        add("altered", name, "it does not say when it was made")
    elif later(said):
        add("future", name, f"it says that it was made {said}")
    elif made < before - _AHEAD:
        add("backdated", name, f"it says that it was made {said}, before a seal that it follows")
    chain.made[number] = max(before, made or 0.0)


def _take(chain: Chain, seal: dict[str, Any], which: tuple[int, str, bool], add: Add) -> None:
    """What a seal lists."""
    number, name, began = which
    for path, lines, hashed in seal["files"]:
        again = path in chain.files
        if again and not (path == _SIGNERS or (began and lines and path not in chain.lines)):
            add("altered", name, f"{path} was sealed before")
        if again and lines:
            chain.before[path] = chain.files[path]
            chain.files[path] = (hashed, chain.files[path][1])
        else:
            chain.files[path] = (hashed, number)
        if lines:
            chain.lines[path] = lines
    if seal["v"] == FORMAT:
        chain.order[number] = seal["files"]


def moment(text: str) -> float | None:
    """Seconds since 1970 of a time in ISO 8601 or of a run's name; None for anything else."""
    try:
        if text[8:9] == "T" and text[:8].isdecimal():  # a run's; strptime takes ten times as long
            date = int(text[:4]), int(text[4:6]), int(text[6:8])
            clock = int(text[9:11]), int(text[11:13]), int(text[13:15])
            return datetime(*date, *clock, tzinfo=timezone.utc).timestamp()
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
        return found.replace(tzinfo=found.tzinfo or timezone.utc).timestamp()
    except (ValueError, OverflowError):
        return None


def later(text: str) -> bool:
    """Whether a time has not come yet, by this machine's clock."""
    seconds = moment(text)
    return seconds is not None and seconds > time.time() + _AHEAD


class Stone(NamedTuple):
    """What tombstones say of one run of version 2: number of the line → leaf, hash since."""

    lines: dict[int, tuple[str, str]]
    gone: bool = False
    """The file is lost, and somebody has said so."""
    now: str = ""
    """Of a batch: the SHA-256 of the file that stands there since."""


def bury(source: Folder | Site, names: set[str], chain: Chain, add: Add) -> dict[str, Stone]:
    """Let the sealed tombstones say what was redacted, and what stands there since."""
    stones: dict[str, Stone] = {}
    for name in sorted(filter(_TOMBSTONE.fullmatch, names)):
        if name not in chain.files:
            add("altered", name, "it is not sealed, so it excuses nothing")
            continue
        try:
            content = source.read(name)
            if sha(content) != chain.files[name][0]:
                continue  # reported with all altered files
            stone = decoded(content)
            old = stone["v"] == 1
            if not old and stone["v"] != FORMAT:
                add("newer", name, "written by a newer Sotokara; take its verify.py")
                continue
            if old and chain.files[name][1] in chain.order:
                add("altered", name, "of version 1 in a seal of version 2: it proves nothing")
                continue
            said = f"redacted {stone['date']} by {stone['by']}: {stone['reason']}"
            for path in stone.get("gone", ()):
                if path in chain.files and path not in names:
                    stones[path] = Stone({}, gone=True)
                    add("redacted", path, f"gone, {said.replace('redacted', 'said', 1)}")
            for path, change in stone.get("batches", {}).items():
                _bury_rows(stones, chain, (name, path, change, said), add)
            for path, change in stone["runs"].items():
                if old:
                    _bury_file(chain, name, (path, change, said), add)
                else:
                    _bury_lines(stones, chain, (name, path, change, said), add)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            add("altered", name, f"no tombstone ({type(error).__name__}: {error})")
        except OSError as error:
            add("missing", name, str(error))
    return stones


def _bury_file(chain: Chain, name: str, said: tuple[str, Any, str], add: Add) -> None:
    """Version 1: a file's hash was one, and is another."""
    path, change, words = said
    of = chain.before if path in chain.lines else chain.files
    hashed, number = of.get(path, ("", 0))
    if hashed != change["was"]:
        add("altered", name, f"{path} was not what it says")
        return
    of[path] = (str(change["is"]), number)
    lines = ", ".join(str(int(one)) for one in change["lines"])
    add("redacted", path, f"lines {lines} {words}")


def _bury_lines(
    stones: dict[str, Stone], chain: Chain, said: tuple[str, str, Any, str], add: Add
) -> None:
    """Version 2: these lines, whose leaves were these."""
    name, path, change, words = said
    if path not in chain.lines:
        add("altered", name, f"{path} has no sealed lines")
        return
    stone = stones.setdefault(path, Stone({}))
    for number, (leaf, hashed) in change["lines"].items():
        known = stone.lines.get(int(number))
        if not (_HASH.fullmatch(leaf) and _HASH.fullmatch(hashed)) or (known and known[0] != leaf):
            raise ValueError("a line's hashes are none")
        stone.lines[int(number)] = (leaf, hashed)
    if path in chain.before:  # what is there is no longer the file of version 1
        del chain.before[path]
    add("redacted", path, f"lines {', '.join(map(str, sorted(stone.lines)))} {words}")


def _bury_rows(
    stones: dict[str, Stone], chain: Chain, said: tuple[str, str, Any, str], add: Add
) -> None:
    """These rows of a batch, whose leaves were these, and what file stands there since."""
    name, path, change, words = said
    if path not in chain.files or not _BATCH.fullmatch(path):
        add("altered", name, f"{path} is no sealed batch")
        return
    lines = dict(stones[path].lines) if path in stones else {}
    for number, (leaf, hashed) in change["rows"].items():
        known = lines.get(int(number))
        if not (_HASH.fullmatch(leaf) and _HASH.fullmatch(hashed)) or (known and known[0] != leaf):
            raise ValueError("a row's hashes are none")
        lines[int(number)] = (leaf, hashed)
    if not _HASH.fullmatch(change["sha256"]):
        raise ValueError("no hash of a batch")
    stones[path] = Stone(lines, now=change["sha256"])
    shown = ", ".join(map(str, sorted(lines)[:_MANY])) + ", …" * (len(lines) > _MANY)
    add("redacted", path, f"rows {shown} {words}")


def run_leaves(path: str, content: bytes, stone: Stone | None) -> list[bytes]:
    """A run's leaves as they were sealed: those of redacted lines are the tombstone's.

    :raises ValueError: when a redacted line is not the one that the tombstone names.
    """
    found = leaves(path, content)
    lines = bare_lines(content)[0] if stone else []
    for number, (leaf, hashed) in (stone.lines if stone else {}).items():
        if not 0 < number <= len(found) or sha(lines[number - 1]) != hashed:
            raise ValueError(f"line {number} is not what the tombstone says")
        found[number - 1] = bytes.fromhex(leaf)
    return found


def describe(content: bytes, hashed: str, newest: int = LINES) -> tuple[str, str, int]:
    """Why a file is not what was sealed: code, words, line (0: not known)."""
    if sha(content.replace(b"\r\n", b"\n")) == hashed:
        return "line_ends", "line ends were converted; evidence needs `* -text` in git", 0
    if content.startswith(b"version https://git-lfs"):
        return "not_fetched", "a Git LFS pointer stands here; `git lfs pull`", 0
    for number, line in enumerate(content.split(b"\n")[:-1] or [content], 1):
        try:
            version = decoded(line).get("v", 0)
            if whole(version) and version > newest:
                return "newer", "written by a newer Sotokara; take its verify.py", number
        except (ValueError, AttributeError):
            return "altered", "no JSON: edited by hand?", number
    return "altered", "not what was observed: its SHA-256 differs", 0


def verify(  # the order in which a reader needs it
    source: Folder | Site, head: str = "", valid: Valid | None = None
) -> list[Finding]:
    """Everything. ``head``: ``NUMBER:HASH`` as a page's footer prints it.

    ``valid``: a quicker way to verify Ed25519 than this file's own.
    """
    found = Found()
    add = found.add
    names = set(source.names())
    chain = read_chain(source, names, add)
    sealed = {path: {hashed} for path, (hashed, _) in (*chain.files.items(), *chain.before.items())}
    for path, (hashed, _) in chain.before.items():
        sealed[path] |= {hashed, chain.files[path][0]}
    kept = dropped_seals(source, names, (chain, sealed), add)
    stones = bury(source, names, chain, add)
    compare_head(chain, kept, head, add)
    told = {path for path, one in stones.items() if one.gone} | stored(source, names, chain)
    missing_files(chain, names | told, add)
    signers = read_signers(source, names, chain, add)
    seen = Seen(chain, stones, signers, valid or ed25519_valid)
    verify_notes(source, names, seen, add)
    runs = {name for name in names if _RUN.fullmatch(name)}
    newest = max((name[16:] for name in chain.files if is_run(name)), default="")
    look_at = _Files(source, names, seen, newest)
    batches = {name for name in names if _BATCH.fullmatch(name)}
    wanted = (runs | (names & chain.files.keys())) - batches
    grown: dict[int, list[list[Subtree] | None]] = {}
    refs: set[bytes] = set()
    objects: set[bytes] = set()
    listed = sorted(filter(_OBJECT.fullmatch, names))
    for part in look_at.all(in_order(chain, wanted), listed):
        found += part.found
        refs |= part.named
        objects |= part.there
        for number, nodes in part.grown:
            grown.setdefault(number, []).append(nodes)
    verify_log(chain, grown, add)
    for where, what in missing_objects(_texts(refs - objects), source, runs):
        add("missing", where, what)
    for digest in sorted(_texts(objects - refs)):
        add("orphan", f"objects/{digest[:2]}/{digest}.json", "no run names it")
    for path in sorted({name.rpartition(".")[0] for name in batches}):
        verify_batch(source, path, names, seen, add)
    for name in sorted(names - chain.files.keys() - runs - batches):
        stray(name, chain, source, names, add)
    for name, what in source.odd.items():
        add("extra", name, what)
    if source.published:
        add("build", "/", verify_build(source, seen, add))
    return sorted(found, key=lambda one: (not one.wrong, one.where))


def _texts(digests: set[bytes]) -> set[str]:
    return {digest.decode("ascii", "replace") for digest in digests}


class _Leaves(NamedTuple):
    """A file's leaves in the log: where they begin, how many they are."""

    name: str
    number: int = 0
    """The seal that has them; 0: the file is in no log."""
    begin: int = 0
    lines: int = 0
    """Of a run; 0: the file has one leaf."""
    hashed: str = ""
    looked_at: bool = True


def in_order(chain: Chain, wanted: set[str]) -> list[_Leaves]:
    """All sealed files in the order of the log, and then those of the wanted that it has not.

    Each of the wanted is looked at once, where its newest seal has it.
    """
    listed: list[_Leaves] = []
    rest, begin = set(wanted), 1
    for number in sorted(chain.order):
        for path, lines, hashed in chain.order[number]:
            looked_at = path in rest and bool(lines or chain.files[path][1] == number)
            if looked_at:
                rest.discard(path)
            listed.append(_Leaves(path, number, begin, lines, hashed, looked_at))
            begin += max(1, lines)
    return listed + [_Leaves(name) for name in sorted(rest)]


class _Part(NamedTuple):
    """What was found in some of the files."""

    found: Found
    grown: list[tuple[int, list[Subtree] | None]]
    """By seal, what its files grow the log by; None where one is not as it was sealed."""
    named: set[bytes]
    """The digests of the objects that the runs name."""
    there: set[bytes]
    """The digests of the objects that are there."""


class _Files(NamedTuple):
    """What is looked at file by file, in any order."""

    source: Folder | Site
    names: set[str]
    seen: Seen
    newest: str

    def all(self, listed: list[_Leaves], objects: list[str]) -> list[_Part]:
        """The work in parts, where the files are here; a site is asked one by one."""
        count = _processes(len(listed) + len(objects)) if isinstance(self.source, Folder) else 1
        work: list[_Work] = [(self.files, part) for part in _portions(listed, count)]
        work += [(self.objects, part) for part in _portions(objects, count)]
        return in_parts(work, count)

    def files(self, listed: list[_Leaves]) -> _Part:
        """Sealed files and runs."""
        part = _Part(Found(), [], set(), set())
        add = part.found.add
        for number, group in itertools.groupby(listed, lambda one: one.number):
            own = list(group)
            nodes: list[bytes] | None = []
            for one in own:
                more = self._look_at(one, part.named, add) if one.looked_at else None
                if not one.lines:
                    more = [file_leaf(one.name, one.hashed)]
                if more is None:
                    nodes = None
                elif nodes is not None:
                    nodes += more
            if number:
                below = None if nodes is None else subtrees(own[0].begin, nodes)
                part.grown.append((number, below))
        return part

    def _look_at(self, one: _Leaves, named: set[bytes], add: Add) -> list[bytes] | None:
        """A file, and what it names; a run's leaves, where it is as it was sealed."""
        content = _content(self.source, one.name, add)
        if content is None:
            return None
        nodes = verify_file(one.name, content, self.seen, self.newest, add)
        if is_run(one.name):
            named.update(_NAMED.findall(content))
            verify_run(self.source, (one.name, content), self.names, self.seen, add)
        return nodes

    def objects(self, listed: list[str]) -> _Part:
        """Objects, and the digests of those that are there."""
        found = Found()
        there = verify_objects(self.source, listed, found.add)
        return _Part(found, [], set(), there)


_Work = tuple[Callable[[Any], _Part], Any]
_work: list[list[_Work]] = []


def _do(which: int) -> _Part:
    work, part = _work[-1][which]
    return work(part)


def _processes(files: int) -> int:
    """How many processes such a number of files is worth."""
    if files < _MANY_FILES or sys.platform != "linux":
        return 1
    return min(4, os.cpu_count() or 1)


def _portions(listed: list[Any], count: int) -> list[list[Any]]:
    """A list in parts, some for each process, so that none waits long for another."""
    each = -(-len(listed) // (4 * count if count > 1 else 1)) or 1
    return [listed[at : at + each] for at in range(0, len(listed), each)]


def in_parts(work: list[_Work], count: int) -> list[_Part]:
    """Do some works in so many processes.

    A child is a copy of this process, so nothing is handed to it but the number of its work.
    """
    if count == 1:
        return [do(part) for do, part in work]
    import multiprocessing  # it takes longer to load than a small ledger to read

    _work.append(work)
    try:
        with multiprocessing.get_context("fork").Pool(count) as pool:
            return pool.map(_do, range(len(work)), 1)
    finally:
        _work.pop()


_MANY_FILES = 2000
"""From so many on, other processors are worth their while."""


def _content(source: Folder | Site, name: str, add: Add) -> bytes | None:
    try:
        return source.read(name)
    except OSError as error:
        add("missing", name, f"it cannot be read: {error}")
        return None


class Seen(NamedTuple):
    """What is known when the files are gone through."""

    chain: Chain
    stones: dict[str, Stone]
    signers: list[Signer]
    valid: Valid


def verify_log(chain: Chain, grown: dict[int, list[list[Subtree] | None]], add: Add) -> None:
    """The leaves of all files against the root of each seal, as far as all are here."""
    first = min(chain.order, default=0)
    tree = Tree()
    tree.leaf(beginning(first - 1, chain.hashes.get(first - 1, "")))
    for number in sorted(chain.order):
        for nodes in grown.get(number, ()):
            if nodes is None:
                return  # it was named already, and its leaves are not known
            tree.join(nodes)
        if (tree.size, tree.root()) != chain.logs[number]:
            add("altered", f"seals/{number:06d}.json", "its lines do not give its root")
            return


def dropped_seals(
    source: Folder | Site, names: set[str], ours: tuple[Chain, dict[str, set[str]]], add: Add
) -> dict[str, int]:
    """The seals that repairs have replaced and kept: hash → number, where all is still sealed."""
    chain, sealed = ours
    read: dict[str, dict[str, Any]] = {}
    for name in sorted(names):
        match = _DROPPED.fullmatch(name)
        if match is None:
            continue
        content = _content(source, name, add)
        if content is None:
            continue
        try:
            if sha(content) != match[1]:
                raise Unread("altered", "its SHA-256 is not its name")
            read[match[1]] = parse_seal(content)
        except Unread as error:
            add(error.args[0], name, error.args[1])
    kept: dict[str, int] = {}
    for hashed, seal in sorted(read.items(), key=lambda one: (one[1]["number"], one[0])):
        name = f"seals/dropped/{hashed}.json"
        number = seal["number"]
        before = chain.hashes.get(number - 1, "")
        if hashed not in chain.replaced:
            add("extra", name, "no seal says that it replaces this one")
        elif seal["previous"] != before and kept.get(seal["previous"]) != number - 1:
            add("altered", name, f"it does not follow from a seal {number - 1} that is here")
        elif lost := next((one for one in seal["files"] if not _kept(source, one, sealed)), None):
            add("altered", name, f"{lost[0]}, which it sealed, is not sealed any more as it was")
        else:
            kept[hashed] = number
    return kept


def _kept(source: Folder | Site, listed: tuple[str, int, str], sealed: dict[str, set[str]]) -> bool:
    path, _, hashed = listed
    if path == _SIGNERS or hashed in sealed.get(path, ()):
        return path in sealed
    try:
        return path in sealed and sha(source.read(path)) == hashed  # of version 1, sealed in 2
    except OSError:
        return False


def missing_files(chain: Chain, names: set[str], add: Add) -> None:
    """The sealed files that are not here; very many are said in one line."""
    gone = sorted(chain.files.keys() - names)
    if len(gone) > _MANY:
        some = f"{len(gone)} of {len(chain.files)} sealed files are not here"
        add("missing", gone[0], f"{some}; a shallow, sparse or partial clone?")
        return
    for name in gone:
        add("missing", name, f"sealed in seal {chain.files[name][1]}, and not here")


def read_head(head: str) -> tuple[int, str]:
    """The number and the hash of a head.

    :raises ValueError: for less than 16 digits of a hash: those can be met by trying.
    """
    match = re.fullmatch(r"(\d{1,9}):([0-9a-f]{16,64})", head.strip(), re.A)
    if match is None:
        raise ValueError(
            f"{visible(head)!r} is no head; write NUMBER:HASH, as a footer has them, "
            f"with {_LEAST_DIGITS} digits of the hash at least"
        )
    return int(match[1]), match[2]


def compare_head(chain: Chain, kept: dict[str, int], head: str, add: Add) -> None:
    """Hold the newest seal against a head that was printed earlier; ``kept``: dropped seals."""
    if not head:
        return
    number, hashed = read_head(head)
    ours = chain.hashes.get(number)
    name = f"seals/{number:06d}.json"
    if ours is not None and ours.startswith(hashed):
        return
    if any(one.startswith(hashed) and kept[one] == number for one in kept):
        add("repaired", name, "replaced after two branches met; all that it sealed is sealed")
    elif ours is None:
        add("rolled_back", name, f"seal {number} was published, and is not here")
    else:
        add("resealed", name, f"published was {hashed}, here is {ours}")


def verify_file(name: str, content: bytes, seen: Seen, newest: str, add: Add) -> list[bytes] | None:
    """A sealed file against its seal; a run without seal against the hash in its own name.

    The leaves of a run that is as it was sealed, else None.
    """
    chain = seen.chain
    if name in chain.lines:
        return _verify_lines(name, content, seen, add)
    hashed, _ = chain.files.get(name, ("", 0))
    actual = sha(content)
    if hashed and actual != hashed:
        code, what, line = describe(content, hashed, LINES if is_run(name) else FORMAT)
        add(code, f"{name}:{line}" if line else name, what)
    run = _RUN.fullmatch(name)
    if hashed or run is None:
        return None
    if actual[:8] != run[7]:
        code, what, line = describe(content, "")
        if sha(content.replace(b"\r\n", b"\n"))[:8] == run[7]:
            code, what, line = "line_ends", "line ends were converted; see `* -text` in git", 0
        add(code, f"{name}:{line}" if line else name, what)
    elif name[16:] < newest:
        add("late", name, "not sealed, though older than sealed runs: merged, or added later")
    else:
        add("unsealed", name, "not sealed yet")
    return None


def _verify_lines(name: str, content: bytes, seen: Seen, add: Add) -> list[bytes] | None:
    """A run of version 2: its leaves have to give its root."""
    chain, stone = seen.chain, seen.stones.get(name)
    root, number = chain.files[name]

    def gives(text: bytes) -> list[bytes] | None:
        nodes = run_leaves(name, text, stone)
        return nodes if (len(nodes), root_of(nodes)) == (chain.lines[name], root) else None

    try:
        nodes = gives(content)
        before = chain.before.get(name)
        if nodes and content.endswith(b"\n") and (not before or sha(content) == before[0]):
            return nodes
        code, what, line = describe(content, "")
        if b"\r\n" in content and gives(content.replace(b"\r\n", b"\n")):
            code, what, line = "line_ends", "line ends were converted; see `* -text` in git", 0
    except ValueError as error:
        code, what, line = "altered", str(error), 0
    add(code, f"{name}:{line}" if line else name, f"{what} (seal {number})")
    return None


def verify_run(
    source: Folder | Site, run: tuple[str, bytes], names: set[str], seen: Seen, add: Add
) -> None:
    """What a run says of its time and its maker."""
    name, content = run
    match = _RUN.fullmatch(name)
    if match is None:
        return
    if b'"after":"' in content[: content.find(b"\n") + 1]:
        add("clock", name, "the clock was put back before it: `after` names the run before")
    if "".join(match.group(1, 2, 3)) != match[4]:
        add("moved", name, "it stands under another day than its name says")
    stamp = match[4] + match[5]
    number = seen.chain.files.get(name, ("", 0))[1]
    began, sealed = moment(stamp), seen.chain.made.get(number)
    if began is None or later(stamp):
        add("future", name, "its name is of a time that has not come, or of none")
    elif sealed is not None and (days := days_late(began, sealed)):
        add(
            "sealed_late", name, f"claimed {day(began)}, sealed {days} days later, in seal {number}"
        )
    if (
        began is not None
        and match[6] != "transcript"
        and number not in seen.chain.order.keys() ^ (seen.chain.times.keys())
    ):
        for line in contradicting(content, began):
            add("contradicts", f"{name}:{line}", "it began at another time than its run")
    by = verify_signature(source, run, names, (seen, began, sealed), add)
    if not number or (seen.signers and not by):  # nobody of ours has looked at it
        for line in disguised(content):
            add("altered", f"{name}:{line}", "not written as lines are: it hides what it says")


def read_batch(content: bytes, path: str) -> dict[str, Any]:
    """What stands beside a batch; ``path``: the batch's, without a suffix.

    :raises Unread: when it says nothing of this batch.
    """
    try:
        told: dict[str, Any] = decoded(content)
        if whole(told["v"]) and told["v"] > BATCHES:
            raise Unread("newer", "written by a newer Sotokara; take its verify.py")
        rows, outcomes = told["rows"], list(told["outcomes"].values())
        named = f"{told['name']}-{told['sha256'][:8]}" == path
        hashes = _HASH.fullmatch(told["sha256"]) and _HASH.fullmatch(told["root"])
        if not (whole(rows) and rows and hashes and all(map(whole, outcomes))):
            raise ValueError("a field is of another form")
        if not named or sum(outcomes) != rows:
            raise ValueError("of another batch" if not named else "its outcomes are not its rows")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unread("altered", f"it says nothing of this batch ({error})") from error
    return told


def stored(source: Folder | Site, names: set[str], chain: Chain) -> set[str]:
    """The files of rows that are kept beside the evidence, as what stands beside each says."""
    found = set()
    for name in sorted(filter(is_batch, names)):
        rows = f"{name.removesuffix('.json')}.parquet"
        if rows in names:
            continue
        try:
            content = source.read(name)
            told = read_batch(content, name.removesuffix(".json"))
        except (OSError, Unread):
            continue  # its own line says so
        sealed = chain.files.get(name, ("", 0))[0]
        address = told.get("address")
        if isinstance(address, str) and address and sealed in ("", sha(content)):
            found.add(rows)
    return found


def verify_batch(source: Folder | Site, path: str, names: set[str], seen: Seen, add: Add) -> str:
    """A batch: its file's hash against its seal, and against what stands beside it; who signed it.

    Its rows are not read: that takes more than the standard library. A proof shows one of them.
    """
    rows, beside, match = f"{path}.parquet", f"{path}.json", _BATCH.fullmatch(f"{path}.json")
    chain, stone = seen.chain, seen.stones.get(f"{path}.parquet", Stone({}))
    away = rows in stored(source, {beside} & names, chain) and rows not in names
    absent = [one for one in (rows, beside) if one not in names and not (away and one == rows)]
    for name in absent:
        if name not in chain.files:  # else it was named already
            add("missing", name, "half of a batch is not here")
    if absent or match is None:
        return ""
    content = _content(source, beside, add)
    try:
        actual = "" if away else source.sha(rows)
        if content is None:
            return ""
        sealed = [chain.files.get(one, ("", 0))[0] for one in (rows, beside)]
        if sealed[1] and sha(content) != sealed[1]:
            code, what, _ = describe(content, sealed[1])
            add(code, beside, what)
            return ""
        told = read_batch(content, path)
        if sealed[0] and sealed[0] != told["sha256"]:
            raise Unread("altered", "sealed was another file than it names")
    except Unread as error:
        add(error.args[0], beside, error.args[1])
        return ""
    except OSError as error:
        add("missing", rows, f"it cannot be read: {error}")
        return ""
    if away and not stone.gone:
        what = f"its {told.get('size')} bytes are kept at {visible(told['address'])}"
        add("stored", rows, f"{what}: not read here; they have to have its SHA-256")
    elif actual != (stone.now or told["sha256"]):
        add("altered", rows, "not what was observed: its SHA-256 differs (or a Git LFS pointer)")
    number = chain.files.get(rows, ("", 0))[1]
    began, closed = moment(match[6] + match[7]), chain.made.get(number)
    if "".join(match.group(3, 4, 5)) != match[6]:
        add("moved", rows, "it stands under another day than its name says")
    if began is None or later(match[6] + match[7]):
        add("future", rows, "its name is of a time that has not come, or of none")
    elif closed is not None and (days := days_late(began, closed)):
        add(
            "sealed_late", rows, f"claimed {day(began)}, sealed {days} days later, in seal {number}"
        )
    if not number:
        add("unsealed", rows, "not sealed yet")
    about = (told["rows"], told["root"])
    return verify_signature(source, (rows, b""), names, (seen, began, closed), add, about)


def days_late(began: float, sealed: float) -> int:
    """How many days after it began a run was sealed, where that is longer than is usual."""
    return int((sealed - began) // 86400) if sealed - began > _LATE else 0


@functools.cache
def day(seconds: float) -> str:
    """A time as a day, UTC."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%d")


_DAYS = re.compile(rb'"start":"(.{0,10})')
_START = re.compile(rb'"start":"([^"]{0,40})')


def contradicting(content: bytes, began: float) -> Iterable[int]:
    """The numbers of the lines that began more than a day before or after their run."""
    today = b'"start":"' + day(began).encode()
    if content.count(today) == content.count(b"\n"):
        return
    near = {day(began + shift).encode() for shift in (-_AHEAD, 0, _AHEAD)}
    if near.issuperset(_DAYS.findall(content)):
        return
    for number, line in enumerate(content.split(b"\n")[:-1], 1):
        match = _START.search(line)
        if match and match[1][:10] not in near and b'"origin":"transcript"' not in line:
            yield number


_HIDES = (b'" ', b'": ', b"\\u00", b"\t", b"\r")
"""What a line has where a key may be written so that a search for it fails."""


def disguised(content: bytes) -> Iterable[int]:
    """The numbers of the lines whose time or objects a search of the bytes does not see.

    Our lines have no blanks between their words, no escaped letters and each key once; what a
    search finds in them is then what a reader of JSON finds.
    """
    lines = content.count(b"\n")
    if content.count(b'"start":"') <= lines and not any(one in content for one in _HIDES):
        return
    for number, line in enumerate(content.split(b"\n")[:-1], 1):
        if line.count(b'"start":"') == 1 and not any(one in line for one in _HIDES):
            continue
        try:
            pairs = json.loads(line, object_pairs_hook=list)
            keys = [key for key, _ in pairs]
            plain = all(
                f'"{key}":"{value}"'.encode("utf-8", "surrogatepass") in line
                for key, value in pairs
                if key in ("start", "facts", "raw") and isinstance(value, str)
            )
        except (ValueError, TypeError, RecursionError):
            continue  # no JSON, or no observation: said elsewhere
        if not plain or len(set(keys)) < len(keys):
            yield number


# Signatures: signed notes (c2sp.org/signed-note) with Ed25519 (RFC 8032).

Valid = Callable[[bytes, bytes, bytes], bool]
"""Whether a signature (third) of a message (second) is a public key's (first)."""


class Signer(NamedTuple):
    """A key and for what it speaks: ``log``, ``witness``, or ``vantage`` (``subject`` names it)."""

    role: str
    subject: str
    name: str
    kind: int
    key: bytes
    since: float
    until: float

    @property
    def id(self) -> bytes:
        """The key id: four bytes."""
        return key_id(self.name, self.kind, self.key)


def key_id(name: str, kind: int, key: bytes) -> bytes:
    """A key's id (c2sp.org/signed-note)."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + key).digest()[:4]


def parse_signers(content: bytes) -> list[Signer]:
    """The keys in a file ``signers``.

    :raises ValueError: naming the line that is none.
    """
    found = []
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        try:
            role, subject = words.pop(0), ""
            if role == "vantage":
                subject = words.pop(0)
            name, given, coded = words.pop(0).split("+", 2)
            bound = [*words, "-", "-"]
            since = 0.0 if bound[0] == "-" else moment(bound[0])
            until = float("inf") if bound[1] == "-" else moment(bound[1])
            raw = b64decode(coded, validate=True)
            one = Signer(role, subject, name, raw[0], raw[1:], since or 0.0, until or 0.0)
            kinds = {"log": 1, "vantage": 1, "witness": 4}
            if since is None or until is None or one.kind != kinds[role] or len(one.key) != 32:  # noqa: PLR2004
                raise ValueError
            if one.id.hex() != given:
                raise ValueError
        except (ValueError, IndexError, KeyError) as error:
            raise ValueError(f"line {number} is no key") from error
        found.append(one)
    return found


def read_signers(source: Folder | Site, names: set[str], chain: Chain, add: Add) -> list[Signer]:
    """The keys, where the file is as it was sealed (or not sealed yet)."""
    if _SIGNERS not in names:
        seals = (one for one in names if one.startswith("seals/"))
        if any(map(_SIGNATURE.fullmatch, names)) or any(one.endswith(".note") for one in seals):
            add("missing", _SIGNERS, "there are signatures, and not the file that says whose")
        return []
    content = _content(source, _SIGNERS, add) or b""
    if _SIGNERS not in chain.files:
        add("unsealed", _SIGNERS, "not sealed yet")
    elif sha(content) != chain.files[_SIGNERS][0]:
        return []  # reported with all altered files
    try:
        return parse_signers(content)
    except ValueError as error:
        add("altered", _SIGNERS, str(error))
        return []


def build_note(site: str, head: str, pages: tuple[int, str], verifier: str, when: str) -> bytes:
    """The text of the note of a build (docs/guide/format.md).

    ``pages``: how many lines the manifest has, and its SHA-256; ``verifier``: that of this file.
    """
    return (
        f"sotokara build 1\nsite {site or '-'}\nhead {head or '-'}\n"
        f"pages {pages[0]} {pages[1]}\nverify.py {verifier}\nbuilt {when}\n"
    ).encode()


_BUILD = re.compile(
    rb"sotokara build 1\nsite [^\n]+\nhead (-|[0-9]{1,9}:[0-9a-f]{64})\n"
    rb"pages ([0-9]{1,9}) ([0-9a-f]{64})\nverify\.py ([0-9a-f]{64})\nbuilt ([0-9TZ:.-]+)\n"
)
BUILD, PAGES = "build.note", "pages.sha256"


def is_page(name: str) -> bool:
    """Whether a file of a site is one that the build's note covers: all that is no evidence.

    Hidden files are for the server, which shows none but those below ``.well-known``.
    """
    inside = name[9:] if name.startswith("evidence/") else ""
    hidden = name.startswith(".") and not name.startswith(".well-known/")
    return not (hidden or is_evidence(inside) or inside in (BUILD, PAGES))


def verify_build(source: Folder | Site, seen: Seen, add: Add, only: str = "") -> str:
    """The pages of a published site against the note of its build; in one line what came of it.

    ``only``: the id of the observation whose pages are looked at; else all are.
    """
    logs = [key for key in seen.signers if key.role == "log"]
    try:
        content = source.read(BUILD)
    except OSError:
        if any(key.until == float("inf") for key in logs):
            add("missing", BUILD, "the log has a key, and the build of this site no note")
        return "no note of the build: its pages cannot be checked"
    try:
        told, by = _read_build(content, logs, seen)
    except ValueError as error:
        add("signature", BUILD, str(error))
        return "the note of the build is none"
    number = max(seen.chain.hashes, default=0)
    if told[1].decode() != (f"{number}:{seen.chain.hashes[number]}" if number else "-"):
        add("altered", BUILD, f"built was with the head {told[1].decode()}, and here is another")
    listed = _listed_pages(source, told, add)
    above = source.above()
    wanted = _pages_of(only, above, listed) if only else set(listed)
    for name in sorted(wanted):
        try:
            if sha(above.read(name)) != listed[name]:
                add("altered", f"/{name}", "not the page that was built")
        except OSError as error:
            add("missing", f"/{name}", f"a page that was built: {error}")
    if listed and not only and isinstance(above, Folder):
        for name in sorted(set(above.names()) - listed.keys()):
            if is_page(name):
                add("extra", f"/{name}", "no page that was built")
    who = f"signed by {by}" if by else "unsigned"
    return f"{len(wanted)} of {len(listed)} looked at, built {told[5].decode()}, {who}"


_SHOWN_IN = re.compile(rb'href="([^"#]*)#probe-')


def _pages_of(name: str, above: Folder | Site, listed: dict[str, str]) -> set[str]:
    """An observation's own page, and those that it says to be shown in, of the listed ones."""
    own = f"evidence/{name}/index.html"
    try:
        links = {link.decode() for link in _SHOWN_IN.findall(above.read(own))}
    except (OSError, ValueError):
        links = set()
    found = {own} & listed.keys()
    for link in links:
        under = [
            page for page in listed if f"/{link}".endswith("/" + page.removesuffix("index.html"))
        ]
        found.update(sorted(under, key=len)[-1:])
    return found


def _read_build(content: bytes, logs: list[Signer], seen: Seen) -> tuple[re.Match[bytes], str]:
    """What a build's note says, and who has signed it."""
    text, signed = content, b"\n\n" in content
    if signed:
        text, _ = parse_note(content)
    told = _BUILD.fullmatch(text)
    at = moment(told[5].decode()) if told else None
    if told is None or at is None:
        raise ValueError("it is no note of a build")
    at = max(at, seen.chain.made.get(max(seen.chain.made, default=0), 0.0))
    speak = [key for key in logs if key.since - 1 <= at < key.until]
    by = signed_by(content, speak, seen.valid)[1] if signed else []
    if logs and not by:
        raise ValueError("no key of the log has signed it")
    return told, by[0].name if by else ""


def _listed_pages(source: Folder | Site, told: re.Match[bytes], add: Add) -> dict[str, str]:
    """The pages that the manifest lists, where it is the one that the note names."""
    try:
        manifest, verifier = source.read(PAGES), source.read("verify.py")
    except OSError as error:
        add("missing", PAGES, f"the build had it: {error}")
        return {}
    if sha(verifier) != told[4].decode():
        add("altered", "verify.py", "not the verifier that was built: get it elsewhere")
    if sha(manifest) != told[3].decode():
        add("altered", PAGES, "not the list of pages that was built")
        return {}
    lines = manifest.decode("utf-8", "backslashreplace").split("\n")[:-1]
    listed = {line[66:]: line[:64] for line in lines}
    for name in [one for one in listed if not one or {"", "..", "."} & set(one.split("/"))]:
        add("altered", PAGES, f"{name!r} is no page of a site")
        del listed[name]
    return listed


def parse_note(content: bytes) -> tuple[bytes, list[tuple[str, bytes, bytes]]]:
    """A signed note's text, and its signatures: name, key id, signature.

    :raises ValueError: for what is none.
    """
    text, separator, rest = content.rpartition(b"\n\n")
    if len(content) > _LONGEST_NOTE or rest.count(b"\n") > _SIGNATURES:
        raise ValueError("a note of too many signatures")
    lines = rest.decode("utf-8").split("\n")
    if not separator or lines.pop() or not lines:
        raise ValueError("no signed note")
    if any(char < " " and char != "\n" for char in content.decode("utf-8")):
        raise ValueError("a note with control characters")
    signatures = []
    for line in lines:
        mark, name, coded = line.split(" ")
        raw = b64decode(coded, validate=True)
        if mark != "\u2014" or len(raw) < 5:  # noqa: PLR2004  # the id and something
            raise ValueError("no signature of a note")
        signatures.append((name, raw[:4], raw[4:]))
    return text + b"\n", signatures


def signed_by(content: bytes, keys: Iterable[Signer], valid: Valid) -> tuple[bytes, list[Signer]]:
    """A note's text, and those of the keys that have signed it.

    :raises ValueError: when it is no note, or a signature by one of the keys does not verify.
    """
    text, signatures = parse_note(content)
    known = {(key.name, key.id): key for key in keys}
    found = []
    for name, given, signature in signatures:
        key = known.get((name, given))
        if key is None:
            continue
        message, proof = text, signature
        if key.kind == 4:  # noqa: PLR2004  # a cosignature: its time goes with it
            at = int.from_bytes(signature[:8], "big")
            message, proof = b"cosignature/v1\ntime %d\n" % at + text, signature[8:]
        if not valid(key.key, message, proof):
            raise ValueError(f"the signature by {name} does not verify")
        found.append(key)
    return text, found


def checkpoint(origin: str, size: int, root: str, head: str, verifier: str = "") -> bytes:
    """The text of a seal's checkpoint (c2sp.org/tlog-checkpoint); ``verifier``: this file's."""
    coded = b64encode(bytes.fromhex(root)).decode()
    more = f"sotokara verify.py {verifier}\n" if verifier else ""
    return f"{origin}\n{size}\n{coded}\nsotokara head {head}\n{more}".encode()


def run_note(path: str, lines: int, root: str) -> bytes:
    """The text that a run's vantage signs."""
    coded = b64encode(bytes.fromhex(root)).decode()
    return f"sotokara run 2\n{path}\n{lines}\n{coded}\n".encode()


_NEW_KEYS = (
    "`signers` was changed, and no key that signed the log before has signed this: "
    "a key was lost, or somebody has put his own in its place"
)


def is_checkpoint(text: bytes, expected: bytes) -> bool:
    """Whether a note's text is this checkpoint; it may name the verifier of its time."""
    return text.startswith(expected) and bool(_VERIFIER.fullmatch(text[len(expected) :]))


_VERIFIER = re.compile(rb"(?:sotokara verify\.py [0-9a-f]{64}\n)?")


def cosignatures(content: bytes, found: Iterable[Signer]) -> Iterable[tuple[Signer, str]]:
    """The witnesses among the keys that have signed a note, and when each says that it did."""
    times = {
        (name, given): int.from_bytes(signature[:8], "big")
        for name, given, signature in parse_note(content)[1]
    }
    for key in found:
        if key.role == "witness":
            seconds = times[key.name, key.id]
            if not seconds or seconds > time.time() + _AHEAD:
                raise ValueError(f"the cosignature by {key.name} is of no time that has come")
            yield key, datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def verify_notes(source: Folder | Site, names: set[str], seen: Seen, add: Add) -> None:
    """The checkpoint of each seal that a key of the log could sign."""
    chain = seen.chain
    logs = [key for key in seen.signers if key.role != "vantage"]
    known: list[Signer] = []
    for number, (size, root) in sorted(chain.logs.items()):
        name = f"seals/{number:06d}.note"
        at = chain.made[number]
        keys = [key for key in logs if key.since <= at < key.until]
        if name not in names:
            if any(key.role == "log" for key in keys):
                add("missing", name, "the log has a key, and this seal no checkpoint")
            continue
        content = _content(source, name, add)
        if content is None:
            continue
        try:
            text, found = signed_by(content, keys, seen.valid)
            origin = next((key.name for key in found if key.role == "log"), "")
            if not origin and seen.signers:
                raise ValueError("no key of the log has signed it")
            head = f"{number}:{chain.hashes[number]}"
            if origin and not is_checkpoint(text, checkpoint(origin, size, root, head)):
                raise ValueError("it is the checkpoint of another seal")
            changed = any(path == _SIGNERS for path, *_ in chain.order.get(number, ()))
            if changed and known and not signed_by(content, known, seen.valid)[1]:
                add("keys", f"seals/{number:06d}.json", _NEW_KEYS)
            known += [key for key in found if key.role == "log"]
            for key, when in cosignatures(content, found):
                add("cosigned", name, f"{key.name} saw this log grow to here, {when}")
        except ValueError as error:
            add("signature", name, str(error))


def verify_signature(  # noqa: PLR0913, PLR0917  # what it rests on
    source: Folder | Site,
    run: tuple[str, bytes],
    names: set[str],
    known: tuple[Seen, float | None, float | None],
    add: Add,
    batch: tuple[int, str] | None = None,
) -> str:
    """Who has signed a run; nothing where nobody has, and then it is said, once there are keys.

    ``batch``: of a batch, its rows and their root, which are signed in the same form.
    """
    (name, content), (seen, began, sealed) = run, known
    chain, sidecar = seen.chain, name.rpartition(".")[0] + ".sig"
    vantage = name.rsplit("-", 2)[1]
    keys = [key for key in seen.signers if key.role == "vantage"]
    if sidecar not in names:
        first = min((key.since for key in keys), default=float("inf"))
        if keys and (sealed is None or sealed >= first):
            add("others", name, "added by others: nobody of `signers` has signed it")
        return ""
    signature = _content(source, sidecar, add)
    if signature is None or not keys:
        return ""
    at, by = began or 0.0, sealed if sealed is not None else time.time()
    mine = [
        key
        for key in keys
        if key.subject in (vantage, "*") or vantage == "transcript"
        if key.since - 1 <= at and by < key.until
    ]
    try:
        text, found = signed_by(signature, mine, seen.valid)
        if not found:
            raise ValueError(f"no key that spoke for {vantage} then has signed it")
        root, _ = chain.files[name] if name in chain.lines else ("", 0)
        count = chain.lines.get(name, 0)
        if batch is not None:
            count, root = batch
        if not root:
            nodes = leaves(name, content)
            root, count = root_of(nodes), len(nodes)
        if text != run_note(name, count, root):
            raise ValueError("signed was another run: renamed, moved or altered?")
    except ValueError as error:
        add("signature", sidecar, str(error))
        return ""
    return found[0].name


# Proofs that a leaf is in the log, and that the log has only grown (RFC 9162, 2.1.3 and 2.1.4).


def path_root(index: int, size: int, leaf: bytes, path: list[bytes]) -> bytes:
    """The root that an inclusion proof leads to from a leaf's hash (RFC 9162, 2.1.3.2).

    :raises ValueError: when the proof is not one for this index and size.
    """
    if not 0 <= index < size:
        raise ValueError("no such leaf in a log of this size")
    at, last, found = index, size - 1, leaf
    for node in path:
        if not last:
            raise ValueError("the proof is too long")
        if at & 1 or at == last:
            found = hashlib.sha256(b"\1" + node + found).digest()
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = hashlib.sha256(b"\1" + found + node).digest()
        at, last = at >> 1, last >> 1
    if last:
        raise ValueError("the proof is too short")
    return found


def grew(old: tuple[int, bytes], new: tuple[int, bytes], path: list[bytes]) -> bool:
    """Whether a log of one size and root became another by growing alone (RFC 9162, 2.1.4.2)."""
    (first, before), (second, after) = old, new
    if not 0 < first < second:
        return (first == 0 or (first == second and before == after)) and not path
    nodes = iter([before, *path] if first & (first - 1) == 0 else path)
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    left = right = next(nodes, b"")
    for node in nodes:
        if not last:
            return False
        if at & 1 or at == last:
            left = hashlib.sha256(b"\1" + node + left).digest()
            right = hashlib.sha256(b"\1" + node + right).digest()
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            right = hashlib.sha256(b"\1" + right + node).digest()
        at, last = at >> 1, last >> 1
    return not last and (left, right) == (before, after)


class Proof(NamedTuple):
    """A proof, of a leaf (c2sp.org/tlog-proof) or of growth (the request of c2sp.org/tlog-witness).

    ``number``: the leaf's index, or the old size; ``entry``: the leaf's, of the former alone.
    """

    included: bool
    number: int
    entry: bytes
    path: list[bytes]
    note: bytes


_MOST_HASHES = 64
INCLUDED = b"c2sp.org/tlog-proof@v1"
_NUMBER = rb"(0|[1-9][0-9]{0,17})"
_CHECKPOINT = re.compile(rb"([^\n]+)\n" + _NUMBER + rb"\n([A-Za-z0-9+/]{43}=)\n((?:[^\n]+\n)*)")


def parse_proof(content: bytes) -> Proof:
    """A proof from its file.

    :raises ValueError: for what is none.
    """
    if len(content) > _LONGEST_NOTE:
        raise ValueError("larger than any proof")
    head, separator, note = content.partition(b"\n\n")
    lines = head.split(b"\n")
    included = lines[0] == INCLUDED
    entry = b""
    if included:
        lines.pop(0)
        if lines and lines[0].startswith(b"extra "):
            entry = b64decode(lines.pop(0)[6:], validate=True)
    match = re.fullmatch((b"index " if included else b"old ") + _NUMBER, lines[0] if lines else b"")
    hashes = all(re.fullmatch(rb"[A-Za-z0-9+/]{43}=", line) for line in lines[1:])
    if not separator or match is None or not hashes or len(lines) > _MOST_HASHES:
        raise ValueError("no proof: neither of a leaf nor of a log's growth")
    return Proof(included, int(match[1]), entry, list(map(b64decode, lines[1:])), note)


def parse_checkpoint(note: bytes) -> tuple[str, int, bytes, str]:
    """What a checkpoint says, signed or not: origin, size, root, and which head of ours it is.

    :raises ValueError: for what is none.
    """
    text = parse_note(note)[0] if b"\n\n" in note else note
    told = _CHECKPOINT.fullmatch(text)
    if told is None:
        raise ValueError("no checkpoint of a log")
    head = re.search(rb"^sotokara head ([0-9]{1,9}:[0-9a-f]{64})$", told[4], re.MULTILINE)
    origin = told[1].decode("utf-8")
    return origin, int(told[2]), b64decode(told[3]), head[1].decode() if head else ""


class Trust(NamedTuple):
    """What a proof is held against: keys, seals that are here, a head that somebody has kept."""

    keys: list[Signer]
    seals: dict[str, dict[str, Any]]
    """By their heads."""
    head: str = ""
    old: bytes = b""
    """A checkpoint that somebody has kept, of a log that has grown since."""


def parse_key(text: str) -> Signer:
    """A key that a reader names: the verifier key of a log or of a witness.

    :raises ValueError: for what is none.
    """
    try:
        kind = b64decode(text.split("+", 2)[2], validate=True)[0]
        return parse_signers(f"{'witness' if kind == 4 else 'log'} {text}".encode())[0]  # noqa: PLR2004
    except (ValueError, IndexError) as error:
        what = f"{visible(text)!r} is no key; write NAME+ID+KEY, as `signers` has it"
        raise ValueError(what) from error


def hold_proof(
    source: Folder | Site | None, content: bytes, trust: Trust, valid: Valid | None = None
) -> tuple[list[Finding], list[str]]:
    """The same, held against the seals and the keys of evidence, where there is some too."""
    found = Found()
    add = found.add
    if source is not None:
        names = set(source.names())
        chain = read_chain(source, names, add)
        compare_head(chain, {}, trust.head, add)
        seals = {
            f"{number}:{chain.hashes[number]}": parse_seal(source.read(f"seals/{number:06d}.json"))
            for number in chain.logs
        }
        keys = [key for key in read_signers(source, names, chain, add) if key.role != "vantage"]
        trust = Trust([*trust.keys, *keys], seals, old=trust.old)
    more, lines = check_proof(content, trust, valid or ed25519_valid)
    return [*found, *more], lines


BATCH_ROW = b"sotokara/batch-row@v1"


def _row_in_batch(content: bytes) -> tuple[bytes, list[str]]:
    """Of the proof of a batch's row: the proof of what stands beside the batch, and what it says.

    :raises ValueError: where the row is not in that batch.
    """
    head, _, rest = content.partition(b"\n\n")
    first, _, proof = rest.partition(b"\n")
    lines = head.split(b"\n")
    told = re.fullmatch(rb"row ([1-9][0-9]{0,11}) of ([1-9][0-9]{0,11})", lines[1])
    if told is None or not lines[2].startswith(b"entry ") or not first.startswith(b"manifest "):
        raise ValueError("no proof of a row")
    row, beside = b64decode(lines[2][6:], validate=True), b64decode(first[9:], validate=True)
    path = [b64decode(one, validate=True) for one in lines[3:]]
    entry = re.fullmatch(rb"(batches/[!-~]+\.json) ([0-9a-f]{64})", parse_proof(proof).entry)
    if entry is None or sha(beside) != entry[2].decode():
        raise ValueError("what stands beside the batch is not what the log has")
    try:
        batch = read_batch(beside, entry[1].decode()[: -len(".json")])
    except Unread as error:
        raise ValueError(error.args[1]) from error
    number, text = int(told[1]), row[16:]
    if not text.startswith(f"{batch['name']}:{number}\n".encode()) or batch["rows"] != int(told[2]):
        raise ValueError("the row is of another batch, or of another number")
    if path_root(number - 1, batch["rows"], entry_hash(row), path).hex() != batch["root"]:
        raise ValueError("the row is not in the batch")
    said = text.partition(b"\n")[2].decode("utf-8", "replace")
    vantage = batch.get("vantage") or {}
    return proof, [
        f"row      {number} of {batch['rows']} of {batch['name']}: in the batch",
        f"asked    {json.dumps(batch.get('definition'))}",
        f"from     {vantage.get('name')}, with {vantage.get('software')}",
        f"says     {said}",
    ]


def check_proof(content: bytes, trust: Trust, valid: Valid) -> tuple[list[Finding], list[str]]:
    """A proof, held against what a reader trusts; what is wrong, and what it proves."""
    found: list[Finding] = []
    lines: list[str] = []
    try:
        if content.startswith(BATCH_ROW + b"\n"):
            content, lines = _row_in_batch(content)
        proof = parse_proof(content)
        origin, size, root, head = parse_checkpoint(proof.note)
        lines.append(f"log      {origin}, {size} leaves, root {root.hex()}")
        lines += _vouched(proof.note, (size, root, head), trust, valid)
        if proof.included:
            leaf = entry_hash(proof.entry)
            if path_root(proof.number, size, leaf, proof.path) != root:
                raise ValueError("the leaf is not in the log")
            lines += [f"leaf     {proof.number}: in the log", *_entry_lines(proof.entry)]
        else:
            before = _before(proof.number, trust)
            if not grew((proof.number, before), (size, root), proof.path):
                what = f"a log of {proof.number} leaves did not become this one by growing"
                raise ValueError(what)
            lines.append(f"grown    from {proof.number} leaves, root {before.hex()}: only added to")
    except (ValueError, IndexError, struct.error) as error:
        found.append(Finding("proof", "proof", str(error)))
    return found, [visible(line) for line in lines]


def _vouched(
    note: bytes, told: tuple[int, bytes, str], trust: Trust, valid: Valid
) -> Iterable[str]:
    """Who vouches for a checkpoint: keys, or a seal.

    :raises ValueError: when nobody does, or it is not what they vouch for.
    """
    size, root, head = told
    _, by = signed_by(note, trust.keys, valid) if b"\n\n" in note else (b"", [])
    for key in by:
        yield f"signed   by {key.name} ({key.role})"
    for key, when in cosignatures(note, by) if by else ():
        yield f"witness  {key.name} saw it on {when}"
    seal = trust.seals.get(head)
    if trust.seals and (seal is None or (seal["size"], seal.get("root")) != (size, root.hex())):
        raise ValueError("no seal that is here has this root")
    if seal is not None:
        yield f"seal     {head}, made {seal['sealed']}"
    if not any(key.role == "log" for key in by) and seal is None:
        raise ValueError("no key that you name has signed its checkpoint")
    if trust.head and seal is None and not same_head(trust.head, head):
        raise ValueError(f"it is of the head {head or '-'}, and not of {trust.head}")


def same_head(given: str, head: str) -> bool:
    """Whether a head is the one that somebody gives, perhaps shortened."""
    number, hashed = read_head(given)
    return head.startswith(f"{number}:{hashed}")


def _before(size: int, trust: Trust) -> bytes:
    """The root of the log when it was of this size, by a kept checkpoint or by a seal."""
    if not size:
        return hashlib.sha256(b"").digest()
    if trust.old:
        _, kept, root, _ = parse_checkpoint(trust.old)
        if kept != size:
            what = f"the old checkpoint is of {kept} leaves, the proof goes on from {size}"
            raise ValueError(what)
        return root
    for seal in trust.seals.values():
        if seal["size"] == size:
            return bytes.fromhex(seal["root"])
    raise ValueError(f"nothing here says what the log of {size} leaves was; give --old CHECKPOINT")


def _entry_lines(entry: bytes) -> Iterable[str]:
    """What a leaf says: a line of a run, or the hash of another file."""
    salted = re.fullmatch(rb"(?s:.{0,16})(runs/[\x21-\x7e]+\.jsonl:[0-9]+)\n([^\n]*)", entry)
    if salted is None:
        return [f"entry    {entry.decode('utf-8', 'backslashreplace')}"]
    return [f"line     {salted[1].decode()}", f"says     {salted[2].decode('utf-8', 'replace')}"]


_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_Point = tuple[int, int, int, int]


def _plus(one: _Point, other: _Point) -> _Point:
    """Two points of the curve added (RFC 8032, 5.1.4)."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c, d = 2 * one[3] * other[3] * _D % _P, 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _point(coded: bytes) -> _Point | None:
    """A point from its 32 bytes (RFC 8032, 5.1.3); None where there is none."""
    y = int.from_bytes(coded, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    x = _P - x if x & 1 != sign else x
    return x, y, 1, x * y % _P


_BASE = (4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little")


@functools.lru_cache(64)
def _table(coded: bytes) -> list[list[_Point]] | None:
    """Sixteen multiples of a point for each of the 64 half bytes of a number; None for no point.

    A few keys sign all runs: their multiples are added up once, and looked up then.
    """
    point, table = _point(coded), []
    if point is None:
        return None
    for _ in range(64):
        row: list[_Point] = [(0, 1, 1, 0)]
        while len(row) < 16:  # noqa: PLR2004  # a half byte's values
            row.append(_plus(row[-1], point))
        table.append(row)
        point = _plus(row[-1], point)
    return table


def ed25519_valid(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether an Ed25519 signature verifies (RFC 8032, 5.1.7): s·B − h·A is written as R."""
    if len(key) != 32 or len(signature) != 64:  # noqa: PLR2004
        return False
    public, base = _table(key), _table(_BASE)
    s = int.from_bytes(signature[32:], "little")
    if public is None or base is None or s >= _L:
        return False
    hashed = hashlib.sha512(signature[:32] + key + message).digest()
    h = int.from_bytes(hashed, "little") % _L
    found: _Point = (0, 1, 1, 0)
    for half, (of_base, of_key) in enumerate(zip(base, public)):  # noqa: B905  # both of 64
        found = _plus(found, of_base[s >> 4 * half & 15])
        x, y, z, t = of_key[h >> 4 * half & 15]
        found = _plus(found, (-x, y, z, -t))
    scale = pow(found[2], _P - 2, _P)
    x, y = found[0] * scale % _P, found[1] * scale % _P
    return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


_NAMED = re.compile(rb'"(?:facts|raw)":"(.{0,64})')


def references(content: bytes) -> set[str]:
    """The digests of the objects that a run's lines name."""
    return _texts(set(_NAMED.findall(content)))


def missing_objects(
    gone: set[str], source: Folder | Site, runs: set[str]
) -> Iterable[tuple[str, str]]:
    """Each line that names an object which is not here (the first for each object)."""
    for name in sorted(runs) if gone else ():
        try:
            content = source.read(name)
        except OSError:
            continue  # it was named already
        if not references(content) & gone:
            continue
        for number, line in enumerate(content.split(b"\n"), 1):
            for digest in sorted(references(line) & gone):
                yield f"{name}:{number}", f"objects/{digest[:2]}/{digest}.json is not here"
                gone.discard(digest)


def verify_objects(source: Folder | Site, names: Iterable[str], add: Add) -> set[bytes]:
    """Each object against its name; the digests of all that are there."""
    there = set()
    for name in names:
        match = _OBJECT.fullmatch(name)
        if match is None:
            continue
        if match[1] != match[3]:
            add("extra", name, "an object in the wrong folder")
            continue
        there.add(match[2].encode())
        content = _content(source, name, add)
        if content is not None and sha(content) != match[2]:
            code, what, line = describe(content, match[2])
            add(code, f"{name}:{line}" if line else name, what)
    return there


def stray(name: str, chain: Chain, source: Folder | Site, names: set[str], add: Add) -> None:
    """A file that is neither sealed nor a run: known, left over, a token, or extra."""
    signature, seal = _SIGNATURE.fullmatch(name), _SEAL_FILE.fullmatch(name)
    if published := _PUBLISHED.fullmatch(name):
        content = _content(source, name, add)
        if content is not None and sha(content)[:8] != published[1]:
            add("altered", name, "not the list that was written: its SHA-256 differs")
        elif content is not None:
            add("unsealed", name, "not sealed yet")
    elif signature:
        if signature[1] + ".jsonl" not in names:
            add("extra", name, "a signature without its run")
    elif name.endswith(".part"):
        add("leftover", name, "a write that did not end; the next run takes it in")
    elif seal and not name.endswith(".json"):
        hashed = chain.hashes.get(int(seal[1]))
        if hashed is None or (name.endswith(".note") and int(seal[1]) not in chain.logs):
            add("extra", name, "of a seal that is not here")
        elif name.endswith(".tsr"):
            token = _content(source, name, add)
            if token is not None and not stamps(token, hashed):
                add("altered", name, "no token for this seal")
            elif token is not None:
                add("token", name, "of this seal; `openssl ts -verify` tells who, and when")
    elif not (belongs(name) or name in _LISTS or (source.published and _PAGES.fullmatch(name))):
        add("extra", name, "no file of a ledger; it is not published")


_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_TST_INFO = bytes.fromhex("060b2a864886f70d0109100104")
_SHA256 = bytes.fromhex("0609608648016503040201")


def stamps(token: bytes, hashed: str) -> bool:
    """Whether this looks like a time-stamp response over a hash (RFC 3161, 2.4.2).

    Its one outermost DER value is the whole file, and a signed TSTInfo in it names SHA-256 and
    the hash; who has signed it, `openssl ts -verify` tells.
    """
    if len(token) < 4 or token[0] != 0x30:  # noqa: PLR2004  # a SEQUENCE
        return False
    length, at = token[1], 2
    if length > 0x80:  # noqa: PLR2004  # the long form
        at = 2 + length - 0x80
        length = int.from_bytes(token[2:at], "big")
    imprint = re.compile(
        re.escape(_SHA256) + b"(?:\x05\x00)?\x04\x20" + re.escape(bytes.fromhex(hashed))
    )
    whole_file = at + length == len(token)
    signed = 0 < token.find(_SIGNED_DATA) < token.find(_TST_INFO)
    return whole_file and signed and bool(imprint.search(token, token.find(_TST_INFO)))


def figure(
    source: Folder | Site, name: str, head: str = "", valid: Valid | None = None
) -> list[Finding]:
    """One observation by its id: its line, its objects, its seal, and the chain to the head."""
    return look(source, name, head, valid)[0]


def look(
    source: Folder | Site, name: str, head: str = "", valid: Valid | None = None
) -> tuple[list[Finding], list[str]]:
    """The same, and beside what is wrong what was observed, to compare with an article."""
    if not _ID.fullmatch(name):
        raise ValueError(f"{visible(name)!r} is no id; take it from a figure's link, /evidence/ID/")
    found = Found()
    add = found.add
    stem, _, number = name.rpartition("-")
    run = f"runs/{stem[:4]}/{stem[4:6]}/{stem[6:8]}/{stem}.jsonl"
    names = set(source.names())
    chain = read_chain(source, names, add)
    batch = batch_of(name)
    if batch is not None and f"{batch}.json" in names:
        seen = Seen(
            chain,
            bury(source, names, chain, add),
            read_signers(source, names, chain, add),
            valid or ed25519_valid,
        )
        compare_head(chain, {}, head, add)
        verify_batch(source, batch, names, seen, add)
        own = [one for one in found if one.wrong or one.where.startswith(batch)]
        what = "a row of a batch, which is Parquet: `sotokara show` prints it, `prove` proves it"
        return own, [visible(f"batch    {batch}.parquet"), what]
    kept: dict[str, int] = {}
    if head and chain.replaced:
        sealed = {path: {hashed} for path, (hashed, _) in chain.files.items()}
        for path, (hashed, _) in chain.before.items():
            sealed.setdefault(path, set()).add(hashed)
        kept = dropped_seals(source, names, (chain, sealed), add)
    stones = bury(source, names, chain, add)
    compare_head(chain, kept, head, add)
    seen = Seen(chain, stones, read_signers(source, names, chain, add), valid or ed25519_valid)
    verify_notes(source, names, seen, add)
    try:
        content = source.read(run)
        line = content.split(b"\n")[int(number) - 1]
        if not line:
            raise IndexError
    except (OSError, ValueError, IndexError):
        return [*found, Finding("missing", run, "no such observation here")], []
    verify_file(run, content, seen, "", add)
    verify_run(source, (run, content), names, seen, add)
    for digest in sorted(references(line)):
        path = f"objects/{digest[:2]}/{digest}.json"
        try:
            if sha(source.read(_object_path(digest))) != digest:
                add("altered", path, "not what was observed: its SHA-256 differs")
        except (OSError, ValueError):
            add("missing", f"{run}:{number}", f"{path} is not here")
    lines = [*told(source, line), *of_seal(source, (run, content), names, seen)]
    if source.published:
        lines.insert(-1, visible(f"pages    {verify_build(source, seen, add, name)}"))
    mine = [one for one in found if one.code not in ("redacted", "unsealed") or one.where == run]
    mine = [one for one in mine if one.code != "unsealed" or one.where != _SIGNERS]
    return mine, lines


def told(source: Folder | Site, line: bytes) -> list[str]:
    """What an observation says, as it is kept."""
    try:
        fields = decoded(line)
        vantage = fields.get("vantage") or {}
        definition = fields.get("definition") or {}
        asked = ", ".join(f"{key}: {json.dumps(one)}" for key, one in definition.items())
        came = fields.get("outcome", "none: others report it")
        lines = [
            f"asked    {asked}",
            f"when     {fields.get('start')} (the clock of {vantage.get('name')})",
            f"from     {vantage.get('name')}, with {vantage.get('software')}",
            f"outcome  {came} {json.dumps(fields.get('failure') or '')}",
        ]
        if fields.get("origin", "measured") != "measured":
            lines.append(f"origin   {fields['origin']}: typed in, not measured")
        if fields.get("facts"):
            kept = decoded(source.read(_object_path(fields["facts"])))["facts"]
            lines += [f"fact     {key}: {json.dumps(one)}" for key, one in sorted(kept.items())]
        if fields.get("raw"):
            for one in decoded(source.read(_object_path(fields["raw"])))["exchanges"]:
                lines += [f"raw      {text}" for text in exchange_lines(one)]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return [f"it cannot be read: {visible(error)}"]
    return [visible(one) for one in lines]


def _object_path(digest: str) -> str:
    if not _HASH.fullmatch(digest):
        raise ValueError("no name of an object")
    return f"objects/{digest[:2]}/{digest}.json"


def of_seal(
    source: Folder | Site, run: tuple[str, bytes], names: set[str], seen: Seen
) -> list[str]:
    """In which seal, when, and by whom; and what nobody has checked here."""
    name, chain = run[0], seen.chain
    number = chain.files.get(name, ("", 0))[1]
    sealed = chain.made.get(number)
    began = moment(name.rpartition("/")[2])
    by = verify_signature(source, run, names, (seen, began, sealed), lambda *_: None)
    if not number:
        when = "NOT SEALED: nothing proves that it was not written today"
    else:
        when = f"sealed in {number} on {chain.times[number]}"
    who = f"signed by {by}" if by else "unsigned"
    rest = "not checked here: that facts other than these DNS records follow from raw"
    return [visible(f"seal     {when}, {who}"), f"{rest}; `sotokara verify --read` does"]


_TYPES = {1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA"}


def exchange_lines(exchange: dict[str, Any]) -> list[str]:
    """One exchange: whom, and the records of a DNS answer, read here from its bytes."""
    lines = [f"{exchange.get('step')} asked of {exchange.get('server')}"]
    received = exchange.get("received")
    if isinstance(received, str):
        try:
            lines += dns_lines(b64decode(received), hidden=bool(exchange.get("hidden")))
        except (ValueError, IndexError, struct.error):
            lines.append(f"{len(received)} characters of base64, no DNS message")
    elif isinstance(exchange.get("received_text"), str):
        lines += exchange["received_text"].splitlines()[:_MANY]
    return lines


def dns_lines(wire: bytes, *, hidden: bool = False) -> list[str]:
    """A DNS message's answers (RFC 1035, 4.1), a line each.

    ``hidden``: addresses in it were masked, as zeros.

    :raises ValueError: for what is none; IndexError or struct.error where it is cut off.
    """
    _, flags, questions, answers = struct.unpack("!HHHH", wire[:8])
    if not flags >> 15 or questions > 1:
        raise ValueError("no answer")
    at, lines = 12, [f"rcode {flags & 15}, {answers} answers"]
    for _ in range(questions):
        _, at = dns_name(wire, at)
        at += 4
    for _ in range(min(answers, 200)):
        owner, at = dns_name(wire, at)
        kind, _, ttl, length = struct.unpack("!HHIH", wire[at : at + 10])
        at += 10
        data = wire[at : at + length]
        if kind in (1, 28) and length in (4, 16):
            value = str(ipaddress.ip_address(data)) if any(data) or not hidden else "masked"
        elif kind in (2, 5, 12):
            value = dns_name(wire, at)[0]
        elif kind == 15:  # noqa: PLR2004  # MX
            value = f"{int.from_bytes(data[:2], 'big')} {dns_name(wire, at + 2)[0]}"
        elif kind == 16:  # noqa: PLR2004  # TXT
            value = " ".join(json.dumps(text.decode("utf-8", "replace")) for text in texts(data))
        else:
            value = data.hex()
        lines.append(f"{owner} {ttl} {_TYPES.get(kind, f'TYPE{kind}')} {value}")
        at += length
    return lines


def texts(data: bytes) -> Iterable[bytes]:
    """The strings of a TXT record (RFC 1035, 3.3.14)."""
    while data:
        yield data[1 : data[0] + 1]
        data = data[data[0] + 1 :]


def dns_name(wire: bytes, at: int) -> tuple[str, int]:
    """A name and where it ends, pointers followed."""
    labels: list[str] = []
    end, hops = 0, 0
    while wire[at]:
        if wire[at] >= 0xC0:  # noqa: PLR2004  # a pointer
            end, at, hops = end or at + 2, (wire[at] & 0x3F) << 8 | wire[at + 1], hops + 1
            if hops > 64:  # noqa: PLR2004  # in a circle
                raise ValueError("a name in a circle")
            continue
        labels.append(wire[at + 1 : at + 1 + wire[at]].decode("latin-1"))
        at += 1 + wire[at]
    return ".".join(labels) + ".", end or at + 1


def copy_or_ledger(root: str) -> Folder:
    """A folder: a site's copy where it has a site's list of files, else a ledger."""
    return Folder(root, published=os.path.isfile(f"{root}/SHA256SUMS"))  # noqa: PTH113


_OPTIONS = ("--head", "--proof", "--key", "--old")


def options(arguments: list[str]) -> tuple[list[str], dict[str, list[str]]]:
    """What stands on the command line: the plain words, and each option's values.

    :raises ValueError: for an option that there is not, or that lacks its value.
    """
    plain: list[str] = []
    given: dict[str, list[str]] = {name: [] for name in _OPTIONS}
    rest = iter(arguments)
    for word in rest:
        name, equals, value = word.partition("=")
        if name in given:
            given[name].append(value if equals else next(rest, ""))
        elif word.startswith("-"):
            raise ValueError(f"{visible(word)}: there is no such option")
        else:
            plain.append(word)
    for head in given["--head"]:
        read_head(head)
    return plain, given


def _proved(source: Folder | Site | None, given: dict[str, list[str]], head: str) -> Any:  # noqa: ANN401
    old = _file(given["--old"][-1]) if given["--old"] else b""
    keys = [parse_key(text) for text in given["--key"]]
    if source is None and not keys:
        raise ValueError("name the evidence, or a --key to hold the proof against")
    return hold_proof(source, _file(given["--proof"][-1]), Trust(keys, {}, head, old))


def _file(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(_LONGEST_NOTE + 1)


def main(arguments: list[str]) -> int:
    """Print what is found; 0 when nothing is wrong."""
    try:
        plain, given = options(arguments)
        head = (given["--head"] or [""])[-1]
        if not (plain or given["--proof"]) or len(plain) > 2:  # noqa: PLR2004  # where, and which
            print(__doc__)
            return 2
        source: Folder | Site | None = None
        if plain:
            source = Site(plain[0]) if "://" in plain[0] else copy_or_ledger(plain[0])
        lines: list[str] = []
        found: list[Finding] = []
        if given["--proof"]:
            found, lines = _proved(source, given, head)
        elif source is not None and plain[1:]:
            found, lines = look(source, plain[1], head)
        elif source is not None:
            found = verify(source, head)
    except (OSError, ValueError, Unread) as error:
        print(f"cannot be read: {visible(error)}")
        return 2
    for line in lines:
        print(line)
    for text in said(found):
        print(text)
    wrong = sum(one.wrong for one in found)
    unsealed = "" if source is None or sealed_at_all(source) else "; NOT SEALED"
    print(f"{wrong} wrong, {len(found) - wrong} notes{unsealed}")
    return 1 if wrong else 0


def said(found: list[Finding]) -> Iterable[str]:
    """The findings as lines; very many notes of one kind are counted, and the first is shown."""
    notes: dict[str, list[Finding]] = {}
    for one in found:
        notes.setdefault(one.code, []).append(one)
    for code, several in notes.items():
        if code in NOTES and len(several) > _MANY:
            yield f"{several[0]} (and {len(several) - 1} more such notes)"
        else:
            yield from map(str, several)


def sealed_at_all(source: Folder | Site) -> bool:
    """Whether there is a first seal."""
    try:
        return bool(source.read("seals/000001.json"))
    except OSError:
        return False


def published_head(address: str) -> str:
    """The head that a site publishes, as ``NUMBER:HASH``."""
    told = decoded(Site(address).read("head.json"))
    if not isinstance(told, dict) or not whole(told.get("number")) or not told["number"]:
        raise ValueError(f"{address}: no head is published there")
    head = f"{told['number']}:{told.get('hash')}"
    read_head(head)
    return head


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
