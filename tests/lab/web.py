"""The web in the lab: nginx and HAProxy on the host ``shop``, a trait for each name.

Names are those of ``*.web.shop.example`` and ``*.web.signed.example``. Another internet takes the
servers in with ``start``; ``authority.pem`` in the folder is what a client has to trust.
"""

import json
import subprocess
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from tests.lab import atlas
from tests.lab.lab import Lab, require
from tests.servers.authority import Authority, Issued, Log, log_list, new_key, self_signed

HOST = "shop"
FOLDER = "web"
_ZONE, _SIGNED = "web.shop.example", "web.signed.example"
AIA = f"http://aia.{_ZONE}/issuer.der"
INDEX = f"http://ct.{_ZONE}/?q={{name}}"

_NGINX = """
user root;
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server_tokens off;
  types {{ text/html html; application/pkix-cert der; image/x-icon ico; }}
  root {folder}/root;
  ssl_session_cache off;
  ssl_protocols TLSv1.2 TLSv1.3;
  server {{ listen 80 default_server; listen [::]:80 default_server; location / {{ }} {plain} }}
  server {{
    listen 80; listen [::]:80; server_name go.web.shop.example;
    location = /1 {{ return 301 https://trusted.web.shop.example/2; }}
    location = /inside {{ return 302 http://inside.shop.example/; }}
    location = /loop {{ return 302 /loop; }}
  }}
  server {{
    listen 80; listen [::]:80; server_name ct.web.shop.example;
    default_type application/json;
    location / {{
      if ($arg_q = "trusted.web.shop.example") {{ rewrite ^ /index.json last; }}
      if ($arg_q = "broken.shop.example") {{ return 502; }}
      return 200 "[]";
    }}
    location = /index.json {{ }}
  }}
  server {{
    listen 80; listen [::]:80; server_name atlas.web.shop.example;
    default_type application/json;
    {atlas}
  }}
{servers}
}}
"""
_SERVER = """  server {{
    listen 443 ssl http2; listen [::]:443 ssl http2;
    server_name {name};
    ssl_certificate {folder}/{name}.pem;
    ssl_certificate_key {folder}/{name}.key;
    {more}
  }}
"""
_HAPROXY = """
global
  log stderr format raw local0 warning
defaults
  mode http
  timeout connect 2s
  timeout client 10s
  timeout server 10s
frontend tls
  bind 192.0.2.80:8443 ssl crt {folder}/haproxy.pem ssl-max-ver TLSv1.2 alpn http/1.1
  http-request return status 200 content-type text/plain string "haproxy"
"""


def certificates(folder: Path) -> dict[str, str]:
    """Write all chains, keys, staples and the list of logs; nginx's options for each name."""
    folder.mkdir(exist_ok=True)
    authority, logs = Authority(), [Log("Lab log one"), Log("Lab log two")]
    (folder / "authority.pem").write_bytes(authority.root.public_bytes(Encoding.PEM))
    (folder / "logs.json").write_bytes(log_list(logs))
    issue = authority.issue
    good = issue(f"trusted.{_ZONE}", f"two.{_ZONE}", f"*.{_ZONE}", logs=logs)
    revoked, lacking = issue(f"revoked.{_ZONE}"), issue(f"incomplete.{_ZONE}", issuer_url=AIA)
    every = {
        f"trusted.{_ZONE}": good,
        f"two.{_ZONE}": good,
        f"apache.{_ZONE}": issue(f"apache.{_ZONE}"),
        f"expired.{_ZONE}": issue(f"expired.{_ZONE}", days=-10, begins=-40),
        f"wrong-name.{_ZONE}": issue("elsewhere.example"),
        f"self-signed.{_ZONE}": self_signed(f"self-signed.{_ZONE}"),
        f"revoked.{_ZONE}": revoked,
        f"incomplete.{_ZONE}": Issued(lacking.key, lacking.chain[:1]),
        f"dane.{_SIGNED}": self_signed(f"dane.{_SIGNED}", key=new_key(f"dane.{_SIGNED}")),
        f"dane-bad.{_SIGNED}": self_signed(f"dane-bad.{_SIGNED}"),
    }
    options = dict.fromkeys(every, "")
    for name, issued in every.items():
        issued.write(folder, name)
        if name in (f"trusted.{_ZONE}", f"revoked.{_ZONE}"):
            staple = authority.status(issued, revoked=issued is revoked)
            (folder / f"{name}.ocsp").write_bytes(staple)
            options[name] = f"ssl_stapling on; ssl_stapling_file {folder}/{name}.ocsp;"
    other = issue(f"trusted.{_ZONE}")
    chain, key = other.write(folder, "other")
    (folder / "haproxy.pem").write_bytes(chain.read_bytes() + key.read_bytes())
    root = folder / "root"
    root.mkdir(exist_ok=True)
    (root / "issuer.der").write_bytes(authority.intermediate.public_bytes(Encoding.DER))
    (root / "index.json").write_text(json.dumps(index_rows()))
    atlas.write(root)
    said = "<h1>The shop</h1><p>Lamps, bicycles and gardens. Open on all days.</p>"
    page = f"<!doctype html><html lang=en><title>The shop</title>{said}\n"
    (root / "index.html").write_text(page)
    return options


def index_rows() -> list[dict[str, object]]:
    """What an index of the logs has, in crt.sh's form: one certificate twice, and an older one."""
    rows = (
        (9_000_000_102, "2026-11-01", "4d2", f"trusted.{_ZONE}\ntwo.{_ZONE}"),
        (9_000_000_101, "2026-11-01", "4d2", f"trusted.{_ZONE}"),
        (9_000_000_001, "2026-08-03", "3e7", f"trusted.{_ZONE}\nsomebody@shop.example"),
    )
    return [
        {
            "issuer_name": "C=XX, O=The lab, CN=The lab's authority 1",
            "name_value": names,
            "id": number,
            "entry_timestamp": f"{day}T10:00:00.000",
            "not_before": f"{day}T09:00:00",
            "not_after": "2026-12-01T09:00:00",
            "serial_number": serial,
        }
        for number, day, serial, names in rows
    ]


def token_page(token: str) -> str:
    """nginx's options for hops of which the third has a token in a header, and shows who asks."""
    return (
        "location = /2 { return 302 /3; } "
        f'location = /3 {{ add_header X-Powered-By "{token}"; '
        "default_type text/html; "
        "return 200 '<title>Hop three</title>You are $remote_addr'; }"
    )


def start(lab: Lab, token: str = "") -> list[subprocess.Popen[bytes]]:
    """Start the servers and wait until each listens."""
    require("nginx", "haproxy")
    folder = lab.folder / FOLDER
    options = certificates(folder)
    options[f"trusted.{_ZONE}"] += token_page(token or "none")
    lab.folder.chmod(0o711)
    servers = "".join(
        _SERVER.format(name=name, folder=folder, more=more) for name, more in options.items()
    )
    plain, api = "gzip on; gzip_min_length 1;", atlas.locations()
    text = _NGINX.format(folder=folder, servers=servers, plain=plain, atlas=api)
    (folder / "nginx.conf").write_text(text)
    (folder / "haproxy.cfg").write_text(_HAPROXY.format(folder=folder))
    begun = [
        lab.spawn(HOST, ["nginx", "-p", str(folder), "-c", "nginx.conf"], log="nginx.log"),
        lab.spawn(HOST, ["haproxy", "-db", "-f", str(folder / "haproxy.cfg")], log="haproxy.log"),
    ]
    for port in (80, 443, 8443):
        lab.wait_for_port(HOST, port, kind="tcp")
    return begun
