"""Persons below labels that sound like a thing's, and in answers without any layout.

All are invented. What is not known to be safe is masked; what is plainly nobody's stays.
"""

import pytest
from sotokara.kinds.shared.registry.facts import RegistryFacts
from sotokara.kinds.shared.registry.target import read_target
from sotokara.kinds.whois.persons import mask_persons
from sotokara.kinds.whois.verdict import read_answer

LABELS = (
    "Last Name",
    "Name (last, first)",
    "Registered to",
    "Registered for",
    "Registration to",
    "Registration details",
    "Registered in the name of",
    "Assigned to",
    "Delegated to",
    "Changed by",
    "Last update by",
    "Transferred to",
    "Domain of",
    "Domain user",
    "Whois of",
    "Query by",
    "Locked by",
)
NOBODYS = (
    "Country: New Zealand",
    "Registrant Country: United Kingdom",
    "Domain Status: Transfer Locked",
    "Estatus del dominio: Activo Suspendido",
    "DNSSEC: Unsigned delegation",
    "Source: TCI",
    "Registered on: before Aug-1996",
    "Registered by: Example Registrar Ltd",
    "Updated: Mon Nov 24 09:53:11 2025",
    "Created: 0-EXNIC 20020903000000",
    "Registration Period: 2 years",
    "Whois Server: whois.registry.example",
    "Server Name: NS1.EXAMPLE.NET",
    "Anniversary: 11/01",
    "Software version: 3.12.1",
)
UNLABELLED = (
    "*** {name} ***",
    "<holder>{name}</holder>",
    "holder={name}",
    '"holder": "{name}",',
    "holder|{name}",
    "Holder -> {name}",
    "The domain is held by {name}.",
    "{name} (MR123)",
    "{name}",
)


def kept(line: str, *, others: int = 1) -> str:
    above = ("Domain: shop.example", "Status: ok", "Created: 2020-01-01", "Expires: 2030-01-01")
    answer = "\n".join((*above[:others], "", line, ""))
    return mask_persons(answer.encode(), "utf-8").decode().splitlines()[others + 1]


@pytest.mark.parametrize("name", ["Mia Roe", "mia roe", "MIA ROE", "例山 花子"])
@pytest.mark.parametrize("label", LABELS)
def test_a_person_below_a_label_that_sounds_like_a_things_is_masked(label: str, name: str) -> None:
    assert name not in kept(f"{label}: {name}")
    assert name not in kept(f"[{label}]    {name}")
    assert kept(f"{label}: Example Hosting Ltd") == f"{label}: Example Hosting Ltd"


@pytest.mark.parametrize("line", NOBODYS)
def test_what_is_plainly_nobodys_stays(line: str) -> None:
    assert kept(line) == line


@pytest.mark.parametrize("others", [1, 4])
@pytest.mark.parametrize("form", UNLABELLED)
def test_a_name_without_a_label_is_masked_in_short_answers_too(form: str, others: int) -> None:
    assert "Mia Roe" not in kept(form.format(name="Mia Roe"), others=others)


@pytest.mark.parametrize("name", ["Mia Roewick", "mia roewick"])
@pytest.mark.parametrize(
    "line",
    [
        "% Domain: shop.example; Holder: {name}; Street: 4 Tesk Alley",
        "Holder: {name}; Domain: shop.example",
        "Holder: {name} | Domain: shop.example",
        "shop.example,{name},4 Tesk Alley",
    ],
)
def test_no_value_hides_a_person_behind_another(line: str, name: str) -> None:
    assert name not in kept(line.format(name=name))
    assert "Tesk Alley" not in kept(line.format(name=name))


@pytest.mark.parametrize("mark", ["", "% ", "# "])
@pytest.mark.parametrize(
    "sentence",
    [
        "For questions please ask for {name} at the office.",
        "Holder {name}, 4 Tesk Alley",
        "The contents of this database are the property of Dr {name}.",
    ],
)
def test_a_sentence_with_a_name_loses_it(mark: str, sentence: str) -> None:
    assert "Mia Roewick" not in kept(mark + sentence.format(name="Mia Roewick"), others=4)


@pytest.mark.parametrize(
    "line",
    [
        "% Whois Server Version 2.0",
        "% Timestamp: Fri Feb 22 11:20:02 2013",
        ">>> Last update of the database: on Tue Feb 18 20:31:29 GMT 2014 <<<",
        "% protected by the Copyright Act and the Intellectual Property Law",
        "%error 230 No Objects Found",
    ],
)
def test_a_sentence_about_things_stays(line: str) -> None:
    assert kept(line, others=4) == line


def test_the_day_of_a_change_stays_without_whoever_made_it() -> None:
    assert kept("Changed: Mia Roe 20180702") == "Changed: xxx xxx 20180702"


@pytest.mark.parametrize("number", ["82.25319000", "1.720.921.8850", "02-531-9000", "0123456789"])
def test_digits_that_may_be_a_telephones_are_masked_below_an_unknown_label(number: str) -> None:
    assert number not in kept(f"Fón: {number}")


@pytest.mark.parametrize(
    "text",
    [
        "<domain><holder>Mia Roe</holder></domain>",
        '{"registrant": {"name": "Mia Roe"}}',
        "holder=Mia Roe",
        "Name|Mia Roe",
        "shop.example is registered to Mia Roe, 12 Main Street.",
        "Error: Mia Roe",
    ],
)
def test_a_name_in_an_answer_of_one_line_is_masked(text: str) -> None:
    assert "Mia Roe" not in mask_persons(f"{text}\n".encode(), "utf-8").decode()


@pytest.mark.parametrize(
    "text",
    [
        "The domain shop.example belongs to Example Hosting Ltd",
        "Error: see the terms of use",
        "Query refused by the registry's policy, ask Example Registry Ltd.",
    ],
)
def test_a_message_of_one_line_stays_where_it_names_nobody(text: str) -> None:
    assert mask_persons(f"{text}\n".encode(), "utf-8").decode() == f"{text}\n"


def test_a_message_alone_is_kept_whole() -> None:
    text = "Dénied For Rëasons Unknown\nplease ask Later\n"
    assert mask_persons(b"Not Yet Delegated\n", "utf-8") == b"Not Yet Delegated\n"
    assert "please ask" in mask_persons(text.encode(), "utf-8").decode()


FRED = """{domain}: shop.example
{holder}: CON000020360
registrar: REG-EXAMPLE
{created}: 05.03.2003 20:00:00
expire: 07.05.2026

{contact}: CON000020360
org: Example Shop Ltd
registrar: REG-EXAMPLE
created: 04.08.2019 15:14:51
changed: 24.04.2020 12:52:39
"""


@pytest.mark.parametrize(
    "words",
    [
        {"created": "vznik"},
        {"created": "vznik", "contact": "osoba", "holder": "majitel"},
    ],
)
def test_a_day_of_another_object_is_not_the_domains_in_unknown_words(words: dict[str, str]) -> None:
    known = {"domain": "domain", "holder": "registrant", "contact": "contact"}
    text = FRED.format_map(known | {"created": "registered"} | words)
    read = read_answer("whois.nic.example", text, read_target("shop.example"))
    assert isinstance(read, RegistryFacts)
    assert (read.allocated, read.updated, read.expires) == ("", "", "2026-05-07")


@pytest.mark.parametrize(
    "value",
    [
        "Mia Roe <hostmaster@dns.example>",
        "Mia van der Roe <noc@host.example> <noc@host.example>",
        "Mia Roe, Hostmaster",
        "Mia Roe (Network Administrator)",
        "Domain Manager Mia Roe",
        "Mia Roe https://services.internet.example/",
        "Mia Roe ltd.example.net",
    ],
)
@pytest.mark.parametrize("label", ["Administrative Contact", "Registrant Name", "person", "owner"])
def test_what_stands_beside_a_name_makes_it_no_organizations(label: str, value: str) -> None:
    assert "Roe" not in kept(f"{label}: {value}")


@pytest.mark.parametrize("value", ["Hostmaster", "EXAMPLE DNS Administrator", "Domain Manager"])
def test_a_role_alone_stays(value: str) -> None:
    assert kept(f"Administrative Contact: {value}") == f"Administrative Contact: {value}"


LAYOUTS = (
    "% {label}: {value}",
    "# {label}........: {value}",
    "- {label}: {value}",
    "3. {label}: {value}",
    "{label} = {value}",
    "{label} -> {value}",
    "{label} | {value}",
    '  "{label}": "{value}",',
)
ROWS = (
    ("Domain", "shop.example"),
    ("Created", "2020-01-01"),
    ("Holder", "Mia Roe"),
    ("Address", "12 Main Street, Flat 3, Exampleton, Exampleshire, ZZ1 1ZZ"),
    ("Jméno", "Mia Roe"),
    ("Nameserver", "ns1.example.net"),
)


@pytest.mark.parametrize("above", ["", "The registry of examples answers.\n\n"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_mark_and_no_sign_between_label_and_value_shows_a_person(
    layout: str, above: str
) -> None:
    text = above + "".join(layout.format(label=label, value=value) + "\n" for label, value in ROWS)
    shown = mask_persons(text.encode(), "utf-8").decode()
    assert "Roe" not in shown
    assert "Main Street" not in shown


def test_words_below_a_holder_in_comments_are_masked() -> None:
    text = "domain: shop.example\n% Holder:\n%   Mia Roe\n%   12 Main Street\n%\n% Terms apply\n"
    shown = mask_persons(text.encode(), "utf-8").decode()
    assert "Roe" not in shown
    assert "Main" not in shown


def test_a_second_label_on_the_line_is_masked_with_its_value() -> None:
    assert "Roe" not in kept("Domain: shop.example; Status: ok; Holder: Mia Roe")
