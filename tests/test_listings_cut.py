"""Listings that end anywhere: what is not shown is not stated to be absent."""

from typing import Any

import pytest

from tests.listing_cases import Case, cases, stated

CUT = {
    *("forms/dig-one-of-two", "forms/host-v", "forms/dig-yaml", "forms/ns-pt", "forms/bb-none"),
    *("shared/dig-noclass", "further/z-drill-cut", "further/ns-pl"),
}
LISTS = {"addresses", "names", "records", "chain"}


@pytest.mark.parametrize(
    "case", [one for one in cases() if one.name in CUT], ids=lambda one: one.name
)
def test_no_empty_list_is_stated_where_a_listing_ends(case: Case) -> None:
    lines = case.text.split("\n")
    for last in range(1, len(lines)):
        then = stated("\n".join(lines[:last]), case.right["kind"], case.right["target"])
        facts: Any = then.facts
        if facts is not None and facts.rcode == "NOERROR" and not facts.records:
            denied = bool(facts.nodata)
            assert denied or not LISTS & {*then.volatile["said"]}, f"cut behind line {last}"


def test_a_listing_that_denies_states_that_there_is_none() -> None:
    text = (
        "$ nslookup -type=mx www.example.com\nServer:\t\t192.0.2.53\nAddress:\t192.0.2.53#53\n\n"
        "*** Can't find www.example.com: No answer\n"
    )
    then = stated(text, "dns", "www.example.com")
    assert "records" in then.volatile["said"]
