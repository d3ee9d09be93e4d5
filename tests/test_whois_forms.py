"""Forms of whois answers, read and masked without a server: facts, what goes, what stays.

All persons, companies and names are invented.
"""

from typing import Any, NamedTuple

import msgspec
import pytest
from sotokara.kinds.shared.registry.target import read_target
from sotokara.kinds.whois.persons import mask_persons
from sotokara.kinds.whois.verdict import read_answer


class Form(NamedTuple):
    text: str
    facts: dict[str, Any]
    gone: tuple[str, ...] = ()
    stays: tuple[str, ...] = ()
    target: str = "example.com"


FORMS = {
    "IANA's answer above the registry's": Form(
        "domain:       COM\n\norganisation: Example Registry\n\ncontact:      technical\n"
        "name:         Jane Roe\n\nstatus:       ACTIVE\ncreated:      1985-01-01\n"
        "changed:      2020-01-01\nsource:       IANA\n\n"
        "Domain Name: EXAMPLE.COM\nCreation Date: 1999-02-03T00:00:00Z\n"
        "Updated Date: 2021-02-03T00:00:00Z\nName Server: NS1.EXAMPLE.NET\n",
        {"allocated": "1999-02-03", "updated": "2021-02-03", "organization": "", "status": []},
        ("Jane Roe",),
        ("contact:      technical",),
    ),
    "look-alikes above the name": Form(
        "   Server Name: EXAMPLE.COM.IS.A.LOOK.ALIKE.NET\n   IP Address: 192.0.2.1\n"
        "   Registrar: OTHER REGISTRAR INC\n\n   Domain Name: EXAMPLE.COM\n"
        "   Registrar: EXAMPLE REGISTRAR LTD\n   Name Server: NS1.EXAMPLE.NET\n",
        {"registrar": "EXAMPLE REGISTRAR LTD", "nameservers": ["ns1.example.net"]},
    ),
    "the registry's and the registrar's answer in one": Form(
        "   Domain Name: EXAMPLE.COM\n   Registrar: EXAMPLE REGISTRAR LTD\n"
        "   Name Server: OLD1.EXAMPLE.NET\n   Creation Date: 03-feb-1999\n\n"
        "Domain Name: example.com\nRegistrar: Example Registrar Ltd\n"
        "Registrant Organization: Example Works Ltd\nName Server: new1.example.net\n",
        {"nameservers": ["new1.example.net"], "organization": "Example Works Ltd"},
    ),
    "the same, the registrar's first": Form(
        "Domain Name: example.com\nRegistrar: Example Registrar Ltd\n"
        "Registrant Organization: Example Works Ltd\nName Server: new1.example.net\n\n--\n\n"
        "   Domain Name: EXAMPLE.COM\n   Registrar: EXAMPLE REGISTRAR LTD\n"
        "   Name Server: OLD1.EXAMPLE.NET\n",
        {"nameservers": ["new1.example.net"]},
    ),
    "YAML": Form(
        '--- !Domain\nname: example.com\nstatus: ACTIVE\ncreated: "1999-02-03T15:45:18+01:00"\n'
        "name_servers:\n- ns1.example.net\nregistrar: !Registrar\n  name: EXAMPLEREG\n"
        "registrant: !Contact\n  nic-handle: EX1-SMALL\n  name: Jane Roe\n"
        "  company: Example Works\n  address: |-\n    12 Elm Street\n    75001 Springfield\n",
        {
            "registrar": "EXAMPLEREG",
            "organization": "Example Works",
            "allocated": "1999-02-03",
            "nameservers": ["ns1.example.net"],
        },
        ("Jane Roe", "12 Elm Street", "Springfield"),
    ),
    "name servers below their codes": Form(
        "a [Domain Name]                 example.com\nc [Record Created]  03-FEB-1999\n"
        "k [Primary Name Server]              NS1EXAM0.SER\n"
        "  ns1.example.net                     192.0.2.53\n",
        {"nameservers": ["ns1.example.net"], "allocated": "1999-02-03"},
    ),
    "a role is no organization": Form(
        "Domain name:  example.com\nRegistered: 1999-02-03\nRegistrant Contact:\n"
        "    Domain Manager\n    Example Works Ltd\n    12 Elm Street\n",
        {"organization": "Example Works Ltd"},
        ("12 Elm Street",),
    ),
    "a holder in nobody's section, beside a contact's": Form(
        "Domain Name.......... example.com\n  Creation Date........ 1999-02-03\n"
        "  Organisation Name.... Example Works\n  Organisation Address. 12 Elm Street\n\n"
        "Admin Name........... Jane Roe\n",
        {"organization": "Example Works"},
        ("Jane Roe", "Elm Street"),
    ),
    "a contact's organization is not the holder": Form(
        "Domain: example.com\nNserver: ns1.example.net\nStatus: connect\n\n"
        "[Tech-C]\nName: Jane Roe\nOrganisation: Example Hosting GmbH\n",
        {"organization": "", "person": False},
        ("Jane Roe",),
    ),
    "a holder by contact-handle": Form(
        "domain:            example.com\nowner-contact:     EX-816093\n"
        "admin-contact:     EX-1\ncreated:           1999-02-03 04:13:20\n\n"
        "contact-handle:    EX-1\ncontact:           Richard Roe\n\n"
        "contact-handle:    EX-816093\ncontact:           Jane Roe\n"
        "organisation:      The Example Group Limited\n",
        {"organization": "The Example Group Limited"},
        ("Jane Roe", "Richard Roe"),
        ("EX-816093",),
    ),
    "a contact that is the registrant": Form(
        "Domain:       example.com\nCreated On:   1999-02-03\n\nContact:      Registrant\n"
        "Organization: Example Works\nName:         Jane Roe\n\nContact:      Technical\n"
        "Organization: Example Hosting\n",
        {"organization": "Example Works"},
        ("Jane Roe",),
    ),
    "handles that tell a name": Form(
        "domain:      example.com\nholder-c:    JROEBUCK-EX\nadmin-c:     ROEJAN7\n"
        "tech-c:      EXHOST-EX\nnserver:     ns1.example.net\ncreated:     1999-02-03\n\n"
        "nic-hdl:     JROEBUCK-EX\nperson:      Jane Roebuck\n\n"
        "nic-hdl:     ROEJAN7\nperson:      Jan Roe\n\n"
        "nic-hdl:     EXHOST-EX\nrole:        Exhost Group\norg:         Exhost Ltd\n",
        {"nameservers": ["ns1.example.net"]},
        ("JROEBUCK", "ROEJAN7", "Roebuck", "Jan Roe"),
        ("EXHOST-EX",),
    ),
    "a registry's number is no handle of a person's": Form(
        "Domain Name: EXAMPLE.COM\nRegistry Domain ID: 7_DOMAIN_COM-VRSN\n"
        "Creation Date: 1999-02-03\nReseller: Domain Sellers Roe\nRegistrant Name: Domain Roe\n",
        {"handle": "7_DOMAIN_COM-VRSN", "person": True},
        ("Domain Roe",),
    ),
    "a registrar stays where a contact bears its name; its staff goes": Form(
        "Domain name:  example.com\nRegistered: 1999-02-03\nRegistrar:  Exa Laude\n"
        "Last Updated by Registrar: JANEROE\nTechnical Contact:\n    Exa Laude\n    Jane Roe\n\n"
        "Exa Laude registers, maintains and renews the names of domains around the world.\n",
        {"registrar": "Exa Laude"},
        ("JANEROE", "Jane Roe"),
        ("Registrar:  Exa Laude", "Exa Laude registers, maintains"),
    ),
    "who sold a name is not its registrar": Form(
        "    Domain name:\n        example.com\n\n    Registrar:\n        Example Registrar Ltd\n\n"
        "    Registered through:\n        Example Sellers Limited\n\n"
        "    Relevant dates:\n        Registered on: 03-Feb-1999\n",
        {"registrar": "Example Registrar Ltd"},
        (),
        ("Example Sellers Limited",),
    ),
    "what is nobody's beside what is somebody's": Form(
        "Whois Server Version 2.0\n\nDomain Name: EXAMPLE.COM\nCreation Date: 1999-02-03\n"
        "ds-rdata: 36322 8 2 201df9a9af6766d9cdbc8355756728f2\n"
        "Roe Server Works\nJane Version Roe\n\n"
        "TERMS OF USE: By asking you agree that this is used for lawful purposes alone.\n"
        "NOTE: please ask for Jane Roe at the house in Elm Street of our town\n",
        {"allocated": "1999-02-03"},
        ("Jane", "Elm Street", "Roe Server"),
        ("Whois Server Version 2.0", "201df9a9af6766d9", "By asking you agree"),
    ),
    "a status until a day": Form(
        "domain:      example.com\nstatus:      OK-UNTIL 20310203000000\n"
        "nserver:     NS1.EXAMPLE.NET\n",
        {"expires": "2031-02-03"},
    ),
    "a state until a day": Form(
        "a. [ドメイン名]                 EXAMPLE.CO.JP\ng. [Organization]  Example, Inc.\n"
        "[状態]                          Connected (2031/03/31)\n"
        "[登録年月日]                    1999/02/03\n",
        {"expires": "2031-03-31", "allocated": "1999-02-03"},
        target="example.co.jp",
    ),
    "a name in two lines, days in French": Form(
        "Nom de domaine:EXAMPLE\nExtension:.COM\nCree le:1999-02-03 17:59:38.43\n"
        "Expire le:2031-02-03\nNom Registrant:Roe\nPrenoms Registrant:Jane Ann\n"
        "Serveur1:ns1.example.net\n",
        {"allocated": "1999-02-03", "expires": "2031-02-03", "person": True},
        ("Jane Ann",),
    ),
    "a registrar that there is not": Form(
        "Domain: example.com\nRegistrar: NONE\nHolder: N/A\nNserver: ns1.example.net\n",
        {"registrar": "", "organization": "", "person": False},
    ),
    "headings with an ordinal": Form(
        "도메인이름                  : example.com\n등록일                      : 1999. 02. 03.\n"
        "등록정보 보호               : clientTransferProhibited\n\n"
        "1차 네임서버 정보\n   호스트이름                  : ns1.example.net\n\n"
        "Secondary Name Server\n   Host Name                : ns2.example.net\n\n"
        "등록인                      : 홍길동\n",
        {"nameservers": ["ns1.example.net", "ns2.example.net"], "allocated": "1999-02-03"},
        ("홍길동",),
        ("1차 네임서버 정보", "Secondary Name Server", "clientTransferProhibited"),
    ),
    "labels with numbers": Form(
        "1a. domain       : example.co.za\n1c. Registrar    : Example Registrar\n"
        "2a. registrant   : Jane Roe\n2c. registrantstreetaddress: Main Street 5\n"
        "3e. creationdate : 2001/06/25 22:37:59\n4a. admin        : Jane Roe\n"
        "6a. primnsfqdn   : ns1.example.net\n6b. primnsip     : 192.0.2.1\n"
        "6e. secns1fqdn   : ns2.example.net\n",
        {"nameservers": ["ns1.example.net", "ns2.example.net"], "allocated": "2001-06-25"},
        ("Jane Roe", "Main Street"),
        ("192.0.2.1",),
        "example.co.za",
    ),
    "a sentence below the name servers": Form(
        "Domain Name: example.es\nRegistrant Name: Jane Roe\n\nDomain Servers:\n"
        "   Name Server 1: ns1.example.net\n   Name Server 2: ns2.example.net\n"
        "   IPv4 Server 2:\n\n   --------\n   More may be read at www.registry.example.\n",
        {"nameservers": ["ns1.example.net", "ns2.example.net"]},
        ("Jane Roe",),
        target="example.es",
    ),
    "one day tells of the others": Form(
        "Domain name: EXAMPLE.COM\nDomain registered: 09/17/2014\n"
        "Record will expire on: 12/11/2021\nNameserver: ns1.example.net\n",
        {"allocated": "2014-09-17", "expires": "2021-12-11"},
    ),
    "the other way round": Form(
        "Domain name: example.com\nCreated: 11/12/2004\nExpires: 25/12/2031\n"
        "Nameserver: ns1.example.net\n",
        {"allocated": "2004-12-11", "expires": "2031-12-25"},
    ),
    "no day tells": Form(
        "Domain name: example.com\nCreated: 11/12/2004\nExpires: 10/12/2031\n"
        "Updated: 2020-02-03\nNameserver: ns1.example.net\n",
        {"allocated": "", "expires": "", "updated": "2020-02-03"},
    ),
    "of a country that writes the day first": Form(
        "Domain name: example.fr\nCreated: 11/12/2004\nNameserver: ns1.example.net\n",
        {"allocated": "2004-12-11"},
        target="example.fr",
    ),
    "a heading with nothing below it": Form(
        "Domain name: example.nl\nStatus:      active\n\nRegistrar:\n   Example B.V.\n\n"
        "Abuse Contact:\n\nCreation Date: 1999-05-27\n\nUpdated Date: 2021-11-09\n\n"
        "Domain nameservers:\n   ns1.example.net\n",
        {"allocated": "1999-05-27", "updated": "2021-11-09", "registrar": "Example B.V."},
        target="example.nl",
    ),
    "ARIN's block of an AS number": Form(
        "ASNumber:       64500\nASName:         EXAMPLE-AS\nASHandle:       AS64500\n"
        "RegDate:        1988-08-12\nUpdated:        2008-08-18\n\n"
        "OrgName:        Example Networks, Inc.\nOrgId:          EXMPL\n"
        "Country:        US\n\nOrgTechName:   Jane Roe\nOrgTechHandle: ROE1-ARIN\n",
        {"asn": 64500, "as_name": "EXAMPLE-AS", "organization": "Example Networks, Inc."},
        ("Jane Roe",),
        ("ASNumber:       64500",),
        "AS64500",
    ),
    "a blank line behind each line": Form(
        "Domain name: example.com\n\nCreated: 2001-02-03\n\nNameserver: ns1.example.net\n\n\n\n"
        "Contact: EX-1\n\nName: Jane Roe\n\nCreated: 2018-03-02\n",
        {"allocated": "2001-02-03", "nameservers": ["ns1.example.net"]},
        ("Jane Roe",),
    ),
    "a domain that is free, in brackets": Form(
        "[Domain Name] nothere.example.com\n[Domain Status] No Object Found\n",
        {"answer": "no_match"},
        target="nothere.example.com",
    ),
    "ends of lines as in pages": Form(
        "Domain name: example.com<br>\nCreated: 2001-02-03<br>\nRegistrar: Example Ltd<br>\n"
        "Status: Active<br>\n",
        {"registrar": "Example Ltd", "status": ["Active"]},
    ),
    "a client that may not ask": Form(
        "Requests of this client are not permitted. Please use https://www.nic.example/ instead.\n",
        {"name": "refused_by_server"},
        target="example.ch",
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_read_and_masked(name: str) -> None:
    form = FORMS[name]
    kept = mask_persons(form.text.encode(), "utf-8").decode()
    facts = msgspec.to_builtins(read_answer("whois.nic.example", kept, read_target(form.target)))
    for field, value in form.facts.items():
        assert facts.get(field, type(value)()) == value, field
    for one in form.gone:
        assert one not in kept
        assert one not in str(facts)
    for one in form.stays:
        assert one in kept
