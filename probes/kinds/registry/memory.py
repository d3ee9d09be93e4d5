"""Answers of registries that a build has already: nobody is asked the same twice.

An answer stands for its own question and, where it is the last word on a network, for every
question about an address inside it.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

import msgspec

from probes.kinds.interface import Exchange, Network, ProbeFailure
from probes.kinds.registry.target import Net, holds


class Question(NamedTuple):
    """What is put to one server, and which earlier answers would do."""

    server: str
    step: str
    protocol: str
    words: str
    """As they are sent."""
    contacts: bool
    lang: str = ""
    """The language of an answer about a whole network; in the words where it matters to them."""
    network: Net | None = None
    """The answer about a network around this one will do; None: only the same words' answer."""


Put = Callable[[], Awaitable[tuple[Exchange, Sequence[Net] | None]]]
"""Asks. The networks are those that the answer is the last word on; None: it is not kept at all."""


async def once(net: Network, question: Question, put: Put) -> Exchange:
    """The answer in its server's turn: from this build where it has one, else what ``put`` gets.

    A server that wants to be left alone is not asked; the exchange has the failure.
    """
    server, contacts = question.server, question.contacts
    exact = (question.protocol, server, question.words, contacts)
    around = (question.protocol, server, question.lang, contacts, "networks")
    memory = net.registries.said

    def known() -> Exchange | None:
        found: Exchange | None = memory.get(exact)
        if found is None and question.network is not None:
            for covers, kept in memory.get(around, ()):
                if holds(covers, question.network):
                    found = kept
        return found

    try:
        async with net.registries.turn(net, server, known) as found:
            if found is not None:
                at = round(net.elapsed() * 1000)
                return msgspec.structs.replace(found, step=question.step, at=at)
            exchange, covers = await put()
            if covers is not None:
                memory[exact] = exchange
            if covers:
                memory.setdefault(around, []).append((list(covers), exchange))
            return exchange
    except ProbeFailure as failed:
        sent = question.words.encode("ascii", "replace")
        return Exchange(question.step, server, question.protocol, sent, failure=failed.failure)
