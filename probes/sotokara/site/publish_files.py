"""The evidence as a site publishes it: its files, copied, and their hashes in ``SHA256SUMS``."""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path

from sotokara.ledger import LedgerError
from sotokara.ledger import verify as verifier
from sotokara.ledger.seals import Head

_ASIDE = ".evidence"


def files(folder: Path) -> Iterator[str]:
    """The names of a ledger's files, with slashes."""
    if folder.is_dir():
        for name in verifier.Folder(str(folder)).names():
            if not name.endswith(".part") and name != ".lock":
                yield name


def copied(folder: Path, target: Path, theirs: AbstractSet[str] = frozenset()) -> Iterator[str]:
    """Copy what is not there yet, remove what should not be; the lines of ``SHA256SUMS``.

    ``theirs``: files of others, which are written meanwhile. What stands since the last build has
    its line in that build's list. Names are plain text: there are tens of thousands.
    """
    before = _sums(target)
    there = set(_copies(target))
    names = sorted(files(folder))
    for name in there - set(names) - theirs:
        (target / name).unlink()
    for name in names:
        source, copy = f"{folder}{os.sep}{name}", f"{target}{os.sep}{name}"
        try:
            if name in there and name in before and _same(source, copy):
                yield f"{before[name]}  {name}\n"
                continue
            content = Path(source).read_bytes()
            Path(copy).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy)
        except OSError as error:
            raise LedgerError(f"{source}: {error.strerror}; mend its permissions") from error
        yield f"{hashlib.sha256(content).hexdigest()}  {name}\n"


def _copies(target: Path) -> Iterator[str]:
    """What stands there, but for the observations' pages: a folder of one file for each."""
    with os.scandir(target) as entries:
        for entry in entries:
            if not entry.is_dir():
                if entry.name != "index.html":
                    yield entry.name
            elif "Z-" not in entry.name:
                yield from (f"{entry.name}/{name}" for name in files(Path(entry.path)))


def _sums(target: Path) -> dict[str, str]:
    """The hashes that the last build has listed, by name."""
    try:
        lines = (target / "SHA256SUMS").read_text("utf-8").splitlines()
    except OSError:
        return {}
    return {line[66:]: line[:64] for line in lines}


def _same(source: str, copy: str) -> bool:
    one, other = os.stat(source), os.stat(copy)  # noqa: PTH116
    return (one.st_size, one.st_mtime_ns) == (other.st_size, other.st_mtime_ns)


def set_aside(site: Path) -> None:
    """Keep the copies of the last build from being cleared away: a name with a dot is left alone.

    Copying thirty thousand small files anew for each build takes longer than all else.
    """
    if (site / "evidence").is_dir() and not (site / _ASIDE).exists():
        (site / "evidence").rename(site / _ASIDE)


def bring_back(site: Path) -> None:
    """Put the copies that were set aside back in their place, before anything is written there."""
    target, aside = site / "evidence", site / _ASIDE
    if aside.is_dir():
        shutil.rmtree(target, ignore_errors=True)
        aside.rename(target)


_DESCRIPTION = re.compile(r"(<channel>.*?<description>.*?)(</description>)", re.DOTALL)


def add_head(site: Path, head: Head) -> None:
    """Put the head into every ``feed_*`` file of a finished site, once something is sealed."""
    if not head.number:
        return
    for path in site.glob("feed_rss_*.xml"):
        text = path.read_text("utf-8")
        said = f" [evidence {head}]"
        path.write_text(_DESCRIPTION.sub(rf"\g<1>{said}\g<2>", text, count=1), "utf-8")
    for path in site.glob("feed_json_*.json"):
        feed = json.loads(path.read_text("utf-8"))
        feed["_evidence"] = {"number": head.number, "hash": head.hash}
        path.write_text(json.dumps(feed, ensure_ascii=False), "utf-8")
