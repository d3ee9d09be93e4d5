"""A time-stamp authority on loopback, made with openssl."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

_CONFIG = """
[ req ]
distinguished_name = name
prompt = no
[ name ]
CN = {name}
[ root ]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign
subjectKeyIdentifier = hash
[ stamper ]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[ tsa ]
default_tsa = tsa1
[ tsa1 ]
serial = {folder}/serial
signer_cert = {folder}/stamper.pem
signer_key = {folder}/stamper.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""


class Authority(NamedTuple):
    url: str
    root: Path


def openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def certificates(folder: Path, name: str) -> Path:
    """A root and a time-stamping certificate under it; the root's file."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "openssl.cnf"
    config.write_text(_CONFIG.format(folder=folder, name=name))
    (folder / "serial").write_text("01\n")
    common = ["-config", str(config), "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    root, request = folder / "root.pem", folder / "stamper.csr"
    make_root = ["-x509", "-nodes", "-days", "2", "-extensions", "root"]
    openssl("req", *common, *make_root, "-keyout", f"{folder}/root.key", "-out", str(root))
    openssl(
        "req", *common, "-nodes", "-keyout", f"{folder}/stamper.key", "-out", str(request),
        "-subj", f"/CN={name} stamper",
    )  # fmt: skip
    openssl(
        "x509", "-req", "-in", str(request), "-CA", str(root), "-CAkey", f"{folder}/root.key",
        "-set_serial", "2", "-days", "2", "-extfile", str(config), "-extensions", "stamper",
        "-out", f"{folder}/stamper.pem",
    )  # fmt: skip
    return root


@contextmanager
def authority(folder: Path, name: str = "Test TSA") -> Iterator[Authority]:
    """Answers time-stamp queries until the end of the block."""
    root = certificates(folder, name)

    class Stamps(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # http.server's name
            query, answer = folder / "query.tsq", folder / "answer.tsr"
            query.write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            openssl(
                "ts", "-reply", "-config", str(folder / "openssl.cnf"), "-section", "tsa1",
                "-queryfile", str(query), "-out", str(answer),
            )  # fmt: skip
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer.read_bytes())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Stamps)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Authority(f"http://127.0.0.1:{server.server_port}/", root)
    finally:
        server.shutdown()
        server.server_close()
