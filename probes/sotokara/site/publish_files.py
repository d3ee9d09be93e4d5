"""The evidence as a site publishes it: its files, copied, and their hashes in ``SHA256SUMS``."""

import gzip
import hashlib
import json
import os
import re
import shutil
import stat
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path

from sotokara.ledger import LedgerError
from sotokara.ledger import verify as verifier
from sotokara.ledger.seals import SealHead

_ASIDE = ".evidence"
_PAGE = re.compile(r"index\.html|questions/|[^/]*Z-")
"""The pages of a build: the folder's own, and a folder for each observation and each question."""


def listed(folder: Path) -> tuple[list[str], dict[str, str]]:
    """What lies in a ledger, by one walk: its evidence's names, sorted, and what is none.

    Evidence is plain files in the places that a ledger gives them. What is none is not published;
    each name has the reason.
    """
    if not folder.is_dir():
        return [], {}
    source, files, strange = verifier.Folder(str(folder)), [], {}
    for name in source.names():
        if verifier.is_evidence(name):
            files.append(name)
        elif not verifier.belongs(name):
            strange[name] = "no file of a ledger"
    return sorted(files), strange | source.odd


def copied(folder: Path, target: Path, theirs: AbstractSet[str] = frozenset()) -> Iterator[str]:
    """Copy what is not there yet, remove what should not be; the lines of ``SHA256SUMS``.

    ``theirs``: files of others, which are written meanwhile. What stands since the last build has
    its line in that build's list. Names are plain text: there are tens of thousands.
    """
    before = _sums(target)
    there = set(_copies(target))
    names, _ = listed(folder)
    ledger = verifier.Folder(str(folder))
    for name in there - set(names) - theirs:
        (target / name).unlink()
    for name in names:
        source, copy = f"{folder}{os.sep}{name}", f"{target}{os.sep}{name}"
        try:
            if name in there and name in before and _same(source, copy):
                yield f"{before[name]}  {name}\n"
                continue
            large = name.endswith(".parquet")
            content = b"" if large else ledger.read(name)
            Path(copy).parent.mkdir(parents=True, exist_ok=True)
            Path(copy).unlink(missing_ok=True)  # not through a link that stands there
            if large:  # the hash is of what stands there: it is read once more, and never whole
                shutil.copyfile(source, copy, follow_symlinks=False)
                hashed = verifier.Folder(str(target)).sha(name)
            else:
                Path(copy).write_bytes(content)
                hashed = hashlib.sha256(content).hexdigest()
            shutil.copystat(source, copy, follow_symlinks=False)
        except OSError as error:
            raise LedgerError(f"{source}: {error.strerror}; mend its permissions") from error
        yield f"{hashed}  {name}\n"


def _copies(target: Path) -> Iterator[str]:
    """What stands there, links among it, but for the observations' pages."""
    source = verifier.Folder(str(target), published=True)
    for name in source.names():
        if not _PAGE.match(name):
            yield name
    yield from source.odd


def _sums(target: Path) -> dict[str, str]:
    """The hashes that the last build has listed, by name."""
    try:
        lines = (target / "SHA256SUMS").read_text("utf-8").splitlines()
    except OSError:
        return {}
    return {line[66:]: line[:64] for line in lines}


def _same(source: str, copy: str) -> bool:
    one, other = os.lstat(source), os.lstat(copy)
    return stat.S_ISREG(other.st_mode) and (one.st_size, one.st_mtime_ns) == (
        other.st_size,
        other.st_mtime_ns,
    )


def set_aside(site: Path) -> None:
    """Keep the copies of the last build from being cleared away: a name with a dot is left alone.

    Copying thirty thousand small files anew for each build takes longer than all else.
    """
    if (site / "evidence").is_dir() and not (site / _ASIDE).exists():
        (site / "evidence").rename(site / _ASIDE)


def bring_back(site: Path) -> None:
    """Put the copies that were set aside back in their place, before anything is written there."""
    target, aside = site / "evidence", site / _ASIDE
    for folder in (target, aside):
        if folder.is_symlink():  # what is written there would come elsewhere
            folder.unlink()
    if aside.is_dir():
        shutil.rmtree(target, ignore_errors=True)
        aside.rename(target)


_DESCRIPTION = re.compile(r"(<channel>.*?<description>.*?)(</description>)", re.DOTALL)


def add_head(site: Path, head: SealHead) -> None:
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


def add_to_sitemap(site: Path, address: str) -> None:
    """List the observations' pages in the finished site's map, where there is one."""
    path = site / "sitemap.xml"
    if not address or not path.is_file():
        return
    names = sorted(one.parent.name for one in site.glob("evidence/*Z-*/index.html"))[:_MOST_IN_MAP]
    told = "".join(f"    <url><loc>{address}evidence/{name}/</loc></url>\n" for name in names)
    text = path.read_text("utf-8")
    whole = text.replace("</urlset>", f"{told}</urlset>")
    path.write_text(whole, "utf-8")
    if (site / "sitemap.xml.gz").is_file():
        (site / "sitemap.xml.gz").write_bytes(gzip.compress(whole.encode(), mtime=0))


_MOST_IN_MAP = 40_000
"""A map has at most 50,000 addresses."""
