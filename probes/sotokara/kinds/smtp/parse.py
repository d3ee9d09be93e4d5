"""From the bytes of dialogues to facts: pure, and never trusting a byte of them."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from sotokara.core.observation import Exchange, Failure, Outcome, Reading
from sotokara.kinds.shared.tls.facts import HandshakeFacts
from sotokara.kinds.smtp.facts import UNHEARD, AddressFacts, MailHost, SmtpFacts, StepReply
from sotokara.kinds.smtp.joining import CONTROL, blocked, connections_by_host, greets_as, sessions
from sotokara.kinds.smtp.report import read_bounce
from sotokara.kinds.smtp.route import Goal, Route, read_route
from sotokara.kinds.smtp.verdict import (
    SmtpReply,
    hinted_pause,
    read_reply,
    split_reply,
    verdict_of_reply,
)

_DECIDED = ("rejects", "accepts", "refuses_us", "not_responsible", "later")
_MOST_CAPABILITIES = 64


class ParsedSession:
    """The exchanges of one connection, read."""

    def __init__(self, exchanges: Sequence[Exchange], host: str, tlsa: Sequence[Any] = ()) -> None:
        self.replies: list[StepReply] = []
        self.capabilities: list[str] = []
        self.tls: HandshakeFacts | None = None
        self.failure: Failure | None = None
        self.verdict = ""
        self.said: SmtpReply | None = None
        """The reply that the verdict rests on."""
        self._host, self._tlsa = host, tlsa
        for exchange in exchanges:
            self._read(exchange)
        if not self.verdict:
            self.verdict = _without_answer(self.failure)

    def _read(self, one: Exchange) -> None:
        if one.step == "certificate":
            from sotokara.kinds.shared.tls.reading import (
                read_tls,  # brings in cryptography, slow to start
            )

            self.tls = read_tls(one.received or b"", self._host, self._tlsa)
            return
        if one.failure and one.step != "QUIT":
            self.failure = self.failure or one.failure
            return
        said = read_reply(one.received or b"")
        if said is None or one.step in ("RSET", "QUIT"):
            return
        self.replies.append(StepReply(one.step, said.code, said.enhanced))
        if one.step == "EHLO" and said.code // 100 == 2:  # noqa: PLR2004
            lines = said.text.split("\n")[1:]
            self.capabilities = sorted({_capability(line) for line in lines if line.strip()})
        if one.step == "STARTTLS":
            if split_reply(one.received or b"")[1]:
                detail = "text in the clear after the reply to STARTTLS"
                self.failure = Failure("server_misbehaving", "STARTTLS", detail)
            return
        if not self.verdict and (verdict := verdict_of_reply(one.step, said)):
            self.verdict, self.said = verdict, said


def _without_answer(failure: Failure | None) -> str:
    """The verdict on a dialogue in which nothing decided."""
    if failure is not None and failure.outcome is Outcome.NOT_MEASURED:
        return "not_asked"
    return "unreachable" if failure is not None and failure.step == "connect" else "undecided"


def _capability(line: str) -> str:
    """The keyword with its parameters; the keyword in upper case (RFC 5321, 4.1.1.1)."""
    keyword, *rest = line.split()
    return " ".join([keyword.upper(), *rest])[:200]


def unheard(exchanges: Iterable[Exchange]) -> set[bool]:
    """The address families (True: IPv6) over which no server said anything that decides."""
    heard: dict[bool, bool] = {}
    for server, connections in sessions(exchanges).items():
        last = ParsedSession(connections[-1], "")
        failed = last.failure is not None and last.failure.outcome is Outcome.NO_ANSWER
        v6 = ":" in server.partition(" [")[2]
        heard[v6] = heard.get(v6, False) or last.verdict in _DECIDED or not failed
    return {v6 for v6, any_ in heard.items() if not any_}


def read_address(
    goal: Goal,
    address: str,
    connections: Sequence[Sequence[Exchange]],
    exchanges: Sequence[Exchange],
    closed: dict[bool, Failure],
) -> tuple[AddressFacts, ParsedSession | None]:
    """What the dialogues with one address of a mail server came to."""
    tlsa = _tlsa(exchanges, goal)
    every = [ParsedSession(one, goal.name, tlsa) for one in connections]
    if not every:
        return AddressFacts(address, "not_asked", failure="deadline_exceeded"), None
    last = every[-1]
    if last.verdict not in _DECIDED and last.failure and (shut := closed.get(":" in address)):
        last.verdict, last.failure = "not_asked", shut
    tls = next((one.tls for one in reversed(every) if one.tls), None)
    broken = next((one.failure for one in every if one.failure), None)
    if tls is None and broken and broken.step == "STARTTLS":
        ours = broken.outcome is Outcome.NOT_MEASURED
        tls = HandshakeFacts(problems=[UNHEARD if ours else "handshake_failed"])
    failure = last.failure if last.verdict not in _DECIDED else None
    facts = AddressFacts(
        address=address,
        verdict=last.verdict,
        replies=last.replies,
        capabilities=last.capabilities[:_MOST_CAPABILITIES],
        tls=tls,
        failure=failure.name if failure else "",
        step=failure.step if failure else "",
        retried=any(one.verdict == "later" for one in every[:-1]),
    )
    return facts, last


def _tlsa(exchanges: Sequence[Exchange], goal: Goal) -> list[Any]:
    """The secure TLSA records of a mail server; there are none where its names are not secure."""
    step = f"TLSA {goal.name}"
    if not goal.secure or not any(one.step == step for one in exchanges):
        return []
    from sotokara.kinds.shared.tls.dane import tlsa_records  # brings in cryptography

    return tlsa_records(exchanges, step)


def read_dialogues(exchanges: Sequence[Exchange], domain: str, *, chosen: bool) -> Reading:
    """The facts of all exchanges of one definition."""
    reading = _read(exchanges, domain, chosen=chosen)
    bounce, told = read_bounce(exchanges)
    if bounce is None:
        return reading
    facts = reading.facts
    if facts is not None:
        facts = msgspec.structs.replace(facts, bounce=bounce)
    volatile = {**reading.volatile, "bounce": told}
    return Reading(facts, volatile, reading.failure)


def _read(exchanges: Sequence[Exchange], domain: str, *, chosen: bool) -> Reading:
    route = read_route(exchanges, domain)
    if route.failure:
        return Reading(failure=route.failure)
    if route.kind in ("null_mx", "nothing", "no_domain"):
        return Reading(SmtpFacts(mx=route.mx, route=route.kind, verdict="no_mail"))
    hosts, held = [], []
    closed = blocked(exchanges)
    for goal, addresses in zip(
        route.goals, connections_by_host(route.goals, exchanges), strict=True
    ):
        read_ = [
            read_address(goal, address, connections, exchanges, closed)
            for address, connections in addresses
        ]
        hosts.append(MailHost(goal.name, goal.preference, [one for one, _ in read_], goal.problem))
        held += [session for _, session in read_ if session is not None]
    if not held and not any(goal.addresses or goal.problem == "dns_failed" for goal in route.goals):
        facts = SmtpFacts(mx=route.mx, route=route.kind, hosts=hosts, verdict="no_mail")
        return Reading(facts)
    decided = [one for one in held if one.verdict in _DECIDED]
    best = next(iter(decided or held), None)
    verdict = best.verdict if best else "unreachable"
    if not decided and any(one.verdict == "undecided" for one in held):
        verdict = "undecided"
    failure = None if decided else _failure(held, route)
    if failure and failure.outcome is Outcome.NOT_MEASURED:
        return Reading(failure=failure)
    said = best.said if best and best.said else SmtpReply(0, "", "")
    facts = SmtpFacts(
        mx=route.mx,
        route=route.kind,
        hosts=hosts,
        verdict=verdict,
        code=said.code,
        enhanced=said.enhanced,
        agree=len({one.verdict for one in decided}) <= 1,
        chosen=chosen,
    )
    return Reading(facts, _volatile(exchanges, best), failure)


def _failure(held: Sequence[ParsedSession], route: Route) -> Failure | None:
    """Why no mail server said anything of the recipient: theirs, or ours."""
    failures = [one.failure for one in held if one.failure]
    if not failures:
        lost = [goal.name for goal in route.goals if goal.problem == "dns_failed"]
        detail = f"the addresses of {', '.join(lost)} could not be found out"
        return Failure("dns_no_answer", "MX", detail) if lost and not held else None
    connected = [one for one in failures if one.step not in ("connect", CONTROL)]
    ours = [one for one in failures if one.outcome is Outcome.NOT_MEASURED]
    theirs = [one for one in failures if one not in ours]
    return (connected or theirs or ours)[0]


def _greetings(exchanges: Sequence[Exchange]) -> dict[str, str]:
    """By server, the banner of one that greets by a name of another domain, and goes on.

    A proxy may be on the way, which answers in its place.
    """
    heard = {one.server for one in exchanges if one.step == "RCPT" and one.received}
    return {
        one.server: one.received.decode("utf-8", "replace").splitlines()[0][:200]
        for one in exchanges
        if one.step == "banner"
        and one.received
        and one.server in heard
        and not greets_as(one.server.partition(" [")[0], one.received)
    }


def _volatile(exchanges: Sequence[Exchange], best: ParsedSession | None) -> dict[str, Any]:
    volatile: dict[str, Any] = {}
    took = [one.ms for one in exchanges if one.step == "RCPT" and one.ms is not None]
    if took:
        volatile["ms"] = max(took)
    if greetings := _greetings(exchanges):
        volatile["greetings"] = greetings
    if best and best.said:
        volatile["text"] = best.said.text[:500]
        pause = hinted_pause(best.said.text) if best.verdict == "later" else None
        if pause is not None:
            volatile["pause"] = pause
    return volatile
