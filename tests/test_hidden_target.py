"""A target that is to be hidden: asked as it is, and masked in all that is kept and shown."""

import base64
import hashlib
from pathlib import Path

import pytest
from sotokara.core.canonical import canonical, digest
from sotokara.ledger import read_lines

from tests.servers.mood import Mood
from tests.servers.thread import serving
from tests.sites import build as mkdocs
from tests.sites import fence, figures, make_site

SECRET, OTHER = "pc.canary-home.example", "tv.canary-home.example"
PLAIN = "plain.example"


@pytest.fixture(params=["site", "definition"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Mood, str]:
    """Two hidden targets of one shape and one open target, built once; the words are hidden by
    the site's setting, or by each definition's own."""
    mood = Mood()
    own = {"redact": ["canary-home.example"]} if request.param == "definition" else {}
    words = ["canary-home.example"] if request.param == "site" else []
    page = "".join(fence(dns=name, type="A", id=name[:2], **own) for name in (SECRET, OTHER, PLAIN))
    with serving(mood.server):
        where = [mood.server.address]
        folder = make_site(
            tmp_path / "site", {"a.md": page}, resolvers=where, control=where, redact=words
        )
        done = mkdocs(folder)
    assert done.returncode == 0, done.stderr
    return folder, mood, done.stdout + done.stderr


def _forms(word: str) -> list[bytes]:
    plain = word.encode()
    identity = canonical({"dns": word, "type": ["A"]})
    return [
        plain,
        plain[::-1],
        plain.hex().encode(),
        base64.b64encode(plain)[:-4],
        b"".join(bytes([len(label)]) + label.encode() for label in word.split(".")),
        hashlib.sha256(plain).hexdigest().encode(),
        digest(identity).encode(),
        digest(canonical({"dns": word, "type": "A"})).encode(),
    ]


def test_it_is_asked_as_it_is(site: tuple[Path, Mood, str]) -> None:
    _, mood, _ = site
    assert mood.asked() == sorted([SECRET, OTHER, PLAIN])


def test_it_is_nowhere(site: tuple[Path, Mood, str]) -> None:
    folder, _, said = site
    files = [
        path
        for top in ("site", "evidence", ".cache")
        for path in (folder / top).rglob("*")
        if path.is_file()
    ]
    kept = said.encode() + b"".join(path.read_bytes() for path in files)
    assert PLAIN.encode() in kept
    for form in (*_forms(SECRET), *_forms(OTHER), *_forms("canary-home.example")):
        assert form not in kept


def test_each_has_its_own_evidence(site: tuple[Path, Mood, str]) -> None:
    """Masked they look alike; each shows what was answered for itself, also from evidence."""
    folder, _, _ = site
    shown = figures((folder / "site" / "a" / "index.html").read_text("utf-8"))
    assert "pc.xxxxxx-xxxx.xxxxxxx" in shown["pc"]
    (run,) = (folder / "evidence" / "runs").rglob("*.jsonl")
    lines = read_lines(run)
    assert len({line.digest for line in lines}) == 3
    for line in lines:
        assert line.digest == digest(canonical(line.definition))
    done = mkdocs(folder, SOTOKARA_MODE="replay")
    assert done.returncode == 0, done.stderr
    again = figures((folder / "site" / "a" / "index.html").read_text("utf-8"))
    addresses = [_addresses(text) for text in again.values()]
    assert addresses == [_addresses(text) for text in shown.values()]
    assert len(set(addresses)) == 3
    assert all(addresses)


def _addresses(text: str) -> str:
    return next((line for line in text.splitlines() if line.startswith("Address: 198.")), "")


ADDRESSES = ("198.51.100.77", "2001:db8:77::9", "77.canary.example")


def test_addresses_as_targets(tmp_path: Path) -> None:
    mood = Mood()
    page = "".join(
        fence(dns=target, style=style, redact=[target])
        for target in ADDRESSES
        for style in ("nslookup", "dig", "table")
    )
    with serving(mood.server):
        where = [mood.server.address]
        folder = make_site(tmp_path / "site", {"a.md": page}, resolvers=where, control=where)
        done = mkdocs(folder)
    assert done.returncode == 0, done.stderr
    html = (folder / "site" / "a" / "index.html").read_text("utf-8")
    assert html.count("&#9679; Answered") == len(ADDRESSES) * 3
    files = [path for path in folder.rglob("*") if path.is_file() and "docs" not in path.parts]
    kept = b"".join(path.read_bytes() for path in files)
    for target in ADDRESSES:
        assert target.encode() not in kept
