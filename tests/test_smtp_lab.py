"""The kind ``smtp`` against real mail servers in the test network: Postfix, postgrey, Dovecot."""

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab.lab import REPOSITORY
from tests.lab.mail import AUTHOR, MailInternet

pytestmark = pytest.mark.lab

VERDICTS = {
    "rejects.post.example": ("rejects", 550, "5.1.1"),
    "trusted.post.example": ("rejects", 550, "5.1.1"),
    "expired.post.example": ("rejects", 550, "5.1.1"),
    "wrong-name.post.example": ("rejects", 550, "5.1.1"),
    "grey.post.example": ("accepts", 250, "2.1.5"),
    "bounces.post.example": ("accepts", 250, "2.1.5"),
    "catch-all.post.example": ("accepts", 250, "2.1.5"),
    "blocks.post.example": ("refuses_us", 554, "5.7.1"),
    "drops.post.example": ("undecided", 0, ""),
    "tarpit.post.example": ("undecided", 0, ""),
    "dead.post.example": ("unreachable", 0, ""),
    "backup.post.example": ("rejects", 550, "5.1.1"),
    "dual.post.example": ("rejects", 550, "5.1.1"),
    "null.post.example": ("no_mail", 0, ""),
    "null-beside.post.example": ("rejects", 550, "5.1.1"),
    "alias.post.example": ("rejects", 550, "5.1.1"),
    "address.post.example": ("no_mail", 0, ""),
    "nowhere.post.example": ("no_mail", 0, ""),
    "implicit.post.example": ("rejects", 550, "5.1.1"),
    "nothing.post.example": ("no_mail", 0, ""),
    "not-there.post.example": ("no_mail", 0, ""),
    "dane.signed.example": ("rejects", 550, "5.1.1"),
    "dane-bad.signed.example": ("rejects", 550, "5.1.1"),
    "trickster.jp": ("rejects", 550, "5.1.1"),
}
ROUTES = {
    "null.post.example": "null_mx",
    "null-beside.post.example": "null_mx_beside_others",
    "implicit.post.example": "address",
    "nothing.post.example": "nothing",
    "not-there.post.example": "no_domain",
}
PROBLEMS = {
    "rejects.post.example": ["self_signed"],
    "trusted.post.example": [],
    "expired.post.example": ["expired"],
    "wrong-name.post.example": ["name_mismatch"],
    "dane.signed.example": ["self_signed"],
    "dane-bad.signed.example": ["self_signed", "tlsa_mismatch"],
}
FAILURES = {
    "drops.post.example": ("eof_error", "RCPT"),
    "tarpit.post.example": ("generic_timeout_error", "banner"),
    "dead.post.example": ("connection_refused", "connect"),
}


@pytest.fixture(scope="module")
def internet() -> Iterator[MailInternet]:
    if os.geteuid() != 0 and os.environ.get("CI") != "true":
        pytest.skip("Postfix works as several users: run this as root")
    with MailInternet() as internet:
        yield internet


def ask(internet: MailInternet, *words: str, **environ: str) -> dict[str, Any]:
    """Each target's facts, failure, text and exchanges, as asked on the author's computer."""
    told = internet.run(
        "pc",
        [sys.executable, "-m", "tests.smtp_ask", *words],
        env=internet.settings() | {"SOTOKARA_TIMEOUT": "2"} | environ,
        cwd=REPOSITORY,
        timeout=60,
    )
    answers: dict[str, Any] = json.loads(told.stdout)
    return answers


@pytest.fixture(scope="module")
def answers(internet: MailInternet) -> dict[str, Any]:
    return ask(internet, *VERDICTS)


@pytest.mark.parametrize("domain", VERDICTS)
def test_each_manner_has_its_verdict(answers: dict[str, Any], domain: str) -> None:
    facts, failure = answers[domain]["facts"], answers[domain]["failure"]
    verdict = facts["verdict"], facts.get("code", 0), facts.get("enhanced", "")
    assert verdict == VERDICTS[domain]
    assert facts.get("route", "mx") == ROUTES.get(domain, "mx")
    assert ((failure["name"], failure["step"]) if failure else None) == FAILURES.get(domain)


@pytest.mark.parametrize("domain", PROBLEMS)
def test_certificates_are_judged(answers: dict[str, Any], domain: str) -> None:
    [host] = answers[domain]["facts"]["hosts"]
    tls = host["addresses"][0]["tls"]
    assert tls.get("problems", []) == PROBLEMS[domain]
    assert tls["version"] == "TLSv1.3"
    assert tls.get("tlsa", "") == {"dane.": "match", "dane-": "mismatch"}.get(domain[:5], "")


def test_a_dead_server_does_not_hide_its_backup(answers: dict[str, Any]) -> None:
    dead, live = answers["backup.post.example"]["facts"]["hosts"]
    assert dead["addresses"][0]["failure"] == "connection_refused"
    assert live["addresses"][0]["verdict"] == "rejects"


def test_both_families_are_asked(answers: dict[str, Any]) -> None:
    [host] = answers["dual.post.example"]["facts"]["hosts"]
    assert [one["address"] for one in host["addresses"]] == ["192.0.2.112", "2001:db8:80::112"]
    assert {one["verdict"] for one in host["addresses"]} == {"rejects"}


def test_greylisting_was_waited_for(answers: dict[str, Any]) -> None:
    [host] = answers["grey.post.example"]["facts"]["hosts"]
    assert host["addresses"][0]["retried"]
    codes = [
        one["received_text"][:3]
        for one in answers["grey.post.example"]["exchanges"]
        if one["step"] == "RCPT"
    ]
    assert codes == ["450", "250"]


def test_nothing_that_tells_who_asked_is_kept(answers: dict[str, Any]) -> None:
    kept = json.dumps(answers)
    for word in (AUTHOR, "pc.author", "198.51.100.77", "subscriber-77", "192.168.11.100"):
        assert word not in kept
    assert "Client host [xxx.xx.xxx.xx] blocked using bl.post.example" in kept


def test_the_servers_saw_no_data_and_a_quit_in_each_session(
    internet: MailInternet, answers: dict[str, Any]
) -> None:
    assert answers
    log = internet.maillog("receiver")
    ends = re.findall(r" disconnect from \S+(.*)", log)
    assert len(ends) >= 18
    assert all(" quit=1" in end and " data=" not in end for end in ends)
    assert "lost connection" not in log


@pytest.mark.parametrize(
    "address", ["192.0.2.101", "192.0.2.106", "192.0.2.108", "203.104.255.141"]
)
def test_swaks_sees_the_same_codes(
    internet: MailInternet, answers: dict[str, Any], address: str
) -> None:
    found = [
        (domain, one)
        for domain, answer in answers.items()
        for host in answer["facts"].get("hosts", [])
        for one in host.get("addresses", [])
        if one["address"] == address
    ]
    domain, facts = found[0]
    swaks = ["swaks", "--server", address, "--from", AUTHOR, "--helo", "pc.author.post.example"]
    more = ["--to", f"no-such-account@{domain}", "--quit-after", "RCPT", "--tls-optional"]
    said = internet.run("pc", [*swaks, *more], should_succeed=False).stdout
    codes = [int(code) for code in re.findall(r"^<[-~*]{1,2} +(\d{3}) ", said, re.MULTILINE)]
    ours = [one["code"] for one in facts["replies"]]
    assert codes[:-1] == ours  # the last is of QUIT


def test_openssl_sees_the_same_certificate(internet: MailInternet, answers: dict[str, Any]) -> None:
    command = ["openssl", "s_client", "-starttls", "smtp", "-connect", "192.0.2.103:25"]
    said = internet.run("pc", command, stdin="QUIT\r\n", should_succeed=False).stdout
    pem = re.search(r"-----BEGIN.*?END CERTIFICATE-----\n", said, re.DOTALL)
    assert pem
    shown = ["openssl", "x509", "-noout", "-fingerprint", "-sha256"]
    fingerprint = internet.run("pc", shown, stdin=pem[0]).stdout.partition("=")[2]
    [host] = answers["expired.post.example"]["facts"]["hosts"]
    assert host["addresses"][0]["tls"]["fingerprint"] == (
        fingerprint.strip().replace(":", "").lower()
    )


def test_a_closed_port_25_on_our_side_is_not_measured(internet: MailInternet) -> None:
    chain = "add chain inet shut out { type filter hook output priority 0; }"
    rules = ["add table inet shut", chain, "add rule inet shut out tcp dport 25 drop"]
    for rule in rules:
        internet.run("pc", ["nft", rule])
    try:
        answer = ask(internet, "rejects.post.example", SOTOKARA_TIMEOUT="1")["rejects.post.example"]
    finally:
        internet.run("pc", ["nft", "delete table inet shut"])
    assert answer["failure"]["name"] == "smtp_port_blocked"
    assert answer["facts"] is None


def _site(folder: Path, *domains: str) -> Path:
    (folder / "docs").mkdir()
    fences = "".join(f"```probe\nsmtp: {one}\nsend: true\n```\n\n" for one in domains)
    (folder / "docs" / "index.md").write_text(f"# Mail\n\n{fences}")
    (folder / "mkdocs.yml").write_text(
        "site_name: mail\nplugins: []\nmarkdown_extensions: [sotokara, pymdownx.superfences]\n"
        f"hooks: [{REPOSITORY}/hooks/figures.py]\n"
    )
    return folder


def _build(internet: MailInternet, site: Path, **smtp: Any) -> str:
    settings = internet.settings()
    settings["SOTOKARA_SMTP"] = json.dumps(json.loads(settings["SOTOKARA_SMTP"]) | smtp)
    command = [sys.executable, "-m", "mkdocs", "build", "-q", "-d", str(site / "site")]
    internet.run("pc", command, env=settings, cwd=site, timeout=60)
    return (site / "site" / "index.html").read_text()


def _messages(internet: MailInternet) -> int:
    return len(re.findall(r"from \S*\[198\.51\.100\.77\].* data=1 ", internet.maillog("own")))


def test_a_real_bounce_comes_back(internet: MailInternet, tmp_path: Path) -> None:
    domains = "bounces.post.example", "trickster.jp", "rejects.post.example"
    before = _messages(internet)
    page = _build(internet, _site(tmp_path, *domains))
    assert page.count("was returned after") == 2
    assert "by mx.post.example with status 5.1.1" in page  # the server that took it first
    assert "smtp.send_to does not list rejects.post.example" in page
    assert _messages(internet) == before + 2
    again = _build(internet, tmp_path)
    assert again.count("was returned after") == 2
    assert _messages(internet) == before + 2  # no second message within smtp.send_every


def test_a_bounce_is_picked_up_at_a_later_build(internet: MailInternet, tmp_path: Path) -> None:
    before = _messages(internet)
    for inner in ("new", "cur"):
        (tmp_path / "elsewhere" / inner).mkdir(parents=True)
    box = {"maildir": str(tmp_path / "elsewhere")}
    site = _site(tmp_path, "bounces.post.example")
    assert "no report has come back yet" in _build(internet, site, mailbox=box, return_wait=0)
    box = {"maildir": str(internet.folder / "own" / "boxes" / "author")}
    assert "was returned after" in _build(internet, site, mailbox=box)
    assert _messages(internet) == before + 1
    kept = "".join(file.read_text() for file in (tmp_path / "evidence").rglob("*.json*"))
    assert AUTHOR not in kept
    assert not re.search("no-such-account-[0-9a-f]{32}", kept)


def test_without_a_report_it_waits(internet: MailInternet, tmp_path: Path) -> None:
    page = _build(internet, _site(tmp_path, "catch-all.post.example"), return_wait=2)
    assert "A real message was sent" in page
    assert "no report has come back yet" in page


def test_the_author_s_computer_never_sent_a_message_but_by_its_own_server(
    internet: MailInternet,
) -> None:
    log = internet.maillog("receiver")
    ours = re.findall(r"disconnect from \S*\[(?:198\.51\.100\.77|2001:db8:1::100)\](.*)", log)
    assert len(ours) > 20
    assert not any(" data=" in one or " bdat=" in one for one in ours)


def test_without_a_submission_server_it_goes_straight_there(
    internet: MailInternet, tmp_path: Path
) -> None:
    domains = "bounces.post.example", "trickster.jp"
    page = _build(internet, _site(tmp_path, *domains), submission=None)
    assert page.count("was returned after") == 1
    assert "was refused when it was sent" in page
    assert "User unknown in local recipient table" in page
    before = len(re.findall(" data=", internet.maillog("receiver")))
    again = _build(internet, tmp_path, submission=None)
    assert "was refused when it was sent" in again
    assert len(re.findall(" data=", internet.maillog("receiver"))) == before


def test_nothing_is_sent_where_the_way_out_is_closed(
    internet: MailInternet, tmp_path: Path
) -> None:
    site = _site(tmp_path, "bounces.post.example")
    nowhere = {"host": "192.0.2.111", "security": "none"}
    assert "No real message was sent" in _build(internet, site, submission=nowhere)
    assert "was returned after" in _build(internet, site)  # nothing was sent, so it may be tried


# The last: it leaves without QUIT, and the server's log is looked at above.
def test_the_kind_tls_begins_by_starttls_with_postfix_and_dovecot(internet: MailInternet) -> None:
    wanted = {
        "mx.author.post.example:587": "trusted",  # Postfix, submission
        "mx.author.post.example:143": "trusted",  # Dovecot, IMAP
        "mx.trusted.post.example:25": "trusted",
        "mx.expired.post.example:25": "expired",
        "mx-dane.signed.example:25": "self_signed",
    }
    told = internet.run(
        "pc",
        [sys.executable, "-m", "tests.kind_ask"],
        env=internet.settings() | {"SOTOKARA_TIMEOUT": "5"},
        cwd=REPOSITORY,
        stdin=json.dumps([{"tls": target} for target in wanted]),
        timeout=60,
    )
    answers = json.loads(told.stdout)
    found = [(one["facts"] or one["failure"]).get("verdict") for one in answers]
    assert dict(zip(wanted, found, strict=True)) == wanted, [one["failure"] for one in answers]
