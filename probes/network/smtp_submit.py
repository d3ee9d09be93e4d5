"""Hands one message over: to the author's own outgoing server, or straight to a mail server.

Only ``send: true`` of the kind ``smtp`` comes here. The author's own server is named in the
settings and is not subject to the policy; a mail server of somebody else is.
"""

from typing import TYPE_CHECKING

from probes.network import Network
from probes.network.errors import named
from probes.observation import Failure, ProbeFailure

if TYPE_CHECKING:
    import aiosmtplib

_PATIENCE = 30.0
SENT = "sent"
CONNECT = "submission"
"""The steps of a failure: at this one it is sure that nothing was sent."""


async def submit(
    net: Network, addresses: list[str], sender: str, recipient: str, message: bytes
) -> str:
    """Send a message by ``smtp.submission``, else to the first of ``addresses``; the last reply.

    :raises ProbeFailure: ``refused_by_server`` with the reply where it is not taken.
    """
    import aiosmtplib  # rarely needed

    client = await _client(net, addresses)
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
        failure: Failure = named(error, step)
        raise ProbeFailure(failure.name, failure.step, failure.detail) from error


async def _client(net: Network, addresses: list[str]) -> "aiosmtplib.SMTP":
    import aiosmtplib

    settings = net.settings.smtp
    helo = settings.helo or settings.mail_from.rpartition("@")[2]
    own = settings.submission
    if own is None:
        if not addresses:
            raise ProbeFailure(
                "dns_no_answer", CONNECT, "no mail server of the domain has an address"
            )
        connection = await net.open(addresses[0], settings.port, CONNECT)
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
