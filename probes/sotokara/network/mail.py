"""Mail of the author's own: one message handed over, and the mailbox that its return comes to.

Only what an author has asked to be sent comes here. The author's own outgoing server is named in
the settings and is not subject to the policy; a mail server of somebody else is. The mailbox is a
Maildir, or a folder over IMAP (RFC 9051); it is read and never changed.
"""

import asyncio
import contextlib
import imaplib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from sotokara.core.mistakes import SettingMistake
from sotokara.core.observation import Failure, ProbeFailure
from sotokara.network.errors import failure_of
from sotokara.network.network import Network

_LARGEST = 262144
_MOST = 200
_SECONDS = 20.0
_STEP = "mailbox"


class Mailbox(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where mail to ``mail_from`` arrives: a Maildir's path, or a host that speaks IMAP."""

    maildir: str = ""
    """The folder that holds ``new`` and ``cur``; with it, nothing else is needed."""
    imap: str = ""
    """The host that speaks IMAP."""
    port: int = 993
    """Its port."""
    username: str = ""
    """The mailbox's user."""
    password: str = ""
    """``!ENV NAME`` in mkdocs.yml keeps it out of the file."""
    folder: str = "INBOX"
    """The folder that is read, and never changed."""
    security: Literal["tls", "none"] = "tls"
    """``none`` only on your own machine."""


class MailboxMessage(NamedTuple):
    """One message and when it arrived (UTC)."""

    arrived: datetime
    content: bytes


async def mails_since(mailbox: Mailbox, moment: datetime, text: str) -> list[MailboxMessage]:
    """Messages that came since a moment and contain ``text``, or come from a mail system.

    The newest first, at most 200, each cut after 256 KiB.

    :raises ProbeFailure: ``permission_denied`` or ``network_unreachable`` (our side) where the
        mailbox cannot be read.
    """
    try:
        if mailbox.maildir:
            return await asyncio.to_thread(_maildir, Path(mailbox.maildir), moment)
        return await asyncio.to_thread(_imap, mailbox, moment, text)
    except (imaplib.IMAP4.error, PermissionError) as error:
        raise ProbeFailure("permission_denied", _STEP, type(error).__name__) from error
    except OSError as error:
        raise ProbeFailure("network_unreachable", _STEP, type(error).__name__) from error


async def check_mailbox(mailbox: Mailbox) -> None:
    """See that the mailbox can be read, before anything is sent whose return it is to hold.

    :raises SettingMistake: where its folder, its host or its login is not there.
    """
    if mailbox.maildir:
        if not await asyncio.to_thread(Path(mailbox.maildir).is_dir):
            what = f"smtp.mailbox.maildir: there is no folder {mailbox.maildir}"
            raise SettingMistake(what, "name the folder that holds `new` and `cur`")
        return
    if not mailbox.imap:
        what = "smtp.mailbox names neither a `maildir` nor an `imap` host"
        raise SettingMistake(what, "name one of the two")
    try:
        await asyncio.to_thread(_open, mailbox)
    except imaplib.IMAP4.error as error:
        what = f"smtp.mailbox: {mailbox.imap} does not open {mailbox.folder} ({_said(error)})"
        raise SettingMistake(what, "see `username`, `password` and `folder`") from error
    except OSError as error:
        what = f"smtp.mailbox: {mailbox.imap} cannot be reached ({type(error).__name__})"
        raise SettingMistake(what, "see `imap`, `port` and `security`") from error


def _said(error: Exception) -> str:
    text = error.args[0] if error.args else ""
    return (text.decode("ascii", "replace") if isinstance(text, bytes) else str(text))[:80]


def _open(mailbox: Mailbox) -> None:
    with _logged_in(mailbox):
        pass


@contextlib.contextmanager
def _logged_in(mailbox: Mailbox) -> Iterator[imaplib.IMAP4]:
    """The folder, opened to be read alone."""
    kind = imaplib.IMAP4_SSL if mailbox.security == "tls" else imaplib.IMAP4
    with kind(mailbox.imap, mailbox.port, timeout=_SECONDS) as client:
        client.login(mailbox.username, mailbox.password)
        state, said = client.select(f'"{mailbox.folder}"', readonly=True)
        if state != "OK":
            raise imaplib.IMAP4.error(said[0] if said else state)
        yield client


def _maildir(folder: Path, moment: datetime) -> list[MailboxMessage]:
    files = [file for inner in ("new", "cur") for file in (folder / inner).glob("*")]
    found = []
    for file in files:
        with contextlib.suppress(FileNotFoundError):  # a mail program moved it meanwhile
            arrived = datetime.fromtimestamp(file.stat().st_mtime, UTC)
            if arrived >= moment - timedelta(seconds=1):
                with file.open("rb") as opened:
                    found.append(MailboxMessage(arrived, opened.read(_LARGEST)))
    return sorted(found, reverse=True)[:_MOST]


def _imap(mailbox: Mailbox, moment: datetime, text: str) -> list[MailboxMessage]:
    with _logged_in(mailbox) as client:
        day = imaplib.Time2Internaldate(moment - timedelta(days=1)).strip('" ').split(" ")[0]
        since = f"SINCE {day}"
        # A full-text index may not find a part of a word, so mail systems' mail is looked at too.
        system = '(OR FROM "mailer-daemon" FROM "postmaster")'
        _, numbers = client.search(None, f'({since} OR TEXT "{text}" {system})')
        newest = (numbers[0] or b"").split()[::-1][:_MOST]
        return [mail for number in newest for mail in _fetched(client, number.decode())]


def _fetched(client: imaplib.IMAP4, number: str) -> Iterator[MailboxMessage]:
    _, parts = client.fetch(number, f"(INTERNALDATE BODY.PEEK[]<0.{_LARGEST}>)")
    for part in parts:
        if isinstance(part, tuple):
            moment = imaplib.Internaldate2tuple(part[0])
            arrived = datetime.now(UTC)
            if moment is not None:
                arrived = datetime(*moment[:6]).astimezone(UTC)  # its local time
            yield MailboxMessage(arrived, part[1])


if TYPE_CHECKING:
    import aiosmtplib

_PATIENCE = 30.0
SENT = "sent"
CONNECT = "submission"
"""The steps of a failure: at this one it is sure that nothing was sent."""


class Submission(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The author's own outgoing mail server (RFC 6409), for ``send: true``."""

    host: str
    """Its name."""
    port: int = 587
    """Its port; 465 goes with ``security: tls``."""
    username: str = ""
    """Empty: it takes your mail without a password."""
    password: str = ""
    """``!ENV NAME`` in mkdocs.yml keeps it out of the file."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """Its certificate is verified wherever a password is sent."""


class Way(NamedTuple):
    """How a message leaves: under which name, and by whom."""

    helo: str
    """The name given in EHLO."""
    port: int
    """Of the recipient's mail server."""
    submission: Submission | None
    """The author's own server; None: straight to the recipient's."""


async def submit(  # noqa: PLR0913  # an envelope's parts
    net: Network, way: Way, addresses: list[str], *, sender: str, recipient: str, message: bytes
) -> str:
    """Send a message by ``way.submission``, else to the first of ``addresses``; the last reply.

    :raises ProbeFailure: ``refused_by_server`` with the reply where it is not taken.
    """
    import aiosmtplib  # rarely needed

    client = await _client(net, way, addresses)
    step = CONNECT
    try:
        async with client:
            step = SENT
            _, reply = await client.sendmail(sender, [recipient], message)
            return reply
    except aiosmtplib.SMTPRecipientsRefused as error:
        refused = error.recipients[0]
        told = f"{refused.code} {refused.message}"
        raise ProbeFailure("refused_by_server", step, told) from error
    except aiosmtplib.SMTPResponseException as error:
        told = f"{error.code} {error.message}"
        raise ProbeFailure("refused_by_server", step, told) from error
    except aiosmtplib.SMTPTimeoutError as error:
        raise ProbeFailure("generic_timeout_error", step) from error
    except aiosmtplib.SMTPException as error:
        raise ProbeFailure("eof_error", step, type(error).__name__) from error
    except OSError as error:
        failure: Failure = failure_of(error, step)
        raise ProbeFailure(failure.name, failure.step, failure.detail) from error


async def _client(net: Network, way: Way, addresses: list[str]) -> "aiosmtplib.SMTP":
    import aiosmtplib

    helo, own = way.helo, way.submission
    if own is None:
        if not addresses:
            raise ProbeFailure(
                "dns_no_answer", CONNECT, "no mail server of the domain has an address"
            )
        connection = await net.open(addresses[0], way.port, CONNECT)
        return aiosmtplib.SMTP(
            sock=connection, local_hostname=helo, timeout=_PATIENCE, validate_certs=False
        )
    return aiosmtplib.SMTP(
        hostname=own.host,
        port=own.port,
        username=own.username or None,
        password=own.password or None,
        use_tls=own.security == "tls",
        start_tls=own.security == "starttls",
        validate_certs=bool(own.username),  # a password goes only to whom it belongs
        local_hostname=helo,
        timeout=_PATIENCE,
    )
