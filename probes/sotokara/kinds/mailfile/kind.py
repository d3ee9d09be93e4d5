"""Kind ``mailfile``: a mail as evidence. Whence it came, who vouches for that, what is verified.

The file is read as data. Only a masked part of its header is kept (masking.py); the body is hashed
for DKIM, and attachments are not looked at. The DNS is asked for keys and policies of today.
"""

import re
from collections.abc import Iterator, Sequence
from ipaddress import ip_network
from typing import Any, ClassVar

import msgspec

from sotokara.core.canonical import NO_JSON
from sotokara.core.observation import Exchange, Facts, Failure, Observation, Reading
from sotokara.core.said import said
from sotokara.kinds.interface import Kind, OptionError
from sotokara.kinds.mailfile.asking import CHECKS, HEADER, Taken
from sotokara.kinds.mailfile.facts import MailfileFacts
from sotokara.kinds.mailfile.header import parse_header
from sotokara.kinds.mailfile.judging import Replies, evaluate_header
from sotokara.kinds.shared.host import domain_name
from sotokara.network.network import Network

_PATH = re.compile(r"[\w.@+ -]+(?:/[\w.@+ -]+)*")


class Mailfile(Kind, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One mail in a file."""

    name: ClassVar[str] = "mailfile"
    version: ClassVar[int] = 1
    facts: ClassVar[type[MailfileFacts]] = MailfileFacts
    styles: ClassVar[tuple[str, ...]] = ("list", "path", "table")
    files: ClassVar[tuple[str, ...]] = ("target",)
    id_prefix: ClassVar[str] = "mail"
    timeout_factor: ClassVar[float] = 4.0
    gist: ClassVar[tuple[str, ...]] = ("border",)
    software: ClassVar[str] = "its own reading of RFC 5322, 6376, 7208, 8601 and 8617"
    help: ClassVar[dict[str, str]] = {
        "target": "The mail's file, by its path from the article; it lies below the pages' folder.",
        "own": "Names, addresses and networks of mail servers on the recipient's side, where more "
        "than one wrote a line. A name stands for all names below it.",
    }

    own: list[str] = []

    def option_errors(self) -> Iterator[OptionError]:
        """Targets that are no path, servers that are none."""
        if not _PATH.fullmatch(self.target) or self.target.startswith("/"):
            what = said("{!r} is no path of a file from the article", self.target)
            yield OptionError("target", what, said("write for example letters/bounce.eml"))
        elif self.target.startswith("../"):
            what = said("{!r} lies outside the folder of the pages", self.target)
            hint = said("put the mail below docs/, itself and not a link")
            yield OptionError("target", what, hint)
        for text in self.own:
            if not _is_server(text):
                what = said("{!r} is neither a name nor an address nor a network", text)
                hint = said("write mx.example.net, 192.0.2.25 or 192.0.2.0/24")
                yield OptionError("own", what, hint)

    async def measure(self, net: Network) -> list[Exchange]:
        """Read the file and ask the DNS; see asking.py."""
        from sotokara.kinds.mailfile.asking import examine_mail

        return await examine_mail(net, self.target, self.own)

    def parse(self, exchanges: Sequence[Exchange]) -> Reading:
        """Facts from what is kept; see judging.py."""
        return read_mail(exchanges, self.own)

    def commands(self, facts: Any = None) -> list[list[str]]:  # noqa: ANN401
        """``dig`` for the keys and policies; the mail itself the author alone has."""
        if facts is None:
            return []
        names = [f"{one.selector}._domainkey.{one.domain}" for one in facts.signatures]
        names += [facts.spf.domain, f"_dmarc.{facts.dmarc.domain}" if facts.dmarc.domain else ""]
        return [["dig", name, "TXT"] for name in dict.fromkeys(names) if name.strip(".")]

    @classmethod
    def unknown(cls, facts: Facts | None) -> set[str]:
        """What nobody answered today."""
        if not isinstance(facts, MailfileFacts):
            return set()
        found = {"signatures"} & {
            "signatures" for one in facts.signatures if one.verdict == "key_not_answered"
        }
        if facts.spf.result == "temperror":
            found.add("spf")
        if facts.dmarc.result == "unknown" and facts.sender:
            found.add("dmarc")
        return found

    @classmethod
    def headline_of(cls, facts: Any, words: dict[str, str]) -> str:  # noqa: ANN401
        """What DKIM says in a word; where nothing is signed, whence it came."""
        for verdict in ("body_changed", "does_not_hold", "holds"):
            if any(one.verdict == verdict for one in facts.signatures):
                return words[f"head_mailfile_{verdict}"]
        return words["head_mailfile"]

    @classmethod
    def remarks(cls, facts: Any, observation: Observation, words: dict[str, str]) -> list[str]:  # noqa: ANN401
        """What is masked, and what nobody can vouch for."""
        remarks = [words["mailfile_masked"]]
        if facts.left_out:
            remarks.append(words["mailfile_left_out"].format(count=facts.left_out))
        return remarks + super().remarks(facts, observation, words)

    @classmethod
    def mask_listing(cls, text: str, options: Any) -> str:  # noqa: ANN401, ARG003
        """Pasted headers with what may be kept of them."""
        from sotokara.kinds.mailfile.masking import masked_paste

        return masked_paste(text)


def _is_server(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        try:
            domain_name(text)
        except ValueError:
            return False
    return True


# From what is kept of a mail to facts: pure.


def read_mail(exchanges: Sequence[Exchange], own: Sequence[str]) -> Reading:
    """What a mail's header says and what can be verified of it."""
    kept = {one.step: one for one in exchanges}
    head, checks = kept.get(HEADER), kept.get(CHECKS)
    if head is None or head.received is None or checks is None:
        return Reading(failure=Failure("file_unreadable", "file"))
    try:
        taken = msgspec.json.decode(checks.received or b"{}", type=Taken)
    except NO_JSON as error:
        return Reading(failure=Failure("evidence_unreadable", CHECKS, type(error).__name__))
    lines = parse_header(head.received.decode("utf-8", "replace"))
    facts = evaluate_header(lines, Replies(exchanges, closed=True), own, taken.checks)
    return Reading(msgspec.structs.replace(facts, left_out=facts.left_out + taken.too_long))
