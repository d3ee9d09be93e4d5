"""The comparison of old listings with other projects, over fixtures made here."""

import json
from pathlib import Path

import pytest

from tests.peers.transcripts import main

DIG = """; <<>> DiG 9.18.1 <<>> www.example.com
;; Got answer:
;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 1
;; flags: qr rd ra; QUERY: 1, ANSWER: {count}, AUTHORITY: 0, ADDITIONAL: 0

;; QUESTION SECTION:
;www.example.com.\t\tIN\tA

;; ANSWER SECTION:
www.example.com.\t300\tIN\tA\t192.0.2.80
"""
MAIL = """Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=b"

--=b
Content-Type: text/plain

This is the mail system at host mx.example.org.

<kim@example.com>: host mx.example.com[192.0.2.25] said: 550 5.1.1 User unknown

--=b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; kim@{domain}
Action: failed
Status: 5.1.1

--=b--
"""


def answers(*values: str) -> str:
    rows = [{"name": "www.example.com.", "type": "A", "data": value} for value in values]
    return json.dumps([{"answer": rows}])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "dig-a.out").write_text(DIG.format(count=1), "utf-8")
    (tmp_path / "dig-a.json").write_text(answers("192.0.2.80"), "utf-8")
    (tmp_path / "dig-cut.out").write_text(DIG.format(count=2), "utf-8")
    (tmp_path / "dig-cut.json").write_text(answers("192.0.2.80", "192.0.2.81"), "utf-8")
    (tmp_path / "a.eml").write_text(MAIL.format(domain="example.com"), "utf-8")
    return tmp_path


def test_each_peer_has_a_row(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folder)]) == 0
    shown = capsys.readouterr().out
    assert "| jc | 2 | 1 | 1 | 0 | 0 | 1 |" in shown
    assert "| mails, their fields | 1 | 1 | 0 | 0 | 0 | 0 |" in shown
    assert "| mails, their sentences | 1 | 1 | 0 | 0 | 0 | 0 |" in shown


def test_what_is_read_otherwise_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.eml").write_text(MAIL.format(domain="example.net"), "utf-8")
    assert main([str(folder)]) == 1
    assert "wrong    differs      a.eml" in capsys.readouterr().out
