"""The record types and classes that can be asked for (IANA's registry of DNS parameters)."""

import re
from functools import lru_cache

import dns.rdatatype

_NAMED = {
    "EID": 31,
    "NIMLOC": 32,
    "ATMA": 34,
    "SINK": 40,
    "RKEY": 57,
    "TALINK": 58,
    "DSYNC": 66,
    "HHIT": 67,
    "BRID": 68,
    "UINFO": 100,
    "UID": 101,
    "GID": 102,
    "DOA": 259,
    "CLA": 263,
    "IPN": 264,
}
"""What has a name at IANA that dnspython does not know; it writes them as ``TYPEnnn``."""
_NOT_ASKED = frozenset((0, 41, 128, 249, 250, 251, 252, 253, 254, 65535))
"""No records: OPT, NXNAME, TKEY and TSIG, transfers of zones, mail types of 1987, reserved."""
COMMON = (
    *("A", "AAAA", "ANY", "CAA", "CDNSKEY", "CDS", "CERT", "CNAME", "DNAME", "DNSKEY", "DS"),
    *("HINFO", "HTTPS", "LOC", "MX", "NAPTR", "NS", "NSEC", "NSEC3PARAM", "OPENPGPKEY", "PTR"),
    *("RP", "SMIMEA", "SOA", "SRV", "SSHFP", "SVCB", "TLSA", "TXT", "URI", "ZONEMD"),
)
"""Those that authors mean most often, for the list that helps them."""
CLASSES = {"IN": 1, "CH": 3, "HS": 4}
_OF_SERVERS = ("version.bind", "hostname.bind", "version.server", "id.server", "authors.bind")


@lru_cache(maxsize=256)
def normal_type(text: str) -> str:
    """A type under the name that it has in facts: upper case, ``TYPEnnn`` where it has none.

    :raises ValueError: for what is none, or cannot be asked for.
    """
    name = text.strip().upper().replace("_", "-")
    if name in _NAMED:
        number = _NAMED[name]
    elif match := re.fullmatch(r"TYPE([0-9]{1,5})", name):
        number = int(match[1])
    else:
        try:
            number = int(dns.rdatatype.from_text(name))
        except (dns.rdatatype.UnknownRdatatype, ValueError) as error:
            raise ValueError(text) from error
    if number in _NOT_ASKED or number > 0xFFFF:  # noqa: PLR2004  # 16 bits (RFC 1035, 3.2.2)
        raise ValueError(text)
    return dns.rdatatype.to_text(dns.rdatatype.RdataType.make(number))


def is_type(text: str) -> bool:
    """Whether a text names a type that can be asked for."""
    try:
        normal_type(text)
    except ValueError:
        return False
    return True


def of_servers(target: str) -> bool:
    """Whether a name is one under which servers speak of themselves, in class CH (RFC 4892)."""
    return target.lower().rstrip(".") in _OF_SERVERS
