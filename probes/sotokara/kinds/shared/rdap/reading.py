"""From all RDAP exchanges of a definition to its facts."""

from collections.abc import Sequence
from typing import Any

import msgspec

from sotokara.core.observation import Exchange, Failure, Reading
from sotokara.kinds.shared import origin
from sotokara.kinds.shared.rdap.cards import handles_only
from sotokara.kinds.shared.rdap.message import content, parse_message
from sotokara.kinds.shared.rdap.objects import ABOVE, LOOKUP, parsed_reply
from sotokara.kinds.shared.registry import second
from sotokara.kinds.shared.registry.facts import (
    REGISTERED,
    Parent,
    RegistryFacts,
    left_open,
    said_by,
)
from sotokara.kinds.shared.registry.target import (
    RegistryTarget,
    networks,
)


def read_objects(
    exchanges: Sequence[Exchange], target: RegistryTarget, *, contacts: bool
) -> Reading:
    """The facts of all exchanges of one definition.

    A registry that answered in full is answered, though its registrar's server is silent.
    """
    asked = [one for one in exchanges if one.step == LOOKUP and not _redirects(one)]
    if not asked:
        stopped = next((one.failure for one in exchanges if one.failure), None)
        return Reading(failure=stopped or Failure("eof_error", "measure", "nobody was asked"))
    answers = [(one, parsed_reply(one, target)) for one in asked]
    last = answers[-1][1]
    failure = last if isinstance(last, Failure) else None
    found = [answer for _, answer in answers if isinstance(answer, RegistryFacts)]
    ms = max((one.ms or 0.0 for one in exchanges), default=0.0)
    if not found:
        return Reading(None, {"ms": ms}, failure)
    best = next((one for one in reversed(found) if one.answer == REGISTERED), found[-1])
    parents = _parents(exchanges, target, best)
    volatile: dict[str, Any] = {"ms": ms}
    silent = {}
    if failure and target.domain and best.answer == REGISTERED:
        silent, failure = {asked[-1].server: failure.name}, None
        best = msgspec.structs.replace(best, unknown=left_open(best))
    if silent := silent | origin.failures(exchanges, target.address):
        volatile["unanswered"] = silent
    differ = origin.readings(exchanges, target.address)
    for one, answer in answers:
        told = content(one)
        if isinstance(answer, RegistryFacts) and isinstance(told, dict):
            differ |= second.of_object(told, target, answer)
    if differ:
        volatile["readings"] = differ
    facts = msgspec.structs.replace(
        best,
        contacts=best.contacts if contacts else handles_only(best.contacts),
        person=best.person and not contacts,
        parents=parents,
        parent=parents[-1].range if parents else best.parent,
        asked=[said_by(one.server, answer) for one, answer in answers],
        **origin.facts(exchanges, target.address),
    )
    return Reading(facts, volatile, failure)


def _redirects(one: Exchange) -> bool:
    message = parse_message(one.received or b"")
    return message is not None and 300 <= message.status < 400  # noqa: PLR2004


def _parents(
    exchanges: Sequence[Exchange], target: RegistryTarget, best: RegistryFacts
) -> list[Parent]:
    """The networks above from their own responses, the widest first."""
    found: dict[str, tuple[int, Parent]] = {}
    for one in exchanges:
        answer = parsed_reply(one, target) if one.step == ABOVE else None
        if not isinstance(answer, RegistryFacts) or not answer.prefixes:
            continue
        nets = [net for prefix in answer.prefixes for net in networks(prefix)]
        if answer.range == best.range or nets[0].prefixlen == 0:
            continue
        parent = Parent(answer.range, answer.netname, answer.organization, " ".join(answer.status))
        found[answer.range] = (sum(net.num_addresses for net in nets), parent)
    return [parent for _, parent in sorted(found.values(), key=lambda one: -one[0])]
