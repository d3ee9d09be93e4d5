"""Taking a mail in: the file read and masked, then the DNS asked what it needs of today."""

import asyncio

import dns.exception
import dns.name
import msgspec

from sotokara.core.observation import Exchange, Failure, ProbeFailure
from sotokara.kinds.mailfile.header import (
    LARGEST,
    ParsedMail,
    UnreadableMail,
    format_header,
    kept_lines,
    parse_header,
    taken_apart,
)
from sotokara.kinds.mailfile.judging import Replies, evaluate_header, keys_named, keys_of
from sotokara.kinds.mailfile.signatures import Checked, verify_signatures
from sotokara.kinds.shared.mail.check_host import Open
from sotokara.network.network import Network

HEADER, CHECKS = "header", "signatures"
_MOST_QUESTIONS = 60


class Taken(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a mail's own bytes say, for whoever reads the masked header."""

    checks: list[Checked] = []
    too_long: int = 0
    """Fields that were passed over."""


async def examine_mail(net: Network, name: str, own: list[str]) -> list[Exchange]:
    """The masked header, what the mail's own bytes say, and what the DNS says today.

    :raises ProbeFailure: ``file_unreadable``.
    """
    mail = await asyncio.get_running_loop().run_in_executor(None, _read, net, name)
    text = format_header(kept_lines(mail.fields))
    head = Exchange(
        HEADER,
        name,
        "file",
        b"",
        text.encode(),
        media_type="text/plain",
    )
    lines = parse_header(text)
    asked = await asyncio.gather(*(_ask(net, one, "TXT") for one in keys_named(lines)))
    keys = keys_of(lines, Replies(asked))
    checks = await asyncio.get_running_loop().run_in_executor(None, verify_signatures, mail, keys)
    bytes_say = msgspec.json.encode(Taken(checks, mail.too_long))
    checked = Exchange(CHECKS, name, "file", b"", bytes_say, media_type="text/json")
    exchanges = [head, checked, *asked]
    for _ in range(_MOST_QUESTIONS):
        try:
            evaluate_header(lines, Replies(exchanges), own, checks)
        except Open as needed:
            exchanges.append(await _ask(net, needed.name, needed.rdtype))
        else:
            break
    return exchanges


def _read(net: Network, name: str) -> ParsedMail:
    found = net.find(name)
    if found is None or not found.is_file():
        raise ProbeFailure(
            "file_unreadable", "file", "there is no such file below the pages' folder"
        )
    try:
        if found.stat().st_size > LARGEST:
            raise ProbeFailure("file_unreadable", "file", f"more than {LARGEST >> 20} MiB")
        return taken_apart(found.read_bytes())
    except UnreadableMail as error:
        raise ProbeFailure("file_unreadable", "file", str(error)) from error
    except OSError as error:
        raise ProbeFailure("file_unreadable", "file", error.strerror or "") from error


async def _ask(net: Network, name: str, rdtype: str) -> Exchange:
    step = f"{rdtype} {name}"
    try:
        owner = dns.name.from_text(name)
    except dns.exception.DNSException:  # longer than a name may be: nobody can have it
        return Exchange(step, "resolver", "", failure=Failure("invalid_target", step))
    return await net.ask(owner, rdtype, step=step)
