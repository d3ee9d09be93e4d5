"""Kind ``smtp``: is the mail server there, and what does it do with mail to nobody? (RFC 5321).

Every address of every mail server of a domain is asked, in the order in which a sender would try
them, as far as RCPT: DATA is never sent by this. By default the recipient is a name made up
at random, always the same; how the server takes it tells what happens to mail to nobody.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from importlib import metadata
from typing import Any, ClassVar

import msgspec

from sotokara.core.observation import Exchange, Facts, Failure, Observation, Reading
from sotokara.core.own_network import Masks
from sotokara.core.said import said
from sotokara.kinds.interface import Kind, OptionError
from sotokara.kinds.shared.host import domain_name
from sotokara.kinds.shared.translator import translated
from sotokara.kinds.smtp.facts import SmtpFacts, alike_in_tls, lasting, out_of_time
from sotokara.kinds.smtp.parse import read_dialogues
from sotokara.kinds.smtp.privacy import telltale
from sotokara.kinds.smtp.settings import Smtp as SmtpSettings
from sotokara.masking.redaction import Redactor
from sotokara.network.network import Network

_BOUNCED = ("returned", "refused")
"""What a mail server did with our message; the other states are ours."""
_MOST_HOSTS = 4
"""Of whom commands are printed."""
_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")


class Smtp(Kind, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The mail servers of one domain, asked about one recipient."""

    name: ClassVar[str] = "smtp"
    version: ClassVar[int] = 2
    facts: ClassVar[type[SmtpFacts]] = SmtpFacts
    styles: ClassVar[tuple[str, ...]] = ("verdict", "transcript", "table")
    from_raw: ClassVar[frozenset[str]] = frozenset({"transcript"})
    settings: ClassVar[type[SmtpSettings]] = SmtpSettings
    timeout_factor: ClassVar[float] = 6.0
    id_prefix: ClassVar[str] = "mail"
    software: ClassVar[str] = f"aiosmtplib {metadata.version('aiosmtplib')}"
    help: ClassVar[dict[str, str]] = {
        "target": "A domain, or a mail address in it, which is then the recipient asked about.",
        "recipient": "The account asked about, of the target's own domain; by default a name "
        "made up at random.",
        "send": "Send one real message to a name made up at random and look for its return; "
        "needs `smtp.send_to` and `smtp.mailbox` in the settings.",
        "mx": "The names in the MX records, in order of preference.",
        "route": "`mx`, `null_mx`, `null_mx_beside_others`, `address` (no MX: the domain's own "
        "address), `nothing` or `no_domain`.",
        "hosts": "Each mail server: its `addresses`, with `verdict`, `replies`, `tls`.",
        "verdict": "`rejects`, `accepts`, `later`, `refuses_us`, `not_responsible`, `undecided`, "
        "`unreachable` or `no_mail`.",
        "code": "The code that the verdict rests on.",
        "enhanced": "The enhanced code beside it.",
        "agree": "All servers that answered about the recipient gave the same verdict.",
        "chosen": "The recipient was named by the author.",
        "bounce": "What became of the message that `send: true` sent.",
    }

    recipient: str = ""
    send: bool = False

    def option_errors(self) -> Iterator[OptionError]:
        """Targets that are no domain, and recipients elsewhere: servers are not asked to relay."""
        local, _, after = self.target.rpartition("@")
        try:
            name = domain_name(after)
        except ValueError as error:
            what = said("{!r} is neither a domain nor a mail address ({})", self.target, error)
            yield OptionError("target", what, said("write example.com, or someone@example.com"))
            return
        if local and not _LOCAL.fullmatch(local):
            what = said("{!r} is no account name that can be asked about", local)
            yield OptionError("target", what, said("use letters, digits and . _ + -"))
        account, _, elsewhere = self.recipient.partition("@")
        if self.recipient and local:
            yield OptionError(
                "recipient", said("the target names a recipient already"), said("one of the two")
            )
        elif self.recipient and not _LOCAL.fullmatch(account):
            what = said("{!r} is no account name that can be asked about", self.recipient)
            yield OptionError("recipient", what, said("postmaster, or postmaster@example.com"))
        elif elsewhere and elsewhere.lower().rstrip(".") not in (after.lower().rstrip("."), name):
            what = said("{!r} is not an account of {}", self.recipient, after)
            yield OptionError("recipient", what, said("an account of the target's own domain"))
        if self.send and (self.recipient or local):
            what = said("`send` writes to an account that cannot exist, and to no other")
            yield OptionError(
                "send", what, said("`send` without `recipient`, the target a bare domain")
            )

    def normal(self) -> "Smtp":
        """The domain in lower case and A-labels as the target; the recipient as its account."""
        local, _, after = self.target.rpartition("@")
        recipient = local or self.recipient.partition("@")[0]
        return msgspec.structs.replace(self, target=domain_name(after), recipient=recipient)

    def account(self) -> str:
        """The recipient: the one named, or one that nobody has and that is always the same.

        The same, so that a server that greylists sees at the next build whom it saw at this one.
        """
        if self.recipient:
            return f"{self.recipient}@{self.target}"
        digest = hashlib.sha256(f"sotokara {self.target}".encode()).hexdigest()
        return f"no-such-account-{digest[:16]}@{self.target}"

    def remembers(self) -> bool:
        """A message that was sent is looked for at later builds too."""
        return self.send

    async def measure(self, net: Network) -> list[Exchange]:
        """Find the mail servers and ask each, one connection to a host at a time."""
        from sotokara.kinds.smtp.asking import (
            ask_mail_servers,  # brings in aiosmtplib, slow to start
        )

        return await ask_mail_servers(net, self.target, self.account(), send=self.send)

    def hide(self, exchanges: Sequence[Exchange], masks: Masks) -> list[Exchange]:  # noqa: ARG002
        """Mask the author's mail address, EHLO name and public address in what servers echo."""
        redactor = Redactor(telltale(self.target, exchanges))
        return [redactor.exchange(one) for one in exchanges]

    def parse(self, exchanges: Sequence[Exchange]) -> Reading:
        """Facts from the dialogues (see parse.py)."""
        return read_dialogues(exchanges, self.target, chosen=bool(self.recipient))

    @classmethod
    def failure_in(cls, facts: Facts | None) -> Failure | None:
        """A certificate that is out of its time, by our clock: the control says what time it is."""
        if isinstance(facts, SmtpFacts) and out_of_time(facts):
            return Failure("clock_wrong", "certificate")
        return None

    @classmethod
    def comparable(cls, before: Facts, after: Facts) -> tuple[Facts, Facts]:
        """A renewed certificate is no change; nor is that we sent a message, or wait for it."""
        if not isinstance(before, SmtpFacts) or not isinstance(after, SmtpFacts):
            return before, after
        old, new = alike_in_tls(lasting(before), lasting(after))
        told = [one.bounce and one.bounce.state in _BOUNCED for one in (old, new)]
        if not all(told):
            old, new = (msgspec.structs.replace(one, bounce=None) for one in (old, new))
        return old, new

    @classmethod
    def headline_of(cls, facts: Any, words: dict[str, str]) -> str:  # noqa: ANN401
        """The verdict."""
        return words.get(f"head_smtp_{facts.verdict}") or words["answered"]

    @classmethod
    def remarks(cls, facts: Any, observation: Observation, words: dict[str, str]) -> list[str]:  # noqa: ANN401
        """Which addresses are a translator's."""
        every = (one.address for host in facts.hosts for one in host.addresses)
        return [*super().remarks(facts, observation, words), *translated(every, words)]

    def commands(self, facts: Any = None) -> list[list[str]]:  # noqa: ANN401
        """``dig`` for the mail servers; ``swaks`` asks each as far as RCPT, ``openssl`` for TLS."""
        found = [["dig", self.target, "MX"]]
        for host in facts.hosts[:_MOST_HOSTS] if facts else ():
            if not host.addresses:
                continue
            asked = ["--server", f"{host.name}:25", "--to", self.account(), "--quit-after", "RCPT"]
            family = ["-6"] if all(":" in one.address for one in host.addresses) else []
            secure = any(one.tls for one in host.addresses)
            found.append(["swaks", *family, *asked, *(["--tls-optional"] if secure else [])])
            if secure:
                connect = [*family, "-connect", f"{host.name}:25"]
                found.append(["openssl", "s_client", "-starttls", "smtp", "-crlf", *connect])
        return found
