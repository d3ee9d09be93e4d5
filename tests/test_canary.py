"""The author's own network leaves no trace: not in history, site, feed, index, log or temp folder.

The canaries are addresses and names of the author's side of the test network: the computer, its
router, the address the provider gave it, and the provider's routers with their names. They are
looked for as they are, reversed, packed, as DNS writes them, in hex, base64 and as SHA-256.
"""

import base64
import hashlib
import re
import socket
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.lab.names import Internet
from tests.sites import ROOT, fence

pytestmark = pytest.mark.lab

ADDRESSES = (
    "192.168.11.100",
    "192.168.11.254",
    "198.51.100.77",
    *(f"198.51.100.{number}" for number in range(1, 6)),
    "2001:db8:1::100",
    "2001:db8:1::254",
    *(f"2001:db8:51::{number}" for number in range(1, 6)),
)
WORDS = ("LAB-PROVIDER", "64500 | 198", "[64500]", "AS64500.asn", "canary-host")
PUBLIC = ("203.104.255.140", "203.174.64.146", "ni40g-ve12.data-hotel.net")
"""What is not hidden: found, it shows that the search finds."""


@pytest.fixture(scope="module")
def names(_internet: Internet) -> tuple[str, ...]:
    """The PTR names of the author's side, as the test network's own servers have them."""
    found = []
    for address in ADDRESSES:
        text = _internet.run("pc", ["dig", "+short", "-x", address]).stdout
        found += [line.removesuffix(".") for line in text.splitlines()]
    return tuple(found)


@pytest.fixture(scope="module")
def place(_internet: Internet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A blog with paths in every style, built and committed three times on the author's PC."""
    folder = tmp_path_factory.mktemp("canary")
    (folder / "tmp").mkdir()
    site = folder / "blog"
    _write(site)
    _git(site, "init", "-q", "-b", "main")
    environ = {
        **_internet.settings(),
        "SOTOKARA_VANTAGE": "home",
        "TMPDIR": str(folder / "tmp"),
        "NO_MKDOCS_2_WARNING": "1",
        "HOSTNAME": "canary-host",
    }
    argv = [sys.executable, "-m", "mkdocs", "build", "-v", "-d", str(folder / "site")]
    for turn in range(3):
        done = _internet.run("pc", argv, cwd=site, env=environ, timeout=60, should_succeed=False)
        (folder / f"{turn}.log").write_text(done.stdout + done.stderr, "utf-8")
        assert done.returncode == 0, done.stderr
        _git(site, "add", "-A")
        _git(site, "commit", "-q", "--allow-empty", "-m", "evidence")
    return folder


def _git(site: Path, *words: str) -> None:
    who = ["-c", "user.name=author", "-c", "user.email=author@blog.example"]
    subprocess.run(["git", *who, *words], cwd=site, check=True, capture_output=True)


def _write(site: Path) -> None:
    targets = ("ssl3.gcrest.com", "ssl2.gcrest.com", "www.shop.example")
    fences = [
        fence(traceroute=target, wait=0.5, **more)
        for target in targets
        for more in (
            {},
            {"style": "picture", "protocol": "icmp"},
            {"style": "mtr", "protocol": {"tcp": 53}},
            {"style": "traceroute", "family": 6},
        )
    ]
    fences += [
        fence(traceroute="ssl3.gcrest.com", count=2, redact={"hops": "2-6"}, id="path"),
        fence(traceroute="198.51.100.200", wait=0.5),
        fence(dns="ssl3.gcrest.com", server="203.174.64.53"),
    ]
    text = "---\ndate: 2026-11-24\n---\n# A path\n\n" + "\n".join(fences)
    text += "\n`#!probe path.hops | length` hops, `#!probe path.hops[1]`.\n"
    post = site / "docs" / "posts" / "path.md"
    post.parent.mkdir(parents=True)
    post.write_text(text, "utf-8")
    (site / "docs" / "index.md").write_text("# Blog\n", "utf-8")
    config = {
        "site_name": "Canary",
        "site_url": "https://blog.example/",
        "theme": {"name": "material", "font": False},
        "plugins": [
            "search",
            {"blog": {"blog_dir": "."}},
            {
                "rss": {
                    "match_path": "posts/.*",
                    "use_git": False,
                    "date_from_meta": {"as_creation": "date"},
                }
            },
        ],
        "hooks": [str(ROOT / "hooks" / "figures.py")],
        "markdown_extensions": ["sotokara", "pymdownx.superfences", "pymdownx.inlinehilite"],
    }
    (site / "mkdocs.yml").write_text(yaml.safe_dump(config), "utf-8")


def forms(word: str) -> Iterator[bytes]:
    """Every way in which a word is looked for."""
    plain = [word.encode(), word.encode()[::-1], word.upper().encode(), word.lower().encode()]
    packed = []
    if re.fullmatch(r"[\d.]+", word) and word.count(".") == 3:
        packed = [socket.inet_aton(word)]
        labels = word.split(".")[::-1]
        plain.append(".".join(labels).encode())
        plain.append(b"".join(bytes([len(one)]) + one.encode() for one in labels))
    elif ":" in word:
        packed = [socket.inet_pton(socket.AF_INET6, word)]
        nibbles = ".".join(reversed(packed[0].hex()))
        plain += [nibbles.encode(), b"".join(b"\x01" + one.encode() for one in nibbles.split("."))]
    elif "." in word:
        plain.append(b"".join(bytes([len(one)]) + one.encode() for one in word.split(".")))
    for content in (*plain, *packed):
        digest = hashlib.sha256(content)
        yield from (content.hex().encode(), content.hex().upper().encode())
        yield from (digest.hexdigest().encode(), base64.b64encode(digest.digest()), digest.digest())
        for shift in range(3):
            # What a whole text's base64 has of these bytes, wherever they begin in it.
            encoded = base64.b64encode(b"\0" * shift + content)
            yield encoded[-(-8 * shift // 6) : 8 * (shift + len(content)) // 6]
    yield from plain
    yield from (one for one in packed if len(one) > 4)


def contents(place: Path) -> dict[str, bytes]:
    """Everything there is: files of the work tree, site, logs, temp folder, and all git objects."""
    assert (place / "site" / "search" / "search_index.json").exists()
    found = {}
    for path in place.rglob("*"):
        name = str(path.relative_to(place))
        if path.is_file() and "assets/" not in name:
            raw = path.read_bytes()
            packed = ".git/objects/" in name and not name.endswith((".pack", ".idx"))
            found[name] = zlib.decompress(raw) if packed else raw
    return found


def leaks(found: dict[str, bytes], words: tuple[str, ...]) -> list[tuple[str, str, bytes]]:
    """Where any form of any word stands, whole: ``198.51.100.1`` is not in ``198.51.100.12``."""
    hits = []
    for word in words:
        for form in {one for one in forms(word) if len(one) > 5}:
            exact = re.escape(form)
            if form.decode("ascii", "ignore").lower() == word.lower():
                exact = rb"(?<![0-9A-Za-z.:])" + exact + rb"(?![0-9A-Za-z:]|\.\d)"
            pattern = re.compile(exact)
            hits += [(word, name, form) for name, text in found.items() if pattern.search(text)]
    return hits


def test_the_search_finds_what_is_public(place: Path) -> None:
    found = contents(place)
    for word in PUBLIC:
        assert leaks(found, (word,)), word
    name = b"\x0ani40g-ve12\x0adata-hotel\x03net"
    encoded = {base64.b64encode(b"\0" * shift + name)[4:-4] for shift in range(3)}
    assert any(form in text for form in encoded for text in found.values())
    assert any("feed_rss" in name for name in found)
    assert any(name.endswith(".log") for name in found)


def test_nothing_of_the_authors_network_is_kept(place: Path, names: tuple[str, ...]) -> None:
    assert len(names) >= 5
    hits = leaks(contents(place), (*ADDRESSES, *names, *WORDS))
    assert hits == [], "\n".join(map(str, hits))


def test_masked_hops_have_the_posts_shape(place: Path) -> None:
    pages = [path.read_text("utf-8") for path in (place / "site").rglob("index.html")]
    text = next(one for one in pages if "Tracing route" in one)
    assert "192.168.xxx.254" in text
    assert "******** [******]" in text


def test_machine_has_what_is_hidden(lab: Internet) -> None:
    """The canaries are real: the computer and the path do show them to whoever looks."""
    seen = lab.run("pc", ["ip", "-o", "address"]).stdout
    path = lab.run("pc", ["traceroute", "-n", "-q1", "203.104.255.140"]).stdout
    for address in ADDRESSES[:2]:
        assert address in seen + path
    assert "198.51.100.3" in path
