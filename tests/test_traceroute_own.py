"""What is hidden of the author's own network, and that nothing of it is left in raw."""

from ipaddress import ip_network
from typing import Any

import pytest
from sotokara.core.labels import labels
from sotokara.core.own_network import (
    Masks,
    SeenHop,
    hidden_hops,
    hides_address,
    masks_for,
    whose_hops,
)
from sotokara.kinds.shared.translator import translated
from sotokara.kinds.traceroute.facts import PathEnd, PathFacts, TraceHop, end_of, silence
from sotokara.kinds.traceroute.names import announced_as
from sotokara.masking.redaction import Redactor
from sotokara.network.trace import Trace, TraceHead, TraceRow
from sotokara.network.trace_timing import FLOOR, give_up_after

from tests.test_traceroute import recorded


def hop(number: int, address: str, *ases: int, unannounced: bool = False) -> SeenHop:
    return SeenHop(number, frozenset({address}), frozenset(ases), unannounced)


HOME = hop(1, "192.168.7.254")
HOME_ADDRESS = "192.168.xxx.254"
STARS = "********"


@pytest.mark.parametrize(
    ("hops", "hidden"),
    [
        # Up to the first hop of another AS.
        ([HOME, hop(2, "8.0.0.1", 1), hop(3, "9.0.0.1", 2)], {1: HOME_ADDRESS, 2: STARS}),
        # An exchange's address, which nobody announces, between two ASes is shown.
        (
            [HOME, hop(2, "8.0.0.1", 1), hop(3, "7.0.0.1", unannounced=True), hop(4, "9.0.0.1", 2)],
            {1: HOME_ADDRESS, 2: STARS},
        ),
        # The same without the word that nobody announces it: it may be the provider's own.
        (
            [HOME, hop(2, "8.0.0.1", 1), hop(3, "7.0.0.1"), hop(4, "9.0.0.1", 2)],
            {1: HOME_ADDRESS, 2: STARS, 3: STARS},
        ),
        # Unannounced routers of the provider's own, before any that is announced.
        (
            [HOME, hop(2, "7.0.0.1", unannounced=True), hop(3, "8.0.0.1", 1), hop(4, "9.0.0.1", 2)],
            {1: HOME_ADDRESS, 2: STARS, 3: STARS},
        ),
        # Carrier NAT.
        ([hop(1, "100.64.0.1"), hop(2, "8.0.0.1", 1), hop(3, "9.0.0.1", 2)], {1: STARS, 2: STARS}),
        # No origin is known at all: everything but the target.
        ([HOME, hop(2, "8.0.0.1"), hop(3, "9.0.0.9")], {1: HOME_ADDRESS, 2: STARS}),
        # The target is the provider's own.
        ([HOME, hop(2, "8.0.0.1", 1), hop(3, "9.0.0.9", 1)], {1: HOME_ADDRESS, 2: STARS}),
        # A hop that turns up again behind (a loop) stays hidden there.
        (
            [HOME, hop(2, "8.0.0.1", 1), hop(3, "9.0.0.1", 2), hop(4, "8.0.0.1", 1)],
            {1: HOME_ADDRESS, 2: STARS, 4: STARS},
        ),
        # Private addresses farther on.
        (
            [HOME, hop(2, "8.0.0.1", 1), hop(3, "9.0.0.1", 2), hop(4, "10.1.1.1")],
            {1: HOME_ADDRESS, 2: STARS, 4: STARS},
        ),
    ],
)
def test_own_network(hops: list[SeenHop], hidden: dict[int, str]) -> None:
    assert hidden_hops(Masks(), hops, "9.0.0.9", written=False) == hidden


def test_a_hop_is_waited_for_as_long_as_those_behind_it_take() -> None:
    """None longer than the whole wait, and one with silence behind it for all of it."""
    assert give_up_after({2: 0.01, 3: 0.05}, 4, 3.0) == {1: 0.5, 2: 0.5, 3: 0.5, 4: 3.0}
    assert give_up_after({1: 0.001, 2: 0.9}, 2, 3.0) == {1: 3.0, 2: 3.0}
    assert give_up_after({1: 0.001}, 1, 3.0) == {1: FLOOR}


def test_a_target_that_the_article_names_is_shown() -> None:
    hops = [hop(1, "8.0.0.1", 1), hop(2, "9.0.0.9", 2)]
    wanted = masks_for(setting=True, redact={"own_network": False, "hops": [2]})
    assert hidden_hops(wanted, hops, "9.0.0.9", written=False) == {2: STARS}
    assert hidden_hops(wanted, hops, "9.0.0.9", written=True) == {}


def test_an_address_of_one_s_own_is_hidden_wherever_it_stands() -> None:
    shown = masks_for(setting=False, redact=None)
    assert hides_address(Masks(), "192.168.7.1")
    assert not hides_address(Masks(), "9.0.0.9")
    assert not hides_address(shown, "192.168.7.1")


def test_what_a_definition_hides() -> None:
    hops = [HOME, hop(2, "8.0.0.1", 1), hop(3, "9.0.0.1", 2), hop(4, "9.0.0.9", 3)]

    def hide(**redact: Any) -> list[int]:
        wanted = masks_for(setting=True, redact={"own_network": False, **redact})
        return sorted(hidden_hops(wanted, hops, "9.0.0.9", written=False))

    assert hide() == []
    assert hide(hops="2-3") == [2, 3]
    assert hide(hops=[1, "3-4"]) == [1, 3, 4]
    assert hide(networks="9.0.0.0/8") == [3, 4]
    assert hide(networks=["8.0.0.1"]) == [2]
    assert hide(**{"as": ["AS2", 1]}) == [2, 3]


def test_settings_name_the_own_network() -> None:
    hops = [hop(1, "8.0.0.1", 1), hop(2, "9.0.0.1", 2), hop(3, "9.0.0.9", 3)]
    wanted = masks_for(setting=["AS1", "AS2"], redact=[])
    assert sorted(hidden_hops(wanted, hops, "9.0.0.9", written=True)) == [1, 2]
    assert hidden_hops(masks_for(setting=False, redact=[]), [HOME], "9.0.0.9", written=True) == {}


def test_a_list_is_the_author_s_whole_word() -> None:
    hops = [HOME, hop(2, "198.51.100.9"), hop(3, "7.0.0.1", 7), hop(4, "8.0.0.1", 1)]
    for setting in (["198.51.100.0/24"], ["AS1", "198.51.100.9"]):
        hidden = hidden_hops(masks_for(setting, None), hops, "9.0.0.9", written=False)
        shown = {1: HOME_ADDRESS, 2: STARS} | ({4: STARS} if "AS1" in setting else {})
        assert hidden == shown


def test_whose_a_hidden_hop_is() -> None:
    nothing_known = [HOME, hop(2, "8.0.0.1"), hop(3, "7.0.0.1")]
    assert whose_hops(Masks(), nothing_known) == {1: "home", 2: "unknown", 3: "unknown"}
    listed = masks_for(setting=["7.0.0.0/8"], redact=None)
    assert whose_hops(listed, nothing_known) == {1: "home", 3: "home"}
    known = [HOME, hop(2, "8.0.0.1", 1), hop(3, "9.0.0.1", 2)]
    assert whose_hops(Masks(), known) == {1: "home"}


def _path(*hops: TraceHop, how: str = "silent", at: int = 9) -> PathFacts:
    return PathFacts(address="9.0.0.9", hops=list(hops), end=PathEnd(how, at))


@pytest.mark.parametrize(
    ("facts", "failure"),
    [
        (_path(TraceHop(1, [], "192.168.xxx.1", "home")), "port_blocked"),
        (_path(TraceHop(1, ["8.0.0.1"])), "port_blocked"),
        (_path(), "port_blocked"),
        (_path(TraceHop(1, [], STARS, "home"), TraceHop(2, [], STARS, "home")), "port_blocked"),
        (_path(TraceHop(1, ["192.168.0.1"]), TraceHop(2, ["10.0.0.1"])), "port_blocked"),
        (_path(TraceHop(1, [], STARS, "home"), how="unreachable", at=1), "port_blocked"),
        (_path(TraceHop(1, [], STARS, "home"), TraceHop(2, [], STARS)), "generic_timeout_error"),
        (_path(TraceHop(1, ["192.168.0.1"]), TraceHop(2, ["8.0.0.1"])), "generic_timeout_error"),
        (_path(TraceHop(1, ["8.0.0.1"]), TraceHop(2, ["8.0.0.2"]), how="unreachable", at=2), None),
        (_path(TraceHop(1, ["8.0.0.1"]), TraceHop(2, ["9.0.0.9"]), how="reached", at=2), None),
    ],
)
def test_what_a_silent_path_says(facts: PathFacts, failure: str | None) -> None:
    found = silence(facts)
    assert (found.name if found else None) == failure


def test_a_loop_begins_where_it_was_first_seen() -> None:
    rows = [TraceRow(1, 0, 0, "8.0.0.1", 1.0, 11, 0)]
    rows += [TraceRow(ttl, 0, 0) for ttl in (2, 3, 4)]
    rows += [TraceRow(ttl, 0, 0, f"7.0.0.{ttl % 2}", 1.0, 11, 0) for ttl in range(5, 17)]
    end = end_of(Trace(TraceHead("9.0.0.9", "udp", 1, 16, v6=False, engine="raw"), rows))
    assert (end.how, end.hop) == ("loop", 5)


@pytest.mark.parametrize("redact", [{"hop": 2}, {"hops": "two"}, {"networks": "x"}, {"as": "y"}])
def test_wrong_redactions(redact: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"redact|hop|network|AS"):
        masks_for(setting=True, redact=redact)


@pytest.mark.parametrize("name", ["post-udp", "post-system", "post-ipv6", "balanced-system"])
def test_nothing_of_a_hidden_hop_is_left_in_raw(name: str) -> None:
    question, exchanges, _ = recorded(name)
    kept = question.hide(exchanges, Masks())
    text = "\n".join(map(repr, kept))
    for hidden in ("198.51.100.", "192.168.11", "2001:db8:51:", "2001:db8:1:", "64500", "provider"):
        assert hidden in "\n".join(map(repr, exchanges)) or ":" in hidden or "ipv6" in name
        assert hidden not in text
    facts: Any = question.parse(kept).facts
    assert [bool(one.masked) for one in facts.hops][:6] == [True] * 6
    assert facts.end == question.parse(exchanges).facts.end  # type: ignore[union-attr]
    times = question.parse(kept).volatile["replies"]
    assert {one.get("ms") for one in times["3"]} == {None}


def test_masks_of_addresses_in_rows_read_as_hidden_hops() -> None:
    question, exchanges, _ = recorded("post-udp")
    redactor = Redactor(["203.174.64.146"])
    facts: Any = question.parse([redactor.exchange(one) for one in exchanges]).facts
    assert facts.hops[7].addresses == []
    assert facts.hops[7].masked == "xxx.xxx.xx.xxx"


def test_hops_behind_a_translator_are_whose_their_ipv4_addresses_are() -> None:
    """NAT64: own private hops stay hidden in the translator's form, foreign ones are shown."""
    hops = [
        hop(1, "2001:db8:1::254", 1),
        hop(2, "64:ff9b::10.0.0.1"),
        hop(3, "64:ff9b::9.0.0.1", 2),
    ]
    assert hidden_hops(Masks(), hops, "64:ff9b::9.0.0.1", written=False) == {1: STARS, 2: STARS}
    listed = Masks(networks=(ip_network("9.0.0.0/8"),), own=False)
    assert hidden_hops(listed, hops, "2001:db8::1", written=False) == {3: STARS}
    assert announced_as("64:ff9b::9.0.0.1") == "9.0.0.1"
    assert announced_as("2001:db8::9") == "2001:db8::9"


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_a_translator_s_address_says_whose_it_stands_for(lang: str) -> None:
    found = translated(["64:ff9b::cb68:ff8c", "2001:db8::1", "192.0.2.1"], labels(lang))
    assert len(found) == 1
    assert "64:ff9b::cb68:ff8c" in found[0]
    assert "203.104.255.140" in found[0]
    assert "NAT64" in found[0]
