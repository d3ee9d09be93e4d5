"""Mail servers that misbehave, on loopback: a named failure, in time, and never a DATA."""

import asyncio
import contextlib
import datetime as dt
import ssl
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import dns.name
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from sotokara.core.observation import Exchange, Outcome, Reading
from sotokara.core.settings import Settings
from sotokara.engine.settings import load
from sotokara.kinds.smtp.facts import SmtpFacts
from sotokara.servers.mailserver import BANNER, MailServer, Manner
from sotokara.servers.nameserver import NameServer, question, rdtype, record, reply

from tests.servers.thread import serving
from tests.smtp_ask import all_asked, text

_A, _MX = 1, 15
_MAIL = "127.0.0.2"
_CONTROL = "127.0.0.3"


async def directory(wire: bytes) -> AsyncIterator[bytes]:
    """MX of every name is mx. below it; every mx. is the server, and control.test the control."""
    name, _ = dns.name.from_wire(question(wire), 0)
    labels = name.to_text().split(".")
    if rdtype(wire) == _MX:
        yield reply(
            wire, record(_MX, b"\0\x0a" + (dns.name.from_text(f"mx.{name}").to_wire() or b""))
        )
    elif rdtype(wire) == _A:
        address = _CONTROL if labels[0] == "control" else _MAIL
        yield reply(wire, record(_A, bytes(map(int, address.split(".")))))
    else:
        yield reply(wire)


class Seen:
    """What was measured, what the server saw, and how long it took."""

    def __init__(self, reading: Reading, exchanges: list[Exchange], lines: list[str]) -> None:
        self.reading, self.exchanges, self.lines = reading, exchanges, lines
        self.commands: list[list[str]] = []
        self.seconds = 0.0

    @property
    def facts(self) -> SmtpFacts:
        assert isinstance(self.reading.facts, SmtpFacts)
        return self.reading.facts

    @property
    def failure(self) -> tuple[str, str]:
        assert self.reading.failure
        return self.reading.failure.name, self.reading.failure.step


def meet(
    manner: Manner,
    *,
    timeout: float = 1.0,
    smtp: Any = None,
    port: int = 0,
    allow: str = "127.0.0.0/8",
) -> Seen:
    """Ask one.test, whose mail server has this manner."""
    server, names = MailServer({_MAIL: manner, _CONTROL: Manner()}), NameServer(directory)
    with serving(server, names):
        settings = load(
            {
                "resolvers": [names.address],
                "control": [names.address],
                "timeout": timeout,
                "policy": {"allow": [allow]},
                "smtp": {
                    "mail_from": "me@author.test",
                    "helo": "pc.author.test",
                    "port": port or server.port,
                    "pause": 0,
                    "control": ["control.test"],
                    **(smtp or {}),
                },
            },
            environ={},
        )
        began = time.monotonic()
        [(asked, exchanges, reading)] = asyncio.run(all_asked(settings, ["one.test"]))
        lines = text(asked, exchanges, reading, "transcript") if reading.facts else []
        seen = Seen(reading, exchanges, lines)
        seen.seconds = time.monotonic() - began
        seen.commands = [one.verbs for one in server.sessions if one.address == _MAIL]
    for session in server.sessions:
        assert "DATA" not in session.verbs
        deaf = manner.endless or session.cut
        assert deaf or session.verbs[-1] == "QUIT", session
    assert server.most_at_once[_MAIL] <= 1
    return seen


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A server's side of TLS with a certificate that it signed itself."""
    folder: Path = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mx.one.test")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now)
        .not_valid_after(now + dt.timedelta(days=9))
        .sign(key, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "both.pem").write_bytes(private + certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return context


def test_a_polite_server_is_told_good_bye() -> None:
    seen = meet(Manner())
    assert seen.facts.verdict == "rejects"
    assert (seen.facts.code, seen.facts.enhanced) == (550, "5.1.1")
    assert seen.commands == [["EHLO", "MAIL", "RCPT", "RSET", "QUIT"]]


@pytest.mark.parametrize(
    ("manner", "failure"),
    [
        (Manner(endless={BANNER: b"x" * 4096}), ("server_misbehaving", "banner")),
        (Manner(endless={BANNER: b"220-more\r\n" * 99}), ("server_misbehaving", "banner")),
        (Manner(endless={"EHLO": b"250-more\r\n" * 99}), ("server_misbehaving", "EHLO")),
        (Manner(endless={BANNER: b"220-\r\n"}, drip=0.2), ("generic_timeout_error", "banner")),
        (Manner(replies={BANNER: b""}), ("generic_timeout_error", "banner")),
        (Manner(replies={"RCPT": b""}), ("generic_timeout_error", "RCPT")),
        (Manner(replies={BANNER: b"hello there\r\n"}), ("server_misbehaving", "banner")),
        (Manner(replies={BANNER: b"2_0 hello\r\n"}), ("server_misbehaving", "banner")),
        (Manner(replies={"EHLO": b"-25 hello\r\n"}), ("server_misbehaving", "EHLO")),
        (Manner(replies={"MAIL": b"999 what\r\n"}), ("server_misbehaving", "MAIL")),
        (Manner(replies={"RCPT": b"\r\n"}), ("server_misbehaving", "RCPT")),
        (Manner(cuts=frozenset({BANNER})), ("eof_error", "banner")),
        (Manner(cuts=frozenset({"RCPT"})), ("eof_error", "RCPT")),
    ],
)
def test_a_server_that_misbehaves_is_named_in_time(
    manner: Manner, failure: tuple[str, str]
) -> None:
    seen = meet(manner)
    assert seen.failure == failure
    assert seen.facts.verdict == "undecided"
    assert seen.seconds < 60  # of a server that says something without end, or nothing
    assert sum(len(one.received or b"") for one in seen.exchanges) < 100_000


def test_a_megabyte_of_banner_is_not_kept() -> None:
    seen = meet(Manner(replies={BANNER: b"220 " + b"a" * (1 << 20) + b"\r\n"}))
    assert seen.failure == ("server_misbehaving", "banner")
    assert sum(len(one.received or b"") for one in seen.exchanges) < 100_000


def test_text_of_eight_bits_is_kept_and_shown_as_text() -> None:
    manner = Manner(replies={BANNER: b"220 caf\xe9 \x1b[31m \xe5\xba\x97\r\n"})
    seen = meet(manner)
    assert seen.facts.verdict == "rejects"
    assert any(one.received == manner.replies[BANNER] for one in seen.exchanges)
    assert any("caf\\xe9" in line and "店" in line for line in seen.lines)


def test_text_slipped_in_after_starttls_ends_the_session(tls: ssl.SSLContext) -> None:
    injected = {"STARTTLS": b"220 go\r\n250 injected\r\n"}
    seen = meet(Manner(replies=injected, context=tls))
    assert seen.failure == ("server_misbehaving", "STARTTLS")
    assert "MAIL" not in seen.commands[0]


def test_tls_is_described(tls: ssl.SSLContext) -> None:
    seen = meet(Manner(context=tls))
    found = seen.facts.hosts[0].addresses[0].tls
    assert found is not None
    assert found.version == "TLSv1.3"
    assert found.names == ["mx.one.test"]
    assert found.problems == ["self_signed"]
    assert seen.commands == [["EHLO", "STARTTLS", "EHLO", "MAIL", "RCPT", "RSET", "QUIT"]]


def test_where_tls_fails_plain_smtp_is_tried_once() -> None:
    seen = meet(Manner(replies={"EHLO": b"250-mail\r\n250 STARTTLS\r\n"}))
    found = seen.facts.hosts[0].addresses[0]
    assert found.tls is not None
    assert found.tls.problems == ["handshake_failed"]
    assert found.verdict == "rejects"
    assert len(seen.commands) == 2


def test_a_refusal_of_starttls_is_no_failure() -> None:
    replies = {"EHLO": b"250-mail\r\n250 STARTTLS\r\n", "STARTTLS": b"454 4.7.0 not now\r\n"}
    assert meet(Manner(replies=replies)).facts.verdict == "rejects"


def test_a_server_without_ehlo_is_greeted_with_helo() -> None:
    seen = meet(Manner(replies={"EHLO": b"502 5.5.1 What?\r\n"}))
    assert seen.commands == [["EHLO", "HELO", "MAIL", "RCPT", "RSET", "QUIT"]]


@pytest.mark.parametrize(
    ("replies", "verdict", "code"),
    [
        ({"RCPT": b"250 2.1.5 Ok\r\n"}, "accepts", 250),
        ({"RCPT": b"450 4.2.0 Greylisted\r\n"}, "later", 450),
        ({BANNER: b"554 5.7.1 blocked using bl.test\r\n"}, "refuses_us", 554),
        ({BANNER: b"421 4.3.2 too busy\r\n"}, "later", 421),
        ({"MAIL": b"550 5.7.1 sender rejected\r\n"}, "refuses_us", 550),
        ({"RCPT": b"554 5.7.1 Relay access denied\r\n"}, "not_responsible", 554),
        ({"EHLO": b"550 5.7.0 go away\r\n"}, "refuses_us", 550),
    ],
)
def test_each_answer_has_its_verdict(replies: dict[str, bytes], verdict: str, code: int) -> None:
    seen = meet(Manner(replies=replies))
    assert (seen.facts.verdict, seen.facts.code) == (verdict, code)
    assert seen.reading.failure is None


def test_a_hinted_pause_is_waited_for_once() -> None:
    manner = Manner(replies={"RCPT": b"450 4.2.0 Greylisted, try again in 1 second\r\n"})
    seen = meet(manner)
    assert seen.facts.verdict == "later"
    assert seen.facts.hosts[0].addresses[0].retried
    assert len(seen.commands) == 2
    assert seen.seconds > 2


def test_a_long_pause_is_left_to_the_next_build() -> None:
    manner = Manner(replies={"RCPT": b"450 4.2.0 Greylisted for 300 seconds\r\n"})
    seen = meet(manner)
    assert len(seen.commands) == 1
    assert seen.reading.volatile["pause"] == 300


def test_a_dead_server_is_dead_only_when_the_control_lives() -> None:
    dead = meet(Manner(), port=9)
    assert dead.failure == ("smtp_port_blocked", "control")
    assert dead.reading.failure
    assert dead.reading.failure.outcome is Outcome.NOT_MEASURED
    assert dead.reading.facts is None


def test_an_address_that_policy_closes_is_not_called_unreachable() -> None:
    seen = meet(Manner(), allow="127.0.0.3/32")
    assert seen.failure == ("policy_refused", "policy")
    assert seen.reading.facts is None
    assert seen.commands == []


def test_without_a_sender_nobody_is_contacted() -> None:
    seen = meet(Manner(), smtp={"mail_from": ""})
    assert seen.failure == ("no_sender", "settings")
    assert seen.commands == []


def test_echoes_of_the_author_are_masked() -> None:
    replies = {
        "EHLO": b"250-mail.test Hello home-77.isp.test [198.51.100.77]\r\n250 SIZE 9\r\n",
        "MAIL": b"250 2.1.0 me@author.test... Sender ok\r\n",
        "RCPT": b"550 5.7.1 198-51-100-77 at pc.author.test may not\r\n",
    }
    seen = meet(Manner(replies=replies))
    raw = b"".join(one.sent + (one.received or b"") for one in seen.exchanges)
    for word in (b"198.51.100.77", b"198-51-100-77", b"home-77", b"author.test", b"me@"):
        assert word not in raw
    assert b"mail.test" in raw
    assert seen.facts.verdict == "refuses_us"


def test_one_server_for_many_domains_is_asked_one_at_a_time_and_waiting_is_free() -> None:
    server, names = MailServer({_MAIL: Manner(delay=0.2)}), NameServer(directory)
    with serving(server, names):
        settings = load(
            {
                "resolvers": [names.address],
                "timeout": 0.4,  # times six: less than three dialogues of 1.4 s take
                "policy": {"allow": ["127.0.0.0/8"]},
                "smtp": {"mail_from": "me@author.test", "port": server.port, "pause": 0.1},
            },
            environ={},
        )
        answers = asyncio.run(all_asked(settings, ["a.test", "b.test", "c.test"]))
    assert [reading.failure for _, _, reading in answers] == [None] * 3
    assert server.most_at_once[_MAIL] == 1


def test_a_build_that_is_stopped_says_good_bye() -> None:
    server, names = MailServer({_MAIL: Manner(replies={"MAIL": b""})}), NameServer(directory)

    async def until(verb: str) -> None:
        async with asyncio.timeout(60):
            while not any(verb in one.verbs for one in server.sessions):  # noqa: ASYNC110
                await asyncio.sleep(0.01)  # the server is a thread of its own

    async def stopped(settings: Settings) -> None:
        asking = asyncio.ensure_future(all_asked(settings, ["one.test"]))
        await until("MAIL")  # which is not answered
        asking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asking
        await until("QUIT")

    with serving(server, names):
        settings = load(
            {
                "resolvers": [names.address],
                "timeout": 200,
                "policy": {"allow": ["127.0.0.0/8"]},
                "smtp": {"mail_from": "me@author.test", "port": server.port},
            },
            environ={},
        )
        asyncio.run(stopped(settings))
        [session] = server.sessions
    assert session.verbs[-1] == "QUIT"
    assert "RCPT" not in session.verbs
