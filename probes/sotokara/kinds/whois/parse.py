"""From a chain of answers to facts: the last word of those asked, and what each of them said."""

from collections.abc import Sequence
from typing import Any

import msgspec

from sotokara.core.observation import Exchange, Failure, Reading
from sotokara.kinds.shared import origin
from sotokara.kinds.shared.rdap.reading import read_objects
from sotokara.kinds.shared.registry import second
from sotokara.kinds.shared.registry.facts import (
    RDAP_ONLY,
    REGISTERED,
    Contact,
    Parent,
    RegistryFacts,
    left_open,
    said_by,
)
from sotokara.kinds.shared.registry.organizations import withheld
from sotokara.kinds.shared.registry.target import RegistryTarget
from sotokara.kinds.whois.text import of_media_type
from sotokara.kinds.whois.verdict import registration
from sotokara.kinds.whois.walk import ABOVE, FOLLOW, OTHER, parsed_reply, text_of


def read_answers(
    exchanges: Sequence[Exchange], target: RegistryTarget, *, named: bool, contacts: bool
) -> Reading:
    """The facts of all exchanges of one definition; ``named``: one server was asked by name.

    A registry that answered in full is answered, though its registrar's server is silent; one that
    has no whois server any more is read as RDAP has it.
    """
    asked = [(one, parsed_reply(one, target)) for one in exchanges if one.protocol == "whois"]
    chain = [(one, answer) for one, answer in asked if one.step == FOLLOW]
    if not chain:
        return Reading(failure=Failure("eof_error", "measure", "nobody was asked"))
    if any(one.protocol in ("https", "http") for one in exchanges):
        others = [one for one in exchanges if one.protocol != "whois"]
        return _by_rdap(chain, read_objects(others, target, contacts=contacts), target)
    rest = [(one, answer) for one, answer in asked if one.step == OTHER]
    last = chain[-1][1]
    failure = last if isinstance(last, Failure) else None
    found = _best([answer for _, answer in chain], [] if named else [answer for _, answer in rest])
    volatile: dict[str, Any] = {
        "ms": max((one.ms or 0.0 for one in exchanges), default=0.0),
        "charset": {one.server: of_media_type(one.media_type) for one, _ in chain if one.received},
    }
    silent = {one.server: answer.name for one, answer in rest if isinstance(answer, Failure)}
    if failure and found and found.answer == REGISTERED and target.domain:
        silent[chain[-1][0].server], failure = failure.name, None
        found = msgspec.structs.replace(found, unknown=left_open(found))
    silent |= origin.failures(exchanges, target.address)
    if silent:
        volatile["unanswered"] = silent
    if found is None or found.answer == RDAP_ONLY:
        return Reading(None, volatile, failure or _no_server(target))
    volatile |= _read_twice([*chain, *rest], found, exchanges, target)
    facts = msgspec.structs.replace(
        found,
        contacts=_contacts(found.contacts, open_=contacts),
        asked=[said_by(one.server, answer) for one, answer in [*chain, *rest]],
        **_above(exchanges, found, target),
        **origin.facts(exchanges, target.address),
    )
    return Reading(facts, volatile, failure)


def _read_twice(
    asked: list[tuple[Exchange, RegistryFacts | Failure]],
    found: RegistryFacts,
    exchanges: Sequence[Exchange],
    target: RegistryTarget,
) -> dict[str, Any]:
    """Where another parser reads the answer that the facts are from otherwise."""
    differ = origin.readings(exchanges, target.address)
    for one, answer in asked:
        if isinstance(answer, RegistryFacts) and answer.range == found.range:
            differ |= second.of_text(one.server, text_of(one), target, answer)
    return {"readings": differ} if differ else {}


def _by_rdap(
    chain: list[tuple[Exchange, RegistryFacts | Failure]], reading: Reading, target: RegistryTarget
) -> Reading:
    """What RDAP has, after the whois servers that were asked in vain."""
    if isinstance(reading.facts, RegistryFacts):
        asked = [said_by(one.server, answer) for one, answer in chain] + reading.facts.asked
        facts = msgspec.structs.replace(reading.facts, asked=asked, via="rdap")
        return Reading(facts, reading.volatile, reading.failure)
    last, failure = chain[-1][1], reading.failure
    if isinstance(last, Failure):
        failure = last
    elif failure is None or failure.name == "no_server_known":
        failure = _no_server(target, forbidden=False)
    return Reading(None, reading.volatile, failure)


def _no_server(target: RegistryTarget, *, forbidden: bool = True) -> Failure:
    """No whois server is left, and RDAP was not asked: the author forbids it, or there is none."""
    what = f".{target.domain.rpartition('.')[2]}" if target.domain else target.text
    if forbidden:
        detail = f"the registry of {what} speaks RDAP only, by which it was not asked"
    else:
        detail = f"no whois and no RDAP server is known for {what}"
    return Failure("no_server_known", "whois", detail)


def _best(
    chain: list[RegistryFacts | Failure], rest: list[RegistryFacts | Failure]
) -> RegistryFacts | None:
    """The last registration along the chain, then elsewhere; else the last answer of the chain."""
    for answer in [*reversed(chain), *rest]:
        if isinstance(answer, RegistryFacts) and answer.answer == REGISTERED:
            return answer
    last = chain[-1]
    return last if isinstance(last, RegistryFacts) else None


def _contacts(found: list[Contact], *, open_: bool) -> list[Contact]:
    """With their names and mails, or their handles alone."""
    if open_:
        return found
    return sorted({Contact(one.role, one.handle) for one in found if _readable(one.handle)})


def _readable(handle: str) -> bool:
    return bool(handle) and not withheld(handle)


def _above(
    exchanges: Sequence[Exchange], found: RegistryFacts, target: RegistryTarget
) -> dict[str, Any]:
    """The networks above, from the question for less specific ones."""
    for one in exchanges:
        if one.step != ABOVE or one.protocol != "whois" or not one.received:
            continue
        wider = registration(one.server, text_of(one), target)
        if wider is None:
            continue
        parents = [parent for parent in wider.parents if parent.range not in _EVERYTHING]
        if wider.range != found.range:
            own = Parent(wider.range, wider.netname, wider.organization, " ".join(wider.status))
            parents.append(own)
        if parents:
            return {"parents": parents, "parent": parents[-1].range}
    return {}


_EVERYTHING = ("0.0.0.0 - 255.255.255.255", ":: - ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
