"""Persons in RDAP objects: their names, numbers and places survive nowhere in the object."""

import json
from typing import Any

import pytest
from sotokara.kinds.rdap.kind import Rdap
from sotokara.kinds.shared.rdap.masking import mask_persons
from sotokara.kinds.shared.rdap.objects import LOOKUP
from sotokara.kinds.whois import persons as whois_persons

from tests.test_rdap_cases import exchange

assert LOOKUP
SECRETS = ("Ada", "Roe", "555", "Elm Street", "ada@", "Springfield", "12345678901")


def card(*rows: tuple[str, Any]) -> list[Any]:
    return [
        "vcard",
        [["version", {}, "text", "4.0"], *([name, {}, "text", said] for name, said in rows)],
    ]


def entity(*rows: tuple[str, Any], roles: tuple[str, ...] = ("registrant",), **more: Any) -> Any:
    return {"objectClassName": "entity", "roles": list(roles), "vcardArray": card(*rows), **more}


def network(*entities: Any, **more: Any) -> dict[str, Any]:
    return {
        "objectClassName": "ip network",
        "startAddress": "192.0.2.0",
        "endAddress": "192.0.2.255",
        "name": "EX-NET",
        "entities": list(entities),
        **more,
    }


PERSON = (
    ("fn", "Ada Roe"),
    ("kind", "individual"),
    ("n", ["Roe", "Ada", "", "", ""]),
    ("org", "Ada Roe"),
    ("title", "Ada"),
    ("nickname", "Ada"),
    ("note", "call Ada at 555"),
    ("adr", ["", "", "12 Elm Street", "Springfield", "", "555", "US"]),
    ("tel", "+1 555 555"),
    ("email", "ada@roe.example"),
    ("url", "https://ada-roe.example/Ada"),
    ("bday", "555"),
    ("x-id", "12345678901"),
)


@pytest.mark.parametrize(
    "body",
    [
        network(entity(*PERSON, handle="R1")),
        network(entity(*PERSON, handle="R1", roles=("technical",))),
        network(entity(("fn", "Ada Roe"), ("org", "Ada Roe"), handle="R1")),
        network(entity(("fn", "Ada Roe"), ("org", "Roe Ada"), handle="R1")),
        network(entity(("fn", "Ada M. Roe"), ("org", "Ada Roe"), handle="R1")),
        network(entity(("fn", "Ada Roe"), ("kind", "Individual"), ("org", ["Ada Roe", "Sales"]))),
        network(entity(("fn", "Ada Roe Sa"), handle="R1")),
        network(entity(("fn", "Ada Roe Bank"), handle="R1")),
        network(entity(("fn", "Ada Roe"), ("kind", "location"), handle="R1")),
        network(entity(("FN", "Ada Roe"), ("KIND", "individual"), ("TEL", "555"))),
        network(entity(("fn", "Ada Roe"), handle="Ada Roe")),
        network(entity(("fn", "Ada Roe"), ("kind", "individual"), handle="ADAROE1-EX")),
        network(entity(("fn", "Ada Roe"), ("kind", "individual"), handle="12345678901")),
        network(
            entity(
                ("fn", "Ada Roe"),
                publicIds=[{"type": "cpf", "identifier": "12345678901"}],
                legalRepresentative="Ada Roe",
            )
        ),
        network(
            entity(*PERSON), remarks=[{"description": ["Ada Roe", "tel. 555", "Elm Street 1"]}]
        ),
        network(remarks=[{"title": "description", "description": ["Ada Roe", "12 Elm Street"]}]),
        network(remarks=[{"title": "remarks", "description": "Ada Roe, Springfield"}]),
        network(remarks={"description": ["Ada Roe"]}),
        network(remarks=["Ada Roe"]),
        network(entity(*PERSON), name="Ada Roe"),
        network(name="Ada Roe"),
        network(
            entity(*PERSON), notices=[{"description": ["registered to Ada Roe, ada@roe.example"]}]
        ),
        network(entity(*PERSON), links=[{"href": "https://x.example/entity/Ada%20Roe"}]),
        network(
            entity(*PERSON, links=[{"href": "https://x.example/Ada%20Roe", "title": "Ada Roe"}])
        ),
        network(events=[{"eventAction": "last changed", "eventActor": "Ada Roe"}]),
        network(events=[{"eventAction": "last changed", "eventActor": "ada@roe.example"}]),
        network(owner="Ada Roe", ownerid="12345678901", responsible={"name": "Ada Roe"}),
        network({"handle": "R1", "roles": ["registrant"], "jscard": {"name": {"full": "Ada Roe"}}}),
        network(
            {"handle": "R1", "roles": ["registrant"], "names": ["Ada Roe"], "phone": 12345678901}
        ),
        network({"roles": ["registrant"], "vcardArray": "Ada Roe"}),
        network({"roles": ["registrant"], "vcardArray": ["vcard", ["Ada Roe", ["fn", "Ada Roe"]]]}),
        network(
            {
                "roles": ["registrant"],
                "vcardArray": ["vcard", [["fn", {}, "text", "Ada Roe"]], "Ada"],
            }
        ),
        network(entity(("fn", "Example Ltd"), ("kind", "org"), entities=[entity(*PERSON)])),
        network(
            entity(
                *PERSON, roles=("technical", "administrative"), remarks=[{"description": ["Ada"]}]
            )
        ),
        {"errorCode": 500, "description": ["Ada Roe"], "entities": [entity(*PERSON)]},
        {"entitySearchResults": [entity(*PERSON)]},
    ],
)
def test_nothing_of_a_person_survives(body: dict[str, Any]) -> None:
    clean = mask_persons(json.dumps(body).encode()).decode()
    for secret in SECRETS:
        assert secret not in clean
    facts = Rdap(target="192.0.2.5").parse([exchange("rdap.example", clean.encode())]).facts
    if facts is not None:
        assert facts.organization in ("", "Example Ltd")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (network(entity(("fn", "Sellers"), roles=("registrar",))), ["Sellers"]),
        (network(entity(("fn", "IONOS SE"), roles=("registrar",))), ["IONOS SE"]),
        (
            network(entity(("fn", "OVH sas"), ("kind", "individual"), roles=("sponsor",))),
            ["OVH sas"],
        ),
        (network(entity(("fn", "Example"), ("kind", "org"))), ["Example"]),
        (network(entity(("fn", "Example"), ("kind", "ORG"))), ["Example"]),
        (network(entity(("fn", "Example Desk"), ("kind", "group"))), ["Example Desk"]),
        (network(entity(("fn", "Abuse Team"), roles=("abuse",))), ["Abuse Team"]),
        (network(entity(("fn", "株式会社例示"))), ["株式会社例示"]),
        (network(entity(("fn", "ООО «Пример»"))), ["ООО «Пример»"]),
        (network(entity(("fn", "주식회사 예시"))), ["주식회사 예시"]),
        (network(entity(("fn", "Ada Roe"), ("org", "Example GmbH"))), ["Example GmbH"]),
        (network(entity(("fn", "EX-MNT"), ("kind", "individual"), handle="EX-MNT")), ["EX-MNT"]),
        (network(entity(*PERSON, handle="AR1-RIPE")), ["AR1-RIPE", "registrant"]),
        (network(remarks=[{"description": ["Example University"]}]), ["Example University"]),
        (network(remarks=[{"description": ["to abuse@example.net"]}]), ["abuse@example.net"]),
        (
            network(
                remarks=[{"type": "object redacted due to authorization", "description": ["Cut."]}]
            ),
            ["Cut."],
        ),
        (network(notices=[{"title": "Terms", "description": ["Be kind."]}]), ["Be kind."]),
        (
            network(
                entity(
                    ("fn", "S"),
                    roles=("registrar",),
                    publicIds=[{"type": "IANA Registrar ID", "identifier": "9999"}],
                )
            ),
            ["9999"],
        ),
        (network(entity(*PERSON), entity(("fn", "Ada Roe Ltd"), ("kind", "org"))), ["Ada Roe Ltd"]),
    ],
)
def test_organizations_sellers_and_offices_stay(body: dict[str, Any], kept: list[str]) -> None:
    clean = mask_persons(json.dumps(body, ensure_ascii=False).encode()).decode()
    for text in kept:
        assert text in clean


def test_a_person_alone_is_told_of_and_an_organization_comes_first() -> None:
    def facts(*entities: Any) -> Any:
        body = mask_persons(json.dumps(network(*entities)).encode())
        return Rdap(target="192.0.2.5").parse([exchange("rdap.example", body)]).facts

    company = entity(("fn", "Example Ltd"), ("kind", "org"))
    assert facts(entity(*PERSON)).person
    assert (facts(entity(*PERSON), company).organization, facts(company).person) == (
        "Example Ltd",
        False,
    )
    assert not facts(entity(("fn", ""), ("kind", "individual"))).person
    for said in ("REDACTED FOR PRIVACY", "[[REDACTED]]", "Data Protected", "Not disclosed"):
        told = facts(entity(("fn", said), ("org", said)))
        assert (told.person, told.organization) == (False, "")
    assert facts(entity(("fn", "Ada Redacted"))).person
    assert (
        facts(entity(("fn", "EX1-MNT"), ("kind", "individual"), handle="EX1-MNT")).organization
        == ""
    )


def test_a_long_object_costs_little() -> None:
    import time

    body = network(*[entity(*PERSON, handle=f"R{n}") for n in range(1500)])
    body["remarks"] = [{"description": [f"line {n} of Ada Roe" for n in range(5000)]}]
    raw = json.dumps(body).encode()
    began = time.process_time()
    mask_persons(raw)
    assert time.process_time() - began < 3.0


NUMBERS = (
    "123.456.789-09",
    "12345678909",
    "12345678Z",
    "X1234567L",
    "19850101-1234",
    "850101-1234",
)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_of_identity_in_an_organizations_place_is_masked(number: str) -> None:
    text = (
        f"Domain Name: shop.example\nRegistrant Name: Aya Rei\nRegistrant Organization: {number}\n"
    )
    assert number not in whois_persons.mask_persons(text.encode(), "utf-8").decode()
    card = [["fn", {}, "text", "Aya Rei"], ["org", {}, "text", number]]
    entity = {"objectClassName": "entity", "roles": ["registrant"], "handle": number}
    for kind in ([], [["kind", {}, "text", "org"]]):
        held = {**entity, "vcardArray": ["vcard", [*kind, *card]]}
        found = {"objectClassName": "domain", "ldhName": "shop.example", "entities": [held]}
        kept = json.loads(mask_persons(json.dumps(found).encode()))["entities"][0]
        assert number not in json.dumps(kept["vcardArray"])
        assert kind or number != kept["handle"]


@pytest.mark.parametrize("name", ["1&1 SE", "3M Company", "2345 GmbH", "Studio 54 Ltd"])
def test_a_company_with_digits_in_its_name_is_shown(name: str) -> None:
    text = f"Domain Name: shop.example\nRegistrant Organization: {name}\n"
    assert name in whois_persons.mask_persons(text.encode(), "utf-8").decode()
