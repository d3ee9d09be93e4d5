"""Whose certificates are believed."""

import ssl
from functools import lru_cache


@lru_cache
def trusted() -> ssl.SSLContext:
    """The system's certificates (or ``SSL_CERT_FILE``'s), and Mozilla's where there are none."""
    import certifi  # rarely needed

    context = ssl.create_default_context()
    if not context.get_ca_certs():
        context.load_verify_locations(certifi.where())
    return context
