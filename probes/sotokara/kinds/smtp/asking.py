"""The asking: every mail server at once, one connection to a host at a time, and no haste."""

import asyncio
from collections.abc import Sequence
from functools import partial

import dns.reversename
import msgspec

from sotokara.core.observation import Exchange, Failure, ProbeFailure, milliseconds
from sotokara.kinds.smtp.dialogue import TEXT, Caller, Dialogue
from sotokara.kinds.smtp.joining import CONTROL, greets_as, sessions, together
from sotokara.kinds.smtp.parse import ParsedSession, unheard
from sotokara.kinds.smtp.privacy import echoed
from sotokara.kinds.smtp.report import PROTOCOL
from sotokara.kinds.smtp.route import Goal, ask_route, names_in, read_route
from sotokara.kinds.smtp.settings import settings_of
from sotokara.kinds.smtp.verdict import hinted_pause
from sotokara.network.mail import check_mailbox
from sotokara.network.network import Network
from sotokara.network.services import brings_long

_MOST_OWN, _LAST = 2, 2.0
_SILENCE, STARTTLS = "generic_timeout_error", "STARTTLS"
_LEAST = 1.0
"""Seconds that a dialogue needs at the least; with less left it is not begun."""


async def ask_mail_servers(
    net: Network, domain: str, recipient: str, *, send: bool
) -> list[Exchange]:
    """All dialogues with the mail servers of a domain, in the order of preference.

    :raises ProbeFailure: ``no_sender`` where the settings do not say as whom to ask.
    :raises SettingMistake: where the mailbox that a sent message is to return to is not there.
    """
    caller = _caller(net, recipient)
    if send and (mailbox := settings_of(net).mailbox):
        await check_mailbox(mailbox)
    exchanges = await ask_route(net, domain)
    route = read_route(exchanges, domain)
    dialogues = await asyncio.gather(*(_ask_host(net, caller, goal) for goal in route.goals))
    held = [one for several in dialogues for one in several]
    held += await _ask_again(net, caller, route.goals, held)
    for v6 in sorted(unheard(held)):
        held += await _control(net, v6=v6)
    exchanges += held
    exchanges += [together(route.goals, exchanges), *await _own_names(net, held)]
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
                exchanges = await _whose_handshake(net, address, exchanges)
                await _hold(net, one, exchanges, starttls=False)
    return exchanges


async def _whose_handshake(net: Network, address: str, exchanges: list[Exchange]) -> list[Exchange]:
    """A handshake that was not answered: ours, where no control brings long packets either.

    Certificates make a handshake's packets long, and the replies before it are short.
    """
    at = max(at for at, one in enumerate(exchanges) if one.step == STARTTLS)
    failure = exchanges[at].failure
    if not failure or failure.name != _SILENCE or await brings_long(net, v6=":" in address):
        return exchanges
    ours = Failure("port_blocked", STARTTLS, "no control brings long packets either")
    told = msgspec.structs.replace(exchanges[at], failure=ours)
    return [*exchanges[:at], told, *exchanges[at + 1 :]]


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
            last = ParsedSession(connections[-1], goal.name)
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


async def _control(net: Network, *, v6: bool) -> list[Exchange]:
    """Does any control greet us, over one address family? Asked no earlier than this probe."""
    key, asked = f"smtp control {v6}", lambda: _greetings(net, v6=v6)
    found: list[Exchange] = await asyncio.shield(net.once.learn(key, asked, after=net.began))
    return found


async def _greetings(net: Network, *, v6: bool) -> list[Exchange]:
    hosts = net.settings.controls.smtp or settings_of(net).control
    asked = await asyncio.gather(*(_greeted(net.for_probe(2.0), host, v6=v6) for host in hosts))
    found = [one for one in asked if one is not None]
    if v6 and not found and not await net.reaches(v6=True):
        failure = Failure("port_blocked", CONTROL)
        found = [Exchange(step=CONTROL, server="IPv6 [::]", protocol="smtp", failure=failure)]
    return found


async def _greeted(net: Network, host: str, *, v6: bool) -> Exchange | None:
    """One control: connect, hear the banner, leave. None where it has no IPv6 address to ask."""
    began = net.elapsed()
    helo = _caller(net, "").helo
    failure: Failure | None
    received, server = None, f"{host} [::]" if v6 else host
    try:
        failure = Failure("dns_no_answer", CONTROL, f"{host} has no address")
        every = [one for one in await net.addresses(host) if (":" in one) == v6]
        if v6 and not every:
            return None
        for address in every[:1]:
            server = f"{host} [{address}]"
            dialogue = Dialogue(net, Caller(host, address, helo, "", ""))
            async with net.queue(f"smtp {address}", settings_of(net).pause):
                await dialogue.knock()
            failure = next((one.failure for one in dialogue.exchanges if one.failure), None)
            banners = [one.received or b"" for one in dialogue.exchanges if one.step == "banner"]
            received = b"".join(banners)[:512]  # the reply to EHLO may tell of us
            if failure is None and not greets_as(host, received):
                detail = "another server greets in its place"
                failure = Failure("server_misbehaving", CONTROL, detail)
    except ProbeFailure as failed:
        failure = failed.failure
    return Exchange(
        step=CONTROL,
        server=server,
        protocol="smtp",
        sent=b"QUIT\r\n",
        received=received,
        failure=failure,
        at=milliseconds(began),
        ms=milliseconds(net.elapsed() - began),
        media_type=TEXT,
    )


async def _own_names(net: Network, held: Sequence[Exchange]) -> list[Exchange]:
    """The reverse names of our own addresses, as servers echo these.

    They are masked wherever they stand, so they have to be known; what is kept of this is masked.
    """
    found = []
    for address in echoed(held)[:_MOST_OWN]:
        asked = partial(_reverse_name, net.for_probe(), address)
        text: str = await asyncio.shield(net.once.learn(f"name of {address}", asked, always=True))
        if text:
            own = "".join(f"own: {name}\n" for name in text.split())
            found.append(
                Exchange("own name", "", PROTOCOL, sent=own.encode(), media_type="text/plain")
            )
    return found


async def _reverse_name(net: Network, address: str) -> str:
    exchange = await net.ask(dns.reversename.from_address(address), "PTR", most=_LAST)
    return " ".join(names_in(exchange))
