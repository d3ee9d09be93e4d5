"""Transcripts of `mail`: what checkdmarc printed, read by its records and not by its judgements."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sotokara.kinds.mail.facts import MailFacts
from sotokara.kinds.mail.kind import Mail
from sotokara.kinds.shared.mail.parts import PolicyPart, Spf
from sotokara.transcripts.session import listings

TOLD: dict[str, Any] = {
    "domain": "shop.example",
    "base_domain": "shop.example",
    "dnssec": False,
    "ns": {"hostnames": ["ns1.shop.example"], "warnings": []},
    "mx": {
        "hosts": [
            {"preference": 20, "hostname": "mx2.shop.example", "addresses": ["192.0.2.26"]},
            {"preference": 10, "hostname": "MX1.shop.example", "addresses": ["192.0.2.25"]},
        ],
        "warnings": [],
    },
    "mta_sts": {
        "valid": True,
        "id": "20261128",
        "policy": {"version": "STSv1", "mode": "enforce", "max_age": 1, "mx": ["*.shop.example"]},
    },
    "spf": {
        "record": "v=spf1 include:_spf.shop.example ~all",
        "valid": True,
        "dns_lookups": 2,
        "parsed": {
            "mechanisms": [
                {
                    "mechanism": "include",
                    "value": "_spf.shop.example",
                    "record": "v=spf1 ip4:192.0.2.0/24 a:mx1.shop.example -all",
                }
            ],
            "all": "softfail",
        },
    },
    "dmarc": {
        "record": "v=DMARC1; p=quarantine; pct=20",
        "valid": True,
        "location": "shop.example",
        "tags": {"p": {"value": "quarantine", "explicit": True}},
    },
    "smtp_tls_reporting": {
        "valid": False,
        "error": "An SMTP TLS Reporting DNS record does not exist.",
    },
}


def read(told: Any, before: str = "") -> Any:
    found = listings(f"{before}{json.dumps(told, indent=2)}\nprose below\n", "mail")
    return found[0] if found else None


def test_what_checkdmarc_printed_of_a_domain() -> None:
    for before in ("", "$ checkdmarc shop.example\n", "Some prose.\n\n"):
        found = read(TOLD, before)
        assert (found.tool, found.target, found.unread) == ("checkdmarc", "shop.example", ())
        assert found.said == ("dmarc", "mta_sts", "mx", "route", "spf", "tls_rpt")
        facts = found.facts
        assert isinstance(facts, MailFacts)
        assert facts.mx == ["10 mx1.shop.example", "20 mx2.shop.example"]
        assert (facts.spf.all, facts.spf.lookups) == ("~", 2)
        assert (facts.dmarc.policy, facts.dmarc.percent) == ("quarantine", 20)
        assert (facts.mta_sts.mode, facts.tls_rpt.state) == ("enforce", "absent")
    assert read([TOLD]).facts == read(TOLD).facts


@pytest.mark.parametrize(
    ("part", "given", "state"),
    [
        (
            "spf",
            {"record": None, "valid": False, "error": "x does not have an SPF record"},
            "absent",
        ),
        ("spf", {"record": None, "valid": False, "error": "The DNS query timed out"}, None),
        ("spf", {"record": "v=spf1 include:b.example -all", "valid": True}, None),
        ("spf", {"record": "v=spf1 ip4:x -all", "valid": True}, "broken"),
        ("dmarc", {"record": None, "valid": False, "error": "It does not exist."}, "absent"),
        ("dmarc", {"record": None, "valid": True, "error": "It does not exist."}, None),
        ("dmarc", {"record": "v=DMARC1; p=none", "location": "example"}, "present"),
        ("mta_sts", {"valid": True, "policy": {"mode": "x"}}, None),
        ("mta_sts", {"valid": False, "error": "HTTP 500"}, None),
    ],
)
def test_what_is_not_plain_is_not_stated(part: str, given: Any, state: str | None) -> None:
    found = read({**TOLD, part: given})
    assert (part in found.said) == (state is not None)
    assert getattr(found.facts, part).state == (state or "not_answered")


def test_servers_that_are_none_and_lists_that_are_empty() -> None:
    null = read({**TOLD, "mx": {"hosts": [{"preference": 0, "hostname": "."}]}})
    assert (null.facts.route, null.facts.mx) == ("null_mx", [])
    for hosts in ([], None, [{"preference": "x", "hostname": 7}]):
        assert "mx" not in read({**TOLD, "mx": {"hosts": hosts}}).said


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["record", "value", "hosts", "valid", "error"]), inner)
    ),
    max_leaves=8,
)


@given(st.sampled_from([*TOLD]), _JSON)
def test_hostile_fields_are_never_an_error(part: str, value: Any) -> None:
    read({**TOLD, part: value})


def test_no_other_json_is_taken_for_one() -> None:
    others: list[Any] = [
        {"domain": "shop.example"},
        {"domain": "a b", "spf": TOLD["spf"]},
        [],
    ]
    for told in others:
        assert read(told) is None
    assert not listings('{"domain": ' + "[" * 100_000, "mail")
    assert not listings('{"domain": "shop.example", ', "mail")


def test_several_domains_are_several_listings() -> None:
    other = {**TOLD, "domain": "other.example"}
    found = listings(json.dumps([TOLD, other], indent=2), "mail")
    assert [one.target for one in found] == ["shop.example", "other.example"]


def test_today_is_compared_as_far_as_a_paste_could_see() -> None:
    old = Spf(state="present", record="v=spf1 -all", all="-")
    new = Spf(state="present", record="v=spf1 -all", all="-", problems=["ptr"])
    assert Mail.seen_by_listing("spf", old, new) == old
    rpt = PolicyPart(state="present", record="v=TLSRPTv1; rua=mailto:a@shop.example")
    assert Mail.seen_by_listing("tls_rpt", PolicyPart(state="present"), rpt) == PolicyPart(
        state="present"
    )
    assert Mail.seen_by_listing("tls_rpt", PolicyPart(state="absent"), rpt) == rpt
