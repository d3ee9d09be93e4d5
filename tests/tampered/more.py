"""More defects: of format 2, of signatures, of format 1, and files that no verifier may fall over.

Each spoils a copy of a sound ledger (``tests/tampered``'s, a signed one, or one of format 1).
"""

import base64
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sotokara.core.canonical import canonical, digest
from sotokara.ledger import keys, seals
from sotokara.ledger import verify as verifier
from sotokara.ledger.signing import SigningKey

from tests.tampered import (
    Defect,
    all_sealed_again,
    keep,
    observation,
    replace,
    reseal,
    runs,
    seal_file,
)

SALT = re.compile(rb',"(?:salt|blinds)":"([0-9a-f.]*)"')
STONE = "tombstones/000001.json"


def entomb(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the tombstone, and make the seals agree with it, as far as a forger can."""
    path = folder / STONE
    stone = json.loads(path.read_bytes())
    change(stone)
    path.write_bytes(canonical(stone) + b"\n")
    _again(folder)


def _again(folder: Path) -> object:
    """Throw the seals away and seal anew what is there."""
    shutil.rmtree(folder / "seals")
    return seals.seal(folder)


def _stone_of_any_lines(folder: Path) -> None:
    """A forged tombstone: excuses a change of a line that nobody had redacted."""
    run = runs(folder)[0]
    name = run.relative_to(folder).as_posix()
    replace(run, b'"duration":0.01', b'"duration":0.02')
    lines = {str(n): ["0" * 64, digest(line)] for n, line in enumerate(
        verifier.bare_lines(run.read_bytes())[0], 1)}  # fmt: skip
    stone = {"v": 2, "number": 2, "date": "2026-01-01", "by": "x", "reason": "y", "objects": 0,
             "runs": {name: {"lines": lines}}}  # fmt: skip
    (folder / "tombstones/000002.json").write_bytes(canonical(stone) + b"\n")
    seals.seal(folder)


def _other_line_too(folder: Path) -> None:
    """A redacted run: another line of it is changed as well."""
    run = runs(folder)[1]
    assert run.read_bytes().count(b"\n") == 2
    replace(run, b"quiet.example.com", b"other.example.com")


def _named_in_replaces(folder: Path) -> None:
    """All sealed again, and the published head named as replaced."""
    head = seals.head(folder)
    all_sealed_again(folder)
    while seals.head(folder).number < head.number:
        seals.seal(folder, [head.hash])


def _dropped_kept_but_altered(folder: Path) -> None:
    """The same, with the published seals kept aside, and a run that is another."""
    head = seals.head(folder)
    old = {path: path.read_bytes() for path in (folder / "seals").glob("*.json")}
    replace(runs(folder)[0], b'"duration":0.01', b'"duration":0.02')
    run = runs(folder)[0]
    run.rename(run.with_name(f"{run.stem[:-8]}{digest(run.read_bytes())[:8]}.jsonl"))
    all_sealed_again(folder)
    (folder / "seals/dropped").mkdir()
    for content in old.values():
        (folder / f"seals/dropped/{digest(content)}.json").write_bytes(content)
    while seals.head(folder).number < head.number:
        seals.seal(folder, [digest(content) for content in old.values()])


def _dropped_unnamed(folder: Path) -> None:
    content = seal_file(folder, 1).read_bytes()
    (folder / "seals/dropped").mkdir()
    (folder / f"seals/dropped/{digest(content)}.json").write_bytes(content)


def _dropped_misnamed(folder: Path) -> None:
    (folder / "seals/dropped").mkdir()
    (folder / f"seals/dropped/{'0' * 64}.json").write_bytes(seal_file(folder, 1).read_bytes())


def _moved(folder: Path) -> None:
    run = runs(folder)[-1]
    there = folder / "runs/2020/01/01" / run.name
    there.parent.mkdir(parents=True)
    run.rename(there)


def _future(folder: Path) -> None:
    content = runs(folder)[-1].read_bytes()
    there = folder / "runs/2999/01/01" / f"29990101T000000000Z-author-{digest(content)[:8]}.jsonl"
    there.parent.mkdir(parents=True)
    there.write_bytes(content)


def _claimed(folder: Path) -> None:
    """Sealed today, and says that it is of 2020."""
    content = runs(folder)[-1].read_bytes()
    there = folder / "runs/2020/01/01" / f"20200101T000000000Z-author-{digest(content)[:8]}.jsonl"
    there.parent.mkdir(parents=True)
    there.write_bytes(content)
    seals.seal(folder)


def _rewritten(folder: Path, change: Callable[[bytes], bytes]) -> Path:
    """An unsealed run handed in by somebody who knows how runs are named."""
    run = keep(folder, observation("evil.example", "192.0.2.66"))
    content = change(run.read_bytes())
    run.with_suffix(".sig").unlink(missing_ok=True)
    run.unlink()
    there = run.with_name(f"{run.stem[:-8]}{digest(content)[:8]}.jsonl")
    there.write_bytes(content)
    return there


def _disguised(folder: Path) -> None:
    """A line of 2019, written so that a search for its time finds nothing."""
    _rewritten(folder, lambda c: re.sub(rb'"start":"\d{4}', b'"start" : "2019', c))


def _hidden_objects(folder: Path) -> None:
    """Facts that nobody can look up, and a key written so that a search does not see it."""
    _rewritten(folder, lambda c: c.replace(b'"facts":"', b'"\\u0066acts":"'))


def _key_twice(folder: Path) -> None:
    _rewritten(
        folder, lambda c: c.replace(b'"start":"', b'"start":"2019-01-01T00:00:00Z","start":"')
    )


def _backdated(folder: Path) -> None:
    """Who has no key seals in a time when none was asked for: the run seems to be of that time."""
    content = keep(folder, observation("evil.example", "192.0.2.66"))
    text = re.sub(rb'"start":"[^T]+T', b'"start":"2020-01-01T', content.read_bytes())
    content.with_suffix(".sig").unlink(missing_ok=True)
    content.unlink()
    there = folder / "runs/2020/01/01" / f"20200101T000000000Z-author-{digest(text)[:8]}.jsonl"
    there.parent.mkdir(parents=True)
    there.write_bytes(text)
    signers = (folder / "signers").read_bytes() if (folder / "signers").is_file() else b""
    (folder / "signers").unlink(missing_ok=True)  # `seal` refuses who has no key of the log
    made = seals.seal(folder)
    assert made
    if signers:
        (folder / "signers").write_bytes(signers)
    reseal(folder, made.number, sealed="2020-01-01T01:00:00Z")
    seal_file(folder, made.number).with_suffix(".note").unlink(missing_ok=True)


def written(name: str, content: bytes) -> Callable[[Path], object]:
    def spoil(folder: Path) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    return spoil


def token(content: Callable[[str], bytes]) -> Callable[[Path], object]:
    def spoil(folder: Path) -> None:
        hashed = digest(seal_file(folder, 1).read_bytes())
        (folder / "seals/000001.tsr").write_bytes(content(hashed))

    return spoil


def _der(hashed: str, *, tail: bytes = b"") -> bytes:
    inside = bytes.fromhex("06092a864886f70d010702060b2a864886f70d0109100104")
    inside += bytes.fromhex("0609608648016503040201") + b"\x05\x00\x04\x20" + bytes.fromhex(hashed)
    return b"\x30" + bytes([len(inside)]) + inside + tail


def seal_with(which: int, /, **fields: object) -> Callable[[Path], object]:
    return lambda folder: reseal(folder, which, **fields)


def _first_files(folder: Path) -> list[Any]:
    return list(json.loads(seal_file(folder, 1).read_bytes())["files"])


DEEP = b"[" * 100_000
FORMAT_2: dict[str, Defect] = {
    "tombstone-of-any-lines": Defect(_stone_of_any_lines, "altered", "runs/"),
    "tombstone-excuses-no-other-line": Defect(_other_line_too, "altered", "runs/"),
    "tombstone-list": Defect(written(STONE, b"[]"), "altered", STONE),
    "tombstone-number": Defect(written(STONE, b"5"), "altered", STONE),
    "tombstone-deep": Defect(written(STONE, DEEP), "altered", STONE),
    "tombstone-resealed-list": Defect(
        lambda f: [written(STONE, b"[]\n")(f), _again(f)], "altered", STONE
    ),
    "tombstone-resealed-deep": Defect(
        lambda f: [written(STONE, DEEP)(f), _again(f)], "altered", STONE
    ),
    "tombstone-runs-list": Defect(
        lambda f: entomb(f, lambda s: s.update(runs=[])), "altered", STONE
    ),
    "tombstone-runs-number": Defect(
        lambda f: entomb(f, lambda s: s.update(runs={"x": 5})), "altered", STONE
    ),
    "tombstone-lines-list": Defect(
        lambda f: entomb(f, lambda s: next(iter(s["runs"].values())).update(lines=[1])),
        "altered", STONE,
    ),
    "tombstone-lines-no-number": Defect(
        lambda f: entomb(f, lambda s: next(iter(s["runs"].values())).update(
            lines={"x": ["0" * 64, "0" * 64]})), "altered", STONE,
    ),
    "tombstone-lines-no-hash": Defect(
        lambda f: entomb(f, lambda s: next(iter(s["runs"].values())).update(lines={"1": [1, 2]})),
        "altered", STONE,
    ),
    "tombstone-of-version-1": Defect(
        lambda f: entomb(f, lambda s: s.update(v=1)), "altered", STONE
    ),
    "tombstone-of-version-9": Defect(lambda f: entomb(f, lambda s: s.update(v=9)), "newer", STONE),
    "tombstone-no-reason": Defect(lambda f: entomb(f, lambda s: s.pop("reason")), "altered", STONE),
    "tombstone-of-no-such-run": Defect(
        lambda f: entomb(f, lambda s: s.update(runs={"runs/x": {"lines": {}}})), "altered", STONE
    ),
    "named-in-replaces": Defect(_named_in_replaces, "resealed", "seals/"),
    "dropped-kept-but-altered": Defect(_dropped_kept_but_altered, "altered", "seals/dropped/"),
    "dropped-unnamed": Defect(_dropped_unnamed, "extra", "seals/dropped/"),
    "dropped-misnamed": Defect(_dropped_misnamed, "altered", "seals/dropped/"),
    "dropped-junk": Defect(
        written(f"seals/dropped/{digest(DEEP)}.json", DEEP), "altered", "seals/dropped/"
    ),
    "seal-replaces-number": Defect(seal_with(3, replaces=5), "altered", "seals/000003"),
    "seal-replaces-numbers": Defect(seal_with(3, replaces=[5]), "altered", "seals/000003"),
    "seal-list": Defect(written("seals/000002.json", b"[]"), "altered", "seals/000002"),
    "seal-null": Defect(written("seals/000002.json", b"null"), "altered", "seals/000002"),
    "seal-empty": Defect(written("seals/000002.json", b""), "altered", "seals/000002"),
    "seal-deep": Defect(written("seals/000002.json", DEEP), "altered", "seals/000002"),
    "seal-not-utf-8": Defect(written("seals/000002.json", b"\xff\xfe"), "altered", "seals/000002"),
    "seal-huge-number": Defect(
        written("seals/000002.json", b'{"v":2,"number":' + b"9" * 100_000 + b"}"),
        "altered", "seals/000002",
    ),
    "seal-large-size": Defect(seal_with(2, size=1 << 70), "altered", "seals/000002"),
    "seal-negative-size": Defect(seal_with(2, size=-1), "altered", "seals/000002"),
    "seal-size-true": Defect(seal_with(2, size=True), "altered", "seals/000002"),
    "seal-files-number": Defect(seal_with(2, files=5), "altered", "seals/000002"),
    "seal-files-of-numbers": Defect(seal_with(2, files=[5]), "altered", "seals/000002"),
    "seal-files-too-short": Defect(seal_with(2, files=[["x"]]), "altered", "seals/000002"),
    "seal-root-number": Defect(seal_with(2, root=5), "altered", "seals/000002"),
    "seal-root-word": Defect(seal_with(2, root="x"), "altered", "seals/000002"),
    "seal-peaks-gone": Defect(seal_with(2, peaks=[]), "altered", "seals/000002"),
    "seal-peaks-others": Defect(
        lambda f: reseal(f, 2, peaks=["0" * 64] * len(
            json.loads(seal_file(f, 2).read_bytes())["peaks"])), "altered", "seals/000002",
    ),
    "seal-lines-others": Defect(
        lambda f: reseal(f, 1, files=[[p, n + 1, h] for p, n, h in _first_files(f)]),
        "altered", "seals/000001",
    ),
    "seal-back-to-version-1": Defect(
        lambda f: reseal(f, 2, v=1, files=[["runs/x", "0" * 64]]), "altered", "seals/000002"
    ),
    "seal-of-the-future": Defect(seal_with(3, sealed="2999-01-01T00:00:00Z"), "future", "000003"),
    "seal-without-time": Defect(seal_with(2, sealed=5), "resealed", "seals/000003"),
    "run-moved": Defect(_moved, "moved", "runs/2020/01/01"),
    "run-of-the-future": Defect(_future, "future", "runs/2999"),
    "run-claimed": Defect(_claimed, "sealed_late", "runs/2020/01/01"),
    "run-disguised": Defect(_disguised, "altered", ".jsonl:1"),
    "run-of-hidden-objects": Defect(_hidden_objects, "altered", ".jsonl:1"),
    "run-key-twice": Defect(_key_twice, "altered", ".jsonl:1"),
    "seal-backdated": Defect(_backdated, "backdated", "seals/"),
    "seal-of-no-time": Defect(seal_with(3, sealed="soon"), "altered", "seals/000003"),
    "run-salt-others": Defect(
        lambda f: runs(f)[0].write_bytes(
            SALT.sub(b',"salt":"00"', runs(f)[0].read_bytes(), 1)), "altered", "runs/",
    ),
    "run-without-salt": Defect(
        lambda f: runs(f)[0].write_bytes(SALT.sub(b"", runs(f)[0].read_bytes(), 1)),
        "altered", "runs/",
    ),
    "run-lines-swapped": Defect(
        lambda f: runs(f)[0].write_bytes(
            b"".join(reversed(runs(f)[0].read_bytes().splitlines(keepends=True)))),
        "altered", "runs/",
    ),
    "run-no-last-line-end": Defect(
        lambda f: runs(f)[0].write_bytes(runs(f)[0].read_bytes().rstrip(b"\n")), "altered", "runs/"
    ),
    "run-deep": Defect(lambda f: runs(f)[0].write_bytes(DEEP + b"\n"), "altered", "runs/"),
    "run-not-utf-8": Defect(
        lambda f: replace(runs(f)[0], b"author", b"auth\xff"), "altered", "runs/"
    ),
    "object-deep": Defect(
        lambda f: next((f / "objects").rglob("*.json")).write_bytes(DEEP), "altered", "objects/"
    ),
    "token-bare-hash": Defect(token(bytes.fromhex), "altered", ".tsr"),
    "token-hash-in-junk": Defect(
        token(lambda h: b"junk" + bytes.fromhex(h) + b"junk"), "altered", ".tsr"
    ),
    "token-empty": Defect(token(lambda _: b""), "altered", ".tsr"),
    "token-of-another-hash": Defect(token(lambda _: _der("ab" * 32)), "altered", ".tsr"),
    "token-with-a-tail": Defect(token(lambda h: _der(h, tail=b"x")), "altered", ".tsr"),
    "token-cut-off": Defect(token(lambda h: _der(h)[:-3]), "altered", ".tsr"),
    "extra-note": Defect(written("seals/000099.note", b"x"), "extra", "000099.note"),
    "extra-signature": Defect(
        written("runs/2026/01/01/20260101T000000000Z-a-abcdef12.sig", b"x"), "extra", ".sig"
    ),
    "signature-without-signers": Defect(
        lambda f: runs(f)[-1].with_suffix(".sig").write_bytes(b"x"), "missing", "signers"
    ),
    "extra-page": Defect(written("evil.html", b"<script>"), "extra", "evil.html"),
    "extra-link": Defect(
        lambda f: (f / "README.md").symlink_to("/proc/self/environ"), "extra", "README.md"
    ),
    "extra-escape-in-name": Defect(written("a\x1b[2J.txt", b"x"), "extra", "a\\u001b[2J.txt"),
    "extra-bidi-in-name": Defect(written("a\u202e.txt", b"x"), "extra", "a\\u202e.txt"),
    "extra-digits-of-others": Defect(written("seals/٠٠٠٠٠١.json", b"x"), "extra", "seals/"),
    "extra-seven-digits": Defect(written("seals/0000001.json", b"x"), "extra", "seals/0000001"),
}  # fmt: skip


def note_of(path: Path) -> tuple[bytes, bytes]:
    content = path.read_bytes()
    at = content.index(b"\n\n") + 1
    return content[:at], content[at:]


def _by_another(folder: Path, path: Path) -> None:
    text, _ = note_of(path)
    name = verifier.parse_note(path.read_bytes())[1][0][0]
    path.write_bytes(SigningKey(name, b"\x05" * 32).note(text))


def _signature(folder: Path) -> Path:
    return min(folder.rglob("*.sig"))


def _note(folder: Path) -> Path:
    return max((folder / "seals").glob("*.note"))


def _renamed(folder: Path) -> None:
    """An unsealed signed run is given another time."""
    run = runs(folder)[-1]
    stamp = run.name[:9] + "000000000Z"
    there = run.with_name(stamp + run.name[19:])
    run.with_suffix(".sig").rename(there.with_suffix(".sig"))
    run.rename(there)


def _key_added(folder: Path) -> None:
    """Somebody writes a key of his own into `signers`."""
    with (folder / "signers").open("a") as file:
        file.write(f"vantage author {SigningKey('evil.example', b'E' * 32).verifier} - -\n")


def _keys_of_others(folder: Path) -> None:
    """Somebody names a key of his own, and seals and signs with it as if it were the blog's."""
    evil = SigningKey("evil.example", b"E" * 32)
    since = json.loads(max((folder / "seals").glob("*.json")).read_bytes())["sealed"]
    since = f"{since[:-2]}{(int(since[-2]) + 1) % 10}Z"
    with (folder / "signers").open("a") as file:
        file.write(f"log {evil.verifier} {since} -\nvantage author {evil.verifier} {since} -\n")
    assert keys.seal_with(folder, evil)


def _flipped(folder: Path) -> None:
    path = _signature(folder)
    text, rest = note_of(path)
    words = rest.decode().strip().split(" ")
    raw = bytearray(base64.b64decode(words[2]))
    raw[-1] ^= 1
    words[2] = base64.b64encode(raw).decode()
    path.write_bytes(text + b"\n" + " ".join(words).encode() + b"\n")


SIGNED: dict[str, Defect] = {
    "signature-flipped": Defect(_flipped, "signature", ".sig"),
    "signature-by-another": Defect(lambda f: _by_another(f, _signature(f)), "signature", ".sig"),
    "signature-junk": Defect(
        lambda f: _signature(f).write_bytes(b"\xff" * 100), "signature", ".sig"
    ),
    "signature-empty": Defect(lambda f: _signature(f).write_bytes(b""), "signature", ".sig"),
    "signature-of-another-run": Defect(
        lambda f: shutil.copy(sorted(f.rglob("*.sig"))[1], _signature(f)), "signature", ".sig"
    ),
    "signature-taken-away": Defect(lambda f: _signature(f).unlink(), "missing", ".sig"),
    "signed-run-altered": Defect(
        lambda f: replace(runs(f)[1], b'"duration":0.01', b'"duration":0.02'), "altered", "runs/"
    ),
    "signed-run-renamed": Defect(_renamed, "signature", ".sig"),
    "note-by-another": Defect(lambda f: _by_another(f, _note(f)), "signature", ".note"),
    "note-of-another-seal": Defect(
        lambda f: shutil.copy(min((f / "seals").glob("*.note")), _note(f)),
        "signature", ".note",
    ),
    "note-text-altered": Defect(
        lambda f: replace(_note(f), b"head", b"haed"), "signature", ".note"
    ),
    "note-junk": Defect(lambda f: _note(f).write_bytes(b"\n\n\n"), "signature", ".note"),
    "note-taken-away": Defect(lambda f: _note(f).unlink(), "missing", ".note"),
    "signers-taken-away": Defect(lambda f: (f / "signers").unlink(), "missing", "signers"),
    "signers-key-added": Defect(_key_added, "altered", "signers"),
    "signers-junk": Defect(
        lambda f: (f / "signers").write_bytes(b"\xff x y"), "altered", "signers"
    ),
    "seal-backdated-signed": Defect(_backdated, "backdated", "seals/"),
    "signers-replaced-by-others": Defect(_keys_of_others, "keys", "seals/"),
    "note-of-many-signatures": Defect(
        lambda f: _note(f).write_bytes(
            _note(f).read_bytes() + _note(f).read_bytes().splitlines(keepends=True)[-1] * 200),
        "signature", ".note",
    ),
    "run-by-others": Defect(
        lambda f: keep(f, observation("evil.example", "192.0.2.66")), "others", "runs/"
    ),
}  # fmt: skip

FORMAT_1: dict[str, Defect] = {
    "v1-altered-run": Defect(
        lambda f: replace(runs(f)[0], b'"duration":0.01', b'"duration":0.02'), "altered", "runs/"
    ),
    "v1-missing-run": Defect(lambda f: runs(f)[0].unlink(), "missing", "runs/"),
    "v1-altered-seal": Defect(
        seal_with(1, sealed="2020-01-01T00:00:00Z"), "resealed", "seals/000002"
    ),
    "v1-rolled-back": Defect(
        lambda f: max((f / "seals").glob("*.json")).unlink(), "rolled_back", "seals/"
    ),
    "v1-tombstone-list": Defect(written(STONE, b"[]"), "altered", STONE),
    "v1-replaces-number": Defect(seal_with(3, replaces=5), "altered", "seals/000003"),
    "v1-line-ends": Defect(
        lambda f: runs(f)[0].write_bytes(runs(f)[0].read_bytes().replace(b"\n", b"\r\n")),
        "line_ends", "runs/",
    ),
}  # fmt: skip
