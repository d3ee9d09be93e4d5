"""x"""

ZONE = "hostile.example"
REVERSE = ("113.0.203.in-addr.arpa",)


def zone_file(zone: str) -> bytes:
    return b"$TTL 60\n@ SOA ns1.data-hotel.net. hostmaster 1 2 3 4 5\n@ NS ns1.data-hotel.net.\n@ NS ns2.data-hotel.net.\n"
