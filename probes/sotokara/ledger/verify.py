"""Verify the evidence of a Sotokara blog: this file alone, with the standard library alone.

    python3 verify.py https://blog.example/evidence/          the published evidence
    python3 verify.py evidence/                               a folder, such as a git clone's
    python3 verify.py evidence/ 20260114T031500123Z-author-ab12cd34-7     one figure
    python3 verify.py evidence/ --head 12:6b86b2…             against a head you wrote down

It recomputes every hash and every seal (RFC 6962 trees) and names each file that is altered,
missing or extra. It trusts nothing but SHA-256; it cannot tell whether the observer told the truth.
"""

# ruff: noqa: T201, S310, PTH123  # a program of its own, for the standard library alone
from __future__ import annotations

import errno
import hashlib
import http.client
import json
import os
import re
import stat
import sys
import urllib.request
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

FORMAT = 1
NOTES = frozenset(
    {"unsealed", "late", "orphan", "leftover", "redacted", "repaired", "clock", "token"}
)
"""Findings that tell, but do not make an evidence folder wrong."""
_SEAL = re.compile(r"seals/(\d{6})\.json")
_RUN = re.compile(r"runs/\d{4}/\d\d/\d\d/\d{8}T\d{9}Z-\w+-([0-9a-f]{8})\.jsonl")
_ID = re.compile(r"\d{8}T\d{9}Z-\w+-[0-9a-f]{8}-[1-9]\d*")
_OBJECT = re.compile(r"objects/([0-9a-f]{2})/(([0-9a-f]{2})[0-9a-f]{62})\.json")
_TOMBSTONE = re.compile(r"tombstones/\d{6}\.json")
_SEAL_FILE = re.compile(r"seals/\d{6}\.(?:json|tsr)")
_EVIDENCE = (_RUN, _OBJECT, _SEAL_FILE, _TOMBSTONE)
_FOR_GIT = frozenset({".gitattributes", ".gitignore", ".lock"})
"""What a ledger has beside its evidence; it is not published."""
_PAGES = re.compile(r"(?:\d{8}T\d{9}Z-\w+-[0-9a-f]{8}-[1-9]\d*/)?index\.html|verify\.py")
"""What a build writes beside the evidence that it publishes."""
_LISTS = frozenset({"SHA256SUMS", "head.json"})
"""Written beside it too; never read from a folder."""
_MANY = 20


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
        return f"{'WRONG' if self.wrong else 'note'} {self.code}: {self.where}: {self.what}"


def is_evidence(name: str) -> bool:
    """Whether a file's path is one that a ledger gives: nothing else is ever published or read."""
    return any(pattern.fullmatch(name) for pattern in _EVIDENCE)


def is_run(name: str) -> bool:
    """Whether a file's path is one that a ledger gives to a run."""
    return bool(_RUN.fullmatch(name))


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

    def read(self, name: str) -> bytes:
        """A file's bytes; OSError where it is missing, or is no plain file."""
        descriptor = os.open(f"{self.root}/{name}", _PLAIN)
        with open(descriptor, "rb", buffering=0) as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError(errno.EINVAL, "no plain file", name)
            return file.read()


_PLAIN = os.O_RDONLY
for _flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"):  # those that the system knows
    _PLAIN |= getattr(os, _flag, 0)


class Site:
    """Evidence as a blog publishes it; ``SHA256SUMS`` there says which files there are."""

    published = True

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/") + "/"
        self.odd: dict[str, str] = {}

    def names(self) -> Iterable[str]:
        """Every file's path that the list names."""
        for line in self.read("SHA256SUMS").decode("utf-8", "backslashreplace").splitlines():
            yield line[66:]

    def read(self, name: str) -> bytes:
        """A file's bytes; OSError where it is missing."""
        try:
            with urllib.request.urlopen(self.address + name, timeout=30) as answer:
                return bytes(answer.read())
        except (OSError, http.client.HTTPException) as error:
            hint = (
                "" if self.address.endswith("/evidence/") else "; try one that ends in /evidence/"
            )
            raise OSError(f"{self.address}{name}: {error}{hint}") from error


class Chain(NamedTuple):
    """What the seals say: each sealed file's hash and seal, the seals' own hashes, all replaced."""

    files: dict[str, tuple[str, int]]
    hashes: dict[int, str]
    replaced: set[str]


def sha(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


class Tree:
    """The RFC 6962 tree over the sealed files, grown leaf by leaf."""

    def __init__(self) -> None:
        self.size = 0
        self._stack: list[tuple[int, bytes]] = []

    def add(self, name: str, hashed: str) -> None:
        """Add a leaf: the line that sha256sum writes for the file."""
        node, height = hashlib.sha256(b"\0" + f"{hashed}  {name}".encode()).digest(), 0
        while self._stack and self._stack[-1][0] == height:
            node = hashlib.sha256(b"\1" + self._stack.pop()[1] + node).digest()
            height += 1
        self._stack.append((height, node))
        self.size += 1

    def root(self) -> str:
        """The tree's hash."""
        if not self._stack:
            return sha(b"")
        node = self._stack[-1][1]
        for _, left in reversed(self._stack[:-1]):
            node = hashlib.sha256(b"\1" + left + node).digest()
        return node.hex()


Add = Callable[[str, str, str], None]


class Unread(Exception):  # noqa: N818  # it carries the code and the words of a finding
    """A seal that cannot be read, so that the chain ends before it."""


def parse_seal(content: bytes) -> dict[str, Any]:
    """A seal's fields.

    :raises Unread: when it is none, is of a newer version, or is a conflict of two branches.
    """
    if b"<<<<<<<" in content:
        conflict = "two branches sealed this number; `sotokara seal --repair` resolves it"
        raise Unread("seal_conflict", conflict)
    try:
        seal: dict[str, Any] = json.loads(content)
        if seal["v"] > FORMAT:
            raise Unread("newer", "sealed by a newer Sotokara; take its verify.py")
        seal["files"] = [(str(path), str(hashed)) for path, hashed in seal["files"]]
        wanted = seal["number"] + seal["size"], seal["previous"] + seal["root"]
        assert isinstance(wanted[0], int)  # noqa: S101  # TypeError has said so otherwise
    except (ValueError, KeyError, TypeError) as error:
        raise Unread("altered", f"no seal ({type(error).__name__}: {error})") from error
    return seal


def read_chain(source: Folder | Site, names: Iterable[str], add: Add) -> Chain:
    """Follow the seals from the first to the head."""
    numbers = sorted(int(match[1]) for match in map(_SEAL.fullmatch, names) if match)
    chain, tree, before = Chain({}, {}, set()), Tree(), 0
    for number in numbers:
        name = f"seals/{number:06d}.json"
        whole = number == before + 1
        if not whole:
            add("missing", f"seals/{before + 1:06d}.json", f"seal {number} follows seal {before}")
        content = source.read(name)
        try:
            seal = parse_seal(content)
        except Unread as error:
            add(error.args[0], name, error.args[1])
            break
        if b"\r" in content:
            add("line_ends", name, "line ends were converted; evidence needs `* -text` in git")
        if seal["number"] != number:
            add("altered", name, f"it says that it is seal {seal['number']}")
        if whole and seal["previous"] != chain.hashes.get(before, ""):
            add("resealed", name, f"it was made after another seal {before} than the one here")
        for path, hashed in seal["files"]:
            if path in chain.files:
                add("altered", name, f"{path} was sealed before")
            chain.files[path] = (hashed, number)
            tree.add(path, hashed)
        if whole and (tree.size, tree.root()) != (seal["size"], seal["root"]):
            add("altered", name, "its files do not give its root")
        chain.hashes[number] = sha(content)
        chain.replaced.update(seal.get("replaces", []))
        before = number
    return chain


def bury(source: Folder | Site, names: set[str], chain: Chain, add: Add) -> None:
    """Let the sealed tombstones say which files were redacted, and what they are since."""
    for name in sorted(filter(_TOMBSTONE.fullmatch, names)):
        if name not in chain.files:
            add("altered", name, "it is not sealed, so it excuses nothing")
            continue
        content = source.read(name)
        if sha(content) != chain.files[name][0]:
            continue  # reported with all altered files
        stone = json.loads(content)
        for path, change in stone["runs"].items():
            hashed, number = chain.files.get(path, ("", 0))
            if hashed != change["was"]:
                add("altered", name, f"{path} was not what it says")
                continue
            chain.files[path] = (change["is"], number)
            lines = ", ".join(map(str, change["lines"]))
            said = f"lines {lines} redacted {stone['date']} by {stone['by']}: {stone['reason']}"
            add("redacted", path, said)


def describe(content: bytes, hashed: str) -> tuple[str, str, int]:
    """Why a file is not what was sealed: code, words, line (0: not known)."""
    if sha(content.replace(b"\r\n", b"\n")) == hashed:
        return "line_ends", "line ends were converted; evidence needs `* -text` in git", 0
    if content.startswith(b"version https://git-lfs"):
        return "not_fetched", "a Git LFS pointer stands here; `git lfs pull`", 0
    for number, line in enumerate(content.split(b"\n")[:-1] or [content], 1):
        try:
            if json.loads(line).get("v", 0) > FORMAT:
                return "newer", "written by a newer Sotokara; take its verify.py", number
        except (ValueError, AttributeError):
            return "altered", "no JSON: edited by hand?", number
    return "altered", "not what was observed: its SHA-256 differs", 0


def verify(source: Folder | Site, head: str = "") -> list[Finding]:
    """Everything. ``head``: ``NUMBER:HASH`` as a page's footer prints it."""
    found: list[Finding] = []

    def add(code: str, where: str, what: str) -> None:
        found.append(Finding(code, where, what))

    names = set(source.names())
    chain = read_chain(source, names, add)
    bury(source, names, chain, add)
    compare_head(chain, head, add)
    missing_files(chain, names, add)
    runs = {name for name in names if _RUN.fullmatch(name)}
    newest = max((name[16:] for name in chain.files if name.startswith("runs/")), default="")
    refs: set[str] = set()
    for name in sorted(runs | (names & chain.files.keys())):
        content = source.read(name)
        verify_file(name, content, chain, newest, add)
        if name in runs:
            refs.update(references(content))
            if b'"after":"' in content.partition(b"\n")[0]:
                add("clock", name, "the clock was put back before it: `after` names the run before")
    objects = verify_objects(source, names, add)
    for where, what in missing_objects(refs - objects, source, runs):
        add("missing", where, what)
    for digest in sorted(objects - refs):
        add("orphan", f"objects/{digest[:2]}/{digest}.json", "no run names it")
    for name in sorted(names - chain.files.keys() - runs):
        stray(name, chain, source, add)
    for name, what in source.odd.items():
        add("extra", name, what)
    return sorted(found, key=lambda one: (not one.wrong, one.where))


def missing_files(chain: Chain, names: set[str], add: Add) -> None:
    """The sealed files that are not here; very many are said in one line."""
    gone = sorted(chain.files.keys() - names)
    if len(gone) > _MANY:
        some = f"{len(gone)} of {len(chain.files)} sealed files are not here"
        add("missing", gone[0], f"{some}; a shallow, sparse or partial clone?")
        return
    for name in gone:
        add("missing", name, f"sealed in seal {chain.files[name][1]}, and not here")


def compare_head(chain: Chain, head: str, add: Add) -> None:
    """Hold the newest seal against a head that was printed earlier."""
    number, _, hashed = head.partition(":")
    if not head:
        return
    if not number.isdecimal() or not hashed:
        raise ValueError(f"{head!r} is no head; write NUMBER:HASH, as a footer has them")
    ours = chain.hashes.get(int(number))
    name = f"seals/{int(number):06d}.json"
    if ours is None or int(number) > max(chain.hashes):
        add("rolled_back", name, f"seal {number} was published, and is not here")
    elif not ours.startswith(hashed):
        if any(one.startswith(hashed) for one in chain.replaced):
            add("repaired", name, "replaced by a later seal after two branches met")
        else:
            add("resealed", name, f"published was {hashed}, here is {ours}")


def verify_file(name: str, content: bytes, chain: Chain, newest: str, add: Add) -> None:
    """A sealed file against its seal; a run without seal against the hash in its own name."""
    hashed, _ = chain.files.get(name, ("", 0))
    actual = sha(content)
    if hashed and actual != hashed:
        code, what, line = describe(content, hashed)
        add(code, f"{name}:{line}" if line else name, what)
    run = _RUN.fullmatch(name)
    if hashed or run is None:
        return
    if actual[:8] != run[1]:
        code, what, line = describe(content, "")
        if sha(content.replace(b"\r\n", b"\n"))[:8] == run[1]:
            code, what, line = "line_ends", "line ends were converted; see `* -text` in git", 0
        add(code, f"{name}:{line}" if line else name, what)
    elif name[16:] < newest:
        add("late", name, "not sealed, though older than sealed runs: merged, or added later")
    else:
        add("unsealed", name, "not sealed yet")


def references(content: bytes) -> set[str]:
    """The digests of the objects that a run's lines name."""
    found = set()
    for key in (b'"facts":"', b'"raw":"'):
        found.update([piece[:64] for piece in content.split(key)[1:]])
    return {digest.decode("ascii", "replace") for digest in found}


def missing_objects(
    gone: set[str], source: Folder | Site, runs: set[str]
) -> Iterable[tuple[str, str]]:
    """Each line that names an object which is not here (the first for each object)."""
    for name in sorted(runs) if gone else ():
        content = source.read(name)
        here = references(content) & gone
        for digest in sorted(here):
            line = content[: content.index(digest.encode())].count(b"\n") + 1
            yield f"{name}:{line}", f"objects/{digest[:2]}/{digest}.json is not here"
        gone -= here


def verify_objects(source: Folder | Site, names: set[str], add: Add) -> set[str]:
    """Each object against its name; the digests of all that are there."""
    there = set()
    for name in names:
        match = _OBJECT.fullmatch(name)
        if match is None:
            continue
        if match[1] != match[3]:
            add("extra", name, "an object in the wrong folder")
            continue
        there.add(match[2])
        content = source.read(name)
        if sha(content) != match[2]:
            code, what, line = describe(content, match[2])
            add(code, f"{name}:{line}" if line else name, what)
    return there


def stray(name: str, chain: Chain, source: Folder | Site, add: Add) -> None:
    """A file that is neither sealed nor a run: known, left over, a token, or extra."""
    if _SEAL.fullmatch(name) or _OBJECT.fullmatch(name) or _TOMBSTONE.fullmatch(name):
        return
    if name.endswith(".part"):
        add("leftover", name, "a write that did not end; the next run takes it in")
    elif name.startswith("seals/") and name.endswith(".tsr"):
        hashed = chain.hashes.get(int(name[6:12]) if name[6:12].isdecimal() else 0)
        if hashed is None:
            add("extra", name, "a token without its seal")
        elif bytes.fromhex(hashed) not in source.read(name):
            add("altered", name, "the token is for another seal")
        else:
            add("token", name, "of this seal; `openssl ts -verify` tells who signed it, and when")
    elif name not in _FOR_GIT | _LISTS and not (source.published and _PAGES.fullmatch(name)):
        add("extra", name, "no file of a ledger; it is not published")


def figure(source: Folder | Site, name: str) -> list[Finding]:
    """One observation by its id: its line, its objects, its seal, and the chain to the head."""
    if not _ID.fullmatch(name):
        raise ValueError(f"{name!r} is no id; take it from a figure's link, /evidence/ID/")
    found: list[Finding] = []

    def add(code: str, where: str, what: str) -> None:
        found.append(Finding(code, where, what))

    stem, _, number = name.rpartition("-")
    run = f"runs/{stem[:4]}/{stem[4:6]}/{stem[6:8]}/{stem}.jsonl"
    seals = [one for one in source.names() if not one.startswith(("runs/", "objects/"))]
    chain = read_chain(source, seals, add)
    bury(source, set(seals), chain, add)
    try:
        content = source.read(run)
        line = content.split(b"\n")[int(number) - 1]
    except (OSError, ValueError, IndexError):
        return [*found, Finding("missing", run, "no such observation here")]
    verify_file(run, content, chain, "", add)
    for digest in sorted(references(line)):
        path = f"objects/{digest[:2]}/{digest}.json"
        try:
            if sha(source.read(path)) != digest:
                add("altered", path, "not what was observed: its SHA-256 differs")
        except OSError:
            add("missing", f"{run}:{number}", f"{path} is not here")
    return [one for one in found if one.code != "redacted" or one.where == run]


def copy_or_ledger(root: str) -> Folder:
    """A folder: a site's copy where it has a site's list of files, else a ledger."""
    return Folder(root, published=os.path.isfile(f"{root}/SHA256SUMS"))  # noqa: PTH113


def main(arguments: list[str]) -> int:
    """Print what is found; 0 when nothing is wrong."""
    plain = [one for one in arguments if not one.startswith("--")]
    head = ""
    if "--head" in arguments and arguments[-1] != "--head":
        head = arguments[arguments.index("--head") + 1]
        plain.remove(head)
    if not plain or len(plain) > 2:  # noqa: PLR2004  # where, and perhaps which
        print(__doc__)
        return 2
    source: Folder | Site = Site(plain[0]) if "://" in plain[0] else copy_or_ledger(plain[0])
    try:
        found = figure(source, plain[1]) if plain[1:] else verify(source, head)
    except (OSError, ValueError) as error:
        print(f"cannot be read: {error}")
        return 2
    for one in found:
        if one.code not in ("unsealed", "orphan") or len(found) <= _MANY:
            print(one)
    wrong = sum(one.wrong for one in found)
    print(f"{wrong} wrong, {len(found) - wrong} notes")
    return 1 if wrong else 0


def published_head(address: str) -> str:
    """The head that a site publishes, as ``NUMBER:HASH``."""
    told = json.loads(Site(address).read("head.json"))
    return f"{told['number']}:{told['hash']}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
