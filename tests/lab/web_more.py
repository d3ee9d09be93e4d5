"""More web servers in the lab: Apache, and Caddy with a certificate from pebble by ACME (RFC 8555).

Both are on the host ``shop`` beside those of ``web``, on ports of their own, and send the token of
the run. ``start`` makes pebble's root one that clients trust.
"""

import json
import shutil
import subprocess
from pathlib import Path

from tests.lab.lab import Lab, LabError, require
from tests.lab.web import FOLDER, HOST
from tests.servers.authority import self_signed

APACHE, CADDY = "apache.web.shop.example:8444", "caddy.web.shop.example:8445"
_ADDRESS = "192.0.2.80"
_NAMES = "203.174.64.53:53"
"""ns1, which serves the zone: pebble asks it where Caddy is."""
_MODULES = ("mpm_event", "authz_core", "alias", "socache_shmcb", "ssl", "http2", "headers")
_APACHE = """
ServerRoot {folder}
ServerName apache.web.shop.example
PidFile {folder}/apache.pid
DefaultRuntimeDir {folder}
User nobody
Group nogroup
Listen {address}:8444
{modules}
ErrorLog /dev/stderr
DocumentRoot {folder}/root
<Directory {folder}/root>
  Require all granted
</Directory>
Protocols h2 http/1.1
SSLEngine on
SSLCertificateFile {folder}/apache.web.shop.example.pem
SSLCertificateKeyFile {folder}/apache.web.shop.example.key
Header always set X-Powered-By "{token}"
Redirect 307 /onward https://{caddy}/
"""
_CADDY = """
{{
  admin off
  http_port 8446
  https_port 8445
  skip_install_trust
  storage file_system {folder}/caddy
  acme_ca https://127.0.0.1:14000/dir
  acme_ca_root {folder}/pebble.pem
}}
https://caddy.web.shop.example:8445 {{
  bind {address}
  header X-Powered-By "{token}"
  header Content-Type text/html
  respond "<title>Caddy</title>"
}}
"""


def start(lab: Lab, token: str) -> list[subprocess.Popen[bytes]]:
    """Start them, and wait until Caddy has its certificate."""
    require("apache2", "caddy", "pebble", "curl")
    folder = lab.folder / FOLDER
    modules = "".join(
        f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n" for name in _MODULES
    )
    given = {"folder": folder, "address": _ADDRESS, "token": token, "caddy": CADDY}
    (folder / "apache.conf").write_text(_APACHE.format(modules=modules, **given))
    (folder / "Caddyfile").write_text(_CADDY.format(**given))
    (folder / "pebble.json").write_text(json.dumps({"pebble": _pebble(folder)}))
    home = f"HOME={folder}/caddy"
    environ = ["env", "PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0"]
    begun = [
        lab.spawn(
            HOST,
            [*environ, "pebble", "-config", str(folder / "pebble.json"), "-dnsserver", _NAMES],
            log="pebble.log",
        ),
        lab.spawn(
            HOST,
            ["apache2", "-d", str(folder), "-f", "apache.conf", "-DFOREGROUND"],
            log="apache.log",
        ),
    ]
    lab.wait_for_port(HOST, 15000, kind="tcp")
    root = lab.run(HOST, ["curl", "-sk", "https://127.0.0.1:15000/roots/0"]).stdout
    with (folder / "authority.pem").open("a") as trusted:
        trusted.write(root)
    caddy = ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    begun.append(lab.spawn(HOST, ["env", home, *caddy], log="caddy.log"))
    for port in (8444, 8445):
        lab.wait_for_port(HOST, port, kind="tcp")
    _wait_for_certificate(lab)
    return begun


def _pebble(folder: Path) -> dict[str, object]:
    """Its settings; its own API has a certificate that Caddy is told to trust."""
    chain, key = self_signed("127.0.0.1").write(folder, "pebble-api")
    shutil.copy(chain, folder / "pebble.pem")
    return {
        "listenAddress": "127.0.0.1:14000",
        "managementListenAddress": "127.0.0.1:15000",
        "certificate": str(chain),
        "privateKey": str(key),
        "httpPort": 8446,
        "tlsPort": 8445,
        "ocspResponderURL": "",
    }


def _wait_for_certificate(lab: Lab) -> None:
    url, where = f"https://{CADDY}/", f"{CADDY}:{_ADDRESS}"
    retry = ["--retry", "40", "--retry-delay", "1", "--retry-all-errors"]
    asked = lab.run(
        HOST,
        ["curl", "-sk", "--resolve", where, *retry, "--max-time", "3", "-o", "/dev/null", url],
        timeout=60,
        should_succeed=False,
    )
    if asked.returncode:
        log = (lab.folder / "caddy.log").read_text(errors="replace")
        raise LabError(f"Caddy has no certificate\n{log[-2000:]}")
