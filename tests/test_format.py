"""Format 2: leaves, heads and signatures as docs/guide/format.md has them; format 1 for ever."""

import base64
import hashlib
import json
import re
import shutil
import struct
from pathlib import Path

import dns.message
import dns.rrset
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from sotokara.cli import main
from sotokara.ledger import LedgerError, keys, seals, signing
from sotokara.ledger import verify as verifier
from sotokara.ledger.redact import redact
from sotokara.ledger.repair import repair
from sotokara.ledger.withdraw import which, withdraw

from tests.sites import ROOT
from tests.tampered import keep, observation, runs, seal_file, sound
from tests.test_seal import root_of

# RFC 8032, 7.1: secret key, public key, message, signature.
RFC_8032 = [
    ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b4"
     "6bd25bf5f0595bbe24655141438e7a100b"),
    ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8"
     "c387b2eaeb4302aeeb00d291612bb0c00"),
    ("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc65"
     "94a7c15e9716ed28dc027beceea1ec40a"),
]  # fmt: skip


@pytest.mark.parametrize(("secret", "public", "message", "signature"), RFC_8032)
def test_ed25519_as_rfc_8032_has_it(secret: str, public: str, message: str, signature: str) -> None:
    key, text, proof = map(bytes.fromhex, (public, message, signature))
    own = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
    assert own.public_key().public_bytes_raw() == key
    for valid in (verifier.ed25519_valid, signing.valid):
        assert valid(key, text, proof)
        assert not valid(key, text + b"x", proof)
        assert not valid(key, text, proof[:-1] + bytes([proof[-1] ^ 1]))
        assert not valid(key, text, bytes([proof[0] ^ 1]) + proof[1:])
        assert not valid(key, text, proof[:63])
        assert not valid(b"\xff" * 32, text, proof)
    order = 2**252 + 27742317777372353535851937790883648493
    s = int.from_bytes(proof[32:], "little") + order  # the same point, written otherwise
    assert not verifier.ed25519_valid(key, text, proof[:32] + s.to_bytes(32, "little"))


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=64), st.binary(max_size=70))
def test_both_ed25519_agree(seed: bytes, message: bytes, junk: bytes) -> None:
    own = Ed25519PrivateKey.from_private_bytes(seed)
    public = own.public_key().public_bytes_raw()
    assert verifier.ed25519_valid(public, message, own.sign(message))
    assert verifier.ed25519_valid(public, message, junk) == signing.valid(public, message, junk)


def test_a_signed_note_as_c2sp_has_it() -> None:
    """The example of c2sp.org/signed-note (its key, and a note in its form)."""
    vkey = "example.com/foo+530de6a6+ATEhkFn0Kbq5sC2pYYxbVNmJ6HjVJhzQ0SLUuZ1PxFHg"
    name, given_id, coded = vkey.split("+", 2)
    raw = base64.b64decode(coded)
    assert len(raw) == 33
    expected = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    assert verifier.key_id(name, raw[0], raw[1:]) == expected
    assert len(given_id) == 8
    key = signing.SigningKey("example.com/log", b"\x01" * 32)
    note = key.note(verifier.checkpoint("example.com/log", 15368405, "00" * 32, "1:" + "0" * 64))
    lines = note.decode().split("\n")
    assert lines[:3] == ["example.com/log", "15368405", base64.b64encode(b"\0" * 32).decode()]
    assert lines[4] == ""
    assert lines[5].startswith("\N{EM DASH} example.com/log ")
    assert note.endswith(b"\n")
    text, signatures = verifier.parse_note(note)
    assert text == note[: note.index(b"\n\n") + 1]
    ((who, key_id, signature),) = signatures
    assert (who, key_id) == (key.name, verifier.key_id(key.name, 1, key.public))
    assert signing.valid(key.public, text, signature)
    assert signing.parse(key.text) == key


# RFC 6962: the tree over these entries, whose roots the test logs of Certificate Transparency have.
ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657",
           "606162636465666768696a6b6c6d6e6f"]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def test_the_tree_of_certificate_transparency() -> None:
    tree = verifier.Tree()
    for entry, root in zip(ENTRIES, ROOTS, strict=True):
        tree.leaf(verifier.entry_hash(bytes.fromhex(entry)))
        assert tree.root() == root
        again = verifier.Tree(tree.size, map(bytes.fromhex, tree.peaks))
        assert again.root() == root


def found(folder: Path, head: str = "") -> set[str]:
    every = verifier.verify(verifier.Folder(str(folder)), head)
    return {one.code for one in every}


def test_a_seal_is_what_the_guide_says(tmp_path: Path) -> None:
    sound(tmp_path / "evidence")
    folder = tmp_path / "evidence"
    nodes = [hashlib.sha256(b"\0sotokara log 2").digest()]
    entries = [b"sotokara log 2"]
    before = ""
    for path in sorted((folder / "seals").glob("*.json"))[:2]:
        seal = json.loads(path.read_bytes())
        assert seal["previous"] == before
        before = hashlib.sha256(path.read_bytes()).hexdigest()
        for name, lines, hashed in seal["files"]:
            texts = (folder / name).read_bytes().splitlines()
            if name in {run.relative_to(folder).as_posix() for run in runs(folder)[1:2]}:
                entries = []
                break  # redacted: its leaves are the tombstone's
            assert len(texts) == lines
            salt = json.loads(texts[0])["salt"]
            texts[0] = re.sub(rb',"salt":"[0-9a-f]+"', b"", texts[0])
            made = hashlib.shake_256(b"sotokara leaf salts" + salt.encode()).digest(16 * lines)
            own = [
                made[16 * n : 16 * n + 16] + f"{name}:{n + 1}\n".encode() + text
                for n, text in enumerate(texts)
            ]
            assert root_of(own).hex() == hashed
            entries += own
    assert nodes


def test_format_1_verifies_for_ever(tmp_path: Path) -> None:
    for folder, head in (
        (ROOT / "evidence", ""),
        (ROOT / "tests/ledgers/format-1", (ROOT / "tests/ledgers/format-1.head").read_text()),
    ):
        assert not found(folder, head.strip()) & {"altered", "missing", "resealed", "extra"}
    copy = tmp_path / "evidence"
    shutil.copytree(ROOT / "tests/ledgers/format-1", copy)
    old = seals.head(copy)
    keep(copy, observation("new.example", "192.0.2.9"))
    assert seals.seal(copy)
    assert found(copy, str(old)) == {"redacted", "sealed_late"} & found(copy) | {"redacted"}
    newest = json.loads(seal_file(copy, old.number + 1).read_bytes())
    assert newest["v"] == 2
    assert newest["previous"] == old.hash
    tree = verifier.Tree()
    tree.leaf(verifier.beginning(*old))
    assert newest["size"] > 1
    changed = runs(copy)[0]
    changed.write_bytes(changed.read_bytes().replace(b'"duration":0.01', b'"duration":0.02'))
    assert "altered" in found(copy)


def test_format_2_is_kept_as_a_small_ledger() -> None:
    folder = ROOT / "tests/ledgers/format-2"
    head = (ROOT / "tests/ledgers/format-2.head").read_text().strip()
    codes = found(folder, head)
    assert not codes & {"altered", "missing", "resealed", "extra", "signature", "others"}
    assert (folder / "signers").is_file()


def test_a_build_upgrades_nothing(tmp_path: Path) -> None:
    copy = tmp_path / "evidence"
    shutil.copytree(ROOT / "tests/ledgers/format-1", copy)
    keep(copy, observation("new.example", "192.0.2.9"))
    assert seals.head(copy).number == len(list((copy / "seals").glob("*.json")))
    assert json.loads(seal_file(copy, seals.head(copy).number).read_bytes())["v"] == 1


def test_redacting_format_1_upgrades_and_proves_the_rest(tmp_path: Path) -> None:
    copy = tmp_path / "evidence"
    shutil.copytree(ROOT / "tests/ledgers/format-1", copy)
    old = seals.head(copy)
    done = redact(copy, ["192.0.2.2"], "a reason", "somebody")
    assert done.tombstone
    assert found(copy, str(old)) - {"sealed_late"} == {"redacted"}
    (name,) = done.runs
    run = copy / name
    run.write_bytes(run.read_bytes().replace(b"0.01", b"0.02"))
    assert "altered" in found(copy)


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    """A ledger with a run from before signing, a key, and signed runs."""
    (tmp_path / "mkdocs.yml").write_text("site_name: t\nsite_url: https://blog.example/\n")
    folder = tmp_path / "evidence"
    keep(folder, observation("old.example", "192.0.2.1"))
    done = CliRunner().invoke(main, ["key", "-f", str(tmp_path / "mkdocs.yml")])
    assert done.exit_code == 0, done.output
    keep(folder, observation("new.example", "192.0.2.2"), observation("b.example"))
    seals.seal(folder)
    return folder


def test_a_signed_ledger_is_sound(signed: Path) -> None:
    assert found(signed) == set()
    sigs = list(signed.rglob("*.sig"))
    assert len(sigs) == 1
    assert len(list((signed / "seals").glob("*.note"))) == 2
    file = signed.parent / ".sotokara.key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert ".sotokara.key*" in (signed.parent / ".gitignore").read_text()
    name = f"{runs(signed)[1].stem}-1"
    lines = verifier.look(verifier.Folder(str(signed)), name)[1]
    assert any("signed by blog.example/evidence" in line for line in lines)
    file.chmod(0o644)
    with pytest.raises(LedgerError, match="chmod 600"):
        signing.find_key(signed)


def test_a_key_that_changes_and_one_that_is_lost(signed: Path) -> None:
    head = str(seals.head(signed))
    config = str(signed.parent / "mkdocs.yml")
    refused = CliRunner().invoke(main, ["key", "-f", config])
    assert refused.exit_code == 1
    assert "--replace" in refused.output
    (signed.parent / ".sotokara.key").unlink()  # lost
    done = CliRunner().invoke(main, ["key", "-f", config, "--replace"])
    assert done.exit_code == 0, done.output
    keep(signed, observation("later.example", "192.0.2.3"))
    seals.seal(signed)
    assert found(signed, head) == {"keys"}  # nobody can tell it from a stranger's, and it is said
    assert len(verifier.parse_signers((signed / "signers").read_bytes())) == 4


def test_a_key_that_is_there_signs_for_the_one_that_follows_it(signed: Path) -> None:
    head = str(seals.head(signed))
    config = str(signed.parent / "mkdocs.yml")
    assert CliRunner().invoke(main, ["key", "-f", config, "--replace"]).exit_code == 0
    keep(signed, observation("later.example", "192.0.2.3"))
    seals.seal(signed)
    assert found(signed, head) == set()


def test_a_key_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mkdocs.yml").write_text("site_name: t\nsite_url: https://blog.example/\n")
    command = ["key", "-f", str(tmp_path / "mkdocs.yml"), "--print", "--vantage", "ci"]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    text = next(line for line in done.output.splitlines() if line.startswith("PRIVATE+KEY+"))
    assert not (tmp_path / ".sotokara.key").exists()
    monkeypatch.setenv("SOTOKARA_KEY", text)
    keep(tmp_path / "evidence", observation("a.example", vantage="ci"))
    seals.seal(tmp_path / "evidence")
    assert found(tmp_path / "evidence") == set()
    keep(tmp_path / "evidence", observation("a.example", vantage="author"))
    assert found(tmp_path / "evidence") == {"others", "unsealed"}


def test_a_witness_may_cosign(signed: Path) -> None:
    witness = Ed25519PrivateKey.from_private_bytes(b"\x09" * 32)
    public = witness.public_key().public_bytes_raw()
    name = "witness.example/w"
    key_id = verifier.key_id(name, 4, public)
    coded = base64.b64encode(b"\x04" + public).decode()
    line = f"witness {name}+{key_id.hex()}+{coded}\n"
    with (signed / "signers").open("a") as file:
        file.write(line)
    seals.seal(signed)
    path = max((signed / "seals").glob("*.note"))
    note = path.read_bytes()
    text = note[: note.index(b"\n\n") + 1]
    signature = witness.sign(b"cosignature/v1\ntime 1790000000\n" + text)
    raw = key_id + struct.pack("!Q", 1790000000) + signature
    path.write_bytes(note + f"\N{EM DASH} {name} {base64.b64encode(raw).decode()}\n".encode())
    assert found(signed) == {"cosigned"}
    raw = key_id + struct.pack("!Q", 1790000001) + signature
    path.write_bytes(note + f"\N{EM DASH} {name} {base64.b64encode(raw).decode()}\n".encode())
    assert found(signed) == {"signature"}


def test_the_readers_file_decodes_text_records() -> None:
    query = dns.message.make_query("a.example", "TXT", id=7)
    answer = dns.message.make_response(query)
    strings = '"v=spf1 -all" "x\\"y" "\\233"'
    answer.answer.append(dns.rrset.from_text("a.example.", 60, "IN", "TXT", strings))
    said = verifier.dns_lines(answer.to_wire())
    assert said == ["rcode 0, 1 answers", 'a.example. 60 TXT "v=spf1 -all" "x\\"y" "\\ufffd"']


def test_keys_are_made_for_a_place_alone(signed: Path) -> None:
    wanted = keys.KeyRequest("other.example/place", "tokyo", None)
    made = keys.make_key(signed, wanted)
    assert made.roles == ["the vantage tokyo"]
    assert found(signed) == set()  # the log's key has signed the change


def test_who_has_no_key_of_the_log_seals_nothing(
    signed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A seal without its checkpoint would be wrong for ever."""
    place = keys.make_key(signed, keys.KeyRequest("blog.example/evidence", "ci", None)).key
    also = keys.make_key(
        signed, keys.KeyRequest("blog.example/evidence", "fra", None, log=True)
    ).key
    keep(signed, observation("later.example", "192.0.2.3"))
    before = {path: path.read_bytes() for path in signed.rglob("*") if path.is_file()}
    monkeypatch.setenv("SOTOKARA_KEY", place.text)
    for refused in (
        lambda: seals.seal(signed),
        lambda: redact(signed, ["later.example"], "r", "b"),
        lambda: withdraw(signed, which(["posts/a.md"]), "r", "b"),
        lambda: repair(signed),
        lambda: keys.make_key(signed, keys.KeyRequest("t/e", "tokyo", None)),
    ):
        with pytest.raises(LedgerError, match=r"the log's key \(blog.example/evid"):
            refused()
    after = {path: path.read_bytes() for path in signed.rglob("*") if path.is_file()}
    assert after == before
    monkeypatch.setenv("SOTOKARA_KEY", also.text)
    assert seals.seal(signed)
    assert found(signed) == set()


def test_what_was_not_sealed_when_the_key_was_lost(signed: Path) -> None:
    keep(signed, observation("later.example", "192.0.2.3"))
    (signed.parent / ".sotokara.key").unlink()
    config = str(signed.parent / "mkdocs.yml")
    assert CliRunner().invoke(main, ["key", "-f", config, "--replace"]).exit_code == 0
    assert found(signed) == {"keys"}  # the run is believed, and the change of keys is told


def test_a_checkpoint_that_is_missing_is_signed_by_a_repair(signed: Path) -> None:
    note = max((signed / "seals").glob("*.note"))
    note.unlink()
    keep(signed, observation("later.example", "192.0.2.3"))
    seals.seal(signed)
    assert found(signed) == {"missing"}
    done = repair(signed)
    assert done
    assert done.signed == [int(note.stem)]
    assert found(signed) == set()
    assert repair(signed) is None
