"""Policy: no packet to a special-purpose address, in whatever form the address comes."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sotokara.core.observation import ProbeFailure
from sotokara.network.policy import SendPolicy

# IANA's two special-purpose registries (2025-10), columns Address Block and Globally Reachable.
IPV4 = {
    **dict.fromkeys(("0.0.0.0/8", "0.0.0.0/32", "10.0.0.0/8", "100.64.0.0/10"), False),
    **dict.fromkeys(("127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"), False),
    **dict.fromkeys(("192.0.0.0/29", "192.0.0.8/32", "192.0.0.170/32", "192.0.0.171/32"), False),
    **dict.fromkeys(("192.0.2.0/24", "192.88.99.0/24", "192.88.99.2/32"), False),
    **dict.fromkeys(("192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"), False),
    **dict.fromkeys(("203.0.113.0/24", "240.0.0.0/4", "255.255.255.255/32"), False),
    **dict.fromkeys(("192.31.196.0/24", "192.52.193.0/24", "192.175.48.0/24"), True),
}
IPV6 = {  # but ::ffff:0:0/96, which the system sends to the IPv4 address inside
    **dict.fromkeys(("::1/128", "::/128", "64:ff9b:1::/48"), False),
    **dict.fromkeys(("100::/64", "100:0:0:1::/64", "2001::/32", "2001:2::/48"), False),
    **dict.fromkeys(("2001:10::/28", "2001:db8::/32", "3fff::/20", "5f00::/16"), False),
    **dict.fromkeys(("fc00::/7", "fe80::/10"), False),
    **dict.fromkeys(("2001:1::1/128", "2001:1::2/128", "2001:3::/32", "2001:4:112::/48"), True),
    **dict.fromkeys(("2001:20::/28", "2620:4f:8000::/48"), True),
}
# Globally reachable by the registry, and still nobody an article should measure.
ELSEWHERE = ("224.0.0.1", "239.255.255.250", "ff02::1", "fec0::1")
CLOSED = [block for block, reachable in {**IPV4, **IPV6}.items() if not reachable]
OPEN = [block for block, reachable in {**IPV4, **IPV6}.items() if reachable]
POLICY = SendPolicy([], [])


def _ends(block: str) -> list[str]:
    network = ip_network(block)
    return [str(network[0]), str(network[-1]), str(network[network.num_addresses // 2])]


@pytest.mark.parametrize("block", CLOSED)
def test_both_registries_blocks_are_closed(block: str) -> None:
    for address in _ends(block):
        assert POLICY.refusal(address), address


@pytest.mark.parametrize("block", OPEN)
def test_globally_reachable_exceptions_are_open(block: str) -> None:
    for address in _ends(block):
        assert POLICY.refusal(address) is None, address


@pytest.mark.parametrize("address", ELSEWHERE)
def test_multicast_and_site_local_are_closed(address: str) -> None:
    assert POLICY.refusal(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "203.104.255.140", "2606:4700::1111", "2400::1"])
def test_the_rest_of_the_internet_is_open(address: str) -> None:
    assert POLICY.refusal(address) is None
    POLICY.check(address)


def _carriers(address: str) -> list[str]:
    """The IPv6 forms that carry an IPv4 address: mapped, 6to4, NAT64."""
    packed = ip_address(address).packed
    return [
        str(ip_address(b"\0" * 10 + b"\xff\xff" + packed)),
        str(ip_address(b"\x20\x02" + packed + b"\0" * 9 + b"\1")),
        str(ip_address(bytes.fromhex("0064ff9b") + b"\0" * 8 + packed)),
    ]


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "10.1.2.3", "192.168.0.1"])
def test_a_closed_address_inside_another_stays_closed(address: str) -> None:
    for carrier in _carriers(address):
        assert POLICY.refusal(carrier), carrier


def test_an_open_address_inside_another_stays_open() -> None:
    for carrier in _carriers("203.104.255.140"):
        assert POLICY.refusal(carrier) is None, carrier


def test_zones_of_link_local_addresses_change_nothing() -> None:
    assert POLICY.refusal("fe80::1%eth0")


def test_allow_opens_a_network_and_its_other_forms() -> None:
    policy = SendPolicy(["192.168.0.0/16", "fd00::/8"], [])
    for address in ["192.168.7.7", "fd00::1", *_carriers("192.168.7.7")]:
        assert policy.refusal(address) is None, address
    assert policy.refusal("10.0.0.1")


def test_deny_wins_over_allow_and_sees_through_other_forms() -> None:
    policy = SendPolicy(["10.0.0.0/8"], ["10.1.0.0/16", "203.0.0.0/8"])
    assert policy.refusal("10.2.0.1") is None
    for address in ["10.1.0.1", "203.104.255.140", *_carriers("203.104.255.140")]:
        assert "policy.deny" in (policy.refusal(address) or ""), address


def test_a_refusal_is_our_side() -> None:
    with pytest.raises(ProbeFailure) as caught:
        POLICY.check("127.0.0.1")
    assert caught.value.failure.name == "policy_refused"
    assert caught.value.failure.outcome == "not_measured"
    assert "loopback" in caught.value.failure.detail


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_every_form(address: object) -> None:
    refused = POLICY.refusal(str(address)) is not None
    for carrier in _carriers(str(address)):
        assert (POLICY.refusal(carrier) is not None) == refused, carrier


@given(st.ip_addresses())
def test_python_knows_no_private_address_that_is_open(address: object) -> None:
    known = ip_address(str(address))
    if POLICY.refusal(str(known)) is None:
        assert not known.is_loopback
        assert not known.is_link_local
        assert not known.is_multicast
        assert not known.is_unspecified


@pytest.mark.parametrize(
    "address",
    [
        "::7f00:1",
        "::127.0.0.1",
        "::ffff:7f00:1",
        "::ffff:0:7f00:1",
        "2002:7f00:1::",
        "2002:c0a8:101::1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::7f00:1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2600:1f00::5efe:7f00:1",
        "2600:1f00::200:5efe:a00:1",
        "::808:808",
        "fe80::1%lo",
    ],
)
def test_an_address_inside_an_address_is_judged(address: str) -> None:
    assert SendPolicy([], []).refusal(address)
    assert SendPolicy([], ["127.0.0.0/8"]).refusal(address)


@pytest.mark.parametrize("address", ["2002:808:808::1", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_a_public_address_inside_an_address_may_be_asked(address: str) -> None:
    assert SendPolicy([], []).refusal(address) is None
    assert SendPolicy([], ["8.0.0.0/8"]).refusal(address)
