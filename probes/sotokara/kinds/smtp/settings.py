"""The settings of the kind ``smtp``: ``extra.probes.smtp`` in mkdocs.yml."""

from typing import Annotated

import msgspec

from sotokara.core.settings import DURATION
from sotokara.network.mail import Mailbox, Submission
from sotokara.network.network import Network


class Smtp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the ``smtp`` kind may do and as whom; times in seconds."""

    mail_from: str = ""
    """The author's address; without it no mail server is contacted."""
    helo: str = ""
    """The name given in EHLO; empty: the domain of ``mail_from``."""
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 25
    """Where mail servers listen; another only in test networks."""
    pause: Annotated[float, DURATION, msgspec.Meta(ge=0)] = 1.0
    """Between two connections to one address."""
    greylist_wait: Annotated[float, DURATION, msgspec.Meta(ge=0)] = 60.0
    """The longest hinted pause that is waited for in a build; longer ones wait for the next."""
    control: list[str] = msgspec.field(
        default_factory=lambda: ["gmail-smtp-in.l.google.com", "mx01.mail.icloud.com"]
    )
    """Mail servers that tell a dead server from a port 25 that is closed on our side."""
    send_to: list[str] = []
    """The domains that ``send: true`` may write to; empty: none."""
    send_every: Annotated[float, DURATION, msgspec.Meta(ge=60)] = 604800.0
    """No second message for one question within this time, whatever ``max_age`` says."""
    return_wait: Annotated[float, DURATION, msgspec.Meta(ge=0)] = 10.0
    """How long a build waits for a message to come back before it says `waiting since`."""
    submission: Submission | None = None
    """The route of sent messages; none: straight to the target's mail server."""
    mailbox: Mailbox | None = None
    """Where returned messages are looked for."""


def settings_of(net: Network) -> Smtp:
    """What mkdocs.yml says of this kind."""
    return net.settings.of_kind("smtp", Smtp)
