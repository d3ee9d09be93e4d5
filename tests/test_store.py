"""Rows beside git: a folder, or S3 (moto's server), that has the Parquet files of batches.

Whatever a store does, nothing is lost, what it is asked for is checked, and what is not there is
named.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer
from sotokara.core.settings import SettingsError
from sotokara.engine.settings import load
from sotokara.ledger import seals
from sotokara.ledger import verify as verifier
from sotokara.ledger.batch_check import check_rows
from sotokara.ledger.batches import Batches, StoredBatch
from sotokara.ledger.proofs import prove_row
from sotokara.ledger.redact import redact
from sotokara.ledger.store import DiskStore, Store, StoreError, put_away, store_of
from sotokara.ledger.withdraw import which, withdraw
from sotokara.servers.nameserver import NameServer, honest, labels_of, reply

from tests.servers.thread import serving
from tests.sites import build, fence, figures, make_site, with_evidence
from tests.test_bulk import TRUST, kept, wrong

BUCKET = "evidence"
Put = Callable[[str, bytes], None]
Open = tuple[Store, Callable[[str], bytes], Put]


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An S3 on loopback, and keys for it where its own tools look."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ACCESS_KEY_ID": "a",
            "AWS_SECRET_ACCESS_KEY": "b",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": address,
            "AWS_CONFIG_FILE": str(tmp_path_factory.mktemp("aws") / "none"),
            "AWS_EC2_METADATA_DISABLED": "true",
        }.items():
            patch.setenv(name, value)
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        yield address
    server.stop()


@pytest.fixture(params=["disk", "s3"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """A store of either kind; what it has under a name, and a way to change it behind our back."""
    if request.param == "disk":
        (tmp_path / "mounted").mkdir()
        disk = at("mounted", tmp_path)
        assert disk

        def change(name: str, content: bytes) -> None:
            (tmp_path / "mounted" / name).write_bytes(content)

        return disk, lambda name: (tmp_path / "mounted" / name).read_bytes(), change
    request.getfixturevalue("s3")
    client, below = boto3.client("s3"), tmp_path.name
    far = at(f"s3://{BUCKET}/{below}/", tmp_path)
    assert far

    def read(name: str) -> bytes:
        found = client.get_object(Bucket=BUCKET, Key=f"{below}/{name}")
        return bytes(found["Body"].read())

    def put(name: str, content: bytes) -> None:
        client.put_object(Bucket=BUCKET, Key=f"{below}/{name}", Body=content)

    return far, read, put


def at(address: str, root: Path) -> Store | None:
    return store_of(load({"evidence_store": address}, {}), root)


def away(folder: Path, store: Store) -> list[str]:
    return [one.why for one in put_away(folder, store)]


def told(folder: Path, store: Store | None = None) -> list[str]:
    """What the reader's verifier says, and what the rows do."""
    both = [*verifier.verify(verifier.Folder(str(folder))), *check_rows(folder, store)]
    return [str(one) for one in both if one.code in ("stored", "away") or one.wrong]


def test_rows_go_there_and_come_back_as_they_were(opened: Open, tmp_path: Path) -> None:
    store, read, _ = opened
    folder = tmp_path / "evidence"
    one = kept(folder)
    rows = f"{one.path}.parquet"
    before = (folder / rows).read_bytes()
    assert away(folder, store) == [""]
    assert read(rows) == before
    assert not (folder / rows).exists()
    assert away(folder, store) == []
    beside = json.loads((folder / f"{one.path}.json").read_bytes())
    assert (beside["address"], beside["sha256"], beside["size"]) == (
        f"{store.address}/{rows}",
        one.manifest.sha256,
        len(before),
    )
    seals.seal(folder)
    (said,) = told(folder)  # without the store: where they are
    assert f"{store.address}/{rows}: not read here" in said
    assert wrong(folder) == []
    assert list(check_rows(folder, store)) == []
    found = Batches(folder, store=store).observation(f"{one.id}-7")
    assert found
    assert found.definition["dns"] == "n00006.example"
    proof = prove_row(folder, f"{one.id}-7", store)
    assert not verifier.hold_proof(verifier.Folder(str(folder)), proof, TRUST)[0]
    with pytest.raises(StoreError, match="set evidence_store"):
        Batches(folder).observation(f"{one.id}-7")


def test_what_was_changed_there_is_not_believed(opened: Open, tmp_path: Path) -> None:
    store, read, change = opened
    folder = tmp_path / "evidence"
    one = kept(folder)
    away(folder, store)
    seals.seal(folder)
    rows = f"{one.path}.parquet"
    content = bytearray(read(rows))
    content[len(content) // 2] ^= 1
    change(rows, bytes(content))
    (said,) = [str(found) for found in check_rows(folder, store) if found.wrong]
    assert "not what was observed" in said
    shutil.rmtree(tmp_path / ".cache", ignore_errors=True)
    with pytest.raises(StoreError, match="not what was observed"):
        Batches(folder, store=store).observation(f"{one.id}-7")


def test_a_row_is_redacted_there_too(opened: Open, tmp_path: Path) -> None:
    store, read, _ = opened
    folder = tmp_path / "evidence"
    one = kept(folder)
    rows = f"{one.path}.parquet"
    away(folder, store)
    done = redact(folder, ["n00006.example"], "asked for", "the author", store)
    assert done.runs == {rows: [7]}
    assert away(folder, store) == [""]
    assert b"n00006" not in read(rows)
    copies = [path.read_bytes() for path in tmp_path.rglob("*.parquet")]
    assert not [one for one in copies if b"n00006" in one]
    assert wrong(folder) == []
    assert list(check_rows(folder, store)) == []
    gone = withdraw(folder, which([f"{one.id}-9"]), "asked for", "the author", store)
    assert gone.runs == {rows: [9]}
    assert away(folder, store) == [""]
    assert list(check_rows(folder, store)) == []
    source = verifier.Folder(str(folder))
    assert not verifier.hold_proof(source, prove_row(folder, f"{one.id}-8", store), TRUST)[0]


def test_rows_altered_here_do_not_overwrite_those_there(opened: Open, tmp_path: Path) -> None:
    store, read, _ = opened
    folder = tmp_path / "evidence"
    one = kept(folder)
    rows = f"{one.path}.parquet"
    before = (folder / rows).read_bytes()
    away(folder, store)
    seals.seal(folder)
    (folder / rows).write_bytes(before[:-9] + b"x" * 9)
    assert away(folder, store) == []
    assert read(rows) == before
    assert any(f"altered: {rows}" in said for said in wrong(folder))


@pytest.mark.parametrize("address", ["unmounted", "s3://evidence/x"])
def test_a_store_that_is_away_is_named_and_loses_nothing(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")  # nobody listens there
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    folder = tmp_path / "evidence"
    one = kept(folder)
    rows = folder / f"{one.path}.parquet"
    store = at(address, tmp_path)
    assert store
    (why,) = away(folder, store)
    assert address in why
    seals.seal(folder)
    assert wrong(folder) == []  # they are here
    assert Batches(folder, store=store).observation(f"{one.id}-7")
    (tmp_path / "back").mkdir()
    back = at("back", tmp_path)
    assert back
    assert away(folder, back) == [""]
    assert wrong(folder) == []
    assert not rows.exists()
    (said,) = check_rows(folder, store)  # away again: it is said, and nothing is wrong
    assert (said.code, said.wrong) == ("away", False)
    assert address in str(said)
    assert seals.seal(folder) is None


def test_what_was_sealed_in_git_stays_there(tmp_path: Path) -> None:
    (tmp_path / "mounted").mkdir()
    folder = tmp_path / "evidence"
    one: StoredBatch = kept(folder)
    seals.seal(folder)
    assert away(folder, DiskStore(tmp_path / "mounted", "mounted")) == []
    assert (folder / f"{one.path}.parquet").is_file()
    assert wrong(folder) == []


@pytest.mark.parametrize(
    "given",
    [
        "s3://key:secret@bucket/x",
        "s3://bucket/x?key=y",
        {"address": "s3://b", "public": "ftp://x"},
        {"public": "https://x.example"},
        {"adress": "s3://b"},
    ],
)
def test_settings_that_are_none(given: object) -> None:
    with pytest.raises(SettingsError, match="evidence_store"):
        load({"evidence_store": given}, {})


class Town(NameServer):
    """Honest, until it is told that some names have gone."""

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.gone: set[bytes] = set()

    async def _answer(self, wire: bytes) -> AsyncIterator[bytes]:
        yield reply(wire, flags=0x8183) if self.gone & {*labels_of(wire)} else honest(wire)


def run(site: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words], cwd=site, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_blog_whose_rows_are_in_s3_shows_then_and_now(s3: str, tmp_path: Path) -> None:
    assert s3
    page = fence(dns="{{ each.name }}", each="names.csv", type="A", id="scan", group="rcode")
    server = Town()
    with serving(server):
        site = make_site(
            tmp_path / "site",
            {"index.md": f"---\ndate: 2026-01-02\n---\n# Many\n\n{page}"},
            resolvers=[server.address],
            control=[server.address],
            evidence_store={"address": f"s3://{BUCKET}/blog", "public": "https://rows.example/b"},
        )
        names = "".join(f"n{one}.example\n" for one in range(12))
        (with_evidence(site) / "docs" / "names.csv").write_text(f"name\n{names}")
        for gone in (set(), {b"n3", b"n5"}):
            server.gone = gone
            done = build(site)
            assert done.returncode == 0, done.stderr
            assert ".parquet: in the store" in done.stderr
            assert not list((site / "evidence").rglob("*.parquet"))
    run(site, "-m", "sotokara", "seal")
    assert "0 wrong, 0 notes" in run(site, "-m", "sotokara", "verify")
    _, now = sorted((site / "evidence").rglob("batches/*/*/*/*.json"))
    rows = now.with_suffix(".parquet").relative_to(site / "evidence")
    html = (site / "site" / "index.html").read_text()
    assert f'href="https://rows.example/b/{rows}"' in html
    shown = figures(html)["scan"]
    assert "12 rows are in both and say something; 2 of them changed, 0 are new" in shown
    changed = re.search(r"What changed</summary>(.*?)</details>", html, re.DOTALL)
    assert changed
    assert re.findall(r">(n\d+)\.example<", changed[1]) == ["n3", "n5"]
    (table,) = (site / "site" / "evidence").glob("*/rows.csv")
    assert len(table.read_text().splitlines()) == 13
    said = run(site, "site/evidence/verify.py", "site/evidence")
    assert f"are kept at s3://{BUCKET}/blog/{rows}" in said
    shutil.rmtree(site / ".cache" / "store")
    again = build(site, SOTOKARA_MODE="replay", AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert again.returncode == 0, again.stderr
    html = (site / "site" / "index.html").read_text()
    assert "The rows cannot be shown here:" in html
    assert "not asked, for the mode is replay" in html
    assert "rows.csv" not in html
    assert "<td>12</td>" in html  # the numbers stay
