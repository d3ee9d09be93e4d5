"""Registrations in unseen layouts: no person survives, and no fact is wrong."""

import random

import pytest

from tests.mutated_registrations import Made, made, wrong

SEEDS = range(25)
EACH = 10


@pytest.mark.parametrize("seed", SEEDS)
def test_no_person_survives_and_no_fact_is_wrong_in_an_unseen_layout(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  # no secret
    found = [(line, one.how) for one in (made(chance) for _ in range(EACH)) for line in wrong(one)]
    assert not found


def test_a_person_who_stays_and_a_wrong_fact_are_found() -> None:
    text = (
        "Domain name: example.com\nCreated: 2020-01-01\nName server: ns1.example.net\n\nMia Roe\n"
    )
    right: dict[str, object] = {"allocated": "2021-01-01", "nameservers": ["ns1.example.net"]}
    found = [*wrong(Made(text, right, ("Example", "name server"), "by hand", "example.com"))]
    assert found == ["wrong allocated: 2020-01-01"]
    assert not [*wrong(Made(text, {}, ("Mia Roe",), "by hand", "example.com"))]
    assert [*wrong(Made(text, {}, ("2020-01-01",), "by hand", "example.com"))] == [
        "SURVIVES 2020-01-01"
    ]
