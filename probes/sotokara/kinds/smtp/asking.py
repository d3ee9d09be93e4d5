"""The asking: every mail server at once, one connection to a host at a time, and no haste."""

import asyncio
from collections.abc import Sequence

from sotokara.core.observation import Exchange, Failure, Outcome, ProbeFailure, milliseconds
from sotokara.kinds.smtp.dialogue import TEXT, Caller, Dialogue
from sotokara.kinds.smtp.parse import CONTROL, Session, sessions
from sotokara.kinds.smtp.route import Goal, ask_route, read_route
from sotokara.kinds.smtp.settings import settings_of
from sotokara.kinds.smtp.verdict import hinted_pause
from sotokara.network.network import Network

_LEAST = 1.0
"""Seconds that a dialogue needs at the least; with less left it is not begun."""


async def ask_mail_servers(
    net: Network, domain: str, recipient: str, *, send: bool
) -> list[Exchange]:
    """All dialogues with the mail servers of a domain, in the order of preference.

    :raises ProbeFailure: ``no_sender`` where the settings do not say as whom to ask.
    """
    caller = _caller(net, recipient)
    exchanges = await ask_route(net, domain)
    route = read_route(exchanges, domain)
    dialogues = await asyncio.gather(*(_ask_host(net, caller, goal) for goal in route.goals))
    held = [one for several in dialogues for one in several]
    held += await _ask_again(net, caller, route.goals, held)
    connects = [one.failure for one in held if one.step == "connect"]
    silent = [one for one in connects if one and one.outcome is Outcome.NO_ANSWER]
    if silent and None not in connects:
        held += await _control(net)
    exchanges += held
    if send:
        from sotokara.kinds.smtp.bounce import send_and_find  # only where it is asked for

        exchanges += await send_and_find(net, domain, route.goals)
    return exchanges


def _caller(net: Network, recipient: str) -> Caller:
    settings = settings_of(net)
    local, _, domain = settings.mail_from.rpartition("@")
    helo = settings.helo or domain
    if not local or not domain or not settings.mail_from.isascii():
        what = "smtp.mail_from has to be set to a mail address"
        raise ProbeFailure("no_sender", "settings", what)
    if not helo.isascii() or "." not in helo.strip("[]") or " " in helo + settings.mail_from:
        raise ProbeFailure("no_sender", "settings", "smtp.helo has to be a full host name")
    return Caller("", "", helo, settings.mail_from, recipient)


async def _ask_host(net: Network, caller: Caller, goal: Goal) -> list[Exchange]:
    """Each address of a host in turn; in the clear a second time where TLS fails, as senders do."""
    exchanges: list[Exchange] = []
    async with net.queue(f"smtp {goal.name}", 0.0):
        for address in goal.addresses:
            one = caller._replace(host=goal.name, address=address)
            tls_failed = await _hold(net, one, exchanges)
            if tls_failed:
                await _hold(net, one, exchanges, starttls=False)
    return exchanges


async def _hold(
    net: Network, caller: Caller, exchanges: list[Exchange], *, starttls: bool = True
) -> bool:
    async with net.queue(f"smtp {caller.address}", settings_of(net).pause):
        if net.left() < _LEAST:
            return False
        dialogue = Dialogue(net, caller)
        tls_failed = await dialogue.hold(starttls=starttls)
        exchanges += dialogue.exchanges
        return tls_failed


async def _ask_again(
    net: Network, caller: Caller, goals: Sequence[Goal], held: Sequence[Exchange]
) -> list[Exchange]:
    """Once more, of the best server that asked for it, after the pause that it named."""
    by_server = sessions(held)
    for goal in goals:
        for address in goal.addresses:
            one = caller._replace(host=goal.name, address=address)
            connections = by_server.get(one.server)
            if not connections:
                continue
            last = Session(connections[-1], goal.name)
            if last.verdict in ("undecided", "unreachable", "not_asked"):
                continue
            pause = hinted_pause(last.said.text) if last.said else None
            if last.verdict != "later" or pause is None:
                return []
            wait = pause + 1
            settings = net.settings
            spent = wait + settings.timeout * 2
            if pause > settings_of(net).greylist_wait or spent > net.left_of_build():
                return []
            with net.uncounted():
                await asyncio.sleep(wait)
            again: list[Exchange] = []
            async with net.queue(f"smtp {goal.name}", 0.0):
                await _hold(net, one, again)
            return again
    return []


async def _control(net: Network) -> list[Exchange]:
    """Does any mail server of the settings' list greet us? Found out once a build."""
    hosts = settings_of(net).control
    if "smtp control" not in net.once:
        net.once["smtp control"] = asyncio.ensure_future(_greetings(net, hosts))
    found: list[Exchange] = await asyncio.shield(net.once["smtp control"])
    return found


async def _greetings(net: Network, hosts: Sequence[str]) -> list[Exchange]:
    return await asyncio.gather(*(_greeted(net.for_probe(2.0), host) for host in hosts))


async def _greeted(net: Network, host: str) -> Exchange:
    """One control: connect, hear the banner, leave."""
    began = net.elapsed()
    failure: Failure | None
    received = None
    try:
        failure = Failure("dns_no_answer", CONTROL, f"{host} has no address")
        for address in (await net.addresses(host))[:1]:
            dialogue = Dialogue(net, Caller(host, address, "", "", ""))
            async with net.queue(f"smtp {address}", settings_of(net).pause):
                await dialogue.knock()
            failure = next((one.failure for one in dialogue.exchanges if one.failure), None)
            received = b"".join(one.received or b"" for one in dialogue.exchanges)[:512]
    except ProbeFailure as failed:
        failure = failed.failure
    return Exchange(
        step=CONTROL,
        server=host,
        protocol="smtp",
        sent=b"QUIT\r\n",
        received=received,
        failure=failure,
        at=milliseconds(began),
        ms=milliseconds(net.elapsed() - began),
        media_type=TEXT,
    )
