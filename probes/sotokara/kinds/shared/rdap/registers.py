"""The short names of the registers that RDAP servers speak for."""

_REGISTERS = (
    ("arin.net", "ARIN"),
    ("ripe.net", "RIPE"),
    ("apnic.net", "APNIC"),
    ("lacnic.net", "LACNIC"),
    ("afrinic.net", "AFRINIC"),
    ("registro.br", "NIC.br"),
    ("nic.br", "NIC.br"),
    ("nic.ad.jp", "JPNIC"),
    ("jprs.jp", "JPRS"),
    ("kisa.or.kr", "KRNIC"),
    ("twnic.tw", "TWNIC"),
    ("twnic.net.tw", "TWNIC"),
)


def register(host: str) -> str:
    """The short name of the register that a host speaks for; else the host."""
    for suffix, short in _REGISTERS:
        if host == suffix or host.endswith(f".{suffix}"):
            return short
    return host
