"""The facts of kind ``smtp``: what is compared over time; no banner, queue id, time or text."""

import msgspec

from sotokara.core.observation import Facts
from sotokara.kinds.shared.tls.facts import HandshakeFacts

ROUTES = (
    "mx",
    "null_mx",
    "null_mx_beside_others",
    "address",
    "nothing",
    "no_domain",
)
"""How a domain says where its mail goes (RFC 5321, 5.1; RFC 7505)."""

VERDICTS = (
    "rejects",
    "accepts",
    "later",
    "refuses_us",
    "not_responsible",
    "undecided",
    "unreachable",
    "no_mail",
)
"""What the best mail server that answered did with the recipient, as far as that can be told."""


class StepReply(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a server replied to one step; ``enhanced`` as in RFC 3463, where it gave one."""

    step: str
    code: int
    enhanced: str = ""


class AddressFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """The dialogue with one address of a mail server."""

    address: str
    verdict: str
    """One of VERDICTS, or not_asked where the reason is on our side."""
    replies: list[StepReply] = []
    capabilities: list[str] = []
    tls: HandshakeFacts | None = None
    failure: str = ""
    """The name of the failure that ended the dialogue, with ``step``, where one did."""
    step: str = ""
    retried: bool = False
    """It was asked again after a pause that it had hinted at."""


class MailHost(msgspec.Struct, frozen=True, omit_defaults=True):
    """One mail server of the domain; ``preference`` as in its MX record, lowest first."""

    name: str
    preference: int
    addresses: list[AddressFacts] = []
    problem: str = ""
    """Of alias (MX to a CNAME), address (MX to an address), no_address, no_name."""


class Bounce(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of the message that ``send: true`` sent."""

    state: str
    """returned, waiting, refused (not taken when it was sent), not_sent; delivered or relayed."""
    by: str = ""
    """The mail server that returned it, by its own name."""
    action: str = ""
    """failed, delayed, … (RFC 3464, 2.3.3)."""
    status: str = ""
    """The enhanced status code in the report (RFC 3463)."""
    form: str = ""
    """report (RFC 3464) or free (a text of the server's own that carries our token)."""


UNHEARD = "handshake_not_measured"
"""A problem of TLS: our own line loses long packets, and a handshake has some."""


def out_of_time(facts: "SmtpFacts") -> bool:
    """Whether any certificate is said to be expired, or not valid yet."""
    every = [one.tls for host in facts.hosts for one in host.addresses if one.tls]
    return any({"expired", "not_yet_valid"} & set(tls.problems) for tls in every)


def alike_in_tls(before: "SmtpFacts", after: "SmtpFacts") -> tuple["SmtpFacts", "SmtpFacts"]:
    """Both without TLS of the addresses of which one of the two could not find it out."""
    open_ = {
        one.address
        for facts in (before, after)
        for host in facts.hosts
        for one in host.addresses
        if one.tls and UNHEARD in one.tls.problems
    }

    def closed(facts: "SmtpFacts") -> "SmtpFacts":
        def plain(one: AddressFacts) -> AddressFacts:
            return msgspec.structs.replace(one, tls=None) if one.address in open_ else one

        hosts = [
            msgspec.structs.replace(host, addresses=list(map(plain, host.addresses)))
            for host in facts.hosts
        ]
        return msgspec.structs.replace(facts, hosts=hosts)

    return (closed(before), closed(after)) if open_ else (before, after)


def lasting(facts: "SmtpFacts") -> "SmtpFacts":
    """The facts without what a renewed certificate or a new library at our end makes otherwise.

    And without how often it had to be asked: greylisting puts off whom it does not know yet.
    """

    def plain(one: AddressFacts) -> AddressFacts:
        one = msgspec.structs.replace(one, retried=False)
        if one.tls is None:
            return one
        own = {"cipher": "", "fingerprint": "", "not_before": "", "not_after": ""}
        return msgspec.structs.replace(one, tls=msgspec.structs.replace(one.tls, **own))

    hosts = [
        msgspec.structs.replace(host, addresses=list(map(plain, host.addresses)))
        for host in facts.hosts
    ]
    return msgspec.structs.replace(facts, hosts=hosts)


class SmtpFacts(Facts, frozen=True, kw_only=True, omit_defaults=True):
    """``hosts`` in the order in which a sender would try them."""

    mx: list[str] = []
    """The names in the domain's MX records, in order of preference."""
    route: str = "mx"
    """mx, null_mx, null_mx_beside_others, address, nothing or no_domain."""
    hosts: list[MailHost] = []
    verdict: str
    """rejects, accepts, later, refuses_us, not_responsible, undecided, unreachable or no_mail."""
    code: int = 0
    """The code that the verdict rests on."""
    enhanced: str = ""
    agree: bool = True
    """All servers that answered about the recipient gave the same verdict."""
    chosen: bool = False
    """The author named the recipient; otherwise it was a name made up at random."""
    bounce: Bounce | None = None
