"""A real bounce (``send: true``): one message to nobody, and its return looked for.

The message goes to an account that ends in a token; the ledger keeps only the token's hash, so a
later build can still find the report and nobody can forge one. No second message is sent while
``smtp.send_every`` lasts.
"""

import asyncio
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

from sotokara.core.observation import Exchange, Failure, Observation, ProbeFailure
from sotokara.kinds.smtp.report import (
    ACCOUNT,
    MAILBOX,
    PROTOCOL,
    REPORT,
    SENT,
    kept_of,
    report_fields,
    token_digest,
)
from sotokara.kinds.smtp.route import Goal
from sotokara.kinds.smtp.settings import settings_of
from sotokara.network.mail import Way, mails_since, submit
from sotokara.network.network import Network

_TEXT = """This message was sent to an account that does not exist, to see whether it comes back.

If you can read it, there is nothing to do: it asks for nothing and sells nothing. The sender
measures how mail servers treat such mail, sends at most one message to a domain in a week, and can
be reached by replying.
"""
_POLL = 1.0


async def send_and_find(net: Network, domain: str, goals: Sequence[Goal]) -> list[Exchange]:
    """The exchanges of an earlier message, or of one sent now, with its report if there is one."""
    earlier = _earlier(net.earlier, settings_of(net).send_every)
    if earlier is None:
        note, wait = await _send(net, domain, goals), settings_of(net).return_wait
        if note.failure:
            return [note]
    else:
        told = earlier.volatile["bounce"]
        carried = [one for one in earlier.exchanges if one.protocol == PROTOCOL]
        if any(one.step == REPORT for one in carried):
            return carried
        if told.get("refused"):
            failure = Failure("refused_by_server", SENT, told["text"])
            return [_note(net, domain, told["token"], told["sent"], failure)]
        note, wait = _note(net, domain, told["token"], told["sent"]), 0.0
    return [note, *await _find(net, note, wait)]


def _earlier(observations: Sequence[Observation], every: float) -> Observation | None:
    """The last observation whose message is not too old, if any."""
    for one in sorted(observations, key=lambda one: one.start, reverse=True):
        told = one.volatile.get("bounce", {})
        if "token" in told and "sent" in told:
            age = datetime.now(UTC) - datetime.fromisoformat(told["sent"])
            if age.total_seconds() < every:
                return one
    return None


def _note(
    net: Network, domain: str, digest: str, moment: str, failure: Failure | None = None
) -> Exchange:
    """What is kept of a message. Whom it is from is said so that ``hide`` knows what to mask."""
    settings = settings_of(net)
    own = [settings.mail_from, settings.helo, settings.submission and settings.submission.host]
    text = "".join(f"own: {word}\n" for word in own if word)
    text += f"token: {digest}\nsent: {moment}\n" if digest else ""
    return Exchange(
        step=SENT,
        server=domain,
        protocol=PROTOCOL,
        sent=text.encode(),
        failure=failure,
        media_type="text/plain",
    )


async def _send(net: Network, domain: str, goals: Sequence[Goal]) -> Exchange:
    settings = settings_of(net)
    if domain not in [one.lower().rstrip(".") for one in settings.send_to]:
        detail = f"smtp.send_to does not list {domain}"
        return _note(net, domain, "", "", Failure("policy_refused", SENT, detail))
    if settings.mailbox is None:
        detail = "smtp.mailbox is not set, so a return would not be seen"
        return _note(net, domain, "", "", Failure("policy_refused", SENT, detail))
    token = secrets.token_hex(16)
    recipient = f"{ACCOUNT}{token}@{domain}"
    now = datetime.now(UTC).replace(microsecond=0)
    message = EmailMessage()
    message["From"], message["To"] = settings.mail_from, recipient
    message["Subject"] = f"A test of returned mail ({ACCOUNT}{token})"
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{ACCOUNT}{token}@{settings.mail_from.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notes, please
    message.set_content(_TEXT)
    addresses = [address for goal in goals for address in goal.addresses]
    helo = settings.helo or settings.mail_from.rpartition("@")[2]
    way = Way(helo, settings.port, settings.submission)
    failure = None
    first = "own" if settings.submission else "".join(addresses[:1])
    try:
        async with net.queue(f"smtp {first}", settings.pause):
            with net.uncounted():
                await submit(
                    net,
                    way,
                    addresses,
                    sender=settings.mail_from,
                    recipient=recipient,
                    message=message.as_bytes(),
                )
    except ProbeFailure as failed:
        failure = failed.failure
        if failure.step != SENT:
            return _note(net, domain, "", "", failure)
    return _note(net, domain, token_digest(token), now.isoformat(), failure)


async def _find(net: Network, note: Exchange, wait: float) -> list[Exchange]:
    """The report, if the mailbox has it within ``wait`` seconds; a failure before a delay."""
    mailbox, mail_from = settings_of(net).mailbox, settings_of(net).mail_from
    if mailbox is None:
        return []
    lines = report_fields(note.sent)
    since = datetime.fromisoformat(lines["sent"])
    loop = asyncio.get_running_loop()
    ends = loop.time() + min(wait, max(0.0, net.left_of_build() - net.settings.timeout))
    found: list[Exchange] = []
    with net.uncounted():
        while True:
            try:
                mails = await mails_since(mailbox, since - timedelta(minutes=1), ACCOUNT)
            except ProbeFailure as failed:
                return [_unread(note.server, failed.failure)]
            for mail in mails:
                if kept := kept_of(mail.content, lines["token"], mail_from):
                    moment = f"arrived: {mail.arrived.replace(microsecond=0).isoformat()}\n"
                    found.append(_report(note.server, moment, kept))
            if found or loop.time() >= ends:
                break
            await asyncio.sleep(_POLL)
    return sorted(found, key=lambda one: b"action: delayed" in (one.received or b"").lower())[:1]


def _unread(domain: str, failure: Failure) -> Exchange:
    return Exchange(step=MAILBOX, server=domain, protocol=PROTOCOL, failure=failure)


def _report(domain: str, moment: str, kept: bytes) -> Exchange:
    return Exchange(
        step=REPORT,
        server=domain,
        protocol=PROTOCOL,
        sent=moment.encode(),
        received=kept,
        media_type="text/plain",
    )
