"""Record ``lab/``, here and for ``http``, and transcripts: ``python -m tests.cases.tls.record``.

Each `NAME.raw.json` is what was sent and received, as the ledger keeps it; `NAME.json` beside it is
what is read from that, written by this script and then looked through by eye. The transcripts go to
``cases/transcripts/web``; ``python -m tests.test_readers`` writes what the readers make of them.
"""

import json
from pathlib import Path
from typing import Any

from tests.lab import web
from tests.lab.names import Internet
from tests.test_web_lab import HOPS, VERDICTS, ask

FOLDER = Path(__file__).parent / "lab"
HTTP = Path(__file__).parents[1] / "http" / "lab"
NAMES = ("hops", "hops-h2", "loop", "inside", "expired", "haproxy", "plain-on-tls")
TRANSCRIPTS = Path(__file__).parents[1] / "transcripts" / "web"
_ZONE = "web.shop.example"
COMMANDS = {
    "s_client": f"openssl s_client -connect trusted.{_ZONE}:443 </dev/null",
    "s_client-showcerts": f"openssl s_client -connect revoked.{_ZONE}:443"
    " -showcerts -status </dev/null",
    "s_client-brief": f"echo | openssl s_client -brief -connect expired.{_ZONE}:443",
    "s_client-alpn": f"openssl s_client -connect trusted.{_ZONE}:443 -servername two.{_ZONE}"
    " -alpn h2 </dev/null",
    "s_client-self-signed": f"openssl s_client -connect self-signed.{_ZONE}:443 </dev/null",
    "s_client-name": f"openssl s_client -connect wrong-name.{_ZONE}:443 </dev/null",
    "s_client-tls12": f"openssl s_client -connect trusted.{_ZONE}:8443 </dev/null",
    "s_client-no-tls": f"openssl s_client -connect trusted.{_ZONE}:80 </dev/null",
    "s_client-refused": f"openssl s_client -connect trusted.{_ZONE}:444 </dev/null",
    "x509-dates": f"openssl s_client -connect trusted.{_ZONE}:443 </dev/null 2>/dev/null"
    " | openssl x509 -noout -subject -issuer -dates -serial -fingerprint -sha256",
    "curl-head": f"curl -I http://go.{_ZONE}/1",
    "curl-follow": f"curl -sIL http://go.{_ZONE}/1",
    "curl-verbose": f"curl -svL --http1.1 http://go.{_ZONE}/1",
    "curl-http2": f"curl -i --http2 -s https://trusted.{_ZONE}/",
    "curl-refused": f"curl -v http://go.{_ZONE}:81/",
    "curl-no-name": "curl -I http://nobody.shop.example/",
    "x509-text": f"openssl s_client -connect trusted.{_ZONE}:443 </dev/null 2>/dev/null"
    " | openssl x509 -noout -text",
}  # fmt: skip


def write(path: Path, definition: dict[str, Any], answer: dict[str, Any]) -> None:
    """One pair."""
    raw = {**definition, "exchanges": answer["exchanges"]}
    read = {key: answer[key] for key in ("facts", "failure", "volatile")}
    for suffix, content in ((".raw.json", raw), (".json", read)):
        text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        path.with_name(path.name + suffix).write_text(text, "utf-8")


def main() -> None:
    """Ask every name once and write the pairs."""
    with Internet() as lab:
        web.start(lab)
        answers = ask(lab, [*({"tls": name} for name in VERDICTS), *HOPS])
        authority = str(lab.folder / web.FOLDER / "authority.pem")
        environ = {"SSL_CERT_FILE": authority, "CURL_CA_BUNDLE": authority}
        said = {
            name: lab.run("pc", ["sh", "-c", f"{command} 2>&1"], env=environ, should_succeed=False)
            for name, command in COMMANDS.items()
        }
    for target, answer in zip(VERDICTS, answers[: len(VERDICTS)], strict=True):
        write(FOLDER / target.partition(".")[0], {"tls": target}, answer)
    for name, hops, answer in zip(NAMES, HOPS, answers[len(VERDICTS) :], strict=True):
        write(HTTP / name, hops, answer)
    for name, done in said.items():
        text = f"$ {COMMANDS[name]}\n{done.stdout}"
        (TRANSCRIPTS / f"{name}.txt").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
