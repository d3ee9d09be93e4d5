"""The author's own mailbox, read and never changed: a Maildir, or a folder over IMAP (RFC 9051)."""

import asyncio
import contextlib
import imaplib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from probes.observation import ProbeFailure
from probes.settings import Mailbox

_LARGEST = 262144
_MOST = 200
_SECONDS = 20.0
_STEP = "mailbox"


class Mail(NamedTuple):
    """One message and when it arrived (UTC)."""

    arrived: datetime
    content: bytes


async def mails_since(mailbox: Mailbox, moment: datetime, text: str) -> list[Mail]:
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


def _maildir(folder: Path, moment: datetime) -> list[Mail]:
    files = [file for inner in ("new", "cur") for file in (folder / inner).glob("*")]
    found = []
    for file in files:
        with contextlib.suppress(FileNotFoundError):  # a mail program moved it meanwhile
            arrived = datetime.fromtimestamp(file.stat().st_mtime, UTC)
            if arrived >= moment - timedelta(seconds=1):
                with file.open("rb") as opened:
                    found.append(Mail(arrived, opened.read(_LARGEST)))
    return sorted(found, reverse=True)[:_MOST]


def _imap(mailbox: Mailbox, moment: datetime, text: str) -> list[Mail]:
    kind = imaplib.IMAP4_SSL if mailbox.security == "tls" else imaplib.IMAP4
    with kind(mailbox.imap, mailbox.port, timeout=_SECONDS) as client:
        client.login(mailbox.username, mailbox.password)
        client.select(f'"{mailbox.folder}"', readonly=True)
        day = imaplib.Time2Internaldate(moment - timedelta(days=1)).strip('" ').split(" ")[0]
        since = f"SINCE {day}"
        # A full-text index may not find a part of a word, so mail systems' mail is looked at too.
        system = '(OR FROM "mailer-daemon" FROM "postmaster")'
        _, numbers = client.search(None, f'({since} OR TEXT "{text}" {system})')
        newest = (numbers[0] or b"").split()[::-1][:_MOST]
        return [mail for number in newest for mail in _fetched(client, number.decode())]


def _fetched(client: imaplib.IMAP4, number: str) -> Iterator[Mail]:
    _, parts = client.fetch(number, f"(INTERNALDATE BODY.PEEK[]<0.{_LARGEST}>)")
    for part in parts:
        if isinstance(part, tuple):
            moment = imaplib.Internaldate2tuple(part[0])
            arrived = datetime.now(UTC)
            if moment is not None:
                arrived = datetime(*moment[:6]).astimezone(UTC)  # its local time
            yield Mail(arrived, part[1])
