"""Kind ``mail``: what a domain has published about its mail, and what that means for a bounce.

MX and null MX, SPF with the look-ups it costs, DMARC, the DKIM keys of the selectors given, MTA-STS
with its policy, TLS-RPT, and DANE for each mail server. No mail server is spoken to.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any, ClassVar

import msgspec

from sotokara.core.observation import Exchange, Facts, Failure, Observation, Reading
from sotokara.core.places import resolver
from sotokara.core.said import said
from sotokara.kinds.interface import Kind, OptionError
from sotokara.kinds.mail.asking import POLICY, ask_domain, policy_url
from sotokara.kinds.mail.facts import MailFacts
from sotokara.kinds.mail.parse import read_parts
from sotokara.kinds.shared.host import domain_name
from sotokara.kinds.shared.mail.parts import PolicyPart
from sotokara.network.network import Network

_SELECTOR = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9_])?")
_PARTS = ("spf", "dmarc", "mta_sts", "tls_rpt")
_OPEN = "not_answered"


class Mail(Kind, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One domain, and all that it says of its mail."""

    name: ClassVar[str] = "mail"
    version: ClassVar[int] = 2
    facts: ClassVar[type[MailFacts]] = MailFacts
    styles: ClassVar[tuple[str, ...]] = ("list", "table")
    id_prefix: ClassVar[str] = "mail"
    gist: ClassVar[tuple[str, ...]] = ("mx",)
    timeout_factor: ClassVar[float] = 3.0
    software: ClassVar[str] = "dnspython, and its own reading of RFC 7208, 7489, 6376, 8461, 7672"
    help: ClassVar[dict[str, str]] = {
        "target": "The domain behind the `@`; it may be written in Unicode.",
        "selectors": "DKIM selectors to look for; they stand as `s=` in the headers of a mail. The "
        "DNS has no list of them.",
    }

    selectors: list[str] = []

    def option_errors(self) -> Iterator[OptionError]:
        """Targets that are no domain, selectors that are no name."""
        try:
            domain_name(self.target)
        except ValueError as error:
            what = said("{!r} is no domain ({})", self.target, error)
            yield OptionError(
                "target", what, said("write what stands behind the @, as example.com")
            )
        for text in self.selectors:
            if not _SELECTOR.fullmatch(text):
                what = said("{!r} is no DKIM selector", text)
                yield OptionError(
                    "selectors", what, said("the value of `s=` in a DKIM-Signature header")
                )

    def normal(self) -> "Mail":
        """Lower case, A-labels, no final dot; selectors in order, each once."""
        selectors = sorted({text.lower() for text in self.selectors})
        return msgspec.structs.replace(self, target=domain_name(self.target), selectors=selectors)

    async def measure(self, net: Network) -> list[Exchange]:
        """Ask for each part; see asking.py."""
        return await ask_domain(net, domain_name(self.target), self.selectors)

    def parse(self, exchanges: Sequence[Exchange]) -> Reading:
        """Facts from the replies; see parse.py."""
        return read_parts(exchanges, domain_name(self.target), self.selectors)

    def commands(self, facts: Any = None) -> list[list[str]]:  # noqa: ANN401
        """``dig`` for each part, and ``curl`` for a policy that was announced."""
        domain = domain_name(self.target)
        asked = [
            ("MX", domain),
            ("TXT", domain),
            ("TXT", f"_dmarc.{facts.dmarc.domain if facts and facts.dmarc.domain else domain}"),
            *(("TXT", f"{one}._domainkey.{domain}") for one in self.selectors),
            ("TXT", f"_mta-sts.{domain}"),
            ("TXT", f"_smtp._tls.{domain}"),
            *(("TLSA", f"_25._tcp.{one.host}") for one in (facts.dane if facts else ())),
        ]
        commands = [["dig", name, rdtype] for rdtype, name in asked]
        if facts and facts.mta_sts.mode:
            commands.append(["curl", policy_url(domain)])
        return commands

    @classmethod
    def unknown(cls, facts: Facts | None) -> set[str]:
        """Parts that nobody answered."""
        if not isinstance(facts, MailFacts):
            return set()
        found = {name for name in _PARTS if getattr(facts, name).state == _OPEN}
        for name in ("dkim", "dane"):
            every: Collection[PolicyPart] = getattr(facts, name)
            if any(one.state == _OPEN for one in every):
                found.add(name)
        if facts.route == _OPEN:
            found |= {"route", "mx", "dane"}
        return found

    @classmethod
    def seen_by_listing(cls, field: str, old: Any, new: Any) -> Any:  # noqa: ANN401
        """A part of today as far as a paste has it: none has our findings, few have the record."""
        if field not in _PARTS:
            return new
        hidden = {"problems": old.problems}
        if not old.record and old.state == "present":
            hidden["record"] = old.record
        if field == "mta_sts":
            hidden["uncovered"] = old.uncovered
        return msgspec.structs.replace(new, **hidden)

    @classmethod
    def headline_of(cls, facts: Any, words: dict[str, str]) -> str:  # noqa: ANN401
        """A domain that does not exist, or takes no mail, says so at once."""
        return words.get(f"head_mail_{facts.route}") or words["answered"]

    @classmethod
    def remarks(cls, facts: Any, observation: Observation, words: dict[str, str]) -> list[str]:  # noqa: ANN401
        """Whose DNS was asked; that no server was; why a policy could not be had."""
        remarks = [words["mail_asked"].format(resolver=resolver(observation.vantage.name, words))]
        if not facts.dkim:
            remarks.append(words["mail_no_selectors"])
        policy = next((one for one in observation.exchanges if one.step == POLICY), None)
        if policy is not None and isinstance(policy.failure, Failure):
            remarks.append(words["mail_policy"].format(why=words[policy.failure.name]))
        return remarks + super().remarks(facts, observation, words)
