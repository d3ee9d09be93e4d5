"""A measurement in RIPE Atlas' form for the lab's web server: an invented platform's, of our names.

RIPE Atlas has never measured these hosts; the probes, their countries and networks are made up.
"""

import base64
import json
from pathlib import Path

import dns.message
import dns.rcode
import dns.rrset

NUMBER = 1001
API = "http://atlas.web.shop.example/api/v2"
_NAME, _START = "www.shop.example", 1795860000  # 2026-11-28 06:00 UTC
_PROBES = (  # id, country, AS number, rcode, address; None: no answer
    (6012, "DE", 64496, "NOERROR", "192.0.2.80"),
    (6177, "GB", 64497, "NOERROR", "192.0.2.80"),
    (6240, "GB", 64498, "NXDOMAIN", ""),
    (6388, "JP", 64499, "NOERROR", "192.0.2.80"),
    (6391, "JP", 64500, None, ""),
)
_LOCATIONS = """
    location = /api/v2/measurements/{number}/ {{ rewrite ^ /atlas-measurement.json last; }}
    location = /api/v2/measurements/{number}/results/ {{ rewrite ^ /atlas-results.json last; }}
    location = /api/v2/probes/ {{ rewrite ^ /atlas-probes.json last; }}
    location / {{ }}
"""


def locations() -> str:
    """nginx's options for the API."""
    return _LOCATIONS.format(number=NUMBER)


def write(root: Path) -> None:
    """Write what the API answers with."""
    about = {"id": NUMBER, "type": "dns", "query_argument": _NAME, "description": "The shop's name"}
    probes = [
        {"id": probe, "country_code": country, "asn_v4": network, "asn_v6": None}
        for probe, country, network, _, _ in _PROBES
    ]
    results = [
        _result(number, probe, rcode, address)
        for number, (probe, _, _, rcode, address) in enumerate(_PROBES)
    ]
    for name, content in (
        ("measurement", about),
        ("results", results),
        ("probes", {"results": probes}),
    ):
        (root / f"atlas-{name}.json").write_text(json.dumps(content))


def _result(number: int, probe: int, rcode: str | None, address: str) -> dict[str, object]:
    one: dict[str, object] = {
        "type": "dns",
        "msm_id": NUMBER,
        "prb_id": probe,
        "timestamp": _START + 7 * number,
        "fw": 5090,
        "af": 4,
        "dst_addr": "192.0.2.53",
    }
    if rcode is None:
        return one | {"error": {"timeout": 5000}}
    message = dns.message.make_response(dns.message.make_query(_NAME, "A", id=probe))
    message.set_rcode(dns.rcode.from_text(rcode))
    if address:
        message.answer.append(dns.rrset.from_text(f"{_NAME}.", 60, "IN", "A", address))
    packed = base64.b64encode(message.to_wire()).decode()
    return one | {"result": {"abuf": packed, "rt": 11.5 + number}}
