"""Proofs of a line and of growth: RFC 9162's, in the forms of C2SP; both verifiers check them."""

import base64
import re
import struct
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from sotokara.cli import main
from sotokara.ledger import keys, proofs, seals, signing
from sotokara.ledger import verify as verifier
from sotokara.ledger.redact import redact

from tests.tampered import keep, observation, runs, seal_file, sound
from tests.test_format import ENTRIES, ROOTS
from tests.test_verify import by_reader

LEAVES = [verifier.entry_hash(bytes.fromhex(entry)) for entry in ENTRIES]
# Of the tree over ENTRIES, as the tests of Certificate Transparency's logs have them.
PATHS = {
    (0, 8): ["96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
             "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
             "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"],
    (5, 8): ["bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
             "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
             "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): ["6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
             "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
             "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"],
}  # fmt: skip
GROWTH = {
    (2, 5): ["5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
             "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"],
}  # fmt: skip
# The example of Go's package golang.org/x/mod/sumdb/note, whose form C2SP describes.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_TEXT = (
    b"If you think cryptography is the answer to your problem,\n"
    b"then you don't know what your problem is.\n"
)
GO_SIGNATURE = (
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
)


def test_the_paths_of_certificate_transparency() -> None:
    for (index, size), path in PATHS.items():
        nodes = [bytes.fromhex(node) for node in path]
        assert proofs.inclusion(index, LEAVES[:size]) == nodes
        assert verifier.path_root(index, size, LEAVES[index], nodes).hex() == ROOTS[size - 1]
    for (first, second), path in GROWTH.items():
        nodes = [bytes.fromhex(node) for node in path]
        old, new = (bytes.fromhex(ROOTS[size - 1]) for size in (first, second))
        assert proofs.consistency(first, LEAVES[:second]) == nodes
        assert verifier.grew((first, old), (second, new), nodes)


@settings(max_examples=40)
@given(st.integers(1, 40), st.data())
def test_a_proof_holds_for_its_own_numbers_alone(size: int, data: st.DataObject) -> None:
    nodes = [verifier.entry_hash(b"%d" % number) for number in range(size)]
    root = bytes.fromhex(verifier.root_of(nodes))
    index, first = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    path = proofs.inclusion(index, nodes)
    assert verifier.path_root(index, size, nodes[index], path) == root
    for wrong in (path[:-1], [*path, root], path[1:]):
        if wrong != path:
            try:
                assert verifier.path_root(index, size, nodes[index], wrong) != root
            except ValueError:
                continue
    old = bytes.fromhex(verifier.root_of(nodes[:first]))
    path = proofs.consistency(first, nodes)
    assert verifier.grew((first, old), (size, root), path)
    assert verifier.grew((0, b""), (size, root), [])
    assert not verifier.grew((first, old[::-1]), (size, root), path)
    assert not verifier.grew((first, old), (size, root[::-1]), path)
    assert not verifier.grew((first, old), (size, root), [*path, old])
    assert not path or not verifier.grew((first, old), (size, root), path[:-1])


def test_the_signed_note_of_go() -> None:
    key = verifier.parse_key(GO_KEY)
    note = GO_TEXT + f"\n\N{EM DASH} PeterNeumann {GO_SIGNATURE}\n".encode()
    assert signing.parse(GO_PRIVATE).note(GO_TEXT) == note
    assert verifier.signed_by(note, [key], verifier.ed25519_valid) == (GO_TEXT, [key])
    with pytest.raises(ValueError, match="does not verify"):
        verifier.signed_by(note.replace(b"think", b"thinK"), [key], verifier.ed25519_valid)
    for wrong in (GO_KEY.replace("c74f20a3", "c74f20a4"), GO_KEY[:-4], "x", "a+b+c", ""):
        with pytest.raises(ValueError, match="is no key"):
            verifier.parse_key(wrong)


@pytest.fixture
def signed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, str]:
    """A signed ledger with three seals, and its log's key."""
    (tmp_path / "mkdocs.yml").write_text("site_name: t\n")
    folder = tmp_path / "evidence"
    keep(folder, observation("old.example", "192.0.2.1"))
    made = keys.make_key(folder, keys.KeyRequest("blog.example/evidence", "author", None))
    monkeypatch.setenv("SOTOKARA_KEY", made.key.text)
    keep(folder, observation("a.example", "192.0.2.2"), observation("b.example"))
    seals.seal(folder)
    keep(folder, observation("c.example", "192.0.2.3"))
    return folder, made.key.verifier


def run(folder: Path, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, [words[0], "-f", str(folder.parent / "mkdocs.yml"), *words[1:]])
    return done.exit_code, done.output


def checked(folder: Path, proof: bytes, *options: str) -> tuple[int, str]:
    """What the reader's file says of a proof; the command says the same where it is asked alike."""
    file = folder.parent / "x.tlog-proof"
    file.write_bytes(proof)
    code, lines = by_reader("--proof", str(file), *options)
    if str(folder) in options:
        rest = [one for one in options if one != str(folder)]
        assert run(folder, "verify", "--proof", str(file), *rest)[1].splitlines()[:-1] == lines[:-1]
    return code, "\n".join(lines)


def test_a_line_is_proved_without_the_evidence(signed: tuple[Path, str]) -> None:
    folder, key = signed
    name = f"{runs(folder)[1].stem}-2"
    code, text = run(folder, "prove", name)
    assert code == 0
    proof = text.encode()
    assert proof.startswith(b"c2sp.org/tlog-proof@v1\nextra ")
    for where in (["--key", key], [str(folder)]):
        code, said = checked(folder, proof, *where)
        assert code == 0, said
        assert "signed   by blog.example/evidence (log)" in said
        assert '"definition":{"dns":"b.example"}' in said
    entry = base64.b64decode(re.findall(rb"extra (\S+)", proof)[0])
    forged = proof.replace(
        base64.b64encode(entry), base64.b64encode(entry.replace(b"b.example", b"x.example"))
    )
    first, second = proof.split(b"\n")[3:5]
    index = int(re.findall(rb"index (\d+)", proof)[0])
    tampered = [
        (forged, "the leaf is not in the log"),
        (proof.replace(b"index %d" % index, b"index %d" % (index ^ 1)), "is not in the log"),
        (proof.replace(first, second, 1), "the leaf is not in the log"),
        (proof.replace(b"\nblog.example/evidence\n", b"\nx\n"), "does not verify"),
        (proof.replace(b"sotokara head 3", b"sotokara head 1"), "does not verify"),
        (proof.replace(first + b"\n", b""), "the proof is too short"),
        (proof.replace(first, first + b"\n" + first), "the proof is too long"),
        (proof.replace(b"index %d" % index, b"index 99"), "no such leaf"),
        (proof.replace(b"index ", b"index 0"), "no proof"),
        (proof.replace(b"index ", b"index -"), "no proof"),
        (proof.replace(first, b"AA=="), "no proof"),
        (proof.partition(b"\n\n")[0], "no proof"),
        (b"", "no proof"),
        (b"[" * 100_000, "no proof"),
        (proof + b"x" * (1 << 20), "larger than any proof"),
    ]
    trust = verifier.Trust([verifier.parse_key(key)], {})
    for one, what in tampered:
        found, _ = verifier.hold_proof(None, one, trust, signing.valid)
        assert [finding.wrong for finding in found] == [True], what
        assert what in found[0].what
    stranger = signing.SigningKey("blog.example/evidence", b"\x05" * 32)
    code, said = checked(folder, proof, "--key", stranger.verifier)
    assert (code, "no key that you name has signed" in said) == (1, True)


def test_the_log_is_proved_to_have_grown(signed: tuple[Path, str]) -> None:
    folder, key = signed
    old = folder.parent / "kept.note"
    old.write_bytes(max((folder / "seals").glob("*.note")).read_bytes())
    head = seals.head(folder)
    seals.seal(folder)
    code, text = run(folder, "prove", "--from", str(head))
    assert code == 0, text
    assert text.startswith("old ")
    for where in (
        ["--key", key, "--old", str(old)],
        [str(folder)],
        [str(folder), "--head", str(head)],
    ):
        code, said = checked(folder, text.encode(), *where)
        assert code == 0, said
        assert "only added to" in said
    code, said = checked(folder, text.encode(), str(folder), "--head", f"{head.number}:{'ab' * 32}")
    assert (
        code,
        f"WRONG resealed: {seal_file(folder, head.number).relative_to(folder)}" in said,
    ) == (1, True)
    code, said = checked(folder, text.encode(), "--key", key)
    assert (code, "give --old CHECKPOINT" in said) == (1, True)
    hashes = text.split("\n")
    broken = text.replace(hashes[1], hashes[2], 1)
    code, said = checked(folder, broken.encode(), "--key", key, "--old", str(old))
    assert (code, "did not become this one by growing" in said) == (1, True)
    assert run(folder, "prove", "--from", "0")[1].startswith("old 0\n\nblog.example/evidence\n")
    code, said = run(folder, "prove", "--from", f"{head.number}:{'ab' * 32}")
    assert (code, "nothing is proved" in said) == (1, True)
    assert run(folder, "prove", "--from", "99")[0] == 1


def test_what_cannot_be_proved_is_said(signed: tuple[Path, str]) -> None:
    folder, _ = signed
    unsealed = f"{runs(folder)[2].stem}-1"
    assert "not sealed" in run(folder, "prove", unsealed)[1]
    assert run(folder, "prove", "nonsense")[0] == 2
    assert run(folder, "prove")[0] == 2
    redact(folder, ["192.0.2.2"], "a reader asked", "the author")
    hidden, other = (f"{runs(folder)[1].stem}-{line}" for line in (1, 2))
    proof = run(folder, "prove", hidden)[1].encode()  # only its objects were written anew
    assert b"tlog-proof" in proof or b"redacted" in proof
    assert checked(folder, run(folder, "prove", other)[1].encode(), str(folder))[0] == 0


def test_a_log_without_a_key_is_proved_by_its_seals(tmp_path: Path) -> None:
    folder = sound(tmp_path / "evidence")
    (tmp_path / "mkdocs.yml").write_text("site_name: t\n")
    name = f"{runs(folder)[0].stem}-1"
    proof = run(folder, "prove", name)[1].encode()
    code, said = checked(folder, proof, str(folder))
    assert (code, "leaf     1: in the log" in said) == (0, True)
    assert by_reader("--proof", str(tmp_path / "x.tlog-proof"))[0] == 2


def test_a_witness_is_asked_and_its_answer_kept(signed: tuple[Path, str]) -> None:
    """The other side of C2SP's tlog-witness, played with keys of its own."""
    folder, key = signed
    witness = Ed25519PrivateKey.from_private_bytes(b"\x09" * 32)
    public = witness.public_key().public_bytes_raw()
    name = "witness.example/w1"
    key_id = verifier.key_id(name, 4, public)
    verifier_key = f"{name}+{key_id.hex()}+{base64.b64encode(bytes([4]) + public).decode()}"
    with (folder / "signers").open("a") as file:
        file.write(f"witness {verifier_key}\n")
    seals.seal(folder)
    request = run(folder, "prove", "--from", "0")[1].encode()
    proof = verifier.parse_proof(request)
    text, signers = verifier.signed_by(
        proof.note, [verifier.parse_key(key)], verifier.ed25519_valid
    )
    assert (proof.number, proof.path, len(signers)) == (0, [], 1)

    def answer(seconds: int, of: bytes = text) -> str:
        signature = witness.sign(b"cosignature/v1\ntime %d\n" % seconds + of)
        raw = base64.b64encode(key_id + struct.pack("!Q", seconds) + signature).decode()
        file = folder.parent / "answer"
        file.write_text(f"\N{EM DASH} {name} {raw}\n", "utf-8")
        return str(file)

    for wrong in (answer(1_790_000_000, b"other\n"), answer(0), answer(99_999_999_999)):
        assert run(folder, "seal", "--cosign", wrong)[0] == 1
    answer(1_790_000_000, b"other\n")
    assert run(folder, "seal", "--cosign", answer(1_790_000_000, b"other\n"))[0] == 1
    code, said = run(folder, "seal", "--cosign", answer(1_790_000_000))
    assert (code, f"cosigned by {name} on 2026-09-21T14:13:20Z" in said) == (0, True)
    note = max((folder / "seals").glob("*.note")).read_bytes()
    assert run(folder, "seal", "--cosign", answer(1_790_000_000))[0] == 0
    assert max((folder / "seals").glob("*.note")).read_bytes() == note  # once is enough
    code, lines = by_reader(str(folder))
    assert code == 0
    assert any(line.startswith("note cosigned: seals/") and name in line for line in lines)
    own = f"{runs(folder)[1].stem}-1"
    held = checked(
        folder, run(folder, "prove", own)[1].encode(), "--key", key, "--key", verifier_key
    )
    assert (held[0], f"witness  {name} saw it on 2026-09-21T14:13:20Z" in held[1]) == (0, True)
